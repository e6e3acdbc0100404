//! What an editor decides on repetitions: that two reports say the same, or that they do not, whatever their likeness is.
//!
//! The decision outlasts a later hand-in of the same report. It says nothing of whose the event is: that is [`super::own`].

use entity::ids::SubmissionId;
use entity::repetition;
use entity::submission::{self, SubmissionState};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde::Serialize;

use super::draft::rules;
use super::{SubmissionOutcome, apply, check_version, find, moves, state_name, update};
use crate::auth::policy::Action;
use crate::error::{Error, Result};
use crate::services::Ctx;
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};

/// Decides whether a submission repeats another one.
#[derive(Clone, Debug, Serialize)]
pub struct DecideRepetition {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which submission.
    pub submission: SubmissionId,
    /// The version that was read.
    pub expected_version: i64,
    /// What it repeats; none if it repeats nothing.
    pub repeats: Option<SubmissionId>,
}

impl Command for DecideRepetition {
    fn name(&self) -> &'static str {
        "decideRepetition"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Decides. What repeated the submission repeats what that repeats, so that of all of them one counts.
pub async fn decide(ctx: &Ctx, command: DecideRepetition) -> Result<SubmissionOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = find(ctx, write.conn(), command.submission).await?.network_id;
    write.in_turn(network).await?;
    let row = find(ctx, write.conn(), command.submission).await?;
    let rules = rules(ctx, write.conn(), &row).await?;
    moves::may(ctx.actor(), Action::DecideRepetition, &row, &rules)?;
    check_version(&row, command.expected_version)?;
    if let Some(earlier) = command.repeats {
        let earlier = find(ctx, write.conn(), earlier).await.map_err(|error| error.at("repeats"))?;
        check_repeated(&row, &earlier)?;
    }
    let change = update(&row).col_expr(submission::Column::RepeatsId, Expr::value(command.repeats));
    apply(write.conn(), row.id, change).await?;
    if let Some(earlier) = command.repeats {
        submission::Entity::update_many()
            .col_expr(submission::Column::RepeatsId, Expr::value(earlier))
            .col_expr(submission::Column::Version, Expr::col(submission::Column::Version).add(1))
            .filter(submission::Column::RepeatsId.eq(row.id))
            .exec(write.conn())
            .await?;
    }
    let decision = repetition::ActiveModel {
        id: NotSet,
        submission_id: Set(row.id),
        repeats_id: Set(command.repeats),
        decided_by: Set(ctx.actor().id()),
        decided_at: Set(ctx.now()),
    };
    repetition::Entity::insert(decision).exec_without_returning(write.conn()).await?;
    write.in_network(row.network_id);
    let entry = Entry::new(Action::DecideRepetition.name(), ObjectKind::Submission, row.id.0);
    let entry = entry.moved(state_name(row.state), state_name(row.state));
    let details = serde_json::json!({ "repeats": command.repeats, "before": row.repeats_id });
    write.record(entry.with(details));
    let outcome = SubmissionOutcome { submission: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

fn check_repeated(row: &submission::Model, earlier: &submission::Model) -> Result<()> {
    if earlier.id == row.id || earlier.network_id != row.network_id || earlier.composite {
        return Err(Error::invalid(
            "repeats",
            "choose another report of a unit of the same network",
            "请选择同一信息网络中其他单位报送或另行报送的信息",
        ));
    }
    if !can_be_repeated(earlier) {
        return Err(Error::invalid("repeats", "that report was never handed in", "所选信息尚未报送"));
    }
    if earlier.repeats_id.is_some() {
        return Err(Error::invalid(
            "repeats",
            "that report is a repetition itself; choose the one that counts",
            "所选信息本身为重复信息，请选择计入的那一条",
        ));
    }
    Ok(())
}

fn can_be_repeated(row: &submission::Model) -> bool {
    row.submitted_on.is_some() && row.state != SubmissionState::Withdrawn
}

/// The last decision on a submission.
pub(super) async fn decided(conn: &impl ConnectionTrait, id: SubmissionId) -> Result<Option<repetition::Model>> {
    let decisions = repetition::Entity::find().filter(repetition::Column::SubmissionId.eq(id));
    Ok(decisions.order_by_desc(repetition::Column::Id).one(conn).await?)
}

/// What a submission repeats by the last decision on it; `None` where nobody decided, or what it repeated was taken back.
pub(super) async fn standing(conn: &impl ConnectionTrait, id: SubmissionId) -> Result<Option<Option<SubmissionId>>> {
    let Some(decision) = decided(conn, id).await? else { return Ok(None) };
    let Some(earlier) = decision.repeats_id else { return Ok(Some(None)) };
    let earlier = submission::Entity::find_by_id(earlier).one(conn).await?;
    Ok(earlier.filter(can_be_repeated).map(|row| Some(row.repeats_id.unwrap_or(row.id))))
}
