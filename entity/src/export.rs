//! An export: an answer as a file, for the person who asked. The row stays; the file itself is kept for some days beside it.

use sea_orm::entity::prelude::*;

use crate::ids::{ExportId, NetworkId, PersonId};

/// An export.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "export")]
pub struct Model {
    /// Row id.
    #[sea_orm(primary_key)]
    pub id: ExportId,
    /// Whose figures it holds.
    pub network_id: NetworkId,
    /// For whom it was made.
    pub person_id: PersonId,
    /// In which format.
    pub format: ExportFormat,
    /// The question, as JSON.
    #[sea_orm(column_type = "Text")]
    pub question: String,
    /// What the file is called.
    #[sea_orm(column_type = "Text")]
    pub file_name: String,
    /// Last act of the network that the figures contain.
    pub data_version: i64,
    /// How many rows.
    pub row_count: i64,
    /// How many bytes.
    pub byte_count: i64,
    /// SHA-256 of the file.
    #[sea_orm(column_type = "Text")]
    pub sha256: String,
    /// SHA-256 of the table, which is the same in every format.
    #[sea_orm(column_type = "Text")]
    pub digest: String,
    /// Everything that tells where the file comes from, as JSON.
    #[sea_orm(column_type = "Text")]
    pub manifest: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Until when the file is kept.
    pub expires_at: DateTimeUtc,
}

/// Formats of exports.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    serde::Serialize,
    serde::Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Comma-separated values.
    #[sea_orm(string_value = "csv")]
    Csv,
    /// A workbook.
    #[sea_orm(string_value = "xlsx")]
    Xlsx,
    /// Apache Parquet.
    #[sea_orm(string_value = "parquet")]
    Parquet,
    /// Apache Arrow (IPC file).
    #[sea_orm(string_value = "arrow")]
    Arrow,
    /// A picture.
    #[sea_orm(string_value = "svg")]
    Svg,
}

/// Rows are joined by loaders, so no relation is declared.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
