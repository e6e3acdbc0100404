//! Saved queries: named, in versions, shared by role.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::walk;

use super::{export, two_months};

tests::cases![
    a_query_is_saved_asked_again_and_keeps_its_versions,
    a_query_is_shared_by_role_and_gives_each_their_own_figures,
    only_what_can_be_asked_is_saved_and_only_its_owner_changes_it,
];

const SAVED: &str = "savedQuery { id version name sharedWith versions { number question } }";
const RUN: &str = "query($id: ID!, $version: Int) { runSavedQuery(id: $id, version: $version) {
    version digest question savedQuery { name } result { rows { cells { value } } meta { dataVersion } }
} }";
const UNIT: &str = "阜康市";
const OTHER: &str = "奇台县";

fn asked(app: &TestApp, measures: &[&str]) -> Value {
    let period = json!({ "last": { "count": 2, "unit": "MONTH" } });
    json!({ "analytics": { "network": app.network_id(), "measures": measures, "rows": ["UNIT"], "period": period } })
}

async fn a_query_is_saved_asked_again_and_keeps_its_versions(app: TestApp) {
    two_months(&app).await;
    let editor = app.editor().await;
    let input = json!({ "name": "每月报送", "question": asked(&app, &["SUBMITTED"]) });
    let saved = walk::act(&editor, "saveQuery", SAVED, input.clone()).await["savedQuery"].take();
    assert_eq!((&saved["version"], &saved["name"]), (&json!(1), &json!("每月报送")));
    let run = async |version: Value| {
        editor.gql(RUN, json!({ "id": saved["id"], "version": version })).await["runSavedQuery"].take()
    };
    let first = run(Value::Null).await;
    assert_eq!(first["savedQuery"]["name"], "每月报送");
    assert_eq!(run(Value::Null).await["digest"], first["digest"], "the same figures have the same digest");
    // An export of it holds the same table.
    let made = export(&editor, json!({ "savedQuery": saved["id"] }), "CSV").await;
    assert_eq!(made["digest"], first["digest"]);
    walk::submit(&app, UNIT).await;
    app.set_clock("2026-04-02T09:00:00+08:00");
    let editor = app.editor().await;
    let run = async |version: Value| {
        editor.gql(RUN, json!({ "id": saved["id"], "version": version })).await["runSavedQuery"].take()
    };
    assert_ne!(run(Value::Null).await["digest"], first["digest"], "relative periods move on");

    let changed = json!({
        "name": "每月报送和积分", "question": asked(&app, &["SUBMITTED", "POINTS"]), "savedQuery": saved["id"],
        "expectedVersion": 1,
    });
    let changed_once = walk::act(&editor, "saveQuery", SAVED, changed.clone()).await["savedQuery"].take();
    assert_eq!((&changed_once["version"], &changed_once["id"]), (&json!(2), &saved["id"]));
    assert_eq!(changed_once["versions"].as_array().map(Vec::len), Some(2));
    assert_eq!(changed_once["versions"][1]["question"], saved["versions"][0]["question"]);
    let cells = |run: &Value| run["result"]["rows"][0]["cells"].as_array().map(Vec::len);
    assert_eq!(cells(&run(Value::Null).await), Some(2));
    assert_eq!(cells(&run(json!(1)).await), Some(1));
    walk::refused(&editor, "saveQuery", changed, "VERSION_CONFLICT").await;
}

async fn a_query_is_shared_by_role_and_gives_each_their_own_figures(app: TestApp) {
    two_months(&app).await;
    let (editor, analyst, officer) = (app.editor().await, app.analyst().await, app.officer(OTHER).await);
    let input =
        json!({ "name": "各单位", "question": asked(&app, &["SUBMITTED"]), "sharedWith": ["ANALYST", "OFFICER"] });
    let saved = walk::act(&editor, "saveQuery", SAVED, input).await["savedQuery"].take();
    assert_eq!(saved["sharedWith"], json!(["OFFICER", "ANALYST"]));
    let rows = async |client: &tests::client::Client| {
        let run = client.gql(RUN, json!({ "id": saved["id"] })).await;
        run["runSavedQuery"]["result"]["rows"].as_array().map(Vec::len)
    };
    assert_eq!(rows(&editor).await, rows(&analyst).await);
    assert_eq!(rows(&officer).await, Some(1));
    let chief = app.chief_editor().await;
    chief.expect_code(RUN, json!({ "id": saved["id"] }), "NOT_FOUND").await;
    let list = "query($network: ID!) { savedQueries(network: $network, first: 10) { totalCount } }";
    for (client, count) in [(&editor, 1), (&analyst, 1), (&officer, 1), (&chief, 0)] {
        let found = client.gql(list, json!({ "network": app.network_id() })).await;
        assert_eq!(found["savedQueries"]["totalCount"], count);
    }
}

async fn only_what_can_be_asked_is_saved_and_only_its_owner_changes_it(app: TestApp) {
    let (editor, analyst) = (app.editor().await, app.analyst().await);
    let mut bad = asked(&app, &["ADOPTION_RATE"]);
    bad["analytics"]["rows"] = json!(["PUBLICATION"]);
    walk::refused(&editor, "saveQuery", json!({ "name": "错", "question": bad }), "INVALID").await;
    let input = json!({ "name": "共享", "question": asked(&app, &["SUBMITTED"]), "sharedWith": ["ANALYST"] });
    let saved = walk::act(&editor, "saveQuery", SAVED, input.clone()).await["savedQuery"].take();
    walk::refused(&editor, "saveQuery", input.clone(), "ALREADY_EXISTS").await;
    let change = walk::merged(input, json!({ "savedQuery": saved["id"], "expectedVersion": 1 }));
    walk::refused(&analyst, "saveQuery", change, "FORBIDDEN").await;
    let nested = json!({ "name": "套", "question": { "savedQuery": saved["id"] } });
    walk::refused(&editor, "saveQuery", nested, "INVALID").await;
}
