//! The door in front of the real schema: what strangers and attackers send, what the protocol forbids, and what a fault of
//! the server shows. The door by itself is tested beside its code.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use api::http::settings::DoorSettings;
use axum::body::Body;
use axum::http::{Request, header};
use futures::future::join_all;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::{Answer, Client};
use tests::figures::text;
use tests::{walk, wire};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

tests::cases![
    four_kilobytes_of_nesting_are_refused_at_once,
    fragments_and_aliases_do_not_fan_out,
    one_request_tries_one_password,
    a_listener_under_attack_goes_on_answering,
    queries_come_by_get_and_mutations_do_not,
    only_plain_json_is_read,
    strangers_do_not_read_the_schema,
    the_ide_reads_the_schema_of_whoever_signed_in,
    a_page_is_asked_for_by_its_size,
    a_fault_shows_nothing_but_its_trace,
    the_server_is_ready_and_serves_its_ide,
];

/// The code of the first error.
fn code(body: &Value) -> &str {
    text(&body["errors"][0]["extensions"]["code"])
}

/// What must be as quick as a refusal.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Documents of about 4 KB, nested in every place in which a value or a selection can stand.
fn nested() -> Vec<String> {
    let list = format!("{}{}", "[".repeat(1_950), "]".repeat(1_950));
    let object = format!("{}1{}", "{k:".repeat(980), "}".repeat(980));
    let open = "[".repeat(4_000);
    let mut documents = Vec::new();
    for value in [list, object, open] {
        documents.push(format!("{{ submissions(network: \"n\", first: 1, where: {value}) {{ totalCount }} }}"));
        documents.push(format!("query A($w: SubmissionWhere = {value}) {{ viewer {{ person {{ name }} }} }}"));
        documents.push(format!("{{ viewer @skip(if: {value}) {{ person {{ name }} }} }}"));
        documents.push(format!("mutation {{ login(input: {value}) {{ session {{ accessToken }} }} }}"));
    }
    documents.push(format!("{}name{}", "{ unit { parent ".repeat(200), "}".repeat(400)));
    documents.push(format!("{}__typename{}", "{ ... on Query ".repeat(240), "}".repeat(240)));
    documents.push(format!("query A($a: {}Int{}) {{ __typename }}", "[".repeat(1_950), "]".repeat(1_950)));
    documents
}

async fn four_kilobytes_of_nesting_are_refused_at_once(app: TestApp) {
    for client in [app.stranger(), app.editor().await] {
        for document in nested() {
            assert!(document.len() <= 4_096, "{} bytes", document.len());
            let start = Instant::now();
            let answer = client.ask(&document, json!({})).await;
            assert_eq!((answer.status.as_u16(), code(&answer.body)), (400, "DOCUMENT_TOO_DEEP"), "{}", &document[..60]);
            assert!(start.elapsed() < AT_ONCE, "{:?} for {}", start.elapsed(), &document[..60]);
        }
        // In the variables it is the JSON that is nested.
        let open = format!("{}{}", "[".repeat(2_000), "]".repeat(2_000));
        let body = format!(r#"{{"query":"query($w: SubmissionWhere) {{ __typename }}","variables":{{"w":{open}}}}}"#);
        let answer = client.send(post(&client, "application/json", body)).await;
        assert_eq!((answer.status.as_u16(), code(&answer.body)), (400, "INVALID_JSON"));
    }
}

/// A request that is put together by hand.
fn post(client: &Client, content_type: &str, body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, content_type)
        .header(header::ACCEPT, "application/graphql-response+json");
    if let Some(token) = client.token() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    request.body(body.into()).expect("method, path and headers are valid")
}

/// `levels` fragments, each of which spreads the next one twice: 2 to the power of `levels` fields.
fn fan_out(levels: usize) -> String {
    let fragments = (0..levels)
        .map(|level| format!(" fragment F{level} on Query {{ ...F{next} ...F{next} }}", next = level + 1))
        .collect::<Vec<_>>()
        .concat();
    format!("{{ ...F0 }}{fragments} fragment F{levels} on Query {{ networks(first: 1) {{ nodes {{ name }} }} }}")
}

