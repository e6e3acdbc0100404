//! Revoking an adoption or an endorsement, here and in every network below that was told of it.
//!
//! Nothing is deleted: the row stays with the reason, and counts for nothing. A closed period keeps its figures; what they would have been
//! without it is made up for by a line on the day of the revocation (`services::reversal`).

use entity::ids::{AdoptionId, EndorsementId, SubmissionId};
use entity::issue::{self, IssueState};
use entity::submission::{self, SubmissionState};
use entity::{adoption, echo, endorsement, relay};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _};
use serde::Serialize;

use super::correct::check_ours;
use super::down::touch;
use super::{amend, relays_from};
use crate::auth::policy::Action;
use crate::error::{Error, Result};
use crate::services::Ctx;
use crate::services::audit::{Entry, ObjectKind};
use crate::services::commission::check_reason;
use crate::services::reversal::{self, Corrected};
use crate::services::submission::adopt::AdoptionOutcome;
use crate::services::submission::endorse::EndorsementOutcome;
use crate::services::submission::{apply, check_version, draft, find, moves, state_name, update};
use crate::services::write::{Begun, Command, Write};

/// Revokes an adoption.
#[derive(Clone, Debug, Serialize)]
pub struct RevokeAdoption {
    /// See [`Command`].
    pub idempotency_key: String,
    /// The adopted submission.
    pub submission: SubmissionId,
    /// The version of the submission that was read.
    pub expected_version: i64,
    /// Which adoption of it.
    pub adoption: AdoptionId,
    /// Why.
    pub reason: String,
}

/// Revokes an endorsement.
#[derive(Clone, Debug, Serialize)]
pub struct RevokeEndorsement {
    /// See [`Command`].
    pub idempotency_key: String,
    /// The endorsed submission.
    pub submission: SubmissionId,
    /// The version of the submission that was read.
    pub expected_version: i64,
    /// Which endorsement of it.
    pub endorsement: EndorsementId,
    /// Why.
    pub reason: String,
}

