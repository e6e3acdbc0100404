//! What the lines of adjustments, and of counts over joint items, rest on.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use polars::prelude::{DataFrame, IntoLazy, PolarsResult, col};

use super::Amount;
use super::counts::counted_facts;
use super::draft::chosen;
use super::line::{Entry, FactRef, Input, Reasons, amount_in, entries, inputs};
use super::parts::numbers;
use super::periodic::{ending_on, periods};
use super::share::role;
use super::slice::Slice;
use super::world::{Reach, Statement, World, within};
use crate::expression::{Expression, typed_lit};
use crate::facts::{DAY, day_number};
use crate::period::Span;
use crate::points::Points;
use crate::rulebook::{Adjustment, Count, Currency, On, Rulebook, Step};

/// What an adjustment read: the number that it changes, and for conditions what these read; and the facts behind.
pub(super) fn of_change(
    slice: &Slice,
    entry: &Entry,
    unit: i64,
    currency: Currency,
    whole_year: &DataFrame,
) -> PolarsResult<Reasons> {
    let world = &slice.world;
    let (_, _, Statement::Adjustment(adjustment)) = world.statement(entry.number) else {
        return Ok(Reasons::default());
    };
    let read = entry.read.unwrap_or(0);
    let value = match (&adjustment.step, amount_in(currency, read)) {
        (Step::Multiply { .. }, _) => Points::from_millionths(read).to_string(),
        (_, Amount::Points(points)) => points.to_string(),
        (_, Amount::Money(money)) => money.to_string(),
    };
    let mut known = vec![Input { name: adjustment.step.reads().to_owned(), value }];
    let on = entry.base.map(|base| world.rule(base).2.on);
    let facts = if let (Some(On::Fact(kind)), Some(fact)) = (on, entry.fact) {
        vec![FactRef { kind, id: fact }]
    } else {
        known.extend(of_condition(slice, entry, unit, adjustment)?);
        of_period(slice, entry, adjustment, whole_year)?
    };
    Ok(Reasons { facts, inputs: known })
}

/// What the condition of a zeroing, or the expression of a conversion, read.
fn of_condition(slice: &Slice, entry: &Entry, unit: i64, adjustment: &Adjustment) -> PolarsResult<Vec<Input>> {
    let expression: &Expression = match &adjustment.step {
        Step::Zero { filter, .. } => filter,
        Step::Convert { amount } => amount,
        _ => return Ok(Vec::new()),
    };
    let Some(grid) = slice.grids.iter().find(|grid| grid.number == Some(entry.number)) else {
        return Ok(Vec::new());
    };
    if ending_on(grid, entry.day).is_none() {
        return Ok(Vec::new());
    }
    let is_row = col("unit").eq(typed_lit(unit)).and(col(DAY).eq(typed_lit(day_number(entry.day))));
    let row = grid.rows.clone().lazy().filter(is_row).collect()?;
    if row.height() != 1 {
        return Ok(Vec::new());
    }
    let mut read = inputs(&slice.world, &expression.columns(), &row, 0)?;
    read.retain(|input| input.name != adjustment.step.reads());
    Ok(read)
}

/// The facts of every line that an adjustment on a period looked at.
fn of_period(
    slice: &Slice,
    entry: &Entry,
    adjustment: &Adjustment,
    whole_year: &DataFrame,
) -> PolarsResult<Vec<FactRef>> {
    let Some(unit_of_time) = adjustment.step.period() else {
        return Ok(Vec::new());
    };
    let Some(period) = periods(slice.year, unit_of_time).into_iter().find(|period| period.last == entry.day) else {
        return Ok(Vec::new());
    };
    let world = &slice.world;
    let numbers = numbers(world, &adjustment.rules, adjustment.part.as_deref());
    let lines = entries(world, &chosen(&within(whole_year, period)?, &numbers)?)?;
    let fact = |line: &Entry| match world.rule(line.base.unwrap_or(line.number)).2.on {
        On::Fact(kind) => Some(FactRef { kind, id: line.fact? }),
        On::Period(_) => None,
    };
    let is_of_rule = |line: &&Entry| line.fact.is_some();
    let facts: BTreeSet<FactRef> = lines.iter().filter(is_of_rule).filter_map(fact).collect();
    Ok(facts.into_iter().collect())
}

/// The facts that a count counted for a unit in a period: its own, and those of the items that it shares.
pub(super) fn counted(
    world: &World,
    rulebook: &Rulebook,
    count: &Count,
    period: Span,
    unit: i64,
) -> PolarsResult<Vec<FactRef>> {
    let always = Span { first: NaiveDate::MIN, last: NaiveDate::MAX };
    let Some((among, _)) = count.share else {
        let frame = counted_facts(world, rulebook, count, &[period], Reach::one_unit(always, unit))?;
        return Ok(super::note::ids(&frame, "id")?.into_iter().map(|id| FactRef { kind: count.on, id }).collect());
    };
    let frame = counted_facts(world, rulebook, count, &[period], Reach::all_units(always))?;
    let parties = world.facts.beside().credits.parties(role(among));
    let (ids, units) = (frame.column("id")?.i64()?, frame.column("unit")?.i64()?);
    let submissions = frame.column("submission")?.i64()?;
    let is_own = |row: &usize| {
        let shares = |submission: i64| parties.get(&submission).is_some_and(|all| all.contains_key(&unit));
        units.get(*row) == Some(unit) || submissions.get(*row).is_some_and(shares)
    };
    let own = (0..frame.height()).filter(is_own);
    Ok(own.filter_map(|row| Some(FactRef { kind: count.on, id: ids.get(row)? })).collect())
}
