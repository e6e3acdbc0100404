//! One file that was imported.

use sea_orm::entity::prelude::*;

use crate::ids::{ImportBatchId, NetworkId, PersonId};

/// One file that was imported.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_batch")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: ImportBatchId,
    /// Into which network.
    pub network_id: NetworkId,
    /// Name of the file.
    #[sea_orm(column_type = "Text")]
    pub source: String,
    /// Digest of file and mapping together; importing the same twice changes nothing.
    #[sea_orm(column_type = "Text")]
    pub sha256: String,
    /// What the mapping calls it.
    #[sea_orm(column_type = "Text")]
    pub title: String,
    /// Rows read.
    pub row_count: i64,
    /// Figures taken over.
    pub tally_count: i64,
    /// Who imported it; empty when the operator did on the command line.
    pub imported_by: Option<PersonId>,
    /// When.
    pub imported_at: DateTimeUtc,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
