//! The catalogue: every measure and every dimension, with its names and what it goes with.

use analytics::frames::dimension::Dimension as LibraryDimension;
use analytics::frames::measure::{self, Measure as LibraryMeasure};
use analytics::frames::number;
use async_graphql::{Enum, Object, SimpleObject};

use super::input::{Dimension, Measure};

/// In what a measure is counted.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "number::Unit")]
pub enum MeasureUnit {
    /// Whole things: items, adoptions, people.
    Count,
    /// Points.
    Points,
    /// Yuan.
    Money,
    /// A part of a whole: 1 is everything.
    Ratio,
    /// Hours.
    Hours,
}

/// What the parts of a measure add up to.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "measure::Additivity")]
pub enum Additivity {
    /// The parts of any split add up to the whole.
    Additive,
    /// Units and categories add up; periods and publications do not, because one item may stand in several of them.
    OverUnits,
    /// Nothing adds up: the whole is computed from its own facts.
    NotAdditive,
}

/// What questions can be made of.
pub struct AnalyticsCatalog;

/// What questions can be made of.
#[Object]
impl AnalyticsCatalog {
    /// Every measure.
    async fn measures(&self) -> Vec<MeasureInfo> {
        LibraryMeasure::ALL.into_iter().map(MeasureInfo::from).collect()
    }

    /// Every dimension.
    async fn dimensions(&self) -> Vec<DimensionInfo> {
        LibraryDimension::ALL
            .into_iter()
            .map(|dimension| DimensionInfo { id: dimension.into(), name: dimension.en(), name_zh: dimension.zh() })
            .collect()
    }

    /// How many days after its hand-in an item may still be adopted; until then a rate of a cohort is marked as maturing.
    async fn adoption_window_days(&self) -> i64 {
        analytics::frames::ADOPTION_WINDOW_DAYS
    }
}

/// A measure.
#[derive(SimpleObject)]
pub struct MeasureInfo {
    /// Which.
    id: Measure,
    /// Its English name.
    name: &'static str,
    /// Its Chinese name.
    name_zh: &'static str,
    /// In what it is counted.
    unit: MeasureUnit,
    /// How it is computed.
    formula: &'static str,
    /// How it is computed, in Chinese.
    formula_zh: &'static str,
    /// What its parts add up to.
    additivity: Additivity,
    /// What it can be told by, and restricted to.
    dimensions: Vec<Dimension>,
    /// Whether more is better.
    more_is_better: bool,
}

impl From<LibraryMeasure> for MeasureInfo {
    fn from(measure: LibraryMeasure) -> Self {
        let about = measure.about();
        Self {
            id: measure.into(),
            name: about.en,
            name_zh: about.zh,
            unit: about.unit.into(),
            formula: about.formula,
            formula_zh: about.formula_zh,
            additivity: measure.additivity().into(),
            dimensions: measure.dimensions().into_iter().map(Into::into).collect(),
            more_is_better: measure.more_is_better(),
        }
    }
}

/// A dimension.
#[derive(SimpleObject)]
pub struct DimensionInfo {
    /// Which.
    id: Dimension,
    /// Its English name.
    name: &'static str,
    /// Its Chinese name.
    name_zh: &'static str,
}
