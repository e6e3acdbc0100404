//! What comes: the stream of a consumer, opened again whenever it ends, or leases by plain requests.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::session::Session;
use super::socket::{Heard, Socket};
use super::{Endpoint, Trouble, fresh_key, trouble};
use crate::secret::Secret;

const STREAM: &str = "subscription($consumer: ID!, $after: StreamCursor, $most: Int = 50) {
    noticeStream(consumer: $consumer, after: $after, maxInFlight: $most) {
        __typename
        ... on EventBatch { cursor events { delivery { notice fence dedupeKey phone text segments template parameters } } }
        ... on StreamEnd { reason cursor } } }";
const LEASE: &str = "mutation($input: LeaseDeliveriesInput!) { leaseDeliveries(input: $input) {
    deliveries { notice fence dedupeKey phone text segments template parameters } userErrors { code message retryable } } }";
/// The longest wait before the stream is opened again.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A notice to send.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The notice.
    pub notice: String,
    /// The lease.
    pub fence: i64,
    /// The id of the message on every attempt.
    pub dedupe_key: String,
    /// The number.
    pub phone: Secret,
    /// The text.
    pub text: String,
    /// In how many SMS it goes.
    pub segments: u32,
    /// The template.
    pub template: String,
    /// The template's values.
    pub parameters: String,
}

/// Whoever takes deliveries.
pub trait Taker: Send {
    /// A stream begins anew behind [`Taker::cursor`]: what was not reported comes again.
    fn begin(&mut self);
    /// Takes a batch; everything before `cursor` has been given when it is done.
    fn take(&mut self, deliveries: Vec<Delivery>, cursor: Option<String>) -> impl Future<Output = ()> + Send;
    /// The cursor behind which nothing has been reported yet.
    fn cursor(&self) -> Option<String>;
    /// Goes on at this cursor, as the server asks for.
    fn jump(&mut self, cursor: String);
    /// How many notices there is room for.
    fn room(&self) -> u16;
}

/// Where deliveries come from.
pub struct Source {
    endpoint: Endpoint,
    socket: Url,
    session: Session,
    consumer: String,
    most: u16,
}

/// How a stream ended.
enum Ended {
    /// Open it again.
    Again(String),
    /// Somebody else has taken over, or it is refused for good.
    Final(String),
    /// The worker was told to end.
    Told,
}

#[derive(Deserialize)]
struct Event {
    delivery: Option<Delivery>,
}

#[derive(Deserialize)]
struct Leased {
    deliveries: Vec<Delivery>,
}

impl Source {
    /// Deliveries of a consumer.
    pub fn new(url: Url, session: Session, consumer: String, most: u16) -> Self {
        Self { endpoint: Endpoint::new(url.clone()), socket: url, session, consumer, most }
    }

    /// Follows the stream until the worker is told to end. An error is final.
    pub async fn follow(&self, taker: &mut impl Taker, stop: &CancellationToken) -> anyhow::Result<()> {
        let mut wait = Duration::from_millis(200);
        loop {
            let mut has_begun = false;
            match self.stream(taker, stop, &mut has_begun).await {
                Ended::Told => return Ok(()),
                Ended::Final(why) => anyhow::bail!(why),
                Ended::Again(why) => tracing::warn!(why, "the stream ended"),
            }
            if has_begun {
                wait = Duration::from_millis(200);
            }
            if stop.run_until_cancelled(sleep(wait)).await.is_none() {
                return Ok(());
            }
            wait = Ord::min(wait * 2, LONGEST_WAIT);
        }
    }

