//! How far units are with what they owe: the rulebook's quotas, and the targets that an office sets beside them.
//!
//! What is owed in a period is what stood on the last day that is looked at, so a quota or a target of tomorrow changes nothing about today.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use polars::prelude::PolarsResult;

use super::counts::count_of_kind;
use super::draft::{chosen, sums};
use super::note::Notes;
use super::parts::numbers;
use super::periodic::{Sources, periods, rows};
use super::{SOUND, Scored};
use crate::expression::Type;
use crate::period::{PeriodUnit, Span};
use crate::points::{Points, Rounding, SCALE, divide};
use crate::rulebook::figures::{TOTAL, amounts_of, bounded_amount, quota_column};
use crate::rulebook::{Currency, Quota, Rulebook, Selection};

/// Who owes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// All units together.
    Network,
    /// Each unit of a category.
    Category(String),
    /// One unit, or one person: persons are units of a category of their own.
    Unit(i64),
}

/// A target: an amount of something, owed per period from a day on. Of two that differ in nothing but their day, the later counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation {
    /// The caller's id.
    pub id: i64,
    /// Who owes it.
    pub holder: Holder,
    /// What is counted: a count or a sum of points of the rulebook, by its id, or `total`.
    pub measure: String,
    /// Only items of this kind; for counts of facts that have one.
    pub kind: Option<String>,
    /// The period that it is owed in.
    pub per: PeriodUnit,
    /// How much.
    pub amount: Points,
    /// The task from above that the amount rises and falls with, by its id.
    pub follows: Option<String>,
    /// The first day on which it is owed.
    pub first: NaiveDate,
    /// The last one; `None` while it is.
    pub last: Option<NaiveDate>,
}

/// Where an amount that is owed comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A quota of the rulebook, by its id.
    Quota(String),
    /// A target, by the caller's id.
    Target(i64),
}

/// How far one unit is with one amount in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Where it comes from.
    pub source: Source,
    /// The name of what is counted, or of the quota.
    pub name: String,
    /// Where the document says so; empty for a target.
    pub clause: String,
    /// Who owes it; `None` for all units together.
    pub unit: Option<i64>,
    /// The whole period that it is owed in.
    pub period: Span,
    /// The last day that is looked at.
    pub until: NaiveDate,
    /// What is owed by the end of the period.
    pub owed: Points,
    /// What was done from the first day of the period until the last one that is looked at.
    pub done: Points,
}

impl Progress {
    /// What is still missing.
    pub fn missing(&self) -> Points {
        self.owed.checked_sub(self.done).unwrap_or_default().max(Points::ZERO)
    }

    /// Done ÷ owed, to six places; `None` where nothing is owed.
    pub fn attainment(&self) -> Option<Points> {
        if self.owed <= Points::ZERO { None } else { self.done.checked_div(self.owed) }
    }

    /// How much of what is owed has been met: never more than 1.
    pub fn met(&self) -> Option<Points> {
        let whole = Points::from_millionths(SCALE);
        self.attainment().map(|share| share.clamp(Points::ZERO, whole))
    }

    /// The share of the period that has passed, to six places.
    pub fn elapsed(&self) -> Points {
        let days = |last: NaiveDate| (last - self.period.first).num_days() + 1;
        let share =
            divide(i128::from(days(self.until)) * i128::from(SCALE), days(self.period.last).into(), Rounding::HalfUp);
        Points::from_millionths(share.unwrap_or(0))
    }

    /// The attainment ÷ the share of the period that has passed: 1 is just in time.
    pub fn pace(&self) -> Option<Points> {
        self.attainment()?.checked_div(self.elapsed())
    }
}

/// Periods of one length under one version, each cut off at the last day that is looked at.
struct Cuts<'r> {
    version: usize,
    rulebook: &'r Rulebook,
    whole: Vec<Span>,
    cut: Vec<Span>,
}

/// What was done, by unit and place of the period, in millionths.
type Done = BTreeMap<(i64, u32), i64>;

impl Scored {
    /// How far every unit is, or one of them, with every quota and every target whose period overlaps the span: by period, quotas before
    /// targets, in the official order of units.
    pub fn progress(&self, targets: &[Obligation], span: Span, today: NaiveDate, unit: Option<i64>) -> Vec<Progress> {
        let mut found = self.all_progress(targets, span, today).expect(SOUND);
        found.retain(|progress| unit.is_none() || progress.unit == unit);
        found
    }

