//! The quality coefficient (质量系数) that a person decided for a submission. Rows are only added; the last one counts.

use sea_orm::entity::prelude::*;

use crate::ids::{PersonId, QualityCoefficientId, SubmissionId};

/// The quality coefficient (质量系数) that a person decided for a submission. Rows are only added; the last one counts.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "quality_coefficient")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: QualityCoefficientId,
    /// Of which submission.
    pub submission_id: SubmissionId,
    /// The factor, in millionths.
    pub coefficient: i64,
    /// Why.
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    /// Who decided.
    pub decided_by: PersonId,
    /// When.
    pub decided_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
