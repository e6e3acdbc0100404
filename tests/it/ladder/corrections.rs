//! What was recorded above and does not stand: corrected or revoked there, it comes down through every level, also after closing.

use api::services::audit::verify;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures;
use tests::office::Office;
use tests::walk;

use super::{COUNTY_UNIT, Climb, TODAY, VILLAGE, climb, look};

tests::cases![
    a_revoked_adoption_is_taken_back_through_every_level,
    another_adoption_keeps_an_item_adopted,
    what_is_revoked_leaves_its_issue_unless_that_is_published,
    a_corrected_endorsement_comes_down,
    a_revoked_endorsement_counts_nowhere,
    after_closing_the_difference_is_a_line_of_its_own,
    a_class_corrected_after_closing_counts_the_difference,
    what_came_from_above_is_revoked_there,
];

/// A submission as it stands, with its version.
async fn now(client: &Client, item: &Value) -> Value {
    let query = "query($id: ID!) { submission(id: $id) { id version state
        adoptions { id revokedAt revokedBecause } endorsements { id level leader revokedAt revokedBecause } } }";
    client.gql(query, json!({ "id": item["id"] })).await["submission"].take()
}

/// Revokes the first adoption of an item; returns the payload.
async fn revoke(editor: &Client, item: &Value) -> Value {
    let seen = now(editor, item).await;
    let more = json!({ "adoption": seen["adoptions"][0]["id"], "reason": "经核实，信息内容不实。" });
    let selection = "adoption { revokedAt revokedBecause } submission { id version state }";
    walk::act(editor, "revokeAdoption", selection, walk::on(&seen, more)).await
}

/// The item of a climb, adopted at the top.
async fn adopted(app: &TestApp) -> (Climb, Value) {
    let climb = climb(app).await;
    let editor = app.editor().await;
    let issue = walk::issue(&editor, app, "general", TODAY).await;
    walk::adopt(&editor, &climb.above, &issue, None).await;
    (climb, issue)
}

async fn a_revoked_adoption_is_taken_back_through_every_level(app: TestApp) {
    let (climb, issue) = adopted(&app).await;
    let editor = app.editor().await;
    assert_eq!(climb.scores().await, ["1", "5"]);
    let revoked = revoke(&editor, &climb.above).await;
    assert_eq!(revoked["submission"]["state"], "RECEIVED");
    assert_eq!(revoked["adoption"]["revokedBecause"], "经核实，信息内容不实。");
    assert_eq!(climb.scores().await, ["0", "0"]);
    assert_eq!(figures::score(&editor, &app, COUNTY_UNIT, "2026").await, "0");
    for (office, item) in [(&climb.county, &climb.middle), (&climb.town, &climb.below)] {
        let seen = now(&office.editor().await, item).await;
        assert_eq!(seen["state"], "RECEIVED");
        assert_eq!(seen["adoptions"][0]["revokedBecause"], "经核实，信息内容不实。", "it stays on record");
        let history = look(&office.editor().await, item).await["history"].take();
        let last = history.as_array().unwrap().last().unwrap().clone();
        assert_eq!(last, json!({ "action": "EchoRevocation", "fromState": "adopted", "toState": "received" }));
    }
    // The same publication may adopt it again, and that comes down again.
    walk::adopt(&editor, &revoked["submission"], &issue, None).await;
    assert_eq!(climb.scores().await, ["1", "5"]);
    assert!(verify(app.writer()).await.unwrap().is_ok(), "all three chains hold");
}

async fn another_adoption_keeps_an_item_adopted(app: TestApp) {
    let (climb, _) = adopted(&app).await;
    let editor = app.editor().await;
    let seen = now(&editor, &climb.above).await;
    walk::record_adoption(&editor, &app, &seen, "xinjiang_brief", TODAY).await;
    assert_eq!(climb.scores().await, ["1", "20"]);
    let revoked = revoke(&editor, &climb.above).await;
    assert_eq!(revoked["submission"]["state"], "ADOPTED");
    assert_eq!(climb.scores().await, ["0", "15"]);
    // The town has no place for a publication of the region, and knows that it was adopted there all the same.
    assert_eq!(now(&climb.town.editor().await, &climb.below).await["state"], "ADOPTED");
}

