//! Somebody who takes the notices of a network and sends them.

use sea_orm::entity::prelude::*;

use crate::ids::{ConsumerId, NetworkId};

/// Somebody who takes the notices of a network and sends them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consumer")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: ConsumerId,
    /// Whose notices.
    pub network_id: NetworkId,
    /// Name within the network.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Whether notices are handed out.
    pub state: ConsumerState,
    /// Why not.
    #[sea_orm(column_type = "Text", nullable)]
    pub paused_because: Option<String>,
    /// Since when not.
    pub paused_at: Option<DateTimeUtc>,
    /// Grows with each stream that is opened: an older stream ends.
    pub epoch: i64,
    /// When the last stream was opened.
    pub connected_at: Option<DateTimeUtc>,
    /// When something was last handed out.
    pub last_lease_at: Option<DateTimeUtc>,
    /// When something was last reported.
    pub last_ack_at: Option<DateTimeUtc>,
    /// When it was set up.
    pub created_at: DateTimeUtc,
    /// Counts the changes that people made to this row.
    pub version: i64,
}

/// Whether a consumer is given notices.
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
pub enum ConsumerState {
    /// It is.
    #[sea_orm(string_value = "active")]
    Active,
    /// It is not, until somebody resumes it.
    #[sea_orm(string_value = "paused")]
    Paused,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
