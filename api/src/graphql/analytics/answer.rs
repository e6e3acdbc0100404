//! Answers: rows of cells, with where they come from and how each can be opened.

use std::sync::Arc;

use analytics::facts::FactKind;
use analytics::frames::answer::{self, Answer};
use analytics::frames::evidence;
use analytics::frames::periods::PeriodColumn;
use analytics::frames::query::{Compare, Query};
use analytics::period::PeriodUnit as LibraryUnit;
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use entity::ids::{SubmissionId, UnitId};

use super::super::context::Reach as _;
use super::super::errors::OrGraphql as _;
use super::super::ids::GlobalId as _;
use super::super::page::{List, Page, slice};
use super::super::scalars::{Date, Days, Decimal};
use super::super::score::{Meta, fact_id};
use super::super::submission::Submission;
use super::super::unit::Unit;
use super::input::{Dimension, Measure, PeriodUnit};
use crate::services::analytics::Asked;

/// What the rows of one answer share.
pub(crate) struct Shared {
    pub(crate) asked: Asked,
    pub(crate) query: Query,
    pub(crate) answer: Answer,
}

/// What a question comes to before it is answered.
#[derive(SimpleObject, Clone, Debug)]
pub struct AnalyticsCost {
    /// Rows of each period, at most.
    pub(crate) rows: i32,
    /// Cells, comparisons included, at most.
    pub(crate) cells: i32,
    /// The most cells that are given at once.
    pub(crate) limit: i32,
}

/// One period of an answer.
#[derive(SimpleObject, Clone, Debug)]
pub struct AnalyticsPeriod {
    /// Its name: `2026-Q3`, or `first..last` for other days.
    label: String,
    /// Its days, as far as they were asked about.
    days: Days,
    /// Whether it has not ended.
    partial: bool,
}

impl From<&PeriodColumn> for AnalyticsPeriod {
    fn from(column: &PeriodColumn) -> Self {
        Self { label: column.label.clone(), days: column.span.into(), partial: column.partial }
    }
}

/// The answer to a question about figures.
pub struct AnalyticsResult {
    /// Empty rows after a dry run.
    pub(crate) shared: Arc<Shared>,
    pub(crate) cost: AnalyticsCost,
    pub(crate) meta: crate::services::score::Meta,
}

/// The answer to a question about figures.
#[Object]
impl AnalyticsResult {
    /// The measures of each row's cells, in order.
    async fn measures(&self) -> Vec<Measure> {
        self.shared.query.measures.iter().map(|measure| (*measure).into()).collect()
    }

    /// The dimensions of each row's keys, in order.
    async fn dimensions(&self) -> Vec<Dimension> {
        self.shared.query.rows.iter().map(|dimension| (*dimension).into()).collect()
    }

    /// The periods that were asked about, resolved.
    async fn periods(&self) -> Vec<AnalyticsPeriod> {
        self.shared.answer.periods.iter().map(Into::into).collect()
    }

    /// The rows: by what they stand for, then by period; by period, group and place if they are ranked.
    async fn rows(&self) -> Vec<AnalyticsRow> {
        (0..self.shared.answer.rows.len()).map(|row| AnalyticsRow { shared: self.shared.clone(), row }).collect()
    }

    /// Units that a limit left out although their places would have listed them.
    async fn left_out(&self) -> Vec<LeftOutUnit> {
        self.shared.answer.left_out.iter().map(|out| LeftOutUnit::new(out, &self.shared.answer)).collect()
    }

    /// What it cost.
    async fn cost(&self) -> &AnalyticsCost {
        &self.cost
    }

    /// Where it comes from.
    async fn meta(&self) -> Meta {
        Meta(self.meta.clone())
    }
}

/// Why a unit is not listed.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "answer::LeftOutReason")]
pub enum LeftOutReason {
    /// It began within the period.
    New,
    /// It ended within the period.
    Closed,
    /// It belongs to no category.
    NoCategory,
    /// Its category is too small for a list of that length.
    CategoryTooSmall,
    /// It owes nothing: the rulebook has quotas, but none for its category.
    NoQuota,
    /// It has no value to rank.
    NoValue,
}

/// A unit that is not listed although its place would list it.
pub struct LeftOutUnit {
    out: answer::LeftOut,
    period: AnalyticsPeriod,
}

impl LeftOutUnit {
    pub(crate) fn new(out: &answer::LeftOut, answer: &Answer) -> Self {
        Self { out: out.clone(), period: (&answer.periods[out.period]).into() }
    }
}

