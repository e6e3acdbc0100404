//! A unit (报送单位): whoever reports, is ranked and receives notices.
//! Its category and its parent change over time and stand in `unit_category` and `unit_parent`.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, UnitId};

/// A unit (报送单位): whoever reports, is ranked and receives notices.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: UnitId,
    /// The network that keeps this unit's record.
    pub network_id: NetworkId,
    /// Its name as the office prints it, unique within the network.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Its place in the office's own order of units.
    pub position: i64,
    /// Whether it is a direct-report point (直报点).
    pub direct_report: bool,
    /// First day on which it exists.
    pub opened_on: Date,
    /// Last day on which it existed.
    pub closed_on: Option<Date>,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
