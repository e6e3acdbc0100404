//! The facts that the figures of some units rest on: their own, and those of other units on items that they share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use polars::prelude::{BooleanChunked, DataFrame, IdxCa, NewChunkedArray};

use super::credits::Credits;
use super::journal::Touch;
use super::paged::Paged;
use super::shard::{SHARDS, Shard, frame_of, shard_of};
use super::{FactKind, Facts, ItemRow, Table};

/// The units that are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Focus {
    /// All of them.
    All,
    /// Those of some shards, as a bit for each.
    Shards(u64),
    /// These.
    Units(BTreeSet<i64>),
}

impl Focus {
    pub(crate) fn of_shards(shards: impl IntoIterator<Item = usize>) -> Self {
        Self::Shards(shards.into_iter().fold(0, |bits, shard| bits | 1 << shard))
    }

    pub(crate) fn has(&self, unit: i64) -> bool {
        match self {
            Self::All => true,
            Self::Shards(bits) => bits >> shard_of(unit) & 1 == 1,
            Self::Units(units) => units.contains(&unit),
        }
    }
}

/// A row of a unit that is not looked at, on an item that concerns one that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Guest {
    kind: FactKind,
    shard: usize,
    row: u32,
}

/// A set of ids that is asked often: bits where they lie close together.
enum Ids {
    Bits(i64, Vec<u64>),
    Few(BTreeSet<i64>),
}

/// The most bits of a set of ids.
const MOST_BITS: u64 = 1 << 28;

impl Ids {
    fn new(ids: impl Iterator<Item = i64> + Clone) -> Self {
        let (Some(least), Some(most)) = (ids.clone().min(), ids.clone().max()) else {
            return Self::Few(BTreeSet::new());
        };
        let width = most.abs_diff(least);
        if width >= MOST_BITS {
            return Self::Few(ids.collect());
        }
        let mut bits = vec![0_u64; usize::try_from(width / 64).unwrap_or(0) + 1];
        for id in ids {
            let place = usize::try_from(id.abs_diff(least)).unwrap_or(0);
            bits[place / 64] |= 1 << (place % 64);
        }
        Self::Bits(least, bits)
    }

    fn has(&self, id: i64) -> bool {
        match self {
            Self::Bits(least, bits) => {
                let place = id.checked_sub(*least).and_then(|place| usize::try_from(place).ok());
                place.is_some_and(|place| bits.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1))
            }
            Self::Few(ids) => ids.contains(&id),
        }
    }
}

/// The submissions that the rows of a shard are about: their own ids, or a column.
fn submissions_of<'t>(kind: FactKind, table: &Table, shard: &'t Shard) -> &'t [i64] {
    match (kind, table.column("submission")) {
        (FactKind::Submission, _) => &shard.ids,
        (_, Some(column)) => shard.longs(column),
        (_, None) => &[],
    }
}

fn units_of<'t>(table: &Table, shard: &'t Shard) -> &'t [i64] {
    table.column("unit").map_or(&[], |column| shard.longs(column))
}

impl Facts {
    /// How many facts each shard has.
    pub(crate) fn shard_sizes(&self) -> [usize; SHARDS] {
        std::array::from_fn(|shard| self.tables.iter().map(|table| table.shards()[shard].len()).sum())
    }

    /// The stamp of this state.
    pub(crate) fn stamp(&self) -> u64 {
        self.journal.stamp()
    }

    /// The units whose figures may have changed since an earlier state of these facts; `None` if that may be everybody. `is_adopted`
    /// says whether a rule asks of a submission whether it was adopted.
    pub(crate) fn changed_since(&self, old: &Self, is_adopted: bool) -> Option<BTreeSet<i64>> {
        let (mut units, mut submissions, mut wholly) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for touch in self.journal.since(old.stamp())? {
            match touch {
                Touch::Fact { unit, submission } => {
                    units.insert(unit);
                    submissions.extend(submission);
                }
                Touch::Unit(unit) => {
                    units.insert(unit);
                    let all = [old, self].into_iter().flat_map(|facts| facts.submissions_on_record(unit));
                    submissions.extend(all);
                }
                Touch::Submission(submission) => {
                    wholly.insert(submission);
                }
                Touch::Credit { unit, submission } => {
                    units.insert(unit);
                    wholly.insert(submission);
                }
                Touch::Everything => return None,
            }
        }
        if !wholly.is_empty() {
            units.extend([old, self].into_iter().flat_map(|facts| facts.units_with_facts_on(&wholly)));
            submissions.extend(&wholly);
        }
        for facts in [old, self] {
            for submission in &submissions {
                units.extend(facts.beside.credits.of_submission(*submission).map(|row| row.unit));
                if is_adopted {
                    units.extend(facts.table(FactKind::Submission).id_in(*submission, "unit"));
                }
            }
        }
        Some(units)
    }

