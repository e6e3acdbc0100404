//! graphql-transport-ws from outside: every closing code, the caps, the token's life.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{
    client::Client,
    server::{Server, quick},
};

/// The code of an `error` message.
fn code(message: &Value) -> &str {
    assert_eq!(message["type"], "error", "{message}");
    message["payload"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn queries_mutations_and_subscriptions_run() {
    let server = Server::start().await;
    let mut client = Client::open(&server, Some("alice")).await;
    client.subscribe("q", "{ whoami }").await;
    let next = client.next().await;
    assert_eq!((&next["id"], &next["type"]), (&json!("q"), &json!("next")));
    assert_eq!(
        next["payload"],
        json!({ "data": { "whoami": "alice" }, "extensions": { "cost": { "operation": 1, "limit": 50_000 } } })
    );
    assert_eq!(client.next().await, json!({ "id": "q", "type": "complete" }));

    client.subscribe("m", "mutation { touch }").await;
    assert_eq!(client.next().await["payload"]["data"]["touch"], 1);
    client.next().await;

    client.subscribe("s", "subscription { count(to: 3) }").await;
    for number in 0..3 {
        assert_eq!(client.next().await["payload"]["data"]["count"], number);
    }
    assert_eq!(client.next().await, json!({ "id": "s", "type": "complete" }));
}

#[tokio::test]
async fn refusals_are_error_messages() {
    let server = Server::start().await;
    let mut client = Client::open(&server, None).await;
    for (query, expected) in [
        ("{", "SYNTAX_ERROR"),
        ("{ nothing }", "UNKNOWN_FIELD"),
        ("query A($a: Int) { hello }", "INVALID_DOCUMENT"),
        ("subscription { count }", "INVALID_DOCUMENT"),
        ("subscription { denied }", "FORBIDDEN"),
        ("{ boom }", "INTERNAL"),
        ("{ slow }", "DEADLINE_EXCEEDED"),
    ] {
        client.subscribe("1", query).await;
        assert_eq!(code(&client.next().await), expected, "{query}");
    }
    client.send(json!({ "id": "1", "type": "subscribe", "payload": {} })).await;
    assert_eq!(code(&client.next().await), "MISSING_QUERY");
    let nested = format!("{{ echo(filter: {}) }}", "[".repeat(2000));
    client.subscribe("1", &nested).await;
    assert_eq!(code(&client.next().await), "DOCUMENT_TOO_DEEP");
    client.subscribe("1", "subscription { exploding }").await;
    assert_eq!(client.next().await["payload"]["data"]["exploding"], 1);
    assert_eq!(code(&client.next().await), "INTERNAL");
    client.subscribe("1", "{ hello }").await;
    assert_eq!(client.next().await["payload"]["data"]["hello"], "hello", "the socket is still open");
}

#[tokio::test]
async fn each_offence_has_its_code() {
    let server = Server::start().await;
    let init = || json!({ "type": "connection_init" });
    let once = || json!({ "id": "1", "type": "subscribe", "payload": { "query": "subscription { once }" } });
    let bad = json!({ "type": "connection_init", "payload": { "authorization": "Bearer bad" } });
    let basic = json!({ "type": "connection_init", "payload": { "authorization": "Basic YTpi" } });
    let odd = json!({ "type": "connection_init", "payload": { "authorization": 7 } });
    let ended = json!({ "type": "connection_init", "payload": { "authorization": "Bearer alice@0" } });
    for (name, messages, expected) in [
        ("unknown type", vec![json!({ "type": "start" })], 4400),
        ("not an object", vec![json!([])], 4400),
        ("no id", vec![init(), json!({ "type": "subscribe", "payload": {} })], 4400),
        ("no acknowledgement", vec![once()], 4401),
        ("bad token", vec![bad], 4403),
        ("not a bearer", vec![basic], 4403),
        ("not a text", vec![odd], 4403),
        ("ended token", vec![ended], 4403),
        ("silence", vec![], 4408),
        ("only pings", vec![json!({ "type": "ping" })], 4408),
        ("same id", vec![init(), once(), once()], 4409),
        ("init twice", vec![init(), init()], 4429),
    ] {
        let mut client = Client::connect(&server).await;
        for message in messages {
            client.send(message).await;
        }
        assert_eq!(client.closed().await, expected, "{name}");
    }
    for (name, frame, expected) in
        [("binary", Message::binary(vec![0; 8]), 4400), ("not JSON", Message::text("{"), 4400)]
    {
        let mut client = Client::open(&server, None).await;
        client.send_frame(frame).await;
        assert_eq!(client.closed().await, expected, "{name}");
    }
    let mut client = Client::open(&server, None).await;
    client.send_frame(Message::text("x".repeat(65 * 1024))).await;
    let code = client.closed().await;
    // What the server did not read makes the system cut the line, and the close frame may be lost with it (1006).
    assert!(matches!(code, 1009 | 1006), "65 KiB: {code}");
}

#[tokio::test]
async fn only_one_subprotocol_is_spoken() {
    let server = Server::start().await;
    for headers in [&[][..], &[("sec-websocket-protocol", "graphql-ws")]] {
        // A client library may refuse a handshake without its protocol; ours is told the reason first.
        if let Ok(mut client) = Client::connect_with(&server, headers).await {
            assert_eq!(client.closed().await, 4406, "{headers:?}");
        }
    }
    let both = [("sec-websocket-protocol", "graphql-ws, graphql-transport-ws")];
    let mut client = Client::connect_with(&server, &both).await.unwrap();
    client.send(json!({ "type": "connection_init" })).await;
    assert_eq!(client.next().await["type"], "connection_ack");
}

#[tokio::test]
async fn foreign_pages_get_no_socket() {
    let mut settings = quick();
    settings.allowed_origins.push("https://info.example.gov.cn".into());
    let server = Server::with(settings).await;
    let own = format!("http://{}", server.address);
    for (origin, allowed) in
        [(own.as_str(), true), ("https://info.example.gov.cn", true), ("https://evil.example", false), ("null", false)]
    {
        let headers = [("sec-websocket-protocol", "graphql-transport-ws"), ("origin", origin)];
        assert_eq!(Client::connect_with(&server, &headers).await.is_ok(), allowed, "{origin}");
    }
}

#[tokio::test]
async fn the_socket_ends_with_the_token() {
    let server = Server::start().await;
    let mut client = Client::open(&server, Some("alice@60")).await;
    client.subscribe("1", "subscription { once }").await;
    assert_eq!(client.next().await["payload"]["data"]["once"], 1);
    server.clock.advance(61);
    let start = Instant::now();
    assert_eq!(client.closed().await, 4403);
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn the_socket_ends_with_the_callers_rights() {
    let server = Server::start().await;
    let mut client = Client::open(&server, Some("alice")).await;
    server.gate.revoked.lock().unwrap().insert("alice".into());
    assert_eq!(client.closed().await, 4403);
}

#[tokio::test]
async fn a_fresh_token_keeps_the_socket_open() {
    let server = Server::start().await;
    let mut client = Client::open(&server, Some("alice@60")).await;
    client.subscribe("1", "subscription { once }").await;
    client.next().await;
    client.send(json!({ "type": "ping", "payload": { "authorization": "Bearer alice@600" } })).await;
    assert_eq!(client.next().await, json!({ "type": "pong", "payload": { "expiresAt": "1970-01-01T00:10:00Z" } }));
    server.clock.advance(61);
    tokio::time::sleep(Duration::from_millis(100)).await;
    client.send(json!({ "type": "ping" })).await;
    assert_eq!(client.next().await, json!({ "type": "pong" }));

    client.send(json!({ "type": "ping", "payload": { "authorization": "Bearer bob" } })).await;
    assert_eq!(client.closed().await, 4403, "another's token");
    let mut client = Client::open(&server, Some("alice")).await;
    client.send(json!({ "type": "ping", "payload": { "authorization": "Bearer bad" } })).await;
    assert_eq!(client.closed().await, 4403, "a bad token");
}

#[tokio::test]
async fn operations_are_capped_and_their_ids_are_free_again() {
    let server = Server::start().await;
    let mut client = Client::open(&server, None).await;
    for number in 0..20 {
        client.subscribe(&number.to_string(), "subscription { once }").await;
        client.next().await;
    }
    client.subscribe("20", "subscription { once }").await;
    let refused = client.next().await;
    assert_eq!((code(&refused), &refused["id"]), ("TOO_MANY_OPERATIONS", &json!("20")));
    client.send(json!({ "id": "7", "type": "complete" })).await;
    client.subscribe("7", "{ hello }").await;
    assert_eq!(client.next().await["payload"]["data"]["hello"], "hello");
    assert_eq!(client.next().await, json!({ "id": "7", "type": "complete" }));
}

#[tokio::test]
async fn a_busy_stream_does_not_starve_a_quiet_one() {
    let server = Server::start().await;
    let mut client = Client::open(&server, None).await;
    client.subscribe("busy", "subscription { count(to: 1000000) }").await;
    client.next().await;
    client.subscribe("quiet", "subscription { once }").await;
    let mut waited = 0;
    while client.next().await["id"] != "quiet" {
        waited += 1;
        assert!(waited < 20_000, "the quiet stream waits too long");
    }
    client.send(json!({ "type": "ping" })).await;
    while client.next().await["type"] != "pong" {}
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped() {
    let server = Server::start().await;
    let mut client = Client::open(&server, None).await;
    client.subscribe("1", "subscription { flood }").await;
    // Longer than the write limit: the server gives up meanwhile.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let end = client.closed().await;
    assert!([1006, 1013].contains(&end), "{end}");
    assert_eq!(server.query("{ hello }").await.status, 200);
}

#[tokio::test]
async fn sockets_are_counted_per_caller_and_in_all() {
    let mut settings = quick();
    settings.socket.per_caller = 2;
    settings.socket.total = 3;
    let server = Server::with(settings).await;
    let first = Client::open(&server, Some("alice")).await;
    let _second = Client::open(&server, Some("alice")).await;
    let mut third = Client::connect(&server).await;
    third.send(json!({ "type": "connection_init", "payload": { "Authorization": "Bearer alice" } })).await;
    assert_eq!(third.closed().await, 1013);
    drop(third);
    // The place is free once the server has seen the end.
    let subprotocol = [("sec-websocket-protocol", "graphql-transport-ws")];
    let start = Instant::now();
    let mut third = loop {
        match Client::connect_with(&server, &subprotocol).await {
            Ok(client) => break client,
            Err(_) if start.elapsed() < Duration::from_secs(5) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    };
    assert!(Client::connect_with(&server, &subprotocol).await.is_err(), "a fourth");
    assert_eq!(third.closed().await, 4408);
    drop(first);
}

#[tokio::test]
async fn at_shutdown_clients_are_told_to_come_back() {
    let mut server = Server::start().await;
    let mut client = Client::open(&server, Some("alice")).await;
    client.subscribe("1", "subscription { once }").await;
    client.next().await;
    server.stop();
    assert_eq!(client.closed().await, 1012);
}
