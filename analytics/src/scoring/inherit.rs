//! Figures by whoever stands in for the units today.

use std::collections::BTreeMap;

use super::ranking::RankingRow;
use super::world::World;
use super::{Scored, ranking};
use crate::heirs::Heirs;
use crate::period::Span;
use crate::points::Points;
use crate::rulebook::Currency;
use crate::scoring::line::Line;

impl Scored {
    /// The [`ranking`](Self::ranking) with each unit's points counted for its heir. All points together are the same.
    pub fn ranking_by_heirs(&self, span: Span, category: Option<&str>, heirs: &Heirs) -> Vec<RankingRow> {
        let mut rows = ranking::ranking(self, span, heirs).expect(super::SOUND);
        rows.retain(|row| category.is_none_or(|category| row.category == category));
        rows
    }

    /// The [`lines`](Self::lines) of a unit and of those whose heir it is, one unit after the other.
    pub fn lines_by_heirs(&self, unit: i64, span: Span, currency: Currency, heirs: &Heirs) -> Vec<Line> {
        heirs.members(unit).into_iter().flat_map(|member| self.lines(member, span, currency)).collect()
    }

    /// The [`total`](Self::total) of a unit and of those whose heir it is, each rounded by itself as it was reported.
    pub fn total_by_heirs(&self, unit: i64, span: Span, heirs: &Heirs) -> Points {
        let totals = heirs.members(unit).into_iter().map(|member| self.total(member, span));
        totals.fold(Points::ZERO, |sum, total| sum.checked_add(total).unwrap_or(sum))
    }
}

/// Gives the points of reported rows to the heirs of their units, and ranks again. Points that were rounded are added, so that all
/// together stay the same.
pub(super) fn inherit(world: &World, span: Span, rows: Vec<RankingRow>, heirs: &Heirs) -> Vec<RankingRow> {
    let Some(version) = world.versions.on_or_first(span.last) else { return rows };
    let mut categories = ranking::categories_of(world, &version.rulebook, span);
    let mut inherited: BTreeMap<i64, (Points, String)> = BTreeMap::new();
    for row in &rows {
        let heir = heirs.of(row.unit);
        let category = category_of(world, span, heir).unwrap_or_else(|| row.category.clone());
        let entry = inherited.entry(heir).or_insert((Points::ZERO, category));
        entry.0 = entry.0.checked_add(row.points).unwrap_or(entry.0);
    }
    let mut others: Vec<&String> = inherited.values().map(|(_, category)| category).collect();
    others.sort_unstable();
    others.dedup();
    let others: Vec<String> = others.into_iter().filter(|other| !categories.contains(other)).cloned().collect();
    categories.extend(others);
    let place = |category: &str| categories.iter().position(|known| known == category);
    let order = |unit: i64| world.units.iter().position(|known| known.id == unit);
    let mut ranked: Vec<RankingRow> = inherited
        .into_iter()
        .map(|(unit, (points, category))| RankingRow { unit, category, points, rank: 1, of: 1, tied: false })
        .collect();
    ranked.sort_by_key(|row| (place(&row.category), std::cmp::Reverse(row.points), order(row.unit), row.unit));
    ranking::number(&mut ranked);
    ranked
}

/// The category in which an heir is ranked: the last one of the span, or, if it came later, its first one.
pub(crate) fn category_of(world: &World, span: Span, heir: i64) -> Option<String> {
    let unit = world.units.iter().find(|unit| unit.id == heir)?;
    let category = unit.category_in(span).map(str::to_owned);
    category.or_else(|| unit.memberships.first().map(|(_, category)| category.clone()))
}
