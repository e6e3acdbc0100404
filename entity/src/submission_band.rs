//! A number that submissions with similar texts are likely to have in common; each has a few.

use sea_orm::entity::prelude::*;

use crate::ids::SubmissionId;

/// A number that submissions with similar texts are likely to have in common.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_band")]
pub struct Model {
    /// The number; it contains the network.
    #[sea_orm(primary_key, auto_increment = false)]
    pub band: i64,
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub submission_id: SubmissionId,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
