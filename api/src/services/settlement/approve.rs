//! Approving a settlement: by somebody else than whoever drafted it, and only as long as it says what is due.

use entity::circular::{self, CircularState};
use entity::ids::SettlementId;
use entity::settlement::{self, SettlementState};
use entity::settlement_line::{self, SettlementOutcome as Outcome};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _};
use serde::Serialize;

use super::{SettlementOutcome, find, next_approval, paid};
use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::Ctx;
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};

/// Approves a settlement.
#[derive(Clone, Debug, Serialize)]
pub struct ApproveSettlement {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which one.
    pub settlement: SettlementId,
    /// The version that was read.
    pub expected_version: i64,
}

impl Command for ApproveSettlement {
    fn name(&self) -> &'static str {
        "approveSettlement"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Approves a draft: from then on its lines are paid, and nothing changes them.
pub async fn approve(ctx: &Ctx, command: ApproveSettlement) -> Result<SettlementOutcome> {
    let row = find(ctx, command.settlement).await?;
    ctx.authorize(Action::ApproveSettlement, Target::network(row.network_id))?;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    if row.state != SettlementState::Drafted {
        return Err(Error::new(Code::WrongState, "only a draft can be approved", "只有待审批的结算可以批准"));
    }
    if row.drafted_by == ctx.actor().id() {
        return Err(Error::new(
            Code::Forbidden,
            "somebody else than whoever drafted it must approve a settlement",
            "结算须由拟制人以外的人员审批",
        ));
    }
    let circular = circular::Entity::find_by_id(row.circular_id).one(write.conn()).await?;
    if circular.is_none_or(|circular| circular.state == CircularState::Superseded) {
        return Err(stale("the circular has been corrected since; settle again", "通报已更正，请重新拟制结算"));
    }
    let lines = settlement_line::Entity::find()
        .filter(settlement_line::Column::SettlementId.eq(row.id))
        .all(write.conn())
        .await?;
    if let Some(open) = lines.iter().find(|line| line.outcome == Outcome::Undecided) {
        return Err(Error::new(
            Code::WrongState,
            format!("a tie of the award {} is not decided; use decideAwardTie and settle again", open.award),
            format!("奖项“{}”末位并列尚未确定，请先确定并重新拟制", open.title),
        )
        .with(serde_json::json!({ "award": open.award })));
    }
    let paid = paid::paid(write.conn(), row.network_id).await?;
    if lines.iter().any(|line| paid.get(&line.key).map_or(0, |known| known.amount) != line.paid_before) {
        return Err(stale(
            "something was paid or taken back since it was drafted; settle again",
            "拟制后已有发放或冲正，请重新拟制结算",
        ));
    }
    let approval = next_approval(write.conn(), row.network_id).await?;
    let at_once = || Error::version_conflict(row.version);
    let updated = settlement::Entity::update_many()
        .col_expr(settlement::Column::State, Expr::value(SettlementState::Approved))
        .col_expr(settlement::Column::ApprovedBy, Expr::value(ctx.actor().id()))
        .col_expr(settlement::Column::ApprovedAt, Expr::value(ctx.now()))
        .col_expr(settlement::Column::Approval, Expr::value(approval))
        .col_expr(settlement::Column::DraftOf, Expr::value(None::<String>))
        .col_expr(settlement::Column::Version, Expr::col(settlement::Column::Version).add(1))
        .filter(settlement::Column::Id.eq(row.id))
        .filter(settlement::Column::Version.eq(command.expected_version))
        .exec(write.conn())
        .await
        .map_err(|error| on_unique(error, at_once))?;
    if updated.rows_affected == 0 {
        return Err(Error::version_conflict(row.version));
    }
    write.in_network(row.network_id);
    write.record(
        Entry::new(Action::ApproveSettlement.name(), ObjectKind::Settlement, row.id.0)
            .moved("drafted", "approved")
            .with(serde_json::json!({ "period": row.period, "fen": row.total })),
    );
    let outcome = SettlementOutcome { settlement: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

fn stale(message: &'static str, message_zh: &'static str) -> Error {
    Error::new(Code::WrongState, message, message_zh)
}
