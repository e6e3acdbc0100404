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
    /// Code of the leader's rank within the level, for rules that tell leaders apart by it.
    #[sea_orm(column_type = "Text", nullable)]
    pub leader_rank: Option<String>,
    /// Whether the whole text is for those only who may read confidential parts.
    pub confidential: bool,
    /// The passages of the text that are for those only, as a JSON array.
    #[sea_orm(column_type = "Text", nullable)]
    pub confidential_parts: Option<String>,
    /// The last day on which the unit's report of what became of it is in time.
    pub follow_up_due_on: Option<Date>,
    /// Local day of that report.
    pub followed_up_on: Option<Date>,
    /// What became of it.
    #[sea_orm(column_type = "Text", nullable)]
    pub follow_up: Option<String>,
    /// The submission that reports it at length.
    pub follow_up_id: Option<SubmissionId>,
    /// Who recorded the report.
    pub followed_up_by: Option<PersonId>,
    /// When.
    pub followed_up_at: Option<DateTimeUtc>,
    /// When it was revoked; it counts for nothing from then on.
    pub revoked_at: Option<DateTimeUtc>,
    /// Who revoked it.
    pub revoked_by: Option<PersonId>,
    /// Why.
    #[sea_orm(column_type = "Text", nullable)]
    pub revoked_because: Option<String>,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
