//! One kind of fact as columns, and the frame that is made of them.
//!
//! Absent values are kept as one value that no real cell takes, so a column is a plain vector and a frame is made of it by
//! copying.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use polars::prelude::{
    BooleanChunked, Column, DataFrame, Int32Chunked, Int64Chunked, IntoColumn, NewChunkedArray, UInt32Chunked,
};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    /// Ids of other rows.
    Id,
    /// Numbers that stand for code texts.
    Code,
    /// Day numbers.
    Day,
    /// Whole numbers, or millionths.
    Number,
    /// Yes or no.
    Flag,
}

/// One value on its way into a table.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell {
    Id(Option<i64>),
    Code(Option<u32>),
    Day(Option<i32>),
    Number(Option<i64>),
    Flag(bool),
}

/// What of a frozen row may still change: it ends what lasts, and says nothing of the day that is closed.
const ENDS: &str = "last_on";

const NO_LONG: i64 = i64::MIN;
const NO_DAY: i32 = i32::MIN;
const NO_CODE: u32 = u32::MAX;

#[derive(Debug, Clone)]
enum Values {
    Long(Vec<i64>),
    Day(Vec<i32>),
    Code(Vec<u32>),
    Flag(Vec<bool>),
}

/// Rows of one kind of fact, by id.
#[derive(Debug)]
pub(crate) struct Table {
    names: &'static [(&'static str, ColumnKind)],
    ids: Vec<i64>,
    places: HashMap<i64, usize>,
    frozen: HashSet<i64>,
    columns: Vec<Values>,
    frame: OnceLock<DataFrame>,
}

impl Clone for Table {
    /// The copy is made to be written to, so the frame is left behind.
    fn clone(&self) -> Self {
        Self {
            names: self.names,
            ids: self.ids.clone(),
            places: self.places.clone(),
            frozen: self.frozen.clone(),
            columns: self.columns.clone(),
            frame: OnceLock::new(),
        }
    }
}

