//! Reads what changes amounts after the tariff, in the order in which it is done.

use std::collections::HashSet;

use super::adjustment::{Adjustment, Part, Selection, selects};
use super::figures::{Figures, amount_by_category, decimal, period_units};
use super::reader::{Reader, Section};
use super::rules::figures_fit;
use super::{Among, Currency, Division, FloorOn, On, Rule, Step, Together};
use crate::expression::Problem;
use crate::expression::check::Wanted;
use crate::expression::scope::{Scope, Vocabulary};
use crate::facts::FactKind;
use crate::period::PeriodUnit;
use crate::points::{Points, SCALE};
use crate::scoring::catalogue::{self, MAX_COEFFICIENT};

/// Millionths of a yuan in one fen.
const FEN: i64 = SCALE / 100;

/// What this part of a document declares.
pub(super) struct Changes {
    pub(super) adjustments: Vec<Adjustment>,
    pub(super) parts: Vec<Part>,
}

/// What every adjustment says.
struct Head {
    id: String,
    clause: String,
    title: String,
    rules: Selection,
    currency: Currency,
}

impl Head {
    fn with(self, step: Step) -> Adjustment {
        let Self { id, clause, title, rules, currency } = self;
        Adjustment { id, clause, title, rules, currency, part: None, step }
    }
}

pub(super) fn read<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    vocabulary: &Vocabulary,
    figures: &Figures,
    rules: &[Rule],
    ids: &mut HashSet<String>,
) -> Changes {
    let mut adjustments = combines(reader, root, rules, ids);
    adjustments.extend(multiplies(reader, root, vocabulary, rules, ids));
    adjustments.extend(shares(reader, root, rules, ids));
    let parts = parts(reader, root, vocabulary, rules, ids, &mut adjustments);
    let late = Scope::of_period(vocabulary, figures.late_columns());
    for section in reader.tables(root, "zero") {
        reader.only(&section, &["id", "clause", "title", "on", "where", "rules"]);
        let head = head(reader, &section, rules, Some("*"), ids);
        let unit = reader.text(&section, "on").and_then(|unit| reader.word(&unit, &period_units()));
        reader.text(&section, "where");
        let filter = reader.expression(&section, "where", &late, Wanted::Condition);
        if let (Some(unit), Some(filter)) = (unit, &filter) {
            figures_fit(reader, &section, filter, unit, figures, &late);
        }
        if let (Some(head), Some(unit), Some(filter)) = (head, unit, filter) {
            adjustments.push(head.with(Step::Zero { unit, filter }));
        }
    }
    for section in reader.tables(root, "convert") {
        reader.only(&section, &["id", "clause", "title", "points"]);
        let head = head(reader, &section, rules, Some("*"), ids);
        reader.text(&section, "points");
        let amount = reader.expression(&section, "points", &late, Wanted::Number);
        if let (Some(head), Some(amount)) = (head, amount) {
            adjustments.push(head.with(Step::Convert { amount }));
        }
    }
    Changes { adjustments, parts }
}

fn head<'t>(
    reader: &mut Reader<'t>,
    section: &Section<'t>,
    rules: &[Rule],
    otherwise: Option<&str>,
    ids: &mut HashSet<String>,
) -> Option<Head> {
    let id = reader.rule_id(section, ids);
    let (clause, title) = (reader.words(section, "clause"), reader.words(section, "title"));
    let (rules, currency) = selection(reader, section, rules, otherwise)?;
    Some(Head { id: id?, clause, title, rules, currency })
}

