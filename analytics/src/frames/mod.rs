//! The questions that are asked of the facts: one composable query, and what is built on it.
//!
//! A [`Query`] names measures, what rows stand for, days, and how values are compared, ranked and cut.
//! [`plan`] says before anything is computed what it would come to, or why it is refused and what would help;
//! [`analyse`] answers it. polars sums the facts of each figure by unit, period and dimension (`gather`); what follows works on
//! those sums, with whole numbers and undivided fractions, because the engine's quotients would be floats. So a rate is Σ ÷ Σ at
//! every grain, and equal means equal.

pub mod anomaly;
pub mod answer;
pub mod dimension;
pub mod evidence;
pub mod measure;
pub mod number;
pub mod periods;
pub mod query;
pub mod refusal;

mod attribute;
mod check;
mod evaluate;
mod gather;
mod grid;
mod plan;
mod rank;
mod rates;

use std::sync::Arc;

use chrono::NaiveDate;

use crate::facts::Facts;
use crate::period::Span;
use crate::scoring::world::World;
use crate::scoring::{Scored, Versions};
use answer::Answer;
pub use check::{MOST_MEASURES, MOST_ROWS};
use dimension::Dimension;
pub use evaluate::ADOPTION_WINDOW_DAYS;
use evaluate::Evaluate;
use gather::Gather;
use grid::{Grid, Labels};
pub use plan::Plan;
use query::Query;
pub use rates::{RateBasis, RateBy, RateRow, RateStatus, adoption_rates, adoption_rates_by_heirs};
use refusal::Refusal;

/// Why a polars error cannot happen.
const SOUND: &str = "every plan names columns of its own frame with their own types";

/// What questions are asked of: the facts, the rules, and the day of the question.
#[derive(Debug, Clone)]
pub struct Source {
    world: Arc<World>,
    versions: Versions,
    today: NaiveDate,
}

impl Source {
    /// The facts under the rules, seen on a day.
    pub fn new(versions: &Versions, facts: &Facts, today: NaiveDate) -> Self {
        Self { world: Arc::new(World::new(versions, facts)), versions: versions.clone(), today }
    }

    /// The day on which it is seen.
    pub fn today(&self) -> NaiveDate {
        self.today
    }

    /// The units, in the order of the official list.
    pub fn units(&self) -> impl Iterator<Item = i64> {
        self.world.units.iter().map(|unit| unit.id)
    }
}

/// What a query comes to, or why it is refused.
pub fn plan(source: &Source, query: &Query) -> Result<Plan, Refusal> {
    plan::check(&source.versions, &source.world, source.today, query).map(|checked| checked.plan)
}

/// Answers a query. `scored` gives the years that the plan names; it is asked only if some measure is read from the ledger.
pub fn analyse(
    source: &Source,
    query: &Query,
    scored: impl Fn(Span) -> Option<Arc<Scored>>,
) -> Result<Answer, Refusal> {
    let checked = plan::check(&source.versions, &source.world, source.today, query)?;
    let scored: Vec<Arc<Scored>> = checked.plan.years.iter().filter_map(|year| scored(*year)).collect();
    let Some(version) = source.versions.on_or_first(checked.plan.span.last) else {
        unreachable!("a query without any rulebook is refused when it is checked");
    };
    let mut rules: Vec<String> = scored.iter().flat_map(|scored| scored.rule_ids()).collect();
    rules.sort();
    rules.dedup();
    let mut parts: Vec<Dimension> = query.rows.iter().copied().filter(|dimension| !dimension.is_of_units()).collect();
    if plan::category_is_of_facts(query) && query.rows.contains(&Dimension::Category) {
        parts.push(Dimension::Category);
    }
    let labels = Labels::new(&source.world, &version.rulebook, &rules, &checked.plan.periods);
    let gather = Gather {
        world: &source.world,
        scored: &scored,
        query,
        targets: &checked.targets.all,
        periods: &checked.plan.periods,
        parts,
        rules: rules.clone(),
    };
    let figures = plan::figures(query);
    let mut grid = Grid::new(figures.clone(), checked.targets.all.len());
    let expected = grid.expect(query, &labels, &checked.plan.periods);
    for figure in figures {
        let sums = gather.sums(figure).expect(SOUND);
        grid.take(query, &labels, &checked.targets.all, figure, &sums, &gather.parts);
    }
    let evaluate = Evaluate {
        query,
        plan: &checked.plan,
        targets: &checked.targets,
        grid: &grid,
        labels: &labels,
        today: source.today,
        expected: &expected,
    };
    Ok(evaluate.answer())
}
