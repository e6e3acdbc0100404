//! Step 12: what the first win at the end of the year, who is passed over and why, and what decided where several stood equal at the last place.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::PolarsResult;

use super::Scored;
use super::line::{FactRef, Input};
use super::ranking::{RankingRow, tie_figures};
use super::versions::Version;
use super::world::Statement;
use crate::heirs::Heirs;
use crate::period::Span;
use crate::points::{Money, Points};
use crate::rulebook::{Among, Award, Currency, Listing, Selection, Step, Ties, Winner};

/// A place at which an award is won, or would be.
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
    /// The unit's category.
    pub category: String,
    /// The unit.
    pub unit: i64,
    /// The submission, if submissions win.
    pub submission: Option<i64>,
    /// Its rank in the year.
    pub rank: u32,
    /// Its points in the year.
    pub points: Points,
    /// What a winner gets.
    pub money: Money,
    /// What the award says about ties across its last place.
    pub ties: Ties,
    /// Whether this place was tied across the last one, so that `ties` decided.
    pub at_the_cut: bool,
    /// What becomes of it.
    pub outcome: AwardOutcome,
    /// Whether this unit's award hangs on a tie that a person must decide.
    pub undecided: bool,
    /// How many of those that are undecided win.
    pub places: u32,
    /// Why it is passed over.
    pub bars: Vec<Bar>,
    /// The units that were passed over before it, if it wins only because of that.
    pub in_place_of: Vec<i64>,
}

/// What becomes of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AwardOutcome {
    /// It wins by its rank.
    Wins,
    /// It wins because those before it are passed over.
    MovesUp,
    /// Its rank would win, but it may not.
    PassedOver,
    /// It is tied across the last place, and a person has to choose.
    Undecided,
    /// It was tied across the last place, and the tie-break went against it.
    LosesTie,
}

impl AwardOutcome {
    /// Whether the award is won.
    pub fn wins(self) -> bool {
        matches!(self, Self::Wins | Self::MovesUp)
    }
}

/// Why a unit may not win: a list that costs it the award, or one on which it should stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// The list's id.
    pub list: String,
    /// What it lists.
    pub title: String,
    /// Where it stands in the document.
    pub clause: String,
    /// Whether the unit should stand on the list and does not.
    pub missing: bool,
    /// What the list's condition read.
    pub inputs: Vec<Input>,
    /// The facts that were counted.
    pub facts: Vec<FactRef>,
}

/// Who may win: a member by its total, or a submission by what it was given.
struct Candidate {
    category: String,
    unit: i64,
    submission: Option<i64>,
    rank: u32,
    points: Points,
}

/// The awards of a version over its year: winners, and those whose rank would win. Whoever has no points wins nothing, whatever its rank.
pub(super) fn awards(
    scored: &Scored,
    version: &Version,
    year: Span,
    ranking: &[RankingRow],
) -> PolarsResult<Vec<AwardLine>> {
    let mut lines = Vec::new();
    if version.rulebook.awards().is_empty() {
        return Ok(lines);
    }
    let listed: BTreeSet<(String, i64)> = scored.lists(year).into_iter().map(|row| (row.list, row.unit)).collect();
    for award in version.rulebook.awards() {
        let candidates = match &award.winner {
            Winner::Member { category } => members(ranking, category),
            Winner::Item { category, rules } => items(scored, year, ranking, category.as_deref(), rules)?,
        };
        lines.extend(Bench { scored, version, award, year, listed: &listed }.places(candidates)?);
    }
    Ok(lines)
}

fn members(ranking: &[RankingRow], category: &str) -> Vec<Candidate> {
    let member = |row: &RankingRow| Candidate {
        category: row.category.clone(),
        unit: row.unit,
        submission: None,
        rank: row.rank,
        points: row.points,
    };
    ranking.iter().filter(|row| row.category == category).map(member).collect()
}

