//! A submission adopted by a publication; one row per publication, beside those that were revoked.

use sea_orm::entity::prelude::*;

use crate::ids::{AdoptionId, IssueId, NetworkId, PersonId, PublicationId, SubmissionId, UnitId};

/// A submission adopted by a publication; one row per publication.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "adoption")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: AdoptionId,
    /// The network in which it counts.
    pub network_id: NetworkId,
    /// What was adopted.
    pub submission_id: SubmissionId,
    /// The unit that is credited.
    pub unit_id: UnitId,
    /// Which publication adopted it.
    pub publication_id: PublicationId,
    /// In which issue.
    pub issue_id: Option<IssueId>,
    /// Place in the issue, from 1; equal places go by id.
    pub position: i64,
    /// Code of the class within the publication.
    #[sea_orm(column_type = "Text", nullable)]
    pub class: Option<String>,
    /// The own publication through which it had been sent up.
    pub via_publication_id: Option<PublicationId>,
    /// Local day on which it counts.
    pub adopted_on: Date,
    /// Where the adoption can be read, for a publication that is not ours.
    #[sea_orm(column_type = "Text", nullable)]
    pub evidence: Option<String>,
    /// Who adopted or recorded it.
    pub recorded_by: PersonId,
    /// When that was.
    pub recorded_at: DateTimeUtc,
    /// When it was revoked; it counts for nothing from then on.
    pub revoked_at: Option<DateTimeUtc>,
    /// Who revoked it.
    pub revoked_by: Option<PersonId>,
    /// Why.
    #[sea_orm(column_type = "Text", nullable)]
    pub revoked_because: Option<String>,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
