//! Key points (报送要点): published to all units for a week or a month, and which of them nobody answers.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::text;
use tests::walk;

tests::cases![
    the_office_sees_what_nobody_answers,
    an_item_says_itself_what_it_answers,
    a_list_is_published_once_and_added_to,
    key_points_are_for_weeks_and_months,
    who_may_publish_and_answer,
];

const LIST: &str = "keyPoints { id version period firstDay lastDay points { id position topic requirement } }";

fn points() -> Value {
    json!([{ "topic": "春耕备耕", "requirement": "农资储备与墒情" }, { "topic": "企业用工", "requirement": "缺工人数" }])
}

async fn publish(editor: &Client, app: &TestApp, period: &str) -> Value {
    let input = json!({ "network": app.network_id(), "period": period, "points": points() });
    walk::act(editor, "publishKeyPoints", LIST, input).await["keyPoints"].take()
}

/// Topics of the key points that a filter finds.
async fn topics(client: &Client, app: &TestApp, filter: Value) -> Vec<String> {
    let query = "query($network: ID!, $where: KeyPointWhere) {
        keyPoints(network: $network, where: $where, first: 10) { nodes { topic } } }";
    let answer = client.gql(query, json!({ "network": app.network_id(), "where": filter })).await;
    let nodes = answer["keyPoints"]["nodes"].as_array().cloned().unwrap_or_default();
    nodes.iter().map(|node| text(&node["topic"]).to_owned()).collect()
}

async fn look(client: &Client, point: &Value) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on KeyPoint {
        isAnswered answeredBy { name } unansweredBy { name } submissions { id } list { period }
    } } }";
    client.gql(query, json!({ "id": point["id"] })).await["node"].take()
}

fn names(units: &Value) -> Vec<&str> {
    units.as_array().map(|units| units.iter().map(|unit| text(&unit["name"])).collect()).unwrap_or_default()
}

async fn the_office_sees_what_nobody_answers(app: TestApp) {
    let editor = app.editor().await;
    let list = publish(&editor, &app, "2026-03").await;
    assert_eq!((&list["firstDay"], &list["lastDay"]), (&json!("2026-03-01"), &json!("2026-03-31")));
    let [ploughing, labour] = [&list["points"][0], &list["points"][1]];
    assert_eq!(topics(&editor, &app, json!({ "isAnswered": false })).await, ["企业用工", "春耕备耕"]);
    let members = names(&look(&editor, ploughing).await["unansweredBy"]).len();
    assert!(members > 10, "everybody is asked");

    // A draft is no answer; what is handed in is, and what is taken back is none.
    let officer = app.officer("阜康市").await;
    let draft = walk::draft(&officer, &app, "阜康市", walk::content()).await;
    let link = json!({ "keyPoint": ploughing["id"], "submission": draft["id"] });
    walk::act(&officer, "answerKeyPoint", "keyPoint { topic } submission { id }", link.clone()).await;
    let error = walk::refused(&officer, "answerKeyPoint", link, "ALREADY_EXISTS").await;
    assert_eq!(error["field"], "keyPoint");
    assert_eq!(look(&editor, ploughing).await["isAnswered"], false);
    let signed = walk::step(&app.leader("阜康市").await, "signSubmission", &draft).await;
    let item = walk::step(&officer, "submitSubmission", &signed).await;
    let seen = look(&editor, ploughing).await;
    assert_eq!((&seen["isAnswered"], names(&seen["answeredBy"])), (&json!(true), vec!["阜康市"]));
    assert_eq!(seen["submissions"], json!([{ "id": item["id"] }]));
    let silent = names(&seen["unansweredBy"]);
    assert!(silent.len() == members - 1 && !silent.contains(&"阜康市"), "{silent:?}");
    assert_eq!(topics(&editor, &app, json!({ "isAnswered": false })).await, ["企业用工"]);
    assert_eq!(topics(&editor, &app, json!({ "isAnswered": true })).await, ["春耕备耕"]);
    assert_eq!(look(&editor, labour).await["answeredBy"], json!([]));
    let query = "query($id: ID!) { submission(id: $id) { keyPoints { topic } } }";
    let named = editor.gql(query, json!({ "id": item["id"] })).await;
    assert_eq!(named["submission"]["keyPoints"], json!([{ "topic": "春耕备耕" }]));

    // A unit sees whether it has answered itself.
    let own = look(&app.officer("奇台县").await, ploughing).await;
    assert_eq!((&own["isAnswered"], names(&own["unansweredBy"])), (&json!(false), vec!["奇台县"]));
    let own = look(&officer, ploughing).await;
    assert_eq!((&own["isAnswered"], names(&own["unansweredBy"])), (&json!(true), Vec::<&str>::new()));

    walk::step(&officer, "withdrawSubmission", &item).await;
    assert_eq!(look(&editor, ploughing).await["isAnswered"], false);
}

