//! Sending notices: the stream of events, who takes them, what became of them.
//!
//! - this file: how notices enter the stream, and how they are called back
//! - [`relay`]: gives committed events their numbers, and takes back what was not reported
//! - [`stream`]: the subscription: replay, then live
//! - [`lease`]: hands notices to a worker, with or without a stream
//! - [`report`]: the gateway took it, or did not
//! - `attempt`: how an attempt ends, and when there is another
//! - [`receipt`]: what became of messages
//! - [`consumer`]: how the sending is getting on, and what people do about it
//! - [`background`]: the tasks of a running server
//!
//! A notice is drafted ([`plan`]), handed to the stream in the transaction that releases its run ([`enqueue`]), leased by a
//! worker, and reported on. An event says that a notice may be sent; it is written without a number in the transaction of
//! the change that made it so, and numbered by the relay after that has been committed, so that no reader of numbers can
//! pass over a slow transaction.

mod attempt;
pub mod background;
pub mod consumer;
pub mod lease;
pub mod receipt;
pub mod relay;
pub mod report;
pub mod stream;

use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::consumer::{self as consumer_row, ConsumerState};
use entity::ids::{NetworkId, NoticeId, NoticeRunId, PersonId, UnitId};
use entity::notice::{self, Channel, NoticeState};
use entity::notice_run::{self, RunState};
use entity::{notice_watch, outbox_event, outbox_head};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use crate::error::{Code, Error, Result};
use crate::services::audit::{self, Entry, ObjectKind};
use crate::services::write::Write;
use crate::state::AppState;

/// Rows per statement.
const CHUNK: usize = 500;
/// The consumer that every network has.
pub const SMS_CONSUMER: &str = "sms";

/// How notices are sent. The defaults are those of the documentation.
#[derive(Clone, Debug)]
pub struct DeliverySettings {
    /// How long a worker has for a notice before it is taken away again.
    pub lease: Duration,
    /// Attempts in a round before a notice becomes a dead letter.
    pub attempts: i64,
    /// Wait before the second attempt; doubled before each further one.
    pub first_wait: Duration,
    /// Longest wait between two attempts.
    pub longest_wait: Duration,
    /// From which waits are spread; two servers need not agree on it.
    pub jitter_seed: u64,
    /// How long the receipt of an unanswered submission is waited for before it is tried again.
    pub receipt_window: Duration,
    /// How long numbered events are kept once their notices are done.
    pub retention: Duration,
    /// How often a silent stream says that it is alive.
    pub heartbeat: Duration,
    /// How often the relay looks by itself, whatever the bells say.
    pub poll: Duration,
}

impl Default for DeliverySettings {
    fn default() -> Self {
        Self {
            lease: Duration::from_mins(1),
            attempts: 8,
            first_wait: Duration::from_secs(15),
            longest_wait: Duration::from_hours(1),
            jitter_seed: 0,
            receipt_window: Duration::from_hours(72),
            retention: Duration::from_hours(24 * 400),
            heartbeat: Duration::from_secs(15),
            poll: Duration::from_secs(2),
        }
    }
}

