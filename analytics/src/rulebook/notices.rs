//! Reads what is told to whom, and checks the texts: no unknown value, no text that is longer than it may be.

use std::collections::HashSet;

use chrono::{NaiveTime, TimeDelta};

use super::declarations::declared;
use super::figures::period_units;
use super::notice::{
    Addressee, Eligibility, NoticeKind, NoticeRule, Piece, Release, Schedule, Subject, Template, segments,
};
use super::reader::{At, Reader, Section};
use super::upkeep::duration;
use super::{Award, Category, Listing};
use crate::expression::Problem;
use crate::expression::scope::Vocabulary;
use crate::period::PeriodUnit;
use crate::scoring::catalogue::CodeSet;

const KEYS: [&str; 22] = [
    "id",
    "clause",
    "title",
    "kind",
    "on",
    "after_close",
    "before_due",
    "after_due",
    "late_after",
    "to",
    "categories",
    "list",
    "levels",
    "eligible",
    "channels",
    "segments",
    "release",
    "at_once",
    "template",
    "text",
    "item",
    "most",
];

/// The most text messages that a text may take.
const MOST_SEGMENTS: i64 = 20;
/// How many units a text about several shows, where the rulebook does not say.
const MOST_UNITS: u32 = 20;
/// A unit's name takes at least so many characters, whatever the names of the document.
const NAME: usize = 12;

/// What the texts and lists of notices may name.
pub(super) struct Named<'a> {
    pub(super) categories: &'a [Category],
    pub(super) lists: &'a [Listing],
    pub(super) awards: &'a [Award],
}

pub(super) fn read<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    vocabulary: &Vocabulary,
    named: &Named<'_>,
    ids: &mut HashSet<String>,
) -> Vec<NoticeRule> {
    let mut rules = Vec::new();
    for section in reader.tables(root, "notice") {
        reader.only(&section, &KEYS);
        rules.extend(rule(reader, &section, vocabulary, named, ids));
    }
    rules
}

fn rule<'t>(
    reader: &mut Reader<'t>,
    section: &Section<'t>,
    vocabulary: &Vocabulary,
    named: &Named<'_>,
    ids: &mut HashSet<String>,
) -> Option<NoticeRule> {
    let id = reader.rule_id(section, ids);
    let (clause, title) = (reader.words(section, "clause"), reader.words(section, "title"));
    let kinds: Vec<_> = NoticeKind::ALL.iter().map(|kind| (kind.code(), *kind)).collect();
    let kind = reader.text(section, "kind").and_then(|kind| reader.word(&kind, &kinds));
    let to = addressees(reader, section);
    let categories = categories(reader, section, vocabulary, named);
    let levels = reader.texts(section, "levels");
    let levels: Vec<String> = levels
        .iter()
        .filter(|level| declared(reader, level, CodeSet::Level, vocabulary))
        .map(|level| level.value.to_owned())
        .collect();
    let (sms, inbox) = channels(reader, section);
    let most_segments = reader.optional_integer(section, "segments", 1..MOST_SEGMENTS + 1).unwrap_or(3);
    let release = release(reader, section);
    let at_once = reader.flag(section, "at_once");
    let most = reader.optional_integer(section, "most", 1..201).and_then(|most| u32::try_from(most).ok());
    let template = reader.optional_words(section, "template");
    let text = reader.text(section, "text");
    let item = reader.optional_text(section, "item");
    let late_after = duration(reader, section, "late_after");
    let (id, kind, text) = (id?, kind?, text?);
    let schedule = schedule(reader, section, kind)?;
    let list = list(reader, section, kind, schedule, named);
    let eligible = eligible(reader, section);
    let mut rule = NoticeRule {
        template: template.unwrap_or_else(|| id.clone()),
        id,
        clause,
        title,
        kind,
        schedule,
        late_after: late_after.unwrap_or_else(|| lateness(schedule)),
        to,
        categories,
        list,
        levels,
        eligible,
        sms,
        inbox,
        segments: u32::try_from(most_segments).unwrap_or(1),
        release,
        at_once,
        text: Template(Vec::new()),
        item: None,
        most: most.unwrap_or(MOST_UNITS),
    };
    texts(reader, section, &mut rule, &text, item.as_ref(), named);
    Some(rule)
}

