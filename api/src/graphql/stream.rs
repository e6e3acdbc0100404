//! The durable stream of notices.

use async_graphql::{
    Context, Enum, ID, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Subscription, Union, Value,
};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use entity::ids::NetworkId;
use futures::stream::BoxStream;
use futures::{FutureExt as _, StreamExt as _};

use super::context::Reach as _;
use super::delivery::NoticeDelivery;
use super::errors::OrGraphql as _;
use super::ids::GlobalId;
use crate::http::gate::{Caller, Life};
use crate::services::delivery::stream::{self, EndReason, Frame, Position, StreamEvent};

/// A place in a stream of notices: everything up to it has been seen. Keep it as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamCursor(pub Position);

/// A place in a stream of notices: everything up to it has been seen. Keep it as it is, and give it back as `after`.
#[Scalar]
impl ScalarType for StreamCursor {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        read(text).map(Self).ok_or_else(|| InputValueError::custom("this is no cursor of a stream of notices"))
    }

    fn to_value(&self) -> Value {
        let Position { network, sequence } = self.0;
        Value::String(BASE64_URL_SAFE_NO_PAD.encode(format!("notices:{network}:{sequence}")))
    }
}

fn read(text: &str) -> Option<Position> {
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (network, sequence) = text.strip_prefix("notices:")?.split_once(':')?;
    Some(Position { network: NetworkId(network.parse().ok()?), sequence: sequence.parse().ok()? })
}

/// Says that a notice may be sent.
#[derive(SimpleObject)]
pub struct NoticeEvent {
    /// The same however often the event is sent: what was seen under it before has been seen.
    event_id: ID,
    /// Place in the stream of the network: one more than the event before, without gaps.
    sequence: i64,
    /// Events of one key come in the order in which their notices were drafted, each after the one before has been reported.
    ordering_key: ID,
    /// The cursor behind this event.
    cursor: StreamCursor,
    /// What to send; null when nothing is to be done about it any more: it was sent, called back, or handed out again.
    delivery: Option<NoticeDelivery>,
}

/// Events, in the order of their numbers.
#[derive(SimpleObject)]
pub struct EventBatch {
    /// The events.
    events: Vec<NoticeEvent>,
    /// The cursor behind the last of them.
    cursor: StreamCursor,
}

/// Nothing happened; the stream is alive.
#[derive(SimpleObject)]
pub struct Heartbeat {
    /// The server's time.
    at: DateTime<Utc>,
    /// Where the stream stands.
    cursor: StreamCursor,
}

/// Why a stream ends.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "stream::EndReason")]
pub enum StreamEndReason {
    /// The token has ended, or the role was taken away: come back with a fresh token.
    AuthExpired,
    /// A number is missing. Nothing was passed over: tell the operator, then come back with the cursor.
    Gap,
    /// Frames were not taken in time: come back with the cursor.
    SlowConsumer,
    /// The server stops: come back with the cursor, perhaps to another server.
    Shutdown,
    /// What comes after the cursor has been removed: the given cursor is the oldest from which one can go on.
    CursorTrimmed,
    /// Another stream of the same consumer was opened: do not come back.
    Replaced,
}

/// The last frame of a stream.
#[derive(SimpleObject)]
pub struct StreamEnd {
    /// Why it ends.
    reason: StreamEndReason,
    /// Come back with it as `after`.
    cursor: StreamCursor,
}

/// What a stream of notices gives.
#[derive(Union)]
pub enum StreamFrame {
    /// Events.
    EventBatch(EventBatch),
    /// A sign of life.
    Heartbeat(Heartbeat),
    /// The end.
    StreamEnd(StreamEnd),
}

fn frame((frame, at): (Frame, Position)) -> StreamFrame {
    let cursor = StreamCursor(at);
    match frame {
        Frame::Batch(events) => {
            let events = events.into_iter().map(|StreamEvent { event, delivery }| {
                let sequence = event.sequence.unwrap_or_default();
                NoticeEvent {
                    event_id: event.id.global(),
                    sequence,
                    ordering_key: event.recipient_id.global(),
                    cursor: StreamCursor(Position { network: event.network_id, sequence }),
                    delivery: delivery.map(Into::into),
                }
            });
            StreamFrame::EventBatch(EventBatch { events: events.collect(), cursor })
        }
        Frame::Heartbeat(at) => StreamFrame::Heartbeat(Heartbeat { at, cursor }),
        Frame::End(reason) => StreamFrame::StreamEnd(StreamEnd { reason: reason.into(), cursor }),
    }
}

/// The durable stream.
#[derive(Default)]
pub struct NoticeSubscription;

#[Subscription]
impl NoticeSubscription {
    /// Notices to send: what was missed since `after`, then what comes, each under a lease of 60 seconds. Nothing is lost and
    /// nothing is passed over, whatever dies and whenever; what may come twice comes under the same `dedupeKey`. Report with
    /// `ackDeliveries` and `nackDelivery`. One stream per consumer: a second one ends the first. For the SMS worker.
    async fn notice_stream(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For which consumer.")] consumer: ID,
        #[graphql(desc = "Where to go on; if left out, at the oldest notice that nobody has reported on.")]
        after: Option<StreamCursor>,
        #[graphql(
            desc = "How many notices may be unreported at a time, 1 to 500; no more come until some have been reported.",
            default = 50
        )]
        max_in_flight: i64,
    ) -> async_graphql::Result<BoxStream<'static, StreamFrame>> {
        let service = ctx.service()?;
        let life = ctx.data::<Caller>()?.life.clone();
        let farewell = async move {
            match life.over().await {
                Life::Closing => EndReason::Shutdown,
                Life::Open | Life::Expired => EndReason::AuthExpired,
            }
        };
        let run = async {
            let consumer = GlobalId::parse(&consumer, "consumer")?;
            let after = after.map(|cursor| cursor.0);
            stream::open(service, consumer, after, max_in_flight, farewell.boxed()).await
        };
        Ok(run.await.or_graphql()?.map(frame).boxed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back() {
        let cursor = StreamCursor(Position { network: NetworkId(3), sequence: 17 });
        assert_eq!(StreamCursor::parse(cursor.to_value()).unwrap(), cursor);
        for bad in ["", "x", "bm90aWNlczoz", "bm90aWNlczp4OjE"] {
            assert!(StreamCursor::parse(Value::String(bad.to_owned())).is_err(), "{bad}");
        }
    }
}
