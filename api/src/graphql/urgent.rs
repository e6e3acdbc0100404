//! Urgent events (紧急信息) with their first reports, follow-ups and final reports.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::ids::{NetworkId, UnitId};
use entity::{urgent_event as row, urgent_report};
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::audit::{AuditEntry, history};
use super::context::Reach as _;
use super::enums::{UrgentStage, UrgentState};
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::incident::Incident;
use super::loaders::{IncidentsOf, ReportsOf};
use super::network::Network;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::person::Person;
use super::record::Staffing;
use super::submission::{Action, Submission};
use super::unit::Unit;
use crate::auth::policy::Action as PolicyAction;
use crate::services::audit::ObjectKind;
use crate::services::urgent::{self, End};
use crate::services::{local_day, network_row, rulebook};

/// An urgent event (紧急突发事件): one unit answers for its reports.
#[derive(Clone)]
pub struct UrgentEvent(pub(crate) row::Model);

/// An urgent event (紧急突发事件): one unit answers for its reports.
#[Object]
impl UrgentEvent {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Counts its changes; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Which network is told.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Network>> {
        Ok(ctx.loaders()?.one(self.0.network_id).await?.map(Network))
    }

    /// Who reports it, and answers for that.
    async fn owner(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit_id).await?.map(Unit::of))
    }

    /// What happened, in a few words.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// Where.
    async fn place(&self) -> &str {
        &self.0.place
    }

    /// When it happened.
    async fn occurred_at(&self) -> DateTime<Utc> {
        self.0.occurred_at
    }

    /// When it was over; null while it lasts.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }

    /// Where its reporting stands.
    async fn state(&self) -> UrgentState {
        self.0.state.into()
    }

    /// Why an editor closed it without a final report.
    async fn closed_because(&self) -> Option<&str> {
        self.0.closed_because.as_deref()
    }

    /// The parts that were reported, in order.
    async fn reports(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<UrgentReport>> {
        Ok(ctx.loaders()?.many(ReportsOf(self.0.id)).await?.into_iter().map(UrgentReport).collect())
    }

    /// The part that is expected next; null when none is.
    async fn next_due(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<UrgentDue>> {
        let service = ctx.service()?;
        let network = network_row(service.reader(), self.0.network_id).await.or_graphql()?;
        let day = local_day(&network, self.0.occurred_at);
        let rules = rulebook::in_force(service, service.reader(), network.id, day).await.or_graphql()?;
        let reports = ctx.loaders()?.many(ReportsOf(self.0.id)).await?;
        let now = service.now();
        Ok(urgent::next_due(&self.0, &reports, rules.urgent()).map(|due| UrgentDue {
            stage: due.stage.into(),
            due_at: due.at,
            is_overdue: due.at.is_some_and(|at| at < now),
        }))
    }

    /// What went wrong in its reporting, as far as the viewer sees it.
    async fn incidents(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Incident>> {
        Ok(ctx.loaders()?.many(IncidentsOf(self.0.id)).await?.into_iter().map(Incident).collect())
    }

    /// Who reports urgent information for its unit today; null where nobody is designated.
    async fn contact(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Staffing>> {
        let service = ctx.service()?;
        Ok(urgent::contact(service, service.reader(), &self.0).await.or_graphql()?.map(Staffing))
    }

    /// Who opened it, as far as the viewer may know of them.
    async fn opened_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        Ok(ctx.loaders()?.one(self.0.opened_by).await?.map(Person))
    }

    /// When it was opened.
    async fn opened_at(&self) -> DateTime<Utc> {
        self.0.opened_at
    }

    /// What the viewer may do to it now; the mutations decide in the same way.
    async fn actions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Action>> {
        let service = ctx.service()?;
        let contact = urgent::contact(service, service.reader(), &self.0).await.or_graphql()?;
        let actor = service.actor();
        let end = |action| Action::new(action, urgent::may_end(actor, action, &self.0));
        Ok(vec![
            Action::new(PolicyAction::ReportUrgent, urgent::may_report(actor, &self.0, contact.as_ref())),
            end(PolicyAction::EndUrgentEvent),
            end(PolicyAction::CloseUrgentEvent),
        ])
    }

    /// What was done to it, oldest first.
    async fn history(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<AuditEntry>> {
        history(ctx, ObjectKind::UrgentEvent, self.0.id.0).await
    }
}

/// A part of the reporting of an urgent event.
pub struct UrgentReport(urgent_report::Model);

/// A part of the reporting of an urgent event.
#[Object]
impl UrgentReport {
    /// Which part.
    async fn stage(&self) -> UrgentStage {
        self.0.stage.into()
    }

    /// The item that reports it.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        match self.0.submission_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Submission)),
            None => Ok(None),
        }
    }

    /// What was reported, if not by an item; null for viewers who may not read texts.
    async fn text(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<&str>> {
        let service = ctx.service()?;
        let Some(event) = ctx.loaders()?.one(self.0.event_id).await? else { return Ok(None) };
        let target = crate::auth::policy::Target::unit(event.network_id, event.unit_id);
        let allowed = service.authorize(PolicyAction::ReadBodies, target).is_ok();
        Ok(self.0.text.as_deref().filter(|_| allowed))
    }

    /// Its deadline; null where the rulebook sets none.
    async fn due_at(&self) -> Option<DateTime<Utc>> {
        self.0.due_at
    }

    /// When it was reported.
    async fn reported_at(&self) -> DateTime<Utc> {
        self.0.reported_at
    }

    /// Seconds after the deadline, 0 in time; null without a deadline.
    async fn late_by_seconds(&self) -> Option<i64> {
        self.0.late_by
    }

    /// Who reported it, as far as the viewer may know of them.
    async fn reported_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        Ok(ctx.loaders()?.one(self.0.reported_by).await?.map(Person))
    }
}

/// A part of an urgent report that is expected.
#[derive(SimpleObject)]
pub struct UrgentDue {
    /// Which part.
    stage: UrgentStage,
    /// Until when; null where the rulebook sets no deadline.
    due_at: Option<DateTime<Utc>>,
    /// Whether the deadline has passed.
    is_overdue: bool,
}

/// Which urgent events; what is left out does not matter.
#[derive(InputObject, Default)]
pub struct UrgentEventWhere {
    /// Only those of this unit.
    owner: Option<ID>,
    /// Only those in this state.
    state: Option<UrgentState>,
    /// Only those that happened at this moment or later.
    from: Option<DateTime<Utc>>,
    /// Only those that happened before this moment.
    before: Option<DateTime<Utc>>,
}

/// An urgent event to open.
#[derive(InputObject)]
pub struct OpenUrgentEventInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which network is told.
    network: ID,
    /// The unit that reports it, and answers for that.
    owner: ID,
    /// What happened, 1 to 60 characters.
    title: String,
    /// Where, 1 to 60 characters.
    place: String,
    /// When it happened; the first report is due from then on.
    occurred_at: DateTime<Utc>,
}

