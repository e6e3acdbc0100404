//! Lists of commissions and of assignments: filters, orders, queries.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::ids::{CommissionId, NetworkId, UnitId};
use entity::{commission as row, commission_assignment as assignment};
use sea_orm::{ColumnTrait as _, Condition, EntityTrait, QueryFilter as _, QuerySelect as _, QueryTrait as _, Value};

use super::commission::{Commission, CommissionAssignment};
use super::context::Reach as _;
use super::enums::{AssignmentOutcome, AssignmentState, ClosureReason, CommissionState};
use super::errors::OrGraphql as _;
use super::ids::GlobalId;
use super::page::{List, Page, Sort, SortColumn, list};
use crate::auth::scope::Scope;
use crate::error::Result;
use crate::services::commission::standing::Standing;

/// Which commissions.
#[derive(InputObject, Default)]
pub struct CommissionWhere {
    /// In this state.
    state: Option<CommissionState>,
    /// Struck off for one of these reasons.
    closed_reasons: Option<Vec<ClosureReason>>,
    /// That ask one of these units.
    units: Option<Vec<ID>>,
    /// That came from one of these levels, by code.
    origins: Option<Vec<String>>,
    /// Due at this moment or later.
    due_from: Option<DateTime<Utc>>,
    /// Due at this moment or earlier.
    due_to: Option<DateTime<Utc>>,
    /// Open, and somebody whom the viewer may see is overdue with it, or nobody is.
    is_overdue: Option<bool>,
    /// With this text in the topic.
    topic_contains: Option<String>,
}

/// Which assignments.
#[derive(InputObject, Default)]
pub struct AssignmentWhere {
    /// Standing in one of these states now.
    states: Option<Vec<AssignmentState>>,
    /// Of one of these units.
    units: Option<Vec<ID>>,
    /// Of these commissions.
    commissions: Option<Vec<ID>>,
    /// Judged in one of these ways.
    outcomes: Option<Vec<AssignmentOutcome>>,
    /// Of commissions that came from one of these levels, by code.
    origins: Option<Vec<String>>,
    /// With a deadline in force at this moment or later.
    due_from: Option<DateTime<Utc>>,
    /// With a deadline in force at this moment or earlier.
    due_to: Option<DateTime<Utc>>,
    /// Overdue now, or not.
    is_overdue: Option<bool>,
    /// With this text in the commission's topic.
    topic_contains: Option<String>,
}

/// In which order.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
pub enum CommissionOrder {
    /// The last issued first.
    #[default]
    Newest,
    /// The first issued first.
    Oldest,
    /// The first due first.
    DueFirst,
    /// The last due first.
    DueLast,
}

/// The deadline as the value of a cursor, written and read back.
fn micros(due_at: DateTime<Utc>) -> String {
    due_at.timestamp_micros().to_string()
}

fn moment(text: &str) -> Option<Value> {
    DateTime::from_timestamp_micros(text.parse().ok()?).map(Into::into)
}

/// A list in an order, over a table with ids and deadlines.
fn sort<E: EntityTrait>(order: CommissionOrder, by_id: &Sort<E>, by_due: SortColumn<E>) -> Sort<E> {
    let (by, descending) = match order {
        CommissionOrder::Newest => (None, true),
        CommissionOrder::Oldest => (None, false),
        CommissionOrder::DueFirst => (Some(by_due), false),
        CommissionOrder::DueLast => (Some(by_due), true),
    };
    Sort { id: by_id.id, id_of: by_id.id_of, by, descending }
}

pub(super) fn assignments_by(order: CommissionOrder) -> Sort<assignment::Entity> {
    let by_id =
        Sort { id: assignment::Column::Id, id_of: |row: &assignment::Model| row.id.0, by: None, descending: false };
    let text = |row: &assignment::Model| micros(row.due_at);
    sort(order, &by_id, SortColumn { column: assignment::Column::DueAt, text, value: moment })
}

pub(super) fn commissions_by(order: CommissionOrder) -> Sort<row::Entity> {
    let by_id = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: false };
    let text = |row: &row::Model| micros(row.due_at);
    sort(order, &by_id, SortColumn { column: row::Column::DueAt, text, value: moment })
}

fn units(ids: &[ID]) -> Result<Vec<UnitId>> {
    ids.iter().map(|id| GlobalId::parse(id, "where.units")).collect()
}

