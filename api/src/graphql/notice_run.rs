//! Runs of notices: what will be told to whom, approved by a second person, released, recalled.

use analytics::rulebook::NoticeKind as Kind;
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Datelike as _, Utc};
use entity::ids::{CircularId, NetworkId, NoticeRunId, PersonId, UnitId};
use entity::{notice as notice_row, notice_run as row, person_phone};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _,
};

use super::circular::Circular;
use super::context::Reach as _;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::network::Network;
use super::notice::{Notice, NoticeChannel, NoticeState};
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::person::Person;
use super::scalars::PeriodId;
use super::unit::Unit;
use crate::error::Error;
use crate::services::notice::calendar::Calendar;
use crate::services::notice::compose::Gap;
use crate::services::notice::run;
use crate::services::{local_day, notice as notices};

/// What a notice is about.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Kind")]
pub enum NoticeKind {
    /// A unit's result (考评结果告知).
    Result,
    /// Results to those who answer for the units (考评结果呈送).
    Routing,
    /// A circular has been published (通报印发).
    Circular,
    /// The last of a category (末位通报).
    Bottom,
    /// Nothing was reported (零报送提醒).
    NothingReported,
    /// Nothing was adopted (零采用提醒).
    NothingAdopted,
    /// Units to be talked with (约谈通知).
    Talk,
    /// An award (评先结果).
    Award,
    /// Awards that can no longer be won (取消评先资格).
    Disqualification,
    /// What was decided on a day (每日采用反馈).
    Digest,
    /// A report was asked for (约稿通知).
    CommissionIssued,
    /// It is due soon (约稿提醒).
    CommissionReminder,
    /// It is due and not there (约稿逾期).
    CommissionOverdue,
    /// It is still not there, and the leader is told (约稿逾期报告).
    CommissionEscalation,
    /// An adoption, when it is recorded (采用反馈).
    Adoption,
    /// A leader's instruction, when it is recorded (批示反馈).
    Endorsement,
    /// An urgent report came late, or is missing (紧急信息迟报漏报).
    UrgentLateness,
    /// A direct-report point is prompted (直报点提醒).
    DirectReportPrompt,
}

/// Life of a run.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::notice_run::RunState")]
pub enum NoticeRunState {
    /// Due, but the results that it tells of are not published.
    Waiting,
    /// Texts can be looked at; nothing is sent.
    Draft,
    /// A second person agreed.
    Approved,
    /// Its notices are in the stream.
    Released,
    /// What was unsent was called back.
    Recalled,
    /// Too late to matter; the reason says why.
    SkippedLate,
}

/// Somebody who is missing, or was left out of a run.
pub struct NoticeGap(Gap);

/// Somebody who is missing, or was left out of a run.
#[Object]
impl NoticeGap {
    /// The unit concerned.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        match self.0.unit {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Unit::of)),
            None => Ok(None),
        }
    }

    /// What is missing, in English.
    async fn message(&self) -> &str {
        &self.0.message
    }

    /// What is missing, in Chinese.
    async fn message_zh(&self) -> &str {
        &self.0.message_zh
    }
}

/// What a run comes to, counted over its notices that were not called back.
#[derive(SimpleObject)]
pub struct NoticeRunSummary {
    /// How many notices there are.
    notices: i64,
    /// How many people they go to.
    recipients: i64,
    /// How many of them go as text messages.
    text_messages: i64,
    /// In how many SMS these go.
    segments: i64,
    /// Text messages that are longer than the rule says; it was measured with the names of the rulebook.
    over_length: i64,
    /// Text messages to people without a number.
    missing_numbers: i64,
}

/// One occasion on which a rule tells something: once for each network, rule and period.
#[derive(Clone)]
pub struct NoticeRun(pub(crate) row::Model);

