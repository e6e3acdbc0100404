//! A unit in somebody's charge.

use sea_orm::entity::prelude::*;

use crate::ids::{ChargeId, ChargeUnitId, UnitId};

/// A unit in somebody's charge.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "charge_unit")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: ChargeUnitId,
    /// Whose charge.
    pub charge_id: ChargeId,
    /// The unit.
    pub unit_id: UnitId,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
