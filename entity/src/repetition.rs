//! What an editor decided on whether a submission repeats another one; the last decision on a submission counts.

use sea_orm::entity::prelude::*;

use crate::ids::{PersonId, RepetitionId, SubmissionId};

/// What an editor decided on whether a submission repeats another one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "repetition")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: RepetitionId,
    /// Which submission.
    pub submission_id: SubmissionId,
    /// What it repeats; none if it repeats nothing.
    pub repeats_id: Option<SubmissionId>,
    /// Who decided.
    pub decided_by: PersonId,
    /// When.
    pub decided_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
