//! The audit log: a chain in which every row vouches for the one before it, read by auditors alone.

use api::services::audit::{BrokenChain, PLATFORM, verify};
use entity::{audit, audit_head};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::office::{Place, global};
use tests::walk;

tests::cases![
    a_chain_of_work_holds,
    a_changed_row_is_found,
    a_removed_row_is_found,
    a_removed_end_is_found,
    swapped_rows_are_found,
    a_forged_row_at_the_end_is_found,
    a_chain_without_its_head_is_found,
    an_auditor_reads_acts_by_object_and_by_actor,
    nobody_else_reads_the_trail,
];

const UNIT: &str = "阜康市";

/// A row in the middle of the home network's chain, and one after it.
const HERE: i64 = 5;

const TRAIL: &str = "query($object: ID, $actor: ID) { auditTrail(object: $object, actor: $actor, first: 100) {
    totalCount nodes { sequence action fromState toState actor { id } objectKind hash }
} }";

async fn verdict(app: &TestApp) -> Result<u64, BrokenChain> {
    verify(app.writer()).await.expect("the log can be read")
}

fn broken_at(app: &TestApp, sequence: i64) -> Result<u64, BrokenChain> {
    Err(BrokenChain { chain: app.network().0, sequence })
}

async fn change(app: &TestApp, sequence: i64, column: audit::Column, value: impl Into<SimpleExpr>) {
    let changed = audit::Entity::update_many()
        .col_expr(column, value.into())
        .filter(audit::Column::Chain.eq(app.network()))
        .filter(audit::Column::Sequence.eq(sequence))
        .exec(app.writer())
        .await
        .expect("whoever holds the database can change a row");
    assert_eq!(changed.rows_affected, 1);
}

async fn remove(app: &TestApp, sequence: i64) {
    audit::Entity::delete_many()
        .filter(audit::Column::Chain.eq(app.network()))
        .filter(audit::Column::Sequence.eq(sequence))
        .exec(app.writer())
        .await
        .expect("whoever holds the database can remove a row");
}

async fn row(app: &TestApp, sequence: i64) -> audit::Model {
    audit::Entity::find()
        .filter(audit::Column::Chain.eq(app.network()))
        .filter(audit::Column::Sequence.eq(sequence))
        .one(app.writer())
        .await
        .expect("the log can be read")
        .expect("the chain is longer than this")
}

async fn last(app: &TestApp) -> audit::Model {
    audit::Entity::find()
        .filter(audit::Column::Chain.eq(app.network()))
        .order_by_desc(audit::Column::Sequence)
        .one(app.writer())
        .await
        .expect("the log can be read")
        .expect("founding a network is on record")
}

async fn a_chain_of_work_holds(app: TestApp) {
    let before = verdict(&app).await.expect("the chains of a new office hold");
    walk::submit(&app, UNIT).await;
    let after = verdict(&app).await.expect("the chains hold after work");
    // Two sign-ins of people who were not there before, a draft, a signature, a hand-in.
    assert_eq!(after, before + 5);
}

async fn a_changed_row_is_found(app: TestApp) {
    walk::submit(&app, UNIT).await;
    let original = last(&app).await;
    let here = original.sequence;
    let later = app.now() + chrono::Duration::seconds(1);
    let changes: [(audit::Column, SimpleExpr, SimpleExpr); 8] = [
        (audit::Column::Action, Expr::value("Nothing"), Expr::value(original.action)),
        (audit::Column::ObjectKind, Expr::value("unit"), Expr::value(original.object_kind)),
        (audit::Column::ObjectId, Expr::value(999_i64), Expr::value(original.object_id)),
        (audit::Column::ActorId, Expr::value(None::<i64>), Expr::value(original.actor_id)),
        (audit::Column::At, Expr::value(later), Expr::value(original.at)),
        (audit::Column::FromState, Expr::value("draft"), Expr::value(original.from_state)),
        (audit::Column::ToState, Expr::value(None::<String>), Expr::value(original.to_state)),
        (audit::Column::Details, Expr::value("{}"), Expr::value(original.details)),
    ];
    for (column, forged, right) in changes {
        change(&app, here, column, forged).await;
        assert_eq!(verdict(&app).await, broken_at(&app, here), "{column:?}");
        change(&app, here, column, right).await;
        assert!(verdict(&app).await.is_ok(), "{column:?}");
    }
}

