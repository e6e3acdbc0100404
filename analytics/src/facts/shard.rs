//! The facts of some units as columns: a table is made of shards, so that a write copies the shard of its unit and nothing else.
//!
//! Absent values are kept as one value that no real cell takes, so a column is a plain vector and a frame is made of it by copying.

use std::sync::OnceLock;

use polars::prelude::{
    BooleanChunked, Column, DataFrame, Int32Chunked, Int64Chunked, IntoColumn, NewChunkedArray, UInt32Chunked,
};

use super::table::{Cell, ColumnKind};

/// The shards of a table.
pub(crate) const SHARDS: usize = 64;

/// The shard in which the facts of a unit are.
pub(crate) fn shard_of(unit: i64) -> usize {
    // Units are numbered one after the other, so this spreads them evenly.
    usize::try_from(unit.rem_euclid(64)).unwrap_or(0)
}

const NO_LONG: i64 = i64::MIN;
const NO_DAY: i32 = i32::MIN;
const NO_CODE: u32 = u32::MAX;

/// The values of one column.
#[derive(Debug, Clone)]
pub(super) enum Values {
    Long(Vec<i64>),
    Day(Vec<i32>),
    Code(Vec<u32>),
    Flag(Vec<bool>),
}

/// Rows of one kind of fact, of the units of one shard.
#[derive(Debug)]
pub(crate) struct Shard {
    pub(super) ids: Vec<i64>,
    pub(super) columns: Vec<Values>,
    frame: OnceLock<DataFrame>,
}

impl Clone for Shard {
    /// The copy is made to be written to, so the frame is left behind.
    fn clone(&self) -> Self {
        Self { ids: self.ids.clone(), columns: self.columns.clone(), frame: OnceLock::new() }
    }
}

/// The names of a table's columns, and what they hold.
pub(super) type Names = &'static [(&'static str, ColumnKind)];

impl Shard {
    pub(super) fn new(names: Names) -> Self {
        let empty = |kind: ColumnKind| match kind {
            ColumnKind::Id | ColumnKind::Number => Values::Long(Vec::new()),
            ColumnKind::Day => Values::Day(Vec::new()),
            ColumnKind::Code => Values::Code(Vec::new()),
            ColumnKind::Flag => Values::Flag(Vec::new()),
        };
        let columns = names.iter().map(|&(_, kind)| empty(kind)).collect();
        Self { ids: Vec::new(), columns, frame: OnceLock::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Begins a row whose cells are then put in.
    pub(super) fn push(&mut self, id: i64) -> usize {
        self.ids.push(id);
        self.ids.len() - 1
    }

    pub(super) fn put(&mut self, place: usize, column: usize, cell: Cell) {
        self.frame = OnceLock::new();
        match (&mut self.columns[column], cell) {
            (Values::Long(values), Cell::Id(value) | Cell::Number(value)) => {
                put(values, place, value.unwrap_or(NO_LONG));
            }
            (Values::Day(values), Cell::Day(value)) => put(values, place, value.unwrap_or(NO_DAY)),
            (Values::Code(values), Cell::Code(value)) => put(values, place, value.unwrap_or(NO_CODE)),
            (Values::Flag(values), Cell::Flag(value)) => put(values, place, value),
            (values, cell) => unreachable!("the cell {cell:?} does not belong into {values:?}"),
        }
    }

    /// Takes a row out; the last row moves into its place, and its id is given.
    pub(super) fn swap_remove(&mut self, place: usize) -> Option<i64> {
        self.frame = OnceLock::new();
        self.ids.swap_remove(place);
        for values in &mut self.columns {
            match values {
                Values::Long(values) => {
                    values.swap_remove(place);
                }
                Values::Day(values) => {
                    values.swap_remove(place);
                }
                Values::Code(values) => {
                    values.swap_remove(place);
                }
                Values::Flag(values) => {
                    values.swap_remove(place);
                }
            }
        }
        self.ids.get(place).copied()
    }

    /// The numbers of a column of ids, as they are kept.
    pub(super) fn longs(&self, column: usize) -> &[i64] {
        match &self.columns[column] {
            Values::Long(values) => values,
            Values::Day(_) | Values::Code(_) | Values::Flag(_) => &[],
        }
    }

    pub(super) fn days(&self, column: usize) -> &[i32] {
        match &self.columns[column] {
            Values::Day(values) => values,
            Values::Long(_) | Values::Code(_) | Values::Flag(_) => &[],
        }
    }

    /// The rows as a frame, made once per state.
    pub(crate) fn frame(&self, names: Names) -> &DataFrame {
        self.frame.get_or_init(|| frame_of(names, &[self]))
    }
}

/// The rows of several shards as one frame: `id` and the columns by name, in no particular order of rows.
pub(super) fn frame_of(names: Names, shards: &[&Shard]) -> DataFrame {
    let height = shards.iter().map(|shard| shard.len()).sum();
    let ids: Vec<i64> = shards.iter().flat_map(|shard| shard.ids.iter().copied()).collect();
    let id = Int64Chunked::from_vec("id".into(), ids).into_column();
    let columns = names.iter().enumerate().map(|(place, &(name, kind))| column(name, kind, place, shards));
    DataFrame::new(height, std::iter::once(id).chain(columns).collect())
        .expect("every column has one value per row, and no name stands twice")
}

fn column(name: &str, kind: ColumnKind, place: usize, shards: &[&Shard]) -> Column {
    macro_rules! gathered {
        ($variant:ident) => {{
            let mut all = Vec::with_capacity(shards.iter().map(|shard| shard.len()).sum());
            for shard in shards {
                if let Values::$variant(values) = &shard.columns[place] {
                    all.extend_from_slice(values);
                }
            }
            all
        }};
    }
    macro_rules! optional {
        ($values:expr, $none:ident, $column:ident) => {{
            let values = $values;
            if values.contains(&$none) {
                let values = values.iter().map(|&value| (value != $none).then_some(value));
                $column::from_iter_options(name.into(), values).into_column()
            } else {
                $column::from_vec(name.into(), values).into_column()
            }
        }};
    }
    match kind {
        ColumnKind::Id | ColumnKind::Number => optional!(gathered!(Long), NO_LONG, Int64Chunked),
        ColumnKind::Day => optional!(gathered!(Day), NO_DAY, Int32Chunked),
        ColumnKind::Code => optional!(gathered!(Code), NO_CODE, UInt32Chunked),
        ColumnKind::Flag => BooleanChunked::from_slice(name.into(), &gathered!(Flag)).into_column(),
    }
}

fn put<T>(values: &mut Vec<T>, place: usize, value: T) {
    match values.get_mut(place) {
        Some(old) => *old = value,
        None => values.push(value),
    }
}

impl Values {
    /// The value at a place, as the cell that was written there.
    pub(super) fn cell(&self, kind: ColumnKind, place: usize) -> Cell {
        match self {
            Self::Long(values) => {
                let value = values.get(place).copied().filter(|value| *value != NO_LONG);
                if kind == ColumnKind::Id { Cell::Id(value) } else { Cell::Number(value) }
            }
            Self::Day(values) => Cell::Day(values.get(place).copied().filter(|value| *value != NO_DAY)),
            Self::Code(values) => Cell::Code(values.get(place).copied().filter(|value| *value != NO_CODE)),
            Self::Flag(values) => Cell::Flag(values.get(place).copied().unwrap_or_default()),
        }
    }
}
