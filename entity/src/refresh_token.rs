//! A refresh token, stored as its hash; used once, then replaced.

use sea_orm::entity::prelude::*;

use crate::ids::{PersonId, RefreshTokenId};

/// A refresh token, stored as its hash; used once, then replaced.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: RefreshTokenId,
    /// Whose session it is.
    pub person_id: PersonId,
    /// All tokens that descend from one login.
    #[sea_orm(column_type = "Text")]
    pub family: String,
    /// SHA-256 of the token, hexadecimal.
    #[sea_orm(column_type = "Text")]
    pub token_hash: String,
    /// When it was handed out.
    pub issued_at: DateTimeUtc,
    /// Until when it can be used.
    pub expires_at: DateTimeUtc,
    /// When it was exchanged for the next one.
    pub used_at: Option<DateTimeUtc>,
    /// When its family was ended.
    pub revoked_at: Option<DateTimeUtc>,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
