//! Phone numbers: who gives them, who sees how much of them, and that nothing else holds them.

use entity::role_grant::Role;
use entity::{audit, idempotency, person_phone};
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::office::{Place, global};
use tests::walk;

tests::cases![
    a_number_is_kept_sealed_and_shown_masked,
    who_may_not_send_sees_no_number,
    a_number_is_changed_and_taken_away,
    what_is_no_number_is_refused_without_repeating_it,
];

const UNIT: &str = "阜康市";
const NUMBER: &str = "13812340001";
const READ: &str = "query($id: ID!) { node(id: $id) { ... on Person { phone version } } }";

async fn leader(app: &TestApp) -> String {
    global("Person", app.holder(Role::UnitLeader, Place::Unit(app.unit(UNIT).await)).await.0)
}

async fn seen(client: &Client, person: &str) -> Value {
    client.gql(READ, json!({ "id": person })).await["node"].take()
}

async fn a_number_is_kept_sealed_and_shown_masked(app: TestApp) {
    let person = leader(&app).await;
    let officer = app.officer(UNIT).await;
    let input = json!({ "person": person, "expectedVersion": 1, "phone": "138 1234 0001" });
    let set = walk::act(&officer, "setPhone", "person { phone version }", input).await;
    assert_eq!(set["person"], json!({ "phone": "138****0001", "version": 2 }));
    for client in [&officer, &app.editor().await, &app.chief_editor().await, &app.system_administrator().await] {
        assert_eq!(seen(client, &person).await["phone"], "138****0001");
    }

    let row = person_phone::Entity::find().one(app.writer()).await.unwrap().unwrap();
    assert_eq!(row.algorithm, "xchacha20poly1305");
    assert!(!row.key_id.is_empty() && !row.sealed.contains("0001"));
    for row in audit::Entity::find().all(app.writer()).await.unwrap() {
        assert!(!row.details.contains("1234"), "{row:?}");
    }
    for row in idempotency::Entity::find().all(app.writer()).await.unwrap() {
        assert!(!row.outcome.contains("1234"), "{row:?}");
    }
}

async fn who_may_not_send_sees_no_number(app: TestApp) {
    let person = leader(&app).await;
    let input = json!({ "person": person, "expectedVersion": 1, "phone": NUMBER });
    walk::act(&app.system_administrator().await, "setPhone", "", input.clone()).await;
    for client in [app.analyst().await, app.city_leader().await, app.auditor().await] {
        assert_eq!(seen(&client, &person).await["phone"], Value::Null);
    }
    assert_eq!(seen(&app.officer("昌吉市").await, &person).await, Value::Null);
    assert_eq!(seen(&app.sms_worker().await, &person).await, Value::Null);
    walk::refused(&app.editor().await, "setPhone", input.clone(), "FORBIDDEN").await;
    walk::refused(&app.officer("昌吉市").await, "setPhone", input, "NOT_FOUND").await;
}

async fn a_number_is_changed_and_taken_away(app: TestApp) {
    let person = leader(&app).await;
    let officer = app.officer(UNIT).await;
    let with = |version: i64, phone: Value| json!({ "person": person, "expectedVersion": version, "phone": phone });
    walk::act(&officer, "setPhone", "", with(1, NUMBER.into())).await;
    let stale = walk::refused(&officer, "setPhone", with(1, "19912345678".into()), "VERSION_CONFLICT").await;
    assert_eq!(stale["details"], r#"{"currentVersion":2}"#);
    walk::act(&officer, "setPhone", "", with(2, "19912345678".into())).await;
    assert_eq!(seen(&officer, &person).await["phone"], "199****5678");
    walk::act(&officer, "setPhone", "", with(3, Value::Null)).await;
    assert_eq!(seen(&officer, &person).await["phone"], Value::Null);

    // A repetition is known by its key, and another number under the same key is another request.
    let keyed = |phone: &str| walk::merged(with(4, phone.into()), json!({ "idempotencyKey": "same" }));
    walk::act(&officer, "setPhone", "", keyed(NUMBER)).await;
    walk::act(&officer, "setPhone", "", keyed(NUMBER)).await;
    walk::refused(&officer, "setPhone", keyed("19912345678"), "KEY_REUSED").await;
    assert_eq!(seen(&officer, &person).await, json!({ "phone": "138****0001", "version": 5 }));
}

async fn what_is_no_number_is_refused_without_repeating_it(app: TestApp) {
    let person = leader(&app).await;
    for bad in ["1381234000", "0994-3222222", "23812340001"] {
        let input = json!({ "person": person, "expectedVersion": 1, "phone": bad });
        let error = walk::refused(&app.officer(UNIT).await, "setPhone", input, "INVALID").await;
        assert_eq!(error["field"], "phone");
        assert!(!error.to_string().contains(bad));
    }
}
