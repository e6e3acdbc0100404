//! Exports: answers as files, fetched by a link that is good for its asker only.

pub(crate) mod charts;
pub(crate) mod formats;
pub(crate) mod saved;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use entity::audit;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::{Client, Fetched};
use tests::office::Place;
use tests::walk;

tests::cases![
    a_link_is_for_one_file_one_person_and_five_minutes,
    a_link_ends_with_its_session,
    a_link_ends_with_the_role_that_it_rests_on,
    an_export_is_on_record_with_its_question,
    repeating_a_request_makes_one_export,
    a_file_is_kept_for_a_week_and_its_manifest_for_good,
    a_unit_takes_away_its_own_rows_and_sees_nobody_elses_exports,
    what_cannot_be_asked_cannot_be_exported,
];

/// What the cases ask of an export.
pub(crate) const EXPORT: &str =
    "export { id fileName question rows bytes sha256 digest manifest dataVersion expiresAt url manifestUrl }";

const LOG_OUT: &str = "mutation { logout { ended } }";
const UNIT: &str = "阜康市";
const OTHER: &str = "奇台县";

/// What units reported and what was adopted in two months.
pub(crate) async fn two_months(app: &TestApp) {
    for (unit, on, items, adopted) in
        [(UNIT, "2026-01-12", 4, 2), (UNIT, "2026-02-10", 2, 1), (OTHER, "2026-02-10", 1, 1)]
    {
        for item in 0..items {
            let row = app.submission(unit).await.submitted_on(on).insert().await;
            if item < adopted {
                app.adoption(&row, "general").await.on(on).insert().await;
            }
        }
    }
}

/// Items reported by each unit in February.
fn question(app: &TestApp) -> Value {
    json!({ "analytics": {
        "network": app.network_id(), "measures": ["SUBMITTED", "POINTS"], "rows": ["UNIT"], "period": { "id": "2026-02" },
    } })
}

/// Makes an export.
pub(crate) async fn export(client: &Client, question: Value, format: &str) -> Value {
    let input = json!({ "question": question, "format": format });
    walk::act(client, "createExport", EXPORT, input).await["export"].take()
}

/// Follows a link without an account.
pub(crate) async fn follow(app: &TestApp, export: &Value, field: &str) -> Fetched {
    app.stranger().fetch(export[field].as_str().expect("there is a link")).await
}

fn code(fetched: &Fetched) -> (StatusCode, String) {
    let body: Value = serde_json::from_slice(&fetched.bytes).unwrap_or_default();
    (fetched.status, body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned())
}

