//! The composable query: what can be asked, as values.

use std::collections::BTreeSet;

use super::dimension::Dimension;
use super::measure::Measure;
use super::periods::Choice;
use super::rates::RateBasis;
use crate::period::{PeriodUnit, Span};
use crate::points::Points;

/// A question about figures.
#[derive(Debug, Clone)]
pub struct Query {
    /// What is measured, one to eight.
    pub measures: Vec<Measure>,
    /// What a row stands for beside its period, none to four; none is the whole network.
    pub rows: Vec<Dimension>,
    /// Whether the row of a unit holds the units below it as well.
    pub with_subtree: bool,
    /// Which days.
    pub period: Choice,
    /// One row for each of these periods; `None` for one row for all days.
    pub split_by: Option<PeriodUnit>,
    /// What each value is compared with.
    pub compare: Vec<Compare>,
    /// What is looked at, before anything is summed.
    pub filter: Option<Filter>,
    /// Which rows are shown, by their values.
    pub having: Option<Having>,
    /// What stands where nothing happened.
    pub fill: Fill,
    /// Over which periods each value is taken.
    pub window: Option<Window>,
    /// How rows are ranked.
    pub rank: Option<Rank>,
    /// How many rows are shown.
    pub limit: Option<Limit>,
    /// Which adoptions are held against which submissions.
    pub basis: RateBasis,
    /// To which category a unit's figures belong when it changes its category.
    pub attribution: Attribution,
    /// The only units that the asker may see rows of; `None` for all. Ranks, sizes and quartiles are those of everybody.
    pub visible: Option<BTreeSet<i64>>,
    /// The most cells that an answer may have.
    pub most_cells: usize,
}

impl Query {
    /// These measures over a period, by these dimensions, and nothing else.
    pub fn new(measures: Vec<Measure>, rows: Vec<Dimension>, period: impl Into<Choice>) -> Self {
        Self {
            measures,
            rows,
            with_subtree: false,
            period: period.into(),
            split_by: None,
            compare: Vec::new(),
            filter: None,
            having: None,
            fill: Fill::PerMeasure,
            window: None,
            rank: None,
            limit: None,
            basis: RateBasis::AdoptedIn,
            attribution: Attribution::PeriodEnd,
            visible: None,
            most_cells: 1_000_000,
        }
    }

    /// The dimensions that the query restricts itself to.
    pub(crate) fn filtered(&self) -> BTreeSet<Dimension> {
        let mut dimensions = BTreeSet::new();
        if let Some(filter) = &self.filter {
            filter.collect(&mut dimensions);
        }
        dimensions
    }
}

/// What a value is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// The period that many before (环比 is 1).
    Previous(u32),
    /// The same period a year earlier (同比).
    SameLastYear,
    /// Given days.
    Period(Span),
    /// The mean of the unit's category: Σ ÷ Σ of a ratio, the sum by the number of units of a count.
    CategoryAverage,
    /// The median of the units of the category.
    CategoryMedian,
    /// All rows of the period together; the change is the share of the whole.
    Total,
}

/// Which facts and units are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// What passes every part.
    All(Vec<Filter>),
    /// What passes some part.
    Any(Vec<Filter>),
    /// What does not pass.
    Not(Box<Filter>),
    /// These units.
    Units(BTreeSet<i64>),
    /// These units and those below them on the last day asked about.
    Subtrees(BTreeSet<i64>),
    /// Units that report to a higher level directly, or those that do not.
    DirectReport(bool),
    /// One of these codes; `unit` and `direct_report` have filters of their own.
    Codes(Dimension, BTreeSet<String>),
    /// No code at all.
    Missing(Dimension),
}

impl Filter {
    fn collect(&self, into: &mut BTreeSet<Dimension>) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.collect(into)),
            Self::Not(part) => part.collect(into),
            Self::Units(_) | Self::Subtrees(_) => {
                into.insert(Dimension::Unit);
            }
            Self::DirectReport(_) => {
                into.insert(Dimension::DirectReport);
            }
            Self::Codes(dimension, _) | Self::Missing(dimension) => {
                into.insert(*dimension);
            }
        }
    }
}

/// Which rows are shown. A value that is not defined passes no comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Having {
    /// Rows that pass every part.
    All(Vec<Having>),
    /// Rows that pass some part.
    Any(Vec<Having>),
    /// Rows that do not pass.
    Not(Box<Having>),
    /// The value of a measure, by its place, held against a number.
    Value(usize, Operator, Points),
}

/// How a value is held against a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Below.
    Less,
    /// At most.
    LessOrEqual,
    /// Exactly.
    Equal,
    /// At least.
    GreaterOrEqual,
    /// Above.
    Greater,
}

/// What stands where nothing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fill {
    /// Zero for what is counted, no value for what is divided.
    PerMeasure,
    /// No value.
    Null,
    /// Rows in which nothing happened are left out.
    Skip,
}

/// Over which periods each value is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The mean of so many periods up to each one; a ratio is Σ ÷ Σ. No value until the unit has taken part in at least `least` of them.
    Trailing {
        /// How many.
        periods: u32,
        /// How many at least.
        least: u32,
    },
    /// The sum from the first period asked about to each one.
    Cumulative,
    /// The sum from the beginning of each calendar year to each period.
    YearToDate,
}

/// How rows of one period are ranked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rank {
    /// The measure, by its place.
    pub by: usize,
    /// What a tie does to the places.
    pub method: Method,
    /// Whether the greatest is first.
    pub descending: bool,
    /// Rows are ranked among those that agree in these dimensions.
    pub within: Vec<Dimension>,
    /// Measures, by their places, that decide between equals; the greatest first.
    pub tie_break: Vec<usize>,
}

/// What a tie does to the places of a ranking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Equal value, equal place, and the places that are shared are left out afterwards: 1, 2, 2, 4.
    Competition,
    /// Equal value, equal place, and no place is left out: 1, 2, 2, 3.
    Dense,
    /// Every row has a place of its own; equals follow the official list: 1, 2, 3, 4.
    Ordinal,
    /// Equals share the mean of their places: 1, 2.5, 2.5, 4.
    Average,
}

/// How many rows of each group and period are shown; needs a rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// From which end.
    pub end: End,
    /// How many.
    pub rows: usize,
    /// Whether rows that equal the last one are shown as well. Otherwise a tie at the cut leaves all of its rows out.
    pub with_ties: bool,
    /// Whether the rows that are left out are summed into one.
    pub others: bool,
    /// Whether units that cannot fairly be listed are left out, each with its reason.
    pub eligible_only: bool,
}

/// From which end of a ranking rows are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// The first.
    Top,
    /// The last.
    Bottom,
}

/// To which category a unit's figures belong when it changes its category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attribution {
    /// To the last one that the unit had in the period, as in rankings.
    PeriodEnd,
    /// To the one that the unit had on the day of each fact.
    FactDay,
}
