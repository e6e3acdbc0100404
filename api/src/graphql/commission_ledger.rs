//! The ledger of commissions (台账).

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::ids::NetworkId;
use sea_orm::Condition;

use super::commission::CommissionAssignment;
use super::commission_list::{AssignmentWhere, CommissionOrder, assignments_by};
use super::context::Reach as _;
use super::enums::{AssignmentState, ClosureReason};
use super::errors::OrGraphql as _;
use super::ids::GlobalId as _;
use super::page::{List, Page, list};
use super::scalars::{Days, PeriodInput};
use crate::services::commission::ledger::{self, AGES, Ledger};

/// The commissions of a period, as far as the viewer may see them, at one moment. A commission stands in the ledger of every
/// period from its issue until it is struck off.
pub struct CommissionLedger {
    ledger: Ledger,
    period: Days,
}

/// How many were struck off for a reason.
#[derive(SimpleObject)]
pub struct ClosureCount {
    /// The reason.
    reason: ClosureReason,
    /// How many.
    count: u64,
}

/// How many stand somewhere.
#[derive(SimpleObject)]
pub struct AssignmentCount {
    /// Where.
    state: AssignmentState,
    /// How many.
    count: u64,
}

/// How many have been overdue for so long.
#[derive(SimpleObject)]
pub struct AgeCount {
    /// From so many days on; a day that has begun counts.
    from_days: i64,
    /// Up to so many days; null for the last.
    to_days: Option<i64>,
    /// How many.
    count: u64,
}

/// The commissions of a period, as far as the viewer may see them, at one moment. A commission stands in the ledger of every
/// period from its issue until it is struck off.
#[Object]
impl CommissionLedger {
    /// The days of the period.
    async fn period(&self) -> Days {
        self.period
    }

    /// The moment at which it was opened; what is overdue is overdue then.
    async fn computed_at(&self) -> DateTime<Utc> {
        self.ledger.now
    }

    /// How many commissions are open.
    async fn open(&self, ctx: &Context<'_>) -> async_graphql::Result<u64> {
        self.ledger.open(ctx.service()?.reader()).await.or_graphql()
    }

    /// How many open commissions at least one unit is overdue with.
    async fn overdue(&self, ctx: &Context<'_>) -> async_graphql::Result<u64> {
        self.ledger.overdue(ctx.service()?.reader()).await.or_graphql()
    }

    /// How many commissions were struck off.
    async fn closed(&self, ctx: &Context<'_>) -> async_graphql::Result<u64> {
        let counts = self.ledger.closed(ctx.service()?.reader()).await.or_graphql()?;
        Ok(counts.into_iter().map(|(_, count)| count).sum())
    }

    /// Why they were struck off; every reason, with zero for those that nobody gave.
    async fn closures(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<ClosureCount>> {
        let counts = self.ledger.closed(ctx.service()?.reader()).await.or_graphql()?;
        Ok(counts.into_iter().map(|(reason, count)| ClosureCount { reason: reason.into(), count }).collect())
    }

    /// Where the assignments stand; every state, with zero for those in which none is.
    async fn states(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<AssignmentCount>> {
        let counts = self.ledger.standings(ctx.service()?.reader()).await.or_graphql()?;
        Ok(counts.into_iter().map(|(standing, count)| AssignmentCount { state: standing.into(), count }).collect())
    }

    /// For how long the overdue assignments have been overdue: up to 3 days, 4 to 7, 8 to 15, longer.
    async fn ageing(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<AgeCount>> {
        let counts = self.ledger.ages(ctx.service()?.reader()).await.or_graphql()?;
        let age = |((from_days, to_days), count)| AgeCount { from_days, to_days, count };
        Ok(AGES.into_iter().zip(counts).map(age).collect())
    }

    /// The rows: what each unit owes.
    async fn rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which order.", default_with = "CommissionOrder::DueFirst")] order_by: CommissionOrder,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<CommissionAssignment>> {
        let select = self.ledger.assignments.clone();
        let page = Page { first, after, last, before };
        list(ctx, ctx.service()?.reader(), select, assignments_by(order_by), page, CommissionAssignment).await
    }
}

/// The ledger of commissions.
#[derive(Default)]
pub struct CommissionLedgerQuery;

#[Object]
impl CommissionLedgerQuery {
    /// The ledger of commissions (台账) of a network: what is open, overdue and for how long, struck off and why. A unit sees
    /// what it owes itself.
    async fn commission_ledger(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which days.")] period: PeriodInput,
        #[graphql(desc = "Which assignments; all if left out.", name = "where")] filter: Option<AssignmentWhere>,
    ) -> async_graphql::Result<CommissionLedger> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let span = period.span().or_graphql()?;
        let chosen: Condition = filter.unwrap_or_default().condition(service.scope(), service.now()).or_graphql()?;
        let ledger = ledger::open(service, network, span, chosen).await.or_graphql()?;
        Ok(CommissionLedger { ledger, period: span.into() })
    }
}
