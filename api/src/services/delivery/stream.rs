//! The stream of a consumer: what was missed, then what comes, from the same table.
//!
//! A reader waits for its network's bell, reads numbered events from the table, leases their notices, and hands them on.
//! The bell is watched before the table is read, so nothing falls between. As the table is the only source, what was stored
//! and what comes cannot overlap, and each number must be one more than the last: anything else ends the stream.
//!
//! A reader takes no more than `maxInFlight` notices at a time that nobody has reported on, and keeps none of them itself: a
//! consumer that never reports costs no memory.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::consumer::{self, ConsumerState};
use entity::ids::{ConsumerId, NetworkId};
use entity::notice::{self, NoticeState};
use entity::{outbox_event, outbox_head};
use futures::future::{BoxFuture, Fuse};
use futures::{FutureExt as _, Stream, stream};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _,
};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::lease::{Delivery, MOST, consumer, take};
use crate::auth::policy::{Action, Target};
use crate::error::{Error, Result};
use crate::services::Ctx;

/// The most events of one batch.
const PAGE: i64 = 100;
/// Wait before the table is asked again after it could not be read.
const RECOVERY: Duration = Duration::from_secs(1);

/// A place in the stream of a network: everything up to `sequence` has been seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Whose stream.
    pub network: NetworkId,
    /// The last number that was seen.
    pub sequence: i64,
}

/// Why a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The token has ended, or the role was taken away.
    AuthExpired,
    /// A number is missing.
    Gap,
    /// The client does not read.
    SlowConsumer,
    /// The server stops.
    Shutdown,
    /// What comes next has been removed.
    CursorTrimmed,
    /// Another stream of the same consumer was opened.
    Replaced,
}

/// One event of the stream.
#[derive(Clone)]
pub struct StreamEvent {
    /// The event.
    pub event: outbox_event::Model,
    /// The notice to be sent; none when there is nothing to be done about it any more.
    pub delivery: Option<Delivery>,
}

/// What a stream gives.
#[derive(Clone)]
pub enum Frame {
    /// Events, in the order of their numbers without a gap.
    Batch(Vec<StreamEvent>),
    /// Nothing happened; the stream is alive.
    Heartbeat(DateTime<Utc>),
    /// Nothing more comes.
    End(EndReason),
}

/// Opens the stream of a consumer; one that was open before ends. `farewell` is ready when the caller's time is over.
pub async fn open(
    ctx: &Ctx,
    id: ConsumerId,
    after: Option<Position>,
    max_in_flight: i64,
    farewell: BoxFuture<'static, EndReason>,
) -> Result<impl Stream<Item = (Frame, Position)> + Send + use<>> {
    if !(1..=MOST).contains(&max_in_flight) {
        return Err(Error::invalid("maxInFlight", "between 1 and 500", "取值应为 1 至 500"));
    }
    let conn = ctx.reader();
    let row = consumer(ctx, conn, id).await?;
    ctx.authorize(Action::LeaseDeliveries, Target::network(row.network_id))?;
    if after.is_some_and(|position| position.network != row.network_id || position.sequence < 0) {
        return Err(Error::invalid("after", "this is no cursor of this stream", "该游标不属于此消费端"));
    }
    // Before anything is read, so that what comes meanwhile rings.
    let bell = ctx.state().events().streams(row.network_id);
    let sequence = match after {
        Some(position) => position.sequence,
        None => first_unfinished(conn, row.network_id).await?,
    };
    let epoch = begin_epoch(ctx, &row).await?;
    let reader = Reader {
        ctx: ctx.clone(),
        consumer: row.id,
        holder: format!("{}/{epoch}", row.id),
        epoch,
        at: Position { network: row.network_id, sequence },
        max_in_flight,
        bell,
        farewell: farewell.fuse(),
        handed_on: None,
        is_over: false,
    };
    Ok(stream::unfold(reader, |mut reader| async move {
        let frame = reader.next().await?;
        Some(((frame, reader.at), reader))
    }))
}

/// The place before the oldest event that something is still to be done about.
async fn first_unfinished(conn: &impl ConnectionTrait, network: NetworkId) -> Result<i64> {
    // The tip comes first: what is numbered between the two questions lies behind it, and is not passed over.
    let tip = head(conn, network).await?.tip;
    let waiting = notice::Entity::find()
        .select_only()
        .column(notice::Column::Id)
        .filter(notice::Column::NetworkId.eq(network))
        .filter(notice::Column::State.is_in([NoticeState::Queued, NoticeState::Leased]));
    let first: Option<Option<i64>> = outbox_event::Entity::find()
        .select_only()
        .column_as(outbox_event::Column::Sequence.min(), "first")
        .filter(outbox_event::Column::NetworkId.eq(network))
        .filter(outbox_event::Column::NoticeId.in_subquery(waiting.into_query()))
        .into_tuple()
        .one(conn)
        .await?;
    Ok(first.flatten().map_or(tip, |sequence| Ord::min(tip, sequence - 1)))
}

async fn head(conn: &impl ConnectionTrait, network: NetworkId) -> Result<outbox_head::Model> {
    let head = outbox_head::Entity::find_by_id(network).one(conn).await?;
    head.ok_or_else(|| Error::internal(anyhow::anyhow!("a network has no stream")))
}

