//! Awards: who wins by the year's ranking, who is passed over and why, and what decides ties.

use analytics::scoring::{AwardLine as AwardRow, AwardOutcome as Outcome, Bar};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use entity::ids::{NetworkId, SubmissionId, UnitId};

use super::context::Reach as _;
use super::errors::OrGraphql as _;
use super::ids::GlobalId as _;
use super::scalars::{Money, PeriodInput, Points};
use super::score::{FactReference, Meta, ScoreInput};
use super::submission::Submission;
use super::unit::Unit;
use crate::services::score;

/// What becomes of a place at which an award is won, or would be.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Outcome")]
pub enum AwardOutcome {
    /// It wins by its rank.
    Wins,
    /// It wins because those before it are passed over (递补).
    MovesUp,
    /// Its rank would win, but it may not; `bars` say why.
    PassedOver,
    /// It is tied across the last place, and a person has to choose.
    Undecided,
    /// It was tied across the last place, and the tie-break went against it.
    LosesTie,
}

/// What a rulebook says of ties across the last place of an award.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "analytics::rulebook::Ties")]
pub enum TiePolicy {
    /// All that tie win.
    Include,
    /// Further figures decide; what they leave equal, a person decides.
    TieBreak,
    /// A person chooses.
    Manual,
}

/// Why a unit may not win an award: a list of the rulebook that costs it, or one on which it should stand.
#[derive(SimpleObject)]
pub struct AwardBar {
    /// The list, as the rulebook calls it.
    list: String,
    /// What it lists.
    title: String,
    /// Where it stands in the document.
    clause: String,
    /// Whether the unit should stand on the list and does not.
    is_missing: bool,
    /// What the list's condition read.
    inputs: Vec<ScoreInput>,
    /// The facts that were counted: the evidence.
    facts: Vec<FactReference>,
}

impl From<Bar> for AwardBar {
    fn from(bar: Bar) -> Self {
        Self {
            list: bar.list,
            title: bar.title,
            clause: bar.clause,
            is_missing: bar.missing,
            inputs: bar.inputs.iter().map(Into::into).collect(),
            facts: bar.facts.iter().map(Into::into).collect(),
        }
    }
}

/// A place at which an award is won by the year's ranking, or would be.
pub struct AwardLine(AwardRow);

/// A place at which an award is won by the year's ranking, or would be.
#[Object]
impl AwardLine {
    /// The award, as the rulebook calls it.
    async fn award(&self) -> &str {
        &self.0.award
    }

    /// Where the award stands in the document.
    async fn clause(&self) -> &str {
        &self.0.clause
    }

    /// The title that is won.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// Code of the category.
    async fn category(&self) -> &str {
        &self.0.category
    }

    /// The unit.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(UnitId(self.0.unit)).await?.map(Unit::of))
    }

    /// Its place in the year.
    async fn rank(&self) -> u32 {
        self.0.rank
    }

    /// Its points in the year.
    async fn score(&self) -> Points {
        Points(self.0.points)
    }

    /// What it gets.
    async fn amount(&self) -> Money {
        Money(self.0.money)
    }

    /// Whether it hangs on a tie that a person has to decide.
    async fn is_undecided(&self) -> bool {
        self.0.undecided
    }

    /// The submission, where submissions win.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        match self.0.submission {
            Some(id) => Ok(ctx.loaders()?.one(SubmissionId(id)).await?.map(Submission)),
            None => Ok(None),
        }
    }

    /// What becomes of it.
    async fn outcome(&self) -> AwardOutcome {
        self.0.outcome.into()
    }

    /// What was applied to a tie across the last place; null if this place was not tied there.
    async fn tie(&self) -> Option<TiePolicy> {
        self.0.at_the_cut.then(|| self.0.ties.into())
    }

    /// Why it is passed over.
    async fn bars(&self) -> Vec<AwardBar> {
        self.0.bars.iter().cloned().map(Into::into).collect()
    }

    /// The units that were passed over before it, if it wins only because of that and the viewer may know of them.
    async fn in_place_of(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Unit>> {
        let units = ctx.loaders()?.each(self.0.in_place_of.iter().copied().map(UnitId)).await?;
        Ok(units.into_iter().map(Unit::of).collect())
    }
}

/// The awards of an assessment year as the ranking stands.
#[derive(SimpleObject)]
pub struct AwardTable {
    /// The lines, in the rulebook's order, best first.
    rows: Vec<AwardLine>,
    /// Where the answer comes from.
    meta: Meta,
}

/// Awards.
#[derive(Default)]
pub struct AwardQuery;

#[Object]
impl AwardQuery {
    /// Who would win the awards of the assessment year that contains a period, as the ranking stands, and who is passed over.
    async fn awards(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Any days of the year.")] period: PeriodInput,
    ) -> async_graphql::Result<AwardTable> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let span = period.span().or_graphql()?;
        let (rows, meta) = score::awards(ctx.service()?, network, span).await.or_graphql()?;
        Ok(AwardTable { rows: rows.into_iter().map(AwardLine).collect(), meta: Meta(meta) })
    }
}
