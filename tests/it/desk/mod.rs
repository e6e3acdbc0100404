//! The screening desk (编辑台): the queue, claims, the shortlist, and the criteria that a decision is made by.
//!
//! - `bulk`: many at once, and several made one
//! - `issues`: order, documents, feedback, the library
//! - `endorsements`: what is confidential, and what became of them
//! - `search`: words in titles and texts
//! - `similar`: what says nearly the same

pub(crate) mod bulk;
pub(crate) mod endorsements;
pub(crate) mod issues;
pub(crate) mod search;
pub(crate) mod similar;

use entity::role_grant::Role;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::builders;
use tests::client::Client;
use tests::office::global;
use tests::walk;

tests::cases![
    a_claim_keeps_other_editors_away,
    a_claim_ends_by_itself_and_with_a_decision,
    a_chief_editor_takes_a_claim_away,
    the_shortlist_asks_for_a_reason_in_favour,
    what_is_shortlisted_can_still_be_adopted_or_sent_back,
    the_four_criteria_are_kept_with_the_decision,
    the_queue_is_filtered_and_ordered,
    a_unit_cannot_ask_who_works_on_what,
];

const UNIT: &str = "奇台县";

/// A second editor of the office.
async fn second_editor(app: &TestApp) -> Client {
    let person = builders::person(app.writer(), "editor.second", None, app.now()).await;
    builders::grant(app.writer(), person, Role::Editor, Some(app.network()), None, app.now()).await;
    app.sign_in(person).await
}

async fn a_claim_keeps_other_editors_away(app: TestApp) {
    let (first, second) = (app.editor().await, second_editor(&app).await);
    let submission = walk::submit(&app, UNIT).await;
    let claimed = walk::step(&first, "claimSubmission", &submission).await;
    assert_eq!(claimed["state"], "SUBMITTED", "a claim decides nothing");

    let query = "query($id: ID!) { submission(id: $id) {
        claim { person { name } since until } actions { name allowed reasonCode }
    } }";
    let seen = second.gql(query, json!({ "id": submission["id"] })).await["submission"].take();
    assert!(seen["claim"]["person"]["name"].is_string());
    assert_eq!(seen["claim"]["until"], "2026-03-02T03:00:00+00:00");
    let blocked: Vec<&str> = seen["actions"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|action| action["reasonCode"] == "CLAIMED")
        .map(|action| action["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        blocked,
        [
            "receiveSubmission",
            "claimSubmission",
            "releaseSubmission",
            "shortlistSubmission",
            "returnSubmission",
            "declineSubmission",
            "mergeSubmissions",
            "adoptSubmission",
            "sendUpSubmission",
            "recordAdoption"
        ]
    );
    let error = walk::refused(&second, "receiveSubmission", walk::on(&claimed, json!({})), "CLAIMED").await;
    assert!(error["details"].as_str().unwrap().contains("until"));
    walk::refused(&second, "releaseSubmission", walk::on(&claimed, json!({})), "CLAIMED").await;

    // Whoever claimed it goes on, and lets go of it.
    let received = walk::receive(&first, &claimed).await;
    let released = walk::step(&first, "releaseSubmission", &received).await;
    walk::step(&second, "claimSubmission", &released).await;
    // A unit does not see who of the office works on it.
    let seen = app.officer(UNIT).await.gql(query, json!({ "id": submission["id"] })).await["submission"].take();
    assert_eq!(seen["claim"], Value::Null);
}

async fn a_claim_ends_by_itself_and_with_a_decision(app: TestApp) {
    let first = app.editor().await;
    let submission = walk::submit(&app, UNIT).await;
    let claimed = walk::step(&first, "claimSubmission", &submission).await;
    app.set_clock("2026-03-02T10:59:59+08:00");
    let second = second_editor(&app).await;
    walk::refused(&second, "claimSubmission", walk::on(&claimed, json!({})), "CLAIMED").await;
    app.set_clock("2026-03-02T11:00:00+08:00");
    let person = second.gql("{ viewer { person { id } } }", json!({})).await["viewer"]["person"]["id"].take();
    let second = second_client(&app, &person).await;
    let claimed = walk::step(&second, "claimSubmission", &claimed).await;
    walk::send_back(&second, &claimed).await;
    let seen = second
        .gql("query($id: ID!) { submission(id: $id) { claim { since } } }", json!({ "id": submission["id"] }))
        .await;
    assert_eq!(seen["submission"]["claim"], Value::Null);
}

