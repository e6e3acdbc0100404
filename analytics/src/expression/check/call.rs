//! The functions of the language.

use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Spanned};

use super::Checker;
use super::arithmetic::divide;
use crate::expression::{Node, Op, Problem, Range, Type};
use crate::points::{PLACES, SCALE, step};

/// The functions, as they are listed in a hint.
const FUNCTIONS: [&str; 7] = ["abs", "ceil", "coalesce", "floor", "greatest", "least", "round"];

impl Checker<'_> {
    pub(super) fn call(&mut self, function: &Function, depth: usize) -> Option<Node> {
        let name = function.name.to_string().to_ascii_lowercase();
        let span = function.span();
        let Some(args) = arguments(function) else {
            return self.fault(span, Problem::new("a function takes plain values only", "函数只接受普通值作为参数"));
        };
        match (name.as_str(), args.as_slice()) {
            ("abs", [arg]) => {
                let node = self.number(arg, depth)?;
                let negated = self.negate(node.clone(), arg.span())?;
                Some(extreme(vec![node, negated], false))
            }
            ("round", [arg]) => {
                let node = self.number(arg, depth)?;
                Some(if node.of == Type::Integer {
                    node
                } else {
                    whole(divide(node, Node::number(Type::Integer, SCALE)))
                })
            }
            ("round", [arg, places]) => self.round(arg, places, depth),
            ("coalesce", [_, ..]) => {
                let values = self.like_values(&args, depth)?;
                let nullable = values.iter().all(|value| value.nullable);
                let range = values.iter().map(|value| value.range).reduce(Range::hull)?;
                Some(Node { of: values.first()?.of, op: Op::Coalesce(values), range, nullable })
            }
            ("least" | "greatest", [_, _, ..]) => {
                let values = self.like_values(&args, depth)?;
                if !matches!(values.first()?.of, Type::Integer | Type::Decimal) {
                    let problem = Problem::new(format!("{name} compares numbers only"), format!("{name} 只能比较数字"));
                    return self.fault(span, problem);
                }
                Some(extreme(values, name == "least"))
            }
            ("min" | "max", _) => {
                let instead = if name == "min" { "least" } else { "greatest" };
                let problem = Problem::new(
                    format!("{name} counts over rows, which a rule does not do"),
                    format!("{name} 是对多行的统计,规则中不可用"),
                );
                self.fault(span, problem.hint(format!("of several values in one row: {instead}(a, b)")))
            }
            _ if FUNCTIONS.contains(&name.as_str()) => {
                let problem = Problem::new(
                    format!("{name} does not take {} values", args.len()),
                    format!("{name} 的参数个数不对"),
                );
                self.fault(span, problem)
            }
            _ => {
                let problem = Problem::new(format!("there is no function {name:?}"), format!("没有名为“{name}”的函数"));
                self.fault(span, problem.hint_nearest(&name, FUNCTIONS))
            }
        }
    }

    fn round(&mut self, arg: &Expr, places: &Expr, depth: usize) -> Option<Node> {
        let node = self.number(arg, depth)?;
        let places_node = self.number(places, depth)?;
        let kept = match places_node.op {
            Op::Number(kept) if places_node.of == Type::Integer => {
                u32::try_from(kept).ok().filter(|kept| *kept <= PLACES)
            }
            _ => None,
        };
        let Some(kept) = kept else {
            let problem = Problem::new(
                format!("the places of round are a number from 0 to {PLACES}"),
                format!("round 的位数须为0至{PLACES}"),
            );
            return self.fault(places.span(), problem);
        };
        if node.of == Type::Integer || kept == PLACES {
            return Some(node);
        }
        let step = Node::number(Type::Integer, step(kept));
        self.product(divide(node, step.clone()), step, arg.span())
    }
}

/// The number read as a whole one.
fn whole(node: Node) -> Node {
    Node { of: Type::Integer, ..node }
}

/// The least or the greatest of the values that are there, as SQL does it in PostgreSQL: absent ones are left out.
fn extreme(values: Vec<Node>, is_least: bool) -> Node {
    let ends = |end: fn(Range) -> i128| values.iter().map(move |value| end(value.range));
    let pick = |numbers: &mut dyn Iterator<Item = i128>| {
        if is_least { numbers.min() } else { numbers.max() }
    };
    let nullable = values.iter().all(|value| value.nullable);
    // Where a value may be absent, the others may stand alone.
    let range = if values.iter().any(|value| value.nullable) {
        values.iter().map(|value| value.range).reduce(Range::hull).unwrap_or(Range::exactly(0))
    } else {
        Range::new(pick(&mut ends(|range| range.least)).unwrap_or(0), pick(&mut ends(|range| range.most)).unwrap_or(0))
    };
    let of = values.first().map_or(Type::Integer, |value| value.of);
    let op = if is_least { Op::Least(values) } else { Op::Greatest(values) };
    Node { op, of, range, nullable }
}

/// The arguments of an ordinary call; `None` if it has anything beside them.
fn arguments(function: &Function) -> Option<Vec<&Expr>> {
    let FunctionArguments::List(list) = &function.args else {
        return None;
    };
    let is_plain = list.clauses.is_empty()
        && list.duplicate_treatment.is_none()
        && function.filter.is_none()
        && function.over.is_none()
        && function.null_treatment.is_none()
        && function.within_group.is_empty()
        && function.parameters == FunctionArguments::None;
    let args = list.args.iter().map(|arg| match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    });
    if is_plain { args.collect() } else { None }
}
