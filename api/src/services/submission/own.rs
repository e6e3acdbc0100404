//! One owner per event (归口): the report that counts, and the reports of other units that are linked to it.

use entity::ids::SubmissionId;
use entity::submission::{self, SubmissionState};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};
use serde::Serialize;

use super::draft::rules;
use super::{SubmissionOutcome, apply, check_version, find, moves, state_name, update};
use crate::auth::policy::Action;
use crate::error::{Code, Error, Result};
use crate::services::Ctx;
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};

/// Links a report to the one that counts for the same event.
#[derive(Clone, Debug, Serialize)]
pub struct LinkToOwner {
    /// See [`Command`].
    pub idempotency_key: String,
    /// The second report.
    pub submission: SubmissionId,
    /// The version that was read.
    pub expected_version: i64,
    /// The report that counts; none to take the link away.
    pub owner: Option<SubmissionId>,
}

impl Command for LinkToOwner {
    fn name(&self) -> &'static str {
        "linkToOwner"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Links. The second report stays where it is and counts for nothing: neither for a quota nor for points.
pub async fn link(ctx: &Ctx, command: LinkToOwner) -> Result<SubmissionOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.submission).await?;
    let rules = rules(ctx, write.conn(), &row).await?;
    moves::may(ctx.actor(), Action::LinkToOwner, &row, &rules)?;
    check_version(&row, command.expected_version)?;
    if let Some(owner) = command.owner {
        let owner = find(ctx, write.conn(), owner).await.map_err(|error| error.at("owner"))?;
        check_owner(write.conn(), &row, &owner).await?;
        // Counted as a change of the owner, so that two reports cannot be linked to each other at once.
        apply(write.conn(), owner.id, update(&owner)).await?;
    }
    let change = update(&row).col_expr(submission::Column::OwnedById, Expr::value(command.owner));
    apply(write.conn(), row.id, change).await?;
    write.in_network(row.network_id);
    let entry = Entry::new("LinkToOwner", ObjectKind::Submission, row.id.0);
    let entry = entry.moved(state_name(row.state), state_name(row.state));
    write.record(entry.with(serde_json::json!({ "owner": command.owner })));
    let outcome = SubmissionOutcome { submission: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

async fn check_owner(conn: &impl ConnectionTrait, row: &submission::Model, owner: &submission::Model) -> Result<()> {
    if owner.id == row.id || owner.network_id != row.network_id {
        return Err(Error::invalid(
            "owner",
            "choose another report of the same network",
            "请选择同一信息网络中的另一条信息",
        ));
    }
    if owner.submitted_on.is_none() || owner.state == SubmissionState::Withdrawn {
        return Err(Error::invalid("owner", "the owner's report was never handed in", "归口信息尚未报送"));
    }
    if owner.owned_by_id.is_some() {
        return Err(Error::invalid(
            "owner",
            "this report is linked to another one itself; choose that one",
            "该信息已归口至另一条信息，请选择后者",
        ));
    }
    let linked = submission::Entity::find().filter(submission::Column::OwnedById.eq(row.id)).one(conn).await?;
    if linked.is_some() {
        return Err(Error::new(
            Code::WrongState,
            "other reports are linked to this one; link them elsewhere first",
            "已有其他信息归口至此条信息，请先调整",
        ));
    }
    Ok(())
}
