//! Taking a merger, a split or a closure back.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use entity::ids::{SuccessionId, UnitId};
use entity::{submission, succession, succession_link, unit, unit_category, unit_parent};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _};
use serde::Serialize;

use super::SuccessionOutcome;
use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, closing};

/// Undoes a merger, a split or a closure.
#[derive(Clone, Debug, Serialize)]
pub struct UndoSuccession {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which.
    pub succession: SuccessionId,
    /// The version that was read.
    pub expected_version: i64,
}

impl Command for UndoSuccession {
    fn name(&self) -> &'static str {
        "undoSuccession"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Undoes: the units before exist again, and those that were set up for it never took part.
pub async fn undo(ctx: &Ctx, command: UndoSuccession) -> Result<SuccessionOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let found = ctx.scope().successions().filter(succession::Column::Id.eq(command.succession));
    let row = found.one(write.conn()).await?.ok_or_else(Error::not_found)?;
    ctx.authorize(Action::ChangeUnit, Target::network(row.network_id))?;
    write.in_turn(row.network_id).await?;
    if row.undone_at.is_some() {
        return Err(Error::new(Code::WrongState, "it was undone already", "该变更已撤销"));
    }
    closing::refuse_reaching_back(write.conn(), row.network_id, row.first_day, "succession").await?;
    let updated = succession::Entity::update_many()
        .col_expr(succession::Column::UndoneAt, Expr::value(ctx.now()))
        .col_expr(succession::Column::Version, Expr::col(succession::Column::Version).add(1))
        .filter(succession::Column::Id.eq(row.id))
        .filter(succession::Column::Version.eq(command.expected_version))
        .exec(write.conn())
        .await?;
    if updated.rows_affected != 1 {
        return Err(Error::version_conflict(row.version));
    }
    let links = succession_link::Entity::find()
        .filter(succession_link::Column::SuccessionId.eq(row.id))
        .all(write.conn())
        .await?;
    let ended: BTreeSet<UnitId> = links.iter().map(|link| link.predecessor_id).collect();
    let founded: BTreeSet<UnitId> =
        links.iter().filter(|link| link.founded).filter_map(|link| link.successor_id).collect();
    let last_day = row.first_day.checked_sub_days(Days::new(1)).unwrap_or(row.first_day);
    for unit in &founded {
        refuse_busy(write.conn(), *unit, &row).await?;
        withdraw(write.conn(), *unit, last_day).await?;
    }
    let heirs: BTreeSet<UnitId> = links.iter().filter(|link| link.heir).filter_map(|link| link.successor_id).collect();
    for unit in &ended {
        reopen(write.conn(), *unit, row.first_day, last_day, &heirs).await?;
    }
    write.in_network(row.network_id);
    for unit in ended.union(&founded) {
        let details = serde_json::json!({ "succession": row.id });
        write.record(Entry::new("UndoSuccession", ObjectKind::Unit, unit.0).with(details));
    }
    let outcome = SuccessionOutcome { succession: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// A unit that has worked, or that has itself changed since, cannot have been a mistake.
async fn refuse_busy(conn: &impl ConnectionTrait, unit: UnitId, of: &succession::Model) -> Result<()> {
    let worked = submission::Entity::find().filter(submission::Column::UnitId.eq(unit)).one(conn).await?.is_some();
    let later = succession_link::Entity::find()
        .filter(succession_link::Column::PredecessorId.eq(unit))
        .filter(succession_link::Column::SuccessionId.ne(of.id))
        .all(conn)
        .await?;
    let mut changed = false;
    for link in later {
        let row = succession::Entity::find_by_id(link.succession_id).one(conn).await?;
        changed |= row.is_some_and(|row| row.undone_at.is_none());
    }
    if worked || changed {
        return Err(Error::new(
            Code::WrongState,
            "a unit that was set up by it has worked or changed since; record another change instead",
            "由此设立的单位已有报送或再次变更，不能撤销，请登记新的变更",
        ));
    }
    Ok(())
}

/// A unit that was set up in vain: it ended before it began.
async fn withdraw(conn: &impl ConnectionTrait, unit: UnitId, last_day: NaiveDate) -> Result<()> {
    let row = unit::Entity::find_by_id(unit).one(conn).await?.ok_or_else(Error::not_found)?;
    unit::Entity::update_many()
        // Its name is free again.
        .col_expr(unit::Column::Name, Expr::value(format!("{}（撤销{}）", row.name, row.id)))
        .col_expr(unit::Column::ClosedOn, Expr::value(last_day))
        .col_expr(unit::Column::Version, Expr::col(unit::Column::Version).add(1))
        .filter(unit::Column::Id.eq(unit))
        .exec(conn)
        .await?;
    unit_category::Entity::update_many()
        .col_expr(unit_category::Column::LastDay, Expr::value(last_day))
        .filter(unit_category::Column::UnitId.eq(unit))
        .filter(unit_category::Column::LastDay.is_null())
        .exec(conn)
        .await?;
    unit_parent::Entity::update_many()
        .col_expr(unit_parent::Column::LastDay, Expr::value(last_day))
        .filter(unit_parent::Column::UnitId.eq(unit).or(unit_parent::Column::ParentId.eq(unit)))
        .filter(unit_parent::Column::LastDay.is_null())
        .exec(conn)
        .await?;
    Ok(())
}

/// A unit that exists again, with what ended with it.
async fn reopen(
    conn: &impl ConnectionTrait,
    unit: UnitId,
    first_day: NaiveDate,
    last_day: NaiveDate,
    heirs: &BTreeSet<UnitId>,
) -> Result<()> {
    unit::Entity::update_many()
        .col_expr(unit::Column::ClosedOn, Expr::value(None::<NaiveDate>))
        .col_expr(unit::Column::Version, Expr::col(unit::Column::Version).add(1))
        .filter(unit::Column::Id.eq(unit))
        .exec(conn)
        .await?;
    unit_category::Entity::update_many()
        .col_expr(unit_category::Column::LastDay, Expr::value(None::<NaiveDate>))
        .filter(unit_category::Column::UnitId.eq(unit))
        .filter(unit_category::Column::LastDay.eq(last_day))
        .exec(conn)
        .await?;
    let below = unit_parent::Entity::find()
        .filter(unit_parent::Column::ParentId.eq(unit))
        .filter(unit_parent::Column::LastDay.eq(last_day))
        .all(conn)
        .await?;
    for child in &below {
        unit_parent::Entity::update_many()
            .col_expr(unit_parent::Column::LastDay, Expr::value(last_day))
            .filter(unit_parent::Column::UnitId.eq(child.unit_id))
            .filter(unit_parent::Column::ParentId.is_in(heirs.iter().copied()))
            .filter(unit_parent::Column::FirstDay.eq(first_day))
            .exec(conn)
            .await?;
    }
    unit_parent::Entity::update_many()
        .col_expr(unit_parent::Column::LastDay, Expr::value(None::<NaiveDate>))
        .filter(unit_parent::Column::UnitId.eq(unit).or(unit_parent::Column::ParentId.eq(unit)))
        .filter(unit_parent::Column::LastDay.eq(last_day))
        .exec(conn)
        .await?;
    Ok(())
}