impl Table {
    pub(crate) fn new(names: &'static [(&'static str, ColumnKind)]) -> Self {
        let empty = |kind: ColumnKind| match kind {
            ColumnKind::Id | ColumnKind::Number => Values::Long(Vec::new()),
            ColumnKind::Day => Values::Day(Vec::new()),
            ColumnKind::Code => Values::Code(Vec::new()),
            ColumnKind::Flag => Values::Flag(Vec::new()),
        };
        Self {
            names,
            ids: Vec::new(),
            places: HashMap::new(),
            frozen: HashSet::new(),
            columns: names.iter().map(|&(_, kind)| empty(kind)).collect(),
            frame: OnceLock::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn contains(&self, id: i64) -> bool {
        self.places.contains_key(&id)
    }

    pub(crate) fn is_frozen(&self, id: i64) -> bool {
        self.frozen.contains(&id)
    }

    pub(crate) fn column_names(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().map(|&(name, _)| name)
    }

    /// The rows with their cells, in no particular order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (i64, Vec<(&'static str, Cell)>)> {
        self.ids.iter().enumerate().map(|(place, id)| {
            let cells = self.names.iter().zip(&self.columns);
            (*id, cells.map(|(&(name, kind), values)| (name, values.cell(kind, place))).collect())
        })
    }

    /// The day of a row, as the number that columns hold.
    pub(crate) fn day(&self, id: i64) -> Option<i32> {
        let place = *self.places.get(&id)?;
        match self.columns.get(self.day_column()?)? {
            Values::Day(days) => days.get(place).copied(),
            Values::Long(_) | Values::Code(_) | Values::Flag(_) => None,
        }
    }

    /// Puts a row on another day, if there is such a row.
    pub(crate) fn set_day(&mut self, id: i64, day: i32) {
        let (Some(place), Some(column)) = (self.places.get(&id).copied(), self.day_column()) else {
            return;
        };
        if let Some(Values::Day(days)) = self.columns.get_mut(column) {
            self.frame = OnceLock::new();
            put(days, place, day);
        }
    }

    fn day_column(&self) -> Option<usize> {
        self.column_names().position(|name| name == super::DAY)
    }

    /// Writes the row and holds it as it is.
    pub(crate) fn freeze(&mut self, id: i64, cells: &[Cell]) {
        self.frozen.remove(&id);
        self.upsert(id, cells);
        self.frozen.insert(id);
    }

    /// Writes the row, over the one of the same id if there is one. The cells stand in the order of the columns. Of a frozen row, only
    /// what ends it is written.
    pub(crate) fn upsert(&mut self, id: i64, cells: &[Cell]) {
        let is_frozen = self.is_frozen(id);
        if is_frozen && self.column_names().all(|name| name != ENDS) {
            return;
        }
        self.frame = OnceLock::new();
        let place = *self.places.entry(id).or_insert(self.ids.len());
        let is_new = place == self.ids.len();
        if is_new {
            self.ids.push(id);
        }
        for ((values, &cell), &(name, _)) in self.columns.iter_mut().zip(cells).zip(self.names) {
            if is_frozen && name != ENDS {
                continue;
            }
            match (values, cell) {
                (Values::Long(values), Cell::Id(value) | Cell::Number(value)) => {
                    put(values, place, value.unwrap_or(NO_LONG));
                }
                (Values::Day(values), Cell::Day(value)) => {
                    put(values, place, value.unwrap_or(NO_DAY));
                }
                (Values::Code(values), Cell::Code(value)) => {
                    put(values, place, value.unwrap_or(NO_CODE));
                }
                (Values::Flag(values), Cell::Flag(value)) => put(values, place, value),
                (values, cell) => unreachable!("the cell {cell:?} does not belong into {values:?}"),
            }
        }
    }

    /// Takes the row away, unless it is frozen; the last row moves into its place.
    pub(crate) fn remove(&mut self, id: i64) -> bool {
        if self.is_frozen(id) {
            return false;
        }
        let Some(place) = self.places.remove(&id) else {
            return false;
        };
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
        if let Some(&moved) = self.ids.get(place) {
            self.places.insert(moved, place);
        }
        true
    }

    /// The rows as a frame: `id` and the columns by name, in no particular order of rows. Made once per state.
    pub(crate) fn frame(&self) -> &DataFrame {
        self.frame.get_or_init(|| {
            let id = Int64Chunked::from_slice("id".into(), &self.ids).into_column();
            let columns = self.names.iter().zip(&self.columns).map(|(&(name, _), values)| values.to_column(name));
            DataFrame::new(self.ids.len(), std::iter::once(id).chain(columns).collect())
                .expect("every column has one value per row, and no name stands twice")
        })
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
    fn cell(&self, kind: ColumnKind, place: usize) -> Cell {
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

    fn to_column(&self, name: &str) -> Column {
        match self {
            Self::Long(values) if values.contains(&NO_LONG) => {
                let values = values.iter().map(|&value| (value != NO_LONG).then_some(value));
                Int64Chunked::from_iter_options(name.into(), values).into_column()
            }
            Self::Long(values) => Int64Chunked::from_slice(name.into(), values).into_column(),
            Self::Day(values) if values.contains(&NO_DAY) => {
                let values = values.iter().map(|&value| (value != NO_DAY).then_some(value));
                Int32Chunked::from_iter_options(name.into(), values).into_column()
            }
            Self::Day(values) => Int32Chunked::from_slice(name.into(), values).into_column(),
            Self::Code(values) if values.contains(&NO_CODE) => {
                let values = values.iter().map(|&value| (value != NO_CODE).then_some(value));
                UInt32Chunked::from_iter_options(name.into(), values).into_column()
            }
            Self::Code(values) => UInt32Chunked::from_slice(name.into(), values).into_column(),
            Self::Flag(values) => BooleanChunked::from_slice(name.into(), values).into_column(),
        }
    }
}
