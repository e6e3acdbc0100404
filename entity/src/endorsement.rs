//! A leader's written instruction (批示) on a submission.

use sea_orm::entity::prelude::*;

use crate::ids::{AdoptionId, EndorsementId, NetworkId, PersonId, SubmissionId};

/// A leader's written instruction (批示) on a submission.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "endorsement")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: EndorsementId,
    /// The network in which it counts.
    pub network_id: NetworkId,
    /// On what.
    pub submission_id: SubmissionId,
    /// On which adoption of it.
    pub adoption_id: Option<AdoptionId>,
    /// Name of the leader.
    #[sea_orm(column_type = "Text")]
    pub leader: String,
    /// Code of the leader's level.
    #[sea_orm(column_type = "Text")]
    pub level: String,
    /// The leader's post.
    #[sea_orm(column_type = "Text", nullable)]
    pub rank: Option<String>,
    /// What was written.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// Local day.
    pub endorsed_on: Date,
    /// Who recorded it, or endorsed.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
