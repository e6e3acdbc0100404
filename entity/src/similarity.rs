//! A submission says nearly the same as an earlier one.

use sea_orm::entity::prelude::*;

use crate::ids::{SimilarityId, SubmissionId};

/// A submission says nearly the same as an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "similarity")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: SimilarityId,
    /// The later one.
    pub submission_id: SubmissionId,
    /// The earlier one.
    pub other_id: SubmissionId,
    /// How much of the two texts is the same, in millionths.
    pub likeness: i64,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
