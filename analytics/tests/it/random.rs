//! Random worlds: the ledger adds up, and a naive count row by row says the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use analytics::facts::{
    AdoptionRow, AssignmentRow, EndorsementRow, Facts, IncidentRow, SubmissionRow, UnitRow,
};
use analytics::points::{Money, Points};
use analytics::rulebook::{Currency, Rulebook};
use analytics::scoring::{Amount, Scored, Versions, score};
use chrono::{Datelike, Days, NaiveDate};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::scene::{Scene, changji, day, span};

/// Facts of seven counties and three parks over 2025 and 2026.
#[derive(Debug, Clone)]
pub(crate) struct World {
    units: Vec<UnitRow>,
    submissions: Vec<SubmissionRow>,
    adoptions: Vec<AdoptionRow>,
    endorsements: Vec<EndorsementRow>,
    assignments: Vec<AssignmentRow>,
    incidents: Vec<IncidentRow>,
}

impl World {
    pub(crate) fn len(&self) -> usize {
        self.units.len()
            + self.submissions.len()
            + self.adoptions.len()
            + self.endorsements.len()
            + self.assignments.len()
            + self.incidents.len()
    }

    /// Puts the fact of that place among all of them.
    pub(crate) fn put(&self, facts: &mut Facts, mut index: usize) {
        macro_rules! put {
            ($rows:expr, $upsert:ident) => {
                if let Some(row) = $rows.get(index) {
                    facts.$upsert(row);
                    return;
                }
                index -= $rows.len();
            };
        }
        put!(self.units, upsert_unit);
        put!(self.submissions, upsert_submission);
        put!(self.adoptions, upsert_adoption);
        put!(self.endorsements, upsert_endorsement);
        put!(self.assignments, upsert_assignment);
        if let Some(row) = self.incidents.get(index) {
            facts.upsert_incident(row);
        }
    }

    pub(crate) fn versions(rulebook: Rulebook) -> Versions {
        Versions::new(vec![(1, rulebook.effective_from(), Arc::new(rulebook))])
    }

    fn facts(&self) -> Facts {
        let mut facts = Facts::new();
        for index in 0..self.len() {
            self.put(&mut facts, index);
        }
        facts
    }
}

/// The same world every time.
pub(crate) fn world(seed: u8, size: usize) -> World {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    worlds(size..=size).new_tree(&mut runner).unwrap().current()
}

fn days() -> impl Strategy<Value = NaiveDate> {
    (0_u64..730).prop_map(|days| day("2025-01-01").checked_add_days(Days::new(days)).unwrap())
}

fn one_of(codes: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(codes).prop_map(str::to_owned)
}