async fn fragments_and_aliases_do_not_fan_out(app: TestApp) {
    let editor = app.editor().await;
    let aliases = |count: usize, field: &str| {
        (0..count).map(|number| format!("a{number}: {field} ")).collect::<Vec<_>>().concat()
    };
    let ranking = "ranking(network: \"n\", period: { id: \"2026\" }) { meta { dataVersion } }";
    let pages = "{ networks(first: 100) { nodes { members(first: 100) { nodes { children(first: 100) { nodes { name } } } } } } }";
    for (document, expected) in [
        (fan_out(60), "DOCUMENT_TOO_DEEP"),
        (fan_out(20), "TOO_COMPLEX"),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }".to_owned(), "FRAGMENT_CYCLE"),
        (format!("{{ {} }}", aliases(250, "__typename")), "TOO_MANY_ALIASES"),
        (format!("{{ {} }}", aliases(60, ranking)), "TOO_MANY_ALIASES"),
        (format!("{{ {} }}", aliases(25, ranking)), "TOO_MANY_ROOT_FIELDS"),
        (format!("{{ viewer {{ person {{ name {} }} }} }}", "@skip(if: false) ".repeat(40)), "TOO_MANY_DIRECTIVES"),
        (pages.to_owned(), "TOO_COMPLEX"),
        ("{ networks(first: 2147483647) { nodes { name } } }".to_owned(), "TOO_COMPLEX"),
    ] {
        let start = Instant::now();
        let answer = editor.ask(&document, json!({})).await;
        assert_eq!((answer.status.as_u16(), code(&answer.body)), (400, expected), "{}", &document[..50]);
        assert!(start.elapsed() < AT_ONCE, "{:?} for {}", start.elapsed(), &document[..50]);
    }
    // The cost stands in every answer, refused or not.
    for document in [pages, "{ viewer { person { name } } }"] {
        let answer = editor.ask(document, json!({})).await;
        assert!(answer.body["extensions"]["cost"]["limit"].is_u64(), "{}", answer.body);
    }
}

async fn one_request_tries_one_password(app: TestApp) {
    let attempt = |number: usize| {
        format!(
            "a{number}: login(input: {{ login: \"admin\", password: \"{number}\" }}) {{ session {{ expiresAt }} }} "
        )
    };
    let document = format!("mutation {{ {} }}", (0..10).map(attempt).collect::<String>());
    let answer = app.stranger().ask(&document, json!({})).await;
    assert_eq!((answer.status.as_u16(), code(&answer.body)), (400, "TOO_MANY_CREDENTIALS"));
}

/// Serves the app's router on a real socket until the sender is dropped.
async fn listen(app: &TestApp) -> (SocketAddr, oneshot::Sender<()>) {
    let door = api::door(app.state().clone(), DoorSettings::default()).await.expect("the schema is good");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("the listener has an address");
    let (stop, stopped) = oneshot::channel();
    let router = api::http::router(door.clone());
    tokio::spawn(api::http::serve::serve(listener, router, door, async {
        let _ = stopped.await;
    }));
    (address, stop)
}

async fn a_listener_under_attack_goes_on_answering(app: TestApp) {
    let (address, _stop) = listen(&app).await;
    let token = app.editor().await.token().map(str::to_owned).expect("an editor has a token");
    let mut documents = nested();
    documents.extend([fan_out(20), fan_out(60)]);
    let attacks = documents.into_iter().cycle().take(120).map(|document| {
        spawn_blocking(move || {
            wire::ask(address, None, &document, &json!({})).expect("every attack is answered").status
        })
    });
    let honest = (0..20).map(|_| {
        let token = token.clone();
        spawn_blocking(move || {
            let start = Instant::now();
            let query = "{ viewer { person { name } roles { role } } }";
            let reply = wire::ask(address, Some(&token), query, &json!({})).expect("the server answers");
            assert_eq!((reply.status, reply.code().as_str()), (200, ""), "{}", reply.body);
            start.elapsed()
        })
    });
    let (attacked, answered) = tokio::join!(join_all(attacks), join_all(honest));
    for status in attacked {
        let status = status.unwrap();
        assert!(status == 400 || status == 429 || status == 503, "{status}");
    }
    for waited in answered {
        assert!(waited.unwrap() < Duration::from_secs(10));
    }
    let health = spawn_blocking(move || wire::send(address, "GET /healthz", &[], b"")).await.unwrap().unwrap();
    assert_eq!(health.status, 200);
}

