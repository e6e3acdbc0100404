//! Facts of a closed period (关账): kept as they were, whatever is said of them afterwards.
//!
//! A frozen fact can be neither changed nor taken away: later rows of its id are ignored. Only the end of what lasts may still
//! be told, such as the last day of a duty. The cells are kept by the names of their columns, so that a fact frozen before a
//! column existed can still be read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::journal::Touch;
use super::table::Cell;
use super::{Codes, CreditRole, CreditRow, DAY, FactKind, Facts, ItemRow, day_number, day_of};
use crate::period::Span;
use crate::points::Points;

/// Stands for a kind in what is kept beside the facts: decisions on submissions.
const ITEM: &str = "item";
/// The same for those who share a submission.
const CREDIT: &str = "credit";

/// Facts of one kind as they were when their period was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenFacts {
    /// The kind, by its [`code`](FactKind::code), or the name of what is kept beside the facts.
    pub kind: String,
    /// The columns, in the order of the cells.
    pub columns: Vec<String>,
    /// The facts in the order of their ids, each with its cells.
    pub rows: Vec<(i64, Vec<FrozenCell>)>,
}

/// The value of a frozen fact in one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FrozenCell {
    /// Nothing.
    Absent,
    /// Yes or no.
    Flag(bool),
    /// An id, a day number, a whole number or millionths.
    Number(i64),
    /// A code.
    Code(String),
}

impl Facts {
    /// The facts whose day lies in the span, by kind.
    pub fn within(&self, span: Span) -> Vec<FrozenFacts> {
        let kinds = FactKind::ALL.into_iter().map(|kind| {
            let table = self.table(kind);
            let mut rows: Vec<(i64, Vec<FrozenCell>)> = table
                .rows()
                .filter(|(_, cells)| day_in(cells).is_some_and(|day| span.contains(day)))
                .map(|(id, cells)| (id, cells.into_iter().map(|(_, cell)| self.frozen_cell(cell)).collect()))
                .collect();
            rows.sort_unstable_by_key(|(id, _)| *id);
            let columns = table.column_names().map(str::to_owned).collect();
            FrozenFacts { kind: kind.code().to_owned(), columns, rows }
        });
        let beside = self.beside_within(span);
        kinds.chain(beside).filter(|of_kind| !of_kind.rows.is_empty()).collect()
    }

    /// What is known beside the submissions on which points of the span rest: decisions and shares.
    fn beside_within(&self, span: Span) -> [FrozenFacts; 2] {
        let kinds = [FactKind::Adoption, FactKind::SendingUp, FactKind::Endorsement, FactKind::Judgement];
        let rows = kinds.into_iter().flat_map(|kind| self.table(kind).rows());
        let within = rows.filter(|(_, cells)| day_in(cells).is_some_and(|day| span.contains(day)));
        let submissions: BTreeSet<i64> = within.filter_map(|(_, cells)| submission_in(&cells)).collect();
        let number = |number: Option<i64>| number.map_or(FrozenCell::Absent, FrozenCell::Number);
        let item = |submission: &i64| {
            let item = self.beside.items.get(*submission);
            let coefficient = item.and_then(|item| item.coefficient).map(Points::millionths);
            let happened_on = item.and_then(|item| item.happened_on).map(|day| day_number(day).into());
            let near_duplicate = item.is_some_and(|item| item.near_duplicate);
            (*submission, vec![FrozenCell::Flag(near_duplicate), number(coefficient), number(happened_on)])
        };
        let credits = self.beside.credits.values().filter(|row| submissions.contains(&row.submission));
        let credit = |row: &CreditRow| {
            let is_author = FrozenCell::Flag(row.role == CreditRole::Author);
            let share = number(row.share.map(Points::millionths));
            (row.id, vec![FrozenCell::Number(row.submission), FrozenCell::Number(row.unit), is_author, share])
        };
        let frozen = |kind: &str, columns: &[&str], rows| FrozenFacts {
            kind: kind.to_owned(),
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            rows,
        };
        [
            frozen(ITEM, &["near_duplicate", "coefficient", "happened_on"], submissions.iter().map(item).collect()),
            frozen(CREDIT, &["submission", "unit", "is_author", "share"], credits.map(credit).collect()),
        ]
    }

    /// Puts facts of a closed period in and holds them as they are.
    pub fn freeze(&mut self, facts: &FrozenFacts) {
        let Some(kind) = FactKind::from_code(&facts.kind) else {
            self.freeze_beside(facts);
            return;
        };
        for (id, cells) in &facts.rows {
            let known: BTreeMap<&str, &FrozenCell> = facts.columns.iter().map(String::as_str).zip(cells).collect();
            let cells: Vec<Cell> = super::cells::columns(kind)
                .iter()
                .map(|&(name, column)| self.thawed_cell(column, known.get(name).copied()))
                .collect();
            self.write(kind, *id, |table| table.freeze(*id, &cells));
        }
    }

