//! The reference rulebook's yearly lines and its rewards.

use analytics::facts::TrainingRow;
use analytics::rulebook::Currency;
use analytics::scoring::NoteKind;

use crate::scene::{Scene, points, span};

const COUNTY: i64 = 1;
const PARK: i64 = 8;
const KEY: i64 = 11;
const OTHER: i64 = 49;

#[test]
fn training_sessions_earn_fifty_or_nothing() {
    for (unit, sizes, earned) in [
        (COUNTY, &[50, 60][..], "50"),
        (COUNTY, &[50, 49], "0"),
        (COUNTY, &[200], "0"),
        (PARK, &[5], "50"),
        (PARK, &[], "0"),
        (KEY, &[5, 5], "50"),
        (OTHER, &[1], "50"),
    ] {
        let mut scene = Scene::changji();
        for size in sizes {
            let row = scene.training(unit, "session", "2026-06-01");
            scene.facts.upsert_training(&TrainingRow { attendees: *size, ..row });
        }
        let scored = scene.score("2026");
        assert_eq!(points(&scored, unit, "2026"), earned, "unit {unit}: {sizes:?}");
        assert_eq!(points(&scored, unit, "2026-06"), "0", "the points are given at the end of the year");
    }
}

#[test]
fn secondments_earn_fifty_unless_one_was_late_unfinished_or_violated() {
    let mut scene = Scene::changji();
    let row = scene.training(COUNTY, "secondment", "2026-06-01");
    scene.facts.upsert_training(&row);
    assert_eq!(points(&scene.score("2026"), COUNTY, "2026"), "50");
    for faulty in [
        TrainingRow { on_time: false, ..row.clone() },
        TrainingRow { completed: false, ..row.clone() },
        TrainingRow { violation: true, ..row.clone() },
        TrainingRow { planned: false, ..row.clone() },
    ] {
        let mut scene = Scene::changji();
        scene.facts.upsert_training(&faulty);
        assert_eq!(points(&scene.score("2026"), COUNTY, "2026"), "0", "{faulty:?}");
        scene.facts.upsert_training(&TrainingRow { id: 7, ..row.clone() });
        let both = if faulty.planned { "0" } else { "50" };
        assert_eq!(points(&scene.score("2026"), COUNTY, "2026"), both, "a second one: {faulty:?}");
    }
    let mut scene = Scene::changji();
    scene.facts.upsert_training(&TrainingRow { unit: KEY, ..row });
    assert_eq!(points(&scene.score("2026"), KEY, "2026"), "0", "the plan is for counties and parks");
}

#[test]
fn staffing_earns_fifty_when_every_post_is_filled_at_the_end_of_the_year() {
    for (unit, duties, earned) in [
        (COUNTY, &["leader_in_charge", "full_time", "full_time"][..], "50"),
        (COUNTY, &["leader_in_charge", "full_time", "part_time"], "0"),
        (COUNTY, &["full_time", "full_time"], "0"),
        (PARK, &["leader_in_charge", "full_time"], "50"),
        (PARK, &["leader_in_charge", "part_time"], "0"),
        (KEY, &["leader_in_charge", "part_time"], "50"),
        (OTHER, &["leader_in_charge"], "0"),
    ] {
        let mut scene = Scene::changji();
        for duty in duties {
            scene.staff(unit, duty, "2025-03-01", None);
        }
        assert_eq!(points(&scene.score("2026"), unit, "2026"), earned, "unit {unit}: {duties:?}");
    }
    for (first, last, earned) in [
        ("2026-12-31", None, "50"),
        ("2027-01-01", None, "0"),
        ("2025-01-01", Some("2026-12-30"), "0"),
        ("2025-01-01", Some("2026-12-31"), "50"),
    ] {
        let mut scene = Scene::changji();
        scene.staff(KEY, "leader_in_charge", "2020-01-01", None);
        scene.staff(KEY, "full_time", first, last);
        assert_eq!(points(&scene.score("2026"), KEY, "2026"), earned, "{first} to {last:?}");
    }
}

#[test]
fn an_article_adopted_by_two_levels_is_paid_eleven_hundred_once() {
    let mut scene = Scene::changji();
    let item = scene.submit(COUNTY, "2026-03-02");
    scene.adopt_above(COUNTY, item, "yesterday_brief", "2026-03-10");
    scene.adopt_above(COUNTY, item, "state_council", "2026-04-10");
    let scored = scene.score("2026");
    assert_eq!(scored.money(COUNTY, span("2026")).to_string(), "1100.00");
    assert_eq!(scored.money(COUNTY, span("2026-03")).to_string(), "100.00");
    scene.adopt_above(COUNTY, item, "state_council", "2026-05-10");
    scene.adopt_above(COUNTY, item, "yesterday_brief", "2026-05-10");
    let scored = scene.score("2026");
    assert_eq!(scored.money(COUNTY, span("2026")).to_string(), "1100.00", "each publication pays an article once");
    let lines = scored.lines(COUNTY, span("2026"), Currency::Money);
    let rules: Vec<_> = lines.iter().map(|line| (line.rule.as_str(), line.submission)).collect();
    assert_eq!(rules, [("reward.yesterday_brief", Some(item)), ("reward.state_council", Some(item))]);
}

#[test]
fn each_higher_publication_pays_its_own_amount() {
    for (publication, paid) in [
        ("state_council", "1000.00"),
        ("xinjiang_brief", "500.00"),
        ("reference_information", "500.00"),
        ("region_special_report", "200.00"),
        ("yesterday_brief", "100.00"),
        ("region_other", "0.00"),
    ] {
        let mut scene = Scene::changji();
        let item = scene.submit(PARK, "2026-03-02");
        scene.adopt_above(PARK, item, publication, "2026-03-10");
        assert_eq!(scene.score("2026").money(PARK, span("2026")).to_string(), paid, "{publication}");
    }
}

#[test]
fn what_happened_before_the_rules_is_noted_and_earns_nothing() {
    let mut scene = Scene::changji();
    let item = scene.submit(COUNTY, "2017-05-24");
    scene.adopt(COUNTY, item, "general", "2017-05-24");
    scene.adopt(COUNTY, item, "general", "2017-05-25");
    let scored = scene.score("2017");
    assert_eq!(points(&scored, COUNTY, "2017"), "10");
    let early = scored.notes().iter().filter(|note| note.kind == NoteKind::NoVersion).count();
    assert_eq!(early, 2, "one note for submissions, one for adoptions");
}
