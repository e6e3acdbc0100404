//! Step 3: several facts on one submission under one rule.
//!
//! Facts of earlier years take part, so that an item that has earned once does not earn again when the year turns. Figures
//! that stand for many items have no submission and are never combined.
//!
//! What counted by the end of a closed period goes on counting there. A later fact that would take its place gives the difference.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use polars::prelude::{BooleanChunked, DataFrame, Int64Chunked, IntoColumn, NewChunkedArray, PolarsResult};

use crate::facts::{DAY, day_number};
use crate::period::Span;
use crate::rulebook::Combine;

/// The lines of one rule, all versions together.
pub(super) struct Combined {
    /// The lines that count.
    pub(super) kept: DataFrame,
    /// The lines that another one of the same submission stands for.
    pub(super) merged: DataFrame,
}

/// A line on a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    unit: i64,
    submission: i64,
    day: i32,
    fact: i64,
    amount: i64,
    row: usize,
}

/// Combines the lines of one rule. `modes` holds how each of the frames that the lines were made of combines, and `heights` how many lines
/// each of them has.
pub(super) fn combine(
    lines: &DataFrame,
    modes: &[(Combine, usize)],
    closed: &BTreeSet<Span>,
) -> PolarsResult<Combined> {
    if modes.iter().all(|(mode, _)| *mode == Combine::Sum) {
        return Ok(Combined { merged: lines.clear(), kept: lines.clone() });
    }
    let mode_of: Vec<Combine> = modes.iter().flat_map(|(mode, height)| std::iter::repeat_n(*mode, *height)).collect();
    let mut counts: Vec<bool> = mode_of.iter().map(|mode| *mode == Combine::Sum).collect();
    let closed: Vec<(i32, i32)> = closed.iter().map(|span| (day_number(span.first), day_number(span.last))).collect();
    let mut entries = Vec::with_capacity(lines.height());
    let (units, submissions) = (lines.column("unit")?.i64()?, lines.column("submission")?.i64()?);
    let (days, facts) = (lines.column(DAY)?.i32()?, lines.column("fact")?.i64()?);
    let amounts = lines.column("amount")?.i64()?;
    let rows = units.iter().zip(submissions.iter()).zip(days.iter().zip(facts.iter()).zip(amounts.iter()));
    for (row, ((unit, submission), ((day, fact), amount))) in rows.enumerate() {
        let (Some(unit), Some(day), Some(fact), Some(amount)) = (unit, day, fact, amount) else { continue };
        match submission {
            Some(submission) => entries.push(Entry { unit, submission, day, fact, amount, row }),
            None => counts[row] = true,
        }
    }
    entries.sort_unstable();
    let mut reduced: Vec<(usize, i64)> = Vec::new();
    for item in entries.chunk_by(|left, right| (left.unit, left.submission) == (right.unit, right.submission)) {
        for (entry, _) in winners(item, &closed, |entry| (entry.day, entry.fact), true) {
            counts[entry.row] |= mode_of[entry.row] == Combine::Once;
        }
        for (entry, given) in winners(item, &closed, |entry| (Reverse(entry.amount), entry.day, entry.fact), false) {
            if mode_of[entry.row] == Combine::Highest {
                counts[entry.row] = true;
                reduced.extend((given != 0).then_some((entry.row, given)));
            }
        }
    }
    let mask: BooleanChunked = counts.iter().map(|counts| Some(*counts)).collect();
    let merged = lines.filter(&!&mask)?;
    if reduced.is_empty() {
        return Ok(Combined { kept: lines.filter(&mask)?, merged });
    }
    let mut lines = lines.clone();
    let mut left: Vec<Option<i64>> = amounts.iter().collect();
    let mut read: Vec<Option<i64>> = lines.column("read")?.i64()?.iter().collect();
    for (row, given) in reduced {
        left[row] = left[row].map(|amount| amount - given);
        read[row] = Some(given);
    }
    for (name, numbers) in [("amount", left), ("read", read)] {
        lines.with_column(Int64Chunked::from_iter_options(name.into(), numbers.into_iter()).into_column())?;
    }
    Ok(Combined { kept: lines.filter(&mask)?, merged })
}

/// The lines of an item that count, each with what closed periods have given for the item before: the first one in an order, as it was by the
/// end of each closed period, and as it is now. Whatever `once` counted in a closed period is all that there is.
fn winners<K: Ord>(
    item: &[Entry],
    closed: &[(i32, i32)],
    order: impl Fn(&Entry) -> K,
    once: bool,
) -> Vec<(Entry, i64)> {
    let first = |until: i32| item.iter().filter(|entry| entry.day <= until).min_by_key(|entry| order(entry)).copied();
    let mut found: Vec<(Entry, i64)> = Vec::new();
    let mut given = 0;
    let within = |entry: &Entry| closed.iter().find(|(first, last)| (*first..=*last).contains(&entry.day));
    if !closed.is_empty() {
        let mut ends: Vec<(i32, i32)> = item.iter().filter_map(within).copied().collect();
        ends.sort_unstable();
        ends.dedup();
        for (begin, end) in ends {
            let best = first(end).filter(|best| best.day >= begin && (found.is_empty() || !once));
            if let Some(best) = best.filter(|best| found.is_empty() || best.amount > given) {
                found.push((best, given));
                given = best.amount;
            }
        }
    }
    let best = first(i32::MAX).filter(|best| within(best).is_none());
    if let Some(best) = best.filter(|best| found.is_empty() || (!once && best.amount > given)) {
        found.push((best, given));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(day: i32, amount: i64) -> Entry {
        Entry { unit: 1, submission: 1, day, fact: day.into(), amount, row: 0 }
    }

    fn highest(item: &[Entry], closed: &[(i32, i32)]) -> Vec<(i32, i64)> {
        let found = winners(item, closed, |entry| (Reverse(entry.amount), entry.day, entry.fact), false);
        found.into_iter().map(|(entry, given)| (entry.day, entry.amount - given)).collect()
    }

    #[test]
    fn a_closed_period_keeps_what_it_gave_and_the_difference_comes_later() {
        let item = [entry(5, 10), entry(15, 40), entry(25, 20)];
        assert_eq!(highest(&item, &[]), [(15, 40)]);
        assert_eq!(highest(&item, &[(1, 10)]), [(5, 10), (15, 30)]);
        assert_eq!(highest(&item, &[(1, 10), (11, 20)]), [(5, 10), (15, 30)]);
        assert_eq!(highest(&item, &[(1, 20)]), [(15, 40)]);
        assert_eq!(highest(&item, &[(11, 20)]), [(15, 40)], "nothing was given where nothing was closed");
        assert_eq!(highest(&item, &[(21, 30)]), [(15, 40)]);
    }

    #[test]
    fn what_counted_once_in_a_closed_period_is_all_there_is() {
        let once = |item: &[Entry], closed: &[(i32, i32)]| {
            let found = winners(item, closed, |entry| (entry.day, entry.fact), true);
            found.into_iter().map(|(entry, _)| entry.day).collect::<Vec<_>>()
        };
        assert_eq!(once(&[entry(5, 10), entry(15, 10)], &[]), [5]);
        assert_eq!(once(&[entry(5, 10), entry(15, 10)], &[(1, 10)]), [5]);
        assert_eq!(once(&[entry(5, 10), entry(15, 10)], &[(11, 20)]), [5]);
        assert_eq!(once(&[entry(15, 10), entry(25, 10)], &[(21, 30)]), [15]);
    }
}