#[expect(
    clippy::too_many_lines,
    reason = "one plain block for each kind of fact"
)]
fn worlds(size: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = World> {
    let submission = (
        1_i64..=10,
        days(),
        prop::bool::weighted(0.9),
        one_of(&["dynamic", "reference", "unheard_of"]),
    );
    let publication = one_of(&[
        "general",
        "internal",
        "internal",
        "xinjiang_brief",
        "yesterday_brief",
        "state_council",
    ]);
    let class = prop::option::of(one_of(&["dynamic", "special_report", "reference"]));
    let adoption = (
        1_i64..=10,
        prop::option::weighted(0.9, 1_i64..=60),
        days(),
        publication,
        class,
        any::<bool>(),
        1_i64..=3,
    );
    let endorsement = (
        1_i64..=10,
        prop::option::weighted(0.9, 1_i64..=30),
        days(),
        one_of(&["county", "prefecture", "region", "state"]),
    );
    let assignment = (
        1_i64..=10,
        days(),
        one_of(&["open", "answered", "late", "missed", "off_topic", "excused"]),
        any::<bool>(),
    );
    let incident = (1_i64..=10, days(), one_of(&["late", "untrue"]));
    let few = (size.start() / 4)..=(size.end() / 4);
    let rows = (
        prop::collection::vec(submission, size.clone()),
        prop::collection::vec(adoption, size),
        prop::collection::vec(endorsement, few.clone()),
        prop::collection::vec(assignment, few.clone()),
        prop::collection::vec(incident, few),
    );
    rows.prop_map(
        |(submissions, adoptions, endorsements, assignments, incidents)| World {
            units: Scene::changji()
                .facts
                .units()
                .values()
                .filter(|unit| unit.id <= 10)
                .cloned()
                .collect(),
            submissions: (1..)
                .zip(submissions)
                .map(|(id, (unit, submitted_on, received, kind))| SubmissionRow {
                    id,
                    unit,
                    kind,
                    topic: None,
                    submitted_on,
                    received,
                    commissioned: false,
                    urgent: false,
                    characters: 100,
                    count: 1,
                })
                .collect(),
            adoptions: (1..)
                .zip(adoptions)
                .map(
                    |(
                        id,
                        (unit, submission, adopted_on, publication, class, is_through, count),
                    )| AdoptionRow {
                        id,
                        submission,
                        unit,
                        publication,
                        class,
                        via: is_through.then(|| "internal".to_owned()),
                        kind: None,
                        topic: None,
                        characters: 100,
                        commissioned: false,
                        adopted_on,
                        count: if submission.is_none() { count } else { 1 },
                    },
                )
                .collect(),
            endorsements: (1..)
                .zip(endorsements)
                .map(
                    |(id, (unit, submission, endorsed_on, level))| EndorsementRow {
                        id,
                        submission,
                        unit,
                        level,
                        rank: None,
                        kind: None,
                        endorsed_on,
                        count: 1,
                    },
                )
                .collect(),
            assignments: (1..)
                .zip(assignments)
                .map(|(id, (unit, due_on, outcome, is_decided))| AssignmentRow {
                    id,
                    unit,
                    origin: None,
                    outcome,
                    decided_on: is_decided.then_some(due_on),
                    due_on,
                    count: 1,
                })
                .collect(),
            incidents: (1..)
                .zip(incidents)
                .map(|(id, (unit, occurred_on, kind))| IncidentRow {
                    id,
                    unit,
                    submission: None,
                    kind,
                    occurred_on,
                    points: None,
                    count: 1,
                })
                .collect(),
        },
    )
}

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
                let paid = if row.publication == "xinjiang_brief" {
                    ("brief", 500)
                } else {
                    ("yesterday", 100)
                };
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
        once(
            rule,
            row.submission.unwrap_or(-row.id),
            row.endorsed_on,
            amount,
        );
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
        row.unit == unit
            && year.contains(row.due_on)
            && ["late", "missed", "off_topic"].contains(&row.outcome.as_str())
    };
    points -= 10 * i64::try_from(world.assignments.iter().filter(failed).count()).unwrap();
    let untrue = |row: &&IncidentRow| {
        row.unit == unit && year.contains(row.occurred_on) && row.kind == "untrue"
    };
    points -= 50 * i64::try_from(world.incidents.iter().filter(untrue).count()).unwrap();
    let (quota, floor) = if unit <= 7 { (100, 5) } else { (30, 10) };
    for month in 1..=12 {
        let is_in = |on: NaiveDate| (on.year(), on.month()) == (2026, month);
        let reported = world
            .submissions
            .iter()
            .filter(|row| row.unit == unit && row.received && is_in(row.submitted_on))
            .count();
        let adopted = || {
            world
                .adoptions
                .iter()
                .filter(|row| row.unit == unit && is_in(row.adopted_on))
        };
        let items: BTreeSet<i64> = adopted().filter_map(|row| row.submission).collect();
        let tallies: i64 = adopted()
            .filter(|row| row.submission.is_none())
            .map(|row| row.count)
            .sum();
        let adopted_items = i64::try_from(items.len()).unwrap() + tallies;
        let reported = i64::try_from(reported).unwrap();
        if reported >= quota && adopted_items * 100 >= reported * floor {
            points += 20;
        }
    }
    (points, money)
}

fn check_sums(scored: &Scored, unit: i64) {
    for period in [
        "2026",
        "2026-H1",
        "2026-Q4",
        "2026-02",
        "2026-W20",
        "2026-05-05",
        "2026-02..2026-11",
    ] {
        let mut points = Points::ZERO;
        for line in scored.lines(unit, span(period), Currency::Points) {
            let Amount::Points(amount) = line.amount else {
                panic!("{line:?}")
            };
            assert!(
                span(period).contains(line.day) && !line.clause.is_empty(),
                "{line:?}"
            );
            assert!(
                !line.facts.is_empty() && !line.inputs.is_empty(),
                "{line:?}"
            );
            points = points.checked_add(amount).unwrap();
        }
        assert_eq!(
            points,
            scored.total(unit, span(period)),
            "unit {unit} in {period}"
        );
        let ranked = scored
            .ranking(span(period), None)
            .into_iter()
            .find(|row| row.unit == unit)
            .unwrap();
        assert_eq!(ranked.points, points);
        let mut money = Money::ZERO;
        for line in scored.lines(unit, span(period), Currency::Money) {
            let Amount::Money(amount) = line.amount else {
                panic!("{line:?}")
            };
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
        assert_eq!(
            scored.total(unit, span("2026")).to_string(),
            points.to_string(),
            "unit {unit}"
        );
        assert_eq!(
            scored.money(unit, span("2026")).fen(),
            money * 100,
            "unit {unit}"
        );
    }
    let gates = scored
        .lines(8, span("2026"), Currency::Points)
        .iter()
        .filter(|line| line.rule == "volume.monthly")
        .count();
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
