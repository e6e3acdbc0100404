//! What attackers send, and that each of it is answered quickly and the server goes on.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::server::Server;

/// Sends one attack, expects its code at once, and sees that the server still answers.
async fn refused(server: &Server, name: &str, body: Value, code: &str) {
    let start = Instant::now();
    let answer = server.post(body).await;
    assert_eq!(answer.code(), code, "{name}: {} bytes", answer.body.len());
    assert!(start.elapsed() < Duration::from_secs(2), "{name} took {:?}", start.elapsed());
    assert_eq!(server.query("{ hello }").await.status, 200, "after {name}");
}

/// The texts that `each` makes of 0, 1, 2, …
pub(super) fn numbered(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect::<Vec<_>>().concat()
}

/// `levels` fragments, each of which spreads the next one `width` times.
fn fan_out(levels: usize, width: usize) -> String {
    let fragments = numbered(levels, |level| {
        let spread = format!(" ...F{}", level + 1).repeat(width);
        format!(" fragment F{level} on Query {{{spread} }}")
    });
    format!("{{ ...F0 }}{fragments} fragment F{levels} on Query {{ hello }}")
}

#[tokio::test]
async fn nested_values_do_not_reach_the_parser() {
    let server = Server::start().await;
    let list = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    let object = |n: usize| format!("{}1{}", "{k:".repeat(n), "}".repeat(n));
    for (name, value) in [("list", list(2000)), ("object", object(1500)), ("open list", "[".repeat(4000))] {
        for (place, query) in [
            ("argument", format!("{{ echo(filter: {value}) }}")),
            ("default", format!("query A($f: Filter = {value}) {{ echo(filter: $f) }}")),
            ("directive", format!("{{ hello @skip(if: {value}) }}")),
        ] {
            refused(&server, &format!("{name} as {place}"), json!({ "query": query }), "DOCUMENT_TOO_DEEP").await;
        }
    }
    let nested_sets = format!("{}hello{}", "{ item ".repeat(1000), "}".repeat(1000));
    refused(&server, "selection sets", json!({ "query": nested_sets }), "DOCUMENT_TOO_DEEP").await;
    let nested_type = format!("query A($a: {}Int{}) {{ hello }}", "[".repeat(3000), "]".repeat(3000));
    refused(&server, "list type", json!({ "query": nested_type }), "DOCUMENT_TOO_DEEP").await;
}

#[tokio::test]
async fn nested_variables_are_refused_by_the_reader() {
    let server = Server::start().await;
    let query = "query A($f: Filter) { echo(filter: $f) }";
    for (open, inner, close) in [("[", "", "]"), (r#"{"inner":"#, "null", "}")] {
        let value = format!("{}{inner}{}", open.repeat(2000), close.repeat(2000));
        let body = format!(r#"{{"query":{},"variables":{{"f":{value}}}}}"#, json!(query));
        let answer = server.send("POST /graphql", "Content-Type: application/json\r\n", body.as_bytes()).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "INVALID_JSON"));
    }
    let deep = (0..100).fold(json!({}), |inner, _| json!({ "inner": inner }));
    let answer = server.post(json!({ "query": query, "variables": { "f": deep } })).await;
    assert_eq!(answer.json()["data"]["echo"], 1, "a hundred levels are still read");
}

#[tokio::test]
async fn fragments_cannot_fan_out() {
    let server = Server::start().await;
    refused(&server, "26 × 2", json!({ "query": fan_out(26, 2) }), "TOO_COMPLEX").await;
    refused(&server, "4 × 100", json!({ "query": fan_out(4, 100) }), "TOO_COMPLEX").await;
    refused(&server, "400 deep", json!({ "query": fan_out(400, 1) }), "DOCUMENT_TOO_DEEP").await;
    for (name, query) in [
        ("itself", "{ ...A } fragment A on Query { ...A }"),
        ("two", "{ ...A } fragment A on Query { hello ...B } fragment B on Query { ...A }"),
        ("deep", "{ ...A } fragment A on Query { item { next { ...B } } } fragment B on Item { next { ...B } }"),
    ] {
        refused(&server, name, json!({ "query": query }), "FRAGMENT_CYCLE").await;
    }
    refused(&server, "apart", json!({ "query": "{ hello } fragment A on Query { ...A }" }), "UNUSED_FRAGMENT").await;
    refused(&server, "unknown", json!({ "query": "{ ...A }" }), "UNKNOWN_FRAGMENT").await;
}

