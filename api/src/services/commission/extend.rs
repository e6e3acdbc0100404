//! Giving units more time, with a reason. Every deadline that was replaced stays on record.

use chrono::{DateTime, Utc};
use entity::ids::{CommissionAssignmentId, CommissionId};
use entity::{commission, commission_assignment};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde::Serialize;

use super::chain::{check_within, stored};
use super::standing::AWAITED;
use super::{
    CommissionOutcome, apply, apply_to_commission, check_reason, check_version, conclude, find, moves, note_extension,
    standing, update,
};
use crate::auth::policy::Action;
use crate::error::{Code, Error, Result};
use crate::services::Ctx;
use crate::services::write::{Begun, Command};

/// Sets a later deadline.
#[derive(Clone, Debug, Serialize)]
pub struct ExtendCommission {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which commission.
    pub commission: CommissionId,
    /// The version that was read.
    pub expected_version: i64,
    /// For whom; none for everybody who has not answered.
    pub assignments: Option<Vec<CommissionAssignmentId>>,
    /// Until when.
    pub due_at: DateTime<Utc>,
    /// Why.
    pub reason: String,
}

impl Command for ExtendCommission {
    fn name(&self) -> &'static str {
        "extendCommission"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Sets a later deadline for some units, or for the commission and everybody who has not answered. Who let the deadline pass
/// gets time, and stays late.
pub async fn extend(ctx: &Ctx, command: ExtendCommission) -> Result<CommissionOutcome> {
    let write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.commission).await?;
    let assignments = ctx
        .scope()
        .assignments()
        .filter(commission_assignment::Column::CommissionId.eq(row.id))
        .order_by_asc(commission_assignment::Column::Id)
        .all(write.conn())
        .await?;
    moves::may_commission(ctx.actor(), Action::ExtendCommission, &row, &assignments)?;
    check_version(row.version, command.expected_version)?;
    let reason = check_reason(&command.reason, "reason")?;
    let (now, due_at) = (ctx.now(), command.due_at);
    let chosen = choose(assignments, command.assignments.as_deref())?;
    let everybody = command.assignments.is_none();
    if due_at <= now || chosen.iter().any(|row| row.due_at >= due_at) {
        return Err(Error::invalid(
            "dueAt",
            "the new deadline must lie ahead, and after the present one of every unit that it is for",
            "新的截止时间须晚于当前时间，且晚于各相关单位现行截止时间",
        ));
    }
    check_within(&stored(write.conn(), row.id).await?, due_at, "dueAt")?;
    for assignment in &chosen {
        note_extension(ctx, write.conn(), assignment, due_at, &reason).await?;
        let change = update(assignment)
            .col_expr(commission_assignment::Column::FellDueAt, Expr::value(standing::fell_due(assignment, now)))
            .col_expr(commission_assignment::Column::DueAt, Expr::value(due_at));
        apply(write.conn(), assignment, change).await?;
    }
    let new_due_at = if everybody { due_at.max(row.due_at) } else { row.due_at };
    let change = commission::Entity::update_many().col_expr(commission::Column::DueAt, Expr::value(new_due_at));
    apply_to_commission(write.conn(), &row, change).await?;
    let outcome = CommissionOutcome { commission: row.id };
    let units: Vec<_> = chosen.iter().map(|row| row.unit_id).collect();
    let details = serde_json::json!({ "units": units, "dueAt": due_at, "reason": reason });
    conclude(write, &row, Action::ExtendCommission, details, &outcome).await?;
    Ok(outcome)
}

/// The assignments whose deadline moves: those named, or all that wait for the unit.
fn choose(
    mut assignments: Vec<commission_assignment::Model>,
    named: Option<&[CommissionAssignmentId]>,
) -> Result<Vec<commission_assignment::Model>> {
    let Some(named) = named else {
        assignments.retain(|row| AWAITED.contains(&row.state));
        return Ok(assignments);
    };
    if named.is_empty() {
        return Err(Error::invalid(
            "assignments",
            "name at least one unit's assignment, or leave the list out for everybody",
            "请至少选择一个单位的约稿任务，或不填以适用于全部单位",
        ));
    }
    if !named.iter().all(|id| assignments.iter().any(|row| row.id == *id)) {
        return Err(Error::not_found().at("assignments"));
    }
    assignments.retain(|row| named.contains(&row.id));
    if assignments.iter().any(|row| !AWAITED.contains(&row.state)) {
        return Err(Error::new(
            Code::WrongState,
            "a unit that has answered, been judged or excused needs no later deadline",
            "已反馈、已评定或免予报送的单位无需延期",
        )
        .at("assignments"));
    }
    Ok(assignments)
}
