//! Conditions: comparisons, lists, NULL, AND and OR.

use sqlparser::ast::{BinaryOperator, CaseWhen, Expr, Spanned};
use sqlparser::tokenizer::Span;

use super::{Checker, Operand, describe, describe_zh};
use crate::expression::{Comparison, Node, Op, Problem, Range, Type};
use crate::scoring::catalogue::CodeSet;

impl Checker<'_> {
    /// A chain of one operator becomes one node, so that a long chain does not nest deeply.
    pub(super) fn junction(&mut self, op: &BinaryOperator, whole: &Expr, depth: usize) -> Option<Node> {
        let mut exprs = Vec::new();
        let mut rest = whole;
        while let Expr::BinaryOp { left, op: found, right } = rest
            && found == op
        {
            exprs.push(&**right);
            rest = left;
        }
        exprs.push(rest);
        let parts: Vec<Option<Node>> = exprs.into_iter().rev().map(|expr| self.condition(expr, depth)).collect();
        let parts: Vec<Node> = parts.into_iter().collect::<Option<_>>()?;
        let nullable = parts.iter().any(|part| part.nullable);
        let op = if *op == BinaryOperator::And { Op::And(parts) } else { Op::Or(parts) };
        Some(Node::boolean(op, nullable))
    }

    pub(super) fn comparison(&mut self, left: &Expr, op: &BinaryOperator, right: &Expr, depth: usize) -> Option<Node> {
        let (left_operand, right_operand) = (self.operand(left, depth), self.operand(right, depth));
        let comparison = match op {
            BinaryOperator::NotEq => Comparison::NotEqual,
            BinaryOperator::Lt => Comparison::Less,
            BinaryOperator::LtEq => Comparison::LessOrEqual,
            BinaryOperator::Gt => Comparison::Greater,
            BinaryOperator::GtEq => Comparison::GreaterOrEqual,
            _ => Comparison::Equal,
        };
        let span = left.span().union(&right.span());
        self.compare(left_operand?, comparison, right_operand?, span)
    }

    fn compare(&mut self, left: Operand, comparison: Comparison, right: Operand, span: Span) -> Option<Node> {
        let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        match (left, right) {
            (Operand::Null(at), _) | (_, Operand::Null(at)) => {
                let problem = Problem::new("a comparison with NULL is never true", "与 NULL 比较永远不成立")
                    .hint("write IS NULL or IS NOT NULL");
                self.fault(at, problem)
            }
            (Operand::Text(text, at), Operand::Node(node)) | (Operand::Node(node), Operand::Text(text, at))
                if matches!(node.of, Type::Code(_)) && is_equality =>
            {
                let Type::Code(set) = node.of else {
                    return None;
                };
                self.code(set, &text, at)?;
                let nullable = node.nullable;
                let equal = Node::boolean(Op::OneOf(Box::new(node), vec![text]), nullable);
                Some(if comparison == Comparison::Equal { equal } else { super::not(equal) })
            }
            (Operand::Text(text, at), Operand::Node(node)) if node.of == Type::Date => {
                let date = self.date(&text, at)?;
                Some(compare_nodes(date, comparison, node))
            }
            (Operand::Node(node), Operand::Text(text, at)) if node.of == Type::Date => {
                let date = self.date(&text, at)?;
                Some(compare_nodes(node, comparison, date))
            }
            (Operand::Text(_, at), other) | (other, Operand::Text(_, at)) => {
                let (other, other_zh) = match &other {
                    Operand::Node(node) => (describe(node.of), describe_zh(node.of)),
                    Operand::Text(..) | Operand::Null(_) => ("text".to_owned(), "文本".to_owned()),
                };
                let problem = Problem::new(
                    format!("a text cannot be compared with a {other} like this"),
                    format!("文本不能与{other_zh}这样比较"),
                );
                self.fault(at, problem)
            }
            (Operand::Node(left), Operand::Node(right)) => {
                let (left, right) = self.same_type(left, right, span)?;
                if matches!(left.of, Type::Boolean | Type::Code(_)) && !is_equality {
                    let problem = Problem::new(
                        format!("a {} has no order: only = and <> compare it", describe(left.of)),
                        format!("{}没有大小之分,只能用 = 或 <> 比较", describe_zh(left.of)),
                    );
                    return self.fault(span, problem);
                }
                Some(compare_nodes(left, comparison, right))
            }
        }
    }

    /// Both as they are, or both as decimals if only one is whole; a fault if they cannot be held against each other.
    pub(super) fn same_type(&mut self, left: Node, right: Node, span: Span) -> Option<(Node, Node)> {
        match (left.of, right.of) {
            (Type::Integer, Type::Decimal) => Some((self.in_millionths(left, span)?, right)),
            (Type::Decimal, Type::Integer) => {
                let right = self.in_millionths(right, span)?;
                Some((left, right))
            }
            (left_type, right_type) if left_type == right_type => Some((left, right)),
            (left_type, right_type) => {
                let problem = Problem::new(
                    format!("a {} and a {} do not go together", describe(left_type), describe(right_type)),
                    format!("{}与{}类型不符", describe_zh(left_type), describe_zh(right_type)),
                );
                self.fault(span, problem)
            }
        }
    }

    fn code(&mut self, set: CodeSet, text: &str, at: Span) -> Option<()> {
        let vocabulary = self.scope.vocabulary;
        if vocabulary.has(set, text) {
            return Some(());
        }
        let problem = Problem::new(
            format!("{text:?} is not declared as a {}", set.code()),
            format!("“{text}”未声明为{}代码", set.code()),
        )
        .hint_nearest(text, vocabulary.codes(set).iter().map(String::as_str));
        self.fault(at, problem)
    }

    pub(super) fn is_null(&mut self, inner: &Expr, depth: usize) -> Option<Node> {
        let node = self.node(inner, depth)?;
        if node.nullable {
            return Some(Node::boolean(Op::IsNull(Box::new(node)), false));
        }
        let problem = Problem::new("this is never NULL, so asking is of no use", "该值不会为 NULL,无需判断");
        self.fault(inner.span(), problem)
    }

    pub(super) fn in_list(&mut self, expr: &Expr, list: &[Expr], depth: usize) -> Option<Node> {
        let node = self.node(expr, depth)?;
        if let Type::Code(set) = node.of {
            let codes: Vec<Option<String>> = list.iter().map(|item| self.listed_code(set, item, depth)).collect();
            let codes: Vec<String> = codes.into_iter().collect::<Option<_>>()?;
            let nullable = node.nullable;
            return Some(Node::boolean(Op::OneOf(Box::new(node), codes), nullable));
        }
        let nullable = node.nullable;
        let parts: Vec<Option<Node>> = list
            .iter()
            .map(|item| {
                let operand = self.operand(item, depth)?;
                self.compare(Operand::Node(node.clone()), Comparison::Equal, operand, item.span())
            })
            .collect();
        Some(Node::boolean(Op::Or(parts.into_iter().collect::<Option<_>>()?), nullable))
    }

    fn listed_code(&mut self, set: CodeSet, item: &Expr, depth: usize) -> Option<String> {
        match self.operand(item, depth)? {
            Operand::Text(text, at) => self.code(set, &text, at).map(|()| text),
            Operand::Node(_) | Operand::Null(_) => {
                let problem = Problem::new("a list of codes holds quoted codes only", "代码列表中只能是加引号的代码");
                self.fault(item.span(), problem)
            }
        }
    }

    pub(super) fn between(&mut self, expr: &Expr, low: &Expr, high: &Expr, depth: usize) -> Option<Node> {
        let node = self.node(expr, depth)?;
        let (low_operand, high_operand) = (self.operand(low, depth), self.operand(high, depth));
        let nullable = node.nullable;
        let from = self.compare(Operand::Node(node.clone()), Comparison::GreaterOrEqual, low_operand?, low.span());
        let to = self.compare(Operand::Node(node), Comparison::LessOrEqual, high_operand?, high.span());
        Some(Node::boolean(Op::And(vec![from?, to?]), nullable))
    }

    pub(super) fn case(&mut self, whens: &[CaseWhen], otherwise: Option<&Expr>, depth: usize) -> Option<Node> {
        let conditions: Vec<Option<Node>> = whens.iter().map(|when| self.condition(&when.condition, depth)).collect();
        let conditions: Vec<Node> = conditions.into_iter().collect::<Option<_>>()?;
        let results: Vec<&Expr> = whens.iter().map(|when| &when.result).chain(otherwise).collect();
        let mut values = self.like_values(&results, depth)?;
        let otherwise = otherwise.and_then(|_| values.pop());
        let all = || values.iter().chain(&otherwise);
        let nullable = otherwise.is_none() || all().any(|value| value.nullable);
        let of = values.first()?.of;
        let range = all().map(|value| value.range).reduce(Range::hull)?;
        let branches = conditions.into_iter().zip(values).collect();
        Some(Node { op: Op::Case(branches, otherwise.map(Box::new)), of, range, nullable })
    }

    /// Several expressions that must give values of one type: all conditions, all whole numbers, or all decimals.
    pub(super) fn like_values(&mut self, exprs: &[&Expr], depth: usize) -> Option<Vec<Node>> {
        let nodes: Vec<Option<Node>> = exprs.iter().map(|expr| self.node(expr, depth)).collect();
        let mut nodes: Vec<Node> = nodes.into_iter().collect::<Option<_>>()?;
        if nodes.iter().any(|node| node.of == Type::Decimal) {
            let decimals: Vec<Option<Node>> = nodes
                .into_iter()
                .zip(exprs)
                .map(
                    |(node, expr)| {
                        if node.of == Type::Integer { self.in_millionths(node, expr.span()) } else { Some(node) }
                    },
                )
                .collect();
            nodes = decimals.into_iter().collect::<Option<_>>()?;
        }
        let of = nodes.first()?.of;
        let odd = nodes.iter().position(|node| node.of != of);
        let Some(odd) = odd else {
            return Some(nodes);
        };
        let problem = Problem::new(
            format!("this is a {}, but the value before it is a {}", describe(nodes[odd].of), describe(of)),
            format!("此处为{},而前面的值为{}", describe_zh(nodes[odd].of), describe_zh(of)),
        );
        self.fault(exprs[odd].span(), problem)
    }
}

fn compare_nodes(left: Node, comparison: Comparison, right: Node) -> Node {
    let nullable = left.nullable || right.nullable;
    Node::boolean(Op::Compare(comparison, Box::new(left), Box::new(right)), nullable)
}
