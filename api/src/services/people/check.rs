//! Whom units must have by the rulebook, and whom they have on a day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::ids::{NetworkId, UnitId};
use entity::{staffing, unit, unit_category};
use sea_orm::{ActiveEnum as _, ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _};

use crate::error::Result;
use crate::services::{Ctx, rulebook};

/// One requirement on one unit.
#[derive(Clone, Debug)]
pub struct StaffingRow {
    /// The unit.
    pub unit: unit::Model,
    /// Code of its category.
    pub category: String,
    /// Where the document asks for it.
    pub clause: String,
    /// What is asked for.
    pub title: String,
    /// Codes of the duties that fulfil it.
    pub duties: Vec<String>,
    /// How many people are asked for.
    pub required: usize,
    /// Who is there.
    pub found: Vec<staffing::Model>,
}

impl StaffingRow {
    /// How many people are missing.
    pub fn missing(&self) -> usize {
        self.required.saturating_sub(self.found.len())
    }
}

/// Every requirement on every unit that the actor sees, on a day, in the office's order of units and the document's order of requirements.
pub async fn check(ctx: &Ctx, network: NetworkId, day: NaiveDate) -> Result<Vec<StaffingRow>> {
    let network = ctx.network(ctx.reader(), network).await?;
    let rules = rulebook::in_force(ctx, ctx.reader(), network.id, day).await?;
    if rules.staffing().is_empty() {
        return Ok(Vec::new());
    }
    let categories: BTreeMap<UnitId, String> = unit_category::Entity::find()
        .filter(unit_category::Column::NetworkId.eq(network.id))
        .filter(unit_category::Column::FirstDay.lte(day))
        .filter(unit_category::Column::LastDay.is_null().or(unit_category::Column::LastDay.gte(day)))
        .all(ctx.reader())
        .await?
        .into_iter()
        .map(|row| (row.unit_id, row.category))
        .collect();
    let units = ctx.scope().units().order_by_asc(unit::Column::Position).order_by_asc(unit::Column::Id);
    let units = units.all(ctx.reader()).await?;
    let mut staff: BTreeMap<UnitId, Vec<staffing::Model>> = BTreeMap::new();
    let rows = ctx
        .scope()
        .staffing()
        .filter(staffing::Column::NetworkId.eq(network.id))
        .filter(staffing::Column::FirstDay.lte(day))
        .filter(staffing::Column::LastDay.is_null().or(staffing::Column::LastDay.gte(day)))
        .order_by_asc(staffing::Column::Id)
        .all(ctx.reader())
        .await?;
    for row in rows {
        staff.entry(row.unit_id).or_default().push(row);
    }
    // Whoever does not see a unit's people is told nothing about them, not that there are none.
    let whole = ctx.scope().sees_network(network.id);
    let mut found = Vec::new();
    for unit in units.into_iter().filter(|unit| whole || ctx.scope().sees_unit(unit.id)) {
        let Some(category) = categories.get(&unit.id) else { continue };
        for asked in rules.staffing().iter().filter(|asked| asked.categories.contains(category)) {
            let here = staff.get(&unit.id).into_iter().flatten();
            let fulfils = |row: &&staffing::Model| asked.duties.contains(&row.duty.to_value());
            found.push(StaffingRow {
                unit: unit.clone(),
                category: category.clone(),
                clause: asked.clause.clone(),
                title: asked.title.clone(),
                duties: asked.duties.clone(),
                required: usize::try_from(asked.at_least).unwrap_or(usize::MAX),
                found: here.filter(fulfils).cloned().collect(),
            });
        }
    }
    Ok(found)
}