/// The rules under the key `rules`, and their one currency. A pattern that stands for no rule is a mistake. `otherwise` is what
/// it stands for if the key is not there.
pub(super) fn selection<'t>(
    reader: &mut Reader<'t>,
    section: &Section<'t>,
    rules: &[Rule],
    otherwise: Option<&str>,
) -> Option<(Selection, Currency)> {
    let Some(field) = section.field("rules") else {
        let Some(pattern) = otherwise else {
            let problem = Problem::new("the key \"rules\" is missing", "缺少键“rules”");
            reader.report(section.header(), &section.path, problem);
            return None;
        };
        return Some((Selection(vec![pattern.to_owned()]), Currency::Points));
    };
    let texts = reader.texts(section, "rules");
    if texts.is_empty() {
        reader.report(field.span, &field.path, Problem::new("this names no rule", "未列出任何规则"));
        return None;
    }
    let mut currency = None;
    for text in &texts {
        let mut chosen = rules.iter().filter(|rule| selects(text.value, &rule.id)).peekable();
        if chosen.peek().is_none() {
            let problem = Problem::new(
                format!("{:?} stands for no rule, so this can never apply", text.value),
                format!("“{}”不对应任何规则,该条永远不适用", text.value),
            )
            .hint_nearest(text.value, rules.iter().map(|rule| rule.id.as_str()));
            reader.report(text.span.clone(), &text.path, problem);
            continue;
        }
        if chosen.any(|rule| *currency.get_or_insert(rule.currency) != rule.currency) {
            let problem =
                Problem::new("some of these rules give points and some give money", "所列规则的计量单位不一致");
            reader.report(text.span.clone(), &text.path, problem);
        }
    }
    let selection = Selection(texts.iter().map(|text| text.value.to_owned()).collect());
    Some((selection, currency?))
}

/// Reports an adjustment of facts that names a rule without a submission.
fn about_submissions<'t>(reader: &mut Reader<'t>, section: &Section<'t>, head: &Head, rules: &[Rule]) {
    let is_fitting = |rule: &Rule| matches!(rule.on, On::Fact(kind) if catalogue::has_submission(kind));
    if let Some(rule) = rules.iter().find(|rule| head.rules.has(&rule.id) && !is_fitting(rule)) {
        let problem = Problem::new(
            format!("the rule {:?} is not about facts on submissions", rule.id),
            format!("规则“{}”不针对与信息有关的事实", rule.id),
        );
        reader.report(section.header(), &section.path, problem);
    }
}

/// An amount under the key in the currency's smallest unit.
fn raw<'t>(reader: &mut Reader<'t>, section: &Section<'t>, key: &str, currency: Currency) -> Option<i64> {
    let field = section.field(key)?;
    let number = decimal(reader, &field)?.millionths();
    match currency {
        Currency::Points => Some(number),
        Currency::Money if number % FEN == 0 => Some(number / FEN),
        Currency::Money => {
            let problem = Problem::new("money has at most two decimal places", "金额最多两位小数");
            reader.report(field.span, &field.path, problem);
            None
        }
    }
}

fn combines<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    rules: &[Rule],
    ids: &mut HashSet<String>,
) -> Vec<Adjustment> {
    let mut adjustments = Vec::new();
    for section in reader.tables(root, "combine") {
        reader.only(&section, &["id", "clause", "title", "rules", "how", "further", "per"]);
        let head = head(reader, &section, rules, None, ids);
        let how = reader.text(&section, "how");
        let how = how.and_then(|how| reader.word(&how, &[("first", Together::First), ("highest", Together::Highest)]));
        let per = reader.optional_text(&section, "per");
        let per = per.and_then(|per| {
            let known = ["publication", "level", "class", "outlet"].map(|column| (column, column));
            let column = reader.word(&per, &known)?;
            let head = head.as_ref()?;
            if rules.iter().any(|rule| head.rules.has(&rule.id) && rule.on != On::Fact(FactKind::Adoption)) {
                let problem = Problem::new("only adoptions have publications", "仅采用事实有刊物");
                reader.report(per.span, &per.path, problem);
            }
            Some(column.to_owned())
        });
        let (Some(head), Some(how)) = (head, how) else {
            continue;
        };
        about_submissions(reader, &section, &head, rules);
        let further = raw(reader, &section, "further", head.currency).unwrap_or(0);
        adjustments.push(head.with(Step::Combine { how, further, per }));
    }
    adjustments
}

