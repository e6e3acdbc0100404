//! The numbers that period rules compare: counts, quotas and parameters.

use toml::de::DeValue;

use super::adjustment::{Earned, Selection, Task, selects};
use super::adjustments::division;
use super::declarations::declared;
use super::rates::rates;
use super::reader::{At, Field, Reader, Section};
use super::{Count, Currency, Division, Parameter, Quota, Rates, Rule};
use crate::expression::check::Wanted;
use crate::expression::scope::{Scope, ScopeColumn, Vocabulary};
use crate::expression::{Problem, Range, Type};
use crate::facts::FactKind;
use crate::period::PeriodUnit;
use crate::points::{Points, SCALE};
use crate::scoring::catalogue::{self, CodeSet, MAX_COUNTED};

/// The largest amount of a quota or a parameter, up or down, in whole units.
const MAX_AMOUNT: i64 = 1_000_000;

/// What this part of a document declares.
pub(super) struct Figures {
    pub(super) counts: Vec<Count>,
    pub(super) rates: Option<Rates>,
    pub(super) quotas: Vec<Quota>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) earned: Vec<Earned>,
    pub(super) tasks: Vec<Task>,
    /// The ids of the parts, which later steps read.
    parts: Vec<String>,
}

/// The largest sum of points that a condition may read, up or down, in whole points.
const MAX_SUM: i64 = 1_000_000_000;

impl Figures {
    /// The columns that they give to period rules.
    pub(super) fn columns(&self) -> Vec<ScopeColumn> {
        let column =
            |name: String, of, range, nullable| ScopeColumn { stored: name.clone(), name, of, range, nullable };
        let counts = self.counts.iter().map(|count| {
            let most = i128::from(MAX_COUNTED);
            if count.share.is_none() {
                return column(count.id.clone(), Type::Integer, Range::new(0, most), false);
            }
            column(count.id.clone(), Type::Decimal, Range::new(0, most * i128::from(SCALE)), false)
        });
        let amounts = self.quotas.iter().map(|quota| {
            let (of, range) = quota_amounts(quota);
            column(quota_column(&quota.id), of, range, true)
        });
        let parameters = self.parameters.iter().map(|parameter| {
            let (of, range) = amounts_of(&parameter.amount);
            column(parameter.id.clone(), of, range, true)
        });
        let earned = self.earned.iter().map(|earned| sum_column(&earned.id));
        counts.chain(amounts).chain(parameters).chain(earned).collect()
    }

    /// The columns of the steps after the parts: these, each part's sum, and the total.
    pub(super) fn late_columns(&self) -> Vec<ScopeColumn> {
        let mut columns = self.columns();
        columns.extend(self.parts.iter().map(|part| sum_column(&part_column(part))));
        columns.push(sum_column(TOTAL));
        columns
    }
}

/// The name under which late steps read the total.
pub(crate) const TOTAL: &str = "total";

/// The name under which late steps read a part's sum.
pub(crate) fn part_column(id: &str) -> String {
    format!("part_{id}")
}

fn sum_column(name: &str) -> ScopeColumn {
    let most = i128::from(MAX_SUM) * i128::from(SCALE);
    ScopeColumn {
        stored: name.to_owned(),
        name: name.to_owned(),
        of: Type::Decimal,
        range: Range::new(-most, most),
        nullable: false,
    }
}

/// The type and range of a quota. One that follows a task is a decimal, and may grow to what any amount may be.
pub(crate) fn quota_amounts(quota: &Quota) -> (Type, Range) {
    match quota.scaled_by {
        None => amounts_of(&quota.amount),
        Some(_) => (Type::Decimal, Range::new(-i128::from(MAX_AMOUNT * SCALE), i128::from(MAX_AMOUNT * SCALE))),
    }
}

/// A quota that follows a task, kept within what any amount may be.
pub(crate) fn bounded_amount(amount: Points) -> Points {
    Points::from_millionths(amount.millionths().clamp(-MAX_AMOUNT * SCALE, MAX_AMOUNT * SCALE))
}

/// The name under which period rules read a quota.
pub(crate) fn quota_column(id: &str) -> String {
    format!("quota_{id}")
}

