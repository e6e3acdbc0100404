//! Handing notices to a worker: for a time, under a fence, with the number to send to.
//!
//! Two ways lead here, the stream and [`lease`]; both take numbered events in the order of their numbers, and neither takes
//! a notice that somebody else holds.

use chrono::{DateTime, Utc};
use entity::consumer::{self, ConsumerState};
use entity::ids::{ConsumerId, NetworkId, NoticeId, OutboxEventId};
use entity::notice::{self, NoticeState};
use entity::notice_attempt::{self, AttemptOutcome};
use entity::{outbox_event, person_phone};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, JoinType, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

use super::attempt::{self, Ending};
use crate::auth::policy::{Action, Target};
use crate::error::{Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, phone};
use crate::state::AppState;

/// The most notices that one lease takes.
pub const MOST: i64 = 500;
/// What a notice fails with when there is no number to send it to.
pub const NO_PHONE: &str = "NO_PHONE";

/// A notice in a worker's hands.
#[derive(Clone)]
pub struct Delivery {
    /// The event that says it may be sent.
    pub event: outbox_event::Model,
    /// The notice, under its present lease.
    pub notice: notice::Model,
    /// The number to send it to. Shown to nobody but the consumer.
    pub phone: Phone,
}

/// A whole phone number, which no log shows.
#[derive(Clone)]
pub struct Phone(pub(super) String);

impl Phone {
    /// The digits.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// The consumer for which the caller sends notices, or which they may at least see.
pub(super) async fn consumer(ctx: &Ctx, conn: &impl ConnectionTrait, id: ConsumerId) -> Result<consumer::Model> {
    let of = consumer::Column::Id.eq(id);
    if let Some(row) = ctx.scope().served_consumers().filter(of.clone()).one(conn).await? {
        return Ok(row);
    }
    ctx.scope().consumers().filter(of).one(conn).await?.ok_or_else(Error::not_found)
}

/// Asks for notices without a socket.
#[derive(Clone, Debug, Serialize)]
pub struct LeaseDeliveries {
    /// See [`Command`].
    pub idempotency_key: String,
    /// For which consumer.
    pub consumer: ConsumerId,
    /// At most so many.
    pub max: i64,
}

impl Command for LeaseDeliveries {
    fn name(&self) -> &'static str {
        "leaseDeliveries"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// What was leased, as it is remembered for a repetition: no number, no text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeaseOutcome {
    consumer: ConsumerId,
    leases: Vec<(OutboxEventId, NoticeId, i64)>,
}

/// Leases what may be sent, oldest first. A repetition of the request gives what is still leased by it.
pub async fn lease(ctx: &Ctx, command: LeaseDeliveries) -> Result<(ConsumerId, Vec<Delivery>)> {
    if !(1..=MOST).contains(&command.max) {
        return Err(Error::invalid("max", "lease 1 to 500 notices at once", "每次领取 1 至 500 条"));
    }
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return again(ctx, outcome).await,
        Begun::Fresh(write) => write,
    };
    let consumer = consumer(ctx, write.conn(), command.consumer).await?;
    ctx.authorize(Action::LeaseDeliveries, Target::network(consumer.network_id))?;
    let now = ctx.now();
    let events = open_events(write.conn(), consumer.network_id, command.max).await?;
    let holder = pull(consumer.id);
    let taken = take(write.conn(), ctx.state(), &consumer, &holder, events, now).await?;
    let leases = taken.iter().map(|taken| (taken.event.id, taken.notice.id, taken.notice.fence)).collect();
    write.in_network(consumer.network_id);
    if !taken.is_empty() {
        let details = serde_json::json!({ "notices": taken.iter().map(|taken| taken.notice.id).collect::<Vec<_>>() });
        write.record(Entry::new("LeaseDeliveries", ObjectKind::Consumer, consumer.id.0).with(details));
    }
    write.commit(&LeaseOutcome { consumer: consumer.id, leases }).await?;
    Ok((consumer.id, taken))
}