async fn what_is_revoked_leaves_its_issue_unless_that_is_published(app: TestApp) {
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    let query = "query($id: ID!) { node(id: $id) { ... on Issue { id version items { id } } } }";
    for published in [false, true] {
        let issue = walk::issue(&editor, &app, "general", TODAY).await;
        let item = walk::submit(&app, VILLAGE_ELSEWHERE).await;
        walk::adopt(&editor, &item, &issue, None).await;
        if published {
            for act in ["approveIssue", "publishIssue"] {
                let seen = chief.gql(query, json!({ "id": issue["id"] })).await["node"].take();
                let input = json!({ "issue": seen["id"], "expectedVersion": seen["version"] });
                walk::act(&chief, act, "issue { id }", input).await;
            }
        }
        revoke(&editor, &item).await;
        let seen = editor.gql(query, json!({ "id": issue["id"] })).await["node"].take();
        assert_eq!(seen["items"].as_array().map(Vec::len), Some(usize::from(published)));
    }
}

const VILLAGE_ELSEWHERE: &str = "奇台县";

/// The item of a climb, adopted and endorsed at the top.
async fn endorsed(app: &TestApp) -> Climb {
    let (climb, _) = adopted(app).await;
    let editor = app.editor().await;
    let seen = now(&editor, &climb.above).await;
    walk::endorse(&editor, &seen, "prefecture", TODAY).await;
    assert_eq!(climb.scores().await, ["4", "13"]);
    climb
}

/// The input of an act on the endorsement of an item.
async fn on_endorsement(editor: &Client, item: &Value, more: Value) -> Value {
    let seen = now(editor, item).await;
    walk::merged(walk::on(&seen, json!({ "endorsement": seen["endorsements"][0]["id"] })), more)
}

async fn a_corrected_endorsement_comes_down(app: TestApp) {
    let climb = endorsed(&app).await;
    let editor = app.editor().await;
    let (county, town) = (climb.county.editor().await, climb.town.editor().await);
    let input = on_endorsement(&editor, &climb.above, json!({ "leader": "赵领导", "text": "请尽快落实。" })).await;
    let selection = "endorsement { leader text level }";
    let corrected = walk::act(&editor, "correctEndorsement", selection, input).await["endorsement"].take();
    assert_eq!(corrected, json!({ "leader": "赵领导", "text": "请尽快落实。", "level": "prefecture" }));
    for (client, item) in [(&county, &climb.middle), (&town, &climb.below)] {
        assert_eq!(look(client, item).await["endorsements"][0]["leader"], "赵领导");
    }
    // A leader of the region: the county has a place for that level, the town has none.
    let input = on_endorsement(&editor, &climb.above, json!({ "level": "region" })).await;
    walk::act(&editor, "correctEndorsement", "", input).await;
    assert_eq!(climb.scores().await, ["1", "13"]);
    assert_eq!(now(&county, &climb.middle).await["endorsements"][0]["level"], "region");
    assert_ne!(now(&town, &climb.below).await["endorsements"][0]["revokedAt"], Value::Null);
    // And back again.
    let input = on_endorsement(&editor, &climb.above, json!({ "level": "prefecture" })).await;
    walk::act(&editor, "correctEndorsement", "", input).await;
    assert_eq!(climb.scores().await, ["4", "13"]);
    let history = look(&county, &climb.middle).await["history"].take();
    assert_eq!(history.as_array().unwrap().last().unwrap()["action"], "EchoCorrection");
    let input = on_endorsement(&editor, &climb.above, json!({ "level": "village" })).await;
    assert_eq!(walk::refused(&editor, "correctEndorsement", input, "INVALID").await["field"], "level");
}

