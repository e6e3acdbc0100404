//! Units (报送单位).

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::NaiveDate;
use entity::ids::{NetworkId, UnitId};
use entity::{person as person_row, role_grant, unit as row, unit_category, unit_parent};
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _};

use super::commission::Commission;
use super::commission_list::{self, CommissionOrder, CommissionWhere};
use super::context::Reach as _;
use super::enums::Role;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::loaders::{CategoriesOf, ParentsOf, PersonOf, StaffOf};
use super::network::{Category, unit_sort};
use super::page::{ByName, List, Page, Sort, SortColumn, list, list_by_name};
use super::payload::payloads;
use super::person::{self, Person, PersonOrder};
use super::progress::QuotaProgress;
use super::record::Staffing;
use super::scalars::{Date, PeriodInput, Points};
use super::score::{Attribution, RankingRow};
use super::succession::{self, FormerName, NamesOf, Succession};
use crate::collation::NameOrder;
use crate::services::{local_day, network_row, progress, rulebook, score, unit};

/// A unit: whoever reports and is ranked.
#[derive(Clone)]
pub struct Unit {
    row: row::Model,
    /// The day as of which it is looked at; none for the present.
    as_of: Option<NaiveDate>,
}

impl Unit {
    /// A unit as it is.
    pub(crate) fn of(row: row::Model) -> Self {
        Self { row, as_of: None }
    }

    /// The day that is asked for: the one that was named, or the one as of which the unit is looked at.
    fn day(&self, named: Option<Date>) -> Option<NaiveDate> {
        named.map(|day| day.0).or(self.as_of)
    }
}

