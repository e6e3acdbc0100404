//! Receipts of an HTTP gateway: it calls us, or we ask it. A call is answered when the receipts are on record, so that the
//! gateway repeats what was lost.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::StatusCode;
use axum::routing::post;
use futures::future::join_all;
use hyper::Method;
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::answer::{scalar, short};
use super::content_type;
use super::template::{Values, fill};
use crate::config::{HttpConfig, PollConfig, ReceiptConfig};
use crate::gateway::{Fate, Incoming, Receipt, pass_on};
use crate::http::{self, Ask};
use crate::secret::Secret;

/// The largest call of a gateway.
const LARGEST: usize = 1 << 20;

/// Begins to take receipts in.
pub(super) async fn open(
    config: &ReceiptConfig,
    gateway: &HttpConfig,
    secrets: &BTreeMap<String, Secret>,
    receipts: mpsc::Sender<Incoming>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    if let Some(webhook) = &config.webhook {
        let hook = Hook {
            config: config.clone(),
            token: Secret::read(&webhook.token_file)?,
            answer: webhook.answer.clone(),
            receipts: receipts.clone(),
        };
        let listener = TcpListener::bind(webhook.listen).await;
        let listener = listener.with_context(|| format!("cannot listen on {}", webhook.listen))?;
        tracing::info!(address = %listener.local_addr()?, "listening for receipts");
        let routes = Router::new()
            .route(&webhook.path, post(called))
            .layer(DefaultBodyLimit::max(LARGEST))
            .with_state(Arc::new(hook));
        let stopped = stop.clone().cancelled_owned();
        tokio::spawn(async move { axum::serve(listener, routes).with_graceful_shutdown(stopped).await });
    }
    if let Some(poll) = &config.poll {
        let asking = Asking {
            config: config.clone(),
            url: Url::parse(&fill(&poll.url, &Values::secrets(secrets), crate::config::Encoding::Form)?)?,
            method: Method::from_bytes(poll.method.as_bytes()).context("gateway.receipts.poll.method")?,
            body: fill(&poll.body, &Values::secrets(secrets), gateway.encoding)?,
            headers: headers(gateway, secrets)?,
            content_type: content_type(gateway.encoding),
            patience: Duration::from_secs(gateway.response_seconds),
            every: every(poll),
            receipts,
        };
        let stop = stop.clone();
        tokio::spawn(async move { stop.run_until_cancelled(asking.run()).await });
    }
    Ok(())
}

fn every(poll: &PollConfig) -> Duration {
    Duration::from_secs(Ord::max(poll.every_seconds, 1))
}

/// The gateway's headers, as far as they say nothing of a message.
fn headers(gateway: &HttpConfig, secrets: &BTreeMap<String, Secret>) -> anyhow::Result<Vec<(String, String)>> {
    let values = Values::secrets(secrets);
    gateway
        .headers
        .iter()
        .map(|(name, value)| Ok((name.clone(), fill(value, &values, crate::config::Encoding::Text)?)))
        .collect::<anyhow::Result<_>>()
        .context("headers that say something of a message cannot go with a question for receipts")
}

struct Hook {
    config: ReceiptConfig,
    token: Secret,
    answer: String,
    receipts: mpsc::Sender<Incoming>,
}

#[derive(Deserialize)]
struct Caller {
    #[serde(default)]
    token: String,
}

async fn called(
    State(hook): State<Arc<Hook>>,
    Query(caller): Query<Caller>,
    body: String,
) -> Result<String, StatusCode> {
    if !same(&caller.token, hook.token.expose()) {
        return Err(StatusCode::FORBIDDEN);
    }
    let Some(found) = read(&hook.config, &body) else { return Err(StatusCode::BAD_REQUEST) };
    let recorded = join_all(found.into_iter().map(|receipt| pass_on(&hook.receipts, receipt))).await;
    if recorded.into_iter().all(|recorded| recorded) {
        Ok(hook.answer.clone())
    } else {
        Err(StatusCode::SERVICE_UNAVAILABLE)
    }
}

