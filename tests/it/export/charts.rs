//! Pictures of answers: each kind, the same bytes each time, and what cannot be drawn.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::walk;

use super::{follow, two_months};

tests::cases![
    each_kind_is_drawn_the_same_each_time,
    what_cannot_be_drawn_is_refused_with_what_to_change,
    a_picture_is_exported_as_a_file,
];

const CHART: &str = "query($question: QuestionInput!, $chart: ChartInput!) {
    chart(question: $question, chart: $chart) { svg meta { dataVersion } }
}";

/// A question that each kind can draw.
fn questions(app: &TestApp) -> [(&'static str, Value); 4] {
    let network = app.network_id();
    let year = json!({ "from": "2025-04", "to": "2026-03" });
    [
        (
            "RANKING_BARS",
            json!({
                "network": network, "measures": ["POINTS"], "rows": ["UNIT"], "period": { "id": "2026-02" },
                "rank": { "within": ["CATEGORY"] }, "where": { "category": ["county"] }, "compare": [{ "previous": 1 }],
            }),
        ),
        (
            "TREND_LINES",
            json!({
                "network": network, "measures": ["SUBMITTED"], "period": year, "splitBy": "MONTH",
                "compare": [{ "sameLastYear": true }],
            }),
        ),
        (
            "CATEGORY_BOXES",
            json!({
                "network": network, "measures": ["SUBMITTED"], "rows": ["CATEGORY", "UNIT"],
                "period": { "from": "2026-01", "to": "2026-02" },
            }),
        ),
        (
            "HEAT_MAP",
            json!({
                "network": network, "measures": ["SUBMITTED"], "rows": ["UNIT"], "period": year, "splitBy": "MONTH",
                "where": { "category": ["county"] },
            }),
        ),
    ]
}

async fn each_kind_is_drawn_the_same_each_time(app: TestApp) {
    two_months(&app).await;
    let editor = app.editor().await;
    for (kind, question) in questions(&app) {
        let variables =
            json!({ "question": { "analytics": question }, "chart": { "kind": kind, "title": "一季度<报送>情况" } });
        let first = editor.gql(CHART, variables.clone()).await["chart"].take();
        let svg = first["svg"].as_str().expect("a picture is text");
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.ends_with("</svg>\n"), "{kind}");
        assert!(svg.contains("一季度&lt;报送&gt;情况") && svg.contains("Noto Sans CJK SC"), "{kind}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{kind}: {svg}");
        assert_eq!(editor.gql(CHART, variables).await["chart"], first, "{kind}");
        let expected: &[&str] = match kind {
            "RANKING_BARS" => &["阜康市", "上期"],
            "TREND_LINES" => &["2026-02", "上年同期", "全网", "尚未结束"],
            "CATEGORY_BOXES" => &["县市", "7 个单位"],
            _ => &["阜康市", "26-02"],
        };
        for text in expected {
            assert!(svg.contains(text), "{kind} lacks {text}: {svg}");
        }
    }
}

async fn what_cannot_be_drawn_is_refused_with_what_to_change(app: TestApp) {
    two_months(&app).await;
    let editor = app.editor().await;
    for (kind, split, field) in [
        ("RANKING_BARS", json!("MONTH"), "question.splitBy"),
        ("TREND_LINES", Value::Null, "question.splitBy"),
        ("CATEGORY_BOXES", Value::Null, "question.rows"),
        ("HEAT_MAP", Value::Null, "question.splitBy"),
    ] {
        let question = json!({
            "network": app.network_id(), "measures": ["SUBMITTED"], "rows": ["CATEGORY"],
            "period": { "from": "2026-01", "to": "2026-02" }, "splitBy": split,
        });
        let variables = json!({ "question": { "analytics": question }, "chart": { "kind": kind } });
        let error = editor.expect_code(CHART, variables, "INVALID").await;
        assert_eq!(error["extensions"]["field"], field, "{kind}");
    }
}

async fn a_picture_is_exported_as_a_file(app: TestApp) {
    two_months(&app).await;
    let editor = app.editor().await;
    let [(kind, question), ..] = questions(&app);
    let input = json!({ "question": { "analytics": question }, "format": "SVG", "chart": { "kind": kind } });
    let made = walk::act(&editor, "createExport", super::EXPORT, input.clone()).await["export"].take();
    let file = follow(&app, &made, "url").await;
    assert_eq!(file.status, StatusCode::OK);
    let variables = json!({ "question": input["question"], "chart": input["chart"] });
    let drawn = editor.gql(CHART, variables).await["chart"]["svg"].take();
    assert_eq!(String::from_utf8(file.bytes).ok().as_deref(), drawn.as_str());
    let without = json!({ "question": input["question"], "format": "SVG" });
    assert_eq!(walk::refused(&editor, "createExport", without, "INVALID").await["field"], "chart");
    let with = walk::merged(input, json!({ "format": "CSV" }));
    assert_eq!(walk::refused(&editor, "createExport", with, "INVALID").await["field"], "chart");
}