/// A unit: whoever reports and is ranked.
#[Object]
impl Unit {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// Counts the changes of this object; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.row.version
    }

    /// Its name as the office prints it.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name on this day; that of `asOf`, or the present one, if left out.")] on: Option<Date>,
    ) -> async_graphql::Result<String> {
        match self.day(on) {
            Some(day) => succession::name_on(ctx, &self.row, day).await,
            None => Ok(self.row.name.clone()),
        }
    }

    /// The names that it had before, oldest first.
    async fn former_names(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<FormerName>> {
        Ok(ctx.loaders()?.many(NamesOf(self.row.id)).await?.into_iter().map(FormerName).collect())
    }

    /// The units that came directly after it, as far as the viewer may see them.
    async fn successors(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Unit>> {
        succession::neighbours(ctx, self.row.id, true).await
    }

    /// The units that it came directly after, as far as the viewer may see them.
    async fn predecessors(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Unit>> {
        succession::neighbours(ctx, self.row.id, false).await
    }

    /// The mergers, splits and closures that it went through, those that were undone too, oldest first.
    async fn successions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Succession>> {
        succession::successions(ctx, self.row.id).await
    }

    /// The category of a network in which it was on a day.
    async fn category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The network; the one that keeps this unit if left out.")] network: Option<ID>,
        #[graphql(desc = "The day; that of `asOf`, or today, if left out.")] on: Option<Date>,
    ) -> async_graphql::Result<Option<Category>> {
        let service = ctx.service()?;
        let network =
            NetworkId::parse_optional(network.as_ref(), "network").or_graphql()?.unwrap_or(self.row.network_id);
        let Some(network) = ctx.loaders()?.one(network).await? else { return Ok(None) };
        let day = self.day(on).unwrap_or_else(|| local_day(&network, service.now()));
        let memberships = ctx.loaders()?.many(CategoriesOf(self.row.id)).await?;
        let held = memberships.into_iter().rev().find(|row| {
            row.network_id == network.id && row.first_day <= day && row.last_day.is_none_or(|last| last >= day)
        });
        let Some(held) = held else { return Ok(None) };
        let rules = rulebook::in_force(service, service.reader(), network.id, day).await.or_graphql()?;
        let declared = rules.categories().iter().find(|category| category.id == held.category);
        let name = declared.map_or_else(|| held.category.clone(), |category| category.name.clone());
        Ok(Some(Category { id: held.category, name }))
    }

    /// The unit above it on a day, if the viewer may see that.
    async fn parent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day; that of `asOf`, or the present, if left out.")] on: Option<Date>,
    ) -> async_graphql::Result<Option<Unit>> {
        let parents = ctx.loaders()?.many(ParentsOf(self.row.id)).await?;
        let day = self.day(on);
        let holds = |row: &&unit_parent::Model| match day {
            Some(day) => row.first_day <= day && row.last_day.is_none_or(|last| last >= day),
            None => row.last_day.is_none(),
        };
        let as_of = self.as_of;
        match parents.iter().rev().find(holds) {
            Some(row) => Ok(ctx.loaders()?.one(row.parent_id).await?.map(|row| Unit { row, as_of })),
            None => Ok(None),
        }
    }

    /// The units below it on a day that the viewer may see.
    async fn children(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day; that of `asOf`, or the present, if left out.")] on: Option<Date>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Unit>> {
        let service = ctx.service()?;
        let below = unit_parent::Entity::find()
            .select_only()
            .column(unit_parent::Column::UnitId)
            .filter(unit_parent::Column::ParentId.eq(self.row.id))
            .filter(match self.day(on) {
                Some(day) => Condition::all().add(unit_parent::Column::FirstDay.lte(day)).add(
                    Condition::any()
                        .add(unit_parent::Column::LastDay.is_null())
                        .add(unit_parent::Column::LastDay.gte(day)),
                ),
                None => Condition::all().add(unit_parent::Column::LastDay.is_null()),
            })
            .into_query();
        let select = service.scope().units().filter(row::Column::Id.in_subquery(below));
        let as_of = self.as_of;
        let page = Page { first, after, last, before };
        list(ctx, service.reader(), select, unit_sort(), page, move |row| Unit { row, as_of }).await
    }

    /// Whether it is a direct-report point (直报点).
    async fn is_direct_report(&self) -> bool {
        self.row.direct_report
    }

    /// The person whom it stands for, where persons are assessed and the viewer may know of this one.
    async fn person(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        match ctx.loaders()?.one(PersonOf(self.row.id)).await? {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Person)),
            None => Ok(None),
        }
    }

    /// Who does its information work on a day, as far as the viewer sees it.
    async fn staffing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day; that of `asOf`, or everybody at any time, if left out.")] on: Option<Date>,
    ) -> async_graphql::Result<Vec<Staffing>> {
        let rows = ctx.loaders()?.many(StaffOf(self.row.id)).await?.into_iter();
        let day = self.day(on);
        let holds = |row: &entity::staffing::Model| {
            day.is_none_or(|day| row.first_day <= day && row.last_day.is_none_or(|last| last >= day))
        };
        Ok(rows.filter(holds).map(Staffing).collect())
    }

    /// The people with an account who work in it.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn people(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those who hold this role on it.")] role: Option<Role>,
        #[graphql(desc = "In which order.", default)] order_by: PersonOrder,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Person>> {
        let service = ctx.service()?;
        let mut select = service.scope().people().filter(person_row::Column::UnitId.eq(self.row.id));
        if let Some(role) = role {
            let holders = role_grant::Entity::find()
                .select_only()
                .column(role_grant::Column::PersonId)
                .filter(role_grant::Column::UnitId.eq(self.row.id))
                .filter(role_grant::Column::Role.eq(role_grant::Role::from(role)))
                .filter(role_grant::Column::RevokedAt.is_null())
                .into_query();
            select = select.filter(person_row::Column::Id.in_subquery(holders));
        }
        person::list_people(ctx, select, order_by, Page { first, after, last, before }).await
    }

    /// The commissions that ask it for something, as far as the viewer may see them.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn commissions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which commissions.", name = "where")] filter: Option<CommissionWhere>,
        #[graphql(desc = "In which order.", default)] order_by: CommissionOrder,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Commission>> {
        let page = Page { first, after, last, before };
        commission_list::of_unit(ctx, self.row.id, filter.unwrap_or_default(), order_by, page).await
    }

    /// First day on which it exists.
    async fn opened_on(&self) -> Date {
        Date(self.row.opened_on)
    }

    /// Last day on which it existed.
    async fn closed_on(&self) -> Option<Date> {
        self.row.closed_on.map(Date)
    }

    /// Its points in a period.
    async fn score(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which days.")] period: PeriodInput,
        #[graphql(desc = "By whose rules; those of the network that keeps this unit if left out.")] network: Option<ID>,
        #[graphql(desc = "For whom the record of a unit counts that has ended.", default)] attribution: Attribution,
    ) -> async_graphql::Result<Points> {
        let network =
            NetworkId::parse_optional(network.as_ref(), "network").or_graphql()?.unwrap_or(self.row.network_id);
        let span = period.span().or_graphql()?;
        score::total(ctx.service()?, network, self.row.id, span, attribution.into()).await.map(Points).or_graphql()
    }

    /// Its place in its category in a period; null if it is in none.
    async fn rank(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which days, within one assessment year.")] period: PeriodInput,
        #[graphql(desc = "By whose rules; those of the network that keeps this unit if left out.")] network: Option<ID>,
    ) -> async_graphql::Result<Option<RankingRow>> {
        let network =
            NetworkId::parse_optional(network.as_ref(), "network").or_graphql()?.unwrap_or(self.row.network_id);
        let span = period.span().or_graphql()?;
        let row = progress::rank(ctx.service()?, network, self.row.id, span).await.or_graphql()?;
        Ok(row.map(|row| RankingRow { row, network, span }))
    }

    /// What it owes in a period, by the rulebook's quotas and by the targets that were set, and how far it is.
    async fn targets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which days, within one assessment year.")] period: PeriodInput,
        #[graphql(desc = "By whose rules; those of the network that keeps this unit if left out.")] network: Option<ID>,
    ) -> async_graphql::Result<Vec<QuotaProgress>> {
        let network =
            NetworkId::parse_optional(network.as_ref(), "network").or_graphql()?.unwrap_or(self.row.network_id);
        let span = period.span().or_graphql()?;
        let found = progress::progress(ctx.service()?, network, Some(self.row.id), span).await.or_graphql()?;
        Ok(found.0.into_iter().map(QuotaProgress).collect())
    }
}