/// A unit that is not listed although its place would list it.
#[Object]
impl LeftOutUnit {
    /// The unit.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(UnitId(self.out.unit)).await?.map(Unit::of))
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.out.name
    }

    /// In which period.
    async fn period(&self) -> &AnalyticsPeriod {
        &self.period
    }

    /// Why.
    async fn reason(&self) -> LeftOutReason {
        self.out.reason.into()
    }

    /// Why, in English.
    async fn message(&self) -> &str {
        self.out.reason.sentence().0
    }

    /// Why, in Chinese.
    async fn message_zh(&self) -> &str {
        self.out.reason.sentence().1
    }
}

/// One row of an answer.
pub struct AnalyticsRow {
    pub(crate) shared: Arc<Shared>,
    pub(crate) row: usize,
}

impl AnalyticsRow {
    pub(super) fn row(&self) -> &answer::Row {
        &self.shared.answer.rows[self.row]
    }
}

/// One row of an answer.
#[Object]
impl AnalyticsRow {
    /// What it stands for, in the order of the dimensions.
    async fn keys(&self) -> Vec<AnalyticsKey> {
        self.row().keys.iter().cloned().map(AnalyticsKey).collect()
    }

    /// Its period.
    async fn period(&self) -> AnalyticsPeriod {
        (&self.shared.answer.periods[self.row().period]).into()
    }

    /// Its values, in the order of the measures.
    async fn cells(&self) -> Vec<AnalyticsCell> {
        self.row().cells.iter().cloned().map(AnalyticsCell).collect()
    }

    /// Whether it sums the rows that a limit left out.
    async fn is_others(&self) -> bool {
        self.row().is_others
    }

    /// How it can be opened: each gives the fields of the next question.
    async fn drill(&self) -> Vec<Drill> {
        drills(&self.shared.query, &self.shared.answer, self.row())
    }

    /// The facts that a measure counted in this row, down to the submissions; of a ratio those of both sides.
    async fn evidence(
        &self,
        #[graphql(desc = "The measure; the first one if left out.")] measure: Option<Measure>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<EvidenceFact>> {
        let measures = &self.shared.query.measures;
        let wanted = measure.map(Into::into);
        let place = wanted.map_or(Some(0), |wanted| measures.iter().position(|measure| *measure == wanted));
        let place = place.ok_or_else(|| {
            crate::error::Error::invalid(
                "measure",
                "name one of the measures that were asked for",
                "请使用所列指标之一",
            )
        });
        let facts = self
            .shared
            .asked
            .evidence(self.shared.query.clone(), self.row().clone(), place.or_graphql()?)
            .await
            .or_graphql()?;
        let numbered = facts.into_iter().enumerate().collect();
        slice(
            numbered,
            &Page { first, after, last, before },
            |(place, _)| place.to_string(),
            |(_, fact)| EvidenceFact(fact),
        )
    }
}

/// What a row stands for in one dimension.
pub struct AnalyticsKey(pub(super) answer::Key);

/// What a row stands for in one dimension.
#[Object]
impl AnalyticsKey {
    /// The dimension.
    async fn dimension(&self) -> Dimension {
        self.0.dimension.into()
    }

    /// The unit's id, in rows by unit.
    async fn unit_id(&self) -> Option<ID> {
        self.0.unit.map(|unit| UnitId(unit).global())
    }

    /// The unit as it is today, in rows by unit.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        match self.0.unit {
            Some(unit) => Ok(ctx.loaders()?.one(UnitId(unit)).await?.map(Unit::of)),
            None => Ok(None),
        }
    }

    /// The code, in other rows; null where facts do not tell it.
    async fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The name, of the unit or of the code, in the state of the data that was asked.
    async fn name(&self) -> &str {
        &self.0.name
    }
}

/// Whether a value is defined.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "answer::Status")]
pub enum CellStatus {
    /// It is.
    Ok,
    /// There is nothing to divide by.
    NoDenominator,
    /// The unit did not take part in the period.
    NotApplicable,
    /// The unit took part in too few of the window's periods.
    TooFewPeriods,
    /// Nothing happened, and nothing was to be filled in.
    NoData,
    /// The number is too large to be shown.
    TooLarge,
}

/// One value of one measure.
pub struct AnalyticsCell(pub(super) answer::Cell);

