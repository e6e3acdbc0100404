//! Circulars (通报): published results of closed periods.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::circular as row;
use entity::ids::{CircularId, RulebookVersionId, UnitId};
use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryOrder as _};

use super::context::Reach as _;
use super::correction::CircularChange;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::network::{Category, Network};
use super::payload::payloads;
use super::person::Person;
use super::rulebook::RulebookVersion;
use super::scalars::{Days, PeriodId, Points, Ratio};
use super::submission::Action;
use super::unit::Unit;
use crate::auth::policy::Action as PolicyAction;
use crate::error::Error;
use crate::services::circular::{self, Published, compute, correct, document, verify};
use crate::services::download::File;

/// How long the period of a circular is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::circular::CircularKind")]
pub enum CircularKind {
    /// A month (月通报).
    Monthly,
    /// A quarter (季度通报).
    Quarterly,
    /// A half-year (半年通报).
    HalfYearly,
    /// A year (年度通报).
    Yearly,
}

/// Life of a circular.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::circular::CircularState")]
pub enum CircularState {
    /// The edition that counts.
    Published,
    /// A later edition has taken its place; it can still be read.
    Superseded,
}

/// How the document of a circular is written.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[graphql(remote = "document::Format")]
pub enum CircularFormat {
    /// A text document in the layout of GB/T 9704 and GB/T 33476.2.
    #[default]
    Docx,
    /// A page of HTML of its own, in the same layout when it is printed.
    Html,
}

/// A circular (通报): the results of a closed period as they were published. Every unit of the network sees every row.
#[derive(Clone)]
pub struct Circular(pub(crate) row::Model);

/// A circular (通报): the results of a closed period as they were published. Every unit of the network sees every row.
#[Object]
impl Circular {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Counts the changes of this object; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// What the viewer may do to it now.
    async fn actions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Action>> {
        let verdict = correct::may(ctx.service()?, &self.0).await;
        Ok(vec![Action::new(PolicyAction::CorrectCircular, verdict)])
    }

    /// Whose results.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Network> {
        super::network::find(ctx, self.0.network_id).await
    }

    /// Of which period.
    async fn period(&self) -> async_graphql::Result<PeriodId> {
        self.0.period.parse().map(PeriodId).map_err(Error::internal).or_graphql()
    }

    /// The days of the period.
    async fn days(&self) -> Days {
        analytics::period::Span { first: self.0.first_day, last: self.0.last_day }.into()
    }

    /// How long the period is.
    async fn kind(&self) -> CircularKind {
        self.0.kind.into()
    }

    /// Counts the editions of the period from 1.
    async fn edition(&self) -> i64 {
        self.0.edition
    }

    /// Whether a later edition has taken its place.
    async fn state(&self) -> CircularState {
        self.0.state.into()
    }

    /// Digest of its canonical form, hexadecimal: the same results give the same digest.
    async fn sha256(&self) -> &str {
        &self.0.sha256
    }

    /// The units, by category and place.
    async fn rows(
        &self,
        #[graphql(desc = "Only this category, by code.")] category: Option<String>,
    ) -> async_graphql::Result<Vec<CircularRow>> {
        let rows = Published::read(self.0.clone()).or_graphql()?.rows;
        let asked = |row: &compute::Row| category.as_ref().is_none_or(|category| row.category == *category);
        Ok(rows.into_iter().filter(asked).map(CircularRow).collect())
    }

    /// The rulebook versions in force within the period, oldest first.
    async fn rulebook_versions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<RulebookVersion>> {
        let ids: Vec<RulebookVersionId> =
            serde_json::from_str(&self.0.rulebooks).map_err(Error::internal).or_graphql()?;
        Ok(ctx.loaders()?.each(ids).await?.into_iter().map(RulebookVersion).collect())
    }

    /// Last act of the network that it contains.
    async fn data_version(&self) -> i64 {
        self.0.data_version
    }

    /// The circular of the period before, with whose places it compares.
    async fn previous(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Circular>> {
        match self.0.previous_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Circular)),
            None => Ok(None),
        }
    }

    /// What changed against the edition before, unit by unit; null in a first edition.
    async fn diff(&self) -> async_graphql::Result<Option<Vec<CircularChange>>> {
        let Some(diff) = &self.0.diff else { return Ok(None) };
        let changes: Vec<correct::UnitChange> = serde_json::from_str(diff).map_err(Error::internal).or_graphql()?;
        Ok(Some(changes.into_iter().map(CircularChange).collect()))
    }

    /// Why it was corrected; null in a first edition.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Every edition of the same period, the first one first.
    async fn editions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Circular>> {
        let service = ctx.service()?;
        let select = service
            .scope()
            .circulars()
            .filter(row::Column::NetworkId.eq(self.0.network_id))
            .filter(row::Column::Period.eq(&self.0.period))
            .order_by_asc(row::Column::Edition);
        Ok(select.all(service.reader()).await.or_graphql()?.into_iter().map(Circular).collect())
    }

    /// Path on this server at which the circular can be fetched as an official document for five minutes, with its ticket. The same edition
    /// gives the same bytes each time.
    async fn document(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is written.", default)] format: CircularFormat,
    ) -> async_graphql::Result<String> {
        super::export::link(ctx, File::Circular(self.0.id, format.into()))
    }

    /// Who published it, if the viewer may know of them.
    async fn published_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        Ok(ctx.loaders()?.one(self.0.published_by).await?.map(Person))
    }

    /// When.
    async fn published_at(&self) -> DateTime<Utc> {
        self.0.published_at
    }
}

