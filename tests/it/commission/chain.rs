//! Where a commission comes from: a chain of senders with falling deadlines, through networks that stack; and what is attached.

use entity::role_grant::Role;
use serde_json::{Value, json};
use tests::app::{TestApp, at};
use tests::client::Client;
use tests::figures::text;
use tests::office::{Office, Place};
use tests::{builders, walk};

tests::cases![
    inner_deadlines_lie_before_outer_ones,
    a_network_below_passes_a_commission_on,
    only_what_is_asked_of_one_is_passed_on,
    attachments_are_referred_to,
];

/// The network below.
const ELSEWHERE: &str = "huolinguole";
const RULEBOOK_ELSEWHERE: &str = include_str!("../../../analytics/rulebooks/field/huolinguole-2018.toml");
/// A unit of the network below.
const UNIT_ELSEWHERE: &str = "珠斯花街道";

const DUE: &str = "2026-03-09T18:00:00+08:00";
const CHAIN: &str = "commission { id origin dueAt originChain { level issuer reference dueAt assignment { id } } }";

async fn request(office: &Office, unit: &str, more: Value) -> Value {
    let input = json!({
        "network": office.network_id(), "topic": "春耕", "requirement": "报送进度", "dueAt": DUE,
        "units": [office.unit_id(unit).await],
    });
    walk::merged(input, more)
}

async fn inner_deadlines_lie_before_outer_ones(app: TestApp) {
    let editor = app.editor().await;
    let link = |level: &str, issuer: &str, due_at: &str| json!({ "level": level, "issuer": issuer, "dueAt": due_at });
    let state = link("state", "国务院办公厅", "2026-03-20T18:00:00+08:00");
    let region = link("region", "自治区政府办公厅", "2026-03-13T18:00:00+08:00");
    for (chain, due_at, field) in [
        (json!([region, state]), DUE, "chain.dueAt"),
        (json!([state, region]), "2026-03-13T18:00:00+08:00", "dueAt"),
        (json!([state, region]), "2026-03-15T18:00:00+08:00", "dueAt"),
        (json!([link("galaxy", "银河", "2026-03-20T18:00:00+08:00")]), DUE, "chain.level"),
        (json!([link("state", " ", "2026-03-20T18:00:00+08:00")]), DUE, "chain.issuer"),
    ] {
        let input = request(&app, "阜康市", json!({ "originChain": chain, "dueAt": due_at })).await;
        let error = walk::refused(&editor, "issueCommission", input, "INVALID").await;
        assert_eq!(error["field"], field);
    }
    let late = json!([{ "unit": app.unit_id("阜康市").await, "dueAt": "2026-03-14T18:00:00+08:00" }]);
    let input = request(&app, "阜康市", json!({ "originChain": [state, region], "ownDeadlines": late })).await;
    let error = walk::refused(&editor, "issueCommission", input, "INVALID").await;
    assert_eq!(error["field"], "ownDeadlines");

    let numbered = walk::merged(region.clone(), json!({ "reference": "新政办约〔2026〕7号" }));
    let input = request(&app, "阜康市", json!({ "originChain": [state, numbered] })).await;
    let issued = walk::act(&editor, "issueCommission", CHAIN, input).await["commission"].take();
    // The request came from the outermost of them.
    assert_eq!(issued["origin"], "state");
    let issuers: Vec<_> = issued["originChain"].as_array().unwrap().iter().map(|link| text(&link["issuer"])).collect();
    assert_eq!(issuers, ["国务院办公厅", "自治区政府办公厅"]);
    assert_eq!(issued["originChain"][1]["reference"], "新政办约〔2026〕7号");

    // An extension stays within it, too.
    let more = json!({ "commission": issued["id"], "expectedVersion": 1, "reason": "数据较多" });
    let too_late = walk::merged(more.clone(), json!({ "dueAt": "2026-03-13T18:00:00+08:00" }));
    let error = walk::refused(&editor, "extendCommission", too_late, "INVALID").await;
    assert_eq!(error["field"], "dueAt");
    let extended = walk::merged(more, json!({ "dueAt": "2026-03-13T17:59:59+08:00" }));
    walk::act(&editor, "extendCommission", "commission { id }", extended).await;
}

/// Somebody who edits the network below and reports for its office in the network above.
async fn go_between(app: &TestApp, below: &Office, unit: &str) -> Client {
    let person = app.holder(Role::Editor, Place::Network(below.network())).await;
    let unit = Some(app.unit(unit).await);
    builders::grant(app.writer(), person, Role::Officer, None, unit, app.now()).await;
    app.sign_in(person).await
}

