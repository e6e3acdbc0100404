//! What receipt does not take in: items that lack something, items that are too long, and confidential material.

use analytics::rulebook::shipped;
use serde_json::{Value, json};
use tests::app::{HOME, TestApp};
use tests::figures::text;
use tests::walk;

tests::cases![
    each_missing_field_has_its_code,
    a_refusal_stays_on_record_when_the_item_is_completed,
    a_refused_item_was_not_reported,
    a_rulebook_may_limit_the_length,
    confidential_text_is_refused_and_nothing_is_stored,
    content_is_checked_against_the_rulebook,
];

const UNIT: &str = "呼图壁县";

/// Codes and fields of refusals.
fn reasons(refusals: &Value) -> Vec<(&str, &str)> {
    refusals
        .as_array()
        .map(|all| all.iter().map(|one| (text(&one["code"]), text(&one["field"]))).collect())
        .unwrap_or_default()
}

const HAND_IN: &str = "submission { id version state } refusals { code field message messageZh }";

async fn each_missing_field_has_its_code(app: TestApp) {
    let (officer, leader) = (app.officer(UNIT).await, app.leader(UNIT).await);
    let signatory = ("NO_SIGNATORY", "signatory");
    let writer = ("NO_WRITER", "authors");
    let contact = ("NO_CONTACT", "contact");
    for (signed, written, reachable, expected) in [
        (true, true, true, vec![]),
        (false, true, true, vec![signatory]),
        (true, false, true, vec![writer]),
        (true, true, false, vec![contact]),
        (false, false, false, vec![signatory, writer, contact]),
    ] {
        let mut content = walk::content();
        if !written {
            content["authors"] = json!([]);
        }
        if !reachable {
            content["contact"] = json!("  ");
        }
        let mut submission = walk::draft(&officer, &app, UNIT, content).await;
        if signed {
            submission = walk::step(&leader, "signSubmission", &submission).await;
        }
        let payload = walk::act(&officer, "submitSubmission", HAND_IN, walk::on(&submission, json!({}))).await;
        assert_eq!(reasons(&payload["refusals"]), expected);
        let state = if expected.is_empty() { "SUBMITTED" } else { "REFUSED" };
        assert_eq!(payload["submission"]["state"], state);
        for refusal in payload["refusals"].as_array().into_iter().flatten() {
            assert!(!text(&refusal["message"]).is_empty() && !text(&refusal["messageZh"]).is_empty());
        }
    }
}

async fn a_refusal_stays_on_record_when_the_item_is_completed(app: TestApp) {
    let (officer, leader) = (app.officer(UNIT).await, app.leader(UNIT).await);
    let mut content = walk::content();
    content["contact"] = Value::Null;
    let submission = walk::draft(&officer, &app, UNIT, content).await;
    let submission = walk::step(&officer, "submitSubmission", &submission).await;
    assert_eq!(submission["state"], "REFUSED");

    // Handed in again as it is: refused again, and that too is on record.
    app.set_clock("2026-03-02T09:05:00+08:00");
    let submission = walk::step(&officer, "submitSubmission", &submission).await;
    let input = walk::on(&submission, json!({ "content": walk::content() }));
    let submission = walk::act(&officer, "updateSubmission", walk::SUBMISSION, input).await["submission"].take();
    let submission = walk::step(&leader, "signSubmission", &submission).await;
    let submission = walk::step(&officer, "submitSubmission", &submission).await;
    assert_eq!(submission["state"], "SUBMITTED");

    let query = "query($id: ID!) { submission(id: $id) { refusals { code field refusedAt } } }";
    for reader in [officer, app.editor().await] {
        let seen = reader.gql(query, json!({ "id": submission["id"] })).await;
        let refusals = &seen["submission"]["refusals"];
        let both = [("NO_SIGNATORY", "signatory"), ("NO_CONTACT", "contact")];
        assert_eq!(reasons(refusals), [both, both].concat());
        assert!(text(&refusals[0]["refusedAt"]).starts_with("2026-03-02T01:00:00"));
        assert!(text(&refusals[2]["refusedAt"]).starts_with("2026-03-02T01:05:00"));
    }
}

