//! The screening desk's queue: submissions by id, and as a list with filters and orders.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::ids::{NetworkId, PersonId, SubmissionId, UnitId};
use entity::{adoption, submission as row, unit_category};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ColumnTrait as _, Condition, DbBackend, EntityTrait as _, ExprTrait as _, QueryFilter as _, QuerySelect as _,
    QueryTrait as _,
};

use super::context::Reach as _;
use super::enums::SubmissionState;
use super::errors::OrGraphql as _;
use super::ids::GlobalId;
use super::page::{List, Page, Sort, SortColumn, list};
use super::scalars::Date;
use super::submission::Submission;
use crate::auth::scope::Scope;
use crate::error::Error;
use crate::services::submission::claim;
use crate::services::{local_day, search};

/// Which submissions.
#[derive(InputObject, Default)]
pub struct SubmissionWhere {
    /// In one of these states.
    states: Option<Vec<SubmissionState>>,
    /// Of one of these units.
    units: Option<Vec<ID>>,
    /// Of these kinds, by code.
    kinds: Option<Vec<String>>,
    /// On these topics, by code.
    topics: Option<Vec<String>>,
    /// Handed in on this day or later.
    submitted_from: Option<Date>,
    /// Handed in on this day or earlier.
    submitted_to: Option<Date>,
    /// Marked urgent, or not.
    is_urgent: Option<bool>,
    /// Marked important, or not.
    is_important: Option<bool>,
    /// Handed in after the deadline of its kind, or not.
    is_late: Option<bool>,
    /// Of units that are in one of these categories today, by code.
    categories: Option<Vec<String>>,
    /// Claimed by an editor now, or not. For those who see the whole office.
    is_claimed: Option<bool>,
    /// Claimed by this editor now. For those who see the whole office.
    claimed_by: Option<ID>,
    /// Adopted by this publication.
    adopted_by: Option<ID>,
    /// With this text in the title.
    title_contains: Option<String>,
    /// With all these words, apart by spaces, in the title or in the text. Chinese words of any length are found; full- and
    /// half-width, upper and lower case are one. For those who may not read a text, only its title is searched.
    text: Option<String>,
    /// Counted as the repetition of an earlier one, or not.
    is_repetition: Option<bool>,
}

/// In which order.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
pub enum SubmissionOrder {
    /// The last drafted first.
    #[default]
    Newest,
    /// The first drafted first.
    Oldest,
    /// By title, character by character.
    Title,
    /// The urgent ones first, and of these and of the others the last drafted first.
    Urgent,
}

fn sort(order: SubmissionOrder) -> Sort<row::Entity> {
    let by_id = |descending| Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending };
    match order {
        SubmissionOrder::Newest => by_id(true),
        SubmissionOrder::Oldest => by_id(false),
        SubmissionOrder::Urgent => Sort {
            by: Some(SortColumn {
                column: row::Column::Urgent,
                text: |row: &row::Model| row.urgent.to_string(),
                value: |text| text.parse::<bool>().ok().map(Into::into),
            }),
            ..by_id(true)
        },
        SubmissionOrder::Title => Sort {
            by: Some(SortColumn {
                column: row::Column::Title,
                text: |row: &row::Model| row.title.clone(),
                value: |text| Some(text.into()),
            }),
            ..by_id(false)
        },
    }
}

/// The desk at which the question is asked: of which network, and when.
#[derive(Clone, Copy)]
struct Desk {
    network: NetworkId,
    now: DateTime<Utc>,
    today: NaiveDate,
    backend: DbBackend,
}

/// Units that are in one of the categories today.
fn members(at: &Desk, categories: Vec<String>) -> SelectStatement {
    unit_category::Entity::find()
        .select_only()
        .column(unit_category::Column::UnitId)
        .filter(unit_category::Column::NetworkId.eq(at.network))
        .filter(unit_category::Column::Category.is_in(categories))
        .filter(unit_category::Column::FirstDay.lte(at.today))
        .filter(
            Condition::any()
                .add(unit_category::Column::LastDay.is_null())
                .add(unit_category::Column::LastDay.gte(at.today)),
        )
        .into_query()
}