/// A part of an urgent report. Give an item that was handed in, or a text.
#[derive(InputObject)]
pub struct ReportUrgentInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Of which event.
    event: ID,
    /// The version that was read.
    expected_version: i64,
    /// Which part: the first report first, the final one last.
    stage: UrgentStage,
    /// The item that reports it, handed in by the event's unit.
    submission: Option<ID>,
    /// What is reported, if not by an item, 1 to 5,000 characters.
    text: Option<String>,
    /// When the event was over; a final report needs it, unless it was said before.
    ended_at: Option<DateTime<Utc>>,
}

/// The end of an urgent event.
#[derive(InputObject)]
pub struct EndUrgentEventInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which event.
    event: ID,
    /// The version that was read.
    expected_version: i64,
    /// When it was over; the final report is due from then on.
    ended_at: DateTime<Utc>,
}

/// The close of an urgent event's reporting without a final report.
#[derive(InputObject)]
pub struct CloseUrgentEventInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which event.
    event: ID,
    /// The version that was read.
    expected_version: i64,
    /// Why, 1 to 60 characters.
    reason: String,
}

/// A look at the deadlines of a network.
#[derive(InputObject)]
pub struct CheckUrgentDeadlinesInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which network.
    network: ID,
}

payloads! {
    /// What came of opening an urgent event.
    OpenUrgentEventPayload {
        /// The event.
        event: UrgentEvent,
    }
    /// What came of reporting a part of an urgent event.
    ReportUrgentPayload {
        /// The event.
        event: UrgentEvent,
    }
    /// What came of ending an urgent event.
    EndUrgentEventPayload {
        /// The event.
        event: UrgentEvent,
    }
    /// What came of closing the reporting of an urgent event.
    CloseUrgentEventPayload {
        /// The event.
        event: UrgentEvent,
    }
    /// What came of a look at the deadlines.
    CheckUrgentDeadlinesPayload {
        /// The incidents that were proposed.
        incidents: Vec<Incident>,
    }
}

/// Urgent events.
#[derive(Default)]
pub struct UrgentQuery;

