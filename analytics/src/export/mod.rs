//! Answers as files: one table of typed columns, written in several formats.
//!
//! Every format holds the cells of [`table::Table`] and nothing else, so that a figure reads the same wherever it is
//! opened. The same answer gives the same bytes: no writer knows the time or the machine.

pub mod arrow;
pub mod csv;
pub mod facts;
pub mod table;
pub mod xlsx;

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Unwritten {
    /// As a workbook.
    #[error("the workbook cannot be written")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// As an Arrow file.
    #[error("the Arrow file cannot be written")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// As a Parquet file.
    #[error("the Parquet file cannot be written")]
    Parquet(#[from] parquet::errors::ParquetError),
}
