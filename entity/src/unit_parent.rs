//! Which unit a unit belonged to, from a day until another.

use sea_orm::entity::prelude::*;

use crate::ids::{UnitId, UnitParentId};

/// Which unit a unit belonged to, from a day until another.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit_parent")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: UnitParentId,
    /// The child.
    pub unit_id: UnitId,
    /// Its parent in that time.
    pub parent_id: UnitId,
    /// First day of the relation.
    pub first_day: Date,
    /// Last day of the relation; open while empty.
    pub last_day: Option<Date>,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
