//! The input of every calculation: what happened, in columns.
//!
//! A fact is a row with an id, a unit, a day and codes from the rulebook's vocabulary. [`Facts`] keeps each kind of fact
//! in a table of columns, so that scoring reads a column without looking at rows. No result depends on the
//! order in which rows arrived.

mod beside;
mod cells;
mod credits;
mod frozen;
mod journal;
mod paged;
mod record;
mod reversal;
mod row;
mod shard;
mod slice;
mod steps;
mod table;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

pub(crate) use beside::Beside;
pub use beside::{CreditRole, CreditRow, ItemRow, NamingRow, Parentage, ParentageRow, TaskRow};
pub(crate) use cells::{DAY, Row};
pub use frozen::{FrozenCell, FrozenFacts};
use journal::{Journal, Touch};
pub use record::FactRows;
pub use reversal::ReversalRow;
pub use row::{
    AdoptionRow, AssignmentRow, EndorsementRow, IncidentRow, JudgementRow, Membership, SendingUpRow, StaffingRow,
    SubmissionRow, TrainingRow, UnitRow,
};
pub(crate) use shard::{SHARDS, shard_of};
pub(crate) use slice::{Focus, Guest};
pub use steps::{StepKind, StepRow};
pub(crate) use table::Table;

/// The kinds of fact that rules read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactKind {
    /// An item of information that a unit reported (报送).
    Submission,
    /// An item taken up by a publication (采用).
    Adoption,
    /// An item that the office sent on to a higher level (上报).
    SendingUp,
    /// A leader's written instruction on an item (批示).
    Endorsement,
    /// One unit's part of a commission (约稿).
    Assignment,
    /// Something that went wrong: late, missed, concealed, misreported, untrue.
    Incident,
    /// A training session or a secondment (培训、跟班).
    Training,
    /// A person in a duty, from a day to a day (分管领导、信息员).
    Staffing,
    /// Points that a person or another office gave: a judged check, an imported score (评定).
    Judgement,
}

impl FactKind {
    /// Every kind, in the order in which ledger lines of one day are listed.
    pub const ALL: [Self; 9] = [
        Self::Submission,
        Self::Adoption,
        Self::SendingUp,
        Self::Endorsement,
        Self::Assignment,
        Self::Incident,
        Self::Training,
        Self::Staffing,
        Self::Judgement,
    ];

    /// The word that rulebooks use in `on`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Submission => "submission",
            Self::Adoption => "adoption",
            Self::SendingUp => "sending_up",
            Self::Endorsement => "endorsement",
            Self::Assignment => "assignment",
            Self::Incident => "incident",
            Self::Training => "training",
            Self::Staffing => "staffing",
            Self::Judgement => "judgement",
        }
    }

    /// The Chinese term.
    pub fn name_zh(self) -> &'static str {
        match self {
            Self::Submission => "报送信息",
            Self::Adoption => "采用",
            Self::SendingUp => "上报",
            Self::Endorsement => "批示",
            Self::Assignment => "约稿任务",
            Self::Incident => "差错",
            Self::Training => "培训",
            Self::Staffing => "人员配备",
            Self::Judgement => "评定",
        }
    }

    /// The kind of that [`code`](Self::code), if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl fmt::Display for FactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Everything that is known about one network.
///
/// Cloning is cheap: tables are shared until one side writes. A write to a table that a clone still holds copies what that table knows
/// of some units, once.
#[derive(Debug, Clone)]
pub struct Facts {
    units: Arc<BTreeMap<i64, UnitRow>>,
    codes: Arc<Codes>,
    beside: Arc<Beside>,
    tables: [Arc<Table>; FactKind::ALL.len()],
    steps: Arc<Table>,
    journal: Journal,
    /// The rows as they were put in, if they are recorded.
    record: Option<Box<FactRows>>,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            units: Arc::default(),
            codes: Arc::default(),
            beside: Arc::default(),
            tables: FactKind::ALL.map(|kind| Arc::new(Table::new(cells::columns(kind)))),
            steps: Arc::new(Table::new(steps::COLUMNS)),
            journal: Journal::default(),
            record: None,
        }
    }
}

