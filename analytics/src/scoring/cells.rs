//! Sums by unit and place, where a place is a period or a day: one pass over the columns into a grid of numbers, without keys to hash.
//!
//! Units have small ids, so a grid is small. Where they lie far apart there is none, and callers group instead.

use polars::prelude::{DataFrame, Int32Chunked, Int64Chunked, IntoColumn, PolarsResult, UInt32Chunked};

use super::extremes;
use crate::facts::DAY;

/// The most cells of a grid.
const MAX_CELLS: usize = 1 << 26;

/// A grid of sums.
pub(super) struct Cells {
    least: i64,
    places: usize,
    sums: Vec<i64>,
    touched: Vec<bool>,
}

impl Cells {
    /// A grid for these units and so many places; `None` where there are no units, or where they lie too far apart.
    pub(super) fn of(units: &Int64Chunked, places: usize) -> Option<Self> {
        let (least, most) = extremes(units).filter(|_| units.null_count() == 0)?;
        let width = usize::try_from(most.checked_sub(least)?).ok()?.checked_add(1)?;
        let size = width.checked_mul(places).filter(|size| *size <= MAX_CELLS)?;
        Some(Self { least, places, sums: vec![0; size], touched: vec![false; size] })
    }

    /// The cell of a unit and a place.
    pub(super) fn cell(&self, unit: i64, place: usize) -> usize {
        usize::try_from(unit - self.least).unwrap_or(0) * self.places + place
    }

    pub(super) fn add(&mut self, cell: usize, amount: i64) {
        self.sums[cell] += amount;
        self.touched[cell] = true;
    }

    /// The cells to which something was added, with unit, place and sum, in order.
    fn added(&self) -> impl Iterator<Item = (i64, usize, i64)> {
        let cell = |cell: usize| {
            let unit = self.least + i64::try_from(cell / self.places).unwrap_or(0);
            (unit, cell % self.places, self.sums[cell])
        };
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

    /// The columns `unit`, `day` and `amount`, where places are days from `first` on.
    fn by_day(&self, first: i32) -> PolarsResult<DataFrame> {
        let days = self.added().map(|(_, place, _)| first + i32::try_from(place).unwrap_or(0)).collect();
        let days = Int32Chunked::from_vec(DAY.into(), days).into_column();
        let units = Int64Chunked::from_vec("unit".into(), self.added().map(|(unit, ..)| unit).collect());
        let sums = Int64Chunked::from_vec("amount".into(), self.added().map(|(.., sum)| sum).collect());
        DataFrame::new(sums.len(), vec![units.into_column(), days, sums.into_column()])
    }
}

/// What each unit comes to on each day, if a grid can hold it.
pub(super) fn by_day(ledger: &DataFrame) -> PolarsResult<Option<DataFrame>> {
    let (units, days) = (ledger.column("unit")?.i64()?, ledger.column(DAY)?.i32()?);
    let amounts = ledger.column("amount")?.i64()?;
    let Some((first, last)) = extremes(days).filter(|_| days.null_count() + amounts.null_count() == 0) else {
        return Ok(None);
    };
    let length = last.checked_sub(first).and_then(|days| usize::try_from(days).ok()?.checked_add(1));
    let Some(mut cells) = length.and_then(|length| Cells::of(units, length)) else {
        return Ok(None);
    };
    let rows = units.into_no_null_iter().zip(days.into_no_null_iter()).zip(amounts.into_no_null_iter());
    for ((unit, day), amount) in rows {
        let cell = cells.cell(unit, usize::try_from(day - first).unwrap_or(0));
        cells.add(cell, amount);
    }
    cells.by_day(first).map(Some)
}