    fn freeze_beside(&mut self, facts: &FrozenFacts) {
        self.journal.write([Touch::Everything]);
        let beside = std::sync::Arc::make_mut(&mut self.beside);
        for (id, cells) in &facts.rows {
            let number = |place: usize| match cells.get(place) {
                Some(FrozenCell::Number(number)) => Some(*number),
                _ => None,
            };
            let flag = |place: usize| matches!(cells.get(place), Some(FrozenCell::Flag(true)));
            match facts.kind.as_str() {
                ITEM => {
                    let coefficient = number(1).map(Points::from_millionths);
                    let happened_on = number(2).and_then(|day| i32::try_from(day).ok()).map(day_of);
                    let row = ItemRow { submission: *id, near_duplicate: flag(0), coefficient, happened_on };
                    beside.items.insert(*id, row);
                    beside.held.insert(*id, ());
                }
                CREDIT => {
                    let (Some(submission), Some(unit)) = (number(0), number(1)) else { continue };
                    let role = if flag(2) { CreditRole::Author } else { CreditRole::Unit };
                    let share = number(3).map(Points::from_millionths);
                    beside.credits.insert(*id, CreditRow { id: *id, submission, unit, role, share });
                }
                _ => {}
            }
        }
    }

    /// Says that a period is closed: what its rules look up of other facts is what was known by its end.
    pub fn close(&mut self, span: Span) {
        self.journal.write([Touch::Everything]);
        std::sync::Arc::make_mut(&mut self.beside).closed.insert(span);
    }

    /// The last day of the closed period that the day belongs to; `None` for an open day.
    pub(crate) fn closed_until(&self, day: NaiveDate) -> Option<NaiveDate> {
        self.beside.closed.iter().find(|span| span.contains(day)).map(|span| span.last)
    }

    /// Whether facts of a closed period rest on the submission: what is known of it beside its report is held as it was.
    pub fn is_held(&self, submission: i64) -> bool {
        self.beside.held.contains(submission)
    }

    /// Lets go of a fact of a closed period, to see what the period would have been with another one in its place, or without it.
    pub fn thaw(&mut self, kind: FactKind, id: i64) {
        std::sync::Arc::make_mut(&mut self.tables[kind as usize]).thaw(id);
    }

    /// Whether the fact belongs to a closed period.
    pub fn is_frozen(&self, kind: FactKind, id: i64) -> bool {
        self.table(kind).is_frozen(id)
    }

    /// The day on which the fact counts, if there is such a fact.
    pub fn day(&self, kind: FactKind, id: i64) -> Option<NaiveDate> {
        self.table(kind).day(id).map(day_of)
    }

    /// The same facts, some of them on other days: how a period would look if late facts had been known in time.
    #[must_use]
    pub fn dated(&self, days: &[(FactKind, i64, NaiveDate)]) -> Self {
        let mut facts = self.clone();
        for (kind, id, day) in days {
            facts.write(*kind, *id, |table| table.set_day(*id, day_number(*day)));
        }
        facts
    }

    fn frozen_cell(&self, cell: Cell) -> FrozenCell {
        match cell {
            Cell::Id(Some(number)) | Cell::Number(Some(number)) => FrozenCell::Number(number),
            Cell::Day(Some(day)) => FrozenCell::Number(day.into()),
            Cell::Code(Some(code)) if code != Codes::NONE => FrozenCell::Code(self.codes.text(code).to_owned()),
            Cell::Flag(flag) => FrozenCell::Flag(flag),
            Cell::Id(None) | Cell::Number(None) | Cell::Day(None) | Cell::Code(_) => FrozenCell::Absent,
        }
    }

    fn thawed_cell(&mut self, column: super::table::ColumnKind, cell: Option<&FrozenCell>) -> Cell {
        use super::table::ColumnKind;
        let number = match cell {
            Some(FrozenCell::Number(number)) => Some(*number),
            _ => None,
        };
        match column {
            ColumnKind::Id => Cell::Id(number),
            ColumnKind::Number => Cell::Number(number),
            ColumnKind::Day => Cell::Day(number.and_then(|number| i32::try_from(number).ok())),
            ColumnKind::Flag => Cell::Flag(matches!(cell, Some(FrozenCell::Flag(true)))),
            ColumnKind::Code => match cell {
                Some(FrozenCell::Code(text)) => Cell::Code(Some(self.code(text))),
                _ => Cell::Code(None),
            },
        }
    }
}