/// The submissions by the points of the chosen rules, with what was multiplied and shared among units; what stands beside the unit's
/// points for an author is no second time the item's.
fn items(
    scored: &Scored,
    year: Span,
    ranking: &[RankingRow],
    category: Option<&str>,
    rules: &Selection,
) -> PolarsResult<Vec<Candidate>> {
    let world = &scored.world;
    let lines = super::world::within(&scored.ledger(Currency::Points)?, year)?;
    let units = lines.column("unit")?.i64()?.clone();
    let mut sums: BTreeMap<i64, (Option<i64>, i64)> = BTreeMap::new();
    for (row, number) in lines.column("rule")?.u32()?.iter().enumerate() {
        let (Some(number), Some(unit)) = (number, units.get(row)) else { continue };
        let Some(submission) = lines.column("submission")?.i64()?.get(row) else { continue };
        let base = lines.column("base")?.u32()?.get(row);
        let (is_rule, counts) = match world.statement(number).2 {
            Statement::Rule(rule) => (true, rules.has(&rule.id)),
            Statement::Adjustment(adjustment) => {
                let beside = matches!(adjustment.step, Step::Share { among: Among::Authors, .. });
                (false, !beside && base.is_some_and(|base| rules.has(&world.rule(base).2.id)))
            }
        };
        if counts {
            let sum = sums.entry(submission).or_default();
            sum.1 += lines.column("amount")?.i64()?.get(row).unwrap_or(0);
            if is_rule {
                sum.0 = Some(sum.0.map_or(unit, |known| known.min(unit)));
            }
        }
    }
    let categories: BTreeMap<i64, &str> = ranking.iter().map(|row| (row.unit, row.category.as_str())).collect();
    let mut candidates: Vec<Candidate> = sums
        .into_iter()
        .filter_map(|(submission, (unit, amount))| {
            let unit = unit?;
            let of = *categories.get(&unit)?;
            let points = Points::from_millionths(amount);
            let candidate = Candidate { category: of.to_owned(), unit, submission: Some(submission), rank: 1, points };
            category.is_none_or(|category| category == of).then_some(candidate)
        })
        .collect();
    candidates.sort_by_key(|candidate| (std::cmp::Reverse(candidate.points), candidate.submission));
    let mut last: Option<(Points, u32)> = None;
    for (place, candidate) in (1_u32..).zip(&mut candidates) {
        candidate.rank = last.filter(|(points, _)| *points == candidate.points).map_or(place, |(_, rank)| rank);
        last = Some((candidate.points, candidate.rank));
    }
    Ok(candidates)
}

/// One award that is being given.
struct Bench<'a> {
    scored: &'a Scored,
    version: &'a Version,
    award: &'a Award,
    year: Span,
    listed: &'a BTreeSet<(String, i64)>,
}

