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
pub(crate) mod tariff;
mod together;
pub(crate) mod total;
pub(crate) mod unit;
mod versions;
mod why_not;
pub(crate) mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::{ChunkAgg, ChunkedArray, DataFrame, IntoLazy, PolarsNumericType, PolarsResult, col};

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

use crate::expression::typed_lit;
use crate::facts::{DAY, FactKind, Facts};
use crate::heirs::Heirs;
use crate::period::Span;
use crate::points::{Money, Points, Rounding, SCALE};
use crate::rulebook::{Combine, Currency, ROUNDING};
use multiply::Multiply;
use note::{About, Notes};
use parts::Periodic;
use periodic::Grid;
use tariff::{Matched, Stretch};
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
    points: Ledger,
    money: Ledger,
    /// Lines that count for nothing because another one of the same submission stands for them.
    merged: DataFrame,
    grids: Vec<Grid>,
    notes: Vec<Note>,
}

/// The lines of one currency, and their sums by unit and day.
#[derive(Debug, Clone)]
struct Ledger {
    lines: DataFrame,
    cells: DataFrame,
}

/// Scores one assessment year: every fact of the year by the version in force on its day, every period by the version in force on its
/// last day.
pub fn score(versions: &Versions, facts: &Facts, year: Span) -> Scored {
    let world = World::new(versions, facts);
    let mut notes = Notes::default();
    let mut scored = assemble(world, year, &mut notes).expect(SOUND);
    note_uncategorised(&scored, &mut notes).expect(SOUND);
    scored.notes = notes.into_sorted();
    scored
}

fn assemble(world: World, year: Span, notes: &mut Notes) -> PolarsResult<Scored> {
    audit::audit(&world, year, notes)?;
    let mut lines = Lines::default();
    for matched in match_facts(&world, year, notes)? {
        lines.combine(&world, &matched)?;
    }
    let merged = concat(std::mem::take(&mut lines.merged))?;
    let mut points = on_facts(&world, year, concat(lines.points)?, notes)?;
    let mut money = on_facts(&world, year, concat(lines.money)?, notes)?;
    let mut grids = periodic::grids(&world, year, &points, notes)?;
    for grid in &grids {
        for (rule, matched) in periodic::match_rules(&world, grid, notes)? {
            let (_, _, rule) = world.rule(world.rule_number(rule));
            match rule.currency {
                Currency::Points => points.vstack_mut(&matched)?,
                Currency::Money => money.vstack_mut(&matched)?,
            };
        }
    }
    let mut periodic = Periodic { world: &world, year, grids: Vec::new() };
    let points = periodic.run(Currency::Points, points, None, notes)?;
    let money = periodic.run(Currency::Money, money, Some(&points), notes)?;
    grids.extend(periodic.grids);
    let (points, money) = (Ledger::new(points)?, Ledger::new(money)?);
    let points = reversal::reversed(points, &world, year, Currency::Points)?;
    let money = reversal::reversed(money, &world, year, Currency::Money)?;
    Ok(Scored { world: Arc::new(world), year, points, money, merged, grids, notes: Vec::new() })
}

/// Steps 3 to 5 over what rules on facts gave, whenever that was; gives the lines of the year.
fn on_facts(world: &World, year: Span, mut lines: DataFrame, notes: &mut Notes) -> PolarsResult<DataFrame> {
    let joined = together::combine(world, &lines)?;
    lines.vstack_mut(&joined)?;
    let mut lines = world::within(&lines, year)?;
    for (version, of) in world.versions.all().iter().enumerate() {
        for (place, adjustment) in of.rulebook.adjustments().iter().enumerate() {
            let multiply = Multiply { world, version, place, adjustment, year };
            let multiplied = multiply.lines(&lines, notes)?;
            lines.vstack_mut(&multiplied)?;
        }
    }
    let mut shares = Vec::new();
    for (version, of) in world.versions.all().iter().enumerate() {
        for (place, adjustment) in of.rulebook.adjustments().iter().enumerate() {
            shares.push(share::share(world, (version, place), adjustment, &lines, notes)?);
        }
    }
    for share in shares {
        lines.vstack_mut(&share)?;
    }
    Ok(lines)
}

/// What the rules on facts give, by rule id: over the year, and before it where facts are combined.
fn match_facts(world: &World, year: Span, notes: &mut Notes) -> PolarsResult<Vec<Vec<Matched>>> {
    let mut by_rule: BTreeMap<String, Vec<Matched>> = BTreeMap::new();
    let before = Span { first: NaiveDate::MIN, last: year.first.pred_opt().unwrap_or(NaiveDate::MIN) };
    for (span, is_current) in [(year, true), (before, false)] {
        for (version, _, span) in world.versions.within(span) {
            for kind in FactKind::ALL {
                let stretch = Stretch { world, version, kind, span, is_current };
                for matched in stretch.match_rules(notes)? {
                    let (_, _, rule) = world.rule(world.rule_number(matched.rule));
                    by_rule.entry(rule.id.clone()).or_default().push(matched);
                }
            }
        }
    }
    Ok(by_rule.into_values().collect())
}

/// Lines on their way into the ledgers.
#[derive(Default)]
struct Lines {
    points: Vec<DataFrame>,
    money: Vec<DataFrame>,
    merged: Vec<DataFrame>,
}

impl Lines {
    fn add(&mut self, currency: Currency, lines: DataFrame) {
        match currency {
            Currency::Points => self.points.push(lines),
            Currency::Money => self.money.push(lines),
        }
    }

