//! Leads (线索): brought by the office's sections, made commissions of, or dismissed with a reason.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::walk;

tests::cases![
    a_lead_becomes_a_commission,
    a_lead_joins_a_commission_that_is_out,
    a_lead_is_dismissed_with_a_reason,
    a_lead_is_screened_once,
    a_section_brings_its_own_leads,
    a_lead_says_something,
    what_is_offered_is_what_can_be_done,
];

const LEAD: &str = "lead { id version state section text dismissedBecause commission { id topic } }";
const DUE: &str = "2026-03-09T18:00:00+08:00";

async fn bring(client: &Client, app: &TestApp, more: Value) -> Value {
    let input = json!({ "network": app.network_id(), "section": "工业科", "text": "多家企业反映用工紧张" });
    walk::act(client, "createLead", LEAD, walk::merged(input, more)).await["lead"].take()
}

fn on(lead: &Value, more: Value) -> Value {
    walk::merged(json!({ "lead": lead["id"], "expectedVersion": lead["version"] }), more)
}

async fn request(app: &TestApp) -> Value {
    let units = [app.unit_id("阜康市").await];
    json!({ "topic": "企业用工情况", "requirement": "请报送缺工人数。", "dueAt": DUE, "units": units })
}

async fn a_lead_becomes_a_commission(app: TestApp) {
    let editor = app.editor().await;
    let lead = bring(&editor, &app, json!({})).await;
    assert_eq!((&lead["state"], &lead["commission"]), (&json!("NEW"), &json!(null)));
    let input = on(&lead, json!({ "request": request(&app).await }));
    let screened = walk::act(&editor, "screenLead", LEAD, input).await["lead"].take();
    assert_eq!(
        (&screened["state"], &screened["commission"]["topic"]),
        (&json!("COMMISSIONED"), &json!("企业用工情况"))
    );
    // The unit sees the commission, and not from where the office knew.
    let officer = app.officer("阜康市").await;
    let query = "query($network: ID!) {
        commissions(network: $network, first: 10) { nodes { id } } leads(network: $network, first: 10) { totalCount } }";
    let seen = officer.gql(query, json!({ "network": app.network_id() })).await;
    assert_eq!(seen["commissions"]["nodes"][0]["id"], screened["commission"]["id"]);
    assert_eq!(seen["leads"]["totalCount"], 0);
}

async fn a_lead_joins_a_commission_that_is_out(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &["阜康市"], DUE).await;
    let lead = bring(&editor, &app, json!({})).await;
    let unknown = on(&lead, json!({ "commission": tests::office::global("Commission", 999_999) }));
    let error = walk::refused(&editor, "screenLead", unknown, "NOT_FOUND").await;
    assert_eq!(error["field"], "commission");
    let input = on(&lead, json!({ "commission": commission["id"] }));
    let screened = walk::act(&editor, "screenLead", LEAD, input).await["lead"].take();
    assert_eq!(screened["commission"]["id"], commission["id"]);
}

async fn a_lead_is_dismissed_with_a_reason(app: TestApp) {
    let editor = app.editor().await;
    let lead = bring(&editor, &app, json!({})).await;
    for (decision, field) in [
        (json!({}), "request"),
        (json!({ "dismissBecause": "已有专报", "request": request(&app).await }), "request"),
        (json!({ "dismissBecause": " " }), "dismissBecause"),
    ] {
        let error = walk::refused(&editor, "screenLead", on(&lead, decision), "INVALID").await;
        assert_eq!(error["field"], field);
    }
    // A request that cannot be issued leaves the lead as it was.
    let past = walk::merged(request(&app).await, json!({ "dueAt": "2026-03-01T18:00:00+08:00" }));
    let error = walk::refused(&editor, "screenLead", on(&lead, json!({ "request": past })), "INVALID").await;
    assert_eq!(error["field"], "dueAt");
    let input = on(&lead, json!({ "dismissBecause": "已有专报" }));
    let screened = walk::act(&editor, "screenLead", LEAD, input).await["lead"].take();
    assert_eq!((&screened["state"], &screened["dismissedBecause"]), (&json!("DISMISSED"), &json!("已有专报")));
}