async fn a_removed_row_is_found(app: TestApp) {
    remove(&app, HERE).await;
    assert_eq!(verdict(&app).await, broken_at(&app, HERE));
}

async fn a_removed_end_is_found(app: TestApp) {
    let last = last(&app).await.sequence;
    remove(&app, last).await;
    assert_eq!(verdict(&app).await, broken_at(&app, last));
}

async fn swapped_rows_are_found(app: TestApp) {
    let beyond = last(&app).await.sequence + 1;
    for (from, to) in [(HERE, beyond), (HERE + 1, HERE), (beyond, HERE + 1)] {
        change(&app, from, audit::Column::Sequence, Expr::value(to)).await;
    }
    assert_eq!(verdict(&app).await, broken_at(&app, HERE));
}

/// A copy of a good row does not fit at another place.
async fn a_forged_row_at_the_end_is_found(app: TestApp) {
    let end = last(&app).await;
    let mut forged: audit::ActiveModel = row(&app, HERE).await.into();
    forged = sea_orm::ActiveModelTrait::reset_all(forged);
    forged.id = sea_orm::ActiveValue::NotSet;
    forged.sequence = sea_orm::ActiveValue::Set(end.sequence + 1);
    forged.previous_hash = sea_orm::ActiveValue::Set(end.hash);
    audit::Entity::insert(forged).exec(app.writer()).await.expect("whoever holds the database can add a row");
    assert_eq!(verdict(&app).await, broken_at(&app, end.sequence + 1));
}

async fn a_chain_without_its_head_is_found(app: TestApp) {
    audit_head::Entity::delete_by_id(app.network().0).exec(app.writer()).await.expect("a head can be removed");
    assert_eq!(verdict(&app).await, broken_at(&app, 1));
}

async fn an_auditor_reads_acts_by_object_and_by_actor(app: TestApp) {
    let submission = walk::submit(&app, UNIT).await;
    let auditor = app.auditor().await;
    let unit = Place::Unit(app.unit(UNIT).await);
    let leader = global("Person", app.holder(entity::role_grant::Role::UnitLeader, unit).await.0);

    let trail = auditor.gql(TRAIL, json!({ "object": submission["id"] })).await["auditTrail"].take();
    let acts: Vec<_> = trail["nodes"].as_array().into_iter().flatten().map(|act| act["action"].clone()).collect();
    assert_eq!(json!(acts), json!(["SubmitSubmission", "SignSubmission", "CreateSubmission"]));
    assert_eq!(trail["totalCount"], 3);
    assert_eq!(trail["nodes"][1]["actor"]["id"], leader.as_str());
    assert_eq!([&trail["nodes"][1]["fromState"], &trail["nodes"][1]["toState"]], ["draft", "signed"]);

    let trail = auditor.gql(TRAIL, json!({ "actor": leader })).await["auditTrail"].take();
    let acts: Vec<_> = trail["nodes"].as_array().into_iter().flatten().map(|act| act["action"].clone()).collect();
    assert_eq!(json!(acts), json!(["SignSubmission", "Login"]));

    let wrong = json!({ "object": "nonsense" });
    auditor.expect_code(TRAIL, wrong, "NOT_FOUND").await;
    let wrong = json!({ "actor": submission["id"] });
    auditor.expect_code(TRAIL, wrong, "WRONG_ID_TYPE").await;
    assert_ne!(PLATFORM, app.network().0);
}

async fn nobody_else_reads_the_trail(app: TestApp) {
    let submission = walk::submit(&app, UNIT).await;
    let everybody_else = [
        app.officer(UNIT).await,
        app.section_chief(UNIT).await,
        app.leader(UNIT).await,
        app.editor().await,
        app.chief_editor().await,
        app.city_leader().await,
        app.analyst().await,
        app.sms_worker().await,
        app.system_administrator().await,
        app.security_administrator().await,
    ];
    for client in everybody_else {
        for arguments in [json!({}), json!({ "object": submission["id"] }), Value::Null] {
            client.expect_code(TRAIL, arguments, "FORBIDDEN").await;
        }
    }
    app.stranger().expect_code(TRAIL, json!({}), "UNAUTHENTICATED").await;
}
