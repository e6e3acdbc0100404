//! A numbered issue of a publication.

use sea_orm::entity::prelude::*;

use crate::ids::{IssueId, PublicationId};

/// A numbered issue of a publication.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "issue")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: IssueId,
    /// What it is an issue of.
    pub publication_id: PublicationId,
    /// Running number within the year.
    pub number: i64,
    /// Calendar year of the number.
    pub year: i64,
    /// Date printed on it.
    pub issued_on: Date,
    /// How far it is.
    pub state: IssueState,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Life of an issue.
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
pub enum IssueState {
    /// Being compiled: adoptions can be added.
    #[sea_orm(string_value = "open")]
    Open,
    /// Approved by a chief editor; nothing can be added.
    #[sea_orm(string_value = "approved")]
    Approved,
    /// Out.
    #[sea_orm(string_value = "published")]
    Published,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
