//! Key points (报送要点): what the office wants to read in a week or a month, and who answers it.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::ids::{KeyPointId, KeyPointListId, NetworkId};
use entity::{key_point as row, key_point_list};
use sea_orm::{ColumnTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _};

use super::context::Reach as _;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::loaders::{AnswersTo, KeyPointsOf, MembersDuring};
use super::network::Network;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::scalars::{Date, PeriodId};
use super::submission::{Action, Submission};
use super::unit::Unit;
use crate::auth::policy::Action as PolicyAction;
use crate::error::Result;
use crate::services::key_point::{self, AnswerKeyPoint, AnswerOutcome, KeyPointsOutcome, Point, PublishKeyPoints};
use crate::services::local_day;

/// The key points of a network for a week or a month.
#[derive(Clone)]
pub struct KeyPointList(pub(crate) key_point_list::Model);

/// The key points of a network for a week or a month.
#[Object]
impl KeyPointList {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Counts the changes of this object; give it back as `expectedVersion` to add to the list.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Who publishes them.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Network> {
        super::network::find(ctx, self.0.network_id).await
    }

    /// The week or the month, `2026-W10` or `2026-03`.
    async fn period(&self) -> &str {
        &self.0.period
    }

    /// Its first day.
    async fn first_day(&self) -> Date {
        Date(self.0.first_day)
    }

    /// Its last day.
    async fn last_day(&self) -> Date {
        Date(self.0.last_day)
    }

    /// When they were first published.
    async fn published_at(&self) -> DateTime<Utc> {
        self.0.published_at
    }

    /// What the viewer may do to them now: add further ones.
    async fn actions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Action>> {
        let service = ctx.service()?;
        let Some(network) = ctx.loaders()?.one(self.0.network_id).await? else { return Ok(Vec::new()) };
        let verdict = key_point::may_add(service.actor(), &self.0, local_day(&network, service.now()));
        Ok(vec![Action::new(PolicyAction::PublishKeyPoints, verdict)])
    }

    /// The key points, in the office's order.
    async fn points(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<KeyPoint>> {
        Ok(ctx.loaders()?.many(KeyPointsOf(self.0.id)).await?.into_iter().map(KeyPoint).collect())
    }
}

/// One topic on which the office wants to read.
#[derive(Clone)]
pub struct KeyPoint(pub(crate) row::Model);

impl KeyPoint {
    /// The list that it stands in; whoever sees a key point sees its list.
    async fn of(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<key_point_list::Model>> {
        ctx.loaders()?.one(self.0.list_id).await
    }
}

/// One topic on which the office wants to read.
#[Object]
impl KeyPoint {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The list that it stands in.
    async fn list(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<KeyPointList>> {
        Ok(self.of(ctx).await?.map(KeyPointList))
    }

    /// Place in the list.
    async fn position(&self) -> i64 {
        self.0.position
    }

    /// What it is about.
    async fn topic(&self) -> &str {
        &self.0.topic
    }

    /// What is wanted.
    async fn requirement(&self) -> &str {
        &self.0.requirement
    }

    /// The submissions that answer it and have been handed in, as far as the viewer may see them.
    async fn submissions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Submission>> {
        let answers = ctx.loaders()?.many(AnswersTo(self.0.id)).await?;
        let submissions = ctx.loaders()?.each(answers.iter().map(|answer| answer.submission_id)).await?;
        Ok(submissions.into_iter().map(Submission).collect())
    }

    /// Whether anybody whom the viewer may see has answered it.
    async fn is_answered(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(!ctx.loaders()?.many(AnswersTo(self.0.id)).await?.is_empty())
    }

    /// Units that have handed an answer in, as far as the viewer may see them, in the order of their first answer.
    async fn answered_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Unit>> {
        let mut seen = BTreeSet::new();
        let answers = ctx.loaders()?.many(AnswersTo(self.0.id)).await?;
        let ids: Vec<_> = answers.iter().map(|answer| answer.unit_id).filter(|id| seen.insert(*id)).collect();
        Ok(ctx.loaders()?.each(ids).await?.into_iter().map(Unit::of).collect())
    }

    /// Members of the network in the period that have handed nothing in on it, as far as the viewer may see them, in the office's
    /// order.
    async fn unanswered_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Unit>> {
        let Some(list) = self.of(ctx).await? else { return Ok(Vec::new()) };
        let answers = ctx.loaders()?.many(AnswersTo(self.0.id)).await?;
        let answered: BTreeSet<_> = answers.into_iter().map(|answer| answer.unit_id).collect();
        let members = MembersDuring { network: list.network_id, first: list.first_day, last: list.last_day };
        let members = ctx.loaders()?.many(members).await?;
        Ok(members.into_iter().filter(|unit| !answered.contains(&unit.id)).map(Unit::of).collect())
    }
}

/// Which key points.
#[derive(InputObject, Default)]
pub struct KeyPointWhere {
    /// Of this week or month.
    period: Option<PeriodId>,
    /// Of weeks and months to which this day belongs.
    on: Option<Date>,
    /// That somebody whom the viewer may see has answered, or that nobody has.
    is_answered: Option<bool>,
    /// With this text in the topic.
    topic_contains: Option<String>,
}

/// A key point to publish.
#[derive(InputObject)]
pub struct KeyPointInput {
    /// What it is about, 1 to 60 characters.
    topic: String,
    /// What is wanted, up to 1,000 characters.
    #[graphql(default)]
    requirement: String,
}

/// Key points to publish.
#[derive(InputObject)]
pub struct PublishKeyPointsInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which network.
    network: ID,
    /// A week (`2026-W10`) or a month (`2026-03`) that is not over.
    period: PeriodId,
    /// The version of the period's list, to add to it; leave it out for the first of the period.
    expected_version: Option<i64>,
    /// The key points, 1 to 50.
    points: Vec<KeyPointInput>,
}

/// An answer to a key point.
#[derive(InputObject)]
pub struct AnswerKeyPointInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which key point.
    key_point: ID,
    /// A submission of the unit; it counts once it has been handed in.
    submission: ID,
}

payloads! {
    /// What came of publishing key points.
    KeyPointsPayload {
        /// The list of the period.
        key_points: KeyPointList,
    }
    /// What came of answering a key point.
    KeyPointAnswerPayload {
        /// The key point.
        key_point: KeyPoint,
        /// The submission.
        submission: Submission,
    }
}

/// Key points.
#[derive(Default)]
pub struct KeyPointQuery;

#[Object]
impl KeyPointQuery {
    /// Key points (报送要点) of a network, the last published first. For the office and all its members.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn key_points(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which key points.", name = "where")] filter: Option<KeyPointWhere>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<KeyPoint>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let filter = filter.unwrap_or_default();
        let mut lists = service.scope().key_point_lists().filter(key_point_list::Column::NetworkId.eq(network));
        if let Some(period) = filter.period {
            lists = lists.filter(key_point_list::Column::Period.eq(period.0.to_string()));
        }
        if let Some(day) = filter.on {
            lists = lists
                .filter(key_point_list::Column::FirstDay.lte(day.0))
                .filter(key_point_list::Column::LastDay.gte(day.0));
        }
        let lists = lists.select_only().column(key_point_list::Column::Id).into_query();
        let mut select = service.scope().key_points().filter(row::Column::ListId.in_subquery(lists));
        if let Some(answered) = filter.is_answered {
            let answers = service.scope().key_point_answers();
            let answers = answers.select_only().column(entity::key_point_answer::Column::KeyPointId).into_query();
            let id = row::Column::Id;
            select = select.filter(if answered { id.in_subquery(answers) } else { id.not_in_subquery(answers) });
        }
        if let Some(text) = filter.topic_contains {
            select = select.filter(row::Column::Topic.contains(text));
        }
        let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, KeyPoint).await
    }
}

