//! Step 7: rules on periods. Every open unit and every period make one row with the period's counts, quotas and parameters;
//! the rules run over these rows.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};
use polars::prelude::{
    DataFrame, DataType, Int64Chunked, IntoColumn, IntoLazy, JoinArgs, JoinType, NULL, NamedFrom, NewChunkedArray,
    PolarsResult, Series, UInt32Chunked, col, lit, when,
};

use super::counts::count;
use super::draft::{chosen, sums};
use super::note::{About, NoteKind, Notes, owned};
use super::parts::numbers;
use super::tariff::clamped;
use super::world::World;
use super::{LINE_COLUMNS, MAX_LINE, RuleRef};
use crate::expression::{Type, typed_lit};
use crate::facts::day_number;
use crate::period::{Period, PeriodUnit, Span};
use crate::points::{Points, Rounding, SCALE, divide};
use crate::rulebook::figures::{TOTAL, amounts_of, bounded_amount, part_column, quota_column};
use crate::rulebook::{On, Quota, Rule, Rulebook, Selection};
use crate::scoring::catalogue::MAX_COUNTED;

/// The rows that the rules on one unit of time run over, under one version.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    pub(super) version: usize,
    pub(super) unit: PeriodUnit,
    pub(super) periods: Vec<Span>,
    /// `unit`, `period`, `day` (the period's last), and the columns that rules may read.
    pub(super) rows: DataFrame,
    /// The adjustment that reads it; `None` for the rules on the unit of time.
    pub(super) number: Option<u32>,
}

/// What the rows of a version are made of.
#[derive(Clone, Copy)]
pub(super) struct Sources<'w> {
    pub(super) world: &'w World,
    pub(super) version: usize,
    /// The lines of points that sums are made of.
    pub(super) points: &'w DataFrame,
}

/// The periods of a year. Months, quarters and half-years begin with the year, so that a year that closes on the 15th has months that do;
/// weeks are ISO weeks, and belong to the year that their Sunday lies in.
pub(super) fn periods(year: Span, unit: PeriodUnit) -> Vec<Span> {
    let Some(months) = unit.months() else {
        let spans = year.split(unit).into_iter().map(Period::span);
        return spans.filter(|span| year.contains(span.last)).collect();
    };
    let begin = |index: u32| year.first.checked_add_months(Months::new(index * months));
    (0..)
        .map_while(|index| Some(Span { first: begin(index)?, last: begin(index + 1)?.pred_opt()? }))
        .take_while(|span| span.last <= year.last)
        .collect()
}

/// Every grid that some rule needs.
pub(super) fn grids(world: &World, year: Span, points: &DataFrame, notes: &mut Notes) -> PolarsResult<Vec<Grid>> {
    let mut grids = Vec::new();
    for unit in PeriodUnit::ALL {
        let all = periods(year, unit);
        for (place, version, days) in world.versions.within(year) {
            let rules: Vec<&Rule> =
                version.rulebook.rules().iter().filter(|rule| rule.on == On::Period(unit)).collect();
            let periods: Vec<Span> = all.iter().filter(|period| days.contains(period.last)).copied().collect();
            if rules.is_empty() || periods.is_empty() {
                continue;
            }
            let needed: BTreeSet<&str> = rules
                .iter()
                .flat_map(|rule| rule.filter.iter().chain([&rule.amount]))
                .flat_map(|expression| expression.columns())
                .map(|(_, stored, _)| stored)
                .collect();
            let rows = rows(&Sources { world, version: place, points }, &needed, &periods, notes)?;
            grids.push(Grid { version: place, unit, periods, rows, number: None });
        }
    }
    Ok(grids)
}

