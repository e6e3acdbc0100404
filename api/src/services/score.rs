//! Rankings, adoption rates and ledgers: analytics asked over the facts in memory, away from the async threads.
//!
//! Whoever sees a network sees all of it. A unit sees its own rows, and of the others only how many there are
//! and where the quartiles of its category lie.

use std::collections::BTreeMap;
use std::sync::Arc;

use analytics::frames::{RateBasis, RateBy, RateRow, adoption_rates_by_heirs};
use analytics::heirs::Heirs;
use analytics::period::Span;
use analytics::points::Points;
use analytics::rulebook::Currency;
use analytics::scoring::{AwardLine, Line, Note, RankingRow, Scored, score};
use chrono::{DateTime, NaiveDate, Utc};
use entity::ids::{NetworkId, RulebookVersionId, UnitId};
use entity::rulebook_version;
use tokio::sync::Semaphore;

use crate::auth::policy::{self, Action, Target};
use crate::error::{Error, Result};
use crate::services::facts::Snapshot;
use crate::services::{Ctx, local_day};

/// Questions that are computed at the same time; polars uses every core for each of them.
static COMPUTING: Semaphore = Semaphore::const_new(2);

/// From which state of the data an answer comes.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Last act of the network that the answer contains.
    pub data_version: i64,
    /// The rulebook versions in force within the span.
    pub rulebooks: Vec<RulebookVersionId>,
    /// When it was computed.
    pub computed_at: DateTime<Utc>,
    /// Whether the span has not ended.
    pub partial: bool,
    /// The periods of the answer that have not ended.
    pub partial_periods: Vec<String>,
    /// The moment whose state of the data was asked, if one was named.
    pub as_of: Option<DateTime<Utc>>,
}

/// A ranking as one viewer sees it.
#[derive(Clone, Debug)]
pub struct Ranking {
    /// The categories, in the order of the rulebook.
    pub categories: Vec<CategoryRanking>,
    /// Where it comes from.
    pub meta: Meta,
}

/// The ranking of one category.
#[derive(Clone, Debug)]
pub struct CategoryRanking {
    /// Code of the category.
    pub category: String,
    /// Its name.
    pub name: String,
    /// How many units are ranked.
    pub size: usize,
    /// Points at the lower quartile, the median and the upper quartile, by nearest rank.
    pub quartiles: Option<[Points; 3]>,
    /// The rows that the viewer may see.
    pub rows: Vec<RankingRow>,
}

/// For whom the record of a unit counts that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Attribution {
    /// For the unit that reported.
    #[default]
    AsReported,
    /// For the unit that stands in for it today.
    Successor,
}

impl Attribution {
    /// Who bears whose record in a network.
    fn heirs(self, snapshot: &Snapshot) -> Heirs {
        match self {
            Self::AsReported => Heirs::default(),
            Self::Successor => snapshot.heirs.clone(),
        }
    }
}

/// The ranking of `span`, by category.
pub async fn ranking(
    ctx: &Ctx,
    network: NetworkId,
    span: Span,
    category: Option<&str>,
    attribution: Attribution,
) -> Result<Ranking> {
    let snapshot = readable(ctx, network).await?;
    let scored = scored(&snapshot, span).await?;
    if let Some(category) = category {
        check_category(&snapshot, span, category)?;
    }
    let mut by_category: BTreeMap<String, Vec<RankingRow>> = BTreeMap::new();
    let asked = category.map(str::to_owned);
    let heirs = attribution.heirs(&snapshot);
    for row in compute(move || scored.ranking_by_heirs(span, asked.as_deref(), &heirs)).await? {
        by_category.entry(row.category.clone()).or_default().push(row);
    }
    let whole = ctx.scope().sees_network(network);
    let mut categories = Vec::new();
    for (code, name) in category_names(&snapshot, span) {
        let Some(rows) = by_category.remove(&code) else { continue };
        let size = rows.len();
        let quartiles = quartiles(&rows);
        let rows: Vec<_> = rows.into_iter().filter(|row| whole || ctx.scope().sees_unit(UnitId(row.unit))).collect();
        if whole || !rows.is_empty() {
            categories.push(CategoryRanking { category: code, name, size, quartiles, rows });
        }
    }
    Ok(Ranking { categories, meta: meta(ctx, &snapshot, span) })
}

