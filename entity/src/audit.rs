//! One act, on record for ever; each row carries the hash of the one before it.
//! `sequence` has no gaps within a chain, and is the data version of the chain's network.

use sea_orm::entity::prelude::*;

use crate::ids::{AuditId, PersonId};

/// One act, on record for ever; each row carries the hash of the one before it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: AuditId,
    /// Id of the network, 0 for acts on the platform, or -1 for refused commands.
    pub chain: i64,
    /// Place in the chain, from 1.
    pub sequence: i64,
    /// When.
    pub at: DateTimeUtc,
    /// Who; empty for the server itself.
    pub actor_id: Option<PersonId>,
    /// What was done, as the policy names it.
    #[sea_orm(column_type = "Text")]
    pub action: String,
    /// Kind of the object.
    #[sea_orm(column_type = "Text")]
    pub object_kind: String,
    /// Id of the object.
    pub object_id: i64,
    /// State before.
    #[sea_orm(column_type = "Text", nullable)]
    pub from_state: Option<String>,
    /// State after.
    #[sea_orm(column_type = "Text", nullable)]
    pub to_state: Option<String>,
    /// What else is worth keeping, as JSON.
    #[sea_orm(column_type = "Text")]
    pub details: String,
    /// Hash of the row before, hexadecimal.
    #[sea_orm(column_type = "Text")]
    pub previous_hash: String,
    /// SHA-256 over this row and `previous_hash`, hexadecimal.
    #[sea_orm(column_type = "Text")]
    pub hash: String,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