/// The type and range of amounts: whole numbers as long as all of them are.
pub(crate) fn amounts_of(amounts: &[(String, Points)]) -> (Type, Range) {
    let is_whole = amounts.iter().all(|(_, amount)| amount.millionths() % SCALE == 0);
    let unit = if is_whole { SCALE } else { 1 };
    let numbers = amounts.iter().map(|(_, amount)| Range::exactly((amount.millionths() / unit).into()));
    let range = numbers.reduce(Range::hull).unwrap_or(Range::exactly(0));
    (if is_whole { Type::Integer } else { Type::Decimal }, range)
}

pub(super) fn read<'t>(reader: &mut Reader<'t>, root: &Section<'t>, vocabulary: &Vocabulary) -> Figures {
    let mut names = catalogue::period_columns().map(|column| column.name.to_owned()).to_vec();
    names.push(TOTAL.to_owned());
    let parts: Vec<String> = reader
        .tables(root, "part")
        .iter()
        .filter_map(|section| match section.field("id")?.value {
            DeValue::String(id) => Some(id.to_string()),
            _ => None,
        })
        .collect();
    names.extend(parts.iter().map(|part| part_column(part)));
    let tasks = tasks(reader, root);
    let counts = counts(reader, root, vocabulary, &mut names);
    let quotas = quotas(reader, root, vocabulary, (&counts, &tasks), &mut names);
    let parameters = parameters(reader, root, vocabulary, &mut names);
    let earned = earned(reader, root, &mut names);
    let rates = rates(reader, root, &counts);
    Figures { counts, rates, quotas, parameters, earned, tasks, parts }
}

/// Takes the name of a column of period rules; a second taker is a mistake.
fn take_name(reader: &mut Reader<'_>, id: &At<String>, name: String, names: &mut Vec<String>) {
    if names.contains(&name) {
        reader.duplicate(id);
    }
    names.push(name);
}

fn counts<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    vocabulary: &Vocabulary,
    names: &mut Vec<String>,
) -> Vec<Count> {
    let mut counts = Vec::new();
    for section in reader.tables(root, "count") {
        reader.only(&section, &["id", "name", "on", "where", "distinct", "among", "how"]);
        let id = reader.id(&section);
        if let Some(id) = &id {
            take_name(reader, id, id.value.clone(), names);
        }
        let name = reader.words(&section, "name");
        let on = reader.text(&section, "on");
        let on = on.and_then(|on| reader.word(&on, &FactKind::ALL.map(|kind| (kind.code(), kind))));
        let distinct = reader.optional_text(&section, "distinct");
        let Some(on) = on else { continue };
        let filter = reader.expression(&section, "where", &Scope::of_fact(vocabulary, on), Wanted::Condition);
        if let Some(distinct) = &distinct {
            let is_possible = reader.word(distinct, &[("submission", ())]).is_some() && catalogue::has_submission(on);
            if !is_possible && distinct.value == "submission" {
                let problem = Problem::new(
                    format!("a {on} is not about a submission"),
                    format!("{}与报送信息无关,不能去重", on.name_zh()),
                );
                reader.report(distinct.span.clone(), &distinct.path, problem);
            }
        }
        let share = share(reader, &section, on);
        counts.extend(id.map(|id| Count { id: id.value, name, on, distinct: distinct.is_some(), share, filter }));
    }
    counts
}

/// How a count credits those who share an item.
fn share<'t>(reader: &mut Reader<'t>, section: &Section<'t>, on: FactKind) -> Option<(super::Among, Division)> {
    if section.field("among").is_none() && section.field("how").is_none() {
        return None;
    }
    let (among, how) = division(reader, section);
    let problem = match how? {
        Division::Fixed(_) => Problem::new("a count has no fixed shares", "计数不支持固定份额"),
        _ if !catalogue::has_submission(on) => {
            Problem::new(format!("a {on} is not about a submission"), format!("{}与报送信息无关", on.name_zh()))
        }
        how => return Some((among?, how)),
    };
    reader.report(section.header(), &section.path, problem);
    None
}

