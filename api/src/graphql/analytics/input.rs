//! What can be asked, as inputs, and the one translation of each into the library's query.

use analytics::frames::measure::Measure as LibraryMeasure;
use analytics::frames::periods::Choice;
use analytics::frames::query::{self, Filter, Having, Query};
use async_graphql::{Enum, ID, InputObject, OneofObject};
use chrono::{DateTime, Utc};
use entity::ids::UnitId;

use super::super::ids::GlobalId;
use super::super::rates::RateBasis;
use super::super::scalars::{Decimal, PeriodInput};
use crate::error::{Error, Result};

/// A measure. `analyticsCatalog` says how each is computed.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "LibraryMeasure")]
pub enum Measure {
    /// Items that the rulebook counts as reported (报送数).
    Submitted,
    /// Items that passed the receipt check (接收数).
    Received,
    /// Refusals at receipt (不予接收次数).
    Refused,
    /// Items sent back (退回次数).
    Returned,
    /// Urgent items (紧急信息数).
    Urgent,
    /// Different items adopted (采用条数).
    AdoptedItems,
    /// Adoptions (采用次数).
    Adoptions,
    /// Sendings-up (上报数).
    SentUp,
    /// Endorsements (批示数).
    Endorsements,
    /// Different items adopted ÷ items reported (采用率).
    AdoptionRate,
    /// Items in time ÷ items with a deadline (及时率).
    OnTimeRate,
    /// Commissions that were decided (约稿数).
    Commissions,
    /// Commissions answered, in time or late (约稿完成数).
    AnsweredCommissions,
    /// Commissions answered ÷ commissions decided (约稿完成率).
    CommissionAnswerRate,
    /// Commissions answered late ÷ commissions decided (约稿逾期率).
    CommissionLateRate,
    /// Median hours from hand-in to decision (办理时长).
    Turnaround,
    /// Points of the ledger (积分).
    Points,
    /// Negative points of the ledger (扣分).
    Deductions,
    /// Money of the ledger (稿酬奖金).
    Money,
    /// Counted ÷ owed by quotas (任务完成率).
    QuotaAttainment,
    /// Incidents (差错数).
    Incidents,
    /// Late urgent reports (紧急信息迟报数).
    LateReports,
    /// Different people who wrote (活跃信息员).
    ActiveOfficers,
    /// Trainings held (培训数).
    Trainings,
}

/// What rows stand for.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "analytics::frames::dimension::Dimension")]
pub enum Dimension {
    /// One unit (单位).
    Unit,
    /// The category of units (单位类别).
    Category,
    /// Whether units report to a higher level directly (直报点).
    DirectReport,
    /// The publication that adopted (刊物).
    Publication,
    /// The level of the publication, of the leader, or that an item was sent up to (层级).
    Level,
    /// The kind of item, or of incident (信息类型).
    Kind,
    /// The topic (主题).
    Topic,
    /// The level that a commission came from (约稿来源).
    Origin,
    /// The rule that gave points or money (计分规则).
    Rule,
}

/// A calendar period's length.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "analytics::period::PeriodUnit")]
pub enum PeriodUnit {
    /// One calendar day.
    Day,
    /// One ISO week, Monday to Sunday.
    Week,
    /// One calendar month.
    Month,
    /// Three calendar months.
    Quarter,
    /// Six calendar months.
    HalfYear,
    /// One calendar year.
    Year,
}

/// What stands where nothing happened.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "query::Fill")]
pub enum FillMode {
    /// Zero for what is counted, no value for what is divided.
    PerMeasure,
    /// No value.
    Null,
    /// Rows in which nothing happened are left out.
    Skip,
}

/// To which category figures belong when a unit changes its category.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "query::Attribution")]
pub enum CategoryOn {
    /// To the last one that the unit had in the period, as in rankings.
    PeriodEnd,
    /// To the one that the unit had on the day of each fact.
    FactDay,
}

/// What a tie does to the places of a ranking.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "query::Method")]
pub enum RankMethod {
    /// Equal value, equal place, and the shared places are left out afterwards: 1, 2, 2, 4.
    Competition,
    /// Equal value, equal place, and no place is left out: 1, 2, 2, 3.
    Dense,
    /// Every row has a place of its own; equals follow the official list: 1, 2, 3, 4.
    Ordinal,
    /// Equals share the mean of their places: 1, 2.5, 2.5, 4.
    Average,
}

/// From which end of a ranking rows are taken.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "query::End")]
pub enum LimitEnd {
    /// The first.
    Top,
    /// The last.
    Bottom,
}

/// How a value is held against a number.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "query::Operator")]
pub enum CompareOperator {
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

/// A figure of the units of a category.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum CategoryStatistic {
    /// Σ ÷ Σ of a ratio; of a count, the mean of the units.
    Average,
    /// The value in the middle.
    Median,
}

