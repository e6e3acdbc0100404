//! Figures by whoever stands in for the units today: nothing is lost, nothing is counted twice, and nothing moves as reported.

use std::collections::{BTreeMap, BTreeSet};

use analytics::facts::Facts;
use analytics::frames::{RateBasis, RateBy, adoption_rates, adoption_rates_by_heirs};
use analytics::heirs::Heirs;
use analytics::points::Points;
use analytics::rulebook::Currency;
use analytics::scoring::{Amount, RankingRow, score};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::random_powers::everything;
use crate::scene::{changji, day, span};
use crate::worlds::{World, worlds};

const PERIODS: [&str; 5] = ["2026", "2026-H1", "2026-Q3", "2026-05", "2026-11"];

fn sum(rows: &[RankingRow]) -> Points {
    rows.iter().fold(Points::ZERO, |sum, row| sum.checked_add(row.points).unwrap())
}

/// The world's facts with some units closed in the middle of the year.
fn facts(world: &World, closed: &BTreeSet<i64>) -> Facts {
    let mut world = world.clone();
    for unit in &mut world.units {
        if closed.contains(&unit.id) {
            unit.closed_on = Some(day("2026-06-30"));
        }
    }
    world.facts()
}

/// Pairs of a unit and its heir, among the ten units of a world.
fn pairs() -> impl Strategy<Value = BTreeMap<i64, i64>> {
    proptest::collection::btree_map(1_i64..=10, 1_i64..=10, 0..6)
}

proptest! {
    #![proptest_config(Config { cases: 24, failure_persistence: None, ..Config::default() })]

    #[test]
    fn grand_totals_agree(world in worlds(0..=120), pairs in pairs(), plain in any::<bool>()) {
        let closed = pairs.keys().copied().collect();
        let heirs = Heirs::new(pairs);
        let facts = facts(&world, &closed);
        let versions = World::versions(if plain { changji() } else { everything() });
        let scored = score(&versions, &facts, span("2026"));
        for period in PERIODS.map(span) {
            let (reported, inherited) = (scored.ranking(period, None), scored.ranking_by_heirs(period, None, &heirs));
            // Whoever ended before the period stands in no ranking of it, and leaves what was decided in it to the heir.
            let ranked: BTreeSet<i64> = reported.iter().map(|row| row.unit).collect();
            let bequeathed = (1..=10).filter(|unit| !ranked.contains(unit) && heirs.of(*unit) != *unit);
            let bequeathed = bequeathed.map(|unit| scored.total(unit, period));
            prop_assert_eq!(
                bequeathed.fold(sum(&reported), |sum, total| sum.checked_add(total).unwrap()),
                sum(&inherited)
            );
            prop_assert!(inherited.iter().all(|row| heirs.of(row.unit) == row.unit));
            let units: BTreeSet<i64> = inherited.iter().map(|row| row.unit).collect();
            prop_assert_eq!(units.len(), inherited.len());
            prop_assert!(reported.iter().all(|row| units.contains(&heirs.of(row.unit))));
            for row in &inherited {
                let better = |other: &&RankingRow| other.category == row.category && other.points > row.points;
                let better = inherited.iter().filter(better).count();
                // A rulebook may tell equal points apart by further figures.
                prop_assert!(row.rank as usize > better);
            }
            let total = |unit| scored.total_by_heirs(unit, period, &heirs);
            let of_all = (1..=10).map(total).fold(Points::ZERO, |sum, total| sum.checked_add(total).unwrap());
            let each = (1..=10).map(|unit| scored.total(unit, period));
            prop_assert_eq!(of_all, each.fold(Points::ZERO, |sum, total| sum.checked_add(total).unwrap()));
        }
    }

    #[test]
    fn rates_agree_and_are_divided_after_summing(world in worlds(0..=120), pairs in pairs()) {
        let closed = pairs.keys().copied().collect();
        let heirs = Heirs::new(pairs);
        let facts = facts(&world, &closed);
        let versions = World::versions(changji());
        for basis in [RateBasis::AdoptedIn, RateBasis::SubmittedIn] {
            for period in PERIODS.map(span) {
                let ask = |by, heirs: &Heirs| adoption_rates_by_heirs(&versions, &facts, period, by, basis, heirs);
                let none = Heirs::default();
                prop_assert_eq!(ask(RateBy::Network, &heirs), ask(RateBy::Network, &none));
                prop_assert_eq!(ask(RateBy::Unit, &none), adoption_rates(&versions, &facts, period, RateBy::Unit, basis));
                for by in [RateBy::Unit, RateBy::Category] {
                    let figures = |heirs: &Heirs| ask(by, heirs).into_iter().fold((0, 0, 0), |sum, row| {
                        (sum.0 + row.submitted, sum.1 + row.adopted_items, sum.2 + row.adoptions)
                    });
                    prop_assert_eq!(figures(&heirs), figures(&none));
                }
                prop_assert!(ask(RateBy::Unit, &heirs).iter().all(|row| row.unit.is_none_or(|unit| heirs.of(unit) == unit)));
            }
        }
    }

    #[test]
    fn lines_add_up_to_what_an_heir_has(world in worlds(0..=80), pairs in pairs()) {
        let heirs = Heirs::new(pairs);
        let scored = score(&World::versions(changji()), &world.facts(), span("2026"));
        for unit in 1..=10 {
            let lines = scored.lines_by_heirs(unit, span("2026"), Currency::Points, &heirs);
            let sum = lines.iter().fold(Points::ZERO, |sum, line| match line.amount {
                Amount::Points(points) => sum.checked_add(points).unwrap(),
                Amount::Money(_) => sum,
            });
            prop_assert_eq!(sum, scored.total_by_heirs(unit, span("2026"), &heirs));
        }
    }
}

#[test]
fn what_is_adopted_after_a_unit_ended_is_not_lost() {
    let mut scene = crate::scene::Scene::changji();
    scene.month(1, "2026-06", 3, 0);
    let mut unit = scene.facts.units()[&1].clone();
    unit.closed_on = Some(day("2026-06-30"));
    scene.facts.upsert_unit(&unit);
    scene.facts.upsert_adoption(&analytics::facts::AdoptionRow {
        id: 9_999,
        submission: None,
        unit: 1,
        publication: "general".to_owned(),
        class: None,
        via: None,
        kind: None,
        topic: None,
        characters: 0,
        commissioned: false,
        adopted_on: day("2026-07-05"),
        count: 1,
    });
    let scored = scene.score("2026");
    let points = |rows: Vec<RankingRow>, unit| rows.into_iter().find(|row| row.unit == unit).map(|row| row.points);
    let ten = "10".parse().ok();
    assert_eq!(points(scored.ranking(span("2026-07"), None), 1), None, "it did not exist in July");
    assert_eq!(Some(scored.total(1, span("2026-07"))), ten, "its ledger keeps the line");
    assert_eq!(points(scored.ranking(span("2026"), None), 1), ten);
    let heirs = Heirs::new([(1, 2)]);
    assert_eq!(points(scored.ranking_by_heirs(span("2026-07"), None, &heirs), 2), ten);
    assert_eq!(points(scored.ranking_by_heirs(span("2026-07"), None, &heirs), 1), None);
}
