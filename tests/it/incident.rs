//! Incidents (迟报、漏报、瞒报、误报、内容不实): recorded with evidence, decided by a chief editor within the clause's range.

use analytics::rulebook::shipped;
use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::{self, Currency};
use tests::office::Office;
use tests::walk;

tests::cases![
    a_deduction_is_decided_within_the_range_of_the_clause,
    what_the_rules_fix_counts_at_once,
    a_dismissed_incident_costs_nothing,
    what_was_decided_stands,
    who_may_decide,
    a_superior_may_name_an_incident,
    incidents_are_found_by_what_they_are,
];

const SELECTION: &str = "incident { id version state points decidedBy { name } decidedAt decisionReason namedBy }";

/// The office whose rules leave 100 to 300 points to a person.
async fn office(app: &TestApp) -> Office {
    app.found("elsewhere", shipped::find("changsha").expect("the rulebook is shipped")).await
}

async fn recorded(office: &Office, unit: &str, kind: &str) -> Value {
    let input = json!({
        "network": office.network_id(),
        "unit": office.unit_id(unit).await,
        "kind": kind,
        "evidence": "值班记录：事发三小时后方才首报。",
        "occurredOn": "2026-03-01",
    });
    walk::act(&office.editor().await, "recordIncident", SELECTION, input).await["incident"].take()
}

fn decision(incident: &Value, more: Value) -> Value {
    let base = json!({ "incident": incident["id"], "expectedVersion": incident["version"], "decision": "UPHOLD" });
    walk::merged(base, more)
}

async fn look(client: &Client, incident: &Value) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on Incident {
        id version state points actions { name allowed reasonCode } history { action actor { name } }
    } } }";
    client.gql(query, json!({ "id": incident["id"] })).await["node"].take()
}

async fn a_deduction_is_decided_within_the_range_of_the_clause(app: TestApp) {
    let office = office(&app).await;
    let incident = recorded(&office, "岳麓区", "LATE").await;
    assert_eq!((&incident["state"], &incident["points"]), (&json!("PROPOSED"), &json!(null)));
    // Nothing is decided, so nothing counts, and nobody is criticised.
    let editor = office.editor().await;
    assert_eq!(figures::score(&editor, &office, "岳麓区", "2026-03").await, "0");

    let chief = office.chief_editor().await;
    let error = walk::refused(&chief, "decideIncident", decision(&incident, json!({})), "INVALID").await;
    assert_eq!(error["field"], "points");
    expect!["«紧急信息迟报、漏报、瞒报、误报» leaves the points to you within -300 to -100: give them"]
        .assert_eq(figures::text(&error["message"]));
    for outside in ["99.999999", "300.000001", "0", "-200", "10001"] {
        let input = decision(&incident, json!({ "points": outside }));
        let error = walk::refused(&chief, "decideIncident", input, "INVALID").await;
        assert_eq!(error["field"], "points", "{outside}");
    }
    let input = decision(&incident, json!({ "points": "50" }));
    let error = walk::refused(&chief, "decideIncident", input, "INVALID").await;
    expect!["«紧急信息迟报、漏报、瞒报、误报» would give -50, which is not within -300 to -100"]
        .assert_eq(figures::text(&error["message"]));

    let input = decision(&incident, json!({ "points": "180.5", "reason": "情节较重" }));
    let decided = walk::act(&chief, "decideIncident", SELECTION, input).await["incident"].take();
    assert_eq!((&decided["state"], &decided["points"]), (&json!("DECIDED"), &json!("180.5")));
    assert_eq!(decided["decisionReason"], "情节较重");
    assert!(decided["decidedBy"]["name"].is_string() && decided["decidedAt"].is_string());
    let ledger = figures::ledger(&editor, &office, "岳麓区", "2026-03", Currency::Points).await;
    expect!["2026-03-01 urgent.failed -180.5\n"].assert_eq(&figures::lines(&ledger));

    // Both ends of the range are within it.
    for points in ["100", "300"] {
        let incident = recorded(&office, "长沙县", "CONCEALED").await;
        walk::act(&chief, "decideIncident", "", decision(&incident, json!({ "points": points }))).await;
    }
    assert_eq!(figures::score(&editor, &office, "长沙县", "2026-03").await, "-400");
}

async fn what_the_rules_fix_counts_at_once(app: TestApp) {
    let incident = recorded(&app, "玛纳斯县", "UNTRUE").await;
    assert_eq!(incident["state"], "RECORDED");
    let editor = app.editor().await;
    assert_eq!(figures::score(&editor, &app, "玛纳斯县", "2026-03").await, "-50");

    let chief = app.chief_editor().await;
    let input = decision(&incident, json!({ "points": "20" }));
    assert_eq!(walk::refused(&chief, "decideIncident", input, "INVALID").await["field"], "points");
    let upheld = walk::act(&chief, "decideIncident", SELECTION, decision(&incident, json!({}))).await;
    assert_eq!((&upheld["incident"]["state"], &upheld["incident"]["points"]), (&json!("DECIDED"), &json!(null)));
    assert_eq!(figures::score(&editor, &app, "玛纳斯县", "2026-03").await, "-50");
}

