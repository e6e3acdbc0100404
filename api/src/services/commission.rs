//! Commissions (约稿): asked of units by a deadline, answered with a submission, judged, struck off.

use chrono::{DateTime, NaiveDate, Utc};
use entity::commission::{self, CommissionState};
use entity::commission_assignment::{self, AssignmentOutcome, AssignmentState};
use entity::ids::{CommissionAssignmentId, CommissionId, NetworkId, SubmissionId, UnitId};
use entity::submission::{self, SubmissionState};
use entity::unit;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::submission::adopt::check_level;
use crate::services::write::{Begun, Command, Write};
use crate::services::{Ctx, closing, local_day, rulebook};

/// Longest text of what is wanted.
pub const REQUIREMENT_CHARACTERS: usize = 5_000;

/// Asks units for a report.
#[derive(Clone, Debug, Serialize)]
pub struct IssueCommission {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which network asks.
    pub network: NetworkId,
    /// What it is about.
    pub topic: String,
    /// What is wanted.
    pub requirement: String,
    /// Code of the level from which the request came.
    pub origin: Option<String>,
    /// Until when.
    pub due_at: DateTime<Utc>,
    /// Who has to answer.
    pub units: Vec<UnitId>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CommissionOutcome {
    /// The commission.
    pub commission: CommissionId,
}

impl Command for IssueCommission {
    fn name(&self) -> &'static str {
        "issueCommission"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores a commission with one assignment per unit.
pub async fn issue(ctx: &Ctx, command: IssueCommission) -> Result<CommissionOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    ctx.authorize(Action::IssueCommission, Target::network(network.id))?;
    let topic = super::unit::check_name(&command.topic, "topic")?.to_owned();
    if command.requirement.chars().count() > REQUIREMENT_CHARACTERS {
        return Err(Error::invalid(
            "requirement",
            "a requirement has at most 5,000 characters",
            "约稿要求不得超过 5000 个字",
        ));
    }
    let now = ctx.now();
    if command.due_at <= now {
        return Err(Error::invalid("dueAt", "the deadline must lie ahead", "截止时间须晚于当前时间"));
    }
    if let Some(origin) = &command.origin {
        let rules = rulebook::in_force(ctx, write.conn(), network.id, local_day(&network, now)).await?;
        check_level(&rules, origin, "origin")?;
    }
    check_units(ctx, write.conn(), &command.units).await?;
    super::unit::check_members(write.conn(), network.id, &command.units, local_day(&network, now), "units").await?;
    let row = commission::ActiveModel {
        id: NotSet,
        network_id: Set(network.id),
        topic: Set(topic),
        requirement: Set(command.requirement),
        origin: Set(command.origin),
        due_at: Set(command.due_at),
        state: Set(CommissionState::Open),
        issued_by: Set(ctx.actor().id()),
        issued_at: Set(now),
        closed_because: Set(None),
        version: Set(1),
    };
    let id = commission::Entity::insert(row).exec(write.conn()).await?.last_insert_id;
    let assignments = command.units.iter().map(|unit| commission_assignment::ActiveModel {
        id: NotSet,
        commission_id: Set(id),
        unit_id: Set(*unit),
        due_at: Set(command.due_at),
        state: Set(AssignmentState::Assigned),
        answered_at: Set(None),
        outcome: Set(None),
        decided_on: Set(None),
        version: Set(1),
    });
    commission_assignment::Entity::insert_many(assignments).exec_without_returning(write.conn()).await?;
    write.in_network(network.id);
    write.did("IssueCommission", ObjectKind::Commission, id.0);
    let outcome = CommissionOutcome { commission: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

async fn check_units(ctx: &Ctx, conn: &impl ConnectionTrait, units: &[UnitId]) -> Result<()> {
    let mut distinct = units.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    if units.is_empty() || units.len() > 500 || distinct.len() != units.len() {
        return Err(Error::invalid("units", "name 1 to 500 different units", "请选择 1 至 500 个互不相同的单位"));
    }
    let found = ctx.scope().units().filter(unit::Column::Id.is_in(distinct)).all(conn).await?;
    if found.len() == units.len() { Ok(()) } else { Err(Error::not_found().at("units")) }
}

/// Marks an assignment as answered, in the transaction of the hand-in.
pub(crate) async fn answered(conn: &impl ConnectionTrait, id: CommissionAssignmentId, at: DateTime<Utc>) -> Result<()> {
    commission_assignment::Entity::update_many()
        .col_expr(commission_assignment::Column::State, Expr::value(AssignmentState::Answered))
        .col_expr(commission_assignment::Column::AnsweredAt, Expr::value(at))
        .col_expr(commission_assignment::Column::Version, Expr::col(commission_assignment::Column::Version).add(1))
        .filter(commission_assignment::Column::Id.eq(id))
        .filter(commission_assignment::Column::State.eq(AssignmentState::Assigned))
        .exec(conn)
        .await?;
    Ok(())
}

/// Marks an assignment as not answered when its answer is taken back, unless another one was handed in; in the transaction of
/// the withdrawal. What has been judged stays judged.
pub(crate) async fn taken_back(
    conn: &impl ConnectionTrait,
    id: CommissionAssignmentId,
    answer: SubmissionId,
) -> Result<()> {
    let other = submission::Entity::find()
        .filter(submission::Column::AssignmentId.eq(id))
        .filter(submission::Column::Id.ne(answer))
        .filter(submission::Column::SubmittedOn.is_not_null())
        .filter(submission::Column::State.ne(SubmissionState::Withdrawn))
        .one(conn)
        .await?;
    if other.is_some() {
        return Ok(());
    }
    commission_assignment::Entity::update_many()
        .col_expr(commission_assignment::Column::State, Expr::value(AssignmentState::Assigned))
        .col_expr(commission_assignment::Column::AnsweredAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(commission_assignment::Column::Version, Expr::col(commission_assignment::Column::Version).add(1))
        .filter(commission_assignment::Column::Id.eq(id))
        .filter(commission_assignment::Column::State.eq(AssignmentState::Answered))
        .exec(conn)
        .await?;
    Ok(())
}

/// Judges the answer to an assignment, or its absence.
#[derive(Clone, Debug, Serialize)]
pub struct JudgeAnswer {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which assignment.
    pub assignment: CommissionAssignmentId,
    /// The version that was read.
    pub expected_version: i64,
    /// What is decided; none excuses the unit.
    pub outcome: Option<AssignmentOutcome>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AssignmentJudged {
    /// The commission.
    pub commission: CommissionId,
    /// The assignment.
    pub assignment: CommissionAssignmentId,
}

impl Command for JudgeAnswer {
    fn name(&self) -> &'static str {
        if self.outcome.is_some() { "judgeAnswer" } else { "excuseAssignment" }
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores the judgement; it counts on the day on which the assignment fell due, or on which it was answered if that was earlier.
pub async fn judge(ctx: &Ctx, command: JudgeAnswer) -> Result<AssignmentJudged> {
    let write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = ctx
        .scope()
        .assignments()
        .filter(commission_assignment::Column::Id.eq(command.assignment))
        .one(write.conn())
        .await?
        .ok_or_else(Error::not_found)?;
    let parent = parent(write.conn(), &row).await?;
    let action = if command.outcome.is_some() { Action::JudgeAnswer } else { Action::ExcuseAssignment };
    ctx.authorize(action, Target::unit(parent.network_id, row.unit_id))?;
    if parent.state == CommissionState::Closed {
        return Err(Error::new(
            Code::WrongState,
            "the commission has been struck off; its judgements stand",
            "该约稿已销号，评定结果不再变更",
        ));
    }
    let network = ctx.network(write.conn(), parent.network_id).await?;
    let closings = closing::closings(write.conn(), network.id).await?;
    let decided_before =
        row.decided_on.or_else(|| (row.state == AssignmentState::Excused).then(|| local_day(&network, row.due_at)));
    if let Some(closed) = decided_before.and_then(|day| closings.of(day)) {
        return Err(closing::closed(closed.last_day));
    }
    if let Some(outcome) = command.outcome {
        check_outcome(&row, outcome, ctx.now())?;
    }
    let counted = row.answered_at.filter(|at| *at < row.due_at).unwrap_or(row.due_at);
    let counts_on = closings.counts_on(local_day(&network, counted), local_day(&network, ctx.now()));
    let (state, decided_on) = match command.outcome {
        Some(_) => (AssignmentState::Judged, Some(counts_on)),
        None => (AssignmentState::Excused, None::<NaiveDate>),
    };
    let updated = commission_assignment::Entity::update_many()
        .col_expr(commission_assignment::Column::State, Expr::value(state))
        .col_expr(commission_assignment::Column::Outcome, Expr::value(command.outcome))
        .col_expr(commission_assignment::Column::DecidedOn, Expr::value(decided_on))
        .col_expr(commission_assignment::Column::Version, Expr::col(commission_assignment::Column::Version).add(1))
        .filter(commission_assignment::Column::Id.eq(row.id))
        .filter(commission_assignment::Column::Version.eq(command.expected_version))
        .exec(write.conn())
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::version_conflict(row.version));
    }
    let outcome = AssignmentJudged { commission: parent.id, assignment: row.id };
    conclude(write, &parent, action, serde_json::json!({ "unit": row.unit_id, "outcome": command.outcome }), &outcome)
        .await?;
    Ok(outcome)
}

/// An outcome must agree with the deadline in force: late is late, and what came in time is not missed.
fn check_outcome(row: &commission_assignment::Model, outcome: AssignmentOutcome, now: DateTime<Utc>) -> Result<()> {
    let in_time = row.answered_at.is_some_and(|at| at <= row.due_at);
    let late = row.answered_at.is_some_and(|at| at > row.due_at);
    let over = now > row.due_at;
    let agrees = match outcome {
        AssignmentOutcome::Answered => in_time,
        AssignmentOutcome::Late => late,
        AssignmentOutcome::Missed => row.answered_at.is_none() && over,
        AssignmentOutcome::OffTopic => in_time || late,
    };
    if agrees {
        return Ok(());
    }
    Err(Error::invalid(
        "outcome",
        "the outcome contradicts the deadline and the time of the answer",
        "评定结果与截止时间及反馈时间不符",
    ))
}

/// Strikes a commission off.
#[derive(Clone, Debug, Serialize)]
pub struct CloseCommission {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which commission.
    pub commission: CommissionId,
    /// The version that was read.
    pub expected_version: i64,
    /// Why.
    pub reason: String,
}

impl Command for CloseCommission {
    fn name(&self) -> &'static str {
        "closeCommission"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Closes a commission with a reason, once every assignment has been judged or excused.
pub async fn close(ctx: &Ctx, command: CloseCommission) -> Result<CommissionOutcome> {
    let write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = ctx
        .scope()
        .commissions()
        .filter(commission::Column::Id.eq(command.commission))
        .one(write.conn())
        .await?
        .ok_or_else(Error::not_found)?;
    ctx.authorize(Action::CloseCommission, Target::network(row.network_id))?;
    let reason = super::unit::check_name(&command.reason, "reason")?.to_owned();
    let open = commission_assignment::Entity::find()
        .filter(commission_assignment::Column::CommissionId.eq(row.id))
        .filter(commission_assignment::Column::State.is_in([AssignmentState::Assigned, AssignmentState::Answered]))
        .all(write.conn())
        .await?;
    if row.state == CommissionState::Closed || !open.is_empty() {
        return Err(Error::new(
            Code::WrongState,
            format!("{} assignments have not been judged or excused, or the commission is closed already", open.len()),
            format!("尚有 {} 个单位未评定或免除，或该约稿已销号", open.len()),
        ));
    }
    let updated = commission::Entity::update_many()
        .col_expr(commission::Column::State, Expr::value(CommissionState::Closed))
        .col_expr(commission::Column::ClosedBecause, Expr::value(reason))
        .col_expr(commission::Column::Version, Expr::col(commission::Column::Version).add(1))
        .filter(commission::Column::Id.eq(row.id))
        .filter(commission::Column::Version.eq(command.expected_version))
        .exec(write.conn())
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::version_conflict(row.version));
    }
    let outcome = CommissionOutcome { commission: row.id };
    conclude(write, &row, Action::CloseCommission, serde_json::Value::Null, &outcome).await?;
    Ok(outcome)
}

async fn parent(conn: &impl ConnectionTrait, row: &commission_assignment::Model) -> Result<commission::Model> {
    commission::Entity::find_by_id(row.commission_id).one(conn).await?.ok_or_else(Error::not_found)
}

async fn conclude<O: Serialize + Sync>(
    mut write: Write,
    row: &commission::Model,
    action: Action,
    details: serde_json::Value,
    outcome: &O,
) -> Result<()> {
    write.in_network(row.network_id);
    write.record(Entry::new(action.name(), ObjectKind::Commission, row.id.0).with(details));
    write.commit(outcome).await
}
