//! As of: the same question about the same moment has the same answer, byte for byte, whatever is written afterwards.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::walk;

use super::{ASK, OTHER, UNIT, lines};

tests::cases![
    the_same_moment_gives_the_same_bytes_after_any_later_writes,
    a_moment_in_the_future_has_no_state,
    relative_periods_are_seen_from_the_moment,
];

/// Several questions about a moment, as text.
async fn told(client: &Client, app: &TestApp, moment: &str) -> String {
    let mut all = String::new();
    for input in [
        json!({ "measures": ["RECEIVED", "ADOPTIONS", "ADOPTION_RATE", "POINTS", "RETURNED"], "rows": ["CATEGORY", "UNIT"],
            "period": { "last": { "count": 2, "unit": "MONTH", "includeCurrent": true } }, "splitBy": "MONTH",
            "rank": { "by": "POINTS", "within": ["CATEGORY"] } }),
        json!({ "measures": ["ENDORSEMENTS", "SENT_UP", "TURNAROUND", "ACTIVE_OFFICERS"], "rows": ["KIND"],
            "period": { "toDate": "YEAR" } }),
        json!({ "measures": ["COMMISSION_ANSWER_RATE", "INCIDENTS", "TRAININGS"], "rows": ["UNIT"], "period": { "id": "2026" } }),
    ] {
        let mut input = input;
        input["network"] = json!(app.network_id());
        input["asOf"] = json!(moment);
        all += &client.gql(ASK, json!({ "input": input })).await.to_string();
    }
    all
}

/// Some writes of every sort; each seed writes others.
async fn write(app: &TestApp, seed: usize) {
    let editor = app.editor().await;
    let unit = [UNIT, OTHER][seed % 2];
    let submission = walk::submit(app, unit).await;
    match seed % 4 {
        0 => {
            let issue = walk::issue(&editor, app, "general", "2026-03-02").await;
            let adopted = walk::adopt(&editor, &submission, &issue, None).await;
            let sent = walk::send_up(&editor, app, &adopted["submission"], "internal", "2026-03-02").await;
            walk::endorse(&editor, &sent, "region", "2026-03-02").await;
        }
        1 => {
            walk::send_back(&editor, &submission).await;
            let commission = walk::commission(&editor, app, &[UNIT, OTHER], "2026-03-02T18:00:00+08:00").await;
            walk::answer(app, unit, walk::assignment(&commission, unit)).await;
        }
        2 => {
            walk::decline(&editor, &submission).await;
            let training = json!({
                "network": app.network_id(), "unit": app.unit_id(unit).await, "kind": "SESSION", "title": "业务培训",
                "heldOn": "2026-03-01", "attendees": 60,
            });
            walk::act(&editor, "recordTraining", "training { id }", training).await;
        }
        _ => {
            let issue = walk::issue(&editor, app, "internal", "2026-03-02").await;
            walk::adopt(&editor, &submission, &issue, Some("dynamic")).await;
        }
    }
}

async fn the_same_moment_gives_the_same_bytes_after_any_later_writes(app: TestApp) {
    let mut before: Vec<(String, String)> = Vec::new();
    for seed in 0..6 {
        app.set_clock(&format!("2026-03-02T09:{:02}:00+08:00", seed * 5));
        write(&app, seed).await;
        app.set_clock(&format!("2026-03-02T09:{:02}:00+08:00", seed * 5 + 2));
        let moment = format!("2026-03-02T09:{:02}:30+08:00", seed * 5 + 1);
        let editor = app.editor().await;
        for (moment, answer) in &before {
            assert_eq!(&told(&editor, &app, moment).await, answer, "the answer of {moment}, after {seed}");
        }
        let answer = told(&editor, &app, &moment).await;
        assert!(before.iter().all(|(_, earlier)| *earlier != answer), "every round of writes changes the answer");
        // What is asked without a moment says the same numbers.
        let mut input = json!({
            "network": app.network_id(), "measures": ["RECEIVED", "ADOPTIONS", "POINTS", "RETURNED", "ENDORSEMENTS"],
            "rows": ["UNIT"], "period": { "id": "2026-03" },
        });
        let present = editor.gql(ASK, json!({ "input": input })).await;
        input["asOf"] = json!(moment);
        let past = editor.gql(ASK, json!({ "input": input })).await;
        assert_eq!(lines(&present["analytics"]), lines(&past["analytics"]));
        assert_eq!(present["analytics"]["meta"]["dataVersion"], past["analytics"]["meta"]["dataVersion"]);
        before.push((moment, answer));
    }
}

async fn a_moment_in_the_future_has_no_state(app: TestApp) {
    let editor = app.editor().await;
    let input = json!({
        "network": app.network_id(), "measures": ["SUBMITTED"], "period": { "id": "2026" }, "asOf": "2026-12-31T00:00:00+08:00",
    });
    editor.expect_code(ASK, json!({ "input": input }), "INVALID").await;
}

async fn relative_periods_are_seen_from_the_moment(app: TestApp) {
    write(&app, 0).await;
    app.set_clock("2026-05-20T09:00:00+08:00");
    let editor = app.editor().await;
    let input = json!({
        "network": app.network_id(), "measures": ["RECEIVED"], "period": { "last": { "count": 1, "unit": "MONTH", "includeCurrent": true } },
        "asOf": "2026-03-02T12:00:00+08:00",
    });
    let answer: Value = editor.gql(ASK, json!({ "input": input })).await;
    assert_eq!(answer["analytics"]["periods"], json!([{ "label": "2026-03", "partial": true }]));
    assert_eq!(answer["analytics"]["rows"][0]["cells"][0]["value"], "1");
    assert_eq!(answer["analytics"]["meta"]["computedAt"], answer["analytics"]["meta"]["asOf"]);
}
