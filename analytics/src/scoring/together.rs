//! Step 3 across rules: one item in several publications.
//!
//! A fact changes what its item comes to from its own day on, and never what it came to before. So a later and higher adoption takes the
//! place of an earlier one by a line on the later day, and a closed month stays as it was.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use polars::prelude::{DataFrame, PolarsResult};

use super::draft::{Draft, Whole, frame, wholes};
use super::world::{Reach, Statement, World};
use crate::facts::FactKind;
use crate::period::Span;
use crate::rulebook::{Step, Together};

/// One line in its group.
struct Entry {
    whole: Whole,
    number: u32,
    how: Together,
    further: i64,
    /// The code of the publication, level, class or outlet that the group is made by.
    per: Option<u32>,
}

/// The lines that bring together what several rules, or several facts under one rule, gave for one item.
pub(super) fn combine(world: &World, lines: &DataFrame) -> PolarsResult<DataFrame> {
    let mut groups: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for (version, of) in world.versions.all().iter().enumerate() {
        for (place, adjustment) in of.rulebook.adjustments().iter().enumerate() {
            let Step::Combine { how, further, per } = &adjustment.step else {
                continue;
            };
            let of_version = |number: &u32| world.statement(*number).0.version == version;
            let chosen =
                |statement: Statement<'_>| matches!(statement, Statement::Rule(rule) if adjustment.rules.has(&rule.id));
            let numbers: BTreeSet<u32> = world.numbers(chosen).into_iter().filter(of_version).collect();
            let pers = match per {
                Some(per) => pers(world, version, per)?,
                None => BTreeMap::new(),
            };
            let number = world.adjustment_number(version, place);
            let entries = wholes(lines, &numbers, |submission, _| submission.is_some())?.into_iter();
            groups.entry(adjustment.id.clone()).or_default().extend(entries.map(|whole| Entry {
                whole,
                number,
                how: *how,
                further: *further,
                per: per.as_ref().and_then(|_| pers.get(&whole.fact).copied()),
            }));
        }
    }
    let mut drafts = Vec::new();
    for mut entries in groups.into_values() {
        entries.sort_by_key(|entry| (entry.whole.day, entry.whole.root, entry.whole.fact));
        let mut states: HashMap<(i64, Option<i64>, Option<u32>), State> = HashMap::new();
        for entry in entries {
            let Entry { whole, number, how, further, per } = entry;
            let state = states.entry((whole.unit, whole.submission, per)).or_default();
            let correction = state.take(whole.amount, how, further) - whole.amount;
            drafts.push(Draft {
                rule: number,
                base: Some(whole.root),
                unit: whole.unit,
                day: whole.day,
                submission: whole.submission,
                fact: Some(whole.fact),
                read: whole.amount,
                amount: correction,
            });
        }
    }
    frame(&drafts)
}

/// What an item came to so far.
#[derive(Debug, Default)]
struct State {
    best: Option<i64>,
}

impl State {
    /// What one more amount adds.
    fn take(&mut self, amount: i64, how: Together, further: i64) -> i64 {
        let Some(best) = self.best else {
            self.best = Some(amount);
            return amount;
        };
        match how {
            Together::First => 0,
            Together::Highest => {
                self.best = Some(best.max(amount));
                best.max(amount) - best + further
            }
        }
    }
}

fn pers(world: &World, version: usize, per: &str) -> PolarsResult<BTreeMap<i64, u32>> {
    let rulebook = &world.versions.at(version).rulebook;
    let always = Span { first: chrono::NaiveDate::MIN, last: chrono::NaiveDate::MAX };
    let frame = world.frame(rulebook, FactKind::Adoption, Reach::all_units(always), &BTreeSet::from([per]))?;
    let (ids, codes) = (frame.column("id")?.i64()?, frame.column(per)?.u32()?);
    Ok(ids.iter().zip(codes.iter()).filter_map(|(id, code)| Some((id?, code?))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_counts_and_each_further_one_adds() {
        let mut state = State::default();
        let taken = [5, 20, 10, 30].map(|amount| state.take(amount, Together::Highest, 2));
        assert_eq!(taken, [5, 17, 2, 12]);
        assert_eq!(taken.iter().sum::<i64>(), 30 + 3 * 2);
        let mut state = State::default();
        assert_eq!([5, 20].map(|amount| state.take(amount, Together::First, 0)), [5, 0]);
    }
}
