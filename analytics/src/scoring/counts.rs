//! What units did in periods, in numbers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use polars::prelude::{
    DataFrame, DataType, Expr, IdxCa, Int32Chunked, Int64Chunked, IntoColumn, IntoLazy, JoinArgs, JoinType,
    NewChunkedArray, PolarsResult, UInt32Chunked, col,
};

use super::cells::Cells;
use super::share::{divided, role};
use super::tariff::excluded;
use super::world::{Reach, World};
use crate::expression::typed_lit;
use crate::facts::{Codes, DAY, FactKind, day_number};
use crate::period::Span;
use crate::points::SCALE;
use crate::rulebook::{Among, Count, Division, Rulebook};

/// What a count comes to: the columns `unit`, `period` (its place among the periods) and `counted`. Units and periods without any fact
/// are left out.
pub(crate) fn count(world: &World, rulebook: &Rulebook, count: &Count, periods: &[Span]) -> PolarsResult<DataFrame> {
    count_of_kind(world, rulebook, count, periods, None)
}

/// The same of the items of one kind only. Facts that do not tell their kind are of none.
pub(super) fn count_of_kind(
    world: &World,
    rulebook: &Rulebook,
    count: &Count,
    periods: &[Span],
    kind: Option<&str>,
) -> PolarsResult<DataFrame> {
    if kind.is_none()
        && let Some(counted) = in_cells(world, rulebook, count, periods)?
    {
        return Ok(counted);
    }
    let reach = Reach::all_units(Span { first: NaiveDate::MIN, last: NaiveDate::MAX });
    let mut facts = counted_facts(world, rulebook, count, periods, reach)?;
    if let Some(kind) = kind {
        let number = world.codes.find(kind).unwrap_or(Codes::NONE);
        let all = world.facts.table(count.on).frame().clone().lazy();
        let of_kind = all.filter(col("kind").eq(typed_lit(number))).select([col("id")]);
        facts = facts.lazy().join(of_kind, [col("id")], [col("id")], JoinArgs::new(JoinType::Inner)).collect()?;
    }
    if let Some((among, how)) = count.share {
        return shared(world, &facts, count.distinct, among, how);
    }
    let all = col("count").sum();
    let counted = if count.distinct {
        // A figure that stands for many items has no submission, and cannot be told apart any further.
        let tallies = col("count").filter(col("submission").is_null()).sum();
        col("submission").drop_nulls().n_unique().cast(DataType::Int64) + tallies
    } else {
        all
    };
    facts.lazy().group_by([col("unit"), col("period")]).agg([counted.alias("counted")]).collect()
}

/// The same in one pass over the facts, where no item is shared and a grid of units and periods can hold the sums.
fn in_cells(world: &World, rulebook: &Rulebook, count: &Count, periods: &[Span]) -> PolarsResult<Option<DataFrame>> {
    let (Some(first), Some(last)) = (periods.first(), periods.last()) else {
        return Ok(None);
    };
    if count.share.is_some() || count.on == FactKind::Staffing {
        return Ok(None);
    }
    let (condition, needed) = counted_condition(world, rulebook, count);
    let reach = Reach::all_units(Span { first: first.first, last: last.last });
    let frame = world.frame(rulebook, count.on, reach, &needed)?;
    let (units, days) = (frame.column("unit")?.i64()?, frame.column(DAY)?.i32()?);
    let (counts, submissions) = (frame.column("count")?.i64()?, frame.column("submission")?.i64()?);
    let Some(mut cells) = Cells::of(units, periods.len()) else {
        return Ok(None);
    };
    if days.null_count() + counts.null_count() > 0 {
        return Ok(None);
    }
    // The ids stand beside the condition so that one without columns is stretched to the height of the frame.
    let mask = match condition {
        Some(condition) => Some(frame.clone().lazy().select([col("id"), condition.alias("mask")]).collect()?),
        None => None,
    };
    let mask = mask.as_ref().map(|mask| mask.column("mask").and_then(|mask| mask.bool().cloned())).transpose()?;
    let mut is_counted = mask.as_ref().map(polars::prelude::BooleanChunked::iter);
    let (base, places) = places_of_days(periods);
    let mut items: Vec<(usize, i64)> = Vec::new();
    let rows = units.into_no_null_iter().zip(days.into_no_null_iter()).zip(counts.into_no_null_iter());
    for (((unit, day), number), submission) in rows.zip(submissions.iter()) {
        if is_counted.as_mut().is_some_and(|mask| mask.next().flatten() != Some(true)) {
            continue;
        }
        let place = usize::try_from(day - base).ok().and_then(|day| places.get(day).copied().flatten());
        let Some(place) = place else { continue };
        let cell = cells.cell(unit, place as usize);
        match submission.filter(|_| count.distinct) {
            Some(submission) => items.push((cell, submission)),
            None => cells.add(cell, number),
        }
    }
    items.sort_unstable();
    items.dedup();
    for (cell, _) in items {
        cells.add(cell, 1);
    }
    cells.by_period().map(Some)
}

