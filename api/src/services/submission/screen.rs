//! The office's first look: sending back, screening out.

use entity::ids::SubmissionId;
use entity::screening::{self, ScreeningDecision, ScreeningReason};
use entity::submission::{self, SubmissionState};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    EntityTrait as _,
};
use serde::Serialize;

use super::draft::{finish, rules};
use super::{SubmissionOutcome, apply, check_version, find, moves, update};
use crate::auth::policy::Action;
use crate::error::{Error, Result};
use crate::services::Ctx;
use crate::services::write::{Begun, Command};

/// Longest comment.
pub const COMMENT_CHARACTERS: usize = 500;

/// Sends a submission back, or screens it out.
#[derive(Clone, Debug, Serialize)]
pub struct ScreenSubmission {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which submission.
    pub submission: SubmissionId,
    /// The version that was read.
    pub expected_version: i64,
    /// Back or out.
    pub decision: ScreeningDecision,
    /// Why, as a code.
    pub reason: ScreeningReason,
    /// Why, in words.
    pub comment: Option<String>,
}

impl Command for ScreenSubmission {
    fn name(&self) -> &'static str {
        match self.decision {
            ScreeningDecision::Returned => "returnSubmission",
            ScreeningDecision::Declined => "declineSubmission",
        }
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Carries a screening decision out. A unit that gets something back is told in words what to do about it.
pub async fn screen(ctx: &Ctx, command: ScreenSubmission) -> Result<SubmissionOutcome> {
    let write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let (action, state) = match command.decision {
        ScreeningDecision::Returned => (Action::ReturnSubmission, SubmissionState::Returned),
        ScreeningDecision::Declined => (Action::DeclineSubmission, SubmissionState::Declined),
    };
    let row = find(ctx, write.conn(), command.submission).await?;
    let rules = rules(ctx, write.conn(), &row).await?;
    moves::may(ctx.actor(), action, &row, &rules)?;
    check_version(&row, command.expected_version)?;
    let comment = check_comment(command.comment, command.decision)?;
    let now = ctx.now();
    let mut change = update(&row)
        .col_expr(submission::Column::State, Expr::value(state))
        .col_expr(submission::Column::DecidedAt, Expr::value(now));
    if row.received_at.is_none() {
        change = change.col_expr(submission::Column::ReceivedAt, Expr::value(now));
    }
    apply(write.conn(), row.id, change).await?;
    let decision = screening::ActiveModel {
        id: NotSet,
        submission_id: Set(row.id),
        decision: Set(command.decision),
        reason: Set(command.reason),
        comment: Set(comment),
        decided_by: Set(ctx.actor().id()),
        decided_at: Set(now),
    };
    screening::Entity::insert(decision).exec_without_returning(write.conn()).await?;
    finish(write, &row, action, state).await
}

fn check_comment(comment: Option<String>, decision: ScreeningDecision) -> Result<Option<String>> {
    let comment = comment.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if comment.as_ref().is_some_and(|text| text.chars().count() > COMMENT_CHARACTERS) {
        return Err(Error::invalid("comment", "a comment has at most 500 characters", "说明不得超过 500 个字"));
    }
    if decision == ScreeningDecision::Returned && comment.is_none() {
        return Err(Error::invalid("comment", "say in words what the unit has to change", "退回须写明修改意见"));
    }
    Ok(comment)
}
