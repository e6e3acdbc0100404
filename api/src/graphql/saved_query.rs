//! Saved queries: questions with a name, asked again by whoever they are shared with.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::ids::{NetworkId, SavedQueryId};
use entity::saved_query as row;
use entity::saved_query_version;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::analytics::AnalyticsResult;
use super::analytics::question::{QuestionInput, saved};
use super::context::Reach as _;
use super::enums::Role;
use super::errors::{OrGraphql as _, graphql_error, settle};
use super::ids::GlobalId as _;
use super::network::Network;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::person::Person;
use crate::services::export::manifest;
use crate::services::saved_query;

/// A question with a name.
#[derive(Clone)]
pub struct SavedQuery(pub(crate) row::Model);

/// A question with a name.
#[Object]
impl SavedQuery {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The number of its last version; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// About which network.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Network> {
        super::network::find(ctx, self.0.network_id).await
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whose it is, if the viewer may know of them.
    async fn owner(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        Ok(ctx.loaders()?.one(self.0.person_id).await?.map(Person))
    }

    /// The roles whose holders in the network may ask it too.
    async fn shared_with(&self) -> Vec<Role> {
        use sea_orm::Iterable as _;
        let roles = entity::role_grant::Role::iter();
        roles.filter(|role| self.0.shared_with.contains(&row::marked(*role))).map(Into::into).collect()
    }

    /// When it was changed last.
    async fn changed_at(&self) -> DateTime<Utc> {
        self.0.changed_at
    }

    /// What it asks and asked, the last version first.
    async fn versions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<SavedQueryVersion>> {
        let found = saved_query_version::Entity::find()
            .filter(saved_query_version::Column::SavedQueryId.eq(self.0.id))
            .order_by_desc(saved_query_version::Column::Number)
            .all(ctx.service()?.reader())
            .await
            .or_graphql()?;
        let version = |row: saved_query_version::Model| SavedQueryVersion {
            number: row.number,
            question: row.question,
            saved_at: row.saved_at,
        };
        Ok(found.into_iter().map(version).collect())
    }
}

/// What a saved query asks, or asked.
#[derive(SimpleObject, Clone)]
pub struct SavedQueryVersion {
    /// Counts the versions from 1.
    number: i64,
    /// The question, as JSON.
    question: String,
    /// When it was saved.
    saved_at: DateTime<Utc>,
}

/// The answer to a saved query.
#[derive(SimpleObject)]
pub struct SavedQueryRun {
    /// The query.
    saved_query: SavedQuery,
    /// Which of its versions was asked.
    version: i64,
    /// The question that was asked, as JSON.
    question: String,
    /// SHA-256 of the answer as a table: the same as that of an export of the same figures, and the same again as long as the
    /// figures are.
    digest: String,
    /// The answer.
    result: AnalyticsResult,
}

/// A query to be saved.
#[derive(InputObject)]
pub struct SaveQueryInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// The query that gets a new version; a new query if left out.
    saved_query: Option<ID>,
    /// The version of it that was seen; with `savedQuery`.
    expected_version: Option<i64>,
    /// Its name, 1 to 80 characters; each person's are different.
    name: String,
    /// The question. Relative periods, such as `{ last: … }`, are resolved each time it is asked.
    question: QuestionInput,
    /// The roles whose holders in the network may ask it too.
    #[graphql(default)]
    shared_with: Vec<Role>,
}

payloads! {
    /// What came of saving a query.
    SaveQueryPayload {
        /// The query.
        saved_query: SavedQuery,
    }
}

/// Saved queries.
#[derive(Default)]
pub struct SavedQueryQuery;

#[Object]
impl SavedQueryQuery {
    /// The viewer's own saved queries and those that are shared with them, the last saved first.
    async fn saved_queries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<SavedQuery>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let select = service.scope().saved_queries().filter(row::Column::NetworkId.eq(network));
        let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, SavedQuery).await
    }

    /// Asks a saved query again, with the figures that the viewer may read.
    async fn run_saved_query(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which query.")] id: ID,
        #[graphql(desc = "In which version; the last one if left out.")] version: Option<i64>,
    ) -> async_graphql::Result<SavedQueryRun> {
        let service = ctx.service()?;
        let run = async {
            let (query, version) = saved_query::find(service, SavedQueryId::parse(&id, "id")?, version).await?;
            let question = saved(&version.question)?.asked()?;
            let asked = crate::services::analytics::open(service, question.network, question.as_of).await?;
            let result = super::analytics::ask(asked, question.query.clone(), false).await?;
            let digest = manifest::digest_of(&result.shared.query, &result.shared.answer, question.unit_id);
            Ok::<_, crate::error::Error>(SavedQueryRun {
                saved_query: SavedQuery(query),
                version: version.number,
                question: version.question,
                digest,
                result,
            })
        };
        run.await.map_err(graphql_error)
    }
}

/// Saving queries.
#[derive(Default)]
pub struct SavedQueryMutation;

#[Object]
impl SavedQueryMutation {
    /// Saves a question under a name, or a new version of one of the viewer's own. A question that could not be answered is not saved.
    async fn save_query(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SaveQueryInput,
    ) -> async_graphql::Result<SaveQueryPayload> {
        let service = ctx.service()?;
        let run = async {
            let question = input.question.asked()?;
            saved_query::check(service, &question).await?;
            let command = saved_query::SaveQuery {
                idempotency_key: input.idempotency_key,
                query: SavedQueryId::parse_optional(input.saved_query.as_ref(), "savedQuery")?,
                expected_version: input.expected_version,
                name: input.name,
                network: question.network,
                question: question.text.clone(),
                shared_with: input.shared_with.into_iter().map(Into::into).collect(),
            };
            saved_query::save(service, command, &question).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                let select = service.scope().saved_queries().filter(row::Column::Id.eq(outcome.query));
                SaveQueryPayload {
                    saved_query: select.one(service.reader()).await.or_graphql()?.map(SavedQuery),
                    user_errors: Vec::new(),
                }
            }
            Err(errors) => SaveQueryPayload::refused(errors),
        })
    }
}
