//! From a checked expression to a polars expression over the frame of its facts.
//!
//! Every number is an `i64` in the frame, and the check has proved that no step leaves the `i64`s. Quotients are our own function over
//! columns, because the engine's would go through floats; numbers are typed literals, because untyped ones may shrink to 32 bits.

use polars::prelude::arity::broadcast_binary_elementwise;
use polars::prelude::{
    Column, DataType, Expr, Field, Int64Chunked, IntoColumn, NULL, Scalar, coalesce, col, lit, when,
};

use super::{Comparison, Expression, Node, Op, Type};
use crate::facts::Codes;
use crate::points::{self, Rounding, SCALE};

impl Expression {
    /// The expression over a frame whose codes have these numbers.
    pub(crate) fn plan(&self, codes: &Codes) -> Expr {
        plan(&self.root, codes)
    }
}

fn plan(node: &Node, codes: &Codes) -> Expr {
    let all = |parts: &[Node]| parts.iter().map(|part| plan(part, codes)).collect::<Vec<_>>();
    match &node.op {
        Op::Boolean(value) => typed_lit(*value),
        Op::Number(value) => typed_lit(*value),
        Op::Column { stored, .. } => match node.of {
            Type::Date => col(stored.as_str()).cast(DataType::Int64),
            Type::Integer | Type::Decimal | Type::Boolean | Type::Code(_) => col(stored.as_str()),
        },
        Op::Not(inner) => plan(inner, codes).not(),
        Op::And(parts) => join(all(parts), Expr::and),
        Op::Or(parts) => join(all(parts), Expr::or),
        Op::Compare(comparison, left, right) => compare(plan(left, codes), *comparison, plan(right, codes)),
        Op::OneOf(column, allowed) => {
            let column = plan(column, codes);
            // A code that no fact uses has no number, and no fact equals the number that stands for none.
            let number = |code: &String| codes.find(code).unwrap_or(Codes::NONE);
            join(allowed.iter().map(|code| column.clone().eq(typed_lit(number(code)))).collect(), Expr::or)
        }
        Op::IsNull(inner) => plan(inner, codes).is_null(),
        Op::Add(left, right) => plan(left, codes) + plan(right, codes),
        Op::Subtract(left, right) => plan(left, codes) - plan(right, codes),
        Op::Multiply(left, right) => plan(left, codes) * plan(right, codes),
        Op::MultiplyDecimals(left, right) => elementwise(plan(left, codes), plan(right, codes), |left, right| {
            points::divide(i128::from(left) * i128::from(right), SCALE.into(), Rounding::HalfUp)
        }),
        Op::DivideDecimals(left, right) => elementwise(plan(left, codes), plan(right, codes), |left, right| {
            points::divide(i128::from(left) * i128::from(SCALE), right.into(), Rounding::HalfUp)
        }),
        Op::Divide(left, right) => divide(plan(left, codes), plan(right, codes)),
        Op::Floor(inner, step) => elementwise(plan(inner, codes), typed_lit(*step), i64::checked_div_euclid),
        Op::Case(branches, otherwise) => {
            let otherwise = otherwise.as_deref().map_or_else(|| lit(NULL), |value| plan(value, codes));
            branches.iter().rev().fold(otherwise, |rest, (condition, value)| {
                when(plan(condition, codes)).then(plan(value, codes)).otherwise(rest)
            })
        }
        Op::Coalesce(parts) => coalesce(&all(parts)),
        Op::Least(parts) => join(all(parts), |left, right| extreme(left, right, Expr::lt_eq)),
        Op::Greatest(parts) => join(all(parts), |left, right| extreme(left, right, Expr::gt_eq)),
    }
}

/// The parts joined in pairs, so that a long chain becomes a shallow tree.
fn join(mut parts: Vec<Expr>, with: impl Fn(Expr, Expr) -> Expr + Copy) -> Expr {
    match parts.len() {
        0 => lit(NULL),
        1 => parts.remove(0),
        length => {
            let rest = parts.split_off(length / 2);
            with(join(parts, with), join(rest, with))
        }
    }
}

fn compare(left: Expr, comparison: Comparison, right: Expr) -> Expr {
    match comparison {
        Comparison::Equal => left.eq(right),
        Comparison::NotEqual => left.neq(right),
        Comparison::Less => left.lt(right),
        Comparison::LessOrEqual => left.lt_eq(right),
        Comparison::Greater => left.gt(right),
        Comparison::GreaterOrEqual => left.gt_eq(right),
    }
}

fn extreme(left: Expr, right: Expr, wins: fn(Expr, Expr) -> Expr) -> Expr {
    let left_wins = wins(left.clone(), right.clone());
    let is_left = left_wins.fill_null(right.clone().is_null());
    when(is_left).then(left).otherwise(right)
}

/// A literal of exactly that type. The engine's own whole-number literals have no type until the plan runs, and may become 32 bits wide.
pub(crate) fn typed_lit<T>(value: T) -> Expr
where
    Scalar: From<T>,
{
    lit(Scalar::from(value))
}

/// The quotient in whole numbers, half away from zero; null for a zero divisor.
fn divide(dividend: Expr, divisor: Expr) -> Expr {
    elementwise(dividend, divisor, |dividend, divisor| {
        points::divide(dividend.into(), divisor.into(), Rounding::HalfUp)
    })
}

/// A function of two columns of whole numbers, run over whole columns at once; null where either side or the result is.
fn elementwise(left: Expr, right: Expr, function: fn(i64, i64) -> Option<i64>) -> Expr {
    let run = move |columns: &mut [Column]| {
        let (left, right) = (columns[0].i64()?, columns[1].i64()?);
        let result: Int64Chunked =
            broadcast_binary_elementwise(left, right, |left: Option<i64>, right: Option<i64>| function(left?, right?));
        Ok(result.with_name(left.name().clone()).into_column())
    };
    left.map_many(run, &[right], |_, fields| Ok(Field::new(fields[0].name().clone(), DataType::Int64)))
}