impl Command for RevokeAdoption {
    fn name(&self) -> &'static str {
        "revokeAdoption"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

impl Command for RevokeEndorsement {
    fn name(&self) -> &'static str {
        "revokeEndorsement"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Revokes an adoption. A submission of which none is left is with the office again. What came from above is revoked above.
pub async fn adoption(ctx: &Ctx, command: RevokeAdoption) -> Result<AdoptionOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.submission).await?;
    let rules = draft::rules(ctx, write.conn(), &row).await?;
    moves::may(ctx.actor(), Action::RevokeAdoption, &row, &rules)?;
    check_version(&row, command.expected_version)?;
    let found = adoption::Entity::find_by_id(command.adoption).one(write.conn()).await?;
    let found = found.filter(|found| found.submission_id == row.id);
    let found = found.ok_or_else(|| Error::not_found().at("adoption"))?;
    check_ours(write.conn(), &found).await?;
    let reason = check_reason(&command.reason, "reason")?;
    apply(write.conn(), row.id, update(&row)).await?;
    take_adoption(ctx, write.conn(), &row, found.id, &reason).await?;
    take_out(write.conn(), &found).await?;
    let to = after(write.conn(), &row).await?;
    write.in_network(row.network_id);
    let entry = Entry::new(Action::RevokeAdoption.name(), ObjectKind::Submission, row.id.0);
    let entry = entry.moved(state_name(row.state), state_name(to));
    write.record(entry.with(serde_json::json!({ "adoption": found.id, "reason": reason })));
    let told = echo::Entity::find().filter(echo::Column::SourceAdoptionId.eq(found.id));
    for echo in told.order_by_asc(echo::Column::Id).all(write.conn()).await? {
        let below = below(write.conn(), &echo).await?;
        if let Some(left) = echo.adoption_id {
            take_adoption(ctx, write.conn(), &below, left, &reason).await?;
        }
        let to = after(write.conn(), &below).await?;
        record_below(&mut write, &below, to, &echo, found.id.0);
    }
    let outcome = AdoptionOutcome { submission: row.id, adoption: found.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Revokes an endorsement. What came from above is revoked above.
pub async fn endorsement(ctx: &Ctx, command: RevokeEndorsement) -> Result<EndorsementOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.submission).await?;
    let rules = draft::rules(ctx, write.conn(), &row).await?;
    moves::may(ctx.actor(), Action::RevokeEndorsement, &row, &rules)?;
    check_version(&row, command.expected_version)?;
    let found = amend::find_ours(write.conn(), row.id, command.endorsement).await?;
    let reason = check_reason(&command.reason, "reason")?;
    apply(write.conn(), row.id, update(&row)).await?;
    take_endorsement(ctx, write.conn(), &row, found.id, &reason).await?;
    write.in_network(row.network_id);
    let entry = Entry::new(Action::RevokeEndorsement.name(), ObjectKind::Submission, row.id.0);
    let entry = entry.moved(state_name(row.state), state_name(row.state));
    write.record(entry.with(serde_json::json!({ "endorsement": found.id, "reason": reason })));
    let told = echo::Entity::find().filter(echo::Column::SourceEndorsementId.eq(found.id));
    for echo in told.order_by_asc(echo::Column::Id).all(write.conn()).await? {
        let below = below(write.conn(), &echo).await?;
        if let Some(left) = echo.endorsement_id {
            take_endorsement(ctx, write.conn(), &below, left, &reason).await?;
        }
        record_below(&mut write, &below, below.state, &echo, found.id.0);
    }
    let outcome = EndorsementOutcome { submission: row.id, endorsement: found.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The submission of the network below that was told, its change counted.
async fn below(conn: &impl ConnectionTrait, echo: &echo::Model) -> Result<submission::Model> {
    let step = relay::Entity::find_by_id(echo.relay_id).one(conn).await?.ok_or_else(Error::not_found)?;
    touch(conn, step.lower_id).await
}

fn record_below(write: &mut Write, below: &submission::Model, to: SubmissionState, echo: &echo::Model, source: i64) {
    let entry = Entry::new("EchoRevocation", ObjectKind::Submission, below.id.0);
    let entry = entry.moved(state_name(below.state), state_name(to));
    let details = serde_json::json!({ "fromNetwork": echo.source_network_id, "source": source });
    write.record_in(below.network_id, entry.with(details));
}

async fn take_adoption(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    of: &submission::Model,
    id: AdoptionId,
    reason: &str,
) -> Result<()> {
    adoption::Entity::update_many()
        .col_expr(adoption::Column::RevokedAt, Expr::value(ctx.now()))
        .col_expr(adoption::Column::RevokedBy, Expr::value(ctx.actor().id()))
        .col_expr(adoption::Column::RevokedBecause, Expr::value(reason))
        .filter(adoption::Column::Id.eq(id))
        .filter(adoption::Column::RevokedAt.is_null())
        .exec(conn)
        .await?;
    reversal::settle(ctx, conn, of.network_id, of.id, Corrected::Adoption(id)).await
}

/// Takes what was revoked out of its issue, unless that is published: what was printed stays printed.
async fn take_out(conn: &impl ConnectionTrait, row: &adoption::Model) -> Result<()> {
    let Some(issue) = row.issue_id else { return Ok(()) };
    let issue = issue::Entity::find_by_id(issue).one(conn).await?;
    if issue.is_some_and(|issue| issue.state != IssueState::Published) {
        adoption::Entity::update_many()
            .col_expr(adoption::Column::IssueId, Expr::value(None::<i64>))
            .filter(adoption::Column::Id.eq(row.id))
            .exec(conn)
            .await?;
    }
    Ok(())
}

/// Revokes an endorsement of a submission.
pub(super) async fn take_endorsement(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    of: &submission::Model,
    id: EndorsementId,
    reason: &str,
) -> Result<()> {
    endorsement::Entity::update_many()
        .col_expr(endorsement::Column::RevokedAt, Expr::value(ctx.now()))
        .col_expr(endorsement::Column::RevokedBy, Expr::value(ctx.actor().id()))
        .col_expr(endorsement::Column::RevokedBecause, Expr::value(reason))
        .col_expr(endorsement::Column::Version, Expr::col(endorsement::Column::Version).add(1))
        .filter(endorsement::Column::Id.eq(id))
        .filter(endorsement::Column::RevokedAt.is_null())
        .exec(conn)
        .await?;
    reversal::settle(ctx, conn, of.network_id, of.id, Corrected::Endorsement(id)).await
}

/// The state of a submission of which an adoption was revoked: adopted while another one stands, and otherwise with the office again.
async fn after(conn: &impl ConnectionTrait, row: &submission::Model) -> Result<SubmissionState> {
    if row.state != SubmissionState::Adopted || is_adopted(conn, row.id).await? {
        return Ok(row.state);
    }
    submission::Entity::update_many()
        .col_expr(submission::Column::State, Expr::value(SubmissionState::Received))
        .col_expr(submission::Column::DecidedAt, Expr::value(None::<chrono::DateTime<chrono::Utc>>))
        .filter(submission::Column::Id.eq(row.id))
        .exec(conn)
        .await?;
    Ok(SubmissionState::Received)
}

/// Whether an adoption stands, here or above where this network has no place for it.
async fn is_adopted(conn: &impl ConnectionTrait, id: SubmissionId) -> Result<bool> {
    let standing = adoption::Entity::find().filter(adoption::Column::RevokedAt.is_null());
    if standing.clone().filter(adoption::Column::SubmissionId.eq(id)).one(conn).await?.is_some() {
        return Ok(true);
    }
    let steps: Vec<_> = relays_from(conn, id).await?.into_iter().map(|step| step.id).collect();
    let told = echo::Entity::find().filter(echo::Column::RelayId.is_in(steps)).all(conn).await?;
    let sources = told.into_iter().filter_map(|echo| echo.source_adoption_id);
    Ok(standing.filter(adoption::Column::Id.is_in(sources)).one(conn).await?.is_some())
}
