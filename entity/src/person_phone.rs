//! The phone number of a person, sealed; only [`algorithm`](Model::algorithm) and key id can be read.

use sea_orm::entity::prelude::*;

use crate::ids::PersonId;

/// The phone number of a person, sealed; only [`algorithm`](Model::algorithm) and key id can be read.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person_phone")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: PersonId,
    /// How it is sealed.
    #[sea_orm(column_type = "Text")]
    pub algorithm: String,
    /// With which key.
    #[sea_orm(column_type = "Text")]
    pub key_id: String,
    /// The sealed number, in base64.
    #[sea_orm(column_type = "Text")]
    pub sealed: String,
    /// When it was given.
    pub changed_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