async fn an_item_says_itself_what_it_answers(app: TestApp) {
    let editor = app.editor().await;
    let list = publish(&editor, &app, "2026-W10").await;
    let point = &list["points"][1];
    let officer = app.officer("阜康市").await;
    let input = json!({
        "network": app.network_id(), "unit": app.unit_id("阜康市").await, "content": walk::content(),
        "keyPoint": tests::office::global("KeyPoint", 999_999),
    });
    let error = walk::refused(&officer, "createSubmission", input.clone(), "NOT_FOUND").await;
    assert_eq!(error["field"], "keyPoint");
    let input = walk::merged(input, json!({ "keyPoint": point["id"] }));
    let draft = walk::act(&officer, "createSubmission", walk::SUBMISSION, input).await["submission"].take();
    let signed = walk::step(&app.leader("阜康市").await, "signSubmission", &draft).await;
    walk::step(&officer, "submitSubmission", &signed).await;
    assert_eq!(names(&look(&editor, point).await["answeredBy"]), ["阜康市"]);
}

async fn a_list_is_published_once_and_added_to(app: TestApp) {
    let editor = app.editor().await;
    let list = publish(&editor, &app, "2026-03").await;
    let more = json!({ "network": app.network_id(), "period": "2026-03", "points": [{ "topic": "沙尘天气" }] });
    let error = walk::refused(&editor, "publishKeyPoints", more.clone(), "ALREADY_EXISTS").await;
    assert_eq!(error["field"], "period");
    let stale = walk::merged(more.clone(), json!({ "expectedVersion": 7 }));
    walk::refused(&editor, "publishKeyPoints", stale, "VERSION_CONFLICT").await;
    let input = walk::merged(more, json!({ "expectedVersion": list["version"] }));
    let added = walk::act(&editor, "publishKeyPoints", LIST, input).await["keyPoints"].take();
    let positions: Vec<_> = added["points"].as_array().unwrap().iter().map(|point| &point["position"]).collect();
    assert_eq!(positions, [1, 2, 3]);
    assert_eq!((&added["id"], &added["points"][2]["topic"]), (&list["id"], &json!("沙尘天气")));
    // The week stands beside the month.
    publish(&editor, &app, "2026-W10").await;
    assert_eq!(topics(&editor, &app, json!({ "period": "2026-W10" })).await.len(), 2);
    assert_eq!(topics(&editor, &app, json!({ "on": "2026-03-03" })).await.len(), 5);
    assert_eq!(topics(&editor, &app, json!({ "on": "2026-03-20", "topicContains": "沙尘" })).await, ["沙尘天气"]);
    assert_eq!(topics(&editor, &app, json!({ "on": "2026-04-01" })).await.len(), 0);
}

async fn key_points_are_for_weeks_and_months(app: TestApp) {
    let editor = app.editor().await;
    let good = json!({ "network": app.network_id(), "period": "2026-03", "points": points() });
    for (change, field) in [
        (json!({ "period": "2026" }), "period"),
        (json!({ "period": "2026-03-02" }), "period"),
        (json!({ "period": "2026-02" }), "period"),
        (json!({ "period": "2026-W09" }), "period"),
        (json!({ "points": [] }), "points"),
        (json!({ "points": [{ "topic": " " }] }), "points.topic"),
        (json!({ "points": [{ "topic": "春耕", "requirement": "要".repeat(1_001) }] }), "points.requirement"),
    ] {
        let error = walk::refused(&editor, "publishKeyPoints", walk::merged(good.clone(), change), "INVALID").await;
        assert_eq!(error["field"], field);
    }
    let unknown = walk::merged(good, json!({ "expectedVersion": 1 }));
    walk::refused(&editor, "publishKeyPoints", unknown, "NOT_FOUND").await;
}

async fn who_may_publish_and_answer(app: TestApp) {
    let editor = app.editor().await;
    let input = json!({ "network": app.network_id(), "period": "2026-03", "points": points() });
    for client in [app.officer("阜康市").await, app.chief_editor().await, app.analyst().await] {
        walk::refused(&client, "publishKeyPoints", input.clone(), "FORBIDDEN").await;
    }
    let list = publish(&editor, &app, "2026-03").await;
    let item = walk::submit(&app, "阜康市").await;
    let link = json!({ "keyPoint": list["points"][0]["id"], "submission": item["id"] });
    walk::refused(&editor, "answerKeyPoint", link.clone(), "FORBIDDEN").await;
    let error = walk::refused(&app.officer("奇台县").await, "answerKeyPoint", link.clone(), "NOT_FOUND").await;
    assert_eq!(error["field"], "submission");
    let officer = app.officer("阜康市").await;
    walk::step(&officer, "withdrawSubmission", &item).await;
    walk::refused(&officer, "answerKeyPoint", link, "WRONG_STATE").await;
}
