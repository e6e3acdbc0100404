//! Endorsements (批示): who wrote what, which of it the viewer may read, and what became of it.

use analytics::facts::FactKind;
use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, NaiveDate, Utc};
use entity::endorsement as row;
use entity::ids::{NetworkId, UnitId};
use sea_orm::{ColumnTrait as _, Condition, ExprTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _};

use super::adoption::Adoption;
use super::closing::{Closing, correction_of, counts_on};
use super::context::Reach as _;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::ladder::{EchoOf, EchoOrigin, echo_of};
use super::loaders::EndorsementsOf;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::scalars::Date;
use super::submission::{Action, Submission};
use crate::auth::policy::{Action as PolicyAction, allows};
use crate::services::ladder::amend;
use crate::services::submission::endorse::{self, EndorseSubmission};
use crate::services::submission::follow_up::{self, RecordFollowUp};
use crate::services::submission::moves;
use crate::services::{Ctx, local_day};

/// A leader's written instruction (批示) on a submission.
#[derive(Clone)]
pub struct Endorsement(pub(crate) row::Model);

/// A leader's written instruction (批示) on a submission.
#[Object]
impl Endorsement {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Counts the changes of this object; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// On what.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        Ok(ctx.loaders()?.one(self.0.submission_id).await?.map(Submission))
    }

    /// On which adoption of it.
    async fn adoption(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Adoption>> {
        match self.0.adoption_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Adoption)),
            None => Ok(None),
        }
    }

    /// Name of the leader.
    async fn leader(&self) -> &str {
        &self.0.leader
    }

    /// Code of the leader's level.
    async fn level(&self) -> &str {
        &self.0.level
    }

    /// The leader's post.
    async fn rank(&self) -> Option<&str> {
        self.0.rank.as_deref()
    }

    /// Code of the leader's rank within the level, by which rules tell leaders apart.
    async fn leader_rank(&self) -> Option<&str> {
        self.0.leader_rank.as_deref()
    }

    /// What was written. For those who may not read confidential parts, each of them is `■■■`; no list can be filtered or
    /// searched by it.
    async fn text(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        if self.is_open(ctx).await? { Ok(self.0.text.clone()) } else { Ok(endorse::masked(&self.0)) }
    }

    /// When it was revoked; it counts for nothing from then on.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }

    /// Why it was revoked.
    async fn revoked_because(&self) -> Option<&str> {
        self.0.revoked_because.as_deref()
    }

    /// Whether something of the text is kept from the viewer.
    async fn is_masked(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(endorse::has_confidential(&self.0) && !self.is_open(ctx).await?)
    }

    /// Local day.
    async fn endorsed_on(&self) -> Date {
        Date(self.0.endorsed_on)
    }

    /// The last day on which the unit's report of what became of it is in time.
    async fn follow_up_due_on(&self) -> Option<Date> {
        self.0.follow_up_due_on.map(Date)
    }

    /// The unit's report of what became of it; null until there is one.
    async fn follow_up(&self) -> Option<FollowUp> {
        self.0.followed_up_on.map(|day| FollowUp(self.0.clone(), day))
    }

    /// Days by which the report came too late, or by which it is overdue today; 0 while it is in time.
    async fn follow_up_late_days(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<i64>> {
        let today = today(ctx, self.0.network_id).await?;
        Ok(follow_up::late_days(&self.0, today))
    }

    /// How it came from a network above, if it was not recorded by hand.
    async fn origin(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<EchoOrigin>> {
        echo_of(ctx, EchoOf::Endorsement(self.0.id)).await
    }

    /// Local day on which it counts: its own, or that of its record if it came after its period was closed.
    async fn counts_on(&self, ctx: &Context<'_>) -> async_graphql::Result<Date> {
        counts_on(ctx, self.0.network_id, (FactKind::Endorsement, self.0.id.0), self.0.endorsed_on).await
    }

    /// The closed period that it corrects, if it came too late for it.
    async fn correction_of(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Closing>> {
        correction_of(ctx, self.0.network_id, (FactKind::Endorsement, self.0.id.0)).await
    }

    /// What the viewer may do to it now.
    async fn actions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Action>> {
        let service = ctx.service()?;
        let Some(of) = ctx.loaders()?.one(self.0.submission_id).await? else { return Ok(Vec::new()) };
        let mut actions =
            vec![Action::new(PolicyAction::RecordFollowUp, follow_up::may(service.actor(), &self.0, &of))];
        for action in [PolicyAction::CorrectEndorsement, PolicyAction::RevokeEndorsement] {
            actions.push(Action::new(action, amend::may(service, action, &self.0, &of).await));
        }
        Ok(actions)
    }
}

impl Endorsement {
    /// Whether the viewer reads the whole text.
    async fn is_open(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        if !endorse::has_confidential(&self.0) {
            return Ok(true);
        }
        let service = ctx.service()?;
        let of = ctx.loaders()?.one(self.0.submission_id).await?;
        Ok(of.is_some_and(|of| allows(service.actor(), PolicyAction::ReadConfidential, moves::target(&of))))
    }
}

/// What became of a leader's instruction, as the unit reports it.
pub struct FollowUp(row::Model, NaiveDate);

/// What became of a leader's instruction, as the unit reports it.
#[Object]
impl FollowUp {
    /// Local day.
    async fn day(&self) -> Date {
        Date(self.1)
    }

    /// What became of it.
    async fn text(&self) -> Option<&str> {
        self.0.follow_up.as_deref()
    }

    /// The submission that reports it at length.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        match self.0.follow_up_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Submission)),
            None => Ok(None),
        }
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> Option<DateTime<Utc>> {
        self.0.followed_up_at
    }
}

/// Today in a network that the viewer sees, or in UTC.
async fn today(ctx: &Context<'_>, network: NetworkId) -> async_graphql::Result<NaiveDate> {
    let now = ctx.service()?.now();
    Ok(ctx.loaders()?.one(network).await?.map_or(now.date_naive(), |network| local_day(&network, now)))
}

/// How far the report of what became of an instruction is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowUpState {
    /// Not there yet, in time or not.
    Open,
    /// Not there, and the day on which it was due is over.
    Overdue,
    /// On record.
    Done,
}

