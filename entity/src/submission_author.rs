//! Who wrote a submission, and with which share.

use sea_orm::entity::prelude::*;

use crate::ids::{PersonId, SubmissionAuthorId, SubmissionId};

/// Who wrote a submission, and with which share.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_author")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: SubmissionAuthorId,
    /// What was written.
    pub submission_id: SubmissionId,
    /// The writer, if they have an account.
    pub person_id: Option<PersonId>,
    /// The writer's name as printed.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Share in millionths; the shares of a submission add up to one million.
    pub share: i64,
    /// Place in the list of writers.
    pub position: i64,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
