//! A submission from the first draft to the last adoption, and everything that can stop it on its way.
//!
//! - `receipt`: what the office does not take in
//! - `signing`: who signs, and what voids a signature
//! - `timeliness`: deadlines of kinds
//! - `safety`: two people at once, and one person twice
//! - `actions`: what is offered is what can be done
//! - `machine`: random commands against a plain model

pub(crate) mod actions;
pub(crate) mod machine;
pub(crate) mod receipt;
pub(crate) mod safety;
pub(crate) mod signing;
pub(crate) mod timeliness;

use entity::submission::SubmissionState;
use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::text;
use tests::walk;

tests::cases![
    a_submission_is_returned_resubmitted_and_adopted,
    a_returned_submission_keeps_the_day_of_its_first_hand_in,
    a_return_says_in_words_what_to_change,
    a_declined_submission_is_decided,
    a_unit_takes_back_what_is_not_decided,
    several_publications_adopt_one_submission,
];

const UNIT: &str = "阜康市";

/// A submission as a client sees it, with its history as one line per act.
async fn history(client: &Client, submission: &Value) -> String {
    let query = "query($id: ID!) { submission(id: $id) { history { action fromState toState } } }";
    let answer = client.gql(query, json!({ "id": submission["id"] })).await;
    let entries = answer["submission"]["history"].as_array().cloned().unwrap_or_default();
    let state = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    entries
        .iter()
        .map(|entry| {
            format!("{}: {} → {}\n", text(&entry["action"]), state(&entry["fromState"]), state(&entry["toState"]))
        })
        .collect::<Vec<_>>()
        .concat()
}

