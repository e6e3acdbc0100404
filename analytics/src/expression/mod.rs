//! The expressions of a rulebook: SQL text, checked once, then run as polars expressions.
//!
//! What [`check::check`] lets through has a type and, where it is a number, a range. Every intermediate result fits into an
//! `i64`, so running the expression needs no checks and can give no wrong number. Numbers are whole, or millionths.

pub(crate) mod check;
mod plan;
mod print;
mod problem;
mod satisfiable;
pub(crate) mod scope;

pub(crate) use plan::typed_lit;
pub(crate) use problem::Problem;
pub(crate) use satisfiable::{can_hold, categories};

use crate::scoring::catalogue::CodeSet;

/// A checked expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expression {
    pub(crate) root: Node,
}

/// What an expression or a part of it gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Boolean,
    /// A whole number.
    Integer,
    /// Millionths.
    Decimal,
    /// A day number.
    Date,
    Code(CodeSet),
}

/// A part of a checked expression: what to do, what it gives, and between which numbers that lies.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) op: Op,
    pub(crate) of: Type,
    pub(crate) range: Range,
    pub(crate) nullable: bool,
}

/// Smallest and largest possible value; not read where the type is no number and no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) least: i128,
    pub(crate) most: i128,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Op {
    Boolean(bool),
    /// A whole number, millionths, or a day number.
    Number(i64),
    /// By the name it has in the frame, which is the name in the text unless the catalogue says otherwise.
    Column {
        name: String,
        stored: String,
    },
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    /// Whether a code column holds one of the codes.
    OneOf(Box<Node>, Vec<String>),
    IsNull(Box<Node>),
    Add(Box<Node>, Box<Node>),
    Subtract(Box<Node>, Box<Node>),
    /// The product of the two stored numbers.
    Multiply(Box<Node>, Box<Node>),
    /// The product of two numbers in millionths, in millionths, half away from zero.
    MultiplyDecimals(Box<Node>, Box<Node>),
    /// The quotient of two numbers in millionths, in millionths, half away from zero; absent for a zero divisor.
    DivideDecimals(Box<Node>, Box<Node>),
    /// The quotient of the two stored numbers, half away from zero; absent for a zero divisor.
    Divide(Box<Node>, Box<Node>),
    Floor(Box<Node>, i64),
    Case(Vec<(Node, Node)>, Option<Box<Node>>),
    Coalesce(Vec<Node>),
    Least(Vec<Node>),
    Greatest(Vec<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Range {
    pub(crate) const fn new(least: i128, most: i128) -> Self {
        Self { least, most }
    }

    pub(crate) const fn exactly(value: i128) -> Self {
        Self { least: value, most: value }
    }

    pub(crate) fn hull(self, other: Self) -> Self {
        Self { least: self.least.min(other.least), most: self.most.max(other.most) }
    }

    /// The largest absolute value.
    pub(crate) fn reach(self) -> i128 {
        self.least.saturating_abs().max(self.most.saturating_abs())
    }
}

impl Node {
    pub(crate) fn boolean(op: Op, nullable: bool) -> Self {
        Self { op, of: Type::Boolean, range: Range::exactly(0), nullable }
    }

    pub(crate) fn number(of: Type, value: i64) -> Self {
        Self { op: Op::Number(value), of, range: Range::exactly(value.into()), nullable: false }
    }

    /// The parts that this one is made of, in the order of the text.
    fn parts(&self) -> Vec<&Self> {
        match &self.op {
            Op::Boolean(_) | Op::Number(_) | Op::Column { .. } => Vec::new(),
            Op::Not(part) | Op::OneOf(part, _) | Op::IsNull(part) | Op::Floor(part, _) => {
                vec![part]
            }
            Op::And(parts) | Op::Or(parts) | Op::Coalesce(parts) | Op::Least(parts) | Op::Greatest(parts) => {
                parts.iter().collect()
            }
            Op::Compare(_, left, right)
            | Op::Add(left, right)
            | Op::Subtract(left, right)
            | Op::Multiply(left, right)
            | Op::MultiplyDecimals(left, right)
            | Op::DivideDecimals(left, right)
            | Op::Divide(left, right) => vec![left, right],
            Op::Case(branches, otherwise) => {
                branches.iter().flat_map(|(condition, value)| [condition, value]).chain(otherwise.as_deref()).collect()
            }
        }
    }

    fn collect_columns<'n>(&'n self, columns: &mut Vec<(&'n str, &'n str, Type)>) {
        if let Op::Column { name, stored } = &self.op
            && columns.iter().all(|(known, ..)| known != name)
        {
            columns.push((name, stored, self.of));
        }
        for part in self.parts() {
            part.collect_columns(columns);
        }
    }
}

impl Expression {
    /// The columns that the expression reads, each once, in the order of the text: name, name in the frame, type.
    pub(crate) fn columns(&self) -> Vec<(&str, &str, Type)> {
        let mut columns = Vec::new();
        self.root.collect_columns(&mut columns);
        columns
    }
}
