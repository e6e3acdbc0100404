//! The questions that are asked by name: thin forms of the composable one.

use std::collections::BTreeMap;
use std::sync::Arc;

use analytics::frames::anomaly;
use analytics::frames::dimension::Dimension as D;
use analytics::frames::measure::Measure as M;
use analytics::frames::periods::Choice;
use analytics::frames::query::{Compare, End, Limit, Method, Query, Rank, Window};
use analytics::points::Points;
use async_graphql::{Context, ID, Object, SimpleObject};
use entity::ids::UnitId;

use super::answer::{AnalyticsCell, AnalyticsKey, Shared};
use super::input::{CompareInput, Dimension, Measure, PeriodUnit, WindowInput, compares, dimensions};
use super::{AnalyticsPeriod, AnalyticsResult, AnalyticsRow, LeftOutUnit, ask};
use crate::error::{Error, Result};
use crate::graphql::context::Reach as _;
use crate::graphql::ids::GlobalId as _;
use crate::graphql::scalars::{Decimal, PeriodInput};
use crate::graphql::score::Meta;
use crate::graphql::unit::Unit;
use crate::services::analytics::Asked;

pub(super) fn category_comparison(
    measures: &[Measure],
    period: PeriodInput,
    compare: &[CompareInput],
) -> Result<Query> {
    let measures = measures.iter().map(|measure| (*measure).into()).collect();
    let mut query = Query::new(measures, vec![D::Category], period.choice()?);
    query.compare = compares(compare)?;
    Ok(query)
}

pub(super) fn bottom_ranked(measure: Measure, period: PeriodInput, n: i32, per_category: bool) -> Result<Query> {
    let rows = usize::try_from(n).ok().filter(|n| (1..=100).contains(n));
    let rows = rows.ok_or_else(|| Error::invalid("n", "list 1 to 100 units", "请列出 1 至 100 个单位"))?;
    let measure: M = measure.into();
    let mut query = Query::new(vec![measure], vec![D::Unit], period.choice()?);
    query.rank = Some(Rank {
        by: 0,
        method: Method::Competition,
        descending: measure.more_is_better(),
        within: if per_category { vec![D::Category] } else { Vec::new() },
        tie_break: Vec::new(),
    });
    query.limit = Some(Limit { end: End::Bottom, rows, with_ties: true, others: false, eligible_only: true });
    Ok(query)
}

/// The last units of a ranking.
#[derive(SimpleObject)]
pub struct BottomRanked {
    /// The units: by category, the last one last.
    rows: Vec<BottomRankedUnit>,
    /// Units that cannot fairly be listed, each with the reason.
    left_out: Vec<LeftOutUnit>,
    /// The days.
    periods: Vec<AnalyticsPeriod>,
    /// Where it comes from.
    meta: Meta,
}

/// A unit among the last.
pub struct BottomRankedUnit {
    row: AnalyticsRow,
    sentence: (String, String),
}

/// A unit among the last.
#[Object]
impl BottomRankedUnit {
    /// The unit.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        match self.key().and_then(|key| key.unit) {
            Some(unit) => Ok(ctx.loaders()?.one(UnitId(unit)).await?.map(Unit::of)),
            None => Ok(None),
        }
    }

    /// Its id.
    async fn unit_id(&self) -> Option<ID> {
        self.key().and_then(|key| key.unit).map(|unit| UnitId(unit).global())
    }

    /// Its name.
    async fn name(&self) -> &str {
        self.key().map_or("", |key| &key.name)
    }

    /// Its value, with its place.
    async fn cell(&self) -> Option<AnalyticsCell> {
        self.row.row().cells.first().cloned().map(AnalyticsCell)
    }

    /// Why it is listed, in English.
    async fn reason(&self) -> &str {
        &self.sentence.0
    }

    /// Why it is listed, in Chinese.
    async fn reason_zh(&self) -> &str {
        &self.sentence.1
    }
}

impl BottomRankedUnit {
    fn key(&self) -> Option<&analytics::frames::answer::Key> {
        self.row.row().keys.first()
    }
}

pub(super) fn list(result: AnalyticsResult) -> BottomRanked {
    let shared = result.shared.clone();
    let listed = (0..shared.answer.rows.len()).map(|row| {
        let sentence = why_listed(&shared, row).unwrap_or_default();
        BottomRankedUnit { row: AnalyticsRow { shared: shared.clone(), row }, sentence }
    });
    BottomRanked {
        rows: listed.collect(),
        left_out: shared.answer.left_out.iter().map(|out| LeftOutUnit::new(out, &shared.answer)).collect(),
        periods: shared.answer.periods.iter().map(Into::into).collect(),
        meta: Meta(result.meta),
    }
}

