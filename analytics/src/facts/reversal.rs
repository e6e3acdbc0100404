//! Lines of the ledger that were taken back after an appeal (申诉冲正), or by a correction of what a closed period holds.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Facts;
use super::journal::Touch;
use crate::points::{Money, Points};

/// A line of the ledger that an appeal or a correction took back: what it took is given, what it gave is taken.
///
/// No rule reads a reversal, and no cap, floor or zeroing applies to it: it undoes what a line did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversalRow {
    /// The appeal's id, or the negative id of the correction.
    pub id: i64,
    /// The unit whose line it was.
    pub unit: i64,
    /// The line's key.
    pub line: String,
    /// The line's own day.
    pub line_day: NaiveDate,
    /// The id of the rulebook version that gave the line.
    pub version: i64,
    /// The rule that gave it.
    pub rule: String,
    /// Where the rule stands in the document.
    pub clause: String,
    /// What the rule rewards or punishes.
    pub title: String,
    /// The submission that the line was about, if it was about one.
    pub submission: Option<i64>,
    /// Points that the reversal gives, or takes when negative.
    pub points: Points,
    /// Money that the reversal gives, or takes when negative.
    pub money: Money,
    /// The day on which it counts.
    pub day: NaiveDate,
}

impl ReversalRow {
    /// Key of the line that it is in the ledger.
    pub fn key(&self) -> String {
        match self.appeal() {
            Some(id) => format!("reversal@appeal:{id}"),
            None => format!("reversal@correction:{}", -self.id),
        }
    }

    /// The appeal that it comes from, if it does.
    pub fn appeal(&self) -> Option<i64> {
        Some(self.id).filter(|id| *id > 0)
    }
}

impl Facts {
    /// Adds a reversal, or replaces the one of that id.
    pub fn upsert_reversal(&mut self, row: &ReversalRow) {
        if let Some(record) = &mut self.record {
            record.reversals.push(row.clone());
        }
        let old = self.beside.reversals.get(row.id).map(|old| old.unit);
        for unit in old.into_iter().chain([row.unit]) {
            self.journal.write([Touch::Fact { unit, submission: None }]);
        }
        Arc::make_mut(&mut self.beside).reversals.insert(row.id, row.clone());
    }

    /// The reversals, in the order of their ids.
    pub fn reversals(&self) -> impl Iterator<Item = &ReversalRow> {
        self.beside.reversals.values()
    }

    /// The same facts, a reversal on another day.
    pub fn date_reversal(&mut self, id: i64, day: NaiveDate) {
        if let Some(row) = self.beside.reversals.get(id).cloned() {
            self.journal.write([Touch::Fact { unit: row.unit, submission: None }]);
            Arc::make_mut(&mut self.beside).reversals.insert(id, ReversalRow { day, ..row });
        }
    }
}
