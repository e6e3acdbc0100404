//! The slices of a scored year, and what becomes of them after a write.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use polars::prelude::{BooleanChunked, DataFrame, PolarsResult};

use super::SOUND;
use super::note::{Note, Noted, told};
use super::slice::Slice;
use super::world::World;
use crate::facts::{FactKind, Facts, Focus, Guest, SHARDS, shard_of};
use crate::period::Span;
use crate::rulebook::On;

/// Facts of a slice, so that what every slice costs by itself is little beside them.
pub(super) const ROWS: usize = 100_000;
/// Units that are scored by themselves after a write; more are scored with everybody beside whom they stand.
const MOST_CHANGED: usize = 64;
/// Units that have been scored by themselves; when there are more, some of them go back into their slice.
const MOST_APART: usize = 1_024;

/// Every unit is in one slice: in that of its shard, or in a later one of units that a write concerned.
#[derive(Debug, Clone)]
pub(super) struct Slices {
    rows: usize,
    /// The slice of each shard.
    places: [usize; SHARDS],
    whole: Vec<Arc<Slice>>,
    apart: BTreeMap<i64, Arc<Slice>>,
}

impl Slices {
    /// Scores everybody, in slices of about so many facts.
    pub(super) fn new(world: &World, year: Span, rows: usize) -> Self {
        let mut places = [0; SHARDS];
        let (mut place, mut so_far) = (0, 0);
        for (shard, size) in world.facts.shard_sizes().into_iter().enumerate() {
            if so_far >= rows {
                (place, so_far) = (place + 1, 0);
            }
            places[shard] = place;
            so_far += size;
        }
        let foci: Vec<Focus> = (0..=place).map(|place| focus(&places, place)).collect();
        let whole = run(world, year, &foci).into_iter().map(Arc::new).collect();
        Self { rows, places, whole, apart: BTreeMap::new() }
    }

    /// How many facts a slice has, about.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The slice in which a unit is.
    pub(super) fn of(&self, unit: i64) -> &Arc<Slice> {
        self.apart.get(&unit).unwrap_or_else(|| &self.whole[self.places[shard_of(unit)]])
    }

    /// Whether the slice speaks for the unit.
    pub(super) fn is_current(&self, slice: &Arc<Slice>, unit: i64) -> bool {
        Arc::ptr_eq(self.of(unit), slice)
    }

    /// Every slice that speaks for some unit.
    pub(super) fn in_use(&self) -> Vec<&Arc<Slice>> {
        let mut all: Vec<&Arc<Slice>> = self.whole.iter().collect();
        for slice in self.apart.values() {
            // Units that were scored together often stand together.
            if all.last().is_none_or(|last| !Arc::ptr_eq(last, slice)) {
                all.push(slice);
            }
        }
        let apart = all.split_off(self.whole.len());
        let mut known = std::collections::BTreeSet::new();
        all.extend(apart.into_iter().filter(|slice| known.insert(Arc::as_ptr(slice))));
        all
    }

    /// The rows of a frame of the slice that are about units for which it speaks.
    pub(super) fn current(&self, slice: &Arc<Slice>, rows: &DataFrame) -> PolarsResult<DataFrame> {
        if self.apart.is_empty() {
            return Ok(rows.clone());
        }
        let units = rows.column("unit")?.i64()?;
        let is_current = units.iter().map(|unit| unit.is_some_and(|unit| self.is_current(slice, unit)));
        rows.filter(&is_current.collect::<BooleanChunked>())
    }

    /// What the slices noted, and what else was.
    pub(super) fn told(&self, more: &[Noted]) -> Vec<Note> {
        let in_use = self.in_use();
        let speaks: Vec<_> = in_use.iter().map(|slice| move |unit: i64| self.is_current(slice, unit)).collect();
        let everybody = |_: i64| true;
        let noted = in_use
            .iter()
            .zip(&speaks)
            .flat_map(|(slice, speaks)| slice.noted.iter().map(move |noted| (noted, speaks as &dyn Fn(i64) -> bool)));
        told(noted.chain(more.iter().map(|noted| (noted, &everybody as &dyn Fn(i64) -> bool))))
    }