/// From when on sums run.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum CumulativeFrom {
    /// From the first period asked about.
    Range,
    /// From the beginning of each calendar year.
    Year,
}

/// The order of a ranking.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum RankOrder {
    /// The greatest first.
    Descending,
    /// The smallest first.
    Ascending,
}

/// What each value is compared with; give one field.
#[derive(OneofObject, Clone, Debug)]
pub enum CompareInput {
    /// The period so many before: 1 is 环比.
    Previous(i32),
    /// The same period a year earlier: 同比. Say true.
    SameLastYear(bool),
    /// Given days.
    Period(PeriodInput),
    /// The units of the unit's category.
    Category(CategoryStatistic),
    /// All rows of the period together; `change` is the share of the whole. Say true.
    Total(bool),
}

/// Which facts and units are looked at, before anything is summed. What passes all fields that are given.
#[derive(InputObject, Clone, Debug, Default)]
pub struct AnalyticsFilter {
    /// What passes every part.
    #[graphql(default)]
    all: Vec<AnalyticsFilter>,
    /// What passes some part; empty is no condition.
    #[graphql(default)]
    any: Vec<AnalyticsFilter>,
    /// What does not pass.
    not: Option<Box<AnalyticsFilter>>,
    /// These units.
    units: Option<Vec<ID>>,
    /// These units and those below them on the last day asked about.
    subtree_of: Option<Vec<ID>>,
    /// Units that report to a higher level directly, or those that do not.
    direct_report: Option<bool>,
    /// Codes of categories.
    category: Option<Vec<String>>,
    /// Codes of publications.
    publication: Option<Vec<String>>,
    /// Codes of levels.
    level: Option<Vec<String>>,
    /// Codes of kinds.
    kind: Option<Vec<String>>,
    /// Codes of topics.
    topic: Option<Vec<String>>,
    /// Codes of the levels that commissions came from.
    origin: Option<Vec<String>>,
    /// Ids of rules.
    rule: Option<Vec<String>>,
}

/// Which rows are shown, by their values. Rows that pass all fields that are given; what is not defined passes no comparison.
#[derive(InputObject, Clone, Debug, Default)]
pub struct MeasureFilter {
    /// Rows that pass every part.
    #[graphql(default)]
    all: Vec<MeasureFilter>,
    /// Rows that pass some part; empty is no condition.
    #[graphql(default)]
    any: Vec<MeasureFilter>,
    /// Rows that do not pass.
    not: Option<Box<MeasureFilter>>,
    /// One of the measures asked for.
    measure: Option<Measure>,
    /// How its value is held against `value`.
    operator: Option<CompareOperator>,
    /// The number.
    value: Option<Decimal>,
}

/// Over which periods each value is taken; give `trailing` or `cumulative`.
#[derive(InputObject, Clone, Copy, Debug)]
pub struct WindowInput {
    /// The mean of so many periods up to each one; a ratio is Σ ÷ Σ.
    trailing: Option<i32>,
    /// In how many of them a unit must have taken part; with `trailing`.
    #[graphql(default = 1)]
    min_periods: i32,
    /// Sums that run on.
    cumulative: Option<CumulativeFrom>,
}

/// How rows of one period are ranked.
#[derive(InputObject, Clone, Debug)]
pub struct RankInput {
    /// The measure; the first one if left out.
    by: Option<Measure>,
    /// What a tie does to the places.
    #[graphql(default_with = "RankMethod::Competition")]
    method: RankMethod,
    /// What comes first; the better one if left out.
    order: Option<RankOrder>,
    /// Rows are ranked among those that agree in these dimensions; units may be ranked within their category.
    #[graphql(default)]
    within: Vec<Dimension>,
    /// Measures that decide between equals, the greatest first.
    #[graphql(default)]
    tie_break: Vec<Measure>,
}

/// How many rows of each group and period are shown; needs a rank.
#[derive(InputObject, Clone, Copy, Debug)]
pub struct LimitInput {
    /// From which end.
    #[graphql(default_with = "LimitEnd::Top")]
    end: LimitEnd,
    /// How many.
    n: i32,
    /// Whether rows that equal the last one are shown as well; otherwise a tie at the cut is left out as a whole.
    #[graphql(default = true)]
    with_ties: bool,
    /// Whether the rows that are left out are summed into one.
    #[graphql(default)]
    others: bool,
    /// Whether units that cannot fairly be listed are left out and named in `leftOut`.
    #[graphql(default)]
    eligible_only: bool,
}

