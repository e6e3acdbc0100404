//! Settlements (结算): what is paid, and which titles are given, for a period whose circular is published.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::ids::{NetworkId, SettlementId, SubmissionId, UnitId};
use entity::settlement as row;
use entity::settlement_line as line_row;
use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryTrait as _};

use super::circular::Circular;
use super::context::Reach as _;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::network::Network;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::person::Person;
use super::scalars::{Days, Money, PeriodId};
use super::settlement_line::{SettlementLine, SettlementLineWhere};
use crate::error::{Error, Result};
use crate::services::download::File;
use crate::services::settlement::{self, approve, draft, payout, reverse, tie};

/// Whether a settlement pays or takes back.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::settlement::SettlementKind")]
pub enum SettlementKind {
    /// It pays what is due and has not been paid.
    Payment,
    /// It takes back what another one paid (冲正).
    Reversal,
}

/// Life of a settlement.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::settlement::SettlementState")]
pub enum SettlementState {
    /// Nobody has approved it.
    Drafted,
    /// A second person approved it: its lines are paid.
    Approved,
    /// It was approved and has been taken back.
    Reversed,
    /// Another draft has taken its place.
    Discarded,
}

/// How the list by which a settlement is paid is written.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[graphql(remote = "payout::Format")]
pub enum PayoutFormat {
    /// A workbook.
    #[default]
    Xlsx,
    /// Comma-separated values.
    Csv,
}

/// A settlement (结算): what is paid, and which titles are given, for a period whose circular is published. Members see those that were
/// approved, with their own lines.
#[derive(Clone)]
pub struct AwardSettlement(pub(crate) row::Model);

/// A settlement (结算): what is paid, and which titles are given, for a period whose circular is published. Members see those that were
/// approved, with their own lines.
#[Object]
impl AwardSettlement {
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

    /// For which period.
    async fn period(&self) -> async_graphql::Result<PeriodId> {
        self.0.period.parse().map(PeriodId).map_err(Error::internal).or_graphql()
    }

    /// The days of the period.
    async fn days(&self) -> Days {
        analytics::period::Span { first: self.0.first_day, last: self.0.last_day }.into()
    }

    /// Counts the settlements of the period from 1.
    async fn number(&self) -> i64 {
        self.0.number
    }

    /// Whether it pays or takes back.
    async fn kind(&self) -> SettlementKind {
        self.0.kind.into()
    }

    /// Where it stands.
    async fn state(&self) -> SettlementState {
        self.0.state.into()
    }

    /// The edition of the circular from which it was drafted.
    async fn circular(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Circular>> {
        Ok(ctx.loaders()?.one(self.0.circular_id).await?.map(Circular))
    }

    /// The settlement that it takes back.
    async fn reverses(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<AwardSettlement>> {
        match self.0.reverses_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(AwardSettlement)),
            None => Ok(None),
        }
    }

    /// The sum of its lines; null for those who do not see all of them.
    async fn total(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Money>> {
        let whole = ctx.service()?.scope().sees_network(self.0.network_id);
        Ok(whole.then(|| Money(analytics::points::Money::from_fen(self.0.total))))
    }

    /// Why it takes back; null in one that pays.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Its lines, in the order of the rulebook's awards, then of the ledger.
    async fn lines(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "where", desc = "Which ones.")] filter: Option<SettlementLineWhere>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<SettlementLine>> {
        let service = ctx.service()?;
        let select = service.scope().settlement_lines().filter(line_row::Column::SettlementId.eq(self.0.id));
        let select = filter.unwrap_or_default().filter(select).or_graphql()?;
        let sort =
            Sort { id: line_row::Column::Id, id_of: |row: &line_row::Model| row.id.0, by: None, descending: false };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, SettlementLine).await
    }

    /// Path on this server at which the list by which it is paid (发放清单) can be fetched for five minutes, with its ticket: the lines that
    /// the viewer may see, and their sum.
    async fn payouts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is written.", default)] format: PayoutFormat,
    ) -> async_graphql::Result<String> {
        super::export::link(ctx, File::Payouts(self.0.id, format.into()))
    }

    /// Who drafted it, or took back, if the viewer may know of them.
    async fn drafted_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        Ok(ctx.loaders()?.one(self.0.drafted_by).await?.map(Person))
    }

    /// When.
    async fn drafted_at(&self) -> DateTime<Utc> {
        self.0.drafted_at
    }

    /// Who approved it, if the viewer may know of them.
    async fn approved_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        match self.0.approved_by {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Person)),
            None => Ok(None),
        }
    }

    /// When it was approved.
    async fn approved_at(&self) -> Option<DateTime<Utc>> {
        self.0.approved_at
    }
}

/// Which settlements.
#[derive(InputObject, Default)]
pub struct SettlementWhere {
    /// Of this period.
    period: Option<PeriodId>,
    /// In this state.
    state: Option<SettlementState>,
    /// Of this kind.
    kind: Option<SettlementKind>,
}

/// What to settle.
#[derive(InputObject)]
pub struct SettleAwardsInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// In which network.
    network: ID,
    /// A period whose circular is published: the assessment year for awards, or a month, a quarter or a half-year for money that is paid
    /// by it.
    period: PeriodId,
}

/// Who wins a tie.
#[derive(InputObject)]
pub struct DecideAwardTieInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// In which network.
    network: ID,
    /// The assessment year.
    period: PeriodId,
    /// The award, as the rulebook calls it.
    award: String,
    /// Ids of the units that win, or of the submissions where submissions win: as many as places are left.
    winners: Vec<ID>,
    /// Why, 1 to 500 characters.
    reason: String,
}

