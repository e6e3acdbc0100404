//! The lines of the ledger as they leave the library: from an amount to its rule, its clause, its facts and what it read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use polars::prelude::{AnyValue, DataFrame, IntoLazy, PolarsResult, col};

use super::periodic::{Grid, ending_on};
use super::slice::Slice;
use super::tariff::needed_columns;
use super::total::is_within;
use super::world::{Reach, Statement, World};
use super::{Amount, RuleRef};
use crate::expression::{Type, typed_lit};
use crate::facts::{DAY, FactKind, day_of};
use crate::period::Span;
use crate::points::{Money, Points};
use crate::rulebook::{Currency, On, Rule};

/// A fact that a line rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactRef {
    /// Its kind.
    pub kind: FactKind,
    /// Its id among the facts of its kind.
    pub id: i64,
}

/// A value that a rule read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The column's name.
    pub name: String,
    /// The value as text; `null` where there is none.
    pub value: String,
}

/// One line of the ledger: an amount and everything that it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Stable: the same facts under the same rules give the line the same key.
    pub key: String,
    /// The id of the rulebook version.
    pub version: i64,
    /// The rule's id; `rounding` for the line that rounds a total.
    pub rule: String,
    /// Where the rule stands in the document.
    pub clause: String,
    /// What the rule rewards or punishes.
    pub title: String,
    /// The unit.
    pub unit: i64,
    /// The day that the line counts on: a fact's own, or the last one of a period.
    pub day: NaiveDate,
    /// The submission that it is about, if it is about one.
    pub submission: Option<i64>,
    /// The facts that it rests on, in order. A period's line rests on every fact that was counted.
    pub facts: Vec<FactRef>,
    /// The values that the rule read, in the order of the rule's text.
    pub inputs: Vec<Input>,
    /// What it gives or takes.
    pub amount: Amount,
    /// A remark in words.
    pub note: Option<String>,
    /// The key of the line that this one takes back.
    pub reverses: Option<String>,
    /// The appeal that took it back.
    pub appeal: Option<i64>,
}

/// A line as the ledger keeps it.
pub(super) struct Entry {
    pub(super) number: u32,
    /// The rule on facts that an adjustment changes a line of.
    pub(super) base: Option<u32>,
    rule: RuleRef,
    pub(super) day: NaiveDate,
    submission: Option<i64>,
    pub(super) fact: Option<i64>,
    pub(super) read: Option<i64>,
    amount: i64,
}

/// What a line says beside its amount.
#[derive(Default)]
pub(super) struct Reasons {
    pub(super) facts: Vec<FactRef>,
    pub(super) inputs: Vec<Input>,
}

