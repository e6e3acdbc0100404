//! Deadlines: what is overdue is so by the clock alone, and who was late stays late.

use api::services::commission::standing::{Standing, falling_due};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::app::{TestApp, at};
use tests::client::Client;
use tests::figures::text;
use tests::walk;

tests::cases![
    the_clock_alone_makes_it_overdue,
    an_extension_in_time_moves_the_deadline,
    an_extension_afterwards_does_not_make_the_late_punctual,
    one_unit_may_get_more_time,
    an_extension_says_why_and_until_when,
    a_unit_may_have_a_deadline_of_its_own,
    a_unit_takes_note,
    an_item_that_exists_answers,
    an_answer_goes_back_and_comes_again,
    who_was_late_stays_late_after_a_rework,
    left_to_the_deadlines_the_outcome_follows,
    what_falls_due_is_known_beforehand,
];

const UNITS: [&str; 2] = ["阜康市", "奇台县"];
const DUE: &str = "2026-03-05T18:00:00+08:00";
const AFTER: &str = "2026-03-06T10:00:00+08:00";
const LATER: &str = "2026-03-10T18:00:00+08:00";

/// The assignments of the network that a filter finds, as unit and state.
async fn found(client: &Client, app: &TestApp, filter: Value) -> Vec<(String, String)> {
    let query = "query($network: ID!, $where: AssignmentWhere) {
        assignments(network: $network, where: $where, orderBy: DUE_FIRST, first: 50) { nodes { unit { name } state } }
    }";
    let answer = client.gql(query, json!({ "network": app.network_id(), "where": filter })).await;
    let nodes = answer["assignments"]["nodes"].as_array().cloned().unwrap_or_default();
    nodes.iter().map(|row| (text(&row["unit"]["name"]).to_owned(), text(&row["state"]).to_owned())).collect()
}

fn row(unit: &str, state: &str) -> (String, String) {
    (unit.to_owned(), state.to_owned())
}

async fn the_clock_alone_makes_it_overdue(app: TestApp) {
    let commission = walk::commission(&app.editor().await, &app, &UNITS, DUE).await;
    let first = walk::assignment(&commission, UNITS[0]);
    walk::answer(&app, UNITS[0], first).await;
    app.set_clock(DUE);
    let editor = app.editor().await;
    assert_eq!(found(&editor, &app, json!({ "isOverdue": true })).await, []);
    assert_eq!(found(&editor, &app, json!({ "states": ["ASSIGNED"] })).await, [row(UNITS[1], "ASSIGNED")]);

    app.set_clock(AFTER);
    let editor = app.editor().await;
    assert_eq!(found(&editor, &app, json!({ "isOverdue": true })).await, [row(UNITS[1], "OVERDUE")]);
    assert_eq!(found(&editor, &app, json!({ "states": ["OVERDUE"] })).await, [row(UNITS[1], "OVERDUE")]);
    assert_eq!(found(&editor, &app, json!({ "states": ["ASSIGNED", "READ"] })).await, []);
    assert_eq!(found(&editor, &app, json!({ "states": [] })).await, []);
    assert_eq!(found(&editor, &app, json!({ "isOverdue": false })).await, [row(UNITS[0], "ANSWERED")]);
    // Each unit sees its own.
    assert_eq!(found(&app.officer(UNITS[1]).await, &app, json!({})).await, [row(UNITS[1], "OVERDUE")]);
    let seen = walk::look_at_assignment(&editor, walk::assignment(&commission, UNITS[1])).await;
    assert_eq!((&seen["overdueBySeconds"], &seen["expectedOutcome"]), (&json!(57_600), &json!("MISSED")));

    let query = "query($network: ID!, $where: CommissionWhere) {
        commissions(network: $network, where: $where, first: 10) { totalCount } }";
    for (filter, count) in [
        (json!({ "isOverdue": true }), 1),
        (json!({ "isOverdue": false }), 0),
        (json!({ "units": [app.unit_id("木垒县").await] }), 0),
        (json!({ "units": [app.unit_id(UNITS[0]).await], "topicContains": "重点项目" }), 1),
        (json!({ "origins": ["state"] }), 0),
        (json!({ "state": "OPEN", "dueTo": DUE }), 1),
    ] {
        let answer = editor.gql(query, json!({ "network": app.network_id(), "where": filter })).await;
        assert_eq!(answer["commissions"]["totalCount"], count, "{filter}");
    }
}