    /// The shared submissions that a unit has facts on.
    fn submissions_on_record(&self, unit: i64) -> BTreeSet<i64> {
        if self.beside.credits.len() == 0 {
            return BTreeSet::new();
        }
        let shared = Ids::new(self.beside.credits.submissions().collect::<Vec<_>>().into_iter());
        let mut found = BTreeSet::new();
        for kind in FactKind::ALL {
            let table = self.table(kind);
            let own = &table.shards()[shard_of(unit)];
            let rows = units_of(table, own).iter().zip(submissions_of(kind, table, own));
            found.extend(rows.filter(|(of, on)| **of == unit && shared.has(**on)).map(|(_, on)| *on));
        }
        found
    }

    /// The units with facts on one of these submissions.
    fn units_with_facts_on(&self, submissions: &BTreeSet<i64>) -> BTreeSet<i64> {
        let wanted = Ids::new(submissions.iter().copied());
        let mut found = BTreeSet::new();
        for kind in FactKind::ALL {
            let table = self.table(kind);
            for shard in table.shards() {
                let rows = units_of(table, shard).iter().zip(submissions_of(kind, table, shard));
                found.extend(rows.filter(|(_, on)| wanted.has(**on)).map(|(unit, _)| *unit));
            }
        }
        found
    }

    /// The guests of every shard, looked for in one pass.
    pub(crate) fn guests_of_shards(&self, is_adopted: bool) -> Vec<Vec<Guest>> {
        let mut guests = vec![Vec::new(); SHARDS];
        let credits = &self.beside.credits;
        if credits.len() > 0 {
            let shared = Ids::new(credits.submissions().collect::<Vec<_>>().into_iter());
            let mut hosts: BTreeMap<i64, u64> = BTreeMap::new();
            for row in credits.values() {
                *hosts.entry(row.submission).or_default() |= 1 << shard_of(row.unit);
            }
            for kind in FactKind::ALL {
                let table = self.table(kind);
                for (shard, rows) in table.shards().iter().enumerate() {
                    for (row, on) in (0..).zip(submissions_of(kind, table, rows)) {
                        if !shared.has(*on) {
                            continue;
                        }
                        let bits = hosts.get(on).copied().unwrap_or(0) & !(1 << shard);
                        let hosts = (0..SHARDS).filter(|host| bits >> host & 1 == 1);
                        hosts.for_each(|host| guests[host].push(Guest { kind, shard, row }));
                    }
                }
            }
        }
        if is_adopted {
            let (kind, adoptions) = (FactKind::Adoption, self.table(FactKind::Adoption));
            let submissions = self.table(FactKind::Submission);
            for (shard, rows) in adoptions.shards().iter().enumerate() {
                let own = Ids::new(submissions.shards()[shard].ids.iter().copied());
                for (row, on) in (0..).zip(submissions_of(kind, adoptions, rows)) {
                    let host = if own.has(*on) { None } else { submissions.id_in(*on, "unit").map(shard_of) };
                    if let Some(host) = host.filter(|host| *host != shard) {
                        guests[host].push(Guest { kind, shard, row });
                    }
                }
            }
        }
        guests
    }

    /// The guests of some units.
    fn guests_of_units(&self, units: &BTreeSet<i64>, is_adopted: bool) -> Vec<Guest> {
        let shared: BTreeSet<i64> = units.iter().flat_map(|unit| self.beside.credits.of_unit(*unit)).collect();
        let table = self.table(FactKind::Submission);
        let mut own = Vec::new();
        if is_adopted {
            for shard in units.iter().map(|unit| shard_of(*unit)).collect::<BTreeSet<_>>() {
                let rows = &table.shards()[shard];
                let rows = units_of(table, rows).iter().zip(&rows.ids);
                own.extend(rows.filter(|(unit, _)| units.contains(unit)).map(|(_, id)| *id));
            }
        }
        if shared.is_empty() && own.is_empty() {
            return Vec::new();
        }
        let (shared, own) = (Ids::new(shared.iter().copied()), Ids::new(own.iter().copied()));
        let mut guests = Vec::new();
        for kind in FactKind::ALL {
            let table = self.table(kind);
            for (shard, rows) in table.shards().iter().enumerate() {
                let facts = units_of(table, rows).iter().zip(submissions_of(kind, table, rows));
                for (row, (unit, on)) in (0..).zip(facts) {
                    let concerns = shared.has(*on) || (kind == FactKind::Adoption && own.has(*on));
                    if concerns && !units.contains(unit) {
                        guests.push(Guest { kind, shard, row });
                    }
                }
            }
        }
        guests
    }

