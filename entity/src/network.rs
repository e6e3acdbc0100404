//! A network (信息网络): one office, its members and its rules.

use sea_orm::entity::prelude::*;

use crate::ids::NetworkId;

/// A network (信息网络): one office, its members and its rules.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "network")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: NetworkId,
    /// Short stable name, unique on the platform; the id of the first rulebook.
    #[sea_orm(column_type = "Text")]
    pub code: String,
    /// What people call it.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// IANA name; every local day of the network is a day there.
    #[sea_orm(column_type = "Text")]
    pub time_zone: String,
    /// When it was set up.
    pub created_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
