//! What each unit comes to on each day, and so in any span.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, Int32Chunked, Int64Chunked, IntoColumn, PolarsResult};

use super::cells::Cells;
use super::extremes;
use crate::facts::{DAY, day_number};
use crate::period::Span;

/// Running sums, by unit and day.
#[derive(Debug, Default)]
pub(super) struct Sums {
    units: Vec<i64>,
    /// Where the days of each unit begin, and where the last ones end.
    starts: Vec<usize>,
    days: Vec<i32>,
    /// The sum of all amounts before each of the days, and of all of them.
    before: Vec<i64>,
}

impl Sums {
    /// The sums of a ledger, and of what joined it afterwards: unit, day and amount.
    pub(super) fn new(lines: &DataFrame, joined: &[(i64, i32, i64)]) -> PolarsResult<Self> {
        let mut all = of_lines(lines)?;
        if !joined.is_empty() {
            let mut sums: BTreeMap<(i64, i32), i64> =
                all.into_iter().map(|(unit, day, amount)| ((unit, day), amount)).collect();
            for (unit, day, amount) in joined {
                *sums.entry((*unit, *day)).or_default() += amount;
            }
            all = sums.into_iter().map(|((unit, day), amount)| (unit, day, amount)).collect();
        }
        let mut sums = Self::default();
        let mut sum = 0;
        for (unit, day, amount) in all {
            if sums.units.last() != Some(&unit) {
                sums.units.push(unit);
                sums.starts.push(sums.days.len());
            }
            sums.days.push(day);
            sums.before.push(sum);
            sum += amount;
        }
        sums.starts.push(sums.days.len());
        sums.before.push(sum);
        Ok(sums)
    }

    /// What a unit comes to in a span; `None` where it has nothing at all.
    pub(super) fn of(&self, unit: i64, span: Span) -> Option<i64> {
        let place = self.units.binary_search(&unit).ok()?;
        let (start, end) = (*self.starts.get(place)?, *self.starts.get(place + 1)?);
        let days = self.days.get(start..end)?;
        let from = start + days.partition_point(|day| *day < day_number(span.first));
        let to = start + days.partition_point(|day| *day <= day_number(span.last));
        (from < to).then(|| self.before[to] - self.before[from])
    }

    /// The units that have something.
    pub(super) fn units(&self) -> &[i64] {
        &self.units
    }

    /// Every unit, day and amount, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, i32, i64)> {
        self.units.iter().zip(self.starts.windows(2)).flat_map(move |(unit, bounds)| {
            (bounds[0]..bounds[1]).map(move |at| (*unit, self.days[at], self.before[at + 1] - self.before[at]))
        })
    }
}

/// The columns `unit`, `day` and `amount`.
pub(super) fn frame(cells: &[(i64, i32, i64)]) -> PolarsResult<DataFrame> {
    let days = Int32Chunked::from_vec(DAY.into(), cells.iter().map(|cell| cell.1).collect());
    let number = |name: &str, of: fn(&(i64, i32, i64)) -> i64| {
        Int64Chunked::from_vec(name.into(), cells.iter().map(of).collect()).into_column()
    };
    DataFrame::new(
        cells.len(),
        vec![number("unit", |cell| cell.0), days.into_column(), number("amount", |cell| cell.2)],
    )
}

/// What each unit comes to on each day, in order.
fn of_lines(lines: &DataFrame) -> PolarsResult<Vec<(i64, i32, i64)>> {
    let (units, days) = (lines.column("unit")?.i64()?, lines.column(DAY)?.i32()?);
    let amounts = lines.column("amount")?.i64()?;
    let rows = || units.iter().zip(days.iter()).zip(amounts.iter());
    let Some((first, last)) = extremes(days) else { return Ok(Vec::new()) };
    let length = last.checked_sub(first).and_then(|days| usize::try_from(days).ok()?.checked_add(1));
    if let Some(mut cells) = length.and_then(|length| Cells::of(units, length)) {
        for ((unit, day), amount) in rows() {
            let (Some(unit), Some(day), Some(amount)) = (unit, day, amount) else { continue };
            cells.add(cells.cell(unit, usize::try_from(day - first).unwrap_or(0)), amount);
        }
        let day = |place: usize| first + i32::try_from(place).unwrap_or(0);
        return Ok(cells.added().map(|(unit, place, amount)| (unit, day(place), amount)).collect());
    }
    let mut sums: BTreeMap<(i64, i32), i64> = BTreeMap::new();
    for ((unit, day), amount) in rows() {
        let (Some(unit), Some(day), Some(amount)) = (unit, day, amount) else { continue };
        *sums.entry((unit, day)).or_default() += amount;
    }
    Ok(sums.into_iter().map(|((unit, day), amount)| (unit, day, amount)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_span_is_summed() {
        let cells = [(7, 10, 5), (7, 12, -2), (9, 11, 1), (7, 10, 4)];
        let sums = Sums::new(&frame(&cells).unwrap(), &[(9, 11, 3), (1, 10, 8)]).unwrap();
        let span =
            |first: i32, last: i32| Span { first: crate::facts::day_of(first), last: crate::facts::day_of(last) };
        assert_eq!(sums.of(7, span(1, 99)), Some(7));
        assert_eq!(sums.of(7, span(11, 12)), Some(-2));
        assert_eq!(sums.of(7, span(11, 11)), None);
        assert_eq!(sums.of(9, span(11, 11)), Some(4));
        assert_eq!(sums.of(8, span(1, 99)), None);
        assert_eq!(sums.units(), [1, 7, 9]);
        assert_eq!(sums.iter().collect::<Vec<_>>(), [(1, 10, 8), (7, 10, 9), (7, 12, -2), (9, 11, 4)]);
    }
}
