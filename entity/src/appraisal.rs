//! How the office judged a submission by the four screening criteria, with the decision that it came with.

use sea_orm::entity::prelude::*;

use crate::ids::{AppraisalId, PersonId, SubmissionId};

/// How the office judged a submission by the four screening criteria, with the decision that it came with.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "appraisal")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: AppraisalId,
    /// What was judged.
    pub submission_id: SubmissionId,
    /// What was decided.
    pub decision: AppraisalDecision,
    /// Whether it is worth spreading (有推广价值).
    pub worth_spreading: Option<bool>,
    /// Whether it judges the matter accurately (研判准确).
    pub accurate: Option<bool>,
    /// Whether it comes in time (报送及时).
    pub timely: Option<bool>,
    /// Whether its suggestions are targeted (建议有针对性).
    pub targeted: Option<bool>,
    /// Who judged.
    pub appraised_by: PersonId,
    /// When.
    pub appraised_at: DateTimeUtc,
}

/// What was decided with an appraisal.
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
pub enum AppraisalDecision {
    /// Put on the list of what may be used.
    #[sea_orm(string_value = "shortlisted")]
    Shortlisted,
    /// Sent back.
    #[sea_orm(string_value = "returned")]
    Returned,
    /// Screened out.
    #[sea_orm(string_value = "declined")]
    Declined,
    /// Adopted.
    #[sea_orm(string_value = "adopted")]
    Adopted,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
