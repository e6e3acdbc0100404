//! From text to a checked expression: parsed by the SQL parser, then typed and bounded by us.
//!
//! Every fault is reported with its place in the text. Nothing but what is listed here gets through: the SQL parser
//! knows far more syntax than the language has.

mod arithmetic;
mod call;
mod condition;
mod parse;

use sqlparser::ast::{BinaryOperator, DataType, Expr, Spanned, TypedString, UnaryOperator, Value, ValueWithSpan};
use sqlparser::tokenizer::Span;

use parse::{balanced, char_index, parse, too_deep};

use super::scope::Scope;
use super::{Expression, Node, Op, Problem, Type, satisfiable};
use crate::points::{NotANumber, PLACES, parse_fixed};

/// The longest text of an expression, in bytes.
pub(crate) const MAX_LENGTH: usize = 2048;
/// How deep parentheses and operators may nest.
const MAX_NESTING: usize = 32;
/// The largest number that may be written down.
const MAX_LITERAL: i64 = 1_000_000_000;

/// The end of a text, however long it is.
const WHOLE: usize = usize::MAX;

/// Something wrong in an expression; `at..end` are places in its text, counted in characters from 0.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) end: usize,
    pub(crate) problem: Problem,
}

/// What an expression must give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A condition that holds for some facts.
    Condition,
    /// A number, given back in millionths.
    Number,
}

/// Checks the text of an expression. Faults come in the order of the text.
pub(crate) fn check(scope: &Scope<'_>, text: &str, wanted: Wanted) -> Result<Expression, Vec<Fault>> {
    if text.len() > MAX_LENGTH {
        let problem = Problem::new(
            format!("the expression is longer than {MAX_LENGTH} bytes"),
            format!("表达式超过{MAX_LENGTH}字节"),
        );
        return Err(vec![Fault { at: 0, end: WHOLE, problem }]);
    }
    let parsed = parse(text).map_err(|fault| vec![fault])?;
    let mut checker = Checker { scope, text, faults: Vec::new() };
    let root = checker.root(&parsed, wanted);
    match root {
        Some(root) if checker.faults.is_empty() => Ok(Expression { root }),
        _ => {
            checker.faults.sort_by_key(|fault| fault.at);
            Err(checker.faults)
        }
    }
}

/// A part on its way: texts and NULL get their type from what they are held against.
#[derive(Debug, Clone)]
enum Operand {
    Node(Node),
    Text(String, Span),
    Null(Span),
}

struct Checker<'s> {
    scope: &'s Scope<'s>,
    text: &'s str,
    faults: Vec<Fault>,
}