/// Points at the quartiles of a category: the row at the rank nearest above each quarter.
fn quartiles(rows: &[RankingRow]) -> Option<[Points; 3]> {
    let mut points: Vec<Points> = rows.iter().map(|row| row.points).collect();
    points.sort_unstable();
    let at = |quarter: usize| points.get((points.len() * quarter).div_ceil(4).checked_sub(1)?).copied();
    Some([at(1)?, at(2)?, at(3)?])
}

/// Adoption rates as one viewer sees them.
pub async fn rates(
    ctx: &Ctx,
    network: NetworkId,
    span: Span,
    by: RateBy,
    basis: RateBasis,
    attribution: Attribution,
) -> Result<(Vec<RateRow>, Meta)> {
    let snapshot = readable(ctx, network).await?;
    let whole = ctx.scope().sees_network(network);
    if !whole && by != RateBy::Unit {
        return Err(Error::forbidden().at("by"));
    }
    let meta = meta(ctx, &snapshot, span);
    let heirs = attribution.heirs(&snapshot);
    let ask = move || adoption_rates_by_heirs(&snapshot.versions, &snapshot.facts, span, by, basis, &heirs);
    let rows = compute(ask).await?;
    let seen = |row: &RateRow| whole || row.unit.is_some_and(|unit| ctx.scope().sees_unit(UnitId(unit)));
    Ok((rows.into_iter().filter(seen).collect(), meta))
}

/// Every line of a unit's score, in a stable order; those of the units before it too, if they count for it.
pub async fn lines(
    ctx: &Ctx,
    network: NetworkId,
    unit: UnitId,
    span: Span,
    currency: Currency,
    attribution: Attribution,
) -> Result<Vec<Line>> {
    let snapshot = readable_unit(ctx, network, unit).await?;
    let scored = scored(&snapshot, span).await?;
    let heirs = attribution.heirs(&snapshot);
    compute(move || scored.lines_by_heirs(unit.0, span, currency, &heirs)).await
}

/// A unit's total.
pub async fn total(
    ctx: &Ctx,
    network: NetworkId,
    unit: UnitId,
    span: Span,
    attribution: Attribution,
) -> Result<Points> {
    let snapshot = readable_unit(ctx, network, unit).await?;
    let scored = scored(&snapshot, span).await?;
    let heirs = attribution.heirs(&snapshot);
    compute(move || scored.total_by_heirs(unit.0, span, &heirs)).await
}

/// What the first of each category would win for the assessment year that contains `span`.
pub async fn awards(ctx: &Ctx, network: NetworkId, span: Span) -> Result<(Vec<AwardLine>, Meta)> {
    let snapshot = readable(ctx, network).await?;
    let year = year_of(&snapshot, span)?;
    let scored = scored(&snapshot, span).await?;
    let awards = compute(move || scored.awards(year)).await?;
    let whole = ctx.scope().sees_network(network);
    let seen = |line: &AwardLine| whole || ctx.scope().sees_unit(UnitId(line.unit));
    Ok((awards.into_iter().filter(seen).collect(), meta(ctx, &snapshot, year)))
}

/// What no rule could place; for the office only.
pub async fn notes(ctx: &Ctx, network: NetworkId, span: Span) -> Result<Vec<Note>> {
    let snapshot = readable(ctx, network).await?;
    if !ctx.scope().sees_network(network) {
        return Err(Error::forbidden());
    }
    Ok(scored(&snapshot, span).await?.notes().to_vec())
}

pub(crate) async fn readable(ctx: &Ctx, network: NetworkId) -> Result<Arc<Snapshot>> {
    readable_network(ctx, network).await?;
    ctx.facts(network).await
}

/// The network, if the actor may read figures of it, or of one of their units.
pub(crate) async fn readable_network(ctx: &Ctx, network: NetworkId) -> Result<entity::network::Model> {
    allowed_network(ctx, network, Action::ReadFigures).await
}

/// Whether the actor may do that in the network, or for one of their units.
pub(crate) fn may_in(ctx: &Ctx, network: NetworkId, action: Action) -> bool {
    ctx.authorize(action, Target::network(network)).is_ok()
        || ctx.scope().units_seen().any(|unit| ctx.authorize(action, Target::unit(network, unit)).is_ok())
}

