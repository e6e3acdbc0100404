//! Step 12: what the first of each category win at the end of the year.

use super::ranking::RankingRow;
use super::versions::Version;
use crate::points::{Money, Points};
use crate::rulebook::{Award, Ties};

/// A place that wins an award.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwardLine {
    /// The award's id.
    pub award: String,
    /// The id of the rulebook version.
    pub version: i64,
    /// Where the award stands in the document.
    pub clause: String,
    /// The title that is won.
    pub title: String,
    /// The category.
    pub category: String,
    /// The unit.
    pub unit: i64,
    /// Its rank in the year.
    pub rank: u32,
    /// Its points in the year.
    pub points: Points,
    /// What it gets.
    pub money: Money,
    /// What the award says about ties across its last place.
    pub ties: Ties,
    /// Whether this unit's award hangs on a tie that a person must decide.
    pub undecided: bool,
}

/// The awards of a version over the ranking of its year. A unit without any points wins nothing, whatever its rank.
pub(super) fn awards(
    version: &Version,
    ranking: &[RankingRow],
    excluded: impl Fn(&Award, i64) -> bool,
) -> Vec<AwardLine> {
    let winners = |award| winners(version, award, ranking, &|unit| excluded(award, unit));
    version.rulebook.awards().iter().flat_map(winners).collect()
}

/// A unit that is excluded leaves its place to those behind it.
fn winners(version: &Version, award: &Award, ranking: &[RankingRow], excluded: &dyn Fn(i64) -> bool) -> Vec<AwardLine> {
    let of_category: Vec<&RankingRow> = ranking.iter().filter(|row| row.category == award.category).collect();
    let wins = |row: &&RankingRow| {
        let ahead = of_category.iter().filter(|other| other.rank < row.rank && !excluded(other.unit)).count();
        ahead < award.top as usize && row.points > Points::ZERO && !excluded(row.unit)
    };
    let winners: Vec<&RankingRow> = of_category.iter().copied().filter(wins).collect();
    let is_over = winners.len() > award.top as usize;
    let last = winners.last().map_or(0, |row| row.rank);
    let line = |row: &&RankingRow| AwardLine {
        award: award.id.clone(),
        version: version.id,
        clause: award.clause.clone(),
        title: award.title.clone(),
        category: row.category.clone(),
        unit: row.unit,
        rank: row.rank,
        points: row.points,
        money: award.money,
        ties: award.ties,
        undecided: award.ties == Ties::Manual && is_over && row.rank == last,
    };
    winners.iter().map(line).collect()
}
