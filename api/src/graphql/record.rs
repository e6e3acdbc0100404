//! What the office records about units: trainings, staffing.

use analytics::facts::FactKind;
use async_graphql::{Context, ID, InputObject, Object};
use entity::ids::{NetworkId, UnitId};
use entity::{staffing, training};
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::attendance::{self, Attendance};
use super::closing::{Closing, correction_of, counts_on};
use super::context::Reach as _;
use super::enums::{Duty, TrainingKind};
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::person::Person;
use super::scalars::Date;
use super::unit::Unit;
use crate::services;

/// A training session, a secondment, a lecture.
#[derive(Clone)]
pub struct Training(pub(crate) training::Model);

/// A training session, a secondment, a lecture.
#[Object]
impl Training {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Who held it, or sent officers.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit_id).await?.map(Unit::of))
    }

    /// What it was.
    async fn kind(&self) -> TrainingKind {
        self.0.kind.into()
    }

    /// What it is called.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// First day, of one that lasts several.
    async fn began_on(&self) -> Option<Date> {
        self.0.began_on.map(Date)
    }

    /// Local day; for a secondment or a term of work its last day as planned.
    async fn held_on(&self) -> Date {
        Date(self.0.held_on)
    }

    /// Local day on which it counts: its own, or that of its record if it came after its period was closed.
    async fn counts_on(&self, ctx: &Context<'_>) -> async_graphql::Result<Date> {
        counts_on(ctx, self.0.network_id, (FactKind::Training, self.0.id.0), self.0.held_on).await
    }

    /// The closed period that it corrects, if it came too late for it.
    async fn correction_of(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Closing>> {
        correction_of(ctx, self.0.network_id, (FactKind::Training, self.0.id.0)).await
    }

    /// How many took part.
    async fn attendees(&self) -> i64 {
        self.0.attendees
    }

    /// Who took part, as far as they were named and the viewer may see it.
    async fn attendances(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Attendance>> {
        attendance::of_training(ctx, &self.0, Page { first, after, last, before }).await
    }

    /// Whether the office's plan names it.
    async fn is_planned(&self) -> bool {
        self.0.planned
    }

    /// Whether it was carried through.
    async fn is_completed(&self) -> bool {
        self.0.completed
    }

    /// Whether it began when planned.
    async fn is_on_time(&self) -> bool {
        self.0.on_time
    }

    /// Whether rules were broken in it.
    async fn has_violation(&self) -> bool {
        self.0.violation
    }
}

/// Who does a unit's information work, from a day until another.
#[derive(Clone)]
pub struct Staffing(pub(crate) staffing::Model);

/// Who does a unit's information work, from a day until another.
#[Object]
impl Staffing {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Whose staff.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit_id).await?.map(Unit::of))
    }

    /// The person's name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What they do.
    async fn duty(&self) -> Duty {
        self.0.duty.into()
    }

    /// Counts its changes; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Their account, as far as the viewer may know of it; null without one.
    async fn person(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        match self.0.person_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Person)),
            None => Ok(None),
        }
    }

    /// Code of the level on which they work; null where it is the unit's own.
    async fn level(&self) -> Option<&str> {
        self.0.level.as_deref()
    }

    /// The office below the unit in which they work.
    async fn post(&self) -> Option<&str> {
        self.0.post.as_deref()
    }

    /// First day.
    async fn first_day(&self) -> Date {
        Date(self.0.first_day)
    }

    /// Local day on which it counts: its own, or that of its record if it came after its period was closed.
    async fn counts_on(&self, ctx: &Context<'_>) -> async_graphql::Result<Date> {
        counts_on(ctx, self.0.network_id, (FactKind::Staffing, self.0.id.0), self.0.first_day).await
    }

    /// The closed period that it corrects, if it came too late for it.
    async fn correction_of(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Closing>> {
        correction_of(ctx, self.0.network_id, (FactKind::Staffing, self.0.id.0)).await
    }

    /// Last day; null while it lasts.
    async fn last_day(&self) -> Option<Date> {
        self.0.last_day.map(Date)
    }
}

/// A training to record.
#[derive(InputObject)]
pub struct RecordTrainingInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// In which network it counts.
    network: ID,
    /// Who held it, or sent officers.
    unit: ID,
    /// What it was.
    kind: TrainingKind,
    /// What it is called.
    title: String,
    /// First day, of one that lasts several.
    began_on: Option<Date>,
    /// Local day; for a secondment or a term of work its last day as planned.
    held_on: Date,
    /// How many took part.
    attendees: i64,
    /// Whether the office's plan names it.
    #[graphql(default)]
    is_planned: bool,
    /// Whether it was carried through.
    #[graphql(default = true)]
    is_completed: bool,
    /// Whether it began when planned.
    #[graphql(default = true)]
    is_on_time: bool,
    /// Whether rules were broken in it.
    #[graphql(default)]
    has_violation: bool,
}