async fn an_extension_in_time_moves_the_deadline(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS, DUE).await;
    let assignment = walk::assignment(&commission, UNITS[0]);
    let extended = walk::extend(&editor, &commission, None, LATER).await;
    assert_eq!(at(text(&extended["dueAt"])), at(LATER));
    assert_eq!(extended["version"], commission["version"].as_i64().unwrap() + 1);

    app.set_clock(AFTER);
    walk::answer(&app, UNITS[0], assignment).await;
    let editor = app.editor().await;
    let judged = walk::judge(&editor, assignment, "ANSWERED").await;
    assert_eq!((&judged["lateBySeconds"], &judged["decidedOn"]), (&json!(null), &json!("2026-03-06")));
    // Every deadline that was replaced is on record.
    let seen = walk::look_at_assignment(&editor, assignment).await;
    let extension = &seen["extensions"][0];
    assert_eq!((at(text(&extension["oldDueAt"])), at(text(&extension["newDueAt"]))), (at(DUE), at(LATER)));
    assert_eq!((&extension["reason"], &seen["fellDueAt"]), (&json!("节假日顺延"), &json!(null)));
}

async fn an_extension_afterwards_does_not_make_the_late_punctual(app: TestApp) {
    let commission = walk::commission(&app.editor().await, &app, &UNITS, DUE).await;
    let [answers, never] = UNITS.map(|unit| walk::assignment(&commission, unit));
    app.set_clock(AFTER);
    let editor = app.editor().await;
    walk::extend(&editor, &commission, None, LATER).await;
    let seen = walk::look_at_assignment(&editor, answers).await;
    // It is awaited again, and what happened is not forgotten.
    assert_eq!((&seen["state"], &seen["overdueBySeconds"]), (&json!("ASSIGNED"), &json!(null)));
    assert_eq!((at(text(&seen["fellDueAt"])), at(text(&seen["judgedBy"]))), (at(DUE), at(DUE)));
    assert_eq!(at(text(&seen["dueAt"])), at(LATER));

    app.set_clock("2026-03-09T10:00:00+08:00");
    walk::answer(&app, UNITS[0], answers).await;
    let editor = app.editor().await;
    walk::misjudge(&editor, answers, "ANSWERED", "INVALID").await;
    walk::misjudge(&editor, never, "MISSED", "WRONG_STATE").await;
    let judged = walk::judge(&editor, answers, "LATE").await;
    // Late by the deadline that was in force when it passed, and counted on that day.
    assert_eq!((&judged["lateBySeconds"], &judged["decidedOn"]), (&json!(316_800), &json!("2026-03-05")));
    app.set_clock("2026-03-11T10:00:00+08:00");
    let editor = app.editor().await;
    walk::extend(&editor, &commission, None, "2026-03-20T18:00:00+08:00").await;
    let seen = walk::look_at_assignment(&editor, never).await;
    assert_eq!(at(text(&seen["judgedBy"])), at(DUE));
    assert_eq!(seen["extensions"].as_array().map(Vec::len), Some(2));
}

async fn one_unit_may_get_more_time(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS, DUE).await;
    let [more, same] = UNITS.map(|unit| walk::assignment(&commission, unit));
    let extended = walk::extend(&editor, &commission, Some(&[more]), LATER).await;
    assert_eq!(at(text(&extended["dueAt"])), at(DUE), "the commission's own deadline stays");
    app.set_clock(AFTER);
    let editor = app.editor().await;
    let states = [more, same].map(|assignment| walk::look_at_assignment(&editor, assignment));
    let [more, same] = states;
    assert_eq!((more.await["state"].take(), same.await["state"].take()), (json!("ASSIGNED"), json!("OVERDUE")));
}

