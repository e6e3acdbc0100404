//! Two people at once, and one person twice: versions, idempotency keys, and a hundred editors in a race.

use std::collections::BTreeMap;

use futures::future::join_all;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::figures::text;
use tests::walk;

tests::cases![
    whoever_read_an_old_version_is_told_the_current_one,
    a_repeated_request_is_answered_and_not_repeated,
    a_key_stands_for_one_request_of_one_person,
    a_refused_request_leaves_its_key_free,
    the_same_request_many_times_at_once_is_carried_out_once,
    of_a_hundred_adoptions_at_once_one_succeeds,
    of_a_hundred_stubborn_editors_one_adopts,
];

const UNIT: &str = "奇台县";

/// As many as the promise names.
const CROWD: usize = 100;

async fn whoever_read_an_old_version_is_told_the_current_one(app: TestApp) {
    let (officer, leader) = (app.officer(UNIT).await, app.leader(UNIT).await);
    let drafted = walk::draft(&officer, &app, UNIT, walk::content()).await;
    let input = walk::on(&drafted, json!({ "content": walk::content() }));
    let edited = walk::act(&officer, "updateSubmission", walk::SUBMISSION, input.clone()).await["submission"].take();

    for (client, mutation, input) in [
        (&officer, "updateSubmission", input),
        (&leader, "signSubmission", walk::on(&drafted, json!({}))),
        (&officer, "submitSubmission", walk::on(&drafted, json!({}))),
        (&officer, "withdrawSubmission", walk::on(&drafted, json!({}))),
    ] {
        let error = walk::refused(client, mutation, input, "VERSION_CONFLICT").await;
        assert_eq!(error["field"], "expectedVersion");
        let details: Value = serde_json::from_str(text(&error["details"])).unwrap();
        assert_eq!(details, json!({ "currentVersion": edited["version"] }));
    }
}

async fn a_repeated_request_is_answered_and_not_repeated(app: TestApp) {
    let officer = app.officer(UNIT).await;
    let input = json!({
        "idempotencyKey": "draft-1",
        "network": app.network_id(),
        "unit": app.unit_id(UNIT).await,
        "content": walk::content(),
    });
    let document = walk::document("createSubmission", walk::SUBMISSION);
    let first = officer.gql(&document, json!({ "input": input })).await;
    let second = officer.gql(&document, json!({ "input": input })).await;
    assert_eq!(first, second);

    // A refused hand-in is an outcome too: it is repeated in the answer, and not on the record.
    let drafted = &first["createSubmission"]["submission"];
    let document = walk::document("submitSubmission", "submission { version state } refusals { code refusedAt }");
    let input = walk::on(drafted, json!({ "idempotencyKey": "submit-1" }));
    let first = officer.gql(&document, json!({ "input": input })).await;
    let second = officer.gql(&document, json!({ "input": input })).await;
    assert_eq!(first, second);
    assert_eq!(first["submitSubmission"]["refusals"][0]["code"], "NO_SIGNATORY");

    let query = "query($network: ID!) { submissions(network: $network, first: 10) {
        totalCount nodes { refusals { code } history { action } }
    } }";
    let seen = officer.gql(query, json!({ "network": app.network_id() })).await["submissions"].take();
    assert_eq!(seen["totalCount"], 1);
    assert_eq!(seen["nodes"][0]["refusals"].as_array().map(Vec::len), Some(1));
    let acts = json!([{ "action": "CreateSubmission" }, { "action": "SubmitSubmission" }]);
    assert_eq!(seen["nodes"][0]["history"], acts);
}

async fn a_key_stands_for_one_request_of_one_person(app: TestApp) {
    let (officer, leader) = (app.officer(UNIT).await, app.leader(UNIT).await);
    let unit = app.unit_id(UNIT).await;
    let mut input = json!({
        "idempotencyKey": "mine", "network": app.network_id(), "unit": unit, "content": walk::content(),
    });
    let drafted = walk::act(&officer, "createSubmission", walk::SUBMISSION, input.clone()).await["submission"].take();

    input["content"]["title"] = "另一条信息".into();
    let error = walk::refused(&officer, "createSubmission", input, "KEY_REUSED").await;
    assert_eq!(error["field"], "idempotencyKey");
    // The same input for another mutation is another request as well.
    let input = walk::on(&drafted, json!({ "idempotencyKey": "mine" }));
    walk::refused(&officer, "submitSubmission", input.clone(), "KEY_REUSED").await;
    // Somebody else's key is another key.
    walk::act(&leader, "signSubmission", walk::SUBMISSION, input).await;

    for key in [String::new(), "k".repeat(201)] {
        let input = walk::on(&drafted, json!({ "idempotencyKey": key }));
        let error = walk::refused(&officer, "withdrawSubmission", input, "INVALID").await;
        assert_eq!(error["field"], "idempotencyKey");
    }
}