/// One row for each unit that is open at the end of each period, with the columns among `needed`.
pub(super) fn rows(
    sources: &Sources<'_>,
    needed: &BTreeSet<&str>,
    periods: &[Span],
    notes: &mut Notes,
) -> PolarsResult<DataFrame> {
    let Sources { world, version: place, .. } = *sources;
    let rulebook = &*world.versions.at(place).rulebook;
    let mut units: Vec<(i64, Option<&str>, bool)> = Vec::new();
    let (mut places, mut days) = (Vec::new(), Vec::new());
    for (place, period) in (0_u32..).zip(periods) {
        for unit in world.units.iter().filter(|unit| world.is_own(unit.id) && unit.is_open(period.last)) {
            units.push((unit.id, unit.category_on(period.last), unit.direct_report));
            places.push(place);
            days.push(day_number(period.last));
        }
    }
    let categories = units.iter().map(|(_, category, _)| category.and_then(|category| world.codes.find(category)));
    let categories = UInt32Chunked::from_iter_options("category".into(), categories).into_column();
    let mut rows = DataFrame::new(
        units.len(),
        vec![
            Series::new("unit".into(), units.iter().map(|unit| unit.0).collect::<Vec<_>>()).into(),
            Series::new("period".into(), places).into(),
            Series::new("day".into(), days).into(),
            categories,
            Series::new("direct_report".into(), units.iter().map(|unit| unit.2).collect::<Vec<_>>()).into(),
        ],
    )?;
    for counted in rulebook.counts().iter().filter(|count| needed.contains(count.id.as_str())) {
        let counts = count(world, rulebook, counted, periods)?;
        let keys = ["unit", "period"].map(col);
        let joined = rows.lazy().join(counts.lazy(), keys.clone(), keys, JoinArgs::new(JoinType::Left));
        let number = col("counted").fill_null(typed_lit(0_i64));
        let most = if counted.share.is_some() { MAX_COUNTED * SCALE } else { MAX_COUNTED };
        let bounded = when(number.clone().lt_eq(typed_lit(most))).then(number).otherwise(lit(NULL));
        rows = joined
            .with_column(bounded.alias(counted.id.as_str()))
            .drop(polars::prelude::cols(["counted"]))
            .collect()?;
        let is_too_large = rows.column(&counted.id)?.i64()?.is_null();
        if is_too_large.any() {
            let about = About { version: Some(world.versions.at(place).id), rule: None, fact: Some(counted.on) };
            notes.add(NoteKind::TooLarge, &about, owned(&rows.filter(&is_too_large)?, "unit")?, &counted.name);
        }
    }
    for quota in rulebook.quotas().iter().filter(|quota| needed.contains(quota_column(&quota.id).as_str())) {
        let name = quota_column(&quota.id);
        rows = with_amount(world, rows, &name, &quota.amount)?;
        if quota.scaled_by.is_some() {
            rows = scaled(world, rulebook, rows, quota, periods)?;
        }
    }
    for parameter in rulebook.parameters().iter().filter(|parameter| needed.contains(parameter.id.as_str())) {
        rows = with_amount(world, rows, &parameter.id, &parameter.amount)?;
    }
    with_sums(sources, rows, needed, periods)
}

/// Adds sums of points: those that the rulebook declares, each part's, and the total.
fn with_sums(
    sources: &Sources<'_>,
    mut rows: DataFrame,
    needed: &BTreeSet<&str>,
    periods: &[Span],
) -> PolarsResult<DataFrame> {
    let Sources { world, version, points } = *sources;
    let rulebook = &*world.versions.at(version).rulebook;
    let everything = Selection(vec!["*".to_owned()]);
    let earned = rulebook.earned().iter().map(|earned| (earned.id.clone(), &earned.rules, None));
    let parts = rulebook.parts().iter().map(|part| (part_column(&part.id), &part.rules, Some(part.id.as_str())));
    let total = std::iter::once((TOTAL.to_owned(), &everything, None));
    for (name, rules, part) in earned.chain(parts).chain(total) {
        if !needed.contains(name.as_str()) {
            continue;
        }
        let sums = sums(&chosen(points, &numbers(world, rules, part))?, periods)?;
        let (units, places) = (rows.column("unit")?.i64()?, rows.column("period")?.u32()?);
        let column: Vec<i64> = units
            .iter()
            .zip(places.iter())
            .map(|(unit, place)| unit.zip(place).and_then(|key| sums.get(&key)).copied().unwrap_or(0))
            .collect();
        rows.with_column(Int64Chunked::from_vec(name.as_str().into(), column).into_column())?;
    }
    Ok(rows)
}

/// Brings a quota, as it was set, to what the task from above is on each period's last day. What `with_amount` made of it counts in
/// whole numbers where every amount is whole.
fn scaled(
    world: &World,
    rulebook: &Rulebook,
    mut rows: DataFrame,
    quota: &Quota,
    periods: &[Span],
) -> PolarsResult<DataFrame> {
    let name = quota_column(&quota.id);
    let Some(task) = rulebook.tasks().iter().find(|task| Some(&task.id) == quota.scaled_by.as_ref()) else {
        return Ok(rows);
    };
    let unit = if amounts_of(&quota.amount).0 == Type::Integer { SCALE } else { 1 };
    let now =
        |period: &Span| world.facts.beside().task_on(&task.id, period.last).map_or(task.amount, Points::millionths);
    let tasks: Vec<i64> = periods.iter().map(now).collect();
    let (amounts, places) = (rows.column(&name)?.i64()?, rows.column("period")?.u32()?);
    let raised = amounts.iter().zip(places.iter()).map(|(amount, place)| {
        let product = i128::from(amount? * unit) * i128::from(*tasks.get(place? as usize)?);
        let amount = divide(product, task.amount.into(), Rounding::HalfUp).unwrap_or(i64::MAX);
        Some(bounded_amount(Points::from_millionths(amount)).millionths())
    });
    let raised = Int64Chunked::from_iter_options(name.as_str().into(), raised.collect::<Vec<_>>().into_iter());
    rows.with_column(raised.into_column())?;
    Ok(rows)
}

