//! Trainings: sessions, secondments, terms of work, lectures.

use chrono::NaiveDate;
use entity::ids::{NetworkId, TrainingId, UnitId};
use entity::training::{self, TrainingKind};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    EntityTrait as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::{Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, unit};

/// Records a training.
#[derive(Clone, Debug, Serialize)]
pub struct RecordTraining {
    /// See [`Command`].
    pub idempotency_key: String,
    /// In which network it counts.
    pub network: NetworkId,
    /// Who held it, or sent officers.
    pub unit: UnitId,
    /// What it was.
    pub kind: TrainingKind,
    /// What it is called.
    pub title: String,
    /// First day, of one that lasts several.
    pub began_on: Option<NaiveDate>,
    /// Local day.
    pub held_on: NaiveDate,
    /// How many took part.
    pub attendees: i64,
    /// Whether the office's plan names it.
    pub planned: bool,
    /// Whether it was carried through.
    pub completed: bool,
    /// Whether it began when planned.
    pub on_time: bool,
    /// Whether rules were broken in it.
    pub violation: bool,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrainingOutcome {
    /// The training.
    pub training: TrainingId,
}

impl Command for RecordTraining {
    fn name(&self) -> &'static str {
        "recordTraining"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores a training.
pub async fn record(ctx: &Ctx, command: RecordTraining) -> Result<TrainingOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    let unit = unit::find(ctx, write.conn(), command.unit).await?;
    ctx.authorize(Action::RecordTraining, Target::unit(network.id, unit.id))?;
    unit::check_members(write.conn(), network.id, &[unit.id], command.held_on, "unit").await?;
    let title = unit::check_name(&command.title, "title")?.to_owned();
    if !(0..=100_000).contains(&command.attendees) {
        return Err(Error::invalid("attendees", "give the number of people who took part", "请填写参加人数"));
    }
    let row = training::ActiveModel {
        id: NotSet,
        network_id: Set(network.id),
        unit_id: Set(unit.id),
        kind: Set(command.kind),
        title: Set(title),
        began_on: Set(command.began_on),
        held_on: Set(command.held_on),
        attendees: Set(command.attendees),
        planned: Set(command.planned),
        completed: Set(command.completed),
        on_time: Set(command.on_time),
        violation: Set(command.violation),
        recorded_by: Set(ctx.actor().id()),
        recorded_at: Set(ctx.now()),
    };
    let id = training::Entity::insert(row).exec(write.conn()).await?.last_insert_id;
    write.in_network(network.id);
    write.record(Entry::new("RecordTraining", ObjectKind::Training, id.0).with(serde_json::json!({ "unit": unit.id })));
    let outcome = TrainingOutcome { training: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}
