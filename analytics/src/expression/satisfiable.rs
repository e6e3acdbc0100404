//! Whether a condition can hold at all. A rule that can never fire is a mistake in the rulebook.
//!
//! The answer errs on the side of "it can": a contradiction is found between comparisons that stand side by side under one AND.

use std::collections::BTreeMap;

use super::scope::Scope;
use super::{Comparison, Node, Op, Range, Type};
use crate::scoring::catalogue::CodeSet;

/// Whether the condition may be true for some row.
pub(crate) fn can_hold(node: &Node, scope: &Scope<'_>) -> bool {
    outcomes(node, scope).0 && !contradict(std::slice::from_ref(node), scope)
}

/// Whether it may be true, and whether it may be false.
fn outcomes(node: &Node, scope: &Scope<'_>) -> (bool, bool) {
    match &node.op {
        Op::Boolean(value) => (*value, !value),
        Op::Not(inner) => {
            let (can_hold, can_fail) = outcomes(inner, scope);
            (can_fail, can_hold)
        }
        Op::And(parts) => {
            let outcomes: Vec<_> = parts.iter().map(|part| outcomes(part, scope)).collect();
            let can_hold = outcomes.iter().all(|outcome| outcome.0) && !contradict(parts, scope);
            (can_hold, outcomes.iter().any(|outcome| outcome.1))
        }
        Op::Or(parts) => {
            let outcomes: Vec<_> = parts.iter().map(|part| outcomes(part, scope)).collect();
            (outcomes.iter().any(|outcome| outcome.0), outcomes.iter().all(|outcome| outcome.1))
        }
        Op::Compare(comparison, left, right) if matches!(left.of, Type::Integer | Type::Decimal | Type::Date) => {
            compare(*comparison, left.range, right.range)
        }
        _ => (true, true),
    }
}

fn compare(comparison: Comparison, left: Range, right: Range) -> (bool, bool) {
    let equal = (left.least <= right.most && right.least <= left.most, left.least != left.most || left != right);
    let less = (left.least < right.most, left.most >= right.least);
    let greater = (left.most > right.least, left.least <= right.most);
    match comparison {
        Comparison::Equal => equal,
        Comparison::NotEqual => (equal.1, equal.0),
        Comparison::Less => less,
        Comparison::GreaterOrEqual => (less.1, less.0),
        Comparison::Greater => greater,
        Comparison::LessOrEqual => (greater.1, greater.0),
    }
}

/// What the parts of one AND leave possible.
#[derive(Default)]
struct Possible<'n> {
    codes: BTreeMap<&'n str, Vec<&'n str>>,
    numbers: BTreeMap<&'n str, Range>,
    flags: BTreeMap<&'n str, bool>,
    is_empty: bool,
}

fn contradict(parts: &[Node], scope: &Scope<'_>) -> bool {
    let mut possible = Possible::default();
    possible.narrow_all(parts, scope);
    possible.is_empty || class_of_another_publication(&possible, scope)
}

impl<'n> Possible<'n> {
    fn narrow_all(&mut self, parts: &'n [Node], scope: &Scope<'_>) {
        for part in parts {
            match &part.op {
                Op::And(inner) => self.narrow_all(inner, scope),
                Op::Column { name, .. } => self.flag(name, true),
                Op::Not(inner) => match &inner.op {
                    Op::Column { name, .. } => self.flag(name, false),
                    Op::OneOf(column, codes) => self.codes_without(column, codes, scope),
                    _ => {}
                },
                Op::OneOf(column, codes) => {
                    self.codes_among(column, codes);
                }
                Op::Compare(comparison, left, right) => self.number(*comparison, left, right),
                _ => {}
            }
        }
    }

    fn flag(&mut self, name: &'n str, value: bool) {
        let known = *self.flags.entry(name).or_insert(value);
        self.is_empty |= known != value;
    }

    fn codes_among(&mut self, column: &'n Node, codes: &'n [String]) {
        let Op::Column { name, .. } = &column.op else {
            return;
        };
        let left = self.codes.entry(name).or_insert_with(|| codes.iter().map(String::as_str).collect());
        left.retain(|code| codes.iter().any(|known| known == code));
        self.is_empty |= left.is_empty();
    }

    fn codes_without(&mut self, column: &'n Node, codes: &[String], scope: &Scope<'_>) {
        let (Op::Column { name, .. }, Type::Code(set)) = (&column.op, column.of) else {
            return;
        };
        if let Some(left) = self.codes.get_mut(name.as_str()) {
            left.retain(|code| !codes.iter().any(|excluded| excluded == code));
            self.is_empty |= left.is_empty();
        } else {
            self.is_empty |= scope.vocabulary.codes(set).iter().all(|code| codes.contains(code));
        }
    }

    fn number(&mut self, comparison: Comparison, left: &'n Node, right: &'n Node) {
        let (column, bound, comparison) = match (&left.op, &right.op) {
            (Op::Column { name, .. }, Op::Number(bound)) => (name, *bound, comparison),
            (Op::Number(bound), Op::Column { name, .. }) => (name, *bound, mirror(comparison)),
            _ => return,
        };
        let bound = i128::from(bound);
        let allowed = match comparison {
            Comparison::Equal => Range::exactly(bound),
            Comparison::NotEqual => return,
            Comparison::Less => Range::new(i128::MIN, bound - 1),
            Comparison::LessOrEqual => Range::new(i128::MIN, bound),
            Comparison::Greater => Range::new(bound + 1, i128::MAX),
            Comparison::GreaterOrEqual => Range::new(bound, i128::MAX),
        };
        let range = self.numbers.entry(column).or_insert(Range::new(i128::MIN, i128::MAX));
        *range = Range::new(range.least.max(allowed.least), range.most.min(allowed.most));
        self.is_empty |= range.least > range.most;
    }
}

fn mirror(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal | Comparison::NotEqual => comparison,
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
    }
}

/// Whether the classes asked for belong to none of the publications asked for.
fn class_of_another_publication(possible: &Possible<'_>, scope: &Scope<'_>) -> bool {
    let (Some(publications), Some(classes)) = (possible.codes.get("publication"), possible.codes.get("class")) else {
        return false;
    };
    let has = |publication: &&str| {
        scope.vocabulary.classes(publication).iter().any(|known| classes.contains(&known.as_str()))
    };
    !publications.iter().any(has)
}

/// The categories for which a condition may hold, as far as its top level says; `None` if it says nothing.
pub(crate) fn categories<'n>(node: &'n Node, scope: &Scope<'_>) -> Option<Vec<&'n str>> {
    let mut possible = Possible::default();
    possible.narrow_all(std::slice::from_ref(node), scope);
    possible.codes.remove(CodeSet::Category.code())
}
