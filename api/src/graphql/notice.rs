//! Notices: what is said to whom, and how far it has come.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{notice as row, notice_attempt as attempt_row};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::context::Reach as _;
use super::errors::OrGraphql as _;
use super::ids::GlobalId as _;
use super::loaders::PhoneOf;
use super::notice_run::NoticeRun;
use super::person::Person;
use super::unit::Unit;

/// How a notice reaches its recipient.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::notice::Channel")]
pub enum NoticeChannel {
    /// A text message, sent by a worker.
    Sms,
    /// Read in the application.
    Inbox,
}

/// How far a notice has come. It only moves forward; a further attempt begins at `QUEUED` again, with a higher number.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::notice::NoticeState")]
pub enum NoticeState {
    /// Drafted; not released.
    Planned,
    /// Waits for an attempt.
    Queued,
    /// A worker is sending it.
    Leased,
    /// Submitted, and the gateway has not answered; nothing is repeated until the receipt window has passed.
    Unknown,
    /// The gateway took it.
    Submitted,
    /// The gateway gave up in the time it had.
    Expired,
    /// It will not arrive: a dead letter.
    Failed,
    /// The handset has it; a notice for the inbox is there.
    Delivered,
    /// Called back before it was sent.
    Cancelled,
}

/// How an attempt to hand a notice to a gateway ended.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::notice_attempt::AttemptOutcome")]
pub enum AttemptOutcome {
    /// The gateway took it.
    Accepted,
    /// The gateway did not take it.
    Refused,
    /// The gateway did not answer.
    Unanswered,
    /// The worker did not report in time.
    Lapsed,
}

/// What a failure means for the notice.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::failure_code::FailureClass")]
pub enum FailureClass {
    /// It may succeed later.
    Retryable,
    /// It never will.
    Final,
    /// Nothing will, until somebody mends the account, its credit or its signature.
    Config,
}

/// One attempt to hand a notice to a gateway.
#[derive(SimpleObject)]
pub struct NoticeAttempt {
    /// Begins at 1; one more each time an operator asks for the notice to be sent again.
    round: i64,
    /// Number within the round, from 1.
    number: i64,
    /// When it was handed to the worker.
    leased_at: DateTime<Utc>,
    /// When it was known how it ended.
    decided_at: Option<DateTime<Utc>>,
    /// How it ended; null while it is under way.
    outcome: Option<AttemptOutcome>,
    /// What the failure meant.
    failure_class: Option<FailureClass>,
    /// The gateway's own code.
    gateway_code: Option<String>,
    /// The gateway's own words.
    gateway_text: Option<String>,
}

impl From<attempt_row::Model> for NoticeAttempt {
    fn from(row: attempt_row::Model) -> Self {
        Self {
            round: row.round,
            number: row.number,
            leased_at: row.leased_at,
            decided_at: row.decided_at,
            outcome: row.outcome.map(Into::into),
            failure_class: row.failure_class.map(Into::into),
            gateway_code: row.gateway_code,
            gateway_text: row.gateway_text,
        }
    }
}

/// What is to be said to one person.
pub struct Notice(pub(crate) row::Model);

/// What is to be said to one person.
#[Object]
impl Notice {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// To whom; null if the viewer may not know of the person.
    async fn recipient(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        Ok(ctx.loaders()?.one(self.0.recipient_id).await?.map(Person))
    }

    /// The run that it belongs to; null for those outside the office.
    async fn run(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<NoticeRun>> {
        Ok(ctx.loaders()?.one(self.0.run_id).await?.map(NoticeRun))
    }

    /// The unit it speaks of, if it is one.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        match self.0.unit_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Unit::of)),
            None => Ok(None),
        }
    }

    /// How it reaches them.
    async fn channel(&self) -> NoticeChannel {
        self.0.channel.into()
    }

    /// The text as it is read.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// How long the text is, in UTF-16 units: what gateways count.
    async fn length(&self) -> i32 {
        i32::try_from(self.0.text.encode_utf16().count()).unwrap_or(i32::MAX)
    }

    /// Whether there is a number to send it to; null for those outside the office, and for the inbox.
    async fn has_number(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<bool>> {
        let is_office = ctx.loaders()?.one(self.0.run_id).await?.is_some();
        if !is_office || self.0.channel == entity::notice::Channel::Inbox {
            return Ok(None);
        }
        Ok(Some(ctx.loaders()?.one(PhoneOf(self.0.recipient_id)).await?.is_some()))
    }

    /// In how many SMS it goes: 70 characters in one, 67 in each of several.
    async fn segments(&self) -> i64 {
        self.0.segments
    }

    /// How far it has come.
    async fn state(&self) -> NoticeState {
        self.0.state.into()
    }

    /// Begins at 1; one more each time an operator asks for it to be sent again.
    async fn round(&self) -> i64 {
        self.0.round
    }

    /// Number of the present attempt within the round, from 1.
    async fn attempt(&self) -> i64 {
        self.0.attempt
    }

    /// When the next attempt is due; after an unanswered submission, when it may be repeated.
    async fn next_attempt_at(&self) -> Option<DateTime<Utc>> {
        self.0.next_attempt_at
    }

    /// When the gateway took it.
    async fn submitted_at(&self) -> Option<DateTime<Utc>> {
        self.0.submitted_at
    }

    /// When the handset had it.
    async fn delivered_at(&self) -> Option<DateTime<Utc>> {
        self.0.delivered_at
    }

    /// When it was given up.
    async fn dead_at(&self) -> Option<DateTime<Utc>> {
        self.0.dead_at
    }

    /// Why it failed or was called back.
    async fn failure(&self) -> Option<&str> {
        self.0.failure.as_deref()
    }

    /// Every attempt, oldest first.
    async fn attempts(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<NoticeAttempt>> {
        let rows = attempt_row::Entity::find()
            .filter(attempt_row::Column::NoticeId.eq(self.0.id))
            .order_by_asc(attempt_row::Column::Id)
            .all(ctx.service()?.reader())
            .await
            .or_graphql()?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// When its recipient read it in the application.
    async fn read_at(&self) -> Option<DateTime<Utc>> {
        self.0.read_at
    }

    /// When it was drafted.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Counts the changes of the notice.
    async fn version(&self) -> i64 {
        self.0.version
    }
}