/// How long something is worth telling where the rulebook does not say.
fn lateness(schedule: Schedule) -> TimeDelta {
    match schedule {
        Schedule::AfterClose { on: PeriodUnit::Day | PeriodUnit::Week, .. }
        | Schedule::AfterDue(_)
        | Schedule::AtEvent => TimeDelta::days(3),
        Schedule::AfterClose { .. } => TimeDelta::days(30),
        // A reminder is of no use once the time has come.
        Schedule::BeforeDue(before) => before,
    }
}

fn addressees<'t>(reader: &mut Reader<'t>, section: &Section<'t>) -> Vec<Addressee> {
    let known: Vec<_> = Addressee::ALL.iter().map(|to| (to.code(), *to)).collect();
    let texts = reader.texts(section, "to");
    if texts.is_empty() {
        let problem =
            Problem::new("the key \"to\" names nobody", "键“to”未写明发给谁").hint("write to = [\"unit_leader\"]");
        reader.report(section.header(), &section.path, problem);
    }
    texts.iter().filter_map(|text| reader.word(text, &known)).collect()
}

/// Those that are named; all, where none is.
fn categories<'t>(
    reader: &mut Reader<'t>,
    section: &Section<'t>,
    vocabulary: &Vocabulary,
    named: &Named<'_>,
) -> Vec<String> {
    if section.field("categories").is_none() {
        return named.categories.iter().map(|category| category.id.clone()).collect();
    }
    let texts = reader.texts(section, "categories");
    let known = texts.iter().filter(|text| declared(reader, text, CodeSet::Category, vocabulary));
    known.map(|text| text.value.to_owned()).collect()
}

fn channels<'t>(reader: &mut Reader<'t>, section: &Section<'t>) -> (bool, bool) {
    if section.field("channels").is_none() {
        return (true, true);
    }
    let texts = reader.texts(section, "channels");
    let chosen: Vec<_> =
        texts.iter().filter_map(|text| reader.word(text, &[("sms", true), ("inbox", false)])).collect();
    if texts.is_empty() {
        let problem =
            Problem::new("a notice needs a channel", "通知须至少有一个渠道").hint("write [\"sms\", \"inbox\"]");
        reader.report(section.header(), &section.path, problem);
    }
    (chosen.contains(&true), chosen.contains(&false))
}

fn release<'t>(reader: &mut Reader<'t>, section: &Section<'t>) -> Release {
    let known = [("auto", Release::Auto), ("approved", Release::Approved)];
    let chosen = reader.optional_text(section, "release").and_then(|text| reader.word(&text, &known));
    chosen.unwrap_or(Release::Approved)
}

fn schedule<'t>(reader: &mut Reader<'t>, section: &Section<'t>, kind: NoticeKind) -> Option<Schedule> {
    let wanted = match kind {
        NoticeKind::CommissionReminder => "before_due",
        NoticeKind::CommissionOverdue | NoticeKind::CommissionEscalation => "after_due",
        kind if kind.subject().is_periodic() => "after_close",
        _ => "",
    };
    for key in ["after_close", "before_due", "after_due"] {
        if key != wanted
            && let Some(field) = section.field(key)
        {
            let problem =
                Problem::new(format!("a {} has no {key:?}", kind.code()), format!("“{}”不使用“{key}”", kind.name_zh()));
            reader.report(field.span, &field.path, problem);
            return None;
        }
    }
    if wanted != "after_close"
        && let Some(field) = section.field("on")
    {
        let problem = Problem::new(
            format!("a {} is told when it happens, not at the end of periods", kind.code()),
            format!("“{}”随事件发出，不按时段发出", kind.name_zh()),
        );
        reader.report(field.span, &field.path, problem);
        return None;
    }
    match wanted {
        "after_close" => after_close(reader, section, kind),
        "before_due" if section.field("before_due").is_none() => {
            let problem = Problem::new("the key \"before_due\" is missing", "缺少键“before_due”")
                .hint("write before_due = { days = 3 }");
            reader.report(section.header(), &section.path, problem);
            None
        }
        "before_due" => duration(reader, section, "before_due").map(Schedule::BeforeDue),
        "after_due" if section.field("after_due").is_none() => Some(Schedule::AfterDue(TimeDelta::zero())),
        "after_due" => duration(reader, section, "after_due").map(Schedule::AfterDue),
        _ => Some(Schedule::AtEvent),
    }
}

