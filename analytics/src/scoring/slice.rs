//! The scoring of some of the units: steps 1 to 10 over the facts that their figures rest on.
//!
//! No rule looks at more than one unit, except that an item may be shared by several. So a year is scored slice by slice, on every core, and
//! after a write again for the units that it concerns alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::{BooleanChunked, DataFrame, IntoLazy, PolarsResult, col};

use super::combine;
use super::multiply::Multiply;
use super::note::{Noted, Notes};
use super::parts::Periodic;
use super::periodic::{self, Grid};
use super::sums::Sums;
use super::tariff::{Matched, Stretch};
use super::world::{self, World};
use super::{LINE_COLUMNS, audit, reversal, share, together};
use crate::expression::typed_lit;
use crate::facts::{DAY, FactKind, Focus};
use crate::period::Span;
use crate::rulebook::{Combine, Currency};

/// Some units, scored.
#[derive(Debug)]
pub(super) struct Slice {
    pub(super) world: Arc<World>,
    pub(super) year: Span,
    points: Ledger,
    money: Ledger,
    /// Lines that count for nothing because another one of the same submission stands for them.
    pub(super) merged: DataFrame,
    pub(super) grids: Vec<Grid>,
    pub(super) noted: Vec<Noted>,
}

/// The lines of one currency, and their sums.
#[derive(Debug)]
struct Ledger {
    lines: DataFrame,
    sums: Sums,
}

impl Slice {
    /// Scores the units in the world's focus.
    pub(super) fn new(world: World, year: Span) -> PolarsResult<Self> {
        let mut notes = Notes::default();
        let mut slice = assemble(world, year, &mut notes)?;
        slice.noted = notes.of_units(|unit| slice.world.is_own(unit));
        Ok(slice)
    }

    /// Every line: see [`LINE_COLUMNS`].
    pub(super) fn lines(&self, currency: Currency) -> &DataFrame {
        match currency {
            Currency::Points => &self.points.lines,
            Currency::Money => &self.money.lines,
        }
    }

    /// The sums by unit and day.
    pub(super) fn sums(&self, currency: Currency) -> &Sums {
        match currency {
            Currency::Points => &self.points.sums,
            Currency::Money => &self.money.sums,
        }
    }
}

fn assemble(world: World, year: Span, notes: &mut Notes) -> PolarsResult<Slice> {
    audit::audit(&world, year, notes)?;
    let mut lines = Lines::default();
    for matched in match_facts(&world, year, notes)? {
        lines.combine(&world, &matched)?;
    }
    let merged = concat(std::mem::take(&mut lines.merged))?;
    let mut points = on_facts(&world, year, concat(lines.points)?, notes)?;
    let mut money = on_facts(&world, year, concat(lines.money)?, notes)?;
    let mut grids = periodic::grids(&world, year, &points, notes)?;
    for grid in &grids {
        for (rule, matched) in periodic::match_rules(&world, grid, notes)? {
            let (_, _, rule) = world.rule(world.rule_number(rule));
            match rule.currency {
                Currency::Points => points.vstack_mut(&matched)?,
                Currency::Money => money.vstack_mut(&matched)?,
            };
        }
    }
    let mut periodic = Periodic { world: &world, year, grids: Vec::new() };
    let points = periodic.run(Currency::Points, points, None, notes)?;
    let money = periodic.run(Currency::Money, money, Some(&points), notes)?;
    grids.extend(periodic.grids);
    let points = Ledger::new(points, &reversal::sums(&world, year, Currency::Points))?;
    let money = Ledger::new(money, &reversal::sums(&world, year, Currency::Money))?;
    Ok(Slice { world: Arc::new(world), year, points, money, merged, grids, noted: Vec::new() })
}

/// Steps 3 to 5 over what rules on facts gave, whenever that was; gives the lines of the year.
fn on_facts(world: &World, year: Span, mut lines: DataFrame, notes: &mut Notes) -> PolarsResult<DataFrame> {
    let joined = together::combine(world, &lines)?;
    lines.vstack_mut(&joined)?;
    let mut lines = world::within(&lines, year)?;
    for (version, of) in world.versions.all().iter().enumerate() {
        for (place, adjustment) in of.rulebook.adjustments().iter().enumerate() {
            let multiply = Multiply { world, version, place, adjustment, year };
            let multiplied = multiply.lines(&lines, notes)?;
            lines.vstack_mut(&multiplied)?;
        }
    }
    let mut shares = Vec::new();
    for (version, of) in world.versions.all().iter().enumerate() {
        for (place, adjustment) in of.rulebook.adjustments().iter().enumerate() {
            shares.push(share::share(world, (version, place), adjustment, &lines, notes)?);
        }
    }
    for share in shares {
        lines.vstack_mut(&share)?;
    }
    own(world, lines)
}

