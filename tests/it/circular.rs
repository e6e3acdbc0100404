//! Circulars: published once from a closed period, the same bytes ever after.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::text;
use tests::walk;

tests::cases![
    a_circular_shows_every_unit_every_row,
    only_closed_periods_are_published_and_each_once,
    a_circular_compares_places_with_the_one_before,
];

const UNIT: &str = "阜康市";

const CIRCULAR: &str = "circular { id version period kind edition state sha256 dataVersion days { first last }
    rulebookVersions { number } previous { period }
    rows(category: \"county\") {
        unitId name category { id name } score rank of tied change submitted adoptedItems adoptions rate lists { list }
    } }";

async fn close(app: &TestApp, period: &str) {
    let input = json!({ "network": app.network_id(), "period": period });
    walk::act(&app.chief_editor().await, "closePeriod", "closing { id }", input).await;
}

async fn publish(app: &TestApp, period: &str) -> Value {
    let input = json!({ "network": app.network_id(), "period": period });
    walk::act(&app.chief_editor().await, "publishCircular", CIRCULAR, input).await["circular"].take()
}

/// Adoptions of 10 points each, all on one day.
async fn adopted(app: &TestApp, unit: &str, day: &str, items: usize) {
    for _ in 0..items {
        let row = app.submission(unit).await.submitted_on(day).insert().await;
        app.adoption(&row, "general").await.on(day).insert().await;
    }
}

async fn look(client: &Client, id: &Value) -> Value {
    let query = format!("query($id: ID!) {{ {} }}", CIRCULAR.replacen("circular", "circular(id: $id)", 1));
    client.gql(&query, json!({ "id": id })).await["circular"].take()
}

fn places(circular: &Value) -> Vec<String> {
    let rows = circular["rows"].as_array().expect("a circular has rows");
    rows.iter()
        .map(|row| format!("{} {} {} {}", row["rank"], text(&row["name"]), text(&row["score"]), row["change"]))
        .collect()
}

async fn a_circular_shows_every_unit_every_row(app: TestApp) {
    adopted(&app, "昌吉市", "2026-02-10", 2).await;
    adopted(&app, UNIT, "2026-02-11", 1).await;
    app.submission("玛纳斯县").await.submitted_on("2026-02-11").insert_many(4).await;
    close(&app, "2026-02").await;
    let circular = publish(&app, "2026-02").await;
    assert_eq!(circular["kind"], "MONTHLY");
    assert_eq!((&circular["edition"], &circular["state"]), (&json!(1), &json!("PUBLISHED")));
    assert_eq!(circular["days"], json!({ "first": "2026-02-01", "last": "2026-02-28" }));
    assert_eq!(circular["rulebookVersions"], json!([{ "number": 1 }]));
    assert_eq!(text(&circular["sha256"]).len(), 64);
    assert_eq!(places(&circular)[..3], ["1 昌吉市 20 null", "2 阜康市 10 null", "3 呼图壁县 0 null"]);
    let row = &circular["rows"][0];
    assert_eq!(row["category"], json!({ "id": "county", "name": "县市" }));
    assert_eq!(
        (&row["of"], &row["tied"], &row["adoptions"], &row["rate"]),
        (&json!(7), &json!(false), &json!(2), &json!("1"))
    );
    let silent = circular["rows"].as_array().unwrap().iter().find(|row| row["name"] == "玛纳斯县").unwrap();
    assert_eq!((&silent["submitted"], &silent["rate"], &silent["tied"]), (&json!(4), &json!("0"), &json!(true)));

    // Peers see the rows that were published, and nothing else of the others.
    let query = "query($id: ID!) { circular(id: $id) { rows(category: \"county\") { name score unit { name } } } }";
    let seen = app.officer(UNIT).await.gql(query, json!({ "id": circular["id"] })).await["circular"]["rows"].take();
    assert_eq!(seen[0], json!({ "name": "昌吉市", "score": "20", "unit": null }));
    assert_eq!(seen[1], json!({ "name": UNIT, "score": "10", "unit": { "name": UNIT } }));
    let ranking = "query($network: ID!) { ranking(network: $network, period: { id: \"2026-02\" }) { categories { rows { score } } } }";
    let own = app.officer(UNIT).await.gql(ranking, json!({ "network": app.network_id() })).await;
    assert_eq!(own["ranking"]["categories"], json!([{ "rows": [{ "score": "10" }] }]));

    // Whoever is of another network knows of no circular.
    let rules = include_str!("../../analytics/rulebooks/field/huolinguole-2018.toml");
    let elsewhere = app.found("elsewhere", rules).await;
    assert_eq!(look(&elsewhere.editor().await, &circular["id"]).await, Value::Null);
}

async fn only_closed_periods_are_published_and_each_once(app: TestApp) {
    let chief = app.chief_editor().await;
    let input = |period: &str| json!({ "network": app.network_id(), "period": period });
    walk::refused(&chief, "publishCircular", input("2026-02"), "WRONG_STATE").await;
    walk::refused(&chief, "publishCircular", input("2026-W06"), "INVALID").await;
    close(&app, "2026-01").await;
    close(&app, "2026-02").await;
    let first = publish(&app, "2026-02").await;
    walk::refused(&chief, "publishCircular", input("2026-02"), "ALREADY_EXISTS").await;
    // A quarter needs all of its months.
    walk::refused(&chief, "publishCircular", input("2026-Q1"), "WRONG_STATE").await;
    walk::refused(&app.editor().await, "publishCircular", input("2026-01"), "FORBIDDEN").await;
    publish(&app, "2026-01").await;

    let query = "query($where: CircularWhere) { network(code: \"changji\") {
        circulars(where: $where, first: 10) { totalCount nodes { id period } }
    } }";
    let list = async |filter: Value| chief.gql(query, json!({ "where": filter })).await["network"]["circulars"].take();
    assert_eq!(list(json!({})).await["totalCount"], 2);
    assert_eq!(
        list(json!({ "period": "2026-02" })).await["nodes"],
        json!([{ "id": first["id"], "period": "2026-02" }])
    );
    assert_eq!(list(json!({ "kind": "YEARLY" })).await["totalCount"], 0);
    assert_eq!(list(json!({ "state": "PUBLISHED", "kind": "MONTHLY" })).await["totalCount"], 2);
}

async fn a_circular_compares_places_with_the_one_before(app: TestApp) {
    adopted(&app, UNIT, "2026-01-10", 2).await;
    adopted(&app, "昌吉市", "2026-01-10", 1).await;
    adopted(&app, "昌吉市", "2026-02-10", 2).await;
    adopted(&app, UNIT, "2026-02-10", 1).await;
    close(&app, "2026-01").await;
    close(&app, "2026-02").await;
    publish(&app, "2026-01").await;
    let february = publish(&app, "2026-02").await;
    assert_eq!(february["previous"], json!({ "period": "2026-01" }));
    assert_eq!(places(&february)[..3], ["1 昌吉市 20 1", "2 阜康市 10 -1", "3 呼图壁县 0 0"]);
}