fn after_close<'t>(reader: &mut Reader<'t>, section: &Section<'t>, kind: NoticeKind) -> Option<Schedule> {
    let units: Vec<_> = match kind.subject() {
        Subject::Day => vec![(PeriodUnit::Day.code(), PeriodUnit::Day)],
        _ => period_units().into_iter().filter(|(_, unit)| *unit != PeriodUnit::Week).collect(),
    };
    let on = reader.text(section, "on").and_then(|text| reader.word(&text, &units));
    let Some(field) = section.field("after_close") else {
        let problem = Problem::new("the key \"after_close\" is missing", "缺少键“after_close”")
            .hint("write after_close = { working_days = 3, at = \"09:00\" }");
        reader.report(section.header(), &section.path, problem);
        return None;
    };
    let table = reader.table(&field)?;
    reader.only(&table, &["working_days", "at"]);
    let days = reader.integer(&table, "working_days", 1..61).and_then(|days| u32::try_from(days).ok());
    let text = reader.text(&table, "at")?;
    let at = NaiveTime::parse_from_str(text.value, "%H:%M").ok().filter(|_| text.value.len() == 5);
    if at.is_none() {
        let problem = Problem::new("this is no time of day", "不是一天中的时刻").hint("write \"09:00\"");
        reader.report(text.span, &text.path, problem);
    }
    Some(Schedule::AfterClose { on: on?, working_days: days?, at: at? })
}

fn list<'t>(
    reader: &mut Reader<'t>,
    section: &Section<'t>,
    kind: NoticeKind,
    schedule: Schedule,
    named: &Named<'_>,
) -> Option<String> {
    let Some(text) = reader.optional_text(section, "list") else {
        if kind.needs_list() {
            let problem = Problem::new(
                format!("a {} names the list whose units it tells of", kind.code()),
                format!("“{}”须写明名单", kind.name_zh()),
            );
            reader.report(section.header(), &section.path, problem);
        }
        return None;
    };
    let lists = named.lists.iter().map(|list| (list.id.as_str(), list.unit));
    let known: Vec<_> = lists.chain(named.awards.iter().map(|award| (award.id.as_str(), PeriodUnit::Year))).collect();
    let Some((id, unit)) = known.iter().find(|(id, _)| *id == text.value) else {
        let problem = Problem::new(
            format!("there is no list and no award {:?}", text.value),
            format!("没有名为“{}”的名单或奖项", text.value),
        )
        .hint_nearest(text.value, known.iter().map(|(id, _)| *id));
        reader.report(text.span, &text.path, problem);
        return None;
    };
    if let Schedule::AfterClose { on, .. } = schedule
        && on == *unit
    {
        return Some((*id).to_owned());
    }
    let problem = Problem::new(
        format!("this list is made at the end of each {}", unit.code()),
        format!("该名单按“{}”生成", unit.code()),
    )
    .hint(format!("write on = {:?}", unit.code()));
    reader.report(text.span, &text.path, problem);
    None
}

fn eligible<'t>(reader: &mut Reader<'t>, section: &Section<'t>) -> Eligibility {
    let Some(table) = section.field("eligible").and_then(|field| reader.table(&field)) else {
        return Eligibility::default();
    };
    reader.only(&table, &["size", "whole_period", "quota"]);
    let size = reader.optional_integer(&table, "size", 1..1_001).and_then(|size| u32::try_from(size).ok());
    Eligibility {
        size: size.unwrap_or_default(),
        whole_period: reader.flag(&table, "whole_period"),
        quota: reader.flag(&table, "quota"),
    }
}