/// A settlement to approve.
#[derive(InputObject)]
pub struct ApproveSettlementInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which one.
    settlement: ID,
    /// The version that you read.
    expected_version: i64,
}

/// A settlement to take back.
#[derive(InputObject)]
pub struct ReverseSettlementInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which one.
    settlement: ID,
    /// The version that you read.
    expected_version: i64,
    /// Why, 1 to 500 characters.
    reason: String,
}

payloads! {
    /// What came of an act on a settlement.
    AwardSettlementPayload {
        /// The settlement; after a reversal, the one that takes back.
        settlement: AwardSettlement,
    }
    /// What came of a decision on a tie.
    DecideAwardTiePayload {
        /// What was decided.
        decision: AwardTieDecision,
    }
}

/// A decision on a tie across the last place of an award.
#[derive(SimpleObject)]
pub struct AwardTieDecision {
    /// The award, as the rulebook calls it.
    award: String,
    /// How many win by it.
    winners: i32,
    /// The draft that was open; settle again to apply the decision.
    draft: Option<ID>,
}

async fn payload(
    ctx: &Context<'_>,
    result: Result<settlement::SettlementOutcome>,
) -> async_graphql::Result<AwardSettlementPayload> {
    Ok(match settle(result)? {
        Ok(outcome) => AwardSettlementPayload {
            settlement: ctx.loaders()?.one(outcome.settlement).await?.map(AwardSettlement),
            user_errors: Vec::new(),
        },
        Err(errors) => AwardSettlementPayload::refused(errors),
    })
}

/// Settlements and what they paid.
#[derive(Default)]
pub struct SettlementQuery;

#[Object]
impl SettlementQuery {
    /// Settlements that the viewer may see, the last first.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn settlements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(name = "where", desc = "Which ones.")] filter: Option<SettlementWhere>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<AwardSettlement>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let filter = filter.unwrap_or_default();
        let select = service.scope().settlements().filter(row::Column::NetworkId.eq(network));
        let select = select
            .apply_if(filter.period, |select, period| select.filter(row::Column::Period.eq(period.0.to_string())))
            .apply_if(filter.state, |select, state| {
                select.filter(row::Column::State.eq(entity::settlement::SettlementState::from(state)))
            })
            .apply_if(filter.kind, |select, kind| {
                select.filter(row::Column::Kind.eq(entity::settlement::SettlementKind::from(kind)))
            });
        let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, AwardSettlement).await
    }

    /// What approved settlements paid, took back and gave titles for, the last first: the ledger of payments. A unit sees its own lines.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn award_payments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(name = "where", desc = "Which ones.")] filter: Option<SettlementLineWhere>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<SettlementLine>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let select = service.scope().paid_lines().filter(line_row::Column::NetworkId.eq(network));
        let select = filter.unwrap_or_default().filter(select).or_graphql()?;
        let sort =
            Sort { id: line_row::Column::Id, id_of: |row: &line_row::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, SettlementLine).await
    }
}

/// Drafting, approving and taking back settlements.
#[derive(Default)]
pub struct SettlementMutation;

#[Object]
impl SettlementMutation {
    /// Drafts a settlement from the published circular of a period: what is due and has not been settled, line by line with the reason.
    /// Whoever asks again gets the same draft; after a correction, only the difference. For editors and chief editors.
    async fn settle_awards(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SettleAwardsInput,
    ) -> async_graphql::Result<AwardSettlementPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = draft::SettleAwards {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                period: input.period.0,
            };
            draft::settle(service, command).await
        };
        payload(ctx, run.await).await
    }

    /// Chooses among those that tie across the last place of an award, where the rulebook leaves it to a person. Settle again to apply it.
    /// For chief editors.
    async fn decide_award_tie(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: DecideAwardTieInput,
    ) -> async_graphql::Result<DecideAwardTiePayload> {
        let service = ctx.service()?;
        let run = async {
            let command = tie::DecideAwardTie {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                period: input.period.0,
                award: input.award,
                winners: input.winners.iter().map(winner).collect::<Result<_>>()?,
                reason: input.reason,
            };
            tie::decide(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => DecideAwardTiePayload {
                decision: Some(AwardTieDecision {
                    award: outcome.award,
                    winners: i32::try_from(outcome.winners).unwrap_or(i32::MAX),
                    draft: outcome.draft.map(SettlementId::global),
                }),
                user_errors: Vec::new(),
            },
            Err(errors) => DecideAwardTiePayload::refused(errors),
        })
    }

    /// Approves a settlement that somebody else drafted: its lines are paid from then on. For chief editors.
    async fn approve_settlement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ApproveSettlementInput,
    ) -> async_graphql::Result<AwardSettlementPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = approve::ApproveSettlement {
                idempotency_key: input.idempotency_key,
                settlement: GlobalId::parse(&input.settlement, "settlement")?,
                expected_version: input.expected_version,
            };
            approve::approve(service, command).await
        };
        payload(ctx, run.await).await
    }

    /// Takes an approved settlement back (冲正): every line once more, with the opposite amount. What it paid is due again. For chief editors.
    async fn reverse_settlement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ReverseSettlementInput,
    ) -> async_graphql::Result<AwardSettlementPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = reverse::ReverseSettlement {
                idempotency_key: input.idempotency_key,
                settlement: GlobalId::parse(&input.settlement, "settlement")?,
                expected_version: input.expected_version,
                reason: input.reason,
            };
            reverse::reverse(service, command).await
        };
        payload(ctx, run.await).await
    }
}

/// A unit or a submission that wins.
fn winner(id: &ID) -> Result<i64> {
    match UnitId::parse(id, "winners") {
        Ok(unit) => Ok(unit.0),
        Err(_) => SubmissionId::parse(id, "winners").map(|submission| submission.0),
    }
}
