//! A request (约稿) for a particular report by a deadline.

use sea_orm::entity::prelude::*;

use crate::ids::{CommissionAssignmentId, CommissionId, NetworkId, PersonId};

/// A request (约稿) for a particular report by a deadline.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "commission")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: CommissionId,
    /// Who asks.
    pub network_id: NetworkId,
    /// What it is about.
    #[sea_orm(column_type = "Text")]
    pub topic: String,
    /// What is wanted.
    #[sea_orm(column_type = "Text")]
    pub requirement: String,
    /// Code of the level from which the request came; empty if it is the office's own.
    #[sea_orm(column_type = "Text", nullable)]
    pub origin: Option<String>,
    /// The assignment of a higher network that this commission answers.
    pub answers_assignment_id: Option<CommissionAssignmentId>,
    /// Until when; an assignment may have a deadline of its own.
    pub due_at: DateTimeUtc,
    /// Whether it is open.
    pub state: CommissionState,
    /// Who issued it.
    pub issued_by: PersonId,
    /// When.
    pub issued_at: DateTimeUtc,
    /// Why it was closed (销号), as a code.
    pub closed_reason: Option<ClosureReason>,
    /// Why it was closed, in words.
    #[sea_orm(column_type = "Text", nullable)]
    pub closed_because: Option<String>,
    /// When it was closed.
    pub closed_at: Option<DateTimeUtc>,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Life of a commission.
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
pub enum CommissionState {
    /// Answers are expected.
    #[sea_orm(string_value = "open")]
    Open,
    /// Struck off with a reason.
    #[sea_orm(string_value = "closed")]
    Closed,
}

/// Why a commission was struck off.
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
pub enum ClosureReason {
    /// Every unit has been judged or excused.
    #[sea_orm(string_value = "completed")]
    Completed,
    /// Whoever asked the office has withdrawn the request.
    #[sea_orm(string_value = "withdrawn_above")]
    WithdrawnAbove,
    /// Another commission takes its place.
    #[sea_orm(string_value = "superseded")]
    Superseded,
    /// Nobody needs the answer any more.
    #[sea_orm(string_value = "not_needed")]
    NotNeeded,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