/// Ends the streams that were open, on any server, by being newer than they.
async fn begin_epoch(ctx: &Ctx, row: &consumer::Model) -> Result<i64> {
    let (database, events) = (ctx.state().database(), ctx.state().events());
    let txn = database.begin().await?;
    let updated = consumer::Entity::update_many()
        .col_expr(consumer::Column::Epoch, Expr::col(consumer::Column::Epoch).add(1))
        .col_expr(consumer::Column::ConnectedAt, Expr::value(ctx.now()))
        .filter(consumer::Column::Id.eq(row.id))
        .exec_with_returning(&txn)
        .await?;
    database.notify(&txn, vec![events.streams_payload(row.network_id)]).await?;
    txn.commit().await?;
    events.ring_streams(row.network_id);
    updated.first().map(|row| row.epoch).ok_or_else(Error::not_found)
}

struct Reader {
    ctx: Ctx,
    consumer: ConsumerId,
    /// Marks the leases of this stream.
    holder: String,
    epoch: i64,
    at: Position,
    max_in_flight: i64,
    bell: watch::Receiver<u64>,
    farewell: Fuse<BoxFuture<'static, EndReason>>,
    /// When the last frame was handed to the door.
    handed_on: Option<Instant>,
    is_over: bool,
}

impl Reader {
    async fn next(&mut self) -> Option<Frame> {
        if self.is_over {
            return None;
        }
        let frame = self.wait().await;
        self.is_over = matches!(frame, Frame::End(_));
        self.handed_on = Some(Instant::now());
        Some(frame)
    }

    async fn wait(&mut self) -> Frame {
        let settings = self.ctx.state().delivery().clone();
        // Whoever does not take a frame for as long as a lease lasts has lost what was in it.
        if self.handed_on.is_some_and(|at| at.elapsed() > settings.lease) {
            return Frame::End(EndReason::SlowConsumer);
        }
        let silence = Instant::now() + settings.heartbeat;
        loop {
            if let Some(reason) = (&mut self.farewell).now_or_never() {
                return Frame::End(reason);
            }
            self.bell.mark_unchanged();
            match self.advance().await {
                Ok(Some(frame)) => return frame,
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(error = ?error.source, consumer.id = %self.consumer, "a stream cannot read");
                    sleep(RECOVERY).await;
                }
            }
            tokio::select! {
                reason = &mut self.farewell => return Frame::End(reason),
                _ = self.bell.changed() => {}
                () = tokio::time::sleep_until(silence) => return Frame::Heartbeat(self.ctx.now()),
            }
        }
    }

    /// The next events, if there are any and the consumer has room for them.
    async fn advance(&mut self) -> Result<Option<Frame>> {
        let conn = self.ctx.reader();
        let row = consumer::Entity::find_by_id(self.consumer).one(conn).await?.ok_or_else(Error::not_found)?;
        if row.epoch != self.epoch {
            return Ok(Some(Frame::End(EndReason::Replaced)));
        }
        if row.state == ConsumerState::Paused {
            return Ok(None);
        }
        let head = head(conn, self.at.network).await?;
        if self.at.sequence < head.trimmed {
            self.at.sequence = head.trimmed;
            return Ok(Some(Frame::End(EndReason::CursorTrimmed)));
        }
        if self.at.sequence > head.tip {
            return Ok(Some(self.gap(head.tip)));
        }
        if self.at.sequence == head.tip {
            return Ok(None);
        }
        let unreported = notice::Entity::find()
            .filter(notice::Column::State.eq(NoticeState::Leased))
            .filter(notice::Column::NetworkId.eq(self.at.network))
            .filter(notice::Column::LeasedBy.eq(&self.holder))
            .count(conn)
            .await?;
        let room = self.max_in_flight - i64::try_from(unreported).unwrap_or(i64::MAX);
        if room <= 0 {
            return Ok(None);
        }
        self.read(Ord::min(room, PAGE)).await
    }

    async fn read(&mut self, most: i64) -> Result<Option<Frame>> {
        let txn = self.ctx.state().database().begin().await?;
        // Takes the consumer for this transaction, unless a newer stream has it.
        let held = consumer::Entity::update_many()
            .col_expr(consumer::Column::Epoch, Expr::value(self.epoch))
            .filter(consumer::Column::Id.eq(self.consumer))
            .filter(consumer::Column::Epoch.eq(self.epoch))
            .exec_with_returning(&txn)
            .await?;
        let Some(row) = held.first() else { return Ok(Some(Frame::End(EndReason::Replaced))) };
        let events = outbox_event::Entity::find()
            .filter(outbox_event::Column::NetworkId.eq(self.at.network))
            .filter(outbox_event::Column::Sequence.gt(self.at.sequence))
            .order_by_asc(outbox_event::Column::Sequence)
            .limit(u64::try_from(most).unwrap_or(1))
            .all(&txn)
            .await?;
        let numbers = (self.at.sequence + 1..).map(Some);
        if events.is_empty()
            || events.iter().map(|event| event.sequence).zip(numbers).any(|(found, next)| found != next)
        {
            return Ok(Some(self.gap(self.at.sequence)));
        }
        let taken = take(&txn, self.ctx.state(), row, &self.holder, events.clone(), self.ctx.now()).await?;
        txn.commit().await?;
        self.at.sequence = events.last().and_then(|event| event.sequence).unwrap_or(self.at.sequence);
        let mut taken: std::collections::HashMap<_, _> =
            taken.into_iter().map(|delivery| (delivery.event.id, delivery)).collect();
        let events = events.into_iter().map(|event| StreamEvent { delivery: taken.remove(&event.id), event }).collect();
        Ok(Some(Frame::Batch(events)))
    }

    fn gap(&self, found: i64) -> Frame {
        tracing::error!(network.id = %self.at.network, cursor = self.at.sequence, found, "numbers of events are missing");
        Frame::End(EndReason::Gap)
    }
}