/// The lines of a unit in a span, by day, then in the order of the rulebook, then by fact.
pub(super) fn lines(slice: &Slice, unit: i64, span: Span, currency: Currency) -> PolarsResult<Vec<Line>> {
    let ledger = slice.lines(currency);
    let own = ledger.clone().lazy().filter(col("unit").eq(typed_lit(unit)).and(is_within(span))).collect()?;
    let mut entries = entries(&slice.world, &own)?;
    entries.sort_by_key(|entry| (entry.day, entry.rule.version, entry.rule.rule, entry.fact, entry.base));
    let reach = Reach::one_unit(span, unit);
    let (of_rules, changes): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().partition(|entry| matches!(slice.world.statement(entry.number).2, Statement::Rule(_)));
    let by_fact = fact_reasons(slice, reach, unit, &of_rules)?;
    let by_period = period_reasons(slice, unit, &of_rules)?;
    let line = |entry: &Entry| {
        let version = slice.world.versions.at(entry.rule.version);
        let rule = &version.rulebook.rules()[entry.rule.rule];
        let (suffix, reasons) = match (rule.on, entry.fact) {
            (On::Fact(kind), Some(fact)) => (format!("{kind}:{fact}"), by_fact.get(&(entry.rule, fact))),
            (On::Fact(_) | On::Period(_), _) => {
                (format!("unit:{unit}:{}", entry.day), by_period.get(&(entry.rule, entry.day)))
            }
        };
        let (facts, inputs) =
            reasons.map_or((Vec::new(), Vec::new()), |reasons| (reasons.facts.clone(), reasons.inputs.clone()));
        let others = if matches!(rule.on, On::Fact(_)) { facts.len().saturating_sub(1) } else { 0 };
        Line {
            key: format!("{}@{suffix}", rule.id),
            version: version.id,
            rule: rule.id.clone(),
            clause: rule.clause.clone(),
            title: rule.title.clone(),
            unit,
            day: entry.day,
            submission: entry.submission,
            facts,
            inputs,
            amount: amount_in(currency, entry.amount),
            note: (others > 0).then(|| format!("{others} more facts on the same submission are counted with this one")),
            reverses: None,
            appeal: None,
        }
    };
    let mut lines: Vec<(_, Line)> = of_rules.iter().map(|entry| (order(entry), line(entry))).collect();
    let whole_year = ledger.clone().lazy().filter(col("unit").eq(typed_lit(unit))).collect()?;
    for entry in &changes {
        let line = changed(slice, entry, unit, currency, &whole_year)?;
        lines.push((order(entry), line));
    }
    lines.sort_by_key(|(order, _)| *order);
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

fn order(entry: &Entry) -> (NaiveDate, usize, usize, Option<i64>, Option<u32>) {
    (entry.day, entry.rule.version, entry.rule.rule, entry.fact, entry.base)
}

/// The line of an adjustment.
fn changed(slice: &Slice, entry: &Entry, unit: i64, currency: Currency, whole_year: &DataFrame) -> PolarsResult<Line> {
    let world = &slice.world;
    let (_, version, statement) = world.statement(entry.number);
    let Statement::Adjustment(adjustment) = statement else {
        unreachable!("rules are not adjustments");
    };
    let base = entry.base.map(|base| world.rule(base).2);
    let suffix = match (base.map(|rule| (rule.on, &rule.id)), entry.fact) {
        (Some((On::Fact(kind), id)), Some(fact)) => format!("{kind}:{fact}:{id}:unit:{unit}"),
        _ => format!("unit:{unit}:{}", entry.day),
    };
    let Reasons { facts, inputs } = super::reasons::of_change(slice, entry, unit, currency, whole_year)?;
    Ok(Line {
        key: format!("{}@{suffix}", adjustment.id),
        version: version.id,
        rule: adjustment.id.clone(),
        clause: adjustment.clause.clone(),
        title: adjustment.title.clone(),
        unit,
        day: entry.day,
        submission: entry.submission,
        facts,
        inputs,
        amount: amount_in(currency, entry.amount),
        note: base.map(|rule| format!("changes what \"{}\" gave", rule.id)),
        reverses: None,
        appeal: None,
    })
}

/// An amount of the ledger in its currency.
pub(super) fn amount_in(currency: Currency, amount: i64) -> Amount {
    match currency {
        Currency::Points => Amount::Points(Points::from_millionths(amount)),
        Currency::Money => Amount::Money(Money::from_fen(amount)),
    }
}

pub(super) fn entries(world: &World, ledger: &DataFrame) -> PolarsResult<Vec<Entry>> {
    let (rules, days) = (ledger.column("rule")?.u32()?, ledger.column(DAY)?.i32()?);
    let (submissions, facts) = (ledger.column("submission")?.i64()?, ledger.column("fact")?.i64()?);
    let (bases, reads) = (ledger.column("base")?.u32()?, ledger.column("read")?.i64()?);
    let amounts = ledger.column("amount")?.i64()?;
    let entry = |row: usize| {
        Some(Entry {
            number: rules.get(row)?,
            base: bases.get(row),
            rule: world.statement(rules.get(row)?).0,
            day: day_of(days.get(row)?),
            submission: submissions.get(row),
            fact: facts.get(row),
            read: reads.get(row),
            amount: amounts.get(row)?,
        })
    };
    Ok((0..ledger.height()).filter_map(entry).collect())
}

/// For each line of a rule on facts: its fact, the facts it stands for, and what the rule read.
fn fact_reasons(
    slice: &Slice,
    reach: Reach,
    unit: i64,
    entries: &[Entry],
) -> PolarsResult<HashMap<(RuleRef, i64), Reasons>> {
    let world = &slice.world;
    let mut frames: BTreeMap<(usize, FactKind), (DataFrame, HashMap<i64, usize>)> = BTreeMap::new();
    let merged = merged_facts(slice, unit)?;
    let mut reasons = HashMap::new();
    for entry in entries {
        let version = world.versions.at(entry.rule.version);
        let rule = &version.rulebook.rules()[entry.rule.rule];
        let (On::Fact(kind), Some(fact)) = (rule.on, entry.fact) else {
            continue;
        };
        let (frame, rows) = match frames.entry((entry.rule.version, kind)) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(vacant) => {
                let rules = version.rulebook.rules().iter().filter(|rule| rule.on == On::Fact(kind));
                let needed = needed_columns(&version.rulebook, kind, rules);
                let frame = world.frame(&version.rulebook, kind, reach, &needed)?;
                let rows = frame.column("id")?.i64()?.iter().flatten().zip(0..).collect();
                vacant.insert((frame, rows))
            }
        };
        let mut facts = vec![FactRef { kind, id: fact }];
        let key = entry.submission.map(|submission| (rule.id.as_str(), submission));
        // A line of a closed period says what was known by the end of it.
        let limit = world.facts.closed_until(entry.day).unwrap_or(NaiveDate::MAX);
        let others = key.and_then(|key| merged.get(&key)).into_iter().flatten().filter(|(day, _)| *day <= limit);
        facts.extend(others.map(|(_, id)| FactRef { kind, id: *id }));
        facts.sort_unstable();
        let inputs = match rows.get(&fact) {
            Some(row) => fact_inputs(world, rule, frame, *row)?,
            None => Vec::new(),
        };
        reasons.insert((entry.rule, fact), Reasons { facts, inputs });
    }
    Ok(reasons)
}

