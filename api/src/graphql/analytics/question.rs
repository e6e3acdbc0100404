//! A question that is kept: any composition, or one of those that are asked by name.

use async_graphql::{ID, InputObject, InputType as _, OneofObject, Value};
use entity::ids::{NetworkId, SavedQueryId, UnitId};

use super::super::ids::GlobalId as _;
use super::super::scalars::PeriodInput;
use super::input::{AnalyticsInput, CompareInput, Dimension, Measure, PeriodUnit};
use super::named;
use crate::error::{Error, Result};
use crate::services::analytics::Question;
use crate::services::{Ctx, saved_query};

/// A question to be answered as a file or as a picture; give one field.
#[derive(OneofObject, Clone, Debug)]
pub enum QuestionInput {
    /// Any composition, as `analytics` takes it.
    Analytics(Box<AnalyticsInput>),
    /// As `categoryComparison` takes it.
    CategoryComparison(CategoryComparisonInput),
    /// As `bottomRanked` takes it.
    BottomRanked(BottomRankedInput),
    /// As `trend` takes it: the values with their comparisons.
    Trend(TrendInput),
    /// As `timeliness` takes it.
    Timeliness(TimelinessInput),
    /// A saved query, as it stands.
    SavedQuery(ID),
}

/// Categories side by side.
#[derive(InputObject, Clone, Debug)]
pub struct CategoryComparisonInput {
    /// Which network.
    network: ID,
    /// Which days.
    period: PeriodInput,
    /// What is measured.
    #[graphql(
        default_with = "vec![Measure::Submitted, Measure::AdoptedItems, Measure::AdoptionRate, Measure::Points]"
    )]
    measures: Vec<Measure>,
    /// What each value is compared with.
    #[graphql(default_with = "vec![CompareInput::Previous(1), CompareInput::SameLastYear(true)]")]
    compare: Vec<CompareInput>,
}

/// The last of each category.
#[derive(InputObject, Clone, Debug)]
pub struct BottomRankedInput {
    /// Which network.
    network: ID,
    /// Which days.
    period: PeriodInput,
    /// By which measure.
    #[graphql(default_with = "Measure::Points")]
    measure: Measure,
    /// How many.
    #[graphql(default = 1)]
    n: i32,
    /// Of each category, or of the whole network.
    #[graphql(default = true)]
    per_category: bool,
}

/// A measure over time.
#[derive(InputObject, Clone, Debug)]
pub struct TrendInput {
    /// Which network.
    network: ID,
    /// What is measured.
    measure: Measure,
    /// Which days.
    period: PeriodInput,
    /// The step.
    #[graphql(default_with = "PeriodUnit::Month")]
    split_by: PeriodUnit,
    /// One series for each; the whole network if left out.
    #[graphql(default)]
    rows: Vec<Dimension>,
    /// What each value is compared with.
    #[graphql(default_with = "vec![CompareInput::Previous(1), CompareInput::SameLastYear(true)]")]
    compare: Vec<CompareInput>,
}

/// How punctual units and office are.
#[derive(InputObject, Clone, Debug)]
pub struct TimelinessInput {
    /// Which network.
    network: ID,
    /// Which days.
    period: PeriodInput,
    /// What rows stand for.
    #[graphql(default_with = "vec![Dimension::Unit]")]
    rows: Vec<Dimension>,
    /// One row for each of these periods.
    split_by: Option<PeriodUnit>,
}

impl QuestionInput {
    /// The question; a saved one is looked up.
    pub(crate) async fn question(&self, service: &Ctx) -> Result<Question> {
        match self {
            Self::SavedQuery(id) => {
                let id = SavedQueryId::parse(id, "question.savedQuery")?;
                let (_, version) = saved_query::find(service, id, None).await?;
                saved(&version.question)?.asked()
            }
            Self::Analytics(_)
            | Self::CategoryComparison(_)
            | Self::BottomRanked(_)
            | Self::Trend(_)
            | Self::Timeliness(_) => self.asked(),
        }
    }

    /// The question that stands here, and its text without what was left out.
    pub(crate) fn asked(&self) -> Result<Question> {
        let (network, query, as_of) = match self {
            Self::Analytics(input) => {
                if input.dry_run {
                    return Err(Error::invalid(
                        "question.analytics.dryRun",
                        "a dry run has no answer to keep; leave it out",
                        "试算没有结果，请去掉 dryRun",
                    ));
                }
                (&input.network, input.query()?, input.as_of)
            }
            Self::CategoryComparison(input) => {
                let query = named::category_comparison(&input.measures, input.period, &input.compare)?;
                (&input.network, query, None)
            }
            Self::BottomRanked(input) => {
                let query = named::bottom_ranked(input.measure, input.period, input.n, input.per_category)?;
                (&input.network, query, None)
            }
            Self::Trend(input) => {
                let mut query = named::series_of(input.measure, input.period, input.split_by, &input.rows)?;
                query.compare = super::input::compares(&input.compare)?;
                (&input.network, query, None)
            }
            Self::Timeliness(input) => {
                (&input.network, named::timeliness(input.period, &input.rows, input.split_by)?, None)
            }
            Self::SavedQuery(_) => {
                return Err(Error::invalid(
                    "question.savedQuery",
                    "give the question itself",
                    "请填写查询本身，而非已保存的查询",
                ));
            }
        };
        Ok(Question {
            network: NetworkId::parse(network, "question.network")?,
            query,
            as_of,
            text: text(self.to_value()),
            unit_id: |unit| UnitId(unit).global().to_string(),
        })
    }
}

/// A question as it was kept.
pub(crate) fn saved(text: &str) -> Result<QuestionInput> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(Error::internal)?;
    let value = Value::from_json(value).map_err(Error::internal)?;
    QuestionInput::parse(Some(value)).map_err(|_| {
        Error::invalid(
            "savedQuery",
            "the saved query does not fit this version of the server; save it again",
            "已保存的查询与当前版本不符，请重新保存",
        )
    })
}

/// A value as JSON, without the fields that are null.
fn text(value: Value) -> serde_json::Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| *value != Value::Null)
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::List(values) => values.into_iter().map(text).collect(),
        other => other.into_json().unwrap_or_default(),
    }
}
