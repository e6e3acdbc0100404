//! What a rulebook asks of people beside their items: urgent reports in time, staff, and what each officer owes.
//!
//! None of it scores by itself. It says when a part of an urgent report is due, whom a unit must have, and how many items an officer
//! owes; rules give or take points by the facts that follow.

use chrono::{NaiveDate, TimeDelta};

use super::declarations::declared;
use super::figures::period_units;
use super::reader::{Reader, Section};
use crate::expression::Problem;
use crate::expression::scope::Vocabulary;
use crate::period::PeriodUnit;
use crate::scoring::catalogue::CodeSet;

/// How soon the parts of an urgent report are due (首报、续报、终报).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urgent {
    /// Where the document says so.
    pub clause: Option<String>,
    /// The first report, after the event.
    pub first: TimeDelta,
    /// Each follow-up, after the report before it, while the event lasts.
    pub follow_up: Option<TimeDelta>,
    /// The final report, after the end of the event.
    pub closing: Option<TimeDelta>,
    /// How long after its deadline a part that was not reported counts as missed (漏报).
    pub missed_after: TimeDelta,
}

/// Whom every unit of some categories must have (人员配备要求).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffingDuty {
    /// Where the document says so.
    pub clause: String,
    /// What is asked for, in a few words.
    pub title: String,
    /// The categories whose units must have it.
    pub categories: Vec<String>,
    /// The duties that fulfil it, codes of the set `duty`; any of them does.
    pub duties: Vec<String>,
    /// How many people.
    pub at_least: u32,
}

/// How many items every officer in some duty owes (信息员个人任务).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerQuota {
    /// Where the document says so.
    pub clause: String,
    /// What is owed, in a few words.
    pub title: String,
    /// The duties in which it is owed, codes of the set `duty`.
    pub duties: Vec<String>,
    /// The period that it is owed in.
    pub per: PeriodUnit,
    /// How many items.
    pub items: u32,
}

pub(super) fn urgent<'t>(reader: &mut Reader<'t>, root: &Section<'t>) -> Option<Urgent> {
    let field = root.field("urgent")?;
    let section = reader.table(&field)?;
    reader.only(&section, &["clause", "first", "follow_up", "final", "missed_after"]);
    if section.field("first").is_none() {
        let problem = Problem::new("the key \"first\" is missing", "缺少键“first”");
        reader.report(section.header(), &section.path, problem);
    }
    let clause = reader.optional_words(&section, "clause");
    let first = duration(reader, &section, "first");
    let follow_up = duration(reader, &section, "follow_up");
    let closing = duration(reader, &section, "final");
    let missed_after = duration(reader, &section, "missed_after").unwrap_or(TimeDelta::hours(24));
    Some(Urgent { clause, first: first?, follow_up, closing, missed_after })
}

/// `{ minutes = 30 }`, `{ hours = 2 }` or `{ days = 3 }`.
pub(super) fn duration<'t>(reader: &mut Reader<'t>, section: &Section<'t>, key: &str) -> Option<TimeDelta> {
    let field = section.field(key)?;
    let table = reader.table(&field)?;
    reader.only(&table, &["minutes", "hours", "days"]);
    let minutes = reader.optional_integer(&table, "minutes", 1..525_601);
    let hours = reader.optional_integer(&table, "hours", 1..8_761);
    let days = reader.optional_integer(&table, "days", 1..367);
    let choices = [minutes.map(TimeDelta::minutes), hours.map(TimeDelta::hours), days.map(TimeDelta::days)];
    let mut chosen = choices.into_iter().flatten();
    let (first, second) = (chosen.next(), chosen.next());
    if first.is_none() || second.is_some() {
        let problem = Problem::new("a span of time is one thing", "时限须且只能写一种")
            .hint("write { minutes = 30 }, { hours = 2 } or { days = 3 }");
        reader.report(field.span, &field.path, problem);
    }
    first
}

pub(super) fn staffing<'t>(reader: &mut Reader<'t>, root: &Section<'t>, vocabulary: &Vocabulary) -> Vec<StaffingDuty> {
    let mut asked = Vec::new();
    for section in reader.tables(root, "staffing") {
        reader.only(&section, &["clause", "title", "categories", "duties", "at_least"]);
        let (clause, title) = (reader.words(&section, "clause"), reader.words(&section, "title"));
        let categories = codes(reader, &section, "categories", CodeSet::Category, vocabulary);
        let duties = codes(reader, &section, "duties", CodeSet::Duty, vocabulary);
        let at_least = reader.integer(&section, "at_least", 1..1_001).and_then(|number| u32::try_from(number).ok());
        asked.extend(at_least.map(|at_least| StaffingDuty { clause, title, categories, duties, at_least }));
    }
    asked
}

pub(super) fn officer_quotas<'t>(
    reader: &mut Reader<'t>,
    root: &Section<'t>,
    vocabulary: &Vocabulary,
) -> Vec<OfficerQuota> {
    let mut quotas = Vec::new();
    for section in reader.tables(root, "officer_quota") {
        reader.only(&section, &["clause", "title", "duties", "per", "items"]);
        let (clause, title) = (reader.words(&section, "clause"), reader.words(&section, "title"));
        let duties = codes(reader, &section, "duties", CodeSet::Duty, vocabulary);
        let per = reader.text(&section, "per").and_then(|per| reader.word(&per, &period_units()));
        let items = reader.integer(&section, "items", 1..10_001).and_then(|number| u32::try_from(number).ok());
        if let (Some(per), Some(items)) = (per, items) {
            quotas.push(OfficerQuota { clause, title, duties, per, items });
        }
    }
    quotas
}

/// One or more declared codes of a set.
fn codes<'t>(
    reader: &mut Reader<'t>,
    section: &Section<'t>,
    key: &str,
    set: CodeSet,
    vocabulary: &Vocabulary,
) -> Vec<String> {
    let texts = reader.texts(section, key);
    if texts.is_empty() {
        let problem = Problem::new(format!("the key {key:?} names nothing"), format!("键“{key}”未列出任何内容"));
        reader.report(section.header(), &section.path, problem);
    }
    let known = texts.iter().filter(|text| declared(reader, text, set, vocabulary));
    known.map(|text| text.value.to_owned()).collect()
}

/// How long a unit may dispute a line of its ledger (申诉期).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppealTerm {
    /// Days from the line's own day, or from the first circular that contains it.
    pub days: u32,
    /// Where the document says so; none where it does not, and thirty days are given.
    pub clause: Option<String>,
}

impl Default for AppealTerm {
    fn default() -> Self {
        Self { days: 30, clause: None }
    }
}

impl AppealTerm {
    /// The last day of a term that begins on a day.
    pub fn until(&self, from: NaiveDate) -> NaiveDate {
        from.checked_add_days(chrono::Days::new(self.days.into())).unwrap_or(from)
    }
}

pub(super) fn appeal<'t>(reader: &mut Reader<'t>, root: &Section<'t>) -> AppealTerm {
    let Some(section) = root.field("appeal").and_then(|field| reader.table(&field)) else {
        return AppealTerm::default();
    };
    reader.only(&section, &["days", "clause"]);
    let days = reader.integer(&section, "days", 1..366).and_then(|days| u32::try_from(days).ok());
    AppealTerm { days: days.unwrap_or(AppealTerm::default().days), clause: reader.optional_words(&section, "clause") }
}