/// Compares without telling by its time where two texts differ.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

struct Asking {
    config: ReceiptConfig,
    url: Url,
    method: Method,
    body: String,
    headers: Vec<(String, String)>,
    content_type: &'static str,
    patience: Duration,
    every: Duration,
    receipts: mpsc::Sender<Incoming>,
}

impl Asking {
    async fn run(self) {
        loop {
            sleep(self.every).await;
            let ask = Ask {
                method: self.method.clone(),
                url: &self.url,
                headers: self.headers.clone(),
                content_type: self.content_type,
                body: self.body.clone(),
                patience: self.patience,
            };
            match http::send(ask).await {
                Ok(reply) if (200..300).contains(&reply.status) => {
                    let Some(found) = read(&self.config, &reply.body) else {
                        tracing::error!("the gateway's receipts cannot be read");
                        continue;
                    };
                    join_all(found.into_iter().map(|receipt| pass_on(&self.receipts, receipt))).await;
                }
                Ok(reply) => tracing::warn!(status = reply.status, "the gateway gives no receipts"),
                Err(failure) => {
                    tracing::warn!(error = format!("{:#}", failure.into_error()), "the gateway gives no receipts");
                }
            }
        }
    }
}

/// The receipts in a body; none if it is no list of them.
fn read(config: &ReceiptConfig, body: &str) -> Option<Vec<Receipt>> {
    let body: Value = serde_json::from_str(body).ok()?;
    let items = match body.pointer(&config.items)? {
        Value::Array(items) => items.clone(),
        one @ Value::Object(_) => vec![one.clone()],
        Value::Null => Vec::new(),
        _ => return None,
    };
    Some(items.iter().filter_map(|item| receipt(config, item)).collect())
}

fn receipt(config: &ReceiptConfig, item: &Value) -> Option<Receipt> {
    let at = |place: &Option<String>| place.as_deref().and_then(|place| scalar(item, place));
    let status = scalar(item, &config.status)?;
    if config.pending.contains(&status) {
        return None;
    }
    let fate = if config.delivered.contains(&status) {
        Fate::Delivered
    } else if config.expired.contains(&status) {
        Fate::Expired
    } else {
        Fate::Failed
    };
    Some(Receipt {
        gateway_id: scalar(item, &config.id)?,
        segment: at(&config.segment).and_then(|segment| segment.parse().ok()),
        fate,
        code: Some(short(&status)),
        text: at(&config.text).map(|text| short(&text)),
        key: at(&config.key),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> ReceiptConfig {
        ReceiptConfig {
            webhook: None,
            poll: None,
            items: "/list".to_owned(),
            id: "/msgid".to_owned(),
            status: "/stat".to_owned(),
            segment: Some("/part".to_owned()),
            key: Some("/own".to_owned()),
            text: None,
            delivered: vec!["DELIVRD".to_owned()],
            expired: vec!["EXPIRED".to_owned()],
            pending: vec!["ACCEPTD".to_owned()],
        }
    }

    #[test]
    fn receipts_are_read_by_their_places() {
        let body = r#"{"list":[{"msgid":7,"stat":"DELIVRD","part":2,"own":"k"},{"msgid":"8","stat":"ACCEPTD"},
            {"msgid":"9","stat":"EXPIRED"},{"msgid":"10","stat":"MK:0001"},{"stat":"DELIVRD"}]}"#;
        let found = read(&config(), body).unwrap();
        let told: Vec<_> = found.iter().map(|one| (one.gateway_id.as_str(), one.fate)).collect();
        assert_eq!(told, [("7", Fate::Delivered), ("9", Fate::Expired), ("10", Fate::Failed)]);
        assert_eq!((found[0].segment, found[0].key.as_deref()), (Some(2), Some("k")));
        assert_eq!(read(&config(), r#"{"list":null}"#), Some(Vec::new()));
        assert_eq!(read(&config(), "no"), None);
    }

    #[test]
    fn tokens_are_compared_whole() {
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab") && !same("", "a"));
    }
}
