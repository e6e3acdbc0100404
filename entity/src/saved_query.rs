//! A saved query: a question with a name, shared by role. What it asks stands in its versions.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, PersonId, SavedQueryId};
use crate::role_grant::Role;

/// A saved query.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "saved_query")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: SavedQueryId,
    /// About which network.
    pub network_id: NetworkId,
    /// Whose it is.
    pub person_id: PersonId,
    /// Its name.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The roles whose holders may ask it too, each between bars: `|editor|analyst|`.
    #[sea_orm(column_type = "Text")]
    pub shared_with: String,
    /// The number of its last version; grows with every change.
    pub version: i64,
    /// When it was saved first.
    pub created_at: DateTimeUtc,
    /// When it was changed last.
    pub changed_at: DateTimeUtc,
}

/// A role as it stands in `shared_with`.
pub fn marked(role: Role) -> String {
    format!("|{}|", role.to_value())
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
