//! Units: setting them up, and moving them between categories and parents from a day on.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use entity::ids::{NetworkId, UnitId};
use entity::{unit, unit_category, unit_parent};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, closing, rulebook};

/// Longest name of a unit, a network or a person.
pub const NAME_CHARACTERS: usize = 60;

/// Sets up a unit in a category of a network.
#[derive(Clone, Debug, Serialize)]
pub struct CreateUnit {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which network.
    pub network: NetworkId,
    /// Its name, unique in the network.
    pub name: String,
    /// Code of its category.
    pub category: String,
    /// The unit to which it belongs.
    pub parent: Option<UnitId>,
    /// Whether it is a direct-report point.
    pub direct_report: bool,
    /// First day on which it exists.
    pub opened_on: NaiveDate,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnitOutcome {
    /// The unit.
    pub unit: UnitId,
}

impl Command for CreateUnit {
    fn name(&self) -> &'static str {
        "createUnit"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Creates a unit.
pub async fn create(ctx: &Ctx, command: CreateUnit) -> Result<UnitOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    ctx.authorize(Action::CreateUnit, Target::network(network.id))?;
    closing::refuse_reaching_back(write.conn(), network.id, command.opened_on, "openedOn").await?;
    let new = NewUnit {
        name: &command.name,
        category: &command.category,
        parent: command.parent,
        direct_report: command.direct_report,
        first_day: command.opened_on,
    };
    let unit = set_up(ctx, write.conn(), network.id, new).await?;
    write.in_network(network.id);
    write.did("CreateUnit", ObjectKind::Unit, unit.0);
    let outcome = UnitOutcome { unit };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// A unit to be set up.
pub(crate) struct NewUnit<'a> {
    /// Its name, unique in the network.
    pub(crate) name: &'a str,
    /// Code of its category.
    pub(crate) category: &'a str,
    /// The unit above it.
    pub(crate) parent: Option<UnitId>,
    /// Whether it is a direct-report point.
    pub(crate) direct_report: bool,
    /// First day on which it exists.
    pub(crate) first_day: NaiveDate,
}

/// Writes the rows of a unit.
pub(crate) async fn set_up(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    network: NetworkId,
    new: NewUnit<'_>,
) -> Result<UnitId> {
    let name = check_name(new.name, "name")?;
    check_category(ctx, conn, network, new.category, new.first_day).await?;
    if let Some(parent) = new.parent {
        find(ctx, conn, parent).await?;
    }
    let last: Option<Option<i64>> = unit::Entity::find()
        .select_only()
        .column_as(unit::Column::Position.max(), "last")
        .filter(unit::Column::NetworkId.eq(network))
        .into_tuple()
        .one(conn)
        .await?;
    let row = unit::ActiveModel {
        id: NotSet,
        network_id: Set(network),
        name: Set(name.to_owned()),
        position: Set(last.flatten().unwrap_or(0) + 1),
        direct_report: Set(new.direct_report),
        opened_on: Set(new.first_day),
        closed_on: Set(None),
        version: Set(1),
    };
    let unit = unit::Entity::insert(row).exec(conn).await.map_err(|error| on_unique(error, name_taken))?.last_insert_id;
    add_category(conn, network, unit, new.category, new.first_day).await?;
    if let Some(parent) = new.parent {
        add_parent(conn, unit, parent, new.first_day).await?;
    }
    Ok(unit)
}

/// Two units of a network cannot have one name.
pub(crate) fn name_taken() -> Error {
    Error::new(Code::AlreadyExists, "the network has a unit of this name", "该网络已有同名单位").at("name")
}

/// Moves a unit to another category or parent from a day on.
#[derive(Clone, Debug, Serialize)]
pub struct MoveUnit {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which unit.
    pub unit: UnitId,
    /// The version that was read.
    pub expected_version: i64,
    /// Code of the new category, if that changes.
    pub category: Option<String>,
    /// The new parent, if that changes.
    pub parent: Option<UnitId>,
    /// First day of the new relation; what lies before it stays as it was.
    pub first_day: NaiveDate,
}

impl Command for MoveUnit {
    fn name(&self) -> &'static str {
        "moveUnit"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Moves a unit.
pub async fn relocate(ctx: &Ctx, command: MoveUnit) -> Result<UnitOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.unit).await?;
    ctx.authorize(Action::ChangeUnit, Target::unit(row.network_id, row.id))?;
    if command.category.is_none() && command.parent.is_none() {
        return Err(Error::invalid("category", "give the new category or the new parent", "请填写新的类别或上级单位"));
    }
    closing::refuse_reaching_back(write.conn(), row.network_id, command.first_day, "firstDay").await?;
    bump(write.conn(), &row, command.expected_version).await?;
    if let Some(category) = &command.category {
        check_category(ctx, write.conn(), row.network_id, category, command.first_day).await?;
        end_category(write.conn(), row.network_id, row.id, command.first_day).await?;
        add_category(write.conn(), row.network_id, row.id, category, command.first_day).await?;
    }
    if let Some(parent) = command.parent {
        find(ctx, write.conn(), parent).await?;
        refuse_cycle(write.conn(), row.id, parent).await?;
        end_parent(write.conn(), row.id, command.first_day).await?;
        add_parent(write.conn(), row.id, parent, command.first_day).await?;
    }
    write.in_network(row.network_id);
    write.record(Entry::new("MoveUnit", ObjectKind::Unit, row.id.0).with(serde_json::json!({
        "category": command.category, "parent": command.parent, "firstDay": command.first_day,
    })));
    let outcome = UnitOutcome { unit: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The unit with `id`, if the actor may know of it.
pub(crate) async fn find(ctx: &Ctx, conn: &impl ConnectionTrait, id: UnitId) -> Result<unit::Model> {
    ctx.scope().units().filter(unit::Column::Id.eq(id)).one(conn).await?.ok_or_else(Error::not_found)
}

/// Refuses units that are not members of `network` on `day`: what they do does not count there.
pub(crate) async fn check_members(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    units: &[UnitId],
    day: NaiveDate,
    field: &'static str,
) -> Result<()> {
    let members: BTreeSet<UnitId> = unit_category::Entity::find()
        .filter(unit_category::Column::NetworkId.eq(network))
        .filter(unit_category::Column::UnitId.is_in(units.iter().copied()))
        .filter(unit_category::Column::FirstDay.lte(day))
        .filter(unit_category::Column::LastDay.is_null().or(unit_category::Column::LastDay.gte(day)))
        .all(conn)
        .await?
        .into_iter()
        .map(|row| row.unit_id)
        .collect();
    if units.iter().all(|unit| members.contains(unit)) {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        format!("not a member of this network on {day}"),
        format!("所选单位在 {day} 不是本信息网络的成员"),
    ))
}

/// A name without surrounding space, or a refusal.
pub(crate) fn check_name<'a>(name: &'a str, field: &'static str) -> Result<&'a str> {
    let name = name.trim();
    if (1..=NAME_CHARACTERS).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name);
    }
    Err(Error::invalid(field, "a name has 1 to 60 characters", "名称须为 1 至 60 个字"))
}

