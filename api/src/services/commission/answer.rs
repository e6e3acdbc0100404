//! The unit's part: taking note, answering, taking the answer back.

use chrono::{DateTime, Utc};
use entity::commission::CommissionState;
use entity::commission_assignment::{self, AssignmentState};
use entity::ids::{CommissionAssignmentId, SubmissionId};
use entity::submission::{self, SubmissionState};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _};
use serde::Serialize;

use super::moves::Moment;
use super::standing::{self, AWAITED};
use super::{AssignmentOutcome, apply, check_version, conclude, find_assignment, moves, update};
use crate::auth::policy::Action;
use crate::error::{Code, Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, submission as submissions};

/// Takes note of what is asked.
#[derive(Clone, Debug, Serialize)]
pub struct ReadCommission {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which assignment.
    pub assignment: CommissionAssignmentId,
    /// The version that was read.
    pub expected_version: i64,
}

impl Command for ReadCommission {
    fn name(&self) -> &'static str {
        "readCommission"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Marks an assignment as read.
pub async fn read(ctx: &Ctx, command: ReadCommission) -> Result<AssignmentOutcome> {
    let write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let (row, of) = find_assignment(ctx, write.conn(), command.assignment).await?;
    let now = ctx.now();
    moves::may(ctx.actor(), Action::ReadCommission, &row, &of, &Moment::at(now))?;
    check_version(row.version, command.expected_version)?;
    let change = update(&row)
        .col_expr(commission_assignment::Column::State, Expr::value(AssignmentState::Read))
        .col_expr(commission_assignment::Column::ReadAt, Expr::value(now));
    apply(write.conn(), &row, change).await?;
    let outcome = AssignmentOutcome { commission: of.id, assignment: row.id };
    conclude(write, &of, Action::ReadCommission, serde_json::json!({ "unit": row.unit_id }), &outcome).await?;
    Ok(outcome)
}

/// Answers with a submission that the unit has drafted or handed in already.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerCommission {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which assignment.
    pub assignment: CommissionAssignmentId,
    /// The version that was read.
    pub expected_version: i64,
    /// With what.
    pub submission: SubmissionId,
}

impl Command for AnswerCommission {
    fn name(&self) -> &'static str {
        "answerCommission"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Links a submission to the assignment. What has been handed in answers it now, whenever it was handed in: before it was
/// linked, the office could not know of it. What has not been handed in answers it when it is.
pub async fn answer(ctx: &Ctx, command: AnswerCommission) -> Result<AssignmentOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let (row, of) = find_assignment(ctx, write.conn(), command.assignment).await?;
    let now = ctx.now();
    moves::may(ctx.actor(), Action::AnswerCommission, &row, &of, &Moment::at(now))?;
    check_version(row.version, command.expected_version)?;
    let item =
        submissions::find(ctx, write.conn(), command.submission).await.map_err(|error| error.at("submission"))?;
    let handed_in = check_answer(&item, &row, &of)?;
    let change = submissions::update(&item).col_expr(submission::Column::AssignmentId, Expr::value(row.id));
    submissions::apply(write.conn(), item.id, change).await?;
    if handed_in && AWAITED.contains(&row.state) {
        let change = update(&row)
            .col_expr(commission_assignment::Column::State, Expr::value(AssignmentState::Answered))
            .col_expr(commission_assignment::Column::AnsweredAt, Expr::value(now));
        apply(write.conn(), &row, change).await?;
    }
    let action = Action::AnswerCommission;
    let details = serde_json::json!({ "unit": row.unit_id, "submission": item.id });
    write.record(Entry::new(action.name(), ObjectKind::Submission, item.id.0));
    let outcome = AssignmentOutcome { commission: of.id, assignment: row.id };
    conclude(write, &of, action, details, &outcome).await?;
    Ok(outcome)
}

/// Whether the submission is with the office, if it can be an answer at all.
fn check_answer(
    item: &submission::Model,
    row: &commission_assignment::Model,
    of: &entity::commission::Model,
) -> Result<bool> {
    if item.unit_id != row.unit_id || item.network_id != of.network_id {
        return Err(Error::not_found().at("submission"));
    }
    if item.assignment_id.is_some() {
        return Err(Error::new(
            Code::AlreadyExists,
            "this submission answers a commission already",
            "该信息已用于反馈约稿",
        )
        .at("submission"));
    }
    match item.state {
        SubmissionState::Submitted
        | SubmissionState::Received
        | SubmissionState::Shortlisted
        | SubmissionState::Merged
        | SubmissionState::Adopted => Ok(true),
        SubmissionState::Draft | SubmissionState::Signed | SubmissionState::Refused | SubmissionState::Returned => {
            Ok(false)
        }
        SubmissionState::Declined | SubmissionState::Withdrawn => Err(Error::new(
            Code::WrongState,
            "a declined or withdrawn submission is no answer",
            "未采用或已撤回的信息不能作为约稿反馈",
        )
        .at("submission")),
    }
}