#[Object]
impl UrgentQuery {
    /// Urgent events that the viewer may see, the last one first.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn urgent_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Only those of which this is true.")] r#where: Option<UrgentEventWhere>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<UrgentEvent>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let mut select = service.scope().urgent_events().filter(row::Column::NetworkId.eq(network));
        let wanted = r#where.unwrap_or_default();
        if let Some(unit) = UnitId::parse_optional(wanted.owner.as_ref(), "where.owner").or_graphql()? {
            select = select.filter(row::Column::UnitId.eq(unit));
        }
        if let Some(state) = wanted.state {
            select = select.filter(row::Column::State.eq(row::UrgentState::from(state)));
        }
        if let Some(from) = wanted.from {
            select = select.filter(row::Column::OccurredAt.gte(from));
        }
        if let Some(until) = wanted.before {
            select = select.filter(row::Column::OccurredAt.lt(until));
        }
        let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, UrgentEvent).await
    }
}

/// Urgent reporting.
#[derive(Default)]
pub struct UrgentMutation;

#[Object]
impl UrgentMutation {
    /// Opens an urgent event, for the unit that reports it. For officers of the unit and for editors.
    async fn open_urgent_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: OpenUrgentEventInput,
    ) -> async_graphql::Result<OpenUrgentEventPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = urgent::OpenUrgentEvent {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                unit: GlobalId::parse(&input.owner, "owner")?,
                title: input.title,
                place: input.place,
                occurred_at: input.occurred_at,
            };
            urgent::open(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => OpenUrgentEventPayload { event: Some(event(ctx, &outcome).await?), user_errors: Vec::new() },
            Err(errors) => OpenUrgentEventPayload::refused(errors),
        })
    }

    /// Reports a part of an urgent event, timed against its deadline; a late one proposes an incident. Only for the unit's contact
    /// (紧急信息专人). The final report closes the reporting.
    async fn report_urgent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ReportUrgentInput,
    ) -> async_graphql::Result<ReportUrgentPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = urgent::ReportUrgent {
                idempotency_key: input.idempotency_key,
                event: GlobalId::parse(&input.event, "event")?,
                expected_version: input.expected_version,
                stage: input.stage.into(),
                submission: GlobalId::parse_optional(input.submission.as_ref(), "submission")?,
                text: input.text,
                ended_at: input.ended_at,
            };
            urgent::report(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => ReportUrgentPayload { event: Some(event(ctx, &outcome).await?), user_errors: Vec::new() },
            Err(errors) => ReportUrgentPayload::refused(errors),
        })
    }

    /// Says when an urgent event was over. For officers of the unit and for editors.
    async fn end_urgent_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: EndUrgentEventInput,
    ) -> async_graphql::Result<EndUrgentEventPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = urgent::EndUrgentEvent {
                idempotency_key: input.idempotency_key,
                event: GlobalId::parse(&input.event, "event")?,
                expected_version: input.expected_version,
                end: End::Over(input.ended_at),
            };
            urgent::end(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => EndUrgentEventPayload { event: Some(event(ctx, &outcome).await?), user_errors: Vec::new() },
            Err(errors) => EndUrgentEventPayload::refused(errors),
        })
    }

    /// Closes the reporting of an urgent event without a final report, such as after a false alarm. For editors.
    async fn close_urgent_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CloseUrgentEventInput,
    ) -> async_graphql::Result<CloseUrgentEventPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = urgent::EndUrgentEvent {
                idempotency_key: input.idempotency_key,
                event: GlobalId::parse(&input.event, "event")?,
                expected_version: input.expected_version,
                end: End::Closed(input.reason),
            };
            urgent::end(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                CloseUrgentEventPayload { event: Some(event(ctx, &outcome).await?), user_errors: Vec::new() }
            }
            Err(errors) => CloseUrgentEventPayload::refused(errors),
        })
    }

    /// Proposes an incident for every part that was missed until now. The server does the same every minute; this is for an editor
    /// who does not want to wait. What was proposed before is not proposed again.
    async fn check_urgent_deadlines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CheckUrgentDeadlinesInput,
    ) -> async_graphql::Result<CheckUrgentDeadlinesPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = urgent::CheckUrgentDeadlines {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
            };
            urgent::check(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(found) => {
                let select = service.scope().incidents();
                let select = select.filter(entity::incident::Column::Id.is_in(found.incidents));
                let rows = select.all(service.reader()).await.or_graphql()?;
                CheckUrgentDeadlinesPayload {
                    incidents: Some(rows.into_iter().map(Incident).collect()),
                    user_errors: Vec::new(),
                }
            }
            Err(errors) => CheckUrgentDeadlinesPayload::refused(errors),
        })
    }
}

async fn event(ctx: &Context<'_>, outcome: &urgent::UrgentOutcome) -> async_graphql::Result<UrgentEvent> {
    let service = ctx.service()?;
    urgent::find(service, service.reader(), outcome.event).await.map(UrgentEvent).or_graphql()
}
