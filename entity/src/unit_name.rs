//! A name that a unit had once. Its present name stands in `unit`.

use sea_orm::entity::prelude::*;

use crate::ids::{UnitId, UnitNameId};

/// A name that a unit had once. Its present name stands in `unit`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit_name")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: UnitNameId,
    /// The unit.
    pub unit_id: UnitId,
    /// Its name in that time.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// First day of the name.
    pub first_day: Date,
    /// Last day of the name.
    pub last_day: Date,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
