//! A period that was closed: nothing that is dated in it changes any more.

use sea_orm::entity::prelude::*;

use crate::ids::{ClosingId, NetworkId, PersonId};

/// A period that was closed: nothing that is dated in it changes any more.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "closing")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: ClosingId,
    /// Whose period.
    pub network_id: NetworkId,
    /// The period by its name, such as `2026-03` or `2026-Q1`.
    #[sea_orm(column_type = "Text")]
    pub period: String,
    /// Its first day that was not closed before.
    pub first_day: Date,
    /// Its last day.
    pub last_day: Date,
    /// Last act of the network that it contains.
    pub data_version: i64,
    /// Who closed it.
    pub closed_by: PersonId,
    /// When.
    pub closed_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
