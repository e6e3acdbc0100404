//! Consumers: how the sending is getting on, what was given up, and what people do about both.

use chrono::{DateTime, Utc};
use entity::consumer::{self, ConsumerState};
use entity::failure_code::{self, FailureClass};
use entity::ids::{ConsumerId, FailureCodeId, NetworkId, NoticeId};
use entity::notice::{self, Channel, NoticeState};
use entity::outbox_event;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use serde::{Deserialize, Serialize};

use super::event;
use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::Ctx;
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};

/// The most dead letters that are sent again at once.
const MOST_REQUEUED: usize = 1_000;
/// Longest code of a gateway.
const LONGEST_CODE: usize = 100;

/// How a consumer is getting on.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Notices released and not yet handed out.
    pub lag: i64,
    /// Notices in workers' hands.
    pub in_flight: i64,
    /// Submissions that were not answered.
    pub unanswered: i64,
    /// Notices that will not arrive.
    pub dead: i64,
    /// Since when the oldest notice that nobody has reported on has been waiting.
    pub oldest_unacknowledged: Option<DateTime<Utc>>,
}

/// The consumer with `id`, if the caller follows its work.
pub async fn find(ctx: &Ctx, conn: &impl ConnectionTrait, id: ConsumerId) -> Result<consumer::Model> {
    let row = ctx.scope().consumers().filter(consumer::Column::Id.eq(id)).one(conn).await?;
    let row = row.ok_or_else(Error::not_found)?;
    ctx.authorize(Action::ReadDeliveries, Target::network(row.network_id))?;
    Ok(row)
}

/// How the consumer of a network is getting on.
pub async fn progress(conn: &impl ConnectionTrait, network: NetworkId) -> Result<Progress> {
    let counts: Vec<(NoticeState, i64)> = notice::Entity::find()
        .select_only()
        .column(notice::Column::State)
        .column_as(notice::Column::Id.count(), "count")
        .filter(notice::Column::NetworkId.eq(network))
        .filter(notice::Column::Channel.eq(Channel::Sms))
        .group_by(notice::Column::State)
        .into_tuple()
        .all(conn)
        .await?;
    let of = |wanted: NoticeState| counts.iter().find(|(state, _)| *state == wanted).map_or(0, |(_, count)| *count);
    let waiting = notice::Entity::find()
        .select_only()
        .column(notice::Column::Id)
        .filter(notice::Column::NetworkId.eq(network))
        .filter(notice::Column::State.is_in([NoticeState::Queued, NoticeState::Leased]));
    let oldest = outbox_event::Entity::find()
        .select_only()
        .column(outbox_event::Column::CreatedAt)
        .filter(outbox_event::Column::NoticeId.in_subquery(sea_orm::QueryTrait::into_query(waiting)))
        .order_by_asc(outbox_event::Column::CreatedAt)
        .into_tuple::<DateTime<Utc>>()
        .one(conn)
        .await?;
    Ok(Progress {
        lag: of(NoticeState::Queued),
        in_flight: of(NoticeState::Leased),
        unanswered: of(NoticeState::Unknown),
        dead: of(NoticeState::Failed) + of(NoticeState::Expired),
        oldest_unacknowledged: oldest,
    })
}

/// Why notices were given up, and how many for each reason, most first.
pub async fn reasons(ctx: &Ctx, network: NetworkId) -> Result<Vec<(String, i64)>> {
    let mut counts: Vec<(Option<String>, i64)> = ctx
        .scope()
        .notices()
        .select_only()
        .column(notice::Column::Failure)
        .column_as(notice::Column::Id.count(), "count")
        .filter(notice::Column::NetworkId.eq(network))
        .filter(notice::Column::State.is_in([NoticeState::Failed, NoticeState::Expired]))
        .group_by(notice::Column::Failure)
        .into_tuple()
        .all(ctx.reader())
        .await?;
    counts.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    Ok(counts.into_iter().map(|(reason, count)| (reason.unwrap_or_default(), count)).collect())
}

/// Hands notices out again after a pause.
#[derive(Clone, Debug, Serialize)]
pub struct ResumeConsumer {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which.
    pub consumer: ConsumerId,
    /// Its version that was seen.
    pub expected_version: i64,
}

/// What came of something that was done to a consumer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConsumerOutcome {
    /// Which.
    pub consumer: ConsumerId,
    /// Notices concerned.
    pub notices: Vec<NoticeId>,
}

