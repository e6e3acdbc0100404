//! Settlements: drafted by one, approved by another, taken back and settled again, and never paid twice.

use std::fmt::Write as _;

use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::text;
use tests::office::Office;
use tests::walk;

tests::cases![
    whoever_drafts_does_not_approve,
    settling_again_gives_the_same_draft,
    a_reversal_takes_everything_back_and_it_is_due_again,
    a_month_and_its_year_pay_an_article_once,
    names_are_for_those_who_pay_and_for_the_own_unit,
    a_tie_that_is_left_to_a_person_is_decided_before_anything_is_paid,
    a_draft_of_a_superseded_circular_cannot_be_approved,
];

const SETTLEMENT: &str = "settlement { id version number kind state total reason }";

/// Drafts a settlement; returns it.
pub(crate) async fn settle(client: &Client, office: &Office, period: &str) -> Value {
    let input = json!({ "network": office.network_id(), "period": period });
    walk::act(client, "settleAwards", SETTLEMENT, input).await["settlement"].take()
}

/// Approves a settlement; returns it.
pub(crate) async fn approve(client: &Client, settlement: &Value) -> Value {
    walk::act(client, "approveSettlement", SETTLEMENT, on(settlement)).await["settlement"].take()
}

fn on(settlement: &Value) -> Value {
    json!({ "settlement": settlement["id"], "expectedVersion": settlement["version"] })
}

/// The lines of a settlement as text: awards in their order, then rewards by rule, unit and name.
pub(crate) async fn lines(client: &Client, settlement: &Value) -> String {
    let query = "query($id: ID!) { node(id: $id) { ... on AwardSettlement { lines(first: 100) { nodes {
        kind award unitName personName amount outcome
    } } } } }";
    let answer = client.gql(query, json!({ "id": settlement["id"] })).await;
    let mut lines = Vec::new();
    for (place, line) in answer["node"]["lines"]["nodes"].as_array().unwrap().iter().enumerate() {
        let [award, unit, name, amount, outcome] =
            ["award", "unitName", "personName", "amount", "outcome"].map(|field| text(&line[field]));
        let name = if name.is_empty() { "-" } else { name };
        let order = if line["kind"] == "AWARD" { place } else { usize::MAX };
        lines.push((order, format!("{award} {unit} {name} {amount} {outcome}")));
    }
    lines.sort();
    lines.into_iter().fold(String::new(), |mut all, (_, line)| {
        let _ = writeln!(all, "{line}");
        all
    })
}

/// Closes a period and publishes it.
pub(crate) async fn publish(office: &Office, period: &str) -> Value {
    let chief = office.chief_editor().await;
    let input = json!({ "network": office.network_id(), "period": period });
    walk::act(&chief, "closePeriod", "closing { id }", input.clone()).await;
    walk::act(&chief, "publishCircular", "circular { id version }", input).await["circular"].take()
}

/// An item of a unit that a publication above took up in November 2025.
async fn rewarded(app: &TestApp, unit: &str, publication: &str) {
    let row = app.submission(unit).await.submitted_on("2025-11-03").insert().await;
    let via = app.publication("internal").await;
    app.adoption(&row, publication).await.via(via).on("2025-11-10").insert().await;
}

async fn whoever_drafts_does_not_approve(app: TestApp) {
    rewarded(&app, "阜康市", "state_council").await;
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    let before = json!({ "network": app.network_id(), "period": "2025-11" });
    walk::refused(&editor, "settleAwards", before.clone(), "WRONG_STATE").await;
    publish(&app, "2025-11").await;
    walk::refused(&app.leader("阜康市").await, "settleAwards", before, "FORBIDDEN").await;
    let own = settle(&chief, &app, "2025-11").await;
    walk::refused(&editor, "approveSettlement", on(&own), "FORBIDDEN").await;
    let refused = walk::refused(&chief, "approveSettlement", on(&own), "FORBIDDEN").await;
    assert_eq!(refused["message"], "somebody else than whoever drafted it must approve a settlement");
    // Before it is approved, nobody outside the office knows of it.
    let list = "query($network: ID!) { settlements(network: $network, first: 5) { totalCount } }";
    let seen = app.officer("阜康市").await.gql(list, json!({ "network": app.network_id() })).await;
    assert_eq!(seen["settlements"]["totalCount"], 0);
}

