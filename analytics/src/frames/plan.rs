//! What a query comes to before anything is computed: its periods, how many cells it has, and whether it can be answered.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::check;
use super::dimension::Dimension;
use super::measure::{Figure, Formula, Measure, Source};
use super::periods::{self, PeriodColumn, at_most};
use super::query::{Attribution, Compare, Query, Window};
use super::rates::RateBasis;
use super::refusal::{Change, Reason, Refusal};
use crate::period::{Period, PeriodUnit, Span};
use crate::rulebook::Rulebook;
use crate::scoring::Versions;
use crate::scoring::world::World;

/// What a query will look at and how large its answer will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The days asked about.
    pub span: Span,
    /// The periods that they are split into.
    pub periods: Vec<PeriodColumn>,
    /// How many rows each period has at most.
    pub rows: usize,
    /// How many cells the grid has at most, comparisons included.
    pub cells: usize,
    /// The assessment years whose scores are needed.
    pub years: Vec<Span>,
}

/// Days whose figures are asked for, and the period whose memberships they are seen under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) span: Span,
    pub(super) place: usize,
}

/// The days behind every value and every base.
pub(super) struct Targets {
    pub(super) all: Vec<Target>,
    /// For each comparison with other days and each period, the place of its target; `None` where there are no such days.
    pub(super) bases: Vec<Vec<Option<usize>>>,
}

pub(super) struct Checked {
    pub(super) plan: Plan,
    pub(super) targets: Targets,
}

pub(super) fn check(versions: &Versions, world: &World, today: NaiveDate, query: &Query) -> Result<Checked, Refusal> {
    check::form(query)?;
    let span = query.period.resolve(today, versions)?;
    let Some(version) = versions.on_or_first(span.last) else {
        return Err(Refusal::new(
            Reason::NoRulebook,
            "network",
            "the network has no rulebook in force, so nobody can say what counts; activate one",
            "该网络尚无生效的考评办法，无法计数；请先启用考评办法",
            Change::None,
        ));
    };
    if span.first > today {
        return Err(Refusal::new(
            Reason::Period,
            "period",
            format!("the period begins after today, {today}"),
            format!("所问时段晚于今日（{today}）"),
            Change::Set("period", "a period that has begun"),
        ));
    }
    let columns = periods::split(span, query.split_by, today);
    if columns.last().is_some_and(|last| last.span.last < span.last) {
        return Err(Refusal::new(
            Reason::TooLarge,
            "splitBy",
            format!("at most {} periods are told apart at once", periods::MOST_PERIODS),
            format!("一次最多划分 {} 个时段", periods::MOST_PERIODS),
            Change::SplitBy(Some(crate::period::PeriodUnit::Month)),
        ));
    }
    let columns: Vec<PeriodColumn> = columns.into_iter().filter(|column| column.span.first <= today).collect();
    let rows = estimate(world, &version.rulebook, query, span);
    let cells = |periods: usize| {
        rows.saturating_mul(periods).saturating_mul(query.measures.len()).saturating_mul(1 + query.compare.len())
    };
    if cells(columns.len()) > query.most_cells {
        return Err(check::too_large(query, span, today, &cells, cells(columns.len())));
    }
    let targets = targets(query, &columns, today);
    let years = years(versions, query, &targets);
    let plan = Plan { span, rows, cells: cells(columns.len()), years, periods: columns };
    Ok(Checked { plan, targets })
}

/// The codes that a rulebook declares for a dimension, in its order.
pub(super) fn declared(rulebook: &Rulebook, dimension: Dimension) -> Vec<String> {
    let ids = |named: &[crate::rulebook::Named]| named.iter().map(|named| named.id.clone()).collect();
    match dimension {
        Dimension::Publication => rulebook.publications().iter().map(|publication| publication.id.clone()).collect(),
        Dimension::Level | Dimension::Origin => ids(rulebook.levels()),
        Dimension::Kind => rulebook.kinds().iter().map(|kind| kind.id.clone()).collect(),
        Dimension::Topic => ids(rulebook.topics()),
        Dimension::Rule => rulebook.rules().iter().map(|rule| rule.id.clone()).collect(),
        Dimension::Category => rulebook.categories().iter().map(|category| category.id.clone()).collect(),
        Dimension::Unit | Dimension::DirectReport => Vec::new(),
    }
}

fn estimate(world: &World, rulebook: &Rulebook, query: &Query, span: Span) -> usize {
    let size = |dimension: &Dimension| match dimension {
        Dimension::Unit => world.units.iter().filter(|unit| unit.takes_part(span)).count().max(1),
        Dimension::DirectReport => 2,
        // A unit has its category and its flag already.
        other => declared(rulebook, *other).len() + 1,
    };
    let has_units = query.rows.contains(&Dimension::Unit);
    let counted =
        query.rows.iter().filter(|dimension| !has_units || !dimension.is_of_units() || **dimension == Dimension::Unit);
    counted.map(size).fold(1, usize::saturating_mul)
}

