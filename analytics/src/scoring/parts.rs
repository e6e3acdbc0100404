//! Steps 8 to 10 on periods: base, caps, floor, weight, zeroing, conversion.
//!
//! Each looks at what the ledger has come to so far and writes the difference, on the last day of its period; only a base stands on the
//! first day, so that what is deducted during the year is deducted from something.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{DataFrame, DataType, IntoLazy, PolarsResult, col};

use super::draft::{Draft, chosen, frame, sums};
use super::note::Notes;
use super::periodic::{Grid, Sources, periods, rows};
use super::unit::Unit;
use super::world::{Statement, World};
use crate::expression::{Expression, typed_lit};
use crate::facts::{DAY, day_number};
use crate::period::{PeriodUnit, Span};
use crate::points::{Rounding, SCALE, divide};
use crate::rulebook::figures::TOTAL;
use crate::rulebook::{Adjustment, Currency, FloorOn, Selection, Step};

/// Everything that the steps on periods read and write.
pub(super) struct Periodic<'w> {
    pub(super) world: &'w World,
    pub(super) year: Span,
    pub(super) grids: Vec<Grid>,
}

/// One adjustment of one version over the periods that end while the version is in force.
#[derive(Clone, Copy)]
struct Turn<'w> {
    version: usize,
    number: u32,
    adjustment: &'w Adjustment,
}

impl<'w> Periodic<'w> {
    /// Every adjustment on periods, in the order of evaluation: bases, caps from the shortest period to the longest, floors, weights,
    /// zeroing, conversion.
    fn turns(&self, currency: Currency) -> Vec<Turn<'w>> {
        let mut turns = Vec::new();
        for (version, of, _) in self.world.versions.within(self.year) {
            for (place, adjustment) in of.rulebook.adjustments().iter().enumerate() {
                if adjustment.currency == currency && !adjustment.step.is_about_facts() {
                    turns.push(Turn { version, number: self.world.adjustment_number(version, place), adjustment });
                }
            }
        }
        turns.sort_by_key(|turn| (stage(&turn.adjustment.step), turn.number));
        turns
    }

    /// Runs them over the lines of one currency, and gives the lines with what they add. `points` are the lines that conditions read, if
    /// these are of another currency.
    pub(super) fn run(
        &mut self,
        currency: Currency,
        mut lines: DataFrame,
        points: Option<&DataFrame>,
        notes: &mut Notes,
    ) -> PolarsResult<DataFrame> {
        for turn in self.turns(currency) {
            let drafts = match &turn.adjustment.step {
                Step::Base(amounts) => self.base(turn, amounts),
                Step::Zero { unit, filter } => {
                    let source = points.unwrap_or(&lines).clone();
                    self.zero(turn, *unit, filter, &lines, &source, notes)?
                }
                Step::Convert { amount } => self.convert(turn, amount, &lines, notes)?,
                step => self.bounded(turn, step, &lines)?,
            };
            lines.vstack_mut(&frame(&drafts)?)?;
        }
        Ok(lines)
    }

    fn own_periods(&self, version: usize, unit: PeriodUnit) -> Vec<Span> {
        let days = self.world.versions.within(self.year).find(|(place, ..)| *place == version).map(|(.., days)| days);
        periods(self.year, unit)
            .into_iter()
            .filter(|period| days.is_some_and(|days| days.contains(period.last)))
            .collect()
    }

    /// A unit begins with the base of the version, and of the category, that it has on its first day in the year.
    fn base(&self, turn: Turn<'_>, amounts: &[(String, i64)]) -> Vec<Draft> {
        let Some(begin) = self.world.versions.all().first().map(|version| version.effective_from) else {
            return Vec::new();
        };
        let draft = |unit: &Unit| {
            let day = unit.first_day()?.max(self.year.first).max(begin);
            let is_of_version = self.world.versions.within(Span { first: day, last: day }).next()?.0 == turn.version;
            if !unit.is_open(day) || !self.year.contains(day) || !is_of_version {
                return None;
            }
            let amount = amount_of(amounts, unit.category_on(day))?;
            Some(line(turn.number, unit.id, day_number(day), amount, amount))
        };
        self.world.units.iter().filter(|unit| self.world.is_own(unit.id)).filter_map(|unit| draft(unit)).collect()
    }

    /// Caps, floors and weights.
    fn bounded(&self, turn: Turn<'_>, step: &Step, lines: &DataFrame) -> PolarsResult<Vec<Draft>> {
        let periods = self.own_periods(turn.version, step.period().unwrap_or(PeriodUnit::Year));
        let own = chosen(lines, &numbers(self.world, &turn.adjustment.rules, turn.adjustment.part.as_deref()))?;
        let losses = match step {
            Step::Floor { on: FloorOn::Base, .. } => {
                let is_loss = col("amount").lt(typed_lit(0_i64));
                sums(&own.clone().lazy().filter(is_loss).collect()?, &periods)?
            }
            _ => BTreeMap::new(),
        };
        let base = match step {
            Step::Floor { on: FloorOn::Base, .. } => {
                let is_base = |statement: Statement<'_>| match statement {
                    Statement::Adjustment(other) => {
                        other.part == turn.adjustment.part && matches!(other.step, Step::Base(_))
                    }
                    Statement::Rule(_) => false,
                };
                sums(&chosen(lines, &self.world.numbers(is_base))?, &periods)?
            }
            _ => BTreeMap::new(),
        };
        let units: BTreeMap<i64, &Unit> = self.world.units.iter().map(|unit| (unit.id, unit.as_ref())).collect();
        let mut drafts = Vec::new();
        for ((unit, place), sum) in sums(&own, &periods)? {
            let Some(period) = periods.get(place as usize) else { continue };
            let correction = match step {
                Step::Cap { most, .. } => {
                    let category =
                        units.get(&unit).and_then(|unit| unit.category_on(period.last).or(unit.category_in(*period)));
                    amount_of(most, category).map_or(0, |most| (most - sum).min(0))
                }
                Step::Floor { least, on: FloorOn::Sum } => (least - sum).max(0),
                Step::Floor { least, on: FloorOn::Base } => {
                    let left = |sums: &BTreeMap<(i64, u32), i64>| sums.get(&(unit, place)).copied().unwrap_or(0);
                    (least - left(&base) - left(&losses)).max(0)
                }
                Step::Weight(weight) => {
                    let product = i128::from(sum) * i128::from(weight - SCALE);
                    divide(product, SCALE.into(), Rounding::HalfUp).unwrap_or(0)
                }
                _ => 0,
            };
            drafts.push(line(turn.number, unit, day_number(period.last), sum, correction));
        }
        Ok(drafts)
    }

    /// What the rules gave in the period is taken away. A loss stays: there is nothing to take.
    fn zero(
        &mut self,
        turn: Turn<'_>,
        unit: PeriodUnit,
        filter: &Expression,
        lines: &DataFrame,
        points: &DataFrame,
        notes: &mut Notes,
    ) -> PolarsResult<Vec<Draft>> {
        let periods = self.own_periods(turn.version, unit);
        if periods.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.rows(turn, filter, &periods, points, notes)?;
        let hit = rows.clone().lazy().filter(filter.plan(&self.world.codes)).collect()?;
        self.grids.push(Grid {
            version: turn.version,
            unit,
            periods: periods.clone(),
            rows,
            number: Some(turn.number),
        });
        let own = chosen(lines, &numbers(self.world, &turn.adjustment.rules, None))?;
        let sums = sums(&own, &periods)?;
        let (units, places) = (hit.column("unit")?.i64()?, hit.column("period")?.u32()?);
        let mut drafts = Vec::new();
        for (unit, place) in units.iter().zip(places.iter()) {
            let (Some(unit), Some(place)) = (unit, place) else { continue };
            let Some(sum) = sums.get(&(unit, place)).copied().filter(|sum| *sum > 0) else {
                continue;
            };
            drafts.push(line(turn.number, unit, day_number(periods[place as usize].last), sum, -sum));
        }
        Ok(drafts)
    }

    fn convert(
        &mut self,
        turn: Turn<'_>,
        amount: &Expression,
        lines: &DataFrame,
        notes: &mut Notes,
    ) -> PolarsResult<Vec<Draft>> {
        let periods = self.own_periods(turn.version, PeriodUnit::Year);
        if periods.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.rows(turn, amount, &periods, lines, notes)?;
        let amount = amount.plan(&self.world.codes).cast(DataType::Int64);
        let converted = rows.clone().lazy().with_column(amount.alias("amount")).collect()?;
        self.grids.push(Grid {
            version: turn.version,
            unit: PeriodUnit::Year,
            periods,
            rows,
            number: Some(turn.number),
        });
        let (units, days) = (converted.column("unit")?.i64()?, converted.column(DAY)?.i32()?);
        let (amounts, totals) = (converted.column("amount")?.i64()?, converted.column(TOTAL)?.i64()?);
        let row = |row: usize| {
            let (total, amount) = (totals.get(row)?, amounts.get(row)?);
            Some(line(turn.number, units.get(row)?, days.get(row)?, total, amount - total))
        };
        Ok((0..converted.height()).filter_map(row).collect())
    }

    fn rows(
        &self,
        turn: Turn<'_>,
        expression: &Expression,
        periods: &[Span],
        points: &DataFrame,
        notes: &mut Notes,
    ) -> PolarsResult<DataFrame> {
        let mut needed: BTreeSet<&str> = expression.columns().into_iter().map(|(_, stored, _)| stored).collect();
        if matches!(turn.adjustment.step, Step::Convert { .. }) {
            needed.insert(TOTAL);
        }
        rows(&Sources { world: self.world, version: turn.version, points }, &needed, periods, notes)
    }
}

