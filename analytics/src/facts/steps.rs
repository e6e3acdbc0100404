//! What happened to submissions on their way, beside what rules read: refusals, returns, decisions, writing.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::table::{Cell, ColumnKind};
use super::{DAY, Facts, day_number};

/// What happened to a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Receipt refused it.
    Refused,
    /// The office sent it back.
    Returned,
    /// The office decided on it for the first time: adopted, declined or returned.
    Decided,
    /// Somebody wrote it, and it was handed in.
    Written,
}

impl StepKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Refused, Self::Returned, Self::Decided, Self::Written];

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Refused => "step_refused",
            Self::Returned => "step_returned",
            Self::Decided => "step_decided",
            Self::Written => "step_written",
        }
    }
}

/// A step of a submission. Its id is made of its kind and of the id that the caller knows it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRow {
    /// The caller's id among the steps of this kind.
    pub id: i64,
    /// What happened.
    pub step: StepKind,
    /// The submission.
    pub submission: i64,
    /// The unit whose submission it is.
    pub unit: i64,
    /// The day on which it happened.
    pub on: NaiveDate,
    /// The kind of item.
    pub kind: String,
    /// The topic.
    pub topic: Option<String>,
    /// Minutes since the submission was handed in; of decisions.
    pub minutes: Option<i64>,
    /// Who; of writing.
    pub person: Option<i64>,
}

pub(super) const COLUMNS: &[(&str, ColumnKind)] = &[
    ("unit", ColumnKind::Id),
    (DAY, ColumnKind::Day),
    ("count", ColumnKind::Number),
    ("submission", ColumnKind::Id),
    ("step", ColumnKind::Code),
    ("kind", ColumnKind::Code),
    ("topic", ColumnKind::Code),
    ("minutes", ColumnKind::Number),
    ("person", ColumnKind::Id),
];

fn key(step: StepKind, id: i64) -> i64 {
    id.saturating_mul(4).saturating_add(step as i64)
}

impl Facts {
    /// Adds a step, or replaces the one of that kind and id.
    pub fn upsert_step(&mut self, row: &StepRow) {
        if let Some(record) = &mut self.record {
            record.steps.push(row.clone());
        }
        let codes = &mut self.codes;
        let mut encode = |text: &str| match codes.find(text) {
            Some(code) => code,
            None => Arc::make_mut(codes).add(text),
        };
        let cells = [
            Cell::Id(Some(row.unit)),
            Cell::Day(Some(day_number(row.on))),
            Cell::Number(Some(1)),
            Cell::Id(Some(row.submission)),
            Cell::Code(Some(encode(row.step.code()))),
            Cell::Code(Some(encode(&row.kind))),
            Cell::Code(row.topic.as_deref().map(&mut encode)),
            Cell::Number(row.minutes),
            Cell::Id(row.person),
        ];
        Arc::make_mut(&mut self.steps).upsert(key(row.step, row.id), &cells);
    }

    /// Takes the step of that kind and id away; `false` if there is none.
    pub fn remove_step(&mut self, step: StepKind, id: i64) -> bool {
        let id = key(step, id);
        self.steps.contains(id) && Arc::make_mut(&mut self.steps).remove(id)
    }

    pub(crate) fn steps(&self) -> &super::Table {
        &self.steps
    }
}
