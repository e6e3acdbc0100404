//! The end of each audit chain; locked while a row is appended.

use sea_orm::entity::prelude::*;

/// The end of each audit chain; locked while a row is appended.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_head")]
pub struct Model {
    /// Id of the network, 0 for the platform, or -1 for refused commands.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain: i64,
    /// Last sequence.
    pub sequence: i64,
    /// Last hash.
    #[sea_orm(column_type = "Text")]
    pub hash: String,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