fn id_of(row: &row::Model) -> i64 {
    row.id.0
}

fn name_of(row: &row::Model) -> &str {
    &row.name
}

/// Which units.
#[derive(InputObject, Default)]
pub struct UnitWhere {
    /// Names that contain this text.
    name_contains: Option<String>,
    /// Members of this category today.
    category: Option<String>,
    /// Only direct-report points, or only others.
    is_direct_report: Option<bool>,
}

/// In which order.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnitOrder {
    /// The office's own order.
    #[default]
    Position,
    /// By name, character by character.
    Name,
    /// By name, in the order of pinyin (拼音).
    Pinyin,
    /// By name, by number of strokes (笔画).
    Stroke,
}

/// A new unit.
#[derive(InputObject)]
pub struct CreateUnitInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// In which network.
    network: ID,
    /// Its name, unique in the network.
    name: String,
    /// Code of its category.
    category: String,
    /// The unit above it.
    parent: Option<ID>,
    /// Whether it is a direct-report point.
    #[graphql(default)]
    is_direct_report: bool,
    /// First day on which it exists.
    opened_on: Date,
}

/// A move to another category or parent.
#[derive(InputObject)]
pub struct MoveUnitInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which unit.
    unit: ID,
    /// The version that you read.
    expected_version: i64,
    /// Code of the new category, if that changes.
    category: Option<String>,
    /// The new unit above it, if that changes.
    parent: Option<ID>,
    /// First day of the new relation; everything before it stays as it was.
    first_day: Date,
}

payloads! {
    /// What came of setting up a unit.
    CreateUnitPayload {
        /// The unit.
        unit: Unit,
    }
    /// What came of moving a unit.
    MoveUnitPayload {
        /// The unit.
        unit: Unit,
    }
}

/// Units.
#[derive(Default)]
pub struct UnitQuery;