    fn all_progress(&self, targets: &[Obligation], span: Span, today: NaiveDate) -> PolarsResult<Vec<Progress>> {
        let mut found = Vec::new();
        for per in PeriodUnit::ALL {
            for cuts in self.cuts(per, span, today) {
                for quota in cuts.rulebook.quotas().iter().filter(|quota| quota.per == per) {
                    found.extend(self.of_quota(&cuts, quota)?);
                }
                let own: Vec<&Obligation> = targets.iter().filter(|target| target.per == per).collect();
                let measures: BTreeSet<_> = own.iter().map(|target| (&target.measure, &target.kind)).collect();
                for (measure, kind) in measures {
                    let Some((name, done)) = self.done(&cuts, measure, kind.as_deref())? else { continue };
                    let of_measure = own.iter().filter(|target| target.measure == *measure && target.kind == *kind);
                    found.extend(self.of_targets(&cuts, &of_measure.copied().collect::<Vec<_>>(), &name, &done));
                }
            }
        }
        found.sort_by_key(|progress| (progress.period, progress.until));
        Ok(found)
    }

    fn cuts(&self, per: PeriodUnit, span: Span, today: NaiveDate) -> Vec<Cuts<'_>> {
        let mut all: Vec<Cuts<'_>> = Vec::new();
        for whole in periods(self.year, per).into_iter().filter(|period| period.overlaps(span)) {
            let cut = Span { first: whole.first, last: whole.last.min(span.last).min(today) };
            let versions = &self.world.versions;
            let Some((version, of, _)) = versions.within(Span { first: cut.last, last: cut.last }).next() else {
                continue;
            };
            if cut.last < cut.first {
                continue;
            }
            if all.last().is_none_or(|last| last.version != version) {
                all.push(Cuts { version, rulebook: &of.rulebook, whole: Vec::new(), cut: Vec::new() });
            }
            if let Some(last) = all.last_mut() {
                last.whole.push(whole);
                last.cut.push(cut);
            }
        }
        all
    }

    /// What a count, a sum of points or the total comes to, with its name; `None` if the rulebook has none of that id.
    fn done(&self, cuts: &Cuts<'_>, measure: &str, kind: Option<&str>) -> PolarsResult<Option<(String, Done)>> {
        let rulebook = cuts.rulebook;
        let mut done = Done::new();
        if let Some(count) = rulebook.counts().iter().find(|count| count.id == measure) {
            let scale = if count.share.is_some() { 1 } else { SCALE };
            for slice in self.slices.in_use() {
                let frame = count_of_kind(&slice.world, rulebook, count, &cuts.cut, kind)?;
                let (units, places) = (frame.column("unit")?.i64()?, frame.column("period")?.u32()?);
                let counted = frame.column("counted")?.i64()?;
                for ((unit, place), counted) in units.iter().zip(places.iter()).zip(counted.iter()) {
                    let (Some(unit), Some(place), Some(counted)) = (unit, place, counted) else { continue };
                    if self.slices.is_current(slice, unit)
                        && let Some(counted) = counted.checked_mul(scale)
                    {
                        done.insert((unit, place), counted);
                    }
                }
            }
            return Ok(Some((count.name.clone(), done)));
        }
        let everything = Selection(vec!["*".to_owned()]);
        let (name, rules) = match rulebook.earned().iter().find(|earned| earned.id == measure) {
            Some(earned) => (earned.name.clone(), &earned.rules),
            None if measure == TOTAL => ("总分".to_owned(), &everything),
            None => return Ok(None),
        };
        let numbers = numbers(&self.world, rules, None);
        for slice in self.slices.in_use() {
            let sums = sums(&chosen(slice.lines(Currency::Points), &numbers)?, &cuts.cut)?;
            done.extend(sums.into_iter().filter(|((unit, _), _)| self.slices.is_current(slice, *unit)));
        }
        Ok(Some((name, done)))
    }

    fn of_quota(&self, cuts: &Cuts<'_>, quota: &Quota) -> PolarsResult<Vec<Progress>> {
        let Some((_, done)) = self.done(cuts, &quota.count, None)? else { return Ok(Vec::new()) };
        let column = quota_column(&quota.id);
        let needed = BTreeSet::from([column.as_str()]);
        let is_whole = quota.scaled_by.is_none() && amounts_of(&quota.amount).0 == Type::Integer;
        let unit_of_amount = if is_whole { SCALE } else { 1 };
        let order: BTreeMap<i64, usize> = self.world.units.iter().map(|unit| unit.id).zip(0..).collect();
        let mut found = Vec::new();
        for slice in self.slices.in_use() {
            let sources = Sources { world: &slice.world, version: cuts.version, points: slice.lines(Currency::Points) };
            let rows = rows(&sources, &needed, &cuts.cut, &mut Notes::default())?;
            let (units, places) = (rows.column("unit")?.i64()?, rows.column("period")?.u32()?);
            let amounts = rows.column(&column)?.i64()?;
            let row = |row: usize| {
                let (unit, place, amount) = (units.get(row)?, places.get(row)?, amounts.get(row)?);
                let progress = Progress {
                    source: Source::Quota(quota.id.clone()),
                    name: quota.name.clone(),
                    clause: quota.clause.clone(),
                    unit: Some(unit),
                    period: *cuts.whole.get(place as usize)?,
                    until: cuts.cut.get(place as usize)?.last,
                    owed: Points::from_millionths(amount.checked_mul(unit_of_amount)?),
                    done: Points::from_millionths(done.get(&(unit, place)).copied().unwrap_or(0)),
                };
                self.slices.is_current(slice, unit).then(|| (place, order.get(&unit).copied(), progress))
            };
            found.extend((0..rows.height()).filter_map(row));
        }
        found.sort_by_key(|(place, order, _)| (*place, *order));
        Ok(found.into_iter().map(|(.., progress)| progress).collect())
    }

    /// What is owed under targets of one measure.
    fn of_targets(&self, cuts: &Cuts<'_>, targets: &[&Obligation], name: &str, done: &Done) -> Vec<Progress> {
        let mut found = Vec::new();
        for (place, (whole, cut)) in (0_u32..).zip(cuts.whole.iter().zip(&cuts.cut)) {
            let holds =
                |target: &&&Obligation| target.first <= cut.last && target.last.is_none_or(|last| last >= cut.last);
            let mut in_force: BTreeMap<&Holder, &Obligation> = BTreeMap::new();
            for target in targets.iter().filter(holds) {
                let known = in_force.entry(&target.holder).or_insert(target);
                if (known.first, known.id) < (target.first, target.id) {
                    *known = target;
                }
            }
            for target in in_force.into_values() {
                let progress = |unit: Option<i64>, done: i64| Progress {
                    source: Source::Target(target.id),
                    name: name.to_owned(),
                    clause: String::new(),
                    unit,
                    period: *whole,
                    until: cut.last,
                    owed: self.amount_on(cuts.rulebook, target, cut.last),
                    done: Points::from_millionths(done),
                };
                let of = |unit: i64| done.get(&(unit, place)).copied().unwrap_or(0);
                match &target.holder {
                    Holder::Network => {
                        let all = done.iter().filter(|((_, at), _)| *at == place).map(|(_, done)| *done);
                        found.push(progress(None, all.fold(0, i64::saturating_add)));
                    }
                    Holder::Unit(unit) => found.push(progress(Some(*unit), of(*unit))),
                    Holder::Category(category) => {
                        let open = self.world.units.iter().filter(|unit| unit.is_open(cut.last));
                        let own = open.filter(|unit| unit.category_on(cut.last) == Some(category.as_str()));
                        found.extend(own.map(|unit| progress(Some(unit.id), of(unit.id))));
                    }
                }
            }
        }
        found
    }

    /// The amount of a target, brought to what the task that it follows is on the day.
    fn amount_on(&self, rulebook: &Rulebook, target: &Obligation, day: NaiveDate) -> Points {
        let task = target.follows.as_deref().and_then(|id| rulebook.tasks().iter().find(|task| task.id == id));
        let Some(task) = task else { return target.amount };
        let now = self.world.facts.beside().task_on(&task.id, day).map_or(task.amount, Points::millionths);
        let product = i128::from(target.amount.millionths()) * i128::from(now);
        let amount = divide(product, task.amount.into(), Rounding::HalfUp).unwrap_or(i64::MAX);
        bounded_amount(Points::from_millionths(amount))
    }
}
