//! One link of the chain by which a commission came to the office, with the deadline that its sender set.

use sea_orm::entity::prelude::*;

use crate::ids::{CommissionAssignmentId, CommissionId, CommissionStepId};

/// One link of the chain by which a commission came to the office.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "commission_step")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: CommissionStepId,
    /// Of which commission.
    pub commission_id: CommissionId,
    /// Place in the chain; the outermost sender first.
    pub position: i64,
    /// Code of the sender's level, if the rulebook declares it.
    #[sea_orm(column_type = "Text", nullable)]
    pub level: Option<String>,
    /// Who sent it on.
    #[sea_orm(column_type = "Text")]
    pub issuer: String,
    /// The sender's file number.
    #[sea_orm(column_type = "Text", nullable)]
    pub reference: Option<String>,
    /// Until when the sender wants the answer.
    pub due_at: DateTimeUtc,
    /// The assignment of a higher network that this link is, if the sender works in this system.
    pub assignment_id: Option<CommissionAssignmentId>,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