/// One occasion on which a rule tells something: once for each network, rule and period.
#[Object]
impl NoticeRun {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// In which network; null if the viewer may not know of it.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Network>> {
        Ok(ctx.loaders()?.one(self.0.network_id).await?.map(Network))
    }

    /// Id of the rule in the rulebook.
    async fn rule(&self) -> &str {
        &self.0.rule
    }

    /// What is told, in a few words; null if today's rulebook has no such rule.
    async fn title(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<String>> {
        let service = ctx.service()?;
        let facts = service.facts(self.0.network_id).await.or_graphql()?;
        let today = local_day(&facts.network, service.now());
        Ok(notices::rule(&facts, &self.0.rule, today).map(|rule| rule.title.clone()))
    }

    /// What it is about; null for a kind that rulebooks do not know.
    async fn kind(&self) -> Option<NoticeKind> {
        Kind::ALL.iter().find(|kind| kind.code() == self.0.kind).map(|kind| (*kind).into())
    }

    /// What it happens once for: a period such as `2026-Q3`, or one thing that happened.
    async fn period(&self) -> &str {
        &self.0.period
    }

    /// Where it stands.
    async fn state(&self) -> NoticeRunState {
        self.0.state.into()
    }

    /// Why it waits, was skipped or recalled, or tells nobody.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// When it was due by its rule.
    async fn due_at(&self) -> Option<DateTime<Utc>> {
        self.0.due_at
    }

    /// Whether working days and sending hours of that year were imported. If not, ordinary weeks were reckoned with.
    async fn calendar_known(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let service = ctx.service()?;
        let calendar = Calendar::load(service.reader()).await.or_graphql()?;
        let facts = service.facts(self.0.network_id).await.or_graphql()?;
        let day = local_day(&facts.network, self.0.due_at.unwrap_or(self.0.created_at));
        Ok(calendar.knows(day.year()))
    }

    /// Counts how often its texts were made; the present ones have this version.
    async fn template_version(&self) -> i64 {
        self.0.template_version
    }

    /// The published result that it tells of.
    async fn circular(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Circular>> {
        match self.0.circular_id {
            Some(id) => Ok(ctx.loaders()?.one(CircularId(id)).await?.map(Circular)),
            None => Ok(None),
        }
    }

    /// Who drafted it; null when its time had come.
    async fn drafted_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        person(ctx, self.0.drafted_by).await
    }

    /// When.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Who approved it.
    async fn approved_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        person(ctx, self.0.approved_by).await
    }

    /// When.
    async fn approved_at(&self) -> Option<DateTime<Utc>> {
        self.0.approved_at
    }

    /// When its notices were handed to the stream.
    async fn released_at(&self) -> Option<DateTime<Utc>> {
        self.0.released_at
    }

    /// Whom it could not be addressed to, and who was left out, with the reason.
    async fn gaps(&self) -> async_graphql::Result<Vec<NoticeGap>> {
        let gaps: Vec<Gap> = serde_json::from_str(&self.0.gaps).map_err(Error::internal).or_graphql()?;
        Ok(gaps.into_iter().map(NoticeGap).collect())
    }

    /// What it comes to.
    async fn summary(&self, ctx: &Context<'_>) -> async_graphql::Result<NoticeRunSummary> {
        summary(ctx, &self.0).await
    }

    /// Its notices, those that were called back included: each text, its length in SMS, its recipient.
    async fn notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Notice>> {
        let service = ctx.service()?;
        let select = service.scope().notices().filter(notice_row::Column::RunId.eq(self.0.id));
        page(ctx, select, Page { first, after, last, before }).await
    }

    /// Counts the changes of the run; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

async fn person(ctx: &Context<'_>, id: Option<PersonId>) -> async_graphql::Result<Option<Person>> {
    match id {
        Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Person)),
        None => Ok(None),
    }
}

async fn page(
    ctx: &Context<'_>,
    select: sea_orm::Select<notice_row::Entity>,
    page: Page,
) -> async_graphql::Result<List<Notice>> {
    let sort =
        Sort { id: notice_row::Column::Id, id_of: |row: &notice_row::Model| row.id.0, by: None, descending: false };
    list(ctx, ctx.service()?.reader(), select, sort, page, Notice).await
}

