//! Lines that adjustments write, and the sums that they read.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{
    BooleanChunked, DataFrame, Int32Chunked, Int64Chunked, IntoColumn, IntoLazy, NewChunkedArray, PolarsResult,
    UInt32Chunked, col,
};

use super::counts::with_period;
use super::{LINE_COLUMNS, MAX_LINE};
use crate::facts::DAY;
use crate::period::Span;

/// A line on its way into the ledger.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draft {
    pub(super) rule: u32,
    /// The rule on facts that it changes a line of.
    pub(super) base: Option<u32>,
    pub(super) unit: i64,
    pub(super) day: i32,
    pub(super) submission: Option<i64>,
    pub(super) fact: Option<i64>,
    /// The number that it rests on: a factor, a sum, a whole.
    pub(super) read: i64,
    pub(super) amount: i64,
}

/// The lines as a piece of the ledger. A line of nothing is none; one that is too large to be summed safely is held at the
/// largest that is.
pub(super) fn frame(drafts: &[Draft]) -> PolarsResult<DataFrame> {
    let drafts: Vec<&Draft> = drafts.iter().filter(|draft| draft.amount != 0).collect();
    let number = |of: fn(&Draft) -> i64| drafts.iter().map(|draft| of(draft)).collect::<Vec<i64>>();
    let optional = |name: &str, of: fn(&Draft) -> Option<i64>| {
        Int64Chunked::from_iter_options(name.into(), drafts.iter().map(|draft| of(draft))).into_column()
    };
    let rules = drafts.iter().map(|draft| draft.rule).collect();
    let days = drafts.iter().map(|draft| draft.day).collect();
    let frame = DataFrame::new(
        drafts.len(),
        vec![
            UInt32Chunked::from_vec("rule".into(), rules).into_column(),
            UInt32Chunked::from_iter_options("base".into(), drafts.iter().map(|draft| draft.base)).into_column(),
            Int64Chunked::from_vec("unit".into(), number(|draft| draft.unit)).into_column(),
            Int32Chunked::from_vec(DAY.into(), days).into_column(),
            optional("submission", |draft| draft.submission),
            optional("fact", |draft| draft.fact),
            Int64Chunked::from_vec("read".into(), number(|draft| draft.read)).into_column(),
            Int64Chunked::from_vec("amount".into(), number(|draft| draft.amount.clamp(-MAX_SUM, MAX_SUM)))
                .into_column(),
        ],
    )?;
    frame.select(LINE_COLUMNS)
}

/// The most that one adjustment may move: a thousand lines.
const MAX_SUM: i64 = MAX_LINE * 1_000;

/// The lines that one of these rules or adjustments gave, adjustments of single facts with the rule that they change.
pub(super) fn chosen(lines: &DataFrame, numbers: &BTreeSet<u32>) -> PolarsResult<DataFrame> {
    let (rules, bases) = (lines.column("rule")?.u32()?, lines.column("base")?.u32()?);
    let mask = rules.iter().zip(bases.iter()).map(|(rule, base)| {
        let root = base.or(rule);
        root.is_some_and(|root| numbers.contains(&root))
    });
    lines.filter(&mask.collect::<BooleanChunked>())
}

/// What the lines come to for each unit and period that has some.
pub(super) fn sums(lines: &DataFrame, periods: &[Span]) -> PolarsResult<BTreeMap<(i64, u32), i64>> {
    let by = [col("unit"), col("period")];
    let lines = with_period(within_all(lines, periods)?, periods)?;
    let sums = lines.lazy().group_by(by).agg([col("amount").sum()]).collect()?;
    let (units, places) = (sums.column("unit")?.i64()?, sums.column("period")?.u32()?);
    let amounts = sums.column("amount")?.i64()?;
    let keys = units.iter().zip(places.iter());
    Ok(keys.zip(amounts.iter()).filter_map(|((unit, place), amount)| Some(((unit?, place?), amount?))).collect())
}

fn within_all(lines: &DataFrame, periods: &[Span]) -> PolarsResult<DataFrame> {
    match (periods.first(), periods.last()) {
        (Some(first), Some(last)) => super::world::within(lines, Span { first: first.first, last: last.last }),
        _ => Ok(lines.clear()),
    }
}

/// What one rule gave for one fact, all adjustments so far included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole {
    pub(super) root: u32,
    pub(super) unit: i64,
    pub(super) day: i32,
    pub(super) submission: Option<i64>,
    pub(super) fact: i64,
    pub(super) amount: i64,
}

/// What the chosen rules gave for single facts, in a stable order; `is_meant` says of a submission and a fact whether it is asked for.
pub(super) fn wholes(
    lines: &DataFrame,
    numbers: &BTreeSet<u32>,
    is_meant: impl Fn(Option<i64>, i64) -> bool,
) -> PolarsResult<Vec<Whole>> {
    let (rules, bases) = (lines.column("rule")?.u32()?, lines.column("base")?.u32()?);
    let (units, days) = (lines.column("unit")?.i64()?, lines.column(DAY)?.i32()?);
    let (submissions, facts) = (lines.column("submission")?.i64()?, lines.column("fact")?.i64()?);
    let amounts = lines.column("amount")?.i64()?;
    let mut wholes = Vec::new();
    let rows = rules.iter().zip(bases.iter()).zip(units.iter().zip(days.iter()));
    let rows = rows.zip(submissions.iter().zip(facts.iter()).zip(amounts.iter()));
    for (((rule, base), (unit, day)), ((submission, fact), amount)) in rows {
        let (Some(root), Some(unit), Some(fact)) = (base.or(rule), unit, fact) else { continue };
        let (Some(day), Some(amount)) = (day, amount) else { continue };
        if numbers.contains(&root) && is_meant(submission, fact) {
            wholes.push(Whole { root, unit, day, submission, fact, amount });
        }
    }
    wholes.sort_by_key(|whole| (whole.root, whole.fact, whole.unit));
    // Of one fact, the line of the rule comes first and says day and submission.
    wholes.dedup_by(|next, whole| {
        let is_same = (next.root, next.fact, next.unit) == (whole.root, whole.fact, whole.unit);
        if is_same {
            whole.amount += next.amount;
        }
        is_same
    });
    Ok(wholes)
}
