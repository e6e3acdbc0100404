//! What a correction takes from a closed period, or gives to it: a line of its own on the day of the correction.

use sea_orm::entity::prelude::*;

use crate::ids::{AdoptionId, EndorsementId, NetworkId, PersonId, ReversalId, RulebookVersionId, SubmissionId, UnitId};

/// What a correction takes from a closed period, or gives to it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reversal")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: ReversalId,
    /// In which network it counts.
    pub network_id: NetworkId,
    /// The unit whose score it corrects.
    pub unit_id: UnitId,
    /// The submission that was adopted or endorsed.
    pub submission_id: SubmissionId,
    /// The adoption that was corrected or revoked.
    pub adoption_id: Option<AdoptionId>,
    /// The endorsement that was corrected or revoked.
    pub endorsement_id: Option<EndorsementId>,
    /// Key of the line of the ledger that it corrects.
    #[sea_orm(column_type = "Text")]
    pub line: String,
    /// The day of that line, which is closed.
    pub line_day: Date,
    /// The rulebook version that gave that line.
    pub rulebook_id: RulebookVersionId,
    /// The rule that gave it.
    #[sea_orm(column_type = "Text")]
    pub rule: String,
    /// Where the rule stands in the document.
    #[sea_orm(column_type = "Text")]
    pub clause: String,
    /// What the rule rewards or punishes.
    #[sea_orm(column_type = "Text")]
    pub title: String,
    /// Points in millionths that it gives, or takes when negative.
    pub points: i64,
    /// Money in fen that it gives, or takes when negative.
    pub money: i64,
    /// Local day on which it counts.
    pub counts_on: Date,
    /// Who corrected or revoked.
    pub recorded_by: PersonId,
    /// When.
    pub recorded_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
