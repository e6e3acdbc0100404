//! Rulebooks over facts, giving a ledger.
//!
//! The order of evaluation is the same for every rulebook; each step is a file:
//!
//! 1. leave facts out, 2. points per fact (`tariff`), 3. several facts on one submission, under one rule (`combine`) and under several
//!    (`together`), 4. coefficients (`multiply`), 5. joint items (`share`), 6. points that another office gave, which are facts of the kind
//!    judgement and have come in with the tariff, 7. rules on periods (`counts`, `periodic`), 8. parts, 9. zeroing, 10. conversion
//!    (`parts`), totals and rounding (`total`), 11. ranks and lists (`ranking`, `lists`), 12. awards (`award`).
//!
//! Steps 3 to 5 and 8 to 10 change what earlier steps gave. They never touch a line: each writes the difference as a line of its own
//! clause, so that the lines always add up to the score.
//!
//! Scoring cannot fail: what no rule can place becomes a [`Note`]. Amounts are whole numbers of millionths or fen; a single line is
//! bounded by 90 000 points, so that a hundred million lines add up without overflow.

mod audit;
mod award;
mod beside;
pub mod catalogue;
mod cells;
mod combine;
pub(crate) mod counts;
mod decision;
mod draft;
pub(crate) mod inherit;
mod line;
mod lists;
mod multiply;
mod note;
pub(crate) mod owed;
mod parts;
pub(crate) mod periodic;
mod progress;
pub(crate) mod ranking;
mod reasons;
mod reversal;
mod rulings;
mod share;
mod simulate;
mod slice;
mod slices;
mod sums;
pub(crate) mod tariff;
mod together;
pub(crate) mod total;
pub(crate) mod unit;
mod versions;
mod why_not;
pub(crate) mod world;

use std::sync::{Arc, OnceLock};

use polars::prelude::{ChunkAgg, ChunkedArray, DataFrame, PolarsNumericType, PolarsResult};

pub use award::{AwardLine, AwardOutcome, Bar};
pub use decision::{Bounds, Decision, decide};
pub use line::{FactRef, Input, Line};
pub use lists::{Evidence, ListRow};
pub use note::{Note, NoteKind};
pub use progress::{Holder, Obligation, Progress, Source};
pub use ranking::RankingRow;
pub use rulings::{Ruling, rulings};
pub use simulate::{Change, compare, simulate};
pub use versions::{Version, Versions};
pub use why_not::{Obstacle, WhyNot, why_not};

use crate::facts::{DAY, Facts};
use crate::heirs::Heirs;
use crate::period::Span;
use crate::points::{Money, Points, Rounding, SCALE};
use crate::rulebook::{Currency, ROUNDING};
use note::{About, Notes};
use slice::Slice;
use slices::Slices;
use unit::Unit;
use world::World;

/// The most that one line may give or take, in millionths of a point or in fen: a hundred million lines still fit an `i64`.
pub(crate) const MAX_LINE: i64 = 90_000 * SCALE;

/// The columns of a ledger.
const LINE_COLUMNS: [&str; 8] = ["rule", "base", "unit", DAY, "submission", "fact", "read", "amount"];

/// Why a polars error cannot happen: plans are built from checked expressions over frames that this crate makes itself.
const SOUND: &str = "every plan names columns of its own frame with their own types";

/// A rule by the places of its version and of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RuleRef {
    pub(crate) version: usize,
    pub(crate) rule: usize,
}

/// An amount in one of the two currencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// Points.
    Points(Points),
    /// Money.
    Money(Money),
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Points(points) => points.fmt(f),
            Self::Money(money) => money.fmt(f),
        }
    }
}

/// A scored year: the ledger, and every question that it answers.
///
/// It holds the facts that it was computed from, so a line can be traced to them at any later time.
#[derive(Debug, Clone)]
pub struct Scored {
    world: Arc<World>,
    year: Span,
    slices: Slices,
    notes: OnceLock<Vec<Note>>,
}

