//! Corrected editions: what came late is shown where it belongs, beside what was published, and both can be recomputed.

use entity::circular as row;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::figures;
use tests::office::{Office, global};
use tests::walk;

tests::cases![
    a_corrected_edition_counts_late_facts_on_their_own_days,
    a_correction_needs_something_to_correct,
    published_circulars_can_be_recomputed,
    a_changed_row_is_found,
];

const UNIT: &str = "阜康市";

const CIRCULAR: &str = "circular { id version period edition state sha256 reason
    rows(category: \"county\") { name score rank }
    diff { name before { score rank } after { score rank } lines { rule date before after } }
    editions { edition state } }";

/// February with 20 points for one county and 10 for another, closed and published.
async fn published(app: &TestApp) -> Value {
    for (unit, items) in [("昌吉市", 2), (UNIT, 1)] {
        for _ in 0..items {
            let row = app.submission(unit).await.submitted_on("2026-02-05").insert().await;
            app.adoption(&row, "general").await.on("2026-02-05").insert().await;
        }
    }
    let chief = app.chief_editor().await;
    let period = json!({ "network": app.network_id(), "period": "2026-02" });
    walk::act(&chief, "closePeriod", "closing { id }", period.clone()).await;
    walk::act(&chief, "publishCircular", CIRCULAR, period).await["circular"].take()
}

/// A higher adoption of February and its endorsement, which become known in March: 10 and 20 points.
async fn late(app: &TestApp) {
    let editor = app.editor().await;
    let unit = app.unit(UNIT).await;
    let row = entity::submission::Entity::find()
        .filter(entity::submission::Column::UnitId.eq(unit))
        .one(app.writer())
        .await
        .unwrap()
        .unwrap();
    let item = json!({ "id": global("Submission", row.id.0), "version": row.version });
    let item = walk::send_up(&editor, app, &item, "internal", "2026-02-06").await;
    let item = walk::record_adoption(&editor, app, &item, "region_other", "2026-02-20").await["submission"].take();
    walk::endorse(&editor, &item, "region", "2026-02-25").await;
}

async fn correct(app: &TestApp, circular: &Value) -> Value {
    let input = json!({ "circular": circular["id"], "expectedVersion": circular["version"], "reason": "补录上级采用" });
    walk::act(&app.chief_editor().await, "correctCircular", CIRCULAR, input).await["circular"].take()
}

async fn look(app: &TestApp, circular: &Value) -> Value {
    let query = format!("query($id: ID!) {{ {} }}", CIRCULAR.replacen("circular", "circular(id: $id)", 1));
    app.officer(UNIT).await.gql(&query, json!({ "id": circular["id"] })).await["circular"].take()
}

async fn a_corrected_edition_counts_late_facts_on_their_own_days(app: TestApp) {
    let first = published(&app).await;
    late(&app).await;
    let second = correct(&app, &first).await;
    assert_eq!((&second["edition"], &second["state"]), (&json!(2), &json!("PUBLISHED")));
    assert_eq!(second["reason"], "补录上级采用");
    assert_eq!(second["rows"][0], json!({ "name": UNIT, "score": "40", "rank": 1 }));
    assert_eq!(second["rows"][1], json!({ "name": "昌吉市", "score": "20", "rank": 2 }));
    let diff = json!([
        {
            "name": UNIT,
            "before": { "score": "10", "rank": 2 },
            "after": { "score": "40", "rank": 1 },
            "lines": [
                { "rule": "adopted.region", "date": "2026-02-20", "before": null, "after": "10" },
                { "rule": "endorsed.region", "date": "2026-02-25", "before": null, "after": "20" },
            ],
        },
        { "name": "昌吉市", "before": { "score": "20", "rank": 1 }, "after": { "score": "20", "rank": 2 }, "lines": [] },
    ]);
    assert_eq!(second["diff"], diff);

    // The old edition stays readable, and the points count where they were recorded.
    let old = look(&app, &first).await;
    assert_eq!(old["state"], "SUPERSEDED");
    assert_eq!((&old["rows"], &old["sha256"], &old["diff"]), (&first["rows"], &first["sha256"], &Value::Null));
    assert_eq!(
        old["editions"],
        json!([{ "edition": 1, "state": "SUPERSEDED" }, { "edition": 2, "state": "PUBLISHED" }])
    );
    let editor = app.editor().await;
    assert_eq!(figures::score(&editor, &app, UNIT, "2026-02").await, "10");
    assert_eq!(figures::score(&editor, &app, UNIT, "2026-03").await, "30");
    assert_eq!(figures::score(&editor, &app, UNIT, "2026").await, "40");
}

async fn a_correction_needs_something_to_correct(app: TestApp) {
    let first = published(&app).await;
    let chief = app.chief_editor().await;
    let input = |circular: &Value, version: i64| json!({ "circular": circular["id"], "expectedVersion": version, "reason": "核对" });
    walk::refused(&chief, "correctCircular", input(&first, 1), "WRONG_STATE").await;
    late(&app).await;
    walk::refused(&chief, "correctCircular", input(&first, 7), "VERSION_CONFLICT").await;
    walk::refused(&app.editor().await, "correctCircular", input(&first, 1), "FORBIDDEN").await;
    let error = walk::refused(
        &chief,
        "correctCircular",
        json!({ "circular": first["id"], "expectedVersion": 1, "reason": " " }),
        "INVALID",
    );
    assert_eq!(error.await["field"], "reason");
    let second = correct(&app, &first).await;
    walk::refused(&chief, "correctCircular", input(&first, 2), "WRONG_STATE").await;
    walk::refused(&chief, "correctCircular", input(&second, 1), "WRONG_STATE").await;
}

async fn verdict(office: &Office, circular: &Value) -> Value {
    let query = "query($id: ID!) { verifyCircular(id: $id) { holds recomputed different circular { sha256 } } }";
    office.analyst().await.gql(query, json!({ "id": circular["id"] })).await["verifyCircular"].take()
}

async fn published_circulars_can_be_recomputed(app: TestApp) {
    let first = published(&app).await;
    late(&app).await;
    let second = correct(&app, &first).await;
    let again = app.restarted().await;
    for circular in [&first, &second] {
        for office in [&*app, &again] {
            let verdict = verdict(office, circular).await;
            assert_eq!(verdict["holds"], true, "{verdict}");
            assert_eq!(verdict["recomputed"], circular["sha256"]);
        }
    }
    assert_ne!(first["sha256"], second["sha256"]);
    let query = "query($id: ID!) { verifyCircular(id: $id) { holds } }";
    app.officer(UNIT).await.expect_code(query, json!({ "id": first["id"] }), "FORBIDDEN").await;
    for verdict in api::services::circular::verify::check_all(app.state()).await.unwrap() {
        assert!(verdict.holds(), "edition {}", verdict.circular.edition);
    }
}

async fn a_changed_row_is_found(app: TestApp) {
    let first = published(&app).await;
    let stored = row::Entity::find().one(app.writer()).await.unwrap().unwrap();
    row::Entity::update_many()
        .col_expr(row::Column::Rows, Expr::value(stored.rows.replacen("\"score\":\"20\"", "\"score\":\"25\"", 1)))
        .filter(row::Column::Id.eq(stored.id))
        .exec(app.writer())
        .await
        .unwrap();
    let verdict = verdict(&app, &first).await;
    assert_eq!((&verdict["holds"], &verdict["different"]), (&json!(false), &json!(["昌吉市"])));
}
