//! One topic on which the office wants to read in a week or a month.

use sea_orm::entity::prelude::*;

use crate::ids::{KeyPointId, KeyPointListId};

/// One topic on which the office wants to read.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_point")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: KeyPointId,
    /// Of which list.
    pub list_id: KeyPointListId,
    /// Place in the list.
    pub position: i64,
    /// What it is about.
    #[sea_orm(column_type = "Text")]
    pub topic: String,
    /// What is wanted.
    #[sea_orm(column_type = "Text")]
    pub requirement: String,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
