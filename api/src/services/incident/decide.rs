//! The decision about an incident: upheld, with points where the rules leave them to a person, or dropped with a reason.

use analytics::facts::Facts;
use analytics::points::Points;
use analytics::scoring::{Ruling, rulings};
use entity::ids::{IncidentId, PersonId};
use entity::incident::{self, IncidentState};
use entity::{network, unit, unit_category};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _};
use serde::{Deserialize, Serialize};

use super::{IncidentOutcome, state_name};
use crate::auth::actor::Actor;
use crate::auth::policy::{Action, Target, authorize};
use crate::error::{Code, Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::closing::{self, Closings};
use crate::services::facts::{self, rows};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, local_day, network_row, submission};

/// Longest reason of a decision.
const REASON_CHARACTERS: usize = 500;
/// The most points, up or down, that a person may decide for one incident.
const MOST_POINTS: i64 = 10_000;

/// What a chief editor decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IncidentDecision {
    /// It counts.
    Uphold,
    /// It counts for nothing.
    Dismiss,
}

/// Decides an incident.
#[derive(Clone, Debug, Serialize)]
pub struct DecideIncident {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which incident.
    pub incident: IncidentId,
    /// The version that was read.
    pub expected_version: i64,
    /// What is decided.
    pub decision: IncidentDecision,
    /// The points that a rule leaves to a person, as the clause states them: a deduction of 100 to 300 is 100 to 300.
    pub points: Option<Points>,
    /// Why.
    pub reason: Option<String>,
}

