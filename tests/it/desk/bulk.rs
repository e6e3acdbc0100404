//! One decision on many submissions, and one submission made of several.

use analytics::rulebook::shipped;
use serde_json::{Value, json};
use tests::app::{HOME, TestApp};
use tests::figures;
use tests::office::Office;
use tests::walk;

tests::cases![
    many_are_decided_at_once_with_a_result_for_each,
    many_are_adopted_at_once,
    stopping_leaves_the_rest_untouched,
    a_repeated_request_answers_the_same,
    what_is_refused_leaves_nothing_behind,
    a_hundred_is_the_most,
    several_units_submissions_become_one_with_shares,
    equal_shares_and_writers_follow_the_parts,
    a_composite_is_the_offices,
    parts_are_checked,
];

const FIRST: &str = "阜康市";
const SECOND: &str = "奇台县";

/// Items handed in, of two units by turns.
async fn several(app: &TestApp, count: usize) -> Vec<Value> {
    let mut all = Vec::new();
    for place in 0..count {
        all.push(walk::submit(app, if place % 2 == 0 { FIRST } else { SECOND }).await);
    }
    all
}

fn items(submissions: &[Value]) -> Value {
    submissions.iter().map(|row| json!({ "submission": row["id"], "expectedVersion": row["version"] })).collect()
}

const ROWS: &str = "rows { id result submission { id state version } userErrors { code field messageZh } }";

async fn many_are_decided_at_once_with_a_result_for_each(app: TestApp) {
    let editor = app.editor().await;
    let mut all = several(&app, 3).await;
    walk::receive(&editor, &all[1]).await;
    let input =
        json!({ "items": items(&all), "decision": "DECLINE", "reason": "LOW_VALUE", "errorPolicy": "CONTINUE" });
    let rows = walk::act(&editor, "bulkScreen", ROWS, input).await["rows"].take();
    assert_eq!([&rows[0]["result"], &rows[1]["result"], &rows[2]["result"]], ["DONE", "REFUSED", "DONE"]);
    assert_eq!(rows[1]["userErrors"][0]["code"], "VERSION_CONFLICT");
    assert_eq!(rows[1]["submission"]["state"], "RECEIVED");
    assert_eq!([&rows[0]["submission"]["state"], &rows[2]["submission"]["state"]], ["DECLINED", "DECLINED"]);
    assert_eq!(rows[0]["id"], all[0]["id"]);
    let query = "query($id: ID!) { submission(id: $id) { screenings { decision reason } history { action } } }";
    let seen = app.officer(FIRST).await.gql(query, json!({ "id": all[2]["id"] })).await["submission"].take();
    assert_eq!(seen["screenings"], json!([{ "decision": "DECLINED", "reason": "LOW_VALUE" }]));
    assert!(seen["history"].as_array().unwrap().iter().any(|entry| entry["action"] == "DeclineSubmission"));

    all = several(&app, 2).await;
    let input = json!({ "items": items(&all), "decision": "RECEIVE" });
    let rows = walk::act(&editor, "bulkScreen", ROWS, input).await["rows"].take();
    assert_eq!([&rows[0]["submission"]["state"], &rows[1]["submission"]["state"]], ["RECEIVED", "RECEIVED"]);
}