async fn summary(ctx: &Context<'_>, run: &row::Model) -> async_graphql::Result<NoticeRunSummary> {
    use notice_row::Column as C;

    let service = ctx.service()?;
    let select = service
        .scope()
        .notices()
        .filter(C::RunId.eq(run.id))
        .filter(C::State.ne(entity::notice::NoticeState::Cancelled));
    let rows: Vec<(PersonId, entity::notice::Channel, i64)> = select
        .clone()
        .select_only()
        .columns([C::RecipientId, C::Channel, C::Segments])
        .into_tuple()
        .all(service.reader())
        .await
        .or_graphql()?;
    let numbers = person_phone::Entity::find().select_only().column(person_phone::Column::PersonId).into_query();
    let missing = select
        .filter(C::Channel.eq(entity::notice::Channel::Sms))
        .filter(C::RecipientId.not_in_subquery(numbers))
        .count(service.reader())
        .await
        .or_graphql()?;
    let facts = service.facts(run.network_id).await.or_graphql()?;
    let rule = notices::rule(&facts, &run.rule, local_day(&facts.network, service.now()));
    let limit = rule.map_or(i64::MAX, |rule| i64::from(rule.segments));
    let sms: Vec<i64> = rows.iter().filter(|row| row.1 == entity::notice::Channel::Sms).map(|row| row.2).collect();
    let people: std::collections::BTreeSet<_> = rows.iter().map(|row| row.0).collect();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    Ok(NoticeRunSummary {
        notices: count(rows.len()),
        recipients: count(people.len()),
        text_messages: count(sms.len()),
        segments: sms.iter().sum(),
        over_length: count(sms.iter().filter(|segments| **segments > limit).count()),
        missing_numbers: i64::try_from(missing).unwrap_or(i64::MAX),
    })
}

/// Runs and notices.
#[derive(Default)]
pub struct NoticeRunQuery;

#[Object]
impl NoticeRunQuery {
    /// Runs of notices, the last first. For the office.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn notice_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this network.")] network: Option<ID>,
        #[graphql(desc = "Only those that stand there.")] state: Option<NoticeRunState>,
        #[graphql(desc = "Only those about this.")] kind: Option<NoticeKind>,
        #[graphql(desc = "Only those of this rule.")] rule: Option<String>,
        #[graphql(desc = "Only those for this period, such as `2026-Q1`.")] period: Option<String>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<NoticeRun>> {
        use row::Column as C;

        let service = ctx.service()?;
        let mut select = service.scope().notice_runs();
        if let Some(network) = NetworkId::parse_optional(network.as_ref(), "network").or_graphql()? {
            select = select.filter(C::NetworkId.eq(network));
        }
        if let Some(state) = state {
            select = select.filter(C::State.eq(entity::notice_run::RunState::from(state)));
        }
        if let Some(kind) = kind {
            select = select.filter(C::Kind.eq(Kind::from(kind).code()));
        }
        for (column, wanted) in [(C::Rule, rule), (C::Period, period)] {
            if let Some(wanted) = wanted {
                select = select.filter(column.eq(wanted));
            }
        }
        let sort = Sort { id: C::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, NoticeRun).await
    }

    /// Notices: all of the office's; for others those that were sent to them, and those that tell leaders of their unit.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this network.")] network: Option<ID>,
        #[graphql(desc = "Only those of this run.")] run: Option<ID>,
        #[graphql(desc = "Only those to this person.")] recipient: Option<ID>,
        #[graphql(desc = "Only those that speak of this unit alone.")] unit: Option<ID>,
        #[graphql(desc = "Only those that stand there.")] state: Option<NoticeState>,
        #[graphql(desc = "Only those that go this way.")] channel: Option<NoticeChannel>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Notice>> {
        use notice_row::Column as C;

        let mut select = ctx.service()?.scope().notices();
        if let Some(network) = NetworkId::parse_optional(network.as_ref(), "network").or_graphql()? {
            select = select.filter(C::NetworkId.eq(network));
        }
        if let Some(run) = NoticeRunId::parse_optional(run.as_ref(), "run").or_graphql()? {
            select = select.filter(C::RunId.eq(run));
        }
        if let Some(recipient) = PersonId::parse_optional(recipient.as_ref(), "recipient").or_graphql()? {
            select = select.filter(C::RecipientId.eq(recipient));
        }
        if let Some(unit) = UnitId::parse_optional(unit.as_ref(), "unit").or_graphql()? {
            select = select.filter(C::UnitId.eq(unit));
        }
        if let Some(state) = state {
            select = select.filter(C::State.eq(entity::notice::NoticeState::from(state)));
        }
        if let Some(channel) = channel {
            select = select.filter(C::Channel.eq(entity::notice::Channel::from(channel)));
        }
        page(ctx, select, Page { first, after, last, before }).await
    }
}