macro_rules! writers {
    ($($(#[$doc:meta])* $upsert:ident, $remove:ident, $row:ty, $record:ident;)*) => {$(
        $(#[$doc])*
        pub fn $upsert(&mut self, row: &$row) {
            if let Some(record) = &mut self.record {
                record.$record.push(row.clone());
            }
            self.upsert(row);
        }

        /// Takes the row of that id away; `false` if there is none.
        pub fn $remove(&mut self, id: i64) -> bool {
            self.remove(<$row>::KIND, id)
        }
    )*};
}

impl Facts {
    /// No facts at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a unit, or replaces the unit of that id.
    pub fn upsert_unit(&mut self, unit: &UnitRow) {
        if let Some(record) = &mut self.record {
            record.units.push(unit.clone());
        }
        self.journal.write([Touch::Unit(unit.id)]);
        Arc::make_mut(&mut self.units).insert(unit.id, unit.clone());
    }

    /// Takes the unit of that id away; `false` if there is none.
    pub fn remove_unit(&mut self, id: i64) -> bool {
        if !self.units.contains_key(&id) {
            return false;
        }
        self.journal.write([Touch::Unit(id)]);
        Arc::make_mut(&mut self.units).remove(&id).is_some()
    }

    writers! {
        /// Adds a submission, or replaces the one of that id.
        upsert_submission, remove_submission, SubmissionRow, submissions;
        /// Adds an adoption, or replaces the one of that id.
        upsert_adoption, remove_adoption, AdoptionRow, adoptions;
        /// Adds a sending-up, or replaces the one of that id.
        upsert_sending_up, remove_sending_up, SendingUpRow, sendings_up;
        /// Adds an endorsement, or replaces the one of that id.
        upsert_endorsement, remove_endorsement, EndorsementRow, endorsements;
        /// Adds a commission assignment, or replaces the one of that id.
        upsert_assignment, remove_assignment, AssignmentRow, assignments;
        /// Adds an incident, or replaces the one of that id.
        upsert_incident, remove_incident, IncidentRow, incidents;
        /// Adds a training, or replaces the one of that id.
        upsert_training, remove_training, TrainingRow, trainings;
        /// Adds a staffing, or replaces the one of that id.
        upsert_staffing, remove_staffing, StaffingRow, staffings;
        /// Adds a judgement, or replaces the one of that id.
        upsert_judgement, remove_judgement, JudgementRow, judgements;
    }

    /// The units by id.
    pub fn units(&self) -> &BTreeMap<i64, UnitRow> {
        &self.units
    }

    /// Whether both know the same of their units.
    pub(crate) fn has_units_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.units, &other.units)
    }

    /// Whether both number the same codes.
    pub(crate) fn has_codes_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.codes, &other.codes)
    }

    /// How many rows of this kind there are.
    pub fn len(&self, kind: FactKind) -> usize {
        self.table(kind).len()
    }

    /// Whether there is no fact of any kind; units do not count.
    pub fn is_empty(&self) -> bool {
        self.tables.iter().all(|table| table.len() == 0)
    }

    pub(crate) fn table(&self, kind: FactKind) -> &Table {
        &self.tables[kind as usize]
    }

    pub(crate) fn codes(&self) -> &Codes {
        &self.codes
    }

    fn upsert<R: Row>(&mut self, row: &R) {
        let codes = &mut self.codes;
        let mut encode = |text: &str| code(codes, text);
        let cells = row.cells(&mut encode).as_ref().to_vec();
        self.write(R::KIND, row.id(), |table| table.upsert(row.id(), &cells));
    }

    /// Writes to a table, and remembers whose figures that may change.
    fn write<T>(&mut self, kind: FactKind, id: i64, write: impl FnOnce(&mut Table) -> T) -> T {
        let before = self.touched(kind, id);
        let answer = write(Arc::make_mut(&mut self.tables[kind as usize]));
        let after = self.touched(kind, id);
        self.journal.write(before.into_iter().chain(after.filter(|after| before != Some(*after))));
        answer
    }

    /// Whose figures may rest on a fact.
    fn touched(&self, kind: FactKind, id: i64) -> Option<Touch> {
        let table = self.table(kind);
        let unit = table.id_in(id, "unit")?;
        let submission = if kind == FactKind::Submission { Some(id) } else { table.id_in(id, "submission") };
        Some(Touch::Fact { unit, submission })
    }

    /// The number of a code text; a text without one gets the next.
    fn code(&mut self, text: &str) -> u32 {
        code(&mut self.codes, text)
    }

    fn remove(&mut self, kind: FactKind, id: i64) -> bool {
        if !self.table(kind).contains(id) {
            return false;
        }
        self.write(kind, id, |table| table.remove(id))
    }
}