fn multiplies<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    vocabulary: &Vocabulary,
    rules: &[Rule],
    ids: &mut HashSet<String>,
) -> Vec<Adjustment> {
    let mut adjustments = Vec::new();
    for section in reader.tables(root, "multiply") {
        reader.only(&section, &["id", "clause", "title", "rules", "on", "where", "by", "least", "most"]);
        let head = head(reader, &section, rules, None, ids);
        let on = reader.text(&section, "on");
        let on = on.and_then(|on| reader.word(&on, &FactKind::ALL.map(|kind| (kind.code(), kind))));
        let (Some(head), Some(on)) = (head, on) else {
            continue;
        };
        if !rules.iter().any(|rule| head.rules.has(&rule.id) && rule.on == On::Fact(on)) {
            let problem =
                Problem::new(format!("none of these rules is on a {on}"), format!("所列规则均不针对{}", on.name_zh()));
            reader.report(section.header(), &section.path, problem);
        }
        let scope = Scope::of_fact(vocabulary, on);
        let filter = reader.expression(&section, "where", &scope, Wanted::Condition);
        reader.text(&section, "by");
        let by = reader.expression(&section, "by", &scope, Wanted::Number);
        let bound = |reader: &mut Reader<'t>, key: &str, otherwise: i64| {
            let field = section.field(key);
            let number = field.as_ref().and_then(|field| decimal(reader, field)).map_or(otherwise, Points::millionths);
            if let Some(field) = field.filter(|_| !(0..=MAX_COEFFICIENT * SCALE).contains(&number)) {
                let problem = Problem::new(
                    format!("a factor lies between 0 and {MAX_COEFFICIENT}"),
                    format!("系数须在0与{MAX_COEFFICIENT}之间"),
                );
                reader.report(field.span, &field.path, problem);
            }
            number
        };
        let (least, most) = (bound(reader, "least", 0), bound(reader, "most", MAX_COEFFICIENT * SCALE));
        if least > most {
            let problem = Problem::new("the least factor is larger than the most", "系数下限大于上限");
            reader.report(section.header(), &section.path, problem);
        }
        if let Some(by) = by {
            adjustments.push(head.with(Step::Multiply { on, filter, by, least, most }));
        }
    }
    adjustments
}

fn shares<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    rules: &[Rule],
    ids: &mut HashSet<String>,
) -> Vec<Adjustment> {
    let mut adjustments = Vec::new();
    for section in reader.tables(root, "share") {
        reader.only(&section, &["id", "clause", "title", "rules", "among", "how", "amount"]);
        let head = head(reader, &section, rules, None, ids);
        let (among, how) = division(reader, &section);
        let Some(head) = head else { continue };
        about_submissions(reader, &section, &head, rules);
        let amount = raw(reader, &section, "amount", head.currency);
        let how = match (how, amount, section.field("amount")) {
            (Some(Division::Fixed(_)), Some(amount), _) => Some(Division::Fixed(amount)),
            (Some(Division::Fixed(_)), None, None) => {
                let problem = Problem::new("a fixed share needs an amount", "固定份额须写明 amount");
                reader.report(section.header(), &section.path, problem);
                None
            }
            (how, _, None) => how,
            (_, _, Some(field)) => {
                let problem = Problem::new("only a fixed share has an amount", "仅固定份额可写 amount");
                reader.report(field.span, &field.path, problem);
                None
            }
        };
        if let (Some(among), Some(how)) = (among, how) {
            adjustments.push(head.with(Step::Share { among, how }));
        }
    }
    adjustments
}

/// Who shares, and how. `among` and `how` mean the same for points, money and counts.
pub(super) fn division<'t>(reader: &mut Reader<'t>, section: &Section<'t>) -> (Option<Among>, Option<Division>) {
    let among = reader.text(section, "among");
    let among = among.and_then(|among| reader.word(&among, &[("units", Among::Units), ("authors", Among::Authors)]));
    let known = [
        ("whole", Division::Whole),
        ("equal", Division::Equal),
        ("fixed", Division::Fixed(0)),
        ("by_hand", Division::ByHand),
    ];
    let how = reader.text(section, "how").and_then(|how| reader.word(&how, &known));
    (among, how)
}

