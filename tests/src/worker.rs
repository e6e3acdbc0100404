//! A worker that sends notices: it subscribes, hands to a gateway, reports. The gateway is a stub that counts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::live::{Ended, Socket};
use crate::walk;

/// The stream, with everything that a worker reads of it.
pub const STREAM: &str = "subscription($consumer: ID!, $after: StreamCursor, $most: Int = 50) {
    noticeStream(consumer: $consumer, after: $after, maxInFlight: $most) {
        __typename
        ... on EventBatch { cursor events { eventId sequence orderingKey cursor
            delivery { notice fence dedupeKey attempt phone text segments } } }
        ... on Heartbeat { cursor at }
        ... on StreamEnd { reason cursor } } }";

const ACK: &str = "mutation($input: AckDeliveriesInput!) { ackDeliveries(input: $input) {
    results { notice verdict } userErrors { code message } } }";

/// A gateway that knows its callers' ids: the same id twice is one SMS.
#[derive(Debug, Default)]
pub struct Gateway {
    /// How often each id was submitted.
    pub submitted: BTreeMap<String, u64>,
    /// What was sent to which number, in order.
    pub sent: Vec<(String, String)>,
}

impl Gateway {
    /// Takes a message; returns its own id of it.
    pub fn submit(&mut self, delivery: &Value) -> String {
        let text = |field: &str| delivery[field].as_str().expect("a delivery has this field").to_owned();
        let key = text("dedupeKey");
        let times = self.submitted.entry(key.clone()).or_default();
        *times += 1;
        if *times == 1 {
            self.sent.push((text("phone"), text("text")));
        }
        format!("gw-{key}")
    }
}

/// A worker with its one stream. It remembers where it is, and goes on from there after an end.
#[derive(Debug)]
pub struct Worker {
    consumer: String,
    most: i64,
    cursor: Value,
    socket: Option<Socket>,
    /// Messages of the stream that came while a report was waited for.
    waiting: VecDeque<Value>,
    /// The cursor behind the batch in hand.
    behind: Option<Value>,
    /// Every event that was seen, by its id.
    pub seen: BTreeSet<String>,
    /// Numbers in the order in which they came, across reconnections.
    pub numbers: Vec<i64>,
    /// What the stream ended with, each time.
    pub ends: Vec<String>,
}

