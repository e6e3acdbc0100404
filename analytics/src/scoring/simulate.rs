//! What a draft of the rules would change.

use std::collections::{BTreeMap, BTreeSet};

use super::{RankingRow, Versions, score};
use crate::facts::Facts;
use crate::period::Span;
use crate::points::Points;

/// What a draft changes for one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The unit.
    pub unit: i64,
    /// Its category under the draft, or the one it has now if the draft ranks it in none.
    pub category: String,
    /// Its points under the rules in force; `None` if these do not rank it.
    pub before: Option<Points>,
    /// Its points under the draft; `None` if it does not rank it.
    pub after: Option<Points>,
    /// Its rank under the rules in force.
    pub rank_before: Option<u32>,
    /// Its rank under the draft.
    pub rank_after: Option<u32>,
}

impl Change {
    /// What the draft gives more, or less, than the rules in force.
    pub fn difference(&self) -> Points {
        self.after.unwrap_or_default().checked_sub(self.before.unwrap_or_default()).unwrap_or_default()
    }
}

/// Scores a year under the rules in force and under a draft, and compares every unit over the span: in the order of the draft's ranking,
/// then those that it does not rank.
pub fn simulate(in_force: &Versions, draft: &Versions, facts: &Facts, year: Span, span: Span) -> Vec<Change> {
    let before = score(in_force, facts, year).ranking(span, None);
    let after = score(draft, facts, year).ranking(span, None);
    compare(&before, &after)
}

/// Every unit's place in two rankings of one span: in the order of the second, then those that it does not have.
pub fn compare(before: &[RankingRow], after: &[RankingRow]) -> Vec<Change> {
    let ranked: BTreeSet<i64> = after.iter().map(|row| row.unit).collect();
    let known: BTreeMap<i64, &RankingRow> = before.iter().map(|row| (row.unit, row)).collect();
    let change = |after: &RankingRow| {
        let before = known.get(&after.unit);
        Change {
            unit: after.unit,
            category: after.category.clone(),
            before: before.map(|row| row.points),
            after: Some(after.points),
            rank_before: before.map(|row| row.rank),
            rank_after: Some(after.rank),
        }
    };
    let gone = before.iter().filter(|row| !ranked.contains(&row.unit)).map(|row| Change {
        unit: row.unit,
        category: row.category.clone(),
        before: Some(row.points),
        after: None,
        rank_before: Some(row.rank),
        rank_after: None,
    });
    after.iter().map(change).chain(gone).collect()
}