async fn an_extension_says_why_and_until_when(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS, DUE).await;
    let [first, second] = UNITS.map(|unit| walk::assignment(&commission, unit));
    let good = json!({ "commission": commission["id"], "expectedVersion": 1, "dueAt": LATER, "reason": "节假日顺延" });
    for (change, code, field) in [
        (json!({ "reason": " " }), "INVALID", "reason"),
        (json!({ "reason": "因".repeat(501) }), "INVALID", "reason"),
        (json!({ "dueAt": DUE }), "INVALID", "dueAt"),
        (json!({ "dueAt": "2026-03-01T18:00:00+08:00" }), "INVALID", "dueAt"),
        (json!({ "assignments": [] }), "INVALID", "assignments"),
        (
            json!({ "assignments": [tests::office::global("CommissionAssignment", 999_999)] }),
            "NOT_FOUND",
            "assignments",
        ),
        (json!({ "expectedVersion": 7 }), "VERSION_CONFLICT", "expectedVersion"),
    ] {
        let error = walk::refused(&editor, "extendCommission", walk::merged(good.clone(), change), code).await;
        assert_eq!(error["field"], field);
    }
    walk::refused(&app.officer(UNITS[0]).await, "extendCommission", good.clone(), "FORBIDDEN").await;
    walk::answer(&app, UNITS[0], first).await;
    let answered = walk::merged(good.clone(), json!({ "assignments": [first["id"]] }));
    walk::refused(&editor, "extendCommission", answered, "WRONG_STATE").await;
    walk::on_assignment(&editor, "excuseAssignment", second, json!({ "reason": "机构调整" })).await;
    assert_eq!(walk::look_at_assignment(&editor, second).await["comment"], "机构调整");
    walk::refused(&editor, "extendCommission", good, "WRONG_STATE").await;
}

async fn a_unit_may_have_a_deadline_of_its_own(app: TestApp) {
    let editor = app.editor().await;
    let [first, second] = [app.unit_id(UNITS[0]).await, app.unit_id(UNITS[1]).await];
    let good = json!({
        "network": app.network_id(), "topic": "春耕", "requirement": "报送进度", "dueAt": LATER,
        "units": [first, second], "ownDeadlines": [{ "unit": second, "dueAt": DUE }],
    });
    for own in [
        json!([{ "unit": second, "dueAt": "2026-03-01T18:00:00+08:00" }]),
        json!([{ "unit": app.unit_id("木垒县").await, "dueAt": DUE }]),
        json!([{ "unit": second, "dueAt": DUE }, { "unit": second, "dueAt": LATER }]),
    ] {
        let input = walk::merged(good.clone(), json!({ "ownDeadlines": own }));
        let error = walk::refused(&editor, "issueCommission", input, "INVALID").await;
        assert_eq!(error["field"], "ownDeadlines");
    }
    let selection = "commission { dueAt assignments { unit { name } dueAt } }";
    let issued = walk::act(&editor, "issueCommission", selection, good).await["commission"].take();
    let due = |unit| at(text(&walk::assignment(&issued, unit)["dueAt"]));
    assert_eq!((due(UNITS[0]), due(UNITS[1])), (at(LATER), at(DUE)));
}

async fn a_unit_takes_note(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS, DUE).await;
    let [by_leader, by_officer] = UNITS.map(|unit| walk::assignment(&commission, unit));
    let read = walk::on_assignment(&app.leader(UNITS[0]).await, "readCommission", by_leader, json!({})).await;
    assert_eq!(read["state"], "READ");
    let seen = walk::look_at_assignment(&editor, by_leader).await;
    assert_eq!(at(text(&seen["readAt"])), app.now());
    let again = json!({ "assignment": read["id"], "expectedVersion": read["version"] });
    walk::refused(&app.officer(UNITS[0]).await, "readCommission", again.clone(), "WRONG_STATE").await;
    walk::refused(&editor, "readCommission", again.clone(), "FORBIDDEN").await;
    walk::refused(&app.officer(UNITS[1]).await, "readCommission", again, "NOT_FOUND").await;

    // Whoever reads it after the deadline has read it, and is overdue all the same.
    app.set_clock(AFTER);
    let officer = app.officer(UNITS[1]).await;
    let read = walk::on_assignment(&officer, "readCommission", by_officer, json!({})).await;
    assert_eq!(read["state"], "OVERDUE");
    assert_eq!(at(text(&walk::look_at_assignment(&officer, by_officer).await["readAt"])), app.now());
}

