//! Questions about figures: the composable one, what it can be made of, and the questions that are asked by name.

pub mod answer;
pub mod catalogue;
pub mod input;
pub mod named;
pub mod question;

use std::sync::Arc;

use analytics::frames::Plan;
use analytics::frames::query::Query;
use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::ids::NetworkId;

pub use answer::AnalyticsResult;
use answer::{AnalyticsCost, AnalyticsPeriod, AnalyticsRow, LeftOutUnit, Shared};
use catalogue::AnalyticsCatalog;
use input::{AnalyticsInput, CompareInput, Dimension, Measure, PeriodUnit, WindowInput};
use named::{AnomalyRow, BottomRanked, Coverage, TrendSeries};

use super::context::Reach as _;
use super::errors::OrGraphql as _;
use super::ids::GlobalId as _;
use super::scalars::{Decimal, PeriodInput};
use crate::error::Result;
use crate::services::analytics::{self as service, Asked, MOST_CELLS};

/// Asks, and keeps what the rows of the answer share.
pub(crate) async fn ask(asked: Asked, query: Query, dry_run: bool) -> Result<AnalyticsResult> {
    let (answer, plan) = if dry_run {
        let plan = asked.plan(&query)?;
        (service::nothing(&query, &plan), plan)
    } else {
        asked.analyse(query.clone()).await?
    };
    let meta = asked.meta(plan.span, service::partial(&plan));
    let cost = cost(&plan);
    Ok(AnalyticsResult { shared: Arc::new(Shared { asked, query, answer }), cost, meta })
}

fn cost(plan: &Plan) -> AnalyticsCost {
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    AnalyticsCost { rows: number(plan.rows), cells: number(plan.cells), limit: number(MOST_CELLS) }
}

/// Questions about figures.
#[derive(Default)]
pub struct AnalyticsQuery;

