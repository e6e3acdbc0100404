//! The composable query against a naive reference, cell by cell, and what must not change an answer.

mod chance;
mod reference;
mod refusals;
mod worlds;

use std::sync::Arc;

use analytics::frames::answer::{Answer, Cell, Row};
use analytics::frames::query::Query;
use analytics::frames::refusal::Refusal;
use analytics::frames::{Source, analyse};
use analytics::scoring::{Versions, score};

use crate::scene::day;
use chance::Chance;

/// A day after everything.
pub(crate) const LATER: &str = "2027-06-01";

pub(crate) fn source(world: &Chance) -> Source {
    Source::new(&Chance::versions(), &world.facts(), day(LATER))
}

pub(crate) fn ask(world: &Chance, query: &Query) -> Result<Answer, Refusal> {
    ask_of(&Chance::versions(), world, query, LATER)
}

pub(crate) fn ask_of(versions: &Versions, world: &Chance, query: &Query, today: &str) -> Result<Answer, Refusal> {
    let facts = world.facts();
    let source = Source::new(versions, &facts, day(today));
    analyse(&source, query, |year| Some(Arc::new(score(versions, &facts, year))))
}

/// What a row stands for, as short text.
pub(crate) fn key(row: &Row) -> String {
    let part = |key: &analytics::frames::answer::Key| match (key.unit, &key.code) {
        (Some(unit), _) => unit.to_string(),
        (None, code) => code.clone().unwrap_or_default(),
    };
    row.keys.iter().map(part).collect::<Vec<_>>().join("/")
}

/// The value, or why there is none.
pub(crate) fn value(cell: &Cell) -> String {
    cell.value.map_or_else(|| cell.status.code().to_owned(), |value| value.to_string())
}

/// An answer in lines: key, period, values.
pub(crate) fn told(answer: &Answer) -> Vec<String> {
    let line = |row: &Row| {
        let cells: Vec<String> = row.cells.iter().map(value).collect();
        format!("{} {} {}", key(row), answer.periods[row.period].label, cells.join(" "))
    };
    answer.rows.iter().map(line).collect()
}
