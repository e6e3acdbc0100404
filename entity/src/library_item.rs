//! An adopted submission that the office keeps for its units to learn from (优稿库).

use sea_orm::entity::prelude::*;

use crate::ids::{LibraryItemId, NetworkId, PersonId, SubmissionId};

/// An adopted submission that the office keeps for its units to learn from (优稿库).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "library_item")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: LibraryItemId,
    /// In whose library.
    pub network_id: NetworkId,
    /// What is kept.
    pub submission_id: SubmissionId,
    /// What is good about it.
    #[sea_orm(column_type = "Text")]
    pub comment: String,
    /// Local day on which it came in.
    pub added_on: Date,
    /// Who put it there.
    pub added_by: PersonId,
    /// When.
    pub added_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
