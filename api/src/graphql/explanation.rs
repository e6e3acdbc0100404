//! Why a rule gave nothing, and what a draft of the rules would give.

use analytics::scoring::{Change, Obstacle, WhyNot};
use async_graphql::{Context, ID, Object, SimpleObject};
use entity::ids::{NetworkId, RulebookVersionId, UnitId};

use super::context::Reach as _;
use super::errors::OrGraphql as _;
use super::ids::GlobalId;
use super::rulebook::RulebookVersion;
use super::scalars::{Date, PeriodInput, Points};
use super::score::{FactReference, Meta, ScoreInput, ScoreLine, ScoringNote};
use super::unit::Unit;
use crate::services::explanation;

/// What a rule gave a unit in a period, and where it gave nothing, with the reason.
#[derive(SimpleObject)]
pub struct RuleExplanation {
    /// The rule, as the rulebook calls it.
    rule: String,
    /// Where it stands in the document.
    clause: String,
    /// What it rewards or punishes.
    title: String,
    /// Whether it gave anything.
    fired: bool,
    /// What it gave.
    lines: Vec<ScoreLine>,
    /// The facts or the periods for which it did not fire, at most 100 of them.
    misses: Vec<RuleMiss>,
    /// How many more there are.
    misses_left_out: i32,
    /// Where the answer comes from.
    meta: Meta,
}

/// One fact, or one period, for which a rule did not fire.
pub struct RuleMiss(WhyNot);

/// One fact, or one period, for which a rule did not fire.
#[Object]
impl RuleMiss {
    /// The rulebook version that was in force.
    async fn rulebook_version(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<RulebookVersion>> {
        Ok(ctx.loaders()?.one(RulebookVersionId(self.0.version)).await?.map(RulebookVersion))
    }

    /// The fact, for a rule on facts.
    async fn fact(&self) -> Option<FactReference> {
        self.0.fact.as_ref().map(Into::into)
    }

    /// The fact's day, or the last one of the period.
    async fn date(&self) -> Date {
        Date(self.0.day)
    }

    /// Whether the fact counts for nothing at all, because an exclusion of the rulebook names it.
    async fn is_excluded(&self) -> bool {
        self.0.obstacles.is_empty()
    }

    /// The conditions that did not hold, in the order of the rule.
    async fn obstacles(&self) -> Vec<RuleObstacle> {
        self.0.obstacles.iter().cloned().map(Into::into).collect()
    }
}

/// A condition that did not hold.
#[derive(SimpleObject)]
pub struct RuleObstacle {
    /// The condition, as the rule says it.
    condition: String,
    /// The values that it read.
    inputs: Vec<ScoreInput>,
    /// For a comparison of numbers: how much the left side is away from the right one; positive is short of it, negative is over.
    short_by: Option<Points>,
}

impl From<Obstacle> for RuleObstacle {
    fn from(obstacle: Obstacle) -> Self {
        Self {
            inputs: obstacle.inputs.iter().map(Into::into).collect(),
            short_by: obstacle.short.map(Points),
            condition: obstacle.condition,
        }
    }
}

/// What a draft of the rules would change, were it in force from the first day of the assessment year.
#[derive(SimpleObject)]
pub struct Simulation {
    /// Unit by unit, in the order of the draft's ranking; those that it does not rank come last.
    changes: Vec<SimulatedChange>,
    /// What no rule of the draft could place.
    notes: Vec<ScoringNote>,
    /// Where the answer comes from.
    meta: Meta,
}

/// What a draft changes for one unit.
pub struct SimulatedChange(Change);

/// What a draft changes for one unit.
#[Object]
impl SimulatedChange {
    /// The unit.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(UnitId(self.0.unit)).await?.map(Unit::of))
    }

    /// Code of its category under the draft, or of the one it has if the draft ranks it in none.
    async fn category(&self) -> &str {
        &self.0.category
    }

    /// Its points under the rules in force; null if these do not rank it.
    async fn score_before(&self) -> Option<Points> {
        self.0.before.map(Points)
    }

    /// Its points under the draft; null if it does not rank it.
    async fn score_after(&self) -> Option<Points> {
        self.0.after.map(Points)
    }

    /// What the draft gives more, or less when negative.
    async fn difference(&self) -> Points {
        Points(self.0.difference())
    }

    /// Its place under the rules in force.
    async fn rank_before(&self) -> Option<u32> {
        self.0.rank_before
    }

    /// Its place under the draft.
    async fn rank_after(&self) -> Option<u32> {
        self.0.rank_after
    }
}

/// The most misses that one answer lists.
const MISSES: usize = 100;

/// Questions about rules.
#[derive(Default)]
pub struct ExplanationQuery;

#[Object]
impl ExplanationQuery {
    /// Why a rule gave a unit nothing in a period, or not more: which condition kept it from firing, and by how much.
    async fn why_not(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which unit.")] unit: ID,
        #[graphql(desc = "The rule, as the rulebook calls it.")] rule: String,
        #[graphql(desc = "Which days, within one assessment year.")] period: PeriodInput,
    ) -> async_graphql::Result<RuleExplanation> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let unit = UnitId::parse(&unit, "unit").or_graphql()?;
        let span = period.span().or_graphql()?;
        let found = explanation::why_not(ctx.service()?, network, unit, &rule, span).await.or_graphql()?;
        let left_out = found.obstacles.len().saturating_sub(MISSES);
        Ok(RuleExplanation {
            rule: found.rule,
            clause: found.clause,
            title: found.title,
            fired: !found.lines.is_empty(),
            lines: found.lines.into_iter().map(|line| ScoreLine { line, network }).collect(),
            misses: found.obstacles.into_iter().take(MISSES).map(RuleMiss).collect(),
            misses_left_out: i32::try_from(left_out).unwrap_or(i32::MAX),
            meta: Meta(found.meta),
        })
    }

    /// What a draft of the rules would change in a period, against the rules in force: points and places unit by unit. Stores nothing.
    /// For editors and chief editors.
    async fn simulate_rulebook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "The draft, TOML.")] text: String,
        #[graphql(desc = "Which days, within one assessment year.")] period: PeriodInput,
    ) -> async_graphql::Result<Simulation> {
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let span = period.span().or_graphql()?;
        let found = explanation::simulate(ctx.service()?, network, &text, span).await.or_graphql()?;
        Ok(Simulation {
            changes: found.changes.into_iter().map(SimulatedChange).collect(),
            notes: found.notes.into_iter().map(Into::into).collect(),
            meta: Meta(found.meta),
        })
    }
}