/// Scores one assessment year: every fact of the year by the version in force on its day, every period by the version in force on its
/// last day.
pub fn score(versions: &Versions, facts: &Facts, year: Span) -> Scored {
    score_in_slices(versions, facts, year, slices::ROWS)
}

/// The same over slices of about so many facts. No answer depends on how many.
pub fn score_in_slices(versions: &Versions, facts: &Facts, year: Span, rows: usize) -> Scored {
    let world = World::new(versions, facts);
    let slices = Slices::new(&world, year, rows);
    Scored { world: Arc::new(world), year, slices, notes: OnceLock::new() }
}

/// Smallest and largest value; `None` where there is no value.
fn extremes<T>(numbers: &ChunkedArray<T>) -> Option<(T::Native, T::Native)>
where
    T: PolarsNumericType,
    ChunkedArray<T>: ChunkAgg<T::Native>,
{
    Some((numbers.min()?, numbers.max()?))
}

impl Scored {
    /// The year that was scored.
    pub fn year(&self) -> Span {
        self.year
    }

    /// The same year under the same rules after further writes to its facts: only the units that these concern are scored anew. The
    /// answers are those of [`score`].
    #[must_use]
    pub fn rescored(&self, versions: &Versions, facts: &Facts) -> Self {
        let slices = if versions.are(&self.world.versions) { self.slices.following(&self.world, facts) } else { None };
        let Some((world, slices)) = slices else {
            return score_in_slices(versions, facts, self.year, self.slices.rows());
        };
        Self { world: Arc::new(world), year: self.year, slices, notes: OnceLock::new() }
    }

    /// What no rule could place, in a stable order.
    pub fn notes(&self) -> &[Note] {
        self.notes.get_or_init(|| {
            let mut uncategorised = Notes::default();
            let without = |unit: &&Arc<Unit>| unit.takes_part(self.year) && unit.category_in(self.year).is_none();
            let has_points = |unit: &&Arc<Unit>| {
                self.slices.of(unit.id).sums(Currency::Points).units().binary_search(&unit.id).is_ok()
            };
            let units = self.world.units.iter().filter(without).filter(has_points);
            let units = units.map(|unit| (unit.id, unit.id)).collect();
            uncategorised.add(NoteKind::NoCategory, &About::default(), units, "");
            self.slices.told(&uncategorised.of_units(|_| true))
        })
    }

    /// Every unit that takes part in the span, or those of one category: by category, rank and place in the official list.
    pub fn ranking(&self, span: Span, category: Option<&str>) -> Vec<RankingRow> {
        let mut rows = ranking::ranking(self, span, &Heirs::default()).expect(SOUND);
        rows.retain(|row| category.is_none_or(|category| row.category == category));
        rows
    }

    /// A unit's points in the span, rounded as the rulebook says: the sum of its [`lines`](Self::lines).
    pub fn total(&self, unit: i64, span: Span) -> Points {
        let (raw, rounding) = self.unrounded(unit, span);
        raw.checked_add(rounding).unwrap_or(raw)
    }

    /// A unit's money in the span: the sum of its [`lines`](Self::lines).
    pub fn money(&self, unit: i64, span: Span) -> Money {
        Money::from_fen(self.sum(Currency::Money, unit, span).unwrap_or(0))
    }

    /// The lines of a unit in the span, by day, then in the order of the rulebook. Where rounding changes the total, a last line of the rule
    /// `rounding` says by how much.
    pub fn lines(&self, unit: i64, span: Span, currency: Currency) -> Vec<Line> {
        let mut lines = line::lines(self.slices.of(unit), unit, span, currency).expect(SOUND);
        reversal::add(&mut lines, &self.world, unit, span, currency);
        let (_, rounding) = self.unrounded(unit, span);
        if currency == Currency::Points && rounding != Points::ZERO {
            lines.push(self.rounding_line(unit, span, rounding));
        }
        lines
    }

