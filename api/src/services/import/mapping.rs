//! The mapping file: which column counts what.
//!
//! ```toml
//! title = "2023年第一季度政务信息采用情况通报"
//! period = "2023-Q1"              # or from = "2018-01", to = "2018-02"
//! unit = "单位"                    # the column with the units' names
//!
//! [units]                          # optional: units that do not exist yet
//! create = true
//! category = "unit"               # or category_column = "group"
//!
//! [[figure]]
//! column = "site_items"
//! event = "adoption"              # submission, adoption, endorsement, assignment, incident
//! publication = "site"            # for adoptions; class, kind, level, outcome where they belong
//! ```

use analytics::period::{Period, Span};
use analytics::rulebook::Rulebook;
use chrono::NaiveDate;
use entity::ids::{ImportBatchId, NetworkId, UnitId};
use entity::incident::IncidentKind;
use entity::tally::{self, TallyEvent, TallyOutcome};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveEnum as _, Iterable as _};
use serde::Deserialize;

use super::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    period: Option<String>,
    from: Option<String>,
    to: Option<String>,
    unit: String,
    units: Option<Units>,
    #[serde(rename = "figure", default)]
    figures: Vec<Figure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Units {
    create: bool,
    category: Option<String>,
    category_column: Option<String>,
}

/// One column and what its numbers count.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Figure {
    pub(super) column: String,
    event: TallyEvent,
    publication: Option<String>,
    class: Option<String>,
    kind: Option<String>,
    level: Option<String>,
    outcome: Option<TallyOutcome>,
}

/// A mapping that was checked against the rulebook.
pub(super) struct Mapping {
    pub(super) title: String,
    pub(super) span: Span,
    pub(super) unit_column: String,
    pub(super) create_units: bool,
    pub(super) category: String,
    pub(super) category_column: Option<String>,
    pub(super) figures: Vec<Figure>,
}

impl Mapping {
    pub(super) fn parse(text: &str, rules: Option<&Rulebook>) -> Result<Self, Vec<Problem>> {
        let file: File = toml::from_str(text).map_err(|error| vec![unreadable(text, &error)])?;
        let mut problems = Vec::new();
        let span = span(&file);
        if span.is_none() {
            problems.push(wrong(
                "period",
                file.period.as_deref().unwrap_or_default(),
                "give period = \"2023-Q1\", or from and to",
                "请填写 period（如 \"2023-Q1\"），或同时填写 from 与 to",
            ));
        }
        if file.figures.is_empty() {
            problems.push(wrong("figure", "", "name at least one column to take over", "请至少指定一列数据"));
        }
        for figure in &file.figures {
            figure.check(rules, &mut problems);
        }
        let (Some(span), true) = (span, problems.is_empty()) else { return Err(problems) };
        let (create_units, category, category_column) = match file.units {
            Some(units) => (units.create, units.category.unwrap_or_default(), units.category_column),
            None => (false, String::new(), None),
        };
        Ok(Self {
            title: file.title,
            span,
            unit_column: file.unit,
            create_units,
            category,
            category_column,
            figures: file.figures,
        })
    }

    /// Every column that the file must have.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.unit_column.as_str())
            .chain(self.category_column.as_deref())
            .chain(self.figures.iter().map(|figure| figure.column.as_str()))
    }
}

fn span(file: &File) -> Option<Span> {
    let period = |text: &String| text.parse::<Period>().ok();
    match (&file.period, &file.from, &file.to) {
        (Some(text), None, None) => period(text).map(Period::span),
        (None, Some(from), Some(to)) => Span::between(period(from)?, period(to)?),
        _ => None,
    }
}

impl Figure {
    /// The row for one cell.
    pub(super) fn tally(
        self,
        network: NetworkId,
        batch: ImportBatchId,
        unit: UnitId,
        count: i64,
        day: NaiveDate,
        cell: String,
    ) -> tally::ActiveModel {
        tally::ActiveModel {
            id: NotSet,
            network_id: Set(network),
            batch_id: Set(batch),
            unit_id: Set(unit),
            event: Set(self.event),
            publication: Set(self.publication),
            class: Set(self.class),
            kind: Set(self.kind),
            level: Set(self.level),
            outcome: Set(self.outcome),
            count: Set(count),
            dated_on: Set(day),
            cell: Set(cell),
        }
    }

    fn check(&self, rules: Option<&Rulebook>, problems: &mut Vec<Problem>) {
        let Some(rules) = rules else { return };
        let known: Vec<&str> = rules.publications().iter().map(|declared| declared.id.as_str()).collect();
        check_code("publication", self.publication.as_deref(), self.event == TallyEvent::Adoption, &known, problems);
        let known: Vec<&str> = rules.levels().iter().map(|declared| declared.id.as_str()).collect();
        check_code("level", self.level.as_deref(), self.event == TallyEvent::Endorsement, &known, problems);
        let publication = rules.publications().iter().find(|declared| Some(&declared.id) == self.publication.as_ref());
        let classes = publication.map(|declared| declared.classes.as_slice()).unwrap_or_default();
        let known: Vec<&str> = classes.iter().map(|declared| declared.id.as_str()).collect();
        check_code("class", self.class.as_deref(), !known.is_empty(), &known, problems);
        if self.event == TallyEvent::Incident {
            let known: Vec<String> = IncidentKind::iter().map(|kind| kind.to_value()).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            check_code("kind", self.kind.as_deref(), true, &known, problems);
        } else {
            let known: Vec<&str> = rules.kinds().iter().map(|declared| declared.id.as_str()).collect();
            check_code("kind", self.kind.as_deref(), false, &known, problems);
        }
        if self.event == TallyEvent::Assignment && self.outcome.is_none() {
            let (en, zh) = (
                "say which outcome is counted: answered, late, missed, off_topic",
                "请填写反馈结果：answered、late、missed、off_topic",
            );
            problems.push(wrong("figure.outcome", "", en, zh));
        }
    }
}

fn check_code(key: &str, code: Option<&str>, needed: bool, known: &[&str], problems: &mut Vec<Problem>) {
    let good = match code {
        Some(code) => known.contains(&code),
        None => !needed,
    };
    if !good {
        problems.push(wrong(
            &format!("figure.{key}"),
            code.unwrap_or_default(),
            &format!("it can be one of: {}", known.join(", ")),
            &format!("可用的代码：{}", known.join("、")),
        ));
    }
}

fn wrong(key: &str, value: &str, message: &str, message_zh: &str) -> Problem {
    Problem {
        row: None,
        column: key.to_owned(),
        value: value.to_owned(),
        message: message.to_owned(),
        message_zh: message_zh.to_owned(),
    }
}

fn unreadable(text: &str, error: &toml::de::Error) -> Problem {
    let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    wrong(
        "mapping",
        &format!("line {line}"),
        &format!("the mapping cannot be read: {}", error.message()),
        "映射文件格式有误，请对照文档检查该行",
    )
}
