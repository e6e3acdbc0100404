//! Endorsements (批示): who may read which part, and what became of them.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::walk;

tests::cases![
    confidential_parts_are_for_those_who_may_read_them,
    what_is_masked_can_be_neither_searched_nor_filtered,
    confidential_parts_stand_in_the_text,
    a_rank_is_one_that_the_rules_know,
    a_follow_up_is_due_after_a_week_and_its_lateness_is_told,
    overdue_follow_ups_are_listed,
    a_follow_up_is_recorded_once_by_the_unit_or_the_office,
];

const UNIT: &str = "阜康市";
const TODAY: &str = "2026-03-02";
const TEXT: &str = "请研究。资金缺口三千万由州财政解决，暂不公开。";

/// Records an instruction, and returns it.
async fn endorsed(app: &TestApp, more: Value) -> Value {
    let editor = app.editor().await;
    let submission = walk::submit(app, UNIT).await;
    let input = json!({ "leader": "李领导", "level": "prefecture", "text": TEXT, "endorsedOn": TODAY });
    let input = walk::on(&submission, walk::merged(input, more));
    let selection = "endorsement { id version text isMasked followUpDueOn submission { id } }";
    walk::act(&editor, "endorseSubmission", selection, input).await["endorsement"].take()
}

const READ: &str = "query($id: ID!) { node(id: $id) { ... on Endorsement { text isMasked leaderRank } } }";

async fn confidential_parts_are_for_those_who_may_read_them(app: TestApp) {
    let parts = json!({ "confidentialParts": ["资金缺口三千万", "暂不公开"] });
    let in_parts = endorsed(&app, parts).await;
    let whole = endorsed(&app, json!({ "isConfidential": true })).await;
    let open = endorsed(&app, json!({})).await;
    let masked = "请研究。■■■由州财政解决，■■■。";
    for (client, reads) in [
        (app.editor().await, true),
        (app.chief_editor().await, true),
        (app.city_leader().await, true),
        (app.leader(UNIT).await, true),
        (app.section_chief(UNIT).await, false),
        (app.officer(UNIT).await, false),
        (app.analyst().await, false),
    ] {
        for (endorsement, hidden) in [(&in_parts, masked), (&whole, "■■■"), (&open, TEXT)] {
            let seen = client.gql(READ, json!({ "id": endorsement["id"] })).await["node"].take();
            assert_eq!(seen["text"], if reads { TEXT } else { hidden });
            assert_eq!(seen["isMasked"], !reads && hidden != TEXT);
        }
    }
    let through_the_submission = "query($id: ID!) { submission(id: $id) { endorsements { text } } }";
    let id = json!({ "id": in_parts["submission"]["id"] });
    let seen = app.officer(UNIT).await.gql(through_the_submission, id).await;
    assert_eq!(seen["submission"]["endorsements"], json!([{ "text": masked }]));
}

async fn what_is_masked_can_be_neither_searched_nor_filtered(app: TestApp) {
    endorsed(&app, json!({ "confidentialParts": ["资金缺口三千万"] })).await;
    let search = "query($network: ID!, $text: String!) {
        submissions(network: $network, where: { text: $text }, first: 5) { totalCount }
    }";
    for client in [app.officer(UNIT).await, app.editor().await] {
        let seen = client.gql(search, json!({ "network": app.network_id(), "text": "资金缺口" })).await;
        assert_eq!(seen["submissions"]["totalCount"], 0);
    }
    let fields = "{ __type(name: \"EndorsementWhere\") { inputFields { name } } }";
    let seen = app.editor().await.gql(fields, json!({})).await;
    let names: Vec<&str> =
        seen["__type"]["inputFields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 5);
    assert!(names.iter().all(|name| !name.to_lowercase().contains("text")), "{names:?}");
}

async fn confidential_parts_stand_in_the_text(app: TestApp) {
    let editor = app.editor().await;
    let submission = walk::submit(&app, UNIT).await;
    for parts in [json!(["四千万"]), json!([" "]), json!(vec!["资"; 21])] {
        let more = json!({
            "leader": "李领导", "level": "prefecture", "text": TEXT, "endorsedOn": TODAY, "confidentialParts": parts,
        });
        let error = walk::refused(&editor, "endorseSubmission", walk::on(&submission, more), "INVALID").await;
        assert_eq!(error["field"], "confidentialParts");
    }
}

async fn a_rank_is_one_that_the_rules_know(app: TestApp) {
    let made = endorsed(&app, json!({ "leaderRank": "principal" })).await;
    let seen = app.officer(UNIT).await.gql(READ, json!({ "id": made["id"] })).await;
    assert_eq!(seen["node"]["leaderRank"], "principal");
    let submission = walk::submit(&app, UNIT).await;
    let more = json!({
        "leader": "李领导", "level": "prefecture", "text": TEXT, "endorsedOn": TODAY, "leaderRank": "emperor",
    });
    let error = walk::refused(&app.editor().await, "endorseSubmission", walk::on(&submission, more), "INVALID").await;
    assert_eq!(error["field"], "leaderRank");
}

const STANDING: &str = "query($id: ID!) { node(id: $id) { ... on Endorsement {
    version followUpDueOn followUpLateDays followUp { day text submission { id } } actions { name allowed reasonCode }
} } }";