impl Checker<'_> {
    fn fault<T>(&mut self, span: Span, problem: Problem) -> Option<T> {
        let at = if span.start.line == 0 { 0 } else { char_index(self.text, span.start) };
        let end = if span.end.line == 0 { at } else { char_index(self.text, span.end).max(at) };
        let (at, end) = balanced(self.text, at, end);
        self.faults.push(Fault { at, end, problem });
        None
    }

    fn root(&mut self, expr: &Expr, wanted: Wanted) -> Option<Node> {
        match wanted {
            Wanted::Condition => {
                let root = self.condition(expr, 0)?;
                if satisfiable::can_hold(&root, self.scope) {
                    return Some(root);
                }
                let problem = Problem::new("this can never be true", "该条件永远不成立");
                self.fault(expr.span(), problem)
            }
            Wanted::Number => {
                let node = self.number(expr, 0)?;
                self.in_millionths(node, expr.span())
            }
        }
    }

    fn condition(&mut self, expr: &Expr, depth: usize) -> Option<Node> {
        let node = self.node(expr, depth)?;
        if node.of == Type::Boolean {
            return Some(node);
        }
        let problem = Problem::new(
            format!("a condition is needed here, not a {}", describe(node.of)),
            format!("此处应为条件,而不是{}", describe_zh(node.of)),
        );
        self.fault(expr.span(), problem)
    }

    fn number(&mut self, expr: &Expr, depth: usize) -> Option<Node> {
        let node = self.node(expr, depth)?;
        self.expect_number(node, expr.span())
    }

    fn expect_number(&mut self, node: Node, span: Span) -> Option<Node> {
        if matches!(node.of, Type::Integer | Type::Decimal) {
            return Some(node);
        }
        let problem = Problem::new(
            format!("a number is needed here, not a {}", describe(node.of)),
            format!("此处应为数字,而不是{}", describe_zh(node.of)),
        );
        self.fault(span, problem)
    }

    /// A part whose type shows in itself.
    fn node(&mut self, expr: &Expr, depth: usize) -> Option<Node> {
        match self.operand(expr, depth)? {
            Operand::Node(node) => Some(node),
            Operand::Text(_, span) => {
                let problem =
                    Problem::new("a text can only be compared with a code or a date", "文本只能与代码或日期比较")
                        .hint("compare it: kind = 'dynamic'");
                self.fault(span, problem)
            }
            Operand::Null(span) => {
                let problem = Problem::new("NULL cannot be used as a value", "NULL 不能作为值使用")
                    .hint("write IS NULL or IS NOT NULL");
                self.fault(span, problem)
            }
        }
    }

    fn operand(&mut self, expr: &Expr, depth: usize) -> Option<Operand> {
        if depth > MAX_NESTING {
            return self.fault(expr.span(), too_deep());
        }
        let depth = depth + 1;
        let node = match expr {
            Expr::Nested(inner) => return self.operand(inner, depth),
            Expr::Identifier(name) => self.column(&name.value, name.span)?,
            Expr::Value(ValueWithSpan { value, span }) => return self.value(value, *span),
            Expr::TypedString(TypedString { data_type: DataType::Date, value, .. }) => match &value.value {
                Value::SingleQuotedString(text) => self.date(text, value.span)?,
                _ => return self.unknown_syntax(expr),
            },
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } => self.number(expr, depth)?,
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
                let node = self.number(expr, depth)?;
                self.negate(node, expr.span())?
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => not(self.condition(expr, depth)?),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right, expr, depth)?,
            Expr::IsNull(inner) => self.is_null(inner, depth)?,
            Expr::IsNotNull(inner) => not(self.is_null(inner, depth)?),
            Expr::InList { expr, list, negated } => {
                let node = self.in_list(expr, list, depth)?;
                if *negated { not(node) } else { node }
            }
            Expr::Between { expr, negated, low, high } => {
                let node = self.between(expr, low, high, depth)?;
                if *negated { not(node) } else { node }
            }
            Expr::Case { operand: None, conditions, else_result, .. } => {
                self.case(conditions, else_result.as_deref(), depth)?
            }
            Expr::Floor { expr, .. } => self.floor(expr, depth)?,
            Expr::Ceil { expr, .. } => self.ceil(expr, depth)?,
            Expr::Function(function) => self.call(function, depth)?,
            _ => return self.unknown_syntax(expr),
        };
        Some(Operand::Node(node))
    }

    fn unknown_syntax<T>(&mut self, expr: &Expr) -> Option<T> {
        let problem = Problem::new("this is not part of the rulebook language", "规则语言不支持该写法").hint(
            "allowed are columns, literals, + - * /, comparisons, AND, OR, NOT, IN, BETWEEN, IS NULL, CASE WHEN and the listed functions",
        );
        self.fault(expr.span(), problem)
    }

    fn column(&mut self, name: &str, span: Span) -> Option<Node> {
        let scope = self.scope;
        let Some(column) = scope.column(name) else {
            let problem =
                Problem::new(format!("there is no column {name:?} here"), format!("此处没有名为“{name}”的列"))
                    .hint_nearest(name, scope.columns.iter().map(|column| column.name.as_str()));
            return self.fault(span, problem);
        };
        Some(Node {
            op: Op::Column { name: column.name.clone(), stored: column.stored.clone() },
            of: column.of,
            range: column.range,
            nullable: column.nullable,
        })
    }

    fn value(&mut self, value: &Value, span: Span) -> Option<Operand> {
        match value {
            Value::Number(text, _) => self.literal(text, span).map(Operand::Node),
            Value::SingleQuotedString(text) => Some(Operand::Text(text.clone(), span)),
            Value::Boolean(value) => Some(Operand::Node(Node::boolean(Op::Boolean(*value), false))),
            Value::Null => Some(Operand::Null(span)),
            _ => {
                let problem =
                    Problem::new("this literal is not part of the rulebook language", "规则语言不支持该字面量");
                self.fault(span, problem)
            }
        }
    }

    fn literal(&mut self, text: &str, span: Span) -> Option<Node> {
        let (of, places) = if text.contains('.') { (Type::Decimal, PLACES) } else { (Type::Integer, 0) };
        let problem = match parse_fixed(text, places) {
            Ok(value) if value / 10_i64.pow(places) < MAX_LITERAL => {
                return Some(Node::number(of, value));
            }
            Ok(_) | Err(NotANumber::TooLarge) => {
                Problem::new(format!("a number must be smaller than {MAX_LITERAL}"), format!("数字须小于{MAX_LITERAL}"))
            }
            Err(NotANumber::TooFine(places)) => {
                Problem::new(format!("a number has at most {places} decimal places"), format!("数字最多{places}位小数"))
            }
            Err(NotANumber::Malformed) => {
                Problem::new("this is no decimal number", "不是有效的十进制数").hint("write 0.5, not .5 or 5e-1")
            }
        };
        self.fault(span, problem)
    }

    fn date(&mut self, text: &str, span: Span) -> Option<Node> {
        match text.parse::<chrono::NaiveDate>() {
            Ok(day) if text.len() == 10 => Some(Node::number(Type::Date, crate::facts::day_number(day).into())),
            _ => {
                let problem = Problem::new(format!("there is no day {text:?}"), format!("不存在日期“{text}”"))
                    .hint("write a day of the calendar as '2026-07-15'");
                self.fault(span, problem)
            }
        }
    }

    fn binary(&mut self, left: &Expr, op: &BinaryOperator, right: &Expr, whole: &Expr, depth: usize) -> Option<Node> {
        match op {
            BinaryOperator::And | BinaryOperator::Or => self.junction(op, whole, depth),
            BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq => self.comparison(left, op, right, depth),
            BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply | BinaryOperator::Divide => {
                self.calculation(left, op, right, whole.span(), depth)
            }
            _ => self.unknown_syntax(whole),
        }
    }
}

fn not(node: Node) -> Node {
    let nullable = node.nullable;
    Node::boolean(Op::Not(Box::new(node)), nullable)
}

fn describe(of: Type) -> String {
    match of {
        Type::Boolean => "condition".to_owned(),
        Type::Integer | Type::Decimal => "number".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Code(set) => format!("code of the set {}", set.code()),
    }
}

fn describe_zh(of: Type) -> String {
    match of {
        Type::Boolean => "条件".to_owned(),
        Type::Integer | Type::Decimal => "数字".to_owned(),
        Type::Date => "日期".to_owned(),
        Type::Code(set) => format!("代码({})", set.code()),
    }
}
