//! Urgent information (紧急信息): an event, its first report, follow-ups and final report, each with its deadline.
//!
//! One unit answers for an event, and only its designated contact reports it. What comes late or not at all becomes a proposed
//! incident by itself, once for each deadline, however often that is looked at.

mod deadline;
mod report;
mod watch;

use chrono::{DateTime, Utc};
use entity::ids::{NetworkId, UnitId, UrgentEventId};
use entity::staffing::{self, Duty};
use entity::urgent_event::{self, UrgentState};
use entity::urgent_report::{self, UrgentStage};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::NotSet, ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _,
    QueryFilter as _, QueryOrder as _, UpdateMany,
};
use serde::{Deserialize, Serialize};

pub use deadline::{Due, next_due};
pub use report::{ReportUrgent, may_report, report};
pub use watch::{CheckUrgentDeadlines, DeadlinesChecked, check, watch};

use crate::auth::actor::Actor;
use crate::auth::policy::{Action, Target, authorize};
use crate::error::{Code, Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::submission::draft::refuse_confidential_text;
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, local_day, unit};

/// Opens an urgent event.
#[derive(Clone, Debug, Serialize)]
pub struct OpenUrgentEvent {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which network is told.
    pub network: NetworkId,
    /// Who reports it, and answers for that.
    pub unit: UnitId,
    /// What happened.
    pub title: String,
    /// Where.
    pub place: String,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
}

/// What came of an act on an urgent event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UrgentOutcome {
    /// The event.
    pub event: UrgentEventId,
}

