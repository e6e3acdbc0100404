//! Step 4: coefficients, written in the rules or decided by a person within a range.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{DataFrame, DataType, IntoLazy, PolarsResult, col};

use super::draft::{Draft, frame, wholes};
use super::note::{About, NoteKind, Notes};
use super::world::{Reach, Statement, World};
use crate::facts::FactKind;
use crate::period::Span;
use crate::points::{Rounding, SCALE, divide};
use crate::rulebook::{Adjustment, On, Rulebook, Step};

/// A multiplication in one version.
pub(super) struct Multiply<'w> {
    pub(super) world: &'w World,
    pub(super) version: usize,
    pub(super) place: usize,
    pub(super) adjustment: &'w Adjustment,
    pub(super) year: Span,
}

impl Multiply<'_> {
    /// What the factors add to the lines so far, or take from them.
    pub(super) fn lines(&self, lines: &DataFrame, notes: &mut Notes) -> PolarsResult<DataFrame> {
        let Step::Multiply { on, least, most, .. } = &self.adjustment.step else {
            return frame(&[]);
        };
        let world = self.world;
        let version = world.versions.at(self.version);
        let of_version = |number: &u32| world.statement(*number).0.version == self.version;
        let chosen = |statement: Statement<'_>| match statement {
            Statement::Rule(rule) => rule.on == On::Fact(*on) && self.adjustment.rules.has(&rule.id),
            Statement::Adjustment(_) => false,
        };
        let numbers: BTreeSet<u32> = world.numbers(chosen).into_iter().filter(of_version).collect();
        let factors = self.factors(&version.rulebook, *on)?;
        let (mut undecided, mut outside) = (BTreeSet::new(), BTreeSet::new());
        let mut drafts = Vec::new();
        for whole in wholes(lines, &numbers, |_, fact| factors.contains_key(&fact))? {
            let factor = match factors.get(&whole.fact) {
                None => continue,
                Some(None) => {
                    undecided.insert((whole.unit, whole.fact));
                    continue;
                }
                Some(Some(factor)) => *factor,
            };
            let bounded = factor.clamp(*least, *most);
            if bounded != factor {
                outside.insert((whole.unit, whole.fact));
            }
            let product = i128::from(whole.amount) * i128::from(bounded - SCALE);
            drafts.push(Draft {
                rule: world.adjustment_number(self.version, self.place),
                base: Some(whole.root),
                unit: whole.unit,
                day: whole.day,
                submission: whole.submission,
                fact: Some(whole.fact),
                read: bounded,
                amount: divide(product, SCALE.into(), Rounding::HalfUp).unwrap_or(0),
            });
        }
        let about = About { version: Some(version.id), rule: Some(&self.adjustment.id), fact: Some(*on) };
        notes.add(NoteKind::Undecided, &about, undecided.into_iter().collect(), &self.adjustment.title);
        notes.add(NoteKind::OutsideRange, &about, outside.into_iter().collect(), &self.adjustment.title);
        frame(&drafts)
    }

    /// The factor of each fact that the condition holds for; `None` where it cannot be computed.
    fn factors(&self, rulebook: &Rulebook, on: FactKind) -> PolarsResult<BTreeMap<i64, Option<i64>>> {
        let Step::Multiply { filter, by, .. } = &self.adjustment.step else {
            return Ok(BTreeMap::new());
        };
        let needed: BTreeSet<&str> = filter
            .iter()
            .chain([by])
            .flat_map(|expression| expression.columns())
            .map(|(_, stored, _)| stored)
            .collect();
        let mut facts = self.world.frame(rulebook, on, Reach::all_units(self.year), &needed)?.lazy();
        if let Some(filter) = filter {
            facts = facts.filter(filter.plan(&self.world.codes));
        }
        let by = by.plan(&self.world.codes).cast(DataType::Int64);
        // A factor that is written down is a single number until it stands beside a column.
        let facts = facts.with_column(by.alias("factor")).select([col("id"), col("factor")]).collect()?;
        let (ids, factors) = (facts.column("id")?.i64()?, facts.column("factor")?.i64()?);
        Ok(ids.iter().zip(factors.iter()).filter_map(|(id, factor)| Some((id?, factor))).collect())
    }
}
