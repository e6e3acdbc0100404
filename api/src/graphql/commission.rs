//! Commissions (约稿) and what each unit owes on them.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::ids::{CommissionAssignmentId, CommissionId, NetworkId};
use entity::{commission as row, commission_assignment};
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::context::Reach as _;
use super::enums::{AssignmentOutcome, AssignmentState, CommissionState};
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::loaders::AssignmentsOf;
use super::network::Network;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::scalars::Date;
use super::unit::Unit;
use crate::services::commission;

/// A request for a particular report by a deadline.
#[derive(Clone)]
pub struct Commission(pub(crate) row::Model);

/// A request for a particular report by a deadline.
#[Object]
impl Commission {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Counts the changes of this object; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Who asks.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Network> {
        super::network::find(ctx, self.0.network_id).await
    }

    /// What it is about.
    async fn topic(&self) -> &str {
        &self.0.topic
    }

    /// What is wanted.
    async fn requirement(&self) -> &str {
        &self.0.requirement
    }

    /// Code of the level from which the request came; null if it is the office's own.
    async fn origin(&self) -> Option<&str> {
        self.0.origin.as_deref()
    }

    /// Until when.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }

    /// Whether it is open.
    async fn state(&self) -> CommissionState {
        self.0.state.into()
    }

    /// When it was issued.
    async fn issued_at(&self) -> DateTime<Utc> {
        self.0.issued_at
    }

    /// Why it was struck off (销号).
    async fn closed_because(&self) -> Option<&str> {
        self.0.closed_because.as_deref()
    }

    /// What each unit owes on it, as far as the viewer may see it.
    async fn assignments(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<CommissionAssignment>> {
        Ok(ctx.loaders()?.many(AssignmentsOf(self.0.id)).await?.into_iter().map(CommissionAssignment).collect())
    }
}

/// A unit's part in a commission.
#[derive(Clone)]
pub struct CommissionAssignment(pub(crate) commission_assignment::Model);

/// A unit's part in a commission.
#[Object]
impl CommissionAssignment {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Counts the changes of this object; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// The commission.
    async fn commission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Commission>> {
        Ok(ctx.loaders()?.one(self.0.commission_id).await?.map(Commission))
    }

    /// Who has to answer.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit_id).await?.map(Unit))
    }

    /// Deadline in force.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }

    /// Where it stands.
    async fn state(&self) -> AssignmentState {
        self.0.state.into()
    }

    /// When the unit's answer was handed in.
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }

    /// By how many seconds the answer missed the deadline; null if it did not, or has not come.
    async fn late_by_seconds(&self) -> Option<i64> {
        self.0.answered_at.map(|at| (at - self.0.due_at).num_seconds()).filter(|late| *late > 0)
    }

    /// How it was judged.
    async fn outcome(&self) -> Option<AssignmentOutcome> {
        self.0.outcome.map(Into::into)
    }

    /// Local day on which the outcome counts.
    async fn decided_on(&self) -> Option<Date> {
        self.0.decided_on.map(Date)
    }
}

/// Which commissions.
#[derive(InputObject, Default)]
pub struct CommissionWhere {
    /// In this state.
    state: Option<CommissionState>,
    /// Due at this moment or later.
    due_from: Option<DateTime<Utc>>,
    /// Due at this moment or earlier.
    due_to: Option<DateTime<Utc>>,
    /// With this text in the topic.
    topic_contains: Option<String>,
}

/// A new commission.
#[derive(InputObject)]
pub struct IssueCommissionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which network asks.
    network: ID,
    /// What it is about.
    topic: String,
    /// What is wanted.
    requirement: String,
    /// Code of the level from which the request came; leave it out for the office's own.
    origin: Option<String>,
    /// Until when.
    due_at: DateTime<Utc>,
    /// Who has to answer, 1 to 500 units.
    units: Vec<ID>,
}

/// A judgement.
#[derive(InputObject)]
pub struct JudgeAnswerInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which assignment.
    assignment: ID,
    /// The version that you read.
    expected_version: i64,
    /// How it ended. It must agree with the deadline and the time of the answer.
    outcome: AssignmentOutcome,
}

/// A unit to let off.
#[derive(InputObject)]
pub struct ExcuseAssignmentInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which assignment.
    assignment: ID,
    /// The version that you read.
    expected_version: i64,
}

