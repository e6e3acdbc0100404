//! A submission sent up to a higher level through an own publication.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, PersonId, PublicationId, SendingUpId, SubmissionId};

/// A submission sent up to a higher level through an own publication.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sending_up")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: SendingUpId,
    /// The network that sent it.
    pub network_id: NetworkId,
    /// What was sent.
    pub submission_id: SubmissionId,
    /// The own publication through which it went.
    pub publication_id: PublicationId,
    /// Code of the level it was sent to.
    #[sea_orm(column_type = "Text")]
    pub to_level: String,
    /// Local day.
    pub sent_on: Date,
    /// Who sent it.
    pub recorded_by: PersonId,
    /// When that was recorded.
    pub recorded_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
