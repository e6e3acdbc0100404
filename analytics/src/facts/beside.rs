//! What is known about facts beside their own rows: decisions, joint work, tasks from above.
//!
//! These rows are few, and no rule is written over them alone; rules read them as columns of the facts that they belong to.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::credits::Credits;
use super::journal::Touch;
use super::paged::Paged;
use super::{FactKind, Facts, ReversalRow};
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
    pub(crate) items: Paged<ItemRow>,
    pub(crate) credits: Credits,
    pub(crate) namings: Paged<NamingRow>,
    pub(crate) tasks: Paged<TaskRow>,
    pub(crate) parents: Paged<ParentageRow>,
    pub(crate) reversals: Paged<ReversalRow>,
    /// The submissions on which facts of closed periods rest: what is known of them beside is held as it is.
    pub(crate) held: Paged<()>,
    /// The closed periods.
    pub(crate) closed: BTreeSet<Span>,
}

impl Beside {
    /// The unit above `unit` on a day.
    pub(crate) fn parent_on(&self, unit: i64, day: NaiveDate) -> Option<i64> {
        let holds = |row: &&Parentage| row.first <= day && row.last.is_none_or(|last| day <= last);
        let parents = &self.parents.get(unit)?.parents;
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
        row.of_submission().is_some_and(|submission| self.held.contains(submission))
    }
}

macro_rules! writers {
    ($($(#[$doc:meta])* $upsert:ident, $remove:ident, $row:ty, $rows:ident, $key:ident, $touch:ident;)*) => {$(
        $(#[$doc])*
        pub fn $upsert(&mut self, row: &$row) {
            if let Some(record) = &mut self.record {
                record.$rows.push(row.clone());
            }
            let is_held = |old: &$row| self.beside.holds(old);
            if is_held(row) || self.beside.$rows.get(row.$key).is_some_and(is_held) {
                return;
            }
            if let Some(old) = self.beside.$rows.get(row.$key).cloned() {
                self.$touch(&old);
            }
            self.$touch(row);
            Arc::make_mut(&mut self.beside).$rows.insert(row.$key, row.clone());
        }

        /// Takes the row of that id away; `false` if there is none.
        pub fn $remove(&mut self, id: i64) -> bool {
            let Some(row) = self.beside.$rows.get(id).filter(|row| !self.beside.holds(*row)).cloned() else {
                return false;
            };
            self.$touch(&row);
            Arc::make_mut(&mut self.beside).$rows.remove(id).is_some()
        }
    )*};
}

impl Facts {
    writers! {
        /// Adds what is known about a submission, or replaces it.
        upsert_item, remove_item, ItemRow, items, submission, touch_item;
        /// Adds somebody who shares an item, or replaces the row of that id.
        upsert_credit, remove_credit, CreditRow, credits, id, touch_credit;
        /// Adds that a superior named an incident, or replaces it.
        upsert_naming, remove_naming, NamingRow, namings, incident, touch_naming;
        /// Adds a task from above, or replaces the row of that id.
        upsert_task, remove_task, TaskRow, tasks, id, touch_task;
        /// Says what a unit stood under, in place of what was said before.
        upsert_parentage, remove_parentage, ParentageRow, parents, unit, touch_parentage;
    }

    fn touch_item(&mut self, row: &ItemRow) {
        self.journal.write([Touch::Submission(row.submission)]);
    }

    fn touch_credit(&mut self, row: &CreditRow) {
        self.journal.write([Touch::Credit { unit: row.unit, submission: row.submission }]);
    }

    /// An incident that is not known yet is touched when it comes.
    fn touch_naming(&mut self, row: &NamingRow) {
        let touched = self.touched(FactKind::Incident, row.incident);
        self.journal.write(touched);
    }

    fn touch_task(&mut self, _: &TaskRow) {
        self.journal.write([Touch::Everything]);
    }

    /// No rule asks what a unit stands under.
    #[expect(clippy::unused_self, reason = "one of several that the rows above choose from")]
    fn touch_parentage(&mut self, _: &ParentageRow) {}

    /// Takes away everybody who shares one of the items in a role, before those who share it are added anew.
    pub fn remove_credits_of(&mut self, submissions: &BTreeSet<i64>, role: CreditRole) {
        let credits = &self.beside.credits;
        let rows = submissions.iter().flat_map(|submission| credits.of_submission(*submission));
        let rows: Vec<CreditRow> = rows.filter(|row| row.role == role && !self.beside.holds(*row)).cloned().collect();
        for row in rows {
            self.touch_credit(&row);
            Arc::make_mut(&mut self.beside).credits.remove(row.id);
        }
    }

    pub(crate) fn beside(&self) -> &Beside {
        &self.beside
    }
}
