//! Talks (约谈) with units that are behind.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::ids::{NetworkId, UnitId};
use entity::talk as row;
use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryTrait as _};

use super::circular::Circular;
use super::context::Reach as _;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::network::Network;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::person::Person;
use super::scalars::{Date, PeriodId};
use super::score::ScoreInput;
use super::unit::Unit;
use crate::error::Error;
use crate::services::local_day;
use crate::services::talk::{self, Step};

/// In what a unit is behind that is called in for a talk.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "analytics::rulebook::Behind")]
pub enum Behind {
    /// 数量不够.
    Volume,
    /// 质量不高.
    Quality,
    /// 工作滞后.
    Progress,
}

/// Life of a talk.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::talk::TalkState")]
pub enum TalkState {
    /// The unit is called in.
    Called,
    /// It was held, and measures are agreed.
    Held,
    /// The measures were carried out.
    Resolved,
    /// The measures were not carried out.
    Unresolved,
    /// It was called off.
    Cancelled,
}

/// Why a unit is called in: a list of the rulebook, and what it read.
#[derive(SimpleObject)]
pub struct TalkReason {
    /// In what it is behind.
    behind: Option<Behind>,
    /// The list, as the rulebook calls it.
    list: String,
    /// What it lists.
    title: String,
    /// Where it stands in the document.
    clause: String,
    /// What the list's condition read.
    inputs: Vec<ScoreInput>,
}

impl From<talk::Reason> for TalkReason {
    fn from(reason: talk::Reason) -> Self {
        use analytics::rulebook::Behind as Kind;
        Self {
            behind: Kind::ALL.into_iter().find(|kind| kind.code() == reason.behind).map(Into::into),
            list: reason.list,
            title: reason.title,
            clause: reason.clause,
            inputs: reason.inputs.into_iter().map(|(name, value)| ScoreInput { name, value }).collect(),
        }
    }
}

/// A talk (约谈) with a unit that is behind: why it is called in, what was agreed, and what came of it. A unit sees its own.
#[derive(Clone)]
pub struct Talk(pub(crate) row::Model);

/// A talk (约谈) with a unit that is behind: why it is called in, what was agreed, and what came of it. A unit sees its own.
#[Object]
impl Talk {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Counts the changes of this object; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// In which network.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Network> {
        super::network::find(ctx, self.0.network_id).await
    }

    /// Who is called in.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit_id).await?.map(Unit::of))
    }

    /// For which period.
    async fn period(&self) -> async_graphql::Result<PeriodId> {
        self.0.period.parse().map(PeriodId).map_err(Error::internal).or_graphql()
    }

    /// The circular by whose results it is called in.
    async fn circular(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Circular>> {
        Ok(ctx.loaders()?.one(self.0.circular_id).await?.map(Circular))
    }

    /// In what it is behind.
    async fn reasons(&self) -> async_graphql::Result<Vec<TalkReason>> {
        let reasons: Vec<talk::Reason> = serde_json::from_str(&self.0.reasons).map_err(Error::internal).or_graphql()?;
        Ok(reasons.into_iter().map(Into::into).collect())
    }

    /// Where it stands.
    async fn state(&self) -> TalkState {
        self.0.state.into()
    }

    /// The day of the talk.
    async fn held_on(&self) -> Option<Date> {
        self.0.held_on.map(Date)
    }

    /// Who took part.
    async fn participants(&self) -> Option<&str> {
        self.0.participants.as_deref()
    }

    /// What was agreed.
    async fn measures(&self) -> Option<&str> {
        self.0.measures.as_deref()
    }

    /// The day by which it shall be done.
    async fn follow_up_due(&self) -> Option<Date> {
        self.0.follow_up_due.map(Date)
    }

    /// Whether that day has passed and nobody has said what became of the measures.
    async fn is_overdue(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let service = ctx.service()?;
        let network = service.network(service.reader(), self.0.network_id).await.or_graphql()?;
        let today = local_day(&network, service.now());
        Ok(self.0.state == row::TalkState::Held && self.0.follow_up_due.is_some_and(|due| due < today))
    }

    /// What came of it, or why it was called off.
    async fn result(&self) -> Option<&str> {
        self.0.result.as_deref()
    }

    /// Who called the unit in, if the viewer may know of them.
    async fn called_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        Ok(ctx.loaders()?.one(self.0.called_by).await?.map(Person))
    }

    /// When.
    async fn called_at(&self) -> DateTime<Utc> {
        self.0.called_at
    }

    /// When the last step was recorded.
    async fn recorded_at(&self) -> Option<DateTime<Utc>> {
        self.0.recorded_at
    }
}

/// Which talks.
#[derive(InputObject, Default)]
pub struct TalkWhere {
    /// For this period.
    period: Option<PeriodId>,
    /// In this state.
    state: Option<TalkState>,
    /// With this unit.
    unit: Option<ID>,
}

