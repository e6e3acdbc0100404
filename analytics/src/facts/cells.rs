//! How rows are laid out in columns.

use chrono::NaiveDate;

use super::row::{
    AdoptionRow, AssignmentRow, EndorsementRow, IncidentRow, JudgementRow, SendingUpRow, StaffingRow, SubmissionRow,
    TrainingRow,
};
use super::table::{Cell, ColumnKind};
use super::{FactKind, day_number};
use crate::points::Points;

/// A row that a table can keep: its kind, its id, and its cells in the order of [`columns`].
pub(crate) trait Row {
    const KIND: FactKind;

    fn id(&self) -> i64;

    fn cells(&self, encode: &mut dyn FnMut(&str) -> u32) -> impl AsRef<[Cell]>;
}

/// The column that holds the day on which a fact counts.
pub(crate) const DAY: &str = "day";

/// The columns of a table, beside `id`. `unit`, `day` and `count` are in every one of them.
pub(crate) fn columns(kind: FactKind) -> &'static [(&'static str, ColumnKind)] {
    use ColumnKind::{Code, Day, Flag, Id, Number};
    match kind {
        FactKind::Submission => &[
            ("unit", Id),
            (DAY, Day),
            ("count", Number),
            ("kind", Code),
            ("topic", Code),
            ("received", Flag),
            ("commissioned", Flag),
            ("urgent", Flag),
            ("characters", Number),
        ],
        FactKind::Adoption => &[
            ("unit", Id),
            (DAY, Day),
            ("count", Number),
            ("submission", Id),
            ("publication", Code),
            ("class", Code),
            ("via", Code),
            ("kind", Code),
            ("topic", Code),
            ("characters", Number),
            ("commissioned", Flag),
        ],
        FactKind::SendingUp => &[
            ("unit", Id),
            (DAY, Day),
            ("count", Number),
            ("submission", Id),
            ("via", Code),
            ("to_level", Code),
            ("kind", Code),
        ],
        FactKind::Endorsement => &[
            ("unit", Id),
            (DAY, Day),
            ("count", Number),
            ("submission", Id),
            ("level", Code),
            ("rank", Code),
            ("kind", Code),
        ],
        FactKind::Assignment => &[
            ("unit", Id),
            (DAY, Day),
            ("count", Number),
            ("origin", Code),
            ("outcome", Code),
            ("decided_on", Day),
            ("due_on", Day),
        ],
        FactKind::Incident => &[
            ("unit", Id),
            (DAY, Day),
            ("count", Number),
            ("submission", Id),
            ("kind", Code),
            ("decided_points", Number),
        ],
        FactKind::Training => &[
            ("unit", Id),
            (DAY, Day),
            ("count", Number),
            ("kind", Code),
            ("attendees", Number),
            ("planned", Flag),
            ("completed", Flag),
            ("on_time", Flag),
            ("violation", Flag),
        ],
        FactKind::Judgement => &[
            ("unit", Id),
            (DAY, Day),
            ("count", Number),
            ("submission", Id),
            ("kind", Code),
            ("origin", Code),
            ("awarded", Number),
            ("evidence", Flag),
        ],
        FactKind::Staffing => &[("unit", Id), (DAY, Day), ("count", Number), ("duty", Code), ("last_on", Day)],
    }
}

fn day(day: NaiveDate) -> Cell {
    Cell::Day(Some(day_number(day)))
}

fn maybe_day(day: Option<NaiveDate>) -> Cell {
    Cell::Day(day.map(day_number))
}

fn number(number: i64) -> Cell {
    Cell::Number(Some(number))
}

impl Row for SubmissionRow {
    const KIND: FactKind = FactKind::Submission;

    fn id(&self) -> i64 {
        self.id
    }

    fn cells(&self, encode: &mut dyn FnMut(&str) -> u32) -> impl AsRef<[Cell]> {
        [
            Cell::Id(Some(self.unit)),
            day(self.submitted_on),
            number(self.count),
            Cell::Code(Some(encode(&self.kind))),
            Cell::Code(self.topic.as_deref().map(&mut *encode)),
            Cell::Flag(self.received),
            Cell::Flag(self.commissioned),
            Cell::Flag(self.urgent),
            number(self.characters),
        ]
    }
}

impl Row for AdoptionRow {
    const KIND: FactKind = FactKind::Adoption;

    fn id(&self) -> i64 {
        self.id
    }

