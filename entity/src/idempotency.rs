//! A write that was asked for with a key, and what came of it.

use sea_orm::entity::prelude::*;

use crate::ids::PersonId;

/// A write that was asked for with a key, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    /// Who asked.
    #[sea_orm(primary_key, auto_increment = false)]
    pub actor_id: PersonId,
    /// The key they gave.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub key: String,
    /// Which mutation.
    #[sea_orm(column_type = "Text")]
    pub operation: String,
    /// SHA-256 of the input, hexadecimal.
    #[sea_orm(column_type = "Text")]
    pub request_hash: String,
    /// What came of it, as JSON; empty while the write is under way.
    #[sea_orm(column_type = "Text")]
    pub outcome: String,
    /// When.
    pub created_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
