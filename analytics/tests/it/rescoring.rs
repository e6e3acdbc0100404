//! After any writes, scoring only what they concern says what scoring everything says, byte for byte.

use std::fmt::Write as _;

use analytics::facts::{
    AdoptionRow, CreditRole, CreditRow, EndorsementRow, Facts, IncidentRow, ItemRow, JudgementRow, Membership,
    NamingRow, ReversalRow, SubmissionRow, TaskRow, UnitRow,
};
use analytics::frames::{RateBasis, RateBy, adoption_rates};
use analytics::period::PeriodUnit;
use analytics::points::{Money, Points};
use analytics::rulebook::{Currency, Rulebook};
use analytics::scoring::{Holder, Obligation, Scored, Versions, score, score_in_slices};
use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::random_powers::{enriched, everything};
use crate::scene::{changji, day, parse, span};
use crate::worlds::{World, worlds};

/// The reference rulebook, in which a report counts only once its item was adopted, by whomever.
fn adopted_only() -> Rulebook {
    let text = analytics::rulebook::shipped::find("changji").unwrap();
    let more = r#"
[[exclude]]
id = "unadopted"
clause = "一"
title = "未采用"
on = "submission"
where = "NOT adopted"

[[rule]]
id = "reported"
clause = "一"
title = "报送"
on = "submission"
points = "1"

[[rule]]
id = "best"
clause = "一"
title = "就高"
on = "adoption"
where = "joint_units > 1"
points = "CASE WHEN publication = 'internal' THEN 3 ELSE 2 END"
combine = "highest"

[[count]]
id = "shared_items"
name = "联合"
on = "adoption"
distinct = "submission"
among = "units"
how = "equal"

[[quota]]
id = "shared"
name = "联合"
clause = "一"
count = "shared_items"
per = "quarter"
amount = { county = 4, park = 3 }
"#;
    parse(&format!("{text}\n{more}"))
}

fn targets() -> Vec<Obligation> {
    let target = |id, holder, measure: &str| Obligation {
        id,
        holder,
        measure: measure.to_owned(),
        kind: None,
        per: PeriodUnit::Quarter,
        amount: "7".parse().unwrap(),
        follows: None,
        first: day("2026-01-01"),
        last: None,
    };
    vec![
        target(1, Holder::Network, "adopted_items"),
        target(2, Holder::Category("county".to_owned()), "total"),
        target(3, Holder::Unit(9), "reported"),
    ]
}

/// Every answer as one text.
fn answers(scored: &Scored) -> String {
    let mut text = format!("{:?}\n", scored.notes());
    for period in ["2026", "2026-H1", "2026-03", "2026-W20"] {
        let period = span(period);
        writeln!(text, "{:?}\n{:?}\n{:?}", scored.ranking(period, None), scored.lists(period), scored.awards(period))
            .unwrap();
    }
    writeln!(text, "{:?}", scored.progress(&targets(), span("2026"), day("2026-08-09"), None)).unwrap();
    for unit in -12..=13 {
        for currency in [Currency::Points, Currency::Money] {
            writeln!(text, "{unit} {:?}", scored.lines(unit, span("2026"), currency)).unwrap();
        }
        writeln!(text, "{} {}", scored.total(unit, span("2026-H1")), scored.money(unit, span("2026"))).unwrap();
        writeln!(text, "{:?}", scored.why_not(unit, "volume.monthly", span("2026-Q1"))).unwrap();
    }
    text
}

/// A write, made of four numbers.
pub(crate) type Written = (u8, i64, i64, u64);

pub(crate) fn written_day(at: u64) -> NaiveDate {
    day("2025-06-01").checked_add_days(Days::new(at % 600)).unwrap()
}

fn write(facts: &mut Facts, written: Written) {
    write_on(facts, written, written_day(written.3));
}