/// What a repeated request gets.
async fn again(ctx: &Ctx, outcome: LeaseOutcome) -> Result<(ConsumerId, Vec<Delivery>)> {
    let conn = ctx.reader();
    let row = consumer(ctx, conn, outcome.consumer).await?;
    ctx.authorize(Action::LeaseDeliveries, Target::network(row.network_id))?;
    let fences: HashMap<NoticeId, i64> = outcome.leases.iter().map(|(_, notice, fence)| (*notice, *fence)).collect();
    let rows = notice::Entity::find()
        .filter(notice::Column::Id.is_in(fences.keys().copied()))
        .filter(notice::Column::State.eq(NoticeState::Leased))
        .all(conn)
        .await?;
    let kept: Vec<_> = rows.into_iter().filter(|row| fences.get(&row.id) == Some(&row.fence)).collect();
    let ids = outcome.leases.iter().map(|(event, _, _)| *event);
    let events = outbox_event::Entity::find()
        .filter(outbox_event::Column::Id.is_in(ids))
        .order_by_asc(outbox_event::Column::Sequence)
        .all(conn)
        .await?;
    let (deliveries, _) = with_phones(conn, ctx.state(), events, kept).await?;
    Ok((row.id, deliveries))
}

/// Numbered events whose notices wait, oldest first.
async fn open_events(conn: &impl ConnectionTrait, network: NetworkId, max: i64) -> Result<Vec<outbox_event::Model>> {
    use outbox_event::Column as E;

    let of_notice = Condition::all()
        .add(Expr::col((notice::Entity, notice::Column::Id)).equals((outbox_event::Entity, E::NoticeId)))
        .add(Expr::col((notice::Entity, notice::Column::Round)).equals((outbox_event::Entity, E::Round)))
        .add(Expr::col((notice::Entity, notice::Column::Attempt)).equals((outbox_event::Entity, E::Attempt)));
    let mut select = outbox_event::Entity::find();
    sea_orm::QueryTrait::query(&mut select).join(JoinType::InnerJoin, notice::Entity, of_notice);
    Ok(select
        .filter(E::NetworkId.eq(network))
        .filter(E::Sequence.is_not_null())
        .filter(notice::Column::NetworkId.eq(network))
        .filter(notice::Column::State.eq(NoticeState::Queued))
        .order_by_asc(E::Sequence)
        .limit(u64::try_from(max).unwrap_or(1))
        .all(conn)
        .await?)
}

/// Marks the leases of workers without a stream.
fn pull(consumer: ConsumerId) -> String {
    format!("{consumer}/pull")
}

