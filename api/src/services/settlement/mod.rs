//! Settlements (结算): what is paid, and which titles are given, for a period whose circular is published.
//!
//! A draft lists every line with its reason; a second person approves it; what was approved is never changed. Each award, and each line of
//! the ledger of money, has one key in every settlement, and what a settlement pays is what is due under the key less what was paid. So it
//! is safe to settle again: after a correction it pays the difference, after a reversal everything, otherwise nothing.

pub mod approve;
pub mod draft;
mod due;
mod paid;
pub mod payout;
mod reason;
pub mod reverse;
pub mod tie;

use analytics::points::Money;
use entity::ids::{NetworkId, SettlementId};
use entity::{settlement, settlement_line};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::{Error, Result};
use crate::services::Ctx;

pub use reason::Bar;

/// Longest reason of a decision or of a reversal.
pub const REASON_CHARACTERS: usize = 500;

/// What came of an act on a settlement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SettlementOutcome {
    /// The settlement.
    pub settlement: SettlementId,
}

/// The settlement with `id`, if the actor may know of it.
async fn find(ctx: &Ctx, id: SettlementId) -> Result<settlement::Model> {
    let select = ctx.scope().settlements().filter(settlement::Column::Id.eq(id));
    select.one(ctx.reader()).await?.ok_or_else(Error::not_found)
}

/// A name on a line as the actor may read it: who drafts or approves, the unit itself and the person read it in full, others only its
/// first character.
pub fn name_for(ctx: &Ctx, line: &settlement_line::Model, name: &str) -> String {
    let settles = [Action::SettleAwards, Action::ApproveSettlement]
        .iter()
        .any(|action| ctx.authorize(*action, Target::network(line.network_id)).is_ok());
    if settles || ctx.scope().sees_unit(line.unit_id) || line.person_id == Some(ctx.actor().id()) {
        return name.to_owned();
    }
    let masked = |name: &str| name.chars().next().map(|first| format!("{first}**")).unwrap_or_default();
    name.split('、').map(masked).collect::<Vec<_>>().join("、")
}

fn check_reason(reason: &str) -> Result<String> {
    let reason = reason.trim().to_owned();
    if (1..=REASON_CHARACTERS).contains(&reason.chars().count()) {
        return Ok(reason);
    }
    Err(Error::invalid("reason", "give the reason in 1 to 500 characters", "请用 1 至 500 个字写明理由"))
}

/// The place of the next approval in a network.
async fn next_approval(conn: &impl sea_orm::ConnectionTrait, network: NetworkId) -> Result<i64> {
    let last: Option<Option<i64>> = settlement::Entity::find()
        .select_only()
        .column_as(settlement::Column::Approval.max(), "last")
        .filter(settlement::Column::NetworkId.eq(network))
        .into_tuple()
        .one(conn)
        .await?;
    Ok(last.flatten().unwrap_or(0) + 1)
}

/// The sum of amounts in fen.
fn sum(amounts: impl Iterator<Item = i64>) -> Result<i64> {
    let mut total = Money::ZERO;
    for amount in amounts {
        total = total
            .checked_add(Money::from_fen(amount))
            .ok_or_else(|| Error::internal(anyhow::anyhow!("a settlement of more money than there is")))?;
    }
    Ok(total.fen())
}