/// What a count comes to where everybody who shares an item is credited, in millionths. A fact of an item that nobody shares counts
/// for its own unit; authors are credited beside it.
fn shared(world: &World, facts: &DataFrame, distinct: bool, among: Among, how: Division) -> PolarsResult<DataFrame> {
    let parties = world.facts.beside().credits.parties(role(among));
    let (units, places) = (facts.column("unit")?.i64()?, facts.column("period")?.u32()?);
    let (submissions, counts) = (facts.column("submission")?.i64()?, facts.column("count")?.i64()?);
    let mut counted: BTreeMap<(i64, u32), i64> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for row in 0..facts.height() {
        let (Some(unit), Some(place), Some(count)) = (units.get(row), places.get(row), counts.get(row)) else {
            continue;
        };
        let submission = submissions.get(row);
        if distinct && submission.is_some() && !known.insert((unit, place, submission)) {
            continue;
        }
        let whole = count * SCALE;
        let shared = submission.and_then(|submission| parties.get(&submission));
        let mut given = match (shared, among) {
            (None, _) => BTreeMap::from([(unit, whole)]),
            (Some(shared), Among::Units) => {
                let mut shared = shared.clone();
                shared.entry(unit).or_insert(None);
                divided(whole, &shared, how, Some(unit)).unwrap_or_default()
            }
            (Some(shared), Among::Authors) => divided(whole, shared, how, None).unwrap_or_default(),
        };
        if among == Among::Authors && shared.is_some() {
            given.entry(unit).or_insert(whole);
        }
        for (unit, amount) in given {
            *counted.entry((unit, place)).or_default() += amount;
        }
    }
    let column = |name: &str, numbers: Vec<i64>| Int64Chunked::from_vec(name.into(), numbers).into_column();
    let places = counted.keys().map(|(_, place)| *place).collect();
    DataFrame::new(
        counted.len(),
        vec![
            column("unit", counted.keys().map(|(unit, _)| *unit).collect()),
            UInt32Chunked::from_vec("period".into(), places).into_column(),
            column("counted", counted.into_values().collect()),
        ],
    )
}

/// The facts within reach that a count counts, each with the place of its period. Periods are in order and do not overlap.
pub(crate) fn counted_facts(
    world: &World,
    rulebook: &Rulebook,
    count: &Count,
    periods: &[Span],
    reach: Reach,
) -> PolarsResult<DataFrame> {
    let (condition, needed) = counted_condition(world, rulebook, count);
    let kept = ["id", "unit", DAY, "submission", "count"].map(col);
    if count.on == FactKind::Staffing {
        return staffed(world, rulebook, condition.as_ref(), periods, reach, &needed);
    }
    let first = periods.first().map_or(NaiveDate::MAX, |period| period.first);
    let last = periods.last().map_or(NaiveDate::MIN, |period| period.last);
    let frame = world.frame(rulebook, count.on, reach.over(Span { first, last }), &needed)?;
    let facts = match condition {
        Some(condition) => frame.lazy().filter(condition).select(kept).collect()?,
        None => frame.lazy().select(kept).collect()?,
    };
    with_period(facts, periods)
}