impl Worker {
    /// A worker that has seen nothing.
    pub fn new(consumer: impl Into<String>, most: i64) -> Self {
        Self {
            consumer: consumer.into(),
            most,
            cursor: Value::Null,
            socket: None,
            waiting: VecDeque::new(),
            behind: None,
            seen: BTreeSet::new(),
            numbers: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Goes on at this cursor.
    pub fn go_on_at(&mut self, cursor: Value) {
        self.cursor = cursor;
    }

    /// Where it is.
    pub fn cursor(&self) -> &Value {
        &self.cursor
    }

    /// Whether its stream is open.
    pub fn is_connected(&self) -> bool {
        self.socket.is_some()
    }

    /// Opens its stream.
    pub async fn connect(&mut self, address: SocketAddr, token: &str) -> Result<(), String> {
        self.waiting.clear();
        let mut socket = Socket::open(address, token).await.map_err(|error| error.to_string())?;
        let variables = json!({ "consumer": self.consumer, "after": self.cursor, "most": self.most });
        socket.start("stream", STREAM, variables).await.map_err(|error| error.to_string())?;
        self.socket = Some(socket);
        Ok(())
    }

    /// Cuts its line without a word.
    pub fn disconnect(&mut self) {
        self.socket = None;
    }

    /// The next frame of the stream, or how it ended.
    pub async fn frame(&mut self) -> Result<Value, Ended> {
        let message = match self.waiting.pop_front() {
            Some(message) => Ok(message),
            None => match &mut self.socket {
                Some(socket) => socket.message().await,
                None => Err(Ended::Cut("not connected".to_owned())),
            },
        };
        let mut message = match message {
            Ok(message) => message,
            Err(ended) => {
                self.socket = None;
                return Err(ended);
            }
        };
        match message["type"].as_str() {
            Some("next") => {
                let frame = message["payload"]["data"]["noticeStream"].take();
                if frame["__typename"] == "StreamEnd" {
                    self.ends.push(frame["reason"].as_str().unwrap_or_default().to_owned());
                    // What is in hand and not reported comes again from our own place; only removed history is left behind.
                    if frame["reason"] == "CURSOR_TRIMMED" {
                        self.cursor = frame["cursor"].clone();
                    }
                }
                Ok(frame)
            }
            Some("complete") => Err(Ended::Complete),
            _ => Err(Ended::Cut(message.to_string())),
        }
    }

    /// Deliveries of the next batch; notes numbers and ids. Sees past signs of life.
    pub async fn batch(&mut self) -> Result<Vec<Value>, Ended> {
        loop {
            let frame = self.frame().await?;
            match frame["__typename"].as_str() {
                Some("EventBatch") => {
                    let events = frame["events"].as_array().cloned().unwrap_or_default();
                    for event in &events {
                        self.seen.insert(event["eventId"].as_str().unwrap_or_default().to_owned());
                        self.numbers.push(event["sequence"].as_i64().unwrap_or_default());
                    }
                    let deliveries: Vec<Value> =
                        events.iter().map(|event| event["delivery"].clone()).filter(|one| !one.is_null()).collect();
                    if deliveries.is_empty() {
                        self.cursor = frame["cursor"].clone();
                        continue;
                    }
                    self.behind = Some(frame["cursor"].clone());
                    return Ok(deliveries);
                }
                Some("Heartbeat") => {}
                _ => return Err(Ended::Complete),
            }
        }
    }

    /// Reports that the gateway took these, and moves the cursor behind them. True when every report counted or was known.
    pub async fn ack(&mut self, deliveries: &[(Value, String)]) -> Result<bool, Ended> {
        let cursor = self.behind.take();
        let items: Vec<_> = deliveries
            .iter()
            .map(|(one, id)| json!({ "notice": one["notice"], "fence": one["fence"], "gatewayIds": [id] }))
            .collect();
        let key = format!("{}-{}", walk::key(), std::process::id());
        let input = json!({ "idempotencyKey": key, "consumer": self.consumer, "deliveries": items });
        let Some(socket) = &mut self.socket else { return Err(Ended::Cut("not connected".to_owned())) };
        let id = socket.fresh();
        let sent = socket.start(&id, ACK, json!({ "input": input })).await;
        sent.map_err(|error| Ended::Cut(error.to_string()))?;
        let mut counted = None;
        loop {
            let message = match socket.message().await {
                Ok(message) => message,
                Err(ended) => {
                    self.socket = None;
                    return Err(ended);
                }
            };
            if message["id"] != id.as_str() {
                self.waiting.push_back(message);
                continue;
            }
            match message["type"].as_str() {
                Some("next") => {
                    let results = message["payload"]["data"]["ackDeliveries"]["results"].as_array().cloned();
                    let results = results.ok_or_else(|| Ended::Cut(message.to_string()))?;
                    counted =
                        Some(results.iter().all(|one| one["verdict"] == "ACCEPTED" || one["verdict"] == "REPEATED"));
                }
                Some("complete") => {
                    if let Some(cursor) = cursor {
                        self.cursor = cursor;
                    }
                    return Ok(counted.unwrap_or_default());
                }
                _ => return Err(Ended::Cut(message.to_string())),
            }
        }
    }

    /// Takes one batch, hands it to the gateway, and reports.
    pub async fn work(&mut self, gateway: &mut Gateway) -> Result<usize, Ended> {
        let deliveries = self.batch().await?;
        let sent: Vec<_> = deliveries.into_iter().map(|one| (one.clone(), gateway.submit(&one))).collect();
        self.ack(&sent).await?;
        Ok(sent.len())
    }
}