/// A unit's row in a circular, with the names as they were.
pub struct CircularRow(compute::Row);

/// A unit's row in a circular, with the names as they were.
#[Object]
impl CircularRow {
    /// The unit, if the viewer may see more of it than this row.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit).await?.map(Unit::of))
    }

    /// Global id of the unit.
    async fn unit_id(&self) -> ID {
        let id: UnitId = self.0.unit;
        id.global()
    }

    /// Name of the unit when the circular was published.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its category in the period.
    async fn category(&self) -> Category {
        Category { id: self.0.category.clone(), name: self.0.category_name.clone() }
    }

    /// Its points.
    async fn score(&self) -> Points {
        Points(self.0.score)
    }

    /// Its place: equal points, equal place, and the next place is left out.
    async fn rank(&self) -> u32 {
        self.0.rank
    }

    /// Out of how many: the size of the category.
    async fn of(&self) -> u32 {
        self.0.of
    }

    /// Whether another unit has the same place.
    async fn tied(&self) -> bool {
        self.0.tied
    }

    /// Places gained, or lost when negative, against the circular of the period before; null without one, or after a change of category.
    async fn change(&self) -> Option<i64> {
        self.0.previous_rank.map(|before| i64::from(before) - i64::from(self.0.rank))
    }

    /// Submissions that count as handed in.
    async fn submitted(&self) -> i64 {
        self.0.submitted
    }

    /// Different submissions adopted.
    async fn adopted_items(&self) -> i64 {
        self.0.adopted_items
    }

    /// Adoptions; a submission that three publications adopted counts three times.
    async fn adoptions(&self) -> i64 {
        self.0.adoptions
    }

    /// Adopted ÷ handed in; null without submissions.
    async fn rate(&self) -> Option<Ratio> {
        self.0.rate.clone().map(Ratio)
    }

    /// The lists of the rulebook on which it stands, such as the last of each category.
    async fn lists(&self) -> Vec<CircularListing> {
        let listing = |listed: &compute::Listed| CircularListing {
            list: listed.list.clone(),
            title: listed.title.clone(),
            clause: listed.clause.clone(),
        };
        self.0.lists.iter().map(listing).collect()
    }
}

/// A unit's place on a list of the rulebook.
#[derive(SimpleObject)]
pub struct CircularListing {
    /// The list, as the rulebook calls it.
    list: String,
    /// What it lists.
    title: String,
    /// Where it stands in the document.
    clause: String,
}

