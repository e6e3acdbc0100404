//! Incidents: what went wrong in a unit's reporting, with evidence; recorded by an editor, decided by a chief editor.
//!
//! What the rules fix counts as soon as it is recorded. What they leave to a person within a range waits for the decision.

mod decide;

pub use decide::{DecideIncident, IncidentDecision, decide, may_decide};

use chrono::NaiveDate;
use entity::ids::{IncidentId, NetworkId, SubmissionId, UnitId, UrgentEventId};
use entity::incident::{self, IncidentKind, IncidentState};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::NotSet, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::{Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::submission::adopt::check_level;
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, local_day, rulebook, submission, unit, urgent};

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
    /// Code of the level of the superior that named it, if one did.
    pub named_by: Option<String>,
    /// The urgent event in whose reporting it happened.
    pub urgent_event: Option<UrgentEventId>,
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
    if let Some(level) = &command.named_by {
        let rules = rulebook::in_force(ctx, write.conn(), network.id, command.occurred_on).await?;
        check_level(&rules, level, "namedBy")?;
    }
    if let Some(id) = command.urgent_event {
        let event = urgent::find(ctx, write.conn(), id).await.map_err(|error| error.at("urgentEvent"))?;
        if event.network_id != network.id {
            return Err(Error::not_found().at("urgentEvent"));
        }
    }
    let mut row = incident::Model {
        id: IncidentId(0),
        network_id: network.id,
        unit_id: unit.id,
        submission_id: command.submission,
        kind: command.kind,
        evidence,
        occurred_on: command.occurred_on,
        recorded_by: ctx.actor().id(),
        recorded_at: ctx.now(),
        state: IncidentState::Recorded,
        points: None,
        decided_by: None,
        decided_at: None,
        decided_because: None,
        named_by: command.named_by,
        urgent_event_id: command.urgent_event,
        urgent_stage: None,
        urgent_due_at: None,
        version: 1,
    };
    if decide::rules_on(ctx, write.conn(), &row).await?.iter().any(analytics::scoring::Ruling::is_open) {
        row.state = IncidentState::Proposed;
    }
    let state = row.state;
    let mut row = incident::ActiveModel::from(row).reset_all();
    row.id = NotSet;
    let id = incident::Entity::insert(row).exec(write.conn()).await?.last_insert_id;
    write.in_network(network.id);
    write.record(
        Entry::new("RecordIncident", ObjectKind::Incident, id.0)
            .moved("", state_name(state))
            .with(serde_json::json!({ "unit": unit.id })),
    );
    let outcome = IncidentOutcome { incident: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The incident with `id`, if the actor may know of it.
pub(crate) async fn find(ctx: &Ctx, conn: &impl ConnectionTrait, id: IncidentId) -> Result<incident::Model> {
    ctx.scope().incidents().filter(incident::Column::Id.eq(id)).one(conn).await?.ok_or_else(Error::not_found)
}

/// A state as the log calls it.
pub(crate) fn state_name(state: IncidentState) -> &'static str {
    match state {
        IncidentState::Proposed => "proposed",
        IncidentState::Recorded => "recorded",
        IncidentState::Decided => "decided",
        IncidentState::Dismissed => "dismissed",
    }
}