fn stage(step: &Step) -> (u32, Option<PeriodUnit>) {
    match step {
        Step::Combine { .. } | Step::Multiply { .. } | Step::Share { .. } => (0, None),
        Step::Base(_) => (1, None),
        Step::Cap { per, .. } => (2, Some(*per)),
        Step::Floor { .. } => (3, None),
        Step::Weight(_) => (4, None),
        Step::Zero { unit, .. } => (5, Some(*unit)),
        Step::Convert { .. } => (6, None),
    }
}

fn line(rule: u32, unit: i64, day: i32, read: i64, amount: i64) -> Draft {
    Draft { rule, base: None, unit, day, submission: None, fact: None, read, amount }
}

fn amount_of(amounts: &[(String, i64)], category: Option<&str>) -> Option<i64> {
    amounts.iter().find(|(known, _)| Some(known.as_str()) == category).map(|(_, amount)| *amount)
}

/// The numbers of the rules that are chosen, and of the adjustments on periods whose rules are all among them, or that belong to the part.
pub(super) fn numbers(world: &World, rules: &Selection, part: Option<&str>) -> BTreeSet<u32> {
    world.numbers(|statement| match statement {
        Statement::Rule(rule) => rules.has(&rule.id),
        Statement::Adjustment(other) => {
            let is_of_part = part.is_some() && other.part.as_deref() == part;
            is_of_part || (!other.step.is_about_facts() && other.rules.patterns().iter().all(|rule| rules.has(rule)))
        }
    })
}
