//! Apache Arrow and Parquet: typed columns for programs, with exact decimals.
//!
//! Counts are 64-bit integers, decimals `decimal128(19, 6)`, days `date32`, flags booleans, everything else UTF-8. The
//! Chinese heading of a column and what is said about the table stand in the schema's metadata.

#![expect(clippy::from_iter_instead_of_collect, reason = "the kind of array stands first, as in the schema")]

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use chrono::{Datelike as _, NaiveDate};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::table::{Column, Kind, Table, Value};

/// Digits of a decimal: all that its whole number of millionths can have.
pub const PRECISION: u8 = 19;
/// Of them behind the point.
pub const SCALE: i8 = 6;
/// Under this name the schema holds what is said about the table.
pub const ABOUT: &str = "zhengxin";
/// Under this name a field holds its Chinese heading.
pub const TITLE: &str = "title";
/// The day 1970-01-01, counted as a calendar counts.
pub(crate) const EPOCH: i32 = 719_163;

/// A Parquet file, compressed with Snappy, which every reader knows.
pub fn parquet(table: &Table, about: &str) -> Result<Vec<u8>, ParquetError> {
    let batch = batch(table, about)?;
    let properties =
        WriterProperties::builder().set_compression(Compression::SNAPPY).set_created_by("zhengxin".to_owned()).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.into_inner()
}

/// An Arrow file (IPC).
pub fn ipc(table: &Table, about: &str) -> Result<Vec<u8>, ArrowError> {
    let batch = batch(table, about)?;
    let mut bytes = Vec::new();
    let mut writer = FileWriter::try_new(&mut bytes, &batch.schema())?;
    writer.write(&batch)?;
    writer.finish()?;
    drop(writer);
    Ok(bytes)
}

fn batch(table: &Table, about: &str) -> Result<RecordBatch, ArrowError> {
    let fields: Vec<Field> = table.columns.iter().map(field).collect();
    // One entry each: maps of several have no order.
    let schema = Schema::new(fields).with_metadata(HashMap::from([(ABOUT.to_owned(), about.to_owned())]));
    let columns: Result<Vec<ArrayRef>, ArrowError> =
        table.columns.iter().enumerate().map(|(place, column)| array(table, place, column.kind)).collect();
    RecordBatch::try_new(Arc::new(schema), columns?)
}

fn field(column: &Column) -> Field {
    let kind = match column.kind {
        Kind::Text => DataType::Utf8,
        Kind::Count => DataType::Int64,
        Kind::Decimal(_) => DataType::Decimal128(PRECISION, SCALE),
        Kind::Flag => DataType::Boolean,
        Kind::Day => DataType::Date32,
    };
    Field::new(&column.name, kind, true).with_metadata(HashMap::from([(TITLE.to_owned(), column.title.clone())]))
}

fn array(table: &Table, place: usize, kind: Kind) -> Result<ArrayRef, ArrowError> {
    let cells = table.rows.iter().map(|row| &row[place]);
    Ok(match kind {
        Kind::Text => Arc::new(StringArray::from_iter(cells.map(|cell| match cell {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        }))),
        Kind::Count => Arc::new(Int64Array::from_iter(cells.map(|cell| match cell {
            Value::Count(count) => Some(*count),
            _ => None,
        }))),
        Kind::Decimal(_) => {
            let millionths = cells.map(|cell| match cell {
                Value::Decimal(decimal) => Some(i128::from(decimal.millionths())),
                _ => None,
            });
            Arc::new(Decimal128Array::from_iter(millionths).with_precision_and_scale(PRECISION, SCALE)?)
        }
        Kind::Flag => Arc::new(BooleanArray::from_iter(cells.map(|cell| match cell {
            Value::Flag(flag) => Some(*flag),
            _ => None,
        }))),
        Kind::Day => Arc::new(Date32Array::from_iter(cells.map(|cell| match cell {
            Value::Day(day) => Some(date32(*day)),
            _ => None,
        }))),
    })
}

/// A day as Arrow counts it.
pub(crate) fn date32(day: NaiveDate) -> i32 {
    day.num_days_from_ce() - EPOCH
}