pub(crate) async fn bump(conn: &impl ConnectionTrait, row: &unit::Model, expected: i64) -> Result<()> {
    let updated = unit::Entity::update_many()
        .col_expr(unit::Column::Version, Expr::col(unit::Column::Version).add(1))
        .filter(unit::Column::Id.eq(row.id))
        .filter(unit::Column::Version.eq(expected))
        .exec(conn)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(Error::version_conflict(row.version)) }
}

async fn check_category(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    network: NetworkId,
    category: &str,
    day: NaiveDate,
) -> Result<()> {
    let rules = rulebook::in_force(ctx, conn, network, day).await?;
    if rules.categories().iter().any(|declared| declared.id == category) {
        return Ok(());
    }
    let known: Vec<_> = rules.categories().iter().map(|declared| declared.id.as_str()).collect();
    Err(Error::invalid(
        "category",
        format!("the rulebook has no such category; it has {}", known.join(", ")),
        format!("考评办法中没有该类别，可用类别：{}", known.join("、")),
    ))
}

async fn end_category(conn: &impl ConnectionTrait, network: NetworkId, unit: UnitId, next: NaiveDate) -> Result<()> {
    let open = unit_category::Entity::find()
        .filter(unit_category::Column::NetworkId.eq(network))
        .filter(unit_category::Column::UnitId.eq(unit))
        .filter(unit_category::Column::LastDay.is_null())
        .order_by_desc(unit_category::Column::FirstDay)
        .one(conn)
        .await?;
    let Some(open) = open else { return Ok(()) };
    let last_day = day_before(next, open.first_day)?;
    unit_category::Entity::update_many()
        .col_expr(unit_category::Column::LastDay, Expr::value(last_day))
        .filter(unit_category::Column::Id.eq(open.id))
        .exec(conn)
        .await?;
    Ok(())
}

