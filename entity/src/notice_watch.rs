//! How far a network's rules about notices have been looked at.

use sea_orm::entity::prelude::*;

use crate::ids::NetworkId;

/// How far a network's rules about notices have been looked at.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice_watch")]
pub struct Model {
    /// Which network.
    #[sea_orm(primary_key, auto_increment = false)]
    pub network_id: NetworkId,
    /// Nobody is told of what was due before.
    pub since: DateTimeUtc,
    /// What was due until then has its run.
    pub looked_until: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