async fn an_item_that_exists_answers(app: TestApp) {
    let item = walk::submit(&app, UNITS[0]).await;
    let commission = walk::commission(&app.editor().await, &app, &UNITS, DUE).await;
    let [assignment, others] = UNITS.map(|unit| walk::assignment(&commission, unit));
    let officer = app.officer(UNITS[0]).await;
    let answer = |assignment: &Value, item: &Value| json!({ "assignment": assignment["id"], "expectedVersion": assignment["version"], "submission": item["id"] });
    walk::refused(&officer, "answerCommission", answer(others, &item), "NOT_FOUND").await;
    let foreign = walk::submit(&app, UNITS[1]).await;
    let error = walk::refused(&officer, "answerCommission", answer(assignment, &foreign), "NOT_FOUND").await;
    assert_eq!(error["field"], "submission");

    // It answers when it is linked, however early it was handed in.
    app.set_clock("2026-03-04T10:00:00+08:00");
    let officer = app.officer(UNITS[0]).await;
    let more = json!({ "submission": item["id"] });
    let answered = walk::on_assignment(&officer, "answerCommission", assignment, more.clone()).await;
    assert_eq!(answered["state"], "ANSWERED");
    assert_eq!(at(text(&walk::look_at_assignment(&officer, assignment).await["answeredAt"])), app.now());
    let query = "query($id: ID!) { node(id: $id) { ... on CommissionAssignment { submissions { id } } } }";
    let linked = officer.gql(query, json!({ "id": assignment["id"] })).await;
    assert_eq!(linked["node"]["submissions"], json!([{ "id": item["id"] }]));
    let error = walk::refused(&officer, "answerCommission", answer(&answered, &item), "ALREADY_EXISTS").await;
    assert_eq!(error["field"], "submission");

    // A draft answers when it is handed in; what was taken back never does.
    let officer = app.officer(UNITS[1]).await;
    let draft = walk::draft(&officer, &app, UNITS[1], walk::content()).await;
    let linked = walk::on_assignment(&officer, "answerCommission", others, json!({ "submission": draft["id"] })).await;
    assert_eq!(linked["state"], "ASSIGNED");
    let withdrawn = walk::step(&officer, "withdrawSubmission", &foreign).await;
    walk::refused(&officer, "answerCommission", answer(&linked, &withdrawn), "WRONG_STATE").await;
    let draft = json!({ "id": draft["id"], "version": 2 });
    let signed = walk::step(&app.leader(UNITS[1]).await, "signSubmission", &draft).await;
    walk::step(&officer, "submitSubmission", &signed).await;
    assert_eq!(walk::look_at_assignment(&officer, others).await["state"], "ANSWERED");
}

async fn an_answer_goes_back_and_comes_again(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &UNITS[..1], DUE).await;
    let assignment = walk::assignment(&commission, UNITS[0]);
    let answer = walk::answer(&app, UNITS[0], assignment).await;
    let seen = walk::look_at_assignment(&editor, assignment).await;
    let wordless = json!({ "assignment": seen["id"], "expectedVersion": seen["version"], "comment": "" });
    let error = walk::refused(&editor, "reworkAnswer", wordless, "INVALID").await;
    assert_eq!(error["field"], "comment");
    let more = json!({ "comment": "请补充完成投资", "dueAt": LATER });
    assert_eq!(walk::on_assignment(&editor, "reworkAnswer", assignment, more).await["state"], "REWORK");
    let officer = app.officer(UNITS[0]).await;
    let seen = walk::look_at_assignment(&officer, assignment).await;
    assert_eq!((&seen["comment"], &seen["answeredAt"]), (&json!("请补充完成投资"), &json!(null)));
    assert_eq!(at(text(&seen["dueAt"])), at(LATER));
    assert_eq!(seen["extensions"][0]["reason"], "请补充完成投资");

    // The submission came back with it, and goes in again.
    let query = "query($id: ID!) { submission(id: $id) { id version state screenings { decision reason comment } } }";
    let returned = officer.gql(query, json!({ "id": answer["id"] })).await["submission"].take();
    let screening = json!([{ "decision": "RETURNED", "reason": "INCOMPLETE", "comment": "请补充完成投资" }]);
    assert_eq!((&returned["state"], &returned["screenings"]), (&json!("RETURNED"), &screening));
    app.set_clock("2026-03-09T10:00:00+08:00");
    let (officer, leader) = (app.officer(UNITS[0]).await, app.leader(UNITS[0]).await);
    let signed = walk::step(&leader, "signSubmission", &returned).await;
    walk::step(&officer, "submitSubmission", &signed).await;
    let editor = app.editor().await;
    let judged = walk::judge(&editor, assignment, "ANSWERED").await;
    assert_eq!((&judged["lateBySeconds"], &judged["decidedOn"]), (&json!(null), &json!("2026-03-09")));

    // What has been judged is not sent back, nor is what never came.
    let input = json!({ "assignment": judged["id"], "expectedVersion": judged["version"], "comment": "请修改" });
    walk::refused(&editor, "reworkAnswer", input, "WRONG_STATE").await;
}

