//! Incidents: what went wrong in a unit's reporting, with evidence.

use chrono::NaiveDate;
use entity::ids::{IncidentId, NetworkId, SubmissionId, UnitId};
use entity::incident::{self, IncidentKind};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    EntityTrait as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::{Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, local_day, submission, unit};

/// Longest text of evidence.
pub const EVIDENCE_CHARACTERS: usize = 2_000;

/// Records an incident.
#[derive(Clone, Debug, Serialize)]
pub struct RecordIncident {
    /// See [`Command`].
    pub idempotency_key: String,
    /// In which network it counts.
    pub network: NetworkId,
    /// Who is responsible.
    pub unit: UnitId,
    /// The submission concerned.
    pub submission: Option<SubmissionId>,
    /// What happened.
    pub kind: IncidentKind,
    /// How it is known.
    pub evidence: String,
    /// Local day.
    pub occurred_on: NaiveDate,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IncidentOutcome {
    /// The incident.
    pub incident: IncidentId,
}

impl Command for RecordIncident {
    fn name(&self) -> &'static str {
        "recordIncident"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores an incident.
pub async fn record(ctx: &Ctx, command: RecordIncident) -> Result<IncidentOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    let unit = unit::find(ctx, write.conn(), command.unit).await?;
    ctx.authorize(Action::RecordIncident, Target::unit(network.id, unit.id))?;
    unit::check_members(write.conn(), network.id, &[unit.id], command.occurred_on, "unit").await?;
    if let Some(id) = command.submission {
        let row = submission::find(ctx, write.conn(), id).await.map_err(|error| error.at("submission"))?;
        if row.unit_id != unit.id {
            return Err(Error::invalid("submission", "this submission is another unit's", "该信息不属于所选单位"));
        }
    }
    let evidence = command.evidence.trim().to_owned();
    if !(1..=EVIDENCE_CHARACTERS).contains(&evidence.chars().count()) {
        return Err(Error::invalid(
            "evidence",
            "give the evidence in 1 to 2,000 characters",
            "请用 1 至 2000 个字写明依据",
        ));
    }
    if command.occurred_on > local_day(&network, ctx.now()) {
        return Err(Error::invalid("occurredOn", "the day cannot lie ahead", "日期不得晚于今日"));
    }
    let row = incident::ActiveModel {
        id: NotSet,
        network_id: Set(network.id),
        unit_id: Set(unit.id),
        submission_id: Set(command.submission),
        kind: Set(command.kind),
        evidence: Set(evidence),
        occurred_on: Set(command.occurred_on),
        recorded_by: Set(ctx.actor().id()),
        recorded_at: Set(ctx.now()),
        version: Set(1),
    };
    let id = incident::Entity::insert(row).exec(write.conn()).await?.last_insert_id;
    write.in_network(network.id);
    write.record(Entry::new("RecordIncident", ObjectKind::Incident, id.0).with(serde_json::json!({ "unit": unit.id })));
    let outcome = IncidentOutcome { incident: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}
