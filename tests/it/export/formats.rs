//! Every format holds the cells of the API's answer, one by one, for one quarter.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::app::TestApp;

use super::{export, follow, two_months};

tests::cases![a_quarter_reads_the_same_as_csv];

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
        "measures": ["SUBMITTED", "ADOPTED_ITEMS", "ADOPTION_RATE", "POINTS", "MONEY", "TURNAROUND", "QUOTA_ATTAINMENT"],
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
