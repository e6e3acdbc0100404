//! Commissions (约稿): asked, answered, judged by the deadline, struck off (销号).

pub(crate) mod actions;
pub(crate) mod chain;
pub(crate) mod costs;
pub(crate) mod deadlines;
pub(crate) mod ledger;

use serde_json::json;
use tests::app::TestApp;
use tests::figures;
use tests::walk;

tests::cases![
    an_answer_in_time_is_judged_and_struck_off,
    a_refused_answer_is_no_answer,
    an_answer_that_was_taken_back_is_none,
    an_answer_that_was_returned_is_awaited_again,
    a_unit_lists_the_commissions_that_ask_it,
    in_time_is_not_late_and_late_is_not_in_time,
    what_is_not_answered_is_missed_only_after_the_deadline,
    the_last_second_is_in_time,
    an_answer_may_miss_the_point,
    a_unit_may_be_let_off,
    a_commission_is_struck_off_when_all_is_judged,
    a_commission_asks_what_can_be_answered,
    a_unit_answers_for_itself,
    who_may_judge,
];

const UNITS: [&str; 3] = ["阜康市", "奇台县", "木垒县"];
const DUE: &str = "2026-03-05T18:00:00+08:00";
const AFTER: &str = "2026-03-05T18:00:01+08:00";

async fn an_answer_in_time_is_judged_and_struck_off(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS[..1], DUE).await;
    let assignment = walk::assignment(&commission, "阜康市");
    assert_eq!((&commission["state"], &assignment["state"]), (&json!("OPEN"), &json!("ASSIGNED")));

    // The unit finds it in its own list.
    let officer = app.officer("阜康市").await;
    let query = "query($network: ID!) { commissions(network: $network, first: 10) { nodes {
        topic requirement state assignments { id unit { name } state }
    } } }";
    let seen = officer.gql(query, json!({ "network": app.network_id() })).await;
    assert_eq!(seen["commissions"]["nodes"][0]["assignments"][0]["id"], assignment["id"]);

    app.set_clock("2026-03-04T16:00:00+08:00");
    let answer = walk::answer(&app, "阜康市", assignment).await;
    let editor = app.editor().await;
    let seen = walk::look_at_assignment(&editor, assignment).await;
    assert_eq!(seen["state"], "ANSWERED");
    assert!(figures::text(&seen["answeredAt"]).starts_with("2026-03-04T08:00:00"));
    assert_eq!(seen["lateBySeconds"], json!(null));
    let linked = "query($id: ID!) { submission(id: $id) { assignment { id commission { topic } } } }";
    let linked = editor.gql(linked, json!({ "id": answer["id"] })).await["submission"].take();
    assert_eq!(linked["assignment"]["id"], assignment["id"]);

    let judged = walk::judge(&editor, assignment, "ANSWERED").await;
    assert_eq!((&judged["state"], &judged["outcome"]), (&json!("ACCEPTED"), &json!("ANSWERED")));
    // It counts on the day on which it was answered.
    assert_eq!(judged["decidedOn"], "2026-03-04");
    assert_eq!(figures::score(&editor, &app, "阜康市", "2026-03").await, "0");
}

async fn a_refused_answer_is_no_answer(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS[..1], DUE).await;
    let assignment = walk::assignment(&commission, "阜康市");
    let officer = app.officer("阜康市").await;
    let input = json!({
        "network": app.network_id(),
        "unit": app.unit_id("阜康市").await,
        "assignment": assignment["id"],
        "content": walk::content(),
    });
    let unsigned = walk::act(&officer, "createSubmission", walk::SUBMISSION, input).await["submission"].take();
    let refused = walk::step(&officer, "submitSubmission", &unsigned).await;
    assert_eq!(refused["state"], "REFUSED");
    let seen = walk::look_at_assignment(&officer, assignment).await;
    assert_eq!((&seen["state"], &seen["answeredAt"]), (&json!("ASSIGNED"), &json!(null)));
}