fn why_listed(shared: &Shared, row: usize) -> Option<(String, String)> {
    let row = shared.answer.rows.get(row)?;
    let (cell, about) = (row.cells.first()?, shared.query.measures.first()?.about());
    let (value, place) = (cell.value?, cell.rank?);
    let median = place.quartiles[1];
    let (tied, tied_zh) = if place.tied { (", tied", "（并列）") } else { ("", "") };
    Some((
        format!("{} of {value}: place {}{tied} of {}, where the median is {median}", about.en, place.rank, place.of),
        format!("{} {value}，在 {} 个单位中列第 {}{tied_zh}，中位数为 {median}", about.zh, place.of, place.rank),
    ))
}

/// The three questions that make a trend.
pub(super) struct TrendQueries {
    plain: Query,
    moving: Query,
    year_to_date: Query,
}

pub(super) fn series_of(
    measure: Measure,
    period: PeriodInput,
    split_by: PeriodUnit,
    rows: &[Dimension],
) -> Result<Query> {
    let mut query = Query::new(vec![measure.into()], dimensions(rows), period.choice()?);
    query.split_by = Some(split_by.into());
    Ok(query)
}

pub(super) fn trend(
    measure: Measure,
    period: PeriodInput,
    split_by: PeriodUnit,
    rows: &[Dimension],
    compare: &[CompareInput],
    window: Option<WindowInput>,
) -> Result<TrendQueries> {
    let mut plain = series_of(measure, period, split_by, rows)?;
    let mut moving = plain.clone();
    moving.window = Some(window.map_or(Ok(Window::Trailing { periods: 3, least: 1 }), WindowInput::window)?);
    let mut year_to_date = plain.clone();
    year_to_date.window = Some(Window::YearToDate);
    year_to_date.compare = vec![Compare::SameLastYear];
    plain.compare = compares(compare)?;
    Ok(TrendQueries { plain, moving, year_to_date })
}

/// A measure over time.
#[derive(SimpleObject)]
pub struct TrendSeries {
    /// The points: by what they stand for, then by period.
    points: Vec<TrendPoint>,
    /// The periods.
    periods: Vec<AnalyticsPeriod>,
    /// Where it comes from.
    meta: Meta,
}

/// A point of a trend.
pub struct TrendPoint {
    row: AnalyticsRow,
    moving: Option<analytics::frames::answer::Cell>,
    year_to_date: Option<analytics::frames::answer::Cell>,
}

/// A point of a trend.
#[Object]
impl TrendPoint {
    /// What it stands for; empty for the whole network.
    async fn keys(&self) -> Vec<AnalyticsKey> {
        self.row.row().keys.iter().cloned().map(AnalyticsKey).collect()
    }

    /// Its period.
    async fn period(&self) -> AnalyticsPeriod {
        (&self.row.shared.answer.periods[self.row.row().period]).into()
    }

    /// Its value with its comparisons.
    async fn cell(&self) -> Option<AnalyticsCell> {
        self.row.row().cells.first().cloned().map(AnalyticsCell)
    }

    /// The moving mean up to this period.
    async fn moving(&self) -> Option<AnalyticsCell> {
        self.moving.clone().map(AnalyticsCell)
    }

    /// The sum since the beginning of the year; its comparison is the year before at the same day, so that `change` is the pace.
    async fn year_to_date(&self) -> Option<AnalyticsCell> {
        self.year_to_date.clone().map(AnalyticsCell)
    }
}

pub(super) async fn series(asked: Asked, queries: TrendQueries) -> Result<TrendSeries> {
    let cells = |answer: analytics::frames::answer::Answer| -> BTreeMap<_, _> {
        let rows = answer.rows.into_iter();
        rows.filter_map(|row| Some(((row.keys, row.period), row.cells.into_iter().next()?))).collect()
    };
    let moving = cells(asked.analyse(queries.moving).await?.0);
    let year_to_date = cells(asked.analyse(queries.year_to_date).await?.0);
    let result = ask(asked, queries.plain, false).await?;
    let shared = result.shared.clone();
    let points = (0..shared.answer.rows.len()).map(|row| {
        let of = &shared.answer.rows[row];
        let key = (of.keys.clone(), of.period);
        TrendPoint {
            moving: moving.get(&key).cloned(),
            year_to_date: year_to_date.get(&key).cloned(),
            row: AnalyticsRow { shared: shared.clone(), row },
        }
    });
    Ok(TrendSeries {
        points: points.collect(),
        periods: shared.answer.periods.iter().map(Into::into).collect(),
        meta: Meta(result.meta),
    })
}

/// Which topics are covered.
#[derive(SimpleObject)]
pub struct Coverage {
    /// The topics, in the rulebook's order.
    topics: Vec<TopicCoverage>,
    /// Items that name no topic.
    without_topic: i64,
    /// Where it comes from.
    meta: Meta,
}

/// How a topic is covered.
#[derive(SimpleObject)]
pub struct TopicCoverage {
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// Items reported on it.
    submitted: i64,
    /// Different items adopted on it.
    adopted_items: i64,
    /// How many units reported on it.
    units: i32,
    /// Its share of the items that name a topic; null if none does.
    share: Option<Decimal>,
    /// Whether nobody reported on it.
    is_silent: bool,
}

