//! Members of a network that stand for persons: what a person writes is credited to the member, whose score, quota and place are the
//! person's.

use entity::assessed_person;
use entity::ids::{NetworkId, PersonId, UnitId};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    EntityTrait as _,
};
use serde::Serialize;

use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::unit::UnitOutcome;
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, local_day, person, unit};

/// Says which member of a network stands for a person.
#[derive(Clone, Debug, Serialize)]
pub struct AssessPerson {
    /// See [`Command`].
    pub idempotency_key: String,
    /// In which network.
    pub network: NetworkId,
    /// The member.
    pub unit: UnitId,
    /// The person.
    pub person: PersonId,
}

impl Command for AssessPerson {
    fn name(&self) -> &'static str {
        "assessPerson"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores which member stands for a person.
pub async fn assess(ctx: &Ctx, command: AssessPerson) -> Result<UnitOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    ctx.authorize(Action::AssessPerson, Target::network(network.id))?;
    let unit = unit::find(ctx, write.conn(), command.unit).await.map_err(|error| error.at("unit"))?;
    unit::check_members(write.conn(), network.id, &[unit.id], local_day(&network, ctx.now()), "unit").await?;
    let person = person::find(ctx, write.conn(), command.person).await.map_err(|error| error.at("person"))?;
    let row = assessed_person::ActiveModel {
        id: NotSet,
        network_id: Set(network.id),
        unit_id: Set(unit.id),
        person_id: Set(person.id),
        set_by: Set(ctx.actor().id()),
        set_at: Set(ctx.now()),
    };
    let taken = || {
        Error::new(
            Code::AlreadyExists,
            "the member stands for somebody already, or the person has a member",
            "该成员已对应其他人员，或该人员已有对应成员",
        )
        .at("unit")
    };
    let inserted = assessed_person::Entity::insert(row).exec(write.conn()).await;
    let id = inserted.map_err(|error| on_unique(error, taken))?.last_insert_id;
    write.in_network(network.id);
    let details = serde_json::json!({ "unit": unit.id, "person": person.id });
    write.record(Entry::new("AssessPerson", ObjectKind::AssessedPerson, id.0).with(details));
    let outcome = UnitOutcome { unit: unit.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}
