//! What an answer shows, and what it does not.

use serde_json::json;

use super::{attacks::numbered, server::Server};

const FULL_INTROSPECTION: &str = include_str!("introspection.graphql");

#[tokio::test]
async fn an_error_shows_no_more_than_it_should() {
    let server = Server::start().await;
    let answer = server.query("{ broken hello }").await;
    let text = String::from_utf8(answer.body.clone()).unwrap();
    assert!(!text.contains("secret"), "{text}");
    let extensions = &answer.json()["errors"][0]["extensions"];
    assert_eq!(extensions["traceId"].as_str(), answer.header("x-request-id"));
    assert_eq!(answer.json()["errors"][0]["path"], json!(["broken"]));

    let many = server.query("{ brokenList }").await.json();
    assert_eq!(many["errors"].as_array().map(Vec::len), Some(1), "the first error ends a list of non-null");

    let input = server.query("{ echo(short: \"abcd\") }").await;
    assert_eq!(input.code(), "BAD_INPUT");
    assert_eq!(input.json()["errors"][0]["path"], json!(["echo"]));
}

#[tokio::test]
async fn at_most_ten_errors_are_listed() {
    let server = Server::start().await;
    let fields = numbered(15, |number| format!("nothing{number} "));
    let unknown = server.query(&format!("{{ {fields} }}")).await.json();
    assert_eq!(unknown["errors"].as_array().map(Vec::len), Some(10));

    let fields = numbered(15, |number| format!("a{number}: echo(texts: 1) "));
    let invalid = server.query(&format!("{{ {fields} }}")).await.json();
    assert_eq!(invalid["errors"].as_array().map(Vec::len), Some(10));
    assert_eq!(invalid["extensions"]["errorsLeftOut"], 5);
}

#[tokio::test]
async fn strangers_learn_nothing_of_the_schema() {
    let server = Server::start().await;
    assert_eq!(server.query("{ __schema { types { name } } }").await.code(), "INTROSPECTION_DISABLED");
    assert_eq!(
        server.query("{ ...A } fragment A on Query { __type(name: \"Item\") { name } }").await.code(),
        "INTROSPECTION_DISABLED"
    );
    assert_eq!(server.query("{ __typename }").await.status, 200);
    let message = server.query("{ helo }").await.json()["errors"][0]["message"].clone();
    assert_eq!(message, "type `Query` has no field `helo`");

    let known = server.post_as(Some("alice"), json!({ "query": "{ helo }" })).await.json();
    assert_eq!(known["errors"][0]["message"], "type `Query` has no field `helo`; is `hello` meant?");
    let whole = server.post_as(Some("alice"), json!({ "query": FULL_INTROSPECTION })).await.json();
    assert!(whole["data"]["__schema"]["types"].as_array().is_some_and(|types| types.len() > 10), "{whole}");
}
