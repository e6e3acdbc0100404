//! A line of a settlement: a payment or a title, with its reason.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, PersonId, RulebookVersionId, SettlementId, SettlementLineId, SubmissionId, UnitId};

/// A line of a settlement: a payment or a title, with its reason.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "settlement_line")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: SettlementLineId,
    /// In which network.
    pub network_id: NetworkId,
    /// Of which settlement.
    pub settlement_id: SettlementId,
    /// Place in the settlement.
    pub position: i64,
    /// Stable: the same award, or the same line of the ledger, to the same payee has the same key in every settlement.
    #[sea_orm(column_type = "Text")]
    pub key: String,
    /// What gives it.
    pub kind: SettlementLineKind,
    /// The award or the rule, as the rulebook calls it.
    #[sea_orm(column_type = "Text")]
    pub award: String,
    /// The rulebook version.
    pub rulebook_id: RulebookVersionId,
    /// Where it stands in the document.
    #[sea_orm(column_type = "Text")]
    pub clause: String,
    /// The title that is won, or what is rewarded.
    #[sea_orm(column_type = "Text")]
    pub title: String,
    /// Code of the category in which it is won.
    #[sea_orm(column_type = "Text")]
    pub category: Option<String>,
    /// The unit.
    pub unit_id: UnitId,
    /// Its name when the line was drafted.
    #[sea_orm(column_type = "Text")]
    pub unit_name: String,
    /// The submission that is rewarded.
    pub submission_id: Option<SubmissionId>,
    /// The person who is paid or named, if they have an account.
    pub person_id: Option<PersonId>,
    /// Who is paid or named beside the unit.
    #[sea_orm(column_type = "Text")]
    pub person_name: Option<String>,
    /// The editor of the submission that wins.
    #[sea_orm(column_type = "Text")]
    pub editor: Option<String>,
    /// The share of the person in millionths.
    pub share: Option<i64>,
    /// The rank by which it is won.
    pub rank: Option<i64>,
    /// The points by which it is won, in millionths.
    pub points: Option<i64>,
    /// The local day to which it belongs.
    pub day: Date,
    /// What is due in all, in fen.
    pub due: i64,
    /// What was paid before, in fen.
    pub paid_before: i64,
    /// What this settlement pays, or takes back when negative, in fen.
    pub amount: i64,
    /// What becomes of it.
    pub outcome: SettlementOutcome,
    /// What was applied to a tie across the last place.
    #[sea_orm(column_type = "Text")]
    pub tie: Option<String>,
    /// The reason in words.
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    /// The lists that keep a unit from winning, JSON.
    #[sea_orm(column_type = "Text")]
    pub bars: String,
}

/// What gives a line.
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
pub enum SettlementLineKind {
    /// A place in the ranking.
    #[sea_orm(string_value = "award")]
    Award,
    /// A rule that gives or takes money.
    #[sea_orm(string_value = "reward")]
    Reward,
}

/// What becomes of a line.
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
pub enum SettlementOutcome {
    /// Won by rank.
    #[sea_orm(string_value = "won")]
    Won,
    /// Won because those before it are passed over (递补).
    #[sea_orm(string_value = "moved_up")]
    MovedUp,
    /// The rank would win, but the unit may not.
    #[sea_orm(string_value = "passed_over")]
    PassedOver,
    /// Tied across the last place; a person has to choose.
    #[sea_orm(string_value = "undecided")]
    Undecided,
    /// Tied across the last place, and not chosen.
    #[sea_orm(string_value = "lost_tie")]
    LostTie,
    /// Earned by a rule.
    #[sea_orm(string_value = "earned")]
    Earned,
    /// It was settled before and is not due any more.
    #[sea_orm(string_value = "withdrawn")]
    Withdrawn,
    /// Taken back with its settlement.
    #[sea_orm(string_value = "reversed")]
    Reversed,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