/// Adds the figure of the row's category; a category without one has none.
fn with_amount(world: &World, rows: DataFrame, name: &str, amount: &[(String, Points)]) -> PolarsResult<DataFrame> {
    let (of, _) = amounts_of(amount);
    let unit = if of == Type::Integer { SCALE } else { 1 };
    let categories = amount.iter().map(|(category, _)| world.codes.find(category));
    let categories = UInt32Chunked::from_iter_options("category".into(), categories).into_column();
    let numbers: Vec<i64> = amount.iter().map(|(_, amount)| amount.millionths() / unit).collect();
    let numbers = Int64Chunked::from_vec(name.into(), numbers).into_column();
    let table = DataFrame::new(amount.len(), vec![categories, numbers])?;
    rows.lazy().join(table.lazy(), [col("category")], [col("category")], JoinArgs::new(JoinType::Left)).collect()
}

/// What the rules give over a grid, as lines of the ledger.
pub(super) fn match_rules(world: &World, grid: &Grid, notes: &mut Notes) -> PolarsResult<Vec<(RuleRef, DataFrame)>> {
    let version = world.versions.at(grid.version);
    let mut matched = Vec::new();
    for (index, rule) in version.rulebook.rules().iter().enumerate() {
        if rule.on != On::Period(grid.unit) {
            continue;
        }
        let condition = rule.filter.as_ref().map_or_else(|| lit(true), |filter| filter.plan(&world.codes));
        let rule_ref = RuleRef { version: grid.version, rule: index };
        let amount = rule.amount.plan(&world.codes).cast(DataType::Int64);
        let amount = match rule.range {
            Some((least, most)) => clamped(amount, least, most),
            None => amount,
        };
        let lines = grid.rows.clone().lazy().filter(condition).select([
            col("unit"),
            col("day"),
            lit(NULL).cast(DataType::Int64).alias("submission"),
            lit(NULL).cast(DataType::Int64).alias("fact"),
            amount.alias("amount"),
            typed_lit(world.rule_number(rule_ref)).alias("rule"),
            lit(NULL).cast(DataType::UInt32).alias("base"),
            lit(NULL).cast(DataType::Int64).alias("read"),
        ]);
        let lines = lines.select(LINE_COLUMNS.map(col)).collect()?;
        let about = About { version: Some(version.id), rule: Some(&rule.id), fact: None };
        let is_too_large = col("amount").gt(typed_lit(MAX_LINE)).or(col("amount").lt(typed_lit(-MAX_LINE)));
        for (kind, odd) in [(NoteKind::NoAmount, col("amount").is_null()), (NoteKind::TooLarge, is_too_large.clone())] {
            let odd = lines.clone().lazy().filter(odd).collect()?;
            notes.add(kind, &about, owned(&odd, "unit")?, &rule.title);
        }
        let lines = lines.lazy().filter(col("amount").is_not_null().and(is_too_large.not())).collect()?;
        if lines.height() > 0 {
            matched.push((rule_ref, lines));
        }
    }
    Ok(matched)
}

/// The period of a grid that ends on the day.
pub(super) fn ending_on(grid: &Grid, day: NaiveDate) -> Option<Span> {
    grid.periods.iter().find(|period| period.last == day).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(year: &str, unit: PeriodUnit) -> Vec<String> {
        periods(year.parse().unwrap(), unit).into_iter().map(|span| span.to_string()).collect()
    }

    #[test]
    fn a_calendar_year_has_calendar_periods() {
        assert_eq!(texts("2026", PeriodUnit::Quarter), ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]);
        assert_eq!(texts("2026", PeriodUnit::Year), ["2026"]);
        assert_eq!(texts("2026", PeriodUnit::Month).len(), 12);
        let weeks = texts("2026", PeriodUnit::Week);
        assert_eq!((weeks.first().unwrap().as_str(), weeks.last().unwrap().as_str()), ("2026-W01", "2026-W52"));
    }

    #[test]
    fn periods_follow_a_year_that_closes_in_the_middle_of_a_month() {
        let months = texts("2025-12-16..2026-12-15", PeriodUnit::Month);
        assert_eq!((months[0].as_str(), months[11].as_str()), ("2025-12-16..2026-01-15", "2026-11-16..2026-12-15"));
        assert_eq!(texts("2025-12-16..2026-12-15", PeriodUnit::Year), ["2025-12-16..2026-12-15"]);
        assert_eq!(texts("2018-01..2018-02", PeriodUnit::Quarter), [""; 0]);
    }
}