/// A question about figures.
#[derive(InputObject, Clone, Debug)]
pub struct AnalyticsInput {
    /// Which network.
    pub(super) network: ID,
    /// What is measured, 1 to 8.
    pub(super) measures: Vec<Measure>,
    /// What rows stand for beside their period, in order, 0 to 4; none is the whole network.
    #[graphql(default)]
    rows: Vec<Dimension>,
    /// Whether the row of a unit holds the units below it as well.
    #[graphql(default)]
    with_subtree: bool,
    /// Which days.
    period: PeriodInput,
    /// One row for each of these periods; one for all days if left out.
    split_by: Option<PeriodUnit>,
    /// What each value is compared with.
    #[graphql(default)]
    compare: Vec<CompareInput>,
    /// Which facts and units are looked at.
    #[graphql(name = "where")]
    filter: Option<AnalyticsFilter>,
    /// Which rows are shown, by their values.
    having: Option<MeasureFilter>,
    /// What stands where nothing happened.
    #[graphql(default_with = "FillMode::PerMeasure")]
    fill: FillMode,
    /// Over which periods each value is taken.
    window: Option<WindowInput>,
    /// How rows are ranked.
    rank: Option<RankInput>,
    /// How many rows are shown.
    limit: Option<LimitInput>,
    /// Which adoptions an adoption rate holds against which submissions.
    #[graphql(default_with = "RateBasis::AdoptedIn")]
    basis: RateBasis,
    /// To which category figures belong when a unit changes its category.
    #[graphql(default_with = "CategoryOn::PeriodEnd")]
    category_on: CategoryOn,
    /// The moment that relative periods are seen from and whose state of the data is asked. The same question gives the same answer,
    /// whatever was written since.
    pub(super) as_of: Option<DateTime<Utc>>,
    /// Only say what the answer would cost.
    #[graphql(default)]
    pub(super) dry_run: bool,
}

impl AnalyticsInput {
    /// The library's query; `days` finds the days of a period that a value is compared with.
    pub(super) fn query(&self) -> Result<Query> {
        let measures: Vec<LibraryMeasure> = self.measures.iter().map(|measure| (*measure).into()).collect();
        let mut query = Query::new(measures, dimensions(&self.rows), self.period.choice()?);
        query.with_subtree = self.with_subtree;
        query.split_by = self.split_by.map(Into::into);
        query.compare = compares(&self.compare)?;
        query.filter = self.filter.as_ref().map(AnalyticsFilter::filter).transpose()?;
        query.having = self.having.as_ref().map(|having| having.having(&query.measures)).transpose()?;
        query.fill = self.fill.into();
        query.window = self.window.map(WindowInput::window).transpose()?;
        query.rank = self.rank.as_ref().map(|rank| rank.rank(&query.measures)).transpose()?;
        query.limit = self.limit.map(LimitInput::limit).transpose()?;
        query.basis = self.basis.into();
        query.attribution = self.category_on.into();
        Ok(query)
    }
}

pub(super) fn dimensions(rows: &[Dimension]) -> Vec<analytics::frames::dimension::Dimension> {
    rows.iter().map(|dimension| (*dimension).into()).collect()
}

pub(super) fn compares(all: &[CompareInput]) -> Result<Vec<query::Compare>> {
    let of = |compare: &CompareInput| match compare {
        CompareInput::Previous(back) => Ok(Some(query::Compare::Previous(whole(*back, "compare.previous")?.max(1)))),
        CompareInput::SameLastYear(wanted) => Ok(wanted.then_some(query::Compare::SameLastYear)),
        CompareInput::Period(period) => Ok(Some(query::Compare::Period(period.span()?))),
        CompareInput::Category(CategoryStatistic::Average) => Ok(Some(query::Compare::CategoryAverage)),
        CompareInput::Category(CategoryStatistic::Median) => Ok(Some(query::Compare::CategoryMedian)),
        CompareInput::Total(wanted) => Ok(wanted.then_some(query::Compare::Total)),
    };
    let compares: Result<Vec<Option<query::Compare>>> = all.iter().map(of).collect();
    Ok(compares?.into_iter().flatten().collect())
}

fn whole(number: i32, field: &'static str) -> Result<u32> {
    u32::try_from(number)
        .ok()
        .filter(|number| *number <= 10_000)
        .ok_or_else(|| Error::invalid(field, "give a whole number from 0 to 10000", "请填写 0 至 10000 的整数"))
}