/// Another session of somebody, for the clock has moved.
async fn second_client(app: &TestApp, person: &Value) -> Client {
    use base64::Engine as _;
    let text = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(person.as_str().unwrap()).unwrap();
    let row = String::from_utf8(text).unwrap().rsplit(':').next().unwrap().parse().unwrap();
    app.sign_in(entity::ids::PersonId(row)).await
}

async fn a_chief_editor_takes_a_claim_away(app: TestApp) {
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    let submission = walk::submit(&app, UNIT).await;
    walk::refused(&chief, "releaseSubmission", walk::on(&submission, json!({})), "WRONG_STATE").await;
    let claimed = walk::step(&editor, "claimSubmission", &submission).await;
    walk::refused(&chief, "claimSubmission", walk::on(&claimed, json!({})), "FORBIDDEN").await;
    let released = walk::step(&chief, "releaseSubmission", &claimed).await;
    walk::step(&second_editor(&app).await, "claimSubmission", &released).await;
}

async fn the_shortlist_asks_for_a_reason_in_favour(app: TestApp) {
    let editor = app.editor().await;
    let submission = walk::submit(&app, UNIT).await;
    let wrong = walk::on(&submission, json!({ "reason": "STYLE" }));
    let error = walk::refused(&editor, "shortlistSubmission", wrong, "INVALID").await;
    assert_eq!(error["field"], "reason");
    let wrong = walk::on(&submission, json!({ "reason": "PROBLEM" }));
    walk::refused(&editor, "declineSubmission", wrong, "INVALID").await;

    let listed = walk::shortlist(&editor, &submission).await;
    assert_eq!(listed["state"], "SHORTLISTED");
    walk::refused(&editor, "shortlistSubmission", walk::on(&listed, json!({ "reason": "PROBLEM" })), "WRONG_STATE")
        .await;
    let officer = app.officer(UNIT).await;
    walk::refused(&officer, "withdrawSubmission", walk::on(&listed, json!({})), "WRONG_STATE").await;
    let query = "query($id: ID!) { submission(id: $id) { receivedAt decidedAt screenings { decision reason } } }";
    let seen = officer.gql(query, json!({ "id": submission["id"] })).await["submission"].take();
    assert!(seen["receivedAt"].is_string());
    assert_eq!(seen["decidedAt"], Value::Null, "it is not decided yet");
    assert_eq!(seen["screenings"], json!([{ "decision": "SHORTLISTED", "reason": "EXPERIENCE" }]));
}

async fn what_is_shortlisted_can_still_be_adopted_or_sent_back(app: TestApp) {
    let editor = app.editor().await;
    let issue = walk::issue(&editor, &app, "general", "2026-03-02").await;
    let listed = walk::shortlist(&editor, &walk::submit(&app, UNIT).await).await;
    assert_eq!(walk::adopt(&editor, &listed, &issue, None).await["submission"]["state"], "ADOPTED");
    let listed = walk::shortlist(&editor, &walk::submit(&app, UNIT).await).await;
    assert_eq!(walk::send_back(&editor, &listed).await["state"], "RETURNED");
    let listed = walk::shortlist(&editor, &walk::submit(&app, UNIT).await).await;
    assert_eq!(walk::decline(&editor, &listed).await["state"], "DECLINED");
}

async fn the_four_criteria_are_kept_with_the_decision(app: TestApp) {
    let editor = app.editor().await;
    let submission = walk::submit(&app, UNIT).await;
    let all = json!({ "isWorthSpreading": true, "isAccurate": true, "isTimely": false, "isTargeted": true });
    let input = walk::on(&submission, json!({ "reason": "SIGNIFICANT", "criteria": all }));
    let listed = walk::act(&editor, "shortlistSubmission", walk::SUBMISSION, input).await["submission"].take();
    let issue = walk::issue(&editor, &app, "general", "2026-03-02").await;
    let input = walk::on(&listed, json!({ "issue": issue["id"], "criteria": { "isTimely": true } }));
    walk::act(&editor, "adoptSubmission", "adoption { id }", input).await;

    let query = "query($id: ID!) { submission(id: $id) {
        appraisals { decision isWorthSpreading isAccurate isTimely isTargeted }
    } }";
    let seen = app.officer(UNIT).await.gql(query, json!({ "id": submission["id"] })).await["submission"].take();
    let first = walk::merged(all, json!({ "decision": "SHORTLISTED" }));
    let second = json!({
        "decision": "ADOPTED", "isWorthSpreading": null, "isAccurate": null, "isTimely": true, "isTargeted": null,
    });
    assert_eq!(seen["appraisals"], json!([first, second]));
}

