//! Who is shown a number: the worker, and nobody else, whatever they ask.

use entity::notice;
use entity::role_grant::Role;
use sea_orm::EntityTrait as _;
use serde_json::json;
use tests::app::TestApp;
use tests::client::Client;
use tests::notices::{number, recipients, release};
use tests::office::global;
use tests::walk;

tests::cases![nobody_but_the_worker_is_shown_a_number];

const CONSUMER: &str = "query($id: ID!) {
    consumer(id: $id) { state deadLetterReasons { failure } failureCodes { code } }
    deadLetters(consumer: $id, first: 100) { nodes { text failure recipient { name phone }
        attempts { gatewayCode gatewayText } } } }";
const NOTICE: &str = "query($id: ID!) { node(id: $id) { ... on Notice { text failure recipient { name phone }
    attempts { gatewayCode gatewayText } } } }";
const ACTS: &str = "{ auditTrail(first: 100) { nodes { action details } } }";

async fn nobody_but_the_worker_is_shown_a_number(app: TestApp) {
    let people = recipients(app.state(), 3).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    crate::stream::relay(&app).await;
    let (sms, consumer) = (app.sms_worker().await, app.consumer_id().await);
    let map = json!({ "consumer": consumer, "code": "UNKNOWN_NUMBER", "class": "FINAL" });
    walk::act(&app.system_administrator().await, "setFailureClass", "", map).await;
    let lease = json!({ "consumer": consumer, "max": 10 });
    let leased = walk::act(&sms, "leaseDeliveries", "deliveries { notice fence phone }", lease).await;
    let deliveries = leased["deliveries"].as_array().unwrap().clone();
    assert_eq!(deliveries[0]["phone"], number(0));

    // The gateway names the number that it refuses, and the one that a receipt is about.
    let of = |place: usize| json!({ "notice": deliveries[place]["notice"], "fence": deliveries[place]["fence"] });
    let nack = json!({
        "consumer": consumer, "delivery": of(0), "reason": "REFUSED", "code": "UNKNOWN_NUMBER",
        "text": format!("号码{}不存在", number(0)),
    });
    walk::act(&sms, "nackDelivery", "result { verdict }", nack).await;
    let mut ack = of(1);
    ack["gatewayIds"] = json!(["g1"]);
    walk::act(&sms, "ackDeliveries", "results { verdict }", json!({ "consumer": consumer, "deliveries": [ack] })).await;
    let receipt = json!({ "gatewayId": "g1", "status": "FAILED", "text": format!("+86{} is off", number(1)) });
    walk::act(&sms, "reportReceipt", "added", json!({ "consumer": consumer, "receipts": [receipt] })).await;

    let rows = notice::Entity::find().all(app.writer()).await.unwrap();
    let asked: [(&str, Client); 10] = [
        ("editor", app.editor().await),
        ("chief editor", app.chief_editor().await),
        ("city leader", app.city_leader().await),
        ("analyst", app.analyst().await),
        ("officer", app.officer("阜康市").await),
        ("unit leader", app.leader("阜康市").await),
        ("SMS worker", sms),
        ("system administrator", app.system_administrator().await),
        ("security administrator", app.security_administrator().await),
        ("auditor", app.client(Role::Auditor, tests::office::Place::Platform).await),
    ];
    let mut dead = 0;
    for (label, client) in asked {
        let mut answers = vec![client.ask(CONSUMER, json!({ "id": consumer })).await.body.to_string()];
        for row in &rows {
            let id = json!({ "id": global("Notice", row.id.0) });
            answers.push(client.ask(NOTICE, id).await.body.to_string());
        }
        answers.push(client.ask(ACTS, json!({})).await.body.to_string());
        for answer in answers {
            assert!(!answer.contains(&number(0)[..9]), "the {label} is shown a number: {answer}");
            dead += answer.matches("139****0000不存在").count() + answer.matches("139****0001 is off").count();
        }
    }
    assert!(dead > 0, "the gateway's words are shown with the number hidden");
}