    /// What the first of each category win for the year, as the version in force on its last day says: winners, those that are passed
    /// over, and those that tie.
    pub fn awards(&self, year: Span) -> Vec<AwardLine> {
        let Some(version) = self.world.versions.on(year.last) else {
            return Vec::new();
        };
        award::awards(self, version, year, &self.ranking(year, None)).expect(SOUND)
    }

    /// What puts a unit on a list of the rulebook in force on the span's last day, or keeps it from it.
    pub fn evidence(&self, list: &str, unit: i64, span: Span) -> Evidence {
        let version = self.world.versions.on(span.last);
        let found = version.and_then(|version| version.rulebook.lists().iter().find(|known| known.id == list));
        found.map(|list| lists::evidence(self, list, span, unit).expect(SOUND)).unwrap_or_default()
    }

    /// The lists that the rulebook in force on the span's last day makes, each over the last of its periods that end in the span: by list,
    /// then by category and place in the official list.
    pub fn lists(&self, span: Span) -> Vec<ListRow> {
        lists::lists(self, span).expect(SOUND)
    }

    /// What a unit comes to in the span; `None` where it has nothing at all.
    fn sum(&self, currency: Currency, unit: i64, span: Span) -> Option<i64> {
        self.slices.of(unit).sums(currency).of(unit, span)
    }

    /// The sums by unit and day: `unit`, `day`, `amount`.
    pub(crate) fn cells(&self, currency: Currency) -> PolarsResult<DataFrame> {
        let of_slice = |slice: &Arc<Slice>| {
            let is_current = |(unit, ..): &(i64, i32, i64)| self.slices.is_current(slice, *unit);
            slice.sums(currency).iter().filter(is_current).collect::<Vec<_>>()
        };
        let mut cells: Vec<(i64, i32, i64)> = self.slices.in_use().into_iter().flat_map(of_slice).collect();
        cells.sort_unstable();
        sums::frame(&cells)
    }

    /// The id of the rule, or of the adjustment, of every number that a line may carry.
    pub(crate) fn rule_ids(&self) -> Vec<String> {
        self.world.statement_ids()
    }

    /// Every line: see `LINE_COLUMNS`.
    pub(crate) fn ledger(&self, currency: Currency) -> PolarsResult<DataFrame> {
        let lines = self.slices.in_use().into_iter().map(|slice| self.slices.current(slice, slice.lines(currency)));
        slice::concat(lines.collect::<PolarsResult<_>>()?)
    }

    /// A unit's points before rounding, and what rounding adds to them.
    fn unrounded(&self, unit: i64, span: Span) -> (Points, Points) {
        let raw = Points::from_millionths(self.sum(Currency::Points, unit, span).unwrap_or(0));
        let rule = ranking::total_rule(&self.world, span);
        let rounded = raw.checked_round(rule.places, rule.rounding).unwrap_or(raw);
        (raw, rounded.checked_sub(raw).unwrap_or_default())
    }

    fn rounding_line(&self, unit: i64, span: Span, rounding: Points) -> Line {
        let rule = ranking::total_rule(&self.world, span);
        let how = match rule.rounding {
            Rounding::HalfUp => "half up",
            Rounding::Truncate => "cut off",
        };
        Line {
            key: format!("{ROUNDING}@unit:{unit}:{span}"),
            version: self.world.versions.on_or_first(span.last).map_or(0, |version| version.id),
            rule: ROUNDING.to_owned(),
            clause: String::new(),
            title: "积分取整".to_owned(),
            unit,
            day: span.last,
            submission: None,
            facts: Vec::new(),
            inputs: Vec::new(),
            amount: Amount::Points(rounding),
            note: Some(format!("the total has {} decimal places, {how}", rule.places)),
            reverses: None,
            appeal: None,
        }
    }
}
