//! Taking an approved settlement back (冲正): every line once more, with the opposite amount. Both stay on record.

use entity::ids::SettlementId;
use entity::settlement::{self, SettlementKind, SettlementState};
use entity::settlement_line::{self, SettlementOutcome as Outcome};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _,
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, ExprTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};
use serde::Serialize;

use super::{SettlementOutcome, check_reason, draft, find, next_approval, paid};
use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::Ctx;
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};

/// Takes a settlement back.
#[derive(Clone, Debug, Serialize)]
pub struct ReverseSettlement {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which one.
    pub settlement: SettlementId,
    /// The version that was read.
    pub expected_version: i64,
    /// Why.
    pub reason: String,
}

impl Command for ReverseSettlement {
    fn name(&self) -> &'static str {
        "reverseSettlement"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores the reversal of an approved settlement; what it paid is due again.
pub async fn reverse(ctx: &Ctx, command: ReverseSettlement) -> Result<SettlementOutcome> {
    let row = find(ctx, command.settlement).await?;
    ctx.authorize(Action::ReverseSettlement, Target::network(row.network_id))?;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let reason = check_reason(&command.reason)?;
    if row.state != SettlementState::Approved || row.kind != SettlementKind::Payment {
        return Err(Error::new(
            Code::WrongState,
            "only an approved settlement can be taken back, and once",
            "只有已批准的结算可以冲正，且只能冲正一次",
        ));
    }
    let updated = settlement::Entity::update_many()
        .col_expr(settlement::Column::State, Expr::value(SettlementState::Reversed))
        .col_expr(settlement::Column::Version, Expr::col(settlement::Column::Version).add(1))
        .filter(settlement::Column::Id.eq(row.id))
        .filter(settlement::Column::Version.eq(command.expected_version))
        .exec(write.conn())
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::version_conflict(row.version));
    }
    let number = draft::last_number(write.conn(), row.network_id, &row.period).await? + 1;
    let approval = next_approval(write.conn(), row.network_id).await?;
    let paid = paid::paid(write.conn(), row.network_id).await?;
    let reversal = settlement::ActiveModel {
        id: NotSet,
        network_id: Set(row.network_id),
        period: Set(row.period.clone()),
        first_day: Set(row.first_day),
        last_day: Set(row.last_day),
        number: Set(number),
        kind: Set(SettlementKind::Reversal),
        state: Set(SettlementState::Approved),
        circular_id: Set(row.circular_id),
        reverses_id: Set(Some(row.id)),
        total: Set(-row.total),
        reason: Set(Some(reason.clone())),
        drafted_by: Set(ctx.actor().id()),
        drafted_at: Set(ctx.now()),
        approved_by: Set(Some(ctx.actor().id())),
        approved_at: Set(Some(ctx.now())),
        approval: Set(Some(approval)),
        draft_of: Set(None),
        version: Set(1),
    };
    let at_once = || Error::version_conflict(row.version + 1);
    let inserted =
        settlement::Entity::insert(reversal).exec(write.conn()).await.map_err(|error| on_unique(error, at_once))?;
    let id = inserted.last_insert_id;
    let lines = settlement_line::Entity::find()
        .filter(settlement_line::Column::SettlementId.eq(row.id))
        .order_by_asc(settlement_line::Column::Position)
        .all(write.conn())
        .await?;
    let reversed = |line: settlement_line::Model| {
        let before = paid.get(&line.key).map_or(0, |known| known.amount);
        let (amount, text) = (-line.amount, format!("冲正：{}", line.reason));
        let mut row = line.into_active_model().reset_all();
        row.id = NotSet;
        row.settlement_id = Set(id);
        row.paid_before = Set(before);
        row.due = Set(before + amount);
        row.amount = Set(amount);
        row.outcome = Set(Outcome::Reversed);
        row.reason = Set(text);
        row
    };
    draft::insert(write.conn(), lines.into_iter().map(reversed).collect()).await?;
    write.in_network(row.network_id);
    write.record(
        Entry::new(Action::ReverseSettlement.name(), ObjectKind::Settlement, row.id.0).moved("approved", "reversed"),
    );
    write.record(
        Entry::new(Action::ReverseSettlement.name(), ObjectKind::Settlement, id.0)
            .with(serde_json::json!({ "period": row.period, "fen": -row.total })),
    );
    let outcome = SettlementOutcome { settlement: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}
