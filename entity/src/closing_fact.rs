//! Facts of a closed period as they were when it was closed, many in one row.

use sea_orm::entity::prelude::*;

use crate::ids::{ClosingFactId, ClosingId};

/// Facts of a closed period as they were when it was closed, many in one row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "closing_fact")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: ClosingFactId,
    /// Which closing.
    pub closing_id: ClosingId,
    /// Facts of one kind, JSON.
    #[sea_orm(column_type = "Text")]
    pub facts: String,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
