//! Step 11 beside ranks: zero-report lists, last places, units that have lost something.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{IntoLazy, PolarsResult, col};

use super::line::{self, FactRef, Input};
use super::note::Notes;
use super::periodic::{Sources, periods, rows};
use super::{Scored, reasons};
use crate::expression::typed_lit;
use crate::period::Span;
use crate::rulebook::{Behind, Currency, Listing};

/// A unit on a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRow {
    /// The list's id.
    pub list: String,
    /// The id of the rulebook version.
    pub version: i64,
    /// Where the list stands in the document.
    pub clause: String,
    /// What it lists.
    pub title: String,
    /// The unit.
    pub unit: i64,
    /// Its category; `None` if it has none.
    pub category: Option<String>,
    /// In what it is behind, if it is called in for a talk.
    pub talk: Option<Behind>,
    /// The periods that put it there, in order.
    pub periods: Vec<Span>,
}

/// What puts a unit on a list, or keeps it from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// What the list's condition read in the last of its periods.
    pub inputs: Vec<Input>,
    /// The facts that were counted in all of its periods.
    pub facts: Vec<FactRef>,
}

/// Every list of the span.
pub(super) fn lists(scored: &Scored, span: Span) -> PolarsResult<Vec<ListRow>> {
    let Some((version, of, _)) = scored.world.versions.within(Span { first: span.last, last: span.last }).next() else {
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    for list in of.rulebook.lists() {
        let last = periods_of(scored, list, span);
        let Some(end) = last.last() else { continue };
        let mut found = listed(scored, version, list, &last)?;
        if let Some(bottom) = list.bottom {
            let places = last_places(scored, Span { first: last[0].first, last: end.last }, bottom);
            found.retain(|unit| places.contains(unit));
        }
        let units = scored.world.units.iter().filter(|unit| found.contains(&unit.id));
        all.extend(units.map(|unit| ListRow {
            list: list.id.clone(),
            version: of.id,
            clause: list.clause.clone(),
            title: list.title.clone(),
            unit: unit.id,
            category: unit.category_on(end.last).map(str::to_owned),
            talk: list.talk,
            periods: last.clone(),
        }));
    }
    Ok(all)
}

/// The last periods of a list that end in the span; none if there are fewer than it looks at.
fn periods_of(scored: &Scored, list: &Listing, span: Span) -> Vec<Span> {
    let mut ended = periods(scored.year, list.unit);
    ended.retain(|period| span.first <= period.first && period.last <= span.last);
    match ended.len().checked_sub(list.periods as usize) {
        Some(from) => ended.split_off(from),
        None => Vec::new(),
    }
}

/// What a list of the rulebook in force on the span's last day reads of a unit.
pub(super) fn evidence(scored: &Scored, list: &Listing, span: Span, unit: i64) -> PolarsResult<Evidence> {
    let slice = scored.slices.of(unit);
    let world = &slice.world;
    let spans = periods_of(scored, list, span);
    let (Some(filter), Some(end)) = (&list.filter, spans.last()) else { return Ok(Evidence::default()) };
    let Some((version, of, _)) = world.versions.within(Span { first: span.last, last: span.last }).next() else {
        return Ok(Evidence::default());
    };
    let columns = filter.columns();
    let needed: BTreeSet<&str> = columns.iter().map(|(_, stored, _)| *stored).collect();
    let sources = Sources { world, version, points: slice.lines(Currency::Points) };
    let rows = rows(&sources, &needed, &[*end], &mut Notes::default())?;
    let own = rows.lazy().filter(col("unit").eq(typed_lit(unit))).collect()?;
    let inputs = if own.height() == 1 { line::inputs(world, &columns, &own, 0)? } else { Vec::new() };
    let mut facts = BTreeSet::new();
    for count in of.rulebook.counts().iter().filter(|count| needed.contains(count.id.as_str())) {
        for period in &spans {
            facts.extend(reasons::counted(world, &of.rulebook, count, *period, unit)?);
        }
    }
    Ok(Evidence { inputs, facts: facts.into_iter().collect() })
}

/// The units that were open at the end of every period, and met the condition in every one.
fn listed(scored: &Scored, version: usize, list: &Listing, periods: &[Span]) -> PolarsResult<BTreeSet<i64>> {
    let filter = list.filter.as_ref();
    let needed: BTreeSet<&str> =
        filter.iter().flat_map(|filter| filter.columns()).map(|(_, stored, _)| stored).collect();
    let mut met: BTreeMap<i64, usize> = BTreeMap::new();
    for slice in scored.slices.in_use() {
        let sources = Sources { world: &slice.world, version, points: slice.lines(Currency::Points) };
        let mut rows = rows(&sources, &needed, periods, &mut Notes::default())?;
        if let Some(filter) = filter {
            rows = rows.lazy().filter(filter.plan(&slice.world.codes)).collect()?;
        }
        let units = rows.column("unit")?.i64()?.iter().flatten();
        for unit in units.filter(|unit| scored.slices.is_current(slice, *unit)) {
            *met.entry(unit).or_default() += 1;
        }
    }
    Ok(met.into_iter().filter(|(_, times)| *times == periods.len()).map(|(unit, _)| unit).collect())
}

/// The last of each category: those with fewer than so many units behind them. A category without anybody in front of them has no last
/// places: everybody in it stands equal, or there are too few.
fn last_places(scored: &Scored, span: Span, bottom: u32) -> BTreeSet<i64> {
    let ranking = scored.ranking(span, None);
    let is_last = |row: &&super::RankingRow| {
        let of_category = || ranking.iter().filter(|other| other.category == row.category);
        let behind = of_category().filter(|other| other.rank > row.rank).count();
        behind < bottom as usize && row.rank > 1
    };
    ranking.iter().filter(is_last).map(|row| row.unit).collect()
}