async fn settling_again_gives_the_same_draft(app: TestApp) {
    rewarded(&app, "阜康市", "state_council").await;
    publish(&app, "2025-11").await;
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    let first = settle(&editor, &app, "2025-11").await;
    assert_eq!(settle(&editor, &app, "2025-11").await, first);
    assert_eq!(settle(&chief, &app, "2025-11").await, first);
    approve(&chief, &first).await;
    let again = json!({ "network": app.network_id(), "period": "2025-11" });
    walk::refused(&chief, "settleAwards", again, "WRONG_STATE").await;
    walk::refused(&chief, "approveSettlement", on(&first), "WRONG_STATE").await;
}

async fn a_reversal_takes_everything_back_and_it_is_due_again(app: TestApp) {
    rewarded(&app, "阜康市", "state_council").await;
    rewarded(&app, "奇台县", "yesterday_brief").await;
    publish(&app, "2025-11").await;
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    let paid = approve(&chief, &settle(&editor, &app, "2025-11").await).await;
    assert_eq!(paid["total"], "1100.00");
    let input = walk::merged(on(&paid), json!({ "reason": "账户信息有误" }));
    walk::refused(&editor, "reverseSettlement", input.clone(), "FORBIDDEN").await;
    let back = walk::act(&chief, "reverseSettlement", SETTLEMENT, input).await["settlement"].take();
    assert_eq!((&back["kind"], &back["total"], &back["number"]), (&json!("REVERSAL"), &json!("-1100.00"), &json!(2)));
    expect![[r"
        reward.state_council 阜康市 王信息 -1000.00 REVERSED
        reward.yesterday_brief 奇台县 王信息 -100.00 REVERSED
    "]]
    .assert_eq(&lines(&editor, &back).await);
    let reversed = json!({ "settlement": paid["id"], "expectedVersion": 3, "reason": "再次冲正" });
    walk::refused(&chief, "reverseSettlement", reversed, "WRONG_STATE").await;
    let again = settle(&editor, &app, "2025-11").await;
    assert_eq!((&again["total"], &again["number"]), (&json!("1100.00"), &json!(3)));
    approve(&chief, &again).await;
    let query = "query($network: ID!) { awardPayments(network: $network, first: 100) { nodes { amount paidBefore } } }";
    let ledger = editor.gql(query, json!({ "network": app.network_id() })).await;
    let amounts: Vec<_> =
        ledger["awardPayments"]["nodes"].as_array().unwrap().iter().map(|one| text(&one["amount"])).collect();
    assert_eq!(amounts.len(), 6);
    assert_eq!(amounts.iter().filter(|amount| **amount == "1000.00").count(), 2);
}

async fn a_month_and_its_year_pay_an_article_once(app: TestApp) {
    rewarded(&app, "阜康市", "state_council").await;
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    let of = |period: &str| json!({ "network": app.network_id(), "period": period });
    walk::act(&chief, "closePeriod", "closing { id }", of("2025")).await;
    for period in ["2025-11", "2025"] {
        walk::act(&chief, "publishCircular", "circular { id }", of(period)).await;
    }
    let month = settle(&editor, &app, "2025-11").await;
    let year = settle(&editor, &app, "2025").await;
    assert_eq!((&month["total"], &year["total"]), (&json!("1000.00"), &json!("1000.00")));
    approve(&chief, &month).await;
    // The year's draft rests on what was not paid then.
    walk::refused(&chief, "approveSettlement", on(&year), "WRONG_STATE").await;
    walk::refused(&editor, "settleAwards", of("2025"), "WRONG_STATE").await;
}

async fn names_are_for_those_who_pay_and_for_the_own_unit(app: TestApp) {
    rewarded(&app, "阜康市", "state_council").await;
    publish(&app, "2025-11").await;
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    approve(&chief, &settle(&editor, &app, "2025-11").await).await;
    let query = "query($network: ID!) { awardPayments(network: $network, first: 10) { nodes { personName } } }";
    let read = async |client: Client| {
        client.gql(query, json!({ "network": app.network_id() })).await["awardPayments"]["nodes"].take()
    };
    for client in [app.editor().await, app.chief_editor().await, app.leader("阜康市").await] {
        assert_eq!(read(client).await, json!([{ "personName": "王信息" }]));
    }
    assert_eq!(read(app.analyst().await).await, json!([{ "personName": "王**" }]));
    assert_eq!(read(app.leader("奇台县").await).await, json!([]));
}

/// A small office whose rulebook leaves ties to a person.
const MANUAL: &str = r#"
id = "manual"
title = "评选办法"
effective_from = 2025-01-01
level = [{ id = "county", name = "县" }]
category = [{ id = "town", name = "乡镇", members = ["甲镇", "乙镇", "丙镇"] }]
kind = [{ id = "dynamic", name = "动态" }]
publication = [{ id = "own", name = "县信息", level = "county", own = true }]
count = [
    { id = "reported", name = "报送数", on = "submission", where = "received" },
    { id = "adopted_items", name = "采用数", on = "adoption", distinct = "submission" },
]
rates = { submitted = "reported", adopted = "adopted_items" }
rule = [{ id = "adopted", clause = "一", title = "采用", on = "adoption", points = "5" }]
award = [{ id = "first", clause = "二", title = "先进乡镇", category = "town", top = 1, ties = "manual", money = 300 }]
"#;

async fn a_tie_that_is_left_to_a_person_is_decided_before_anything_is_paid(app: TestApp) {
    let office = app.found("manual", MANUAL).await;
    for unit in ["甲镇", "乙镇"] {
        let row = office.submission(unit).await.submitted_on("2025-05-06").insert().await;
        office.adoption(&row, "own").await.on("2025-05-06").insert().await;
    }
    publish(&office, "2025").await;
    let (editor, chief) = (office.editor().await, office.chief_editor().await);
    let draft = settle(&editor, &office, "2025").await;
    assert_eq!(draft["total"], "0.00");
    expect![[r"
        first 甲镇 - 0.00 UNDECIDED
        first 乙镇 - 0.00 UNDECIDED
    "]]
    .assert_eq(&lines(&editor, &draft).await);
    walk::refused(&chief, "approveSettlement", on(&draft), "WRONG_STATE").await;
    let choice = async |units: &[&str]| {
        let mut ids = Vec::new();
        for unit in units {
            ids.push(office.unit_id(unit).await);
        }
        json!({
            "network": office.network_id(), "period": "2025", "award": "first", "winners": ids, "reason": "甲镇调研信息质量较高",
        })
    };
    walk::refused(&chief, "decideAwardTie", choice(&["甲镇", "乙镇"]).await, "INVALID").await;
    walk::refused(&chief, "decideAwardTie", choice(&["丙镇"]).await, "INVALID").await;
    walk::refused(&editor, "decideAwardTie", choice(&["甲镇"]).await, "FORBIDDEN").await;
    let decided =
        walk::act(&chief, "decideAwardTie", "decision { award winners draft }", choice(&["甲镇"]).await).await;
    assert_eq!(decided["decision"], json!({ "award": "first", "winners": 1, "draft": draft["id"] }));
    let next = settle(&editor, &office, "2025").await;
    expect![[r"
        first 甲镇 - 300.00 WON
        first 乙镇 - 0.00 LOST_TIE
    "]]
    .assert_eq(&lines(&editor, &next).await);
    approve(&chief, &next).await;
    let query = "query($id: ID!) { node(id: $id) { ... on AwardSettlement { state lines(first: 1) { nodes { reason tie } } } } }";
    assert_eq!(editor.gql(query, json!({ "id": draft["id"] })).await["node"]["state"], "DISCARDED");
    let line = editor.gql(query, json!({ "id": next["id"] })).await["node"]["lines"]["nodes"][0].take();
    assert_eq!(line["tie"], "MANUAL");
    assert_eq!(
        line["reason"],
        "年终积分 5 分，第 1 名；末位并列，余 1 个名额，待研究确定；经研究确定入选：甲镇调研信息质量较高"
    );
}

async fn a_draft_of_a_superseded_circular_cannot_be_approved(app: TestApp) {
    rewarded(&app, "阜康市", "state_council").await;
    let circular = publish(&app, "2025-11").await;
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    let draft = settle(&editor, &app, "2025-11").await;
    let late = json!({
        "network": app.network_id(), "unit": app.unit_id("阜康市").await, "kind": "UNTRUE", "evidence": "经核实，数据有误。",
        "occurredOn": "2025-11-20",
    });
    walk::act(&editor, "recordIncident", "incident { id }", late).await;
    let input = json!({ "circular": circular["id"], "expectedVersion": circular["version"], "reason": "补录不实信息" });
    walk::act(&chief, "correctCircular", "circular { id }", input).await;
    walk::refused(&chief, "approveSettlement", on(&draft), "WRONG_STATE").await;
    // The same is due by the corrected edition, in a draft of its own.
    let next = settle(&editor, &app, "2025-11").await;
    assert_eq!((&next["total"], &next["number"]), (&json!("1000.00"), &json!(2)));
    approve(&chief, &next).await;
}
