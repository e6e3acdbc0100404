//! One socket, from the upgrade to its end.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use chrono::SecondsFormat;
use futures::{StreamExt, stream::SplitStream};
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, timeout, timeout_at};

use super::{
    close::Close,
    message::{FromClient, ToClient, authorization},
    outlet::Outlet,
    protocol::{State, Step, step},
    running::Running,
    sockets::Seat,
};
use crate::http::{
    House,
    answer::Answer,
    code,
    gate::{Arrival, Caller, Life, Lifeline},
    graphql::{bearer, unreadable_token},
    refusal::Refusal,
    trace::TraceId,
};

/// How long the client may take to answer the closing frame before the line is cut.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long operations have for a last word when the token has ended or the server stops.
const LAST_WORD: Duration = Duration::from_millis(300);
/// After so many silent ping intervals the client is gone.
const SILENT_INTERVALS: u32 = 3;

/// One socket.
pub(crate) struct Session {
    house: Arc<House>,
    arrival: Arrival,
    seat: Seat,
    /// Nobody before the session is open.
    caller: Option<Caller>,
    running: Running,
    /// Tells the operations when their time is over.
    life: watch::Sender<Life>,
    lifeline: Lifeline,
    /// Written next; operations wait while it is not empty, so it stays short.
    outbox: VecDeque<Message>,
    heard_at: Instant,
}

impl Session {
    /// A session that has not begun.
    pub(crate) fn new(house: Arc<House>, arrival: Arrival, seat: Seat) -> Self {
        let (life, lifeline) = Lifeline::new();
        Self {
            house,
            arrival,
            seat,
            caller: None,
            running: Running::new(),
            life,
            lifeline,
            outbox: VecDeque::new(),
            heard_at: Instant::now(),
        }
    }

    /// Drives the socket to its end. `speaks`: whether the subprotocol was agreed on.
    pub(crate) async fn drive(mut self, socket: WebSocket, speaks: bool) {
        let (sink, mut messages) = socket.split();
        let settings = &self.house.settings.socket;
        let mut outlet = Outlet::start(sink, settings.send_queue, settings.write_timeout);
        let end = if speaks { self.run(&mut messages, &mut outlet).await } else { Close::Subprotocol };
        self.part(end, &outlet).await;
        // What still runs must not outlive the right to see it.
        self.running = Running::new();
        tracing::info!(request.id = %self.arrival.trace, ?end, "socket closed");
        outlet.end(end).await;
        if end != Close::Gone {
            // Cutting the line with messages unread would take the closing frame away from the client.
            let silence = async { while let Some(Ok(_)) = messages.next().await {} };
            drop(timeout(FAREWELL, silence).await);
        }
    }

    /// Lets subscriptions say why they end and from where to go on.
    async fn part(&mut self, end: Close, outlet: &Outlet) {
        let life = match end {
            Close::Forbidden => Life::Expired,
            Close::Restart => Life::Closing,
            _ => return,
        };
        self.life.send_replace(life);
        let last_words = async {
            loop {
                let message = match self.outbox.pop_front() {
                    Some(message) => message,
                    None if self.running.count() == 0 => return,
                    None => self.running.next().await.into_frame(),
                };
                if outlet.queue.send(message).await.is_err() {
                    return;
                }
            }
        };
        drop(timeout(LAST_WORD, last_words).await);
    }

    async fn run(&mut self, messages: &mut SplitStream<WebSocket>, outlet: &mut Outlet) -> Close {
        let settings = self.house.settings.socket.clone();
        let opening = Instant::now() + settings.init_timeout;
        let mut watch = every(settings.watch_interval);
        let mut ping = every(settings.ping_interval);
        loop {
            let idle = self.outbox.is_empty();
            let turn = tokio::select! {
                permit = outlet.queue.reserve(), if !idle => match (permit, self.outbox.pop_front()) {
                    (Ok(permit), Some(message)) => {
                        permit.send(message);
                        Ok(())
                    }
                    _ => Err(Close::Gone),
                },
                message = messages.next(), if idle => self.received(message, opening).await,
                message = self.running.next(), if idle => {
                    self.outbox.push_back(message.into_frame());
                    Ok(())
                }
                _ = watch.tick() => self.look_again().await,
                _ = ping.tick() => self.ping(settings.ping_interval),
                () = tokio::time::sleep_until(opening), if self.caller.is_none() => Err(Close::InitTimeout),
                () = self.seat.closing() => Err(Close::Restart),
                end = &mut outlet.writer => Err(end.unwrap_or(Close::Gone)),
            };
            if let Err(end) = turn {
                return end;
            }
        }
    }