/// The network, if the actor may do that with figures of it, or of one of their units.
pub(crate) async fn allowed_network(ctx: &Ctx, network: NetworkId, action: Action) -> Result<entity::network::Model> {
    let row = ctx.network(ctx.reader(), network).await?;
    if may_in(ctx, network, action) { Ok(row) } else { Err(Error::forbidden().under(policy::id(action))) }
}

pub(crate) async fn readable_unit(ctx: &Ctx, network: NetworkId, unit: UnitId) -> Result<Arc<Snapshot>> {
    let snapshot = readable(ctx, network).await?;
    let member = snapshot.facts.units().contains_key(&unit.0);
    if member && (ctx.scope().sees_network(network) || ctx.scope().sees_unit(unit)) {
        return Ok(snapshot);
    }
    Err(Error::not_found().at("unit"))
}

/// The assessment year that contains `span`, scored.
pub(crate) async fn scored(snapshot: &Arc<Snapshot>, span: Span) -> Result<Arc<Scored>> {
    scored_year(snapshot, year_of(snapshot, span)?).await
}

/// An assessment year, scored; whoever asks while it is being scored waits for that one run.
pub(crate) async fn scored_year(snapshot: &Arc<Snapshot>, year: Span) -> Result<Arc<Scored>> {
    let cell = snapshot.scores.year(year.first);
    let compute = || {
        let snapshot = snapshot.clone();
        compute(move || {
            let Snapshot { versions, facts, scores, .. } = &*snapshot;
            // After a write, only the units that it concerns are scored anew.
            let before = scores.before(year.first).filter(|before| before.year() == year);
            Arc::new(before.map_or_else(|| score(versions, facts, year), |before| before.rescored(versions, facts)))
        })
    };
    cell.get_or_try_init(compute).await.cloned()
}

pub(crate) async fn compute<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _permit = COMPUTING.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

pub(crate) fn year_of(snapshot: &Snapshot, span: Span) -> Result<Span> {
    let year = snapshot.versions.year_of(span.last);
    if year.contains(span.first) && span.first <= span.last {
        return Ok(year);
    }
    Err(Error::invalid(
        "period",
        format!("scores are kept per assessment year; choose a period between {} and {}", year.first, year.last),
        format!("积分按考核年度计算，请选择 {} 至 {} 之间的时段", year.first, year.last),
    ))
}

fn check_category(snapshot: &Snapshot, span: Span, category: &str) -> Result<()> {
    let known = category_names(snapshot, span);
    if known.iter().any(|(code, _)| code == category) {
        return Ok(());
    }
    let codes: Vec<_> = known.iter().map(|(code, _)| code.as_str()).collect();
    Err(Error::invalid(
        "category",
        format!("the rulebook has no such category; it has {}", codes.join(", ")),
        format!("考评办法中没有该类别，可用类别：{}", codes.join("、")),
    ))
}

/// Codes and names of the categories in force at the end of `span`, in the rulebook's order.
pub(super) fn category_names(snapshot: &Snapshot, span: Span) -> Vec<(String, String)> {
    let version = snapshot.versions.on_or_first(span.last);
    version.map_or_else(Vec::new, |version| {
        version.rulebook.categories().iter().map(|category| (category.id.clone(), category.name.clone())).collect()
    })
}

pub(crate) fn meta(ctx: &Ctx, snapshot: &Snapshot, span: Span) -> Meta {
    let now = ctx.now();
    meta_at(snapshot, span, now, local_day(&snapshot.network, now))
}

/// Where an answer about `span` comes from that was asked at `now`.
pub(crate) fn meta_at(snapshot: &Snapshot, span: Span, now: DateTime<Utc>, today: NaiveDate) -> Meta {
    let partial = span.last >= today;
    Meta {
        data_version: snapshot.data_version,
        rulebooks: rulebooks_in(snapshot, span).iter().map(|version| version.id).collect(),
        computed_at: now,
        partial,
        partial_periods: partial.then(|| span.to_string()).into_iter().collect(),
        as_of: None,
    }
}

/// The rulebook versions in force within `span`, oldest first.
pub(super) fn rulebooks_in(snapshot: &Snapshot, span: Span) -> Vec<&rulebook_version::Model> {
    let begun: Vec<_> = snapshot.rulebooks.iter().filter(|version| version.effective_from <= span.last).collect();
    // The version in force on the first day, and those that began later.
    let at_first = begun.iter().rposition(|version| version.effective_from <= span.first).unwrap_or(0);
    begun.into_iter().skip(at_first).collect()
}
