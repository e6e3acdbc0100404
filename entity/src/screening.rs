//! A decision of the office before it adopts: shortlisted, returned or declined, with the reason.

use sea_orm::entity::prelude::*;

use crate::ids::{PersonId, ScreeningId, SubmissionId};

/// A decision of the office before it adopts: shortlisted, returned or declined, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "screening")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: ScreeningId,
    /// What was screened.
    pub submission_id: SubmissionId,
    /// What was decided.
    pub decision: ScreeningDecision,
    /// Why, as a code.
    pub reason: ScreeningReason,
    /// Why, in words.
    #[sea_orm(column_type = "Text", nullable)]
    pub comment: Option<String>,
    /// Who decided.
    pub decided_by: PersonId,
    /// When.
    pub decided_at: DateTimeUtc,
}

/// How a screening ended.
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
pub enum ScreeningDecision {
    /// Back to the unit.
    #[sea_orm(string_value = "returned")]
    Returned,
    /// Screened out.
    #[sea_orm(string_value = "declined")]
    Declined,
    /// Put on the list of what may be used.
    #[sea_orm(string_value = "shortlisted")]
    Shortlisted,
}

/// Why a submission was shortlisted, returned or declined.
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
pub enum ScreeningReason {
    /// Facts or figures need checking.
    #[sea_orm(string_value = "not_verified")]
    NotVerified,
    /// Something that belongs to it is missing.
    #[sea_orm(string_value = "incomplete")]
    Incomplete,
    /// Wording or form is not fit for a bulletin.
    #[sea_orm(string_value = "style")]
    Style,
    /// Not what was asked for, or not for this office.
    #[sea_orm(string_value = "off_topic")]
    OffTopic,
    /// Too late to be of use.
    #[sea_orm(string_value = "outdated")]
    Outdated,
    /// Already reported.
    #[sea_orm(string_value = "duplicate")]
    Duplicate,
    /// Not worth spreading.
    #[sea_orm(string_value = "low_value")]
    LowValue,
    /// Must not be handled here.
    #[sea_orm(string_value = "confidential")]
    Confidential,
    /// A matter of weight (重要动态).
    #[sea_orm(string_value = "significant")]
    Significant,
    /// An experience that others can learn from (经验典型).
    #[sea_orm(string_value = "experience")]
    Experience,
    /// It shows a problem (问题反映).
    #[sea_orm(string_value = "problem")]
    Problem,
    /// It makes a suggestion that can be followed (对策建议).
    #[sea_orm(string_value = "suggestion")]
    Suggestion,
}

impl ScreeningReason {
    /// Whether the reason speaks for a submission; the others speak against it.
    pub fn is_in_favour(self) -> bool {
        match self {
            Self::Significant | Self::Experience | Self::Problem | Self::Suggestion => true,
            Self::NotVerified
            | Self::Incomplete
            | Self::Style
            | Self::OffTopic
            | Self::Outdated
            | Self::Duplicate
            | Self::LowValue
            | Self::Confidential => false,
        }
    }
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