/// A duty to record.
#[derive(InputObject)]
pub struct RecordStaffingInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// In which network it counts.
    network: ID,
    /// Whose staff.
    unit: ID,
    /// The person's account.
    person: Option<ID>,
    /// The person's name.
    name: String,
    /// What they do.
    duty: Duty,
    /// Code of the level on which they work (市、区县、街道、社区), one of the rulebook's levels; leave it out where it is the unit's own.
    level: Option<String>,
    /// The office below the unit in which they work, such as a street or a community.
    post: Option<String>,
    /// First day.
    first_day: Date,
    /// Last day; leave it out while it lasts.
    last_day: Option<Date>,
}

/// The end of a duty.
#[derive(InputObject)]
pub struct EndStaffingInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which duty.
    staffing: ID,
    /// The version that was read.
    expected_version: i64,
    /// Last day.
    last_day: Date,
}

payloads! {
    /// What came of recording a training.
    RecordTrainingPayload {
        /// The training.
        training: Training,
    }
    /// What came of ending a duty.
    EndStaffingPayload {
        /// The duty.
        staffing: Staffing,
    }
    /// What came of recording a duty.
    RecordStaffingPayload {
        /// The duty.
        staffing: Staffing,
    }
}

/// Declares a list of records of a network, perhaps of one unit, the last recorded first.
macro_rules! record_query {
    ($($(#[doc = $doc:literal])+ $query:ident.$field:ident: $object:ident from $table:ident by $scope:ident;)*) => {
        $(
        /// Records of one sort.
        #[derive(Default)]
        pub struct $query;

        #[Object]
        impl $query {
            $(#[doc = $doc])+
            #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
            async fn $field(
                &self,
                ctx: &Context<'_>,
                #[graphql(desc = "Which network.")] network: ID,
                #[graphql(desc = "Only those of this unit.")] unit: Option<ID>,
                #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
                #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
                #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
                #[graphql(desc = "End before this cursor.")] before: Option<String>,
            ) -> async_graphql::Result<List<$object>> {
                let service = ctx.service()?;
                let network = NetworkId::parse(&network, "network").or_graphql()?;
                let mut select = service.scope().$scope().filter($table::Column::NetworkId.eq(network));
                if let Some(unit) = UnitId::parse_optional(unit.as_ref(), "unit").or_graphql()? {
                    select = select.filter($table::Column::UnitId.eq(unit));
                }
                let sort = Sort { id: $table::Column::Id, id_of: |row: &$table::Model| row.id.0, by: None, descending: true };
                list(ctx, service.reader(), select, sort, Page { first, after, last, before }, $object).await
            }
        }
        )*
    };
}

pub(super) use record_query;

record_query! {
    /// Trainings that the viewer may see.
    TrainingQuery.trainings: Training from training by trainings;
    /// Duties that the viewer may see.
    StaffingQuery.staffing: Staffing from staffing by staffing;
}

/// Recording.
#[derive(Default)]
pub struct RecordMutation;

#[Object]
impl RecordMutation {
    /// Records a training. For editors.
    async fn record_training(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RecordTrainingInput,
    ) -> async_graphql::Result<RecordTrainingPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = services::training::RecordTraining {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                unit: GlobalId::parse(&input.unit, "unit")?,
                kind: input.kind.into(),
                title: input.title,
                began_on: input.began_on.map(|day| day.0),
                held_on: input.held_on.0,
                attendees: input.attendees,
                planned: input.is_planned,
                completed: input.is_completed,
                on_time: input.is_on_time,
                violation: input.has_violation,
            };
            services::training::record(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                let select = service.scope().trainings().filter(training::Column::Id.eq(outcome.training));
                RecordTrainingPayload {
                    training: select.one(service.reader()).await.or_graphql()?.map(Training),
                    user_errors: Vec::new(),
                }
            }
            Err(errors) => RecordTrainingPayload::refused(errors),
        })
    }

    /// Says on which day a duty ends. For editors.
    async fn end_staffing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: EndStaffingInput,
    ) -> async_graphql::Result<EndStaffingPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = services::staffing::EndStaffing {
                idempotency_key: input.idempotency_key,
                staffing: GlobalId::parse(&input.staffing, "staffing")?,
                expected_version: input.expected_version,
                last_day: input.last_day.0,
            };
            services::staffing::end(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => EndStaffingPayload {
                staffing: Some(Staffing(
                    services::staffing::find(service, service.reader(), outcome.staffing).await.or_graphql()?,
                )),
                user_errors: Vec::new(),
            },
            Err(errors) => EndStaffingPayload::refused(errors),
        })
    }

    /// Records who does a unit's information work. For editors.
    async fn record_staffing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RecordStaffingInput,
    ) -> async_graphql::Result<RecordStaffingPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = services::staffing::RecordStaffing {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                unit: GlobalId::parse(&input.unit, "unit")?,
                person: GlobalId::parse_optional(input.person.as_ref(), "person")?,
                name: input.name,
                duty: input.duty.into(),
                level: input.level,
                post: input.post,
                first_day: input.first_day.0,
                last_day: input.last_day.map(|day| day.0),
            };
            services::staffing::record(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                let select = service.scope().staffing().filter(staffing::Column::Id.eq(outcome.staffing));
                RecordStaffingPayload {
                    staffing: select.one(service.reader()).await.or_graphql()?.map(Staffing),
                    user_errors: Vec::new(),
                }
            }
            Err(errors) => RecordStaffingPayload::refused(errors),
        })
    }
}
