//! Up the ladder and back: what is sent up arrives above, and what comes of it counts below, through every level.

use api::services::audit::verify;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::{self, text};
use tests::office::Office;
use tests::walk;

use super::{COUNTY_UNIT, TODAY, TOWN_UNIT, VILLAGE, climb, county, look, newest, send_up};

tests::cases![
    what_is_sent_up_arrives_as_the_offices_own,
    it_arrives_once_through_however_many_publications,
    the_network_above_takes_its_own_kinds_and_receipt,
    a_level_without_a_network_of_ours_is_recorded_by_hand,
    what_happens_above_counts_below_through_every_level,
    what_was_recorded_by_hand_counts_once,
    a_correction_above_comes_down,
    a_repeated_adoption_above_comes_down_once,
    one_question_shows_the_whole_chain,
    the_network_above_stays_hidden,
];

/// The county's item, sent up; returns it with what it became above.
async fn sent(app: &TestApp, county: &Office) -> (Value, Value) {
    let item = walk::submit(county, TOWN_UNIT).await;
    let sent = send_up(county, &item, "city", json!({})).await;
    (sent["submission"].clone(), newest(&app.editor().await, app).await)
}

async fn what_is_sent_up_arrives_as_the_offices_own(app: TestApp) {
    let county = county(&app).await;
    let item = walk::submit(&county, TOWN_UNIT).await;
    let sent = send_up(&county, &item, "city", json!({})).await;
    let above = newest(&app.editor().await, &app).await;
    assert_eq!(above["state"], "SUBMITTED");
    assert_eq!(above["unit"]["name"], COUNTY_UNIT);
    assert_eq!(above["title"], walk::content()["title"]);
    assert_eq!(above["submittedOn"], TODAY);
    assert_eq!(above["authors"], json!([{ "name": "王信息", "share": "1" }]));
    assert_eq!(above["origin"]["networkName"], "fukang");
    // The office above sees what was handed in to it, and nothing of the county's own work.
    assert_eq!([&above["origin"]["network"], &above["origin"]["submission"]], [&Value::Null, &Value::Null]);
    let network = app.editor().await.gql("{ network(code: \"changji\") { name } }", json!({})).await;
    assert_eq!(sent["sendingUp"]["networkName"], network["network"]["name"]);
    assert_eq!([&sent["sendingUp"]["network"], &sent["sendingUp"]["submission"]], [&Value::Null, &Value::Null]);
    // The officers of the unit that runs the county's network see it as their own.
    let mine = app
        .officer(COUNTY_UNIT)
        .await
        .gql("query($id: ID!) { submission(id: $id) { history { action toState } } }", json!({ "id": above["id"] }));
    assert_eq!(mine.await["submission"]["history"], json!([{ "action": "RelaySubmission", "toState": "submitted" }]));
    assert!(verify(app.writer()).await.unwrap().is_ok(), "both chains hold");
}

async fn it_arrives_once_through_however_many_publications(app: TestApp) {
    let county = county(&app).await;
    let (item, above) = sent(&app, &county).await;
    walk::refused(
        &county.editor().await,
        "sendUpSubmission",
        walk::on(
            &item,
            json!({
                "publication": county.publication_id("own").await, "toLevel": "city", "sentOn": TODAY,
            }),
        ),
        "ALREADY_EXISTS",
    )
    .await;
    let query = "query($network: ID!) { submissions(network: $network, first: 1) { totalCount nodes { id } } }";
    let all = app.editor().await.gql(query, json!({ "network": app.network_id() })).await;
    assert_eq!(all["submissions"], json!({ "totalCount": 1, "nodes": [{ "id": above["id"] }] }));
}