    fn cells(&self, encode: &mut dyn FnMut(&str) -> u32) -> impl AsRef<[Cell]> {
        [
            Cell::Id(Some(self.unit)),
            day(self.adopted_on),
            number(self.count),
            Cell::Id(self.submission),
            Cell::Code(Some(encode(&self.publication))),
            Cell::Code(self.class.as_deref().map(&mut *encode)),
            Cell::Code(self.via.as_deref().map(&mut *encode)),
            Cell::Code(self.kind.as_deref().map(&mut *encode)),
            Cell::Code(self.topic.as_deref().map(&mut *encode)),
            number(self.characters),
            Cell::Flag(self.commissioned),
        ]
    }
}

impl Row for SendingUpRow {
    const KIND: FactKind = FactKind::SendingUp;

    fn id(&self) -> i64 {
        self.id
    }

    fn cells(&self, encode: &mut dyn FnMut(&str) -> u32) -> impl AsRef<[Cell]> {
        [
            Cell::Id(Some(self.unit)),
            day(self.sent_on),
            number(self.count),
            Cell::Id(self.submission),
            Cell::Code(self.via.as_deref().map(&mut *encode)),
            Cell::Code(Some(encode(&self.to_level))),
            Cell::Code(self.kind.as_deref().map(&mut *encode)),
        ]
    }
}

impl Row for EndorsementRow {
    const KIND: FactKind = FactKind::Endorsement;

    fn id(&self) -> i64 {
        self.id
    }

    fn cells(&self, encode: &mut dyn FnMut(&str) -> u32) -> impl AsRef<[Cell]> {
        [
            Cell::Id(Some(self.unit)),
            day(self.endorsed_on),
            number(self.count),
            Cell::Id(self.submission),
            Cell::Code(Some(encode(&self.level))),
            Cell::Code(self.rank.as_deref().map(&mut *encode)),
            Cell::Code(self.kind.as_deref().map(&mut *encode)),
        ]
    }
}

impl Row for AssignmentRow {
    const KIND: FactKind = FactKind::Assignment;

    fn id(&self) -> i64 {
        self.id
    }

    fn cells(&self, encode: &mut dyn FnMut(&str) -> u32) -> impl AsRef<[Cell]> {
        [
            Cell::Id(Some(self.unit)),
            day(self.decided_on.unwrap_or(self.due_on)),
            number(self.count),
            Cell::Code(self.origin.as_deref().map(&mut *encode)),
            Cell::Code(Some(encode(&self.outcome))),
            maybe_day(self.decided_on),
            day(self.due_on),
        ]
    }
}

impl Row for IncidentRow {
    const KIND: FactKind = FactKind::Incident;

    fn id(&self) -> i64 {
        self.id
    }

    fn cells(&self, encode: &mut dyn FnMut(&str) -> u32) -> impl AsRef<[Cell]> {
        [
            Cell::Id(Some(self.unit)),
            day(self.occurred_on),
            number(self.count),
            Cell::Id(self.submission),
            Cell::Code(Some(encode(&self.kind))),
            Cell::Number(self.points.map(Points::millionths)),
        ]
    }
}

impl Row for TrainingRow {
    const KIND: FactKind = FactKind::Training;

    fn id(&self) -> i64 {
        self.id
    }

    fn cells(&self, encode: &mut dyn FnMut(&str) -> u32) -> impl AsRef<[Cell]> {
        [
            Cell::Id(Some(self.unit)),
            day(self.held_on),
            number(self.count),
            Cell::Code(Some(encode(&self.kind))),
            number(self.attendees),
            Cell::Flag(self.planned),
            Cell::Flag(self.completed),
            Cell::Flag(self.on_time),
            Cell::Flag(self.violation),
        ]
    }
}

impl Row for StaffingRow {
    const KIND: FactKind = FactKind::Staffing;

    fn id(&self) -> i64 {
        self.id
    }

    fn cells(&self, encode: &mut dyn FnMut(&str) -> u32) -> impl AsRef<[Cell]> {
        [
            Cell::Id(Some(self.unit)),
            day(self.first),
            number(self.count),
            Cell::Code(Some(encode(&self.duty))),
            maybe_day(self.last),
        ]
    }
}

impl Row for JudgementRow {
    const KIND: FactKind = FactKind::Judgement;

    fn id(&self) -> i64 {
        self.id
    }

    fn cells(&self, encode: &mut dyn FnMut(&str) -> u32) -> impl AsRef<[Cell]> {
        [
            Cell::Id(Some(self.unit)),
            day(self.judged_on),
            number(self.count),
            Cell::Id(self.submission),
            Cell::Code(Some(encode(&self.kind))),
            Cell::Code(self.origin.as_deref().map(&mut *encode)),
            number(self.points.millionths()),
            Cell::Flag(self.has_evidence),
        ]
    }
}
