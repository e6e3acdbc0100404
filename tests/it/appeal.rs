//! Appeals: a unit disputes a line, a chief editor decides, and the ledger keeps both lines.

use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::{self, Currency, text};
use tests::walk;

tests::cases![
    an_appeal_that_is_upheld_ends_in_a_reversal,
    an_appeal_that_is_rejected_changes_nothing,
    an_appeal_is_the_unit_leaders_and_in_time,
    a_reversal_corrects_the_circular_and_both_ranks_stay,
];

const UNIT: &str = "阜康市";
const APPEAL: &str = "appeal { id version state line lineDate rule points reason decision countsOn unit { name } }";

/// An untrue item of February costs 50 points.
async fn incident(app: &TestApp) -> Value {
    let input = json!({
        "network": app.network_id(), "unit": app.unit_id(UNIT).await, "kind": "UNTRUE",
        "evidence": "经核实，数据有误。", "occurredOn": "2026-02-07",
    });
    walk::act(&app.editor().await, "recordIncident", "incident { id }", input).await;
    figures::ledger(&app.leader(UNIT).await, app, UNIT, "2026-02", Currency::Points).await.remove(0)
}

async fn input(app: &TestApp, line: &Value) -> Value {
    json!({
        "network": app.network_id(), "unit": app.unit_id(UNIT).await,
        "line": line["id"], "date": line["date"], "reason": "数据来源为统计部门公报，附佐证材料。",
    })
}

async fn raise(app: &TestApp, line: &Value) -> Value {
    walk::act(&app.leader(UNIT).await, "appealScoreLine", APPEAL, input(app, line).await).await["appeal"].take()
}

async fn decide(app: &TestApp, appeal: &Value, verdict: &str) -> Value {
    let input = json!({
        "appeal": appeal["id"], "expectedVersion": appeal["version"], "verdict": verdict, "reason": "经复核。",
    });
    walk::act(&app.chief_editor().await, "decideAppeal", APPEAL, input).await["appeal"].take()
}

async fn act(app: &TestApp, mutation: &'static str, period: &str) -> Value {
    let input = json!({ "network": app.network_id(), "period": period });
    let selection = if mutation == "closePeriod" { "closing { id }" } else { "circular { id version sha256 }" };
    walk::act(&app.chief_editor().await, mutation, selection, input).await
}

/// The lines of a period with what reverses what.
async fn lines(client: &Client, app: &TestApp, period: &str) -> Value {
    let query = "query($network: ID!, $unit: ID!, $period: PeriodInput!) {
        scoreLedger(network: $network, unit: $unit, period: $period, first: 10) {
            nodes { id date rule points reverses appeal { state } correctionOf { period } }
        }
    }";
    let variables =
        json!({ "network": app.network_id(), "unit": app.unit_id(UNIT).await, "period": figures::period(period) });
    client.gql(query, variables).await["scoreLedger"]["nodes"].take()
}