async fn an_answer_that_was_returned_is_awaited_again(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS[..2], DUE).await;
    let assignment = walk::assignment(&commission, UNITS[0]);
    let answered = walk::answer(&app, UNITS[0], assignment).await;
    let returned = walk::send_back(&editor, &answered).await;
    let seen = walk::look_at_assignment(&editor, assignment).await;
    assert_eq!((&seen["state"], &seen["answeredAt"]), (&json!("REWORK"), &json!(null)));
    assert_eq!(seen["comment"], "请核实数据");
    // Handed in again, it answers again, and still in time.
    let signed = walk::step(&app.leader(UNITS[0]).await, "signSubmission", &returned).await;
    let again = walk::step(&app.officer(UNITS[0]).await, "submitSubmission", &signed).await;
    let seen = walk::look_at_assignment(&editor, assignment).await;
    assert_eq!((&seen["state"], &seen["lateBySeconds"]), (&json!("ANSWERED"), &json!(null)));

    // After the deadline, it is returned with a new one, so that what came in time does not become late.
    app.set_clock(AFTER);
    let editor = app.editor().await;
    let input = walk::on(&again, json!({ "reason": "STYLE", "comment": "请精简" }));
    walk::refused(&editor, "returnSubmission", input, "WRONG_STATE").await;
    let query = "query($id: ID!) { submission(id: $id) { actions { name allowed } } }";
    let offered = editor.gql(query, json!({ "id": again["id"] })).await["submission"]["actions"].take();
    let returning = offered.as_array().unwrap().iter().find(|act| act["name"] == "returnSubmission");
    assert_eq!(returning.unwrap()["allowed"], false);
    let more = json!({ "reason": "STYLE", "comment": "请精简", "dueAt": "2026-03-09T18:00:00+08:00" });
    walk::on_assignment(&editor, "reworkAnswer", assignment, more).await;
    assert_eq!(walk::look_at_assignment(&editor, assignment).await["state"], "REWORK");

    // What was late stays late, returned or not.
    let late = walk::answer(&app, UNITS[1], walk::assignment(&commission, UNITS[1])).await;
    walk::send_back(&editor, &late).await;
    let seen = walk::look_at_assignment(&editor, walk::assignment(&commission, UNITS[1])).await;
    assert_eq!((&seen["state"], &seen["answeredAt"]), (&json!("OVERDUE"), &json!(null)));
    assert_eq!(seen["judgedBy"], seen["dueAt"]);
}

async fn a_unit_lists_the_commissions_that_ask_it(app: TestApp) {
    let editor = app.editor().await;
    for units in [&UNITS[..1], &UNITS[..2], &UNITS[1..]] {
        walk::commission(&editor, &app, units, DUE).await;
    }
    let query = "query($unit: ID!, $where: CommissionWhere) { unit(id: $unit) {
        commissions(first: 10, where: $where, orderBy: OLDEST) { totalCount nodes { assignments { unit { name } } } }
    } }";
    let asked = async |client: &tests::client::Client, unit: &str, chosen: serde_json::Value| {
        let ids = json!({ "unit": app.unit_id(unit).await, "where": chosen });
        client.gql(query, ids).await["unit"]["commissions"].take()
    };
    for (unit, count) in [(UNITS[0], 2), (UNITS[1], 2), (UNITS[2], 1), ("昌吉市", 0)] {
        assert_eq!(asked(&editor, unit, json!(null)).await["totalCount"], count, "{unit}");
    }
    let overdue = asked(&editor, UNITS[0], json!({ "isOverdue": true })).await;
    assert_eq!(overdue["totalCount"], 0);
    // The unit sees its own part of them; another unit knows nothing of it.
    let own = asked(&app.officer(UNITS[0]).await, UNITS[0], json!(null)).await;
    assert_eq!(own["nodes"][1]["assignments"], json!([{ "unit": { "name": UNITS[0] } }]));
    assert!(asked(&app.officer(UNITS[2]).await, UNITS[0], json!(null)).await.is_null());
}

async fn in_time_is_not_late_and_late_is_not_in_time(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS[..2], DUE).await;
    let (in_time, late) = (walk::assignment(&commission, "阜康市"), walk::assignment(&commission, "奇台县"));
    walk::answer(&app, "阜康市", in_time).await;
    app.set_clock("2026-03-05T19:30:00+08:00");
    walk::answer(&app, "奇台县", late).await;

    let editor = app.editor().await;
    for (assignment, impossible) in [(in_time, ["LATE", "MISSED"]), (late, ["ANSWERED", "MISSED"])] {
        for outcome in impossible {
            let error = walk::misjudge(&editor, assignment, outcome, "INVALID").await;
            assert_eq!(error["field"], "outcome");
        }
    }
    walk::judge(&editor, in_time, "ANSWERED").await;
    let judged = walk::judge(&editor, late, "LATE").await;
    assert_eq!(judged["lateBySeconds"], 5_400);
    // It counts on the day on which it fell due.
    assert_eq!(judged["decidedOn"], "2026-03-05");
    assert_eq!(figures::score(&editor, &app, "阜康市", "2026-03").await, "0");
    // 附件1 三(三): late, 10 points each time.
    assert_eq!(figures::score(&editor, &app, "奇台县", "2026-03").await, "-10");
}