/// The lines of the units in focus: what others gave for the same items has been shared by now.
fn own(world: &World, lines: DataFrame) -> PolarsResult<DataFrame> {
    if world.focus == Focus::All {
        return Ok(lines);
    }
    let is_own = lines.column("unit")?.i64()?.iter().map(|unit| unit.is_some_and(|unit| world.is_own(unit)));
    let is_own: BooleanChunked = is_own.collect();
    if is_own.all() { Ok(lines) } else { lines.filter(&is_own) }
}

/// What the rules on facts give, by rule id: over the year, and before it where facts are combined.
fn match_facts(world: &World, year: Span, notes: &mut Notes) -> PolarsResult<Vec<Vec<Matched>>> {
    let mut by_rule: BTreeMap<String, Vec<Matched>> = BTreeMap::new();
    let before = Span { first: NaiveDate::MIN, last: year.first.pred_opt().unwrap_or(NaiveDate::MIN) };
    for (span, is_current) in [(year, true), (before, false)] {
        for (version, _, span) in world.versions.within(span) {
            for kind in FactKind::ALL {
                let stretch = Stretch { world, version, kind, span, is_current };
                for matched in stretch.match_rules(notes)? {
                    let (_, _, rule) = world.rule(world.rule_number(matched.rule));
                    by_rule.entry(rule.id.clone()).or_default().push(matched);
                }
            }
        }
    }
    Ok(by_rule.into_values().collect())
}

/// Lines on their way into the ledgers.
#[derive(Default)]
struct Lines {
    points: Vec<DataFrame>,
    money: Vec<DataFrame>,
    merged: Vec<DataFrame>,
}

impl Lines {
    fn add(&mut self, currency: Currency, lines: DataFrame) {
        match currency {
            Currency::Points => self.points.push(lines),
            Currency::Money => self.money.push(lines),
        }
    }

    /// Combines what one rule gives under all versions.
    fn combine(&mut self, world: &World, matched: &[Matched]) -> PolarsResult<()> {
        let rule = |matched: &Matched| world.rule(world.rule_number(matched.rule)).2;
        let modes: Vec<(Combine, usize)> =
            matched.iter().map(|matched| (rule(matched).combine, matched.lines.height())).collect();
        let lines = concat(matched.iter().map(|matched| matched.lines.clone()).collect())?;
        let combined = combine::combine(&lines, &modes, &world.facts.beside().closed)?;
        self.merged.push(combined.merged.select(LINE_COLUMNS)?);
        let kept = combined.kept.select(LINE_COLUMNS)?;
        if let [only] = matched {
            self.add(rule(only).currency, kept);
            return Ok(());
        }
        // The versions of one rule may give different currencies.
        for currency in [Currency::Points, Currency::Money] {
            let numbers = matched.iter().filter(|matched| rule(matched).currency == currency);
            let of_currency = numbers.map(|matched| col("rule").eq(typed_lit(world.rule_number(matched.rule))));
            let Some(of_currency) = of_currency.reduce(polars::prelude::Expr::or) else {
                continue;
            };
            self.add(currency, kept.clone().lazy().filter(of_currency).collect()?);
        }
        Ok(())
    }
}

impl Ledger {
    /// A ledger, and what joined it when every rule was done.
    fn new(lines: DataFrame, joined: &[(i64, i32, i64)]) -> PolarsResult<Self> {
        let sums = Sums::new(&lines, joined)?;
        Ok(Self { lines, sums })
    }
}

/// The frames one after the other; an empty ledger for none.
pub(super) fn concat(frames: Vec<DataFrame>) -> PolarsResult<DataFrame> {
    let mut frames = frames.into_iter();
    let Some(mut all) = frames.next() else {
        return Ok(empty());
    };
    for frame in frames {
        all.vstack_mut(&frame)?;
    }
    Ok(all)
}

pub(super) fn empty() -> DataFrame {
    use polars::prelude::{DataType, Field, Schema};
    let of = |name: &str| match name {
        "rule" | "base" => DataType::UInt32,
        DAY => DataType::Int32,
        _ => DataType::Int64,
    };
    let schema: Schema = LINE_COLUMNS.iter().map(|name| Field::new((*name).into(), of(name))).collect();
    DataFrame::empty_with_schema(&schema)
}