fn parts<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    vocabulary: &Vocabulary,
    rules: &[Rule],
    ids: &mut HashSet<String>,
    adjustments: &mut Vec<Adjustment>,
) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for section in reader.tables(root, "part") {
        reader.only(&section, &["id", "clause", "title", "rules", "base", "cap", "floor", "floor_on", "weight"]);
        let Some(head) = head(reader, &section, rules, None, ids) else {
            continue;
        };
        for rule in rules.iter().filter(|rule| head.rules.has(&rule.id)) {
            if let Some(other) = parts.iter().find(|part| part.rules.has(&rule.id)) {
                let problem = Problem::new(
                    format!("the rule {:?} flows into the part {:?} already", rule.id, other.id),
                    format!("规则“{}”已计入“{}”部分", rule.id, other.id),
                );
                reader.report(section.header(), &section.path, problem);
            }
        }
        let currency = head.currency;
        let mut push = |suffix: &str, clause: Option<String>, step: Step| {
            adjustments.push(Adjustment {
                id: format!("{}.{suffix}", head.id),
                clause: clause.unwrap_or_else(|| head.clause.clone()),
                title: head.title.clone(),
                rules: head.rules.clone(),
                currency,
                part: Some(head.id.clone()),
                step,
            });
        };
        let unit = if currency == Currency::Money { FEN } else { 1 };
        let raw_of = |amounts: Vec<(String, Points)>| -> Vec<(String, i64)> {
            amounts.into_iter().map(|(category, amount)| (category, amount.millionths() / unit)).collect()
        };
        if section.field("base").is_some() {
            let amount = amount_by_category(reader, &section, "base", vocabulary);
            push("base", None, Step::Base(raw_of(amount)));
        }
        let mut known_periods: Vec<PeriodUnit> = Vec::new();
        for cap in reader.tables(&section, "cap") {
            reader.only(&cap, &["per", "most", "clause"]);
            let per = reader.text(&cap, "per").and_then(|per| reader.word(&per, &period_units()));
            let most = amount_by_category(reader, &cap, "most", vocabulary);
            let clause = reader.optional_words(&cap, "clause");
            let Some(per) = per else { continue };
            if known_periods.contains(&per) {
                let problem = Problem::new("this part has a cap for that period already", "该部分已有同周期的上限");
                reader.report(cap.header(), &cap.path, problem);
            }
            known_periods.push(per);
            push(&format!("cap.{}", per.code()), clause, Step::Cap { per, most: raw_of(most) });
        }
        let floor_on = reader.optional_text(&section, "floor_on");
        let floor_on = floor_on.and_then(|on| reader.word(&on, &[("sum", FloorOn::Sum), ("base", FloorOn::Base)]));
        if let Some(least) = raw(reader, &section, "floor", currency) {
            push("floor", None, Step::Floor { least, on: floor_on.unwrap_or(FloorOn::Sum) });
        }
        if let Some(field) = section.field("weight")
            && let Some(weight) = decimal(reader, &field)
        {
            if !(0..=MAX_COEFFICIENT * SCALE).contains(&weight.millionths()) {
                let problem = Problem::new("a weight is a factor such as \"0.3\"", "权重须为系数,如“0.3”");
                reader.report(field.span, &field.path, problem);
            }
            push("weight", None, Step::Weight(weight.millionths()));
        }
        parts.push(Part { id: head.id, title: head.title, clause: head.clause, rules: head.rules });
    }
    // Shorter periods come before longer ones, so that a year's cap looks at months that are capped already.
    adjustments.sort_by_key(|adjustment| match &adjustment.step {
        Step::Cap { per, .. } => (1, Some(*per)),
        Step::Base(_) => (1, None),
        Step::Floor { .. } => (2, None),
        Step::Weight(_) => (3, None),
        _ => (0, None),
    });
    parts
}
