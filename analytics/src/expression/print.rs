//! A checked expression as text, for explanations.

use std::fmt;

use super::{Comparison, Node, Op, Type};
use crate::facts::day_of;
use crate::points::Points;

/// The expression as SQL. It means the same as the text that it was checked from, and may be written differently.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.op {
            Op::Boolean(value) => write!(f, "{value}"),
            Op::Number(value) => match self.of {
                Type::Decimal => Points::from_millionths(*value).fmt(f),
                Type::Date => match i32::try_from(*value) {
                    Ok(day) => write!(f, "'{}'", day_of(day)),
                    Err(_) => write!(f, "{value}"),
                },
                Type::Boolean | Type::Integer | Type::Code(_) => write!(f, "{value}"),
            },
            Op::Column { name, .. } => f.write_str(name),
            Op::Not(inner) => write!(f, "NOT ({inner})"),
            Op::And(parts) => list(f, "(", parts, " AND ", ")"),
            Op::Or(parts) => list(f, "(", parts, " OR ", ")"),
            Op::Compare(comparison, left, right) => write!(f, "{left} {} {right}", sign(*comparison)),
            Op::OneOf(column, codes) => match codes.as_slice() {
                [code] => write!(f, "{column} = '{code}'"),
                codes => write!(f, "{column} IN ('{}')", codes.join("', '")),
            },
            Op::IsNull(inner) => write!(f, "{inner} IS NULL"),
            Op::Add(left, right) => write!(f, "({left} + {right})"),
            Op::Subtract(left, right) => write!(f, "({left} - {right})"),
            // A whole number that is brought to millionths is still the same number.
            Op::Multiply(left, right) if is_scale(right) && left.of == Type::Integer => write!(f, "{left}"),
            Op::Multiply(left, right) | Op::MultiplyDecimals(left, right) => write!(f, "{left} * {right}"),
            Op::Divide(left, right) | Op::DivideDecimals(left, right) => write!(f, "{left} / {right}"),
            Op::Floor(inner, _) => write!(f, "floor({inner})"),
            Op::Case(branches, otherwise) => {
                f.write_str("CASE")?;
                for (condition, value) in branches {
                    write!(f, " WHEN {condition} THEN {value}")?;
                }
                if let Some(otherwise) = otherwise {
                    write!(f, " ELSE {otherwise}")?;
                }
                f.write_str(" END")
            }
            Op::Coalesce(parts) => list(f, "coalesce(", parts, ", ", ")"),
            Op::Least(parts) => list(f, "least(", parts, ", ", ")"),
            Op::Greatest(parts) => list(f, "greatest(", parts, ", ", ")"),
        }
    }
}

fn is_scale(node: &Node) -> bool {
    matches!(node.op, Op::Number(crate::points::SCALE)) && node.of == Type::Decimal
}

fn list(f: &mut fmt::Formatter<'_>, open: &str, parts: &[Node], between: &str, close: &str) -> fmt::Result {
    f.write_str(open)?;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        write!(f, "{part}")?;
    }
    f.write_str(close)
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}