/// The days of every value, then of every base.
fn targets(query: &Query, columns: &[PeriodColumn], today: NaiveDate) -> Targets {
    let mut all: Vec<Target> = (0..)
        .zip(columns)
        .map(|(place, column)| Target { span: windowed(query, columns, column, column.span), place })
        .collect();
    let mut bases = Vec::new();
    for compare in &query.compare {
        let mut places = Vec::new();
        for (place, column) in columns.iter().enumerate() {
            let span = match compare {
                Compare::Previous(back) => Some(periods::before(column, *back)),
                Compare::SameLastYear => periods::year_before(column),
                Compare::Period(span) => Some(*span),
                Compare::CategoryAverage | Compare::CategoryMedian | Compare::Total => None,
            };
            let target = span.map(|span| {
                // A period that has not ended is held against as many days as have passed.
                let span = at_most(span, column.elapsed(today));
                Target { span: windowed(query, columns, column, span), place }
            });
            places.push(target.map(|target| {
                all.push(target);
                all.len() - 1
            }));
        }
        bases.push(places);
    }
    Targets { all, bases }
}

/// The days that a window adds before those of one period.
fn windowed(query: &Query, columns: &[PeriodColumn], column: &PeriodColumn, span: Span) -> Span {
    let first = match query.window {
        None => span.first,
        Some(Window::Trailing { periods, .. }) => {
            let unit = column.period.map_or(PeriodUnit::Month, Period::unit);
            let mut first = Period::containing(unit, span.first);
            for _ in 1..periods {
                first = first.previous();
            }
            if periods == 1 { span.first } else { first.first_day() }
        }
        Some(Window::Cumulative) => {
            let asked = columns.first().map_or(column.span.first, |first| first.span.first);
            let days = chrono::Days::new(u64::try_from((column.span.first - asked).num_days()).unwrap_or(0));
            span.first.checked_sub_days(days).unwrap_or(span.first)
        }
        Some(Window::YearToDate) => Period::containing(PeriodUnit::Year, span.last).first_day().min(span.first),
    };
    Span { first, last: span.last }
}

/// The periods of a trailing window, the last one first.
pub(super) fn trailing(column: &PeriodColumn, periods: u32) -> Vec<Span> {
    let Some(period) = column.period else { return vec![column.span] };
    let earlier = std::iter::successors(Some(period), |period| Some(period.previous()));
    let spans = earlier.take(periods as usize).map(Period::span);
    std::iter::once(column.span).chain(spans.skip(1)).collect()
}

fn years(versions: &Versions, query: &Query, targets: &Targets) -> Vec<Span> {
    let is_scored = |measure: &Measure| measure.figures().iter().any(|figure| figure.source() == Source::Ledger);
    if !query.measures.iter().any(is_scored) {
        return Vec::new();
    }
    let mut years = BTreeSet::new();
    // Before any rulebook there is nothing to score.
    let begin = versions.all().first().map_or(NaiveDate::MAX, |version| version.effective_from);
    for target in &targets.all {
        let mut day = target.span.first.max(begin);
        while day <= target.span.last {
            let year = versions.year_of(day);
            years.insert(year);
            let Some(next) = year.last.succ_opt() else { break };
            day = next;
        }
    }
    years.into_iter().collect()
}

/// The figures that the measures need, each once.
pub(super) fn figures(query: &Query) -> Vec<Figure> {
    let figures: BTreeSet<Figure> = query.measures.iter().flat_map(|measure| of_basis(*measure, query.basis)).collect();
    figures.into_iter().collect()
}

/// The figures of a measure on a basis: a cohort's rate counts what became of the cohort.
pub(super) fn of_basis(measure: Measure, basis: RateBasis) -> Vec<Figure> {
    let cohort = measure == Measure::AdoptionRate && basis == RateBasis::SubmittedIn;
    measure
        .figures()
        .into_iter()
        .map(|figure| if cohort && figure == Figure::AdoptedItems { Figure::AdoptedOfCohort } else { figure })
        .collect()
}

/// Whether the figure's own column tells the category of a fact.
pub(super) fn category_is_of_facts(query: &Query) -> bool {
    query.attribution == Attribution::FactDay
}

/// Whether a measure's value is a median.
pub(super) fn is_median(measure: Measure) -> bool {
    matches!(measure.about().how, Formula::Median(_))
}
