//! Versions of a rulebook: drafted by an editor, put into force by a chief editor from a day on, immutable from then.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::figures::{self, text};
use tests::walk;

tests::cases![
    a_version_scores_the_facts_of_its_own_days,
    a_draft_scores_nothing_and_is_the_offices,
    a_version_begins_after_the_others_and_not_in_the_past,
    what_is_in_force_cannot_be_changed,
];

const UNIT: &str = "阜康市";

/// The rules in force, from another day on and with 11 points where there were 10.
async fn revised(app: &TestApp, from: &str) -> String {
    let query = "{ network(code: \"changji\") { rulebook { text } } }";
    let rules = app.editor().await.gql(query, json!({})).await["network"]["rulebook"]["text"].take();
    let lines = text(&rules).lines().map(|line| match line {
        line if line.starts_with("effective_from") => format!("effective_from = {from}"),
        line => line.replace("points = \"10\"", "points = \"11\""),
    });
    lines.collect::<Vec<_>>().join("\n")
}

async fn draft(app: &TestApp, text: &str) -> Value {
    let input = json!({ "network": app.network_id(), "text": text });
    let selection = "rulebook { id number version state effectiveFrom sha256 }";
    walk::act(&app.editor().await, "draftRulebook", selection, input).await["rulebook"].take()
}

fn activation(rulebook: &Value) -> Value {
    json!({ "rulebook": rulebook["id"], "expectedVersion": rulebook["version"] })
}

async fn activate(app: &TestApp, rulebook: &Value) -> Value {
    let selection = "rulebook { id number version state activatedAt }";
    walk::act(&app.chief_editor().await, "activateRulebook", selection, activation(rulebook)).await["rulebook"].take()
}

async fn adopted(app: &TestApp, day: &str) {
    let row = app.submission(UNIT).await.submitted_on(day).insert().await;
    app.adoption(&row, "general").await.on(day).insert().await;
}

async fn a_version_scores_the_facts_of_its_own_days(app: TestApp) {
    let drafted = draft(&app, &revised(&app, "2026-03-10").await).await;
    assert_eq!(
        (&drafted["number"], &drafted["state"], &drafted["effectiveFrom"]),
        (&json!(2), &json!("DRAFT"), &json!("2026-03-10"))
    );
    let active = activate(&app, &drafted).await;
    assert_eq!((&active["state"], &active["activatedAt"]), (&json!("ACTIVE"), &json!("2026-03-02T01:00:00+00:00")));
    app.set_clock("2026-03-20T09:00:00+08:00");
    for day in ["2026-03-09", "2026-03-10", "2026-03-11"] {
        adopted(&app, day).await;
    }
    let ledger = figures::ledger(&app.editor().await, &app, UNIT, "2026-03", figures::Currency::Points).await;
    assert_eq!(
        figures::lines(&ledger),
        "2026-03-09 adopted.general 10\n2026-03-10 adopted.general 11\n2026-03-11 adopted.general 11\n"
    );
    let query = "query($network: ID!, $unit: ID!) {
        scoreLedger(network: $network, unit: $unit, period: { id: \"2026-03\" }, first: 10) {
            nodes { rulebookVersion { number } }
        }
        ranking(network: $network, period: { id: \"2026-03\" }) { meta { rulebookVersions { number } } }
    }";
    let variables = json!({ "network": app.network_id(), "unit": app.unit_id(UNIT).await });
    let answer = app.editor().await.gql(query, variables).await;
    let numbers: Vec<_> = answer["scoreLedger"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["rulebookVersion"]["number"].clone())
        .collect();
    assert_eq!(json!(numbers), json!([1, 2, 2]));
    assert_eq!(answer["ranking"]["meta"]["rulebookVersions"], json!([{ "number": 1 }, { "number": 2 }]));
    let query = "{ network(code: \"changji\") { before: rulebook(on: \"2026-03-09\") { number } after: rulebook(on: \"2026-03-10\") { number } } }";
    let versions = app.officer(UNIT).await.gql(query, json!({})).await["network"].take();
    assert_eq!(versions, json!({ "before": { "number": 1 }, "after": { "number": 2 } }));
}

async fn a_draft_scores_nothing_and_is_the_offices(app: TestApp) {
    adopted(&app, "2026-03-02").await;
    let drafted = draft(&app, &revised(&app, "2026-03-02").await).await;
    assert_eq!(figures::score(&app.editor().await, &app, UNIT, "2026-03").await, "10");
    let query = "{ network(code: \"changji\") { rulebooks { number state } } }";
    let of_office = app.chief_editor().await.gql(query, json!({})).await["network"]["rulebooks"].take();
    assert_eq!(of_office, json!([{ "number": 1, "state": "ACTIVE" }, { "number": 2, "state": "DRAFT" }]));
    let of_unit = app.officer(UNIT).await.gql(query, json!({})).await["network"]["rulebooks"].take();
    assert_eq!(of_unit, json!([{ "number": 1, "state": "ACTIVE" }]));
    // Drafting is the editor's, putting into force the chief editor's.
    walk::refused(&app.editor().await, "activateRulebook", activation(&drafted), "FORBIDDEN").await;
    let input = json!({ "network": app.network_id(), "text": revised(&app, "2026-04-01").await });
    walk::refused(&app.chief_editor().await, "draftRulebook", input, "FORBIDDEN").await;
    let input = json!({ "network": app.network_id(), "text": "effective_from = 2026-02-30" });
    walk::refused(&app.editor().await, "draftRulebook", input, "RULEBOOK_INVALID").await;
}

async fn a_version_begins_after_the_others_and_not_in_the_past(app: TestApp) {
    let chief = app.chief_editor().await;
    let past = draft(&app, &revised(&app, "2026-03-01").await).await;
    walk::refused(&chief, "activateRulebook", activation(&past), "INVALID").await;
    let april = draft(&app, &revised(&app, "2026-04-01").await).await;
    let march = draft(&app, &revised(&app, "2026-03-15").await).await;
    activate(&app, &april).await;
    walk::refused(&chief, "activateRulebook", activation(&march), "INVALID").await;
    // So closed periods cannot be reached: they lie in the past.
    let close = json!({ "network": app.network_id(), "period": "2026-02" });
    walk::act(&chief, "closePeriod", "closing { id }", close).await;
    let closed = draft(&app, &revised(&app, "2026-02-15").await).await;
    walk::refused(&chief, "activateRulebook", activation(&closed), "INVALID").await;
}

async fn what_is_in_force_cannot_be_changed(app: TestApp) {
    let drafted = draft(&app, &revised(&app, "2026-03-10").await).await;
    let stale = json!({ "rulebook": drafted["id"], "expectedVersion": 9 });
    walk::refused(&app.chief_editor().await, "activateRulebook", stale, "VERSION_CONFLICT").await;
    activate(&app, &drafted).await;
    walk::refused(&app.chief_editor().await, "activateRulebook", activation(&drafted), "WRONG_STATE").await;
    // Another draft of the same rules is another version; the one in force keeps text and digest.
    let again = draft(&app, &revised(&app, "2026-05-01").await).await;
    assert_eq!(again["number"], 3);
    let query = "query($id: ID!) { node(id: $id) { ... on RulebookVersion { number state sha256 } } }";
    let seen = app.editor().await.gql(query, json!({ "id": drafted["id"] })).await["node"].take();
    assert_eq!(seen, json!({ "number": 2, "state": "ACTIVE", "sha256": drafted["sha256"] }));
}
