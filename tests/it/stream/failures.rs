//! What a gateway's codes mean, and what happens when it refuses everything.

use serde_json::{Value, json};
use tests::app::{HOME, TestApp};
use tests::client::Client;
use tests::notices::{recipients, release};
use tests::walk;

use super::{home, look, relay};

tests::cases![the_map_of_codes_can_be_changed_and_decides, whoever_can_mend_the_account_is_told_that_it_stands_still];

/// Leases one notice and reports that the gateway refused it with this code.
async fn refuse(app: &TestApp, code: &str) {
    let (sms, consumer) = (app.sms_worker().await, home(app).await);
    let lease = json!({ "consumer": consumer, "max": 1 });
    let leased = walk::act(&sms, "leaseDeliveries", "deliveries { notice fence }", lease).await;
    let delivery = json!({ "notice": leased["deliveries"][0]["notice"], "fence": leased["deliveries"][0]["fence"] });
    let nack = json!({ "consumer": consumer, "delivery": delivery, "reason": "REFUSED", "code": code });
    let told = walk::act(&sms, "nackDelivery", "result { verdict }", nack).await;
    assert_eq!(told["result"]["verdict"], "ACCEPTED", "{leased}");
}

async fn set(client: &Client, app: &TestApp, code: &str, class: &str, version: Option<i64>) -> Value {
    let input = json!({ "consumer": home(app).await, "code": code, "class": class, "expectedVersion": version });
    walk::act(client, "setFailureClass", "failureCode { id code class version changedAt }", input).await
}

async fn the_map_of_codes_can_be_changed_and_decides(app: TestApp) {
    let people = recipients(app.state(), 3).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    relay(&app).await;
    let (administrator, editor) = (app.system_administrator().await, app.editor().await);
    let counts = async || look(&editor, &app, "dead lag state failureCodes { code class version }").await;

    // A code that nobody has classified may succeed later.
    refuse(&app, "UNDELIV").await;
    let seen = counts().await;
    assert_eq!((&seen["dead"], &seen["lag"], &seen["failureCodes"]), (&json!(0), &json!(3), &json!([])));

    let entry = set(&administrator, &app, "UNDELIV", "FINAL", None).await;
    assert_eq!(entry["failureCode"]["version"], 1);
    refuse(&app, "UNDELIV").await;
    assert_eq!(counts().await["dead"], 1);

    let entry = set(&administrator, &app, "UNDELIV", "RETRYABLE", Some(1)).await;
    assert_eq!(entry["failureCode"]["version"], 2);
    refuse(&app, "UNDELIV").await;
    let seen = counts().await;
    assert_eq!((&seen["dead"], &seen["state"]), (&json!(1), &json!("ACTIVE")));
    assert_eq!(seen["failureCodes"], json!([{ "code": "UNDELIV", "class": "RETRYABLE", "version": 2 }]));

    let again = |version: Value| {
        let app = &app;
        async move {
            json!({ "consumer": home(app).await, "code": "UNDELIV", "class": "CONFIG", "expectedVersion": version })
        }
    };
    walk::refused(&administrator, "setFailureClass", again(json!(1)).await, "VERSION_CONFLICT").await;
    walk::refused(&administrator, "setFailureClass", again(Value::Null).await, "VERSION_CONFLICT").await;
    walk::refused(&app.chief_editor().await, "setFailureClass", again(json!(2)).await, "FORBIDDEN").await;
    let empty = json!({ "consumer": home(&app).await, "code": " ", "class": "FINAL" });
    walk::refused(&administrator, "setFailureClass", empty, "INVALID").await;
    let unknown = json!({ "consumer": home(&app).await, "code": "NEW", "class": "FINAL", "expectedVersion": 1 });
    walk::refused(&administrator, "setFailureClass", unknown, "NOT_FOUND").await;
}

async fn whoever_can_mend_the_account_is_told_that_it_stands_still(app: TestApp) {
    let people = recipients(app.state(), 2).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    relay(&app).await;
    let elsewhere = app.found("elsewhere", analytics::rulebook::shipped::find(HOME).unwrap()).await;
    let paused = async |client: &Client| {
        let query = "{ viewer { awaiting { pausedConsumers(first: 10) { nodes { pausedBecause pausedAt } } } } }";
        client.gql(query, json!({})).await["viewer"]["awaiting"]["pausedConsumers"]["nodes"].take()
    };
    let (administrator, chief) = (app.system_administrator().await, app.chief_editor().await);
    set(&administrator, &app, "NO_CREDIT", "CONFIG", None).await;
    assert_eq!(paused(&chief).await, json!([]));
    refuse(&app, "NO_CREDIT").await;
    for client in [&administrator, &chief] {
        let seen = paused(client).await;
        assert!(seen[0]["pausedBecause"].as_str().unwrap().contains("NO_CREDIT"), "{seen}");
        assert!(seen[0]["pausedAt"].is_string());
    }
    for client in [app.editor().await, app.sms_worker().await, elsewhere.chief_editor().await] {
        assert_eq!(paused(&client).await, json!([]));
    }
    let version = look(&chief, &app, "version").await["version"].clone();
    let resume = json!({ "consumer": home(&app).await, "expectedVersion": version });
    walk::act(&chief, "resumeConsumer", "consumer { state }", resume).await;
    assert_eq!(paused(&chief).await, json!([]));
}