/// Gives a new network its stream and the consumer of its text messages.
pub(crate) async fn open_stream(conn: &impl ConnectionTrait, network: NetworkId, now: DateTime<Utc>) -> Result<()> {
    let head = outbox_head::ActiveModel { network_id: Set(network), tip: Set(0), trimmed: Set(0) };
    outbox_head::Entity::insert(head).exec_without_returning(conn).await?;
    let watch = notice_watch::ActiveModel { network_id: Set(network), since: Set(now), looked_until: Set(now) };
    notice_watch::Entity::insert(watch).exec_without_returning(conn).await?;
    let row = consumer_row::ActiveModel {
        id: NotSet,
        network_id: Set(network),
        name: Set(SMS_CONSUMER.to_owned()),
        state: Set(ConsumerState::Active),
        paused_because: Set(None),
        paused_at: Set(None),
        epoch: Set(0),
        connected_at: Set(None),
        last_lease_at: Set(None),
        last_ack_at: Set(None),
        created_at: Set(now),
        version: Set(1),
    };
    consumer_row::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// A notice to be drafted.
#[derive(Clone, Debug)]
pub struct NewNotice {
    /// The run it belongs to.
    pub run: NoticeRunId,
    /// To whom.
    pub recipient: PersonId,
    /// The unit it speaks of, if it is one.
    pub unit: Option<UnitId>,
    /// Every unit that the text mentions.
    pub units: Vec<UnitId>,
    /// How it reaches them.
    pub channel: Channel,
    /// The gateway's id of the text template.
    pub template: String,
    /// Its version.
    pub template_version: i64,
    /// Its values, a JSON object.
    pub parameters: serde_json::Value,
    /// The rendered text.
    pub text: String,
}

/// Drafts notices; one that its run has already, for the same recipient, channel and template version, stays as it is.
/// Returns how many were added.
pub async fn plan(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    notices: Vec<NewNotice>,
    now: DateTime<Utc>,
) -> Result<u64> {
    let unique =
        [notice::Column::RunId, notice::Column::RecipientId, notice::Column::Channel, notice::Column::TemplateVersion];
    let mut added = 0;
    for part in notices.chunks(CHUNK) {
        let rows = part.iter().map(|notice| planned(network, notice, now));
        added += notice::Entity::insert_many(rows)
            .on_conflict(OnConflict::columns(unique).do_nothing().to_owned())
            .exec_without_returning(conn)
            .await?;
    }
    Ok(added)
}

fn planned(network: NetworkId, new: &NewNotice, now: DateTime<Utc>) -> notice::ActiveModel {
    let channel = match new.channel {
        Channel::Sms => "s",
        Channel::Inbox => "i",
    };
    notice::ActiveModel {
        id: NotSet,
        network_id: Set(network),
        run_id: Set(new.run),
        recipient_id: Set(new.recipient),
        unit_id: Set(new.unit),
        units: Set(serde_json::json!(new.units).to_string()),
        channel: Set(new.channel),
        template: Set(new.template.clone()),
        template_version: Set(new.template_version),
        parameters: Set(new.parameters.to_string()),
        segments: Set(segments(&new.text)),
        text: Set(new.text.clone()),
        state: Set(NoticeState::Planned),
        round: Set(1),
        attempt: Set(1),
        next_attempt_at: Set(None),
        leased_by: Set(None),
        lease_until: Set(None),
        fence: Set(0),
        dedupe_key: Set(format!("zx{channel}{}.{}.{}.1", new.run, new.recipient, new.template_version)),
        submitted_at: Set(None),
        delivered_at: Set(None),
        dead_at: Set(None),
        read_at: Set(None),
        failure: Set(None),
        created_at: Set(now),
        version: Set(1),
    }
}

/// In how many SMS a text goes, its signature included: 70 characters in one, 67 in each of several. A rare character
/// outside the basic plane counts as two.
pub fn segments(text: &str) -> i64 {
    let units = text.encode_utf16().count();
    let count = if units <= 70 { 1 } else { units.div_ceil(67) };
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Hands drafted notices to the stream, inside the write that releases their run. Those for the inbox have arrived by that; text
/// messages go out from `not_before` on.
pub async fn enqueue(write: &mut Write, notices: &[NoticeId], not_before: DateTime<Utc>) -> Result<()> {
    hand_over(write.conn(), notices, write.now(), not_before).await?;
    write.wakes_relay();
    Ok(())
}

pub(crate) async fn hand_over(
    conn: &impl ConnectionTrait,
    notices: &[NoticeId],
    now: DateTime<Utc>,
    not_before: DateTime<Utc>,
) -> Result<()> {
    for part in notices.chunks(CHUNK) {
        let rows = notice::Entity::find()
            .filter(notice::Column::Id.is_in(part.iter().copied()))
            .order_by_asc(notice::Column::Id)
            .all(conn)
            .await?;
        if rows.len() != part.len() || rows.iter().any(|row| row.state != NoticeState::Planned) {
            return Err(Error::new(
                Code::WrongState,
                "a notice of this run has been released or called back before",
                "本批次中有通知已发送或已撤回",
            ));
        }
        let of = |channel: Channel| rows.iter().filter(move |row| row.channel == channel);
        let to = |state: NoticeState| {
            notice::Entity::update_many()
                .col_expr(notice::Column::State, Expr::value(state))
                .col_expr(notice::Column::Version, Expr::col(notice::Column::Version).add(1))
        };
        to(NoticeState::Queued).filter(notice::Column::Id.is_in(of(Channel::Sms).map(|row| row.id))).exec(conn).await?;
        to(NoticeState::Delivered)
            .col_expr(notice::Column::DeliveredAt, Expr::value(now))
            .filter(notice::Column::Id.is_in(of(Channel::Inbox).map(|row| row.id)))
            .exec(conn)
            .await?;
        let events: Vec<_> = of(Channel::Sms).map(|row| event(row, row.round, row.attempt, not_before, now)).collect();
        if !events.is_empty() {
            outbox_event::Entity::insert_many(events).exec_without_returning(conn).await?;
        }
    }
    Ok(())
}

/// A run that goes out by itself.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// In which network.
    pub network: NetworkId,
    /// Id of the rule.
    pub rule: String,
    /// Kind of notice.
    pub kind: String,
    /// What the run happens once for.
    pub period: String,
    /// Version of the text template.
    pub template_version: i64,
}

/// Drafts a run and releases it in one transaction, where nobody has to approve it. Nothing happens, and none is returned,
/// when there has been one for the same network, rule and period. The notices' own `run` is not looked at.
pub async fn send_now(state: &AppState, run: NewRun, mut notices: Vec<NewNotice>) -> Result<Option<NoticeRunId>> {
    use notice_run::Column as C;

    let (database, events, now) = (state.database(), state.events(), state.clock().now());
    let network = run.network;
    let txn = database.begin().await?;
    let mut row = notice_run::ActiveModel {
        id: NotSet,
        network_id: Set(network),
        rule: Set(run.rule),
        kind: Set(run.kind),
        period: Set(run.period),
        state: Set(RunState::Released),
        reason: Set(None),
        template_version: Set(run.template_version),
        circular_id: Set(None),
        due_at: Set(None),
        drafted_by: Set(None),
        gaps: Set("[]".to_owned()),
        created_at: Set(now),
        approved_by: Set(None),
        approved_at: Set(None),
        released_at: Set(Some(now)),
        version: Set(1),
    };
    let inserted = notice_run::Entity::insert(row.clone())
        .on_conflict(OnConflict::columns([C::NetworkId, C::Rule, C::Period]).do_nothing().to_owned())
        .exec_without_returning(&txn)
        .await?;
    if inserted == 0 {
        return Ok(None);
    }
    let id: NoticeRunId = notice_run::Entity::find()
        .select_only()
        .column(C::Id)
        .filter(C::NetworkId.eq(network))
        .filter(C::Rule.eq(row.rule.take()))
        .filter(C::Period.eq(row.period.take()))
        .into_tuple()
        .one(&txn)
        .await?
        .ok_or_else(Error::not_found)?;
    for notice in &mut notices {
        notice.run = id;
    }
    plan(&txn, network, notices, now).await?;
    let ids: Vec<NoticeId> = notice::Entity::find()
        .select_only()
        .column(notice::Column::Id)
        .filter(notice::Column::RunId.eq(id))
        .order_by_asc(notice::Column::Id)
        .into_tuple()
        .all(&txn)
        .await?;
    hand_over(&txn, &ids, now, now).await?;
    let entry =
        Entry::new("ReleaseNotices", ObjectKind::NoticeRun, id.0).with(serde_json::json!({ "notices": ids.len() }));
    audit::append(&txn, audit::chain(Some(network)), None, now, vec![entry]).await?;
    database.notify(&txn, vec![events.relay_payload()]).await?;
    txn.commit().await?;
    events.ring_relay();
    Ok(Some(id))
}

/// Calls back what nobody has begun to send, inside a write; returns how many.
pub async fn cancel(write: &mut Write, run: NoticeRunId, reason: &str) -> Result<u64> {
    let done = notice::Entity::update_many()
        .col_expr(notice::Column::State, Expr::value(NoticeState::Cancelled))
        .col_expr(notice::Column::Failure, Expr::value(reason))
        .col_expr(notice::Column::NextAttemptAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(notice::Column::Version, Expr::col(notice::Column::Version).add(1))
        .filter(notice::Column::RunId.eq(run))
        .filter(notice::Column::State.is_in([NoticeState::Planned, NoticeState::Queued]))
        .exec(write.conn())
        .await?;
    // Later notices to the same people may go out.
    write.wakes_relay();
    write.wakes_streams();
    Ok(done.rows_affected)
}

/// The event that lets an attempt at a notice begin.
fn event(
    row: &notice::Model,
    round: i64,
    attempt: i64,
    due_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> outbox_event::ActiveModel {
    outbox_event::ActiveModel {
        id: NotSet,
        network_id: Set(row.network_id),
        notice_id: Set(row.id),
        recipient_id: Set(row.recipient_id),
        round: Set(round),
        attempt: Set(attempt),
        due_at: Set(due_at),
        sequence: Set(None),
        created_at: Set(now),
        numbered_at: Set(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_counted_in_utf16_units() {
        for (units, expected) in [(0, 1), (1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (160, 3), (201, 3), (202, 4)] {
            assert_eq!(segments(&"信".repeat(units)), expected, "{units} characters");
        }
        // 𬭎 stands outside the basic plane.
        assert_eq!(segments(&"𬭎".repeat(35)), 1);
        assert_eq!(segments(&format!("{}信", "𬭎".repeat(35))), 2);
    }

    #[test]
    fn states_only_move_forward() {
        use NoticeState as S;
        for from in S::ALL {
            assert!(!from.may_become(from), "{from:?}");
            for to in S::ALL {
                // No way leads back: of two states, at most one may become the other.
                assert!(!(from.may_become(to) && to.may_become(from)), "{from:?} and {to:?}");
            }
            assert!(!S::Delivered.may_become(from) && !S::Cancelled.may_become(from));
        }
        assert!(S::ALL.iter().filter(|state| state.may_try_again()).all(|state| !state.may_become(S::Cancelled)));
    }
}
