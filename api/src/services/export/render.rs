//! An answer as the bytes of a file.

use analytics::export::csv;
use analytics::export::table::Table;
use analytics::frames::answer::Answer;
use analytics::frames::query::Query;
use entity::export::ExportFormat;

use super::manifest::Manifest;

/// A file with what tells where it comes from.
pub(super) struct Rendered {
    pub(super) bytes: Vec<u8>,
    pub(super) manifest: Manifest,
}

pub(super) fn render(
    query: &Query,
    answer: &Answer,
    unit_id: fn(i64) -> String,
    format: ExportFormat,
    mut manifest: Manifest,
) -> Rendered {
    let table = Table::of(query, answer, unit_id);
    manifest.describe(&table);
    let bytes = match format {
        ExportFormat::Csv => csv::write(&table),
    };
    manifest.seal(&bytes, extension(format));
    Rendered { bytes, manifest }
}

fn extension(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Csv => "csv",
    }
}

pub(super) fn media_type(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Csv => "text/csv; charset=utf-8",
    }
}