async fn what_is_not_answered_is_missed_only_after_the_deadline(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS[..1], DUE).await;
    let assignment = walk::assignment(&commission, "阜康市");
    for outcome in ["MISSED", "ANSWERED", "LATE", "OFF_TOPIC"] {
        walk::misjudge(&editor, assignment, outcome, "WRONG_STATE").await;
    }
    app.set_clock(DUE);
    walk::misjudge(&app.editor().await, assignment, "MISSED", "WRONG_STATE").await;
    app.set_clock(AFTER);
    let editor = app.editor().await;
    walk::misjudge(&editor, assignment, "LATE", "INVALID").await;
    let judged = walk::judge(&editor, assignment, "MISSED").await;
    assert_eq!((&judged["outcome"], &judged["decidedOn"]), (&json!("MISSED"), &json!("2026-03-05")));
    assert_eq!(figures::score(&editor, &app, "阜康市", "2026-03").await, "-10");
}

async fn the_last_second_is_in_time(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS[..2], DUE).await;
    let (last, over) = (walk::assignment(&commission, "阜康市"), walk::assignment(&commission, "奇台县"));
    app.set_clock(DUE);
    walk::answer(&app, "阜康市", last).await;
    app.set_clock(AFTER);
    walk::answer(&app, "奇台县", over).await;
    let editor = app.editor().await;
    walk::judge(&editor, last, "ANSWERED").await;
    assert_eq!(walk::judge(&editor, over, "LATE").await["lateBySeconds"], 1);
}

async fn an_answer_may_miss_the_point(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS[..1], DUE).await;
    let assignment = walk::assignment(&commission, "阜康市");
    walk::answer(&app, "阜康市", assignment).await;
    walk::judge(&editor, assignment, "OFF_TOPIC").await;
    assert_eq!(figures::score(&editor, &app, "阜康市", "2026-03").await, "-10");

    // A judgement that was wrong is judged again, and counts once.
    walk::judge(&editor, assignment, "ANSWERED").await;
    assert_eq!(figures::score(&editor, &app, "阜康市", "2026-03").await, "0");
}

async fn a_unit_may_be_let_off(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS[..1], DUE).await;
    let assignment = walk::assignment(&commission, "阜康市");
    let input = json!({ "assignment": assignment["id"], "expectedVersion": assignment["version"] });
    let excused = walk::act(&editor, "excuseAssignment", "assignment { state outcome decidedOn }", input.clone()).await;
    assert_eq!(excused["assignment"], json!({ "state": "EXCUSED", "outcome": null, "decidedOn": null }));
    walk::refused(&editor, "excuseAssignment", input, "WRONG_STATE").await;

    app.set_clock(AFTER);
    assert_eq!(figures::score(&app.editor().await, &app, "阜康市", "2026-03").await, "0");
}

async fn a_commission_is_struck_off_when_all_is_judged(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS, DUE).await;
    let close =
        |version: i64| json!({ "commission": commission["id"], "expectedVersion": version, "reason": "已全部反馈" });
    let version = commission["version"].as_i64().unwrap();
    let [answered, missed, excused] = UNITS.map(|unit| walk::assignment(&commission, unit));

    walk::refused(&editor, "closeCommission", close(version), "WRONG_STATE").await;
    walk::answer(&app, UNITS[0], answered).await;
    walk::judge(&editor, answered, "ANSWERED").await;
    let input = json!({ "assignment": excused["id"], "expectedVersion": excused["version"] });
    walk::act(&editor, "excuseAssignment", "assignment { state }", input).await;
    walk::refused(&editor, "closeCommission", close(version), "WRONG_STATE").await;

    app.set_clock(AFTER);
    let editor = app.editor().await;
    walk::judge(&editor, missed, "MISSED").await;
    let mut nameless = close(version);
    nameless["reason"] = " ".into();
    let error = walk::refused(&editor, "closeCommission", nameless, "INVALID").await;
    assert_eq!(error["field"], "reason");
    walk::refused(&editor, "closeCommission", close(version + 1), "VERSION_CONFLICT").await;
    let closed =
        walk::act(&editor, "closeCommission", "commission { state closedBecause version }", close(version)).await;
    assert_eq!(
        closed["commission"],
        json!({ "state": "CLOSED", "closedBecause": "已全部反馈", "version": version + 1 })
    );
    walk::refused(&editor, "closeCommission", close(version + 1), "WRONG_STATE").await;
    // What was struck off stays as it is.
    walk::misjudge(&editor, answered, "OFF_TOPIC", "WRONG_STATE").await;
}

