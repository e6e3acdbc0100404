//! Which category of a network a unit was in, from a day until another.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, UnitCategoryId, UnitId};

/// Which category of a network a unit was in, from a day until another.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit_category")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: UnitCategoryId,
    /// The network whose category it is.
    pub network_id: NetworkId,
    /// The member.
    pub unit_id: UnitId,
    /// Code of the category, as the rulebook declares it.
    #[sea_orm(column_type = "Text")]
    pub category: String,
    /// First day of the membership.
    pub first_day: Date,
    /// Last day of the membership; open while empty.
    pub last_day: Option<Date>,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
