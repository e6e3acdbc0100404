//! Adoption by the office's own publications and by higher ones, sending up between them, endorsement, and the days on
//! which all of it may have happened.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures;
use tests::walk;

tests::cases![
    a_publication_with_classes_wants_one_and_others_want_none,
    own_and_higher_publications_adopt_in_different_ways,
    issues_are_numbered_within_the_year,
    an_approved_issue_takes_nothing_more,
    members_read_what_was_published,
    a_higher_adoption_remembers_through_what_it_was_sent_up,
    sending_up_names_a_level_and_an_own_publication,
    leaders_of_declared_levels_endorse,
    nothing_happens_before_the_hand_in_nor_after_today,
    an_adoption_elsewhere_needs_evidence,
    one_question_shows_the_whole_chain,
];

const UNIT: &str = "吉木萨尔县";
const TODAY: &str = "2026-03-02";

/// A submission that was handed in, and an editor.
async fn submitted(app: &TestApp) -> (Client, Value) {
    (app.editor().await, walk::submit(app, UNIT).await)
}

async fn a_publication_with_classes_wants_one_and_others_want_none(app: TestApp) {
    let (editor, submission) = submitted(&app).await;
    let general = walk::issue(&editor, &app, "general", TODAY).await;
    let internal = walk::issue(&editor, &app, "internal", TODAY).await;
    for (issue, class) in [(&internal, json!(null)), (&internal, json!("poem")), (&general, json!("dynamic"))] {
        let input = walk::on(&submission, json!({ "issue": issue["id"], "class": class }));
        let error = walk::refused(&editor, "adoptSubmission", input, "INVALID").await;
        assert_eq!(error["field"], "class");
    }
    let adopted = walk::adopt(&editor, &submission, &general, None).await;
    let adopted = walk::adopt(&editor, &adopted["submission"], &internal, Some("reference")).await;
    assert_eq!(adopted["adoption"]["class"], "reference");
    assert_eq!(figures::score(&editor, &app, UNIT, "2026-03").await, "50");
}

async fn own_and_higher_publications_adopt_in_different_ways(app: TestApp) {
    let (editor, submission) = submitted(&app).await;
    let higher = app.publication_id("xinjiang_brief").await;
    let input = json!({ "publication": higher, "date": TODAY });
    let error = walk::refused(&editor, "createIssue", input, "INVALID").await;
    assert_eq!(error["field"], "publication");

    let own = app.publication_id("general").await;
    let more = json!({ "publication": own, "adoptedOn": TODAY, "evidence": "第1期" });
    let error = walk::refused(&editor, "recordAdoption", walk::on(&submission, more), "INVALID").await;
    assert_eq!(error["field"], "publication");

    // A higher publication may take up what no own one did.
    let adopted = walk::record_adoption(&editor, &app, &submission, "region_other", TODAY).await;
    assert_eq!(adopted["submission"]["state"], "ADOPTED");
    let more = json!({
        "publication": app.publication_id("region_other").await, "adoptedOn": TODAY, "evidence": "第2期",
    });
    walk::refused(&editor, "recordAdoption", walk::on(&adopted["submission"], more), "ALREADY_EXISTS").await;
}

async fn issues_are_numbered_within_the_year(app: TestApp) {
    let editor = app.editor().await;
    let mut numbers = Vec::new();
    for (publication, day) in [
        ("general", "2026-03-02"),
        ("general", "2026-03-09"),
        ("internal", "2026-03-09"),
        ("general", "2027-01-04"),
        ("general", "2026-12-28"),
    ] {
        let issue = walk::issue(&editor, &app, publication, day).await;
        assert_eq!(issue["state"], "OPEN");
        numbers.push(issue["number"].as_i64().unwrap());
    }
    assert_eq!(numbers, [1, 2, 1, 1, 3]);
}

/// The input of an act on an issue as it was last seen.
fn on_issue(issue: &Value) -> Value {
    json!({ "issue": issue["id"], "expectedVersion": issue["version"] })
}

const ISSUE: &str = "issue { id version state }";