async fn a_submission_is_returned_resubmitted_and_adopted(app: TestApp) {
    let (officer, leader, editor) = (app.officer(UNIT).await, app.leader(UNIT).await, app.editor().await);

    let submission = walk::draft(&officer, &app, UNIT, walk::content()).await;
    assert_eq!(submission["state"], "DRAFT");
    let submission = walk::step(&leader, "signSubmission", &submission).await;
    assert_eq!(submission["state"], "SIGNED");
    let submission = walk::step(&officer, "submitSubmission", &submission).await;
    assert_eq!(submission["state"], "SUBMITTED");
    let submission = walk::receive(&editor, &submission).await;
    assert_eq!(submission["state"], "RECEIVED");
    let submission = walk::send_back(&editor, &submission).await;
    assert_eq!(submission["state"], "RETURNED");

    let mut better = walk::content();
    better["body"] = "全县春耕备耕工作有序推进，农资储备12.5万吨。".into();
    let input = walk::on(&submission, json!({ "content": better }));
    let submission = walk::act(&officer, "updateSubmission", walk::SUBMISSION, input).await["submission"].take();
    assert_eq!(submission["state"], "DRAFT");
    let submission = walk::step(&leader, "signSubmission", &submission).await;
    let submission = walk::step(&officer, "submitSubmission", &submission).await;
    let submission = walk::receive(&editor, &submission).await;
    let issue = walk::issue(&editor, &app, "general", "2026-03-02").await;
    let adopted = walk::adopt(&editor, &submission, &issue, None).await;
    assert_eq!(adopted["submission"]["state"], "ADOPTED");
    assert_eq!(adopted["adoption"]["adoptedOn"], "2026-03-02");

    // The unit sees its history; so does the office.
    let told = history(&officer, &submission).await;
    assert_eq!(told, history(&editor, &submission).await);
    expect![[r"
        CreateSubmission: - → draft
        SignSubmission: draft → signed
        SubmitSubmission: signed → submitted
        ReceiveSubmission: submitted → received
        ReturnSubmission: received → returned
        UpdateSubmission: returned → draft
        SignSubmission: draft → signed
        SubmitSubmission: signed → submitted
        ReceiveSubmission: submitted → received
        AdoptSubmission: received → adopted
    "]]
    .assert_eq(&told);

    let query = "query($id: ID!) { submission(id: $id) { body screenings { decision reason comment } issues: adoptions { issue { number } } } }";
    let seen = editor.gql(query, json!({ "id": submission["id"] })).await["submission"].take();
    assert_eq!(seen["body"], better["body"]);
    let screening = json!({ "decision": "RETURNED", "reason": "NOT_VERIFIED", "comment": "请核实数据" });
    assert_eq!(seen["screenings"], json!([screening]));
    assert_eq!(seen["issues"], json!([{ "issue": { "number": 1 } }]));
}

async fn a_returned_submission_keeps_the_day_of_its_first_hand_in(app: TestApp) {
    let submission = walk::submit(&app, UNIT).await;
    let submission = walk::send_back(&app.editor().await, &submission).await;

    app.set_clock("2026-04-10T10:00:00+08:00");
    let officer = app.officer(UNIT).await;
    let input = walk::on(&submission, json!({ "content": walk::content() }));
    let submission = walk::act(&officer, "updateSubmission", walk::SUBMISSION, input).await["submission"].take();
    let submission = walk::step(&app.leader(UNIT).await, "signSubmission", &submission).await;
    let submission = walk::step(&officer, "submitSubmission", &submission).await;

    // Figures are dated by the hand-in that first passed receipt: handing in again makes no second item.
    let query = "query($id: ID!) { submission(id: $id) { submittedOn submittedAt } }";
    let seen = officer.gql(query, json!({ "id": submission["id"] })).await["submission"].take();
    assert_eq!(seen["submittedOn"], "2026-03-02");
    assert!(text(&seen["submittedAt"]).starts_with("2026-04-10T02:00:00"));
}

async fn a_return_says_in_words_what_to_change(app: TestApp) {
    let editor = app.editor().await;
    let submission = walk::submit(&app, UNIT).await;
    for comment in [json!(""), json!("  \n"), json!("改".repeat(501))] {
        let input = walk::on(&submission, json!({ "reason": "STYLE", "comment": comment }));
        let error = walk::refused(&editor, "returnSubmission", input, "INVALID").await;
        assert_eq!(error["field"], "comment");
    }
}

async fn a_declined_submission_is_decided(app: TestApp) {
    let (officer, editor) = (app.officer(UNIT).await, app.editor().await);
    let submission = walk::submit(&app, UNIT).await;
    let submission = walk::decline(&editor, &submission).await;
    assert_eq!(submission["state"], "DECLINED");

    let query = "query($id: ID!) { submission(id: $id) { decidedAt screenings { decision reason comment } } }";
    let seen = officer.gql(query, json!({ "id": submission["id"] })).await["submission"].take();
    assert_eq!(seen["screenings"], json!([{ "decision": "DECLINED", "reason": "LOW_VALUE", "comment": null }]));
    assert!(text(&seen["decidedAt"]).starts_with("2026-03-02T01:00:00"));

    let input = walk::on(&submission, json!({ "content": walk::content() }));
    let error = walk::refused(&officer, "updateSubmission", input, "WRONG_STATE").await;
    let details: Value = serde_json::from_str(text(&error["details"])).unwrap();
    assert_eq!(details, json!({ "state": "declined", "policy": "moves/UpdateSubmission" }));
    walk::refused(&officer, "withdrawSubmission", walk::on(&submission, json!({})), "WRONG_STATE").await;
    walk::refused(&editor, "receiveSubmission", walk::on(&submission, json!({})), "WRONG_STATE").await;
}

async fn a_unit_takes_back_what_is_not_decided(app: TestApp) {
    use SubmissionState as S;
    let officer = app.officer(UNIT).await;
    for (state, possible) in [
        (S::Draft, true),
        (S::Signed, true),
        (S::Submitted, true),
        (S::Refused, true),
        (S::Received, true),
        (S::Returned, true),
        (S::Declined, false),
        (S::Adopted, false),
        (S::Withdrawn, false),
    ] {
        let row = app.submission(UNIT).await.state(state).insert().await;
        let input = json!({ "submission": tests::office::global("Submission", row.id.0), "expectedVersion": 1 });
        if possible {
            let taken = walk::act(&officer, "withdrawSubmission", walk::SUBMISSION, input).await;
            assert_eq!(taken["submission"]["state"], "WITHDRAWN", "from {state:?}");
        } else {
            walk::refused(&officer, "withdrawSubmission", input, "WRONG_STATE").await;
        }
    }
}

async fn several_publications_adopt_one_submission(app: TestApp) {
    let editor = app.editor().await;
    let submission = walk::submit(&app, UNIT).await;
    let general = walk::issue(&editor, &app, "general", "2026-03-02").await;
    let internal = walk::issue(&editor, &app, "internal", "2026-03-02").await;

    let adopted = walk::adopt(&editor, &submission, &general, None).await;
    let adopted = walk::adopt(&editor, &adopted["submission"], &internal, Some("special_report")).await;
    let again = walk::issue(&editor, &app, "general", "2026-03-02").await;
    let input = walk::on(&adopted["submission"], json!({ "issue": again["id"] }));
    walk::refused(&editor, "adoptSubmission", input, "ALREADY_EXISTS").await;

    let query =
        "query($id: ID!) { submission(id: $id) { state adoptions { publication { name } class issue { number } } } }";
    let seen = editor.gql(query, json!({ "id": submission["id"] })).await["submission"].take();
    assert_eq!(seen["state"], "ADOPTED");
    let adoptions = json!([
        { "publication": { "name": "昌吉信息(普刊)" }, "class": null, "issue": { "number": 1 } },
        { "publication": { "name": "昌吉信息(内刊)" }, "class": "special_report", "issue": { "number": 1 } },
    ]);
    assert_eq!(seen["adoptions"], adoptions);
    // 附件1 三(一) 累加: 10 for the general issue and 20 for the special report.
    let score = tests::figures::score(&editor, &app, UNIT, "2026-03").await;
    assert_eq!(score, "30");
}
