//! An appeal (申诉) of a unit against a line of its score.

use sea_orm::entity::prelude::*;

use crate::ids::{AppealId, NetworkId, PersonId, RulebookVersionId, SubmissionId, UnitId};

/// An appeal (申诉) of a unit against a line of its score.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "appeal")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: AppealId,
    /// In which network.
    pub network_id: NetworkId,
    /// Whose line it is.
    pub unit_id: UnitId,
    /// The line's id in the ledger.
    #[sea_orm(column_type = "Text")]
    pub line: String,
    /// Local day on which the line counts.
    pub line_day: Date,
    /// The rulebook version that gave it.
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
    /// The submission that the line is about.
    pub submission_id: Option<SubmissionId>,
    /// The line's points in millionths; nothing for a line of money.
    pub points: i64,
    /// The line's money in fen; nothing for a line of points.
    pub money: i64,
    /// Why the unit appeals.
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    /// Where it stands.
    pub state: AppealState,
    /// Who appealed.
    pub raised_by: PersonId,
    /// When.
    pub raised_at: DateTimeUtc,
    /// Who decided.
    pub decided_by: Option<PersonId>,
    /// When.
    pub decided_at: Option<DateTimeUtc>,
    /// Why it was decided so.
    #[sea_orm(column_type = "Text")]
    pub decision: Option<String>,
    /// Local day on which the reversal counts.
    pub counts_on: Option<Date>,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Life of an appeal.
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
pub enum AppealState {
    /// Nobody has decided.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// The unit is right; the line is reversed.
    #[sea_orm(string_value = "upheld")]
    Upheld,
    /// The line stands.
    #[sea_orm(string_value = "rejected")]
    Rejected,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