impl Command for OpenUrgentEvent {
    fn name(&self) -> &'static str {
        "openUrgentEvent"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores an event; its first report is due from the moment at which it happened.
pub async fn open(ctx: &Ctx, command: OpenUrgentEvent) -> Result<UrgentOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    let unit = unit::find(ctx, write.conn(), command.unit).await?;
    ctx.authorize(Action::OpenUrgentEvent, Target::unit(network.id, unit.id))?;
    let title = unit::check_name(&command.title, "title")?.to_owned();
    let place = unit::check_name(&command.place, "place")?.to_owned();
    refuse_confidential_text(&[&title, &place])?;
    if command.occurred_at > ctx.now() {
        return Err(Error::invalid("occurredAt", "the event cannot lie ahead", "发生时间不得晚于当前时间"));
    }
    let day = local_day(&network, command.occurred_at);
    unit::check_members(write.conn(), network.id, &[unit.id], day, "owner").await?;
    let row = urgent_event::Model {
        id: UrgentEventId(0),
        network_id: network.id,
        unit_id: unit.id,
        title,
        place,
        occurred_at: command.occurred_at,
        ended_at: None,
        state: UrgentState::Open,
        closed_because: None,
        opened_by: ctx.actor().id(),
        opened_at: ctx.now(),
        version: 1,
    };
    let mut row = urgent_event::ActiveModel::from(row).reset_all();
    row.id = NotSet;
    let id = urgent_event::Entity::insert(row).exec(write.conn()).await?.last_insert_id;
    write.in_network(network.id);
    write.record(
        Entry::new(Action::OpenUrgentEvent.name(), ObjectKind::UrgentEvent, id.0)
            .moved("", "open")
            .with(serde_json::json!({ "unit": unit.id })),
    );
    let outcome = UrgentOutcome { event: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Says when an event was over, or closes its reporting without a final report.
#[derive(Clone, Debug, Serialize)]
pub struct EndUrgentEvent {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which event.
    pub event: UrgentEventId,
    /// The version that was read.
    pub expected_version: i64,
    /// What is done.
    pub end: End,
}

/// How an event ends.
#[derive(Clone, Debug, Serialize)]
pub enum End {
    /// It was over at a moment; the final report is due from then on.
    Over(DateTime<Utc>),
    /// No further report is expected, for a reason.
    Closed(String),
}

impl EndUrgentEvent {
    /// The act that this is.
    pub fn action(&self) -> Action {
        match self.end {
            End::Over(_) => Action::EndUrgentEvent,
            End::Closed(_) => Action::CloseUrgentEvent,
        }
    }
}

impl Command for EndUrgentEvent {
    fn name(&self) -> &'static str {
        match self.end {
            End::Over(_) => "endUrgentEvent",
            End::Closed(_) => "closeUrgentEvent",
        }
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Whether `actor` may end or close this event now, and if not why. The mutations ask nothing else.
pub fn may_end(actor: &Actor, action: Action, row: &urgent_event::Model) -> Result<()> {
    authorize(actor, action, target(row))?;
    check_open(row)
}

/// Stores the end of an event.
pub async fn end(ctx: &Ctx, command: EndUrgentEvent) -> Result<UrgentOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.event).await?;
    let action = command.action();
    may_end(ctx.actor(), action, &row)?;
    let change = update(&row, command.expected_version);
    let (change, to) = match &command.end {
        End::Over(at) => {
            check_end(&row, *at, ctx.now())?;
            (change.col_expr(urgent_event::Column::EndedAt, Expr::value(*at)), "open")
        }
        End::Closed(reason) => {
            let reason = unit::check_name(reason, "reason")?.to_owned();
            let change = change
                .col_expr(urgent_event::Column::State, Expr::value(UrgentState::Closed))
                .col_expr(urgent_event::Column::ClosedBecause, Expr::value(reason));
            (change, "closed")
        }
    };
    if change.exec(write.conn()).await?.rows_affected == 0 {
        return Err(Error::version_conflict(row.version));
    }
    write.in_network(row.network_id);
    write.record(Entry::new(action.name(), ObjectKind::UrgentEvent, row.id.0).moved("open", to));
    let outcome = UrgentOutcome { event: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// An event ends after it began, and not in the future.
fn check_end(row: &urgent_event::Model, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    if row.occurred_at <= at && at <= now {
        return Ok(());
    }
    Err(Error::invalid(
        "endedAt",
        "the end lies between the beginning of the event and now",
        "结束时间须在事件发生之后、当前时间之前",
    ))
}

/// What an act on an event is aimed at.
fn target(row: &urgent_event::Model) -> Target {
    Target::unit(row.network_id, row.unit_id)
}

fn check_open(row: &urgent_event::Model) -> Result<()> {
    match row.state {
        UrgentState::Open => Ok(()),
        UrgentState::Closed => {
            Err(Error::new(Code::WrongState, "the reporting of this event is closed", "该紧急事件的报送已办结")
                .with(serde_json::json!({ "state": "closed" })))
        }
    }
}

/// The event with `id`, if the actor may know of it.
pub(crate) async fn find(ctx: &Ctx, conn: &impl ConnectionTrait, id: UrgentEventId) -> Result<urgent_event::Model> {
    ctx.scope().urgent_events().filter(urgent_event::Column::Id.eq(id)).one(conn).await?.ok_or_else(Error::not_found)
}

/// The parts of an event that were reported, in order; of an event that the caller found in a scope.
pub(crate) async fn reports(conn: &impl ConnectionTrait, id: UrgentEventId) -> Result<Vec<urgent_report::Model>> {
    let rows = urgent_report::Entity::find().filter(urgent_report::Column::EventId.eq(id));
    Ok(rows.order_by_asc(urgent_report::Column::Id).all(conn).await?)
}

/// Who reports urgent information for the unit of an event, today.
pub(crate) async fn contact(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    row: &urgent_event::Model,
) -> Result<Option<staffing::Model>> {
    let network = crate::services::network_row(conn, row.network_id).await?;
    let today = local_day(&network, ctx.now());
    let contacts = ctx
        .scope()
        .staffing()
        .filter(staffing::Column::NetworkId.eq(row.network_id))
        .filter(staffing::Column::UnitId.eq(row.unit_id))
        .filter(staffing::Column::Duty.eq(Duty::UrgentContact))
        .filter(staffing::Column::FirstDay.lte(today))
        .filter(staffing::Column::LastDay.is_null().or(staffing::Column::LastDay.gte(today)));
    Ok(contacts.order_by_desc(staffing::Column::FirstDay).one(conn).await?)
}

fn update(row: &urgent_event::Model, expected_version: i64) -> UpdateMany<urgent_event::Entity> {
    urgent_event::Entity::update_many()
        .col_expr(urgent_event::Column::Version, Expr::col(urgent_event::Column::Version).add(1))
        .filter(urgent_event::Column::Id.eq(row.id))
        .filter(urgent_event::Column::Version.eq(expected_version))
}

/// A part as people call it, in English and in Chinese.
pub(crate) fn stage_names(stage: UrgentStage) -> (&'static str, &'static str) {
    match stage {
        UrgentStage::First => ("first report", "首报"),
        UrgentStage::FollowUp => ("follow-up", "续报"),
        UrgentStage::Final => ("final report", "终报"),
    }
}