async fn the_network_above_takes_its_own_kinds_and_receipt(app: TestApp) {
    let county = county(&app).await;
    let editor = county.editor().await;
    let mut content = walk::content();
    content["kind"] = "opinion".into();
    let officer = county.officer(TOWN_UNIT).await;
    let unsigned = walk::draft(&officer, &county, TOWN_UNIT, content).await;
    let unsigned = walk::step(&officer, "submitSubmission", &unsigned).await;
    let publication = county.publication_id("own").await;
    let input = json!({ "publication": publication, "toLevel": "city", "sentOn": TODAY });
    let error = walk::refused(&editor, "sendUpSubmission", walk::on(&unsigned, input.clone()), "INVALID").await;
    assert_eq!(error["field"], "kindAbove");
    let with_kind = walk::merged(input.clone(), json!({ "kindAbove": "dynamic" }));
    let error = walk::refused(&editor, "sendUpSubmission", walk::on(&unsigned, with_kind), "INVALID").await;
    assert!(text(&error["details"]).contains("\"missing\":[\"signatory\"]"), "{error}");
    // Nothing arrived, and nothing was sent.
    assert_eq!(newest(&app.editor().await, &app).await, Value::Null);
    let item = walk::submit(&county, TOWN_UNIT).await;
    let elsewhere = walk::merged(input, json!({ "toLevel": "region", "kindAbove": "dynamic" }));
    let error = walk::refused(&editor, "sendUpSubmission", walk::on(&item, elsewhere), "INVALID").await;
    assert_eq!(error["field"], "kindAbove");
}

async fn a_level_without_a_network_of_ours_is_recorded_by_hand(app: TestApp) {
    let county = county(&app).await;
    let item = walk::submit(&county, TOWN_UNIT).await;
    let sent = send_up(&county, &item, "region", json!({})).await;
    assert_eq!(sent["sendingUp"]["networkName"], Value::Null);
    assert_eq!(newest(&app.editor().await, &app).await, Value::Null);
    let editor = county.editor().await;
    let publication = county.publication_id("highest").await;
    let without = json!({ "publication": publication, "adoptedOn": TODAY, "evidence": "  " });
    let error = walk::refused(&editor, "recordAdoption", walk::on(&sent["submission"], without), "INVALID").await;
    assert_eq!(error["field"], "evidence");
    walk::record_adoption(&editor, &county, &sent["submission"], "highest", TODAY).await;
    let seen = look(&editor, &item).await;
    assert_eq!(seen["adoptions"][0]["evidence"], "第12期第3页");
    assert_eq!(seen["adoptions"][0]["origin"], Value::Null);
    assert_eq!(figures::score(&editor, &county, TOWN_UNIT, "2026").await, "15");
}

async fn what_happens_above_counts_below_through_every_level(app: TestApp) {
    let climb = climb(&app).await;
    assert_eq!(climb.scores().await, ["0", "0"]);
    let editor = app.editor().await;
    let issue = walk::issue(&editor, &app, "general", TODAY).await;
    let adopted = walk::adopt(&editor, &climb.above, &issue, None).await;
    assert_eq!(climb.scores().await, ["1", "5"]);
    let endorsed = walk::act(
        &editor,
        "endorseSubmission",
        walk::SUBMISSION,
        walk::on(
            &adopted["submission"],
            json!({
                "leader": "张州长", "level": "prefecture", "text": "请阅处。", "endorsedOn": TODAY,
                "adoption": adopted["adoption"]["id"],
            }),
        ),
    )
    .await["submission"]
        .take();
    assert_eq!(climb.scores().await, ["4", "13"]);
    // The region adopts: the county knows a publication of the region, the town does not.
    walk::record_adoption(&editor, &app, &endorsed, "xinjiang_brief", TODAY).await;
    assert_eq!(climb.scores().await, ["4", "28"]);
    assert_eq!(figures::score(&editor, &app, COUNTY_UNIT, "2026").await, "20");

    let home = editor.gql("{ network(code: \"changji\") { name } }", json!({})).await["network"]["name"].take();
    let middle = look(&climb.county.officer(TOWN_UNIT).await, &climb.middle).await;
    assert_eq!(middle["state"], "ADOPTED");
    assert_eq!(middle["adoptions"][0]["publication"]["code"], "above");
    assert_eq!(middle["adoptions"][0]["via"]["code"], "own");
    let origin = json!({ "networkName": home, "publication": "昌吉信息(普刊)", "adoption": null });
    assert_eq!(middle["adoptions"][0]["origin"], origin);
    assert!(text(&middle["adoptions"][0]["evidence"]).contains("《昌吉信息(普刊)》2026-03-02"), "{middle}");
    assert!(text(&middle["adoptions"][1]["evidence"]).ends_with("第12期第3页"), "{middle}");
    assert_eq!(middle["endorsements"][0]["level"], "city");
    assert_eq!(middle["endorsements"][0]["adoption"]["id"], middle["adoptions"][0]["id"]);
    let acts: Vec<_> = middle["history"].as_array().unwrap().iter().map(|act| text(&act["action"])).collect();
    assert_eq!(acts, ["RelaySubmission", "SendUpSubmission", "EchoAdoption", "EchoEndorsement", "EchoAdoption"]);

    let below = look(&climb.town.officer(VILLAGE).await, &climb.below).await;
    assert_eq!([&below["state"], &below["adoptions"][0]["publication"]["code"]], ["ADOPTED", "general"]);
    assert_eq!(below["adoptions"].as_array().map(Vec::len), Some(1));
    assert_eq!(below["endorsements"][0]["origin"]["networkName"], home);
    assert!(verify(app.writer()).await.unwrap().is_ok(), "all three chains hold");
}

