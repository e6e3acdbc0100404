//! Closed periods: whatever is said afterwards, their lines stay.

use std::fmt::Write as _;

use analytics::facts::{EndorsementRow, Facts, ItemRow};
use analytics::rulebook::{Currency, Rulebook};
use analytics::scoring::score;
use chrono::Days;
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::random_powers::{enriched, everything};
use crate::rescoring::{Written, write_on, written_day};
use crate::scene::{Scene, adds_up, changji, day, ledger, span};
use crate::worlds::{World, worlds};

#[test]
fn an_item_adopted_after_the_closing_was_not_adopted_by_then() {
    let rules = r#"
exclude = [{ id = "unadopted", clause = "六", title = "未采用", on = "submission", where = "NOT adopted" }]
rule = [{ id = "reported", clause = "一", title = "报送", on = "submission", points = "1" }]
"#;
    let mut scene = Scene::small(rules);
    let (march, april) = (scene.submit(1, "2026-03-03"), scene.submit(1, "2026-04-03"));
    let known = scene.submit(1, "2026-03-04");
    scene.adopt(1, known, "daily", "2026-03-31");
    for frozen in scene.facts.within(span("2026-03")) {
        scene.facts.freeze(&frozen);
    }
    scene.facts.close(span("2026-03"));
    for item in [march, april] {
        scene.adopt(1, item, "daily", "2026-05-06");
    }
    assert_eq!(ledger(&scene.score("2026"), 1, "2026"), ["2026-03-04 reported 1", "2026-04-03 reported 1"]);
}

#[test]
fn every_line_of_a_closed_month_stays_whatever_is_said_later() {
    let mut scene = Scene::changji();
    let unit = scene.unit("阜康市");
    scene.month(unit, "2026-03", 30, 3);
    let item = scene.submit(unit, "2026-03-10");
    scene.adopt_class(unit, item, "special_report", "2026-03-12");
    let endorsement = scene.endorse(unit, Some(item), "region", "2026-03-20");
    scene.go_wrong(unit, "untrue", "2026-03-21");
    let march = span("2026-03");
    let lines = |scene: &Scene| {
        let scored = scene.score("2026");
        [Currency::Points, Currency::Money].map(|currency| scored.lines(unit, march, currency))
    };
    let (before, ranking) = (lines(&scene), scene.score("2026").ranking(march, None));
    assert!(!before[0].is_empty());
    let frozen = scene.facts.within(march);
    for frozen in &frozen {
        scene.facts.freeze(frozen);
    }
    scene.facts.close(march);

    assert!(!scene.facts.remove_submission(item));
    scene.facts.upsert_endorsement(&EndorsementRow {
        id: endorsement,
        submission: Some(item),
        unit,
        level: "state".to_owned(),
        rank: None,
        kind: None,
        endorsed_on: day("2026-04-02"),
        count: 1,
    });
    let changed = ItemRow { submission: item, near_duplicate: true, coefficient: None, happened_on: None };
    scene.facts.upsert_item(&changed);
    scene.month(unit, "2026-04", 100, 5);
    scene.adopt_class(unit, item, "special_report", "2026-04-12");
    scene.endorse(unit, Some(item), "region", "2026-04-20");
    assert_eq!(lines(&scene), before);
    assert_eq!(scene.score("2026").ranking(march, None), ranking);
    assert_eq!(scene.facts.within(march), frozen);
}

#[test]
fn a_higher_fact_after_the_closing_gives_the_difference() {
    let rules = r#"
rule = [{ id = "best", clause = "一", title = "就高", on = "adoption", combine = "highest", points = """
CASE WHEN publication = 'daily' THEN 2 ELSE 7 END
""" }]
"#;
    let mut scene = Scene::small(rules);
    let item = scene.submit(1, "2026-03-03");
    scene.adopt(1, item, "daily", "2026-03-05");
    close(&mut scene.facts, &["2026-03"]);
    assert_eq!(ledger(&scene.score("2026"), 1, "2026"), ["2026-03-05 best 2"]);
    scene.adopt(1, item, "brief", "2026-04-02");
    assert_eq!(ledger(&scene.score("2026"), 1, "2026"), ["2026-03-05 best 2", "2026-04-02 best 5"]);
    close(&mut scene.facts, &["2026-04"]);
    scene.adopt(1, item, "daily", "2026-05-02");
    scene.adopt(1, item, "brief", "2026-05-03");
    assert_eq!(ledger(&scene.score("2026"), 1, "2026"), ["2026-03-05 best 2", "2026-04-02 best 5"]);
}

fn close(facts: &mut Facts, periods: &[&str]) {
    for period in periods {
        for frozen in facts.within(span(period)) {
            facts.freeze(&frozen);
        }
        facts.close(span(period));
    }
}

/// Everything that is said of the closed months, as one text.
fn of_closed(rulebook: &Rulebook, facts: &Facts) -> String {
    let scored = score(&World::versions(rulebook.clone()), facts, span("2026"));
    let mut text = String::new();
    for period in ["2026-Q1", "2026-01", "2026-02", "2026-03", "2026-W07"] {
        let period = span(period);
        writeln!(text, "{:?}\n{:?}", scored.ranking(period, None), scored.lists(period)).unwrap();
        for unit in 1..=10 {
            for currency in [Currency::Points, Currency::Money] {
                for line in scored.lines(unit, period, currency) {
                    writeln!(text, "{unit} {line:?}").unwrap();
                }
            }
        }
    }
    for unit in 1..=10 {
        adds_up(&scored, unit, "2026");
    }
    text
}

/// What is written once the first quarter is closed: facts of closed days, or of days before them, count on open ones.
fn late(facts: &mut Facts, written: Written) {
    let on = written_day(written.3);
    let on = if on <= day("2026-03-31") { day("2026-04-01") + Days::new(written.3 % 200) } else { on };
    write_on(facts, written, on);
}

fn late_writes() -> impl Strategy<Value = Vec<Written>> {
    // Units do not change on closed days, a task is not set for them, and an appeal is decided once.
    let what = prop_oneof![0_u8..=7, 9_u8..=11, 13_u8..=13];
    prop::collection::vec((what, 1_i64..=70, 1_i64..=10, 0_u64..10_000), 1..=25)
}

proptest! {
    #![proptest_config(Config { cases: 20, failure_persistence: None, ..Config::default() })]

    #[test]
    fn nothing_that_comes_later_changes_a_closed_period(
        world in worlds(0..=60),
        written in late_writes(),
        plain in any::<bool>(),
    ) {
        let (rulebook, mut facts) = if plain { (changji(), world.facts()) } else { (everything(), enriched(&world)) };
        close(&mut facts, &["2026-01", "2026-02", "2026-03"]);
        let before = of_closed(&rulebook, &facts);
        for written in written {
            late(&mut facts, written);
        }
        prop_assert_eq!(of_closed(&rulebook, &facts), before);
    }
}
