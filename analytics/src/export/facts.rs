//! Facts of closed periods as Parquet files, so that any program that reads Parquet can count with them.
//!
//! One file holds one kind of fact of one period. Its columns are those of the kind, with codes as text, days as dates and
//! points as exact decimals. What is closed never changes, so neither does its file: the same facts give the same bytes.

#![expect(clippy::from_iter_instead_of_collect, reason = "the kind of array stands first, as in the schema")]

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::arrow::{ABOUT, EPOCH, PRECISION, SCALE, date32};
use crate::facts::{FrozenCell, FrozenFacts, UnitRow};

/// Columns that hold millionths.
const DECIMALS: [&str; 4] = ["decided_points", "awarded", "coefficient", "share"];
/// Columns that hold yes or no.
const FLAGS: [&str; 10] = [
    "received",
    "commissioned",
    "urgent",
    "planned",
    "completed",
    "on_time",
    "violation",
    "evidence",
    "near_duplicate",
    "is_author",
];
/// Columns that hold codes of the rulebook.
const CODES: [&str; 11] =
    ["kind", "topic", "publication", "class", "via", "to_level", "level", "rank", "origin", "outcome", "duty"];
/// Columns that hold days.
const DAYS: [&str; 5] = ["day", "decided_on", "due_on", "last_on", "happened_on"];

/// What the cells of a column are, by its name: files of different periods must have the same columns.
fn kind(column: &str) -> DataType {
    if DAYS.contains(&column) {
        DataType::Date32
    } else if DECIMALS.contains(&column) {
        DataType::Decimal128(PRECISION, SCALE)
    } else if FLAGS.contains(&column) {
        DataType::Boolean
    } else if CODES.contains(&column) {
        DataType::Utf8
    } else {
        DataType::Int64
    }
}

/// The facts of one kind; `about` stands in the file's metadata.
pub fn parquet(facts: &FrozenFacts, about: &str) -> Result<Vec<u8>, ParquetError> {
    let mut fields = vec![Field::new("id", DataType::Int64, false)];
    let mut columns: Vec<ArrayRef> = vec![Arc::new(Int64Array::from_iter_values(facts.rows.iter().map(|(id, _)| *id)))];
    for (place, name) in facts.columns.iter().enumerate() {
        let cells: Vec<Option<&FrozenCell>> = facts.rows.iter().map(|(_, cells)| cells.get(place)).collect();
        let kind = kind(name);
        columns.push(array(name, &kind, &cells)?);
        fields.push(Field::new(name, kind, true));
    }
    write(fields, columns, about)
}

/// The units by id, with their names and the category that each belongs to last.
pub fn units<'u>(units: impl Iterator<Item = &'u UnitRow> + Clone, about: &str) -> Result<Vec<u8>, ParquetError> {
    let category = |unit: &'u UnitRow| {
        let last = unit.memberships.iter().max_by_key(|membership| membership.first);
        last.map(|membership| membership.category.as_str())
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(units.clone().map(|unit| unit.id))),
        Arc::new(StringArray::from_iter_values(units.clone().map(|unit| unit.name.as_str()))),
        Arc::new(StringArray::from_iter(units.clone().map(category))),
        Arc::new(Date32Array::from_iter_values(units.clone().map(|unit| date32(unit.opened_on)))),
        Arc::new(Date32Array::from_iter(units.clone().map(|unit| unit.closed_on.map(date32)))),
        Arc::new(BooleanArray::from_iter(units.map(|unit| Some(unit.direct_report)))),
    ];
    let fields = vec![
        Field::new("id", DataType::Int64, false),
        Field::new("name", DataType::Utf8, false),
        Field::new("category", DataType::Utf8, true),
        Field::new("opened_on", DataType::Date32, false),
        Field::new("closed_on", DataType::Date32, true),
        Field::new("direct_report", DataType::Boolean, true),
    ];
    write(fields, columns, about)
}

fn write(fields: Vec<Field>, columns: Vec<ArrayRef>, about: &str) -> Result<Vec<u8>, ParquetError> {
    let schema = Schema::new(fields).with_metadata(HashMap::from([(ABOUT.to_owned(), about.to_owned())]));
    let batch = RecordBatch::try_new(Arc::new(schema), columns)?;
    let properties =
        WriterProperties::builder().set_compression(Compression::SNAPPY).set_created_by("zhengxin".to_owned()).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.into_inner()
}

fn array(name: &str, kind: &DataType, cells: &[Option<&FrozenCell>]) -> Result<ArrayRef, ArrowError> {
    let odd = |cell: &FrozenCell| ArrowError::SchemaError(format!("the column {name} cannot hold {cell:?}"));
    let numbers = || -> Result<Vec<Option<i64>>, ArrowError> {
        let number = |cell: Option<&FrozenCell>| match cell {
            None | Some(FrozenCell::Absent) => Ok(None),
            Some(FrozenCell::Number(number)) => Ok(Some(*number)),
            Some(other) => Err(odd(other)),
        };
        cells.iter().copied().map(number).collect()
    };
    Ok(match kind {
        DataType::Date32 => {
            let day = |number: i64| i32::try_from(number).ok().map(|day| day - EPOCH);
            Arc::new(Date32Array::from_iter(numbers()?.into_iter().map(|number| number.and_then(day))))
        }
        DataType::Decimal128(..) => {
            let millionths = numbers()?.into_iter().map(|number| number.map(i128::from));
            Arc::new(Decimal128Array::from_iter(millionths).with_precision_and_scale(PRECISION, SCALE)?)
        }
        DataType::Boolean => {
            let flag = |cell: Option<&FrozenCell>| match cell {
                None | Some(FrozenCell::Absent) => Ok(None),
                Some(FrozenCell::Flag(flag)) => Ok(Some(*flag)),
                Some(other) => Err(odd(other)),
            };
            let flags: Result<Vec<Option<bool>>, ArrowError> = cells.iter().copied().map(flag).collect();
            Arc::new(BooleanArray::from_iter(flags?))
        }
        DataType::Utf8 => {
            let code = |cell: Option<&FrozenCell>| match cell {
                None | Some(FrozenCell::Absent) => Ok(None),
                Some(FrozenCell::Code(code)) => Ok(Some(code.clone())),
                Some(other) => Err(odd(other)),
            };
            let codes: Result<Vec<Option<String>>, ArrowError> = cells.iter().copied().map(code).collect();
            Arc::new(StringArray::from_iter(codes?))
        }
        _ => Arc::new(Int64Array::from_iter(numbers()?)),
    })
}
