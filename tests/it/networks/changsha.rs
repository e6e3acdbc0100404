//! 长沙, June 2020: deep research earns four to six times as much, and a late first report costs what a chief editor decides between 100 and
//! 300.

use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::figures::{self, Currency};
use tests::walk;

use super::{content, founded, notes, received};

tests::cases![a_month_of_research_and_of_a_late_report];

async fn a_month_of_research_and_of_a_late_report(app: TestApp) {
    app.set_clock("2020-06-01T09:00:00+08:00");
    let office = founded(&app, "changsha").await;
    let editor = office.editor().await;
    let issue = walk::issue(&editor, &office, "own", "2020-06-01").await;
    let mut adopted = Vec::new();
    for (unit, kind) in [("岳麓区", "research"), ("岳麓区", "dynamic"), ("浏阳市", "analysis"), ("天心区", "dynamic")]
    {
        let item = received(&office, unit, &office.leader(unit).await, content(kind)).await;
        adopted.push(walk::adopt(&editor, &item, &issue, Some("general")).await["submission"].take());
    }
    let decide = |submission: &Value, coefficient: &str| {
        walk::on(submission, json!({ "coefficient": coefficient, "reason": "数据翔实，建议可行" }))
    };
    // 予以4—6倍质量系数奖励: not more, not less, and not for daily items.
    for outside in ["3.999999", "6.5"] {
        let refused = walk::refused(&editor, "decideCoefficient", decide(&adopted[0], outside), "INVALID").await;
        assert_eq!(refused["details"], json!(r#"{"least":"4","most":"6","rule":"quality"}"#));
    }
    walk::refused(&editor, "decideCoefficient", decide(&adopted[1], "4"), "INVALID").await;
    let selection = "submission { id version qualityCoefficient { coefficient reason } }";
    let first = walk::act(&editor, "decideCoefficient", selection, decide(&adopted[0], "4.5")).await;
    assert_eq!(first["submission"]["qualityCoefficient"]["coefficient"], "4.5");
    let again = decide(&first["submission"], "5.5");
    walk::act(&office.chief_editor().await, "decideCoefficient", selection, again).await;

    // 迟报: recorded by an editor, decided by a chief editor within the range.
    let incident = json!({
        "network": office.network_id(), "unit": office.unit_id("天心区").await, "kind": "LATE",
        "evidence": "值班记录：事发次日方才首报。", "occurredOn": "2020-06-01",
    });
    let recorded =
        walk::act(&editor, "recordIncident", "incident { id version state }", incident).await["incident"].take();
    let decision = |points: &str| {
        json!({
            "incident": recorded["id"], "expectedVersion": recorded["version"], "decision": "UPHOLD", "points": points,
            "reason": "情节较重",
        })
    };
    let chief = office.chief_editor().await;
    for outside in ["99", "301"] {
        walk::refused(&chief, "decideIncident", decision(outside), "INVALID").await;
    }
    walk::act(&chief, "decideIncident", "incident { state points }", decision("180")).await;

    // 5 × 5.5 + 5; 5, whose coefficient nobody has decided; 5 − 180.
    let ranking = figures::ranking(&editor, &office, "district", "2020-06").await;
    expect![[r"
        1 岳麓区 32.5
        2 浏阳市 5
        3 芙蓉区 0
        3 开福区 0
        3 雨花区 0
        3 望城区 0
        3 长沙县 0
        3 宁乡市 0
        9 天心区 -175
    "]]
    .assert_eq(&ranking);
    let ledger = figures::ledger(&editor, &office, "天心区", "2020-06", Currency::Points).await;
    expect![[r"
        2020-06-01 adopted.own 5
        2020-06-01 urgent.failed -180
    "]]
    .assert_eq(&figures::lines(&ledger));
    // 公开通报批评; 当月零采用.
    assert_eq!(figures::listed(&editor, &office, "criticised", "2020-06").await, ["天心区"]);
    let without = figures::listed(&editor, &office, "nothing_adopted", "2020-06").await;
    assert_eq!(without.len(), 8, "six districts and two departments: {without:?}");
    // The one thing that is left over is the coefficient that nobody has decided.
    let notes = notes(&editor, &office, "2020").await;
    assert_eq!(
        notes.as_array().map(|notes| notes.iter().map(|note| &note["kind"]).collect::<Vec<_>>()),
        Some(vec![&json!("undecided")])
    );
}
