//! What stands behind a cell: the facts that were counted, one by one.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::{IntoLazy, PolarsResult, col};

use super::answer::{Key, Row};
use super::dimension::Dimension;
use super::gather::Gather;
use super::measure::{Figure, Source as Origin};
use super::periods::{Choice, PeriodColumn};
use super::plan::{self, Target};
use super::query::{Attribution, Filter, Query};
use super::refusal::{Change, Reason, Refusal};
use super::{SOUND, Source};
use crate::facts::{FactKind, day_of};
use crate::period::Span;
use crate::scoring::Scored;

/// A fact that a cell counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The day on which it counts.
    pub on: NaiveDate,
    /// The unit that it counts for.
    pub unit: i64,
    /// The fact; `None` for lines of a ledger, and for what happened to a submission on its way.
    pub fact: Option<(FactKind, i64)>,
    /// The submission that it is about, if it is about one.
    pub submission: Option<i64>,
    /// The rule that gave the line, of ledgers.
    pub rule: Option<String>,
    /// How many like facts it stands for; millionths or fen, of ledgers.
    pub count: i64,
}

/// The facts behind the cell of a measure in a row of the query's answer, by day, unit and fact; of a ratio those of both sides.
pub fn evidence(
    source: &Source,
    query: &Query,
    row: &Row,
    measure: usize,
    scored: impl Fn(Span) -> Option<Arc<Scored>>,
) -> Result<Vec<Evidence>, Refusal> {
    let checked = plan::check(&source.versions, &source.world, source.today, query)?;
    let (Some(column), Some(measure)) = (checked.plan.periods.get(row.period), query.measures.get(measure)) else {
        return Err(Refusal::new(
            Reason::Range,
            "measure",
            "the row belongs to another query",
            "该行不属于此查询",
            Change::Set("measure", "one of the query's measures"),
        ));
    };
    let scored: Vec<Arc<Scored>> = checked.plan.years.iter().filter_map(|year| scored(*year)).collect();
    let mut rules: Vec<String> = scored.iter().flat_map(|scored| scored.rule_ids()).collect();
    rules.sort();
    rules.dedup();
    let target = checked.targets.all.get(row.period).map_or(column.span, |target| target.span);
    let narrowed = narrowed(source, query, row, target);
    let period = PeriodColumn { span: target, ..column.clone() };
    let gather = Gather {
        world: &source.world,
        scored: &scored,
        query: &narrowed,
        targets: &[Target { span: target, place: 0 }],
        periods: &[period],
        parts: Vec::new(),
        rules,
    };
    let mut all = BTreeSet::new();
    for figure in plan::of_basis(*measure, query.basis) {
        collect(&gather, figure, target, &mut all).expect(SOUND);
    }
    Ok(all.into_iter().collect())
}

/// The query, restricted to one of its rows.
fn narrowed(source: &Source, query: &Query, row: &Row, days: Span) -> Query {
    let mut parts: Vec<Filter> = query.filter.clone().into_iter().collect();
    if let Some(visible) = &query.visible {
        parts.push(Filter::Units(visible.clone()));
    }
    let by_members = query.attribution == Attribution::PeriodEnd;
    for Key { dimension, unit, code, .. } in &row.keys {
        parts.push(match (dimension, unit, code) {
            (Dimension::Unit, Some(unit), _) if query.with_subtree => {
                let below = source
                    .units()
                    .filter(|below| source.world.facts.beside().lineage(*below, days.last).contains(unit));
                Filter::Units(below.collect())
            }
            (Dimension::Unit, Some(unit), _) => Filter::Units([*unit].into()),
            // The unit says its category already.
            (Dimension::Category, _, _) if by_members && row.keys.iter().any(|key| key.unit.is_some()) => continue,
            (Dimension::DirectReport, _, Some(code)) => Filter::DirectReport(code == "true"),
            (dimension, _, Some(code)) => Filter::Codes(*dimension, [code.clone()].into()),
            (dimension, _, None) => Filter::Missing(*dimension),
        });
    }
    // Reading the rule of each line brings the ledger in lines rather than in sums.
    let rows = vec![Dimension::Rule];
    Query { filter: Some(Filter::All(parts)), rows, period: Choice::Span(days), split_by: None, ..query.clone() }
}

fn collect(gather: &Gather<'_>, figure: Figure, days: Span, into: &mut BTreeSet<Evidence>) -> PolarsResult<()> {
    let Some(version) = gather.world.versions.on_or_first(days.last) else { return Ok(()) };
    let frame = gather.frame(figure, &version.rulebook, &[days])?;
    let frame = gather.filtered(frame, figure, &[vec![0]])?.collect()?;
    let frame = frame
        .lazy()
        .sort_by_exprs([col("day"), col("unit")], polars::prelude::SortMultipleOptions::default())
        .collect()?;
    let (units, on) = (frame.column("unit")?.i64()?, frame.column("day")?.i32()?);
    let counts = frame.column("count")?.i64()?;
    let numbers = |name: &str| frame.column(name).ok().and_then(|column| column.i64().ok().cloned());
    let (ids, submissions) = (numbers("id"), numbers("submission"));
    let rules = frame.column("rule_id").ok().and_then(|column| column.u32().ok().cloned());
    for row in 0..frame.height() {
        let Some((unit, on)) = units.get(row).zip(on.get(row)) else { continue };
        let id = ids.as_ref().and_then(|ids| ids.get(row));
        let fact = match figure.source() {
            Origin::Facts(kind) => id.map(|id| (kind, id)),
            Origin::Steps | Origin::Ledger | Origin::Quotas => None,
        };
        let rule = rules.as_ref().and_then(|rules| rules.get(row)).and_then(|rule| gather.rules.get(rule as usize));
        into.insert(Evidence {
            on: day_of(on),
            unit,
            fact,
            submission: submissions.as_ref().and_then(|submissions| submissions.get(row)),
            rule: rule.cloned(),
            count: counts.get(row).unwrap_or(0),
        });
    }
    Ok(())
}