    async fn stream(&self, taker: &mut impl Taker, stop: &CancellationToken, has_begun: &mut bool) -> Ended {
        let token = match self.session.token().await {
            Ok(token) => token,
            Err(trouble @ Trouble::Refused { .. }) => return Ended::Final(trouble.to_string()),
            Err(trouble) => return Ended::Again(trouble.to_string()),
        };
        taker.begin();
        let variables = json!({ "consumer": self.consumer, "after": taker.cursor(), "most": self.most });
        let mut socket = match Socket::open(&self.socket, &token, STREAM, &variables).await {
            Ok(socket) => socket,
            Err(error) => {
                self.session.distrust(&token).await;
                return Ended::Again(format!("{error:#}"));
            }
        };
        loop {
            let heard = tokio::select! {
                heard = socket.heard() => heard,
                () = self.session.ageing() => {
                    // Whether or not there is a fresh one: without it the server ends the stream in time.
                    if let Ok(fresh) = self.session.token().await
                        && let Err(error) = socket.refresh(&fresh).await
                    {
                        return Ended::Again(format!("{error:#}"));
                    }
                    sleep(Duration::from_secs(1)).await;
                    continue;
                }
                () = stop.cancelled() => {
                    socket.close().await;
                    return Ended::Told;
                }
            };
            match heard {
                Heard::Next(mut payload) => {
                    let frame = payload["data"]["noticeStream"].take();
                    *has_begun = true;
                    if let Some(ended) = self.frame(frame, taker, &token).await {
                        return ended;
                    }
                }
                Heard::Complete => return Ended::Again("the server ended it".to_owned()),
                Heard::Refused(error) => {
                    return match trouble(&error) {
                        trouble @ Trouble::Refused { .. } => Ended::Final(trouble.to_string()),
                        trouble => Ended::Again(trouble.to_string()),
                    };
                }
                Heard::Closed(why) => return Ended::Again(why),
            }
        }
    }

    /// Takes a frame in; says how the stream ended, if it did.
    async fn frame(&self, mut frame: Value, taker: &mut impl Taker, token: &Secret) -> Option<Ended> {
        match frame["__typename"].as_str() {
            Some("EventBatch") => {
                let cursor = frame["cursor"].as_str().map(str::to_owned);
                let Ok(events) = serde_json::from_value::<Vec<Event>>(frame["events"].take()) else {
                    return Some(Ended::Again("a batch cannot be read".to_owned()));
                };
                taker.take(events.into_iter().filter_map(|event| event.delivery).collect(), cursor).await;
                None
            }
            Some("StreamEnd") => {
                let reason = frame["reason"].as_str().unwrap_or_default().to_owned();
                Some(match reason.as_str() {
                    "REPLACED" => Ended::Final("another worker has taken this consumer over".to_owned()),
                    "CURSOR_TRIMMED" => {
                        if let Some(cursor) = frame["cursor"].as_str() {
                            taker.jump(cursor.to_owned());
                        }
                        Ended::Again(reason)
                    }
                    "AUTH_EXPIRED" => {
                        self.session.distrust(token).await;
                        Ended::Again(reason)
                    }
                    "GAP" => {
                        tracing::error!("a number is missing in the stream: tell the operator of the server");
                        Ended::Again(reason)
                    }
                    _ => Ended::Again(reason),
                })
            }
            _ => None,
        }
    }

    /// Leases by plain requests until the worker is told to end. An error is final.
    pub async fn poll(&self, taker: &mut impl Taker, every: Duration, stop: &CancellationToken) -> anyhow::Result<()> {
        taker.begin();
        while !stop.is_cancelled() {
            let found = match Ord::min(taker.room(), self.most) {
                0 => false,
                room => match self.lease(room).await {
                    Ok(deliveries) => {
                        let found = !deliveries.is_empty();
                        taker.take(deliveries, None).await;
                        found
                    }
                    Err(trouble @ Trouble::Refused { .. }) => anyhow::bail!("{trouble}"),
                    Err(trouble) => {
                        tracing::warn!(%trouble, "nothing can be leased");
                        false
                    }
                },
            };
            let wait = if found { Duration::from_millis(50) } else { every };
            stop.run_until_cancelled(sleep(wait)).await;
        }
        Ok(())
    }

    async fn lease(&self, most: u16) -> Result<Vec<Delivery>, Trouble> {
        let token = self.session.token().await?;
        let input = json!({ "input": { "consumer": self.consumer, "max": most, "idempotencyKey": fresh_key() } });
        let leased: Result<Leased, _> = self.endpoint.ask(Some(&token), LEASE, &input, "leaseDeliveries").await;
        if matches!(leased, Err(Trouble::Unauthenticated)) {
            self.session.distrust(&token).await;
        }
        Ok(leased?.deliveries)
    }
}