async fn an_appeal_that_is_upheld_ends_in_a_reversal(app: TestApp) {
    let line = incident(&app).await;
    act(&app, "closePeriod", "2026-02").await;
    let appeal = raise(&app, &line).await;
    assert_eq!(appeal["state"], "PENDING");
    assert_eq!(
        (&appeal["line"], &appeal["points"], &appeal["lineDate"]),
        (&line["id"], &json!("-50"), &json!("2026-02-07"))
    );
    app.set_clock("2026-03-05T09:00:00+08:00");
    let appeal = decide(&app, &appeal, "UPHELD").await;
    assert_eq!(
        (&appeal["state"], &appeal["countsOn"], &appeal["decision"]),
        (&json!("UPHELD"), &json!("2026-03-05"), &json!("经复核。"))
    );

    let leader = app.leader(UNIT).await;
    let february = lines(&leader, &app, "2026-02").await;
    assert_eq!(
        february,
        json!([{
            "id": line["id"], "date": "2026-02-07", "rule": "accuracy.untrue", "points": "-50",
            "reverses": null, "appeal": { "state": "UPHELD" }, "correctionOf": null,
        }])
    );
    let march = lines(&leader, &app, "2026-03").await;
    assert_eq!(march.as_array().unwrap().len(), 1);
    let reversal = &march[0];
    assert_eq!(
        (&reversal["reverses"], &reversal["points"], &reversal["date"]),
        (&line["id"], &json!("50"), &json!("2026-03-05"))
    );
    assert_eq!(
        (&reversal["appeal"], &reversal["correctionOf"]),
        (&json!({ "state": "UPHELD" }), &json!({ "period": "2026-02" }))
    );
    let again = app.restarted().await;
    for (period, score) in [("2026-02", "-50"), ("2026-03", "50"), ("2026-Q1", "0"), ("2026", "0")] {
        for office in [&*app, &again] {
            let client = office.editor().await;
            assert_eq!(figures::score(&client, office, UNIT, period).await, score, "{period}");
            let ledger = figures::ledger(&client, office, UNIT, period, Currency::Points).await;
            assert_eq!(figures::sum(&ledger), figures::millionths(score), "{period}: the lines add up");
        }
    }
    let ledger = figures::ledger(&app.editor().await, &app, UNIT, "2026", Currency::Points).await;
    expect![[r"
        2026-02-07 accuracy.untrue -50
        2026-03-05 accuracy.untrue 50
    "]]
    .assert_eq(&figures::lines(&ledger));

    // A decision is final, and what it gave back cannot be disputed again.
    let input = json!({ "appeal": appeal["id"], "expectedVersion": appeal["version"], "verdict": "REJECTED", "reason": "再议" });
    walk::refused(&app.chief_editor().await, "decideAppeal", input, "WRONG_STATE").await;
    walk::refused(&leader, "appealScoreLine", self::input(&app, reversal).await, "INVALID").await;
    walk::refused(&leader, "appealScoreLine", self::input(&app, &line).await, "ALREADY_EXISTS").await;
}

async fn an_appeal_that_is_rejected_changes_nothing(app: TestApp) {
    let line = incident(&app).await;
    let appeal = raise(&app, &line).await;
    let stale = json!({ "appeal": appeal["id"], "expectedVersion": 9, "verdict": "REJECTED", "reason": "经复核。" });
    walk::refused(&app.chief_editor().await, "decideAppeal", stale, "VERSION_CONFLICT").await;
    let appeal = decide(&app, &appeal, "REJECTED").await;
    assert_eq!((&appeal["state"], &appeal["countsOn"]), (&json!("REJECTED"), &Value::Null));
    assert_eq!(figures::score(&app.editor().await, &app, UNIT, "2026").await, "-50");
    assert_eq!(lines(&app.leader(UNIT).await, &app, "2026").await[0]["appeal"], json!({ "state": "REJECTED" }));

    let query = "query($network: ID!, $where: AppealWhere) {
        appeals(network: $network, where: $where, first: 10) { totalCount nodes { unit { name } state } }
    }";
    let count = async |client: Client, filter: Value| {
        let variables = json!({ "network": app.network_id(), "where": filter });
        client.gql(query, variables).await["appeals"]["totalCount"].take()
    };
    assert_eq!(count(app.editor().await, json!({ "state": "REJECTED" })).await, 1);
    assert_eq!(count(app.editor().await, json!({ "state": "PENDING" })).await, 0);
    assert_eq!(count(app.officer(UNIT).await, json!({ "unit": app.unit_id(UNIT).await })).await, 1);
    assert_eq!(count(app.officer("昌吉市").await, json!({})).await, 0);
}

async fn an_appeal_is_the_unit_leaders_and_in_time(app: TestApp) {
    let line = incident(&app).await;
    let sent = input(&app, &line).await;
    for (client, code) in [
        (app.officer(UNIT).await, "FORBIDDEN"),
        (app.chief_editor().await, "FORBIDDEN"),
        (app.leader("昌吉市").await, "NOT_FOUND"),
    ] {
        walk::refused(&client, "appealScoreLine", sent.clone(), code).await;
    }
    let leader = app.leader(UNIT).await;
    let unknown = walk::merged(sent.clone(), json!({ "line": "accuracy.untrue@incident:999" }));
    assert_eq!(walk::refused(&leader, "appealScoreLine", unknown, "NOT_FOUND").await["field"], "line");
    let silent = walk::merged(sent.clone(), json!({ "reason": "" }));
    assert_eq!(walk::refused(&leader, "appealScoreLine", silent, "INVALID").await["field"], "reason");
    // Thirty days from the line's day.
    app.set_clock("2026-03-10T09:00:00+08:00");
    let error = walk::refused(&app.leader(UNIT).await, "appealScoreLine", sent.clone(), "WRONG_STATE").await;
    assert!(text(&error["message"]).contains("2026-03-09"), "{error}");
    // The circular tells the unit of it, so the term begins again.
    act(&app, "closePeriod", "2026-02").await;
    act(&app, "publishCircular", "2026-02").await;
    app.set_clock("2026-04-09T09:00:00+08:00");
    raise(&app, &line).await;
}

async fn a_reversal_corrects_the_circular_and_both_ranks_stay(app: TestApp) {
    let line = incident(&app).await;
    act(&app, "closePeriod", "2026-02").await;
    let first = act(&app, "publishCircular", "2026-02").await["circular"].take();
    let appeal = raise(&app, &line).await;
    decide(&app, &appeal, "UPHELD").await;
    let input = json!({ "circular": first["id"], "expectedVersion": first["version"], "reason": "申诉成立" });
    let selection = "circular { id diff { name before { score rank } after { score rank } lines { line before after } }
        editions { edition rows(category: \"county\") { name score rank } } }";
    let second = walk::act(&app.chief_editor().await, "correctCircular", selection, input).await["circular"].take();
    let change = second["diff"].as_array().unwrap().iter().find(|change| change["name"] == UNIT).unwrap();
    assert_eq!(change["before"], json!({ "score": "-50", "rank": 7 }));
    assert_eq!(change["after"], json!({ "score": "0", "rank": 1 }));
    assert_eq!(change["lines"][0]["after"], "50");
    let ranks: Vec<_> = second["editions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edition| {
            edition["rows"].as_array().unwrap().iter().find(|row| row["name"] == UNIT).unwrap()["rank"].clone()
        })
        .collect();
    assert_eq!(json!(ranks), json!([7, 1]));
    let query = "query($id: ID!) { verifyCircular(id: $id) { holds } }";
    for id in [&first["id"], &second["id"]] {
        let verdict = app.editor().await.gql(query, json!({ "id": id })).await;
        assert_eq!(verdict["verifyCircular"]["holds"], true);
    }
}
