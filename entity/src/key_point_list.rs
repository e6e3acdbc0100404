//! The key points (报送要点) of a network for a week or a month.

use sea_orm::entity::prelude::*;

use crate::ids::{KeyPointListId, NetworkId, PersonId};

/// The key points (报送要点) of a network for a week or a month.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_point_list")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: KeyPointListId,
    /// Who publishes them.
    pub network_id: NetworkId,
    /// The week or the month, `2026-W10` or `2026-03`.
    #[sea_orm(column_type = "Text")]
    pub period: String,
    /// Its first day.
    pub first_day: Date,
    /// Its last day.
    pub last_day: Date,
    /// Who published them.
    pub published_by: PersonId,
    /// When they were first published.
    pub published_at: DateTimeUtc,
    /// Counts the changes of this row.
    pub version: i64,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
