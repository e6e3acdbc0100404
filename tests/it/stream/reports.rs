//! What a worker reports, without a socket: leases, attempts, receipts, dead letters.

use chrono::Duration;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::notices::{recipients, release, release_text};
use tests::walk;
use tests::worker::Gateway;

use super::{home, look, relay};

tests::cases![
    a_worker_without_a_socket_leases_and_reports,
    what_is_not_reported_is_handed_out_again_under_the_same_key,
    a_report_under_an_old_fence_comes_too_late,
    a_lease_can_be_extended,
    failures_wait_longer_each_time_and_end_as_dead_letters,
    a_final_failure_is_a_dead_letter_at_once_and_goes_out_again_when_asked,
    an_unanswered_submission_is_not_repeated_before_its_window_ends,
    receipts_in_any_order_lead_to_the_same_end,
    a_receipt_that_comes_first_waits_for_its_message,
    without_a_number_a_notice_is_given_up,
    the_shell_worker_of_the_documents_sends_everything,
];

const DELIVERIES: &str = "deliveries { notice fence dedupeKey attempt phone text leaseUntil segments }";
const NOTICE: &str = "query($id: ID!) { node(id: $id) { ... on Notice {
    state attempt round failure submittedAt deliveredAt deadAt
    attempts { number outcome failureClass gatewayCode } } } }";

/// A worker with one text message to each of so many people released.
struct Desk {
    sms: Client,
    editor: Client,
    consumer: String,
}

impl Desk {
    async fn new(app: &TestApp, count: usize) -> Self {
        let people = recipients(app.state(), count).await;
        release(app.state(), app.network(), "2026-Q1", &people).await;
        relay(app).await;
        Self::again(app).await
    }

    /// With fresh tokens, after the clock has moved.
    async fn again(app: &TestApp) -> Self {
        Self { sms: app.sms_worker().await, editor: app.editor().await, consumer: home(app).await }
    }

    async fn lease(&self, max: i64) -> Vec<Value> {
        let input = json!({ "consumer": self.consumer, "max": max });
        let leased = walk::act(&self.sms, "leaseDeliveries", DELIVERIES, input).await;
        leased["deliveries"].as_array().unwrap().clone()
    }

    async fn ack(&self, delivery: &Value, gateway_ids: &[&str]) -> String {
        let item = json!({ "notice": delivery["notice"], "fence": delivery["fence"], "gatewayIds": gateway_ids });
        let input = json!({ "consumer": self.consumer, "deliveries": [item] });
        let done = walk::act(&self.sms, "ackDeliveries", "results { verdict }", input).await;
        done["results"][0]["verdict"].as_str().unwrap().to_owned()
    }

    async fn nack(&self, delivery: &Value, reason: &str, code: Option<&str>) -> String {
        let lease = json!({ "notice": delivery["notice"], "fence": delivery["fence"] });
        let input = json!({ "consumer": self.consumer, "delivery": lease, "reason": reason, "code": code });
        let done = walk::act(&self.sms, "nackDelivery", "result { verdict }", input).await;
        done["result"]["verdict"].as_str().unwrap().to_owned()
    }

    async fn receipt(&self, gateway_id: &str, segment: Option<i64>, status: &str) -> Value {
        let receipt = json!({ "gatewayId": gateway_id, "segment": segment, "status": status, "code": status });
        let input = json!({ "consumer": self.consumer, "receipts": [receipt] });
        let mut done = walk::act(&self.sms, "reportReceipt", "added parked", input).await;
        done.as_object_mut().unwrap().remove("userErrors");
        done
    }

    async fn notice(&self, delivery: &Value) -> Value {
        self.editor.gql(NOTICE, json!({ "id": delivery["notice"] })).await["node"].take()
    }
}

async fn a_worker_without_a_socket_leases_and_reports(app: TestApp) {
    let desk = Desk::new(&app, 3).await;
    let input = json!({ "consumer": desk.consumer, "max": 2, "idempotencyKey": "lease-1" });
    let leased = walk::act(&desk.sms, "leaseDeliveries", DELIVERIES, input.clone()).await;
    assert_eq!(leased["deliveries"].as_array().unwrap().len(), 2);
    assert_eq!(leased["deliveries"][0]["phone"], tests::notices::number(0));
    // A lost answer: the same request gives the same leases.
    assert_eq!(walk::act(&desk.sms, "leaseDeliveries", DELIVERIES, input.clone()).await, leased);
    let first = &leased["deliveries"][0];
    assert_eq!(desk.ack(first, &["gw-1"]).await, "ACCEPTED");
    assert_eq!(desk.ack(first, &["gw-1"]).await, "REPEATED");
    // What was reported is not sent again, also when the lease is asked for again.
    let left = walk::act(&desk.sms, "leaseDeliveries", DELIVERIES, input).await;
    assert_eq!(left["deliveries"].as_array().unwrap().len(), 1);
    assert_eq!(desk.lease(10).await.len(), 1);
    let notice = desk.notice(first).await;
    assert_eq!(notice["state"], "SUBMITTED");
    assert_eq!(notice["attempts"][0]["outcome"], "ACCEPTED");
    assert_eq!(look(&desk.editor, &app, "lag inFlight").await, json!({ "lag": 0, "inFlight": 2 }));
}