#[Object]
impl AnalyticsQuery {
    /// Any composition of measures, dimensions and periods. A combination that cannot be answered is refused before anything is
    /// computed; `extensions.details` gives the reason and the smallest change that would work.
    async fn analytics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The question.")] input: AnalyticsInput,
    ) -> async_graphql::Result<AnalyticsResult> {
        let network = NetworkId::parse(&input.network, "input.network").or_graphql()?;
        let query = input.query().or_graphql()?;
        let asked = service::open(ctx.service()?, network, input.as_of).await.or_graphql()?;
        ask(asked, query, input.dry_run).await.or_graphql()
    }

    /// What questions can be made of: every measure and every dimension.
    async fn analytics_catalog(&self, ctx: &Context<'_>) -> async_graphql::Result<AnalyticsCatalog> {
        ctx.service()?;
        Ok(AnalyticsCatalog)
    }

    /// The days and the periods that a period means today, or on another day.
    async fn resolve_periods(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "The period, by name or relative to a day.")] period: PeriodInput,
        #[graphql(desc = "Into which periods it is split.")] split_by: Option<PeriodUnit>,
        #[graphql(desc = "The moment from which it is seen; now if left out.")] as_of: Option<DateTime<Utc>>,
    ) -> async_graphql::Result<Vec<AnalyticsPeriod>> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let choice = period.choice().or_graphql()?;
        let split = split_by.map(Into::into);
        let periods = service::periods(ctx.service()?, network, choice, split, as_of).await.or_graphql()?;
        Ok(periods.iter().map(Into::into).collect())
    }

    /// Categories side by side, each against the period before and the year before.
    async fn category_comparison(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which days.")] period: PeriodInput,
        #[graphql(
            desc = "What is measured.",
            default_with = "vec![Measure::Submitted, Measure::AdoptedItems, Measure::AdoptionRate, Measure::Points]"
        )]
        measures: Vec<Measure>,
        #[graphql(
            desc = "What each value is compared with.",
            default_with = "vec![CompareInput::Previous(1), CompareInput::SameLastYear(true)]"
        )]
        compare: Vec<CompareInput>,
    ) -> async_graphql::Result<AnalyticsResult> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let query = named::category_comparison(&measures, period, &compare).or_graphql()?;
        let asked = service::open(ctx.service()?, network, None).await.or_graphql()?;
        ask(asked, query, false).await.or_graphql()
    }

    /// The last of each category, never cut inside a tie; units that cannot fairly be listed are named with the reason.
    async fn bottom_ranked(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which days.")] period: PeriodInput,
        #[graphql(desc = "By which measure.", default_with = "Measure::Points")] measure: Measure,
        #[graphql(desc = "How many.", default = 1)] n: i32,
        #[graphql(desc = "Of each category, or of the whole network.", default = true)] per_category: bool,
    ) -> async_graphql::Result<BottomRanked> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let query = named::bottom_ranked(measure, period, n, per_category).or_graphql()?;
        let asked = service::open(ctx.service()?, network, None).await.or_graphql()?;
        Ok(named::list(ask(asked, query, false).await.or_graphql()?))
    }

    /// A measure over time, with 环比 and 同比, a moving mean, and the sum since the beginning of the year beside that of the year
    /// before at the same day.
    #[expect(clippy::too_many_arguments, reason = "each is a part of the question")]
    async fn trend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "What is measured.")] measure: Measure,
        #[graphql(desc = "Which days.")] period: PeriodInput,
        #[graphql(desc = "The step.", default_with = "PeriodUnit::Month")] split_by: PeriodUnit,
        #[graphql(desc = "One series for each; the whole network if left out.", default)] rows: Vec<Dimension>,
        #[graphql(
            desc = "What each value is compared with.",
            default_with = "vec![CompareInput::Previous(1), CompareInput::SameLastYear(true)]"
        )]
        compare: Vec<CompareInput>,
        #[graphql(desc = "The moving mean; of three periods if left out.")] window: Option<WindowInput>,
    ) -> async_graphql::Result<TrendSeries> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let queries = named::trend(measure, period, split_by, &rows, &compare, window).or_graphql()?;
        let asked = service::open(ctx.service()?, network, None).await.or_graphql()?;
        named::series(asked, queries).await.or_graphql()
    }

    /// Which topics are reported on and adopted, by how many units, and which ones nobody reports on.
    async fn coverage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which days.")] period: PeriodInput,
    ) -> async_graphql::Result<Coverage> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let choice = period.choice().or_graphql()?;
        let asked = service::open(ctx.service()?, network, None).await.or_graphql()?;
        named::coverage(asked, choice).await.or_graphql()
    }

    /// How punctual units and office are: deadlines kept, commissions answered, urgent reports late, hours to a decision.
    async fn timeliness(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which days.")] period: PeriodInput,
        #[graphql(desc = "What rows stand for.", default_with = "vec![Dimension::Unit]")] rows: Vec<Dimension>,
        #[graphql(desc = "One row for each of these periods.")] split_by: Option<PeriodUnit>,
    ) -> async_graphql::Result<AnalyticsResult> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let query = named::timeliness(period, &rows, split_by).or_graphql()?;
        let asked = service::open(ctx.service()?, network, None).await.or_graphql()?;
        ask(asked, query, false).await.or_graphql()
    }

    /// What stands out in the last of several periods, against the same row's past, by the median absolute deviation; each with the
    /// sentence that explains it. At least four earlier periods are needed.
    #[expect(clippy::too_many_arguments, reason = "each is a part of the question")]
    async fn anomalies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "What is measured.", default_with = "Measure::Submitted")] measure: Measure,
        #[graphql(desc = "The past and, at its end, the period that is judged.")] period: PeriodInput,
        #[graphql(desc = "The step.", default_with = "PeriodUnit::Month")] split_by: PeriodUnit,
        #[graphql(desc = "What is judged.", default_with = "vec![Dimension::Unit]")] rows: Vec<Dimension>,
        #[graphql(desc = "From how many robust standard deviations on.", default_with = "named::usual_threshold()")]
        threshold: Decimal,
    ) -> async_graphql::Result<Vec<AnomalyRow>> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let query = named::series_of(measure, period, split_by, &rows).or_graphql()?;
        let asked = service::open(ctx.service()?, network, None).await.or_graphql()?;
        named::anomalies(ask(asked, query, false).await.or_graphql()?, threshold).or_graphql()
    }
}
