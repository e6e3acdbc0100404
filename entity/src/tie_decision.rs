//! A decision on a tie across the last place of an award. The last one counts.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, PersonId, TieDecisionId};

/// A decision on a tie across the last place of an award. The last one counts.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tie_decision")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: TieDecisionId,
    /// In which network.
    pub network_id: NetworkId,
    /// The year by its name.
    #[sea_orm(column_type = "Text")]
    pub period: String,
    /// The award, as the rulebook calls it.
    #[sea_orm(column_type = "Text")]
    pub award: String,
    /// Ids of the units, or of the submissions, that win, JSON.
    #[sea_orm(column_type = "Text")]
    pub winners: String,
    /// Why.
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    /// Who decided.
    pub decided_by: PersonId,
    /// When.
    pub decided_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
