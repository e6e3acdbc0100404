//! Runs: drafted, looked at, approved by a second person, released, recalled.
//!
//! The table holds that a run happens once for a network, a rule and a period. A draft that is made again calls its old texts back and
//! gets new ones under the next version, so nobody is told twice and what was approved is what goes out.

use std::sync::Arc;

use analytics::period::Period;
use analytics::rulebook::NoticeRule;
use chrono::{DateTime, Utc};
use entity::ids::{CircularId, NetworkId, NoticeId, NoticeRunId, PersonId};
use entity::notice::{self, NoticeState};
use entity::notice_run::{self as row, RunState};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::compose::{Composed, Gap, compose};
use super::routing::Routing;
use super::{results, schedule};
use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::circular::{Published, published};
use crate::services::facts::Snapshot;
use crate::services::write::{Begun, Command, Write};
use crate::services::{Ctx, delivery, local_day, time_zone};

/// Longest reason.
const REASON_CHARACTERS: usize = 200;

/// What a run is for.
pub(crate) struct Key<'a> {
    /// In which network.
    pub(crate) network: NetworkId,
    /// By which rule.
    pub(crate) rule: &'a NoticeRule,
    /// What it happens once for.
    pub(crate) period: String,
    /// When it was due.
    pub(crate) due_at: DateTime<Utc>,
    /// The result that it tells of.
    pub(crate) circular: Option<CircularId>,
    /// Who drafted it.
    pub(crate) drafted_by: Option<PersonId>,
}

/// Stores a run, unless there has been one for the same rule and period.
pub(crate) async fn insert(
    conn: &impl ConnectionTrait,
    key: &Key<'_>,
    state: RunState,
    reason: Option<String>,
    gaps: &[Gap],
    now: DateTime<Utc>,
) -> Result<Option<NoticeRunId>> {
    use row::Column as C;

    let new = row::ActiveModel {
        id: NotSet,
        network_id: Set(key.network),
        rule: Set(key.rule.id.clone()),
        kind: Set(key.rule.kind.code().to_owned()),
        period: Set(key.period.clone()),
        state: Set(state),
        reason: Set(reason),
        template_version: Set(1),
        circular_id: Set(key.circular.map(|id| id.0)),
        due_at: Set(Some(key.due_at)),
        drafted_by: Set(key.drafted_by),
        gaps: Set(serde_json::to_string(gaps).map_err(Error::internal)?),
        created_at: Set(now),
        approved_by: Set(None),
        approved_at: Set(None),
        released_at: Set((state == RunState::Released).then_some(now)),
        version: Set(1),
    };
    let inserted = row::Entity::insert(new)
        .on_conflict(OnConflict::columns([C::NetworkId, C::Rule, C::Period]).do_nothing().to_owned())
        .exec_without_returning(conn)
        .await?;
    if inserted == 0 {
        return Ok(None);
    }
    Ok(of(conn, key.network, &key.rule.id, &key.period).await?.map(|run| run.id))
}

/// The run of a rule for a period.
pub(crate) async fn of(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    rule: &str,
    period: &str,
) -> Result<Option<row::Model>> {
    Ok(row::Entity::find()
        .filter(row::Column::NetworkId.eq(network))
        .filter(row::Column::Rule.eq(rule))
        .filter(row::Column::Period.eq(period))
        .one(conn)
        .await?)
}

/// Gives a run its texts.
pub(crate) async fn write_texts(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    run: NoticeRunId,
    template_version: i64,
    composed: Composed,
    now: DateTime<Utc>,
) -> Result<Vec<NoticeId>> {
    let mut notices = composed.notices;
    for notice in &mut notices {
        notice.run = run;
        notice.template_version = template_version;
    }
    delivery::plan(conn, network, notices, now).await?;
    planned(conn, run).await
}

/// The notices of a run that nobody has released.
async fn planned(conn: &impl ConnectionTrait, run: NoticeRunId) -> Result<Vec<NoticeId>> {
    Ok(notice::Entity::find()
        .select_only()
        .column(notice::Column::Id)
        .filter(notice::Column::RunId.eq(run))
        .filter(notice::Column::State.eq(NoticeState::Planned))
        .order_by_asc(notice::Column::Id)
        .into_tuple()
        .all(conn)
        .await?)
}

