//! What awaits the viewer: in the unit, what to answer; in the office, what to judge, to close, to screen and to mend.

use async_graphql::{Context, Object};
use entity::commission::{self, CommissionState};
use entity::consumer::{self, ConsumerState};
use entity::{commission_assignment, lead};
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::commission::{Commission, CommissionAssignment};
use super::commission_list::{CommissionOrder, assignments_by, commissions_by};
use super::consumer::{Consumer, by_id};
use super::context::Reach as _;
use super::lead::{Lead, newest_first};
use super::page::{List, Page, list};
use crate::auth::policy::{Action, Target, allows, networks_for, units_for};
use crate::services::commission::awaiting;

/// What awaits the viewer: only what a role of theirs may act on now.
pub struct Awaiting;

/// What awaits the viewer: only what a role of theirs may act on now.
#[Object]
impl Awaiting {
    /// Commissions that the viewer's units have not answered, or have to answer again; the first due first.
    async fn assignments_to_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<CommissionAssignment>> {
        let service = ctx.service()?;
        let units = units_for(service.actor(), Action::AnswerCommission);
        let select = awaiting::to_answer(service).filter(commission_assignment::Column::UnitId.is_in(units));
        let page = Page { first, after, last, before };
        let sort = assignments_by(CommissionOrder::DueFirst);
        list(ctx, service.reader(), select, sort, page, CommissionAssignment).await
    }

    /// Answers, and deadlines that passed without one, on which the office has to decide; the first due first.
    async fn answers_to_judge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<CommissionAssignment>> {
        let service = ctx.service()?;
        let select = awaiting::to_judge(service, networks_for(service.actor(), Action::JudgeAnswer));
        let page = Page { first, after, last, before };
        let sort = assignments_by(CommissionOrder::DueFirst);
        list(ctx, service.reader(), select, sort, page, CommissionAssignment).await
    }

    /// Open commissions on which everything has been decided, so that they can be struck off; the first due first.
    async fn commissions_to_close(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Commission>> {
        let service = ctx.service()?;
        let networks = networks_for(service.actor(), Action::CloseCommission);
        let select = awaiting::to_close(service)
            .filter(commission::Column::NetworkId.is_in(networks))
            .filter(commission::Column::State.eq(CommissionState::Open));
        let page = Page { first, after, last, before };
        list(ctx, service.reader(), select, commissions_by(CommissionOrder::DueFirst), page, Commission).await
    }

    /// Leads that nobody has screened; the last brought first.
    async fn leads_to_screen(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Lead>> {
        let service = ctx.service()?;
        let networks = networks_for(service.actor(), Action::ScreenLead);
        let select = service
            .scope()
            .leads()
            .filter(lead::Column::NetworkId.is_in(networks))
            .filter(lead::Column::State.eq(lead::LeadState::New));
        list(ctx, service.reader(), select, newest_first(), Page { first, after, last, before }, Lead).await
    }

    /// Consumers that stand still because the gateway refuses everything, until somebody mends the account and resumes them
    /// (`resumeConsumer`): no notice goes out. For chief editors, and for system administrators.
    async fn paused_consumers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Consumer>> {
        let service = ctx.service()?;
        let mut select = service.scope().consumers().filter(consumer::Column::State.eq(ConsumerState::Paused));
        if !allows(service.actor(), Action::ConfigureDelivery, Target::platform()) {
            let networks = networks_for(service.actor(), Action::RequeueDeliveries);
            select = select.filter(consumer::Column::NetworkId.is_in(networks));
        }
        list(ctx, service.reader(), select, by_id(), Page { first, after, last, before }, Consumer::from).await
    }
}
