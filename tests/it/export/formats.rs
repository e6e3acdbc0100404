//! Every format holds the cells of the API's answer, one by one, for one quarter.

use std::collections::BTreeMap;

use std::fs::File;
use std::io::{Cursor, Read as _};

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type};
use arrow_array::{Array as _, RecordBatch};
use arrow_schema::DataType;
use chrono::NaiveDate;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};
use tests::app::TestApp;

use super::{export, follow, two_months};

tests::cases![
    a_quarter_reads_the_same_as_csv,
    a_quarter_reads_the_same_as_a_workbook,
    a_quarter_reads_the_same_as_parquet,
    a_quarter_reads_the_same_as_arrow,
    the_same_question_at_the_same_moment_gives_the_same_bytes,
];

/// A row by the names of its columns; what is not defined is left out.
type Row = BTreeMap<String, String>;

const ASK: &str = "query($input: AnalyticsInput!) { analytics(input: $input) {
    measures
    rows {
        keys { dimension code name unitId }
        period { label partial days { first last } }
        isOthers
        cells {
            value numerator denominator status filled partial maturing
            comparisons { with days { first last } base delta change status }
            rank { rank of tied gained lowerQuartile median upperQuartile }
        }
    }
} }";

/// A quarter with every part that a cell can have.
fn quarter(app: &TestApp) -> Value {
    json!({
        "network": app.network_id(),
        "measures": ["SUBMITTED", "ADOPTED_ITEMS", "ADOPTION_RATE", "POINTS", "MONEY", "QUOTA_ATTAINMENT"],
        "rows": ["UNIT", "CATEGORY"], "period": { "id": "2026-Q1" }, "splitBy": "MONTH",
        "compare": [{ "previous": 1 }, { "sameLastYear": true }, { "category": "AVERAGE" }],
        "rank": { "by": "POINTS", "within": ["CATEGORY"] },
        "limit": { "n": 5, "others": true },
    })
}

