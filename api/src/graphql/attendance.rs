//! Who took part in trainings, and how often.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use entity::ids::{NetworkId, UnitId};
use entity::{training, training_attendance as row};
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::context::Reach as _;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::person::Person;
use super::record::Training;
use super::scalars::PeriodInput;
use super::unit::Unit;
use crate::services::attendance::{self, Attendee, RecordAttendance};

/// Somebody who took part in a training.
#[derive(Clone)]
pub struct Attendance(pub(crate) row::Model);

/// Somebody who took part in a training.
#[Object]
impl Attendance {
    /// Their account, as far as the viewer may know of it; null without one.
    async fn person(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        match self.0.person_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Person)),
            None => Ok(None),
        }
    }

    /// Their name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The unit from which they came, if the viewer may see it.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit_id).await?.map(Unit::of))
    }

    /// Whether they stayed to the end.
    async fn is_completed(&self) -> bool {
        self.0.completed
    }
}

/// Who took part in a training, in the order in which they were named.
pub(super) async fn of_training(
    ctx: &Context<'_>,
    of: &training::Model,
    page: Page,
) -> async_graphql::Result<List<Attendance>> {
    let service = ctx.service()?;
    let select = service.scope().attendances().filter(row::Column::TrainingId.eq(of.id));
    let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: false };
    list(ctx, service.reader(), select, sort, page, Attendance).await
}

/// By what attendance is counted.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[graphql(remote = "attendance::By")]
pub enum AttendanceBy {
    /// A row for each person and unit.
    #[default]
    Person,
    /// A row for each unit.
    Unit,
}

/// How often somebody, or the people of a unit, took part in trainings.
pub struct AttendanceResult(attendance::AttendanceResult);

/// How often somebody, or the people of a unit, took part in trainings.
#[Object]
impl AttendanceResult {
    /// The unit, if the viewer may see it.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit).await?.map(Unit::of))
    }

    /// The person's account, as far as the viewer may know of it; null without one, and for a unit.
    async fn person(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        match self.0.person {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Person)),
            None => Ok(None),
        }
    }

    /// The person's name; null for a unit.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Training sessions (集中培训).
    async fn sessions(&self) -> i64 {
        self.0.sessions
    }

    /// Secondments (跟班培训).
    async fn secondments(&self) -> i64 {
        self.0.secondments
    }

    /// Terms of training by working (以干代训).
    async fn terms_by_working(&self) -> i64 {
        self.0.terms
    }

    /// Lectures (送课下基层).
    async fn lectures(&self) -> i64 {
        self.0.lectures
    }

    /// Of all these, the ones in which they stayed to the end.
    async fn completed(&self) -> i64 {
        self.0.completed
    }

    /// How many different people took part.
    async fn people(&self) -> i64 {
        self.0.people
    }
}

/// Somebody who took part.
#[derive(InputObject)]
pub struct AttendeeInput {
    /// Their account, if they have one.
    person: Option<ID>,
    /// Their name; that of the account if left out.
    name: Option<String>,
    /// The unit from which they came; the one of the training if left out.
    unit: Option<ID>,
    /// Whether they stayed to the end.
    #[graphql(default = true)]
    is_completed: bool,
}

/// Who took part in a training.
#[derive(InputObject)]
pub struct RecordAttendanceInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which training.
    training: ID,
    /// 1 to 500 people. Whoever is on record already, by account or else by unit and name, is not put there twice; whether they
    /// stayed to the end is taken over.
    people: Vec<AttendeeInput>,
}

payloads! {
    /// What came of recording who took part.
    RecordAttendancePayload {
        /// The training.
        training: Training,
    }
}

/// Counting attendance.
#[derive(Default)]
pub struct AttendanceQuery;

#[Object]
impl AttendanceQuery {
    /// How often each person, or the people of each unit, took part in trainings, secondments and terms of work that ended in a period; as
    /// far as the viewer sees it, by unit and name.
    async fn attendance_results(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which days.")] period: PeriodInput,
        #[graphql(desc = "Only people of this unit.")] unit: Option<ID>,
        #[graphql(desc = "Per person, or per unit.", default)] by: AttendanceBy,
    ) -> async_graphql::Result<Vec<AttendanceResult>> {
        let service = ctx.service()?;
        let run = async {
            let network = NetworkId::parse(&network, "network")?;
            let unit = UnitId::parse_optional(unit.as_ref(), "unit")?;
            attendance::results(service, network, period.span()?, unit, by.into()).await
        };
        Ok(run.await.or_graphql()?.into_iter().map(AttendanceResult).collect())
    }
}

/// Recording attendance.
#[derive(Default)]
pub struct AttendanceMutation;

#[Object]
impl AttendanceMutation {
    /// Says who took part in a training, a secondment or a term of work, by name. For editors.
    async fn record_attendance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RecordAttendanceInput,
    ) -> async_graphql::Result<RecordAttendancePayload> {
        let service = ctx.service()?;
        let run = async {
            let attendee = |attendee: AttendeeInput| {
                Ok(Attendee {
                    person: GlobalId::parse_optional(attendee.person.as_ref(), "people.person")?,
                    name: attendee.name,
                    unit: GlobalId::parse_optional(attendee.unit.as_ref(), "people.unit")?,
                    completed: attendee.is_completed,
                })
            };
            let command = RecordAttendance {
                idempotency_key: input.idempotency_key,
                training: GlobalId::parse(&input.training, "training")?,
                people: input.people.into_iter().map(attendee).collect::<crate::error::Result<_>>()?,
            };
            attendance::record(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                let select = service.scope().trainings().filter(training::Column::Id.eq(outcome.training));
                RecordAttendancePayload {
                    training: select.one(service.reader()).await.or_graphql()?.map(Training),
                    user_errors: Vec::new(),
                }
            }
            Err(errors) => RecordAttendancePayload::refused(errors),
        })
    }
}
