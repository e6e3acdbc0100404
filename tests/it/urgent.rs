//! Urgent information (紧急信息): 首报及时、续报准确、终报全面; by the unit's one contact, each part timed.

use analytics::rulebook::shipped;
use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures;
use tests::office::Office;
use tests::walk;

tests::cases![
    an_event_is_reported_in_three_parts_each_in_time,
    a_late_part_proposes_an_incident_that_is_decided,
    a_missed_part_is_proposed_once,
    parts_come_in_order,
    only_the_contact_reports,
    a_unit_has_one_contact_at_a_time,
    a_thread_of_items_counts_once,
    what_an_editor_finds_is_traced_to_the_unit,
    an_event_may_be_closed_without_a_final_report,
    where_the_rules_set_no_deadline_nothing_is_late,
    what_can_be_opened,
];

const UNIT: &str = "岳麓区";
const EVENT: &str = "id version state endedAt reports { stage dueAt reportedAt lateBySeconds text submission { id } }
    nextDue { stage dueAt isOverdue } contact { name }
    incidents { id version kind state evidence occurredOn urgentStage urgentDueAt recordedBy { name } unit { name } }";

/// The office whose rules give two hours for the first report, a day between reports, three days for the final one.
async fn office(app: &TestApp) -> Office {
    let office = app.found("elsewhere", shipped::find("changsha").expect("the rulebook is shipped")).await;
    walk::designate(&office, UNIT, "2026-01-01").await;
    office
}

async fn look(client: &Client, event: &Value) -> Value {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on UrgentEvent {{ {EVENT} }} }} }}");
    client.gql(&query, json!({ "id": event["id"] })).await["node"].take()
}

/// Everything about the parts, one line each.
fn parts(event: &Value) -> Vec<String> {
    let part = |part: &Value| {
        format!(
            "{} due {} late {}",
            figures::text(&part["stage"]),
            figures::text(&part["dueAt"]),
            part["lateBySeconds"]
        )
    };
    event["reports"].as_array().unwrap().iter().map(part).collect()
}

fn text(text: &str) -> Value {
    json!({ "text": text })
}

async fn an_event_is_reported_in_three_parts_each_in_time(app: TestApp) {
    let office = office(&app).await;
    let officer = office.officer(UNIT).await;
    let event = walk::open_urgent(&officer, &office, UNIT, "2026-03-02T08:30:00+08:00").await;
    let seen = look(&officer, &event).await;
    assert_eq!(seen["nextDue"], json!({ "stage": "FIRST", "dueAt": "2026-03-02T02:30:00+00:00", "isOverdue": false }));

    // The last second is in time.
    app.set_clock("2026-03-02T10:30:00+08:00");
    let officer = office.officer(UNIT).await;
    let event = walk::report_urgent(&officer, &event, "FIRST", text("城东工业区一化工厂起火，无人员伤亡。")).await;
    let seen = look(&officer, &event).await;
    assert_eq!(seen["nextDue"]["stage"], "FOLLOW_UP");
    assert_eq!(seen["nextDue"]["dueAt"], "2026-03-03T02:30:00+00:00");

    app.set_clock("2026-03-02T18:00:00+08:00");
    let officer = office.officer(UNIT).await;
    let event = walk::report_urgent(&officer, &event, "FOLLOW_UP", text("明火已扑灭。")).await;
    let input =
        json!({ "event": event["id"], "expectedVersion": event["version"], "endedAt": "2026-03-02T17:40:00+08:00" });
    let event = walk::act(&officer, "endUrgentEvent", "event { id version state }", input).await["event"].take();
    let seen = look(&officer, &event).await;
    assert_eq!(seen["nextDue"], json!({ "stage": "FINAL", "dueAt": "2026-03-05T09:40:00+00:00", "isOverdue": false }));

    app.set_clock("2026-03-04T09:00:00+08:00");
    let officer = office.officer(UNIT).await;
    let event = walk::report_urgent(&officer, &event, "FINAL", text("起因系线路老化，责任已认定。")).await;
    assert_eq!(event["state"], "CLOSED");
    let seen = look(&officer, &event).await;
    assert_eq!(
        parts(&seen),
        [
            "FIRST due 2026-03-02T02:30:00+00:00 late 0",
            "FOLLOW_UP due 2026-03-03T02:30:00+00:00 late 0",
            "FINAL due 2026-03-05T09:40:00+00:00 late 0",
        ]
    );
    assert_eq!((&seen["nextDue"], &seen["incidents"]), (&json!(null), &json!([])));
    let after =
        json!({ "event": event["id"], "expectedVersion": event["version"], "stage": "FOLLOW_UP", "text": "补充。" });
    walk::refused(&officer, "reportUrgent", after, "WRONG_STATE").await;
}