async fn a_revoked_endorsement_counts_nowhere(app: TestApp) {
    let climb = endorsed(&app).await;
    let editor = app.editor().await;
    let input = on_endorsement(&editor, &climb.above, json!({ "reason": "登记有误" })).await;
    walk::act(&editor, "revokeEndorsement", "endorsement { revokedAt }", input.clone()).await;
    assert_eq!(climb.scores().await, ["1", "5"]);
    assert_eq!(figures::score(&editor, &app, COUNTY_UNIT, "2026").await, "10");
    let seen = now(&climb.town.editor().await, &climb.below).await;
    assert_eq!(seen["endorsements"][0]["revokedBecause"], "登记有误");
    // Nothing is owed for it any more.
    let query =
        "query($network: ID!) { endorsements(network: $network, first: 5, where: { followUp: OPEN }) { totalCount } }";
    let open = editor.gql(query, json!({ "network": app.network_id() })).await;
    assert_eq!(open["endorsements"]["totalCount"], 0);
    let again = on_endorsement(&editor, &climb.above, json!({ "reason": "再次" })).await;
    walk::refused(&editor, "revokeEndorsement", again, "WRONG_STATE").await;
}

/// Closes March in a network, as its chief editor.
async fn close(office: &Office) {
    let period = json!({ "network": office.network_id(), "period": "2026-03" });
    walk::act(&office.chief_editor().await, "closePeriod", "closing { id }", period).await;
}

