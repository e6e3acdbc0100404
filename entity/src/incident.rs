//! Something that went wrong in a unit's reporting, with its evidence.

use sea_orm::entity::prelude::*;

use crate::ids::{IncidentId, NetworkId, PersonId, SubmissionId, UnitId, UrgentEventId};
use crate::urgent_report::UrgentStage;

/// Something that went wrong in a unit's reporting, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "incident")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: IncidentId,
    /// Where it counts.
    pub network_id: NetworkId,
    /// Who is responsible.
    pub unit_id: UnitId,
    /// The submission concerned.
    pub submission_id: Option<SubmissionId>,
    /// What happened.
    pub kind: IncidentKind,
    /// How it is known.
    #[sea_orm(column_type = "Text")]
    pub evidence: String,
    /// Local day on which it counts.
    pub occurred_on: Date,
    /// Who recorded it.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTimeUtc,
    /// Where it stands.
    pub state: IncidentState,
    /// Points that a chief editor decided, in millionths; empty where the rules leave nothing to decide.
    pub points: Option<i64>,
    /// Who decided.
    pub decided_by: Option<PersonId>,
    /// When.
    pub decided_at: Option<DateTimeUtc>,
    /// Why it was decided so; always there when it was dismissed.
    #[sea_orm(column_type = "Text", nullable)]
    pub decided_because: Option<String>,
    /// Code of the level of the superior that named it (被上级点名通报).
    #[sea_orm(column_type = "Text", nullable)]
    pub named_by: Option<String>,
    /// The urgent event in whose reporting it happened.
    pub urgent_event_id: Option<UrgentEventId>,
    /// The part that was late or missed, where the server found that out by itself.
    pub urgent_stage: Option<UrgentStage>,
    /// The deadline of that part.
    pub urgent_due_at: Option<DateTimeUtc>,
    /// Counts the changes of this row.
    pub version: i64,
}

/// What can go wrong.
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
pub enum IncidentKind {
    /// Urgent information reported late (迟报).
    #[sea_orm(string_value = "late")]
    Late,
    /// Urgent information not reported (漏报).
    #[sea_orm(string_value = "missed")]
    Missed,
    /// Urgent information concealed (瞒报).
    #[sea_orm(string_value = "concealed")]
    Concealed,
    /// Urgent information reported wrongly (误报).
    #[sea_orm(string_value = "misreported")]
    Misreported,
    /// Untrue content with bad effect (内容不实).
    #[sea_orm(string_value = "untrue")]
    Untrue,
}

/// Life of an incident.
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
pub enum IncidentState {
    /// Waits for a chief editor's decision, and counts for nothing until then.
    #[sea_orm(string_value = "proposed")]
    Proposed,
    /// On record; the rules leave nothing to decide, so it counts.
    #[sea_orm(string_value = "recorded")]
    Recorded,
    /// Upheld by a chief editor; it counts.
    #[sea_orm(string_value = "decided")]
    Decided,
    /// Dropped by a chief editor with a reason; it counts for nothing.
    #[sea_orm(string_value = "dismissed")]
    Dismissed,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
