//! Columns that are looked up from what is known beside the facts: decisions, joint work, adoption, namings, deadlines.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{
    BooleanChunked, DataFrame, Int32Chunked, Int64Chunked, IntoColumn, IntoLazy, LazyFrame, NewChunkedArray,
    PolarsResult, UInt32Chunked, col, lit, when,
};

use super::catalogue::{self, MAX_COEFFICIENT, MAX_PARTIES};
use super::world::{World, look_up};
use crate::expression::typed_lit;
use crate::facts::{CreditRole, DAY, FactKind, day_number, day_of};
use crate::points::{Points, SCALE};
use crate::rulebook::Rulebook;

impl World {
    /// Adds the columns among `needed` that do not stand in the facts' own frame. The frame has `submission` already.
    pub(super) fn with_beside(
        &self,
        mut lazy: LazyFrame,
        rulebook: &Rulebook,
        kind: FactKind,
        needed: &BTreeSet<&str>,
    ) -> PolarsResult<LazyFrame> {
        let asks = |names: &[&str]| names.iter().any(|name| needed.contains(name));
        if catalogue::has_submission(kind) {
            if asks(&["near_duplicate", "coefficient", "happened_on", "kind_due_on"]) {
                lazy =
                    look_up(lazy, self.items()?, "submission").with_column(col("near_duplicate").fill_null(lit(false)));
            }
            for (name, role) in [("joint_units", CreditRole::Unit), ("joint_authors", CreditRole::Author)] {
                if needed.contains(name) {
                    lazy = look_up(lazy, self.parties(name, role)?, "submission")
                        .with_column(col(name).fill_null(typed_lit(1_i64)));
                }
            }
        }
        if kind == FactKind::Submission && needed.contains("adopted") {
            // In a closed period, as far as was known by its end.
            let limit = self.facts.beside().closed.iter().fold(typed_lit(i32::MAX), |open, span| {
                let is_within = col(DAY).gt_eq(typed_lit(day_number(span.first)));
                let is_within = is_within.and(col(DAY).lt_eq(typed_lit(day_number(span.last))));
                when(is_within).then(typed_lit(day_number(span.last))).otherwise(open)
            });
            let is_adopted = col("first_adopted_on").lt_eq(limit).fill_null(lit(false));
            lazy = look_up(lazy, self.adopted()?, "submission").with_column(is_adopted.alias("adopted"));
        }
        if kind == FactKind::Submission && needed.contains("kind_due_on") {
            lazy = self.with_due_days(lazy, rulebook)?;
        }
        if kind == FactKind::Incident && needed.contains("named_by") {
            lazy = look_up(lazy, self.namings()?, "id");
        }
        Ok(lazy)
    }

    /// A coefficient outside its range is as good as none: whoever decided it must decide again.
    fn items(&self) -> PolarsResult<DataFrame> {
        let items = &self.facts.beside().items;
        let sound = |millionths: &i64| (0..=MAX_COEFFICIENT * SCALE).contains(millionths);
        let coefficients = items.values().map(|row| row.coefficient.map(Points::millionths).filter(sound));
        let days = items.values().map(|row| row.happened_on.map(day_number));
        DataFrame::new(
            items.len(),
            vec![
                Int64Chunked::from_vec("submission".into(), items.keys().collect()).into_column(),
                BooleanChunked::from_iter_values("near_duplicate".into(), items.values().map(|row| row.near_duplicate))
                    .into_column(),
                Int64Chunked::from_iter_options("coefficient".into(), coefficients).into_column(),
                Int32Chunked::from_iter_options("happened_on".into(), days).into_column(),
            ],
        )
    }

    fn parties(&self, name: &str, role: CreditRole) -> PolarsResult<DataFrame> {
        let parties = self.facts.beside().credits.parties(role);
        let numbers = parties.values().map(|all| i64::try_from(all.len()).unwrap_or(MAX_PARTIES).min(MAX_PARTIES));
        let numbers: Vec<i64> = numbers.collect();
        DataFrame::new(
            numbers.len(),
            vec![
                Int64Chunked::from_vec("submission".into(), parties.keys().copied().collect()).into_column(),
                Int64Chunked::from_vec(name.into(), numbers).into_column(),
            ],
        )
    }

    fn adopted(&self) -> PolarsResult<DataFrame> {
        let adoptions = self.facts.table(FactKind::Adoption).frame().clone().lazy();
        let first = col(DAY).min().alias("first_adopted_on");
        adoptions.filter(col("submission").is_not_null()).group_by([col("submission")]).agg([first]).collect()
    }

    fn namings(&self) -> PolarsResult<DataFrame> {
        let namings = &self.facts.beside().namings;
        let levels = namings.values().map(|row| self.codes.find(&row.level));
        DataFrame::new(
            namings.len(),
            vec![
                Int64Chunked::from_vec("id".into(), namings.keys().collect()).into_column(),
                UInt32Chunked::from_iter_options("named_by".into(), levels).into_column(),
            ],
        )
    }

    /// Adds the last day on which each item is in time: its kind's deadline, counted from its event.
    fn with_due_days(&self, lazy: LazyFrame, rulebook: &Rulebook) -> PolarsResult<LazyFrame> {
        let mut frame = lazy.collect()?;
        let deadlines: BTreeMap<u32, _> =
            rulebook.kinds().iter().filter_map(|kind| Some((self.codes.find(&kind.id)?, kind.deadline?))).collect();
        let (kinds, events) = (frame.column("kind")?.u32()?, frame.column("happened_on")?.i32()?);
        let due = kinds.iter().zip(events.iter()).map(|(kind, event)| {
            let deadline = deadlines.get(&kind?)?;
            Some(day_number(deadline.due_on(day_of(event?))))
        });
        let due = Int32Chunked::from_iter_options("kind_due_on".into(), due.collect::<Vec<_>>().into_iter());
        frame.with_column(due.into_column())?;
        Ok(frame.lazy())
    }
}