/// Reads the texts into the rule, and holds them against what it may say.
fn texts<'t>(
    reader: &mut Reader<'t>,
    section: &Section<'t>,
    rule: &mut NoticeRule,
    text: &At<&'t str>,
    item: Option<&At<&'t str>>,
    named: &Named<'_>,
) {
    let subject = rule.kind.subject();
    let grouped = rule.is_grouped();
    if grouped && rule.to.iter().any(|to| !to.is_of_office()) {
        let problem =
            Problem::new("a text about several units does not go to one of them", "汇总多个单位的通知不得发给单位人员")
                .hint("make two notices: one to the units, one to those in the office");
        reader.report(section.header(), &section.path, problem);
    }
    let values = if grouped { subject.group_values() } else { subject.values() };
    rule.text = template(reader, text, values, rule.list.is_some());
    match (grouped, item) {
        (true, Some(item)) => rule.item = Some(template(reader, item, subject.values(), rule.list.is_some())),
        (true, None) => {
            let problem = Problem::new(
                "a text about several units needs an \"item\" that says how one is written",
                "汇总多个单位的通知须用“item”写明每个单位的写法",
            );
            reader.report(section.header(), &section.path, problem);
        }
        (false, Some(item)) => {
            let problem = Problem::new("a text about one unit has no \"item\"", "只涉及一个单位的通知不使用“item”");
            reader.report(item.span.clone(), &item.path, problem);
        }
        (false, None) => {}
    }
    let needed = segments(longest(rule, named));
    if rule.sms && needed > rule.segments as usize {
        let problem = Problem::new(
            format!("with its longest values this text takes {needed} text messages, not {}", rule.segments),
            format!("按最长取值，该文本需 {needed} 条短信，超过限定的 {} 条", rule.segments),
        )
        .hint("shorten it, lower \"most\", or raise \"segments\"");
        reader.report(text.span.clone(), &text.path, problem);
    }
}

/// The length of the text with the longest values, in UTF-16 units.
fn longest(rule: &NoticeRule, named: &Named<'_>) -> usize {
    let subject = rule.kind.subject();
    let of_rule = || named.categories.iter().filter(|category| rule.categories.contains(&category.id));
    let units = |text: &str| text.encode_utf16().count();
    let unit = of_rule().flat_map(|category| &category.members).map(|name| units(name)).max().unwrap_or(0).max(NAME);
    let category = of_rule().map(|category| units(&category.name)).max().unwrap_or(0);
    let known = |name: &str, values: &[(&str, Option<usize>)]| {
        let found = values.iter().find(|(known, _)| *known == name);
        found.and_then(|(_, most)| *most).unwrap_or(if name == "unit" { unit } else { category })
    };
    let one = |name: &str| known(name, subject.values());
    let Some(item) = &rule.item else { return rule.text.length(one) };
    let members: usize = of_rule().map(|category| category.members.len()).sum();
    let most = if members == 0 { rule.most as usize } else { members.min(rule.most as usize) };
    // «；» between two, and «等1000个单位» where there are more.
    let all = most * (item.length(one) + 1) + 8;
    rule.text.length(|name| if name == "units" { all } else { known(name, subject.group_values()) })
}

/// Reads a text; what it names must be known.
fn template<'t>(
    reader: &mut Reader<'t>,
    text: &At<&'t str>,
    names: &[(&'static str, Option<usize>)],
    has_list: bool,
) -> Template {
    let known: Vec<&str> =
        names.iter().map(|(name, _)| *name).filter(|name| has_list || !matches!(*name, "list" | "reason")).collect();
    let offsets = reader.source.string_offsets(&text.span);
    let at = |from: usize, to: usize| {
        let place = |character: usize| offsets.get(character).or(offsets.last()).copied().unwrap_or(text.span.start);
        place(from)..place(to)
    };
    let characters: Vec<char> = text.value.chars().collect();
    let (mut pieces, mut words, mut place) = (Vec::new(), String::new(), 0);
    while let Some(letter) = characters.get(place) {
        match letter {
            '{' => {
                let end = characters[place..].iter().position(|letter| *letter == '}').map(|length| place + length);
                let Some(end) = end else {
                    let problem = Problem::new("this { is not closed", "“{”没有对应的“}”");
                    reader.report(at(place, place + 1), &text.path, problem);
                    break;
                };
                let name: String = characters[place + 1..end].iter().collect();
                if known.contains(&name.as_str()) {
                    if !words.is_empty() {
                        pieces.push(Piece::Words(std::mem::take(&mut words)));
                    }
                    pieces.push(Piece::Value(name));
                } else {
                    let problem = Problem::new(
                        format!("this notice has no value {name:?}"),
                        format!("此类通知没有名为“{name}”的变量"),
                    )
                    .hint_nearest(&name, known.iter().copied());
                    reader.report(at(place, end + 1), &text.path, problem);
                }
                place = end;
            }
            '}' => {
                let problem = Problem::new("this } closes nothing", "“}”没有对应的“{”");
                reader.report(at(place, place + 1), &text.path, problem);
            }
            letter => words.push(*letter),
        }
        place += 1;
    }
    if !words.is_empty() {
        pieces.push(Piece::Words(words));
    }
    Template(pieces)
}