/// Proof 4: the worker dies after the gateway took the message and before it could say so.
async fn what_is_not_reported_is_handed_out_again_under_the_same_key(app: TestApp) {
    let desk = Desk::new(&app, 1).await;
    let mut gateway = Gateway::default();
    let lost = desk.lease(1).await;
    gateway.submit(&lost[0]);
    app.clock.advance(Duration::seconds(59));
    relay(&app).await;
    assert!(desk.lease(1).await.is_empty(), "the lease lasts a minute");
    app.clock.advance(Duration::seconds(2));
    relay(&app).await;
    assert!(desk.lease(1).await.is_empty(), "and then there is a wait");
    app.clock.advance(Duration::seconds(16));
    relay(&app).await;
    let again = desk.lease(1).await;
    assert_eq!(again[0]["dedupeKey"], lost[0]["dedupeKey"]);
    assert_eq!(again[0]["attempt"], 2);
    let id = gateway.submit(&again[0]);
    assert_eq!(desk.ack(&again[0], &[&id]).await, "ACCEPTED");
    assert_eq!(gateway.submitted.values().copied().collect::<Vec<_>>(), [2]);
    assert_eq!(gateway.sent.len(), 1, "the gateway counts one SMS");
    let attempts = desk.notice(&again[0]).await["attempts"].take();
    assert_eq!(attempts[0]["outcome"], "LAPSED");
    assert_eq!(attempts[1]["outcome"], "ACCEPTED");
}

async fn a_report_under_an_old_fence_comes_too_late(app: TestApp) {
    let desk = Desk::new(&app, 2).await;
    let slow = desk.lease(2).await;
    app.clock.advance(Duration::seconds(90));
    relay(&app).await;
    // Nobody else has it yet: the report still counts.
    assert_eq!(desk.ack(&slow[0], &["gw-0"]).await, "ACCEPTED");
    app.clock.advance(Duration::seconds(30));
    relay(&app).await;
    let quick = desk.lease(2).await;
    assert_eq!(quick.len(), 1, "what was reported is not handed out");
    assert_eq!(desk.ack(&slow[1], &["gw-1"]).await, "STALE");
    assert_eq!(desk.nack(&slow[1], "REFUSED", Some("X")).await, "STALE");
    assert_eq!(desk.ack(&quick[0], &["gw-2"]).await, "ACCEPTED");
    let unknown = json!({ "notice": tests::office::global("Notice", 999_999), "fence": 1 });
    assert_eq!(desk.ack(&unknown, &[]).await, "UNKNOWN");
}

async fn a_lease_can_be_extended(app: TestApp) {
    let desk = Desk::new(&app, 1).await;
    let held = desk.lease(1).await;
    let lease = json!({ "notice": held[0]["notice"], "fence": held[0]["fence"] });
    for _ in 0..3 {
        app.clock.advance(Duration::seconds(50));
        relay(&app).await;
        let input = json!({ "consumer": desk.consumer, "deliveries": [lease] });
        let done = walk::act(&desk.sms, "extendLease", "results { verdict }", input).await;
        assert_eq!(done["results"][0]["verdict"], "ACCEPTED");
    }
    assert_eq!(desk.ack(&held[0], &["gw"]).await, "ACCEPTED");
    assert_eq!(desk.notice(&held[0]).await["attempt"], 1);
}

