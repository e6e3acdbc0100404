//! Step 10: totals of any span.

use polars::prelude::{Expr, col};

use crate::expression::typed_lit;
use crate::facts::{DAY, day_number};
use crate::period::Span;

/// Whether the day lies in the span.
pub(crate) fn is_within(span: Span) -> Expr {
    col(DAY).gt_eq(typed_lit(day_number(span.first))).and(col(DAY).lt_eq(typed_lit(day_number(span.last))))
}
