//! How far units are with what they owe, where a unit stands, and on which of the rulebook's lists it is.

use analytics::period::Span;
use analytics::scoring::{ListRow, Progress, RankingRow};
use entity::ids::{NetworkId, UnitId};

use crate::error::Result;
use crate::services::score::{Meta, compute, meta, readable, readable_unit, scored};
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
