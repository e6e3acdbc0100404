//! GraphQL over HTTP: methods, media types, statuses, headers.

use std::time::Duration;

use serde_json::json;

use super::server::{Server, exchange, quick};

const JSON: &str = "Content-Type: application/json\r\n";
const MODERN: &str = "Content-Type: application/json\r\nAccept: application/graphql-response+json\r\n";

#[tokio::test]
async fn a_query_is_answered_with_its_cost_and_the_safe_headers() {
    let server = Server::start().await;
    let answer = server.query("query Greeting { hello }").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({ "data": { "hello": "hello" }, "extensions": { "cost": { "operation": 1, "limit": 50_000 } } })
    );
    for (name, value) in [
        ("content-type", "application/graphql-response+json; charset=utf-8"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    assert_eq!(answer.header("x-request-id").map(str::len), Some(32));
}

#[tokio::test]
async fn bodies_are_told_apart() {
    let server = Server::start().await;
    let query = r#"{"query":"{ hello }"}"#;
    for (headers, body, status, code) in [
        (JSON, query, 200, ""),
        (MODERN, query, 200, ""),
        ("Content-Type: application/json; charset=utf-8\r\n", query, 200, ""),
        ("", query, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("Content-Type: text/plain\r\n", query, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("Content-Type: application/x-www-form-urlencoded\r\n", "query=%7Bhello%7D", 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("Content-Type: multipart/form-data; boundary=a\r\n", "--a--", 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("Content-Type: application/json\r\nContent-Encoding: gzip\r\n", query, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("Content-Type: application/json\r\nAccept: text/html\r\n", query, 406, "NOT_ACCEPTABLE"),
        (JSON, "{", 400, "INVALID_JSON"),
        (JSON, "\"{ hello }\"", 400, "MISSING_QUERY"),
        (JSON, "{}", 400, "MISSING_QUERY"),
        (JSON, r#"[{"query":"{ hello }"}]"#, 400, "BATCH_NOT_ALLOWED"),
        (JSON, "[]", 400, "BATCH_NOT_ALLOWED"),
        (JSON, r#"{"query":1}"#, 400, "INVALID_PARAMETER"),
        (JSON, r#"{"query":"{ hello }","variables":"a"}"#, 400, "INVALID_PARAMETER"),
        (JSON, r#"{"query":"{ hello }","variables":[]}"#, 400, "INVALID_PARAMETER"),
        (JSON, r#"{"query":"{ hello }","operationName":1}"#, 400, "INVALID_PARAMETER"),
        (JSON, r#"{"query":"{ hello }","extensions":1}"#, 400, "INVALID_PARAMETER"),
        (JSON, r#"{"query":"{ hello }","variables":null,"operationName":null,"extensions":null}"#, 200, ""),
        (JSON, r#"{"query":"{ hello }","variables":{},"operationName":"","extensions":{}}"#, 200, ""),
    ] {
        let answer = server.send("POST /graphql", headers, body.as_bytes()).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{headers}{body}");
    }
}

#[tokio::test]
async fn the_status_follows_the_media_type() {
    let server = Server::start().await;
    for (query, status, code) in [
        ("{", 400, "SYNTAX_ERROR"),
        ("{ hello", 400, "SYNTAX_ERROR"),
        ("{ nothing }", 400, "UNKNOWN_FIELD"),
        ("query A { hello } query B { hello }", 400, "UNKNOWN_OPERATION"),
        ("query A($a: Nothing) { hello }", 400, "UNKNOWN_TYPE"),
        ("query A($a: [Nothing] = [1]) { hello }", 400, "UNKNOWN_TYPE"),
        ("query A($a: Int) { hello }", 400, "INVALID_DOCUMENT"),
        ("{ echo(texts: 1) }", 400, "INVALID_DOCUMENT"),
        ("subscription { count(to: 1) }", 400, "SUBSCRIPTION_NEEDS_SOCKET"),
        ("{ coded(code: \"UNAUTHENTICATED\") }", 401, "UNAUTHENTICATED"),
        ("{ coded(code: \"FORBIDDEN\") }", 403, "FORBIDDEN"),
        ("{ coded(code: \"NOT_FOUND\") }", 200, "NOT_FOUND"),
        ("{ broken }", 200, "INTERNAL"),
        ("{ boom }", 500, "INTERNAL"),
        ("{ slow }", 503, "DEADLINE_EXCEEDED"),
    ] {
        let body = json!({ "query": query }).to_string();
        let modern = server.send("POST /graphql", MODERN, body.as_bytes()).await;
        assert_eq!((modern.status, modern.code().as_str()), (status, code), "{query}");
        let json = server.send("POST /graphql", JSON, body.as_bytes()).await;
        assert_eq!((json.status, json.code().as_str()), (200, code), "{query}");
        assert_eq!(json.header("content-type"), Some("application/json; charset=utf-8"));
        for answer in [modern.json(), json.json()] {
            assert!(answer["extensions"]["cost"]["limit"].is_u64(), "{answer}");
            assert!(answer["errors"][0]["message"].is_string(), "{answer}");
        }
        if status == 400 {
            assert_eq!(modern.json().get("data"), None, "{query}");
            assert!(modern.json()["errors"][0]["extensions"]["messageZh"].is_string(), "{query}");
        }
    }
}

#[tokio::test]
async fn get_runs_queries_and_nothing_else() {
    let server = Server::start().await;
    assert_eq!(server.get("{ hello }", "").await.json()["data"]["hello"], "hello");
    let answer = server.get("mutation { touch }", "").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    assert_eq!(answer.code(), "METHOD_NOT_ALLOWED");
    for (line, status, code) in [
        ("GET /graphql", 400, "MISSING_QUERY"),
        ("GET /graphql?query={hello}&query={hello}", 400, "INVALID_PARAMETER"),
        ("GET /graphql?query={hello}&variables={", 400, "INVALID_JSON"),
        ("GET /graphql?query={hello}&variables=1", 400, "INVALID_PARAMETER"),
        ("GET /graphql?query=query+A($t:String){echo(text:$t)}&variables={%22t%22:%22a%22}&operationName=A", 200, ""),
    ] {
        let answer = server.send(line, "", b"").await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{line}");
    }
    for method in ["PUT", "DELETE", "PATCH", "HEAD"] {
        let answer = server.send(&format!("{method} /graphql"), "", b"").await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, POST")), "{method}");
    }
}

#[tokio::test]
async fn the_gate_decides_who_enters() {
    let server = Server::start().await;
    let query = json!({ "query": "{ whoami }" });
    assert_eq!(server.post(query.clone()).await.json()["data"]["whoami"], json!(null));
    assert_eq!(server.post_as(Some("alice"), query.clone()).await.json()["data"]["whoami"], "alice");
    let bad = server.post_as(Some("bad"), query.clone()).await;
    assert_eq!((bad.status, bad.header("www-authenticate")), (401, Some("Bearer")));
    let broke = server.post_as(Some("broke"), query.clone()).await;
    assert_eq!((broke.status, broke.header("retry-after"), broke.code().as_str()), (429, Some("2"), "RATE_LIMITED"));
    for authorization in [
        "Authorization: Basic YTpi\r\n",
        "Authorization: Bearer\r\n",
        "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n",
    ] {
        let answer =
            server.send("POST /graphql", &format!("{MODERN}{authorization}"), query.to_string().as_bytes()).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "UNAUTHENTICATED"), "{authorization}");
    }
}

#[tokio::test]
async fn foreign_pages_are_told_nothing() {
    let mut settings = quick();
    settings.allowed_origins.push("https://info.example.gov.cn".into());
    let server = Server::with(settings).await;
    for (origin, allowed) in [("https://info.example.gov.cn", true), ("https://evil.example", false)] {
        let header = format!("Origin: {origin}\r\nAccess-Control-Request-Method: POST\r\n");
        let preflight = server.send("OPTIONS /graphql", &header, b"").await;
        assert_eq!(preflight.status, if allowed { 204 } else { 403 }, "{origin}");
        let answer = server.get("{ hello }", &header).await;
        assert_eq!(answer.header("access-control-allow-origin"), allowed.then_some(origin));
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_or_too_slow_is_not_waited_for() {
    let server = Server::start().await;
    let long = vec![b' '; 1024 * 1024 + 1];
    assert_eq!(server.send("POST /graphql", JSON, &long).await.status, 413);
    let chunked = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
    let mut chunks = format!("POST /graphql HTTP/1.1\r\nHost: a\r\n{chunked}\r\n").into_bytes();
    for _ in 0..20 {
        chunks.extend_from_slice(b"10000\r\n");
        chunks.extend_from_slice(&vec![b' '; 0x10000]);
        chunks.extend_from_slice(b"\r\n");
    }
    let address = server.address;
    let answer = tokio::task::spawn_blocking(move || exchange(address, &chunks)).await.unwrap();
    assert_eq!(answer.status, 413);
    let slow = format!("POST /graphql HTTP/1.1\r\nHost: a\r\n{JSON}Content-Length: 100\r\n\r\n{{").into_bytes();
    let answer = tokio::task::spawn_blocking(move || exchange(address, &slow)).await.unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (408, "BODY_TIMEOUT"));
}

#[tokio::test]
async fn the_ide_comes_from_here_and_may_load_nothing_else() {
    let server = Server::start().await;
    for (path, content_type) in [
        ("/ide", "text/html; charset=utf-8"),
        ("/ide/ide.js", "text/javascript; charset=utf-8"),
        ("/ide/ide.css", "text/css; charset=utf-8"),
    ] {
        let answer = server.send(&format!("GET {path}"), "", b"").await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(content_type)), "{path}");
        assert!(answer.header("content-security-policy").is_some_and(|policy| policy.contains("default-src 'none'")));
        let tag = answer.header("etag").unwrap();
        let again = server.send(&format!("GET {path}"), &format!("If-None-Match: {tag}\r\n"), b"").await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
    }
}

#[tokio::test]
async fn readiness_ends_with_the_shutdown() {
    let server = Server::start().await;
    assert_eq!(server.send("GET /healthz", "", b"").await.status, 200);
    assert_eq!(server.send("GET /readyz", "", b"").await.status, 200);
    assert_eq!(server.send("GET /nothing", "", b"").await.status, 404);
    server.door.close(Duration::ZERO).await;
    assert_eq!(server.send("GET /readyz", "", b"").await.status, 503);
}