/// The texts of a run about results, with whom they could not be addressed to.
pub(crate) async fn prepare(
    conn: &impl ConnectionTrait,
    snapshot: &Arc<Snapshot>,
    rule: &NoticeRule,
    published: &Published,
    now: DateTime<Utc>,
) -> Result<Composed> {
    let results = results::of(snapshot, rule, published).await?;
    let routing = Routing::load(conn, snapshot.network.id, local_day(&snapshot.network, now)).await?;
    let mut composed = compose(rule, &results.abouts, &results.shared, &routing);
    composed.gaps.splice(0..0, results.gaps);
    Ok(composed)
}

/// When notices that are released now go out.
pub(crate) fn not_before(
    rule: Option<&NoticeRule>,
    calendar: &Calendar,
    snapshot: &Snapshot,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    if rule.is_some_and(|rule| rule.at_once) {
        return now;
    }
    calendar.next_sending(now, time_zone(&snapshot.network))
}

macro_rules! commands {
    ($($(#[$doc:meta])+ $name:ident as $mutation:literal { $($(#[$field_doc:meta])+ $field:ident: $type:ty,)* })*) => {
        $($(#[$doc])+
        #[derive(Clone, Debug, Serialize)]
        pub struct $name {
            /// See [`Command`].
            pub idempotency_key: String,
            $($(#[$field_doc])+ pub $field: $type,)*
        }

        impl Command for $name {
            fn name(&self) -> &'static str {
                $mutation
            }

            fn idempotency_key(&self) -> &str {
                &self.idempotency_key
            }
        })*
    };
}

commands! {
    /// Drafts a run, or drafts it again.
    DraftNotices as "draftNotices" {
        /// In which network.
        network: NetworkId,
        /// By which rule.
        rule: String,
        /// About which period.
        period: Period,
        /// The version of the run that was seen, where there is one.
        expected_version: Option<i64>,
    }
    /// Agrees to what will be sent.
    ApproveNotices as "approveNotices" {
        /// Which run.
        run: NoticeRunId,
        /// Its version that was seen.
        expected_version: i64,
    }
    /// Hands a run's notices to the stream.
    ReleaseNotices as "releaseNotices" {
        /// Which run.
        run: NoticeRunId,
        /// Its version that was seen.
        expected_version: i64,
    }
    /// Calls back what has not been sent.
    RecallNotices as "recallNotices" {
        /// Which run.
        run: NoticeRunId,
        /// Its version that was seen.
        expected_version: i64,
        /// Why.
        reason: String,
    }
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunOutcome {
    /// The run.
    pub run: NoticeRunId,
    /// How many notices were drafted, released or called back.
    pub notices: i64,
}

/// Drafts a run about a period whose results are published; a draft that is there is made again.
pub async fn draft(ctx: &Ctx, command: DraftNotices) -> Result<RunOutcome> {
    let network = ctx.network(ctx.reader(), command.network).await?;
    ctx.authorize(Action::DraftNotices, Target::network(network.id))?;
    let snapshot = ctx.facts(network.id).await?;
    let rule = super::rule(&snapshot, &command.rule, local_day(&network, ctx.now()))
        .ok_or_else(|| Error::invalid("rule", "the rulebook has no such notice", "考评办法中没有该通知"))?
        .clone();
    let calendar = Calendar::load(ctx.reader()).await?;
    let due_at = schedule::due_at(&rule, command.period, &calendar, time_zone(&network)).ok_or_else(|| {
        Error::invalid("period", "this notice does not tell of such a period", "该通知不涉及此类时段")
    })?;
    let results = published(ctx.reader(), network.id, command.period).await?.ok_or_else(|| {
        Error::new(
            Code::WrongState,
            "the results of the period are not published; publish its circular first",
            "该时段通报尚未发布，请先发布通报",
        )
        .at("period")
    })?;
    let composed = prepare(ctx.reader(), &snapshot, &rule, &results, ctx.now()).await?;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let key = Key {
        network: network.id,
        rule: &rule,
        period: command.period.to_string(),
        due_at,
        circular: Some(results.circular.id),
        drafted_by: Some(ctx.actor().id()),
    };
    let (run, version) = if let Some(before) = of(write.conn(), network.id, &rule.id, &key.period).await? {
        if command.expected_version != Some(before.version) {
            return Err(Error::version_conflict(before.version));
        }
        (before.id, again(&write, &before, &key, &composed.gaps).await?)
    } else {
        let inserted = insert(write.conn(), &key, RunState::Draft, None, &composed.gaps, ctx.now()).await?;
        (inserted.ok_or_else(|| Error::version_conflict(1))?, 1)
    };
    let notices = write_texts(write.conn(), network.id, run, version, composed, ctx.now()).await?;
    write.in_network(network.id);
    write.record(
        Entry::new(Action::DraftNotices.name(), ObjectKind::NoticeRun, run.0)
            .with(serde_json::json!({ "rule": rule.id, "period": key.period, "notices": notices.len() })),
    );
    let outcome = RunOutcome { run, notices: i64::try_from(notices.len()).unwrap_or(i64::MAX) };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Makes a draft again: what was drafted is called back. Returns the version of the new texts.
async fn again(write: &Write, before: &row::Model, key: &Key<'_>, gaps: &[Gap]) -> Result<i64> {
    match before.state {
        RunState::Waiting | RunState::Draft | RunState::SkippedLate => {}
        state @ (RunState::Approved | RunState::Released | RunState::Recalled) => return Err(wrong_state(state)),
    }
    call_back(write.conn(), before.id, "drafted again").await?;
    let version = before.template_version + 1;
    change(write.conn(), before, RunState::Draft, |update| {
        update
            .col_expr(row::Column::TemplateVersion, Expr::value(version))
            .col_expr(row::Column::CircularId, Expr::value(key.circular.map(|id| id.0)))
            .col_expr(row::Column::DraftedBy, Expr::value(key.drafted_by))
            .col_expr(row::Column::Gaps, Expr::value(serde_json::json!(gaps).to_string()))
            .col_expr(row::Column::Reason, Expr::value(None::<String>))
    })
    .await?;
    Ok(version)
}

/// Calls back drafted texts, outside of what the stream knows.
pub(crate) async fn call_back(conn: &impl ConnectionTrait, run: NoticeRunId, why: &str) -> Result<()> {
    notice::Entity::update_many()
        .col_expr(notice::Column::State, Expr::value(NoticeState::Cancelled))
        .col_expr(notice::Column::Failure, Expr::value(why))
        .col_expr(notice::Column::Version, Expr::col(notice::Column::Version).add(1))
        .filter(notice::Column::RunId.eq(run))
        .filter(notice::Column::State.eq(NoticeState::Planned))
        .exec(conn)
        .await?;
    Ok(())
}

/// Moves a run that nobody else has moved.
pub(crate) async fn change(
    conn: &impl ConnectionTrait,
    before: &row::Model,
    to: RunState,
    with: impl FnOnce(sea_orm::UpdateMany<row::Entity>) -> sea_orm::UpdateMany<row::Entity>,
) -> Result<()> {
    let update = row::Entity::update_many()
        .col_expr(row::Column::State, Expr::value(to))
        .col_expr(row::Column::Version, Expr::col(row::Column::Version).add(1))
        .filter(row::Column::Id.eq(before.id))
        .filter(row::Column::Version.eq(before.version));
    let updated = with(update).exec(conn).await?;
    if updated.rows_affected == 0 { Err(Error::version_conflict(before.version)) } else { Ok(()) }
}

fn state_names(state: RunState) -> (&'static str, &'static str) {
    match state {
        RunState::Waiting => ("waiting for its results", "等待结果发布"),
        RunState::Draft => ("a draft", "草稿"),
        RunState::Approved => ("approved", "已批准"),
        RunState::Released => ("released", "已发出"),
        RunState::Recalled => ("recalled", "已撤回"),
        RunState::SkippedLate => ("skipped, for it was too late", "已逾期跳过"),
    }
}

fn wrong_state(state: RunState) -> Error {
    let (en, zh) = state_names(state);
    Error::new(Code::WrongState, format!("the run is {en}"), format!("该批次{zh}"))
        .with(serde_json::json!({ "state": state }))
}

/// The run with `id`, if the actor may know of it, at the version that was seen.
async fn find(ctx: &Ctx, write: &Write, id: NoticeRunId, expected: i64) -> Result<row::Model> {
    let found = ctx.scope().notice_runs().filter(row::Column::Id.eq(id)).one(write.conn()).await?;
    let run = found.ok_or_else(|| Error::not_found().at("run"))?;
    if run.version == expected { Ok(run) } else { Err(Error::version_conflict(run.version)) }
}

/// Agrees to what will be sent. Whoever drafted it does not agree to it.
pub async fn approve(ctx: &Ctx, command: ApproveNotices) -> Result<RunOutcome> {
    let write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let run = find(ctx, &write, command.run, command.expected_version).await?;
    ctx.authorize(Action::ApproveNotices, Target::network(run.network_id))?;
    if run.state != RunState::Draft {
        return Err(wrong_state(run.state));
    }
    if run.drafted_by == Some(ctx.actor().id()) {
        return Err(Error::new(
            Code::Forbidden,
            "whoever drafted a run does not approve it; a second person does",
            "起草人不得批准本批次，须由他人批准",
        ));
    }
    change(write.conn(), &run, RunState::Approved, |update| {
        update
            .col_expr(row::Column::ApprovedBy, Expr::value(ctx.actor().id()))
            .col_expr(row::Column::ApprovedAt, Expr::value(ctx.now()))
    })
    .await?;
    let notices = planned(write.conn(), run.id).await?.len();
    finish(write, &run, Action::ApproveNotices, "approved", notices).await
}

/// Hands a run's notices to the stream; they go out within the sending hours.
pub async fn release(ctx: &Ctx, command: ReleaseNotices) -> Result<RunOutcome> {
    let known = ctx.scope().notice_runs().filter(row::Column::Id.eq(command.run)).one(ctx.reader()).await?;
    let known = known.ok_or_else(|| Error::not_found().at("run"))?;
    let (snapshot, calendar) = (ctx.facts(known.network_id).await?, Calendar::load(ctx.reader()).await?);
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let run = find(ctx, &write, command.run, command.expected_version).await?;
    ctx.authorize(Action::ReleaseNotices, Target::network(run.network_id))?;
    if run.state != RunState::Approved {
        return Err(wrong_state(run.state));
    }
    change(write.conn(), &run, RunState::Released, |update| {
        update.col_expr(row::Column::ReleasedAt, Expr::value(ctx.now()))
    })
    .await?;
    let notices = planned(write.conn(), run.id).await?;
    let rule = super::rule(&snapshot, &run.rule, local_day(&snapshot.network, ctx.now()));
    delivery::enqueue(&mut write, &notices, not_before(rule, &calendar, &snapshot, ctx.now())).await?;
    finish(write, &run, Action::ReleaseNotices, "released", notices.len()).await
}

/// Calls back what nobody has begun to send; what was sent stays sent.
pub async fn recall(ctx: &Ctx, command: RecallNotices) -> Result<RunOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let run = find(ctx, &write, command.run, command.expected_version).await?;
    ctx.authorize(Action::RecallNotices, Target::network(run.network_id))?;
    let reason = command.reason.trim().to_owned();
    if reason.is_empty() || reason.chars().count() > REASON_CHARACTERS {
        return Err(Error::invalid("reason", "say why, in 1 to 200 characters", "请用 1 至 200 字说明撤回原因"));
    }
    match run.state {
        RunState::Waiting | RunState::Draft | RunState::Approved | RunState::Released => {}
        state @ (RunState::Recalled | RunState::SkippedLate) => return Err(wrong_state(state)),
    }
    change(write.conn(), &run, RunState::Recalled, |update| {
        update.col_expr(row::Column::Reason, Expr::value(reason.clone()))
    })
    .await?;
    let called_back = delivery::cancel(&mut write, run.id, &reason).await?;
    let count = usize::try_from(called_back).unwrap_or(usize::MAX);
    finish(write, &run, Action::RecallNotices, "recalled", count).await
}

async fn finish(
    mut write: Write,
    before: &row::Model,
    action: Action,
    to: &'static str,
    notices: usize,
) -> Result<RunOutcome> {
    let from = serde_json::json!(before.state).as_str().unwrap_or_default().to_owned();
    write.in_network(before.network_id);
    write.record(
        Entry::new(action.name(), ObjectKind::NoticeRun, before.id.0)
            .moved(from, to)
            .with(serde_json::json!({ "notices": notices })),
    );
    let outcome = RunOutcome { run: before.id, notices: i64::try_from(notices).unwrap_or(i64::MAX) };
    write.commit(&outcome).await?;
    Ok(outcome)
}