async fn an_approved_issue_takes_nothing_more(app: TestApp) {
    let (editor, submission) = submitted(&app).await;
    let chief = app.chief_editor().await;
    let open = walk::issue(&editor, &app, "general", TODAY).await;

    walk::refused(&chief, "publishIssue", on_issue(&open), "WRONG_STATE").await;
    walk::refused(&editor, "approveIssue", on_issue(&open), "FORBIDDEN").await;
    let approved = walk::act(&chief, "approveIssue", ISSUE, on_issue(&open)).await["issue"].take();
    assert_eq!(approved["state"], "APPROVED");
    walk::refused(&chief, "approveIssue", on_issue(&approved), "WRONG_STATE").await;
    walk::refused(&chief, "publishIssue", on_issue(&open), "VERSION_CONFLICT").await;

    let input = walk::on(&submission, json!({ "issue": open["id"] }));
    let error = walk::refused(&editor, "adoptSubmission", input, "WRONG_STATE").await;
    assert_eq!(error["field"], "issue");
    let query = "query($id: ID!) { submission(id: $id) { state version adoptions { id } } }";
    let seen = editor.gql(query, json!({ "id": submission["id"] })).await["submission"].take();
    assert_eq!(seen, json!({ "state": "SUBMITTED", "version": submission["version"], "adoptions": [] }));

    let published = walk::act(&chief, "publishIssue", ISSUE, on_issue(&approved)).await["issue"].take();
    assert_eq!(published["state"], "PUBLISHED");
}

async fn members_read_what_was_published(app: TestApp) {
    let (editor, submission) = submitted(&app).await;
    let (chief, officer) = (app.chief_editor().await, app.officer(UNIT).await);
    let issue = walk::issue(&editor, &app, "general", TODAY).await;
    walk::adopt(&editor, &submission, &issue, None).await;
    let approved = walk::act(&chief, "approveIssue", ISSUE, on_issue(&issue)).await["issue"].take();

    let query = "query($id: ID!) { node(id: $id) { ... on Issue { state items { submission { title } } } } }";
    let seen = officer.gql(query, json!({ "id": issue["id"] })).await;
    assert_eq!(seen["node"], json!(null));
    walk::act(&chief, "publishIssue", ISSUE, on_issue(&approved)).await;
    let seen = officer.gql(query, json!({ "id": issue["id"] })).await;
    let items = json!([{ "submission": { "title": walk::content()["title"] } }]);
    assert_eq!(seen["node"], json!({ "state": "PUBLISHED", "items": items }));
}

async fn a_higher_adoption_remembers_through_what_it_was_sent_up(app: TestApp) {
    let (editor, submission) = submitted(&app).await;
    app.set_clock("2026-03-20T09:00:00+08:00");
    let editor_later = app.editor().await;
    drop(editor);

    // Adopted before anything was sent up: not through us.
    let early = walk::record_adoption(&editor_later, &app, &submission, "region_other", "2026-03-05").await;
    assert_eq!(early["adoption"]["via"], json!(null));
    let sent = walk::send_up(&editor_later, &app, &early["submission"], "internal", "2026-03-10").await;
    assert_eq!(sent["state"], "ADOPTED", "sending up changes no state");
    // The day decides, not the order in which it was recorded.
    let before = walk::record_adoption(&editor_later, &app, &sent, "xinjiang_brief", "2026-03-09").await;
    assert_eq!(before["adoption"]["via"], json!(null));
    let after =
        walk::record_adoption(&editor_later, &app, &before["submission"], "yesterday_brief", "2026-03-10").await;
    assert_eq!(after["adoption"]["via"], json!({ "code": "internal" }));

    // 附件1 三(一): only what was sent up through the internal issue earns the region's 10 points.
    assert_eq!(figures::score(&editor_later, &app, UNIT, "2026-03").await, "10");
}