    /// The facts that the figures of the units in focus rest on, and the other units that have some of them; `guests` are those of its
    /// shards, if it is made of shards.
    pub(crate) fn slice(&self, focus: &Focus, guests: &[Vec<Guest>], is_adopted: bool) -> (Self, BTreeSet<i64>) {
        let mut of_others: Vec<Guest> = match focus {
            Focus::All => return (self.clone(), BTreeSet::new()),
            Focus::Shards(_) => (0..SHARDS)
                .filter(|shard| in_bits(focus, *shard))
                .flat_map(|shard| guests.get(shard).into_iter().flatten().copied())
                .filter(|guest| !in_bits(focus, guest.shard))
                .collect(),
            Focus::Units(units) => self.guests_of_units(units, is_adopted),
        };
        of_others.sort_unstable();
        of_others.dedup();
        let unit = |guest: &Guest| {
            let table = self.table(guest.kind);
            units_of(table, &table.shards()[guest.shard]).get(guest.row as usize).copied()
        };
        let others = of_others.iter().filter_map(unit).collect();
        let tables = FactKind::ALL.map(|kind| {
            let mut frame = self.own_frame(kind, focus);
            let guests: Vec<&Guest> = of_others.iter().filter(|guest| guest.kind == kind).collect();
            for of_shard in guests.chunk_by(|left, right| left.shard == right.shard) {
                let table = self.table(kind);
                let rows = IdxCa::from_vec("row".into(), of_shard.iter().map(|guest| guest.row).collect());
                let shard = of_shard.first().map_or(0, |guest| guest.shard);
                let picked = table.shards()[shard].frame(table.names()).take(&rows).expect("the rows are there");
                frame.vstack_mut(&picked).expect("shards of one table have the same columns");
            }
            Arc::new(Table::of_frame(self.table(kind).names(), frame))
        });
        let beside = self.beside_of(&tables);
        (Self { tables, beside, record: None, ..self.clone() }, others)
    }

    fn own_frame(&self, kind: FactKind, focus: &Focus) -> DataFrame {
        let table = self.table(kind);
        match focus {
            Focus::All => table.frame().clone(),
            Focus::Shards(_) => {
                let own = table.shards().iter().enumerate().filter(|(shard, _)| in_bits(focus, *shard));
                let own: Vec<&Shard> = own.map(|(_, rows)| rows.as_ref()).filter(|rows| rows.len() > 0).collect();
                match own.as_slice() {
                    [one] => one.frame(table.names()).clone(),
                    several => frame_of(table.names(), several),
                }
            }
            Focus::Units(units) => {
                let mut all: Option<DataFrame> = None;
                for shard in units.iter().map(|unit| shard_of(*unit)).collect::<BTreeSet<_>>() {
                    let rows = &table.shards()[shard];
                    if rows.len() == 0 {
                        continue;
                    }
                    let is_own = units_of(table, rows).iter().map(|unit| units.contains(unit));
                    let is_own = BooleanChunked::from_iter_values("is_own".into(), is_own);
                    let own = rows.frame(table.names()).filter(&is_own).expect("the mask has the frame's height");
                    all = Some(match all {
                        Some(mut all) => {
                            all.vstack_mut(&own).expect("shards of one table have the same columns");
                            all
                        }
                        None => own,
                    });
                }
                all.unwrap_or_else(|| frame_of(table.names(), &[]))
            }
        }
    }

    /// What is known beside the submissions of these tables. A little more does no harm, so few rows are kept as they are.
    fn beside_of(&self, tables: &[Arc<Table>; FactKind::ALL.len()]) -> Arc<super::Beside> {
        const FEW: usize = 4_096;
        let whole = &*self.beside;
        if whole.items.len() + whole.credits.len() <= FEW {
            return self.beside.clone();
        }
        let (mut items, mut credits): (Paged<ItemRow>, Credits) = Default::default();
        let mut submissions = BTreeSet::new();
        for (kind, table) in FactKind::ALL.into_iter().zip(tables) {
            let column = if kind == FactKind::Submission { "id" } else { "submission" };
            if let Ok(ids) = table.frame().column(column).and_then(|ids| ids.i64().cloned()) {
                let has_any = |id: &i64| whole.items.contains(*id) || whole.credits.of_submission(*id).next().is_some();
                submissions.extend(ids.iter().flatten().filter(has_any));
            }
        }
        for submission in submissions {
            if let Some(item) = whole.items.get(submission) {
                items.insert(submission, item.clone());
            }
            whole.credits.of_submission(submission).for_each(|row| credits.insert(row.id, row.clone()));
        }
        Arc::new(super::Beside { items, credits, ..whole.clone() })
    }
}

fn in_bits(focus: &Focus, shard: usize) -> bool {
    matches!(focus, Focus::Shards(bits) if bits >> shard & 1 == 1)
}
