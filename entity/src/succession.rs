//! Units that were merged, split or closed from a day on. No fact moves; who stands in for whom is in `succession_link`.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, PersonId, SuccessionId};

/// Units that were merged, split or closed from a day on.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "succession")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: SuccessionId,
    /// The network that keeps the units.
    pub network_id: NetworkId,
    /// What happened.
    pub kind: SuccessionKind,
    /// First day on which the units before do not exist any more.
    pub first_day: Date,
    /// Who recorded it.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTimeUtc,
    /// When it was undone.
    pub undone_at: Option<DateTimeUtc>,
    /// Counts the changes of this row.
    pub version: i64,
}

/// What can happen to units.
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
pub enum SuccessionKind {
    /// Several became one.
    #[sea_orm(string_value = "merged")]
    Merged,
    /// One became several.
    #[sea_orm(string_value = "split")]
    Split,
    /// One ended, and nobody stands in for it.
    #[sea_orm(string_value = "closed")]
    Closed,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
