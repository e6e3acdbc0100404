//! Correcting how an endorsement was recorded, here and in every network below that was told of it.

use chrono::NaiveDate;
use entity::ids::{EndorsementId, SubmissionId};
use entity::{echo, endorsement, relay, submission};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _};
use serde::Serialize;

use super::down::{endorse_below, level_below, touch};
use super::revoke::take_endorsement;
use crate::auth::policy::Action;
use crate::error::{Code, Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::reversal::{self, Corrected};
use crate::services::submission::adopt::{check_day, check_level};
use crate::services::submission::endorse::{EndorsementOutcome, TEXT_CHARACTERS, check_rank, checked_parts};
use crate::services::submission::{apply, check_version, draft, find, moves, state_name, update};
use crate::services::unit::check_name;
use crate::services::write::{Begun, Command, Write};
use crate::services::{Ctx, local_day};

/// Corrects an endorsement. What is left out stays as it was.
#[derive(Clone, Debug, Serialize)]
pub struct CorrectEndorsement {
    /// See [`Command`].
    pub idempotency_key: String,
    /// The endorsed submission.
    pub submission: SubmissionId,
    /// The version of the submission that was read.
    pub expected_version: i64,
    /// Which endorsement of it.
    pub endorsement: EndorsementId,
    /// The right name of the leader.
    pub leader: Option<String>,
    /// Code of the leader's right level.
    pub level: Option<String>,
    /// The leader's right post.
    pub rank: Option<String>,
    /// Code of the leader's right rank within the level.
    pub leader_rank: Option<String>,
    /// What was written indeed, and which passages of it are for those only who may read confidential parts.
    pub text: Option<(String, Vec<String>)>,
    /// Whether all of it is for those only.
    pub confidential: Option<bool>,
    /// The right day.
    pub endorsed_on: Option<NaiveDate>,
}

impl Command for CorrectEndorsement {
    fn name(&self) -> &'static str {
        "correctEndorsement"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Corrects. What came from above is corrected above, and comes down again.
pub async fn endorsement(ctx: &Ctx, command: CorrectEndorsement) -> Result<EndorsementOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.submission).await?;
    let rules = draft::rules(ctx, write.conn(), &row).await?;
    moves::may(ctx.actor(), Action::CorrectEndorsement, &row, &rules)?;
    check_version(&row, command.expected_version)?;
    let found = find_ours(write.conn(), row.id, command.endorsement).await?;
    let mut right = found.clone();
    if let Some(leader) = &command.leader {
        right.leader = check_name(leader, "leader")?.to_owned();
    }
    if let Some(level) = command.level {
        check_level(&rules, &level, "level")?;
        right.level = level;
    }
    check_rank(&rules, command.leader_rank.as_deref())?;
    right.rank = command.rank.or(right.rank);
    right.leader_rank = command.leader_rank.or(right.leader_rank);
    right.confidential = command.confidential.unwrap_or(right.confidential);
    if let Some((text, parts)) = command.text {
        if text.chars().count() > TEXT_CHARACTERS {
            return Err(Error::invalid(
                "text",
                "an endorsement has at most 2,000 characters",
                "批示内容不得超过 2000 个字",
            ));
        }
        right.confidential_parts = checked_parts(&text, &parts)?;
        right.text = text;
    }
    if let Some(day) = command.endorsed_on {
        let network = ctx.network(write.conn(), row.network_id).await?;
        check_day(day, &row, local_day(&network, ctx.now()), "endorsedOn")?;
        right.endorsed_on = day;
        right.follow_up_due_on = Some(rules.follow_up().due_on(day));
    }
    apply(write.conn(), row.id, update(&row)).await?;
    store(write.conn(), &right).await?;
    reversal::settle(ctx, write.conn(), row.network_id, row.id, Corrected::Endorsement(right.id)).await?;
    write.in_network(row.network_id);
    let entry = Entry::new(Action::CorrectEndorsement.name(), ObjectKind::Submission, row.id.0);
    // The text is not put on record: parts of it may be confidential, and the log is read by others.
    let before = serde_json::json!({
        "leader": found.leader, "level": found.level, "rank": found.rank, "leaderRank": found.leader_rank,
        "endorsedOn": found.endorsed_on, "textChanged": found.text != right.text,
    });
    let entry = entry.moved(state_name(row.state), state_name(row.state));
    write.record(entry.with(serde_json::json!({ "endorsement": found.id, "before": before })));
    tell(ctx, &mut write, &right).await?;
    let outcome = EndorsementOutcome { submission: row.id, endorsement: right.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Whether the actor may correct or revoke this endorsement now, and if not why.
pub async fn may(ctx: &Ctx, action: Action, row: &endorsement::Model, of: &submission::Model) -> Result<()> {
    let rules = draft::rules(ctx, ctx.reader(), of).await?;
    moves::may(ctx.actor(), action, of, &rules)?;
    find_ours(ctx.reader(), of.id, row.id).await.map(drop)
}

/// An endorsement of a submission that was recorded here and stands.
pub(super) async fn find_ours(
    conn: &impl ConnectionTrait,
    of: SubmissionId,
    id: EndorsementId,
) -> Result<endorsement::Model> {
    let found = endorsement::Entity::find_by_id(id).one(conn).await?.filter(|found| found.submission_id == of);
    let found = found.ok_or_else(|| Error::not_found().at("endorsement"))?;
    if found.revoked_at.is_some() {
        return Err(Error::new(Code::WrongState, "this endorsement was revoked", "该批示已撤销").at("endorsement"));
    }
    if echo::Entity::find().filter(echo::Column::EndorsementId.eq(id)).one(conn).await?.is_some() {
        return Err(Error::new(
            Code::WrongState,
            "this endorsement was told from above; it is corrected and revoked there",
            "该批示由上级网络反馈，请在上级网络更正或撤销",
        )
        .at("endorsement"));
    }
    Ok(found)
}

async fn store(conn: &impl ConnectionTrait, right: &endorsement::Model) -> Result<()> {
    endorsement::Entity::update_many()
        .col_expr(endorsement::Column::Leader, Expr::value(right.leader.as_str()))
        .col_expr(endorsement::Column::Level, Expr::value(right.level.as_str()))
        .col_expr(endorsement::Column::Rank, Expr::value(right.rank.clone()))
        .col_expr(endorsement::Column::LeaderRank, Expr::value(right.leader_rank.clone()))
        .col_expr(endorsement::Column::Text, Expr::value(right.text.as_str()))
        .col_expr(endorsement::Column::Confidential, Expr::value(right.confidential))
        .col_expr(endorsement::Column::ConfidentialParts, Expr::value(right.confidential_parts.clone()))
        .col_expr(endorsement::Column::EndorsedOn, Expr::value(right.endorsed_on))
        .col_expr(endorsement::Column::FollowUpDueOn, Expr::value(right.follow_up_due_on))
        .col_expr(endorsement::Column::Version, Expr::col(endorsement::Column::Version).add(1))
        .filter(endorsement::Column::Id.eq(right.id))
        .exec(conn)
        .await?;
    Ok(())
}

/// Tells every network below that knows of it, from the nearest down.
async fn tell(ctx: &Ctx, write: &mut Write, right: &endorsement::Model) -> Result<()> {
    let told = echo::Entity::find().filter(echo::Column::SourceEndorsementId.eq(right.id));
    for echo in told.order_by_asc(echo::Column::Id).all(write.conn()).await? {
        let step = relay::Entity::find_by_id(echo.relay_id).one(write.conn()).await?.ok_or_else(Error::not_found)?;
        let below = touch(write.conn(), step.lower_id).await?;
        correct_below(ctx, write.conn(), &step, &below, &echo, right).await?;
        let state = state_name(below.state);
        let entry = Entry::new("EchoCorrection", ObjectKind::Submission, below.id.0).moved(state, state);
        let details = serde_json::json!({ "fromNetwork": right.network_id, "source": right.id });
        write.record_in(below.network_id, entry.with(details));
    }
    Ok(())
}

/// What the correction means below. A level for which the rulebook there has no place counts for nothing; one for which it has a
/// place only now counts from now on.
async fn correct_below(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    step: &relay::Model,
    below: &submission::Model,
    echo: &echo::Model,
    right: &endorsement::Model,
) -> Result<()> {
    let rules = draft::rules(ctx, conn, below).await?;
    let level = level_below(ctx, conn, &rules, right).await?;
    let left = match echo.endorsement_id {
        Some(left) => endorsement::Entity::find_by_id(left).one(conn).await?,
        None => None,
    };
    match (left.filter(|left| left.revoked_at.is_none()), level) {
        (Some(left), Some(level)) => {
            let follow_up_due_on = Some(rules.follow_up().due_on(right.endorsed_on));
            let left = endorsement::Model {
                leader: right.leader.clone(),
                level,
                rank: right.rank.clone(),
                leader_rank: right.leader_rank.clone(),
                text: right.text.clone(),
                confidential: right.confidential,
                confidential_parts: right.confidential_parts.clone(),
                endorsed_on: right.endorsed_on,
                follow_up_due_on,
                ..left
            };
            store(conn, &left).await?;
            reversal::settle(ctx, conn, below.network_id, below.id, Corrected::Endorsement(left.id)).await
        }
        (Some(left), None) => {
            let reason = "上级更正后的批示层级不在本考评办法之内";
            take_endorsement(ctx, conn, below, left.id, reason).await
        }
        (None, Some(_)) => {
            let left = endorse_below(ctx, conn, step, below, right).await?;
            echo::Entity::update_many()
                .col_expr(echo::Column::EndorsementId, Expr::value(left))
                .filter(echo::Column::Id.eq(echo.id))
                .exec(conn)
                .await?;
            Ok(())
        }
        (None, None) => Ok(()),
    }
}