async fn an_answer_that_was_taken_back_is_none(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS[..1], DUE).await;
    let assignment = walk::assignment(&commission, "阜康市");
    let (first, second) =
        (walk::answer(&app, "阜康市", assignment).await, walk::answer(&app, "阜康市", assignment).await);
    let officer = app.officer("阜康市").await;
    // Of two answers one is left; of one, none.
    for (answer, state) in [(&first, "ANSWERED"), (&second, "ASSIGNED")] {
        walk::step(&officer, "withdrawSubmission", answer).await;
        assert_eq!(walk::look_at_assignment(&officer, assignment).await["state"], state);
    }
    app.set_clock(AFTER);
    let editor = app.editor().await;
    walk::judge(&editor, assignment, "MISSED").await;
    assert_eq!(figures::score(&editor, &app, "阜康市", "2026-03").await, "-10");
}

async fn a_commission_asks_what_can_be_answered(app: TestApp) {
    let editor = app.editor().await;
    let unit = app.unit_id("阜康市").await;
    let good = json!({
        "network": app.network_id(),
        "topic": "一季度重点项目开工情况",
        "requirement": "请报送开工项目数。",
        "dueAt": DUE,
        "units": [unit],
    });
    for (change, field) in [
        (json!({ "topic": "" }), "topic"),
        (json!({ "requirement": "请".repeat(5_001) }), "requirement"),
        (json!({ "dueAt": "2026-03-02T09:00:00+08:00" }), "dueAt"),
        (json!({ "units": [] }), "units"),
        (json!({ "units": [unit, unit] }), "units"),
        (json!({ "origin": "galaxy" }), "origin"),
    ] {
        let mut input = good.clone();
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let error = walk::refused(&editor, "issueCommission", input, "INVALID").await;
        assert_eq!(error["field"], field);
    }
    let mut input = good.clone();
    input["units"] = json!([unit, tests::office::global("Unit", 999_999)]);
    let error = walk::refused(&editor, "issueCommission", input, "NOT_FOUND").await;
    assert_eq!(error["field"], "units");

    let mut input = good;
    input["origin"] = "state".into();
    let issued = walk::act(&editor, "issueCommission", "commission { origin state }", input).await;
    assert_eq!(issued["commission"], json!({ "origin": "state", "state": "OPEN" }));
}

async fn a_unit_answers_for_itself(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS[..2], DUE).await;
    let others = walk::assignment(&commission, "奇台县");
    let officer = app.officer("阜康市").await;

    let input = json!({
        "network": app.network_id(),
        "unit": app.unit_id("阜康市").await,
        "assignment": others["id"],
        "content": walk::content(),
    });
    let error = walk::refused(&officer, "createSubmission", input, "NOT_FOUND").await;
    assert_eq!(error["field"], "assignment");
    assert_eq!(walk::look_at_assignment(&officer, others).await, json!(null));

    // It sees that it is asked, and not who else is.
    let query = "query($id: ID!) { node(id: $id) { ... on Commission { assignments { unit { name } } } } }";
    let seen = officer.gql(query, json!({ "id": commission["id"] })).await;
    assert_eq!(seen["node"]["assignments"], json!([{ "unit": { "name": "阜康市" } }]));
    let seen = app.officer("玛纳斯县").await.gql(query, json!({ "id": commission["id"] })).await;
    assert_eq!(seen["node"], json!(null));
}

async fn who_may_judge(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS[..1], DUE).await;
    let assignment = walk::assignment(&commission, "阜康市");
    walk::answer(&app, "阜康市", assignment).await;
    for client in [app.officer("阜康市").await, app.leader("阜康市").await, app.chief_editor().await] {
        walk::misjudge(&client, assignment, "ANSWERED", "FORBIDDEN").await;
    }
    let input = json!({ "assignment": assignment["id"], "expectedVersion": 1, "outcome": "ANSWERED" });
    walk::refused(&app.officer("奇台县").await, "judgeAnswer", input.clone(), "NOT_FOUND").await;
    // The answer changed it since it was read.
    walk::refused(&editor, "judgeAnswer", input, "VERSION_CONFLICT").await;
}
