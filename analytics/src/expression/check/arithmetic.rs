//! Sums, products and quotients, each proved to fit.
//!
//! A whole number times a decimal is a decimal without any rounding. Two decimals multiply to millionths of millionths and
//! are brought back to millionths, half away from zero, before anything is cut to 64 bits. A quotient is always a decimal.

use sqlparser::ast::{BinaryOperator, Expr, Spanned};
use sqlparser::tokenizer::Span;

use super::Checker;
use crate::expression::{Node, Op, Problem, Range, Type};
use crate::points::SCALE;

/// The largest intermediate result; twice as much still fits.
const MOST: i128 = i64::MAX as i128 / 2;

impl Checker<'_> {
    pub(super) fn calculation(
        &mut self,
        left: &Expr,
        op: &BinaryOperator,
        right: &Expr,
        span: Span,
        depth: usize,
    ) -> Option<Node> {
        let (left_node, right_node) = (self.node(left, depth), self.node(right, depth));
        let (left_node, right_node) = (left_node?, right_node?);
        if *op == BinaryOperator::Minus && left_node.of == Type::Date && right_node.of == Type::Date {
            return Some(days_between(left_node, right_node));
        }
        let left = self.expect_number(left_node, left.span());
        let right = self.expect_number(right_node, right.span());
        let (left, right) = (left?, right?);
        match op {
            BinaryOperator::Plus | BinaryOperator::Minus => {
                let (left, right) = self.same_type(left, right, span)?;
                self.sum(left, right, *op == BinaryOperator::Minus, span)
            }
            BinaryOperator::Multiply => self.product(left, right, span),
            _ => self.quotient(left, right, span),
        }
    }

    fn sum(&mut self, left: Node, right: Node, is_difference: bool, span: Span) -> Option<Node> {
        let (l, r) = (left.range, right.range);
        let range = if is_difference {
            Range::new(l.least - r.most, l.most - r.least)
        } else {
            Range::new(l.least + r.least, l.most + r.most)
        };
        let (of, nullable) = (left.of, left.nullable || right.nullable);
        let (left, right) = (Box::new(left), Box::new(right));
        let op = if is_difference { Op::Subtract(left, right) } else { Op::Add(left, right) };
        self.bounded(Node { op, of, range, nullable }, span)
    }

    pub(super) fn product(&mut self, left: Node, right: Node, span: Span) -> Option<Node> {
        let nullable = left.nullable || right.nullable;
        let range = products(left.range, right.range);
        let are_decimals = left.of == Type::Decimal && right.of == Type::Decimal;
        let of = if left.of == Type::Integer && right.of == Type::Integer { Type::Integer } else { Type::Decimal };
        let (left, right) = (Box::new(left), Box::new(right));
        let node = if are_decimals {
            let range = quotients(range, Range::exactly(SCALE.into()));
            Node { op: Op::MultiplyDecimals(left, right), of, range, nullable }
        } else {
            Node { op: Op::Multiply(left, right), of, range, nullable }
        };
        self.bounded(node, span)
    }

    fn quotient(&mut self, left: Node, right: Node, span: Span) -> Option<Node> {
        if right.range == Range::exactly(0) {
            return self.fault(span, Problem::new("this divides by zero", "除数为零"));
        }
        let left = self.in_millionths(left, span)?;
        if right.of != Type::Decimal {
            return Some(divide(left, right));
        }
        let nullable = left.nullable || right.nullable || can_be_zero(right.range);
        let dividend = products(left.range, Range::exactly(SCALE.into()));
        let range = quotients(dividend, right.range);
        let op = Op::DivideDecimals(Box::new(left), Box::new(right));
        self.bounded(Node { op, of: Type::Decimal, range, nullable }, span)
    }

    pub(super) fn negate(&mut self, node: Node, span: Span) -> Option<Node> {
        if let Op::Number(value) = node.op {
            return Some(Node::number(node.of, -value));
        }
        let zero = Node::number(node.of, 0);
        self.sum(zero, node, true, span)
    }

    /// The number in millionths.
    pub(super) fn in_millionths(&mut self, node: Node, span: Span) -> Option<Node> {
        match (node.of, &node.op) {
            (Type::Decimal, _) => Some(node),
            (_, Op::Number(value)) => Some(Node::number(Type::Decimal, value.checked_mul(SCALE)?)),
            _ => {
                let scale = Node::number(Type::Decimal, SCALE);
                let range = products(node.range, scale.range);
                let nullable = node.nullable;
                let op = Op::Multiply(Box::new(node), Box::new(scale));
                self.bounded(Node { op, of: Type::Decimal, range, nullable }, span)
            }
        }
    }

    pub(super) fn bounded(&mut self, node: Node, span: Span) -> Option<Node> {
        if node.range.reach() <= MOST {
            return Some(node);
        }
        let problem = Problem::new("this can become too large to be exact", "该计算的结果可能过大,无法保证精确")
            .hint("divide earlier, or bound it with LEAST and GREATEST");
        self.fault(span, problem)
    }

    pub(super) fn floor(&mut self, expr: &Expr, depth: usize) -> Option<Node> {
        let node = self.number(expr, depth)?;
        Some(floor(node))
    }

    pub(super) fn ceil(&mut self, expr: &Expr, depth: usize) -> Option<Node> {
        let node = self.number(expr, depth)?;
        let below = floor(self.negate(node, expr.span())?);
        self.negate(below, expr.span())
    }
}

/// One date minus another: a whole number of days.
fn days_between(left: Node, right: Node) -> Node {
    let range = Range::new(left.range.least - right.range.most, left.range.most - right.range.least);
    let nullable = left.nullable || right.nullable;
    Node { op: Op::Subtract(Box::new(left), Box::new(right)), of: Type::Integer, range, nullable }
}

fn floor(node: Node) -> Node {
    if node.of == Type::Integer {
        return node;
    }
    let scale = i128::from(SCALE);
    let range = Range::new(node.range.least.div_euclid(scale), node.range.most.div_euclid(scale));
    let nullable = node.nullable;
    Node { op: Op::Floor(Box::new(node), SCALE), of: Type::Integer, range, nullable }
}

fn products(left: Range, right: Range) -> Range {
    let corners = [left.least * right.least, left.least * right.most, left.most * right.least, left.most * right.most];
    corners.into_iter().map(Range::exactly).reduce(Range::hull).unwrap_or(left)
}

/// The quotient of the stored numbers, of the dividend's type.
pub(super) fn divide(left: Node, right: Node) -> Node {
    let range = quotients(left.range, right.range);
    let nullable = left.nullable || right.nullable || can_be_zero(right.range);
    Node { of: left.of, op: Op::Divide(Box::new(left), Box::new(right)), range, nullable }
}

fn can_be_zero(divisor: Range) -> bool {
    divisor.least <= 0 && divisor.most >= 0
}

/// Between which numbers a rounded quotient lies.
fn quotients(dividend: Range, divisor: Range) -> Range {
    if can_be_zero(divisor) {
        // The smallest divisor that gives a value at all is one.
        return Range::new(-dividend.reach(), dividend.reach());
    }
    let corners = [
        dividend.least / divisor.least,
        dividend.least / divisor.most,
        dividend.most / divisor.least,
        dividend.most / divisor.most,
    ];
    let hull = corners.into_iter().map(Range::exactly).reduce(Range::hull).unwrap_or(dividend);
    // Rounding moves a quotient outwards by less than one.
    Range::new(hull.least - 1, hull.most + 1)
}
