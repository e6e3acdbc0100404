//! An answer as the bytes of a file.

use analytics::chart;
use analytics::export::table::Table;
use analytics::export::{Unwritten, arrow, csv, xlsx};
use analytics::frames::answer::Answer;
use analytics::frames::query::Query;
use entity::export::ExportFormat;

use super::Picture;
use super::manifest::Manifest;
use crate::error::{Error, Result};

/// A file with what tells where it comes from.
pub(super) struct Rendered {
    pub(super) bytes: Vec<u8>,
    pub(super) manifest: Manifest,
}

/// Renders an answer. The same answer, asked at the same moment, gives the same bytes.
pub(super) fn render(
    query: &Query,
    answer: &Answer,
    unit_id: fn(i64) -> String,
    (format, picture): (ExportFormat, Option<&Picture>),
    mut manifest: Manifest,
) -> Result<Rendered> {
    let table = Table::of(query, answer, unit_id);
    manifest.describe(&table);
    let unwritten = |error: Unwritten| Error::internal(error);
    let bytes = match (format, picture) {
        (ExportFormat::Csv, _) => csv::write(&table),
        (ExportFormat::Xlsx, _) => {
            xlsx::write(&table, &manifest.sheet()?, manifest.as_of).map_err(|error| unwritten(error.into()))?
        }
        (ExportFormat::Parquet, _) => {
            arrow::parquet(&table, &manifest.text()?).map_err(|error| unwritten(error.into()))?
        }
        (ExportFormat::Arrow, _) => arrow::ipc(&table, &manifest.text()?).map_err(|error| unwritten(error.into()))?,
        (ExportFormat::Svg, Some(picture)) => draw(query, answer, picture)?.into_bytes(),
        (ExportFormat::Svg, None) => return Err(no_picture()),
    };
    manifest.seal(&bytes, extension(format));
    Ok(Rendered { bytes, manifest })
}

/// Draws an answer.
pub(super) fn draw(query: &Query, answer: &Answer, picture: &Picture) -> Result<String> {
    chart::draw(picture.kind, query, answer, picture.title.as_deref())
        .map_err(|unfit| Error::invalid(format!("question.{}", unfit.field), unfit.message, unfit.message_zh))
}

/// Whether the format is a picture.
pub(super) fn is_picture(format: ExportFormat) -> bool {
    match format {
        ExportFormat::Svg => true,
        ExportFormat::Csv | ExportFormat::Xlsx | ExportFormat::Parquet | ExportFormat::Arrow => false,
    }
}

pub(super) fn no_picture() -> Error {
    Error::invalid("chart", "say what is drawn", "请填写 chart，说明绘制何种图")
}

fn extension(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Csv => "csv",
        ExportFormat::Xlsx => "xlsx",
        ExportFormat::Parquet => "parquet",
        ExportFormat::Arrow => "arrow",
        ExportFormat::Svg => "svg",
    }
}

pub(super) fn media_type(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Csv => "text/csv; charset=utf-8",
        ExportFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ExportFormat::Parquet => "application/vnd.apache.parquet",
        ExportFormat::Arrow => "application/vnd.apache.arrow.file",
        ExportFormat::Svg => "image/svg+xml",
    }
}
