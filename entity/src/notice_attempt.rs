//! One attempt to hand a notice to a gateway.

use sea_orm::entity::prelude::*;

use crate::ids::{NoticeAttemptId, NoticeId, OutboxEventId};

/// One attempt to hand a notice to a gateway.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice_attempt")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: NoticeAttemptId,
    /// Of which notice.
    pub notice_id: NoticeId,
    /// In which round.
    pub round: i64,
    /// Number within the round.
    pub number: i64,
    /// The event that brought it to the worker.
    pub event_id: OutboxEventId,
    /// The lease under which it was made.
    pub fence: i64,
    /// By whom.
    #[sea_orm(column_type = "Text")]
    pub leased_by: String,
    /// When it was handed to the worker.
    pub leased_at: DateTimeUtc,
    /// When it was known how it ended.
    pub decided_at: Option<DateTimeUtc>,
    /// How it ended.
    pub outcome: Option<AttemptOutcome>,
    /// What the failure meant.
    pub failure_class: Option<crate::failure_code::FailureClass>,
    /// The gateway's own code.
    #[sea_orm(column_type = "Text", nullable)]
    pub gateway_code: Option<String>,
    /// The gateway's own words.
    #[sea_orm(column_type = "Text", nullable)]
    pub gateway_text: Option<String>,
}

/// How an attempt ended.
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
pub enum AttemptOutcome {
    /// The gateway took it.
    #[sea_orm(string_value = "accepted")]
    Accepted,
    /// The gateway did not take it.
    #[sea_orm(string_value = "refused")]
    Refused,
    /// The gateway did not answer.
    #[sea_orm(string_value = "unanswered")]
    Unanswered,
    /// The worker did not report in time.
    #[sea_orm(string_value = "lapsed")]
    Lapsed,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
