//! Something that belongs to a commission and lies elsewhere: a name, and where to find it.

use sea_orm::entity::prelude::*;

use crate::ids::{CommissionAttachmentId, CommissionId};

/// Something that belongs to a commission and lies elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "commission_attachment")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: CommissionAttachmentId,
    /// Of which commission.
    pub commission_id: CommissionId,
    /// What it is called.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Where it can be fetched.
    #[sea_orm(column_type = "Text", nullable)]
    pub url: Option<String>,
    /// Its file number, for what is on paper or in another system.
    #[sea_orm(column_type = "Text", nullable)]
    pub file_number: Option<String>,
    /// SHA-256 of its bytes, hexadecimal.
    #[sea_orm(column_type = "Text", nullable)]
    pub sha256: Option<String>,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
