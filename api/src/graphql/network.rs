//! Networks, with their categories, publications, rulebooks and members.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::{circular, closing, network as row, unit, unit_category};
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _};

use super::circular::{Circular, CircularWhere};
use super::closing::Closing;
use super::context::Reach as _;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::loaders::{PublicationsOf, RulebooksOf};
use super::page::{List, Page, Sort, SortColumn, list};
use super::payload::payloads;
use super::publication::Publication;
use super::rulebook::RulebookVersion;
use super::scalars::Date;
use super::unit::Unit;
use crate::error::Error;
use crate::services::{local_day, network, rulebook};

/// An information network (信息网络): one office, its members and its rules.
#[derive(Clone)]
pub struct Network(pub(crate) row::Model);

/// A group of units that are measured by the same rules and ranked among themselves.
#[derive(SimpleObject, Clone)]
pub struct Category {
    /// Code, as the rulebook declares it.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
}

/// An information network (信息网络): one office, its members and its rules.
#[Object]
impl Network {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Short stable name.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// IANA time zone in which its days begin.
    async fn time_zone(&self) -> &str {
        &self.0.time_zone
    }

    /// Counts the changes of this object; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// The unit of the network above that runs this one, if the viewer may see it.
    async fn owner(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        match self.0.owner_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Unit::of)),
            None => Ok(None),
        }
    }

    /// Code of the level, in this network's rulebook, at which the network above stands.
    async fn level_above(&self) -> Option<&str> {
        self.0.level_above.as_deref()
    }

    /// The rulebook in force on a day.
    async fn rulebook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day; today if left out.")] on: Option<Date>,
    ) -> async_graphql::Result<Option<RulebookVersion>> {
        let day =
            on.map_or_else(|| ctx.service().map(|service| local_day(&self.0, service.now())), |date| Ok(date.0))?;
        let versions = ctx.loaders()?.many(RulebooksOf(self.0.id)).await?;
        let active = |version: &&entity::rulebook_version::Model| {
            version.state == entity::rulebook_version::RulebookState::Active && version.effective_from <= day
        };
        Ok(versions.iter().filter(active).max_by_key(|version| version.effective_from).cloned().map(RulebookVersion))
    }

    /// Every version of the rulebook that the viewer may see, oldest first.
    async fn rulebooks(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<RulebookVersion>> {
        Ok(ctx.loaders()?.many(RulebooksOf(self.0.id)).await?.into_iter().map(RulebookVersion).collect())
    }

    /// The categories of the rulebook in force today, in its order.
    async fn categories(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Category>> {
        let service = ctx.service()?;
        let today = local_day(&self.0, service.now());
        let rules = rulebook::in_force(service, service.reader(), self.0.id, today).await.or_graphql()?;
        Ok(rules
            .categories()
            .iter()
            .map(|category| Category { id: category.id.clone(), name: category.name.clone() })
            .collect())
    }

    /// The publications that count in this network, in the rulebook's order.
    async fn publications(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Publication>> {
        Ok(ctx.loaders()?.many(PublicationsOf(self.0.id)).await?.into_iter().map(Publication).collect())
    }

    /// Its closed periods, the last first.
    async fn closings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Closing>> {
        let service = ctx.service()?;
        let select = service.scope().closings().filter(closing::Column::NetworkId.eq(self.0.id));
        let sort = Sort { id: closing::Column::Id, id_of: |row: &closing::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, Closing).await
    }

    /// Its circulars, the last published first.
    async fn circulars(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "where", desc = "Which ones.")] filter: Option<CircularWhere>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Circular>> {
        let service = ctx.service()?;
        let select = service.scope().circulars().filter(circular::Column::NetworkId.eq(self.0.id));
        let select = filter.unwrap_or_default().filter(select);
        let sort =
            Sort { id: circular::Column::Id, id_of: |row: &circular::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, Circular).await
    }

    /// The members that the viewer may see, in the office's own order.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only members of this category.")] category: Option<String>,
        #[graphql(desc = "Members on this day; today if left out.")] on: Option<Date>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Unit>> {
        let service = ctx.service()?;
        let day = on.map_or_else(|| local_day(&self.0, service.now()), |date| date.0);
        let mut members = unit_category::Entity::find()
            .select_only()
            .column(unit_category::Column::UnitId)
            .filter(unit_category::Column::NetworkId.eq(self.0.id))
            .filter(unit_category::Column::FirstDay.lte(day))
            .filter(
                Condition::any()
                    .add(unit_category::Column::LastDay.is_null())
                    .add(unit_category::Column::LastDay.gte(day)),
            );
        if let Some(category) = category {
            members = members.filter(unit_category::Column::Category.eq(category));
        }
        let select = service.scope().units().filter(unit::Column::Id.in_subquery(members.into_query()));
        list(ctx, service.reader(), select, unit_sort(), Page { first, after, last, before }, Unit::of).await
    }
}

/// Units in the office's own order.
pub(crate) fn unit_sort() -> Sort<unit::Entity> {
    Sort {
        id: unit::Column::Id,
        id_of: |row| row.id.0,
        by: Some(SortColumn {
            column: unit::Column::Position,
            text: |row| row.position.to_string(),
            value: |text| text.parse::<i64>().ok().map(Into::into),
        }),
        descending: false,
    }
}

/// A new network.
#[derive(InputObject)]
pub struct CreateNetworkInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Short stable name: lower-case letters, digits and hyphens.
    code: String,
    /// What people call it.
    name: String,
    /// Its first rulebook, TOML. The members that it names become units.
    rulebook: String,
}

payloads! {
    /// What came of setting up a network.
    CreateNetworkPayload {
        /// The network.
        network: Network,
    }
}

/// Networks.
#[derive(Default)]
pub struct NetworkQuery;

#[Object]
impl NetworkQuery {
    /// The network with this code, if the viewer may know of it.
    async fn network(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its short name.")] code: String,
    ) -> async_graphql::Result<Option<Network>> {
        let service = ctx.service()?;
        let select = service.scope().networks().filter(row::Column::Code.eq(code));
        Ok(select.one(service.reader()).await.or_graphql()?.map(Network))
    }

    /// The networks that the viewer may know of, oldest first.
    async fn networks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Network>> {
        let service = ctx.service()?;
        let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: false };
        list(ctx, service.reader(), service.scope().networks(), sort, Page { first, after, last, before }, Network)
            .await
    }
}

/// Setting up networks.
#[derive(Default)]
pub struct NetworkMutation;

#[Object]
impl NetworkMutation {
    /// Sets up a network from a rulebook file. For system administrators.
    async fn create_network(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateNetworkInput,
    ) -> async_graphql::Result<CreateNetworkPayload> {
        let command = network::CreateNetwork {
            idempotency_key: input.idempotency_key,
            code: input.code,
            name: input.name,
            rulebook: input.rulebook,
        };
        Ok(match settle(network::create(ctx.service()?, command).await)? {
            Ok(outcome) => CreateNetworkPayload {
                network: ctx.loaders()?.one(outcome.network).await?.map(Network),
                user_errors: Vec::new(),
            },
            Err(errors) => CreateNetworkPayload::refused(errors),
        })
    }
}

/// Finds a network for a field whose answer cannot go without it.
pub(crate) async fn find(ctx: &Context<'_>, id: entity::ids::NetworkId) -> async_graphql::Result<Network> {
    ctx.loaders()?.one(id).await?.map(Network).ok_or_else(Error::not_found).or_graphql()
}
