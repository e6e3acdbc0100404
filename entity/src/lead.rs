//! A lead (线索): what a section of the office has heard of, from which a commission may come.

use sea_orm::entity::prelude::*;

use crate::ids::{CommissionId, LeadId, NetworkId, PersonId, UnitId};

/// A lead (线索): what a section of the office has heard of.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lead")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: LeadId,
    /// In which network.
    pub network_id: NetworkId,
    /// The section's unit, if it is one.
    pub unit_id: Option<UnitId>,
    /// Name of the section.
    #[sea_orm(column_type = "Text")]
    pub section: String,
    /// What it is about.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// What became of it.
    pub state: LeadState,
    /// Who brought it.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTimeUtc,
    /// The commission that came of it.
    pub commission_id: Option<CommissionId>,
    /// Why nothing came of it.
    #[sea_orm(column_type = "Text", nullable)]
    pub dismissed_because: Option<String>,
    /// Who screened it.
    pub screened_by: Option<PersonId>,
    /// When.
    pub screened_at: Option<DateTimeUtc>,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Life of a lead.
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
pub enum LeadState {
    /// Waits to be screened.
    #[sea_orm(string_value = "new")]
    New,
    /// A commission came of it.
    #[sea_orm(string_value = "commissioned")]
    Commissioned,
    /// Dismissed with a reason.
    #[sea_orm(string_value = "dismissed")]
    Dismissed,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