fn tasks<'t>(reader: &mut Reader<'t>, root: &Section<'t>) -> Vec<Task> {
    let mut tasks: Vec<Task> = Vec::new();
    for section in reader.tables(root, "task") {
        reader.only(&section, &["id", "name", "clause", "amount"]);
        let id = reader.id(&section);
        let (name, clause) = (reader.words(&section, "name"), reader.words(&section, "clause"));
        let field = section.field("amount");
        let amount = field.as_ref().and_then(|field| decimal(reader, field)).map_or(0, Points::millionths);
        if amount <= 0 {
            let problem = Problem::new("a task is larger than nothing", "任务数须大于零");
            reader.report(field.map_or(section.header(), |field| field.span), &section.path, problem);
        }
        let Some(id) = id else { continue };
        if tasks.iter().any(|task| task.id == id.value) {
            reader.duplicate(&id);
        }
        tasks.push(Task { id: id.value, name, clause, amount });
    }
    tasks
}

fn earned<'t>(reader: &mut Reader<'t>, root: &Section<'t>, names: &mut Vec<String>) -> Vec<Earned> {
    let mut all = Vec::new();
    for section in reader.tables(root, "earned") {
        reader.only(&section, &["id", "name", "rules"]);
        let id = reader.id(&section);
        if let Some(id) = &id {
            take_name(reader, id, id.value.clone(), names);
        }
        let name = reader.words(&section, "name");
        let rules = reader.texts(&section, "rules").iter().map(|text| text.value.to_owned()).collect();
        all.extend(id.map(|id| Earned { id: id.value, name, rules: Selection(rules) }));
    }
    all
}

/// Reports sums of points over rules that are not there, or that are not known yet when a period rule reads the sum.
pub(super) fn earned_rules<'t>(reader: &mut Reader<'t>, root: &Section<'t>, rules: &[Rule]) {
    for section in reader.tables(root, "earned") {
        for text in reader.texts(&section, "rules") {
            let is_fitting = |rule: &Rule| rule.on.is_fact() && rule.currency == Currency::Points;
            let mut chosen = rules.iter().filter(|rule| selects(text.value, &rule.id)).peekable();
            if chosen.peek().is_some() && chosen.all(is_fitting) {
                continue;
            }
            let problem = Problem::new(
                format!("{:?} does not stand for rules that give points for facts", text.value),
                format!("“{}”不对应按事实计分的规则", text.value),
            )
            .hint_nearest(text.value, rules.iter().filter(|rule| is_fitting(rule)).map(|rule| rule.id.as_str()));
            reader.report(text.span, &text.path, problem);
        }
    }
}

fn quotas<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    vocabulary: &Vocabulary,
    (counts, tasks): (&[Count], &[Task]),
    names: &mut Vec<String>,
) -> Vec<Quota> {
    let mut quotas = Vec::new();
    for section in reader.tables(root, "quota") {
        reader.only(&section, &["id", "name", "clause", "count", "per", "amount", "scaled_by"]);
        let id = reader.id(&section);
        if let Some(id) = &id {
            take_name(reader, id, quota_column(&id.value), names);
        }
        let (name, clause) = (reader.words(&section, "name"), reader.words(&section, "clause"));
        let count = reader.text(&section, "count").and_then(|count| known_count(reader, &count, counts));
        let per = reader.text(&section, "per");
        let per = per.and_then(|per| reader.word(&per, &period_units()));
        let amount = amount_by_category(reader, &section, "amount", vocabulary);
        let scaled_by = reader.optional_text(&section, "scaled_by");
        let scaled_by = scaled_by.and_then(|task| {
            let known = tasks.iter().any(|known| known.id == task.value);
            if !known {
                let problem = Problem::new(
                    format!("there is no task {:?}", task.value),
                    format!("没有名为“{}”的上级任务", task.value),
                )
                .hint_nearest(task.value, tasks.iter().map(|task| task.id.as_str()));
                reader.report(task.span, &task.path, problem);
            }
            known.then(|| task.value.to_owned())
        });
        let (Some(id), Some(count), Some(per)) = (id, count, per) else {
            continue;
        };
        quotas.push(Quota { id: id.value, name, clause, count: count.id.clone(), per, scaled_by, amount });
    }
    quotas
}

