//! How far units are with what they owe, where a unit stands, and on which of the rulebook's lists it is.

use std::collections::BTreeSet;

use analytics::frames::{RateBasis, RateBy, RateRow, adoption_rates};
use analytics::period::{Period, Span};
use analytics::scoring::{ListRow, Progress, RankingRow};
use entity::ids::{NetworkId, UnitId};

use crate::error::{Error, Result};
use crate::services::score::{Meta, category_names, compute, meta, readable, readable_unit, scored};
use crate::services::{Ctx, local_day};

/// How far units are with their quotas and targets.
pub async fn progress(
    ctx: &Ctx,
    network: NetworkId,
    unit: Option<UnitId>,
    span: Span,
) -> Result<(Vec<Progress>, Meta)> {
    let snapshot = match unit {
        Some(unit) => readable_unit(ctx, network, unit).await?,
        None => readable(ctx, network).await?,
    };
    let (scored, today) = (scored(&snapshot, span).await?, local_day(&snapshot.network, ctx.now()));
    let meta = meta(ctx, &snapshot, span);
    let rows = compute(move || scored.progress(&snapshot.targets, span, today, unit.map(|unit| unit.0))).await?;
    let whole = ctx.scope().sees_network(network);
    let seen = |row: &Progress| whole || row.unit.is_some_and(|unit| ctx.scope().sees_unit(UnitId(unit)));
    Ok((rows.into_iter().filter(seen).collect(), meta))
}

/// A unit's place in its category; nothing for a unit that is in none.
pub async fn rank(ctx: &Ctx, network: NetworkId, unit: UnitId, span: Span) -> Result<Option<RankingRow>> {
    let snapshot = readable_unit(ctx, network, unit).await?;
    let scored = scored(&snapshot, span).await?;
    compute(move || scored.ranking(span, None).into_iter().find(|row| row.unit == unit.0)).await
}

/// The lists that the rulebook makes over a span, such as the last of each category or zero reports.
pub async fn lists(ctx: &Ctx, network: NetworkId, span: Span) -> Result<(Vec<ListRow>, Meta)> {
    let snapshot = readable(ctx, network).await?;
    let scored = scored(&snapshot, span).await?;
    let meta = meta(ctx, &snapshot, span);
    let rows = compute(move || scored.lists(span)).await?;
    let whole = ctx.scope().sees_network(network);
    let seen = |row: &ListRow| whole || ctx.scope().sees_unit(UnitId(row.unit));
    Ok((rows.into_iter().filter(seen).collect(), meta))
}

/// What a unit did nothing of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// It handed nothing in.
    Reported,
    /// Nothing of it was adopted.
    Adopted,
}

/// A unit with nothing to show in several periods in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SilentUnit {
    /// The unit.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// Code of its category at the end of the last period.
    pub category: String,
    /// The periods, the first one first.
    pub periods: Vec<Period>,
}

/// The most periods that are looked at.
const MOST_PERIODS: i32 = 12;

/// The units that were open throughout the last `count` periods and have nothing to show in any of them.
pub async fn silent(ctx: &Ctx, network: NetworkId, last: Period, count: i32, of: Nothing) -> Result<Vec<SilentUnit>> {
    let snapshot = readable(ctx, network).await?;
    if !(1..=MOST_PERIODS).contains(&count) {
        return Err(Error::invalid(
            "periods",
            format!("ask for 1 to {MOST_PERIODS} periods"),
            format!("请选择 1 至 {MOST_PERIODS} 个时段"),
        ));
    }
    let mut periods = vec![last];
    for _ in 1..count {
        periods.push(periods[periods.len() - 1].previous());
    }
    periods.reverse();
    let facts = snapshot.clone();
    let spans: Vec<Span> = periods.iter().map(|period| period.span()).collect();
    let active = compute(move || {
        let mut active: BTreeSet<i64> = BTreeSet::new();
        for span in spans {
            let rows = adoption_rates(&facts.versions, &facts.facts, span, RateBy::Unit, RateBasis::AdoptedIn);
            let is_active = |row: &RateRow| match of {
                Nothing::Reported => row.submitted > 0,
                Nothing::Adopted => row.adopted_items > 0,
            };
            active.extend(rows.iter().filter(|row| is_active(row)).filter_map(|row| row.unit));
        }
        active
    })
    .await?;
    let whole = ctx.scope().sees_network(network);
    let order: Vec<String> = category_names(&snapshot, last.span()).into_iter().map(|(code, _)| code).collect();
    let (first_day, last_day) = (periods[0].first_day(), last.last_day());
    let mut silent = Vec::new();
    for unit in snapshot.facts.units().values() {
        let was_open = unit.opened_on <= first_day && unit.closed_on.is_none_or(|closed| closed >= last_day);
        let seen = whole || ctx.scope().sees_unit(UnitId(unit.id));
        let holds =
            |one: &&analytics::facts::Membership| one.first <= last_day && one.last.is_none_or(|last| last >= last_day);
        let category = unit.memberships.iter().filter(holds).max_by_key(|one| one.first);
        if let Some(category) = category.filter(|_| was_open && seen && !active.contains(&unit.id)) {
            let place = order.iter().position(|code| *code == category.category).unwrap_or(usize::MAX);
            silent.push((
                place,
                unit.order,
                SilentUnit {
                    unit: UnitId(unit.id),
                    name: unit.name.clone(),
                    category: category.category.clone(),
                    periods: periods.clone(),
                },
            ));
        }
    }
    silent.sort_by_key(|(place, order, row)| (*place, *order, row.unit));
    Ok(silent.into_iter().map(|(_, _, row)| row).collect())
}
