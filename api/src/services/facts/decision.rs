//! What the rules would say of a number that a person is about to decide.

use analytics::facts::Facts;
use analytics::scoring::{Decision, decide};
use chrono::NaiveDate;
use entity::ids::{NetworkId, UnitId};
use entity::{unit, unit_category};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::{rows, versions};
use crate::error::{Error, Result};
use crate::state::AppState;

/// Tries facts of one unit, which hold nothing but the decision and what rules read beside it.
pub(crate) async fn try_decision(
    state: &AppState,
    conn: &impl ConnectionTrait,
    network: NetworkId,
    unit: UnitId,
    mut facts: Facts,
    day: NaiveDate,
) -> Result<Decision> {
    let (versions, _) = versions(state, conn, network).await?;
    let row = unit::Entity::find_by_id(unit).one(conn).await?.ok_or_else(Error::not_found)?;
    let memberships = unit_category::Entity::find()
        .filter(unit_category::Column::NetworkId.eq(network))
        .filter(unit_category::Column::UnitId.eq(unit))
        .order_by_asc(unit_category::Column::FirstDay)
        .all(conn)
        .await?;
    facts.upsert_unit(&rows::unit(row, memberships));
    tokio::task::spawn_blocking(move || decide(&versions, &facts, day)).await.map_err(Error::internal)
}
