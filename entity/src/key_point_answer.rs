//! A submission that answers a key point.

use sea_orm::entity::prelude::*;

use crate::ids::{KeyPointAnswerId, KeyPointId, SubmissionId, UnitId};

/// A submission that answers a key point.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_point_answer")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: KeyPointAnswerId,
    /// Which key point.
    pub key_point_id: KeyPointId,
    /// By which submission.
    pub submission_id: SubmissionId,
    /// Of which unit.
    pub unit_id: UnitId,
    /// When the submission named it.
    pub linked_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
