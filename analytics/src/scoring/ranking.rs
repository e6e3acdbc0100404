//! Step 11: who stands where in each category.

use std::collections::BTreeMap;

use polars::prelude::PolarsResult;

use super::Scored;
use super::counts::count;
use super::draft::{chosen, sums};
use super::inherit::inherit;
use super::parts::numbers;
use super::world::World;
use crate::heirs::Heirs;
use crate::period::Span;
use crate::points::{Points, Rounding};
use crate::rulebook::{Currency, Rulebook, Total};

/// A unit's place among the units of its category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankingRow {
    /// The unit's id.
    pub unit: i64,
    /// The category in which it is ranked: the last one that it had in the span.
    pub category: String,
    /// Its points in the span, rounded as the rulebook says.
    pub points: Points,
    /// 1 for the most points; equal points, equal rank, and the ranks that are shared are left out afterwards: 1, 2, 3, 3, 5.
    pub rank: u32,
    /// How many units are ranked in the category.
    pub of: u32,
    /// Whether another unit of the category has the same points.
    pub tied: bool,
}

/// Ranks every unit that takes part in the span, or whoever stands in for it, in the order of categories, ranks and the official list.
/// Without any rulebook there is no ranking.
pub(super) fn ranking(scored: &Scored, span: Span, heirs: &Heirs) -> PolarsResult<Vec<RankingRow>> {
    let world = &*scored.world;
    let Some(version) = world.versions.on_or_first(span.last) else {
        return Ok(Vec::new());
    };
    let categories = categories_of(world, &version.rulebook, span);
    let total = total_rule(world, span);
    let mut entries = Vec::new();
    for unit in &world.units {
        let amount = scored.sum(Currency::Points, unit.id, span);
        // Whoever ended before the span stands in no ranking of it; but what was decided in it on their earlier work is their heir's.
        let bequeathed =
            || unit.last_category_before(span).filter(|_| amount.is_some() && heirs.of(unit.id) != unit.id);
        let category = unit.category_in(span).or_else(bequeathed);
        if let Some(place) = category.and_then(|category| categories.iter().position(|known| known == category)) {
            let amount = Points::from_millionths(amount.unwrap_or(0));
            let points = amount.checked_round(total.places, total.rounding).unwrap_or(amount);
            let category = categories[place].clone();
            entries.push((place, RankingRow { unit: unit.id, category, points, rank: 1, of: 1, tied: false }));
        }
    }
    // Sorting keeps the official order among equals.
    entries.sort_by_key(|(place, row)| (*place, std::cmp::Reverse(row.points)));
    let mut rows: Vec<RankingRow> = entries.into_iter().map(|(_, row)| row).collect();
    number(&mut rows);
    let rows = if heirs.is_empty() { rows } else { inherit(world, span, rows, heirs) };
    match version.rulebook.tie_break() {
        [] => Ok(rows),
        figures => break_ties(scored, span, rows, figures, heirs),
    }
}

/// Numbers rows that stand in the order of categories and points.
pub(super) fn number(rows: &mut [RankingRow]) {
    for group in rows.chunk_by_mut(|left, right| left.category == right.category) {
        let of = u32::try_from(group.len()).unwrap_or(u32::MAX);
        let mut rank = 1;
        for equals in group.chunk_by_mut(|left, right| left.points == right.points) {
            let count = u32::try_from(equals.len()).unwrap_or(u32::MAX);
            for row in equals {
                (row.rank, row.of, row.tied) = (rank, of, count > 1);
            }
            rank += count;
        }
    }
}

/// Ranks units of equal points by further figures of the span, the greater before the smaller. The rows come in the order of ranks,
/// equal ones in the official order.
fn break_ties(
    scored: &Scored,
    span: Span,
    mut rows: Vec<RankingRow>,
    figures: &[String],
    heirs: &Heirs,
) -> PolarsResult<Vec<RankingRow>> {
    let Some(version) = scored.world.versions.on_or_first(span.last) else {
        return Ok(rows);
    };
    let keys = tie_figures(scored, span, &version.rulebook, figures, heirs)?;
    let nothing = vec![0; figures.len()];
    let key = |row: &RankingRow| (row.points, keys.get(&row.unit).unwrap_or(&nothing).clone());
    let mut ranked = Vec::with_capacity(rows.len());
    for group in rows.chunk_by_mut(|left, right| left.category == right.category) {
        group.sort_by_key(|row| std::cmp::Reverse(key(row)));
        let mut rank = 1;
        for equals in group.chunk_by_mut(|left, right| key(left) == key(right)) {
            let count = u32::try_from(equals.len()).unwrap_or(u32::MAX);
            for row in equals.iter_mut() {
                row.rank = rank;
                row.tied = count > 1;
            }
            rank += count;
            ranked.extend_from_slice(equals);
        }
    }
    Ok(ranked)
}

/// The figures of the span that tell units of equal points apart, by unit; whoever is left out has none of them.
pub(super) fn tie_figures(
    scored: &Scored,
    span: Span,
    rulebook: &Rulebook,
    figures: &[String],
    heirs: &Heirs,
) -> PolarsResult<BTreeMap<i64, Vec<i64>>> {
    let mut keys: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (place, figure) in figures.iter().enumerate() {
        let mut values: BTreeMap<i64, i64> = BTreeMap::new();
        let slices = scored.slices.in_use();
        if let Some(counted) = rulebook.counts().iter().find(|count| count.id == *figure) {
            for slice in &slices {
                let counts = count(&slice.world, rulebook, counted, &[span])?;
                let (units, numbers) = (counts.column("unit")?.i64()?, counts.column("counted")?.i64()?);
                for (unit, number) in units.iter().zip(numbers.iter()) {
                    let Some((unit, number)) = unit.zip(number) else { continue };
                    if scored.slices.is_current(slice, unit) {
                        *values.entry(heirs.of(unit)).or_default() += number;
                    }
                }
            }
        }
        if let Some(earned) = rulebook.earned().iter().find(|earned| earned.id == *figure) {
            let numbers = numbers(&scored.world, &earned.rules, None);
            for slice in &slices {
                let own = chosen(slice.lines(Currency::Points), &numbers)?;
                for ((unit, _), sum) in sums(&own, &[span])? {
                    if scored.slices.is_current(slice, unit) {
                        *values.entry(heirs.of(unit)).or_default() += sum;
                    }
                }
            }
        }
        for (unit, value) in values {
            keys.entry(unit).or_insert_with(|| vec![0; figures.len()])[place] = value;
        }
    }
    Ok(keys)
}

/// The declared categories in the order of the rulebook, then those that units have without a declaration, by their code.
pub(crate) fn categories_of(world: &World, rulebook: &Rulebook, span: Span) -> Vec<String> {
    let mut categories: Vec<String> = rulebook.categories().iter().map(|category| category.id.clone()).collect();
    let mut others: Vec<&str> = world.units.iter().filter_map(|unit| unit.category_in(span)).collect();
    others.sort_unstable();
    others.dedup();
    others.retain(|category| categories.iter().all(|known| known != category));
    categories.extend(others.into_iter().map(str::to_owned));
    categories
}

/// How totals of the span are rounded: as the version in force on its last day says.
pub(crate) fn total_rule(world: &World, span: Span) -> Total {
    let version = world.versions.on_or_first(span.last);
    version
        .map_or(Total { places: crate::points::PLACES, rounding: Rounding::HalfUp }, |version| version.rulebook.total())
}
