//! What a saved query asks, or asked: rows are only added.

use sea_orm::entity::prelude::*;

use crate::ids::{PersonId, SavedQueryId};

/// A version of a saved query.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "saved_query_version")]
pub struct Model {
    /// Of which query.
    #[sea_orm(primary_key, auto_increment = false)]
    pub saved_query_id: SavedQueryId,
    /// Counts the versions of the query from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// The question, as JSON.
    #[sea_orm(column_type = "Text")]
    pub question: String,
    /// Who saved it.
    pub saved_by: PersonId,
    /// When.
    pub saved_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