impl Bench<'_> {
    /// Whoever is passed over leaves its place to those behind it.
    fn places(&self, candidates: Vec<Candidate>) -> PolarsResult<Vec<AwardLine>> {
        let top = self.award.top as usize;
        let with_points: Vec<Candidate> = candidates.into_iter().filter(|one| one.points > Points::ZERO).collect();
        let free: Vec<bool> = with_points.iter().map(|one| !self.is_barred(one.unit)).collect();
        let ahead = |rank: u32, only_free: bool| {
            with_points.iter().zip(&free).filter(|(other, free)| other.rank < rank && (**free || !only_free)).count()
        };
        let mut lines = Vec::new();
        for (one, is_free) in with_points.iter().zip(&free).filter(|(one, _)| ahead(one.rank, true) < top) {
            let outcome = match (is_free, ahead(one.rank, false) < top) {
                (false, _) => AwardOutcome::PassedOver,
                (true, true) => AwardOutcome::Wins,
                (true, false) => AwardOutcome::MovesUp,
            };
            lines.push(self.line(one, outcome)?);
        }
        let passed: Vec<(u32, i64)> = lines
            .iter()
            .filter(|line| line.outcome == AwardOutcome::PassedOver)
            .map(|line| (line.rank, line.unit))
            .collect();
        for line in lines.iter_mut().filter(|line| line.outcome == AwardOutcome::MovesUp) {
            line.in_place_of = passed.iter().filter(|(rank, _)| *rank < line.rank).map(|(_, unit)| *unit).collect();
        }
        self.decide_ties(&mut lines)?;
        Ok(lines)
    }

    fn line(&self, one: &Candidate, outcome: AwardOutcome) -> PolarsResult<AwardLine> {
        let bars = if outcome == AwardOutcome::PassedOver { self.bars(one.unit)? } else { Vec::new() };
        Ok(AwardLine {
            award: self.award.id.clone(),
            version: self.version.id,
            clause: self.award.clause.clone(),
            title: self.award.title.clone(),
            category: one.category.clone(),
            unit: one.unit,
            submission: one.submission,
            rank: one.rank,
            points: one.points,
            money: self.award.money,
            ties: self.award.ties,
            at_the_cut: false,
            outcome,
            undecided: false,
            places: 0,
            bars,
            in_place_of: Vec::new(),
        })
    }

    /// Where more stand at the last place than there are places.
    fn decide_ties(&self, lines: &mut [AwardLine]) -> PolarsResult<()> {
        let top = self.award.top as usize;
        let wins = |line: &AwardLine| line.outcome.wins();
        let winners = lines.iter().filter(|line| wins(line)).count();
        let Some(last) = lines.iter().filter(|line| wins(line)).map(|line| line.rank).max().filter(|_| winners > top)
        else {
            return Ok(());
        };
        let before = lines.iter().filter(|line| wins(line) && line.rank < last).count();
        let mut places = top.saturating_sub(before);
        let mut tied: Vec<&mut AwardLine> = lines.iter_mut().filter(|line| wins(line) && line.rank == last).collect();
        for line in &mut tied {
            line.at_the_cut = true;
        }
        let mut groups: Vec<(Vec<i64>, Vec<&mut AwardLine>)> = match self.award.ties {
            Ties::Include => return Ok(()),
            Ties::Manual => vec![(Vec::new(), tied)],
            Ties::TieBreak => {
                let figures = self.figures()?;
                let mut groups: BTreeMap<std::cmp::Reverse<Vec<i64>>, Vec<&mut AwardLine>> = BTreeMap::new();
                for line in tied {
                    let key = figures.get(&line.unit).cloned().unwrap_or_default();
                    groups.entry(std::cmp::Reverse(key)).or_default().push(line);
                }
                groups.into_iter().map(|(key, lines)| (key.0, lines)).collect()
            }
        };
        for (_, group) in &mut groups {
            let fits = group.len() <= places;
            for line in group.iter_mut().filter(|_| !fits) {
                line.undecided = places > 0;
                line.outcome = if places > 0 { AwardOutcome::Undecided } else { AwardOutcome::LosesTie };
                line.places = u32::try_from(places).unwrap_or(u32::MAX);
                line.in_place_of.clear();
            }
            places = places.saturating_sub(group.len());
        }
        Ok(())
    }

    /// What decides ties, by unit, the first figure first.
    fn figures(&self) -> PolarsResult<BTreeMap<i64, Vec<i64>>> {
        tie_figures(self.scored, self.year, &self.version.rulebook, &self.award.tie_break, &Heirs::default())
    }

    fn stands_on(&self, list: &str, unit: i64) -> bool {
        self.listed.contains(&(list.to_owned(), unit))
    }

    fn is_barred(&self, unit: i64) -> bool {
        self.award.unless.iter().any(|list| self.stands_on(list, unit))
            || self.award.requires.iter().any(|list| !self.stands_on(list, unit))
    }

    fn bars(&self, unit: i64) -> PolarsResult<Vec<Bar>> {
        let costly = self.award.unless.iter().filter(|id| self.stands_on(id, unit)).map(|id| (id, false));
        let needed = self.award.requires.iter().filter(|id| !self.stands_on(id, unit)).map(|id| (id, true));
        let mut bars = Vec::new();
        for (id, missing) in costly.chain(needed) {
            let of = |list: &&Listing| list.id == *id;
            let Some(list) = self.version.rulebook.lists().iter().find(of) else { continue };
            let evidence = super::lists::evidence(self.scored, list, self.year, unit)?;
            bars.push(Bar {
                list: id.clone(),
                title: list.title.clone(),
                clause: list.clause.clone(),
                missing,
                inputs: evidence.inputs,
                facts: evidence.facts,
            });
        }
        Ok(bars)
    }
}
