//! A settlement (结算): what is paid, and which titles are given, for a period whose circular is published.

use sea_orm::entity::prelude::*;

use crate::ids::{CircularId, NetworkId, PersonId, SettlementId};

/// A settlement (结算): what is paid, and which titles are given, for a period whose circular is published.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "settlement")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: SettlementId,
    /// In which network.
    pub network_id: NetworkId,
    /// The period by its name, such as `2026`.
    #[sea_orm(column_type = "Text")]
    pub period: String,
    /// Its first day.
    pub first_day: Date,
    /// Its last day.
    pub last_day: Date,
    /// Counts the settlements of the period from 1.
    pub number: i64,
    /// Whether it pays or takes back.
    pub kind: SettlementKind,
    /// Where it stands.
    pub state: SettlementState,
    /// The edition of the circular from which it was drafted.
    pub circular_id: CircularId,
    /// The settlement that it takes back.
    pub reverses_id: Option<SettlementId>,
    /// The sum of its lines in fen.
    pub total: i64,
    /// Why it takes back; empty in one that pays.
    #[sea_orm(column_type = "Text")]
    pub reason: Option<String>,
    /// Who drafted it, or took back.
    pub drafted_by: PersonId,
    /// When.
    pub drafted_at: DateTimeUtc,
    /// Who approved it.
    pub approved_by: Option<PersonId>,
    /// When.
    pub approved_at: Option<DateTimeUtc>,
    /// Counts what was approved in the network from 1, so that two approvals never rest on the same payments.
    pub approval: Option<i64>,
    /// The network and the period, as long as it is a draft: a period has one draft.
    #[sea_orm(column_type = "Text")]
    pub draft_of: Option<String>,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Whether a settlement pays or takes back.
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
pub enum SettlementKind {
    /// It pays what is due and has not been paid.
    #[sea_orm(string_value = "payment")]
    Payment,
    /// It takes back what another one paid (冲正).
    #[sea_orm(string_value = "reversal")]
    Reversal,
}

/// Life of a settlement.
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
pub enum SettlementState {
    /// Nobody has approved it.
    #[sea_orm(string_value = "drafted")]
    Drafted,
    /// A second person approved it: its lines are paid.
    #[sea_orm(string_value = "approved")]
    Approved,
    /// It was approved and has been taken back.
    #[sea_orm(string_value = "reversed")]
    Reversed,
    /// Another draft has taken its place.
    #[sea_orm(string_value = "discarded")]
    Discarded,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