/// What recomputing a circular from the ledger gave.
#[derive(SimpleObject)]
pub struct CircularVerdict {
    /// The circular.
    circular: Circular,
    /// Whether everything is as it was published.
    holds: bool,
    /// The digest that the facts and the rules give now.
    recomputed: String,
    /// Names of the units whose stored rows differ from the recomputed ones.
    different: Vec<String>,
}

/// Which circulars.
#[derive(InputObject, Default)]
pub struct CircularWhere {
    /// Of periods of this length.
    kind: Option<CircularKind>,
    /// In this state.
    state: Option<CircularState>,
    /// Of this period.
    period: Option<PeriodId>,
}

impl CircularWhere {
    /// The rows that are meant.
    pub(crate) fn filter(self, select: sea_orm::Select<row::Entity>) -> sea_orm::Select<row::Entity> {
        use sea_orm::QueryTrait as _;
        select
            .apply_if(self.kind, |select, kind| {
                select.filter(row::Column::Kind.eq(entity::circular::CircularKind::from(kind)))
            })
            .apply_if(self.state, |select, state| {
                select.filter(row::Column::State.eq(entity::circular::CircularState::from(state)))
            })
            .apply_if(self.period, |select, period| select.filter(row::Column::Period.eq(period.0.to_string())))
    }
}

/// A circular to publish.
#[derive(InputObject)]
pub struct PublishCircularInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Whose results.
    network: ID,
    /// A closed month, quarter, half-year or year.
    period: PeriodId,
}

/// A circular to correct.
#[derive(InputObject)]
pub struct CorrectCircularInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// The edition that counts.
    circular: ID,
    /// The version that you read.
    expected_version: i64,
    /// Why, 1 to 500 characters.
    reason: String,
}

payloads! {
    /// What came of an act on a circular.
    CircularPayload {
        /// The circular.
        circular: Circular,
    }
}

async fn payload(
    ctx: &Context<'_>,
    result: crate::error::Result<circular::CircularOutcome>,
) -> async_graphql::Result<CircularPayload> {
    Ok(match settle(result)? {
        Ok(outcome) => CircularPayload {
            circular: ctx.loaders()?.one(outcome.circular).await?.map(Circular),
            user_errors: Vec::new(),
        },
        Err(errors) => CircularPayload::refused(errors),
    })
}

/// Circulars.
#[derive(Default)]
pub struct CircularQuery;

#[Object]
impl CircularQuery {
    /// The circular with this id, if the viewer may see it.
    async fn circular(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> async_graphql::Result<Option<Circular>> {
        let id = CircularId::parse(&id, "id").or_graphql()?;
        Ok(ctx.loaders()?.one(id).await?.map(Circular))
    }

    /// Recomputes a circular from the ledger and compares it with what was published. For those who see the whole network.
    async fn verify_circular(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> async_graphql::Result<CircularVerdict> {
        let id = CircularId::parse(&id, "id").or_graphql()?;
        let verdict = verify::check(ctx.service()?, id).await.or_graphql()?;
        Ok(CircularVerdict {
            holds: verdict.holds(),
            recomputed: verdict.recomputed,
            different: verdict.different,
            circular: Circular(verdict.circular),
        })
    }
}

/// Publishing circulars.
#[derive(Default)]
pub struct CircularMutation;

#[Object]
impl CircularMutation {
    /// Publishes the results of a closed period: rows, digest, rulebook versions, never changed afterwards. For chief editors.
    async fn publish_circular(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PublishCircularInput,
    ) -> async_graphql::Result<CircularPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = circular::PublishCircular {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                period: input.period.0,
            };
            circular::publish(service, command).await
        };
        payload(ctx, run.await).await
    }

    /// Publishes the next edition of a circular: the period with its late facts and reversals on their own days, and every difference.
    /// The points themselves count where they were recorded; the old edition stays. For chief editors.
    async fn correct_circular(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CorrectCircularInput,
    ) -> async_graphql::Result<CircularPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = correct::CorrectCircular {
                idempotency_key: input.idempotency_key,
                circular: GlobalId::parse(&input.circular, "circular")?,
                expected_version: input.expected_version,
                reason: input.reason,
            };
            correct::correct(service, command).await
        };
        payload(ctx, run.await).await
    }
}
