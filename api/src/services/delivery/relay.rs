//! The relay: numbers committed events, takes back what workers kept too long, and lets unanswered submissions be tried
//! again when their receipts can no longer come.
//!
//! One pass at a time over all servers of a database, by advisory lock on PostgreSQL. Numbers are given under the lock of
//! the stream's head, so even two passes at once would neither leave a gap nor give a number twice.

use chrono::{DateTime, Utc};
use entity::ids::NetworkId;
use entity::notice::{self, NoticeState};
use entity::notice_attempt::AttemptOutcome;
use entity::{outbox_event, outbox_head};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait as _, ExprTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Statement,
};

use super::attempt::{self, Ending};
use crate::error::Result;
use crate::state::AppState;

/// Names the relay among advisory locks: «zhengxin» in hexadecimal digits.
const LOCK: i64 = 0x7a68_656e_6778_696e;
/// Notices or events per statement.
const BATCH: u64 = 1_000;

/// Numbers the events that may go out, unless there is nothing to do or another server is at it.
const NUMBER: &str = "UPDATE outbox_event SET sequence = $1 + fresh.place, numbered_at = $2 FROM ( \
    SELECT event.id AS id, row_number() OVER (ORDER BY event.id) AS place FROM outbox_event AS event \
    WHERE event.network_id = $3 AND event.sequence IS NULL AND event.due_at <= $2 AND NOT EXISTS ( \
        SELECT 1 FROM notice AS earlier WHERE earlier.network_id = event.network_id \
        AND earlier.recipient_id = event.recipient_id AND earlier.id < event.notice_id \
        AND earlier.channel = 'sms' AND earlier.state IN ('queued', 'leased')) \
    ORDER BY event.id LIMIT $4) AS fresh WHERE outbox_event.id = fresh.id";

/// Does everything that is due.
pub async fn pass(state: &AppState) -> Result<()> {
    loop {
        let now = state.clock().now();
        if !is_due(state, now).await? {
            return Ok(());
        }
        let txn = state.database().begin().await?;
        if !lead(&txn, LOCK).await? {
            // Whoever leads does the same work.
            return Ok(());
        }
        let returned = take_back(&txn, state, now).await?;
        let numbered = number(&txn, now).await?;
        let events = state.events();
        state.database().notify(&txn, numbered.iter().map(|(id, _)| events.streams_payload(*id)).collect()).await?;
        txn.commit().await?;
        for (network, _) in &numbered {
            events.ring_streams(*network);
        }
        let full = numbered.iter().any(|(_, count)| *count == BATCH) || returned == BATCH;
        if !full {
            return Ok(());
        }
    }
}

/// Whether a look at the tables, without a transaction, finds something to do.
async fn is_due(state: &AppState, now: DateTime<Utc>) -> Result<bool> {
    let reader = state.database().reader();
    let event = outbox_event::Entity::find()
        .select_only()
        .column(outbox_event::Column::Id)
        .filter(outbox_event::Column::Sequence.is_null())
        .filter(outbox_event::Column::DueAt.lte(now))
        .limit(1)
        .into_tuple::<i64>();
    if event.one(reader).await?.is_some() {
        return Ok(true);
    }
    let notice = overdue(now).select_only().column(notice::Column::Id).limit(1).into_tuple::<i64>();
    Ok(notice.one(reader).await?.is_some())
}

/// Leases that have run out, and unanswered submissions whose receipts can no longer come.
fn overdue(now: DateTime<Utc>) -> sea_orm::Select<notice::Entity> {
    let lapsed =
        Condition::all().add(notice::Column::State.eq(NoticeState::Leased)).add(notice::Column::LeaseUntil.lte(now));
    let unanswered = Condition::all()
        .add(notice::Column::State.eq(NoticeState::Unknown))
        .add(notice::Column::NextAttemptAt.lte(now));
    notice::Entity::find().filter(Condition::any().add(lapsed).add(unanswered))
}

/// Takes the lead that `lock` names until the transaction ends, if nobody has it. On SQLite there is nobody else.
pub(crate) async fn lead(txn: &DatabaseTransaction, lock: i64) -> Result<bool> {
    if txn.get_database_backend() != DbBackend::Postgres {
        return Ok(true);
    }
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT pg_try_advisory_xact_lock($1) AS leads",
        [lock.into()],
    );
    let row = txn.query_one_raw(statement).await?;
    Ok(row.map(|row| row.try_get::<bool>("", "leads")).transpose()?.unwrap_or_default())
}

