//! Endorsements (批示): recorded by the office, or given by a leader.

use chrono::NaiveDate;
use entity::ids::{AdoptionId, EndorsementId, SubmissionId};
use entity::{adoption, endorsement};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};

use super::adopt::{check_day, check_level};
use super::draft::{finish_with, rules};
use super::{apply, check_version, find, moves, update};
use crate::auth::policy::Action;
use crate::error::{Error, Result};
use crate::services::unit::check_name;
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, ladder, local_day};

/// Longest text of an endorsement.
pub const TEXT_CHARACTERS: usize = 2_000;

/// Records an endorsement.
#[derive(Clone, Debug, Serialize)]
pub struct EndorseSubmission {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which submission.
    pub submission: SubmissionId,
    /// The version that was read.
    pub expected_version: i64,
    /// On which adoption of it.
    pub adoption: Option<AdoptionId>,
    /// Name of the leader.
    pub leader: String,
    /// Code of the leader's level.
    pub level: String,
    /// The leader's post.
    pub rank: Option<String>,
    /// What was written.
    pub text: String,
    /// Local day.
    pub endorsed_on: NaiveDate,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndorsementOutcome {
    /// The submission.
    pub submission: SubmissionId,
    /// The endorsement.
    pub endorsement: EndorsementId,
}

impl Command for EndorseSubmission {
    fn name(&self) -> &'static str {
        "endorseSubmission"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores an endorsement.
pub async fn endorse(ctx: &Ctx, command: EndorseSubmission) -> Result<EndorsementOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.submission).await?;
    let rules = rules(ctx, write.conn(), &row).await?;
    moves::may(ctx.actor(), Action::EndorseSubmission, &row, &rules)?;
    check_version(&row, command.expected_version)?;
    check_level(&rules, &command.level, "level")?;
    let leader = check_name(&command.leader, "leader")?.to_owned();
    let network = ctx.network(write.conn(), row.network_id).await?;
    check_day(command.endorsed_on, &row, local_day(&network, ctx.now()), "endorsedOn")?;
    if command.text.chars().count() > TEXT_CHARACTERS {
        return Err(Error::invalid(
            "text",
            "an endorsement has at most 2,000 characters",
            "批示内容不得超过 2000 个字",
        ));
    }
    if let Some(adoption) = command.adoption {
        let found = adoption::Entity::find_by_id(adoption)
            .filter(adoption::Column::SubmissionId.eq(row.id))
            .one(write.conn())
            .await?;
        found.ok_or_else(|| Error::not_found().at("adoption"))?;
    }
    apply(write.conn(), row.id, update(&row)).await?;
    let stored = endorsement::ActiveModel {
        id: NotSet,
        network_id: Set(row.network_id),
        submission_id: Set(row.id),
        adoption_id: Set(command.adoption),
        leader: Set(leader),
        level: Set(command.level),
        rank: Set(command.rank),
        text: Set(command.text),
        endorsed_on: Set(command.endorsed_on),
        recorded_by: Set(ctx.actor().id()),
        recorded_at: Set(ctx.now()),
    };
    let id = endorsement::Entity::insert(stored).exec(write.conn()).await?.last_insert_id;
    ladder::down::tell_endorsement(ctx, &mut write, id).await?;
    let outcome = EndorsementOutcome { submission: row.id, endorsement: id };
    finish_with(write, &row, Action::EndorseSubmission, row.state, &outcome).await?;
    Ok(outcome)
}