async fn a_network_below_passes_a_commission_on(app: TestApp) {
    let below = app.found(ELSEWHERE, RULEBOOK_ELSEWHERE).await;
    let editor = app.editor().await;
    let outer = json!([{ "level": "state", "issuer": "国务院办公厅", "dueAt": "2026-03-20T18:00:00+08:00" }]);
    let input = request(&app, "阜康市", json!({ "originChain": outer })).await;
    let selection = "commission { id assignments { id unit { name } } }";
    let above = walk::act(&editor, "issueCommission", selection, input).await["commission"].take();
    let assignment = walk::assignment(&above, "阜康市");

    let between = go_between(&app, &below, "阜康市").await;
    let passing = json!({ "answersAssignment": assignment["id"] });
    let input = request(&below, UNIT_ELSEWHERE, passing.clone()).await;
    let error = walk::refused(&between, "issueCommission", input, "INVALID").await;
    assert_eq!(error["field"], "dueAt", "the unit below is asked before the office above is answered");
    let earlier = json!({ "answersAssignment": assignment["id"], "dueAt": "2026-03-07T18:00:00+08:00" });
    let input = request(&below, UNIT_ELSEWHERE, earlier).await;
    let passed = walk::act(&between, "issueCommission", CHAIN, input).await["commission"].take();
    let chain = passed["originChain"].as_array().unwrap();
    assert_eq!(chain.len(), 2);
    assert_eq!((text(&chain[0]["issuer"]), &chain[1]["assignment"]["id"]), ("国务院办公厅", &assignment["id"]));
    assert_eq!(at(text(&chain[1]["dueAt"])), at(DUE));

    // Whoever sees both networks sees the link from both ends; the editor above does not look into the one below.
    let query = "query($id: ID!) { node(id: $id) { ... on CommissionAssignment { passedOnAs { id } } } }";
    let ends = |client: Client| {
        let id = assignment["id"].clone();
        async move { client.gql(query, json!({ "id": id })).await["node"]["passedOnAs"].take() }
    };
    assert_eq!(ends(between).await, json!([{ "id": passed["id"] }]));
    assert_eq!(ends(app.editor().await).await, json!([]));

    // More time above leaves room below.
    walk::extend(&editor, &above, None, "2026-03-12T18:00:00+08:00").await;
    let longer = json!({
        "commission": passed["id"], "expectedVersion": 1, "reason": "上级已延期", "dueAt": "2026-03-11T18:00:00+08:00",
    });
    walk::act(&below.editor().await, "extendCommission", "commission { id }", longer).await;
}

async fn only_what_is_asked_of_one_is_passed_on(app: TestApp) {
    let below = app.found(ELSEWHERE, RULEBOOK_ELSEWHERE).await;
    let editor = app.editor().await;
    let above = walk::commission(&editor, &app, &["阜康市", "奇台县"], DUE).await;
    let others = walk::assignment(&above, "奇台县");
    let between = go_between(&app, &below, "阜康市").await;
    let due = "2026-03-07T18:00:00+08:00";
    let input = request(&below, UNIT_ELSEWHERE, json!({ "answersAssignment": others["id"], "dueAt": due })).await;
    let error = walk::refused(&between, "issueCommission", input, "NOT_FOUND").await;
    assert_eq!(error["field"], "answersAssignment");
    // Nor is an assignment of the network itself.
    let input = request(&app, "阜康市", json!({ "answersAssignment": others["id"], "dueAt": due })).await;
    let error = walk::refused(&editor, "issueCommission", input, "INVALID").await;
    assert_eq!(error["field"], "answersAssignment");
    // Nor what has been decided.
    let own = walk::assignment(&above, "阜康市");
    walk::on_assignment(&editor, "excuseAssignment", own, json!({})).await;
    let input = request(&below, UNIT_ELSEWHERE, json!({ "answersAssignment": own["id"], "dueAt": due })).await;
    walk::refused(&between, "issueCommission", input, "WRONG_STATE").await;
    let both = json!({
        "answersAssignment": own["id"], "dueAt": due, "originChain": [{ "issuer": "国务院办公厅", "dueAt": DUE }],
    });
    let error =
        walk::refused(&between, "issueCommission", request(&below, UNIT_ELSEWHERE, both).await, "INVALID").await;
    assert_eq!(error["field"], "chain");
}

async fn attachments_are_referred_to(app: TestApp) {
    let editor = app.editor().await;
    let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    for (attachment, field) in [
        (json!({ "name": "通知" }), "attachments"),
        (json!({ "name": "", "fileNumber": "7号" }), "attachments"),
        (json!({ "name": "通知", "url": "javascript:alert(1)" }), "attachments.url"),
        (json!({ "name": "通知", "fileNumber": "7号", "sha256": "xyz" }), "attachments.sha256"),
    ] {
        let input = request(&app, "阜康市", json!({ "attachments": [attachment] })).await;
        let error = walk::refused(&editor, "issueCommission", input, "INVALID").await;
        assert_eq!(error["field"], field);
    }
    let attachments = json!([
        { "name": "约稿通知", "url": null, "fileNumber": "新政办约〔2026〕7号", "sha256": null },
        { "name": "统计表", "url": "https://files.example/7.xlsx", "fileNumber": null, "sha256": digest },
    ]);
    let input = request(&app, "阜康市", json!({ "attachments": attachments })).await;
    let selection = "commission { id attachments { name url fileNumber sha256 } }";
    let issued = walk::act(&editor, "issueCommission", selection, input).await["commission"].take();
    assert_eq!(issued["attachments"], attachments);
    let query = "query($id: ID!) { node(id: $id) { ... on Commission { attachments { name } } } }";
    let seen = app.officer("阜康市").await.gql(query, json!({ "id": issued["id"] })).await;
    assert_eq!(seen["node"]["attachments"].as_array().map(Vec::len), Some(2));
    // A marked request is not stored.
    let marked = request(&app, "阜康市", json!({ "requirement": "机密★一年" })).await;
    walk::refused(&editor, "issueCommission", marked, "CONFIDENTIAL").await;
}