async fn a_refused_item_was_not_reported(app: TestApp) {
    let (officer, editor) = (app.officer(UNIT).await, app.editor().await);
    let submission = walk::draft(&officer, &app, UNIT, walk::content()).await;
    let submission = walk::step(&officer, "submitSubmission", &submission).await;
    assert_eq!(submission["state"], "REFUSED");
    walk::refused(&editor, "receiveSubmission", walk::on(&submission, json!({})), "WRONG_STATE").await;

    let query = "query($network: ID!) { adoptionRates(network: $network, period: { id: \"2026-03\" }) {
        rows { unit { name } submitted }
    } }";
    let answer = officer.gql(query, json!({ "network": app.network_id() })).await;
    assert_eq!(answer["adoptionRates"]["rows"], json!([{ "unit": { "name": UNIT }, "submitted": 0 }]));
}

async fn a_rulebook_may_limit_the_length(app: TestApp) {
    let kind = "id = \"dynamic\"\nname = \"动态类信息\"\n";
    let text = shipped::find(HOME).unwrap();
    assert!(text.contains(kind));
    let strict = text.replacen(kind, &format!("{kind}max_characters = 10\n"), 1);
    let office = app.found("strict", &strict).await;
    let (officer, leader) = (office.officer(UNIT).await, office.leader(UNIT).await);

    // Ten characters and white space, which is not counted; then one character more.
    for (body, expected) in [("春耕备耕工作\n有序推进", vec![]), ("春耕备耕工作有序推进。", vec![("TOO_LONG", "body")])]
    {
        let mut content = walk::content();
        content["body"] = body.into();
        let submission = walk::draft(&officer, &office, UNIT, content).await;
        let submission = walk::step(&leader, "signSubmission", &submission).await;
        let payload = walk::act(&officer, "submitSubmission", HAND_IN, walk::on(&submission, json!({}))).await;
        assert_eq!(reasons(&payload["refusals"]), expected);
    }
}

async fn confidential_text_is_refused_and_nothing_is_stored(app: TestApp) {
    let officer = app.officer(UNIT).await;
    let marked =
        [("title", "机密★一年 关于某事项的报告"), ("body", "秘 密 ★ 6个月\n内容不得公开。"), ("body", "绝密☆")];
    let unit = app.unit_id(UNIT).await;
    for (field, text) in marked {
        let mut content = walk::content();
        content[field] = text.into();
        let input = json!({ "idempotencyKey": "once", "network": app.network_id(), "unit": unit, "content": content });
        let error = walk::refused(&officer, "createSubmission", input, "CONFIDENTIAL").await;
        assert!(!error.to_string().contains("不得公开"), "the text is not repeated");
    }
    let count = "query($network: ID!) { submissions(network: $network, first: 1) { totalCount } }";
    let answer = officer.gql(count, json!({ "network": app.network_id() })).await;
    assert_eq!(answer["submissions"]["totalCount"], 0);

    // Not even the request is remembered: its key is free.
    let input = json!({
        "idempotencyKey": "once", "network": app.network_id(), "unit": unit, "content": walk::content(),
    });
    let drafted = walk::act(&officer, "createSubmission", walk::SUBMISSION, input).await["submission"].take();

    let mut content = walk::content();
    content["body"] = "机密★\n后来写入的内容。".into();
    walk::refused(&officer, "updateSubmission", walk::on(&drafted, json!({ "content": content })), "CONFIDENTIAL")
        .await;
    let body =
        officer.gql("query($id: ID!) { submission(id: $id) { body version } }", json!({ "id": drafted["id"] })).await;
    assert_eq!(body["submission"], json!({ "body": walk::content()["body"], "version": drafted["version"] }));
}

async fn content_is_checked_against_the_rulebook(app: TestApp) {
    let officer = app.officer(UNIT).await;
    let unit = app.unit_id(UNIT).await;
    for (change, field) in [
        (json!({ "kind": "poem" }), "content.kind"),
        (json!({ "topic": "weather" }), "content.topic"),
        (json!({ "title": " " }), "content.title"),
        (json!({ "title": "题".repeat(101) }), "content.title"),
        (json!({ "body": "" }), "content.body"),
        (json!({ "contact": "9".repeat(61) }), "content.contact"),
        (json!({ "authors": [{ "name": "王", "share": "0.5" }, { "name": "李" }] }), "content.authors"),
        (json!({ "authors": [{ "name": "王", "share": "0.5" }, { "name": "李", "share": "0.6" }] }), "content.authors"),
        (json!({ "authors": vec![json!({ "name": "王" }); 21] }), "content.authors"),
        (json!({ "authors": [{ "name": "" }] }), "content.authors.name"),
    ] {
        let mut content = walk::content();
        content.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let input = json!({ "network": app.network_id(), "unit": unit, "content": content });
        let error = walk::refused(&officer, "createSubmission", input, "INVALID").await;
        assert_eq!(error["field"], field);
    }
}