impl AnalyticsFilter {
    pub(super) fn filter(&self) -> Result<Filter> {
        use analytics::frames::dimension::Dimension as D;
        let mut parts = Vec::new();
        for part in &self.all {
            parts.push(part.filter()?);
        }
        if !self.any.is_empty() {
            parts.push(Filter::Any(self.any.iter().map(Self::filter).collect::<Result<_>>()?));
        }
        if let Some(part) = &self.not {
            parts.push(Filter::Not(Box::new(part.filter()?)));
        }
        let units = |ids: &Vec<ID>, field| {
            ids.iter().map(|id| UnitId::parse(id, field).map(|unit| unit.0)).collect::<Result<_>>()
        };
        if let Some(ids) = &self.units {
            parts.push(Filter::Units(units(ids, "where.units")?));
        }
        if let Some(ids) = &self.subtree_of {
            parts.push(Filter::Subtrees(units(ids, "where.subtreeOf")?));
        }
        parts.extend(self.direct_report.map(Filter::DirectReport));
        let codes = [
            (D::Category, &self.category),
            (D::Publication, &self.publication),
            (D::Level, &self.level),
            (D::Kind, &self.kind),
            (D::Topic, &self.topic),
            (D::Origin, &self.origin),
            (D::Rule, &self.rule),
        ];
        for (dimension, codes) in codes {
            parts.extend(codes.as_ref().map(|codes| Filter::Codes(dimension, codes.iter().cloned().collect())));
        }
        Ok(Filter::All(parts))
    }
}

fn place(measures: &[LibraryMeasure], wanted: Measure, field: &'static str) -> Result<usize> {
    let wanted: LibraryMeasure = wanted.into();
    measures
        .iter()
        .position(|measure| *measure == wanted)
        .ok_or_else(|| Error::invalid(field, "name one of the measures that are asked for", "请使用所列指标之一"))
}

impl MeasureFilter {
    fn having(&self, measures: &[LibraryMeasure]) -> Result<Having> {
        let mut parts = Vec::new();
        for part in &self.all {
            parts.push(part.having(measures)?);
        }
        if !self.any.is_empty() {
            parts.push(Having::Any(self.any.iter().map(|part| part.having(measures)).collect::<Result<_>>()?));
        }
        if let Some(part) = &self.not {
            parts.push(Having::Not(Box::new(part.having(measures)?)));
        }
        match (self.measure, self.operator, self.value) {
            (None, None, None) => {}
            (Some(measure), Some(operator), Some(value)) => {
                let measure = place(measures, measure, "input.having.measure")?;
                parts.push(Having::Value(measure, operator.into(), value.0));
            }
            _ => {
                return Err(Error::invalid(
                    "input.having",
                    "give measure, operator and value together",
                    "measure、operator、value 须同时填写",
                ));
            }
        }
        Ok(Having::All(parts))
    }
}

impl WindowInput {
    pub(super) fn window(self) -> Result<query::Window> {
        match (self.trailing, self.cumulative) {
            (Some(periods), None) => Ok(query::Window::Trailing {
                periods: whole(periods, "input.window.trailing")?,
                least: whole(self.min_periods, "input.window.minPeriods")?,
            }),
            (None, Some(CumulativeFrom::Range)) => Ok(query::Window::Cumulative),
            (None, Some(CumulativeFrom::Year)) => Ok(query::Window::YearToDate),
            _ => Err(Error::invalid(
                "input.window",
                "give either trailing or cumulative",
                "请填写 trailing 或 cumulative 之一",
            )),
        }
    }
}

impl RankInput {
    fn rank(&self, measures: &[LibraryMeasure]) -> Result<query::Rank> {
        let by = self.by.map_or(Ok(0), |by| place(measures, by, "input.rank.by"))?;
        let better = measures.get(by).is_none_or(|measure| measure.more_is_better());
        let tie_break: Result<Vec<usize>> =
            self.tie_break.iter().map(|measure| place(measures, *measure, "input.rank.tieBreak")).collect();
        Ok(query::Rank {
            by,
            method: self.method.into(),
            descending: self.order.map_or(better, |order| order == RankOrder::Descending),
            within: dimensions(&self.within),
            tie_break: tie_break?,
        })
    }
}

impl LimitInput {
    fn limit(self) -> Result<query::Limit> {
        Ok(query::Limit {
            end: self.end.into(),
            rows: whole(self.n, "input.limit.n")? as usize,
            with_ties: self.with_ties,
            others: self.others,
            eligible_only: self.eligible_only,
        })
    }
}

/// The last so many periods.
#[derive(InputObject, Clone, Copy, Debug)]
pub struct LastPeriodsInput {
    /// How many.
    count: i32,
    /// Of which length.
    unit: PeriodUnit,
    /// Whether the one that is running is the last of them.
    #[graphql(default)]
    include_current: bool,
}

impl LastPeriodsInput {
    pub(crate) fn choice(self) -> Result<Choice> {
        let count = whole(self.count, "period.last.count")?;
        Ok(Choice::Last { count, unit: self.unit.into(), include_current: self.include_current })
    }
}