async fn failures_wait_longer_each_time_and_end_as_dead_letters(app: TestApp) {
    Desk::new(&app, 1).await;
    let mut waits = Vec::new();
    let mut last = Value::Null;
    for attempt in 1..=8 {
        let desk = Desk::again(&app).await;
        let began = app.now();
        let mut held = desk.lease(1).await;
        while held.is_empty() {
            app.clock.advance(Duration::seconds(5));
            relay(&app).await;
            held = Desk::again(&app).await.lease(1).await;
        }
        waits.push((app.now() - began).num_seconds());
        assert_eq!(held[0]["attempt"], attempt);
        let desk = Desk::again(&app).await;
        assert_eq!(desk.nack(&held[0], "REFUSED", Some("BUSY")).await, "ACCEPTED");
        last = held[0].clone();
    }
    assert!(waits[1] >= 5 && waits[1] <= 20, "{waits:?}");
    assert!(waits[2..].windows(2).all(|pair| pair[1] > pair[0]), "{waits:?}");
    let desk = Desk::again(&app).await;
    let dead = desk.notice(&last).await;
    assert_eq!((&dead["state"], &dead["failure"]), (&json!("FAILED"), &json!("BUSY")));
    assert_eq!(dead["attempts"].as_array().unwrap().len(), 8);
    let query = "query($id: ID!) { deadLetters(consumer: $id, first: 10) { totalCount nodes { failure } }
        consumer(id: $id) { dead deadLetterReasons { failure count } } }";
    let seen = desk.editor.gql(query, json!({ "id": desk.consumer })).await;
    assert_eq!(seen["deadLetters"]["totalCount"], 1);
    assert_eq!(seen["consumer"], json!({ "dead": 1, "deadLetterReasons": [{ "failure": "BUSY", "count": 1 }] }));
}

async fn a_final_failure_is_a_dead_letter_at_once_and_goes_out_again_when_asked(app: TestApp) {
    let desk = Desk::new(&app, 2).await;
    let map = json!({ "consumer": desk.consumer, "code": "BLACKLIST", "class": "FINAL" });
    walk::refused(&desk.editor, "setFailureClass", map.clone(), "FORBIDDEN").await;
    walk::act(&app.system_administrator().await, "setFailureClass", "", map).await;
    let held = desk.lease(2).await;
    for one in &held {
        desk.nack(one, "REFUSED", Some("BLACKLIST")).await;
    }
    assert_eq!(desk.notice(&held[0]).await["attempts"][0]["failureClass"], "FINAL");
    let chief = app.chief_editor().await;
    let one = json!({ "consumer": desk.consumer, "notices": [held[0]["notice"]] });
    walk::refused(&desk.editor, "requeueDeadLetters", one.clone(), "FORBIDDEN").await;
    walk::refused(&desk.sms, "requeueDeadLetters", one.clone(), "NOT_FOUND").await;
    let done = walk::act(&chief, "requeueDeadLetters", "notices { state round } consumer { dead }", one.clone()).await;
    assert_eq!(done["notices"], json!([{ "state": "QUEUED", "round": 2 }]));
    assert_eq!(done["consumer"]["dead"], 1);
    walk::refused(&chief, "requeueDeadLetters", one, "WRONG_STATE").await;
    let rest = json!({ "consumer": desk.consumer, "failure": "BLACKLIST" });
    let done = walk::act(&chief, "requeueDeadLetters", "notices { state }", rest).await;
    assert_eq!(done["notices"].as_array().unwrap().len(), 1);
    relay(&app).await;
    let again = desk.lease(2).await;
    assert_eq!(again.len(), 2);
    assert!(again.iter().all(|one| one["attempt"] == 1 && held.iter().all(|old| old["dedupeKey"] != one["dedupeKey"])));
}

async fn an_unanswered_submission_is_not_repeated_before_its_window_ends(app: TestApp) {
    let desk = Desk::new(&app, 2).await;
    let held = desk.lease(2).await;
    for one in &held {
        assert_eq!(desk.nack(one, "UNANSWERED", None).await, "ACCEPTED");
    }
    assert_eq!(desk.notice(&held[0]).await["state"], "UNKNOWN");
    app.clock.advance(Duration::hours(71));
    relay(&app).await;
    let desk = Desk::again(&app).await;
    assert!(desk.lease(2).await.is_empty());
    // The receipt names our own id, for nobody knows the gateway's: so the gateway had it.
    let receipt = json!({ "gatewayId": "gw-9", "status": "DELIVERED", "dedupeKey": held[0]["dedupeKey"] });
    let input = json!({ "consumer": desk.consumer, "receipts": [receipt] });
    walk::act(&desk.sms, "reportReceipt", "added", input).await;
    assert_eq!(desk.notice(&held[0]).await["state"], "DELIVERED");
    app.clock.advance(Duration::hours(2));
    relay(&app).await;
    let desk = Desk::again(&app).await;
    let again = desk.lease(2).await;
    assert_eq!(again.len(), 1);
    assert_eq!((&again[0]["notice"], &again[0]["dedupeKey"]), (&held[1]["notice"], &held[1]["dedupeKey"]));
}

