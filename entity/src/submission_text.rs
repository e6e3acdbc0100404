//! A submission's title and text as full-text search compares them: folded. Kept by the write that changes them.

use sea_orm::entity::prelude::*;

use crate::ids::SubmissionId;

/// A submission's title and text as full-text search compares them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_text")]
pub struct Model {
    /// Which submission.
    #[sea_orm(primary_key, auto_increment = false)]
    pub submission_id: SubmissionId,
    /// The folded title.
    #[sea_orm(column_type = "Text")]
    pub title: String,
    /// The folded text.
    #[sea_orm(column_type = "Text")]
    pub body: String,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
