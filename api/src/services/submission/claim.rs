//! Claims: an editor takes a submission to work on, so that no other does the same work.
//!
//! A claim ends with a decision, with its release, or by itself, so that a forgotten one holds nobody up.

use chrono::{DateTime, Duration, Utc};
use entity::ids::PersonId;
use entity::submission;
use sea_orm::UpdateMany;
use sea_orm::sea_query::Expr;

use crate::auth::actor::Actor;
use crate::auth::policy::{Action, allows};
use crate::error::{Code, Error, Result};

/// How long a claim holds.
pub const HOURS: i64 = 2;

/// A claim in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who works on it.
    pub by: PersonId,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When the claim ends by itself.
    pub until: DateTime<Utc>,
}

/// The claim on a submission that is in force at `now`.
pub fn in_force(row: &submission::Model, now: DateTime<Utc>) -> Option<Claim> {
    let (by, since) = (row.claimed_by?, row.claimed_at?);
    let until = since + Duration::hours(HOURS);
    (now < until).then_some(Claim { by, since, until })
}

/// Whether a claim stands in the way of `action`: nobody decides on what another editor works on.
pub(super) fn check(actor: &Actor, action: Action, row: &submission::Model) -> Result<()> {
    let claim = in_force(row, actor.loaded_at());
    let others = claim.filter(|claim| claim.by != actor.id());
    match action {
        Action::ReleaseSubmission if claim.is_none() => {
            Err(Error::new(Code::WrongState, "nobody has claimed the submission", "该信息当前无人认领"))
        }
        Action::ReleaseSubmission if allows(actor, Action::OverrideClaim, super::moves::target(row)) => Ok(()),
        Action::ReleaseSubmission
        | Action::ClaimSubmission
        | Action::ReceiveSubmission
        | Action::ShortlistSubmission
        | Action::ReturnSubmission
        | Action::DeclineSubmission
        | Action::AdoptSubmission
        | Action::MergeSubmissions
        | Action::SendUpSubmission
        | Action::RecordAdoption => others.map_or(Ok(()), |claim| Err(claimed(claim))),
        _ => Ok(()),
    }
}

fn claimed(claim: Claim) -> Error {
    Error::new(
        Code::Claimed,
        "another editor works on the submission; wait for their decision, or let the chief editor release it",
        "该信息已由其他编辑认领，请待其处理完毕，或由负责人解除认领",
    )
    .with(serde_json::json!({ "until": claim.until }))
}

/// The update that also ends a claim.
pub(super) fn ended(update: UpdateMany<submission::Entity>) -> UpdateMany<submission::Entity> {
    update
        .col_expr(submission::Column::ClaimedBy, Expr::value(None::<i64>))
        .col_expr(submission::Column::ClaimedAt, Expr::value(None::<DateTime<Utc>>))
}
