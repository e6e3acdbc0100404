//! How far units are with what they owe, and the lists that the rulebook makes.

use analytics::scoring::{ListRow, Progress, Source};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use entity::ids::{NetworkId, TargetId, UnitId};
use entity::target;
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::context::Reach as _;
use super::errors::OrGraphql as _;
use super::ids::GlobalId;
use super::scalars::{Date, Days, PeriodId, PeriodInput, Points, Ratio};
use super::score::Meta;
use super::talk::Behind;
use super::target::Target;
use super::unit::Unit;
use crate::services::progress;

/// How far a unit is with one amount that it owes in one period.
pub struct QuotaProgress(pub(crate) Progress);

/// How far a unit is with one amount that it owes in one period.
#[Object]
impl QuotaProgress {
    /// Who owes it; null for what all units owe together.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        match self.0.unit {
            Some(id) => Ok(ctx.loaders()?.one(UnitId(id)).await?.map(Unit::of)),
            None => Ok(None),
        }
    }

    /// The quota of the rulebook, by its id; null for a target.
    async fn quota(&self) -> Option<&str> {
        match &self.0.source {
            Source::Quota(id) => Some(id),
            Source::Target(_) => None,
        }
    }

    /// The target; null for a quota of the rulebook.
    async fn target(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Target>> {
        let Source::Target(id) = self.0.source else { return Ok(None) };
        let service = ctx.service()?;
        let select = service.scope().targets().filter(target::Column::Id.eq(TargetId(id)));
        Ok(select.one(service.reader()).await.or_graphql()?.map(Target))
    }

    /// The name of the quota, or of what the target counts.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where the document says so; empty for a target.
    async fn clause(&self) -> &str {
        &self.0.clause
    }

    /// The whole period that it is owed in.
    async fn period(&self) -> Days {
        self.0.period.into()
    }

    /// The last day that was looked at: the last of the days asked about, today at the latest.
    async fn until(&self) -> Date {
        Date(self.0.until)
    }

    /// What is owed by the end of the period, as it stood on `until`: items or points, as is counted.
    async fn owed(&self) -> Points {
        Points(self.0.owed)
    }

    /// What was done from the first day of the period until `until`.
    async fn done(&self) -> Points {
        Points(self.0.done)
    }

    /// What is still missing.
    async fn missing(&self) -> Points {
        Points(self.0.missing())
    }

    /// Whether nothing is missing.
    async fn is_met(&self) -> bool {
        self.0.done >= self.0.owed
    }

    /// Done ÷ owed, to six places: `"1.2"` is 120 %. Null where nothing is owed.
    async fn attainment(&self) -> Option<Ratio> {
        self.0.attainment().map(ratio)
    }

    /// How much of what is owed has been met: as `attainment`, but never more than 1.
    async fn met(&self) -> Option<Ratio> {
        self.0.met().map(ratio)
    }

    /// The share of the period that has passed on `until`, counted in days.
    async fn elapsed(&self) -> Ratio {
        ratio(self.0.elapsed())
    }

    /// `attainment` ÷ `elapsed`: `"1"` is just in time, less is behind.
    async fn pace(&self) -> Option<Ratio> {
        self.0.pace().map(ratio)
    }
}

fn ratio(share: analytics::points::Points) -> Ratio {
    Ratio::from_millionths(share.millionths())
}

/// A unit on one of the rulebook's lists: the last of its category, nothing reported, a task not met.
pub struct ListedUnit(ListRow);

/// A unit on one of the rulebook's lists: the last of its category, nothing reported, a task not met.
#[Object]
impl ListedUnit {
    /// The list, as the rulebook calls it.
    async fn list(&self) -> &str {
        &self.0.list
    }

    /// Where the list stands in the document.
    async fn clause(&self) -> &str {
        &self.0.clause
    }

    /// What it lists.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// The unit.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(UnitId(self.0.unit)).await?.map(Unit::of))
    }

    /// Code of its category.
    async fn category(&self) -> Option<&str> {
        self.0.category.as_deref()
    }

    /// In what it is behind, if the list is one of units that are called in for a talk.
    async fn behind(&self) -> Option<Behind> {
        self.0.talk.map(Into::into)
    }

    /// The periods that put it there, in order.
    async fn periods(&self) -> Vec<Days> {
        self.0.periods.iter().map(|span| (*span).into()).collect()
    }
}

/// The lists of a span.
#[derive(SimpleObject)]
pub struct ListedUnits {
    /// By list, then by category and the office's own order. A unit sees itself.
    rows: Vec<ListedUnit>,
    /// Where the answer comes from.
    meta: Meta,
}

/// What a unit did nothing of.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "progress::Nothing")]
pub enum Nothing {
    /// It handed nothing in (零报送).
    Reported,
    /// Nothing of it was adopted (零采用).
    Adopted,
}

/// A unit with nothing to show in several periods in a row.
pub struct SilentUnit(progress::SilentUnit);

/// A unit with nothing to show in several periods in a row.
#[Object]
impl SilentUnit {
    /// The unit.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit).await?.map(Unit::of))
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Code of its category at the end of the last period.
    async fn category(&self) -> &str {
        &self.0.category
    }

    /// The periods, the first one first.
    async fn periods(&self) -> Vec<PeriodId> {
        self.0.periods.iter().copied().map(PeriodId).collect()
    }
}

/// Quotas, targets and lists.
#[derive(Default)]
pub struct ProgressQuery;

#[Object]
impl ProgressQuery {
    /// How far units are with the rulebook's quotas and with the targets that were set: one row for each unit, amount and period that
    /// overlaps the days asked about. A unit sees its own.
    async fn quota_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Only this unit.")] unit: Option<ID>,
        #[graphql(desc = "Which days, within one assessment year.")] period: PeriodInput,
    ) -> async_graphql::Result<Vec<QuotaProgress>> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let unit = UnitId::parse_optional(unit.as_ref(), "unit").or_graphql()?;
        let span = period.span().or_graphql()?;
        let (rows, _) = progress::progress(ctx.service()?, network, unit, span).await.or_graphql()?;
        Ok(rows.into_iter().map(QuotaProgress).collect())
    }

    /// The units that the rulebook lists over a period, such as the last of each category or those with nothing to show: each list over
    /// the last of its periods that end in the days asked about.
    async fn listed_units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which days, within one assessment year.")] period: PeriodInput,
        #[graphql(desc = "Only this list, as the rulebook calls it.")] list: Option<String>,
    ) -> async_graphql::Result<ListedUnits> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let span = period.span().or_graphql()?;
        let (rows, meta) = progress::lists(ctx.service()?, network, span).await.or_graphql()?;
        let asked = |row: &ListRow| list.as_deref().is_none_or(|list| row.list == list);
        Ok(ListedUnits { rows: rows.into_iter().filter(asked).map(ListedUnit).collect(), meta: Meta(meta) })
    }

    /// The units that handed nothing in (零报送), or of which nothing was adopted (零采用), in each of several periods in a row, by
    /// category and the office's own order. A unit sees itself.
    async fn silent_units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "The last of the periods, such as `2026-03` or `2026-Q1`.")] period: PeriodId,
        #[graphql(desc = "How many periods in a row, 1 to 12.", default = 1)] periods: i32,
        #[graphql(desc = "Of what they have nothing.", default_with = "Nothing::Reported")] of: Nothing,
    ) -> async_graphql::Result<Vec<SilentUnit>> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let units = progress::silent(ctx.service()?, network, period.0, periods, of.into()).await.or_graphql()?;
        Ok(units.into_iter().map(SilentUnit).collect())
    }
}