async fn a_link_is_for_one_file_one_person_and_five_minutes(app: TestApp) {
    two_months(&app).await;
    let editor = app.editor().await;
    let first = export(&editor, question(&app), "CSV").await;
    let second = export(&editor, question(&app), "CSV").await;
    let good = follow(&app, &first, "url").await;
    assert_eq!(good.status, StatusCode::OK);
    let header = |name: header::HeaderName| good.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    assert_eq!(header(header::CONTENT_TYPE), "text/csv; charset=utf-8");
    assert_eq!(header(header::CACHE_CONTROL), "no-store");
    let name = first["fileName"].as_str().expect("it has a name");
    assert_eq!(
        header(header::CONTENT_DISPOSITION),
        format!("attachment; filename=\"{name}\"; filename*=UTF-8''{name}")
    );
    assert_eq!(header(header::CONTENT_LENGTH), first["bytes"].to_string());
    assert_eq!(json!(good.bytes.len()), first["bytes"]);

    // The ticket of one file does not open another one, and changes no part.
    let (url, other) = (first["url"].as_str().expect("a link"), second["url"].as_str().expect("a link"));
    let (path, ticket) = url.split_once("?ticket=").expect("a link has a ticket");
    let (other_path, _) = other.split_once("?ticket=").expect("a link has a ticket");
    let unauthenticated = (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED".to_owned());
    for bad in [
        format!("{other_path}?ticket={ticket}"),
        format!("{path}?ticket={}", editor.token().expect("the editor has a token")),
        format!("{path}?ticket={}", ticket.replace('.', "A.")),
        path.to_owned(),
    ] {
        assert_eq!(code(&app.stranger().fetch(&bad).await), unauthenticated, "{bad}");
    }
    let head = Request::builder().method(Method::HEAD).uri(url).body(Body::empty()).expect("a request");
    assert_eq!(app.stranger().send(head).await.status, StatusCode::OK);
    let post = Request::post(url).body(Body::empty()).expect("a request");
    assert_eq!(app.stranger().send(post).await.status, StatusCode::METHOD_NOT_ALLOWED);
    app.set_clock("2026-03-02T09:05:01+08:00");
    assert_eq!(code(&app.stranger().fetch(url).await), unauthenticated);
}

async fn a_link_ends_with_its_session(app: TestApp) {
    two_months(&app).await;
    let (editor, elsewhere) = (app.editor().await, app.editor().await);
    let made = export(&editor, question(&app), "CSV").await;
    let query = "query($id: ID!) { node(id: $id) { ... on Export { url } } }";
    let again = elsewhere.gql(query, json!({ "id": made["id"] })).await["node"].take();
    editor.gql(LOG_OUT, json!({})).await;
    assert_eq!(code(&follow(&app, &made, "url").await), (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED".to_owned()));
    assert_eq!(follow(&app, &again, "url").await.status, StatusCode::OK, "another session of the same person goes on");
}

async fn a_link_ends_with_the_role_that_it_rests_on(app: TestApp) {
    two_months(&app).await;
    let editor = app.editor().await;
    let made = export(&editor, question(&app), "CSV").await;
    assert_eq!(follow(&app, &made, "url").await.status, StatusCode::OK);
    entity::role_grant::Entity::update_many()
        .col_expr(entity::role_grant::Column::RevokedAt, sea_orm::sea_query::Expr::value(app.now()))
        .exec(app.writer())
        .await
        .expect("roles can be taken away");
    assert_eq!(code(&follow(&app, &made, "url").await), (StatusCode::NOT_FOUND, "NO_SUCH_FILE".to_owned()));
}

async fn an_export_is_on_record_with_its_question(app: TestApp) {
    two_months(&app).await;
    let made = export(&app.editor().await, question(&app), "CSV").await;
    let acts = audit::Entity::find()
        .filter(audit::Column::ObjectKind.eq("export"))
        .all(app.state().database().reader())
        .await
        .expect("the log can be read");
    assert_eq!(acts.len(), 1);
    let (act, editor) = (&acts[0], app.holder(entity::role_grant::Role::Editor, Place::Network(app.network())).await);
    assert_eq!((act.action.as_str(), act.actor_id), ("ExportFigures", Some(editor)));
    let details: Value = serde_json::from_str(&act.details).expect("details are JSON");
    assert_eq!(details["question"]["analytics"]["measures"], json!(["SUBMITTED", "POINTS"]));
    assert_eq!((&details["rows"], &details["sha256"]), (&made["rows"], &made["sha256"]));
    let manifest: Value = serde_json::from_str(made["manifest"].as_str().unwrap_or_default()).expect("it is JSON");
    assert_eq!(manifest["question"], details["question"]);
    assert_eq!(manifest["sha256"], made["sha256"]);
    assert_eq!(manifest["dataVersion"], made["dataVersion"]);
    assert_eq!(manifest["rulebooks"][0]["number"], 1);
    assert_eq!(
        manifest["periods"],
        json!([
            { "label": "2026-02", "firstDay": "2026-02-01", "lastDay": "2026-02-28", "partial": false }
        ])
    );
    assert_eq!(manifest["wholeNetwork"], true);
    // The manifest as a file is the same.
    let file = follow(&app, &made, "manifestUrl").await;
    assert_eq!(String::from_utf8(file.bytes).ok().as_deref(), made["manifest"].as_str());
}

async fn repeating_a_request_makes_one_export(app: TestApp) {
    two_months(&app).await;
    let editor = app.editor().await;
    let input = json!({ "question": question(&app), "format": "CSV", "idempotencyKey": walk::key() });
    let first = walk::act(&editor, "createExport", EXPORT, input.clone()).await["export"].take();
    walk::submit(&app, UNIT).await;
    let again = walk::act(&editor, "createExport", EXPORT, input).await["export"].take();
    assert_eq!((&again["id"], &again["sha256"]), (&first["id"], &first["sha256"]));
    let query =
        "query($network: ID!) { exports(network: $network, first: 10) { totalCount nodes { id format rows } } }";
    let list = editor.gql(query, json!({ "network": app.network_id() })).await["exports"].take();
    assert_eq!(list["totalCount"], 1);
    assert_eq!(list["nodes"][0], json!({ "id": first["id"], "format": "CSV", "rows": first["rows"] }));
}

async fn a_file_is_kept_for_a_week_and_its_manifest_for_good(app: TestApp) {
    two_months(&app).await;
    let made = export(&app.editor().await, question(&app), "CSV").await;
    assert_eq!(made["expiresAt"], "2026-03-09T01:00:00+00:00");
    app.set_clock("2026-03-09T09:00:00+08:00");
    let editor = app.editor().await;
    // The next export takes away what has expired.
    export(&editor, question(&app), "CSV").await;
    let query = "query($id: ID!) { node(id: $id) { ... on Export { url manifestUrl sha256 } } }";
    let later = editor.gql(query, json!({ "id": made["id"] })).await["node"].take();
    assert_eq!((&later["url"], &later["sha256"]), (&Value::Null, &made["sha256"]));
    assert_eq!(follow(&app, &later, "manifestUrl").await.status, StatusCode::OK);
    let files = entity::export_file::Entity::find().all(app.state().database().reader()).await.expect("files");
    assert_eq!(files.len(), 1);
}

async fn a_unit_takes_away_its_own_rows_and_sees_nobody_elses_exports(app: TestApp) {
    two_months(&app).await;
    let (editor, officer) = (app.editor().await, app.officer(OTHER).await);
    let whole = export(&editor, question(&app), "CSV").await;
    let own = export(&officer, question(&app), "CSV").await;
    assert!(whole["rows"].as_i64() > Some(70));
    assert_eq!(own["rows"], 1);
    let text = String::from_utf8(follow(&app, &own, "url").await.bytes).expect("CSV is UTF-8");
    assert!(text.contains(OTHER) && !text.contains(UNIT), "{text}");
    let query = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(officer.gql(query, json!({ "id": whole["id"] })).await["node"], Value::Null);
    assert_eq!(editor.gql(query, json!({ "id": own["id"] })).await["node"], Value::Null);
}

async fn what_cannot_be_asked_cannot_be_exported(app: TestApp) {
    let editor = app.editor().await;
    let refused = async |question: Value| {
        let input = json!({ "question": question, "format": "CSV" });
        walk::refused(&editor, "createExport", input, "INVALID").await
    };
    let mut bad = question(&app);
    bad["analytics"]["rows"] = json!(["PUBLICATION"]);
    bad["analytics"]["measures"] = json!(["ADOPTION_RATE"]);
    assert_eq!(refused(bad).await["field"], "input.rows");
    let mut dry = question(&app);
    dry["analytics"]["dryRun"] = json!(true);
    assert_eq!(refused(dry).await["field"], "question.analytics.dryRun");
}