async fn a_late_part_proposes_an_incident_that_is_decided(app: TestApp) {
    let office = office(&app).await;
    let officer = office.officer(UNIT).await;
    let event = walk::open_urgent(&officer, &office, UNIT, "2026-03-02T06:00:00+08:00").await;
    // Due at eight; it is nine.
    let event = walk::report_urgent(&officer, &event, "FIRST", text("城东工业区一化工厂起火。")).await;
    let editor = office.editor().await;
    let seen = look(&editor, &event).await;
    assert_eq!(parts(&seen), ["FIRST due 2026-03-02T00:00:00+00:00 late 3600"]);
    let incident = &seen["incidents"][0];
    assert_eq!((&incident["kind"], &incident["state"]), (&json!("LATE"), &json!("PROPOSED")));
    assert_eq!((&incident["urgentStage"], &incident["unit"]["name"]), (&json!("FIRST"), &json!(UNIT)));
    // Nobody recorded it: the server found it out.
    assert_eq!((&incident["recordedBy"], &incident["occurredOn"]), (&json!(null), &json!("2026-03-02")));
    expect!["“化工厂起火”首报应于 2026-03-02 08:00:00 前报送，实际于 2026-03-02 09:00:00 报送，迟 60 分钟。"]
        .assert_eq(figures::text(&incident["evidence"]));
    assert_eq!(figures::score(&editor, &office, UNIT, "2026-03").await, "0");

    let input = json!({
        "incident": incident["id"], "expectedVersion": incident["version"], "decision": "UPHOLD", "points": "100",
    });
    walk::act(&office.chief_editor().await, "decideIncident", "", input).await;
    assert_eq!(figures::score(&editor, &office, UNIT, "2026-03").await, "-100");
}

async fn a_missed_part_is_proposed_once(app: TestApp) {
    let office = office(&app).await;
    let editor = office.editor().await;
    let event = walk::open_urgent(&editor, &office, UNIT, "2026-03-02T06:00:00+08:00").await;
    let check = async |editor: &Client| {
        let input = json!({ "network": office.network_id() });
        let found = walk::act(editor, "checkUrgentDeadlines", "incidents { kind urgentStage }", input).await;
        found["incidents"].as_array().unwrap().len()
    };
    // Due at eight; missed a day later, and not a second before.
    app.set_clock("2026-03-03T08:00:00+08:00");
    assert_eq!(check(&office.editor().await).await, 0);
    assert_eq!(api::services::urgent::watch(app.state()).await.unwrap(), 0);
    app.set_clock("2026-03-03T08:00:01+08:00");
    assert_eq!(api::services::urgent::watch(app.state()).await.unwrap(), 1);
    // However often it is looked at, and after however long a silence.
    assert_eq!(api::services::urgent::watch(app.state()).await.unwrap(), 0);
    app.set_clock("2026-03-20T09:00:00+08:00");
    let editor = office.editor().await;
    assert_eq!(check(&editor).await, 0);
    let seen = look(&editor, &event).await;
    assert_eq!(seen["incidents"].as_array().unwrap().len(), 1);
    assert_eq!(seen["incidents"][0]["kind"], "MISSED");
    assert_eq!(seen["nextDue"]["isOverdue"], true);

    // What was missed is not late as well.
    let officer = office.officer(UNIT).await;
    let event = walk::report_urgent(&officer, &event, "FIRST", text("迟报说明。")).await;
    assert_eq!(look(&editor, &event).await["incidents"].as_array().unwrap().len(), 1);
    // The follow-up has a deadline of its own.
    app.set_clock("2026-03-23T09:00:00+08:00");
    let editor = office.editor().await;
    assert_eq!(check(&editor).await, 1);
    assert_eq!(look(&editor, &event).await["incidents"][1]["urgentStage"], "FOLLOW_UP");
}

