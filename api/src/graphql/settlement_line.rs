//! Lines of settlements: payments and titles, each with its reason.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use entity::ids::{PersonId, SubmissionId, UnitId};
use entity::settlement_line as row;
use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryTrait as _, Select};

use super::award::{AwardBar, TiePolicy};
use super::context::Reach as _;
use super::errors::OrGraphql as _;
use super::ids::GlobalId as _;
use super::person::Person;
use super::rulebook::RulebookVersion;
use super::scalars::{Date, Money, Points, Ratio};
use super::settlement::AwardSettlement;
use super::submission::Submission;
use super::unit::Unit;
use crate::error::{Error, Result};
use crate::services::settlement;

/// What gives a line.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::settlement_line::SettlementLineKind")]
pub enum SettlementLineKind {
    /// A place in the ranking.
    Award,
    /// A rule that gives or takes money.
    Reward,
}

/// What becomes of a line.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::settlement_line::SettlementOutcome")]
pub enum SettlementLineOutcome {
    /// Won by rank, or by a decision on a tie.
    Won,
    /// Won because those before it are passed over (递补).
    MovedUp,
    /// The rank would win, but the unit may not; `bars` say why.
    PassedOver,
    /// Tied across the last place; a person has to choose before the settlement can be approved.
    Undecided,
    /// Tied across the last place, and not chosen.
    LostTie,
    /// Earned, or taken, by a rule.
    Earned,
    /// It was settled before and is not due any more.
    Withdrawn,
    /// Taken back with its settlement.
    Reversed,
}

/// A line of a settlement: a payment or a title, with its reason.
#[derive(Clone)]
pub struct SettlementLine(pub(crate) row::Model);

/// A line of a settlement: a payment or a title, with its reason.
#[Object]
impl SettlementLine {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Stable: the same award, or the same line of the ledger, to the same payee has the same key in every settlement.
    async fn key(&self) -> &str {
        &self.0.key
    }

    /// Its settlement.
    async fn settlement(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<AwardSettlement>> {
        Ok(ctx.loaders()?.one(self.0.settlement_id).await?.map(AwardSettlement))
    }

    /// What gives it.
    async fn kind(&self) -> SettlementLineKind {
        self.0.kind.into()
    }

    /// The award or the rule, as the rulebook calls it.
    async fn award(&self) -> &str {
        &self.0.award
    }

    /// The rulebook version.
    async fn rulebook_version(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<RulebookVersion>> {
        Ok(ctx.loaders()?.one(self.0.rulebook_id).await?.map(RulebookVersion))
    }

    /// Where it stands in the document.
    async fn clause(&self) -> &str {
        &self.0.clause
    }

    /// The title that is won, or what is rewarded.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// Code of the category in which it is won.
    async fn category(&self) -> Option<&str> {
        self.0.category.as_deref()
    }

    /// The unit.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit_id).await?.map(Unit::of))
    }

    /// The unit's name when the line was drafted.
    async fn unit_name(&self) -> &str {
        &self.0.unit_name
    }

    /// The submission that is rewarded, or that wins.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        match self.0.submission_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Submission)),
            None => Ok(None),
        }
    }

    /// The person who is paid or named, if they have an account and the viewer may know of them.
    async fn person(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        match self.0.person_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Person)),
            None => Ok(None),
        }
    }

    /// Who is paid or named beside the unit. In full for those who settle, for their own unit and for themselves; for others all but the
    /// first character is hidden.
    async fn person_name(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<String>> {
        let service = ctx.service()?;
        let Some(name) = &self.0.person_name else { return Ok(None) };
        Ok(Some(settlement::name_for(service, &self.0, name)))
    }

    /// The editor of the submission that wins.
    async fn editor(&self) -> Option<&str> {
        self.0.editor.as_deref()
    }

    /// The person's share of what the article is paid, `"1"` for the whole; null where nothing is shared.
    async fn share(&self) -> Option<Ratio> {
        self.0.share.map(Ratio::from_millionths)
    }

    /// The rank by which it is won.
    async fn rank(&self) -> Option<i64> {
        self.0.rank
    }

    /// The points by which it is won.
    async fn score(&self) -> Option<Points> {
        self.0.points.map(|points| Points(analytics::points::Points::from_millionths(points)))
    }

    /// The day to which it belongs.
    async fn date(&self) -> Date {
        Date(self.0.day)
    }

    /// What is due in all.
    async fn due(&self) -> Money {
        Money(analytics::points::Money::from_fen(self.0.due))
    }

    /// What was paid under the same key before.
    async fn paid_before(&self) -> Money {
        Money(analytics::points::Money::from_fen(self.0.paid_before))
    }

    /// What this settlement pays, or takes back when negative.
    async fn amount(&self) -> Money {
        Money(analytics::points::Money::from_fen(self.0.amount))
    }

    /// What becomes of it.
    async fn outcome(&self) -> SettlementLineOutcome {
        self.0.outcome.into()
    }

    /// What was applied to a tie across the last place; null if this place was not tied there.
    async fn tie(&self) -> Option<TiePolicy> {
        use analytics::rulebook::Ties;
        let code = self.0.tie.as_deref()?;
        [Ties::Include, Ties::TieBreak, Ties::Manual].into_iter().find(|ties| ties.code() == code).map(Into::into)
    }

    /// The reason in words, Chinese.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The lists that keep the unit from winning, with the evidence.
    async fn bars(&self) -> async_graphql::Result<Vec<AwardBar>> {
        let bars: Vec<settlement::Bar> = serde_json::from_str(&self.0.bars).map_err(Error::internal).or_graphql()?;
        Ok(bars.into_iter().map(|bar| AwardBar::from(analytics::scoring::Bar::from(bar))).collect())
    }
}

/// Which lines.
#[derive(InputObject, Default)]
pub struct SettlementLineWhere {
    /// Of this kind.
    kind: Option<SettlementLineKind>,
    /// With this outcome.
    outcome: Option<SettlementLineOutcome>,
    /// Of this award or rule, as the rulebook calls it.
    award: Option<String>,
    /// Of this unit.
    unit: Option<ID>,
    /// Of this submission.
    submission: Option<ID>,
    /// Paid to this person.
    person: Option<ID>,
}

impl SettlementLineWhere {
    /// The rows that are meant.
    pub(crate) fn filter(self, select: Select<row::Entity>) -> Result<Select<row::Entity>> {
        let unit = UnitId::parse_optional(self.unit.as_ref(), "where.unit")?;
        let submission = SubmissionId::parse_optional(self.submission.as_ref(), "where.submission")?;
        let person = PersonId::parse_optional(self.person.as_ref(), "where.person")?;
        Ok(select
            .apply_if(self.kind, |select, kind| {
                select.filter(row::Column::Kind.eq(entity::settlement_line::SettlementLineKind::from(kind)))
            })
            .apply_if(self.outcome, |select, outcome| {
                select.filter(row::Column::Outcome.eq(entity::settlement_line::SettlementOutcome::from(outcome)))
            })
            .apply_if(self.award, |select, award| select.filter(row::Column::Award.eq(award)))
            .apply_if(unit, |select, unit| select.filter(row::Column::UnitId.eq(unit)))
            .apply_if(submission, |select, submission| select.filter(row::Column::SubmissionId.eq(submission)))
            .apply_if(person, |select, person| select.filter(row::Column::PersonId.eq(person))))
    }
}
