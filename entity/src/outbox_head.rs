//! The ends of each stream of events; locked while numbers are given.

use sea_orm::entity::prelude::*;

use crate::ids::NetworkId;

/// The ends of each stream of events; locked while numbers are given.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox_head")]
pub struct Model {
    /// Whose stream.
    #[sea_orm(primary_key, auto_increment = false)]
    pub network_id: NetworkId,
    /// Last number given.
    pub tip: i64,
    /// Last number whose event has been removed.
    pub trimmed: i64,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