async fn parts_come_in_order(app: TestApp) {
    let office = office(&app).await;
    let officer = office.officer(UNIT).await;
    let event = walk::open_urgent(&officer, &office, UNIT, "2026-03-02T08:30:00+08:00").await;
    let part = |event: &Value, stage: &str, more: Value| {
        let base = json!({ "event": event["id"], "expectedVersion": event["version"], "stage": stage });
        walk::merged(base, more)
    };
    for stage in ["FOLLOW_UP", "FINAL"] {
        let error = walk::refused(&officer, "reportUrgent", part(&event, stage, text("情况。")), "WRONG_STATE").await;
        assert_eq!(error["field"], "stage");
    }
    for (more, code, field) in [
        (json!({}), "INVALID", "text"),
        (json!({ "text": " " }), "INVALID", "text"),
        (json!({ "text": "情".repeat(5_001) }), "INVALID", "text"),
        (json!({ "text": "情况。", "endedAt": "2026-03-02T08:00:00+08:00" }), "INVALID", "endedAt"),
        (json!({ "text": "情况。", "endedAt": "2026-03-02T09:00:01+08:00" }), "INVALID", "endedAt"),
    ] {
        let error = walk::refused(&officer, "reportUrgent", part(&event, "FIRST", more), code).await;
        assert_eq!(error["field"], field);
    }
    walk::refused(&officer, "reportUrgent", part(&event, "FIRST", text("机密★情况。")), "CONFIDENTIAL").await;
    let stale = json!({ "text": "情况。", "expectedVersion": 9 });
    walk::refused(&officer, "reportUrgent", part(&event, "FIRST", stale), "VERSION_CONFLICT").await;
    let event = walk::report_urgent(&officer, &event, "FIRST", text("情况。")).await;
    walk::refused(&officer, "reportUrgent", part(&event, "FIRST", text("情况。")), "WRONG_STATE").await;
    // A final report says when it was over.
    let error = walk::refused(&officer, "reportUrgent", part(&event, "FINAL", text("情况。")), "INVALID").await;
    assert_eq!(error["field"], "endedAt");
    let over = json!({ "text": "情况。", "endedAt": "2026-03-02T08:50:00+08:00" });
    assert_eq!(walk::report_urgent(&officer, &event, "FINAL", over).await["state"], "CLOSED");
}

async fn only_the_contact_reports(app: TestApp) {
    let office = app.found("elsewhere", shipped::find("changsha").unwrap()).await;
    let (officer, chief) = (office.officer(UNIT).await, office.section_chief(UNIT).await);
    let event = walk::open_urgent(&chief, &office, UNIT, "2026-03-02T08:30:00+08:00").await;
    let input = walk::merged(
        json!({ "event": event["id"], "expectedVersion": event["version"], "stage": "FIRST" }),
        text("情况。"),
    );
    let error = walk::refused(&officer, "reportUrgent", input.clone(), "FORBIDDEN").await;
    expect!["the unit has no contact for urgent information; the office records one with recordStaffing"]
        .assert_eq(figures::text(&error["message"]));
    let duty = walk::designate(&office, UNIT, "2026-03-02").await;
    walk::refused(&chief, "reportUrgent", input.clone(), "FORBIDDEN").await;
    walk::refused(&office.editor().await, "reportUrgent", input.clone(), "FORBIDDEN").await;
    walk::refused(&office.officer("长沙县").await, "reportUrgent", input.clone(), "NOT_FOUND").await;
    let actions = "query($id: ID!) { node(id: $id) { ... on UrgentEvent { actions { name allowed } } } }";
    for (client, allowed) in [(&officer, true), (&chief, false)] {
        let seen = client.gql(actions, json!({ "id": event["id"] })).await;
        assert_eq!(seen["node"]["actions"][0], json!({ "name": "reportUrgent", "allowed": allowed }));
    }
    // Whose duty has ended reports no more.
    let over = json!({ "staffing": duty["id"], "expectedVersion": duty["version"], "lastDay": "2026-03-02" });
    walk::act(&office.editor().await, "endStaffing", "staffing { lastDay }", over).await;
    app.set_clock("2026-03-03T00:00:00+08:00");
    let officer = office.officer(UNIT).await;
    walk::refused(&officer, "reportUrgent", input.clone(), "FORBIDDEN").await;
    walk::designate(&office, UNIT, "2026-03-03").await;
    walk::act(&officer, "reportUrgent", "", input).await;
}

