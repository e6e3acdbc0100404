//! GraphQL over server-sent events, in distinct connections mode: one operation per request, each result an event.
//!
//! For clients that have no WebSocket: `curl -N` will do. The token is watched as on the socket, so a stream ends when the
//! token does; there is no way to bring a fresh one, so the client comes back with it.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Response as Result;
use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderValue, header},
    response::Response,
};
use futures::{StreamExt, stream, stream::BoxStream};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{
    identify,
    negotiate::{self, Media},
    read, unsupported_media_type,
};
use crate::http::{
    House,
    admission::{OperationType, Transport},
    answer::{Answer, Cost},
    code,
    gate::{Arrival, Caller, Life, Lifeline},
    refusal::Refusal,
    respond::respond,
    websocket::sockets::Seat,
};

/// Events waiting to be read.
const QUEUE: usize = 8;
/// How long the operation has for a last word.
const LAST_WORD: Duration = Duration::from_millis(300);
/// How often a silent stream says that it is there, so that no proxy takes it for dead.
const COMMENT: Duration = Duration::from_secs(12);

/// Answers a POST with a stream of events, or with a plain refusal.
pub(crate) async fn streamed(house: &Arc<House>, arrival: Arrival, request: Request) -> Response {
    let refuse = |refusal| respond(&Answer::refused(refusal, house.no_cost()), Media::Response);
    if !negotiate::is_plain_json(request.headers()) {
        return refuse(unsupported_media_type());
    }
    let mut caller = match identify(house, request.headers(), &arrival).await {
        Ok(caller) => caller,
        Err(refusal) => return refuse(refusal),
    };
    let params = match read(house, request, Transport::Events).await {
        Ok(params) => params,
        Err(refusal) => return refuse(refusal),
    };
    let Some(seat) = house.sockets.enter(&caller.limiter_key) else {
        return refuse(too_many());
    };
    let (life, lifeline) = Lifeline::new();
    caller.life = lifeline;
    let ready = match house.admit(params, Transport::Events, &caller, arrival).await {
        Ok(ready) => ready,
        Err(answer) => return respond(&answer, Media::Response),
    };
    let (queue, events) = mpsc::channel(QUEUE);
    if ready.summary.kind == OperationType::Subscription {
        let (responses, cost) = house.subscribe(ready);
        let task = Task { house: Arc::clone(house), arrival, caller, seat, cost, queue };
        tokio::spawn(task.run(responses, life));
    } else {
        let answer = house.execute(ready).await;
        tokio::spawn(async move {
            if queue.send(event("next", Some(&answer))).await.is_ok() {
                let _ = queue.send(event("complete", None::<&Answer>)).await;
            }
        });
    }
    let body = stream::unfold(events, |mut events| async move {
        let event = events.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(event), events))
    });
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    // A proxy that collects what it passes on would hold the events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    headers.append(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// A subscription that is written out.
struct Task {
    house: Arc<House>,
    arrival: Arrival,
    caller: Caller,
    seat: Seat,
    cost: Cost,
    queue: mpsc::Sender<Bytes>,
}

impl Task {
    async fn run(self, mut responses: BoxStream<'static, Result>, life: tokio::sync::watch::Sender<Life>) {
        let mut watch = interval(self.house.settings.socket.watch_interval.max(Duration::from_millis(1)));
        watch.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut comment = interval(COMMENT);
        comment.reset();
        loop {
            let going_on = tokio::select! {
                response = responses.next() => {
                    let Some(response) = response else {
                        self.write(event("complete", None::<&Answer>)).await;
                        return;
                    };
                    self.say(response).await
                }
                _ = watch.tick() => {
                    let over = self.caller.has_expired(self.house.clock.now())
                        || !self.house.gate.still_valid(&self.caller).await;
                    if over {
                        return self.part(responses, &life, Life::Expired).await;
                    }
                    true
                }
                _ = comment.tick() => self.write(Bytes::from_static(b":\n\n")).await,
                () = self.seat.closing() => return self.part(responses, &life, Life::Closing).await,
                () = self.queue.closed() => false,
            };
            if !going_on {
                return;
            }
        }
    }

    /// Lets the subscription say why it ends and from where to go on.
    async fn part(
        &self,
        mut responses: BoxStream<'static, Result>,
        life: &tokio::sync::watch::Sender<Life>,
        end: Life,
    ) {
        life.send_replace(end);
        if let Ok(Some(response)) = timeout(LAST_WORD, responses.next()).await {
            self.say(response).await;
        }
        self.write(event("complete", None::<&Answer>)).await;
    }

    async fn say(&self, response: Result) -> bool {
        let answer = self.house.answer(response, self.cost, self.arrival);
        self.write(event("next", Some(&answer))).await
    }

    /// False when the client has gone, or does not read.
    async fn write(&self, event: Bytes) -> bool {
        matches!(timeout(self.house.settings.socket.write_timeout, self.queue.send(event)).await, Ok(Ok(())))
    }
}

fn event(name: &str, data: Option<&impl Serialize>) -> Bytes {
    // JSON holds no line break, so it is one line of data.
    let data = data.and_then(|data| serde_json::to_string(data).ok()).unwrap_or_default();
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}

fn too_many() -> Refusal {
    Refusal::new(
        code::OVERLOADED,
        "too many open connections; close some, or try again later",
        "连接数过多，请关闭部分连接或稍后再试",
    )
    .retry_after(Duration::from_secs(10))
}