async fn sending_up_names_a_level_and_an_own_publication(app: TestApp) {
    let (editor, submission) = submitted(&app).await;
    let (own, higher) = (app.publication_id("internal").await, app.publication_id("state_council").await);
    for (publication, level, field) in [(&higher, "region", "publication"), (&own, "galaxy", "toLevel")] {
        let more = json!({ "publication": publication, "toLevel": level, "sentOn": TODAY });
        let error = walk::refused(&editor, "sendUpSubmission", walk::on(&submission, more), "INVALID").await;
        assert_eq!(error["field"], field);
    }
    let sent = walk::send_up(&editor, &app, &submission, "internal", TODAY).await;
    let more = json!({ "publication": own, "toLevel": "region", "sentOn": TODAY });
    walk::refused(&editor, "sendUpSubmission", walk::on(&sent, more), "ALREADY_EXISTS").await;
    let more = json!({ "publication": own, "toLevel": "state", "sentOn": TODAY });
    walk::act(&editor, "sendUpSubmission", "sendingUp { id }", walk::on(&sent, more)).await;

    let query = "query($id: ID!) { submission(id: $id) { sentUp { toLevel sentOn publication { code } } } }";
    let seen = editor.gql(query, json!({ "id": submission["id"] })).await["submission"].take();
    let sending_up = |level: &str| json!({ "toLevel": level, "sentOn": TODAY, "publication": { "code": "internal" } });
    assert_eq!(seen["sentUp"], json!([sending_up("region"), sending_up("state")]));
}

async fn leaders_of_declared_levels_endorse(app: TestApp) {
    let (editor, submission) = submitted(&app).await;
    let issue = walk::issue(&editor, &app, "general", TODAY).await;
    let adopted = walk::adopt(&editor, &submission, &issue, None).await;
    let (adoption, mut submission) = (adopted["adoption"]["id"].clone(), adopted["submission"].clone());

    let endorsement =
        |level: &str| json!({ "leader": "李领导", "level": level, "text": "请研究。", "endorsedOn": TODAY });
    let mut more = endorsement("galaxy");
    let error = walk::refused(&editor, "endorseSubmission", walk::on(&submission, more), "INVALID").await;
    assert_eq!(error["field"], "level");
    more = endorsement("prefecture");
    more["leader"] = "".into();
    let error = walk::refused(&editor, "endorseSubmission", walk::on(&submission, more), "INVALID").await;
    assert_eq!(error["field"], "leader");

    // On an adoption of the submission, and not on one of another.
    let second = walk::submit(&app, UNIT).await;
    more = endorsement("prefecture");
    more["adoption"] = adoption.clone();
    let error = walk::refused(&editor, "endorseSubmission", walk::on(&second, more.clone()), "NOT_FOUND").await;
    assert_eq!(error["field"], "adoption");
    submission =
        walk::act(&editor, "endorseSubmission", walk::SUBMISSION, walk::on(&submission, more)).await["submission"]
            .take();

    // A city leader writes it in person.
    let leader = app.city_leader().await;
    submission = walk::endorse(&leader, &submission, "region", TODAY).await;
    walk::endorse(&leader, &submission, "state", TODAY).await;
    // 10 for the adoption; 附件1 三(一): 10, 20 and 50 for the three levels.
    assert_eq!(figures::score(&editor, &app, UNIT, "2026-03").await, "90");
    let officer = app.officer(UNIT).await;
    let query = "query($id: ID!) { submission(id: $id) { endorsements { level text adoption { id } } } }";
    let seen = officer.gql(query, json!({ "id": submission["id"] })).await["submission"].take();
    assert_eq!(seen["endorsements"][0]["adoption"]["id"], adoption);
    assert_eq!(seen["endorsements"].as_array().map(Vec::len), Some(3));
}

