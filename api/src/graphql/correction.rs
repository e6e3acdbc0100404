//! What changed from one edition of a circular to the next.

use async_graphql::{ID, Object, SimpleObject};

use super::ids::GlobalId as _;
use super::scalars::{Date, Points};
use crate::services::circular::correct;

/// What changed for a unit from one edition of a circular to the next.
pub struct CircularChange(pub(crate) correct::UnitChange);

/// What changed for a unit from one edition of a circular to the next.
#[Object]
impl CircularChange {
    /// Global id of the unit.
    async fn unit_id(&self) -> ID {
        self.0.unit.global()
    }

    /// Name of the unit in the circular.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Code of its category.
    async fn category(&self) -> &str {
        &self.0.category
    }

    /// Points and place in the edition before; null if the unit was not in it.
    async fn before(&self) -> Option<CircularStanding> {
        self.0.before.map(Into::into)
    }

    /// Points and place in this edition; null if the unit is not in it.
    async fn after(&self) -> Option<CircularStanding> {
        self.0.after.map(Into::into)
    }

    /// The lines of its ledger that came, went or changed. None where only the place changed.
    async fn lines(&self) -> Vec<CircularLineChange> {
        let change = |line: &correct::LineChange| CircularLineChange {
            line: ID(line.key.clone()),
            rule: line.rule.clone(),
            clause: line.clause.clone(),
            title: line.title.clone(),
            date: Date(line.day),
            before: line.before.map(Points),
            after: line.after.map(Points),
        };
        self.0.lines.iter().map(change).collect()
    }
}

/// Where a unit stands in an edition.
#[derive(SimpleObject)]
pub struct CircularStanding {
    /// Its points.
    score: Points,
    /// Its place.
    rank: u32,
}

impl From<correct::Standing> for CircularStanding {
    fn from(standing: correct::Standing) -> Self {
        Self { score: Points(standing.score), rank: standing.rank }
    }
}

/// A line of the ledger that differs between two editions.
#[derive(SimpleObject)]
pub struct CircularLineChange {
    /// The line's id.
    line: ID,
    /// The rule, as the rulebook calls it.
    rule: String,
    /// Where the rule stands in the document.
    clause: String,
    /// What the rule rewards or punishes.
    title: String,
    /// The day on which it counts in the edition that has it.
    date: Date,
    /// Its points before; null if it came.
    before: Option<Points>,
    /// Its points after; null if it went.
    after: Option<Points>,
}
