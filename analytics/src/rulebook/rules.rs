//! Exclusions and rules: everything that is written over facts and figures.

use std::collections::HashSet;

use super::figures::{Figures, decimal, period_units, quota_column};
use super::reader::{Reader, Section};
use super::{Award, Combine, Currency, Exclusion, Listing, On, Rule};
use crate::expression::check::{Fault, Wanted, check};
use crate::expression::scope::{Scope, Vocabulary};
use crate::expression::{Expression, Node, Op, Problem, Range, Type, categories};
use crate::facts::FactKind;
use crate::points::SCALE;
use crate::scoring::catalogue;

/// The most points, or yuan, that one fact may earn, up or down. A tally earns up to a million times that, which still fits.
const MAX_AMOUNT: i64 = 2_000_000;
/// Millionths of a yuan in one fen.
const FEN: i64 = SCALE / 100;

/// What this part of a document declares.
pub(super) struct Ruling {
    pub(super) exclusions: Vec<Exclusion>,
    pub(super) rules: Vec<Rule>,
    pub(super) awards: Vec<Award>,
}

pub(super) fn read<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    vocabulary: &Vocabulary,
    figures: &Figures,
    lists: &[Listing],
    ids: &mut HashSet<String>,
) -> Ruling {
    let exclusions = exclusions(reader, root, vocabulary, ids);
    let rules = rules(reader, root, vocabulary, figures, ids);
    Ruling {
        exclusions,
        awards: super::award::read(
            reader,
            root,
            &super::award::Known { vocabulary, figures, lists, rules: &rules },
            ids,
        ),
        rules,
    }
}

impl<'t> Reader<'t> {
    /// The expression under the key; `None` if the key is not there or the expression is wrong.
    pub(super) fn expression(
        &mut self,
        section: &Section<'t>,
        key: &str,
        scope: &Scope<'_>,
        wanted: Wanted,
    ) -> Option<Expression> {
        let text = self.optional_text(section, key)?;
        let faults = match check(scope, text.value, wanted) {
            Ok(expression) => return Some(expression),
            Err(faults) => faults,
        };
        let offsets = self.source.string_offsets(&text.span);
        let offset = |place: usize| offsets.get(place).or(offsets.last()).copied().unwrap_or(text.span.start);
        for Fault { at, end, problem } in faults {
            self.report(offset(at)..offset(end), &text.path, problem);
        }
        None
    }

    pub(super) fn rule_id(&mut self, section: &Section<'t>, ids: &mut HashSet<String>) -> Option<String> {
        let id = self.dotted_id(section)?;
        if id.value == super::ROUNDING {
            let problem = Problem::new("this id belongs to the line that rounds a total", "该标识保留用于总分取整");
            self.report(id.span.clone(), &id.path, problem);
        }
        if !ids.insert(id.value.clone()) {
            self.duplicate(&id);
        }
        Some(id.value)
    }
}

fn exclusions<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    vocabulary: &Vocabulary,
    ids: &mut HashSet<String>,
) -> Vec<Exclusion> {
    let mut exclusions = Vec::new();
    for section in reader.tables(root, "exclude") {
        reader.only(&section, &["id", "clause", "title", "on", "where"]);
        let id = reader.rule_id(&section, ids);
        let (clause, title) = (reader.words(&section, "clause"), reader.words(&section, "title"));
        let on = reader.text(&section, "on");
        let on = on.and_then(|on| reader.word(&on, &FactKind::ALL.map(|kind| (kind.code(), kind))));
        reader.text(&section, "where");
        let Some(on) = on else { continue };
        let filter = reader.expression(&section, "where", &Scope::of_fact(vocabulary, on), Wanted::Condition);
        let (Some(id), Some(filter)) = (id, filter) else {
            continue;
        };
        exclusions.push(Exclusion { id, clause, title, on, filter });
    }
    exclusions
}

fn rules<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    vocabulary: &Vocabulary,
    figures: &Figures,
    ids: &mut HashSet<String>,
) -> Vec<Rule> {
    let period_scope = Scope::of_period(vocabulary, figures.columns());
    let mut rules = Vec::new();
    for section in reader.tables(root, "rule") {
        reader.only(&section, &["id", "clause", "title", "on", "where", "points", "money", "range", "combine"]);
        let id = reader.rule_id(&section, ids);
        let (clause, title) = (reader.words(&section, "clause"), reader.words(&section, "title"));
        let Some(on) = on(reader, &section) else {
            continue;
        };
        let combine = combine(reader, &section, on);
        let fact_scope;
        let scope = match on {
            On::Fact(kind) => {
                fact_scope = Scope::of_fact(vocabulary, kind);
                &fact_scope
            }
            On::Period(_) => &period_scope,
        };
        let filter = reader.expression(&section, "where", scope, Wanted::Condition);
        if let (On::Period(unit), Some(filter)) = (on, &filter) {
            figures_fit(reader, &section, filter, unit, figures, scope);
        }
        let amount = amount(reader, &section, on, scope);
        let range = range(reader, &section, amount.as_ref().map(|(currency, _)| *currency));
        let (Some(id), Some((currency, amount))) = (id, amount) else {
            continue;
        };
        rules.push(Rule { id, clause, title, on, combine, currency, filter, amount, range });
    }
    rules
}

fn on<'t>(reader: &mut Reader<'t>, section: &Section<'t>) -> Option<On> {
    let facts = FactKind::ALL.map(|kind| (kind.code(), On::Fact(kind)));
    let periods = period_units().map(|(code, unit)| (code, On::Period(unit)));
    let on = reader.text(section, "on")?;
    reader.word(&on, &[facts.as_slice(), &periods].concat())
}