/// Which endorsements. There is no condition on what was written: parts of it may be confidential.
#[derive(InputObject, Default)]
pub struct EndorsementWhere {
    /// By leaders of these levels, by code.
    levels: Option<Vec<String>>,
    /// On submissions of these units.
    units: Option<Vec<ID>>,
    /// On this day or later.
    endorsed_from: Option<Date>,
    /// On this day or earlier.
    endorsed_to: Option<Date>,
    /// With the report of what became of it in this state.
    follow_up: Option<FollowUpState>,
}

impl EndorsementWhere {
    fn apply(
        self,
        service: &Ctx,
        today: NaiveDate,
        mut select: sea_orm::Select<row::Entity>,
    ) -> crate::error::Result<sea_orm::Select<row::Entity>> {
        if let Some(levels) = self.levels {
            select = select.filter(row::Column::Level.is_in(levels));
        }
        if let Some(units) = self.units {
            let units: Vec<UnitId> =
                units.iter().map(|id| GlobalId::parse(id, "where.units")).collect::<crate::error::Result<_>>()?;
            let of = service
                .scope()
                .submissions()
                .select_only()
                .column(entity::submission::Column::Id)
                .filter(entity::submission::Column::UnitId.is_in(units))
                .into_query();
            select = select.filter(row::Column::SubmissionId.in_subquery(of));
        }
        if let Some(from) = self.endorsed_from {
            select = select.filter(row::Column::EndorsedOn.gte(from.0));
        }
        if let Some(to) = self.endorsed_to {
            select = select.filter(row::Column::EndorsedOn.lte(to.0));
        }
        let open = row::Column::FollowedUpOn.is_null().and(row::Column::RevokedAt.is_null());
        Ok(match self.follow_up {
            None => select,
            Some(FollowUpState::Open) => select.filter(open),
            Some(FollowUpState::Done) => select.filter(row::Column::FollowedUpOn.is_not_null()),
            Some(FollowUpState::Overdue) => {
                select.filter(Condition::all().add(open).add(row::Column::FollowUpDueOn.lt(today)))
            }
        })
    }
}

/// Endorsements.
#[derive(Default)]
pub struct EndorsementQuery;

#[Object]
impl EndorsementQuery {
    /// Leaders' instructions in a network that the viewer may see, the last recorded first.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn endorsements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which endorsements.", name = "where")] filter: Option<EndorsementWhere>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Endorsement>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let select = service.scope().endorsements().filter(row::Column::NetworkId.eq(network));
        let today = today(ctx, network).await?;
        let select = filter.unwrap_or_default().apply(service, today, select).or_graphql()?;
        let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, Endorsement).await
    }
}

