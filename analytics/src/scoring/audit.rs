//! What is odd about the facts themselves, whatever the rules say.

use std::collections::BTreeSet;

use polars::prelude::{ChunkAgg, IntoLazy, PolarsResult, UInt32Chunked, col};

use super::catalogue::{self, ColumnType};
use super::note::{About, NoteKind, Notes, owned};
use super::versions::Version;
use super::world::{World, out_of_range, within};
use crate::expression::typed_lit;
use crate::facts::{FactKind, day_number};
use crate::period::Span;

/// Notes the facts of the year that no version, no unit or no declared code stands behind.
pub(super) fn audit(world: &World, year: Span, notes: &mut Notes) -> PolarsResult<()> {
    for kind in FactKind::ALL {
        let frame = within(world.facts.table(kind).frame(), year)?;
        if frame.height() == 0 {
            continue;
        }
        let about = About { fact: Some(kind), ..About::default() };
        if let Some(condition) = out_of_range(&frame, kind)? {
            let odd = frame.clone().lazy().filter(condition).collect()?;
            notes.add(NoteKind::OutOfRange, &about, owned(&odd, "id")?, "");
        }
        let first = world.versions.all().iter().next().map_or(i32::MAX, |version| day_number(version.effective_from));
        if day_number(year.first) < first {
            let early = frame.clone().lazy().filter(col("day").lt(typed_lit(first))).collect()?;
            notes.add(NoteKind::NoVersion, &about, owned(&early, "id")?, "");
        }
        let known: BTreeSet<i64> = world.units.iter().map(|unit| unit.id).collect();
        let mut strays = BTreeSet::new();
        let mut last = None;
        // Facts of one unit often stand together, and what was just found need not be looked for again.
        for unit in frame.column("unit")?.i64()?.iter().flatten() {
            if last != Some(unit) && !known.contains(&unit) {
                strays.insert(unit);
            }
            last = Some(unit);
        }
        for unit in strays {
            let strays = frame.clone().lazy().filter(col("unit").eq(typed_lit(unit))).collect()?;
            notes.add(NoteKind::UnknownUnit, &about, owned(&strays, "id")?, "");
        }
        for (_, version, days) in world.versions.within(year) {
            codes(world, version, kind, days, notes)?;
        }
    }
    Ok(())
}

fn codes(world: &World, version: &Version, kind: FactKind, days: Span, notes: &mut Notes) -> PolarsResult<()> {
    let frame = within(world.facts.table(kind).frame(), days)?;
    for column in catalogue::columns(kind) {
        let ColumnType::Code(set) = column.column_type else {
            continue;
        };
        let Ok(numbers) = frame.column(column.stored) else {
            continue;
        };
        let unknown: BTreeSet<&str> = used(numbers.u32()?)
            .map(|number| world.codes.text(number))
            .filter(|code| !version.rulebook.vocabulary.has(set, code))
            .collect();
        for code in unknown {
            let number = world.codes.find(code);
            let using =
                frame.clone().lazy().filter(col(column.stored).eq(typed_lit(number.unwrap_or_default()))).collect()?;
            let about = About { version: Some(version.id), rule: None, fact: Some(kind) };
            notes.add(NoteKind::UnknownCode, &about, owned(&using, "id")?, &format!("{} {code:?}", column.name));
        }
    }
    Ok(())
}

/// The codes of a column, each once.
fn used(numbers: &UInt32Chunked) -> impl Iterator<Item = u32> {
    let mut is_used = vec![false; numbers.max().map_or(0, |most| most as usize + 1)];
    if numbers.null_count() == 0 {
        numbers.into_no_null_iter().for_each(|number| is_used[number as usize] = true);
    } else {
        numbers.iter().flatten().for_each(|number| is_used[number as usize] = true);
    }
    (0..).zip(is_used).filter(|(_, is_used)| *is_used).map(|(number, _)| number)
}