impl SubmissionWhere {
    fn apply(
        self,
        scope: &Scope,
        at: Desk,
        mut select: sea_orm::Select<row::Entity>,
    ) -> crate::error::Result<sea_orm::Select<row::Entity>> {
        if let Some(states) = self.states {
            let states = states.into_iter().map(entity::submission::SubmissionState::from);
            select = select.filter(row::Column::State.is_in(states));
        }
        if let Some(units) = self.units {
            let units: Vec<UnitId> =
                units.iter().map(|id| GlobalId::parse(id, "where.units")).collect::<crate::error::Result<_>>()?;
            select = select.filter(row::Column::UnitId.is_in(units));
        }
        if let Some(kinds) = self.kinds {
            select = select.filter(row::Column::Kind.is_in(kinds));
        }
        if let Some(topics) = self.topics {
            select = select.filter(row::Column::Topic.is_in(topics));
        }
        if let Some(from) = self.submitted_from {
            select = select.filter(row::Column::SubmittedOn.gte(from.0));
        }
        if let Some(to) = self.submitted_to {
            select = select.filter(row::Column::SubmittedOn.lte(to.0));
        }
        if let Some(urgent) = self.is_urgent {
            select = select.filter(row::Column::Urgent.eq(urgent));
        }
        if let Some(important) = self.is_important {
            select = select.filter(row::Column::Important.eq(important));
        }
        if let Some(late) = self.is_late {
            let is_late = row::Column::LateDays.gt(0);
            let in_time = Condition::any().add(row::Column::LateDays.is_null()).add(row::Column::LateDays.eq(0));
            select = select.filter(if late { Condition::all().add(is_late) } else { in_time });
        }
        if let Some(categories) = self.categories {
            select = select.filter(row::Column::UnitId.in_subquery(members(&at, categories)));
        }
        if (self.is_claimed.is_some() || self.claimed_by.is_some()) && !scope.sees_network(at.network) {
            return Err(Error::forbidden().at("where"));
        }
        let claimed = row::Column::ClaimedAt.gt(at.now - Duration::hours(claim::HOURS));
        if let Some(is_claimed) = self.is_claimed {
            let free = Condition::any().add(row::Column::ClaimedAt.is_null()).add(claimed.clone().not());
            select = select.filter(if is_claimed { Condition::all().add(claimed.clone()) } else { free });
        }
        if let Some(editor) = PersonId::parse_optional(self.claimed_by.as_ref(), "where.claimedBy")? {
            select = select.filter(row::Column::ClaimedBy.eq(editor)).filter(claimed);
        }
        if let Some(publication) =
            entity::ids::PublicationId::parse_optional(self.adopted_by.as_ref(), "where.adoptedBy")?
        {
            let adopted = scope
                .adoptions()
                .select_only()
                .column(adoption::Column::SubmissionId)
                .filter(adoption::Column::RevokedAt.is_null())
                .filter(adoption::Column::PublicationId.eq(publication))
                .into_query();
            select = select.filter(row::Column::Id.in_subquery(adopted));
        }
        if let Some(text) = self.text {
            select = select.filter(search::matching(scope, at.backend, &text, "where.text")?);
        }
        if let Some(repetition) = self.is_repetition {
            let repeats = row::Column::RepeatsId;
            select = select.filter(if repetition { repeats.is_not_null() } else { repeats.is_null() });
        }
        if let Some(text) = self.title_contains {
            select = select.filter(row::Column::Title.contains(text));
        }
        Ok(select)
    }
}

/// Submissions.
#[derive(Default)]
pub struct SubmissionQuery;

#[Object]
impl SubmissionQuery {
    /// The submission with this id, if the viewer may know of it.
    async fn submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> async_graphql::Result<Option<Submission>> {
        ctx.service()?;
        let id = SubmissionId::parse(&id, "id").or_graphql()?;
        Ok(ctx.loaders()?.one(id).await?.map(Submission))
    }

    /// Submissions of a network that the viewer may see.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn submissions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which submissions.", name = "where")] filter: Option<SubmissionWhere>,
        #[graphql(desc = "In which order.", default)] order_by: SubmissionOrder,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Submission>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let select = service.scope().submissions().filter(row::Column::NetworkId.eq(network));
        let now = service.now();
        let today = match ctx.loaders()?.one(network).await? {
            Some(network) => local_day(&network, now),
            None => now.date_naive(),
        };
        let at = Desk { network, now, today, backend: service.reader().get_database_backend() };
        let select = filter.unwrap_or_default().apply(service.scope(), at, select).or_graphql()?;
        list(ctx, service.reader(), select, sort(order_by), Page { first, after, last, before }, Submission).await
    }
}
