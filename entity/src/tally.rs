//! A figure of a published table: so many events of one sort, for one unit and one day.
//! It stands in for records that were never kept one by one; scoring counts it like that many of them.

use sea_orm::entity::prelude::*;

use crate::ids::{ImportBatchId, NetworkId, TallyId, UnitId};

/// A figure of a published table: so many events of one sort, for one unit and one day.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tally")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: TallyId,
    /// Where it counts.
    pub network_id: NetworkId,
    /// Where it came from.
    pub batch_id: ImportBatchId,
    /// Whose figure it is.
    pub unit_id: UnitId,
    /// What is counted.
    pub event: TallyEvent,
    /// Code of the publication, for adoptions.
    #[sea_orm(column_type = "Text", nullable)]
    pub publication: Option<String>,
    /// Code of the class within it.
    #[sea_orm(column_type = "Text", nullable)]
    pub class: Option<String>,
    /// Code of the item kind.
    #[sea_orm(column_type = "Text", nullable)]
    pub kind: Option<String>,
    /// Code of the level, for endorsements.
    #[sea_orm(column_type = "Text", nullable)]
    pub level: Option<String>,
    /// Outcome, for commissions.
    pub outcome: Option<TallyOutcome>,
    /// How many.
    pub count: i64,
    /// Local day on which they count: the last of the published period.
    pub dated_on: Date,
    /// Where the figure stands in the file, as row and column.
    #[sea_orm(column_type = "Text")]
    pub cell: String,
}

/// What a tally counts.
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
pub enum TallyEvent {
    /// Reported submissions.
    #[sea_orm(string_value = "submission")]
    Submission,
    /// Adoptions.
    #[sea_orm(string_value = "adoption")]
    Adoption,
    /// Endorsements.
    #[sea_orm(string_value = "endorsement")]
    Endorsement,
    /// Answers to commissions.
    #[sea_orm(string_value = "assignment")]
    Assignment,
    /// Incidents.
    #[sea_orm(string_value = "incident")]
    Incident,
}

/// Outcome of the commissions that a tally counts.
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
pub enum TallyOutcome {
    /// In time and as asked.
    #[sea_orm(string_value = "answered")]
    Answered,
    /// After the deadline.
    #[sea_orm(string_value = "late")]
    Late,
    /// Not at all.
    #[sea_orm(string_value = "missed")]
    Missed,
    /// Not as asked.
    #[sea_orm(string_value = "off_topic")]
    OffTopic,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