/// A write whose facts are of that day.
#[expect(clippy::too_many_lines, reason = "one write of each kind")]
pub(crate) fn write_on(facts: &mut Facts, (what, id, unit, at): Written, on: NaiveDate) {
    let submission = i64::try_from(at % 60).unwrap() + 1;
    let choose = |choices: &[&str]| choices[usize::try_from(id).unwrap() % choices.len()].to_owned();
    match what {
        0 => facts.upsert_submission(&SubmissionRow {
            id,
            unit,
            kind: choose(&["dynamic", "reference", "unheard_of"]),
            topic: None,
            submitted_on: on,
            received: at % 5 > 0,
            commissioned: false,
            urgent: false,
            characters: 100,
            count: 1,
        }),
        1 => facts.upsert_adoption(&AdoptionRow {
            id,
            submission: (at % 9 > 0).then_some(submission),
            unit,
            publication: choose(&["general", "internal", "xinjiang_brief", "state_council", "unheard_of"]),
            class: (at % 2 == 0).then(|| "reference".to_owned()),
            via: (at % 3 == 0).then(|| "internal".to_owned()),
            kind: None,
            topic: None,
            characters: 100,
            commissioned: false,
            adopted_on: on,
            count: 1,
        }),
        2 => facts.upsert_endorsement(&EndorsementRow {
            id,
            submission: Some(submission),
            unit,
            level: choose(&["prefecture", "region", "state"]),
            rank: None,
            kind: None,
            endorsed_on: on,
            count: 1,
        }),
        3 => {
            facts.remove_submission(id);
        }
        4 => {
            facts.remove_adoption(id);
        }
        5 => facts.upsert_item(&ItemRow {
            submission,
            near_duplicate: at % 4 == 0,
            coefficient: (at % 3 > 0).then(|| ["2", "0.5", "7"][usize::try_from(at % 3).unwrap()].parse().unwrap()),
            happened_on: Some(on),
        }),
        6 => facts.upsert_credit(&CreditRow {
            id,
            submission,
            unit: if at % 7 == 0 { -unit } else { unit },
            role: if at % 2 == 0 { CreditRole::Unit } else { CreditRole::Author },
            share: None,
        }),
        7 => {
            facts.remove_credit(id);
        }
        8 => facts.upsert_unit(&UnitRow {
            id: unit,
            name: format!("unit {unit}"),
            order: unit,
            opened_on: day("2000-01-01"),
            closed_on: (at % 5 == 0).then_some(on),
            direct_report: at % 2 == 0,
            memberships: vec![
                Membership { category: "county".to_owned(), first: day("2000-01-01"), last: None },
                Membership { category: choose(&["park", "county", "unheard_of"]), first: on, last: None },
            ],
        }),
        9 => facts.upsert_incident(&IncidentRow {
            id,
            unit,
            submission: (at % 2 == 0).then_some(submission),
            kind: choose(&["late", "untrue"]),
            occurred_on: on,
            points: None,
            count: 1,
        }),
        10 => facts.upsert_naming(&NamingRow { incident: id, level: "region".to_owned() }),
        11 => facts.upsert_judgement(&JudgementRow {
            id,
            unit,
            submission: Some(submission),
            kind: "check".to_owned(),
            origin: None,
            points: ["-13.333333", "7.1", "30"][usize::try_from(at % 3).unwrap()].parse().unwrap(),
            has_evidence: true,
            judged_on: on,
            count: 1,
        }),
        12 => facts.upsert_reversal(&ReversalRow {
            id,
            unit,
            line: format!("adopted.general@adoption:{id}"),
            line_day: on,
            version: 1,
            rule: "adopted.general".to_owned(),
            clause: "一".to_owned(),
            title: "冲正".to_owned(),
            submission: None,
            points: "-3.5".parse::<Points>().unwrap(),
            money: Money::default(),
            day: on,
        }),
        13 => facts.remove_credits_of(&std::collections::BTreeSet::from([submission]), CreditRole::Author),
        14 => facts.upsert_task(&TaskRow { id, task: "annual".to_owned(), first: on, amount: "80".parse().unwrap() }),
        15 => facts.close(span(["2026-01", "2026-02", "2026-05"][usize::try_from(id % 3).unwrap()])),
        _ => {
            for frozen in facts.within(span("2026-01")) {
                facts.freeze(&frozen);
            }
        }
    }
}