async fn a_unit_has_one_contact_at_a_time(app: TestApp) {
    let office = office(&app).await;
    let editor = office.editor().await;
    let person = office.section_chief(UNIT).await.gql("{ viewer { person { id } } }", json!({})).await;
    let person = &person["viewer"]["person"]["id"];
    let input = |more: Value| {
        let base = json!({ "name": "李科长", "duty": "URGENT_CONTACT", "person": person, "firstDay": "2026-03-02" });
        walk::merged(base, more)
    };
    let (here, there) = (office.unit_id(UNIT).await, office.unit_id("长沙县").await);
    let at =
        |unit: &str, more: Value| walk::merged(json!({ "network": office.network_id(), "unit": unit }), input(more));
    let error = walk::refused(&editor, "recordStaffing", at(&here, json!({})), "ALREADY_EXISTS").await;
    assert_eq!(error["field"], "duty");
    let before = json!({ "firstDay": "2025-01-01", "lastDay": "2025-12-31" });
    walk::act(&editor, "recordStaffing", "", at(&here, before)).await;
    walk::act(&editor, "recordStaffing", "", at(&there, json!({}))).await;
    let error = walk::refused(&editor, "recordStaffing", at(&there, json!({ "person": null })), "INVALID").await;
    assert_eq!(error["field"], "person");
}

