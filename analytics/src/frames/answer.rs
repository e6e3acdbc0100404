//! What a query is answered with: rows of typed cells.

use super::dimension::Dimension;
use super::measure::Measure;
use super::number::Number;
use super::periods::PeriodColumn;
use super::query::Compare;
use crate::period::Span;
use crate::points::Points;

/// An answer. The same facts, rules and query give the same answer, cell for cell and row for row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The measures of each row's cells, in their order.
    pub measures: Vec<Measure>,
    /// The dimensions of each row's keys, in their order.
    pub dimensions: Vec<Dimension>,
    /// The periods that rows name by their places.
    pub periods: Vec<PeriodColumn>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Units that a limit left out although their places would have listed them.
    pub left_out: Vec<LeftOut>,
    /// How many cells the whole grid has.
    pub cells: usize,
}

/// One row: a key, a period, a cell for each measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it stands for, in the order of the answer's dimensions; empty for the whole network.
    pub keys: Vec<Key>,
    /// The place of its period.
    pub period: usize,
    /// Its cells, in the order of the answer's measures.
    pub cells: Vec<Cell>,
    /// Whether it sums the rows that a limit left out.
    pub is_others: bool,
}

/// What a row stands for in one dimension.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The dimension.
    pub dimension: Dimension,
    /// The unit's id, of rows by unit.
    pub unit: Option<i64>,
    /// The code; `None` where there is none, as for figures that do not tell their topic.
    pub code: Option<String>,
    /// The name of the unit, or of the code as the rulebook calls it.
    pub name: String,
}

/// One value of one measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The value; `None` where it is not defined.
    pub value: Option<Number>,
    /// What is divided, of ratios and means.
    pub numerator: Option<Number>,
    /// What it is divided by.
    pub denominator: Option<i64>,
    /// Whether it is defined, and why not.
    pub status: Status,
    /// Whether nothing happened, and the value was filled in.
    pub filled: bool,
    /// Whether the period has not ended.
    pub partial: bool,
    /// Whether items handed in in the period may still be adopted.
    pub maturing: bool,
    /// What it is compared with, in the order of the query.
    pub comparisons: Vec<Comparison>,
    /// Its place, in the cell of the measure that is ranked by.
    pub rank: Option<Place>,
}

/// Whether a value is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It is.
    Ok,
    /// There is nothing to divide by.
    NoDenominator,
    /// The unit did not take part in the period.
    NotApplicable,
    /// The unit took part in too few of the window's periods.
    TooFewPeriods,
    /// Nothing happened, and nothing was asked to be filled in.
    NoData,
    /// The number is too large to be shown.
    TooLarge,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 6] =
        [Self::Ok, Self::NoDenominator, Self::NotApplicable, Self::TooFewPeriods, Self::NoData, Self::TooLarge];

    /// Its word.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::NoDenominator => "NO_DENOMINATOR",
            Self::NotApplicable => "NOT_APPLICABLE",
            Self::TooFewPeriods => "TOO_FEW_PERIODS",
            Self::NoData => "NO_DATA",
            Self::TooLarge => "TOO_LARGE",
        }
    }
}

/// A value held against another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// With what.
    pub with: Compare,
    /// The days of the other value, if it is one of other days. Of a period that has not ended, as many days as have passed.
    pub span: Option<Span>,
    /// The other value.
    pub base: Option<Number>,
    /// How much more the value is.
    pub delta: Option<Number>,
    /// The same as a part of the other value; the share of the whole, against a total.
    pub change: Option<Points>,
    /// Whether they can be compared.
    pub status: CompareStatus,
}

/// Whether two values can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CompareStatus {
    /// They can.
    Ok,
    /// The other value is zero, so the change is no part of it.
    FromZero,
    /// There is no other value.
    NoBase,
    /// The unit did not yet take part then.
    UnitNew,
    /// The value itself is not defined.
    NoValue,
}

impl CompareStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Ok, Self::FromZero, Self::NoBase, Self::UnitNew, Self::NoValue];

    /// Its word.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::FromZero => "FROM_ZERO",
            Self::NoBase => "NO_BASE",
            Self::UnitNew => "UNIT_NEW",
            Self::NoValue => "NO_VALUE",
        }
    }
}

/// A place in a ranking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The place; a half of a whole number where equals share the mean of their places.
    pub rank: Points,
    /// Out of how many.
    pub of: u32,
    /// Whether another row has the same place.
    pub tied: bool,
    /// How many places it has gained since the period before, or the first comparison; `None` where it had none.
    pub gained: Option<Points>,
    /// The values at the lower quartile, the middle and the upper quartile of the group, by nearest rank.
    pub quartiles: [Number; 3],
}

/// A unit that is not listed although its place would list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The unit.
    pub unit: i64,
    /// Its name.
    pub name: String,
    /// The place of the period.
    pub period: usize,
    /// Why.
    pub reason: LeftOutReason,
}

/// Why a unit is not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeftOutReason {
    /// It began within the period.
    New,
    /// It ended within the period.
    Closed,
    /// It belongs to no category.
    NoCategory,
    /// Its category is too small for a list of that length.
    CategoryTooSmall,
    /// It owes nothing in the period: the rulebook has quotas, but none for its category.
    NoQuota,
    /// It has no value.
    NoValue,
}

impl LeftOutReason {
    /// Every reason.
    pub const ALL: [Self; 6] =
        [Self::New, Self::Closed, Self::NoCategory, Self::CategoryTooSmall, Self::NoQuota, Self::NoValue];

    /// In English and in Chinese.
    pub fn sentence(self) -> (&'static str, &'static str) {
        match self {
            Self::New => ("began within the period", "时段内新设单位"),
            Self::Closed => ("ended within the period", "时段内已撤销"),
            Self::NoCategory => ("belongs to no category", "未归入单位类别"),
            Self::CategoryTooSmall => ("its category is too small for a list of that length", "所在类别单位过少"),
            Self::NoQuota => ("owes nothing in the period", "本期无报送任务"),
            Self::NoValue => ("has no value to rank", "无可排名的数值"),
        }
    }
}