async fn who_was_late_stays_late_after_a_rework(app: TestApp) {
    let commission = walk::commission(&app.editor().await, &app, &UNITS[..1], DUE).await;
    let assignment = walk::assignment(&commission, UNITS[0]);
    app.set_clock(AFTER);
    walk::answer(&app, UNITS[0], assignment).await;
    let editor = app.editor().await;
    let seen = walk::look_at_assignment(&editor, assignment).await;
    let input = json!({ "assignment": seen["id"], "expectedVersion": seen["version"], "comment": "请修改" });
    // The deadline has passed: without a new one the unit could only fail.
    let error = walk::refused(&editor, "reworkAnswer", input, "INVALID").await;
    assert_eq!(error["field"], "dueAt");
    walk::on_assignment(&editor, "reworkAnswer", assignment, json!({ "comment": "请修改", "dueAt": LATER })).await;
    app.set_clock("2026-03-09T10:00:00+08:00");
    walk::answer(&app, UNITS[0], assignment).await;
    walk::misjudge(&app.editor().await, assignment, "ANSWERED", "INVALID").await;
    assert_eq!(walk::look_at_assignment(&app.editor().await, assignment).await["expectedOutcome"], "LATE");
}

async fn left_to_the_deadlines_the_outcome_follows(app: TestApp) {
    let units = ["阜康市", "奇台县", "木垒县"];
    let commission = walk::commission(&app.editor().await, &app, &units, DUE).await;
    let [in_time, late, missed] = units.map(|unit| walk::assignment(&commission, unit));
    walk::answer(&app, units[0], in_time).await;
    app.set_clock(AFTER);
    walk::answer(&app, units[1], late).await;
    let editor = app.editor().await;
    for (assignment, state, outcome) in
        [(in_time, "ACCEPTED", "ANSWERED"), (late, "ACCEPTED", "LATE"), (missed, "FAILED", "MISSED")]
    {
        let judged = walk::on_assignment(&editor, "judgeAnswer", assignment, json!({ "comment": "已核" })).await;
        assert_eq!(judged["state"], state);
        let seen = walk::look_at_assignment(&editor, assignment).await;
        assert_eq!((&seen["outcome"], &seen["comment"]), (&json!(outcome), &json!("已核")));
    }
}

async fn what_falls_due_is_known_beforehand(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &["阜康市", "奇台县", "木垒县"], DUE).await;
    let [answered, extended] = UNITS.map(|unit| walk::assignment(&commission, unit));
    walk::answer(&app, UNITS[0], answered).await;
    walk::extend(&editor, &commission, Some(&[extended]), LATER).await;
    let due = async |from: &str, days: i64, now: &str| {
        let between = at(from)..at(from) + TimeDelta::days(days);
        let reader = app.state().database().reader();
        let found = falling_due(reader, app.network(), between).await;
        let found = found.expect("assignments can be read");
        found
            .iter()
            .map(|due| (due.assignment.unit_id, due.assignment.due_at, due.standing(at(now))))
            .collect::<Vec<_>>()
    };
    let (open, later) = (app.unit("木垒县").await, app.unit(UNITS[1]).await);
    let before = "2026-03-02T09:00:00+08:00";
    assert_eq!(due(before, 7, before).await, [(open, at(DUE), Standing::Assigned)]);
    assert_eq!(due(before, 30, before).await.last(), Some(&(later, at(LATER), Standing::Assigned)));
    assert_eq!(due(before, 7, AFTER).await, [(open, at(DUE), Standing::Overdue)]);
    assert_eq!(due(DUE, 0, AFTER).await, []);
}
