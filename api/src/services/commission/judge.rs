//! Judging an answer, or its absence; letting a unit off.

use chrono::{DateTime, NaiveDate, Utc};
use entity::commission_assignment::{self, AssignmentOutcome as Outcome, AssignmentState};
use entity::ids::CommissionAssignmentId;
use sea_orm::sea_query::Expr;
use serde::Serialize;

use super::moves::Moment;
use super::{
    AssignmentOutcome, apply, check_comment, check_version, conclude, find_assignment, moves, standing, update,
};
use crate::auth::policy::Action;
use crate::error::{Error, Result};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, closing, local_day};

/// What the office decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// How it ended; none for what the deadlines and the time of the answer say.
    Judge(Option<Outcome>),
    /// The unit need not answer.
    Excuse,
}

impl Decision {
    fn action(self) -> Action {
        match self {
            Self::Judge(_) => Action::JudgeAnswer,
            Self::Excuse => Action::ExcuseAssignment,
        }
    }
}

/// Judges the answer to an assignment, or its absence, or lets the unit off.
#[derive(Clone, Debug, Serialize)]
pub struct JudgeAnswer {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which assignment.
    pub assignment: CommissionAssignmentId,
    /// The version that was read.
    pub expected_version: i64,
    /// What is decided.
    pub decision: Decision,
    /// Why, in words.
    pub comment: Option<String>,
}

impl Command for JudgeAnswer {
    fn name(&self) -> &'static str {
        match self.decision {
            Decision::Judge(_) => "judgeAnswer",
            Decision::Excuse => "excuseAssignment",
        }
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores the decision. A judgement counts on the day on which the assignment fell due, or on which it was answered if that was
/// earlier.
pub async fn judge(ctx: &Ctx, command: JudgeAnswer) -> Result<AssignmentOutcome> {
    let write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let (row, of) = find_assignment(ctx, write.conn(), command.assignment).await?;
    let (now, action) = (ctx.now(), command.decision.action());
    let network = crate::services::network_row(write.conn(), of.network_id).await?;
    let closings = closing::closings(write.conn(), network.id).await?;
    moves::may(ctx.actor(), action, &row, &of, &Moment::of(now, &row, &network, &closings))?;
    check_version(row.version, command.expected_version)?;
    let comment = check_comment(command.comment, "comment")?;
    let outcome = match command.decision {
        Decision::Judge(Some(outcome)) => Some(check_outcome(&row, outcome, now)?),
        Decision::Judge(None) => standing::outcome(&row, now),
        Decision::Excuse => None,
    };
    let due_at = standing::judged_by(&row);
    let counted = row.answered_at.filter(|at| *at < due_at).unwrap_or(due_at);
    let counts_on = closings.counts_on(local_day(&network, counted), local_day(&network, now));
    let (state, decided_on) = match outcome {
        Some(_) => (AssignmentState::Judged, Some(counts_on)),
        None => (AssignmentState::Excused, None::<NaiveDate>),
    };
    let change = update(&row)
        .col_expr(commission_assignment::Column::State, Expr::value(state))
        .col_expr(commission_assignment::Column::Outcome, Expr::value(outcome))
        .col_expr(commission_assignment::Column::DecidedOn, Expr::value(decided_on))
        .col_expr(commission_assignment::Column::Comment, Expr::value(comment));
    apply(write.conn(), &row, change).await?;
    let judged = AssignmentOutcome { commission: of.id, assignment: row.id };
    let details = serde_json::json!({ "unit": row.unit_id, "outcome": outcome });
    conclude(write, &of, action, details, &judged).await?;
    Ok(judged)
}

/// An outcome must agree with the deadlines: late is late, and what came in time is not missed. That an answer is off topic is
/// for the office to say.
fn check_outcome(row: &commission_assignment::Model, outcome: Outcome, now: DateTime<Utc>) -> Result<Outcome> {
    let agrees = match outcome {
        Outcome::OffTopic => row.answered_at.is_some(),
        Outcome::Answered | Outcome::Late | Outcome::Missed => standing::outcome(row, now) == Some(outcome),
    };
    if agrees {
        return Ok(outcome);
    }
    Err(Error::invalid(
        "outcome",
        "the outcome contradicts the deadline and the time of the answer",
        "评定结果与截止时间及反馈时间不符",
    ))
}