async fn many_are_adopted_at_once(app: TestApp) {
    let editor = app.editor().await;
    let all = several(&app, 4).await;
    let issue = walk::issue(&editor, &app, "general", "2026-03-02").await;
    // One has been adopted by this publication before.
    walk::adopt(&editor, &all[1], &issue, None).await;
    let query = "query($id: ID!) { submission(id: $id) { id version adoptions { id } history { action } } }";
    let look = async |row: &Value| editor.gql(query, json!({ "id": row["id"] })).await["submission"].take();
    let mut now = all.clone();
    now[1] = look(&all[1]).await;
    let input = json!({
        "items": items(&now), "decision": "ADOPT", "issue": issue["id"], "errorPolicy": "CONTINUE",
        "criteria": { "isWorthSpreading": true }, "idempotencyKey": "adopt-all",
    });
    let first = walk::act(&editor, "bulkScreen", ROWS, input.clone()).await["rows"].take();
    let results: Vec<&Value> = first.as_array().unwrap().iter().map(|row| &row["result"]).collect();
    assert_eq!(results, ["DONE", "REFUSED", "DONE", "DONE"]);
    assert_eq!(first[1]["userErrors"][0]["code"], "ALREADY_EXISTS");
    assert_eq!(walk::act(&editor, "bulkScreen", ROWS, input).await["rows"], first);
    assert_eq!(figures::score(&editor, &app, FIRST, "2026-03").await, "20");
    assert_eq!(figures::score(&editor, &app, SECOND, "2026-03").await, "20");
    // They stand in the issue in the order of the request, after what stood there.
    let query = "query($id: ID!) { node(id: $id) { ... on Issue { items { submission { id } } } } }";
    let seen = editor.gql(query, json!({ "id": issue["id"] })).await["node"]["items"].take();
    let order: Vec<&Value> = seen.as_array().unwrap().iter().map(|row| &row["submission"]["id"]).collect();
    assert_eq!(order, [&all[1]["id"], &all[0]["id"], &all[2]["id"], &all[3]["id"]]);
    // The refused one has its first adoption on record, and no more than that.
    let refused = look(&all[1]).await;
    assert_eq!(refused["version"], now[1]["version"]);
    let acts = refused["history"].as_array().unwrap().iter().filter(|act| act["action"] == "AdoptSubmission");
    assert_eq!(acts.count(), 1);

    let one = walk::submit(&app, FIRST).await;
    let without = json!({ "items": items(std::slice::from_ref(&one)), "decision": "ADOPT" });
    assert_eq!(walk::refused(&editor, "bulkScreen", without, "INVALID").await["field"], "issue");
    let misplaced = json!({ "items": items(&[one]), "decision": "RECEIVE", "issue": issue["id"] });
    assert_eq!(walk::refused(&editor, "bulkScreen", misplaced, "INVALID").await["field"], "issue");
}

