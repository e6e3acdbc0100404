//! The office's first look: shortlisting, sending back, screening out.

use entity::appraisal::AppraisalDecision;
use entity::ids::SubmissionId;
use entity::screening::{self, ScreeningDecision, ScreeningReason};
use entity::submission;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ConnectionTrait, EntityTrait as _,
};
use serde::Serialize;

use super::appraise::{self, Criteria};
use super::draft::{finish, rules};
use super::{SubmissionOutcome, apply, check_version, claim, find, moves, update};
use crate::auth::policy::Action;
use crate::error::{Error, Result};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, commission};

/// Longest comment.
pub const COMMENT_CHARACTERS: usize = 500;

/// Shortlists a submission, sends it back, or screens it out.
#[derive(Clone, Debug, Serialize)]
pub struct ScreenSubmission {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which submission.
    pub submission: SubmissionId,
    /// The version that was read.
    pub expected_version: i64,
    /// What is decided.
    pub verdict: Verdict,
}

/// A decision with its grounds.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// On the list, back or out.
    pub decision: ScreeningDecision,
    /// Why, as a code.
    pub reason: ScreeningReason,
    /// Why, in words.
    pub comment: Option<String>,
    /// What was judged.
    pub criteria: Criteria,
}

impl Command for ScreenSubmission {
    fn name(&self) -> &'static str {
        match self.verdict.decision {
            ScreeningDecision::Returned => "returnSubmission",
            ScreeningDecision::Declined => "declineSubmission",
            ScreeningDecision::Shortlisted => "shortlistSubmission",
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
    let row = find(ctx, write.conn(), command.submission).await?;
    let action = decide(ctx, write.conn(), &row, command.expected_version, command.verdict).await?;
    let to = moves::after(action, row.state);
    finish(write, &row, action, to).await
}

/// The act by which a decision is carried out.
pub(super) fn action(decision: ScreeningDecision) -> Action {
    match decision {
        ScreeningDecision::Returned => Action::ReturnSubmission,
        ScreeningDecision::Declined => Action::DeclineSubmission,
        ScreeningDecision::Shortlisted => Action::ShortlistSubmission,
    }
}

/// Decides on a submission that was found in the scope, and returns the act that remains to be put on record.
pub(super) async fn decide(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    row: &submission::Model,
    expected_version: i64,
    verdict: Verdict,
) -> Result<Action> {
    let action = action(verdict.decision);
    let rules = rules(ctx, conn, row).await?;
    moves::may(ctx.actor(), action, row, &rules)?;
    check_version(row, expected_version)?;
    check_reason(verdict.reason, verdict.decision)?;
    let comment = check_comment(verdict.comment, verdict.decision)?;
    let now = ctx.now();
    let mut change = update(row).col_expr(submission::Column::State, Expr::value(moves::after(action, row.state)));
    let appraised = match verdict.decision {
        ScreeningDecision::Shortlisted => AppraisalDecision::Shortlisted,
        ScreeningDecision::Returned => AppraisalDecision::Returned,
        ScreeningDecision::Declined => AppraisalDecision::Declined,
    };
    // Whoever shortlists goes on working on it; the others are done.
    if appraised != AppraisalDecision::Shortlisted {
        change = claim::ended(change).col_expr(submission::Column::DecidedAt, Expr::value(now));
    }
    if row.received_at.is_none() {
        change = change.col_expr(submission::Column::ReceivedAt, Expr::value(now));
    }
    apply(conn, row.id, change).await?;
    if let (ScreeningDecision::Returned, Some(assignment)) = (verdict.decision, row.assignment_id) {
        commission::sent_back(conn, assignment, row.id, comment.as_deref(), now).await?;
    }
    let decision = screening::ActiveModel {
        id: NotSet,
        submission_id: Set(row.id),
        decision: Set(verdict.decision),
        reason: Set(verdict.reason),
        comment: Set(comment),
        decided_by: Set(ctx.actor().id()),
        decided_at: Set(now),
    };
    screening::Entity::insert(decision).exec_without_returning(conn).await?;
    appraise::store(conn, row.id, appraised, verdict.criteria, (ctx.actor().id(), now)).await?;
    Ok(action)
}

/// What is shortlisted has something that speaks for it; what is not, something that speaks against it.
fn check_reason(reason: ScreeningReason, decision: ScreeningDecision) -> Result<()> {
    match (decision, reason.is_in_favour()) {
        (ScreeningDecision::Shortlisted, true) | (ScreeningDecision::Returned | ScreeningDecision::Declined, false) => {
            Ok(())
        }
        (ScreeningDecision::Shortlisted, false) => Err(Error::invalid(
            "reason",
            "shortlisting needs a reason that speaks for the submission",
            "列入拟用须选择正面理由",
        )),
        (ScreeningDecision::Returned | ScreeningDecision::Declined, true) => Err(Error::invalid(
            "reason",
            "this reason speaks for the submission; choose one that speaks against it",
            "该理由为正面理由，退回或不予采用须选择其他理由",
        )),
    }
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