async fn a_refused_request_leaves_its_key_free(app: TestApp) {
    let (officer, leader) = (app.officer(UNIT).await, app.leader(UNIT).await);
    let drafted = walk::draft(&officer, &app, UNIT, walk::content()).await;
    let input = walk::on(&drafted, json!({ "idempotencyKey": "again", "expectedVersion": 7 }));
    walk::refused(&leader, "signSubmission", input, "VERSION_CONFLICT").await;
    let input = walk::on(&drafted, json!({ "idempotencyKey": "again" }));
    let signed = walk::act(&leader, "signSubmission", walk::SUBMISSION, input).await;
    assert_eq!(signed["submission"]["state"], "SIGNED");
}

async fn the_same_request_many_times_at_once_is_carried_out_once(app: TestApp) {
    let officer = app.officer(UNIT).await;
    let input = json!({
        "idempotencyKey": "impatient",
        "network": app.network_id(),
        "unit": app.unit_id(UNIT).await,
        "content": walk::content(),
    });
    let document = walk::document("createSubmission", walk::SUBMISSION);
    let answers = join_all((0..20).map(|_| officer.gql(&document, json!({ "input": input })))).await;
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }
    let count = "query($network: ID!) { submissions(network: $network, first: 1) { totalCount } }";
    let answer = officer.gql(count, json!({ "network": app.network_id() })).await;
    assert_eq!(answer["submissions"]["totalCount"], 1);
}

/// How often each outcome came: `ok`, or the code of the first user error.
fn outcomes(answers: impl IntoIterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for answer in answers {
        *counted.entry(answer).or_default() += 1;
    }
    counted
}

/// What came of an adoption.
fn outcome(answer: &Value) -> String {
    let payload = &answer["adoptSubmission"];
    payload["userErrors"][0]["code"].as_str().unwrap_or("ok").to_owned()
}

async fn of_a_hundred_adoptions_at_once_one_succeeds(app: TestApp) {
    let editor = app.editor().await;
    let submission = walk::submit(&app, UNIT).await;
    let issue = walk::issue(&editor, &app, "general", "2026-03-02").await;
    let document = walk::document("adoptSubmission", walk::SUBMISSION);
    let adopt = |number: usize| {
        let more = json!({ "issue": issue["id"], "idempotencyKey": format!("adoption-{number}") });
        tokio::spawn(editor.gql(&document, json!({ "input": walk::on(&submission, more) })))
    };
    let answers = join_all((0..CROWD).map(adopt)).await;
    let counted = outcomes(answers.into_iter().map(|answer| outcome(&answer.unwrap())));
    assert_eq!(counted, BTreeMap::from([("VERSION_CONFLICT".to_owned(), CROWD - 1), ("ok".to_owned(), 1)]));
    only_adopted_once(&app, &submission).await;
}

async fn of_a_hundred_stubborn_editors_one_adopts(app: TestApp) {
    let editor = app.editor().await;
    let submission = walk::submit(&app, UNIT).await;
    // Two issues of one publication: it is the publication that adopts, not the issue.
    let issues = [
        walk::issue(&editor, &app, "general", "2026-03-02").await,
        walk::issue(&editor, &app, "general", "2026-03-02").await,
    ];
    let document = walk::document("adoptSubmission", walk::SUBMISSION);
    let version = "query($id: ID!) { submission(id: $id) { id version } }";
    let insist = |number: usize| {
        let (editor, document, issue) = (editor.clone(), document.clone(), issues[number % 2]["id"].clone());
        let id = submission["id"].clone();
        tokio::spawn(async move {
            loop {
                // Reads again whenever somebody was faster.
                let seen = editor.gql(version, json!({ "id": id })).await["submission"].take();
                let more = json!({ "issue": issue, "idempotencyKey": walk::key() });
                let answer = editor.gql(&document, json!({ "input": walk::on(&seen, more) })).await;
                let outcome = outcome(&answer);
                if outcome != "VERSION_CONFLICT" {
                    return outcome;
                }
            }
        })
    };
    let answers = join_all((0..CROWD).map(insist)).await;
    let counted = outcomes(answers.into_iter().map(Result::unwrap));
    assert_eq!(counted, BTreeMap::from([("ALREADY_EXISTS".to_owned(), CROWD - 1), ("ok".to_owned(), 1)]));
    only_adopted_once(&app, &submission).await;
}

/// One adoption, one act on record, ten points.
async fn only_adopted_once(app: &TestApp, submission: &Value) {
    let editor = app.editor().await;
    let query = "query($id: ID!) { submission(id: $id) { state adoptions { id } history { action } } }";
    let seen = editor.gql(query, json!({ "id": submission["id"] })).await["submission"].take();
    assert_eq!(seen["state"], "ADOPTED");
    assert_eq!(seen["adoptions"].as_array().map(Vec::len), Some(1));
    let acts = seen["history"].as_array().unwrap().iter().filter(|entry| entry["action"] == "AdoptSubmission").count();
    assert_eq!(acts, 1);
    assert_eq!(tests::figures::score(&editor, app, UNIT, "2026-03").await, "10");
}