    /// Combines what one rule gives under all versions.
    fn combine(&mut self, world: &World, matched: &[Matched]) -> PolarsResult<()> {
        let rule = |matched: &Matched| world.rule(world.rule_number(matched.rule)).2;
        let modes: Vec<Combine> = matched.iter().map(|matched| rule(matched).combine).collect();
        let with_mode = matched.iter().zip(&modes).map(|(matched, mode)| {
            matched.lines.clone().lazy().with_column(typed_lit(*mode as u32).alias("mode")).collect()
        });
        let lines = concat(with_mode.collect::<PolarsResult<_>>()?)?;
        let combined = combine::combine(lines, &modes)?;
        self.merged.push(combined.merged.select(LINE_COLUMNS)?);
        let kept = combined.kept.select(LINE_COLUMNS)?;
        // The versions of one rule may give different currencies.
        for currency in [Currency::Points, Currency::Money] {
            let numbers = matched.iter().filter(|matched| rule(matched).currency == currency);
            let of_currency = numbers.map(|matched| col("rule").eq(typed_lit(world.rule_number(matched.rule))));
            let Some(of_currency) = of_currency.reduce(polars::prelude::Expr::or) else {
                continue;
            };
            self.add(currency, kept.clone().lazy().filter(of_currency).collect()?);
        }
        Ok(())
    }
}

impl Ledger {
    fn new(lines: DataFrame) -> PolarsResult<Self> {
        let cells = total::cells(&lines)?;
        Ok(Self { lines, cells })
    }
}

/// The frames one after the other; an empty ledger for none.
fn concat(frames: Vec<DataFrame>) -> PolarsResult<DataFrame> {
    let mut frames = frames.into_iter();
    let Some(mut all) = frames.next() else {
        return Ok(empty());
    };
    for frame in frames {
        all.vstack_mut(&frame)?;
    }
    Ok(all)
}

fn empty() -> DataFrame {
    use polars::prelude::{DataType, Field, Schema};
    let of = |name: &str| match name {
        "rule" | "base" => DataType::UInt32,
        DAY => DataType::Int32,
        _ => DataType::Int64,
    };
    let schema: Schema = LINE_COLUMNS.iter().map(|name| Field::new((*name).into(), of(name))).collect();
    DataFrame::empty_with_schema(&schema)
}

/// Smallest and largest value; `None` where there is no value.
fn extremes<T>(numbers: &ChunkedArray<T>) -> Option<(T::Native, T::Native)>
where
    T: PolarsNumericType,
    ChunkedArray<T>: ChunkAgg<T::Native>,
{
    Some((numbers.min()?, numbers.max()?))
}

fn note_uncategorised(scored: &Scored, notes: &mut Notes) -> PolarsResult<()> {
    let without = |unit: &&unit::Unit| unit.takes_part(scored.year) && unit.category_in(scored.year).is_none();
    let units: Vec<i64> = scored.world.units.iter().filter(without).map(|unit| unit.id).collect();
    let mut with_points = Vec::new();
    for unit in units {
        let is_own = scored.points.cells.clone().lazy().filter(col("unit").eq(typed_lit(unit))).collect()?;
        if is_own.height() > 0 {
            with_points.push(unit);
        }
    }
    notes.add(NoteKind::NoCategory, &About::default(), with_points, "");
    Ok(())
}

impl Scored {
    /// The year that was scored.
    pub fn year(&self) -> Span {
        self.year
    }

    /// What no rule could place, in a stable order.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Every unit that takes part in the span, or those of one category: by category, rank and place in the official list.
    pub fn ranking(&self, span: Span, category: Option<&str>) -> Vec<RankingRow> {
        let mut rows = ranking::ranking(&self.world, &self.points, span, &Heirs::default()).expect(SOUND);
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
        Money::from_fen(sum(&self.money.cells, unit, span).expect(SOUND))
    }

    /// The lines of a unit in the span, by day, then in the order of the rulebook. Where rounding changes the total, a last line of the rule
    /// `rounding` says by how much.
    pub fn lines(&self, unit: i64, span: Span, currency: Currency) -> Vec<Line> {
        let mut lines = line::lines(self, unit, span, currency).expect(SOUND);
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

    /// The sums by unit and day: `unit`, `day`, `amount`.
    pub(crate) fn cells(&self, currency: Currency) -> &DataFrame {
        match currency {
            Currency::Points => &self.points.cells,
            Currency::Money => &self.money.cells,
        }
    }

    /// The id of the rule, or of the adjustment, of every number that a line may carry.
    pub(crate) fn rule_ids(&self) -> Vec<String> {
        self.world.statement_ids()
    }

    /// Every line: see `LINE_COLUMNS`.
    pub(crate) fn ledger(&self, currency: Currency) -> &DataFrame {
        match currency {
            Currency::Points => &self.points.lines,
            Currency::Money => &self.money.lines,
        }
    }

    /// A unit's points before rounding, and what rounding adds to them.
    fn unrounded(&self, unit: i64, span: Span) -> (Points, Points) {
        let raw = Points::from_millionths(sum(&self.points.cells, unit, span).expect(SOUND));
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

fn sum(cells: &DataFrame, unit: i64, span: Span) -> PolarsResult<i64> {
    let is_own = col("unit").eq(typed_lit(unit)).and(total::is_within(span));
    let own = cells.clone().lazy().filter(is_own).collect()?;
    Ok(own.column("amount")?.i64()?.sum().unwrap_or(0))
}