/// Percent-encodes what a query may hold.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}

async fn queries_come_by_get_and_mutations_do_not(app: TestApp) {
    let editor = app.editor().await;
    let get = |document: &str| {
        Request::get(format!("/graphql?query={}", encoded(document)))
            .header(header::AUTHORIZATION, format!("Bearer {}", editor.token().unwrap_or_default()))
            .body(Body::empty())
            .expect("the request is valid")
    };
    let answer = editor.send(get("{ networks(first: 1) { nodes { code } } }")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["data"]["networks"]["nodes"][0]["code"], "changji");

    let network = app.network_id();
    let document = format!(
        "mutation {{ draftRulebook(input: {{ idempotencyKey: \"k\", network: \"{network}\", text: \"\" }}) {{ userErrors {{ code }} }} }}"
    );
    let answer = editor.send(get(&document)).await;
    assert_eq!((answer.status.as_u16(), code(&answer.body)), (405, "METHOD_NOT_ALLOWED"));
    assert!(answer.headers.get(header::ALLOW).is_some_and(|allow| allow == "POST"), "{:?}", answer.headers);
    for method in ["PUT", "DELETE", "PATCH"] {
        let request = Request::builder().method(method).uri("/graphql").body(Body::empty()).unwrap();
        assert_eq!(editor.send(request).await.status, 405, "{method}");
    }
}

async fn only_plain_json_is_read(app: TestApp) {
    let editor = app.editor().await;
    let good = json!({ "query": "{ networks(first: 1) { nodes { code } } }" });
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql"]
    {
        let answer = editor.send(post(&editor, content_type, good.to_string())).await;
        assert_eq!((answer.status.as_u16(), code(&answer.body)), (415, "UNSUPPORTED_MEDIA_TYPE"), "{content_type}");
    }
    for (body, status, expected) in [
        (json!([good]).to_string(), 400, "BATCH_NOT_ALLOWED"),
        (json!([]).to_string(), 400, "BATCH_NOT_ALLOWED"),
        ("{".to_owned(), 400, "INVALID_JSON"),
        (json!({}).to_string(), 400, "MISSING_QUERY"),
        (json!({ "query": 1 }).to_string(), 400, "INVALID_PARAMETER"),
        (json!({ "query": "{", "variables": {} }).to_string(), 400, "SYNTAX_ERROR"),
        (json!({ "query": "{ secrets }" }).to_string(), 400, "UNKNOWN_FIELD"),
        (json!({ "query": "x".repeat(2 * 1024 * 1024) }).to_string(), 413, "BODY_TOO_LARGE"),
    ] {
        let answer = editor.send(post(&editor, "application/json", body.clone())).await;
        assert_eq!((answer.status.as_u16(), code(&answer.body)), (status, expected), "{}", &body[..body.len().min(40)]);
    }
    // A client that does not say what it accepts gets the older media type, with which a bad document answers 200.
    for query in ["{ networks(first: 1) { nodes { code } } }", "{"] {
        let mut request = post(&editor, "application/json; charset=utf-8", json!({ "query": query }).to_string());
        request.headers_mut().remove(header::ACCEPT);
        let answer = editor.send(request).await;
        assert_eq!(answer.status, 200);
        let media = answer.headers[header::CONTENT_TYPE].to_str().unwrap();
        assert!(media.starts_with("application/json"), "{media}");
    }
}

/// The question that GraphiQL asks when it opens.
fn introspection() -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../api/src/http/tests/introspection.graphql");
    std::fs::read_to_string(file).expect("the file is in the repository")
}