async fn stopping_leaves_the_rest_untouched(app: TestApp) {
    let editor = app.editor().await;
    let all = several(&app, 4).await;
    walk::receive(&editor, &all[1]).await;
    let input = json!({ "items": items(&all), "decision": "SHORTLIST", "reason": "PROBLEM" });
    let rows = walk::act(&editor, "bulkScreen", ROWS, input).await["rows"].take();
    let results: Vec<&str> = rows.as_array().unwrap().iter().map(|row| row["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["DONE", "REFUSED", "NOT_TRIED", "NOT_TRIED"]);
    assert_eq!(rows[0]["submission"]["state"], "SHORTLISTED");
    assert_eq!(rows[3]["submission"]["state"], "SUBMITTED");
}

async fn a_repeated_request_answers_the_same(app: TestApp) {
    let editor = app.editor().await;
    let all = several(&app, 2).await;
    walk::receive(&editor, &all[0]).await;
    let input = json!({
        "idempotencyKey": "once", "items": items(&all), "decision": "RETURN", "reason": "STYLE", "comment": "请精简",
        "errorPolicy": "CONTINUE",
    });
    let first = walk::act(&editor, "bulkScreen", ROWS, input.clone()).await["rows"].take();
    let again = walk::act(&editor, "bulkScreen", ROWS, input.clone()).await["rows"].take();
    assert_eq!(first, again);
    assert_eq!(first[0]["result"], "REFUSED");
    let other = walk::merged(input, json!({ "comment": "请补充" }));
    walk::refused(&editor, "bulkScreen", other, "KEY_REUSED").await;
}

async fn what_is_refused_leaves_nothing_behind(app: TestApp) {
    let (editor, officer) = (app.editor().await, app.officer(FIRST).await);
    let all = several(&app, 2).await;
    // No comment: each is refused after it was looked at.
    let input = json!({ "items": items(&all), "decision": "RETURN", "reason": "STYLE", "errorPolicy": "CONTINUE" });
    let rows = walk::act(&editor, "bulkScreen", ROWS, input).await["rows"].take();
    assert_eq!([&rows[0]["userErrors"][0]["field"], &rows[1]["userErrors"][0]["field"]], ["comment", "comment"]);
    // A unit sees its own, may not decide on it, and knows nothing of the other.
    let input = json!({ "items": items(&all), "decision": "RECEIVE", "errorPolicy": "CONTINUE" });
    let rows = walk::act(&officer, "bulkScreen", ROWS, input).await["rows"].take();
    assert_eq!([&rows[0]["userErrors"][0]["code"], &rows[1]["userErrors"][0]["code"]], ["FORBIDDEN", "NOT_FOUND"]);
    assert_eq!(rows[1]["submission"], Value::Null);
    for row in &all {
        let query = "query($id: ID!) { submission(id: $id) { version state screenings { reason } } }";
        let seen = editor.gql(query, json!({ "id": row["id"] })).await["submission"].take();
        assert_eq!(seen, json!({ "version": row["version"], "state": "SUBMITTED", "screenings": [] }));
    }
}

async fn a_hundred_is_the_most(app: TestApp) {
    let editor = app.editor().await;
    let one = walk::submit(&app, FIRST).await;
    for count in [0, 101] {
        let input = json!({ "items": items(&vec![one.clone(); count]), "decision": "RECEIVE" });
        let error = walk::refused(&editor, "bulkScreen", input, "INVALID").await;
        assert_eq!(error["field"], "items");
    }
    let error =
        walk::refused(&editor, "bulkScreen", json!({ "items": items(&[one]), "decision": "DECLINE" }), "INVALID").await;
    assert_eq!(error["field"], "reason");
}

/// The rules of home, under which joint work is divided by the shares that were decided.
async fn sharing(app: &TestApp) -> Office {
    let rules = "\n[[share]]\nid = \"joint\"\nclause = \"六\"\ntitle = \"联合报送\"\nrules = [\"adopted.*\"]\n\
                 among = \"units\"\nhow = \"by_hand\"\n";
    app.found("sharing", &format!("{}{rules}", shipped::find(HOME).unwrap())).await
}

fn part(submission: &Value, share: Option<&str>) -> Value {
    json!({ "submission": submission["id"], "expectedVersion": submission["version"], "share": share })
}

fn composite() -> Value {
    json!({ "kind": "dynamic", "title": "各县市春耕情况综合", "body": "综合各县市情况，春耕进度快于上年。" })
}

async fn several_units_submissions_become_one_with_shares(app: TestApp) {
    let office = sharing(&app).await;
    let editor = office.editor().await;
    let (one, other) = (walk::submit(&office, FIRST).await, walk::submit(&office, SECOND).await);
    let input = json!({ "parts": [part(&one, Some("0.7")), part(&other, Some("0.3"))], "content": composite() });
    let made = walk::act(&editor, "mergeSubmissions", walk::SUBMISSION, input).await["submission"].take();
    assert_eq!(made["state"], "RECEIVED");
    let issue = walk::issue(&editor, &office, "general", "2026-03-02").await;
    walk::adopt(&editor, &made, &issue, None).await;
    assert_eq!(figures::score(&editor, &office, FIRST, "2026-03").await, "7");
    assert_eq!(figures::score(&editor, &office, SECOND, "2026-03").await, "3");

    // Both units see what came of theirs, and nothing of the other's.
    let query = "query($id: ID!) { submission(id: $id) {
        state mergedShare mergedInto { id isComposite adoptions { publication { code } } parts { unit { name } } }
    } }";
    for (unit, part, share) in [(FIRST, &one, "0.7"), (SECOND, &other, "0.3")] {
        let seen = office.officer(unit).await.gql(query, json!({ "id": part["id"] })).await["submission"].take();
        assert_eq!((&seen["state"], &seen["mergedShare"]), (&json!("MERGED"), &json!(share)));
        assert_eq!(seen["mergedInto"]["id"], made["id"]);
        assert_eq!(seen["mergedInto"]["adoptions"], json!([{ "publication": { "code": "general" } }]));
        assert_eq!(seen["mergedInto"]["parts"], json!([{ "unit": { "name": unit } }]));
    }
    let rates = "query($network: ID!) { adoptionRates(network: $network, period: { id: \"2026-03\" }) {
        rows { submitted }
    } }";
    let seen = editor.gql(rates, json!({ "network": office.network_id() })).await;
    let submitted: i64 =
        seen["adoptionRates"]["rows"].as_array().unwrap().iter().map(|row| row["submitted"].as_i64().unwrap()).sum();
    assert_eq!(submitted, 2, "the parts are reported, and the composite not once more");
}

