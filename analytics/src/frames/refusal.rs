//! Why a query is refused before anything is computed, and the smallest change that would let it through.

use super::dimension::Dimension;
use super::measure::Measure;
use crate::period::PeriodUnit;

/// A query that cannot be answered as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// The part of the query that it is about: `rows`, `splitBy`, `measures`, ….
    pub field: &'static str,
    /// Why and what to do, in English.
    pub message: String,
    /// The same in Chinese.
    pub message_zh: String,
    /// The smallest change that would let it through.
    pub change: Change,
}

/// Why a query is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The network has no rulebook, so nobody knows what counts.
    NoRulebook,
    /// A list is empty, too long, or names something twice.
    Count,
    /// A measure cannot be split by, or restricted to, what was named.
    Dimension,
    /// The period is malformed, or lies in the future.
    Period,
    /// The answer would have too many cells.
    TooLarge,
    /// Two parts of the query do not go together.
    Combination,
    /// A place among the measures that does not exist, or a number out of range.
    Range,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 7] =
        [Self::NoRulebook, Self::Count, Self::Dimension, Self::Period, Self::TooLarge, Self::Combination, Self::Range];

    /// Its word.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoRulebook => "NO_RULEBOOK",
            Self::Count => "COUNT",
            Self::Dimension => "DIMENSION",
            Self::Period => "PERIOD",
            Self::TooLarge => "TOO_LARGE",
            Self::Combination => "COMBINATION",
            Self::Range => "RANGE",
        }
    }
}

/// A change of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// No change of this query helps.
    None,
    /// Split by a longer unit, or not at all.
    SplitBy(Option<PeriodUnit>),
    /// Leave dimensions out of the rows.
    DropRows(Vec<Dimension>),
    /// Restrict nothing to these dimensions.
    DropFilter(Vec<Dimension>),
    /// Leave measures out.
    DropMeasures(Vec<Measure>),
    /// Keep at most so many measures.
    KeepMeasures(usize),
    /// Add a dimension to the rows.
    AddRow(Dimension),
    /// Leave a part of the query out, or fill it in.
    Set(&'static str, &'static str),
}

impl Refusal {
    pub(crate) fn new(
        reason: Reason,
        field: &'static str,
        message: impl Into<String>,
        message_zh: impl Into<String>,
        change: Change,
    ) -> Self {
        Self { reason, field, message: message.into(), message_zh: message_zh.into(), change }
    }
}
