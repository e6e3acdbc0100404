//! A deadline of an assignment that was replaced by a later one, with the reason.

use sea_orm::entity::prelude::*;

use crate::ids::{CommissionAssignmentId, CommissionExtensionId, PersonId};

/// A deadline of an assignment that was replaced by a later one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "commission_extension")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: CommissionExtensionId,
    /// Of which assignment.
    pub assignment_id: CommissionAssignmentId,
    /// The deadline until then.
    pub old_due_at: DateTimeUtc,
    /// The deadline from then on.
    pub new_due_at: DateTimeUtc,
    /// Why.
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    /// Who set it.
    pub set_by: PersonId,
    /// When.
    pub set_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