/// One value of one measure.
#[Object]
impl AnalyticsCell {
    /// The value, exactly; null where it is not defined.
    async fn value(&self) -> Option<Decimal> {
        self.0.value.and_then(Decimal::of)
    }

    /// What is divided, of ratios and means.
    async fn numerator(&self) -> Option<Decimal> {
        self.0.numerator.and_then(Decimal::of)
    }

    /// What it is divided by.
    async fn denominator(&self) -> Option<i64> {
        self.0.denominator
    }

    /// Whether it is defined, and why not.
    async fn status(&self) -> CellStatus {
        self.0.status.into()
    }

    /// Whether nothing happened, and the value was filled in.
    async fn filled(&self) -> bool {
        self.0.filled
    }

    /// Whether the period has not ended.
    async fn partial(&self) -> bool {
        self.0.partial
    }

    /// Whether items handed in in the period may still be adopted, so that the rate still grows.
    async fn maturing(&self) -> bool {
        self.0.maturing
    }

    /// What it is compared with, in the order of the question.
    async fn comparisons(&self) -> Vec<AnalyticsComparison> {
        self.0.comparisons.iter().cloned().map(AnalyticsComparison).collect()
    }

    /// Its place, if rows are ranked by this measure.
    async fn rank(&self) -> Option<RankPlace> {
        self.0.rank.map(RankPlace)
    }
}

/// Whether two values can be compared.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "answer::CompareStatus")]
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

/// With what a value is compared.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareKind {
    /// An earlier period (环比).
    Previous,
    /// The same period a year earlier (同比).
    SameLastYear,
    /// Given days.
    Period,
    /// The average of the unit's category.
    CategoryAverage,
    /// The median of the unit's category.
    CategoryMedian,
    /// All rows together.
    Total,
}

/// A value held against another one.
pub struct AnalyticsComparison(answer::Comparison);

/// A value held against another one.
#[Object]
impl AnalyticsComparison {
    /// With what.
    async fn with(&self) -> CompareKind {
        match self.0.with {
            Compare::Previous(_) => CompareKind::Previous,
            Compare::SameLastYear => CompareKind::SameLastYear,
            Compare::Period(_) => CompareKind::Period,
            Compare::CategoryAverage => CompareKind::CategoryAverage,
            Compare::CategoryMedian => CompareKind::CategoryMedian,
            Compare::Total => CompareKind::Total,
        }
    }

    /// The days of the other value, if they are others; of a period that has not ended, as many as have passed.
    async fn days(&self) -> Option<Days> {
        self.0.span.map(Into::into)
    }

    /// The other value.
    async fn base(&self) -> Option<Decimal> {
        self.0.base.and_then(Decimal::of)
    }

    /// How much more the value is.
    async fn delta(&self) -> Option<Decimal> {
        self.0.delta.and_then(Decimal::of)
    }

    /// The same as a part of the other value: 0.25 is a quarter more. Against a total, the share of the whole.
    async fn change(&self) -> Option<Decimal> {
        self.0.change.map(Decimal)
    }

    /// Whether they can be compared.
    async fn status(&self) -> CompareStatus {
        self.0.status.into()
    }
}

/// A place in a ranking.
pub struct RankPlace(answer::Place);

/// A place in a ranking.
#[Object]
impl RankPlace {
    /// The place; a half where equals share the mean of their places.
    async fn rank(&self) -> Decimal {
        Decimal(self.0.rank)
    }

    /// Out of how many.
    async fn of(&self) -> u32 {
        self.0.of
    }

    /// Whether another row has the same place.
    async fn tied(&self) -> bool {
        self.0.tied
    }

    /// How many places it has gained since the period before, or since the first comparison.
    async fn gained(&self) -> Option<Decimal> {
        self.0.gained.map(Decimal)
    }

    /// The value at the lower quartile of the group.
    async fn lower_quartile(&self) -> Option<Decimal> {
        Decimal::of(self.0.quartiles[0])
    }

    /// The value in the middle of the group.
    async fn median(&self) -> Option<Decimal> {
        Decimal::of(self.0.quartiles[1])
    }

    /// The value at the upper quartile of the group.
    async fn upper_quartile(&self) -> Option<Decimal> {
        Decimal::of(self.0.quartiles[2])
    }
}

/// In what a row is opened.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrillKind {
    /// Its units: the children of a unit, the units of a category.
    Units,
    /// Shorter periods.
    FinerPeriod,
    /// Another dimension.
    Dimension,
}

