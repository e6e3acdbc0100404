//! Judgements: judged checks with evidence, within the clause's range; another office's points taken over.

use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::figures::{self, Currency};
use tests::office::Office;
use tests::walk;

tests::cases![
    a_check_is_judged_within_the_range_of_the_clause,
    another_offices_points_are_taken_over,
    what_cannot_be_judged_is_refused,
    judgements_are_seen_by_whom_they_concern,
];

const TRIO: &str = include_str!("../../analytics/rulebooks/field/weighted-trio.toml");

async fn input(office: &Office, unit: &str, more: Value) -> Value {
    let here = json!({
        "network": office.network_id(), "unit": office.unit_id(unit).await, "judgedOn": "2026-03-01",
    });
    walk::merged(here, more)
}

async fn a_check_is_judged_within_the_range_of_the_clause(app: TestApp) {
    let office = app.found("trio", TRIO).await;
    let editor = office.editor().await;
    for points in ["5.5", "-1"] {
        let check = json!({ "kind": "leadership", "points": points, "evidence": "会议纪要" });
        let refused = walk::refused(&editor, "recordJudgement", input(&office, "甲局", check).await, "INVALID").await;
        assert_eq!(refused["field"], "points");
        assert_eq!(refused["details"], json!(r#"{"least":"0","most":"5","rule":"basic"}"#));
    }
    for (kind, points, evidence) in
        [("leadership", "5", Some("会议纪要")), ("rules", "3.5", Some("制度汇编")), ("staff", "4", None)]
    {
        let check = json!({ "kind": kind, "points": points, "evidence": evidence });
        walk::act(&editor, "recordJudgement", "judgement { id }", input(&office, "甲局", check).await).await;
    }
    // What has no evidence earns nothing; the part weighs a half.
    let ledger = figures::ledger(&editor, &office, "甲局", "2026", Currency::Points).await;
    expect![[r"
        2026-03-01 basic 5
        2026-03-01 basic 3.5
        2026-12-31 basic_part.weight -4.25
    "]]
    .assert_eq(&figures::lines(&ledger));
    assert_eq!(figures::score(&editor, &office, "甲局", "2026").await, "4.25");
    // The line leads to the judgement.
    let id = &ledger[0]["facts"][0]["id"];
    let query = "query($id: ID!) { node(id: $id) { ... on Judgement {
        kind points evidence origin unit { name } decidedBy { name }
    } } }";
    let judgement = editor.gql(query, json!({ "id": id })).await["node"].take();
    assert_eq!((&judgement["unit"]["name"], &judgement["origin"]), (&json!("甲局"), &Value::Null));
    assert!(judgement["decidedBy"]["name"].is_string());
}

async fn another_offices_points_are_taken_over(app: TestApp) {
    let rule = "\n[[rule]]\nid = \"imported\"\nclause = \"四\"\ntitle = \"上级计分\"\non = \"judgement\"\n\
                where = \"kind = 'imported'\"\npoints = \"awarded * 2\"\n";
    let office = app.found("imported", &format!("{TRIO}{rule}")).await;
    let editor = office.editor().await;
    let item = office.submission("乙局").await.kind("general").submitted_on("2026-02-28").insert().await;
    let judged = json!({
        "kind": "imported", "origin": "city", "points": "7.25",
        "submission": tests::office::global("Submission", item.id.0),
    });
    walk::act(
        &editor,
        "recordJudgement",
        "judgement { origin submission { id } }",
        input(&office, "乙局", judged).await,
    )
    .await;
    let ledger = figures::ledger(&editor, &office, "乙局", "2026-03", Currency::Points).await;
    expect![[r"
        2026-03-01 imported 14.5
    "]]
    .assert_eq(&figures::lines(&ledger));
    assert_eq!(ledger[0]["submission"]["id"], tests::office::global("Submission", item.id.0));
}

async fn what_cannot_be_judged_is_refused(app: TestApp) {
    let office = app.found("trio", TRIO).await;
    let editor = office.editor().await;
    for (more, field) in [
        (json!({ "kind": "weather", "points": "1" }), "kind"),
        (json!({ "kind": "rules", "points": "1", "origin": "moon" }), "origin"),
        (json!({ "kind": "check", "points": "10000.5" }), "points"),
        (json!({ "kind": "rules", "points": "1", "judgedOn": "2026-03-03" }), "judgedOn"),
        (json!({ "kind": "rules", "points": "1", "evidence": "长".repeat(2001) }), "evidence"),
    ] {
        let refused = walk::refused(&editor, "recordJudgement", input(&office, "甲局", more).await, "INVALID").await;
        assert_eq!(refused["field"], field);
    }
    let other = office.submission("乙局").await.kind("general").submitted_on("2026-02-28").insert().await;
    let of_another =
        json!({ "kind": "rules", "points": "1", "submission": tests::office::global("Submission", other.id.0) });
    walk::refused(&editor, "recordJudgement", input(&office, "甲局", of_another).await, "INVALID").await;
    let check = json!({ "kind": "rules", "points": "1" });
    let analyst = office.analyst().await;
    walk::refused(&analyst, "recordJudgement", input(&office, "甲局", check).await, "FORBIDDEN").await;
}

async fn judgements_are_seen_by_whom_they_concern(app: TestApp) {
    let office = app.found("trio", TRIO).await;
    let editor = office.editor().await;
    for unit in ["甲局", "乙局"] {
        let check = json!({ "kind": "rules", "points": "1", "evidence": "制度汇编" });
        walk::act(&editor, "recordJudgement", "judgement { id }", input(&office, unit, check).await).await;
    }
    let query = "query($network: ID!) { judgements(network: $network, first: 10) { nodes { unit { name } } } }";
    let variables = json!({ "network": office.network_id() });
    let own = office.officer("甲局").await.gql(query, variables.clone()).await;
    assert_eq!(own["judgements"]["nodes"], json!([{ "unit": { "name": "甲局" } }]));
    let all = office.analyst().await.gql(query, variables).await;
    assert_eq!(all["judgements"]["nodes"].as_array().map(Vec::len), Some(2));
}