/// Whom to call in.
#[derive(InputObject)]
pub struct DraftTalksInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// In which network.
    network: ID,
    /// A period whose circular is published, such as a quarter.
    period: PeriodId,
}

/// A talk that was held.
#[derive(InputObject)]
pub struct RecordTalkInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which one.
    talk: ID,
    /// The version that you read.
    expected_version: i64,
    /// The day of the talk, today at the latest.
    held_on: Date,
    /// Who took part, 1 to 2,000 characters.
    participants: String,
    /// What was agreed, 1 to 2,000 characters.
    measures: String,
    /// The day by which it shall be done.
    follow_up_due: Date,
}

/// What became of the measures.
#[derive(InputObject)]
pub struct FollowUpTalkInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which talk.
    talk: ID,
    /// The version that you read.
    expected_version: i64,
    /// Whether the measures were carried out.
    is_resolved: bool,
    /// What came of it, 1 to 2,000 characters.
    result: String,
}

/// A talk to call off.
#[derive(InputObject)]
pub struct CancelTalkInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which one.
    talk: ID,
    /// The version that you read.
    expected_version: i64,
    /// Why, 1 to 2,000 characters.
    reason: String,
}

payloads! {
    /// What came of an act on a talk.
    TalkPayload {
        /// The talk.
        talk: Talk,
    }
    /// What came of calling units in.
    DraftTalksPayload {
        /// How many units were called in; those that had been already are not counted.
        called: i64,
    }
}

async fn payload(
    ctx: &Context<'_>,
    result: crate::error::Result<talk::TalkOutcome>,
) -> async_graphql::Result<TalkPayload> {
    Ok(match settle(result)? {
        Ok(outcome) => TalkPayload { talk: ctx.loaders()?.one(outcome.talk).await?.map(Talk), user_errors: Vec::new() },
        Err(errors) => TalkPayload::refused(errors),
    })
}

/// Talks.
#[derive(Default)]
pub struct TalkQuery;

#[Object]
impl TalkQuery {
    /// Talks that the viewer may see, the last first.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn talks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(name = "where", desc = "Which ones.")] filter: Option<TalkWhere>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Talk>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let filter = filter.unwrap_or_default();
        let unit = UnitId::parse_optional(filter.unit.as_ref(), "where.unit").or_graphql()?;
        let select = service.scope().talks().filter(row::Column::NetworkId.eq(network));
        let select = select
            .apply_if(filter.period, |select, period| select.filter(row::Column::Period.eq(period.0.to_string())))
            .apply_if(filter.state, |select, state| {
                select.filter(row::Column::State.eq(entity::talk::TalkState::from(state)))
            })
            .apply_if(unit, |select, unit| select.filter(row::Column::UnitId.eq(unit)));
        let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, Talk).await
    }
}

/// Calling units in.
#[derive(Default)]
pub struct TalkMutation;

#[Object]
impl TalkMutation {
    /// Calls in every unit that the rulebook lists as behind in a published period: on volume, on quality, on progress. Each once. For editors.
    async fn draft_talks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: DraftTalksInput,
    ) -> async_graphql::Result<DraftTalksPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = talk::DraftTalks {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                period: input.period.0,
            };
            talk::draft(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => DraftTalksPayload { called: Some(outcome.called), user_errors: Vec::new() },
            Err(errors) => DraftTalksPayload::refused(errors),
        })
    }

    /// Records that a talk was held, and what was agreed; it may be recorded again until it is followed up. For editors.
    async fn record_talk(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RecordTalkInput,
    ) -> async_graphql::Result<TalkPayload> {
        let step = Step::Hold {
            held_on: input.held_on.0,
            participants: input.participants,
            measures: input.measures,
            follow_up_due: input.follow_up_due.0,
        };
        act(ctx, input.idempotency_key, &input.talk, input.expected_version, step).await
    }

    /// Records what became of the measures. For editors.
    async fn follow_up_talk(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: FollowUpTalkInput,
    ) -> async_graphql::Result<TalkPayload> {
        let step = Step::FollowUp { resolved: input.is_resolved, result: input.result };
        act(ctx, input.idempotency_key, &input.talk, input.expected_version, step).await
    }

    /// Calls a talk off. For editors.
    async fn cancel_talk(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CancelTalkInput,
    ) -> async_graphql::Result<TalkPayload> {
        let step = Step::Cancel { reason: input.reason };
        act(ctx, input.idempotency_key, &input.talk, input.expected_version, step).await
    }
}

async fn act(
    ctx: &Context<'_>,
    idempotency_key: String,
    talk: &ID,
    expected_version: i64,
    step: Step,
) -> async_graphql::Result<TalkPayload> {
    let service = ctx.service()?;
    let run = async {
        let talk = GlobalId::parse(talk, "talk")?;
        talk::record(service, talk::RecordTalk { idempotency_key, talk, expected_version, step }).await
    };
    payload(ctx, run.await).await
}