/// Proof 5. The proof over every order stands beside the code (`services::delivery::receipt`); here it goes through the door.
async fn receipts_in_any_order_lead_to_the_same_end(app: TestApp) {
    let people = recipients(app.state(), 6).await;
    let long = "信".repeat(150);
    release_text(app.state(), app.network(), "2026-Q1", &people, &long).await;
    relay(&app).await;
    let desk = Desk::again(&app).await;
    let held = desk.lease(6).await;
    assert_eq!(held[0]["segments"], 3);
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (place, (one, order)) in held.iter().zip(orders).enumerate() {
        let ids: Vec<_> = (0..3).map(|part| format!("gw-{place}-{part}")).collect();
        // The second part fails; every receipt comes twice, and half of them before the submission is reported.
        let early = place % 2 == 0;
        if !early {
            desk.ack(one, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
        }
        for part in order.into_iter().chain(order) {
            let status = if part == 1 { "FAILED" } else { "DELIVERED" };
            desk.receipt(&ids[part], None, status).await;
        }
        if early {
            desk.ack(one, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
        }
        let notice = desk.notice(one).await;
        assert_eq!((&notice["state"], &notice["failure"]), (&json!("FAILED"), &json!("FAILED")), "{order:?}");
        assert!(notice["submittedAt"].is_string() && notice["deliveredAt"].is_null());
        // At last the handset has it all the same.
        desk.receipt(&ids[1], None, "DELIVERED").await;
        let notice = desk.notice(one).await;
        assert_eq!((&notice["state"], &notice["failure"]), (&json!("DELIVERED"), &Value::Null), "{order:?}");
    }
}

async fn a_receipt_that_comes_first_waits_for_its_message(app: TestApp) {
    let desk = Desk::new(&app, 1).await;
    let held = desk.lease(1).await;
    assert_eq!(desk.receipt("gw-7", None, "DELIVERED").await, json!({ "added": 1, "parked": 1 }));
    assert_eq!(desk.receipt("gw-7", None, "DELIVERED").await, json!({ "added": 0, "parked": 0 }));
    assert_eq!(desk.notice(&held[0]).await["state"], "LEASED");
    desk.ack(&held[0], &["gw-7"]).await;
    let notice = desk.notice(&held[0]).await;
    assert_eq!(notice["state"], "DELIVERED");
    assert!(notice["submittedAt"].is_string() && notice["deliveredAt"].is_string(), "two facts, two times");
}

async fn without_a_number_a_notice_is_given_up(app: TestApp) {
    let people =
        [app.holder(entity::role_grant::Role::Officer, tests::office::Place::Unit(app.unit("阜康市").await)).await];
    release(app.state(), app.network(), "2026-Q1", &people).await;
    relay(&app).await;
    let desk = Desk::again(&app).await;
    assert!(desk.lease(1).await.is_empty());
    let query = "query($id: ID!) { deadLetters(consumer: $id, first: 10) { nodes { failure } } }";
    let seen = desk.editor.gql(query, json!({ "id": desk.consumer })).await;
    assert_eq!(seen["deadLetters"]["nodes"], json!([{ "failure": "NO_PHONE" }]));
}

/// The worker that `docs/delivery.md` prints, run as it stands there. It needs `curl` and `jq`.
async fn the_shell_worker_of_the_documents_sends_everything(app: TestApp) {
    let tools = "command -v curl && command -v jq && command -v base64";
    let found = std::process::Command::new("sh").args(["-c", tools]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        return;
    }
    let text = include_str!("../../../docs/delivery.md");
    let script = text.split("```sh\n").find(|part| part.starts_with("#!")).and_then(|part| part.split("```").next());
    let script = script.expect("the document prints a worker").to_owned();
    let desk = Desk::new(&app, 45).await;
    let live = tests::live::Live::start(app.state(), true).await;
    let mut worker = std::process::Command::new("sh");
    worker
        .args(["-c", &script])
        .env("ZX_URL", format!("http://{}/graphql", live.address))
        .env("ZX_TOKEN", desk.sms.token().unwrap())
        .env("ZX_CONSUMER", &desk.consumer);
    let output = tokio::task::spawn_blocking(move || worker.output()).await.unwrap().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(printed.matches("ACCEPTED").count(), 45, "{printed}");
    assert_eq!(look(&desk.editor, &app, "lag inFlight dead").await, json!({ "lag": 0, "inFlight": 0, "dead": 0 }));
    drop(live);
}
