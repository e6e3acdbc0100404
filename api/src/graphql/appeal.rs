//! Appeals (申诉) against lines of the ledger.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::appeal as row;
use entity::ids::{NetworkId, UnitId};
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::context::Reach as _;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::network::Network;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::person::Person;
use super::rulebook::RulebookVersion;
use super::scalars::{Date, Money, Points};
use super::submission::{Action, Submission};
use super::unit::Unit;
use crate::auth::policy::Action as PolicyAction;
use crate::services::appeal;

/// Life of an appeal.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::appeal::AppealState")]
pub enum AppealState {
    /// Nobody has decided.
    Pending,
    /// The unit is right; the line is reversed.
    Upheld,
    /// The line stands.
    Rejected,
}

/// A unit disputes a line of its score.
#[derive(Clone)]
pub struct Appeal(pub(crate) row::Model);

/// A unit disputes a line of its score.
#[Object]
impl Appeal {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Counts the changes of this object; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// What the viewer may do to it now.
    async fn actions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Action>> {
        let verdict = appeal::may_decide(ctx.service()?.actor(), &self.0);
        Ok(vec![Action::new(PolicyAction::DecideAppeal, verdict)])
    }

    /// In which network.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Network> {
        super::network::find(ctx, self.0.network_id).await
    }

    /// Whose line it is.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit_id).await?.map(Unit::of))
    }

    /// The line's id in `scoreLedger`.
    async fn line(&self) -> ID {
        ID(self.0.line.clone())
    }

    /// The day on which the line counts.
    async fn line_date(&self) -> Date {
        Date(self.0.line_day)
    }

    /// The rule that gave the line, as the rulebook calls it.
    async fn rule(&self) -> &str {
        &self.0.rule
    }

    /// Where the rule stands in the document.
    async fn clause(&self) -> &str {
        &self.0.clause
    }

    /// What the rule rewards or punishes.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// The rulebook version that gave the line.
    async fn rulebook_version(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<RulebookVersion>> {
        Ok(ctx.loaders()?.one(self.0.rulebook_id).await?.map(RulebookVersion))
    }

    /// The submission that the line is about.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        match self.0.submission_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Submission)),
            None => Ok(None),
        }
    }

    /// The line's points; zero for a line of money.
    async fn points(&self) -> Points {
        Points(analytics::points::Points::from_millionths(self.0.points))
    }

    /// The line's money; zero for a line of points.
    async fn money(&self) -> Money {
        Money(analytics::points::Money::from_fen(self.0.money))
    }

    /// Why the unit appeals.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Where it stands.
    async fn state(&self) -> AppealState {
        self.0.state.into()
    }

    /// Who appealed, if the viewer may know of them.
    async fn raised_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        Ok(ctx.loaders()?.one(self.0.raised_by).await?.map(Person))
    }

    /// When.
    async fn raised_at(&self) -> DateTime<Utc> {
        self.0.raised_at
    }

    /// Who decided, if the viewer may know of them.
    async fn decided_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        match self.0.decided_by {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Person)),
            None => Ok(None),
        }
    }

    /// When it was decided.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }

    /// Why it was decided so.
    async fn decision(&self) -> Option<&str> {
        self.0.decision.as_deref()
    }

    /// The day on which the reversal counts; null unless the appeal was upheld.
    async fn counts_on(&self) -> Option<Date> {
        self.0.counts_on.map(Date)
    }
}

/// Which appeals.
#[derive(InputObject, Default)]
pub struct AppealWhere {
    /// In this state.
    state: Option<AppealState>,
    /// Of this unit.
    unit: Option<ID>,
}

/// A line to dispute.
#[derive(InputObject)]
pub struct AppealScoreLineInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// In which network.
    network: ID,
    /// Whose line.
    unit: ID,
    /// The line's id in `scoreLedger`.
    line: ID,
    /// The line's date.
    date: Date,
    /// Why, 1 to 1,000 characters.
    reason: String,
}

/// How an appeal can end.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppealVerdict {
    /// The unit is right: the line is reversed.
    Upheld,
    /// The line stands.
    Rejected,
}

/// A decision on an appeal.
#[derive(InputObject)]
pub struct DecideAppealInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which appeal.
    appeal: ID,
    /// The version that you read.
    expected_version: i64,
    /// How it ends.
    verdict: AppealVerdict,
    /// Why, 1 to 1,000 characters.
    reason: String,
}

payloads! {
    /// What came of an act on an appeal.
    AppealPayload {
        /// The appeal.
        appeal: Appeal,
    }
}

async fn payload(
    ctx: &Context<'_>,
    result: crate::error::Result<appeal::AppealOutcome>,
) -> async_graphql::Result<AppealPayload> {
    Ok(match settle(result)? {
        Ok(outcome) => {
            AppealPayload { appeal: ctx.loaders()?.one(outcome.appeal).await?.map(Appeal), user_errors: Vec::new() }
        }
        Err(errors) => AppealPayload::refused(errors),
    })
}

/// Appeals.
#[derive(Default)]
pub struct AppealQuery;

#[Object]
impl AppealQuery {
    /// Appeals that the viewer may see, the last first.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn appeals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(name = "where", desc = "Which ones.")] filter: Option<AppealWhere>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Appeal>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let filter = filter.unwrap_or_default();
        let mut select = service.scope().appeals().filter(row::Column::NetworkId.eq(network));
        if let Some(state) = filter.state {
            select = select.filter(row::Column::State.eq(entity::appeal::AppealState::from(state)));
        }
        if let Some(unit) = UnitId::parse_optional(filter.unit.as_ref(), "where.unit").or_graphql()? {
            select = select.filter(row::Column::UnitId.eq(unit));
        }
        let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, Appeal).await
    }
}

/// Raising and deciding appeals.
#[derive(Default)]
pub struct AppealMutation;

#[Object]
impl AppealMutation {
    /// Disputes a line of the own unit's score, within 30 days of its day or of the circular that contains it. For unit leaders.
    async fn appeal_score_line(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: AppealScoreLineInput,
    ) -> async_graphql::Result<AppealPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = appeal::AppealScoreLine {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                unit: GlobalId::parse(&input.unit, "unit")?,
                line: input.line.0,
                date: input.date.0,
                reason: input.reason,
            };
            appeal::raise(service, command).await
        };
        payload(ctx, run.await).await
    }

    /// Decides an appeal. One that is upheld ends in a reversal in the ledger, on the day of the decision; the line that it
    /// takes back stays. For chief editors.
    async fn decide_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: DecideAppealInput,
    ) -> async_graphql::Result<AppealPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = appeal::DecideAppeal {
                idempotency_key: input.idempotency_key,
                appeal: GlobalId::parse(&input.appeal, "appeal")?,
                expected_version: input.expected_version,
                upheld: input.verdict == AppealVerdict::Upheld,
                reason: input.reason,
            };
            appeal::decide(service, command).await
        };
        payload(ctx, run.await).await
    }
}
