//! One reason why a submission was refused at receipt.

use sea_orm::entity::prelude::*;

use crate::ids::{RefusalId, SubmissionId};

/// One reason why a submission was refused at receipt.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refusal")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: RefusalId,
    /// What was refused.
    pub submission_id: SubmissionId,
    /// What was missing.
    pub code: RefusalCode,
    /// The field to complete.
    #[sea_orm(column_type = "Text")]
    pub field: String,
    /// When.
    pub refused_at: DateTimeUtc,
}

/// What a submission lacked at receipt.
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
pub enum RefusalCode {
    /// Nobody signed it (未注明审签人).
    #[sea_orm(string_value = "no_signatory")]
    NoSignatory,
    /// No writer is named (未注明撰稿人).
    #[sea_orm(string_value = "no_writer")]
    NoWriter,
    /// No way to reach the writer (未注明联系方式).
    #[sea_orm(string_value = "no_contact")]
    NoContact,
    /// Longer than the rulebook allows for its kind.
    #[sea_orm(string_value = "too_long")]
    TooLong,
    /// Its kind has a deadline, and the day of the event is not given (未注明事件发生日期).
    #[sea_orm(string_value = "no_event_day")]
    NoEventDay,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