/// Marks an assignment as answered, in the transaction of the hand-in.
pub(crate) async fn answered(conn: &impl ConnectionTrait, id: CommissionAssignmentId, at: DateTime<Utc>) -> Result<()> {
    commission_assignment::Entity::update_many()
        .col_expr(commission_assignment::Column::State, Expr::value(AssignmentState::Answered))
        .col_expr(commission_assignment::Column::AnsweredAt, Expr::value(at))
        .col_expr(commission_assignment::Column::Version, Expr::col(commission_assignment::Column::Version).add(1))
        .filter(commission_assignment::Column::Id.eq(id))
        .filter(commission_assignment::Column::State.is_in(AWAITED))
        .exec(conn)
        .await?;
    Ok(())
}

/// Marks an assignment as to be reworked when its answer is returned, unless another one was handed in; in the transaction of the
/// return. Its deadline stays, and what was late stays late. What has been judged stays judged.
pub(crate) async fn sent_back(
    conn: &impl ConnectionTrait,
    id: CommissionAssignmentId,
    answer: SubmissionId,
    comment: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(row) = commission_assignment::Entity::find_by_id(id).one(conn).await? else { return Ok(()) };
    if row.state != AssignmentState::Answered || other_answer(conn, id, answer).await? {
        return Ok(());
    }
    let change = update(&row)
        .col_expr(commission_assignment::Column::State, Expr::value(AssignmentState::Rework))
        .col_expr(commission_assignment::Column::FellDueAt, Expr::value(standing::fell_due(&row, now)))
        .col_expr(commission_assignment::Column::AnsweredAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(commission_assignment::Column::Comment, Expr::value(comment));
    apply(conn, &row, change).await
}

/// Whether a returned answer could come in time again: afterwards, `reworkAnswer` returns it with a new deadline.
pub(crate) fn past_its_deadline(
    row: &commission_assignment::Model,
    of: &entity::commission::Model,
    now: DateTime<Utc>,
) -> bool {
    row.state == AssignmentState::Answered
        && of.state == CommissionState::Open
        && standing::late_by(row).is_none()
        && now > row.due_at
}

/// Whether the assignment has another answer that is with the office.
async fn other_answer(conn: &impl ConnectionTrait, id: CommissionAssignmentId, answer: SubmissionId) -> Result<bool> {
    let other = submission::Entity::find()
        .filter(submission::Column::AssignmentId.eq(id))
        .filter(submission::Column::Id.ne(answer))
        .filter(submission::Column::SubmittedOn.is_not_null())
        .filter(submission::Column::State.is_not_in([SubmissionState::Withdrawn, SubmissionState::Returned]))
        .one(conn)
        .await?;
    Ok(other.is_some())
}

/// Marks an assignment as not answered when its answer is taken back, unless another one was handed in; in the transaction of
/// the withdrawal. What has been judged stays judged.
pub(crate) async fn taken_back(
    conn: &impl ConnectionTrait,
    id: CommissionAssignmentId,
    answer: SubmissionId,
) -> Result<()> {
    if other_answer(conn, id, answer).await? {
        return Ok(());
    }
    let read = commission_assignment::Column::ReadAt;
    for (state, condition) in [(AssignmentState::Assigned, read.is_null()), (AssignmentState::Read, read.is_not_null())]
    {
        commission_assignment::Entity::update_many()
            .col_expr(commission_assignment::Column::State, Expr::value(state))
            .col_expr(commission_assignment::Column::AnsweredAt, Expr::value(None::<DateTime<Utc>>))
            .col_expr(commission_assignment::Column::Version, Expr::col(commission_assignment::Column::Version).add(1))
            .filter(commission_assignment::Column::Id.eq(id))
            .filter(
                Condition::all().add(commission_assignment::Column::State.eq(AssignmentState::Answered)).add(condition),
            )
            .exec(conn)
            .await?;
    }
    Ok(())
}
