//! Signing (审签): by the person whom the rulebook asks for, and void as soon as the text changes.

use analytics::rulebook::shipped;
use serde_json::json;
use tests::app::{HOME, TestApp};
use tests::walk;

tests::cases![
    the_rulebook_says_who_signs,
    another_rulebook_may_ask_for_somebody_else,
    editing_voids_the_signature,
    what_is_important_or_asked_from_above_is_signed_by_the_main_leader,
];

const UNIT: &str = "玛纳斯县";

/// Who signed, and what state the submission is in.
const SIGNATURE: &str = "query($id: ID!) { submission(id: $id) { state version signedAt signatory { name } } }";

async fn the_rulebook_says_who_signs(app: TestApp) {
    let officer = app.officer(UNIT).await;
    let drafted = walk::draft(&officer, &app, UNIT, walk::content()).await;
    let attempt = || walk::on(&drafted, json!({}));

    walk::refused(&officer, "signSubmission", attempt(), "FORBIDDEN").await;
    let error = walk::refused(&app.section_chief(UNIT).await, "signSubmission", attempt(), "SIGN_OFF_REQUIRED").await;
    assert!(error["message"].as_str().unwrap().contains("unit_leader"));
    // A draft is its unit's own affair: to everybody else there is no such thing.
    for outsider in [app.leader("阜康市").await, app.editor().await, app.city_leader().await] {
        walk::refused(&outsider, "signSubmission", attempt(), "NOT_FOUND").await;
    }

    let leader = app.leader(UNIT).await;
    walk::step(&leader, "signSubmission", &drafted).await;
    let seen = officer.gql(SIGNATURE, json!({ "id": drafted["id"] })).await["submission"].take();
    let viewer = leader.gql("{ viewer { person { name } } }", json!({})).await["viewer"].take();
    assert_eq!(seen["state"], "SIGNED");
    assert_eq!(seen["signatory"]["name"], viewer["person"]["name"]);
    assert!(seen["signedAt"].as_str().unwrap().starts_with("2026-03-02T01:00:00"));
    walk::refused(&leader, "signSubmission", walk::on(&seen_as(&drafted, &seen), json!({})), "WRONG_STATE").await;
}

/// The object with the version that was seen last.
fn seen_as(object: &serde_json::Value, seen: &serde_json::Value) -> serde_json::Value {
    json!({ "id": object["id"], "version": seen["version"] })
}

async fn another_rulebook_may_ask_for_somebody_else(app: TestApp) {
    let daily =
        shipped::find(HOME).unwrap().replacen("sign_off = [\"unit_leader\"]", "sign_off = [\"section_chief\"]", 1);
    let office = app.found("daily", &daily).await;
    let (officer, chief, leader) =
        (office.officer(UNIT).await, office.section_chief(UNIT).await, office.leader(UNIT).await);

    let drafted = walk::draft(&officer, &office, UNIT, walk::content()).await;
    walk::refused(&leader, "signSubmission", walk::on(&drafted, json!({})), "SIGN_OFF_REQUIRED").await;
    assert_eq!(walk::step(&chief, "signSubmission", &drafted).await["state"], "SIGNED");

    // The change was about one kind only.
    let mut content = walk::content();
    content["kind"] = "special_report".into();
    let important = walk::draft(&officer, &office, UNIT, content).await;
    walk::refused(&chief, "signSubmission", walk::on(&important, json!({})), "SIGN_OFF_REQUIRED").await;
    assert_eq!(walk::step(&leader, "signSubmission", &important).await["state"], "SIGNED");
}

async fn editing_voids_the_signature(app: TestApp) {
    let (officer, leader) = (app.officer(UNIT).await, app.leader(UNIT).await);
    let drafted = walk::draft(&officer, &app, UNIT, walk::content()).await;
    let signed = walk::step(&leader, "signSubmission", &drafted).await;

    let mut content = walk::content();
    content["title"] = "春耕备耕全面展开".into();
    let input = walk::on(&signed, json!({ "content": content }));
    let edited = walk::act(&officer, "updateSubmission", walk::SUBMISSION, input).await["submission"].take();
    assert_eq!(edited["state"], "DRAFT");
    let seen = officer.gql(SIGNATURE, json!({ "id": drafted["id"] })).await["submission"].take();
    assert_eq!((&seen["signatory"], &seen["signedAt"]), (&json!(null), &json!(null)));

    let payload =
        walk::act(&officer, "submitSubmission", "submission { state } refusals { code }", walk::on(&edited, json!({})))
            .await;
    assert_eq!(payload["submission"]["state"], "REFUSED");
    assert_eq!(payload["refusals"], json!([{ "code": "NO_SIGNATORY" }]));
}

async fn what_is_important_or_asked_from_above_is_signed_by_the_main_leader(app: TestApp) {
    const SECTION: &str = "青山区";
    let office = app.found("daxinxi", shipped::find("baotou").unwrap()).await;
    let (officer, editor) = (office.officer(SECTION).await, office.editor().await);
    let (chief, leader) = (office.section_chief(SECTION).await, office.leader(SECTION).await);
    let mut daily = walk::content();
    daily["topic"] = serde_json::Value::Null;
    let drafted = walk::draft(&officer, &office, SECTION, daily.clone()).await;
    walk::refused(&leader, "signSubmission", walk::on(&drafted, json!({})), "SIGN_OFF_REQUIRED").await;
    assert_eq!(walk::step(&chief, "signSubmission", &drafted).await["state"], "SIGNED");

    // 四(四): 其他重要信息由各信息报送单位主要领导审核签发.
    let mut important = daily.clone();
    important["isImportant"] = true.into();
    let drafted = walk::draft(&officer, &office, SECTION, important).await;
    let error = walk::refused(&chief, "signSubmission", walk::on(&drafted, json!({})), "SIGN_OFF_REQUIRED").await;
    let details: serde_json::Value = serde_json::from_str(error["details"].as_str().unwrap()).unwrap();
    assert_eq!(details, json!({ "signers": ["unit_leader"], "policy": "rulebook/sign_off" }));
    assert_eq!(walk::step(&leader, "signSubmission", &drafted).await["state"], "SIGNED");

    // 国办、自治区办公厅约稿由主要领导审核签发; the office's own commissions are daily work.
    for (origin, signs, may_not) in
        [(Some("state"), &leader, &chief), (Some("region"), &leader, &chief), (None, &chief, &leader)]
    {
        let input = json!({
            "network": office.network_id(), "topic": "稳增长", "requirement": "请报送进展。",
            "origin": origin, "dueAt": "2026-03-06T18:00:00+08:00", "units": [office.unit_id(SECTION).await],
        });
        let asked = walk::act(&editor, "issueCommission", "commission { assignments { id } }", input).await;
        let input = json!({
            "network": office.network_id(), "unit": office.unit_id(SECTION).await,
            "assignment": asked["commission"]["assignments"][0]["id"], "content": daily,
        });
        let drafted = walk::act(&officer, "createSubmission", walk::SUBMISSION, input).await["submission"].take();
        walk::refused(may_not, "signSubmission", walk::on(&drafted, json!({})), "SIGN_OFF_REQUIRED").await;
        assert_eq!(walk::step(signs, "signSubmission", &drafted).await["state"], "SIGNED", "{origin:?}");
    }
}