#[tokio::test]
async fn one_document_cannot_ask_a_thousand_times() {
    let server = Server::start().await;
    let aliases = numbered(2000, |number| format!("a{number}: hello "));
    let some = numbered(51, |number| format!("a{number}: hello "));
    let passwords = numbered(20, |number| format!("a{number}: login(password: \"{number}\") "));
    for (name, query, code) in [
        ("2000 aliases", format!("{{ {aliases} }}"), "TOO_MANY_ALIASES"),
        ("51 root aliases", format!("{{ {some} }}"), "TOO_MANY_ALIASES"),
        ("2000 times the same", format!("{{ {} }}", "hello ".repeat(2000)), "TOO_MANY_ROOT_FIELDS"),
        ("directives", format!("{{ hello {} }}", "@skip(if: false) ".repeat(2000)), "TOO_MANY_DIRECTIVES"),
        ("unknown directives", format!("{{ hello {} }}", "@a ".repeat(1000)), "TOO_MANY_DIRECTIVES"),
        ("tokens", format!("{{ echo(texts: [{}]) }}", "\"\" ".repeat(5001)), "TOO_MANY_TOKENS"),
        ("100 KB", format!("{{ hello }} #{}", "x".repeat(100 * 1024)), "DOCUMENT_TOO_LARGE"),
        ("long name", format!("{{ {} }}", "x".repeat(30 * 1024)), "NAME_TOO_LONG"),
        ("passwords", format!("mutation {{ {passwords} }}"), "TOO_MANY_CREDENTIALS"),
        ("password twice", "mutation { login(password: \"a\") login(password: \"a\") }".into(), "TOO_MANY_CREDENTIALS"),
        (
            "passwords in a fragment",
            "mutation { ...A ...A } fragment A on Mutation { login(password: \"a\") }".into(),
            "TOO_MANY_CREDENTIALS",
        ),
        (
            "operations",
            numbered(11, |number| format!("query A{number} {{ hello }} ")),
            "TOO_MANY_OPERATIONS",
        ),
        ("pages of pages", "{ items(first: 100) { nodes { children(first: 100) { nodes { children(first: 100) { nodes { id } } } } } } }".into(), "TOO_COMPLEX"),
        ("page of pages by default", "{ items(first: 100) { nodes { children { nodes { children { nodes { children { nodes { id } } } } } } } } }".into(), "TOO_COMPLEX"),
        ("endless page", "{ items(first: 2147483647) { nodes { id } } }".into(), "TOO_COMPLEX"),
    ] {
        refused(&server, name, json!({ "query": query }), code).await;
    }
}

#[tokio::test]
async fn conflicting_fields_do_not_multiply_into_errors() {
    let server = Server::start().await;
    let arguments = numbered(700, |number| format!("a{number}: 1 "));
    let query = format!("{{ echo({arguments}) {} }}", "echo ".repeat(2000));
    refused(&server, "arguments × fields", json!({ "query": query }), "FIELD_CONFLICT").await;
}

#[tokio::test]
async fn a_large_variable_cannot_be_used_a_thousand_times() {
    let server = Server::start().await;
    let large = "x".repeat(400 * 1024);
    let uses = "$v ".repeat(2000);
    let query = format!("query A($v: String!) {{ echo(texts: [{uses}]) }}");
    let body = json!({ "query": query, "variables": { "v": large } });
    refused(&server, "one list", body, "ARGUMENTS_TOO_LARGE").await;
    let fields = numbered(20, |number| format!("a{number}: echo(text: $v) "));
    let body = json!({ "query": format!("query A($v: String) {{ {fields} }}"), "variables": { "v": large } });
    refused(&server, "many fields", body, "ARGUMENTS_TOO_LARGE").await;
    let numbers = vec![0; 100_000];
    let query = "query A($n: [Int!]) { echo(filter: { numbers: $n }) }";
    refused(&server, "many values", json!({ "query": query, "variables": { "n": numbers } }), "VARIABLES_TOO_LARGE")
        .await;
}

