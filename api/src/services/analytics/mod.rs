//! The composable query over a network's figures, and the questions that are built on it.
//!
//! Whoever sees a network sees all of it. Others see the rows of their units, sums over their units alone, and of
//! everybody's only how many are ranked and where the quartiles lie. A query that cannot be answered is refused
//! before anything is computed, with the smallest change that would work in `details`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use analytics::frames::answer::{Answer, Row};
use analytics::frames::dimension::Dimension;
use analytics::frames::evidence::Evidence;
use analytics::frames::periods::{Choice, PeriodColumn, split};
use analytics::frames::query::Query;
use analytics::frames::refusal::{Change, Refusal};
use analytics::frames::{self, Plan, Source};
use analytics::period::{PeriodUnit, Span};
use analytics::scoring::Scored;
use chrono::{DateTime, NaiveDate, Utc};
use entity::ids::{NetworkId, UnitId};

use crate::error::{Error, Result};
use crate::services::facts::Snapshot;
use crate::services::score::{self, Meta};
use crate::services::{Ctx, local_day};

/// The most cells that one answer has.
pub const MOST_CELLS: usize = 20_000;

/// The state of a network's data that a question is asked of.
#[derive(Clone)]
pub struct Asked {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) source: Source,
    /// The moment whose state it is, if one was named.
    pub as_of: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    /// The units that the asker sees; `None` for all.
    visible: Option<BTreeSet<i64>>,
}

/// A question that is kept: to be answered as a file, drawn, or asked again.
#[derive(Clone)]
pub struct Question {
    /// About which network.
    pub network: NetworkId,
    /// What is asked.
    pub query: Query,
    /// Of which state of the data; the present one if left out.
    pub as_of: Option<DateTime<Utc>>,
    /// The question as it was asked, as JSON.
    pub text: serde_json::Value,
    /// Writes the id of a unit as clients know it.
    pub unit_id: fn(i64) -> String,
}

/// Opens the figures of a network, as they are or as they were.
pub async fn open(ctx: &Ctx, network: NetworkId, as_of: Option<DateTime<Utc>>) -> Result<Asked> {
    let present = score::readable(ctx, network).await?;
    let now = ctx.now();
    let (snapshot, moment) = match as_of {
        None => (present, now),
        Some(moment) if moment > now => {
            return Err(Error::invalid("asOf", "asOf lies in the future", "asOf 晚于当前时间"));
        }
        Some(moment) => (ctx.facts_as_of(network, moment).await?, moment),
    };
    let today = local_day(&snapshot.network, moment);
    let visible = (!ctx.scope().sees_network(network))
        .then(|| snapshot.facts.units().keys().copied().filter(|unit| ctx.scope().sees_unit(UnitId(*unit))).collect());
    let source = Source::new(&snapshot.versions, &snapshot.facts, today);
    Ok(Asked { snapshot, source, as_of, now: moment, visible })
}

impl Asked {
    /// The day of the question, in the network's time zone.
    pub fn today(&self) -> NaiveDate {
        self.source.today()
    }

    /// Whether the asker sees the whole network.
    pub fn is_whole(&self) -> bool {
        self.visible.is_none()
    }

    /// Where an answer about the days comes from.
    pub fn meta(&self, span: Span, partial_periods: Vec<String>) -> Meta {
        let mut meta = score::meta_at(&self.snapshot, span, self.now, self.today());
        meta.as_of = self.as_of;
        meta.partial_periods = partial_periods;
        meta
    }

    fn seen(&self, mut query: Query) -> Query {
        query.visible.clone_from(&self.visible);
        query.most_cells = query.most_cells.min(MOST_CELLS);
        query
    }

    /// What a query comes to.
    pub fn plan(&self, query: &Query) -> Result<Plan> {
        frames::plan(&self.source, &self.seen(query.clone())).map_err(refused)
    }

