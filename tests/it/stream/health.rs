//! A server whose tasks do not work says so, and a client that does not read is told so.

use std::sync::Arc;
use std::time::{Duration, Instant};

use api::auth::seal::SealKeys;
use api::auth::token::TokenKeys;
use api::clock::SystemClock;
use api::database::Database;
use api::http::settings::DoorSettings;
use api::services::delivery::{DeliverySettings, background};
use api::services::session;
use api::state::AppState;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use entity::ids::NetworkId;
use entity::network;
use entity::role_grant::Role;
use futures::StreamExt as _;
use sea_orm::{ConnectionTrait as _, EntityTrait as _};
use serde_json::json;
use tests::app::FoundedDatabase;
use tests::builders;
use tests::database::Backend;
use tests::notices::{consumer, recipients, release};
use tests::worker::STREAM;
use tower::ServiceExt as _;

tests::cases![
    a_server_without_its_relay_is_not_ready,
    a_server_that_hears_no_other_is_not_ready,
    a_client_that_takes_no_frames_is_told_so,
];

/// A server in this process, whose tasks look often and whose leases are short.
async fn serve(database: &FoundedDatabase) -> (AppState, Router, NetworkId) {
    let settings = DeliverySettings {
        poll: Duration::from_millis(100),
        lease: Duration::from_secs(1),
        heartbeat: Duration::from_millis(20),
        ..DeliverySettings::default()
    };
    let connected = Database::connect(database.url()).await.unwrap();
    let (tokens, seals) = (TokenKeys::from_seed([7; 32]), SealKeys::from_seed([8; 32]));
    let state = AppState::new(connected, Arc::new(SystemClock), tokens, seals, settings);
    let network = network::Entity::find().one(state.database().reader()).await.unwrap().unwrap().id;
    let door = api::door(state.clone(), DoorSettings::default()).await.unwrap();
    (state, api::http::router(door), network)
}

async fn is_ready(router: &Router) -> bool {
    let request = Request::get("/readyz").body(Body::empty()).unwrap();
    let status = router.clone().oneshot(request).await.unwrap().status().as_u16();
    assert!([200, 503].contains(&status), "{status}");
    status == 200
}

async fn until_ready(router: &Router, wanted: bool) {
    let begun = Instant::now();
    while is_ready(router).await != wanted {
        assert!(begun.elapsed() < Duration::from_secs(30), "not {}ready", if wanted { "" } else { "un" });
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn a_server_without_its_relay_is_not_ready(database: FoundedDatabase) {
    let (state, router, _) = serve(&database).await;
    let tasks = background::start(&state);
    until_ready(&router, true).await;
    let writer = state.database().writer();
    writer.execute_unprepared("ALTER TABLE outbox_event RENAME TO outbox_away").await.unwrap();
    until_ready(&router, false).await;
    writer.execute_unprepared("ALTER TABLE outbox_away RENAME TO outbox_event").await.unwrap();
    until_ready(&router, true).await;
    drop(tasks);
}

async fn a_server_that_hears_no_other_is_not_ready(database: FoundedDatabase) {
    // On SQLite there is no other.
    if database.backend() == Backend::Sqlite {
        return;
    }
    let (state, router, _) = serve(&database).await;
    let tasks = background::start(&state);
    until_ready(&router, true).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()";
    state.database().writer().execute_unprepared(cut).await.unwrap();
    until_ready(&router, false).await;
    until_ready(&router, true).await;
    drop(tasks);
}

async fn a_client_that_takes_no_frames_is_told_so(database: FoundedDatabase) {
    let (state, router, network) = serve(&database).await;
    let people = recipients(&state, 2).await;
    release(&state, network, "2026-Q1", &people).await;
    let tasks = background::start(&state);
    let now = state.clock().now();
    let worker = builders::person(state.database().writer(), "sms.worker", None, now).await;
    builders::grant(state.database().writer(), worker, Role::SmsWorker, Some(network), None, now).await;
    let token = session::open_for(&state, worker).await.unwrap().access_token;
    let variables = json!({ "consumer": consumer(&state, network).await, "most": 2 });
    let request = Request::post("/graphql")
        .header("Content-Type", "application/json")
        .header("Accept", "text/event-stream")
        .header("Authorization", format!("Bearer {token}"))
        .body(Body::from(json!({ "query": STREAM, "variables": variables }).to_string()))
        .unwrap();
    let mut frames = router.clone().oneshot(request).await.unwrap().into_body().into_data_stream();
    let mut seen = String::new();
    while !seen.contains("EventBatch") {
        seen.push_str(&String::from_utf8_lossy(&frames.next().await.unwrap().unwrap()));
    }
    // What the door holds ready is full before long; from then on nobody takes anything for longer than a lease.
    tokio::time::sleep(Duration::from_secs(3)).await;
    while let Some(frame) = frames.next().await {
        seen.push_str(&String::from_utf8_lossy(&frame.unwrap()));
    }
    assert!(seen.contains("SLOW_CONSUMER"), "{seen}");
    assert!(seen.contains("event: complete"), "{seen}");
    drop(tasks);
}
