//! What is known about facts beside their own rows: decisions, joint work, tasks from above.
//!
//! These rows are few, and no rule is written over them alone; rules read them as columns of the facts that they belong to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Facts, ReversalRow};
use crate::period::Span;
use crate::points::Points;

/// What is known about a submission beside its report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemRow {
    /// The submission.
    pub submission: i64,
    /// Whether it says nearly the same as an earlier one (内容雷同).
    pub near_duplicate: bool,
    /// The quality coefficient that a person decided for it, from 0 to 100.
    pub coefficient: Option<Points>,
    /// The day of the event that it reports, which its kind's deadline runs from.
    pub happened_on: Option<NaiveDate>,
}

/// In which capacity somebody shares an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditRole {
    /// A unit that reported it together with others (联合报送).
    Unit,
    /// A person who wrote it. Persons are units of a category of their own.
    Author,
}

/// Somebody who shares an item. Where an item has such rows for a role, they name everybody in that role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditRow {
    /// The row's id.
    pub id: i64,
    /// The submission.
    pub submission: i64,
    /// The unit, or the person.
    pub unit: i64,
    /// In which capacity.
    pub role: CreditRole,
    /// The part that was agreed by hand, from 0 to 1.
    pub share: Option<Points>,
}

/// A superior named an incident (被上级点名通报).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamingRow {
    /// The incident.
    pub incident: i64,
    /// The superior's level, by its id in the rulebook.
    pub level: String,
}

/// A task from above, from a day on. Quotas that follow the task rise and fall with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRow {
    /// The row's id.
    pub id: i64,
    /// The task, by its id in the rulebook.
    pub task: String,
    /// The first day on which it is so large.
    pub first: NaiveDate,
    /// How large it is. A task of nothing or less is no task, and changes no quota.
    pub amount: Points,
}

/// The units above a unit over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentageRow {
    /// The unit.
    pub unit: i64,
    /// What it stood under, and when. Of two that hold on one day the later begun counts.
    pub parents: Vec<Parentage>,
}

/// A unit's time under another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parentage {
    /// The unit above.
    pub parent: i64,
    /// The first day.
    pub first: NaiveDate,
    /// The last day; `None` while it lasts.
    pub last: Option<NaiveDate>,
}

/// The rows of this file, by id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beside {
    pub(crate) items: BTreeMap<i64, ItemRow>,
    pub(crate) credits: BTreeMap<i64, CreditRow>,
    pub(crate) namings: BTreeMap<i64, NamingRow>,
    pub(crate) tasks: BTreeMap<i64, TaskRow>,
    pub(crate) parents: BTreeMap<i64, ParentageRow>,
    pub(crate) reversals: BTreeMap<i64, ReversalRow>,
    /// The submissions on which facts of closed periods rest: what is known of them beside is held as it is.
    pub(crate) held: BTreeSet<i64>,
    /// The closed periods.
    pub(crate) closed: BTreeSet<Span>,
}

impl Beside {
    /// Everybody who shares an item in a role, by submission: each once, in the order of ids.
    pub(crate) fn parties(&self, role: CreditRole) -> BTreeMap<i64, BTreeMap<i64, Option<Points>>> {
        let mut parties: BTreeMap<i64, BTreeMap<i64, Option<Points>>> = BTreeMap::new();
        for row in self.credits.values().filter(|row| row.role == role) {
            parties.entry(row.submission).or_default().insert(row.unit, row.share);
        }
        parties
    }

    /// The unit above `unit` on a day.
    pub(crate) fn parent_on(&self, unit: i64, day: NaiveDate) -> Option<i64> {
        let holds = |row: &&Parentage| row.first <= day && row.last.is_none_or(|last| day <= last);
        let parents = &self.parents.get(&unit)?.parents;
        parents.iter().filter(holds).max_by_key(|row| (row.first, row.parent)).map(|row| row.parent)
    }

    /// The unit and every unit above it on a day, the nearest first. A circle ends where it closes.
    pub(crate) fn lineage(&self, unit: i64, day: NaiveDate) -> Vec<i64> {
        let mut line = vec![unit];
        while let Some(parent) = line.last().and_then(|last| self.parent_on(*last, day)) {
            if line.contains(&parent) {
                break;
            }
            line.push(parent);
        }
        line
    }

    /// How large a task is on a day; `None` while nobody has changed it.
    pub(crate) fn task_on(&self, task: &str, day: NaiveDate) -> Option<Points> {
        let known = self.tasks.values().filter(|row| row.task == task && row.first <= day && row.amount > Points::ZERO);
        known.max_by_key(|row| (row.first, row.id)).map(|row| row.amount)
    }
}

/// A row of this file that may belong to a submission.
trait OfSubmission {
    fn of_submission(&self) -> Option<i64>;
}

macro_rules! of_submission {
    ($($row:ty: $read:expr;)*) => {$(
        impl OfSubmission for $row {
            fn of_submission(&self) -> Option<i64> {
                let read: fn(&Self) -> Option<i64> = $read;
                read(self)
            }
        }
    )*};
}

of_submission! {
    ItemRow: |row| Some(row.submission);
    CreditRow: |row| Some(row.submission);
    NamingRow: |_| None;
    TaskRow: |_| None;
    ParentageRow: |_| None;
}

impl Beside {
    fn holds(&self, row: &impl OfSubmission) -> bool {
        row.of_submission().is_some_and(|submission| self.held.contains(&submission))
    }
}

macro_rules! writers {
    ($($(#[$doc:meta])* $upsert:ident, $remove:ident, $row:ty, $rows:ident, $key:ident;)*) => {$(
        $(#[$doc])*
        pub fn $upsert(&mut self, row: &$row) {
            if let Some(record) = &mut self.record {
                record.$rows.push(row.clone());
            }
            if self.beside.holds(row) {
                return;
            }
            Arc::make_mut(&mut self.beside).$rows.insert(row.$key, row.clone());
        }

        /// Takes the row of that id away; `false` if there is none.
        pub fn $remove(&mut self, id: i64) -> bool {
            let is_free = |row: &$row| !self.beside.holds(row);
            self.beside.$rows.get(&id).is_some_and(is_free) && Arc::make_mut(&mut self.beside).$rows.remove(&id).is_some()
        }
    )*};
}

impl Facts {
    writers! {
        /// Adds what is known about a submission, or replaces it.
        upsert_item, remove_item, ItemRow, items, submission;
        /// Adds somebody who shares an item, or replaces the row of that id.
        upsert_credit, remove_credit, CreditRow, credits, id;
        /// Adds that a superior named an incident, or replaces it.
        upsert_naming, remove_naming, NamingRow, namings, incident;
        /// Adds a task from above, or replaces the row of that id.
        upsert_task, remove_task, TaskRow, tasks, id;
        /// Says what a unit stood under, in place of what was said before.
        upsert_parentage, remove_parentage, ParentageRow, parents, unit;
    }

    /// Takes away everybody who shares one of the items in a role, before those who share it are added anew.
    pub fn remove_credits_of(&mut self, submissions: &BTreeSet<i64>, role: CreditRole) {
        let is_of = |row: &CreditRow| row.role == role && submissions.contains(&row.submission);
        if self.beside.credits.values().any(is_of) {
            Arc::make_mut(&mut self.beside).credits.retain(|_, row| !is_of(row));
        }
    }

    pub(crate) fn beside(&self) -> &Beside {
        &self.beside
    }
}