impl Command for ResumeConsumer {
    fn name(&self) -> &'static str {
        "resumeConsumer"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Resumes a consumer that was paused.
pub async fn resume(ctx: &Ctx, command: ResumeConsumer) -> Result<ConsumerOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.consumer).await?;
    ctx.authorize(Action::RequeueDeliveries, Target::network(row.network_id))?;
    if row.version != command.expected_version {
        return Err(Error::version_conflict(row.version));
    }
    if row.state == ConsumerState::Active {
        return Err(Error::new(Code::WrongState, "the consumer is not paused", "该消费端未被暂停"));
    }
    consumer::Entity::update_many()
        .col_expr(consumer::Column::State, Expr::value(ConsumerState::Active))
        .col_expr(consumer::Column::PausedBecause, Expr::value(None::<String>))
        .col_expr(consumer::Column::PausedAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(consumer::Column::Version, Expr::col(consumer::Column::Version).add(1))
        .filter(consumer::Column::Id.eq(row.id))
        .exec(write.conn())
        .await?;
    write.in_network(row.network_id);
    write.record(Entry::new("ResumeConsumer", ObjectKind::Consumer, row.id.0).moved("paused", "active"));
    write.wakes_streams();
    let outcome = ConsumerOutcome { consumer: row.id, notices: Vec::new() };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Sends dead letters again.
#[derive(Clone, Debug, Serialize)]
pub struct RequeueDeadLetters {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Of which consumer.
    pub consumer: ConsumerId,
    /// These; or all that failed for the same reason.
    pub notices: Vec<NoticeId>,
    /// The reason, as it stands in the notices.
    pub failure: Option<String>,
}

impl Command for RequeueDeadLetters {
    fn name(&self) -> &'static str {
        "requeueDeadLetters"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Begins a new round for notices that were given up: somebody decided that they shall be sent again, so the gateway gets
/// another key and will not take them for the old ones.
pub async fn requeue(ctx: &Ctx, command: RequeueDeadLetters) -> Result<ConsumerOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let consumer = find(ctx, write.conn(), command.consumer).await?;
    ctx.authorize(Action::RequeueDeliveries, Target::network(consumer.network_id))?;
    if command.notices.is_empty() == command.failure.is_none() || command.notices.len() > MOST_REQUEUED {
        return Err(Error::invalid(
            "notices",
            "name up to 1,000 notices, or the reason for which they failed",
            "请指定不超过 1000 条通知，或指定失败原因",
        ));
    }
    let select = notice::Entity::find()
        .filter(notice::Column::NetworkId.eq(consumer.network_id))
        .filter(notice::Column::State.is_in([NoticeState::Failed, NoticeState::Expired]));
    let select = match &command.failure {
        Some(failure) => select.filter(notice::Column::Failure.eq(failure)),
        None => select.filter(notice::Column::Id.is_in(command.notices.iter().copied())),
    };
    let limit = u64::try_from(MOST_REQUEUED).unwrap_or(u64::MAX);
    let rows = select.order_by_asc(notice::Column::Id).limit(limit).all(write.conn()).await?;
    if rows.len() < command.notices.len() {
        return Err(Error::new(
            Code::WrongState,
            "not all of these are dead letters of this consumer",
            "其中有通知不是该消费端的死信",
        )
        .at("notices"));
    }
    let now = ctx.now();
    for row in &rows {
        again(write.conn(), row, now).await?;
    }
    let notices: Vec<_> = rows.iter().map(|row| row.id).collect();
    write.in_network(consumer.network_id);
    let details = serde_json::json!({ "notices": notices });
    write.record(Entry::new("RequeueDeadLetters", ObjectKind::Consumer, consumer.id.0).with(details));
    write.wakes_relay();
    let outcome = ConsumerOutcome { consumer: consumer.id, notices };
    write.commit(&outcome).await?;
    Ok(outcome)
}

async fn again(conn: &impl ConnectionTrait, row: &notice::Model, now: DateTime<Utc>) -> Result<()> {
    use notice::Column as N;

    let round = row.round + 1;
    let stem = row.dedupe_key.rsplit_once('.').map_or(row.dedupe_key.as_str(), |(stem, _)| stem);
    let done = notice::Entity::update_many()
        .col_expr(N::State, Expr::value(NoticeState::Queued))
        .col_expr(N::Round, Expr::value(round))
        .col_expr(N::Attempt, Expr::value(1_i64))
        .col_expr(N::DedupeKey, Expr::value(format!("{stem}.{round}")))
        .col_expr(N::SubmittedAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(N::DeadAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(N::Failure, Expr::value(None::<String>))
        .col_expr(N::Version, Expr::col(N::Version).add(1))
        .filter(N::Id.eq(row.id))
        .filter(N::Version.eq(row.version))
        .exec(conn)
        .await?;
    if done.rows_affected == 0 {
        return Err(Error::version_conflict(row.version + 1));
    }
    outbox_event::Entity::insert(event(row, round, 1, now, now)).exec_without_returning(conn).await?;
    Ok(())
}

/// Says what a gateway's code means.
#[derive(Clone, Debug, Serialize)]
pub struct SetFailureClass {
    /// See [`Command`].
    pub idempotency_key: String,
    /// For which consumer's network.
    pub consumer: ConsumerId,
    /// The code.
    pub code: String,
    /// What it means.
    pub class: FailureClass,
    /// The entry's version that was seen; none for a code that has no entry.
    pub expected_version: Option<i64>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FailureOutcome {
    /// The entry.
    pub entry: FailureCodeId,
}

impl Command for SetFailureClass {
    fn name(&self) -> &'static str {
        "setFailureClass"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Adds an entry to the map of failure codes, or changes one.
pub async fn classify(ctx: &Ctx, command: SetFailureClass) -> Result<FailureOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = find(ctx, write.conn(), command.consumer).await?.network_id;
    ctx.authorize(Action::ConfigureDelivery, Target::network(network))?;
    if command.code.trim().is_empty() || command.code.len() > LONGEST_CODE {
        return Err(Error::invalid("code", "a code has 1 to 100 bytes", "代码应为 1 至 100 字节"));
    }
    let found = failure_code::Entity::find()
        .filter(failure_code::Column::NetworkId.eq(network))
        .filter(failure_code::Column::Code.eq(&command.code))
        .one(write.conn())
        .await?;
    let entry = match (found, command.expected_version) {
        (Some(row), Some(version)) if row.version == version => {
            failure_code::Entity::update_many()
                .col_expr(failure_code::Column::Class, Expr::value(command.class))
                .col_expr(failure_code::Column::ChangedBy, Expr::value(ctx.actor().id()))
                .col_expr(failure_code::Column::ChangedAt, Expr::value(ctx.now()))
                .col_expr(failure_code::Column::Version, Expr::value(version + 1))
                .filter(failure_code::Column::Id.eq(row.id))
                .exec(write.conn())
                .await?;
            row.id
        }
        (Some(row), _) => return Err(Error::version_conflict(row.version)),
        (None, Some(_)) => return Err(Error::not_found().at("code")),
        (None, None) => {
            let row = failure_code::ActiveModel {
                id: NotSet,
                network_id: Set(network),
                code: Set(command.code.clone()),
                class: Set(command.class),
                changed_by: Set(Some(ctx.actor().id())),
                changed_at: Set(ctx.now()),
                version: Set(1),
            };
            let taken = || Error::new(Code::AlreadyExists, "this code has an entry", "该代码已有分类").at("code");
            let inserted = failure_code::Entity::insert(row).exec(write.conn()).await;
            inserted.map_err(|error| on_unique(error, taken))?.last_insert_id
        }
    };
    write.in_network(network);
    let details = serde_json::json!({ "code": command.code, "class": command.class });
    write.record(Entry::new("SetFailureClass", ObjectKind::FailureCode, entry.0).with(details));
    let outcome = FailureOutcome { entry };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// What a network's gateway codes mean, by code.
pub async fn failure_codes(conn: &impl ConnectionTrait, network: NetworkId) -> Result<Vec<failure_code::Model>> {
    let select = failure_code::Entity::find().filter(failure_code::Column::NetworkId.eq(network));
    Ok(select.order_by_asc(failure_code::Column::Code).all(conn).await?)
}

/// An entry of the map, for whoever has just written it.
pub async fn failure_code(conn: &impl ConnectionTrait, id: FailureCodeId) -> Result<failure_code::Model> {
    failure_code::Entity::find_by_id(id).one(conn).await?.ok_or_else(Error::not_found)
}
