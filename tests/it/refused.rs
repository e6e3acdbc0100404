//! Refused commands: one audit row each, with the reason, and no other trace. And no write without its audit row.

use std::collections::BTreeMap;

use api::services::audit::{REFUSALS, verify};
use entity::audit;
use entity::role_grant::Role;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, QueryFilter as _, Statement};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::database::Backend;
use tests::figures::{self, text};
use tests::office::{Place, global};
use tests::walk;

tests::cases![
    a_refused_command_leaves_its_audit_row_and_nothing_else,
    a_refusal_is_on_record_with_its_reason,
    refusals_do_not_move_the_figures_version,
    the_units_history_shows_no_refusals,
    a_changed_refusal_is_found,
    a_write_whose_audit_row_cannot_be_stored_does_not_happen,
    a_refusal_that_cannot_be_recorded_is_a_fault,
];

const UNIT: &str = "阜康市";

/// Every row of every table but the audit log and what signing in leaves.
pub(crate) async fn contents(app: &TestApp) -> BTreeMap<String, Vec<String>> {
    const APART: [&str; 5] = ["audit", "audit_head", "refresh_token", "person", "seaql_migrations"];
    let db = app.writer();
    let backend = db.get_database_backend();
    let names = match backend {
        DbBackend::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
        _ => "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'",
    };
    let ask = async |text: String| db.query_all_raw(Statement::from_string(backend, text)).await.unwrap();
    let mut all = BTreeMap::new();
    for row in ask(names.to_owned()).await {
        let table: String = row.try_get("", "name").unwrap();
        if APART.contains(&table.as_str()) {
            continue;
        }
        let rows = match backend {
            DbBackend::Sqlite => {
                let columns = ask(format!("SELECT name FROM pragma_table_info('{table}')")).await;
                let columns: Vec<String> = columns.iter().map(|row| row.try_get("", "name").unwrap()).collect();
                let quoted: Vec<_> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
                format!("SELECT {} AS line FROM \"{table}\"", quoted.join(" || ',' || "))
            }
            _ => format!("SELECT t::text AS line FROM \"{table}\" t"),
        };
        let mut lines: Vec<String> = ask(rows).await.iter().map(|row| row.try_get("", "line").unwrap()).collect();
        lines.sort_unstable();
        all.insert(table, lines);
    }
    all
}

/// The refusals on record, oldest first.
async fn refusals(app: &TestApp) -> Vec<audit::Model> {
    let rows = audit::Entity::find().filter(audit::Column::Chain.eq(REFUSALS)).all(app.writer()).await.unwrap();
    let mut rows = rows;
    rows.sort_by_key(|row| row.sequence);
    rows
}

async fn a_refused_command_leaves_its_audit_row_and_nothing_else(app: TestApp) {
    let (officer, editor) = (app.officer(UNIT).await, app.editor().await);
    let submission = walk::submit(&app, UNIT).await;
    let issue = walk::issue(&editor, &app, "general", "2026-03-02").await;
    let before = contents(&app).await;
    assert!(before["submission"].len() == 1 && !before["idempotency"].is_empty());

    let unit = json!({ "network": app.network_id(), "unit": app.unit_id(UNIT).await });
    let content = |key: &str, value: Value| {
        let mut content = walk::content();
        content[key] = value;
        walk::merged(unit.clone(), json!({ "content": content }))
    };
    let adopt = json!({ "issue": issue["id"] });
    let mut stale = submission.clone();
    stale["version"] = 1.into();
    let send = json!({ "publication": app.publication_id("general").await, "toLevel": "moon", "sentOn": "2026-03-02" });
    let tries = [
        (&officer, "createSubmission", content("kind", "no_such_kind".into()), "INVALID"),
        (&officer, "createSubmission", content("body", "机密★ 内部".into()), "CONFIDENTIAL"),
        (&officer, "updateSubmission", walk::on(&submission, json!({ "content": walk::content() })), "WRONG_STATE"),
        (&officer, "adoptSubmission", walk::on(&submission, adopt.clone()), "FORBIDDEN"),
        (&editor, "adoptSubmission", walk::on(&stale, adopt.clone()), "VERSION_CONFLICT"),
        (&editor, "adoptSubmission", walk::on(&json!({ "id": "x", "version": 1 }), adopt), "NOT_FOUND"),
        (&editor, "sendUpSubmission", walk::on(&submission, send), "INVALID"),
        (&editor, "receiveSubmission", walk::on(&issue, json!({})), "WRONG_ID_TYPE"),
        (
            &editor,
            "moveUnit",
            json!({ "unit": unit["unit"], "expectedVersion": 1, "firstDay": "2026-03-02" }),
            "FORBIDDEN",
        ),
    ];
    let count = tries.len();
    for (client, mutation, input, code) in tries {
        walk::refused(client, mutation, input, code).await;
    }
    assert_eq!(contents(&app).await, before);
    assert_eq!(refusals(&app).await.len(), count);
    assert!(verify(app.writer()).await.unwrap().is_ok());
}