async fn strangers_do_not_read_the_schema(app: TestApp) {
    for client in [app.stranger(), app.sms_worker().await] {
        for document in
            [introspection().as_str(), "{ __schema { types { name } } }", "{ __type(name: \"Person\") { name } }"]
        {
            let answer = client.ask(document, json!({})).await;
            assert_eq!((answer.status.as_u16(), code(&answer.body)), (400, "INTROSPECTION_DISABLED"));
        }
    }
    // Nor do they find fields by trying: no message names a field that was not written.
    let answer = app.stranger().ask("{ submission(id: \"x\") { titel } }", json!({})).await;
    assert!(!answer.body.to_string().contains("title"), "{}", answer.body);
    app.stranger().expect_code("{ viewer { person { name } } }", json!({}), "UNAUTHENTICATED").await;
}

async fn the_ide_reads_the_schema_of_whoever_signed_in(app: TestApp) {
    for client in [app.editor().await, app.officer("阜康市").await, app.auditor().await] {
        let data = client.gql(&introspection(), json!({})).await;
        let schema = &data["__schema"];
        assert_eq!(schema["queryType"]["name"], "Query");
        assert_eq!(schema["mutationType"]["name"], "Mutation");
        let types: Vec<_> = schema["types"].as_array().unwrap().iter().map(|found| text(&found["name"])).collect();
        for wanted in ["Submission", "ScoreLine", "AdoptSubmissionInput", "SubmissionState"] {
            assert!(types.contains(&wanted), "{wanted}");
        }
    }
}

async fn a_page_is_asked_for_by_its_size(app: TestApp) {
    let editor = app.editor().await;
    for arguments in ["", "(first: 0)", "(first: 101)", "(last: -1)", "(first: 1, last: 1)"] {
        let answer = editor.ask(&format!("{{ networks{arguments} {{ nodes {{ code }} }} }}"), json!({})).await;
        assert!(answer.body["data"].is_null() && answer.body["errors"].is_array(), "{arguments}: {}", answer.body);
    }
}

async fn a_fault_shows_nothing_but_its_trace(app: TestApp) {
    let editor = app.editor().await;
    let network = app.network_id();
    // Somebody takes a table away under the running server.
    app.writer().execute_unprepared("ALTER TABLE training RENAME TO gone").await.expect("a table can be renamed");

    let query = "query($network: ID!) { trainings(network: $network, first: 1) { nodes { title } } }";
    let asked = editor.ask(query, json!({ "network": network })).await;
    let input = json!({
        "idempotencyKey": walk::key(), "network": network, "unit": app.unit_id("阜康市").await, "kind": "SESSION",
        "title": "信息业务培训", "heldOn": "2026-03-01", "attendees": 60,
    });
    let document = walk::document("recordTraining", "training { id }");
    let done = editor.ask(&document, json!({ "input": input })).await;
    for Answer { status, headers, body } in [asked, done] {
        // The operation ran, and left nothing.
        assert_eq!((status.as_u16(), &body["data"]), (200, &Value::Null), "{body}");
        let error = &body["errors"][0];
        let trace = text(&error["extensions"]["traceId"]);
        assert_eq!(code(&body), "INTERNAL");
        assert!(!trace.is_empty() && text(&error["message"]).contains(trace), "{body}");
        assert_eq!(headers["x-request-id"], trace);
        let told = body.to_string().to_lowercase();
        for secret in
            ["no such table", "does not exist", "relation", "select", "insert", "sqlite", "postgres", "sea-orm"]
        {
            assert!(!told.contains(secret), "{secret}: {body}");
        }
    }
    // Everybody else is served as before.
    editor.gql("{ viewer { person { name } } }", json!({})).await;
    walk::submit(&app, "阜康市").await;
}

async fn the_server_is_ready_and_serves_its_ide(app: TestApp) {
    let (address, stop) = listen(&app).await;
    for (path, expected) in
        [("/healthz", 200), ("/readyz", 200), ("/ide", 200), ("/ide/ide.js", 200), ("/nowhere", 404)]
    {
        let line = format!("GET {path}");
        let reply =
            spawn_blocking(move || wire::send(address, &line, &[("Accept-Encoding", "gzip")], b"")).await.unwrap();
        assert_eq!(reply.unwrap().status, expected, "{path}");
    }
    drop(stop);
}
