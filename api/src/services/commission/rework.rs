//! Sending an answer back to the unit, with what to change and perhaps until when.

use chrono::{DateTime, Utc};
use entity::commission_assignment::{self, AssignmentState};
use entity::ids::CommissionAssignmentId;
use entity::screening::{self, ScreeningDecision, ScreeningReason};
use entity::submission::{self, SubmissionState};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, QueryFilter as _,
};
use serde::Serialize;

use super::chain::{check_within, stored};
use super::moves::Moment;
use super::{
    AssignmentOutcome, apply, check_reason, check_version, conclude, find_assignment, moves, note_extension, standing,
    update,
};
use crate::auth::policy::Action;
use crate::error::{Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command, Write};
use crate::services::{Ctx, submission as submissions};

/// Sends an answer back.
#[derive(Clone, Debug, Serialize)]
pub struct ReworkAnswer {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which assignment.
    pub assignment: CommissionAssignmentId,
    /// The version that was read.
    pub expected_version: i64,
    /// Why, as a code.
    pub reason: ScreeningReason,
    /// What to change.
    pub comment: String,
    /// Until when; the deadline in force if none.
    pub due_at: Option<DateTime<Utc>>,
}

impl Command for ReworkAnswer {
    fn name(&self) -> &'static str {
        "reworkAnswer"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Returns the answers that are with the office, and waits for another one. What came in time is judged by the new deadline;
/// what was late stays late.
pub async fn rework(ctx: &Ctx, command: ReworkAnswer) -> Result<AssignmentOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let (row, of) = find_assignment(ctx, write.conn(), command.assignment).await?;
    let now = ctx.now();
    moves::may(ctx.actor(), Action::ReworkAnswer, &row, &of, &Moment::at(now))?;
    check_version(row.version, command.expected_version)?;
    let comment = check_reason(&command.comment, "comment")?;
    let due_at = command.due_at.unwrap_or(row.due_at);
    if due_at <= now || due_at < row.due_at {
        return Err(Error::invalid(
            "dueAt",
            "give a deadline that lies ahead and not before the present one",
            "请给出晚于当前时间且不早于现行截止时间的新期限",
        ));
    }
    if due_at > row.due_at {
        check_within(&stored(write.conn(), of.id).await?, due_at, "dueAt")?;
        note_extension(ctx, write.conn(), &row, due_at, &comment).await?;
    }
    let change = update(&row)
        .col_expr(commission_assignment::Column::State, Expr::value(AssignmentState::Rework))
        .col_expr(commission_assignment::Column::FellDueAt, Expr::value(standing::fell_due(&row, now)))
        .col_expr(commission_assignment::Column::DueAt, Expr::value(due_at))
        .col_expr(commission_assignment::Column::AnsweredAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(commission_assignment::Column::Comment, Expr::value(comment.clone()));
    apply(write.conn(), &row, change).await?;
    send_back(ctx, &mut write, &row, command.reason, &comment).await?;
    let outcome = AssignmentOutcome { commission: of.id, assignment: row.id };
    let details = serde_json::json!({ "unit": row.unit_id, "dueAt": due_at });
    conclude(write, &of, Action::ReworkAnswer, details, &outcome).await?;
    Ok(outcome)
}

/// Returns the answers that are with the office and can go back; what was adopted stays where it is.
async fn send_back(
    ctx: &Ctx,
    write: &mut Write,
    row: &commission_assignment::Model,
    reason: ScreeningReason,
    comment: &str,
) -> Result<()> {
    let now = ctx.now();
    let answers = submission::Entity::find()
        .filter(submission::Column::AssignmentId.eq(row.id))
        .filter(submission::Column::State.is_in([
            SubmissionState::Submitted,
            SubmissionState::Received,
            SubmissionState::Shortlisted,
        ]))
        .all(write.conn())
        .await?;
    for answer in answers {
        let mut change = submissions::update(&answer)
            .col_expr(submission::Column::State, Expr::value(SubmissionState::Returned))
            .col_expr(submission::Column::DecidedAt, Expr::value(now))
            .col_expr(submission::Column::ClaimedBy, Expr::value(None::<i64>))
            .col_expr(submission::Column::ClaimedAt, Expr::value(None::<DateTime<Utc>>));
        if answer.received_at.is_none() {
            change = change.col_expr(submission::Column::ReceivedAt, Expr::value(now));
        }
        submissions::apply(write.conn(), answer.id, change).await?;
        let decision = screening::ActiveModel {
            id: NotSet,
            submission_id: Set(answer.id),
            decision: Set(ScreeningDecision::Returned),
            reason: Set(reason),
            comment: Set(Some(comment.to_owned())),
            decided_by: Set(ctx.actor().id()),
            decided_at: Set(now),
        };
        screening::Entity::insert(decision).exec_without_returning(write.conn()).await?;
        let entry = Entry::new(Action::ReworkAnswer.name(), ObjectKind::Submission, answer.id.0);
        let from = submissions::state_name(answer.state);
        write.record(entry.moved(from, submissions::state_name(SubmissionState::Returned)));
    }
    Ok(())
}
