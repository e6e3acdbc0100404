//! One kind of fact as columns, by id and by unit, and the frame that is made of them.

use std::sync::{Arc, OnceLock};

use polars::prelude::DataFrame;

use super::paged::Paged;
use super::shard::{Names, SHARDS, Shard, frame_of, shard_of};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    /// Ids of other rows.
    Id,
    /// Numbers that stand for code texts.
    Code,
    /// Day numbers.
    Day,
    /// Whole numbers, or millionths.
    Number,
    /// Yes or no.
    Flag,
}

/// One value on its way into a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell {
    Id(Option<i64>),
    Code(Option<u32>),
    Day(Option<i32>),
    Number(Option<i64>),
    Flag(bool),
}

/// What of a frozen row may still change: it ends what lasts, and says nothing of the day that is closed.
const ENDS: &str = "last_on";

/// Below so many rows a frame is made in one piece; above, of the frames of the shards.
const ONE_PIECE: usize = 1 << 17;

/// Where a row stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    shard: u32,
    row: u32,
}

/// Rows of one kind of fact, by id.
#[derive(Debug)]
pub(crate) struct Table {
    names: Names,
    shards: Vec<Arc<Shard>>,
    places: Paged<Place>,
    frozen: Paged<()>,
    frame: OnceLock<DataFrame>,
}

impl Clone for Table {
    /// The copy is made to be written to, so the frame is left behind.
    fn clone(&self) -> Self {
        Self {
            names: self.names,
            shards: self.shards.clone(),
            places: self.places.clone(),
            frozen: self.frozen.clone(),
            frame: OnceLock::new(),
        }
    }
}

impl Table {
    pub(crate) fn new(names: Names) -> Self {
        let empty = Arc::new(Shard::new(names));
        Self {
            names,
            shards: vec![empty; SHARDS],
            places: Paged::default(),
            frozen: Paged::default(),
            frame: OnceLock::new(),
        }
    }

    /// A table that is only looked at, of rows that were picked from others.
    pub(super) fn of_frame(names: Names, frame: DataFrame) -> Self {
        Self { frame: OnceLock::from(frame), ..Self::new(names) }
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn contains(&self, id: i64) -> bool {
        self.places.contains(id)
    }

    pub(crate) fn is_frozen(&self, id: i64) -> bool {
        self.frozen.contains(id)
    }

    pub(crate) fn column_names(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().map(|&(name, _)| name)
    }

    pub(super) fn names(&self) -> Names {
        self.names
    }

    pub(super) fn shards(&self) -> &[Arc<Shard>] {
        &self.shards
    }

    /// The place of a column; `None` if the kind has none of that name.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.column_names().position(|known| known == name)
    }

    /// The rows with their cells, in no particular order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (i64, Vec<(&'static str, Cell)>)> {
        self.shards.iter().flat_map(|shard| {
            shard.ids.iter().enumerate().map(|(place, id)| {
                let cells = self.names.iter().zip(&shard.columns);
                (*id, cells.map(|(&(name, kind), values)| (name, values.cell(kind, place))).collect())
            })
        })
    }

    /// What a row holds in a column of ids.
    pub(super) fn id_in(&self, id: i64, column: &str) -> Option<i64> {
        let place = *self.places.get(id)?;
        let column = self.column(column)?;
        match self.shards[place.shard as usize].columns[column].cell(ColumnKind::Id, place.row as usize) {
            Cell::Id(value) => value,
            Cell::Code(_) | Cell::Day(_) | Cell::Number(_) | Cell::Flag(_) => None,
        }
    }

    /// The day of a row, as the number that columns hold.
    pub(crate) fn day(&self, id: i64) -> Option<i32> {
        let place = *self.places.get(id)?;
        self.shards[place.shard as usize].days(self.column(super::DAY)?).get(place.row as usize).copied()
    }

    /// Puts a row on another day, if there is such a row.
    pub(crate) fn set_day(&mut self, id: i64, day: i32) {
        if let (Some(place), Some(column)) = (self.places.get(id).copied(), self.column(super::DAY)) {
            self.shard(place).put(place.row as usize, column, Cell::Day(Some(day)));
        }
    }

    /// Writes the row and holds it as it is.
    pub(crate) fn freeze(&mut self, id: i64, cells: &[Cell]) {
        self.frozen.remove(id);
        self.upsert(id, cells);
        self.frozen.insert(id, ());
    }

    /// Lets go of the row.
    pub(crate) fn thaw(&mut self, id: i64) {
        self.frozen.remove(id);
    }

    /// Writes the row, over the one of the same id if there is one. The cells stand in the order of the columns. Of a frozen row, only
    /// what ends it is written.
    pub(crate) fn upsert(&mut self, id: i64, cells: &[Cell]) {
        if self.is_frozen(id) {
            let (Some(column), Some(place)) = (self.column(ENDS), self.places.get(id).copied()) else { return };
            if let Some(cell) = cells.get(column) {
                self.shard(place).put(place.row as usize, column, *cell);
            }
            return;
        }
        let unit = self.column("unit").and_then(|column| match cells.get(column) {
            Some(Cell::Id(unit)) => *unit,
            _ => None,
        });
        let shard = u32::try_from(shard_of(unit.unwrap_or(0))).unwrap_or(0);
        if self.places.get(id).is_some_and(|place| place.shard != shard) {
            self.take(id);
        }
        let place = if let Some(place) = self.places.get(id) {
            *place
        } else {
            let row = self.shard(Place { shard, row: 0 }).push(id);
            let place = Place { shard, row: u32::try_from(row).unwrap_or(u32::MAX) };
            self.places.insert(id, place);
            place
        };
        let own = self.shard(place);
        for (column, cell) in cells.iter().enumerate() {
            own.put(place.row as usize, column, *cell);
        }
    }

    /// Takes the row away, unless it is frozen.
    pub(crate) fn remove(&mut self, id: i64) -> bool {
        !self.is_frozen(id) && self.take(id)
    }

    fn take(&mut self, id: i64) -> bool {
        let Some(place) = self.places.remove(id) else {
            return false;
        };
        if let Some(moved) = self.shard(place).swap_remove(place.row as usize) {
            self.places.insert(moved, place);
        }
        true
    }

    /// The shard of a place, to be written to.
    fn shard(&mut self, place: Place) -> &mut Shard {
        self.frame = OnceLock::new();
        Arc::make_mut(&mut self.shards[place.shard as usize])
    }

    /// The rows as a frame: `id` and the columns by name, in no particular order of rows. Made once per state.
    pub(crate) fn frame(&self) -> &DataFrame {
        self.frame.get_or_init(|| {
            let shards: Vec<&Shard> = self.shards.iter().map(Arc::as_ref).filter(|shard| shard.len() > 0).collect();
            if self.len() <= ONE_PIECE {
                return frame_of(self.names, &shards);
            }
            let mut frames = shards.into_iter().map(|shard| shard.frame(self.names));
            let mut all = frames.next().cloned().unwrap_or_default();
            for frame in frames {
                all.vstack_mut(frame).expect("shards of one table have the same columns");
            }
            all
        })
    }
}
