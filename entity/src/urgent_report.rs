//! A part of the reporting of an urgent event: 首报, 续报 or 终报, each timed.

use sea_orm::entity::prelude::*;

use crate::ids::{PersonId, SubmissionId, UrgentEventId, UrgentReportId};

/// A part of the reporting of an urgent event.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "urgent_report")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: UrgentReportId,
    /// Of which event.
    pub event_id: UrgentEventId,
    /// Which part.
    pub stage: UrgentStage,
    /// The item that reports it, if one was handed in.
    pub submission_id: Option<SubmissionId>,
    /// The first item of the event's thread; it stands for the whole thread where items are counted.
    pub head_submission_id: Option<SubmissionId>,
    /// What was reported, if not by an item.
    #[sea_orm(column_type = "Text", nullable)]
    pub text: Option<String>,
    /// Deadline, if the rules set one.
    pub due_at: Option<DateTimeUtc>,
    /// When it was reported.
    pub reported_at: DateTimeUtc,
    /// Seconds after the deadline, 0 in time; empty without a deadline.
    pub late_by: Option<i64>,
    /// Who reported it.
    pub reported_by: PersonId,
}

/// The parts of an urgent report.
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
pub enum UrgentStage {
    /// 首报.
    #[sea_orm(string_value = "first")]
    First,
    /// 续报.
    #[sea_orm(string_value = "follow_up")]
    FollowUp,
    /// 终报.
    #[sea_orm(string_value = "final")]
    Final,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
