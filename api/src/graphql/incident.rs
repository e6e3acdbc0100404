//! Incidents: what went wrong in a unit's reporting, and what was decided about it.

use analytics::facts::FactKind;
use async_graphql::{Context, Enum, ID, InputObject, Object};
use entity::ids::{NetworkId, UnitId};
use entity::incident;
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::audit::{AuditEntry, history};
use super::closing::{Closing, correction_of, counts_on};
use super::context::Reach as _;
use super::enums::{IncidentKind, IncidentState, UrgentStage};
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::loaders::ClosingsOf;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::person::Person;
use super::scalars::{Date, Points};
use super::submission::{Action, Submission};
use super::unit::Unit;
use super::urgent::UrgentEvent;
use crate::auth::policy::Action as PolicyAction;
use crate::services;
use crate::services::audit::ObjectKind;
use crate::services::closing::Closings;

/// Something that went wrong in a unit's reporting.
#[derive(Clone)]
pub struct Incident(pub(crate) incident::Model);

/// Something that went wrong in a unit's reporting.
#[Object]
impl Incident {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Counts its changes; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Who is responsible.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit_id).await?.map(Unit::of))
    }

    /// The submission concerned.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        match self.0.submission_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Submission)),
            None => Ok(None),
        }
    }

    /// What happened.
    async fn kind(&self) -> IncidentKind {
        self.0.kind.into()
    }

    /// How it is known.
    async fn evidence(&self) -> &str {
        &self.0.evidence
    }

    /// Local day on which it happened.
    async fn occurred_on(&self) -> Date {
        Date(self.0.occurred_on)
    }

    /// Local day on which it counts: its own, or that of its record, or of its decision, if that came after its period was closed.
    async fn counts_on(&self, ctx: &Context<'_>) -> async_graphql::Result<Date> {
        counts_on(ctx, self.0.network_id, (FactKind::Incident, self.0.id.0), self.0.occurred_on).await
    }

    /// The closed period that it corrects, if it came too late for it.
    async fn correction_of(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Closing>> {
        correction_of(ctx, self.0.network_id, (FactKind::Incident, self.0.id.0)).await
    }

    /// Code of the level of the superior that named it (被上级点名通报); null if none did.
    async fn named_by(&self) -> Option<&str> {
        self.0.named_by.as_deref()
    }

    /// The urgent event in whose reporting it happened.
    async fn urgent_event(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<UrgentEvent>> {
        match self.0.urgent_event_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(UrgentEvent)),
            None => Ok(None),
        }
    }

    /// The part of the urgent report that was late or missed, where the server found that out by itself.
    async fn urgent_stage(&self) -> Option<UrgentStage> {
        self.0.urgent_stage.map(Into::into)
    }

    /// The deadline of that part.
    async fn urgent_due_at(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        self.0.urgent_due_at
    }

    /// Who recorded it, as far as the viewer may know of them; null where the server found it out by itself.
    async fn recorded_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        if self.0.urgent_stage.is_some() {
            return Ok(None);
        }
        Ok(ctx.loaders()?.one(self.0.recorded_by).await?.map(Person))
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> chrono::DateTime<chrono::Utc> {
        self.0.recorded_at
    }

    /// Where it stands; what is proposed or dismissed counts for nothing.
    async fn state(&self) -> IncidentState {
        self.0.state.into()
    }

    /// The points that a chief editor decided, as the clause states them; null where the rules leave nothing to decide, and before
    /// the decision. What they come to stands in `scoreLedger`.
    async fn points(&self) -> Option<Points> {
        self.0.points.map(analytics::points::Points::from_millionths).map(Points)
    }

    /// Who decided, as far as the viewer may know of them.
    async fn decided_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        match self.0.decided_by {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Person)),
            None => Ok(None),
        }
    }

    /// When it was decided.
    async fn decided_at(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        self.0.decided_at
    }

    /// Why it was decided so; never null when it was dismissed.
    async fn decision_reason(&self) -> Option<&str> {
        self.0.decided_because.as_deref()
    }

    /// What the viewer may do to it now; the mutations decide in the same way.
    async fn actions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Action>> {
        let Some(network) = ctx.loaders()?.one(self.0.network_id).await? else { return Ok(Vec::new()) };
        let closings = Closings::of_rows(ctx.loaders()?.many(ClosingsOf(network.id)).await?);
        let verdict = services::incident::may_decide(ctx.service()?.actor(), &self.0, &network, &closings);
        Ok(vec![Action::new(PolicyAction::DecideIncident, verdict)])
    }

    /// What was done to it, oldest first.
    async fn history(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<AuditEntry>> {
        history(ctx, ObjectKind::Incident, self.0.id.0).await
    }
}

/// What a chief editor decides about an incident.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "crate::services::incident::IncidentDecision")]
pub enum IncidentDecision {
    /// It counts.
    Uphold,
    /// It counts for nothing; a reason is required.
    Dismiss,
}

