//! Consumers: how the sending of a network's notices is getting on.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{consumer as row, failure_code, notice as notice_row};
use sea_orm::{ColumnTrait as _, QueryFilter as _};
use tokio::sync::OnceCell;

use super::context::Reach as _;
use super::errors::OrGraphql as _;
use super::ids::GlobalId;
use super::network::Network;
use super::notice::{FailureClass, Notice};
use super::page::{List, Page, Sort, list};
use crate::services::delivery::consumer::{self, Progress};

/// Whether a consumer is given notices.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::consumer::ConsumerState")]
pub enum ConsumerState {
    /// It is.
    Active,
    /// It is not, until somebody resumes it.
    Paused,
}

/// Somebody who takes the notices of a network and sends them.
pub struct Consumer {
    pub(crate) row: row::Model,
    progress: OnceCell<Progress>,
}

impl From<row::Model> for Consumer {
    fn from(row: row::Model) -> Self {
        Self { row, progress: OnceCell::new() }
    }
}

impl Consumer {
    /// Counted once for all fields that ask.
    async fn progress(&self, ctx: &Context<'_>) -> async_graphql::Result<&Progress> {
        let service = ctx.service()?;
        let count = || consumer::progress(service.reader(), self.row.network_id);
        self.progress.get_or_try_init(count).await.or_graphql()
    }
}

/// What a gateway's code means for a network.
pub struct FailureCode(pub(crate) failure_code::Model);

/// What a gateway's code means for a network. A code without an entry is `RETRYABLE`.
#[Object]
impl FailureCode {
    /// Global id.
    async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The gateway's code.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What it means.
    async fn class(&self) -> FailureClass {
        self.0.class.into()
    }

    /// When that was said.
    async fn changed_at(&self) -> DateTime<Utc> {
        self.0.changed_at
    }

    /// Counts the changes; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// How many notices were given up for one reason.
#[derive(SimpleObject)]
pub struct DeadLetterReason {
    /// The reason, as it stands in `Notice.failure`.
    failure: String,
    /// How many.
    count: i64,
}

/// Somebody who takes the notices of a network and sends them.
#[Object]
impl Consumer {
    /// Global id; what a worker is configured with.
    pub(crate) async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// Name within the network.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// Whose notices; null if the viewer may not know of the network.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Network>> {
        Ok(ctx.loaders()?.one(self.row.network_id).await?.map(Network))
    }

    /// Whether notices are handed out.
    async fn state(&self) -> ConsumerState {
        self.row.state.into()
    }

    /// Why not.
    async fn paused_because(&self) -> Option<&str> {
        self.row.paused_because.as_deref()
    }

    /// Since when not.
    async fn paused_at(&self) -> Option<DateTime<Utc>> {
        self.row.paused_at
    }

    /// Notices released and not yet handed out.
    async fn lag(&self, ctx: &Context<'_>) -> async_graphql::Result<i64> {
        Ok(self.progress(ctx).await?.lag)
    }

    /// Notices in workers' hands.
    async fn in_flight(&self, ctx: &Context<'_>) -> async_graphql::Result<i64> {
        Ok(self.progress(ctx).await?.in_flight)
    }

    /// Submissions that the gateway has not answered; they wait for their receipts.
    async fn unanswered(&self, ctx: &Context<'_>) -> async_graphql::Result<i64> {
        Ok(self.progress(ctx).await?.unanswered)
    }

    /// How long the oldest notice that nobody has reported on has been waiting, in seconds; null when there is none.
    async fn oldest_unacked_age(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<i64>> {
        let now = ctx.service()?.now();
        Ok(self.progress(ctx).await?.oldest_unacknowledged.map(|at| (now - at).num_seconds()))
    }

    /// How many notices were given up.
    async fn dead(&self, ctx: &Context<'_>) -> async_graphql::Result<i64> {
        Ok(self.progress(ctx).await?.dead)
    }

    /// Why notices were given up, most frequent first.
    async fn dead_letter_reasons(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<DeadLetterReason>> {
        let reasons = consumer::reasons(ctx.service()?, self.row.network_id).await.or_graphql()?;
        Ok(reasons.into_iter().map(|(failure, count)| DeadLetterReason { failure, count }).collect())
    }

    /// Streams that are open on the server that answers.
    async fn connections(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        let count = ctx.state()?.events().stream_count(self.row.network_id);
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }

    /// When the last stream was opened.
    async fn connected_at(&self) -> Option<DateTime<Utc>> {
        self.row.connected_at
    }

    /// When something was last handed out.
    async fn last_lease_at(&self) -> Option<DateTime<Utc>> {
        self.row.last_lease_at
    }

    /// When something was last reported.
    async fn last_ack_at(&self) -> Option<DateTime<Utc>> {
        self.row.last_ack_at
    }

    /// What the gateway's codes mean.
    async fn failure_codes(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<FailureCode>> {
        let rows = consumer::failure_codes(ctx.service()?.reader(), self.row.network_id).await.or_graphql()?;
        Ok(rows.into_iter().map(FailureCode).collect())
    }

    /// Counts the changes that were made to it; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.row.version
    }
}

/// The order of consumers.
pub(crate) fn by_id() -> Sort<row::Entity> {
    Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: false }
}

/// Consumers and dead letters.
#[derive(Default)]
pub struct ConsumerQuery;

#[Object]
impl ConsumerQuery {
    /// How the sending of a network's notices is getting on. For the office, and for system administrators.
    async fn consumer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The consumer.")] id: ID,
    ) -> async_graphql::Result<Consumer> {
        let service = ctx.service()?;
        let run = async { consumer::find(service, service.reader(), GlobalId::parse(&id, "id")?).await };
        run.await.or_graphql().map(Into::into)
    }

    /// The consumers that the viewer may follow.
    async fn consumers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this network.")] network: Option<ID>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Consumer>> {
        let service = ctx.service()?;
        let mut select = service.scope().consumers();
        if let Some(network) = entity::ids::NetworkId::parse_optional(network.as_ref(), "network").or_graphql()? {
            select = select.filter(row::Column::NetworkId.eq(network));
        }
        list(ctx, service.reader(), select, by_id(), Page { first, after, last, before }, Consumer::from).await
    }

    /// Notices of a consumer that were given up: they go out again only when somebody asks. For the office.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn dead_letters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] consumer: ID,
        #[graphql(desc = "Only those that failed for this reason, word for word.")] failure: Option<String>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Notice>> {
        let service = ctx.service()?;
        let run = async { consumer::find(service, service.reader(), GlobalId::parse(&consumer, "consumer")?).await };
        let consumer = run.await.or_graphql()?;
        let dead = [entity::notice::NoticeState::Failed, entity::notice::NoticeState::Expired];
        let mut select = service
            .scope()
            .notices()
            .filter(notice_row::Column::NetworkId.eq(consumer.network_id))
            .filter(notice_row::Column::State.is_in(dead));
        if let Some(failure) = failure {
            select = select.filter(notice_row::Column::Failure.eq(failure));
        }
        let sort =
            Sort { id: notice_row::Column::Id, id_of: |row: &notice_row::Model| row.id.0, by: None, descending: false };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, Notice).await
    }
}
