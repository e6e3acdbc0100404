//! Striking a commission off (销号): the only way out of the ledger, and never without a reason.

use chrono::{DateTime, Utc};
use entity::commission::{self, ClosureReason, CommissionState};
use entity::commission_assignment::{self, AssignmentState};
use entity::ids::CommissionId;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;

use super::{
    CommissionOutcome, apply, apply_to_commission, check_reason, check_version, conclude, find, moves, update,
};
use crate::auth::policy::Action;
use crate::error::{Code, Error, Result};
use crate::services::Ctx;
use crate::services::write::{Begun, Command};

/// Strikes a commission off.
#[derive(Clone, Debug, Serialize)]
pub struct CloseCommission {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which commission.
    pub commission: CommissionId,
    /// The version that was read.
    pub expected_version: i64,
    /// Why, as a code.
    pub code: ClosureReason,
    /// Why, in words.
    pub reason: String,
}

impl Command for CloseCommission {
    fn name(&self) -> &'static str {
        "closeCommission"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Closes a commission. As completed only once every assignment has been judged or excused; for the other reasons at any time,
/// and whoever has not been judged is let off, so that nothing stays overdue for ever.
pub async fn close(ctx: &Ctx, command: CloseCommission) -> Result<CommissionOutcome> {
    let write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.commission).await?;
    let assignments = ctx.scope().assignments().filter(commission_assignment::Column::CommissionId.eq(row.id));
    let assignments = assignments.all(write.conn()).await?;
    moves::may_commission(ctx.actor(), Action::CloseCommission, &row, &assignments)?;
    check_version(row.version, command.expected_version)?;
    let reason = check_reason(&command.reason, "reason")?;
    let undecided: Vec<_> = assignments
        .iter()
        .filter(|row| !matches!(row.state, AssignmentState::Judged | AssignmentState::Excused))
        .collect();
    match command.code {
        ClosureReason::Completed if !undecided.is_empty() => return Err(not_complete(undecided.len())),
        ClosureReason::Completed
        | ClosureReason::WithdrawnAbove
        | ClosureReason::Superseded
        | ClosureReason::NotNeeded => {}
    }
    for assignment in undecided {
        let change = update(assignment)
            .col_expr(commission_assignment::Column::State, Expr::value(AssignmentState::Excused))
            .col_expr(commission_assignment::Column::Comment, Expr::value(reason.clone()));
        apply(write.conn(), assignment, change).await?;
    }
    let now: DateTime<Utc> = ctx.now();
    let change = commission::Entity::update_many()
        .col_expr(commission::Column::State, Expr::value(CommissionState::Closed))
        .col_expr(commission::Column::ClosedReason, Expr::value(command.code))
        .col_expr(commission::Column::ClosedBecause, Expr::value(reason))
        .col_expr(commission::Column::ClosedAt, Expr::value(now));
    apply_to_commission(write.conn(), &row, change).await?;
    let outcome = CommissionOutcome { commission: row.id };
    let details = serde_json::json!({ "reason": command.code });
    conclude(write, &row, Action::CloseCommission, details, &outcome).await?;
    Ok(outcome)
}

fn not_complete(count: usize) -> Error {
    Error::new(
        Code::WrongState,
        format!("{count} assignments have not been judged or excused; decide them, or give another reason for closing"),
        format!("尚有 {count} 个单位未评定或免除，请先评定，或选择其他销号原因"),
    )
    .at("code")
    .with(serde_json::json!({ "undecided": count }))
}
