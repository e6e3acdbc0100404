//! Step 3: several facts on one submission under one rule.
//!
//! Facts of earlier years take part, so that an item that has earned once does not earn again when the year turns. Figures
//! that stand for many items have no submission and are never combined.

use polars::prelude::{DataFrame, Expr, IntoLazy, PolarsResult, SortMultipleOptions, col};

use crate::expression::typed_lit;
use crate::facts::DAY;
use crate::rulebook::Combine;

/// The lines of one rule, all versions together.
pub(super) struct Combined {
    /// The lines that count.
    pub(super) kept: DataFrame,
    /// The lines that another one of the same submission stands for.
    pub(super) merged: DataFrame,
}

/// Combines the lines of one rule. `modes` holds how each line's own version combines.
pub(super) fn combine(lines: DataFrame, modes: &[Combine]) -> PolarsResult<Combined> {
    if modes.iter().all(|mode| *mode == Combine::Sum) {
        return Ok(Combined { merged: lines.clear(), kept: lines });
    }
    let by_day = [col(DAY), col("fact")];
    let by_amount = [col("amount"), col(DAY), col("fact")];
    let descending = SortMultipleOptions::default().with_order_descending_multi([true, false, false]);
    let lines = lines
        .lazy()
        .sort_by_exprs(by_amount, descending)
        .with_column(is_first_of_submission()?.alias("is_best"))
        .sort_by_exprs(by_day, SortMultipleOptions::default())
        .with_column(is_first_of_submission()?.alias("is_first"));
    let of_mode = |mode: Combine| col("mode").eq(typed_lit(mode as u32));
    let counts = of_mode(Combine::Sum)
        .or(col("submission").is_null())
        .or(of_mode(Combine::Once).and(col("is_first")))
        .or(of_mode(Combine::Highest).and(col("is_best")));
    let lines = lines.with_column(counts.alias("counts")).collect()?;
    let counts = lines.column("counts")?.bool()?.clone();
    Ok(Combined { kept: lines.filter(&counts)?, merged: lines.filter(&!&counts)? })
}

/// Whether the line is the first one, in the order of the frame, of its submission and its unit.
fn is_first_of_submission() -> PolarsResult<Expr> {
    Ok(col("fact").eq(col("fact").first().over([col("unit"), col("submission")])?))
}