fn day_in(cells: &[(&'static str, Cell)]) -> Option<NaiveDate> {
    cells.iter().find_map(|(name, cell)| match cell {
        Cell::Day(Some(day)) if *name == DAY => Some(day_of(*day)),
        _ => None,
    })
}

fn submission_in(cells: &[(&'static str, Cell)]) -> Option<i64> {
    cells.iter().find_map(|(name, cell)| match cell {
        Cell::Id(id) if *name == "submission" => *id,
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{IncidentRow, StaffingRow};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn incident(id: i64, kind: &str, on: &str) -> IncidentRow {
        IncidentRow {
            id,
            unit: 1,
            submission: None,
            kind: kind.to_owned(),
            occurred_on: day(on),
            points: None,
            count: 1,
        }
    }

    fn march() -> Span {
        Span { first: day("2026-03-01"), last: day("2026-03-31") }
    }

    #[test]
    fn frozen_facts_are_read_back_as_they_were_and_stay_so() {
        let mut facts = Facts::new();
        facts.upsert_incident(&incident(1, "late", "2026-03-05"));
        facts.upsert_incident(&incident(2, "untrue", "2026-04-01"));
        let frozen = facts.within(march());
        assert_eq!(frozen.len(), 1);
        assert_eq!(frozen[0].rows.iter().map(|row| row.0).collect::<Vec<_>>(), [1]);

        // As after a restart: frozen facts first, then the rows as they are by then.
        let mut again = Facts::new();
        for frozen in &frozen {
            again.freeze(frozen);
        }
        again.upsert_incident(&incident(1, "untrue", "2026-03-09"));
        again.upsert_incident(&incident(2, "untrue", "2026-04-01"));
        assert!(!again.remove_incident(1));
        assert_eq!(again.within(march()), frozen);
        assert_eq!(again.len(FactKind::Incident), 2);
        assert!(again.is_frozen(FactKind::Incident, 1) && !again.is_frozen(FactKind::Incident, 2));
        assert_eq!(again.day(FactKind::Incident, 1), Some(day("2026-03-05")));

        let mut without = again.clone();
        without.thaw(FactKind::Incident, 1);
        assert!(without.remove_incident(1));
        assert_eq!((without.len(FactKind::Incident), again.len(FactKind::Incident)), (1, 2));
    }

    #[test]
    fn only_the_end_of_a_frozen_duty_can_still_be_told() {
        let duty = |duty: &str, last: Option<&str>| StaffingRow {
            id: 1,
            unit: 1,
            duty: duty.to_owned(),
            first: day("2026-03-05"),
            last: last.map(day),
            count: 1,
        };
        let mut facts = Facts::new();
        facts.upsert_staffing(&duty("full_time", None));
        for frozen in facts.within(march()) {
            facts.freeze(&frozen);
        }
        facts.upsert_staffing(&duty("part_time", Some("2026-05-31")));
        let frozen = &facts.within(march())[0];
        let at = |name: &str| &frozen.rows[0].1[frozen.columns.iter().position(|column| column == name).unwrap()];
        assert_eq!(at("duty"), &FrozenCell::Code("full_time".to_owned()));
        assert_eq!(at("last_on"), &FrozenCell::Number(day_number(day("2026-05-31")).into()));
    }

    #[test]
    fn what_was_decided_of_an_item_of_a_closed_period_stays() {
        let mut facts = Facts::new();
        let item = |submission: i64, coefficient: &str| ItemRow {
            submission,
            near_duplicate: false,
            coefficient: coefficient.parse().ok(),
            happened_on: None,
        };
        let credit = |id: i64, submission: i64, share: &str| CreditRow {
            id,
            submission,
            unit: 1,
            role: CreditRole::Author,
            share: share.parse().ok(),
        };
        facts.upsert_endorsement(&crate::facts::EndorsementRow {
            id: 1,
            submission: Some(7),
            unit: 1,
            level: "region".to_owned(),
            rank: None,
            kind: None,
            endorsed_on: day("2026-03-05"),
            count: 1,
        });
        facts.upsert_item(&item(7, "4"));
        facts.upsert_credit(&credit(1, 7, "0.5"));
        let frozen = facts.within(march());
        let mut again = Facts::new();
        for frozen in &frozen {
            again.freeze(frozen);
        }
        again.upsert_item(&item(7, "6"));
        again.upsert_credit(&credit(1, 7, "1"));
        again.upsert_credit(&credit(2, 7, "0.5"));
        assert!(!again.remove_credit(1) && !again.remove_item(7));
        again.upsert_item(&item(8, "5"));
        assert_eq!(again.within(march()), frozen);
        assert_eq!(again.beside().credits.len(), 1);
        assert_eq!(again.beside().items.get(8), Some(&item(8, "5")));
    }

    #[test]
    fn facts_can_be_looked_at_on_other_days() {
        let mut facts = Facts::new();
        facts.upsert_incident(&incident(1, "late", "2026-04-05"));
        let then =
            facts.dated(&[(FactKind::Incident, 1, day("2026-03-05")), (FactKind::Incident, 9, day("2026-03-05"))]);
        assert_eq!(then.day(FactKind::Incident, 1), Some(day("2026-03-05")));
        assert_eq!(facts.day(FactKind::Incident, 1), Some(day("2026-04-05")));
    }
}
