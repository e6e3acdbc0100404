//! What a gateway's code means for a network.

use sea_orm::entity::prelude::*;

use crate::ids::{FailureCodeId, NetworkId, PersonId};

/// What a gateway's code means for a network.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "failure_code")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: FailureCodeId,
    /// For which network.
    pub network_id: NetworkId,
    /// The gateway's code.
    #[sea_orm(column_type = "Text")]
    pub code: String,
    /// What it means.
    pub class: FailureClass,
    /// Who said so last.
    pub changed_by: Option<PersonId>,
    /// When.
    pub changed_at: DateTimeUtc,
    /// Counts the changes of this row.
    pub version: i64,
}

/// What a failure means for the notice.
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
pub enum FailureClass {
    /// It may succeed later.
    #[sea_orm(string_value = "retryable")]
    Retryable,
    /// It never will.
    #[sea_orm(string_value = "final")]
    Final,
    /// Nothing will, until somebody mends the account, its credit or its signature.
    #[sea_orm(string_value = "config")]
    Config,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
