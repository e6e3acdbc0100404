//! The facts of an object as an act left them; what a network's figures were at any moment is read from here. Append-only.

use sea_orm::entity::prelude::*;

use crate::ids::{FactHistoryId, NetworkId};

/// The facts of an object as an act left them; what a network's figures were at any moment is read from here. Append-only.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fact_history")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: FactHistoryId,
    /// The network whose figures they are.
    pub network_id: NetworkId,
    /// The act in the network's audit chain that left them so.
    pub sequence: i64,
    /// Kind of the object, as in the audit log; `everything` for all objects at once.
    #[sea_orm(column_type = "Text")]
    pub object_kind: String,
    /// Id of the object; 0 for everything.
    pub object_id: i64,
    /// The facts, as JSON.
    #[sea_orm(column_type = "Text")]
    pub facts: String,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