impl CommissionWhere {
    fn condition(self, scope: &Scope, now: DateTime<Utc>) -> Result<Condition> {
        let asked = |chosen: Condition| {
            let asked = scope.assignments().filter(chosen).select_only().column(assignment::Column::CommissionId);
            asked.into_query()
        };
        let mut all = Condition::all();
        if let Some(state) = self.state {
            all = all.add(row::Column::State.eq(row::CommissionState::from(state)));
        }
        if let Some(reasons) = self.closed_reasons {
            let reasons = reasons.into_iter().map(row::ClosureReason::from);
            all = all.add(row::Column::ClosedReason.is_in(reasons));
        }
        if let Some(ids) = self.units {
            let units = assignment::Column::UnitId.is_in(units(&ids)?);
            all = all.add(row::Column::Id.in_subquery(asked(Condition::all().add(units))));
        }
        if let Some(origins) = self.origins {
            all = all.add(row::Column::Origin.is_in(origins));
        }
        if let Some(from) = self.due_from {
            all = all.add(row::Column::DueAt.gte(from));
        }
        if let Some(to) = self.due_to {
            all = all.add(row::Column::DueAt.lte(to));
        }
        if let Some(overdue) = self.is_overdue {
            let late = asked(Standing::Overdue.condition(now));
            let id = row::Column::Id;
            all = all.add(if overdue { id.in_subquery(late) } else { id.not_in_subquery(late) });
        }
        if let Some(text) = self.topic_contains {
            all = all.add(row::Column::Topic.contains(text));
        }
        Ok(all)
    }
}

impl AssignmentWhere {
    pub(super) fn condition(self, scope: &Scope, now: DateTime<Utc>) -> Result<Condition> {
        let of =
            |chosen: Condition| scope.commissions().filter(chosen).select_only().column(row::Column::Id).into_query();
        let mut all = Condition::all();
        if let Some(states) = self.states {
            let standings: Vec<_> = states.into_iter().map(Standing::from).collect();
            all = all.add(if standings.is_empty() { nothing() } else { Standing::any(&standings, now) });
        }
        if let Some(ids) = self.units {
            all = all.add(assignment::Column::UnitId.is_in(units(&ids)?));
        }
        if let Some(ids) = self.commissions {
            let ids = ids.iter().map(|id| CommissionId::parse(id, "where.commissions")).collect::<Result<Vec<_>>>()?;
            all = all.add(assignment::Column::CommissionId.is_in(ids));
        }
        if let Some(outcomes) = self.outcomes {
            let outcomes = outcomes.into_iter().map(assignment::AssignmentOutcome::from);
            all = all.add(assignment::Column::Outcome.is_in(outcomes));
        }
        if let Some(origins) = self.origins {
            let came = Condition::all().add(row::Column::Origin.is_in(origins));
            all = all.add(assignment::Column::CommissionId.in_subquery(of(came)));
        }
        if let Some(from) = self.due_from {
            all = all.add(assignment::Column::DueAt.gte(from));
        }
        if let Some(to) = self.due_to {
            all = all.add(assignment::Column::DueAt.lte(to));
        }
        if let Some(overdue) = self.is_overdue {
            let late = Standing::Overdue.condition(now);
            all = all.add(if overdue { late } else { late.not() });
        }
        if let Some(text) = self.topic_contains {
            let about = Condition::all().add(row::Column::Topic.contains(text));
            all = all.add(assignment::Column::CommissionId.in_subquery(of(about)));
        }
        Ok(all)
    }
}

/// No row: somebody asked for one of no states.
fn nothing() -> Condition {
    Condition::all().add(assignment::Column::Id.is_null())
}

/// The commissions that ask a unit for something and that the viewer may see.
pub(super) async fn of_unit(
    ctx: &Context<'_>,
    unit: UnitId,
    filter: CommissionWhere,
    order: CommissionOrder,
    page: Page,
) -> async_graphql::Result<List<Commission>> {
    let service = ctx.service()?;
    let chosen = filter.condition(service.scope(), service.now()).or_graphql()?;
    let asked = service.scope().assignments().filter(assignment::Column::UnitId.eq(unit));
    let asked = asked.select_only().column(assignment::Column::CommissionId).into_query();
    let select = service.scope().commissions().filter(row::Column::Id.in_subquery(asked)).filter(chosen);
    list(ctx, service.reader(), select, commissions_by(order), page, Commission).await
}

/// Commissions.
#[derive(Default)]
pub struct CommissionQuery;

#[Object]
impl CommissionQuery {
    /// Commissions of a network that the viewer may see.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn commissions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which commissions.", name = "where")] filter: Option<CommissionWhere>,
        #[graphql(desc = "In which order.", default)] order_by: CommissionOrder,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Commission>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let chosen = filter.unwrap_or_default().condition(service.scope(), service.now()).or_graphql()?;
        let select = service.scope().commissions().filter(row::Column::NetworkId.eq(network)).filter(chosen);
        list(ctx, service.reader(), select, commissions_by(order_by), Page { first, after, last, before }, Commission)
            .await
    }

    /// What units owe on the commissions of a network, as far as the viewer may see it; a unit sees its own.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn assignments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which assignments.", name = "where")] filter: Option<AssignmentWhere>,
        #[graphql(desc = "In which order.", default)] order_by: CommissionOrder,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<CommissionAssignment>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let chosen = filter.unwrap_or_default().condition(service.scope(), service.now()).or_graphql()?;
        let of = service.scope().commissions().filter(row::Column::NetworkId.eq(network));
        let of = of.select_only().column(row::Column::Id).into_query();
        let select = service.scope().assignments().filter(assignment::Column::CommissionId.in_subquery(of));
        let page = Page { first, after, last, before };
        list(ctx, service.reader(), select.filter(chosen), assignments_by(order_by), page, CommissionAssignment).await
    }
}
