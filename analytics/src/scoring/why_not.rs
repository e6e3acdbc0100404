//! Why a rule gave nothing: which condition kept it from firing, and by how much.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use polars::prelude::{AnyValue, DataFrame, DataType, IntoLazy, PolarsResult, col};

use super::line::text;
use super::note::Notes;
use super::periodic::{Sources, periods, rows};
use super::slice::Slice;
use super::tariff::needed_columns;
use super::world::{Reach, World};
use super::{FactRef, Input, SOUND, Scored, Versions, score};
use crate::expression::{Expression, Node, Op, Type};
use crate::facts::{DAY, Facts, day_of};
use crate::period::Span;
use crate::points::{Points, SCALE};
use crate::rulebook::{Currency, On, Rule};

/// One fact, or one period, for which a rule did not fire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhyNot {
    /// The id of the rulebook version that was in force.
    pub version: i64,
    /// The rule.
    pub rule: String,
    /// The fact, for a rule on facts.
    pub fact: Option<FactRef>,
    /// The fact's day, or the last one of the period.
    pub day: NaiveDate,
    /// What stood in the way, in the order of the rule's condition. Empty where the facts themselves are left out by an exclusion.
    pub obstacles: Vec<Obstacle>,
}

/// A condition that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The condition, as the rule says it.
    pub condition: String,
    /// The values that it read.
    pub inputs: Vec<Input>,
    /// For a comparison of numbers: how much the left side is away from the right one. Positive is short of it, negative is over.
    pub short: Option<Points>,
}

/// Every fact or period of a unit in the span for which the rule did not fire, in the order of days and facts. Empty for a rule that fired
/// everywhere, and for one that no version knows. The year that sums of points are made over is that of the span's last day.
pub fn why_not(versions: &Versions, facts: &Facts, unit: i64, rule: &str, span: Span) -> Vec<WhyNot> {
    score(versions, facts, versions.year_of(span.last)).why_not(unit, rule, span)
}

impl Scored {
    /// Every fact or period of a unit in the span, within the year that was scored, for which the rule did not fire. See [`why_not`].
    pub fn why_not(&self, unit: i64, rule: &str, span: Span) -> Vec<WhyNot> {
        explain(self.slices.of(unit), unit, rule, span).expect(SOUND)
    }
}

fn explain(slice: &Slice, unit: i64, id: &str, span: Span) -> PolarsResult<Vec<WhyNot>> {
    let (world, year) = (&*slice.world, slice.year);
    let mut found = Vec::new();
    for (place, version, days) in world.versions.within(span) {
        let Some(rule) = version.rulebook.rules().iter().find(|rule| rule.id == id) else {
            continue;
        };
        let (frame, kind) = match rule.on {
            On::Fact(kind) => {
                let needed = needed_columns(&version.rulebook, kind, [rule].into_iter());
                (world.frame(&version.rulebook, kind, Reach::one_unit(days, unit), &needed)?, Some(kind))
            }
            On::Period(period) => {
                let mut ended = periods(year, period);
                ended.retain(|period| days.contains(period.last));
                let needed: BTreeSet<&str> = read(rule).map(|(_, stored, _)| stored).collect();
                let sources = Sources { world, version: place, points: slice.lines(Currency::Points) };
                let rows = rows(&sources, &needed, &ended, &mut Notes::default())?;
                let is_own = col("unit").eq(crate::expression::typed_lit(unit));
                (rows.lazy().filter(is_own).collect()?, None)
            }
        };
        for row in 0..frame.height() {
            let row = frame.slice(i64::try_from(row).unwrap_or(i64::MAX), 1);
            let is_excluded = match kind {
                Some(kind) => match super::tariff::excluded(world, &version.rulebook, kind) {
                    Some(excluded) => row.clone().lazy().filter(excluded).collect()?.height() > 0,
                    None => false,
                },
                None => false,
            };
            let obstacles = match &rule.filter {
                Some(filter) => obstacles(world, filter, &row)?,
                None => Vec::new(),
            };
            if obstacles.is_empty() && !is_excluded {
                continue;
            }
            let fact = match kind {
                Some(kind) => row.column("id")?.i64()?.get(0).map(|id| FactRef { kind, id }),
                None => None,
            };
            let day = row.column(DAY)?.i32()?.get(0).map(day_of).unwrap_or_default();
            let obstacles = if is_excluded { Vec::new() } else { obstacles };
            found.push(WhyNot { version: version.id, rule: id.to_owned(), fact, day, obstacles });
        }
    }
    found.sort_by_key(|why| (why.day, why.fact));
    Ok(found)
}

fn read(rule: &Rule) -> impl Iterator<Item = (&str, &str, Type)> {
    rule.filter.iter().chain([&rule.amount]).flat_map(|expression| expression.columns())
}

/// The parts of a condition, joined by AND, that do not hold for the row.
fn obstacles(world: &World, filter: &Expression, row: &DataFrame) -> PolarsResult<Vec<Obstacle>> {
    let mut parts = Vec::new();
    flatten(&filter.root, &mut parts);
    let mut obstacles = Vec::new();
    for part in parts {
        let condition = Expression { root: part.clone() };
        if row.clone().lazy().filter(condition.plan(&world.codes)).collect()?.height() > 0 {
            continue;
        }
        let input = |(name, stored, of): (&str, &str, Type)| {
            let value = row.column(stored)?.get(0)?;
            Ok(Input { name: name.to_owned(), value: text(world, &value, of) })
        };
        let inputs = condition.columns().into_iter().map(input).collect::<PolarsResult<_>>()?;
        obstacles.push(Obstacle { condition: part.to_string(), inputs, short: short(world, part, row)? });
    }
    Ok(obstacles)
}

fn flatten<'n>(node: &'n Node, parts: &mut Vec<&'n Node>) {
    match &node.op {
        Op::And(inner) => inner.iter().for_each(|part| flatten(part, parts)),
        _ => parts.push(node),
    }
}

/// The right side of a comparison of numbers minus its left side.
fn short(world: &World, node: &Node, row: &DataFrame) -> PolarsResult<Option<Points>> {
    let Op::Compare(_, left, right) = &node.op else {
        return Ok(None);
    };
    let unit = match left.of {
        Type::Integer => SCALE,
        Type::Decimal => 1,
        Type::Boolean | Type::Date | Type::Code(_) => return Ok(None),
    };
    let side = |side: &Node, name: &str| {
        let expression = Expression { root: side.clone() };
        expression.plan(&world.codes).cast(DataType::Int64).alias(name)
    };
    let sides = row.clone().lazy().with_columns([side(left, "left_side"), side(right, "right_side")]).collect()?;
    let number = |name: &str| -> PolarsResult<Option<i64>> {
        Ok(match sides.column(name)?.get(0)? {
            AnyValue::Int64(number) => Some(number),
            _ => None,
        })
    };
    let difference = number("right_side")?.zip(number("left_side")?).and_then(|(right, left)| right.checked_sub(left));
    Ok(difference.and_then(|difference| difference.checked_mul(unit)).map(Points::from_millionths))
}