#[Object]
impl UnitQuery {
    /// The unit with this id, if the viewer may know of it. As of a day, its name, category, parent, children and staff are those of
    /// that day unless a field names another one, and it is null where it did not exist.
    async fn unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
        #[graphql(desc = "As it was on this day; as it is if left out.")] as_of: Option<Date>,
    ) -> async_graphql::Result<Option<Unit>> {
        ctx.service()?;
        let id = UnitId::parse(&id, "id").or_graphql()?;
        let Some(row) = ctx.loaders()?.one(id).await? else { return Ok(None) };
        let as_of = as_of.map(|day| day.0);
        let existed = |day: NaiveDate| row.opened_on <= day && row.closed_on.is_none_or(|closed| day <= closed);
        Ok(as_of.is_none_or(existed).then_some(Unit { row, as_of }))
    }

    /// Units of a network that the viewer may see.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which units.", name = "where")] filter: Option<UnitWhere>,
        #[graphql(desc = "In which order.", default)] order_by: UnitOrder,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Unit>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let filter = filter.unwrap_or_default();
        let mut members = unit_category::Entity::find()
            .select_only()
            .column(unit_category::Column::UnitId)
            .filter(unit_category::Column::NetworkId.eq(network));
        if let Some(category) = filter.category {
            let today = local_day(&network_row(service.reader(), network).await.or_graphql()?, service.now());
            members = members.filter(unit_category::Column::Category.eq(category)).filter(
                Condition::any()
                    .add(unit_category::Column::LastDay.is_null())
                    .add(unit_category::Column::LastDay.gte(today)),
            );
        }
        let mut select = service.scope().units().filter(row::Column::Id.in_subquery(members.into_query()));
        if let Some(text) = filter.name_contains {
            select = select.filter(row::Column::Name.contains(text));
        }
        if let Some(direct) = filter.is_direct_report {
            select = select.filter(row::Column::DirectReport.eq(direct));
        }
        let page = Page { first, after, last, before };
        let sort = match order_by {
            UnitOrder::Pinyin => {
                let by = ByName { order: NameOrder::Pinyin, id_of, name_of };
                return list_by_name(service.reader(), select, by, page, Unit::of).await;
            }
            UnitOrder::Stroke => {
                let by = ByName { order: NameOrder::Stroke, id_of, name_of };
                return list_by_name(service.reader(), select, by, page, Unit::of).await;
            }
            UnitOrder::Position => unit_sort(),
            UnitOrder::Name => Sort {
                by: Some(SortColumn {
                    column: row::Column::Name,
                    text: |row: &row::Model| row.name.clone(),
                    value: |text| Some(text.into()),
                }),
                ..unit_sort()
            },
        };
        list(ctx, service.reader(), select, sort, page, Unit::of).await
    }
}

/// Setting up and moving units.
#[derive(Default)]
pub struct UnitMutation;

#[Object]
impl UnitMutation {
    /// Sets up a unit. For system administrators.
    async fn create_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateUnitInput,
    ) -> async_graphql::Result<CreateUnitPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = unit::CreateUnit {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                name: input.name,
                category: input.category,
                parent: GlobalId::parse_optional(input.parent.as_ref(), "parent")?,
                direct_report: input.is_direct_report,
                opened_on: input.opened_on.0,
            };
            unit::create(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => CreateUnitPayload {
                unit: ctx.loaders()?.one(outcome.unit).await?.map(Unit::of),
                user_errors: Vec::new(),
            },
            Err(errors) => CreateUnitPayload::refused(errors),
        })
    }

    /// Moves a unit to another category or parent from a day on. For system administrators.
    async fn move_unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: MoveUnitInput,
    ) -> async_graphql::Result<MoveUnitPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = unit::MoveUnit {
                idempotency_key: input.idempotency_key,
                unit: GlobalId::parse(&input.unit, "unit")?,
                expected_version: input.expected_version,
                category: input.category,
                parent: GlobalId::parse_optional(input.parent.as_ref(), "parent")?,
                first_day: input.first_day.0,
            };
            unit::relocate(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                MoveUnitPayload { unit: ctx.loaders()?.one(outcome.unit).await?.map(Unit::of), user_errors: Vec::new() }
            }
            Err(errors) => MoveUnitPayload::refused(errors),
        })
    }
}