async fn what_was_recorded_by_hand_counts_once(app: TestApp) {
    let county = county(&app).await;
    let (item, above) = sent(&app, &county).await;
    let editor = county.editor().await;
    walk::record_adoption(&editor, &county, &item, "above", TODAY).await;
    let issue = walk::issue(&app.editor().await, &app, "general", TODAY).await;
    walk::adopt(&app.editor().await, &above, &issue, None).await;
    let seen = look(&editor, &item).await;
    assert_eq!(seen["adoptions"].as_array().map(Vec::len), Some(1));
    assert_eq!(seen["adoptions"][0]["evidence"], "第12期第3页");
    assert_eq!(figures::score(&editor, &county, TOWN_UNIT, "2026").await, "5");
}

async fn a_correction_above_comes_down(app: TestApp) {
    let county = county(&app).await;
    let (item, above) = sent(&app, &county).await;
    let editor = app.editor().await;
    let issue = walk::issue(&editor, &app, "internal", TODAY).await;
    let adopted = walk::adopt(&editor, &above, &issue, Some("special_report")).await;
    let below = county.editor().await;
    // No publication of the county has the name 昌吉信息(内刊) or its code, and two are of that level: none is meant.
    assert_eq!(look(&below, &item).await["adoptions"], json!([]));
    assert_eq!(look(&below, &item).await["state"], "ADOPTED");
    let recorded = walk::record_adoption(&editor, &app, &adopted["submission"], "xinjiang_brief", TODAY).await;
    let seen = look(&below, &item).await;
    let told = seen["adoptions"][0]["id"].clone();
    // What came from above is not corrected below.
    let input = walk::on(&seen, json!({ "adoption": told, "evidence": "别处" }));
    walk::refused(&below, "correctAdoption", input, "WRONG_STATE").await;
    let input = walk::on(
        &recorded["submission"],
        json!({
            "adoption": recorded["adoption"]["id"], "evidence": "第13期",
        }),
    );
    let selection = format!("adoption {{ evidence }} {}", walk::SUBMISSION);
    let corrected = walk::act(&editor, "correctAdoption", &selection, input).await;
    assert_eq!(corrected["adoption"]["evidence"], "第13期");
    let seen = look(&below, &item).await;
    assert!(text(&seen["adoptions"][0]["evidence"]).ends_with("第13期"), "{seen}");
    assert_eq!(seen["history"].as_array().unwrap().last().unwrap()["action"], "EchoCorrection");
    let input = walk::on(
        &corrected["submission"],
        json!({
            "adoption": adopted["adoption"]["id"], "class": "reference",
        }),
    );
    let selection = format!("adoption {{ class }} {}", walk::SUBMISSION);
    let corrected = walk::act(&editor, "correctAdoption", &selection, input).await;
    assert_eq!(corrected["adoption"]["class"], "reference");
    let input = walk::on(
        &corrected["submission"],
        json!({
            "adoption": adopted["adoption"]["id"], "class": "reference", "adoptedOn": TODAY,
        }),
    );
    walk::refused(&editor, "correctAdoption", input, "INVALID").await;
}