async fn a_dismissed_incident_costs_nothing(app: TestApp) {
    let incident = recorded(&app, "玛纳斯县", "UNTRUE").await;
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    assert_eq!(figures::score(&editor, &app, "玛纳斯县", "2026-03").await, "-50");
    for (more, field) in [
        (json!({}), "reason"),
        (json!({ "reason": " " }), "reason"),
        (json!({ "reason": "过".repeat(501) }), "reason"),
        (json!({ "reason": "经核实属实", "points": "100" }), "points"),
    ] {
        let input = decision(&incident, walk::merged(json!({ "decision": "DISMISS" }), more));
        assert_eq!(walk::refused(&chief, "decideIncident", input, "INVALID").await["field"], field);
    }
    let input = decision(&incident, json!({ "decision": "DISMISS", "reason": "经核实，所报情况属实。" }));
    let dropped = walk::act(&chief, "decideIncident", SELECTION, input).await["incident"].take();
    assert_eq!(
        (&dropped["state"], &dropped["decisionReason"]),
        (&json!("DISMISSED"), &json!("经核实，所报情况属实。"))
    );
    assert_eq!(figures::score(&editor, &app, "玛纳斯县", "2026-03").await, "0");
}

async fn what_was_decided_stands(app: TestApp) {
    let incident = recorded(&app, "玛纳斯县", "UNTRUE").await;
    let chief = app.chief_editor().await;
    let stale = json!({ "expectedVersion": 7 });
    walk::refused(&chief, "decideIncident", decision(&incident, stale), "VERSION_CONFLICT").await;
    assert_eq!(
        look(&chief, &incident).await["actions"][0],
        json!({ "name": "decideIncident", "allowed": true, "reasonCode": null })
    );
    walk::act(&chief, "decideIncident", "", decision(&incident, json!({}))).await;
    let seen = look(&chief, &incident).await;
    assert_eq!(seen["actions"][0], json!({ "name": "decideIncident", "allowed": false, "reasonCode": "WRONG_STATE" }));
    let again = json!({ "decision": "DISMISS", "reason": "改判", "expectedVersion": seen["version"] });
    walk::refused(&chief, "decideIncident", decision(&incident, again), "WRONG_STATE").await;
    let acts: Vec<_> = seen["history"].as_array().unwrap().iter().map(|act| act["action"].clone()).collect();
    assert_eq!(acts, ["RecordIncident", "DecideIncident"]);
}

async fn who_may_decide(app: TestApp) {
    let incident = recorded(&app, "玛纳斯县", "UNTRUE").await;
    for client in [app.editor().await, app.officer("玛纳斯县").await, app.leader("玛纳斯县").await] {
        walk::refused(&client, "decideIncident", decision(&incident, json!({})), "FORBIDDEN").await;
    }
    let stranger = app.officer("奇台县").await;
    walk::refused(&stranger, "decideIncident", decision(&incident, json!({})), "NOT_FOUND").await;
    // The unit concerned reads what is said of it.
    assert_eq!(look(&app.leader("玛纳斯县").await, &incident).await["state"], "RECORDED");
}

async fn a_superior_may_name_an_incident(app: TestApp) {
    let input = |level: &str, unit: Value| {
        json!({
            "network": app.network_id(), "unit": unit, "kind": "UNTRUE", "evidence": "自治区通报点名。",
            "occurredOn": "2026-03-01", "namedBy": level,
        })
    };
    let (editor, unit) = (app.editor().await, json!(app.unit_id("玛纳斯县").await));
    let error = walk::refused(&editor, "recordIncident", input("galaxy", unit.clone()), "INVALID").await;
    assert_eq!(error["field"], "namedBy");
    let named = walk::act(&editor, "recordIncident", SELECTION, input("region", unit)).await;
    assert_eq!(named["incident"]["namedBy"], "region");
}

async fn incidents_are_found_by_what_they_are(app: TestApp) {
    recorded(&app, "玛纳斯县", "UNTRUE").await;
    recorded(&app, "玛纳斯县", "LATE").await;
    let dropped = recorded(&app, "奇台县", "LATE").await;
    let input = decision(&dropped, json!({ "decision": "DISMISS", "reason": "已说明" }));
    walk::act(&app.chief_editor().await, "decideIncident", "", input).await;
    let query = "query($network: ID!, $where: IncidentWhere) {
        incidents(network: $network, where: $where, first: 10) { totalCount }
    }";
    let editor = app.editor().await;
    for (wanted, count) in [
        (json!(null), 3),
        (json!({ "unit": app.unit_id("奇台县").await }), 1),
        (json!({ "states": ["RECORDED"] }), 2),
        (json!({ "states": ["DISMISSED", "DECIDED"] }), 1),
        (json!({ "kinds": ["LATE"] }), 2),
        (json!({ "kinds": ["LATE"], "states": ["RECORDED"] }), 1),
        (json!({ "from": "2026-03-02" }), 0),
        (json!({ "to": "2026-03-01" }), 3),
    ] {
        let answer = editor.gql(query, json!({ "network": app.network_id(), "where": wanted })).await;
        assert_eq!(answer["incidents"]["totalCount"], count, "{wanted}");
    }
}
