//! Why a rule gave nothing, and what a draft of the rules would give: analytics asked about the rules, over the facts in memory. Nothing
//! is written.

use std::sync::Arc;

use analytics::period::Span;
use analytics::rulebook::Currency;
use analytics::scoring::{Change, Line, Note, Versions, WhyNot, compare, score};
use entity::ids::{NetworkId, UnitId};

use crate::auth::policy::{Action, Target};
use crate::error::{Error, Result};
use crate::services::score::{Meta, compute, meta, readable_unit, scored, year_of};
use crate::services::{Ctx, rulebook};

/// Why a rule gave a unit nothing: every fact or period of the span for which it did not fire.
pub async fn why_not(ctx: &Ctx, network: NetworkId, unit: UnitId, rule: &str, span: Span) -> Result<Explanation> {
    let snapshot = readable_unit(ctx, network, unit).await?;
    let year = year_of(&snapshot, span)?;
    let find = |version: &analytics::scoring::Version| {
        let found = version.rulebook.rules().iter().find(|known| known.id == rule)?;
        Some((found.clause.clone(), found.title.clone()))
    };
    let mut versions = snapshot.versions.all().iter().rev();
    let Some((clause, title)) = versions.find_map(find) else {
        return Err(Error::not_found().at("rule"));
    };
    let (scored, rule_id) = (scored(&snapshot, year).await?, rule.to_owned());
    let (obstacles, lines) = compute(move || {
        let mut lines = scored.lines(unit.0, span, Currency::Points);
        lines.extend(scored.lines(unit.0, span, Currency::Money));
        lines.retain(|line| line.rule == rule_id);
        (scored.why_not(unit.0, &rule_id, span), lines)
    })
    .await?;
    Ok(Explanation { rule: rule.to_owned(), clause, title, lines, obstacles, meta: meta(ctx, &snapshot, span) })
}

/// Why a rule gave a unit what it gave, and no more.
pub struct Explanation {
    /// The rule.
    pub rule: String,
    /// Where it stands in the document.
    pub clause: String,
    /// What it rewards or punishes.
    pub title: String,
    /// What it gave.
    pub lines: Vec<Line>,
    /// Where it did not fire.
    pub obstacles: Vec<WhyNot>,
    /// Where it comes from.
    pub meta: Meta,
}

/// What a draft of the rules would change over a span, were it in force from the first day of the assessment year. Writes nothing.
pub async fn simulate(ctx: &Ctx, network: NetworkId, text: &str, span: Span) -> Result<Simulation> {
    ctx.network(ctx.reader(), network).await?;
    ctx.authorize(Action::SimulateRulebook, Target::network(network))?;
    let draft = Arc::new(rulebook::accept(text)?);
    let snapshot = ctx.facts(network).await?;
    let year = year_of(&snapshot, span)?;
    if draft.year_of(span.last) != year {
        return Err(Error::invalid(
            "text",
            format!("the draft's assessment year must begin where the one in force does, on {}", year.first),
            format!("草案的考核年度应与现行办法一致，自 {} 起", year.first),
        ));
    }
    let before = scored(&snapshot, span).await?;
    let facts = snapshot.clone();
    let changes = compute(move || {
        let earlier = facts.versions.all().iter().filter(|version| version.effective_from < year.first);
        let mut versions: Vec<_> =
            earlier.map(|version| (version.id, version.effective_from, version.rulebook.clone())).collect();
        versions.push((0, year.first, draft));
        let after = score(&Versions::new(versions), &facts.facts, year);
        let notes = after.notes().to_vec();
        (compare(&before.ranking(span, None), &after.ranking(span, None)), notes)
    });
    let (changes, notes) = changes.await?;
    Ok(Simulation { changes, notes, meta: meta(ctx, &snapshot, span) })
}

/// What a draft of the rules would change.
pub struct Simulation {
    /// Unit by unit, in the order of the draft's ranking.
    pub changes: Vec<Change>,
    /// What no rule of the draft could place.
    pub notes: Vec<Note>,
    /// Where it comes from.
    pub meta: Meta,
}