/// The condition of a count on facts that are not left out, and the columns that it reads.
fn counted_condition<'r>(world: &World, rulebook: &'r Rulebook, count: &'r Count) -> (Option<Expr>, BTreeSet<&'r str>) {
    let exclusions = rulebook.exclusions().iter().filter(|exclusion| exclusion.on == count.on);
    let expressions = count.filter.iter().chain(exclusions.map(|exclusion| &exclusion.filter));
    let needed = expressions.flat_map(|expression| expression.columns()).map(|(_, stored, _)| stored).collect();
    let mut condition = count.filter.as_ref().map(|filter| filter.plan(&world.codes));
    if let Some(excluded) = excluded(world, rulebook, count.on) {
        condition = Some(condition.map_or(excluded.clone().not(), |condition| condition.and(excluded.not())));
    }
    (condition, needed)
}

/// The first day of the periods, and the place of the period that each day from then on belongs to.
fn places_of_days(periods: &[Span]) -> (i32, Vec<Option<u32>>) {
    let base = periods.first().map_or(0, |period| day_number(period.first));
    let mut places: Vec<Option<u32>> = Vec::new();
    for (place, period) in (0_u32..).zip(periods) {
        let index = |day| usize::try_from(day_number(day) - base).unwrap_or(0);
        places.resize(index(period.first), None);
        places.resize(index(period.last) + 1, Some(place));
    }
    (base, places)
}

/// Adds the place of the period that each fact's day belongs to, and leaves out the facts between periods.
pub(crate) fn with_period(mut facts: DataFrame, periods: &[Span]) -> PolarsResult<DataFrame> {
    if periods.len() == 1 {
        return facts.lazy().with_column(typed_lit(0_u32).alias("period")).collect();
    }
    let (base, places) = places_of_days(periods);
    let places = UInt32Chunked::from_iter_options("period".into(), places.into_iter());
    let days: &Int32Chunked = facts.column(DAY)?.i32()?;
    let offsets = polars::prelude::ChunkCast::cast(&(days - base), &DataType::UInt32)?;
    let offsets: &IdxCa = offsets.u32()?;
    let places = polars::prelude::ChunkTake::take(&places, offsets)?;
    facts.with_column(places.into_column())?;
    facts.lazy().filter(col("period").is_not_null()).collect()
}

/// People in a duty: those who are in it on the last day of the period.
fn staffed(
    world: &World,
    rulebook: &Rulebook,
    condition: Option<&Expr>,
    periods: &[Span],
    reach: Reach,
    needed: &BTreeSet<&str>,
) -> PolarsResult<DataFrame> {
    let frame = world.frame(rulebook, FactKind::Staffing, reach, needed)?;
    let mut found: Option<DataFrame> = None;
    for (place, period) in (0_u32..).zip(periods) {
        let last = typed_lit(day_number(period.last));
        let is_staffed = col(DAY).lt_eq(last.clone()).and(col("last_on").is_null().or(col("last_on").gt_eq(last)));
        let is_counted = match condition {
            Some(condition) => condition.clone().and(is_staffed),
            None => is_staffed,
        };
        let columns = ["id", "unit", DAY, "submission", "count"].map(col);
        let staff = frame
            .clone()
            .lazy()
            .filter(is_counted)
            .select(columns)
            .with_column(typed_lit(place).alias("period"))
            .collect()?;
        found = Some(match found {
            Some(found) => found.vstack(&staff)?,
            None => staff,
        });
    }
    Ok(found.unwrap_or_default())
}
