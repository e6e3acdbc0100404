//! Targets, tasks from above, and members that stand for persons.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::ids::{NetworkId, UnitId};
use entity::target as row;
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::context::Reach as _;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::scalars::{Date, Points};
use super::unit::Unit;
use crate::error::{Error, Result};
use crate::services;
use crate::services::target::{Aim, Owed};

/// The periods in which something is owed.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::target::TargetPeriod")]
pub enum TargetPeriod {
    /// Monday to Sunday.
    Week,
    /// A month of the assessment year.
    Month,
    /// A quarter of it.
    Quarter,
    /// Half of it.
    HalfYear,
    /// All of it.
    Year,
}

/// What is owed from a day on, beside the rulebook's quotas; or how large a task from above is from a day on.
#[derive(Clone)]
pub struct Target(pub(crate) row::Model);

/// What is owed from a day on, beside the rulebook's quotas; or how large a task from above is from a day on.
#[Object]
impl Target {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The task from above whose size this is, as the rulebook calls it; null for an amount that is owed here.
    async fn task(&self) -> Option<&str> {
        self.0.task.as_deref()
    }

    /// The unit, or the member that stands for a person, that owes it.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        match self.0.unit_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Unit::of)),
            None => Ok(None),
        }
    }

    /// Code of the category each of whose units owes it. Without unit and category all units owe it together.
    async fn category(&self) -> Option<&str> {
        self.0.category.as_deref()
    }

    /// What is counted: a count or a sum of points of the rulebook, by its id, or `total`.
    async fn measure(&self) -> Option<&str> {
        self.0.measure.as_deref()
    }

    /// Code of the only kind of item that is counted.
    async fn kind(&self) -> Option<&str> {
        self.0.kind.as_deref()
    }

    /// The period that it is owed in.
    async fn per(&self) -> Option<TargetPeriod> {
        self.0.per.map(Into::into)
    }

    /// The task from above that it rises and falls with, as the rulebook calls it.
    async fn follows(&self) -> Option<&str> {
        self.0.follows.as_deref()
    }

    /// How much: items or points, as the measure counts.
    async fn amount(&self) -> Points {
        Points(analytics::points::Points::from_millionths(self.0.amount))
    }

    /// First local day on which it is owed.
    async fn first_day(&self) -> Date {
        Date(self.0.first_day)
    }

    /// Last one; null while it is.
    async fn last_day(&self) -> Option<Date> {
        self.0.last_day.map(Date)
    }

    /// Who set it, and in which document.
    async fn origin(&self) -> &str {
        &self.0.origin
    }

    /// When that was recorded.
    async fn set_at(&self) -> DateTime<Utc> {
        self.0.set_at
    }
}

/// A target to set. Give either `task` or `owed`.
#[derive(InputObject)]
pub struct SetTargetInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// In which network.
    network: ID,
    /// The task from above whose size is set, as the rulebook calls it.
    task: Option<String>,
    /// What is owed.
    owed: Option<OwedInput>,
    /// How much: items or points, as the measure counts.
    amount: Points,
    /// First local day. What was owed before stays as it was.
    first_day: Date,
    /// Last one; leave it out while it lasts.
    last_day: Option<Date>,
    /// Who set it, and in which document, 1 to 200 characters.
    origin: String,
}

/// What is owed, and by whom. Without `unit` and `category` all units owe it together.
#[derive(InputObject)]
pub struct OwedInput {
    /// The unit, or the member that stands for a person.
    unit: Option<ID>,
    /// Code of the category each of whose units owes it.
    category: Option<String>,
    /// What is counted: a count or a sum of points of the rulebook, by its id, or `total`.
    measure: String,
    /// Code of the only kind of item that is counted.
    kind: Option<String>,
    /// In which period.
    per: TargetPeriod,
    /// The task from above that the amount rises and falls with, as the rulebook calls it.
    follows: Option<String>,
}

/// Which member of a network stands for a person.
#[derive(InputObject)]
pub struct AssessPersonInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// In which network.
    network: ID,
    /// The member, in a category of persons.
    unit: ID,
    /// The person.
    person: ID,
}

payloads! {
    /// What came of setting a target.
    SetTargetPayload {
        /// The target.
        target: Target,
    }
    /// What came of saying which member stands for a person.
    AssessPersonPayload {
        /// The member.
        unit: Unit,
    }
}

/// Targets.
#[derive(Default)]
pub struct TargetQuery;

#[Object]
impl TargetQuery {
    /// Targets that the viewer may see, the last set first. `quotaProgress` says how far everybody is with them.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn targets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Only those of this unit.")] unit: Option<ID>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Target>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let mut select = service.scope().targets().filter(row::Column::NetworkId.eq(network));
        if let Some(unit) = UnitId::parse_optional(unit.as_ref(), "unit").or_graphql()? {
            select = select.filter(row::Column::UnitId.eq(unit));
        }
        let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, Target).await
    }
}

/// Setting targets.
#[derive(Default)]
pub struct TargetMutation;

#[Object]
impl TargetMutation {
    /// Sets what is owed from a day on, or how large a task from above is from a day on. For editors and chief editors.
    async fn set_target(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SetTargetInput,
    ) -> async_graphql::Result<SetTargetPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = services::target::SetTarget {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                aim: aim(input.task, input.owed)?,
                amount: input.amount.0.millionths(),
                first_day: input.first_day.0,
                last_day: input.last_day.map(|day| day.0),
                origin: input.origin,
            };
            services::target::set(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                let select = service.scope().targets().filter(row::Column::Id.eq(outcome.target));
                SetTargetPayload {
                    target: select.one(service.reader()).await.or_graphql()?.map(Target),
                    user_errors: Vec::new(),
                }
            }
            Err(errors) => SetTargetPayload::refused(errors),
        })
    }

    /// Says which member of a network stands for a person: what the person writes is credited to it. For editors and chief editors.
    async fn assess_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: AssessPersonInput,
    ) -> async_graphql::Result<AssessPersonPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = services::assessed_person::AssessPerson {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                unit: GlobalId::parse(&input.unit, "unit")?,
                person: GlobalId::parse(&input.person, "person")?,
            };
            services::assessed_person::assess(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => AssessPersonPayload {
                unit: ctx.loaders()?.one(outcome.unit).await?.map(Unit::of),
                user_errors: Vec::new(),
            },
            Err(errors) => AssessPersonPayload::refused(errors),
        })
    }
}

fn aim(task: Option<String>, owed: Option<OwedInput>) -> Result<Aim> {
    match (task, owed) {
        (Some(task), None) => Ok(Aim::Task(task)),
        (None, Some(owed)) => Ok(Aim::Owed(Owed {
            unit: GlobalId::parse_optional(owed.unit.as_ref(), "owed.unit")?,
            category: owed.category,
            measure: owed.measure,
            kind: owed.kind,
            per: owed.per.into(),
            follows: owed.follows,
        })),
        _ => Err(Error::invalid("owed", "give either a task or what is owed", "任务与目标须填写其中一项")),
    }
}