/// A commission to strike off.
#[derive(InputObject)]
pub struct CloseCommissionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which commission.
    commission: ID,
    /// The version that you read.
    expected_version: i64,
    /// Why, 1 to 60 characters.
    reason: String,
}

payloads! {
    /// What came of an act on a commission.
    CommissionPayload {
        /// The commission.
        commission: Commission,
    }
    /// What came of judging or excusing.
    AssignmentPayload {
        /// The assignment.
        assignment: CommissionAssignment,
    }
}

/// Commissions.
#[derive(Default)]
pub struct CommissionQuery;

#[Object]
impl CommissionQuery {
    /// Commissions of a network that the viewer may see, the last issued first.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn commissions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which commissions.", name = "where")] filter: Option<CommissionWhere>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Commission>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let filter = filter.unwrap_or_default();
        let mut select = service.scope().commissions().filter(row::Column::NetworkId.eq(network));
        if let Some(state) = filter.state {
            select = select.filter(row::Column::State.eq(row::CommissionState::from(state)));
        }
        if let Some(from) = filter.due_from {
            select = select.filter(row::Column::DueAt.gte(from));
        }
        if let Some(to) = filter.due_to {
            select = select.filter(row::Column::DueAt.lte(to));
        }
        if let Some(text) = filter.topic_contains {
            select = select.filter(row::Column::Topic.contains(text));
        }
        let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, Commission).await
    }
}

async fn judged(
    ctx: &Context<'_>,
    result: crate::error::Result<commission::AssignmentJudged>,
) -> async_graphql::Result<AssignmentPayload> {
    Ok(match settle(result)? {
        Ok(outcome) => AssignmentPayload {
            assignment: ctx.loaders()?.one(outcome.assignment).await?.map(CommissionAssignment),
            user_errors: Vec::new(),
        },
        Err(errors) => AssignmentPayload::refused(errors),
    })
}

async fn payload(
    ctx: &Context<'_>,
    result: crate::error::Result<commission::CommissionOutcome>,
) -> async_graphql::Result<CommissionPayload> {
    Ok(match settle(result)? {
        Ok(outcome) => CommissionPayload {
            commission: ctx.loaders()?.one(outcome.commission).await?.map(Commission),
            user_errors: Vec::new(),
        },
        Err(errors) => CommissionPayload::refused(errors),
    })
}

/// Issuing, judging and closing commissions. A unit answers by handing in a submission with `assignment`.
#[derive(Default)]
pub struct CommissionMutation;

#[Object]
impl CommissionMutation {
    /// Asks units for a report by a deadline. For editors.
    async fn issue_commission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: IssueCommissionInput,
    ) -> async_graphql::Result<CommissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let units = input.units.iter().map(|id| GlobalId::parse(id, "units"));
            let command = commission::IssueCommission {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                topic: input.topic,
                requirement: input.requirement,
                origin: input.origin,
                due_at: input.due_at,
                units: units.collect::<crate::error::Result<_>>()?,
            };
            commission::issue(service, command).await
        };
        payload(ctx, run.await).await
    }

    /// Judges an answer, or its absence after the deadline. For editors.
    async fn judge_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: JudgeAnswerInput,
    ) -> async_graphql::Result<AssignmentPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = commission::JudgeAnswer {
                idempotency_key: input.idempotency_key,
                assignment: CommissionAssignmentId::parse(&input.assignment, "assignment")?,
                expected_version: input.expected_version,
                outcome: Some(input.outcome.into()),
            };
            commission::judge(service, command).await
        };
        judged(ctx, run.await).await
    }

    /// Lets a unit off a commission. For editors.
    async fn excuse_assignment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ExcuseAssignmentInput,
    ) -> async_graphql::Result<AssignmentPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = commission::JudgeAnswer {
                idempotency_key: input.idempotency_key,
                assignment: CommissionAssignmentId::parse(&input.assignment, "assignment")?,
                expected_version: input.expected_version,
                outcome: None,
            };
            commission::judge(service, command).await
        };
        judged(ctx, run.await).await
    }

    /// Strikes a commission off (销号) once every assignment has been judged or excused. For editors.
    async fn close_commission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CloseCommissionInput,
    ) -> async_graphql::Result<CommissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = commission::CloseCommission {
                idempotency_key: input.idempotency_key,
                commission: CommissionId::parse(&input.commission, "commission")?,
                expected_version: input.expected_version,
                reason: input.reason,
            };
            commission::close(service, command).await
        };
        payload(ctx, run.await).await
    }
}
