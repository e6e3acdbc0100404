//! A network (信息网络): one office, its members and its rules.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, UnitId};

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
    /// The unit of the network above that runs this one.
    pub owner_id: Option<UnitId>,
    /// Code of the level, in this network's rulebook, at which the network above stands.
    #[sea_orm(column_type = "Text", nullable)]
    pub level_above: Option<String>,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
