//! Points that a person or another office gave: a judged check, an imported score (评定).

use sea_orm::entity::prelude::*;

use crate::ids::{JudgementId, NetworkId, PersonId, SubmissionId, UnitId};

/// Points that a person or another office gave: a judged check, an imported score (评定).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "judgement")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: JudgementId,
    /// Where it counts.
    pub network_id: NetworkId,
    /// Who is judged.
    pub unit_id: UnitId,
    /// The submission that is judged.
    pub submission_id: Option<SubmissionId>,
    /// Code of what is judged, as the rulebook declares it.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// Code of the level of the office that judged; the network's own office if empty.
    #[sea_orm(column_type = "Text", nullable)]
    pub origin: Option<String>,
    /// What was given, in millionths of a point.
    pub points: i64,
    /// On what it rests; empty if nothing is on file.
    #[sea_orm(column_type = "Text")]
    pub evidence: String,
    /// Local day on which it counts.
    pub judged_on: Date,
    /// Who decided, or took it over.
    pub decided_by: PersonId,
    /// When.
    pub decided_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
