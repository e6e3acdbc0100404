//! A circular (通报): the results of a closed period as they were published, never changed afterwards.

use sea_orm::entity::prelude::*;

use crate::ids::{CircularId, NetworkId, PersonId};

/// A circular (通报): the results of a closed period as they were published, never changed afterwards.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "circular")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: CircularId,
    /// Whose results.
    pub network_id: NetworkId,
    /// The period by its name, such as `2026-03` or `2026-Q1`.
    #[sea_orm(column_type = "Text")]
    pub period: String,
    /// Its first day.
    pub first_day: Date,
    /// Its last day.
    pub last_day: Date,
    /// How long the period is.
    pub kind: CircularKind,
    /// Counts the editions of the period from 1.
    pub edition: i64,
    /// Whether a later edition has taken its place.
    pub state: CircularState,
    /// Digest of the canonical form, hexadecimal.
    #[sea_orm(column_type = "Text")]
    pub sha256: String,
    /// The rows, JSON.
    #[sea_orm(column_type = "Text")]
    pub rows: String,
    /// Ids of the rulebook versions in force within the period, oldest first, JSON.
    #[sea_orm(column_type = "Text")]
    pub rulebooks: String,
    /// Last act of the network that it contains.
    pub data_version: i64,
    /// The circular of the period before, with whose ranks it compares.
    pub previous_id: Option<CircularId>,
    /// The late facts that this edition counts on their own days, JSON.
    #[sea_orm(column_type = "Text")]
    pub corrections: String,
    /// What changed against the edition before, JSON; empty in a first edition.
    #[sea_orm(column_type = "Text")]
    pub diff: Option<String>,
    /// Why it was corrected; empty in a first edition.
    #[sea_orm(column_type = "Text")]
    pub reason: Option<String>,
    /// Who published it.
    pub published_by: PersonId,
    /// When.
    pub published_at: DateTimeUtc,
    /// Counts the changes of this row.
    pub version: i64,
}

/// How long the period of a circular is.
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
pub enum CircularKind {
    /// 月通报.
    #[sea_orm(string_value = "monthly")]
    Monthly,
    /// 季度通报.
    #[sea_orm(string_value = "quarterly")]
    Quarterly,
    /// 半年通报.
    #[sea_orm(string_value = "half_yearly")]
    HalfYearly,
    /// 年度通报.
    #[sea_orm(string_value = "yearly")]
    Yearly,
}

/// Life of a circular.
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
pub enum CircularState {
    /// The edition that counts.
    #[sea_orm(string_value = "published")]
    Published,
    /// A later edition has taken its place.
    #[sea_orm(string_value = "superseded")]
    Superseded,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