async fn a_thread_of_items_counts_once(app: TestApp) {
    let office = office(&app).await;
    let officer = office.officer(UNIT).await;
    let event = walk::open_urgent(&officer, &office, UNIT, "2026-03-02T08:30:00+08:00").await;
    let mut items = Vec::new();
    for kind in ["urgent_first", "urgent_follow_up", "urgent_final"] {
        let row = office.submission(UNIT).await.kind(kind).submitted_on("2026-03-02").insert().await;
        items.push(tests::office::global("Submission", row.id.0));
    }
    let editor = office.editor().await;
    let submitted = async |editor: &Client| {
        let query = "query($network: ID!) {
            adoptionRates(network: $network, period: { id: \"2026-03\" }) { rows { unit { name } submitted } }
        }";
        let table = editor.gql(query, json!({ "network": office.network_id() })).await["adoptionRates"].take();
        let rows = table["rows"].as_array().cloned().unwrap_or_default();
        rows.iter().find(|row| row["unit"]["name"] == UNIT).map_or(json!(0), |row| row["submitted"].clone())
    };
    assert_eq!(submitted(&editor).await, 3);
    let event = walk::report_urgent(&officer, &event, "FIRST", json!({ "submission": items[0] })).await;
    let event = walk::report_urgent(&officer, &event, "FOLLOW_UP", json!({ "submission": items[1] })).await;
    let twice = json!({
        "event": event["id"], "expectedVersion": event["version"], "stage": "FOLLOW_UP", "submission": items[1],
    });
    assert_eq!(walk::refused(&officer, "reportUrgent", twice, "ALREADY_EXISTS").await["field"], "submission");
    assert_eq!(submitted(&editor).await, 2);
    let over = json!({ "submission": items[2], "endedAt": "2026-03-02T08:59:00+08:00" });
    walk::report_urgent(&officer, &event, "FINAL", over).await;
    assert_eq!(submitted(&editor).await, 1);

    // Each item knows its event, and the event its items.
    let query = "query($id: ID!) { submission(id: $id) { thread { id } } }";
    for item in &items {
        assert_eq!(editor.gql(query, json!({ "id": item })).await["submission"]["thread"]["id"], event["id"]);
    }
    // Another unit's item is not of this event.
    let other = office.submission("长沙县").await.submitted_on("2026-03-02").insert().await;
    let event = walk::open_urgent(&officer, &office, UNIT, "2026-03-02T08:30:00+08:00").await;
    let foreign = json!({
        "event": event["id"], "expectedVersion": event["version"], "stage": "FIRST",
        "submission": tests::office::global("Submission", other.id.0),
    });
    walk::refused(&officer, "reportUrgent", foreign, "NOT_FOUND").await;
}

async fn what_an_editor_finds_is_traced_to_the_unit(app: TestApp) {
    let office = office(&app).await;
    let editor = office.editor().await;
    let event = walk::open_urgent(&editor, &office, UNIT, "2026-03-02T08:30:00+08:00").await;
    for (kind, unit) in [("CONCEALED", UNIT), ("MISREPORTED", "市应急管理局")] {
        let input = json!({
            "network": office.network_id(), "unit": office.unit_id(unit).await, "kind": kind,
            "evidence": "倒查：现场监控与上报不符。", "occurredOn": "2026-03-02", "urgentEvent": event["id"],
        });
        let made = walk::act(&editor, "recordIncident", "incident { state urgentEvent { id } }", input).await;
        assert_eq!(made["incident"], json!({ "state": "PROPOSED", "urgentEvent": { "id": event["id"] } }));
    }
    let seen = look(&editor, &event).await;
    let kinds: Vec<_> = seen["incidents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["kind"].clone(), one["unit"]["name"].clone()))
        .collect();
    assert_eq!(kinds, [(json!("CONCEALED"), json!(UNIT)), (json!("MISREPORTED"), json!("市应急管理局"))]);
    assert!(seen["incidents"][0]["recordedBy"]["name"].is_string());
    // A unit sees what is said of itself.
    assert_eq!(look(&office.officer(UNIT).await, &event).await["incidents"].as_array().unwrap().len(), 1);
}

async fn an_event_may_be_closed_without_a_final_report(app: TestApp) {
    let office = office(&app).await;
    let editor = office.editor().await;
    let event = walk::open_urgent(&editor, &office, UNIT, "2026-03-02T08:30:00+08:00").await;
    let input = json!({ "event": event["id"], "expectedVersion": event["version"], "reason": "误报警" });
    walk::refused(&office.officer(UNIT).await, "closeUrgentEvent", input.clone(), "FORBIDDEN").await;
    let closed = walk::act(&editor, "closeUrgentEvent", "event { state closedBecause }", input).await;
    assert_eq!(closed["event"], json!({ "state": "CLOSED", "closedBecause": "误报警" }));
    app.set_clock("2026-03-20T09:00:00+08:00");
    assert_eq!(api::services::urgent::watch(app.state()).await.unwrap(), 0);
    let query = "query($network: ID!, $where: UrgentEventWhere) {
        urgentEvents(network: $network, where: $where, first: 10) { totalCount }
    }";
    for (wanted, count) in [
        (json!({ "state": "OPEN" }), 0),
        (json!({ "state": "CLOSED", "owner": office.unit_id(UNIT).await }), 1),
        (json!({ "from": "2026-03-02T00:30:01Z" }), 0),
        (json!({ "before": "2026-03-02T00:30:01Z" }), 1),
    ] {
        let editor = office.editor().await;
        let answer = editor.gql(query, json!({ "network": office.network_id(), "where": wanted })).await;
        assert_eq!(answer["urgentEvents"]["totalCount"], count, "{wanted}");
    }
}

async fn where_the_rules_set_no_deadline_nothing_is_late(app: TestApp) {
    walk::designate(&app, "阜康市", "2026-01-01").await;
    let officer = app.officer("阜康市").await;
    let event = walk::open_urgent(&officer, &app, "阜康市", "2026-02-20T08:30:00+08:00").await;
    assert_eq!(look(&officer, &event).await["nextDue"], json!({ "stage": "FIRST", "dueAt": null, "isOverdue": false }));
    let event = walk::report_urgent(&officer, &event, "FIRST", text("情况。")).await;
    let seen = look(&officer, &event).await;
    assert_eq!((&seen["reports"][0]["dueAt"], &seen["reports"][0]["lateBySeconds"]), (&json!(null), &json!(null)));
    assert_eq!((&seen["nextDue"], &seen["incidents"]), (&json!(null), &json!([])));
    assert_eq!(api::services::urgent::watch(app.state()).await.unwrap(), 0);
}

async fn what_can_be_opened(app: TestApp) {
    let office = office(&app).await;
    let officer = office.officer(UNIT).await;
    let here = office.unit_id(UNIT).await;
    let input = |more: Value| {
        let base =
            walk::merged(json!({ "network": office.network_id() }), walk::urgent(&here, "2026-03-02T08:30:00+08:00"));
        walk::merged(base, more)
    };
    for (more, code, field) in [
        (json!({ "occurredAt": "2026-03-02T09:00:01+08:00" }), "INVALID", "occurredAt"),
        (json!({ "occurredAt": "2019-03-02T09:00:00+08:00" }), "INVALID", "owner"),
        (json!({ "title": " " }), "INVALID", "title"),
        (json!({ "place": "处".repeat(61) }), "INVALID", "place"),
    ] {
        let error = walk::refused(&officer, "openUrgentEvent", input(more), code).await;
        assert_eq!(error["field"], field);
    }
    let elsewhere = json!({ "owner": office.unit_id("长沙县").await });
    walk::refused(&officer, "openUrgentEvent", input(elsewhere), "NOT_FOUND").await;
    walk::refused(&office.analyst().await, "openUrgentEvent", input(json!({})), "FORBIDDEN").await;
}
