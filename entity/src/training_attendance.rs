//! Somebody who took part in a training.

use sea_orm::entity::prelude::*;

use crate::ids::{PersonId, TrainingAttendanceId, TrainingId, UnitId};

/// Somebody who took part in a training.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "training_attendance")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: TrainingAttendanceId,
    /// Which training.
    pub training_id: TrainingId,
    /// The person, if they have an account.
    pub person_id: Option<PersonId>,
    /// Their name.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The unit that they came from.
    pub unit_id: UnitId,
    /// Whether they stayed to the end.
    pub completed: bool,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
