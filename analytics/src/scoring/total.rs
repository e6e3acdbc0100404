//! Step 10: totals of any span, and the one rounding at the end.

use polars::prelude::{DataFrame, Expr, IntoLazy, PolarsResult, col};

use super::cells::by_day;
use crate::expression::{divide, truncate, typed_lit};
use crate::facts::{DAY, day_number};
use crate::period::Span;
use crate::points::{Rounding, step};
use crate::rulebook::Total;

/// What each unit comes to on each day: the columns `unit`, `day` and `amount`.
pub(super) fn cells(ledger: &DataFrame) -> PolarsResult<DataFrame> {
    if let Some(cells) = by_day(ledger)? {
        return Ok(cells);
    }
    ledger.clone().lazy().group_by([col("unit"), col(DAY)]).agg([col("amount").sum()]).collect()
}

/// Whether the day lies in the span.
pub(crate) fn is_within(span: Span) -> Expr {
    col(DAY).gt_eq(typed_lit(day_number(span.first))).and(col(DAY).lt_eq(typed_lit(day_number(span.last))))
}

/// What each unit comes to in the span, unrounded: the columns `unit` and `amount`.
pub(super) fn totals(cells: &DataFrame, span: Span) -> PolarsResult<DataFrame> {
    cells.clone().lazy().filter(is_within(span)).group_by([col("unit")]).agg([col("amount").sum()]).collect()
}

/// The number of millionths cut to the places of a total.
pub(super) fn rounded(amount: Expr, total: Total) -> Expr {
    let step = typed_lit(step(total.places));
    match total.rounding {
        Rounding::HalfUp => divide(amount, step.clone()) * step,
        Rounding::Truncate => truncate(amount, step.clone()) * step,
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::{Int64Chunked, IntoColumn, NewChunkedArray};

    use super::*;
    use crate::points::Points;

    #[test]
    fn frames_round_as_points_do() {
        let numbers = vec![0, 1, -1, 4_999, 5_000, -5_000, 1_005_000, -1_005_000, 9_995_000, 123_456_789];
        let column = Int64Chunked::from_slice("n".into(), &numbers).into_column();
        let frame = DataFrame::new(numbers.len(), vec![column]).unwrap();
        for rounding in [Rounding::HalfUp, Rounding::Truncate] {
            for places in 0..=6 {
                let total = Total { places, rounding };
                let frame = frame.clone().lazy().select([rounded(col("n"), total)]).collect().unwrap();
                let found: Vec<i64> = frame.columns()[0].i64().unwrap().into_no_null_iter().collect();
                let expected = |number: &i64| {
                    Points::from_millionths(*number).checked_round(places, rounding).unwrap().millionths()
                };
                assert_eq!(found, numbers.iter().map(expected).collect::<Vec<_>>(), "{total:?}");
            }
        }
    }
}