/// The API's answer in the words of the columns.
fn told(answer: &Value) -> Vec<Row> {
    let measures: Vec<String> = texts(&answer["measures"]).into_iter().map(str::to_lowercase).collect();
    let rows = answer["rows"].as_array().cloned().unwrap_or_default();
    rows.iter()
        .map(|row| {
            let mut cells = Row::new();
            let mut put = |name: String, value: &Value| {
                if !value.is_null() {
                    cells.insert(name, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
                }
            };
            for key in row["keys"].as_array().into_iter().flatten() {
                let dimension = key["dimension"].as_str().unwrap_or_default().to_lowercase();
                if dimension == "unit" {
                    put("unit_id".to_owned(), &key["unitId"]);
                } else {
                    put(format!("{dimension}_code"), &key["code"]);
                }
                put(dimension, &key["name"]);
            }
            put("period".to_owned(), &row["period"]["label"]);
            put("first_day".to_owned(), &row["period"]["days"]["first"]);
            put("last_day".to_owned(), &row["period"]["days"]["last"]);
            put("period_partial".to_owned(), &row["period"]["partial"]);
            put("is_others".to_owned(), &row["isOthers"]);
            for (measure, cell) in measures.iter().zip(row["cells"].as_array().into_iter().flatten()) {
                put(measure.clone(), &cell["value"]);
                for field in ["numerator", "denominator", "status", "filled", "partial", "maturing"] {
                    put(format!("{measure}_{field}"), &cell[field]);
                }
                for comparison in cell["comparisons"].as_array().into_iter().flatten() {
                    let with = match comparison["with"].as_str().unwrap_or_default() {
                        "SAME_LAST_YEAR" => "last_year".to_owned(),
                        other => other.to_lowercase(),
                    };
                    put(format!("{measure}_{with}_first_day"), &comparison["days"]["first"]);
                    put(format!("{measure}_{with}_last_day"), &comparison["days"]["last"]);
                    for field in ["base", "delta", "change", "status"] {
                        put(format!("{measure}_{with}_{field}"), &comparison[field]);
                    }
                }
                for (name, field) in [
                    ("rank", "rank"),
                    ("rank_of", "of"),
                    ("rank_tied", "tied"),
                    ("rank_gained", "gained"),
                    ("lower_quartile", "lowerQuartile"),
                    ("median", "median"),
                    ("upper_quartile", "upperQuartile"),
                ] {
                    put(format!("{measure}_{name}"), &cell["rank"][field]);
                }
            }
            cells
        })
        .collect()
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The API's answer, and the same question as an export.
async fn both(app: &TestApp, format: &str) -> (Vec<Row>, Value, Vec<u8>) {
    two_months(app).await;
    let editor = app.editor().await;
    let made = export(&editor, json!({ "analytics": quarter(app) }), format).await;
    let answer = editor.gql(ASK, json!({ "input": quarter(app) })).await["analytics"].take();
    let told = told(&answer);
    assert!(told.len() > 10, "{answer}");
    let file = follow(app, &made, "url").await;
    assert_eq!(json!(told.len()), made["rows"]);
    (told, made, file.bytes)
}

#[track_caller]
fn assert_same(told: &[Row], read: &[Row]) {
    assert_eq!(told.len(), read.len());
    for (told, read) in told.iter().zip(read) {
        assert_eq!(told, read, "left the API, right the file");
    }
}

async fn a_quarter_reads_the_same_as_csv(app: TestApp) {
    let (told, _, bytes) = both(&app, "CSV").await;
    let text = String::from_utf8(bytes).expect("CSV is UTF-8");
    let text = text.strip_prefix('\u{feff}').expect("CSV begins with a byte order mark");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().expect("CSV has headings").clone();
    let rows = reader.records().map(|record| {
        let record = record.expect("a line of CSV");
        let cells = names.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty());
        cells.map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    });
    assert_same(&told, &rows.collect::<Vec<Row>>());
}

/// Millionths as a decimal without zeros behind.
fn decimal(millionths: i128) -> String {
    let (sign, size) = (if millionths < 0 { "-" } else { "" }, millionths.unsigned_abs());
    let text = format!("{sign}{}.{:06}", size / 1_000_000, size % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

async fn a_quarter_reads_the_same_as_a_workbook(app: TestApp) {
    let (told, made, bytes) = both(&app, "XLSX").await;
    let manifest: Value = serde_json::from_str(made["manifest"].as_str().unwrap_or_default()).expect("it is JSON");
    let headings = manifest["columns"].as_array().cloned().unwrap_or_default();
    let of = |title: &str, field: &str| {
        let heading = headings.iter().find(|heading| heading["title"] == title);
        heading.and_then(|heading| heading[field].as_str()).expect("every title is one of the manifest's").to_owned()
    };
    let mut workbook = Workbook::open(bytes);
    assert_eq!(workbook.sheets(), ["数据", "说明"]);
    let sheet = workbook.cells(1);
    let titles: BTreeMap<&str, &str> =
        sheet[&1].iter().map(|(column, cell)| (column.as_str(), cell.1.as_str())).collect();
    assert!(titles.values().any(|title| *title == "单位") && titles.values().any(|title| *title == "采用率"));
    let rows = sheet.iter().filter(|(line, _)| **line > 1).map(|(_, cells)| {
        let cells = cells.iter().map(|(column, (kind, text))| {
            let title = titles[column.as_str()];
            let number = || text.parse::<f64>().expect("a number");
            let text = match (of(title, "kind").as_str(), kind.as_str()) {
                ("text", "s") | ("count", "n") => text.clone(),
                ("decimal", "n") => {
                    #[expect(clippy::cast_possible_truncation, reason = "cells are exact to six places")]
                    let millionths = (number() * 1e6).round() as i128;
                    decimal(millionths)
                }
                ("flag", "b") => (text == "1").to_string(),
                ("day", "n") => {
                    #[expect(clippy::cast_possible_truncation, reason = "whole days")]
                    let day = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap() + chrono::Duration::days(number() as i64);
                    day.to_string()
                }
                (column, cell) => panic!("{title}: {text:?} is {cell} in a column of {column}"),
            };
            (of(title, "name"), text)
        });
        cells.collect()
    });
    assert_same(&told, &rows.collect::<Vec<Row>>());
    let first = workbook.part("xl/worksheets/sheet1.xml");
    assert!(first.contains("state=\"frozen\"") && first.contains("<cols>"), "the heading stays, columns have widths");
    let about = workbook.cells(2);
    let said = |row: &BTreeMap<String, (String, String)>, column: &str| {
        row.get(column).map_or_else(String::new, |(_, text)| text.clone())
    };
    let about: Vec<String> = about.values().map(|row| format!("{} {}", said(row, "A"), said(row, "B"))).collect();
    assert!(about.contains(&format!("数据版本 {}", made["dataVersion"])), "{about:?}");
    assert!(about.contains(&format!("表格摘要 {}", made["digest"].as_str().unwrap_or_default())));
}

/// A workbook as any program finds it: parts of XML in a zip archive.
struct Workbook(zip::ZipArchive<Cursor<Vec<u8>>>);

/// Lines of cells by column, each with what it is (`n`, `s`, `b`) and what it says.
type Cells = BTreeMap<u32, BTreeMap<String, (String, String)>>;

impl Workbook {
    fn open(bytes: Vec<u8>) -> Self {
        Self(zip::ZipArchive::new(Cursor::new(bytes)).expect("a workbook is a zip archive"))
    }

    fn part(&mut self, name: &str) -> String {
        let mut text = String::new();
        let mut part = self.0.by_name(name).expect("the workbook has this part");
        part.read_to_string(&mut text).expect("parts are text");
        text
    }

    fn sheets(&mut self) -> Vec<String> {
        let text = self.part("xl/workbook.xml");
        elements(&text, "sheet").into_iter().filter_map(|(tag, _)| attribute(tag, "name")).collect()
    }

    fn cells(&mut self, sheet: u32) -> Cells {
        let shared = self.part("xl/sharedStrings.xml");
        let texts: Vec<String> = elements(&shared, "si")
            .into_iter()
            .map(|(_, body)| elements(body, "t").into_iter().map(|(_, text)| unescaped(text)).collect())
            .collect();
        let text = self.part(&format!("xl/worksheets/sheet{sheet}.xml"));
        let mut cells = Cells::new();
        for (tag, body) in elements(&text, "c") {
            let Some((_, value)) = elements(body, "v").into_iter().next() else { continue };
            let place = attribute(tag, "r").expect("a cell has a place");
            let (column, line) = place.split_at(place.find(|c: char| c.is_ascii_digit()).expect("a line"));
            let kind = attribute(tag, "t").unwrap_or_else(|| "n".to_owned());
            let said = if kind == "s" {
                texts[value.parse::<usize>().expect("the place of a shared text")].clone()
            } else {
                value.to_owned()
            };
            cells.entry(line.parse().expect("a line")).or_default().insert(column.to_owned(), (kind, said));
        }
        cells
    }
}

/// The elements of a name, each with its tag and what it holds.
fn elements<'t>(text: &'t str, name: &str) -> Vec<(&'t str, &'t str)> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(&open) {
        let after = &rest[at + open.len()..];
        let end = after.find('>').expect("tags end");
        if !after.starts_with([' ', '>', '/']) {
            rest = after;
            continue;
        }
        let tag = &after[..end];
        if tag.ends_with('/') {
            found.push((tag, ""));
            rest = &after[end..];
            continue;
        }
        let body = &after[end + 1..];
        let close = body.find(&close).expect("elements end");
        found.push((tag, &body[..close]));
        rest = &body[close..];
    }
    found
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, after) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescaped(after.split_once('"')?.0))
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// The cells of columns of Arrow.
fn rows_of(batches: &[RecordBatch]) -> Vec<Row> {
    let mut rows = Vec::new();
    for batch in batches {
        let from = rows.len();
        rows.resize(from + batch.num_rows(), Row::new());
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            assert!(field.metadata().contains_key("title"), "{field}");
            for (place, row) in rows[from..].iter_mut().enumerate().filter(|(place, _)| column.is_valid(*place)) {
                let text = match field.data_type() {
                    DataType::Utf8 => column.as_string::<i32>().value(place).to_owned(),
                    DataType::Int64 => column.as_primitive::<Int64Type>().value(place).to_string(),
                    DataType::Decimal128(_, 6) => decimal(column.as_primitive::<Decimal128Type>().value(place)),
                    DataType::Boolean => column.as_boolean().value(place).to_string(),
                    DataType::Date32 => {
                        let days = column.as_primitive::<Date32Type>().value(place);
                        NaiveDate::from_epoch_days(days).expect("a day").to_string()
                    }
                    other => panic!("{} is a column of {other}", field.name()),
                };
                row.insert(field.name().clone(), text);
            }
        }
    }
    rows
}

