//! A person with an account.

use sea_orm::entity::prelude::*;

use crate::ids::{PersonId, UnitId};

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: PersonId,
    /// The unit they work in; empty for the platform's own administrators.
    pub unit_id: Option<UnitId>,
    /// Their name.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Name they sign in with, unique on the platform.
    #[sea_orm(column_type = "Text")]
    pub login: String,
    /// Argon2id hash in PHC form; without one nobody can sign in.
    #[sea_orm(column_type = "Text", nullable)]
    pub password_hash: Option<String>,
    /// Wrong passwords since the last right one.
    pub failed_logins: i64,
    /// Until when sign-in is refused.
    pub locked_until: Option<DateTimeUtc>,
    /// Since when the account is closed.
    pub disabled_at: Option<DateTimeUtc>,
    /// When the account was made.
    pub created_at: DateTimeUtc,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
