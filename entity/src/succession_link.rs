//! A unit that ended, and a unit that came after it.

use sea_orm::entity::prelude::*;

use crate::ids::{SuccessionId, SuccessionLinkId, UnitId};

/// A unit that ended, and a unit that came after it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "succession_link")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: SuccessionLinkId,
    /// The merger, the split or the closure.
    pub succession_id: SuccessionId,
    /// The unit that ended.
    pub predecessor_id: UnitId,
    /// The unit that came after it; empty for a closure.
    pub successor_id: Option<UnitId>,
    /// Whether the successor bears the record of the unit that ended; one successor of each unit does.
    pub heir: bool,
    /// Whether the successor was set up by this act.
    pub founded: bool,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