pub(super) async fn coverage(asked: Asked, choice: Choice) -> Result<Coverage> {
    let query = Query::new(vec![M::Submitted, M::AdoptedItems], vec![D::Topic], choice);
    let by_unit = Query::new(vec![M::Submitted], vec![D::Unit, D::Topic], choice);
    let count = |cell: Option<&analytics::frames::answer::Cell>| match cell.and_then(|cell| cell.value) {
        Some(analytics::frames::number::Number::Count(count)) => count,
        _ => 0,
    };
    let mut units: BTreeMap<String, i32> = BTreeMap::new();
    for row in asked.analyse(by_unit).await?.0.rows {
        let topic = row.keys.into_iter().find_map(|key| key.code);
        if let Some(topic) = topic.filter(|_| count(row.cells.first()) > 0) {
            *units.entry(topic).or_default() += 1;
        }
    }
    let result = ask(asked, query, false).await?;
    let rows = &result.shared.answer.rows;
    let named = rows.iter().filter_map(|row| Some((row.keys.first()?.code.clone()?, row)));
    let all: i64 = named.clone().map(|(_, row)| count(row.cells.first())).sum();
    let nameless = rows.iter().filter(|row| row.keys.first().is_some_and(|key| key.code.is_none()));
    let without_topic = nameless.map(|row| count(row.cells.first())).sum();
    let whole = Points::from_whole(all);
    let topics = named.map(|(code, row)| {
        let submitted = count(row.cells.first());
        TopicCoverage {
            name: row.keys.first().map(|key| key.name.clone()).unwrap_or_default(),
            submitted,
            adopted_items: count(row.cells.get(1)),
            units: units.get(&code).copied().unwrap_or(0),
            share: Points::from_whole(submitted)
                .zip(whole)
                .and_then(|(part, whole)| part.checked_div(whole))
                .map(Decimal),
            is_silent: submitted == 0,
            code,
        }
    });
    Ok(Coverage { topics: topics.collect(), without_topic, meta: Meta(result.meta.clone()) })
}

pub(super) fn timeliness(period: PeriodInput, rows: &[Dimension], split_by: Option<PeriodUnit>) -> Result<Query> {
    let measures = vec![M::OnTimeRate, M::CommissionAnswerRate, M::CommissionLateRate, M::LateReports, M::Turnaround];
    let mut query = Query::new(measures, dimensions(rows), period.choice()?);
    query.split_by = split_by.map(Into::into);
    Ok(query)
}

/// Three and a half, which is usual.
pub(super) fn usual_threshold() -> Decimal {
    Decimal(Points::from_millionths(3_500_000))
}

/// Something that stands out.
pub struct AnomalyRow {
    row: AnalyticsRow,
    anomaly: anomaly::Anomaly,
}

/// Something that stands out.
#[Object]
impl AnomalyRow {
    /// What stands out.
    async fn keys(&self) -> Vec<AnalyticsKey> {
        self.row.row().keys.iter().cloned().map(AnalyticsKey).collect()
    }

    /// The row, with its drill and its evidence.
    async fn row(&self) -> &AnalyticsRow {
        &self.row
    }

    /// The value.
    async fn value(&self) -> Option<Decimal> {
        Decimal::of(self.anomaly.value)
    }

    /// The middle of the earlier periods.
    async fn median(&self) -> Decimal {
        Decimal(self.anomaly.median)
    }

    /// The middle of their distances from it.
    async fn deviation(&self) -> Decimal {
        Decimal(self.anomaly.deviation)
    }

    /// The distance in robust standard deviations; null where the past never differed.
    async fn score(&self) -> Option<Decimal> {
        self.anomaly.score.map(Decimal)
    }

    /// How many earlier periods it is held against.
    async fn periods(&self) -> i32 {
        i32::try_from(self.anomaly.periods).unwrap_or(i32::MAX)
    }

    /// Whether the value is above the middle.
    async fn is_above(&self) -> bool {
        self.anomaly.is_above
    }

    /// What it says, in English.
    async fn sentence(&self) -> &str {
        &self.anomaly.sentence
    }

    /// What it says, in Chinese.
    async fn sentence_zh(&self) -> &str {
        &self.anomaly.sentence_zh
    }
}

pub(super) fn anomalies(result: AnalyticsResult, threshold: Decimal) -> Result<Vec<AnomalyRow>> {
    let shared: Arc<Shared> = result.shared;
    if shared.answer.periods.len() <= anomaly::FEWEST_PERIODS {
        return Err(Error::invalid(
            "period",
            "at least four earlier periods are needed to say what stands out; ask about a longer time",
            "至少需要此前四个时段方可判断异常，请扩大时段",
        ));
    }
    let found = anomaly::anomalies(&shared.answer, threshold.0);
    let row = |anomaly: anomaly::Anomaly| AnomalyRow {
        row: AnalyticsRow { shared: shared.clone(), row: anomaly.row },
        anomaly,
    };
    Ok(found.into_iter().map(row).collect())
}