impl Command for DecideIncident {
    fn name(&self) -> &'static str {
        "decideIncident"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Whether `actor` may decide this incident now, and if not why. The mutation asks nothing else. What counts in a closed period is
/// disputed by an appeal.
pub fn may_decide(actor: &Actor, row: &incident::Model, network: &network::Model, closings: &Closings) -> Result<()> {
    authorize(actor, Action::DecideIncident, Target::unit(row.network_id, row.unit_id))?;
    match row.state {
        IncidentState::Proposed => Ok(()),
        IncidentState::Recorded => {
            let recorded_on = local_day(network, row.recorded_at);
            match closings.holding(row.occurred_on, row.recorded_at, recorded_on) {
                Some(closed) => Err(closing::closed(closed.last_day)),
                None => Ok(()),
            }
        }
        IncidentState::Decided | IncidentState::Dismissed => {
            let name = state_name(row.state);
            Err(Error::new(
                Code::WrongState,
                format!("the incident is {name} already; what was decided stands"),
                "该情况已作出认定，认定结果不再变更",
            )
            .with(serde_json::json!({ "state": name })))
        }
    }
}

/// Stores a decision.
pub async fn decide(ctx: &Ctx, command: DecideIncident) -> Result<IncidentOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = super::find(ctx, write.conn(), command.incident).await?;
    let network = network_row(write.conn(), row.network_id).await?;
    let closings = closing::closings(write.conn(), network.id).await?;
    may_decide(ctx.actor(), &row, &network, &closings)?;
    let reason = check_reason(&command)?;
    let state = match command.decision {
        IncidentDecision::Uphold => {
            check_points(ctx, write.conn(), &row, command.points).await?;
            IncidentState::Decided
        }
        IncidentDecision::Dismiss => IncidentState::Dismissed,
    };
    let by: PersonId = ctx.actor().id();
    let updated = incident::Entity::update_many()
        .col_expr(incident::Column::State, Expr::value(state))
        .col_expr(incident::Column::Points, Expr::value(command.points.map(Points::millionths)))
        .col_expr(incident::Column::DecidedBy, Expr::value(by))
        .col_expr(incident::Column::DecidedAt, Expr::value(ctx.now()))
        .col_expr(incident::Column::DecidedBecause, Expr::value(reason))
        .col_expr(incident::Column::Version, Expr::col(incident::Column::Version).add(1))
        .filter(incident::Column::Id.eq(row.id))
        .filter(incident::Column::Version.eq(command.expected_version))
        .exec(write.conn())
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::version_conflict(row.version));
    }
    write.in_network(row.network_id);
    write.record(
        Entry::new(Action::DecideIncident.name(), ObjectKind::Incident, row.id.0)
            .moved(state_name(row.state), state_name(state))
            .with(serde_json::json!({ "unit": row.unit_id, "points": command.points })),
    );
    let outcome = IncidentOutcome { incident: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// A decision to drop an incident says why and gives no points.
fn check_reason(command: &DecideIncident) -> Result<Option<String>> {
    let reason = command.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    if reason.is_some_and(|reason| reason.chars().count() > REASON_CHARACTERS) {
        return Err(Error::invalid("reason", "a reason has at most 500 characters", "理由不得超过 500 个字"));
    }
    if command.decision == IncidentDecision::Dismiss {
        if reason.is_none() {
            return Err(Error::invalid("reason", "say why the incident is dropped", "不予认定的，请写明理由"));
        }
        if command.points.is_some() {
            return Err(Error::invalid(
                "points",
                "an incident that is dropped costs no points",
                "不予认定的，不得填写分值",
            ));
        }
    }
    Ok(reason.map(str::to_owned))
}

/// Points are given where a rule reads them, and lie within its range.
async fn check_points(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    row: &incident::Model,
    points: Option<Points>,
) -> Result<()> {
    if points.is_some_and(|points| points.millionths().unsigned_abs() > most()) {
        return Err(Error::invalid(
            "points",
            format!("at most {MOST_POINTS} points can be decided for one incident"),
            format!("单次认定分值不得超过 {MOST_POINTS} 分"),
        ));
    }
    let decided = incident::Model { points: points.map(Points::millionths), ..row.clone() };
    let rulings = rules_on(ctx, conn, &decided).await?;
    if let Some(open) = rulings.iter().find(|ruling| ruling.is_open()) {
        return Err(Error::invalid(
            "points",
            format!("«{}» leaves the points to you{}: give them", open.title, range_text(open, " within ", " to ")),
            format!("“{}”的分值须由您认定{}，请填写分值", open.title, range_text(open, "，范围为 ", " 至 ")),
        )
        .with(range_details(open)));
    }
    if points.is_some() && !rulings.iter().any(|ruling| ruling.is_decided) {
        return Err(Error::invalid(
            "points",
            "the rulebook leaves nothing to decide for this incident; leave the points out",
            "考评办法未规定该情形由人工认定分值，请勿填写分值",
        ));
    }
    let Some(outside) = rulings.iter().find(|ruling| !ruling.is_within()) else { return Ok(()) };
    let amount = outside.amount.map(|amount| amount.to_string()).unwrap_or_default();
    Err(Error::invalid(
        "points",
        format!("«{}» would give {amount}, which is not{}", outside.title, range_text(outside, " within ", " to ")),
        format!("“{}”按此计 {amount}，超出规定范围{}", outside.title, range_text(outside, " ", " 至 ")),
    )
    .with(range_details(outside)))
}

fn most() -> u64 {
    Points::from_whole(MOST_POINTS).map_or(u64::MAX, |most| most.millionths().unsigned_abs())
}

fn range_text(ruling: &Ruling, before: &str, between: &str) -> String {
    ruling.range.map_or_else(String::new, |(least, most)| format!("{before}{least}{between}{most}"))
}

fn range_details(ruling: &Ruling) -> serde_json::Value {
    let range = ruling.range.map(|(least, most)| (least.to_string(), most.to_string()));
    let (least, most) = range.unzip();
    serde_json::json!({ "rule": ruling.rule, "clause": ruling.clause, "least": least, "most": most })
}

/// What the rules in force on its day make of an incident: scored alone, with its unit and its submission.
pub(super) async fn rules_on(ctx: &Ctx, conn: &impl ConnectionTrait, row: &incident::Model) -> Result<Vec<Ruling>> {
    let (versions, _) = facts::versions(ctx.state(), conn, row.network_id).await?;
    let mut alone = Facts::new();
    let unit = ctx.scope().units().filter(unit::Column::Id.eq(row.unit_id)).one(conn).await?;
    let memberships = unit_category::Entity::find()
        .filter(unit_category::Column::NetworkId.eq(row.network_id))
        .filter(unit_category::Column::UnitId.eq(row.unit_id))
        .all(conn)
        .await?;
    alone.upsert_unit(&rows::unit(unit.ok_or_else(Error::not_found)?, memberships));
    if let Some(id) = row.submission_id
        && let Some(fact) = rows::submission(&submission::find(ctx, conn, id).await?)
    {
        alone.upsert_submission(&fact);
    }
    alone.upsert_incident(&rows::incident(row));
    if let Some(naming) = rows::naming(row) {
        alone.upsert_naming(&naming);
    }
    let incident = row.id.0;
    tokio::task::spawn_blocking(move || rulings(&versions, &alone, incident)).await.map_err(Error::internal)
}