async fn a_quarter_reads_the_same_as_parquet(app: TestApp) {
    let (told, made, bytes) = both(&app, "PARQUET").await;
    let directory = tempfile::tempdir().expect("a folder");
    let path = directory.path().join("quarter.parquet");
    std::fs::write(&path, bytes).expect("the folder can be written to");
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).expect("the file")).expect("Parquet");
    let about = reader.schema().metadata()["zhengxin"].clone();
    let about: Value = serde_json::from_str(&about).expect("what is said about the table is JSON");
    assert_eq!((&about["digest"], &about["schemaVersion"]), (&made["digest"], &json!(1)));
    let batches: Vec<RecordBatch> = reader.build().expect("Parquet").map(|batch| batch.expect("rows")).collect();
    assert_same(&told, &rows_of(&batches));
}

async fn a_quarter_reads_the_same_as_arrow(app: TestApp) {
    let (told, _, bytes) = both(&app, "ARROW").await;
    let reader = arrow_ipc::reader::FileReader::try_new(Cursor::new(bytes), None).expect("an Arrow file");
    let batches: Vec<RecordBatch> = reader.map(|batch| batch.expect("rows")).collect();
    assert_same(&told, &rows_of(&batches));
}

async fn the_same_question_at_the_same_moment_gives_the_same_bytes(app: TestApp) {
    two_months(&app).await;
    app.set_clock("2026-03-02T09:01:00+08:00");
    let editor = app.editor().await;
    let mut question = quarter(&app);
    question["asOf"] = json!("2026-03-02T09:00:30+08:00");
    let question = json!({ "analytics": question });
    let mut digests = Vec::new();
    for format in ["CSV", "XLSX", "PARQUET", "ARROW"] {
        let first = export(&editor, question.clone(), format).await;
        let again = export(&editor, question.clone(), format).await;
        assert_eq!(first["sha256"], again["sha256"], "{format}");
        assert_eq!(follow(&app, &first, "url").await.bytes, follow(&app, &again, "url").await.bytes, "{format}");
        digests.push(first["digest"].clone());
    }
    digests.dedup();
    assert_eq!(digests.len(), 1, "the table is the same in every format");
}
