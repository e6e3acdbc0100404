//! A version of a network's rulebook; its text never changes once it is active.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, RulebookVersionId};

/// A version of a network's rulebook; its text never changes once it is active.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rulebook_version")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: RulebookVersionId,
    /// Whose rules these are.
    pub network_id: NetworkId,
    /// Counts the versions of the network from 1.
    pub number: i64,
    /// Whether it scores.
    pub state: RulebookState,
    /// First day whose facts it scores.
    pub effective_from: Date,
    /// Title of the document it writes down.
    #[sea_orm(column_type = "Text")]
    pub title: String,
    /// The rulebook itself, TOML.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// Digest of `text`, hexadecimal.
    #[sea_orm(column_type = "Text")]
    pub sha256: String,
    /// When it was drafted.
    pub created_at: DateTimeUtc,
    /// When it was activated.
    pub activated_at: Option<DateTimeUtc>,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Life of a rulebook version.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    serde::Serialize,
    serde::Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum RulebookState {
    /// Can be edited and simulated; scores nothing.
    #[sea_orm(string_value = "draft")]
    Draft,
    /// Scores the facts from its day on; immutable.
    #[sea_orm(string_value = "active")]
    Active,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
