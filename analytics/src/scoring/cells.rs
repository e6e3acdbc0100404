//! Sums by unit and place, where a place is a period: one pass over the columns into a grid of numbers.

use std::collections::HashMap;

use polars::prelude::{DataFrame, Int64Chunked, IntoColumn, PolarsResult, UInt32Chunked};

use super::extremes;

/// The most cells of a grid.
const MAX_CELLS: usize = 1 << 26;
/// Units whose ids lie closer together than this are found without hashing.
const MAX_WIDTH: usize = 1 << 20;

/// The rows of a grid: one for each unit that has something to sum.
enum Rows {
    Near(i64, Vec<u32>),
    Far(HashMap<i64, u32>),
}

const NO_ROW: u32 = u32::MAX;

impl Rows {
    fn of(&self, unit: i64) -> usize {
        let row = match self {
            Self::Near(least, rows) => {
                let place = usize::try_from(unit - least).unwrap_or(usize::MAX);
                rows.get(place).copied().unwrap_or(NO_ROW)
            }
            Self::Far(rows) => rows.get(&unit).copied().unwrap_or(NO_ROW),
        };
        row as usize
    }
}

/// A grid of sums.
pub(super) struct Cells {
    rows: Rows,
    units: Vec<i64>,
    places: usize,
    sums: Vec<i64>,
    touched: Vec<bool>,
}

impl Cells {
    /// A grid for these units and so many places; `None` where a unit is missing, or where there would be too many cells.
    pub(super) fn of(units: &Int64Chunked, places: usize) -> Option<Self> {
        if units.null_count() > 0 {
            return None;
        }
        let near = extremes(units).and_then(|(least, most)| {
            let width = usize::try_from(most.checked_sub(least)?).ok()?.checked_add(1)?;
            (width <= MAX_WIDTH).then_some((least, width))
        });
        let (rows, units) = if let Some((least, width)) = near {
            let mut rows = vec![NO_ROW; width];
            for unit in units.into_no_null_iter() {
                rows[usize::try_from(unit - least).unwrap_or(0)] = 0;
            }
            let mut known = Vec::new();
            for (unit, row) in (least..).zip(&mut rows).filter(|(_, row)| **row == 0) {
                *row = u32::try_from(known.len()).unwrap_or(NO_ROW);
                known.push(unit);
            }
            (Rows::Near(least, rows), known)
        } else {
            let mut known: Vec<i64> = units.into_no_null_iter().collect();
            known.sort_unstable();
            known.dedup();
            (Rows::Far(known.iter().copied().zip(0..).collect()), known)
        };
        let size = units.len().checked_mul(places).filter(|size| *size <= MAX_CELLS)?;
        Some(Self { rows, units, places, sums: vec![0; size], touched: vec![false; size] })
    }

    /// The cell of a unit and a place.
    pub(super) fn cell(&self, unit: i64, place: usize) -> usize {
        self.rows.of(unit) * self.places + place
    }

    pub(super) fn add(&mut self, cell: usize, amount: i64) {
        self.sums[cell] += amount;
        self.touched[cell] = true;
    }

    /// The cells to which something was added, with unit, place and sum, in order.
    pub(super) fn added(&self) -> impl Iterator<Item = (i64, usize, i64)> {
        let cell = |cell: usize| (self.units[cell / self.places], cell % self.places, self.sums[cell]);
        (0..self.sums.len()).filter(|cell| self.touched[*cell]).map(cell)
    }

    /// The columns `unit`, `period` and `counted`.
    pub(super) fn by_period(&self) -> PolarsResult<DataFrame> {
        let periods = self.added().map(|(_, place, _)| u32::try_from(place).unwrap_or(u32::MAX)).collect();
        let periods = UInt32Chunked::from_vec("period".into(), periods).into_column();
        let units = Int64Chunked::from_vec("unit".into(), self.added().map(|(unit, ..)| unit).collect());
        let sums = Int64Chunked::from_vec("counted".into(), self.added().map(|(.., sum)| sum).collect());
        DataFrame::new(sums.len(), vec![units.into_column(), periods, sums.into_column()])
    }
}