/// A leader's instruction.
#[derive(InputObject)]
pub struct EndorseSubmissionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which submission.
    submission: ID,
    /// The version that you read.
    expected_version: i64,
    /// On which adoption of it.
    adoption: Option<ID>,
    /// Name of the leader.
    leader: String,
    /// Code of the leader's level.
    level: String,
    /// The leader's post.
    rank: Option<String>,
    /// Code of the leader's rank within the level: `principal`, `deputy`, or another that the rulebook declares.
    leader_rank: Option<String>,
    /// What was written.
    text: String,
    /// Whether all of it is for those only who may read confidential parts.
    #[graphql(default)]
    is_confidential: bool,
    /// Passages of the text, word for word, that are for those only.
    #[graphql(default)]
    confidential_parts: Vec<String>,
    /// Local day.
    endorsed_on: Date,
}

/// What became of a leader's instruction.
#[derive(InputObject)]
pub struct RecordFollowUpInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Of which endorsement.
    endorsement: ID,
    /// The version of the endorsement that you read.
    expected_version: i64,
    /// What became of it, 1 to 2,000 characters.
    text: String,
    /// The unit's submission that reports it at length.
    submission: Option<ID>,
    /// Local day of the report; today if left out.
    followed_up_on: Option<Date>,
}

payloads! {
    /// What came of recording an endorsement.
    EndorseSubmissionPayload {
        /// The submission.
        submission: Submission,
        /// The endorsement.
        endorsement: Endorsement,
    }
    /// What came of recording what became of an instruction.
    RecordFollowUpPayload {
        /// The endorsement.
        endorsement: Endorsement,
    }
}

pub(crate) async fn endorsed(
    ctx: &Context<'_>,
    result: crate::error::Result<endorse::EndorsementOutcome>,
) -> async_graphql::Result<EndorseSubmissionPayload> {
    Ok(match settle(result)? {
        Ok(outcome) => {
            let loaders = ctx.loaders()?;
            let stored = loaders.many(EndorsementsOf(outcome.submission)).await?;
            EndorseSubmissionPayload {
                submission: loaders.one(outcome.submission).await?.map(Submission),
                endorsement: stored.into_iter().find(|row| row.id == outcome.endorsement).map(Endorsement),
                user_errors: Vec::new(),
            }
        }
        Err(errors) => EndorseSubmissionPayload::refused(errors),
    })
}

/// Recording endorsements.
#[derive(Default)]
pub struct EndorsementMutation;

#[Object]
impl EndorsementMutation {
    /// Records a leader's instruction on a submission. For editors, and for city leaders themselves.
    async fn endorse_submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: EndorseSubmissionInput,
    ) -> async_graphql::Result<EndorseSubmissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = EndorseSubmission {
                idempotency_key: input.idempotency_key,
                submission: GlobalId::parse(&input.submission, "submission")?,
                expected_version: input.expected_version,
                adoption: GlobalId::parse_optional(input.adoption.as_ref(), "adoption")?,
                leader: input.leader,
                level: input.level,
                rank: input.rank,
                leader_rank: input.leader_rank,
                text: input.text,
                confidential: input.is_confidential,
                confidential_parts: input.confidential_parts,
                endorsed_on: input.endorsed_on.0,
            };
            endorse::endorse(service, command).await
        };
        endorsed(ctx, run.await).await
    }

    /// Records what became of a leader's instruction (批示办理反馈). For the unit, and for editors.
    async fn record_follow_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RecordFollowUpInput,
    ) -> async_graphql::Result<RecordFollowUpPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = RecordFollowUp {
                idempotency_key: input.idempotency_key,
                endorsement: GlobalId::parse(&input.endorsement, "endorsement")?,
                expected_version: input.expected_version,
                text: input.text,
                submission: GlobalId::parse_optional(input.submission.as_ref(), "submission")?,
                followed_up_on: input.followed_up_on.map(|day| day.0),
            };
            follow_up::record(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                let stored = ctx.loaders()?.many(EndorsementsOf(outcome.submission)).await?;
                RecordFollowUpPayload {
                    endorsement: stored.into_iter().find(|row| row.id == outcome.endorsement).map(Endorsement),
                    user_errors: Vec::new(),
                }
            }
            Err(errors) => RecordFollowUpPayload::refused(errors),
        })
    }
}
