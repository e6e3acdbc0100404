//! The door on a port of its own, with a clock that is set by hand and a gate that knows a few names.

use std::{
    collections::HashSet,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use futures::{
    FutureExt,
    future::{self, BoxFuture},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot};

use super::{attacks::numbered, schema::schema};
use crate::http::{
    Door,
    admission::Summary,
    code,
    gate::{Arrival, Caller, Clock, Gate},
    refusal::Refusal,
    router,
    serve::serve,
    settings::{DoorSettings, SocketSettings},
};

/// A server that ends with the test.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) gate: Arc<ToyGate>,
    pub(super) clock: Arc<HandClock>,
    pub(super) door: Door,
    stop: Option<oneshot::Sender<()>>,
}

pub(super) struct HandClock(Mutex<DateTime<Utc>>);

impl HandClock {
    pub(super) fn advance(&self, seconds: i64) {
        *self.0.lock().unwrap() += TimeDelta::seconds(seconds);
    }
}

impl Clock for HandClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// Knows every name but `bad`. `name` never ends, `name@60` ends in 60 seconds, `broke` has no budget.
pub(super) struct ToyGate {
    clock: Arc<HandClock>,
    pub(super) revoked: Mutex<HashSet<String>>,
}

impl Gate for ToyGate {
    fn identify<'a>(&'a self, token: Option<&'a str>, _arrival: &'a Arrival) -> BoxFuture<'a, Result<Caller, Refusal>> {
        let caller = match token.map(|token| token.split_once('@').unwrap_or((token, ""))) {
            None => Ok(Caller::stranger("127.0.0.1")),
            Some(("bad", _)) => Err(Refusal::new(code::UNAUTHENTICATED, "the token is not valid", "令牌无效")),
            Some((name, lifetime)) => Ok(Caller {
                life: crate::http::gate::Lifeline::default(),
                subject: Some(Arc::new(name.to_owned())),
                account: Some(name.into()),
                expires_at: lifetime.parse().ok().map(|seconds| self.clock.now() + TimeDelta::seconds(seconds)),
                limiter_key: name.to_owned(),
            }),
        };
        future::ready(caller).boxed()
    }

    fn still_valid<'a>(&'a self, caller: &'a Caller) -> BoxFuture<'a, bool> {
        let revoked = self.revoked.lock().unwrap();
        let is_valid = caller.account.as_deref().is_none_or(|account| !revoked.contains(account));
        future::ready(is_valid).boxed()
    }

    fn may_introspect(&self, caller: &Caller) -> bool {
        caller.account.is_some()
    }

    fn charge<'a>(&'a self, caller: &'a Caller, _operation: &'a Summary) -> BoxFuture<'a, Result<(), Refusal>> {
        let charged = match caller.account.as_deref() {
            Some("broke") => Err(Refusal::new(code::RATE_LIMITED, "the budget is spent", "额度已用完")
                .retry_after(Duration::from_millis(1500))),
            _ => Ok(()),
        };
        future::ready(charged).boxed()
    }
}

/// Settings with the waits of a test.
pub(super) fn quick() -> DoorSettings {
    let short = Duration::from_millis(300);
    DoorSettings {
        deadline: short,
        body_timeout: short,
        socket: SocketSettings {
            init_timeout: short,
            write_timeout: short,
            watch_interval: Duration::from_millis(20),
            ..SocketSettings::default()
        },
        ..DoorSettings::default()
    }
}

impl Server {
    pub(super) async fn start() -> Self {
        Self::with(quick()).await
    }

    pub(super) async fn with(settings: DoorSettings) -> Self {
        let clock = Arc::new(HandClock(Mutex::new(DateTime::UNIX_EPOCH)));
        let gate = Arc::new(ToyGate { clock: Arc::clone(&clock), revoked: Mutex::default() });
        let door = Door::new(schema(), gate.clone(), clock.clone(), settings).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move { drop(stopped.await) };
        tokio::spawn(serve(listener, router(door.clone()), door.clone(), shutdown));
        Self { address, gate, clock, door, stop: Some(stop) }
    }

    /// Begins the shutdown.
    pub(super) fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// POST with the usual headers.
    pub(super) async fn post(&self, body: Value) -> Answer {
        self.post_as(None, body).await
    }

    /// POST with a token.
    pub(super) async fn post_as(&self, name: Option<&str>, body: Value) -> Answer {
        let authorization = name.map(|name| format!("Authorization: Bearer {name}\r\n")).unwrap_or_default();
        let headers =
            format!("Content-Type: application/json\r\nAccept: application/graphql-response+json\r\n{authorization}");
        self.send("POST /graphql", &headers, body.to_string().as_bytes()).await
    }

    /// Runs a document.
    pub(super) async fn query(&self, query: &str) -> Answer {
        self.post(json!({ "query": query })).await
    }

    /// GET of a document, escaped.
    pub(super) async fn get(&self, query: &str, headers: &str) -> Answer {
        let bytes = query.as_bytes();
        let escaped = numbered(bytes.len(), |at| format!("%{:02X}", bytes[at]));
        self.send(&format!("GET /graphql?query={escaped}"), headers, b"").await
    }

    /// Any request, over a connection of its own. `line` is the method and the address.
    pub(super) async fn send(&self, line: &str, headers: &str, body: &[u8]) -> Answer {
        let address = self.address;
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let head = format!("{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{length}{headers}\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(body);
        tokio::task::spawn_blocking(move || exchange(address, &bytes)).await.unwrap()
    }
}

/// Writes the bytes and reads the answer to its end.
pub(super) fn exchange(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // A server that refuses by the headers may not read the body.
    drop(stream.write_all(bytes));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    Answer::read(&answer)
}

/// An HTTP answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer with headers");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, headers: head, body: bytes[end + 4..].to_vec() }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.lines().skip(1).find_map(|line| {
            let (candidate, value) = line.split_once(':')?;
            candidate.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The code of the first error.
    pub(super) fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}