    async fn received(&mut self, message: Option<Result<Message, axum::Error>>, opening: Instant) -> Result<(), Close> {
        self.heard_at = Instant::now();
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Binary(_))) => return Err(Close::Invalid),
            Some(Err(error)) if is_too_big(&error) => return Err(Close::TooBig),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Close::Gone),
        };
        let free = self.house.settings.socket.operations.saturating_sub(self.running.count());
        let state = State { is_open: self.caller.is_some(), runs: &self.running, free };
        match step(FromClient::parse(&text)?, state) {
            Step::Open { payload } => {
                let opened = timeout_at(opening, self.open(&payload)).await;
                opened.map_err(|_| Close::InitTimeout)??;
                self.say(ToClient::Ack);
            }
            Step::Pong { payload } => {
                let told = self.refresh(&payload).await?;
                self.say(ToClient::Pong(told));
            }
            Step::Start { id, payload } => self.start(id, payload).await?,
            Step::Refuse { id } => {
                let refusal = too_many_operations(self.house.settings.socket.operations);
                let answer = Box::new(Answer::refused(refusal, self.house.no_cost()));
                self.say(ToClient::Error { id, answer });
            }
            Step::Stop { id } => self.running.stop(&id),
            Step::Ignore => {}
            Step::End(close) => return Err(close),
        }
        Ok(())
    }

    fn say(&mut self, message: ToClient) {
        self.outbox.push_back(message.into_frame());
    }

    async fn open(&mut self, payload: &Map<String, Value>) -> Result<(), Close> {
        let caller = identify(&self.house, &self.arrival, payload).await?;
        if !self.seat.move_to(&caller.limiter_key) {
            return Err(Close::TryLater);
        }
        self.caller = Some(caller);
        Ok(())
    }

    /// Takes in the fresh token of a ping; returns what the pong says about it.
    async fn refresh(&mut self, payload: &Map<String, Value>) -> Result<Option<Value>, Close> {
        if authorization(payload).is_none() {
            return Ok(None);
        }
        // A role that was taken away a moment ago must not be hidden by a token that was made after it.
        self.look_again().await?;
        let fresh = identify(&self.house, &self.arrival, payload).await?;
        // Operations already running belong to the caller they were started by.
        if self.caller.as_ref().is_some_and(|caller| caller.account != fresh.account) {
            return Err(Close::Forbidden);
        }
        let expires_at = fresh.expires_at.map(|end| end.to_rfc3339_opts(SecondsFormat::Secs, true));
        self.caller = Some(fresh);
        Ok(Some(json!({ "expiresAt": expires_at })))
    }

    async fn start(&mut self, id: String, payload: Map<String, Value>) -> Result<(), Close> {
        // The watch may be up to an interval old; a new operation never starts on a token that has ended.
        self.look_again().await?;
        let Some(mut caller) = self.caller.clone() else {
            return Err(Close::Unauthorized);
        };
        caller.life = self.lifeline.clone();
        let arrival = Arrival { trace: TraceId::random(), ..self.arrival };
        self.running.start(id, payload, Arc::clone(&self.house), caller, arrival);
        Ok(())
    }

    /// Ends the socket when the token has ended or the caller is no longer who they were.
    async fn look_again(&mut self) -> Result<(), Close> {
        let Some(caller) = &self.caller else {
            return Ok(());
        };
        if caller.has_expired(self.house.clock.now()) || !self.house.gate.still_valid(caller).await {
            return Err(Close::Forbidden);
        }
        Ok(())
    }

    fn ping(&mut self, ping_interval: Duration) -> Result<(), Close> {
        if self.heard_at.elapsed() > ping_interval * SILENT_INTERVALS {
            return Err(Close::Gone);
        }
        if self.outbox.is_empty() {
            self.outbox.push_back(Message::Ping(axum::body::Bytes::new()));
        }
        Ok(())
    }
}

/// Asks the gate who holds the token in a payload.
async fn identify(house: &House, arrival: &Arrival, payload: &Map<String, Value>) -> Result<Caller, Close> {
    let token = match authorization(payload) {
        None => None,
        Some(Value::String(text)) if bearer(text).is_some() => bearer(text),
        Some(_) => return Err(refused(&unreadable_token(), arrival)),
    };
    let caller = house.gate.identify(token, arrival).await.map_err(|refusal| refused(&refusal, arrival))?;
    if caller.has_expired(house.clock.now()) {
        return Err(Close::Forbidden);
    }
    Ok(caller)
}

fn refused(refusal: &Refusal, arrival: &Arrival) -> Close {
    tracing::info!(request.id = %arrival.trace, code = refusal.code(), "socket refused");
    if refusal.wait().is_some() || refusal.status().is_server_error() { Close::TryLater } else { Close::Forbidden }
}

fn every(period: Duration) -> Interval {
    let mut interval = interval(period.max(Duration::from_millis(1)));
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// Whether reading failed because of the size limit. The library gives no other sign than its own error's text.
fn is_too_big(error: &axum::Error) -> bool {
    error.to_string().contains("too long") || error.to_string().contains("too big")
}

fn too_many_operations(limit: usize) -> Refusal {
    Refusal::new(
        code::TOO_MANY_OPERATIONS,
        format!("more than {limit} operations on one socket; complete one first"),
        format!("单个连接同时运行的操作超过 {limit} 个，请先结束其中一个"),
    )
    .detail("limit", limit)
}
