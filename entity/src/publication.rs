//! A publication (刊物) that adopts submissions: the office's own or a higher one.
//! Declared by the rulebook; a row is made when a rulebook that names it is activated.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, PublicationId};

/// A publication (刊物) that adopts submissions: the office's own or a higher one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "publication")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: PublicationId,
    /// The network in which it counts.
    pub network_id: NetworkId,
    /// Code by which the rulebook names it.
    #[sea_orm(column_type = "Text")]
    pub code: String,
    /// Printed name.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Code of the administrative level that publishes it.
    #[sea_orm(column_type = "Text")]
    pub level: String,
    /// Whether the office itself compiles its issues.
    pub own: bool,
    /// Place in the rulebook's order.
    pub position: i64,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