/// Facts with their days, by rule id and submission.
type Merged<'w> = HashMap<(&'w str, i64), Vec<(NaiveDate, i64)>>;

/// The facts of a unit that other facts of the same submission stand for, by rule id and submission.
fn merged_facts(slice: &Slice, unit: i64) -> PolarsResult<Merged<'_>> {
    let own = slice.merged.clone().lazy().filter(col("unit").eq(typed_lit(unit))).collect()?;
    let mut merged = Merged::new();
    let (rules, submissions) = (own.column("rule")?.u32()?, own.column("submission")?.i64()?);
    let facts = own.column(DAY)?.i32()?.iter().zip(own.column("fact")?.i64()?.iter());
    for ((rule, submission), (day, fact)) in rules.iter().zip(submissions.iter()).zip(facts) {
        let (Some(rule), Some(submission), Some(day), Some(fact)) = (rule, submission, day, fact) else {
            continue;
        };
        let (_, _, rule) = slice.world.rule(rule);
        merged.entry((&rule.id, submission)).or_default().push((day_of(day), fact));
    }
    Ok(merged)
}

/// For each line of a rule on periods: what was counted, and what the rule read.
fn period_reasons(slice: &Slice, unit: i64, entries: &[Entry]) -> PolarsResult<HashMap<(RuleRef, NaiveDate), Reasons>> {
    let world = &slice.world;
    let mut reasons = HashMap::new();
    for entry in entries {
        let version = world.versions.at(entry.rule.version);
        let rule = &version.rulebook.rules()[entry.rule.rule];
        let On::Period(period_unit) = rule.on else {
            continue;
        };
        let is_grid =
            |grid: &&Grid| grid.number.is_none() && grid.version == entry.rule.version && grid.unit == period_unit;
        let Some(grid) = slice.grids.iter().find(is_grid) else {
            continue;
        };
        let Some(period) = ending_on(grid, entry.day) else {
            continue;
        };
        let is_row = col("unit").eq(typed_lit(unit)).and(col(DAY).eq(typed_lit(crate::facts::day_number(entry.day))));
        let row = grid.rows.clone().lazy().filter(is_row).collect()?;
        let columns = read_columns(rule);
        let mut facts = BTreeSet::new();
        for count in version.rulebook.counts().iter().filter(|count| columns.iter().any(|column| column.0 == count.id))
        {
            facts.extend(super::reasons::counted(world, &version.rulebook, count, period, unit)?);
        }
        let inputs = if row.height() == 1 { inputs(world, &columns, &row, 0)? } else { Vec::new() };
        reasons.insert((entry.rule, entry.day), Reasons { facts: facts.into_iter().collect(), inputs });
    }
    Ok(reasons)
}

/// The columns that a rule reads, each once, the condition's before the amount's: name, name in the frame, type.
fn read_columns(rule: &Rule) -> Vec<(&str, &str, Type)> {
    let mut columns: Vec<(&str, &str, Type)> = Vec::new();
    for column in rule.filter.iter().chain([&rule.amount]).flat_map(|expression| expression.columns()) {
        if columns.iter().all(|known| known.0 != column.0) {
            columns.push(column);
        }
    }
    columns
}

/// What a rule on facts read; a figure that stands for several facts tells for how many.
fn fact_inputs(world: &World, rule: &Rule, frame: &DataFrame, row: usize) -> PolarsResult<Vec<Input>> {
    let mut columns = read_columns(rule);
    let is_tally = frame.column("count")?.i64()?.get(row).is_some_and(|count| count > 1);
    if is_tally && columns.iter().all(|column| column.0 != "count") {
        columns.push(("count", "count", Type::Integer));
    }
    inputs(world, &columns, frame, row)
}

pub(super) fn inputs(
    world: &World,
    columns: &[(&str, &str, Type)],
    frame: &DataFrame,
    row: usize,
) -> PolarsResult<Vec<Input>> {
    let input = |(name, stored, of): &(&str, &str, Type)| {
        let value = frame.column(stored)?.get(row)?;
        Ok(Input { name: (*name).to_owned(), value: text(world, &value, *of) })
    };
    columns.iter().map(input).collect()
}

pub(super) fn text(world: &World, value: &AnyValue<'_>, of: Type) -> String {
    match (value, of) {
        (AnyValue::UInt32(code), Type::Code(_)) => world.codes.text(*code).to_owned(),
        (AnyValue::Boolean(flag), _) => flag.to_string(),
        (AnyValue::Int32(day), _) => day_of(*day).to_string(),
        (AnyValue::Int64(number), Type::Decimal) => Points::from_millionths(*number).to_string(),
        (AnyValue::Int64(number), _) => number.to_string(),
        _ => "null".to_owned(),
    }
}