    /// Answers a query.
    pub async fn analyse(&self, query: Query) -> Result<(Answer, Plan)> {
        let query = self.seen(query);
        let plan = frames::plan(&self.source, &query).map_err(refused)?;
        let scored = self.scored(&plan).await?;
        let source = self.source.clone();
        let answer = score::compute(move || frames::analyse(&source, &query, |year| scored.get(&year.first).cloned()))
            .await?
            .map_err(refused)?;
        Ok((answer, plan))
    }

    /// The facts behind the cell of a row: what a measure of the query counted there.
    pub async fn evidence(&self, query: Query, row: Row, measure: usize) -> Result<Vec<Evidence>> {
        let query = self.seen(query);
        let plan = frames::plan(&self.source, &query).map_err(refused)?;
        let scored = self.scored(&plan).await?;
        let source = self.source.clone();
        score::compute(move || {
            frames::evidence::evidence(&source, &query, &row, measure, |year| scored.get(&year.first).cloned())
        })
        .await?
        .map_err(refused)
    }

    async fn scored(&self, plan: &Plan) -> Result<BTreeMap<NaiveDate, Arc<Scored>>> {
        let mut scored = BTreeMap::new();
        for year in &plan.years {
            scored.insert(year.first, score::scored_year(&self.snapshot, *year).await?);
        }
        Ok(scored)
    }
}

/// The periods that have not ended.
pub(crate) fn partial(plan: &Plan) -> Vec<String> {
    plan.periods.iter().filter(|period| period.partial).map(|period| period.label.clone()).collect()
}

/// The answer of a dry run: the periods, and no rows.
pub(crate) fn nothing(query: &Query, plan: &Plan) -> Answer {
    Answer {
        measures: query.measures.clone(),
        dimensions: query.rows.clone(),
        periods: plan.periods.clone(),
        rows: Vec::new(),
        left_out: Vec::new(),
        cells: plan.cells,
    }
}

/// The periods that a choice means, seen from a moment.
pub async fn periods(
    ctx: &Ctx,
    network: NetworkId,
    choice: Choice,
    split_by: Option<PeriodUnit>,
    as_of: Option<DateTime<Utc>>,
) -> Result<Vec<PeriodColumn>> {
    let snapshot = score::readable(ctx, network).await?;
    let today = local_day(&snapshot.network, as_of.unwrap_or_else(|| ctx.now()));
    let span = choice.resolve(today, &snapshot.versions).map_err(refused)?;
    Ok(split(span, split_by, today))
}

/// A refusal of the library, as clients read it: the change that would help stands in `details`.
pub(crate) fn refused(refusal: Refusal) -> Error {
    let codes = |dimensions: &[Dimension]| -> Vec<String> {
        dimensions.iter().map(|dimension| dimension.code().to_uppercase()).collect()
    };
    let change = match &refusal.change {
        Change::None => serde_json::Value::Null,
        Change::SplitBy(unit) => {
            serde_json::json!({ "kind": "SPLIT_BY", "splitBy": unit.map(|unit| unit.code().to_uppercase()) })
        }
        Change::DropRows(rows) => serde_json::json!({ "kind": "DROP_ROWS", "rows": codes(rows) }),
        Change::DropFilter(rows) => serde_json::json!({ "kind": "DROP_FILTER", "dimensions": codes(rows) }),
        Change::DropMeasures(measures) => {
            let measures: Vec<_> = measures.iter().map(|measure| measure.about().code.to_uppercase()).collect();
            serde_json::json!({ "kind": "DROP_MEASURES", "measures": measures })
        }
        Change::KeepMeasures(count) => serde_json::json!({ "kind": "KEEP_MEASURES", "count": count }),
        Change::AddRow(row) => serde_json::json!({ "kind": "ADD_ROW", "row": row.code().to_uppercase() }),
        Change::Set(path, value) => serde_json::json!({ "kind": "SET", "path": path, "value": value }),
    };
    let details = serde_json::json!({ "reason": refusal.reason.code(), "change": change });
    Error::invalid(format!("input.{}", refusal.field), refusal.message, refusal.message_zh).with(details)
}