/// The units of time that rules and quotas may be about.
pub(super) fn period_units() -> [(&'static str, PeriodUnit); 5] {
    [PeriodUnit::Week, PeriodUnit::Month, PeriodUnit::Quarter, PeriodUnit::HalfYear, PeriodUnit::Year]
        .map(|unit| (unit.code(), unit))
}

pub(super) fn known_count<'c, 't>(reader: &mut Reader<'t>, id: &At<&'t str>, counts: &'c [Count]) -> Option<&'c Count> {
    let count = counts.iter().find(|count| count.id == id.value);
    if count.is_none() {
        let problem =
            Problem::new(format!("there is no count {:?}", id.value), format!("没有名为“{}”的计数", id.value))
                .hint_nearest(id.value, counts.iter().map(|count| count.id.as_str()));
        reader.report(id.span.clone(), &id.path, problem);
    }
    count
}

fn parameters<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    vocabulary: &Vocabulary,
    names: &mut Vec<String>,
) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for section in reader.tables(root, "parameter") {
        reader.only(&section, &["id", "name", "clause", "amount"]);
        let id = reader.id(&section);
        if let Some(id) = &id {
            take_name(reader, id, id.value.clone(), names);
        }
        let (name, clause) = (reader.words(&section, "name"), reader.words(&section, "clause"));
        let amount = amount_by_category(reader, &section, "amount", vocabulary);
        parameters.extend(id.map(|id| Parameter { id: id.value, name, clause, amount }));
    }
    parameters
}

/// `amount = { county = 100, park = "7.5" }`, or one number for every category.
pub(super) fn amount_by_category<'t>(
    reader: &mut Reader<'t>,
    section: &Section<'t>,
    key: &str,
    vocabulary: &Vocabulary,
) -> Vec<(String, Points)> {
    let Some(field) = section.field(key) else {
        let problem = Problem::new(format!("the key {key:?} is missing"), format!("缺少键“{key}”"));
        reader.report(section.header(), &section.path, problem);
        return Vec::new();
    };
    if !matches!(field.value, DeValue::Table(_)) {
        let Some(amount) = decimal(reader, &field) else {
            return Vec::new();
        };
        return vocabulary.codes(CodeSet::Category).iter().map(|category| (category.clone(), amount)).collect();
    }
    let Some(table) = reader.table(&field) else {
        return Vec::new();
    };
    let mut amounts = Vec::new();
    for (key, value) in table.entries() {
        let is_category = declared(reader, &key, CodeSet::Category, vocabulary);
        let amount = decimal(reader, &value);
        amounts.extend(amount.filter(|_| is_category).map(|amount| (key.value.to_owned(), amount)));
    }
    if table.entries().is_empty() {
        reader.report(field.span, &field.path, Problem::new("this names no category", "未列出任何类别"));
    }
    amounts
}

/// A whole number, or a decimal in quotes: a number with a point and without quotes would go through a float.
pub(super) fn decimal<'t>(reader: &mut Reader<'t>, field: &Field<'t>) -> Option<Points> {
    let number = match field.value {
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().and_then(Points::from_whole)
        }
        DeValue::String(text) => text.parse().ok(),
        DeValue::Float(number) => {
            let problem =
                Problem::new("a decimal number stands in quotes, so that it stays exact", "小数须加引号,以保证精确")
                    .hint(format!("write {:?}", number.as_str()));
            reader.report(field.span.clone(), &field.path, problem);
            return None;
        }
        _ => None,
    };
    let number = number.filter(|number| number.millionths().abs() <= MAX_AMOUNT * SCALE);
    if number.is_none() {
        let problem = Problem::new(
            format!("a number of at most {MAX_AMOUNT} is needed here"),
            format!("此处应为不超过{MAX_AMOUNT}的数字"),
        )
        .hint("write 100 or \"7.5\"");
        reader.report(field.span.clone(), &field.path, problem);
    }
    number
}