/// An incident to record.
#[derive(InputObject)]
pub struct RecordIncidentInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// In which network it counts.
    network: ID,
    /// Who is responsible.
    unit: ID,
    /// The submission concerned.
    submission: Option<ID>,
    /// What happened.
    kind: IncidentKind,
    /// How it is known, 1 to 2,000 characters.
    evidence: String,
    /// Local day on which it counts.
    occurred_on: Date,
    /// Code of the level of the superior that named it (被上级点名通报), one of the rulebook's levels.
    named_by: Option<String>,
    /// The urgent event in whose reporting it happened; the unit need not be the one that reports the event.
    urgent_event: Option<ID>,
}

/// A decision about an incident.
#[derive(InputObject)]
pub struct DecideIncidentInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which incident.
    incident: ID,
    /// The version that was read.
    expected_version: i64,
    /// What is decided.
    decision: IncidentDecision,
    /// The points, as the clause states them: of a deduction of 100 to 300 points, `"100"` to `"300"`. Required where a rule of the
    /// rulebook leaves them to a person, refused where none does and outside of the rule's range.
    points: Option<Points>,
    /// Why, at most 500 characters; required to dismiss.
    reason: Option<String>,
}

/// Which incidents are meant; what is left out does not matter.
#[derive(InputObject, Default)]
pub struct IncidentWhere {
    /// Only those of this unit.
    unit: Option<ID>,
    /// Only those in one of these states.
    states: Option<Vec<IncidentState>>,
    /// Only those of one of these kinds.
    kinds: Option<Vec<IncidentKind>>,
    /// Only those that count on this day or later.
    from: Option<Date>,
    /// Only those that count on this day or earlier.
    to: Option<Date>,
}

payloads! {
    /// What came of recording an incident.
    RecordIncidentPayload {
        /// The incident.
        incident: Incident,
    }
    /// What came of a decision about an incident.
    DecideIncidentPayload {
        /// The incident.
        incident: Incident,
    }
}

/// Incidents.
#[derive(Default)]
pub struct IncidentQuery;

#[Object]
impl IncidentQuery {
    /// Incidents that the viewer may see, the last recorded first.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn incidents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Only those of this unit.")] unit: Option<ID>,
        #[graphql(desc = "Only those of which this is true.")] r#where: Option<IncidentWhere>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Incident>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let mut select = service.scope().incidents().filter(incident::Column::NetworkId.eq(network));
        if let Some(unit) = UnitId::parse_optional(unit.as_ref(), "unit").or_graphql()? {
            select = select.filter(incident::Column::UnitId.eq(unit));
        }
        let wanted = r#where.unwrap_or_default();
        if let Some(unit) = UnitId::parse_optional(wanted.unit.as_ref(), "where.unit").or_graphql()? {
            select = select.filter(incident::Column::UnitId.eq(unit));
        }
        if let Some(states) = wanted.states {
            let states = states.into_iter().map(incident::IncidentState::from);
            select = select.filter(incident::Column::State.is_in(states));
        }
        if let Some(kinds) = wanted.kinds {
            select = select.filter(incident::Column::Kind.is_in(kinds.into_iter().map(incident::IncidentKind::from)));
        }
        if let Some(from) = wanted.from {
            select = select.filter(incident::Column::OccurredOn.gte(from.0));
        }
        if let Some(to) = wanted.to {
            select = select.filter(incident::Column::OccurredOn.lte(to.0));
        }
        let sort =
            Sort { id: incident::Column::Id, id_of: |row: &incident::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, Incident).await
    }
}

/// Recording and deciding.
#[derive(Default)]
pub struct IncidentMutation;

#[Object]
impl IncidentMutation {
    /// Records that something went wrong in a unit's reporting. For editors. Where the rulebook fixes the consequences it counts at
    /// once; where it leaves the points to a person it is `PROPOSED` until `decideIncident`.
    async fn record_incident(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RecordIncidentInput,
    ) -> async_graphql::Result<RecordIncidentPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = services::incident::RecordIncident {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                unit: GlobalId::parse(&input.unit, "unit")?,
                submission: GlobalId::parse_optional(input.submission.as_ref(), "submission")?,
                kind: input.kind.into(),
                evidence: input.evidence,
                occurred_on: input.occurred_on.0,
                named_by: input.named_by,
                urgent_event: GlobalId::parse_optional(input.urgent_event.as_ref(), "urgentEvent")?,
            };
            services::incident::record(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => RecordIncidentPayload {
                incident: Some(Incident(
                    services::incident::find(service, service.reader(), outcome.incident).await.or_graphql()?,
                )),
                user_errors: Vec::new(),
            },
            Err(errors) => RecordIncidentPayload::refused(errors),
        })
    }

    /// Upholds an incident, with points where the rulebook leaves them to a person, or dismisses it with a reason. For chief editors.
    async fn decide_incident(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: DecideIncidentInput,
    ) -> async_graphql::Result<DecideIncidentPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = services::incident::DecideIncident {
                idempotency_key: input.idempotency_key,
                incident: GlobalId::parse(&input.incident, "incident")?,
                expected_version: input.expected_version,
                decision: input.decision.into(),
                points: input.points.map(|points| points.0),
                reason: input.reason,
            };
            services::incident::decide(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => DecideIncidentPayload {
                incident: Some(Incident(
                    services::incident::find(service, service.reader(), outcome.incident).await.or_graphql()?,
                )),
                user_errors: Vec::new(),
            },
            Err(errors) => DecideIncidentPayload::refused(errors),
        })
    }
}
