//! Who in the office answers for which units (领导分工): to whom results are taken.
//!
//! A charge gives no right to see anything; roles do. It says whom a notice about a unit goes to.

use chrono::{DateTime, Utc};
use entity::charge::{self as row, Post};
use entity::charge_unit;
use entity::ids::{ChargeId, NetworkId, PersonId, UnitId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, person as people, unit as units};

/// The most units in one person's charge.
const MOST_UNITS: usize = 500;

/// Says which units are in somebody's charge.
#[derive(Clone, Debug, Serialize)]
pub struct SetCharge {
    /// See [`Command`].
    pub idempotency_key: String,
    /// In which network.
    pub network: NetworkId,
    /// Who.
    pub person: PersonId,
    /// In which post.
    pub post: Post,
    /// All units in their charge; none for a post that answers for every unit.
    pub units: Vec<UnitId>,
    /// The version that was seen; none where the person has not held the post.
    pub expected_version: Option<i64>,
}

/// Takes a post away.
#[derive(Clone, Debug, Serialize)]
pub struct EndCharge {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which.
    pub charge: ChargeId,
    /// The version that was seen.
    pub expected_version: i64,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChargeOutcome {
    /// The charge.
    pub charge: ChargeId,
}

impl Command for SetCharge {
    fn name(&self) -> &'static str {
        "setCharge"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

impl Command for EndCharge {
    fn name(&self) -> &'static str {
        "endCharge"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Says which units are in somebody's charge: all of them, in the place of those that were.
pub async fn set(ctx: &Ctx, mut command: SetCharge) -> Result<ChargeOutcome> {
    command.units.sort_unstable();
    command.units.dedup();
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    ctx.authorize(Action::SetCharge, Target::network(network.id))?;
    let person = people::find(ctx, write.conn(), command.person).await.map_err(|error| error.at("person"))?;
    if command.units.len() > MOST_UNITS || command.post.is_over_all() != command.units.is_empty() {
        return Err(Error::invalid(
            "units",
            "name the units in the charge of a deputy; a head and a secretary-general answer for every unit",
            "分管领导须列明分管单位；主要领导、秘书长对全部单位负责，无须列明",
        ));
    }
    for id in &command.units {
        let unit = units::find(ctx, write.conn(), *id).await.map_err(|error| error.at("units"))?;
        if unit.network_id != network.id {
            return Err(Error::not_found().at("units"));
        }
    }
    let before = row::Entity::find()
        .filter(row::Column::NetworkId.eq(network.id))
        .filter(row::Column::PersonId.eq(person.id))
        .filter(row::Column::Post.eq(command.post))
        .one(write.conn())
        .await?;
    let id = match before {
        None => insert(ctx, &write, &command).await?,
        Some(before) => {
            if command.expected_version != Some(before.version) {
                return Err(Error::version_conflict(before.version));
            }
            change(ctx, &write, &before, None).await?;
            before.id
        }
    };
    charge_unit::Entity::delete_many().filter(charge_unit::Column::ChargeId.eq(id)).exec(write.conn()).await?;
    let rows = command.units.iter().map(|unit| charge_unit::ActiveModel {
        id: NotSet,
        charge_id: Set(id),
        unit_id: Set(*unit),
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        charge_unit::Entity::insert_many(rows).exec_without_returning(write.conn()).await?;
    }
    write.in_network(network.id);
    write.record(
        Entry::new(Action::SetCharge.name(), ObjectKind::Charge, id.0)
            .with(serde_json::json!({ "person": person.id, "post": command.post, "units": command.units })),
    );
    let outcome = ChargeOutcome { charge: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

async fn insert(ctx: &Ctx, write: &crate::services::write::Write, command: &SetCharge) -> Result<ChargeId> {
    if command.expected_version.is_some() {
        return Err(Error::not_found().at("expectedVersion"));
    }
    let new = row::ActiveModel {
        id: NotSet,
        network_id: Set(command.network),
        person_id: Set(command.person),
        post: Set(command.post),
        changed_by: Set(ctx.actor().id()),
        changed_at: Set(ctx.now()),
        ended_at: Set(None),
        version: Set(1),
    };
    let taken = || Error::new(Code::AlreadyExists, "the person holds this post already", "该人员已担任此职务");
    let inserted = row::Entity::insert(new).exec(write.conn()).await.map_err(|error| on_unique(error, taken))?;
    Ok(inserted.last_insert_id)
}

async fn change(
    ctx: &Ctx,
    write: &crate::services::write::Write,
    before: &row::Model,
    ended_at: Option<DateTime<Utc>>,
) -> Result<()> {
    let updated = row::Entity::update_many()
        .col_expr(row::Column::ChangedBy, Expr::value(ctx.actor().id()))
        .col_expr(row::Column::ChangedAt, Expr::value(ctx.now()))
        .col_expr(row::Column::EndedAt, Expr::value(ended_at))
        .col_expr(row::Column::Version, Expr::col(row::Column::Version).add(1))
        .filter(row::Column::Id.eq(before.id))
        .filter(row::Column::Version.eq(before.version))
        .exec(write.conn())
        .await?;
    if updated.rows_affected == 0 { Err(Error::version_conflict(before.version)) } else { Ok(()) }
}

/// Takes a post away; it is told nothing more.
pub async fn end(ctx: &Ctx, command: EndCharge) -> Result<ChargeOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let found = ctx.scope().charges().filter(row::Column::Id.eq(command.charge)).one(write.conn()).await?;
    let before = found.ok_or_else(|| Error::not_found().at("charge"))?;
    ctx.authorize(Action::SetCharge, Target::network(before.network_id))?;
    if before.version != command.expected_version {
        return Err(Error::version_conflict(before.version));
    }
    if before.ended_at.is_some() {
        return Err(Error::new(Code::WrongState, "the person has left the post already", "该人员已不再担任此职务"));
    }
    change(ctx, &write, &before, Some(ctx.now())).await?;
    write.in_network(before.network_id);
    write.record(Entry::new("EndCharge", ObjectKind::Charge, before.id.0));
    let outcome = ChargeOutcome { charge: before.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}