/// Leases the notices of `events` for `holder`, as far as they may be: those that wait, and for a
/// stream those that an earlier one holds, which come under a new fence. The rest of the events have nothing to be done about them.
pub(super) async fn take(
    conn: &impl ConnectionTrait,
    state: &AppState,
    consumer: &consumer::Model,
    holder: &str,
    events: Vec<outbox_event::Model>,
    now: DateTime<Utc>,
) -> Result<Vec<Delivery>> {
    use notice::Column as N;

    if consumer.state == ConsumerState::Paused || events.is_empty() {
        return Ok(Vec::new());
    }
    // An event of an earlier attempt says nothing any more.
    let ids: Vec<NoticeId> = events.iter().map(|event| event.notice_id).collect();
    let current: HashMap<NoticeId, (i64, i64)> = notice::Entity::find()
        .filter(N::Id.is_in(ids))
        .all(conn)
        .await?
        .into_iter()
        .map(|row| (row.id, (row.round, row.attempt)))
        .collect();
    let live: Vec<_> = events
        .into_iter()
        .filter(|event| current.get(&event.notice_id) == Some(&(event.round, event.attempt)))
        .collect();
    // What an earlier stream of the consumer held is handed on; what a worker without a stream holds is not.
    let pull = pull(consumer.id);
    let may_take = Condition::any().add(N::State.eq(NoticeState::Queued)).add_option((holder != pull).then(|| {
        Condition::all()
            .add(N::State.eq(NoticeState::Leased))
            .add(N::LeasedBy.starts_with(format!("{}/", consumer.id)))
            .add(N::LeasedBy.ne(pull))
    }));
    let rows = notice::Entity::update_many()
        .col_expr(N::State, Expr::value(NoticeState::Leased))
        .col_expr(N::Fence, Expr::col(N::Fence).add(1))
        .col_expr(N::LeasedBy, Expr::value(holder))
        .col_expr(N::LeaseUntil, Expr::value(now + state.delivery().lease))
        .col_expr(N::NextAttemptAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(N::Version, Expr::col(N::Version).add(1))
        .filter(N::Id.is_in(live.iter().map(|event| event.notice_id)))
        .filter(may_take)
        .exec_with_returning(conn)
        .await?;
    record_attempts(conn, &live, &rows, holder, now).await?;
    let (deliveries, without_phone) = with_phones(conn, state, live, rows).await?;
    for row in without_phone {
        let ending = Ending {
            outcome: AttemptOutcome::Refused,
            class: entity::failure_code::FailureClass::Final,
            code: Some(NO_PHONE.to_owned()),
            text: None,
        };
        attempt::fail(conn, state.delivery(), &row, ending, now).await?;
    }
    if !deliveries.is_empty() {
        consumer::Entity::update_many()
            .col_expr(consumer::Column::LastLeaseAt, Expr::value(now))
            .filter(consumer::Column::Id.eq(consumer.id))
            .exec(conn)
            .await?;
    }
    Ok(deliveries)
}

async fn record_attempts(
    conn: &impl ConnectionTrait,
    events: &[outbox_event::Model],
    rows: &[notice::Model],
    holder: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    use notice_attempt::Column as C;

    if rows.is_empty() {
        return Ok(());
    }
    let of: HashMap<NoticeId, OutboxEventId> = events.iter().map(|event| (event.notice_id, event.id)).collect();
    let attempts = rows.iter().filter_map(|row| {
        Some(notice_attempt::ActiveModel {
            id: NotSet,
            notice_id: Set(row.id),
            round: Set(row.round),
            number: Set(row.attempt),
            event_id: Set(*of.get(&row.id)?),
            fence: Set(row.fence),
            leased_by: Set(holder.to_owned()),
            leased_at: Set(now),
            decided_at: Set(None),
            outcome: Set(None),
            failure_class: Set(None),
            gateway_code: Set(None),
            gateway_text: Set(None),
        })
    });
    // An attempt that is handed out again, to the same consumer, is the same attempt under a new fence.
    let again = OnConflict::columns([C::NoticeId, C::Round, C::Number])
        .update_columns([C::Fence, C::LeasedBy, C::LeasedAt, C::EventId])
        .to_owned();
    notice_attempt::Entity::insert_many(attempts).on_conflict(again).exec_without_returning(conn).await?;
    Ok(())
}

/// Puts events, notices and numbers together, in the order of the events; and those without a number.
async fn with_phones(
    conn: &impl ConnectionTrait,
    state: &AppState,
    events: Vec<outbox_event::Model>,
    rows: Vec<notice::Model>,
) -> Result<(Vec<Delivery>, Vec<notice::Model>)> {
    let phones: HashMap<_, _> = person_phone::Entity::find()
        .filter(person_phone::Column::PersonId.is_in(rows.iter().map(|row| row.recipient_id)))
        .all(conn)
        .await?
        .into_iter()
        .map(|row| (row.person_id, row))
        .collect();
    let mut by_id: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let (mut deliveries, mut without) = (Vec::new(), Vec::new());
    for event in events {
        let Some(notice) = by_id.remove(&event.notice_id) else { continue };
        match phones.get(&notice.recipient_id) {
            Some(row) => {
                let phone = Phone(phone::whole(state.seals(), row)?);
                deliveries.push(Delivery { event, notice, phone });
            }
            None => without.push(notice),
        }
    }
    Ok((deliveries, without))
}