    /// The slices after further writes, and the world as it is then; `None` if everything must be scored anew.
    pub(super) fn following(&self, world: &World, facts: &Facts) -> Option<(World, Self)> {
        let is_adopted = asks_adopted(world);
        let changed = facts.changed_since(&world.facts, is_adopted)?;
        let world = world.following(facts);
        let year = self.whole.first()?.year;
        let mut new = self.clone();
        let anew: Vec<usize> = if changed.len() > MOST_CHANGED {
            changed.iter().map(|unit| self.places[shard_of(*unit)]).collect()
        } else {
            if !changed.is_empty() {
                let of_units = world.slice(Focus::Units(changed.clone()), &[], is_adopted);
                let slice = Arc::new(Slice::new(of_units, year).expect(SOUND));
                new.apart.extend(changed.into_iter().map(|unit| (unit, slice.clone())));
            }
            new.fullest().into_iter().collect()
        };
        new.again(&world, year, anew);
        Some((world, new))
    }

    /// The slice most of whose units stand apart, if there are too many of these.
    fn fullest(&self) -> Option<usize> {
        if self.apart.len() <= MOST_APART {
            return None;
        }
        let mut apart = vec![0_usize; self.whole.len()];
        self.apart.keys().for_each(|unit| apart[self.places[shard_of(*unit)]] += 1);
        (0..apart.len()).max_by_key(|place| apart[*place])
    }

    /// Scores whole slices anew.
    fn again(&mut self, world: &World, year: Span, mut places: Vec<usize>) {
        places.sort_unstable();
        places.dedup();
        if places.is_empty() {
            return;
        }
        let foci: Vec<Focus> = places.iter().map(|place| focus(&self.places, *place)).collect();
        for (place, slice) in places.iter().zip(run(world, year, &foci)) {
            self.whole[*place] = Arc::new(slice);
        }
        let of_shards = self.places;
        self.apart.retain(|unit, _| !places.contains(&of_shards[shard_of(*unit)]));
    }
}

/// The units of a slice.
fn focus(places: &[usize; SHARDS], place: usize) -> Focus {
    if places.iter().all(|of_shard| *of_shard == place) {
        return Focus::All;
    }
    Focus::of_shards((0..SHARDS).filter(|shard| places[*shard] == place))
}

/// Scores slices on every core. The order of the answers is that of the questions.
fn run(world: &World, year: Span, foci: &[Focus]) -> Vec<Slice> {
    let is_adopted = asks_adopted(world);
    let guests: Vec<Vec<Guest>> =
        if foci == [Focus::All] { Vec::new() } else { world.facts.guests_of_shards(is_adopted) };
    let one = |focus: &Focus| Slice::new(world.slice(focus.clone(), &guests, is_adopted), year).expect(SOUND);
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(foci.len());
    if threads <= 1 {
        return foci.iter().map(one).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((place, focus)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|place| Some((place, foci.get(place)?)))
        {
            done.push((place, one(focus)));
        }
        done
    };
    let mut all: Vec<(usize, Slice)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let answers = workers.into_iter().map(std::thread::ScopedJoinHandle::join);
        answers.flat_map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, slice)| slice).collect()
}

/// Whether some version asks of a submission whether it was adopted, which facts of other units may say.
fn asks_adopted(world: &World) -> bool {
    world.versions.all().iter().any(|version| {
        let rulebook = &version.rulebook;
        let on = FactKind::Submission;
        let rules = rulebook.rules().iter().filter(|rule| rule.on == On::Fact(on));
        let of_rules = rules.flat_map(|rule| rule.filter.iter().chain([&rule.amount]));
        let of_exclusions = rulebook.exclusions().iter().filter(|exclusion| exclusion.on == on);
        let of_counts =
            rulebook.counts().iter().filter(|count| count.on == on).filter_map(|count| count.filter.as_ref());
        let mut all = of_rules.chain(of_exclusions.map(|exclusion| &exclusion.filter)).chain(of_counts);
        all.any(|expression| expression.columns().iter().any(|(_, stored, _)| *stored == "adopted"))
    })
}
