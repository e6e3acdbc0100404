//! Rates by whoever stands in for the units today: the rows by unit, summed by heir before anything is divided.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, NamedFrom, PolarsResult, Series};

use super::rates::FIGURES;
use crate::heirs::Heirs;
use crate::period::Span;
use crate::scoring::inherit::category_of;
use crate::scoring::world::World;

/// The frame by unit, with each unit's figures counted for its heir.
pub(super) fn by_heir(
    world: &World,
    span: Span,
    units: &DataFrame,
    categories: &[String],
    heirs: &Heirs,
) -> PolarsResult<DataFrame> {
    let ids: Vec<i64> = units.column("unit")?.i64()?.into_no_null_iter().collect();
    let places: Vec<u32> = units.column("category")?.u32()?.into_no_null_iter().collect();
    let mut figures = Vec::new();
    for figure in FIGURES {
        figures.push(units.column(figure)?.i64()?.into_no_null_iter().collect::<Vec<i64>>());
    }
    let mut sums: BTreeMap<i64, (u32, [i64; 3])> = BTreeMap::new();
    for (row, unit) in ids.iter().enumerate() {
        let heir = heirs.of(*unit);
        let own = category_of(world, span, heir);
        let own = own.and_then(|category| categories.iter().position(|known| *known == category));
        let place = own.and_then(|place| u32::try_from(place).ok()).unwrap_or(places[row]);
        let sum = &mut sums.entry(heir).or_insert((place, [0; 3])).1;
        for (sum, figure) in sum.iter_mut().zip(&figures) {
            *sum += figure[row];
        }
    }
    let order = |unit: &i64| {
        let place = world.units.iter().position(|known| known.id == *unit);
        place.and_then(|place| u32::try_from(place).ok()).unwrap_or(u32::MAX)
    };
    let mut columns = vec![
        Series::new("unit".into(), sums.keys().copied().collect::<Vec<_>>()).into(),
        Series::new("order".into(), sums.keys().map(order).collect::<Vec<_>>()).into(),
        Series::new("category".into(), sums.values().map(|(place, _)| *place).collect::<Vec<_>>()).into(),
    ];
    for (index, figure) in FIGURES.into_iter().enumerate() {
        let sums: Vec<i64> = sums.values().map(|(_, sums)| sums[index]).collect();
        columns.push(Series::new(figure.into(), sums).into());
    }
    DataFrame::new(sums.len(), columns)
}
