//! Step 11: who stands where in each category.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{
    DataFrame, Int64Chunked, IntoColumn, IntoLazy, JoinArgs, JoinType, PolarsResult, RankMethod, RankOptions,
    SortMultipleOptions, UInt32Chunked, col, len,
};

use super::Ledger;
use super::counts::count;
use super::draft::{chosen, sums};
use super::inherit::inherit;
use super::parts::numbers;
use super::total::{rounded, totals};
use super::world::World;
use crate::expression::typed_lit;
use crate::heirs::Heirs;
use crate::period::Span;
use crate::points::{Points, Rounding};
use crate::rulebook::{Rulebook, Total};

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

/// Ranks every unit that takes part in the span or has points in it, by whoever stands in for it, in the order of categories, ranks and the official list. Without any rulebook there
/// is no ranking.
pub(super) fn ranking(world: &World, points: &Ledger, span: Span, heirs: &Heirs) -> PolarsResult<Vec<RankingRow>> {
    let Some(version) = world.versions.on_or_first(span.last) else {
        return Ok(Vec::new());
    };
    let categories = categories_of(world, &version.rulebook, span);
    let reported = totals(&points.cells, span)?;
    let with_points: BTreeSet<i64> = reported.column("unit")?.i64()?.into_no_null_iter().collect();
    let mut entries = Vec::new();
    for (order, unit) in (0_u32..).zip(&world.units) {
        // Whoever ended before the span still has what was decided in it on their earlier work.
        let late = || unit.last_category_before(span).filter(|_| with_points.contains(&unit.id));
        let category = unit.category_in(span).or_else(late);
        let place = category.and_then(|category| categories.iter().position(|known| known == category));
        if let Some(place) = place.and_then(|place| u32::try_from(place).ok()) {
            entries.push((unit.id, place, order));
        }
    }
    let units = Int64Chunked::from_vec("unit".into(), entries.iter().map(|entry| entry.0).collect()).into_column();
    let places =
        UInt32Chunked::from_vec("category".into(), entries.iter().map(|entry| entry.1).collect()).into_column();
    let orders = UInt32Chunked::from_vec("order".into(), entries.iter().map(|entry| entry.2).collect()).into_column();
    let units = DataFrame::new(entries.len(), vec![units, places, orders])?;
    let total = total_rule(world, span);
    let highest_first = RankOptions { method: RankMethod::Min, descending: true };
    let rows = units
        .lazy()
        .join(reported.lazy(), [col("unit")], [col("unit")], JoinArgs::new(JoinType::Left))
        .with_column(rounded(col("amount").fill_null(typed_lit(0_i64)), total))
        .with_columns([
            col("amount").rank(highest_first, None).over([col("category")])?.alias("rank"),
            len().over([col("category")])?.alias("of"),
            len().over([col("category"), col("amount")])?.alias("equals"),
        ])
        .sort(["category", "rank", "order"], SortMultipleOptions::default())
        .collect()?;
    let number = |name: &str| -> PolarsResult<Vec<u32>> { Ok(rows.column(name)?.u32()?.into_no_null_iter().collect()) };
    let (places, ranks, of, equals) = (number("category")?, number("rank")?, number("of")?, number("equals")?);
    let units: Vec<i64> = rows.column("unit")?.i64()?.into_no_null_iter().collect();
    let amounts: Vec<i64> = rows.column("amount")?.i64()?.into_no_null_iter().collect();
    let row = |index: usize| RankingRow {
        unit: units[index],
        category: categories[places[index] as usize].clone(),
        points: Points::from_millionths(amounts[index]),
        rank: ranks[index],
        of: of[index],
        tied: equals[index] > 1,
    };
    let rows: Vec<RankingRow> = (0..units.len()).map(row).collect();
    let rows = if heirs.is_empty() { rows } else { inherit(world, span, rows, heirs) };
    match version.rulebook.tie_break() {
        [] => Ok(rows),
        figures => break_ties(world, points, span, rows, figures, heirs),
    }
}

/// Ranks units of equal points by further figures of the span, the greater before the smaller. The rows come in the order of ranks,
/// equal ones in the official order.
fn break_ties(
    world: &World,
    points: &Ledger,
    span: Span,
    mut rows: Vec<RankingRow>,
    figures: &[String],
    heirs: &Heirs,
) -> PolarsResult<Vec<RankingRow>> {
    let Some(version) = world.versions.on_or_first(span.last) else {
        return Ok(rows);
    };
    let keys = tie_figures(world, points, span, &version.rulebook, figures, heirs)?;
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
    world: &World,
    points: &Ledger,
    span: Span,
    rulebook: &Rulebook,
    figures: &[String],
    heirs: &Heirs,
) -> PolarsResult<BTreeMap<i64, Vec<i64>>> {
    let mut keys: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (place, figure) in figures.iter().enumerate() {
        let mut values: BTreeMap<i64, i64> = BTreeMap::new();
        if let Some(counted) = rulebook.counts().iter().find(|count| count.id == *figure) {
            let counts = count(world, rulebook, counted, &[span])?;
            let (units, numbers) = (counts.column("unit")?.i64()?, counts.column("counted")?.i64()?);
            for (unit, number) in units.iter().zip(numbers.iter()) {
                if let (Some(unit), Some(number)) = (unit, number) {
                    *values.entry(heirs.of(unit)).or_default() += number;
                }
            }
        }
        if let Some(earned) = rulebook.earned().iter().find(|earned| earned.id == *figure) {
            let own = chosen(&points.lines, &numbers(world, &earned.rules, None))?;
            for ((unit, _), sum) in sums(&own, &[span])? {
                *values.entry(heirs.of(unit)).or_default() += sum;
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
