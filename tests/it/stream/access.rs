//! Who may follow which stream, for how long, and over which transport.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use entity::role_grant::{self, Role};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::live::{Ended, Live, Socket};
use tests::notices::{recipients, release};
use tests::office::Place;
use tests::walk;
use tests::worker::{Gateway, STREAM};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{home, relay, worker};

tests::cases![
    only_the_sms_worker_follows_the_stream,
    a_token_that_ends_closes_the_stream_and_a_fresh_one_goes_on,
    a_fresh_token_on_the_open_socket_keeps_the_stream,
    a_role_that_is_taken_away_ends_the_stream_within_a_second,
    the_stream_comes_as_server_sent_events_too,
    hints_tell_of_what_the_viewer_sees_and_of_nothing_else,
    the_worker_sees_numbers_and_nothing_else_does,
];

/// The first answer to a subscription: the data, or the code of the refusal.
async fn first(live: &Live, token: &str, query: &str, variables: Value) -> Result<Value, String> {
    let mut socket = Socket::open(live.address, token).await.expect("a session opens");
    socket.start("1", query, variables).await.expect("the socket takes it");
    let mut message = socket.message().await.map_err(|ended| format!("{ended:?}"))?;
    match message["type"].as_str() {
        Some("next") => Ok(message["payload"]["data"].take()),
        _ => Err(message["payload"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()),
    }
}

async fn only_the_sms_worker_follows_the_stream(app: TestApp) {
    let people = recipients(app.state(), 1).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    relay(&app).await;
    let live = Live::start(app.state(), false).await;
    let consumer = home(&app).await;
    let variables = json!({ "consumer": consumer });
    let office = [app.editor().await, app.chief_editor().await, app.system_administrator().await];
    for client in &office {
        let refused = first(&live, client.token().unwrap(), STREAM, variables.clone()).await;
        assert_eq!(refused, Err("FORBIDDEN".to_owned()));
    }
    let others =
        [app.officer("阜康市").await, app.leader("阜康市").await, app.city_leader().await, app.analyst().await];
    for client in &others {
        let refused = first(&live, client.token().unwrap(), STREAM, variables.clone()).await;
        assert_eq!(refused, Err("NOT_FOUND".to_owned()));
    }
    let sms = app.sms_worker().await;
    let frame = first(&live, sms.token().unwrap(), STREAM, variables).await.unwrap();
    assert_eq!(frame["noticeStream"]["__typename"], "EventBatch");
    // And the worker follows nothing else.
    let network = json!({ "network": app.network_id() });
    for field in ["submissionChanged", "commissionChanged"] {
        let query = format!("subscription($network: ID!) {{ {field}(network: $network) {{ dataVersion }} }}");
        assert_eq!(first(&live, sms.token().unwrap(), &query, network.clone()).await, Err("NOT_FOUND".to_owned()));
    }
}

/// Proof 9.
async fn a_token_that_ends_closes_the_stream_and_a_fresh_one_goes_on(app: TestApp) {
    let people = recipients(app.state(), 6).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    relay(&app).await;
    let live = Live::start(app.state(), false).await;
    let (mut worker, mut gateway) = (worker(&app, &live, 2).await, Gateway::default());
    worker.work(&mut gateway).await.unwrap();
    worker.batch().await.unwrap();
    app.clock.advance(TimeDelta::minutes(16));
    let ended = Instant::now();
    while worker.batch().await.is_ok() {}
    assert_eq!(worker.ends, ["AUTH_EXPIRED"]);
    assert_eq!(worker.frame().await, Err(Ended::Complete));
    assert_eq!(worker.frame().await, Err(Ended::Closed(4403)));
    assert!(ended.elapsed() < Duration::from_secs(3));

    relay(&app).await;
    app.clock.advance(TimeDelta::minutes(1));
    relay(&app).await;
    super::connect(&app, &live, &mut worker).await;
    while gateway.sent.len() < 6 {
        worker.work(&mut gateway).await.unwrap();
    }
    let mut numbers: Vec<_> = gateway.sent.iter().map(|(number, _)| number.clone()).collect();
    numbers.sort();
    assert_eq!(numbers, (0..6).map(tests::notices::number).collect::<Vec<_>>());
}

async fn a_fresh_token_on_the_open_socket_keeps_the_stream(app: TestApp) {
    let live = Live::start(app.state(), false).await;
    let sms = app.sms_worker().await;
    let mut socket = Socket::open(live.address, sms.token().unwrap()).await.unwrap();
    socket.start("1", STREAM, json!({ "consumer": home(&app).await })).await.unwrap();
    app.clock.advance(TimeDelta::minutes(14));
    let fresh = app.sms_worker().await;
    let payload = json!({ "Authorization": format!("Bearer {}", fresh.token().unwrap()) });
    socket.send(json!({ "type": "ping", "payload": payload })).await.unwrap();
    assert_eq!(socket.message().await.unwrap()["type"], "pong");
    app.clock.advance(TimeDelta::minutes(10));
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let people = recipients(app.state(), 1).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    relay(&app).await;
    let message = socket.message().await.unwrap();
    assert_eq!(message["payload"]["data"]["noticeStream"]["__typename"], "EventBatch");
}

async fn a_role_that_is_taken_away_ends_the_stream_within_a_second(app: TestApp) {
    let people = recipients(app.state(), 1).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    relay(&app).await;
    let live = Live::start(app.state(), false).await;
    let mut worker = worker(&app, &live, 2).await;
    worker.batch().await.unwrap();
    let person = app.holder(Role::SmsWorker, Place::Network(app.network())).await;
    // The clock of a case stands still, and the server looks again when it has moved: after the role is gone.
    let later = app.now() + TimeDelta::seconds(1);
    role_grant::Entity::update_many()
        .col_expr(role_grant::Column::RevokedAt, Expr::value(later))
        .filter(role_grant::Column::PersonId.eq(person))
        .exec(app.writer())
        .await
        .unwrap();
    app.clock.advance(TimeDelta::seconds(1));
    let taken = Instant::now();
    while worker.batch().await.is_ok() {}
    assert_eq!(worker.ends, ["AUTH_EXPIRED"]);
    assert!(taken.elapsed() < Duration::from_secs(2), "{:?}", taken.elapsed());
}

async fn the_stream_comes_as_server_sent_events_too(app: TestApp) {
    let people = recipients(app.state(), 3).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    relay(&app).await;
    let live = Live::start(app.state(), false).await;
    let sms = app.sms_worker().await;
    let body = json!({ "query": STREAM, "variables": { "consumer": home(&app).await, "most": 3 } }).to_string();
    let mut stream = TcpStream::connect(live.address).await.unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\n\
         Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{body}",
        sms.token().unwrap(),
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut text = String::new();
    let mut until = async |mark: &str| {
        let mut buffer = [0; 4_096];
        while !text.contains(mark) {
            let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut buffer)).await;
            let count = read.expect("something comes").unwrap();
            assert!(count > 0, "{text}");
            text.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
        text.clone()
    };
    let seen = until("EventBatch").await;
    assert!(seen.starts_with("HTTP/1.1 200 OK") && seen.contains("content-type: text/event-stream"), "{seen}");
    assert!(seen.contains("event: next\ndata: {"), "{seen}");
    assert_eq!(seen.matches("dedupeKey").count(), 3);
    app.clock.advance(TimeDelta::minutes(16));
    let seen = until("event: complete").await;
    assert!(seen.contains("AUTH_EXPIRED"), "{seen}");

    // A refusal is a plain answer with its status.
    let editor = app.editor().await;
    let reply = tokio::task::spawn_blocking(move || {
        let bearer = format!("Bearer {}", editor.token().unwrap());
        let headers =
            [("Content-Type", "application/json"), ("Accept", "text/event-stream"), ("Authorization", &bearer)];
        tests::wire::send(live.address, "POST /graphql", &headers, br#"{"query":"subscription { nothing }"}"#)
    });
    assert_eq!(reply.await.unwrap().unwrap().status, 400);
}

async fn hints_tell_of_what_the_viewer_sees_and_of_nothing_else(app: TestApp) {
    let live = Live::start(app.state(), false).await;
    let query =
        "subscription($network: ID!) { submissionChanged(network: $network) { submission { state } dataVersion } }";
    let network = json!({ "network": app.network_id() });
    let mut sockets = Vec::new();
    for client in [app.editor().await, app.officer("阜康市").await, app.officer("昌吉市").await] {
        let mut socket = Socket::open(live.address, client.token().unwrap()).await.unwrap();
        socket.start("1", query, network.clone()).await.unwrap();
        // An answered ping says that what came before it was taken in.
        socket.send(json!({ "type": "ping" })).await.unwrap();
        assert_eq!(socket.message().await.unwrap()["type"], "pong");
        sockets.push(socket);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let other = walk::submit(&app, "昌吉市").await;
    assert_eq!(other["state"], "SUBMITTED");
    walk::submit(&app, "阜康市").await;

    let states = async |socket: &mut Socket, count: usize| {
        let mut seen = Vec::new();
        for _ in 0..count {
            let message = socket.message().await.unwrap();
            let state = &message["payload"]["data"]["submissionChanged"]["submission"]["state"];
            seen.push(state.as_str().unwrap_or_default().to_owned());
        }
        seen
    };
    // A hint shows the submission as it is when it is looked at, so only what it is about is certain.
    assert_eq!(states(&mut sockets[1], 3).await.len(), 3);
    assert_eq!(states(&mut sockets[2], 3).await.len(), 3);
    let seen = states(&mut sockets[0], 2).await;
    assert!(seen.iter().all(|state| state == "SUBMITTED"), "a draft is the unit's own affair: {seen:?}");
    for socket in &mut sockets {
        socket.send(json!({ "type": "ping" })).await.unwrap();
    }
    // The officers saw their own three steps each, and nothing of the other's.
    for socket in &mut sockets[1..] {
        assert_eq!(socket.message().await.unwrap()["type"], "pong");
    }
}

async fn the_worker_sees_numbers_and_nothing_else_does(app: TestApp) {
    let people = recipients(app.state(), 2).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    relay(&app).await;
    let consumer = home(&app).await;
    let sms = app.sms_worker().await;
    let lease = json!({ "consumer": consumer, "max": 2 });
    let leased = walk::act(&sms, "leaseDeliveries", "deliveries { notice phone }", lease).await;
    assert_eq!(leased["deliveries"][1]["phone"], tests::notices::number(1));
    // Whatever is stored, the digits are in none of it.
    for table in ["audit", "idempotency", "notice", "notice_attempt", "person_phone", "outbox_event", "consumer"] {
        use sea_orm::ConnectionTrait as _;
        let writer = app.writer();
        let statement =
            sea_orm::Statement::from_string(writer.get_database_backend(), format!("SELECT * FROM {table}"));
        for row in writer.query_all_raw(statement).await.unwrap() {
            assert!(!format!("{row:?}").contains("139000000"), "{table}");
        }
    }
}
