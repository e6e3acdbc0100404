//! An urgent event (紧急突发事件): one unit answers for its reports, from the first to the final one.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, PersonId, UnitId, UrgentEventId};

/// An urgent event.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "urgent_event")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: UrgentEventId,
    /// Which network is told.
    pub network_id: NetworkId,
    /// Who reports it, and answers for that.
    pub unit_id: UnitId,
    /// What happened, in a few words.
    #[sea_orm(column_type = "Text")]
    pub title: String,
    /// Where.
    #[sea_orm(column_type = "Text")]
    pub place: String,
    /// When it happened.
    pub occurred_at: DateTimeUtc,
    /// When it was over; empty while it lasts.
    pub ended_at: Option<DateTimeUtc>,
    /// Where its reporting stands.
    pub state: UrgentState,
    /// Why an editor closed it without a final report.
    #[sea_orm(column_type = "Text", nullable)]
    pub closed_because: Option<String>,
    /// Who opened it.
    pub opened_by: PersonId,
    /// When.
    pub opened_at: DateTimeUtc,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Life of an urgent event's reporting.
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
pub enum UrgentState {
    /// Reports are expected.
    #[sea_orm(string_value = "open")]
    Open,
    /// The final report is there, or an editor closed it.
    #[sea_orm(string_value = "closed")]
    Closed,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