/// Most writes are of facts; what concerns everybody is rare.
fn writes() -> impl Strategy<Value = Vec<Written>> {
    let what = prop_oneof![12 => 0_u8..=2, 8 => 3_u8..=13, 1 => 14_u8..=16];
    prop::collection::vec((what, 1_i64..=70, 1_i64..=13, 0_u64..10_000), 1..=6)
}

fn check(rulebook: Rulebook, mut facts: Facts, rounds: &[Vec<Written>], rows: usize) {
    let versions: Versions = World::versions(rulebook);
    let year = span("2026");
    let mut scored = score_in_slices(&versions, &facts, year, rows);
    for round in rounds {
        let mut next = facts.clone();
        for written in round {
            write(&mut next, *written);
        }
        scored = scored.rescored(&versions, &next);
        facts = next;
        let (step, whole) = (answers(&scored), answers(&score(&versions, &facts, year)));
        assert_eq!(step, whole, "after {round:?}");
    }
    let rates = |facts: &Facts| adoption_rates(&versions, facts, year, RateBy::Unit, RateBasis::AdoptedIn);
    assert_eq!(rates(&facts), rates(&facts.clone()));
}

proptest! {
    #![proptest_config(Config { cases: 10, failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_step_says_what_the_whole_says(
        world in worlds(0..=60),
        rounds in prop::collection::vec(writes(), 1..=4),
        rows in prop::sample::select(vec![1_usize, 40, usize::MAX]),
    ) {
        check(changji(), world.facts(), &rounds, rows);
    }

    #[test]
    fn a_step_says_what_the_whole_says_under_every_power(
        world in worlds(0..=60),
        rounds in prop::collection::vec(writes(), 1..=4),
        rows in prop::sample::select(vec![1_usize, 40, usize::MAX]),
    ) {
        check(everything(), enriched(&world), &rounds, rows);
    }

    #[test]
    fn a_step_says_what_the_whole_says_where_units_look_at_each_other(
        world in worlds(0..=60),
        rounds in prop::collection::vec(writes(), 1..=4),
        rows in prop::sample::select(vec![1_usize, 40, usize::MAX]),
    ) {
        check(adopted_only(), enriched(&world), &rounds, rows);
    }
}

#[test]
fn facts_that_come_from_elsewhere_are_scored_from_the_beginning() {
    let (one, other) = (crate::worlds::world(1, 40).facts(), crate::worlds::world(2, 40).facts());
    let versions = World::versions(changji());
    let scored = score(&versions, &one, span("2026"));
    assert_eq!(answers(&scored.rescored(&versions, &other)), answers(&score(&versions, &other, span("2026"))));
    let newer = World::versions(everything());
    assert_eq!(answers(&scored.rescored(&newer, &one)), answers(&score(&newer, &one, span("2026"))));
}

#[test]
fn many_writes_at_once_and_many_one_after_the_other_come_to_the_same() {
    let mut facts = crate::worlds::world(3, 200).facts();
    for unit in 20..=200 {
        write(&mut facts, (8, 1, unit, 1));
        write(&mut facts, (1, unit, unit, unit.unsigned_abs() * 7));
    }
    let versions = World::versions(changji());
    let year = span("2026");
    let before = score_in_slices(&versions, &facts, year, 50);
    let mut after = before.clone();
    let mut copy = facts.clone();
    for unit in 20..=150 {
        write(&mut copy, (0, unit, unit, unit.unsigned_abs() * 11));
        if unit % 40 == 0 {
            after = after.rescored(&versions, &copy);
        }
    }
    let expected = answers(&score(&versions, &copy, year));
    assert_eq!(answers(&after.rescored(&versions, &copy)), expected);
    assert_eq!(answers(&before.rescored(&versions, &copy)), expected);
}