/// A run to draft.
#[derive(InputObject)]
pub struct DraftNoticesInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// In which network.
    network: ID,
    /// Id of the rule in the rulebook.
    rule: String,
    /// About which period; its circular must be published.
    period: PeriodId,
    /// The version of the run that you saw, if there is one: then its texts are made again.
    expected_version: Option<i64>,
}

/// A draft to agree to.
#[derive(InputObject)]
pub struct ApproveNoticesInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which run.
    run: ID,
    /// Its version that you saw.
    expected_version: i64,
}

/// A run to send.
#[derive(InputObject)]
pub struct ReleaseNoticesInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which run.
    run: ID,
    /// Its version that you saw.
    expected_version: i64,
}

/// A run that is called back.
#[derive(InputObject)]
pub struct RecallNoticesInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which run.
    run: ID,
    /// Its version that you saw.
    expected_version: i64,
    /// Why, in 1 to 200 characters.
    reason: String,
}

payloads! {
    /// What came of drafting.
    DraftNoticesPayload {
        /// The run.
        run: NoticeRun,
    }
    /// What came of approving.
    ApproveNoticesPayload {
        /// The run.
        run: NoticeRun,
    }
    /// What came of releasing.
    ReleaseNoticesPayload {
        /// The run.
        run: NoticeRun,
        /// How many notices were handed to the stream.
        released: i64,
    }
    /// What came of recalling.
    RecallNoticesPayload {
        /// The run.
        run: NoticeRun,
        /// How many notices were called back; the rest had been sent.
        recalled: i64,
    }
}

/// Telling people.
#[derive(Default)]
pub struct NoticeRunMutation;

async fn found(ctx: &Context<'_>, id: NoticeRunId) -> async_graphql::Result<Option<NoticeRun>> {
    Ok(ctx.loaders()?.one(id).await?.map(NoticeRun))
}

#[Object]
impl NoticeRunMutation {
    /// Drafts what will be told about the results of a period, before its time or in the place of a draft. For editors.
    async fn draft_notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: DraftNoticesInput,
    ) -> async_graphql::Result<DraftNoticesPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = run::DraftNotices {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                rule: input.rule,
                period: input.period.0,
                expected_version: input.expected_version,
            };
            run::draft(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => DraftNoticesPayload { run: found(ctx, outcome.run).await?, user_errors: Vec::new() },
            Err(errors) => DraftNoticesPayload::refused(errors),
        })
    }

    /// Agrees to what will be sent. Whoever drafted it may not. For chief editors.
    async fn approve_notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ApproveNoticesInput,
    ) -> async_graphql::Result<ApproveNoticesPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = run::ApproveNotices {
                idempotency_key: input.idempotency_key,
                run: GlobalId::parse(&input.run, "run")?,
                expected_version: input.expected_version,
            };
            run::approve(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => ApproveNoticesPayload { run: found(ctx, outcome.run).await?, user_errors: Vec::new() },
            Err(errors) => ApproveNoticesPayload::refused(errors),
        })
    }

    /// Hands the notices of an approved run to the stream: text messages go out within the sending hours, and the inbox has them at
    /// once. For editors.
    async fn release_notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ReleaseNoticesInput,
    ) -> async_graphql::Result<ReleaseNoticesPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = run::ReleaseNotices {
                idempotency_key: input.idempotency_key,
                run: GlobalId::parse(&input.run, "run")?,
                expected_version: input.expected_version,
            };
            run::release(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => ReleaseNoticesPayload {
                run: found(ctx, outcome.run).await?,
                released: Some(outcome.notices),
                user_errors: Vec::new(),
            },
            Err(errors) => ReleaseNoticesPayload::refused(errors),
        })
    }

    /// Calls back what has not been sent, from a draft or from the stream. What a worker has in its hands, or has sent, stays. For
    /// editors.
    async fn recall_notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RecallNoticesInput,
    ) -> async_graphql::Result<RecallNoticesPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = run::RecallNotices {
                idempotency_key: input.idempotency_key,
                run: GlobalId::parse(&input.run, "run")?,
                expected_version: input.expected_version,
                reason: input.reason,
            };
            run::recall(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => RecallNoticesPayload {
                run: found(ctx, outcome.run).await?,
                recalled: Some(outcome.notices),
                user_errors: Vec::new(),
            },
            Err(errors) => RecallNoticesPayload::refused(errors),
        })
    }
}
