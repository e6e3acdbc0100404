//! Endorsements (批示): recorded by the office, or given by a leader.

use analytics::rulebook::Rulebook;
use analytics::scoring::catalogue::CodeSet;
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

/// What stands for a passage that is kept from the reader.
pub const MASK: &str = "■■■";
/// Most confidential passages of one endorsement.
const PARTS: usize = 20;
/// The ranks by which rules tell leaders of one level apart.
const RANKS: CodeSet = CodeSet::LeaderRank;

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
    /// Code of the leader's rank within the level.
    pub leader_rank: Option<String>,
    /// What was written.
    pub text: String,
    /// Whether all of it is for those only who may read confidential parts.
    pub confidential: bool,
    /// Passages of the text that are for those only.
    pub confidential_parts: Vec<String>,
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
    check_rank(&rules, command.leader_rank.as_deref())?;
    let parts = checked_parts(&command.text, &command.confidential_parts)?;
    if let Some(adoption) = command.adoption {
        let found = adoption::Entity::find_by_id(adoption)
            .filter(adoption::Column::SubmissionId.eq(row.id))
            .filter(adoption::Column::RevokedAt.is_null())
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
        leader_rank: Set(command.leader_rank),
        text: Set(command.text),
        confidential: Set(command.confidential),
        confidential_parts: Set(parts),
        endorsed_on: Set(command.endorsed_on),
        recorded_by: Set(ctx.actor().id()),
        recorded_at: Set(ctx.now()),
        follow_up_due_on: Set(Some(rules.follow_up().due_on(command.endorsed_on))),
        followed_up_on: Set(None),
        follow_up: Set(None),
        follow_up_id: Set(None),
        followed_up_by: Set(None),
        followed_up_at: Set(None),
        revoked_at: Set(None),
        revoked_by: Set(None),
        revoked_because: Set(None),
        version: Set(1),
    };
    let id = endorsement::Entity::insert(stored).exec(write.conn()).await?.last_insert_id;
    ladder::down::tell_endorsement(ctx, &mut write, id).await?;
    let outcome = EndorsementOutcome { submission: row.id, endorsement: id };
    finish_with(write, &row, Action::EndorseSubmission, row.state, &outcome).await?;
    Ok(outcome)
}

/// Refuses a rank that is neither built in nor declared by the rulebook.
pub(in crate::services) fn check_rank(rules: &Rulebook, rank: Option<&str>) -> Result<()> {
    let Some(rank) = rank else { return Ok(()) };
    let declared = rules.codes().iter().filter(|code| code.set == RANKS.code()).map(|code| code.id.as_str());
    let known: Vec<&str> = RANKS.built_in().iter().map(|(code, _)| *code).chain(declared).collect();
    if known.contains(&rank) {
        return Ok(());
    }
    Err(Error::invalid(
        "leaderRank",
        format!("there is no such rank; there are {}", known.join(", ")),
        format!("没有该职级代码，可用代码：{}", known.join("、")),
    ))
}

/// The confidential passages as they are stored: each stands in the text, word for word.
pub(in crate::services) fn checked_parts(text: &str, parts: &[String]) -> Result<Option<String>> {
    if parts.is_empty() {
        return Ok(None);
    }
    if parts.len() > PARTS || parts.iter().any(|part| part.trim().is_empty() || !text.contains(part.as_str())) {
        return Err(Error::invalid(
            "confidentialParts",
            "give at most 20 passages that stand in the text, word for word",
            "须逐字写出批示原文中的内容，至多 20 处",
        ));
    }
    serde_json::to_string(parts).map(Some).map_err(Error::internal)
}

/// Whether some of an endorsement is for those only who may read confidential parts.
pub fn has_confidential(row: &endorsement::Model) -> bool {
    row.confidential || row.confidential_parts.is_some()
}

/// The text for everybody else. What is left out is no longer or shorter for its length.
pub fn masked(row: &endorsement::Model) -> String {
    if row.confidential {
        return MASK.to_owned();
    }
    let parts = row.confidential_parts.as_deref().map(serde_json::from_str::<Vec<String>>);
    match parts {
        None => row.text.clone(),
        // What cannot be read back is left out altogether.
        Some(Err(_)) => MASK.to_owned(),
        Some(Ok(mut parts)) => {
            // A passage that contains another goes first.
            parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
            parts.iter().fold(row.text.clone(), |text, part| text.replace(part.as_str(), MASK))
        }
    }
}
