//! Finding out by itself what was not reported: a deadline that passed long ago without its part proposes an incident.
//!
//! Looked at every minute while the server runs, and at once when it comes back: the deadlines lie in the rows, so nothing is lost
//! while it is down, and the database holds that one deadline is one incident.

use chrono::{DateTime, Utc};
use entity::ids::{IncidentId, NetworkId, PersonId};
use entity::incident::{self, IncidentKind, IncidentState};
use entity::network;
use entity::urgent_event::{self, UrgentState};
use entity::urgent_report::UrgentStage;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::NotSet, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use serde::{Deserialize, Serialize};

use super::deadline::next_due;
use super::{reports, stage_names};
use crate::auth::policy::{Action, Target};
use crate::error::Result;
use crate::services::audit::{self, Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, facts, local_day, network_row, time_zone};
use crate::state::AppState;

/// A part that came late or not at all.
pub(super) struct Failure {
    pub(super) kind: IncidentKind,
    pub(super) stage: UrgentStage,
    pub(super) due: DateTime<Utc>,
    pub(super) reported: Option<DateTime<Utc>>,
}

/// Stores a proposed incident, unless one for this deadline is there.
pub(super) async fn propose(
    conn: &impl ConnectionTrait,
    network: &network::Model,
    event: &urgent_event::Model,
    failure: Failure,
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<Entry>> {
    let (_, stage) = stage_names(failure.stage);
    let local = |at: DateTime<Utc>| at.with_timezone(&time_zone(network)).format("%Y-%m-%d %H:%M:%S").to_string();
    let due = local(failure.due);
    let evidence = match failure.reported {
        Some(at) => {
            let minutes = (at - failure.due).num_seconds().div_euclid(60);
            format!("“{}”{stage}应于 {due} 前报送，实际于 {} 报送，迟 {minutes} 分钟。", event.title, local(at))
        }
        None => format!("“{}”{stage}应于 {due} 前报送，截至 {} 未报送。", event.title, local(now)),
    };
    let row = incident::Model {
        id: IncidentId(0),
        network_id: event.network_id,
        unit_id: event.unit_id,
        submission_id: None,
        kind: failure.kind,
        evidence,
        occurred_on: local_day(network, failure.due),
        recorded_by: by,
        recorded_at: now,
        state: IncidentState::Proposed,
        points: None,
        decided_by: None,
        decided_at: None,
        decided_because: None,
        named_by: None,
        urgent_event_id: Some(event.id),
        urgent_stage: Some(failure.stage),
        urgent_due_at: Some(failure.due),
        version: 1,
    };
    let mut row = incident::ActiveModel::from(row).reset_all();
    row.id = NotSet;
    let known = OnConflict::columns([
        incident::Column::UrgentEventId,
        incident::Column::UrgentStage,
        incident::Column::UrgentDueAt,
    ])
    .do_nothing()
    .to_owned();
    if incident::Entity::insert(row).on_conflict(known).exec_without_returning(conn).await? == 0 {
        return Ok(None);
    }
    let stored = incident::Entity::find()
        .filter(incident::Column::UrgentEventId.eq(event.id))
        .filter(incident::Column::UrgentStage.eq(failure.stage))
        .order_by_desc(incident::Column::Id)
        .one(conn)
        .await?;
    let details = serde_json::json!({ "unit": event.unit_id, "urgentEvent": event.id });
    Ok(stored
        .map(|row| Entry::new("ProposeIncident", ObjectKind::Incident, row.id.0).moved("", "proposed").with(details)))
}

/// Looks at the deadlines of one network, and proposes what was missed until now.
async fn look(state: &AppState, conn: &impl ConnectionTrait, network: &network::Model) -> Result<Vec<Entry>> {
    let now = state.clock().now();
    let open = urgent_event::Entity::find()
        .filter(urgent_event::Column::NetworkId.eq(network.id))
        .filter(urgent_event::Column::State.eq(UrgentState::Open))
        .order_by_asc(urgent_event::Column::Id)
        .all(conn)
        .await?;
    let (versions, _) = facts::versions(state, conn, network.id).await?;
    let mut entries = Vec::new();
    for event in open {
        let version = versions.on_or_first(local_day(network, event.occurred_at));
        let Some(urgent) = version.and_then(|version| version.rulebook.urgent()) else { continue };
        let due = next_due(&event, &reports(conn, event.id).await?, Some(urgent));
        let Some((part, due)) = due.and_then(|due| Some((due.stage, due.at?))) else { continue };
        if due + urgent.missed_after >= now {
            continue;
        }
        let failure = Failure { kind: IncidentKind::Missed, stage: part, due, reported: None };
        entries.extend(propose(conn, network, &event, failure, event.opened_by, now).await?);
    }
    Ok(entries)
}

/// Looks at the deadlines of a network.
#[derive(Clone, Debug, Serialize)]
pub struct CheckUrgentDeadlines {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Of which network.
    pub network: NetworkId,
}

/// What was found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeadlinesChecked {
    /// The incidents that were proposed.
    pub incidents: Vec<IncidentId>,
}

impl Command for CheckUrgentDeadlines {
    fn name(&self) -> &'static str {
        "checkUrgentDeadlines"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Proposes what was missed until now, for an editor who does not want to wait for the next minute.
pub async fn check(ctx: &Ctx, command: CheckUrgentDeadlines) -> Result<DeadlinesChecked> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    ctx.authorize(Action::RecordIncident, Target::network(network.id))?;
    let entries = look(ctx.state(), write.conn(), &network).await?;
    write.in_network(network.id);
    let outcome = DeadlinesChecked { incidents: entries.iter().map(|entry| IncidentId(entry.id)).collect() };
    for entry in entries {
        write.record(entry);
    }
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Looks at the deadlines of every network with an open event, and returns how many incidents were proposed.
pub async fn watch(state: &AppState) -> Result<usize> {
    let networks: Vec<NetworkId> = urgent_event::Entity::find()
        .select_only()
        .column(urgent_event::Column::NetworkId)
        .filter(urgent_event::Column::State.eq(UrgentState::Open))
        .distinct()
        .into_tuple()
        .all(state.database().reader())
        .await?;
    let mut proposed = 0;
    for id in networks {
        let txn = state.database().begin().await?;
        let network = network_row(&txn, id).await?;
        let entries = look(state, &txn, &network).await?;
        if entries.is_empty() {
            txn.rollback().await?;
            continue;
        }
        proposed += entries.len();
        audit::append(&txn, audit::chain(Some(id)), None, state.clock().now(), entries).await?;
        txn.commit().await?;
    }
    Ok(proposed)
}