async fn a_repeated_adoption_above_comes_down_once(app: TestApp) {
    let county = county(&app).await;
    let (item, above) = sent(&app, &county).await;
    let editor = app.editor().await;
    let issue = walk::issue(&editor, &app, "general", TODAY).await;
    let input = walk::on(&above, json!({ "issue": issue["id"], "idempotencyKey": "once" }));
    for _ in 0..3 {
        walk::act(&editor, "adoptSubmission", walk::SUBMISSION, input.clone()).await;
    }
    let seen = look(&county.editor().await, &item).await;
    assert_eq!(seen["adoptions"].as_array().map(Vec::len), Some(1));
    assert_eq!(seen["version"], 5);
}

/// The chain as lines: height, kind, network, level, points.
async fn chain(client: &Client, item: &Value) -> (Vec<String>, Value) {
    let query = "query($id: ID!) { submission(id: $id) { chain { points steps {
        height kind networkName unitName publication level points day } } } }";
    let mut answer = client.gql(query, json!({ "id": item["id"] })).await;
    let chain = answer["submission"]["chain"].take();
    let line = |step: &Value| {
        let what = step["unitName"].as_str().or(step["publication"].as_str()).unwrap_or_default();
        let points = step["points"].as_str().unwrap_or("-");
        format!("{} {} {} {what} {points}", step["height"], text(&step["kind"]), text(&step["networkName"]))
    };
    (chain["steps"].as_array().unwrap().iter().map(line).collect(), chain["points"].clone())
}

async fn one_question_shows_the_whole_chain(app: TestApp) {
    let climb = climb(&app).await;
    let editor = app.editor().await;
    let middle = newest(&climb.county.editor().await, &climb.county).await;
    let issue = walk::issue(&climb.county.editor().await, &climb.county, "own", TODAY).await;
    walk::adopt(&climb.county.editor().await, &middle, &issue, None).await;
    let issue = walk::issue(&editor, &app, "general", TODAY).await;
    let adopted = walk::adopt(&editor, &climb.above, &issue, None).await;
    let recorded = walk::record_adoption(&editor, &app, &adopted["submission"], "xinjiang_brief", TODAY).await;
    walk::endorse(&editor, &recorded["submission"], "prefecture", TODAY).await;
    let home = "昌吉州政务信息网络";
    let (steps, points) = chain(&climb.town.officer(VILLAGE).await, &climb.below).await;
    let expected = [
        format!("0 SUBMISSION ganhezi {VILLAGE} -"),
        "0 SENDING_UP ganhezi 镇简报 0".to_owned(),
        "1 ADOPTION fukang 阜康信息 1".to_owned(),
        format!("2 ADOPTION {home} 新疆要情 0"),
        format!("2 ADOPTION {home} 昌吉信息(普刊) 1"),
        format!("2 ENDORSEMENT {home}  3"),
    ];
    assert_eq!(steps, expected);
    assert_eq!(points, "5");
    let (steps, points) = chain(&editor, &climb.above).await;
    let expected = [
        format!("0 SUBMISSION ganhezi {VILLAGE} -"),
        "0 SENDING_UP ganhezi  -".to_owned(),
        format!("1 SUBMISSION fukang {TOWN_UNIT} -"),
        "1 SENDING_UP fukang  -".to_owned(),
        format!("2 SUBMISSION {home} {COUNTY_UNIT} -"),
        format!("2 ADOPTION {home} 昌吉信息(普刊) 10"),
        format!("2 ADOPTION {home} 新疆要情 0"),
        format!("2 ENDORSEMENT {home}  10"),
    ];
    assert_eq!(steps, expected);
    assert_eq!(points, "20");
    assert_eq!(points, figures::score(&editor, &app, COUNTY_UNIT, "2026").await.as_str());
}

async fn the_network_above_stays_hidden(app: TestApp) {
    let county = county(&app).await;
    let (item, above) = sent(&app, &county).await;
    let query = "query($id: ID!) { submission(id: $id) { id } }";
    for client in [county.editor().await, county.officer(TOWN_UNIT).await, app.officer("昌吉市").await] {
        assert_eq!(client.gql(query, json!({ "id": above["id"] })).await["submission"], Value::Null);
    }
    assert_eq!(app.editor().await.gql(query, json!({ "id": item["id"] })).await["submission"], Value::Null);
}