async fn a_refusal_is_on_record_with_its_reason(app: TestApp) {
    let submission = walk::submit(&app, UNIT).await;
    let officer = app.officer(UNIT).await;
    let issue = walk::issue(&app.editor().await, &app, "general", "2026-03-02").await;
    let error =
        walk::refused(&officer, "adoptSubmission", walk::on(&submission, json!({ "issue": issue["id"] })), "FORBIDDEN")
            .await;
    let told: Value = serde_json::from_str(text(&error["details"])).unwrap();
    assert_eq!(told, json!({ "policy": "policy/AdoptSubmission" }));

    let query = "query($object: ID, $actor: ID, $refused: Boolean) {
        auditTrail(object: $object, actor: $actor, refused: $refused, first: 10) {
            nodes { action objectKind isRefused details actor { id } } } }";
    let auditor = app.auditor().await;
    let trail = auditor.gql(query, json!({ "object": submission["id"] })).await["auditTrail"]["nodes"].take();
    let unit = Place::Unit(app.unit(UNIT).await);
    let person = global("Person", app.holder(Role::Officer, unit).await.0);
    assert_eq!(trail[0]["action"], "AdoptSubmission");
    assert_eq!([&trail[0]["isRefused"], &trail[1]["isRefused"]], [true, false]);
    assert_eq!(trail[0]["actor"]["id"], person.as_str());
    let why: Value = serde_json::from_str(text(&trail[0]["details"])).unwrap();
    assert_eq!(why, json!({ "refused": "FORBIDDEN", "field": null, "policy": "policy/AdoptSubmission" }));
    let only = auditor.gql(query, json!({ "actor": person, "refused": true })).await;
    assert_eq!(only["auditTrail"]["nodes"].as_array().map(Vec::len), Some(1));
    let done = auditor.gql(query, json!({ "object": submission["id"], "refused": false })).await;
    assert_eq!(done["auditTrail"]["nodes"].as_array().map(Vec::len), Some(3));
}

async fn refusals_do_not_move_the_figures_version(app: TestApp) {
    let editor = app.editor().await;
    let before = figures::data_version(&editor, &app, "2026").await;
    walk::refused(&editor, "createNetwork", json!({ "code": "x", "name": "x", "rulebook": "" }), "FORBIDDEN").await;
    assert_eq!(figures::data_version(&editor, &app, "2026").await, before);
}

async fn the_units_history_shows_no_refusals(app: TestApp) {
    let submission = walk::submit(&app, UNIT).await;
    let officer = app.officer(UNIT).await;
    walk::refused(&officer, "receiveSubmission", walk::on(&submission, json!({})), "FORBIDDEN").await;
    let query = "query($id: ID!) { submission(id: $id) { history { action } } }";
    let seen = officer.gql(query, json!({ "id": submission["id"] })).await;
    assert_eq!(seen["submission"]["history"].as_array().map(Vec::len), Some(3));
}

async fn a_changed_refusal_is_found(app: TestApp) {
    let editor = app.editor().await;
    for _ in 0..3 {
        walk::refused(&editor, "createNetwork", json!({ "code": "x", "name": "x", "rulebook": "" }), "FORBIDDEN").await;
    }
    audit::Entity::update_many()
        .col_expr(audit::Column::ActorId, Expr::value(None::<i64>))
        .filter(audit::Column::Chain.eq(REFUSALS))
        .filter(audit::Column::Sequence.eq(2))
        .exec(app.writer())
        .await
        .unwrap();
    let broken = verify(app.writer()).await.unwrap().unwrap_err();
    assert_eq!((broken.chain, broken.sequence), (REFUSALS, 2));
}

/// Makes every new audit row fail.
async fn break_audit(app: &TestApp) {
    let statements: &[&str] = match app.backend() {
        Backend::Sqlite => {
            &["CREATE TRIGGER no_audit BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END"]
        }
        Backend::Postgres => &[
            "CREATE FUNCTION no_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$",
            "CREATE TRIGGER no_audit BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION no_audit()",
        ],
    };
    for statement in statements {
        app.writer().execute_unprepared(statement).await.unwrap();
    }
}

/// Lets audit rows be stored again.
async fn mend_audit(app: &TestApp) {
    let statement = match app.backend() {
        Backend::Sqlite => "DROP TRIGGER no_audit",
        Backend::Postgres => "DROP TRIGGER no_audit ON audit",
    };
    app.writer().execute_unprepared(statement).await.unwrap();
}

async fn a_write_whose_audit_row_cannot_be_stored_does_not_happen(app: TestApp) {
    let editor = app.editor().await;
    let submission = walk::submit(&app, UNIT).await;
    let issue = walk::issue(&editor, &app, "general", "2026-03-02").await;
    let (officer, administrator) = (app.officer(UNIT).await, app.system_administrator().await);
    let before = contents(&app).await;
    let unit = json!({ "network": app.network_id(), "unit": app.unit_id(UNIT).await });
    let writes = [
        (&officer, "createSubmission", walk::merged(unit, json!({ "content": walk::content() }))),
        (
            &administrator,
            "moveUnit",
            json!({
                "unit": app.unit_id("木垒县").await, "expectedVersion": 1, "category": "park", "firstDay": "2026-03-02",
            }),
        ),
        (&editor, "adoptSubmission", walk::on(&submission, json!({ "issue": issue["id"] }))),
    ];
    break_audit(&app).await;
    for (client, mutation, input) in &writes {
        let input = walk::merged(input.clone(), json!({ "idempotencyKey": format!("again-{mutation}") }));
        let variables = json!({ "input": input });
        client.expect_code(&walk::document(mutation, ""), variables, "INTERNAL").await;
    }
    mend_audit(&app).await;
    assert_eq!(contents(&app).await, before);
    for (client, mutation, input) in writes {
        let input = walk::merged(input, json!({ "idempotencyKey": format!("again-{mutation}") }));
        walk::act(client, mutation, "", input).await;
    }
    assert!(verify(app.writer()).await.unwrap().is_ok());
}

async fn a_refusal_that_cannot_be_recorded_is_a_fault(app: TestApp) {
    let editor = app.editor().await;
    break_audit(&app).await;
    let input = json!({ "idempotencyKey": walk::key(), "code": "x", "name": "x", "rulebook": "" });
    editor.expect_code(&walk::document("createNetwork", ""), json!({ "input": input }), "INTERNAL").await;
}