async fn after_closing_the_difference_is_a_line_of_its_own(app: TestApp) {
    let climb = endorsed(&app).await;
    app.set_clock("2026-04-02T09:00:00+08:00");
    for office in [&*app, &climb.county, &climb.town] {
        close(office).await;
    }
    let editor = app.editor().await;
    revoke(&editor, &climb.above).await;
    // March stays as it was closed, at every level; April takes back what was given.
    assert_eq!(climb.scores_in("2026-03").await, ["4", "13"]);
    assert_eq!(climb.scores_in("2026-04").await, ["-1", "-5"]);
    assert_eq!(climb.scores().await, ["3", "8"]);
    assert_eq!(figures::score(&editor, &app, COUNTY_UNIT, "2026-04").await, "-10");
    let query = "query($network: ID!, $unit: ID!) {
        scoreLedger(network: $network, unit: $unit, period: { id: \"2026-04\" }, first: 5) {
            nodes { id date happenedOn points rule clause reverses appeal { id } correctionOf { period } }
        }
        march: scoreLedger(network: $network, unit: $unit, period: { id: \"2026-03\" }, first: 5) { nodes { id rule } }
    }";
    let ids = json!({ "network": climb.town.network_id(), "unit": climb.town.unit_id(VILLAGE).await });
    let seen = climb.town.editor().await.gql(query, ids.clone()).await;
    let line = &seen["scoreLedger"]["nodes"][0];
    assert_eq!((&line["date"], &line["happenedOn"]), (&json!("2026-04-02"), &json!(TODAY)));
    assert_eq!((&line["points"], &line["rule"], &line["clause"]), (&json!("-1"), &json!("own"), &json!("一")));
    assert_eq!((&line["correctionOf"]["period"], &line["appeal"]), (&json!("2026-03"), &Value::Null));
    let taken_back = seen["march"]["nodes"].as_array().unwrap().iter().find(|row| row["id"] == line["reverses"]);
    assert_eq!(taken_back.unwrap()["rule"], "own");

    // The endorsement is corrected to a level for which the town has no place: it takes its own points back, once.
    let input = on_endorsement(&editor, &climb.above, json!({ "level": "region" })).await;
    walk::act(&editor, "correctEndorsement", "", input).await;
    assert_eq!(climb.scores_in("2026-04").await, ["-4", "-5"]);
    let input = on_endorsement(&editor, &climb.above, json!({ "reason": "登记有误" })).await;
    walk::act(&editor, "revokeEndorsement", "", input).await;
    assert_eq!(climb.scores().await, ["0", "0"]);
    assert_eq!(climb.scores_in("2026-03").await, ["4", "13"]);
    // Read anew, the figures are the same.
    let again = app.restarted().await.neighbour("ganhezi").await;
    assert_eq!(figures::score(&again.editor().await, &again, VILLAGE, "2026-04").await, "-4");
    assert_eq!(figures::score(&again.editor().await, &again, VILLAGE, "2026-03").await, "4");
}

async fn a_class_corrected_after_closing_counts_the_difference(app: TestApp) {
    let editor = app.editor().await;
    let item = walk::submit(&app, VILLAGE_ELSEWHERE).await;
    let issue = walk::issue(&editor, &app, "internal", TODAY).await;
    walk::adopt(&editor, &item, &issue, Some("dynamic")).await;
    let march = figures::score(&editor, &app, VILLAGE_ELSEWHERE, "2026-03").await;
    app.set_clock("2026-04-02T09:00:00+08:00");
    close(&app).await;
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    let period = json!({ "network": app.network_id(), "period": "2026-03" });
    let circular = walk::act(&chief, "publishCircular", "circular { id version }", period).await["circular"].take();
    // Ten for a dynamic item, forty for a reference; corrected twice.
    for (class, april) in [("reference", "30"), ("special_report", "10"), ("dynamic", "0"), ("reference", "30")] {
        let seen = now(&editor, &item).await;
        let input = walk::on(&seen, json!({ "adoption": seen["adoptions"][0]["id"], "class": class }));
        walk::act(&editor, "correctAdoption", "adoption { class }", input).await;
        assert_eq!(figures::score(&editor, &app, VILLAGE_ELSEWHERE, "2026-04").await, april, "{class}");
    }
    assert_eq!(figures::score(&editor, &app, VILLAGE_ELSEWHERE, "2026-03").await, march);
    // The corrected edition shows March as it should have been, and can be computed again.
    let input = json!({ "circular": circular["id"], "expectedVersion": circular["version"], "reason": "更正采用类别" });
    let selection = "circular { id diff { name before { score } after { score } } }";
    let second = walk::act(&chief, "correctCircular", selection, input).await["circular"].take();
    let diff = second["diff"].as_array().unwrap().iter().find(|row| row["name"] == VILLAGE_ELSEWHERE).unwrap();
    assert_eq!((&diff["before"]["score"], &diff["after"]["score"]), (&json!("10"), &json!("40")));
    let query = "query($id: ID!) { verifyCircular(id: $id) { holds } }";
    let verdict = app.analyst().await.gql(query, json!({ "id": second["id"] })).await;
    assert_eq!(verdict["verifyCircular"]["holds"], true);
}

async fn what_came_from_above_is_revoked_there(app: TestApp) {
    let climb = endorsed(&app).await;
    let county = climb.county.editor().await;
    let seen = now(&county, &climb.middle).await;
    let reason = json!({ "reason": "误报" });
    let adoption = walk::merged(walk::on(&seen, json!({ "adoption": seen["adoptions"][0]["id"] })), reason.clone());
    let error = walk::refused(&county, "revokeAdoption", adoption, "WRONG_STATE").await;
    assert_eq!(error["field"], "adoption");
    for (mutation, more) in [("revokeEndorsement", reason.clone()), ("correctEndorsement", json!({ "leader": "王" }))]
    {
        let input = on_endorsement(&county, &climb.middle, more).await;
        assert_eq!(walk::refused(&county, mutation, input, "WRONG_STATE").await["field"], "endorsement");
    }
    // Above, a reason is asked for, and somebody who may.
    let editor = app.editor().await;
    let seen = now(&editor, &climb.above).await;
    let adoption = walk::on(&seen, json!({ "adoption": seen["adoptions"][0]["id"] }));
    let without = walk::merged(adoption.clone(), json!({ "reason": " " }));
    assert_eq!(walk::refused(&editor, "revokeAdoption", without, "INVALID").await["field"], "reason");
    let input = walk::merged(adoption.clone(), reason.clone());
    walk::refused(&app.officer(COUNTY_UNIT).await, "revokeAdoption", input.clone(), "FORBIDDEN").await;
    walk::refused(&app.officer(VILLAGE_ELSEWHERE).await, "revokeAdoption", input, "NOT_FOUND").await;
    let elsewhere = walk::on(&seen, json!({ "adoption": seen["endorsements"][0]["id"], "reason": "误报" }));
    walk::refused(&editor, "revokeAdoption", elsewhere, "WRONG_ID_TYPE").await;
    revoke(&editor, &climb.above).await;
    let seen = now(&editor, &climb.above).await;
    let again = walk::on(&seen, json!({ "adoption": seen["adoptions"][0]["id"], "reason": "误报" }));
    walk::refused(&editor, "revokeAdoption", again, "WRONG_STATE").await;
}