/// Publishing and answering key points.
#[derive(Default)]
pub struct KeyPointMutation;

#[Object]
impl KeyPointMutation {
    /// Publishes the key points of a week or a month to all units, or adds to them. For editors.
    async fn publish_key_points(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: PublishKeyPointsInput,
    ) -> async_graphql::Result<KeyPointsPayload> {
        let service = ctx.service()?;
        let run = async {
            let point = |point: KeyPointInput| Point { topic: point.topic, requirement: point.requirement };
            let command = PublishKeyPoints {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                period: input.period.0,
                expected_version: input.expected_version,
                points: input.points.into_iter().map(point).collect(),
            };
            key_point::publish(service, command).await
        };
        let result: Result<KeyPointsOutcome> = run.await;
        Ok(match settle(result)? {
            Ok(outcome) => KeyPointsPayload {
                key_points: ctx.loaders()?.one::<KeyPointListId>(outcome.list).await?.map(KeyPointList),
                user_errors: Vec::new(),
            },
            Err(errors) => KeyPointsPayload::refused(errors),
        })
    }

    /// Says that a submission answers a key point. A new submission can say so itself, with `keyPoint`. For the unit's officers.
    async fn answer_key_point(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: AnswerKeyPointInput,
    ) -> async_graphql::Result<KeyPointAnswerPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = AnswerKeyPoint {
                idempotency_key: input.idempotency_key,
                key_point: KeyPointId::parse(&input.key_point, "keyPoint")?,
                submission: GlobalId::parse(&input.submission, "submission")?,
            };
            key_point::answer(service, command).await
        };
        let result: Result<AnswerOutcome> = run.await;
        Ok(match settle(result)? {
            Ok(outcome) => KeyPointAnswerPayload {
                key_point: ctx.loaders()?.one(outcome.key_point).await?.map(KeyPoint),
                submission: ctx.loaders()?.one(outcome.submission).await?.map(Submission),
                user_errors: Vec::new(),
            },
            Err(errors) => KeyPointAnswerPayload::refused(errors),
        })
    }
}
