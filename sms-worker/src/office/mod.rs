//! The server's side. Everything that is asked and told here is GraphQL, as anybody may write it.
//!
//! - this file: a question and its answer
//! - [`session`]: who the worker is
//! - `socket`: graphql-transport-ws
//! - [`deliveries`]: what comes: the stream, or leases
//! - [`reports`]: what is told

pub mod deliveries;
pub mod reports;
pub mod session;
mod socket;

use std::time::Duration;

use hyper::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use crate::http::{self, Ask};
use crate::secret::Secret;

/// How long the server may take for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why there is no answer.
#[derive(Debug)]
pub enum Trouble {
    /// The token has ended, or the account has lost its role.
    Unauthenticated,
    /// The server cannot be reached, is busy, or stops: the same question may be asked again.
    Passing(String),
    /// The same question would be refused again.
    Refused {
        /// The server's code.
        code: String,
        /// Its words.
        message: String,
    },
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unauthenticated => f.write_str("the server does not accept the token"),
            Self::Passing(why) => f.write_str(why),
            Self::Refused { code, message } => write!(f, "{code}: {message}"),
        }
    }
}

/// The server's endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    url: Url,
}

impl Endpoint {
    /// At this address.
    pub fn new(url: Url) -> Self {
        Self { url }
    }

    /// Asks, and reads what stands in the answer under `field`.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        token: Option<&Secret>,
        query: &str,
        variables: &Value,
        field: &str,
    ) -> Result<T, Trouble> {
        let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
        if let Some(token) = token {
            headers.push(("Authorization".to_owned(), format!("Bearer {}", token.expose())));
        }
        let ask = Ask {
            method: Method::POST,
            url: &self.url,
            headers,
            content_type: "application/json",
            body: json!({ "query": query, "variables": variables }).to_string(),
            patience: PATIENCE,
        };
        let reply = http::send(ask).await.map_err(|failure| Trouble::Passing(format!("{:#}", failure.into_error())))?;
        let mut body: Value = serde_json::from_str(&reply.body)
            .map_err(|_| Trouble::Passing(format!("the server answers with status {}", reply.status)))?;
        if let Some(error) = body["errors"].get(0) {
            return Err(trouble(error));
        }
        let mut data = body["data"][field].take();
        if let Some(error) = data["userErrors"].get(0) {
            return Err(told(error["code"].as_str(), error["message"].as_str(), &error["retryable"]));
        }
        serde_json::from_value(data.take()).map_err(|error| refusal(Some("UNREADABLE"), Some(&error.to_string())))
    }
}

/// An error of an answer, as it is meant.
fn trouble(error: &Value) -> Trouble {
    let extensions = &error["extensions"];
    told(extensions["code"].as_str(), error["message"].as_str(), &extensions["retryable"])
}

fn told(code: Option<&str>, message: Option<&str>, retryable: &Value) -> Trouble {
    match code {
        Some("UNAUTHENTICATED") => Trouble::Unauthenticated,
        // Those of the door say it by their name.
        Some("RATE_LIMITED" | "OVERLOADED" | "BODY_TIMEOUT" | "TIMEOUT") | None => passing(code, message),
        _ if retryable == true => passing(code, message),
        _ => refusal(code, message),
    }
}

fn passing(code: Option<&str>, message: Option<&str>) -> Trouble {
    Trouble::Passing(format!("{}: {}", code.unwrap_or("error"), message.unwrap_or_default()))
}

fn refusal(code: Option<&str>, message: Option<&str>) -> Trouble {
    Trouble::Refused { code: code.unwrap_or_default().to_owned(), message: message.unwrap_or_default().to_owned() }
}

/// A fresh key for a request.
pub(crate) fn fresh_key() -> String {
    let mut bytes = [0; 16];
    // The system's generator does not fail once it has been opened; a clash would only be refused.
    let _ = getrandom::fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