fn combine<'t>(reader: &mut Reader<'t>, section: &Section<'t>, on: On) -> Combine {
    let Some(text) = reader.optional_text(section, "combine") else {
        return Combine::Sum;
    };
    let combine = reader.word(&text, &[("sum", Combine::Sum), ("once", Combine::Once), ("highest", Combine::Highest)]);
    let is_about_submissions = matches!(on, On::Fact(kind) if catalogue::has_submission(kind));
    if combine.is_some() && !is_about_submissions {
        let problem =
            Problem::new("combine is about several facts on one submission", "combine 只适用于针对同一信息的多项事实");
        reader.report(text.span, &text.path, problem);
    }
    combine.unwrap_or(Combine::Sum)
}

/// Reports a rule that reads a quota of another unit of time, or a figure that none of its categories has.
pub(super) fn figures_fit<'t>(
    reader: &mut Reader<'t>,
    section: &Section<'t>,
    filter: &Expression,
    unit: crate::period::PeriodUnit,
    figures: &Figures,
    scope: &Scope<'_>,
) {
    let Some(text) = reader.optional_text(section, "where") else {
        return;
    };
    let categories = categories(&filter.root, scope);
    for (name, ..) in filter.columns() {
        let quota = figures.quotas.iter().find(|quota| quota_column(&quota.id) == name);
        if let Some(quota) = quota
            && quota.per != unit
        {
            let problem = Problem::new(
                format!("{name} is owed per {}, but the rule is on a {}", quota.per.code(), unit.code()),
                format!("指标 {name} 按 {} 计,而规则按 {} 计", quota.per.code(), unit.code()),
            );
            reader.report(text.span.clone(), &text.path, problem);
        }
        let parameter = figures.parameters.iter().find(|parameter| parameter.id == name);
        let Some(amount) = quota.map(|quota| &quota.amount).or(parameter.map(|parameter| &parameter.amount)) else {
            continue;
        };
        if let Some(categories) = &categories
            && !amount.iter().any(|(category, _)| categories.contains(&category.as_str()))
        {
            let problem = Problem::new(
                format!("this can never be true: none of its categories has {name}"),
                format!("该条件永远不成立:所列类别均无 {name}"),
            );
            reader.report(text.span.clone(), &text.path, problem);
        }
    }
}

/// The expression of `points` or of `money`, in millionths or in fen.
fn amount<'t>(
    reader: &mut Reader<'t>,
    section: &Section<'t>,
    on: On,
    scope: &Scope<'_>,
) -> Option<(Currency, Expression)> {
    let (key, currency) = match (section.field("points"), section.field("money")) {
        (Some(_), None) => ("points", Currency::Points),
        (None, Some(_)) => ("money", Currency::Money),
        _ => {
            let problem = Problem::new("a rule gives either points or money", "规则须且只能写 points 或 money 之一");
            reader.report(section.header(), &section.path, problem);
            return None;
        }
    };
    let field = section.field(key)?;
    let expression = reader.expression(section, key, scope, Wanted::Number)?;
    let root = expression.root;
    if root.range == Range::exactly(0) {
        let problem = Problem::new("a rule that gives nothing is no rule", "规则的分值恒为零");
        reader.report(field.span, &field.path, problem);
        return None;
    }
    let is_multiplied = matches!(on, On::Fact(_));
    if is_multiplied && root.range.reach() > i128::from(MAX_AMOUNT * SCALE) {
        let problem =
            Problem::new(format!("one fact could earn more than {MAX_AMOUNT}"), format!("单项可能超过{MAX_AMOUNT}"))
                .hint("bound it with LEAST and GREATEST");
        reader.report(field.span, &field.path, problem);
        return None;
    }
    let root = match (currency, &root.op) {
        (Currency::Points, _) => root,
        (Currency::Money, Op::Number(amount)) if amount % FEN == 0 => Node::number(Type::Integer, amount / FEN),
        (Currency::Money, Op::Number(_)) => {
            let problem = Problem::new("money has at most two decimal places", "金额最多两位小数");
            reader.report(field.span, &field.path, problem);
            return None;
        }
        (Currency::Money, _) => {
            let range = Range::new(root.range.least / i128::from(FEN) - 1, root.range.most / i128::from(FEN) + 1);
            let (nullable, fen) = (root.nullable, Node::number(Type::Integer, FEN));
            Node { op: Op::Divide(Box::new(root), Box::new(fen)), of: Type::Integer, range, nullable }
        }
    };
    Some((currency, Expression { root }))
}

/// `range = [-300, -100]`: between which amounts a person decides.
fn range<'t>(reader: &mut Reader<'t>, section: &Section<'t>, currency: Option<Currency>) -> Option<(i64, i64)> {
    let field = section.field("range")?;
    let bounds: Vec<i64> = reader
        .fields(&field)
        .iter()
        .filter_map(|bound| decimal(reader, bound))
        .map(|bound| if currency == Some(Currency::Money) { bound.millionths() / FEN } else { bound.millionths() })
        .collect();
    match bounds.as_slice() {
        [least, most] if least <= most => Some((*least, *most)),
        _ => {
            let problem = Problem::new("a range is its least and its most", "范围须写下限和上限")
                .hint("write range = [-300, -100]");
            reader.report(field.span, &field.path, problem);
            None
        }
    }
}
