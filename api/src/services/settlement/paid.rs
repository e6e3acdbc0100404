//! What was settled before: the sum of every approved line under its key, and what became of it last.

use std::collections::BTreeMap;

use analytics::period::Span;
use entity::ids::NetworkId;
use entity::settlement::{self, SettlementState};
use entity::settlement_line::{self, SettlementOutcome};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::error::Result;

/// What stands under one key.
#[derive(Clone, Debug)]
pub(super) struct Paid {
    /// The sum in fen.
    pub(super) amount: i64,
    /// What became of it last; nothing after a reversal.
    pub(super) outcome: Option<SettlementOutcome>,
    /// The days of the settlement that had it last.
    pub(super) span: Span,
    /// Its last line.
    pub(super) line: settlement_line::Model,
}

/// Everything that was settled in a network, by key.
pub(super) async fn paid(conn: &impl ConnectionTrait, network: NetworkId) -> Result<BTreeMap<String, Paid>> {
    let approved = settlement::Entity::find()
        .filter(settlement::Column::NetworkId.eq(network))
        .filter(settlement::Column::State.is_in([SettlementState::Approved, SettlementState::Reversed]))
        .order_by_asc(settlement::Column::Approval)
        .all(conn)
        .await?;
    let mut paid: BTreeMap<String, Paid> = BTreeMap::new();
    let visible = settlement::Entity::find()
        .select_only()
        .column(settlement::Column::Id)
        .filter(settlement::Column::NetworkId.eq(network))
        .filter(settlement::Column::State.is_in([SettlementState::Approved, SettlementState::Reversed]));
    let lines = settlement_line::Entity::find()
        .filter(settlement_line::Column::SettlementId.in_subquery(sea_orm::QueryTrait::into_query(visible)))
        .order_by_asc(settlement_line::Column::Id)
        .all(conn)
        .await?;
    let mut by_settlement: BTreeMap<i64, Vec<settlement_line::Model>> = BTreeMap::new();
    for line in lines {
        by_settlement.entry(line.settlement_id.0).or_default().push(line);
    }
    for row in approved {
        let span = Span { first: row.first_day, last: row.last_day };
        for line in by_settlement.remove(&row.id.0).unwrap_or_default() {
            let outcome = Some(line.outcome).filter(|outcome| *outcome != SettlementOutcome::Reversed);
            let before = paid.get(&line.key).map_or(0, |known| known.amount);
            paid.insert(line.key.clone(), Paid { amount: before + line.amount, outcome, span, line });
        }
    }
    Ok(paid)
}
