//! What a unit did about a leader's instruction (批示办理反馈): due after some days, recorded once.

use chrono::NaiveDate;
use entity::ids::{EndorsementId, SubmissionId};
use entity::{endorsement, submission};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _};
use serde::{Deserialize, Serialize};

use super::{find, moves};
use crate::auth::actor::Actor;
use crate::auth::policy::{Action, authorize};
use crate::error::{Code, Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, local_day};

/// Longest report.
pub const TEXT_CHARACTERS: usize = 2_000;

/// Records what became of an instruction.
#[derive(Clone, Debug, Serialize)]
pub struct RecordFollowUp {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Of which endorsement.
    pub endorsement: EndorsementId,
    /// The version that was read.
    pub expected_version: i64,
    /// What became of it.
    pub text: String,
    /// The submission that reports it at length.
    pub submission: Option<SubmissionId>,
    /// Local day of the report; today if left out.
    pub followed_up_on: Option<NaiveDate>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FollowUpOutcome {
    /// The submission that was endorsed.
    pub submission: SubmissionId,
    /// The endorsement.
    pub endorsement: EndorsementId,
}

impl Command for RecordFollowUp {
    fn name(&self) -> &'static str {
        "recordFollowUp"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Whether `actor` may record what became of this instruction now, and if not why.
pub fn may(actor: &Actor, row: &endorsement::Model, of: &submission::Model) -> Result<()> {
    authorize(actor, Action::RecordFollowUp, moves::target(of))?;
    if row.revoked_at.is_some() {
        return Err(Error::new(Code::WrongState, "the instruction was revoked", "该批示已撤销，无须反馈"));
    }
    if row.followed_up_on.is_none() {
        return Ok(());
    }
    Err(Error::new(Code::WrongState, "what became of this instruction is on record already", "该批示的办理情况已反馈"))
}

/// Records what became of an instruction. Whether it came late follows from the day on which it was due.
pub async fn record(ctx: &Ctx, command: RecordFollowUp) -> Result<FollowUpOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = ctx
        .scope()
        .endorsements()
        .filter(endorsement::Column::Id.eq(command.endorsement))
        .one(write.conn())
        .await?
        .ok_or_else(|| Error::not_found().at("endorsement"))?;
    let of = find(ctx, write.conn(), row.submission_id).await?;
    may(ctx.actor(), &row, &of)?;
    let text = command.text.trim().to_owned();
    if !(1..=TEXT_CHARACTERS).contains(&text.chars().count()) {
        return Err(Error::invalid(
            "text",
            "say in 1 to 2,000 characters what became of the instruction",
            "请用 1 至 2000 个字写明批示办理情况",
        ));
    }
    let network = ctx.network(write.conn(), row.network_id).await?;
    let today = local_day(&network, ctx.now());
    let day = command.followed_up_on.unwrap_or(today);
    if day < row.endorsed_on || day > today {
        return Err(Error::invalid(
            "followedUpOn",
            "the day lies between the instruction and today",
            "日期须在批示之日与今日之间",
        ));
    }
    if let Some(report) = command.submission {
        let report = find(ctx, write.conn(), report).await.map_err(|error| error.at("submission"))?;
        if report.network_id != of.network_id || report.unit_id != of.unit_id {
            return Err(Error::invalid(
                "submission",
                "the report is one of the unit that the instruction is about",
                "反馈信息须由该批示所涉单位报送",
            ));
        }
    }
    let updated = endorsement::Entity::update_many()
        .col_expr(endorsement::Column::FollowUp, Expr::value(text))
        .col_expr(endorsement::Column::FollowUpId, Expr::value(command.submission.map(|id| id.0)))
        .col_expr(endorsement::Column::FollowedUpOn, Expr::value(day))
        .col_expr(endorsement::Column::FollowedUpBy, Expr::value(ctx.actor().id()))
        .col_expr(endorsement::Column::FollowedUpAt, Expr::value(ctx.now()))
        .col_expr(endorsement::Column::Version, Expr::col(endorsement::Column::Version).add(1))
        .filter(endorsement::Column::Id.eq(row.id))
        .filter(endorsement::Column::Version.eq(command.expected_version))
        .exec(write.conn())
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::version_conflict(row.version).at("expectedVersion"));
    }
    write.in_network(row.network_id);
    let entry = Entry::new(Action::RecordFollowUp.name(), ObjectKind::Submission, of.id.0);
    write.record(entry.with(serde_json::json!({ "endorsement": row.id.0, "on": day })));
    let outcome = FollowUpOutcome { submission: of.id, endorsement: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// How many days after the due day the report came, or has not come by `today`; 0 while it is in time.
pub fn late_days(row: &endorsement::Model, today: NaiveDate) -> Option<i64> {
    let due = row.follow_up_due_on.filter(|_| row.revoked_at.is_none())?;
    Some(Ord::max((row.followed_up_on.unwrap_or(today) - due).num_days(), 0))
}
