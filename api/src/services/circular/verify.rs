//! Recomputes a circular from the ledger and compares.

use std::collections::BTreeMap;

use analytics::period::Period;
use entity::circular;
use entity::ids::{CircularId, UnitId};
use sea_orm::{EntityTrait as _, QueryOrder as _};

use super::compute::{self, Computed, Correction};
use super::{Published, previous};
use crate::error::{Error, Result};
use crate::services::Ctx;
use crate::state::AppState;

/// What recomputing a circular gave.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The circular.
    pub circular: circular::Model,
    /// The digest that the facts and the rules give today.
    pub recomputed: String,
    /// Names of the units whose stored rows differ from what was recomputed.
    pub different: Vec<String>,
}

impl Verdict {
    /// Whether everything is as it was published.
    pub fn holds(&self) -> bool {
        self.recomputed == self.circular.sha256 && self.different.is_empty()
    }
}

/// Recomputes one circular; for those who see the whole network.
pub async fn check(ctx: &Ctx, id: CircularId) -> Result<Verdict> {
    let row = super::find(ctx, id).await?;
    if !ctx.scope().sees_network(row.network_id) {
        return Err(Error::forbidden());
    }
    recompute(ctx.state(), row).await
}

/// Recomputes every circular, for the operator.
pub async fn check_all(state: &AppState) -> Result<Vec<Verdict>> {
    let rows = circular::Entity::find().order_by_asc(circular::Column::Id).all(state.database().reader()).await?;
    let mut verdicts = Vec::with_capacity(rows.len());
    for row in rows {
        verdicts.push(recompute(state, row).await?);
    }
    Ok(verdicts)
}

/// The results of a circular as the facts and the rules give them now, by what the edition counted.
pub(super) async fn computed(state: &AppState, row: &circular::Model) -> Result<(Published, Computed)> {
    let period: Period = row.period.parse().map_err(Error::internal)?;
    let snapshot = state.facts().current(state, row.network_id).await?;
    let previous = previous(state.database().reader(), row).await?;
    let corrections: Vec<Correction> = serde_json::from_str(&row.corrections).map_err(Error::internal)?;
    let stored = Published::read(row.clone())?;
    let names: BTreeMap<UnitId, String> = stored.rows.iter().map(|row| (row.unit, row.name.clone())).collect();
    let computed = compute::compute(&snapshot, period, previous.as_ref(), corrections, names).await?;
    Ok((stored, computed))
}

async fn recompute(state: &AppState, row: circular::Model) -> Result<Verdict> {
    let (stored, computed) = computed(state, &row).await?;
    let mut units: BTreeMap<UnitId, (Option<&compute::Row>, Option<&compute::Row>)> = BTreeMap::new();
    for row in &stored.rows {
        units.entry(row.unit).or_default().0 = Some(row);
    }
    for row in &computed.rows {
        units.entry(row.unit).or_default().1 = Some(row);
    }
    let different = units.values().filter(|(stored, computed)| stored != computed);
    let different = different.filter_map(|(stored, computed)| Some(stored.or(*computed)?.name.clone())).collect();
    Ok(Verdict { circular: row, recomputed: computed.sha256, different })
}