async fn a_lead_is_screened_once(app: TestApp) {
    let editor = app.editor().await;
    let lead = bring(&editor, &app, json!({})).await;
    let stale = walk::merged(on(&lead, json!({ "dismissBecause": "重复" })), json!({ "expectedVersion": 7 }));
    walk::refused(&editor, "screenLead", stale, "VERSION_CONFLICT").await;
    walk::act(&editor, "screenLead", LEAD, on(&lead, json!({ "dismissBecause": "重复" }))).await;
    let again = on(&lead, json!({ "request": request(&app).await }));
    walk::refused(&editor, "screenLead", again, "WRONG_STATE").await;
    let query =
        "query($network: ID!, $where: LeadWhere) { leads(network: $network, where: $where, first: 10) { totalCount } }";
    for (filter, count) in [
        (json!({ "states": ["NEW"] }), 0),
        (json!({ "states": ["DISMISSED"], "sectionContains": "工业" }), 1),
        (json!({ "recordedFrom": "2026-03-03T00:00:00+08:00" }), 0),
        (json!({ "recordedTo": "2026-03-03T00:00:00+08:00" }), 1),
    ] {
        let variables = json!({ "network": app.network_id(), "where": filter });
        assert_eq!(editor.gql(query, variables).await["leads"]["totalCount"], count, "{filter}");
    }
}

async fn a_section_brings_its_own_leads(app: TestApp) {
    let unit = app.unit_id("阜康市").await;
    let officer = app.officer("阜康市").await;
    let lead = bring(&officer, &app, json!({ "unit": unit, "section": null })).await;
    assert_eq!((&lead["section"], &lead["text"]), (&json!("阜康市"), &json!("多家企业反映用工紧张")));
    // It cannot speak for another, nor for the office, and does not screen.
    let foreign = json!({ "network": app.network_id(), "unit": app.unit_id("奇台县").await, "text": "线索" });
    let error = walk::refused(&officer, "createLead", foreign, "NOT_FOUND").await;
    assert_eq!(error["field"], "unit");
    let nameless = json!({ "network": app.network_id(), "section": "工业科", "text": "线索" });
    walk::refused(&officer, "createLead", nameless, "FORBIDDEN").await;
    walk::refused(&officer, "screenLead", on(&lead, json!({ "dismissBecause": "重复" })), "FORBIDDEN").await;
    let stranger = app.officer("奇台县").await;
    walk::refused(&stranger, "screenLead", on(&lead, json!({ "dismissBecause": "重复" })), "NOT_FOUND").await;
    // Who may read no texts reads none.
    let query = "query($id: ID!) { node(id: $id) { ... on Lead { section text unit { name } } } }";
    let seen = app.analyst().await.gql(query, json!({ "id": lead["id"] })).await;
    assert_eq!(seen["node"], json!({ "section": "阜康市", "text": null, "unit": { "name": "阜康市" } }));
}

async fn a_lead_says_something(app: TestApp) {
    let editor = app.editor().await;
    let good = json!({ "network": app.network_id(), "section": "工业科", "text": "线索" });
    for (change, code, field) in [
        (json!({ "text": " " }), "INVALID", json!("text")),
        (json!({ "text": "线".repeat(2_001) }), "INVALID", json!("text")),
        (json!({ "section": null }), "INVALID", json!("section")),
        (json!({ "text": "机密★一年 线索" }), "CONFIDENTIAL", json!(null)),
    ] {
        let error = walk::refused(&editor, "createLead", walk::merged(good.clone(), change), code).await;
        assert_eq!(error["field"], field);
    }
}

async fn what_is_offered_is_what_can_be_done(app: TestApp) {
    let unit = json!({ "unit": app.unit_id("阜康市").await });
    let query = "query($id: ID!) { node(id: $id) { ... on Lead { actions { name allowed reasonCode } } } }";
    for state in ["NEW", "DISMISSED"] {
        for client in [app.editor().await, app.chief_editor().await, app.analyst().await, app.officer("阜康市").await]
        {
            let editor = app.editor().await;
            let mut lead = bring(&editor, &app, unit.clone()).await;
            if state == "DISMISSED" {
                let input = on(&lead, json!({ "dismissBecause": "重复" }));
                lead = walk::act(&editor, "screenLead", LEAD, input).await["lead"].take();
            }
            let offer = client.gql(query, json!({ "id": lead["id"] })).await["node"]["actions"][0].take();
            let input = on(&lead, json!({ "dismissBecause": "重复", "idempotencyKey": walk::key() }));
            let answer = client.gql(&walk::document("screenLead", ""), json!({ "input": input })).await;
            assert_eq!(offer["reasonCode"], answer["screenLead"]["userErrors"][0]["code"]);
            assert_eq!(offer["allowed"], answer["screenLead"]["userErrors"] == json!([]));
        }
    }
}