#[tokio::test]
async fn introspection_cannot_be_nested_into_a_bomb() {
    let server = Server::start().await;
    let nest = |open: &str, close: &str, n| format!("{}name{}", open.repeat(n), close.repeat(n));
    let fields = nest("fields { type { ", "} }", 8);
    let implementations = nest("interfaces { possibleTypes { ", "} }", 8);
    let names = "name ".repeat(15);
    let aliases = numbered(150, |n| format!("a{n}: types {{ fields {{ type {{ fields {{ {names} }} }} }} }} "));
    for (name, query, code) in [
        ("fields", format!("{{ __schema {{ types {{ {fields} }} }} }}"), "DOCUMENT_TOO_DEEP"),
        ("implementations", format!("{{ __type(name: \"Item\") {{ {implementations} }} }}"), "DOCUMENT_TOO_DEEP"),
        ("aliases", format!("{{ __schema {{ {aliases} }} }}"), "TOO_COMPLEX"),
    ] {
        let answer = server.post_as(Some("alice"), json!({ "query": query })).await;
        assert_eq!(answer.code(), code, "{name}: {} bytes", answer.body.len());
    }
    let deep = (0..30).fold("name".to_owned(), |inner, _| format!("ofType {{ {inner} }}"));
    let query = format!("{{ __type(name: \"Item\") {{ {deep} }} }}");
    assert_eq!(server.post_as(Some("alice"), json!({ "query": query })).await.code(), "DOCUMENT_TOO_DEEP");
}

#[tokio::test]
async fn deep_but_small_documents_are_bounded_too() {
    let server = Server::start().await;
    let nested = |n: usize| format!("{{ item {} id {} }}", "{ next ".repeat(n) + "{", "}".repeat(n + 1));
    assert_eq!(server.query(&nested(10)).await.status, 200);
    refused(&server, "thirteen fields", json!({ "query": nested(11) }), "DOCUMENT_TOO_DEEP").await;
    let inline = format!("{}hello{}", "{ ... on Query ".repeat(31) + "{", "}".repeat(32));
    refused(&server, "inline fragments", json!({ "query": inline }), "DOCUMENT_TOO_DEEP").await;
}

#[tokio::test]
async fn what_is_just_let_in_is_cheap_for_the_library_too() {
    let server = Server::start().await;
    // 4,093 selections through ten levels of two spreads each, and the same again side by side.
    let fan = fan_out(10, 2).replace("on Query", "on Item").replace("hello", "id");
    let tree = fan.replacen("{ ...F0 }", "{ item { ...F0 } }", 1);
    let chain = fan_out(25, 1).replace("on Query", "on Item").replace("hello", "id");
    let chain = chain.replacen("{ ...F0 }", "{ item { ...F0 } }", 1);
    let wide = format!("{{ item {{ {} }} }}", "id ".repeat(4900));
    let large = "x".repeat(90 * 1024);
    let texts = format!("query A($v: String!) {{ echo(texts: [{}]) }}", "$v ".repeat(20));
    for (name, body) in [
        ("tree", json!({ "query": tree })),
        ("chain", json!({ "query": chain })),
        ("wide", json!({ "query": wide })),
        ("texts", json!({ "query": texts, "variables": { "v": large } })),
    ] {
        let start = Instant::now();
        let answer = server.post(body).await;
        assert_eq!(answer.code(), "", "{name}");
        assert_eq!(answer.status, 200, "{name}");
        assert!(start.elapsed() < Duration::from_secs(2), "{name} took {:?}", start.elapsed());
    }
}
