//! Random worlds: the ledger adds up, and a naive count row by row says the same.

use std::collections::{BTreeMap, BTreeSet};

use analytics::facts::{AssignmentRow, IncidentRow};
use analytics::points::{Money, Points};
use analytics::rulebook::Currency;
use analytics::scoring::{Amount, Scored, score};
use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::scene::{changji, span};
use crate::worlds::{World, world, worlds};

/// The reference rulebook of 2017 written out row by row, for the world above and the year 2026.
fn naive(world: &World, unit: i64) -> (i64, i64) {
    let year = span("2026");
    let (mut points, mut money) = (0, 0);
    // Each rule that pays an item once: the first time in the whole history decides.
    let mut firsts: BTreeMap<(&str, i64), (NaiveDate, i64)> = BTreeMap::new();
    let mut once = |rule: &'static str, item: i64, on: NaiveDate, amount: i64| {
        let entry = firsts.entry((rule, item)).or_insert((on, amount));
        entry.0 = entry.0.min(on);
    };
    // A figure without an item stands for itself; numbering it apart from every item keeps it so.
    for row in world.adoptions.iter().filter(|row| row.unit == unit) {
        let item = row.submission.unwrap_or(-row.id);
        let (is_through, count) = (row.via.is_some(), row.count);
        let flat = match (row.publication.as_str(), row.class.as_deref()) {
            ("general", _) | ("internal", Some("dynamic")) => 10,
            ("internal", Some("special_report")) => 20,
            ("internal", Some("reference")) => 40,
            _ => 0,
        };
        if year.contains(row.adopted_on) {
            points += flat * count;
        }
        match row.publication.as_str() {
            "xinjiang_brief" | "yesterday_brief" if is_through => {
                once("adopted.region", item, row.adopted_on, 10 * count);
                let paid = if row.publication == "xinjiang_brief" { ("brief", 500) } else { ("yesterday", 100) };
                once(paid.0, item, row.adopted_on, paid.1 * count);
            }
            "state_council" if is_through => once("state", item, row.adopted_on, 1000 * count),
            _ => {}
        }
    }
    for row in world.endorsements.iter().filter(|row| row.unit == unit) {
        let (rule, amount) = match row.level.as_str() {
            "prefecture" => ("endorsed.prefecture", 10),
            "region" => ("endorsed.region", 20),
            "state" => ("endorsed.state", 50),
            _ => continue,
        };
        once(rule, row.submission.unwrap_or(-row.id), row.endorsed_on, amount);
    }
    for ((rule, _), (on, amount)) in firsts {
        if year.contains(on) {
            if rule.contains('.') {
                points += amount;
            } else {
                money += amount;
            }
        }
    }
    let failed = |row: &&AssignmentRow| {
        row.unit == unit && year.contains(row.due_on) && ["late", "missed", "off_topic"].contains(&row.outcome.as_str())
    };
    points -= 10 * i64::try_from(world.assignments.iter().filter(failed).count()).unwrap();
    let untrue = |row: &&IncidentRow| row.unit == unit && year.contains(row.occurred_on) && row.kind == "untrue";
    points -= 50 * i64::try_from(world.incidents.iter().filter(untrue).count()).unwrap();
    let (quota, floor) = if unit <= 7 { (100, 5) } else { (30, 10) };
    for month in 1..=12 {
        let is_in = |on: NaiveDate| (on.year(), on.month()) == (2026, month);
        let reported =
            world.submissions.iter().filter(|row| row.unit == unit && row.received && is_in(row.submitted_on)).count();
        let adopted = || world.adoptions.iter().filter(|row| row.unit == unit && is_in(row.adopted_on));
        let items: BTreeSet<i64> = adopted().filter_map(|row| row.submission).collect();
        let tallies: i64 = adopted().filter(|row| row.submission.is_none()).map(|row| row.count).sum();
        let adopted_items = i64::try_from(items.len()).unwrap() + tallies;
        let reported = i64::try_from(reported).unwrap();
        if reported >= quota && adopted_items * 100 >= reported * floor {
            points += 20;
        }
    }
    (points, money)
}

fn check_sums(scored: &Scored, unit: i64) {
    for period in ["2026", "2026-H1", "2026-Q4", "2026-02", "2026-W20", "2026-05-05", "2026-02..2026-11"] {
        let mut points = Points::ZERO;
        for line in scored.lines(unit, span(period), Currency::Points) {
            let Amount::Points(amount) = line.amount else { panic!("{line:?}") };
            assert!(span(period).contains(line.day) && !line.clause.is_empty(), "{line:?}");
            assert!(!line.facts.is_empty() && !line.inputs.is_empty(), "{line:?}");
            points = points.checked_add(amount).unwrap();
        }
        assert_eq!(points, scored.total(unit, span(period)), "unit {unit} in {period}");
        let ranked = scored.ranking(span(period), None).into_iter().find(|row| row.unit == unit).unwrap();
        assert_eq!(ranked.points, points);
        let mut money = Money::ZERO;
        for line in scored.lines(unit, span(period), Currency::Money) {
            let Amount::Money(amount) = line.amount else { panic!("{line:?}") };
            money = money.checked_add(amount).unwrap();
        }
        assert_eq!(money, scored.money(unit, span(period)));
    }
}

#[test]
fn a_large_world_says_what_a_count_by_hand_says() {
    let world = world(9, 3000);
    let scored = score(&World::versions(changji()), &world.facts(), span("2026"));
    for unit in 1..=10 {
        let (points, money) = naive(&world, unit);
        assert_eq!(scored.total(unit, span("2026")).to_string(), points.to_string(), "unit {unit}");
        assert_eq!(scored.money(unit, span("2026")).fen(), money * 100, "unit {unit}");
    }
    let gates =
        scored.lines(8, span("2026"), Currency::Points).iter().filter(|line| line.rule == "volume.monthly").count();
    assert_eq!(gates, 0, "a month of a park in this world is too thin");
}

proptest! {
    #![proptest_config(Config { cases: 24, failure_persistence: None, ..Config::default() })]

    #[test]
    fn lines_add_up_to_the_score_in_every_span(world in worlds(0..=150)) {
        let scored = score(&World::versions(changji()), &world.facts(), span("2026"));
        for unit in 1..=10 {
            let (points, money) = naive(&world, unit);
            prop_assert_eq!(scored.total(unit, span("2026")).to_string(), points.to_string());
            prop_assert_eq!(scored.money(unit, span("2026")).fen(), money * 100);
            check_sums(&scored, unit);
        }
    }

    #[test]
    fn a_fact_that_is_taken_away_leaves_no_trace(world in worlds(1..=60), taken in 1_i64..=60) {
        let mut facts = world.facts();
        facts.remove_adoption(taken);
        let mut without = world.clone();
        without.adoptions.retain(|row| row.id != taken);
        let versions = World::versions(changji());
        let (after, never) = (score(&versions, &facts, span("2026")), score(&versions, &without.facts(), span("2026")));
        prop_assert_eq!(after.ranking(span("2026"), None), never.ranking(span("2026"), None));
        for unit in 1..=10 {
            prop_assert_eq!(after.lines(unit, span("2026"), Currency::Points), never.lines(unit, span("2026"), Currency::Points));
        }
    }
}