/// The titles of the queue under a condition, in its order.
async fn queue(client: &Client, app: &TestApp, condition: Value, order: &str) -> Vec<String> {
    let query = "query($network: ID!, $where: SubmissionWhere, $order: SubmissionOrder) {
        submissions(network: $network, where: $where, orderBy: $order, first: 50) { totalCount nodes { title } }
    }";
    let variables = json!({ "network": app.network_id(), "where": condition, "order": order });
    let page = client.gql(query, variables).await["submissions"].take();
    let titles: Vec<String> =
        page["nodes"].as_array().unwrap().iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(page["totalCount"], titles.len());
    titles
}

async fn the_queue_is_filtered_and_ordered(app: TestApp) {
    let editor = app.editor().await;
    for (unit, title, more) in [
        (UNIT, "甲", json!({})),
        (UNIT, "乙", json!({ "isUrgent": true, "isImportant": true })),
        ("州教育局", "丙", json!({ "kind": "meeting", "happenedOn": "2026-02-01" })),
        ("州教育局", "丁", json!({ "kind": "meeting", "happenedOn": "2026-02-27" })),
    ] {
        let (officer, leader) = (app.officer(unit).await, app.leader(unit).await);
        let content = walk::merged(walk::merged(walk::content(), json!({ "title": title })), more);
        let drafted = walk::draft(&officer, &app, unit, content).await;
        walk::step(&officer, "submitSubmission", &walk::step(&leader, "signSubmission", &drafted).await).await;
    }
    let open = json!({ "states": ["SUBMITTED"] });
    assert_eq!(queue(&editor, &app, open.clone(), "OLDEST").await, ["甲", "乙", "丙", "丁"]);
    assert_eq!(queue(&editor, &app, open, "URGENT").await, ["乙", "丁", "丙", "甲"]);
    for (condition, expected) in [
        (json!({ "categories": ["key_department"] }), vec!["丙", "丁"]),
        (json!({ "categories": ["park"] }), vec![]),
        (json!({ "isLate": true }), vec!["丙"]),
        (json!({ "isLate": false }), vec!["甲", "乙", "丁"]),
        (json!({ "isImportant": true }), vec!["乙"]),
        (json!({ "isUrgent": false, "kinds": ["dynamic"] }), vec!["甲"]),
        (json!({ "units": [app.unit_id(UNIT).await] }), vec!["甲", "乙"]),
        (json!({ "submittedFrom": "2026-03-03" }), vec![]),
        (json!({ "isClaimed": false }), vec!["甲", "乙", "丙", "丁"]),
    ] {
        assert_eq!(queue(&editor, &app, condition.clone(), "OLDEST").await, expected, "{condition}");
    }
    let query = "query($network: ID!) { submissions(network: $network, first: 1) { nodes { id version } } }";
    let last = editor.gql(query, json!({ "network": app.network_id() })).await["submissions"]["nodes"][0].take();
    walk::step(&editor, "claimSubmission", &last).await;
    let viewer = editor.gql("{ viewer { person { id } } }", json!({})).await;
    let mine = json!({ "claimedBy": viewer["viewer"]["person"]["id"] });
    assert_eq!(queue(&editor, &app, mine, "OLDEST").await, ["丁"]);
    assert_eq!(queue(&editor, &app, json!({ "isClaimed": true }), "OLDEST").await, ["丁"]);
    assert_eq!(queue(&editor, &app, json!({ "isClaimed": false }), "OLDEST").await, ["甲", "乙", "丙"]);
}

async fn a_unit_cannot_ask_who_works_on_what(app: TestApp) {
    let officer = app.officer(UNIT).await;
    let query = "query($network: ID!, $where: SubmissionWhere) {
        submissions(network: $network, where: $where, first: 1) { totalCount }
    }";
    for condition in [json!({ "isClaimed": true }), json!({ "claimedBy": global("Person", 1) })] {
        let variables = json!({ "network": app.network_id(), "where": condition });
        officer.expect_code(query, variables, "FORBIDDEN").await;
    }
}