fn code(codes: &mut Arc<Codes>, text: &str) -> u32 {
    match codes.find(text) {
        Some(code) => code,
        None => Arc::make_mut(codes).add(text),
    }
}

/// The number that stands for each code text in the columns. Numbers depend on the order of arrival, so they are
/// compared for equality only, never sorted by.
#[derive(Debug, Clone, Default)]
pub(crate) struct Codes {
    numbers: HashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
}

impl Codes {
    /// A number that stands for no text.
    pub(crate) const NONE: u32 = u32::MAX;

    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    pub(crate) fn text(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }

    /// The text's number; a text without one gets the next.
    pub(crate) fn add(&mut self, text: &str) -> u32 {
        if let Some(number) = self.find(text) {
            return number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(Self::NONE);
        let text: Arc<str> = text.into();
        self.numbers.insert(Arc::clone(&text), number);
        self.texts.push(text);
        number
    }
}

/// A day as the number that columns hold.
pub(crate) fn day_number(day: NaiveDate) -> i32 {
    day.num_days_from_ce()
}

/// The day behind a column's number.
pub(crate) fn day_of(number: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incident(id: i64, kind: &str) -> IncidentRow {
        let occurred_on = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        IncidentRow { id, unit: 1, submission: None, kind: kind.to_owned(), occurred_on, points: None, count: 1 }
    }

    #[test]
    fn an_upsert_replaces_the_row_of_the_same_id_and_a_removal_takes_only_it() {
        let mut facts = Facts::new();
        for id in 1..=3 {
            facts.upsert_incident(&incident(id, "late"));
        }
        facts.upsert_incident(&incident(2, "untrue"));
        assert_eq!(facts.len(FactKind::Incident), 3);
        assert!(facts.remove_incident(1));
        assert!(!facts.remove_incident(1));
        assert_eq!(facts.len(FactKind::Incident), 2);
        let frame = facts.table(FactKind::Incident).frame();
        let kinds = frame.column("kind").unwrap().u32().unwrap();
        let ids = frame.column("id").unwrap().i64().unwrap();
        let mut rows: Vec<_> = ids.into_no_null_iter().zip(kinds.into_no_null_iter()).collect();
        rows.sort_unstable();
        let text = |row: (i64, u32)| (row.0, facts.codes().text(row.1).to_owned());
        assert_eq!(rows.into_iter().map(text).collect::<Vec<_>>(), [(2, "untrue".to_owned()), (3, "late".to_owned())]);
    }

    #[test]
    fn a_clone_keeps_what_it_saw() {
        let mut facts = Facts::new();
        facts.upsert_incident(&incident(1, "late"));
        let before = facts.clone();
        facts.upsert_incident(&incident(2, "late"));
        facts.remove_incident(1);
        assert_eq!((before.len(FactKind::Incident), facts.len(FactKind::Incident)), (1, 1));
        assert_eq!(before.table(FactKind::Incident).frame().column("id").unwrap().i64().unwrap().get(0), Some(1));
        assert!(!facts.is_empty());
    }
}
