//! A unit's part in a commission.

use sea_orm::entity::prelude::*;

use crate::ids::{CommissionAssignmentId, CommissionId, UnitId};

/// A unit's part in a commission.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "commission_assignment")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: CommissionAssignmentId,
    /// Of which commission.
    pub commission_id: CommissionId,
    /// Who has to answer.
    pub unit_id: UnitId,
    /// Deadline in force.
    pub due_at: DateTimeUtc,
    /// Where it stands.
    pub state: AssignmentState,
    /// When the unit took note of it.
    pub read_at: Option<DateTimeUtc>,
    /// The deadline that passed without an answer, if a later one was set afterwards; lateness is judged by it.
    pub fell_due_at: Option<DateTimeUtc>,
    /// When the unit's answer was handed in.
    pub answered_at: Option<DateTimeUtc>,
    /// How it was judged.
    pub outcome: Option<AssignmentOutcome>,
    /// Local day on which the outcome counts.
    pub decided_on: Option<Date>,
    /// What the office last said about it: what to rework, why it was judged so, why the unit was excused.
    #[sea_orm(column_type = "Text", nullable)]
    pub comment: Option<String>,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Life of an assignment.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    serde::Serialize,
    serde::Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum AssignmentState {
    /// The unit has been asked.
    #[sea_orm(string_value = "assigned")]
    Assigned,
    /// The unit has taken note.
    #[sea_orm(string_value = "read")]
    Read,
    /// An answer was handed in.
    #[sea_orm(string_value = "answered")]
    Answered,
    /// The answer went back to the unit.
    #[sea_orm(string_value = "rework")]
    Rework,
    /// The office has judged the answer or its absence.
    #[sea_orm(string_value = "judged")]
    Judged,
    /// The unit need not answer.
    #[sea_orm(string_value = "excused")]
    Excused,
}

/// How an assignment ended.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    serde::Serialize,
    serde::Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum AssignmentOutcome {
    /// In time and as asked.
    #[sea_orm(string_value = "answered")]
    Answered,
    /// After the deadline.
    #[sea_orm(string_value = "late")]
    Late,
    /// Not at all.
    #[sea_orm(string_value = "missed")]
    Missed,
    /// Not as asked.
    #[sea_orm(string_value = "off_topic")]
    OffTopic,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
