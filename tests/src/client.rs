//! Somebody who speaks GraphQL to the server: the real router, without a socket between.

use std::fmt::Write as _;
use std::future::Future;
use std::panic::Location;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Map, Value};
use tower::ServiceExt;

/// More than any answer that a case asks for.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// Media type of a GraphQL answer whose status code tells what happened to the request.
const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";

/// One person, or a stranger, at the door.
#[derive(Debug, Clone)]
pub struct Client {
    router: Router,
    token: Option<String>,
}

/// What came back through the door.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The HTTP headers.
    pub headers: HeaderMap,
    /// The body, or null when it is not JSON.
    pub body: Value,
}

/// A file that was fetched.
#[derive(Debug)]
pub struct Fetched {
    /// The HTTP status.
    pub status: StatusCode,
    /// The HTTP headers.
    pub headers: HeaderMap,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Client {
    /// Somebody without a token.
    pub fn stranger(router: Router) -> Self {
        Self { router, token: None }
    }

    /// Somebody who has signed in.
    pub fn signed_in(router: Router, token: impl Into<String>) -> Self {
        Self { router, token: Some(token.into()) }
    }

    /// The access token, for requests that are put together by hand.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The data of an answer without errors. Fails the case, in the caller's name, when there are any.
    #[track_caller]
    pub fn gql(&self, query: &str, variables: Value) -> impl Future<Output = Value> + Send + use<> {
        let caller = Location::caller();
        let answer = self.ask(query, variables);
        async move {
            let Answer { status, mut body, .. } = answer.await;
            assert!(
                body.get("errors").is_none() && body["data"].is_object(),
                "{caller}: answered {status} with {}",
                complaints(&body)
            );
            body["data"].take()
        }
    }

    /// The first error of an answer, which must have this code. Fails the case, in the caller's name, when
    /// there is no error or when it has another code.
    #[track_caller]
    pub fn expect_code(&self, query: &str, variables: Value, code: &str) -> impl Future<Output = Value> + Send + use<> {
        let caller = Location::caller();
        let answer = self.ask(query, variables);
        let code = code.to_owned();
        async move {
            let Answer { status, mut body, .. } = answer.await;
            assert!(
                body["errors"][0]["extensions"]["code"] == code.as_str(),
                "{caller}: wanted {code}, answered {status} with {}",
                complaints(&body)
            );
            body["errors"][0].take()
        }
    }

    /// Asks, and hands over the answer as it is.
    pub fn ask(&self, query: &str, variables: Value) -> impl Future<Output = Answer> + Send + use<> {
        let mut request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, GRAPHQL_RESPONSE);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = Value::Object(Map::from_iter([
            ("query".to_owned(), Value::from(query)),
            ("variables".to_owned(), variables),
        ]));
        let request = request.body(Body::from(body.to_string())).expect("method, path and headers are valid");
        self.send(request)
    }

    /// Fetches what lies at a path, as a browser that follows a link does: without the token.
    pub async fn fetch(&self, path: &str) -> Fetched {
        let request = Request::get(path).body(Body::empty()).expect("the path is one");
        let (parts, body) = match self.router.clone().oneshot(request).await {
            Ok(response) => response.into_parts(),
            Err(never) => match never {},
        };
        let bytes = to_bytes(body, LARGEST_ANSWER).await.expect("the answer's body ends");
        Fetched { status: parts.status, headers: parts.headers, bytes: bytes.to_vec() }
    }

    /// Sends any request, for cases about the door itself.
    pub fn send(&self, request: Request<Body>) -> impl Future<Output = Answer> + Send + use<> {
        let router = self.router.clone();
        async move {
            let (parts, body) = match router.oneshot(request).await {
                Ok(response) => response.into_parts(),
                Err(never) => match never {},
            };
            let body = to_bytes(body, LARGEST_ANSWER).await.expect("the answer's body ends");
            Answer {
                status: parts.status,
                headers: parts.headers,
                body: serde_json::from_slice(&body).unwrap_or_default(),
            }
        }
    }
}

/// One line for each error: path, code, message.
fn complaints(body: &Value) -> String {
    let Some(errors) = body["errors"].as_array() else {
        return format!("no error: {body}");
    };
    errors.iter().fold(String::new(), |mut lines, error| {
        let code = &error["extensions"]["code"];
        let _ = write!(lines, "\n  {code} at {}: {}", error["path"], error["message"]);
        lines
    })
}

#[cfg(test)]
mod tests {
    use axum::Json;
    use axum::http::HeaderMap;
    use axum::routing::post;
    use serde_json::json;

    use super::*;

    /// Answers with the token and the variables, or with an error when there is no token.
    fn echo() -> Router {
        async fn answer(headers: HeaderMap, Json(request): Json<Value>) -> Json<Value> {
            Json(match headers.get(header::AUTHORIZATION) {
                Some(token) => json!({ "data": {
                    "token": token.to_str().unwrap(),
                    "variables": request["variables"],
                } }),
                None => json!({ "errors": [{
                    "message": "sign in first",
                    "path": ["viewer"],
                    "extensions": { "code": "UNAUTHENTICATED" },
                }] }),
            })
        }
        Router::new().route("/graphql", post(answer))
    }

    #[tokio::test]
    async fn a_question_carries_token_and_variables() {
        let client = Client::signed_in(echo(), "t0ken");
        let data = client.gql("{ viewer }", json!({ "n": 1 })).await;
        assert_eq!(data, json!({ "token": "Bearer t0ken", "variables": { "n": 1 } }));
    }

    #[tokio::test]
    async fn a_refusal_is_known_by_its_code() {
        let client = Client::stranger(echo());
        let error = client.expect_code("{ viewer }", json!({}), "UNAUTHENTICATED").await;
        assert_eq!(error["message"], "sign in first");
    }

    #[tokio::test]
    async fn an_unexpected_refusal_fails_in_the_callers_name() {
        let client = Client::stranger(echo());
        let case = tokio::spawn(client.gql("{ viewer }", json!({})));
        let panic = case.await.unwrap_err().into_panic();
        let message = panic.downcast_ref::<String>().unwrap();
        assert!(message.contains(file!()), "{message}");
        assert!(message.contains("UNAUTHENTICATED"), "{message}");
    }
}
