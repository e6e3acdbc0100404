//! Where a file comes from: the question, the state of the data, the rules, the columns, and the digests that prove it.

use analytics::export::table::Table;
use analytics::frames::answer::Answer;
use analytics::frames::query::Query;
use chrono::{DateTime, NaiveDate, Utc};
use entity::export::ExportFormat;
use entity::network;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::services::analytics::{Asked, Question};
use crate::services::audit::hex;
use crate::services::score::Meta;

/// The version of the manifest and of the columns' names.
pub const SCHEMA_VERSION: u32 = 1;

/// A manifest. Its JSON is what clients get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// See [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Name of the file.
    pub file: String,
    /// Its format.
    pub format: ExportFormat,
    /// How many bytes it has.
    pub bytes: i64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// SHA-256 of the table, which is the same in every format.
    pub digest: String,
    /// Code of the network.
    pub network: String,
    /// Its name.
    pub network_name: String,
    /// The question, as it was asked.
    pub question: serde_json::Value,
    /// The moment whose state of the data was asked. Ask the same question with it for the same answer.
    pub as_of: DateTime<Utc>,
    /// Last act of the network that the figures contain.
    pub data_version: i64,
    /// The rulebook versions in force in the time asked about.
    pub rulebooks: Vec<Rules>,
    /// Whether the figures are those of the whole network, or of the units that the asker sees.
    pub whole_network: bool,
    /// The periods.
    pub periods: Vec<Days>,
    /// How many rows.
    pub rows: i64,
    /// The columns, in order.
    pub columns: Vec<Heading>,
    /// Units that a limit left out although their places would have listed them.
    pub left_out: Vec<LeftOut>,
}

/// A rulebook version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rules {
    /// Its number in the network.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// First day whose facts it scores.
    pub effective_from: NaiveDate,
    /// SHA-256 of its text.
    pub sha256: String,
}

/// A period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Days {
    /// Its name.
    pub label: String,
    /// Its first day.
    pub first_day: NaiveDate,
    /// Its last day.
    pub last_day: NaiveDate,
    /// Whether it had not ended.
    pub partial: bool,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// Its name for programs.
    pub name: String,
    /// Its Chinese heading.
    pub title: String,
    /// What it holds: `text`, `count`, `decimal`, `flag`, `day`.
    pub kind: String,
}

/// A unit that is not listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its id.
    pub unit: String,
    /// Its name.
    pub name: String,
    /// In which period.
    pub period: String,
    /// Why, in Chinese.
    pub reason: String,
}

impl Manifest {
    /// What is known before the file is rendered.
    pub(super) fn new(
        network: &network::Model,
        question: &Question,
        asked: &Asked,
        answer: &Answer,
        meta: &Meta,
        format: ExportFormat,
    ) -> Self {
        let books = &asked.snapshot.rulebooks;
        let rules = meta.rulebooks.iter().filter_map(|id| books.iter().find(|book| book.id == *id));
        Self {
            schema_version: SCHEMA_VERSION,
            file: String::new(),
            format,
            bytes: 0,
            sha256: String::new(),
            digest: String::new(),
            network: network.code.clone(),
            network_name: network.name.clone(),
            question: question.text.clone(),
            as_of: meta.as_of.unwrap_or(meta.computed_at),
            data_version: meta.data_version,
            rulebooks: rules
                .map(|book| Rules {
                    number: book.number,
                    title: book.title.clone(),
                    effective_from: book.effective_from,
                    sha256: book.sha256.clone(),
                })
                .collect(),
            whole_network: asked.is_whole(),
            periods: answer
                .periods
                .iter()
                .map(|period| Days {
                    label: period.label.clone(),
                    first_day: period.span.first,
                    last_day: period.span.last,
                    partial: period.partial,
                })
                .collect(),
            rows: i64::try_from(answer.rows.len()).unwrap_or(i64::MAX),
            columns: Vec::new(),
            left_out: answer
                .left_out
                .iter()
                .map(|out| LeftOut {
                    unit: (question.unit_id)(out.unit),
                    name: out.name.clone(),
                    period: answer.periods[out.period].label.clone(),
                    reason: out.reason.sentence().1.to_owned(),
                })
                .collect(),
        }
    }

    /// Says what the table holds.
    pub(super) fn describe(&mut self, table: &Table) {
        self.columns = table
            .columns
            .iter()
            .map(|column| Heading {
                name: column.name.clone(),
                title: column.title.clone(),
                kind: column.kind.code().to_owned(),
            })
            .collect();
        self.digest = digest(table);
    }

    /// Says what the file is; it is named after its content, so that no two different files have one name.
    pub(super) fn seal(&mut self, bytes: &[u8], extension: &str) {
        self.sha256 = hex(&Sha256::digest(bytes));
        self.bytes = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        self.file = format!("{}-{}-{}.{extension}", self.network, self.as_of.format("%Y%m%d"), &self.sha256[..8]);
    }

    /// As JSON.
    pub fn text(&self) -> Result<String> {
        serde_json::to_string_pretty(self).map_err(Error::internal)
    }

    /// What a sheet says about the figures beside it.
    pub(super) fn sheet(&self) -> Result<Vec<(String, String)>> {
        let line = |name: &str, text: String| (name.to_owned(), text);
        let lines = |lines: Vec<String>| lines.join("\n");
        let rules = self.rulebooks.iter().map(|book| {
            format!("第 {} 版《{}》，自 {} 起（SHA-256 {}）", book.number, book.title, book.effective_from, book.sha256)
        });
        let periods = self.periods.iter().map(|days| {
            let open = if days.partial { "（未结束）" } else { "" };
            format!("{} {} 至 {}{open}", days.label, days.first_day, days.last_day)
        });
        let columns = self.columns.iter().map(|column| format!("{}  {}", column.title, column.name));
        let left_out = self.left_out.iter().map(|out| format!("{} {}：{}", out.period, out.name, out.reason));
        let scope = if self.whole_network { "全网" } else { "仅限本人可见单位" };
        Ok(vec![
            line("网络", format!("{}（{}）", self.network_name, self.network)),
            line("数据截至", self.as_of.to_rfc3339()),
            line("数据版本", self.data_version.to_string()),
            line("考评办法", lines(rules.collect())),
            line("范围", scope.to_owned()),
            line("时段", lines(periods.collect())),
            line("行数", self.rows.to_string()),
            line("表格摘要", self.digest.clone()),
            line("未列单位", lines(left_out.collect())),
            line("查询", serde_json::to_string_pretty(&self.question).map_err(Error::internal)?),
            line("列名", lines(columns.collect())),
        ])
    }

    /// Why the bytes are not the file of this manifest; nothing if they are.
    pub fn objection(&self, bytes: &[u8]) -> Option<String> {
        let found = hex(&Sha256::digest(bytes));
        let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        if length != self.bytes {
            return Some(format!("the file has {length} bytes, the manifest says {}", self.bytes));
        }
        (found != self.sha256).then(|| format!("the file's SHA-256 is {found}, the manifest says {}", self.sha256))
    }
}

/// The digest of an answer as a table.
pub(crate) fn digest_of(query: &Query, answer: &Answer, unit_id: fn(i64) -> String) -> String {
    digest(&Table::of(query, answer, unit_id))
}

/// The digest of a table: names of the columns, then every cell with its length, so that no two tables read the same.
fn digest(table: &Table) -> String {
    let mut hash = Sha256::new();
    let mut put = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    for column in &table.columns {
        put(&column.name);
    }
    for cell in table.rows.iter().flatten() {
        put(&cell.to_string());
    }
    hex(&hash.finalize())
}
