//! The file of an export, apart from its row, so that lists do not read it; it goes when the export expires.

use sea_orm::entity::prelude::*;

use crate::ids::ExportId;

/// The file of an export.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "export_file")]
pub struct Model {
    /// Of which export.
    #[sea_orm(primary_key, auto_increment = false)]
    pub export_id: ExportId,
    /// The bytes.
    #[sea_orm(column_type = "Blob")]
    pub bytes: Vec<u8>,
    /// Until when they are kept.
    pub expires_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
