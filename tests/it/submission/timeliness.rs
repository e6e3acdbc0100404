//! Deadlines of kinds (时限): lateness is on record, and rules read it.

use analytics::rulebook::shipped;
use serde_json::{Value, json};
use tests::app::{HOME, TestApp};
use tests::figures;
use tests::office::Office;
use tests::walk;

tests::cases![
    each_kind_has_its_deadline,
    a_kind_with_a_deadline_wants_the_day_of_the_event,
    the_first_hand_in_decides_whether_it_was_late,
    an_event_of_tomorrow_cannot_be_reported,
    a_rule_reads_the_deadline,
];

const UNIT: &str = "昌吉市";

/// Hands an item of a kind about an event in, and returns it with its lateness.
async fn report(office: &Office, kind: &str, happened_on: &str) -> Value {
    let (officer, leader) = (office.officer(UNIT).await, office.leader(UNIT).await);
    let content = walk::merged(walk::content(), json!({ "kind": kind, "happenedOn": happened_on }));
    let drafted = walk::draft(&officer, office, UNIT, content).await;
    let signed = walk::step(&leader, "signSubmission", &drafted).await;
    let selection = "submission { id version state happenedOn dueOn lateDays }";
    walk::act(&officer, "submitSubmission", selection, walk::on(&signed, json!({}))).await["submission"].take()
}

async fn each_kind_has_its_deadline(app: TestApp) {
    // Today is the second of March. A leader's speech the same day, a meeting and an instruction's follow-up within a week,
    // a month's figures by the 15th of the next.
    for (kind, event, due, late) in [
        ("leader_speech", "2026-03-02", json!("2026-03-02"), json!(0)),
        ("leader_speech", "2026-03-01", json!("2026-03-01"), json!(1)),
        ("meeting", "2026-02-23", json!("2026-03-02"), json!(0)),
        ("meeting", "2026-02-22", json!("2026-03-01"), json!(1)),
        ("endorsement_follow_up", "2026-02-20", json!("2026-02-27"), json!(3)),
        ("monthly_statistics", "2026-02-28", json!("2026-03-15"), json!(0)),
        ("monthly_statistics", "2026-01-31", json!("2026-02-15"), json!(15)),
        ("dynamic", "2026-01-31", Value::Null, Value::Null),
    ] {
        let seen = report(&app, kind, event).await;
        assert_eq!(seen["state"], "SUBMITTED");
        assert_eq!((&seen["dueOn"], &seen["lateDays"]), (&due, &late), "{kind} about {event}");
    }
}

async fn a_kind_with_a_deadline_wants_the_day_of_the_event(app: TestApp) {
    let (officer, leader) = (app.officer(UNIT).await, app.leader(UNIT).await);
    let mut content = walk::content();
    content["kind"] = "meeting".into();
    let drafted = walk::draft(&officer, &app, UNIT, content.clone()).await;
    let signed = walk::step(&leader, "signSubmission", &drafted).await;
    let selection = "submission { id version state lateDays } refusals { code field }";
    let payload = walk::act(&officer, "submitSubmission", selection, walk::on(&signed, json!({}))).await;
    assert_eq!(payload["submission"]["state"], "REFUSED");
    assert_eq!(payload["refusals"], json!([{ "code": "NO_EVENT_DAY", "field": "happenedOn" }]));
    assert_eq!(payload["submission"]["lateDays"], Value::Null);

    content["happenedOn"] = "2026-03-01".into();
    let input = walk::on(&payload["submission"], json!({ "content": content }));
    let mended = walk::act(&officer, "updateSubmission", walk::SUBMISSION, input).await["submission"].take();
    let signed = walk::step(&leader, "signSubmission", &mended).await;
    assert_eq!(walk::step(&officer, "submitSubmission", &signed).await["state"], "SUBMITTED");
}

async fn the_first_hand_in_decides_whether_it_was_late(app: TestApp) {
    let reported = report(&app, "leader_speech", "2026-03-02").await;
    walk::send_back(&app.editor().await, &reported).await;
    app.set_clock("2026-03-09T09:00:00+08:00");
    let (officer, leader) = (app.officer(UNIT).await, app.leader(UNIT).await);
    let query = "query($id: ID!) { submission(id: $id) { id version lateDays dueOn submittedOn } }";
    let seen = officer.gql(query, json!({ "id": reported["id"] })).await["submission"].take();
    let again = walk::step(&officer, "submitSubmission", &walk::step(&leader, "signSubmission", &seen).await).await;
    assert_eq!(again["state"], "SUBMITTED");
    let seen = officer.gql(query, json!({ "id": reported["id"] })).await["submission"].take();
    assert_eq!(seen["submittedOn"], "2026-03-02");
    assert_eq!((&seen["dueOn"], &seen["lateDays"]), (&json!("2026-03-02"), &json!(0)));
}

async fn an_event_of_tomorrow_cannot_be_reported(app: TestApp) {
    let officer = app.officer(UNIT).await;
    let content = walk::merged(walk::content(), json!({ "happenedOn": "2026-03-03" }));
    let input = json!({ "network": app.network_id(), "unit": app.unit_id(UNIT).await, "content": content });
    let error = walk::refused(&officer, "createSubmission", input, "INVALID").await;
    assert_eq!(error["field"], "content.happenedOn");
}

async fn a_rule_reads_the_deadline(app: TestApp) {
    let rule = "\n[[rule]]\nid = \"report.late\"\nclause = \"正文 二(二)\"\ntitle = \"迟报\"\non = \"submission\"\n\
                where = \"submitted_on > kind_due_on\"\npoints = \"-2\"\n";
    let office = app.found("prompt", &format!("{}{rule}", shipped::find(HOME).unwrap())).await;
    report(&office, "meeting", "2026-02-23").await;
    let editor = office.editor().await;
    assert_eq!(figures::score(&editor, &office, UNIT, "2026-03").await, "0");
    report(&office, "meeting", "2026-02-22").await;
    assert_eq!(figures::score(&editor, &office, UNIT, "2026-03").await, "-2");
}
