//! Step 7: rules on periods. Every open unit and every period make one row with the period's counts, quotas and parameters;
//! the rules run over these rows.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};
use polars::prelude::{
    DataFrame, DataType, Int64Chunked, IntoColumn, IntoLazy, JoinArgs, JoinType, NULL, NamedFrom, NewChunkedArray,
    PolarsResult, Series, UInt32Chunked, col, lit, when,
};

use super::counts::count;
use super::note::{About, NoteKind, Notes, ids};
use super::world::World;
use super::{LINE_COLUMNS, MAX_LINE, RuleRef};
use crate::expression::{Type, typed_lit};
use crate::facts::day_number;
use crate::period::{Period, PeriodUnit, Span};
use crate::points::{Points, SCALE};
use crate::rulebook::figures::{amounts, quota_column};
use crate::rulebook::{On, Rule, Rulebook};
use crate::scoring::catalogue::MAX_COUNTED;

/// The rows that the rules on one unit of time run over, under one version.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    pub(super) version: usize,
    pub(super) unit: PeriodUnit,
    pub(super) periods: Vec<Span>,
    /// `unit`, `period`, `day` (the period's last), and the columns that rules may read.
    pub(super) rows: DataFrame,
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
pub(super) fn grids(world: &World, year: Span, notes: &mut Notes) -> PolarsResult<Vec<Grid>> {
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
            let rows = rows(world, place, &rules, &periods, notes)?;
            grids.push(Grid { version: place, unit, periods, rows });
        }
    }
    Ok(grids)
}

fn rows(world: &World, place: usize, rules: &[&Rule], periods: &[Span], notes: &mut Notes) -> PolarsResult<DataFrame> {
    let rulebook = &*world.versions.at(place).rulebook;
    let mut units: Vec<(i64, Option<&str>, bool)> = Vec::new();
    let (mut places, mut days) = (Vec::new(), Vec::new());
    for (place, period) in (0_u32..).zip(periods) {
        for unit in world.units.iter().filter(|unit| unit.is_open(period.last)) {
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
    let needed: BTreeSet<&str> = rules
        .iter()
        .flat_map(|rule| rule.filter.iter().chain([&rule.amount]))
        .flat_map(|expression| expression.columns())
        .map(|(_, stored, _)| stored)
        .collect();
    for counted in rulebook.counts().iter().filter(|count| needed.contains(count.id.as_str())) {
        let counts = count(world, rulebook, counted, periods)?;
        let keys = ["unit", "period"].map(col);
        let joined = rows.lazy().join(counts.lazy(), keys.clone(), keys, JoinArgs::new(JoinType::Left));
        let number = col("counted").fill_null(typed_lit(0_i64));
        let bounded = when(number.clone().lt_eq(typed_lit(MAX_COUNTED))).then(number).otherwise(lit(NULL));
        rows = joined
            .with_column(bounded.alias(counted.id.as_str()))
            .drop(polars::prelude::cols(["counted"]))
            .collect()?;
        let is_too_large = rows.column(&counted.id)?.i64()?.is_null();
        if is_too_large.any() {
            let about = About { version: Some(world.versions.at(place).id), rule: None, fact: Some(counted.on) };
            notes.add(NoteKind::TooLarge, &about, ids(&rows.filter(&is_too_large)?, "unit")?, &counted.name);
        }
    }
    for (name, amount) in figures(rulebook).filter(|(name, _)| needed.contains(name.as_str())) {
        rows = with_amount(world, rows, &name, amount)?;
    }
    Ok(rows)
}

/// Quotas and parameters under the names by which rules read them.
fn figures(rulebook: &Rulebook) -> impl Iterator<Item = (String, &Vec<(String, Points)>)> {
    let quotas = rulebook.quotas().iter().map(|quota| (quota_column(&quota.id), &quota.amount));
    quotas.chain(rulebook.parameters().iter().map(|parameter| (parameter.id.clone(), &parameter.amount)))
}

/// Adds the figure of the row's category; a category without one has none.
fn with_amount(world: &World, rows: DataFrame, name: &str, amount: &[(String, Points)]) -> PolarsResult<DataFrame> {
    let (of, _) = amounts(amount);
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
        let lines = grid.rows.clone().lazy().filter(condition).select([
            col("unit"),
            col("day"),
            lit(NULL).cast(DataType::Int64).alias("submission"),
            lit(NULL).cast(DataType::Int64).alias("fact"),
            rule.amount.plan(&world.codes).cast(DataType::Int64).alias("amount"),
            typed_lit(world.rule_number(rule_ref)).alias("rule"),
        ]);
        let lines = lines.select(LINE_COLUMNS.map(col)).collect()?;
        let about = About { version: Some(version.id), rule: Some(&rule.id), fact: None };
        let is_too_large = col("amount").gt(typed_lit(MAX_LINE)).or(col("amount").lt(typed_lit(-MAX_LINE)));
        for (kind, odd) in [(NoteKind::NoAmount, col("amount").is_null()), (NoteKind::TooLarge, is_too_large.clone())] {
            let odd = lines.clone().lazy().filter(odd).collect()?;
            notes.add(kind, &about, ids(&odd, "unit")?, &rule.title);
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