async fn add_category(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    unit: UnitId,
    category: &str,
    first_day: NaiveDate,
) -> Result<()> {
    let row = unit_category::ActiveModel {
        id: NotSet,
        network_id: Set(network),
        unit_id: Set(unit),
        category: Set(category.to_owned()),
        first_day: Set(first_day),
        last_day: Set(None),
    };
    unit_category::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

async fn end_parent(conn: &impl ConnectionTrait, unit: UnitId, next: NaiveDate) -> Result<()> {
    let open = unit_parent::Entity::find()
        .filter(unit_parent::Column::UnitId.eq(unit))
        .filter(unit_parent::Column::LastDay.is_null())
        .one(conn)
        .await?;
    let Some(open) = open else { return Ok(()) };
    let last_day = day_before(next, open.first_day)?;
    unit_parent::Entity::update_many()
        .col_expr(unit_parent::Column::LastDay, Expr::value(last_day))
        .filter(unit_parent::Column::Id.eq(open.id))
        .exec(conn)
        .await?;
    Ok(())
}

pub(crate) async fn add_parent(
    conn: &impl ConnectionTrait,
    unit: UnitId,
    parent: UnitId,
    first_day: NaiveDate,
) -> Result<()> {
    let row = unit_parent::ActiveModel {
        id: NotSet,
        unit_id: Set(unit),
        parent_id: Set(parent),
        first_day: Set(first_day),
        last_day: Set(None),
    };
    unit_parent::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// The last day of a relation that another follows on `next`.
pub(crate) fn day_before(next: NaiveDate, began: NaiveDate) -> Result<NaiveDate> {
    next.checked_sub_days(Days::new(1)).filter(|last| *last >= began).ok_or_else(|| {
        Error::invalid(
            "firstDay",
            format!("the new relation must begin after {began}, when the present one began"),
            format!("新关系的起始日期须晚于现有关系的起始日期 {began}"),
        )
    })
}

/// A unit cannot come to stand below itself.
async fn refuse_cycle(conn: &impl ConnectionTrait, unit: UnitId, parent: UnitId) -> Result<()> {
    let mut above = Some(parent);
    let mut steps = 0;
    while let Some(id) = above {
        steps += 1;
        if id == unit || steps > 32 {
            return Err(Error::invalid("parent", "a unit cannot stand below itself", "单位不能成为自身的下级"));
        }
        above = unit_parent::Entity::find()
            .filter(unit_parent::Column::UnitId.eq(id))
            .filter(unit_parent::Column::LastDay.is_null())
            .one(conn)
            .await?
            .map(|row| row.parent_id);
    }
    Ok(())
}