async fn nothing_happens_before_the_hand_in_nor_after_today(app: TestApp) {
    let (editor, submission) = submitted(&app).await;
    let internal = app.publication_id("internal").await;
    let higher = app.publication_id("region_other").await;
    for day in ["2026-03-01", "2026-03-03"] {
        for (mutation, field, more) in [
            ("sendUpSubmission", "sentOn", json!({ "publication": internal, "toLevel": "region", "sentOn": day })),
            ("recordAdoption", "adoptedOn", json!({ "publication": higher, "adoptedOn": day, "evidence": "第1期" })),
            (
                "endorseSubmission",
                "endorsedOn",
                json!({ "leader": "李领导", "level": "region", "text": "阅。", "endorsedOn": day }),
            ),
        ] {
            let error = walk::refused(&editor, mutation, walk::on(&submission, more), "INVALID").await;
            assert_eq!(error["field"], field, "{day}");
        }
    }
    // An issue is compiled ahead of its date, and never behind the hand-in.
    let past = walk::issue(&editor, &app, "general", "2026-03-01").await;
    let error =
        walk::refused(&editor, "adoptSubmission", walk::on(&submission, json!({ "issue": past["id"] })), "INVALID")
            .await;
    assert_eq!(error["field"], "issue");
    let ahead = walk::issue(&editor, &app, "general", "2026-04-01").await;
    let adopted = walk::adopt(&editor, &submission, &ahead, None).await;
    assert_eq!(adopted["adoption"]["adoptedOn"], "2026-04-01");
    assert_eq!(figures::score(&editor, &app, UNIT, "2026-03").await, "0");
    assert_eq!(figures::score(&editor, &app, UNIT, "2026-04").await, "10");

    // Two minutes past midnight in the network's time zone it is still yesterday in UTC.
    app.set_clock("2026-03-03T00:02:00+08:00");
    let editor = app.editor().await;
    let adopted = walk::record_adoption(&editor, &app, &adopted["submission"], "region_other", "2026-03-03").await;
    assert_eq!(adopted["adoption"]["adoptedOn"], "2026-03-03");
}

async fn an_adoption_elsewhere_needs_evidence(app: TestApp) {
    let (editor, submission) = submitted(&app).await;
    let publication = app.publication_id("state_council").await;
    for evidence in [String::new(), "  ".to_owned(), "证".repeat(501)] {
        let more = json!({ "publication": publication, "adoptedOn": TODAY, "evidence": evidence });
        let error = walk::refused(&editor, "recordAdoption", walk::on(&submission, more), "INVALID").await;
        assert_eq!(error["field"], "evidence");
    }
}

async fn one_question_shows_the_whole_chain(app: TestApp) {
    let (editor, submission) = submitted(&app).await;
    let issue = walk::issue(&editor, &app, "internal", TODAY).await;
    let adopted = walk::adopt(&editor, &submission, &issue, Some("dynamic")).await;
    let sent = walk::send_up(&editor, &app, &adopted["submission"], "internal", TODAY).await;
    let adopted = walk::record_adoption(&editor, &app, &sent, "state_council", TODAY).await;
    walk::endorse(&editor, &adopted["submission"], "state", TODAY).await;

    let query = "query($id: ID!) { submission(id: $id) {
        adoptions { publication { code level isOwn } via { code } issue { number } evidence unit { name } adoptedOn }
        sentUp { publication { code } toLevel }
        endorsements { level leader endorsedOn }
    } }";
    let seen = app.officer(UNIT).await.gql(query, json!({ "id": submission["id"] })).await["submission"].take();
    assert_eq!(seen["sentUp"], json!([{ "publication": { "code": "internal" }, "toLevel": "region" }]));
    let endorsements = json!([{ "level": "state", "leader": "李领导", "endorsedOn": TODAY }]);
    assert_eq!(seen["endorsements"], endorsements);
    let own = json!({
        "publication": { "code": "internal", "level": "prefecture", "isOwn": true },
        "via": null,
        // An issue that is still being compiled is the office's own affair.
        "issue": null,
        "evidence": null,
        "unit": { "name": UNIT },
        "adoptedOn": TODAY,
    });
    let higher = json!({
        "publication": { "code": "state_council", "level": "state", "isOwn": false },
        "via": { "code": "internal" },
        "issue": null,
        "evidence": "第12期第3页",
        "unit": { "name": UNIT },
        "adoptedOn": TODAY,
    });
    assert_eq!(seen["adoptions"], json!([own, higher]));
}
