//! The numbers that period rules compare: counts, quotas and parameters.

use toml::de::DeValue;

use super::declarations::declared;
use super::rates::rates;
use super::reader::{At, Field, Reader, Section};
use super::{Count, Parameter, Quota, Rates};
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
}

impl Figures {
    /// The columns that they give to period rules.
    pub(super) fn columns(&self) -> Vec<ScopeColumn> {
        let column =
            |name: String, of, range, nullable| ScopeColumn { stored: name.clone(), name, of, range, nullable };
        let counts = self
            .counts
            .iter()
            .map(|count| column(count.id.clone(), Type::Integer, Range::new(0, MAX_COUNTED.into()), false));
        let quotas = self.quotas.iter().map(|quota| (quota_column(&quota.id), &quota.amount));
        let parameters = self.parameters.iter().map(|parameter| (parameter.id.clone(), &parameter.amount));
        let amounts = quotas.chain(parameters).map(|(name, amount)| {
            let (of, range) = amounts(amount);
            column(name, of, range, true)
        });
        counts.chain(amounts).collect()
    }
}

/// The name under which period rules read a quota.
pub(crate) fn quota_column(id: &str) -> String {
    format!("quota_{id}")
}

/// The type and range of amounts: whole numbers as long as all of them are.
pub(crate) fn amounts(amounts: &[(String, Points)]) -> (Type, Range) {
    let is_whole = amounts.iter().all(|(_, amount)| amount.millionths() % SCALE == 0);
    let unit = if is_whole { SCALE } else { 1 };
    let numbers = amounts.iter().map(|(_, amount)| Range::exactly((amount.millionths() / unit).into()));
    let range = numbers.reduce(Range::hull).unwrap_or(Range::exactly(0));
    (if is_whole { Type::Integer } else { Type::Decimal }, range)
}

pub(super) fn read<'t>(reader: &mut Reader<'t>, root: &Section<'t>, vocabulary: &Vocabulary) -> Figures {
    let mut names = catalogue::period_columns().map(|column| column.name.to_owned()).to_vec();
    let counts = counts(reader, root, vocabulary, &mut names);
    let quotas = quotas(reader, root, vocabulary, &counts, &mut names);
    let parameters = parameters(reader, root, vocabulary, &mut names);
    let rates = rates(reader, root, &counts);
    Figures { counts, rates, quotas, parameters }
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
        reader.only(&section, &["id", "name", "on", "where", "distinct"]);
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
        counts.extend(id.map(|id| Count { id: id.value, name, on, distinct: distinct.is_some(), filter }));
    }
    counts
}

fn quotas<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    vocabulary: &Vocabulary,
    counts: &[Count],
    names: &mut Vec<String>,
) -> Vec<Quota> {
    let mut quotas = Vec::new();
    for section in reader.tables(root, "quota") {
        reader.only(&section, &["id", "name", "clause", "count", "per", "amount"]);
        let id = reader.id(&section);
        if let Some(id) = &id {
            take_name(reader, id, quota_column(&id.value), names);
        }
        let (name, clause) = (reader.words(&section, "name"), reader.words(&section, "clause"));
        let count = reader.text(&section, "count").and_then(|count| known_count(reader, &count, counts));
        let per = reader.text(&section, "per");
        let per = per.and_then(|per| reader.word(&per, &period_units()));
        let amount = amount(reader, &section, vocabulary);
        let (Some(id), Some(count), Some(per)) = (id, count, per) else {
            continue;
        };
        quotas.push(Quota { id: id.value, name, clause, count: count.id.clone(), per, amount });
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
        let amount = amount(reader, &section, vocabulary);
        parameters.extend(id.map(|id| Parameter { id: id.value, name, clause, amount }));
    }
    parameters
}

/// `amount = { county = 100, park = "7.5" }`, or one number for every category.
fn amount<'t>(reader: &mut Reader<'t>, section: &Section<'t>, vocabulary: &Vocabulary) -> Vec<(String, Points)> {
    let Some(field) = section.field("amount") else {
        reader.report(section.header(), &section.path, Problem::new("the key \"amount\" is missing", "缺少键“amount”"));
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
