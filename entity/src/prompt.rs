//! A prompt: the office reminds a direct-report point that has gone silent.

use sea_orm::entity::prelude::*;

use crate::ids::{NetworkId, PersonId, PromptId, UnitId};

/// A prompt to a direct-report point.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "prompt")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: PromptId,
    /// Which network prompts.
    pub network_id: NetworkId,
    /// Whom.
    pub unit_id: UnitId,
    /// What it says.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// First day of the period in which the point was silent.
    pub first_day: Date,
    /// Last day of that period.
    pub last_day: Date,
    /// Who prompted.
    pub prompted_by: PersonId,
    /// When.
    pub prompted_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