async fn equal_shares_and_writers_follow_the_parts(app: TestApp) {
    let editor = app.editor().await;
    let mut all = several(&app, 3).await;
    all.swap(0, 2);
    let parts: Vec<Value> = all.iter().map(|row| part(row, None)).collect();
    let input = json!({ "parts": parts, "content": composite() });
    let selection = "submission { id authors { name share } parts { mergedShare } unit { name } }";
    let made = walk::act(&editor, "mergeSubmissions", selection, input).await["submission"].take();
    // All three are 王信息's by name: named once, with the whole.
    assert_eq!(made["authors"], json!([{ "name": "王信息", "share": "1" }]));
    let shares: Vec<&str> =
        made["parts"].as_array().unwrap().iter().map(|part| part["mergedShare"].as_str().unwrap()).collect();
    assert_eq!(shares, ["0.333333", "0.333333", "0.333334"]);
    assert_eq!(made["unit"]["name"], FIRST, "the unit of the first part leads");
}

async fn a_composite_is_the_offices(app: TestApp) {
    let editor = app.editor().await;
    let all = several(&app, 2).await;
    let parts: Vec<Value> = all.iter().map(|row| part(row, None)).collect();
    let input = json!({ "parts": parts.clone(), "content": composite() });
    let made = walk::act(&editor, "mergeSubmissions", walk::SUBMISSION, input.clone()).await["submission"].take();
    walk::refused(&app.officer(FIRST).await, "withdrawSubmission", walk::on(&made, json!({})), "WRONG_STATE").await;
    let back = walk::on(&made, json!({ "reason": "STYLE", "comment": "请修改" }));
    walk::refused(&editor, "returnSubmission", back, "WRONG_STATE").await;
    // What went into it is not decided on apart from it, nor merged twice.
    let query = "query($id: ID!) { submission(id: $id) { id version actions { name allowed } } }";
    let seen = editor.gql(query, json!({ "id": all[0]["id"] })).await["submission"].take();
    assert!(seen["actions"].as_array().unwrap().iter().all(|action| action["allowed"] == false), "{seen}");
    let again = json!({ "parts": [part(&seen, None), part(&made, None)], "content": composite() });
    walk::refused(&editor, "mergeSubmissions", again, "WRONG_STATE").await;
    walk::decline(&editor, &made).await;
}

async fn parts_are_checked(app: TestApp) {
    let (editor, officer) = (app.editor().await, app.officer(FIRST).await);
    let all = several(&app, 2).await;
    let (one, other) = (&all[0], &all[1]);
    let stale = json!({ "id": other["id"], "version": 1 });
    for (parts, code, field) in [
        (json!([part(one, None)]), "INVALID", "parts"),
        (json!([part(one, Some("0.7")), part(other, Some("0.7"))]), "INVALID", "parts.share"),
        (json!([part(one, Some("0.7")), part(other, None)]), "INVALID", "parts.share"),
        (json!([part(one, None), part(one, None)]), "INVALID", "parts.submission"),
        (json!([part(one, None), part(&stale, None)]), "VERSION_CONFLICT", "parts.expectedVersion"),
    ] {
        let error =
            walk::refused(&editor, "mergeSubmissions", json!({ "parts": parts, "content": composite() }), code).await;
        assert_eq!(error["field"], field);
    }
    let parts = json!([part(one, None), part(other, None)]);
    walk::refused(&officer, "mergeSubmissions", json!({ "parts": parts, "content": composite() }), "FORBIDDEN").await;
    let secret = walk::merged(composite(), json!({ "body": "机密★ 内容" }));
    walk::refused(&editor, "mergeSubmissions", json!({ "parts": parts, "content": secret }), "CONFIDENTIAL").await;
}
