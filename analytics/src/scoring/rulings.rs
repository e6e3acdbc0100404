//! What the rules make of one incident before it counts, and what they leave to a person.

use std::collections::BTreeSet;

use polars::prelude::{DataFrame, DataType, IntoLazy, PolarsResult, col, lit};

use super::tariff::{excluded, needed_columns};
use super::world::{Reach, World};
use super::{Amount, SOUND, Versions};
use crate::expression::typed_lit;
use crate::facts::{DAY, FactKind, Facts, day_of};
use crate::period::Span;
use crate::points::{Money, Points};
use crate::rulebook::{Currency, On, Rule};

/// The column in which a rule reads what a person decided.
const DECIDED: &str = "decided_points";

/// What one rule makes of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// The rule.
    pub rule: String,
    /// Where it stands in the document.
    pub clause: String,
    /// What it punishes, in a few words.
    pub title: String,
    /// What it gives for the incident as it is; none while a value that it reads is missing.
    pub amount: Option<Amount>,
    /// Between which amounts a person decides, if the clause gives a range.
    pub range: Option<(Amount, Amount)>,
    /// Whether the amount depends on what a person decides.
    pub is_decided: bool,
}

impl Ruling {
    /// Whether the amount waits for somebody's decision.
    pub fn is_open(&self) -> bool {
        self.is_decided && self.amount.is_none()
    }

    /// Whether the amount lies within the clause's range.
    pub fn is_within(&self) -> bool {
        let Some((least, most)) = self.range else { return true };
        self.amount.is_none_or(|amount| raw(least) <= raw(amount) && raw(amount) <= raw(most))
    }
}

/// What the rules in force on its day make of an incident that is among `facts`, in the order of the document.
pub fn rulings(versions: &Versions, facts: &Facts, incident: i64) -> Vec<Ruling> {
    find(versions, facts, incident).expect(SOUND)
}

fn find(versions: &Versions, facts: &Facts, incident: i64) -> PolarsResult<Vec<Ruling>> {
    let is_meant = || col("id").eq(typed_lit(incident));
    let known = facts.table(FactKind::Incident).frame().clone().lazy().filter(is_meant()).collect()?;
    let (Some(day), Some(unit)) = (known.column(DAY)?.i32()?.get(0), known.column("unit")?.i64()?.get(0)) else {
        return Ok(Vec::new());
    };
    let day = day_of(day);
    let Some(version) = versions.on(day) else { return Ok(Vec::new()) };
    let rulebook = &*version.rulebook;
    let rules: Vec<&Rule> = rulebook.rules().iter().filter(|rule| rule.on == On::Fact(FactKind::Incident)).collect();
    let needed: BTreeSet<&str> = needed_columns(rulebook, FactKind::Incident, rules.iter().copied());
    let world = World::new(versions, facts);
    let reach = Reach::one_unit(Span { first: day, last: day }, unit);
    let frame = world.frame(rulebook, FactKind::Incident, reach, &needed)?.lazy().filter(is_meant());
    let left = excluded(&world, rulebook, FactKind::Incident).unwrap_or_else(|| lit(false)).not();
    let frame = frame.filter(left).collect()?;
    let mut found = Vec::new();
    for rule in rules {
        let condition = rule.filter.as_ref().map_or_else(|| lit(true), |filter| filter.plan(&world.codes));
        let row = frame.clone().lazy().filter(condition).collect()?;
        if row.height() > 0 {
            found.push(ruling(&world, rule, &row)?);
        }
    }
    Ok(found)
}

fn ruling(world: &World, rule: &Rule, row: &DataFrame) -> PolarsResult<Ruling> {
    let amount = rule.amount.plan(&world.codes).cast(DataType::Int64).alias("each");
    let amount = row.clone().lazy().with_column(amount).collect()?.column("each")?.i64()?.get(0);
    let of = |raw: i64| match rule.currency {
        Currency::Points => Amount::Points(Points::from_millionths(raw)),
        Currency::Money => Amount::Money(Money::from_fen(raw)),
    };
    Ok(Ruling {
        rule: rule.id.clone(),
        clause: rule.clause.clone(),
        title: rule.title.clone(),
        amount: amount.map(of),
        range: rule.range.map(|(least, most)| (of(least), of(most))),
        is_decided: rule.amount.columns().iter().any(|(_, stored, _)| *stored == DECIDED),
    })
}

fn raw(amount: Amount) -> i64 {
    match amount {
        Amount::Points(points) => points.millionths(),
        Amount::Money(money) => money.fen(),
    }
}