async fn take_back(txn: &DatabaseTransaction, state: &AppState, now: DateTime<Utc>) -> Result<u64> {
    let rows = overdue(now).order_by_asc(notice::Column::Id).limit(BATCH).all(txn).await?;
    for row in &rows {
        let outcome = match row.state {
            NoticeState::Unknown => AttemptOutcome::Unanswered,
            _ => AttemptOutcome::Lapsed,
        };
        attempt::fail(txn, state.delivery(), row, Ending::without_answer(outcome), now).await?;
    }
    Ok(u64::try_from(rows.len()).unwrap_or(BATCH))
}

/// Gives numbers, network by network; returns how many each got.
async fn number(txn: &DatabaseTransaction, now: DateTime<Utc>) -> Result<Vec<(NetworkId, u64)>> {
    let waiting: Vec<NetworkId> = outbox_event::Entity::find()
        .select_only()
        .column(outbox_event::Column::NetworkId)
        .distinct()
        .filter(outbox_event::Column::Sequence.is_null())
        .filter(outbox_event::Column::DueAt.lte(now))
        .order_by_asc(outbox_event::Column::NetworkId)
        .into_tuple()
        .all(txn)
        .await?;
    let mut numbered = Vec::new();
    for network in waiting {
        let tip = lock_head(txn, network).await?;
        let values = [tip.into(), now.into(), network.into(), BATCH.into()];
        let statement = Statement::from_sql_and_values(txn.get_database_backend(), NUMBER, values);
        let count = txn.execute_raw(statement).await?.rows_affected();
        if count > 0 {
            let tip = tip.saturating_add(i64::try_from(count).unwrap_or_default());
            outbox_head::Entity::update_many()
                .col_expr(outbox_head::Column::Tip, Expr::value(tip))
                .filter(outbox_head::Column::NetworkId.eq(network))
                .exec(txn)
                .await?;
            numbered.push((network, count));
        }
    }
    Ok(numbered)
}

/// Takes the end of a stream for this transaction, and reads it.
async fn lock_head(txn: &DatabaseTransaction, network: NetworkId) -> Result<i64> {
    outbox_head::Entity::update_many()
        .col_expr(outbox_head::Column::Tip, Expr::col(outbox_head::Column::Tip).add(0))
        .filter(outbox_head::Column::NetworkId.eq(network))
        .exec(txn)
        .await?;
    let head = outbox_head::Entity::find_by_id(network).one(txn).await?;
    head.map(|head| head.tip).ok_or_else(|| crate::error::Error::internal(anyhow::anyhow!("a network has no stream")))
}

/// Removes old events whose notices are done, from the beginning of each stream; returns how many.
pub async fn trim(state: &AppState) -> Result<u64> {
    let now = state.clock().now();
    let before = now - state.delivery().retention;
    let txn = state.database().begin().await?;
    if !lead(&txn, LOCK).await? {
        return Ok(0);
    }
    let mut removed = 0;
    for head in outbox_head::Entity::find().all(&txn).await? {
        let unfinished = [NoticeState::Queued, NoticeState::Leased, NoticeState::Unknown];
        let open = notice::Entity::find()
            .select_only()
            .column(notice::Column::Id)
            .filter(notice::Column::NetworkId.eq(head.network_id))
            .filter(notice::Column::State.is_in(unfinished));
        // Only a beginning is removed: what is left has no gap.
        let kept: Option<i64> = outbox_event::Entity::find()
            .select_only()
            .column(outbox_event::Column::Sequence)
            .filter(outbox_event::Column::NetworkId.eq(head.network_id))
            .filter(outbox_event::Column::Sequence.is_not_null())
            .filter(
                Condition::any()
                    .add(outbox_event::Column::NumberedAt.gt(before))
                    .add(outbox_event::Column::NoticeId.in_subquery(sea_orm::QueryTrait::into_query(open))),
            )
            .order_by_asc(outbox_event::Column::Sequence)
            .into_tuple()
            .one(&txn)
            .await?;
        let through = kept.map_or(head.tip, |sequence| sequence - 1);
        if through <= head.trimmed {
            continue;
        }
        removed += outbox_event::Entity::delete_many()
            .filter(outbox_event::Column::NetworkId.eq(head.network_id))
            .filter(outbox_event::Column::Sequence.lte(through))
            .exec(&txn)
            .await?
            .rows_affected;
        outbox_head::Entity::update_many()
            .col_expr(outbox_head::Column::Trimmed, Expr::value(through))
            .filter(outbox_head::Column::NetworkId.eq(head.network_id))
            .exec(&txn)
            .await?;
    }
    txn.commit().await?;
    Ok(removed)
}
