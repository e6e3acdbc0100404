//! What units owed by the quotas, and what they did, period by period.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use polars::prelude::PolarsResult;

use super::note::Notes;
use super::periodic::{Sources, periods, rows};
use super::world::World;
use crate::expression::Type;
use crate::period::Span;
use crate::points::SCALE;
use crate::rulebook::figures::{amounts_of, quota_column};

/// One unit, one quota, one period.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owed {
    pub(crate) unit: i64,
    /// The last day of the period.
    pub(crate) day: NaiveDate,
    /// What was counted, in millionths.
    pub(crate) done: i64,
    /// What was owed, in millionths.
    pub(crate) due: i64,
}

/// Every quota whose period ends in the span. What is scored by the version in force on that day, is owed by it.
pub(crate) fn owed(world: &World, span: Span) -> PolarsResult<Vec<Owed>> {
    let mut all = Vec::new();
    let empty = super::slice::empty();
    for (version, of, days) in world.versions.within(span) {
        let sources = Sources { world, version, points: &empty };
        for quota in of.rulebook.quotas() {
            let mut year = of.rulebook.year_of(days.first);
            let mut ended: Vec<Span> = Vec::new();
            loop {
                ended.extend(periods(year, quota.per).into_iter().filter(|period| days.contains(period.last)));
                let Some(next) = year.last.succ_opt().filter(|next| *next <= days.last) else { break };
                year = of.rulebook.year_of(next);
            }
            let Some(count) = of.rulebook.counts().iter().find(|count| count.id == quota.count) else { continue };
            if ended.is_empty() {
                continue;
            }
            let column = quota_column(&quota.id);
            let needed = BTreeSet::from([column.as_str(), count.id.as_str()]);
            let frame = rows(&sources, &needed, &ended, &mut Notes::default())?;
            let is_whole = amounts_of(&quota.amount).0 == Type::Integer;
            let (unit_owed, unit_done) =
                (if is_whole { SCALE } else { 1 }, if count.share.is_some() { 1 } else { SCALE });
            let (units, places) = (frame.column("unit")?.i64()?, frame.column("period")?.u32()?);
            let (owed, done) = (frame.column(&column)?.i64()?, frame.column(&count.id)?.i64()?);
            for row in 0..frame.height() {
                let key = units.get(row).zip(places.get(row));
                let Some(((unit, place), owed)) = key.zip(owed.get(row)) else { continue };
                let Some(day) = ended.get(place as usize).map(|period| period.last) else { continue };
                let done = done.get(row).unwrap_or(0).saturating_mul(unit_done);
                all.push(Owed { unit, day, done, due: owed.saturating_mul(unit_owed) });
            }
        }
    }
    Ok(all)
}
