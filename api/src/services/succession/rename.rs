//! Another name from a day on.

use chrono::NaiveDate;
use entity::ids::UnitId;
use entity::{unit, unit_name};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde::Serialize;

use crate::auth::policy::{Action, Target};
use crate::error::{Error, Result, on_unique};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::unit::{self as units, UnitOutcome, bump, check_name, day_before};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, local_day};

/// Gives a unit another name from a day on.
#[derive(Clone, Debug, Serialize)]
pub struct RenameUnit {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which unit.
    pub unit: UnitId,
    /// The version that was read.
    pub expected_version: i64,
    /// Its new name.
    pub name: String,
    /// First day of the new name, today at the latest.
    pub first_day: NaiveDate,
}

impl Command for RenameUnit {
    fn name(&self) -> &'static str {
        "renameUnit"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Renames. Earlier days keep the earlier name.
pub async fn rename(ctx: &Ctx, command: RenameUnit) -> Result<UnitOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = units::find(ctx, write.conn(), command.unit).await?;
    ctx.authorize(Action::ChangeUnit, Target::unit(row.network_id, row.id))?;
    let name = check_name(&command.name, "name")?;
    let network = ctx.network(write.conn(), row.network_id).await?;
    if command.first_day > local_day(&network, ctx.now()) {
        return Err(Error::invalid(
            "firstDay",
            "a name is recorded when it is in use, not before",
            "名称须在启用之后登记，起始日期不得晚于今日",
        ));
    }
    let last = unit_name::Entity::find()
        .filter(unit_name::Column::UnitId.eq(row.id))
        .order_by_desc(unit_name::Column::LastDay)
        .one(write.conn())
        .await?;
    let began = last.and_then(|last| last.last_day.succ_opt()).unwrap_or(row.opened_on);
    let former = unit_name::ActiveModel {
        id: NotSet,
        unit_id: Set(row.id),
        name: Set(row.name.clone()),
        first_day: Set(began),
        last_day: Set(day_before(command.first_day, began)?),
    };
    bump(write.conn(), &row, command.expected_version).await?;
    unit_name::Entity::insert(former).exec_without_returning(write.conn()).await?;
    unit::Entity::update_many()
        .col_expr(unit::Column::Name, Expr::value(name))
        .filter(unit::Column::Id.eq(row.id))
        .exec(write.conn())
        .await
        .map_err(|error| on_unique(error, units::name_taken))?;
    write.in_network(row.network_id);
    let details = serde_json::json!({ "from": row.name, "to": name, "firstDay": command.first_day });
    write.record(Entry::new("RenameUnit", ObjectKind::Unit, row.id.0).with(details));
    let outcome = UnitOutcome { unit: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}