fn follow_up(endorsement: &Value, more: Value) -> Value {
    let input =
        json!({ "endorsement": endorsement["id"], "expectedVersion": endorsement["version"], "text": "已落实资金。" });
    walk::merged(input, more)
}

async fn a_follow_up_is_due_after_a_week_and_its_lateness_is_told(app: TestApp) {
    let made = endorsed(&app, json!({})).await;
    // 正文 二(二): 领导批示落实情况一周以内反馈.
    assert_eq!(made["followUpDueOn"], "2026-03-09");
    for (now, late) in [("2026-03-09T23:00:00+08:00", 0), ("2026-03-11T09:00:00+08:00", 2)] {
        app.set_clock(now);
        let seen = app.officer(UNIT).await.gql(STANDING, json!({ "id": made["id"] })).await["node"].take();
        assert_eq!(seen["followUpLateDays"], late, "{now}");
        assert_eq!(seen["followUp"], Value::Null);
        assert_eq!(seen["actions"][0], json!({ "name": "recordFollowUp", "allowed": true, "reasonCode": null }));
    }
    let officer = app.officer(UNIT).await;
    let report = walk::submit(&app, UNIT).await;
    let more = json!({ "followedUpOn": "2026-03-10", "submission": report["id"] });
    walk::act(&officer, "recordFollowUp", "endorsement { id }", follow_up(&made, more)).await;
    app.set_clock("2026-04-01T09:00:00+08:00");
    let seen = app.officer(UNIT).await.gql(STANDING, json!({ "id": made["id"] })).await["node"].take();
    assert_eq!(seen["followUpLateDays"], 1, "what came late stays as late as it came");
    let told = json!({ "day": "2026-03-10", "text": "已落实资金。", "submission": { "id": report["id"] } });
    assert_eq!(seen["followUp"], told);
    assert_eq!(seen["actions"][0]["reasonCode"], "WRONG_STATE");
}

/// Endorsements whose follow-up is in a state, counted.
async fn listed(client: &Client, app: &TestApp, condition: Value) -> u64 {
    let query = "query($network: ID!, $where: EndorsementWhere) {
        endorsements(network: $network, where: $where, first: 10) { totalCount nodes { id } }
    }";
    let seen = client.gql(query, json!({ "network": app.network_id(), "where": condition })).await;
    seen["endorsements"]["totalCount"].as_u64().unwrap()
}

async fn overdue_follow_ups_are_listed(app: TestApp) {
    let first = endorsed(&app, json!({})).await;
    endorsed(&app, json!({ "level": "region" })).await;
    let officer = app.officer(UNIT).await;
    walk::act(&officer, "recordFollowUp", "endorsement { id }", follow_up(&first, json!({}))).await;
    let editor = app.editor().await;
    for (state, count) in [("OPEN", 1), ("OVERDUE", 0), ("DONE", 1)] {
        assert_eq!(listed(&editor, &app, json!({ "followUp": state })).await, count, "{state}");
    }
    app.set_clock("2026-03-10T00:00:00+08:00");
    let editor = app.editor().await;
    assert_eq!(listed(&editor, &app, json!({ "followUp": "OVERDUE" })).await, 1);
    let condition = json!({ "followUp": "OVERDUE", "levels": ["prefecture"] });
    assert_eq!(listed(&editor, &app, condition).await, 0);
    for (unit, count) in [(UNIT, 2), ("木垒县", 0)] {
        assert_eq!(listed(&editor, &app, json!({ "units": [app.unit_id(unit).await] })).await, count);
    }
    assert_eq!(listed(&editor, &app, json!({ "endorsedFrom": "2026-03-03" })).await, 0);
    assert_eq!(listed(&app.officer("木垒县").await, &app, Value::Null).await, 0);
    assert_eq!(listed(&app.officer(UNIT).await, &app, Value::Null).await, 2);
}

async fn a_follow_up_is_recorded_once_by_the_unit_or_the_office(app: TestApp) {
    let made = endorsed(&app, json!({})).await;
    walk::refused(&app.officer("木垒县").await, "recordFollowUp", follow_up(&made, json!({})), "NOT_FOUND").await;
    walk::refused(&app.city_leader().await, "recordFollowUp", follow_up(&made, json!({})), "FORBIDDEN").await;
    let officer = app.officer(UNIT).await;
    for (more, field) in [
        (json!({ "text": " " }), "text"),
        (json!({ "followedUpOn": "2026-03-01" }), "followedUpOn"),
        (json!({ "followedUpOn": "2026-03-03" }), "followedUpOn"),
    ] {
        let error = walk::refused(&officer, "recordFollowUp", follow_up(&made, more), "INVALID").await;
        assert_eq!(error["field"], field);
    }
    let foreign = walk::submit(&app, "木垒县").await;
    let more = json!({ "submission": foreign["id"] });
    walk::refused(&officer, "recordFollowUp", follow_up(&made, more), "NOT_FOUND").await;
    let stale = json!({ "expectedVersion": 9 });
    walk::refused(&officer, "recordFollowUp", follow_up(&made, stale), "VERSION_CONFLICT").await;
    walk::act(&app.editor().await, "recordFollowUp", "endorsement { id }", follow_up(&made, json!({}))).await;
    let again = json!({ "expectedVersion": 2 });
    walk::refused(&officer, "recordFollowUp", follow_up(&made, again), "WRONG_STATE").await;
}