/// The next question about a row: the fields of `AnalyticsInput` that change.
#[derive(SimpleObject, Clone, Debug)]
pub struct Drill {
    /// In what the row is opened.
    kind: DrillKind,
    /// `rows` of the next question.
    rows: Vec<Dimension>,
    /// `splitBy` of the next question.
    split_by: Option<PeriodUnit>,
    /// Its days.
    days: Days,
    /// `where.units`, or with `withSubtree` `where.subtreeOf`.
    units: Vec<ID>,
    /// `withSubtree` of the next question.
    with_subtree: bool,
    /// The codes that it restricts itself to, by dimension.
    codes: Vec<DrillCode>,
}

/// A code that a question restricts itself to.
#[derive(SimpleObject, Clone, Debug)]
pub struct DrillCode {
    /// The dimension.
    dimension: Dimension,
    /// The code.
    code: String,
}

fn drills(query: &Query, answer: &Answer, row: &answer::Row) -> Vec<Drill> {
    use analytics::frames::dimension::Dimension as D;
    if row.is_others {
        return Vec::new();
    }
    let column = &answer.periods[row.period];
    let unit = row.keys.iter().find_map(|key| key.unit);
    let codes = row.keys.iter().filter(|key| key.unit.is_none() && key.dimension != D::DirectReport);
    let codes: Vec<DrillCode> =
        codes.filter_map(|key| Some(DrillCode { dimension: key.dimension.into(), code: key.code.clone()? })).collect();
    let next = |kind, rows: Vec<D>, split_by: Option<LibraryUnit>, with_subtree| Drill {
        kind,
        rows: rows.into_iter().map(Into::into).collect(),
        split_by: split_by.map(Into::into),
        days: column.span.into(),
        units: unit.map(|unit| UnitId(unit).global()).into_iter().collect(),
        with_subtree,
        codes: codes.clone(),
    };
    let mut all = Vec::new();
    let has_units = query.rows.contains(&D::Unit);
    if !has_units || query.with_subtree {
        all.push(next(DrillKind::Units, vec![D::Unit], None, false));
    }
    let length = (column.span.last - column.span.first).num_days() + 1;
    let finer = LibraryUnit::ALL.into_iter().rev().find(|unit| match unit {
        LibraryUnit::Year => length > 366,
        LibraryUnit::HalfYear => false,
        LibraryUnit::Quarter => length > 92,
        LibraryUnit::Month => length > 31,
        LibraryUnit::Week => length > 7,
        LibraryUnit::Day => length > 1,
    });
    if let Some(finer) = finer {
        all.push(next(DrillKind::FinerPeriod, query.rows.clone(), Some(finer), query.with_subtree));
    }
    for dimension in D::ALL {
        let is_valid = query.measures.iter().all(|measure| measure.dimensions().contains(&dimension));
        if is_valid && !dimension.is_of_units() && !query.rows.contains(&dimension) {
            all.push(next(DrillKind::Dimension, vec![dimension], None, query.with_subtree));
        }
    }
    all
}

/// A fact behind a figure.
pub struct EvidenceFact(evidence::Evidence);

/// A fact behind a figure.
#[Object]
impl EvidenceFact {
    /// The day on which it counts.
    async fn date(&self) -> Date {
        Date(self.0.on)
    }

    /// The unit that it counts for.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(UnitId(self.0.unit)).await?.map(Unit::of))
    }

    /// Its kind, as rulebooks call it: `adoption`, `endorsement`, …; null for lines of the ledger and steps of a submission.
    async fn kind(&self) -> Option<&str> {
        self.0.fact.map(|(kind, _): (FactKind, i64)| kind.code())
    }

    /// Its global id; of a `Tally` if the figure was imported.
    async fn id(&self) -> Option<ID> {
        self.0.fact.map(|(kind, id)| fact_id(kind, id))
    }

    /// The submission that it is about, if the caller may see it.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        match self.0.submission {
            Some(id) => Ok(ctx.loaders()?.one(SubmissionId(id)).await?.map(Submission)),
            None => Ok(None),
        }
    }

    /// The rule that gave the line, of ledgers.
    async fn rule(&self) -> Option<&str> {
        self.0.rule.as_deref()
    }

    /// How many like facts it stands for; of ledgers, millionths of a point or fen.
    async fn count(&self) -> i64 {
        self.0.count
    }
}
