//! The worker with an HTTP gateway of its own make, without a socket to the server.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Json, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use entity::consumer::{self, ConsumerState};
use entity::failure_code::FailureClass;
use entity::notice::NoticeState;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use tests::app::FoundedDatabase;
use tests::notices::{number, recipients, release};
use tests::sms::WorkerProcess;
use tests::wire;

use super::Stage;

tests::cases![a_templated_gateway_is_driven_without_a_socket, the_console_sends_to_nobody];

/// What the gateway counted, by our own id of the message.
#[derive(Clone, Default)]
struct Counted(Arc<Mutex<BTreeMap<String, Value>>>);

/// Takes a message: the last digit of its number decides.
async fn take(
    State(counted): State<Counted>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    if headers.get("authorization").and_then(|value| value.to_str().ok()) != Some("Bearer t0ken") {
        return (StatusCode::UNAUTHORIZED, Json(json!({})));
    }
    let (to, key) = (body["to"].as_str().unwrap().to_owned(), body["key"].as_str().unwrap().to_owned());
    let answer = match to.chars().last() {
        Some('2') => (StatusCode::OK, json!({ "code": "NO_CREDIT", "message": format!("{to}余额不足") })),
        // Whether it was taken, nobody knows.
        Some('3') => (StatusCode::INTERNAL_SERVER_ERROR, json!({ "oops": true })),
        _ => {
            counted.0.lock().unwrap().insert(key.clone(), body);
            (StatusCode::OK, json!({ "code": 0, "id": format!("h-{key}") }))
        }
    };
    (answer.0, Json(answer.1))
}

/// A port that was free a moment ago.
fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

async fn a_templated_gateway_is_driven_without_a_socket(database: FoundedDatabase) {
    let stage = Stage::set(&database).await;
    stage.classify("NO_CREDIT", FailureClass::Config).await;
    let people = recipients(&stage.place.state, 4).await;
    release(&stage.place.state, stage.place.network, "2026-Q1", &people[..2]).await;
    let (gateway, hook) = (free(), free());
    let token = stage.place.directory().join("token");
    std::fs::write(&token, "t0ken").unwrap();
    let more = format!(
        r#"poll = true
poll_seconds = 1
[templates]
SMS_1 = "T-228"
[gateway]
kind = "http"
url = "http://{gateway}/send"
headers = {{ Authorization = "Bearer {{secret.token}}" }}
body = '{{"to":"{{phone}}","key":"{{key}}","text":"{{text}}","template":"{{template}}","values":{{parameters}}}}'
secrets = {{ token = "{token}" }}
[gateway.answer]
code = "/code"
success = ["0"]
id = "/id"
text = "/message"
[gateway.receipts]
items = "/list"
id = "/id"
status = "/state"
delivered = ["DELIVRD"]
[gateway.receipts.webhook]
listen = "{hook}"
token_file = "{token}"
"#,
        token = token.display()
    );
    let worker = WorkerProcess::start(stage.place.directory(), &stage.configuration(&more).await);

    // The gateway is not there yet: nothing is lost, and no attempt is counted.
    stage.until(&[(NoticeState::Leased, 2)], &worker).await;
    let counted = Counted::default();
    let listener = tokio::net::TcpListener::bind(gateway).await.unwrap();
    let routes = Router::new().route("/send", post(take)).with_state(counted.clone());
    let serving = tokio::spawn(async move { axum::serve(listener, routes).await });
    stage.until(&[(NoticeState::Submitted, 2)], &worker).await;
    let messages = counted.0.lock().unwrap().clone();
    for body in messages.values() {
        assert_eq!(body["template"], "T-228");
        assert_eq!(body["values"]["period"], "2026-Q1");
        assert!(body["text"].as_str().unwrap().starts_with("【信息通报】2026-Q1"));
    }

    // Receipts: only with the token, and twice without harm.
    let list: Vec<_> =
        messages.keys().map(|key| json!({ "id": format!("h-{key}"), "state": "DELIVRD", "n": 1 })).collect();
    let body = json!({ "list": list }).to_string();
    let call = async |target: &'static str| {
        let body = body.clone();
        let headers = [("Content-Type", "application/json")];
        let sent = tokio::task::spawn_blocking(move || wire::send(hook, target, &headers, body.as_bytes()));
        sent.await.unwrap().unwrap().status
    };
    assert_eq!(call("POST /receipts?token=other").await, 403);
    assert_eq!(stage.place.count(NoticeState::Delivered).await, 0);
    for _ in 0..2 {
        assert_eq!(call("POST /receipts?token=t0ken").await, 200);
        assert_eq!(stage.place.count(NoticeState::Delivered).await, 2, "what was acknowledged is on record");
    }

    // No answer: unknown. No credit: everything waits until somebody has mended it.
    release(&stage.place.state, stage.place.network, "2026-Q2", &people[3..]).await;
    stage.until(&[(NoticeState::Unknown, 1)], &worker).await;
    release(&stage.place.state, stage.place.network, "2026-Q3", &people[2..3]).await;
    stage.until(&[(NoticeState::Queued, 1)], &worker).await;
    let begun = std::time::Instant::now();
    let reader = stage.place.state.database().reader();
    loop {
        let row = consumer::Entity::find().one(reader).await.unwrap().unwrap();
        if row.state == ConsumerState::Paused {
            assert!(row.paused_because.unwrap().contains("NO_CREDIT"));
            break;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{}", worker.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(worker.log().contains("余额不足"));
    assert!(worker.stop().success());
    serving.abort();
    stage.assert_no_number_was_written(&database).await;
}

async fn the_console_sends_to_nobody(database: FoundedDatabase) {
    let stage = Stage::set(&database).await;
    let people = recipients(&stage.place.state, 3).await;
    let configuration = stage.configuration("[gateway]\nkind = 'console'").await;
    let worker = WorkerProcess::start(stage.place.directory(), &configuration);
    release(&stage.place.state, stage.place.network, "2026-Q1", &people).await;
    stage.until(&[(NoticeState::Submitted, 3)], &worker).await;
    let log = worker.log();
    assert_eq!(log.matches("2026-Q1信息采用情况").count(), 3, "{log}");
    assert!(!log.contains(&number(0)[..9]));
    assert!(worker.stop().success());
}
