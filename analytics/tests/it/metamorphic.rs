//! What must not matter does not matter, and what may only help only helps.

use analytics::facts::{AdoptionRow, Facts, SubmissionRow};
use analytics::rulebook::Currency;
use analytics::scoring::{score, why_not};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::random_powers::{enriched, everything};
use crate::scene::{changji, day, span};
use crate::worlds::{World, world, worlds};

/// Every answer about the year as one text.
fn told(facts: &Facts) -> String {
    let scored = score(&World::versions(everything()), facts, span("2026"));
    let lines: Vec<_> = (1..=10)
        .flat_map(|unit| [Currency::Points, Currency::Money].map(|currency| scored.lines(unit, span("2026"), currency)))
        .collect();
    format!("{:?}{:?}{:?}{lines:?}", scored.notes(), scored.ranking(span("2026"), None), scored.awards(span("2026")))
}

#[test]
fn the_order_of_arrival_does_not_matter_under_any_power() {
    let world = world(5, 200);
    let facts = enriched(&world);
    // The same facts, put in once more from the last to the first.
    let mut again = facts.clone();
    for index in 0..world.len() {
        world.put(&mut again, world.len() - 1 - index);
    }
    let mut backward = Facts::new();
    for index in (0..world.len()).rev() {
        world.put(&mut backward, index);
    }
    let expected = told(&facts);
    assert_eq!(told(&again), expected);
    let plain = World::versions(changji());
    let year = span("2026");
    let (forward, backward) = (score(&plain, &world.facts(), year), score(&plain, &backward, year));
    assert_eq!(forward.ranking(year, None), backward.ranking(year, None));
}

#[test]
fn names_do_not_matter() {
    let world = world(6, 150);
    let facts = enriched(&world);
    let mut renamed = facts.clone();
    for unit in facts.units().values() {
        renamed.upsert_unit(&analytics::facts::UnitRow { name: format!("某{}", unit.id), ..unit.clone() });
    }
    assert_eq!(told(&renamed), told(&facts));
}

proptest! {
    #![proptest_config(Config { cases: 16, failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_range_that_is_split_adds_up(world in worlds(0..=100), cut in 1_u32..12) {
        // Rounding belongs to a span, so the figures of the reference rulebook, which are whole, are compared.
        let scored = score(&World::versions(changji()), &world.facts(), span("2026"));
        let (left, right) = (format!("2026-01..2026-{cut:02}"), format!("2026-{:02}..2026-12", cut + 1));
        for unit in 1..=10 {
            let sum = scored.total(unit, span(&left)).checked_add(scored.total(unit, span(&right))).unwrap();
            prop_assert_eq!(sum, scored.total(unit, span("2026")));
        }
    }

    #[test]
    fn one_more_adopted_item_never_lowers_a_score(world in worlds(0..=100), unit in 1_i64..=10, month in 1_u32..=12) {
        let mut facts = world.facts();
        let versions = World::versions(changji());
        let before = score(&versions, &facts, span("2026"));
        let on = day(&format!("2026-{month:02}-11"));
        facts.upsert_submission(&SubmissionRow {
            id: 10_000, unit, kind: "dynamic".to_owned(), topic: None, submitted_on: on, received: true,
            commissioned: false, urgent: false, characters: 100, count: 1,
        });
        facts.upsert_adoption(&AdoptionRow {
            id: 10_000, submission: Some(10_000), unit, publication: "general".to_owned(), class: None, via: None,
            kind: None, topic: None, characters: 100, commissioned: false, adopted_on: on, count: 1,
        });
        let after = score(&versions, &facts, span("2026"));
        for other in 1..=10 {
            let (was, is) = (before.total(other, span("2026")), after.total(other, span("2026")));
            let is_sound = if other == unit { is >= was } else { is == was };
            prop_assert!(is_sound, "unit {other}: {was} became {is}");
        }
    }
}

#[test]
fn one_more_unadopted_item_lowers_a_score_only_through_the_rate_and_the_explanation_says_so() {
    let mut scene = crate::scene::Scene::changji();
    scene.month(8, "2026-03", 30, 3);
    scene.month(9, "2026-03", 29, 3);
    let before = scene.score("2026");
    for unit in [8, 9] {
        scene.submit(unit, "2026-03-20");
    }
    let after = scene.score("2026");
    let total = |scored: &analytics::scoring::Scored, unit| scored.total(unit, span("2026-03")).to_string();
    assert_eq!([total(&before, 8), total(&after, 8)], ["20", "0"]);
    assert_eq!([total(&before, 9), total(&after, 9)], ["0", "20"]);
    let why = why_not(&scene.versions(), &scene.facts, 8, "volume.monthly", span("2026-03"));
    let obstacles: Vec<_> = why[0].obstacles.iter().map(|obstacle| obstacle.condition.as_str()).collect();
    assert_eq!(obstacles, ["adopted_items * 100 >= reported * rate_floor"]);
    assert_eq!(why[0].obstacles[0].short.unwrap().to_string(), "10", "ten hundredths of an item");
}
