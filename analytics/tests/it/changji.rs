//! The reference rulebook: every line of its table, and every golden case.

use analytics::rulebook::{Currency, Deadline};
use analytics::scoring::NoteKind;

use crate::scene::{Scene, changji, day, ledger, points, span};

const COUNTY: i64 = 1;
const PARK: i64 = 8;
const KEY: i64 = 11;
const OTHER: i64 = 49;

#[test]
fn the_categories_have_the_members_that_the_document_counts() {
    let rulebook = changji();
    let sizes: Vec<_> =
        rulebook.categories().iter().map(|category| (category.id.as_str(), category.members.len())).collect();
    assert_eq!(sizes, [("county", 7), ("park", 3), ("key_department", 38), ("other_department", 27)]);
    let scene = Scene::changji();
    assert_eq!(scene.unit("昌吉市"), COUNTY);
    assert_eq!(scene.unit("准东经济技术开发区"), PARK);
    assert_eq!(scene.unit("州信访局"), KEY);
    assert_eq!(scene.unit("国家统计局昌吉调查队"), OTHER - 1);
    assert_eq!(scene.unit("州督查室"), OTHER);
}

#[test]
fn the_rulebook_says_what_its_document_says_beside_points() {
    let rulebook = changji();
    assert_eq!(rulebook.effective_from(), day("2017-05-25"));
    assert_eq!(rulebook.topics().len(), 7);
    assert_eq!(rulebook.receipt().requires, ["signatory", "writer", "contact"]);
    let due = |kind: &str, event: &str| {
        let kind = rulebook.kinds().iter().find(|known| known.id == kind).unwrap();
        kind.deadline.map(|deadline| deadline.due_on(day(event)).to_string())
    };
    assert_eq!(due("leader_speech", "2026-03-02").as_deref(), Some("2026-03-02"));
    assert_eq!(due("meeting", "2026-02-25").as_deref(), Some("2026-03-04"));
    assert_eq!(due("endorsement_follow_up", "2026-12-28").as_deref(), Some("2027-01-04"));
    assert_eq!(due("monthly_statistics", "2026-01-31").as_deref(), Some("2026-02-15"));
    assert_eq!(due("dynamic", "2026-01-31"), None);
    assert_eq!(Deadline::NextMonthDay(15).due_on(day("2026-12-01")), day("2027-01-15"));
    assert!(rulebook.rules().iter().all(|rule| rule.clause.starts_with("附件")));
}

#[test]
fn adoptions_earn_by_publication_and_class() {
    for (class, earned) in [("dynamic", "10"), ("special_report", "20"), ("reference", "40")] {
        let mut scene = Scene::changji();
        let item = scene.submit(COUNTY, "2026-03-02");
        scene.adopt_class(COUNTY, item, class, "2026-03-03");
        assert_eq!(points(&scene.score("2026"), COUNTY, "2026-03"), earned, "{class}");
        scene.adopt(COUNTY, item, "general", "2026-03-04");
        let scored = scene.score("2026");
        let both: i64 = earned.parse::<i64>().unwrap() + 10;
        assert_eq!(points(&scored, COUNTY, "2026-03"), both.to_string(), "both issues earn");
    }
}

#[test]
fn an_item_that_climbs_to_the_state_council_earns_a_hundred() {
    let mut scene = Scene::changji();
    let item = scene.submit(COUNTY, "2026-03-02");
    scene.adopt_class(COUNTY, item, "special_report", "2026-03-03");
    scene.adopt_above(COUNTY, item, "region_other", "2026-03-10");
    scene.endorse(COUNTY, Some(item), "region", "2026-03-12");
    scene.endorse(COUNTY, Some(item), "state", "2026-03-20");
    let scored = scene.score("2026");
    assert_eq!(points(&scored, COUNTY, "2026-Q1"), "100");
    assert_eq!(
        ledger(&scored, COUNTY, "2026"),
        [
            "2026-03-03 adopted.internal.special_report 20",
            "2026-03-10 adopted.region 10",
            "2026-03-12 endorsed.region 20",
            "2026-03-20 endorsed.state 50",
        ]
    );
    scene.endorse(COUNTY, Some(item), "prefecture", "2026-03-05");
    assert_eq!(points(&scene.score("2026"), COUNTY, "2026-Q1"), "110");
}

#[test]
fn several_leaders_of_one_level_and_several_publications_of_the_region_count_once_per_item() {
    let mut scene = Scene::changji();
    let item = scene.submit(COUNTY, "2026-03-02");
    scene.endorse(COUNTY, Some(item), "region", "2026-03-12");
    scene.endorse(COUNTY, Some(item), "region", "2026-03-15");
    scene.adopt_above(COUNTY, item, "xinjiang_brief", "2026-04-01");
    scene.adopt_above(COUNTY, item, "yesterday_brief", "2026-04-02");
    let scored = scene.score("2026");
    assert_eq!(ledger(&scored, COUNTY, "2026"), ["2026-03-12 endorsed.region 20", "2026-04-01 adopted.region 10"]);
    let line = &scored.lines(COUNTY, span("2026"), Currency::Points)[0];
    assert_eq!(line.facts.len(), 2);
    assert_eq!(line.submission, Some(item));
    assert_eq!(line.clause, "附件1 三(一)");
    assert!(line.note.is_some());
    let other = scene.submit(COUNTY, "2026-03-02");
    scene.endorse(COUNTY, Some(other), "region", "2026-03-12");
    assert_eq!(points(&scene.score("2026"), COUNTY, "2026"), "50");
}

#[test]
fn an_item_endorsed_in_december_does_not_earn_again_in_january() {
    let mut scene = Scene::changji();
    let item = scene.submit(COUNTY, "2025-12-20");
    scene.endorse(COUNTY, Some(item), "region", "2025-12-30");
    scene.endorse(COUNTY, Some(item), "region", "2026-01-05");
    assert_eq!(points(&scene.score("2025"), COUNTY, "2025"), "20");
    assert_eq!(points(&scene.score("2026"), COUNTY, "2026"), "0");
}

#[test]
fn an_adoption_above_that_did_not_go_through_the_internal_issue_earns_nothing_and_is_noted() {
    let mut scene = Scene::changji();
    let item = scene.submit(COUNTY, "2026-03-02");
    let id = scene.adopt(COUNTY, item, "xinjiang_brief", "2026-03-10");
    let scored = scene.score("2026");
    assert_eq!(points(&scored, COUNTY, "2026"), "0");
    let note = scored.notes().iter().find(|note| note.kind == NoteKind::Unplaced).unwrap();
    assert_eq!((note.count, note.examples.as_slice()), (1, [id].as_slice()));
}

#[test]
fn the_monthly_gate_asks_for_volume_and_rate_at_once() {
    for (unit, reported, adopted, earned) in [
        (COUNTY, 100, 5, "20"),
        (COUNTY, 100, 4, "0"),
        (COUNTY, 99, 30, "0"),
        (COUNTY, 101, 5, "0"),
        (COUNTY, 120, 6, "20"),
        (PARK, 30, 3, "20"),
        (PARK, 29, 29, "0"),
        (PARK, 31, 3, "0"),
        (KEY, 20, 2, "20"),
        (KEY, 20, 1, "0"),
        (KEY, 19, 10, "0"),
        (OTHER, 10, 1, "20"),
        (OTHER, 10, 0, "0"),
        (OTHER, 9, 9, "0"),
        (OTHER, 0, 0, "0"),
    ] {
        let mut scene = Scene::changji();
        scene.month(unit, "2026-03", reported, adopted);
        let scored = scene.score("2026");
        assert_eq!(points(&scored, unit, "2026-03"), earned, "unit {unit}: {reported} and {adopted}");
        assert_eq!(points(&scored, unit, "2026-04"), "0");
    }
}

#[test]
fn the_gate_line_names_what_it_read_and_every_item_that_it_counted() {
    let mut scene = Scene::changji();
    scene.month(PARK, "2026-03", 30, 3);
    let lines = scene.score("2026").lines(PARK, span("2026-03"), Currency::Points);
    assert_eq!(lines.len(), 1);
    let inputs: Vec<_> = lines[0].inputs.iter().map(|input| format!("{}={}", input.name, input.value)).collect();
    assert_eq!(inputs, ["reported=30", "quota_volume=30", "adopted_items=3", "rate_floor=10"]);
    assert_eq!((lines[0].facts.len(), lines[0].day), (33, day("2026-03-31")));
    assert_eq!(lines[0].key, "volume.monthly@unit:8:2026-03-31");
}

#[test]
fn refused_items_are_not_reported_and_an_item_in_three_publications_is_adopted_once() {
    let mut scene = Scene::changji();
    scene.month(OTHER, "2026-03", 9, 0);
    let row = scene.submission(OTHER, "2026-03-09");
    scene.facts.upsert_submission(&analytics::facts::SubmissionRow { received: false, ..row });
    let item = scene.submit(OTHER, "2026-02-28");
    for _ in 0..3 {
        scene.adopt(OTHER, item, "region_other", "2026-03-09");
    }
    assert_eq!(points(&scene.score("2026"), OTHER, "2026-03"), "0", "nine were received");
    scene.submit(OTHER, "2026-03-31");
    assert_eq!(points(&scene.score("2026"), OTHER, "2026-03"), "20", "ten received, one of another month adopted: 10%");
    for _ in 0..10 {
        scene.submit(OTHER, "2026-03-31");
    }
    assert_eq!(points(&scene.score("2026"), OTHER, "2026-03"), "0", "one item of twenty is 5%, whatever took it up");
}

#[test]
fn two_late_commissions_and_one_untrue_item_cost_seventy() {
    let mut scene = Scene::changji();
    scene.assign(KEY, "late", Some("2026-03-10"), "2026-03-05");
    scene.assign(KEY, "late", None, "2026-04-05");
    scene.go_wrong(KEY, "untrue", "2026-05-01");
    let scored = scene.score("2026");
    assert_eq!(points(&scored, KEY, "2026"), "-70");
    assert_eq!(
        ledger(&scored, KEY, "2026"),
        ["2026-03-10 commission.failed -10", "2026-04-05 commission.failed -10", "2026-05-01 accuracy.untrue -50"]
    );
}

#[test]
fn commissions_cost_ten_points_when_late_missed_or_off_topic_and_nothing_otherwise() {
    for (outcome, cost) in
        [("late", "-10"), ("missed", "-10"), ("off_topic", "-10"), ("answered", "0"), ("open", "0"), ("excused", "0")]
    {
        let mut scene = Scene::changji();
        scene.assign(KEY, outcome, Some("2026-03-10"), "2026-03-05");
        assert_eq!(points(&scene.score("2026"), KEY, "2026"), cost, "{outcome}");
    }
}

#[test]
fn only_untrue_items_cost_points_for_accuracy() {
    let mut scene = Scene::changji();
    scene.go_wrong(KEY, "late", "2026-05-01");
    let scored = scene.score("2026");
    assert_eq!(points(&scored, KEY, "2026"), "0");
    assert_eq!(scored.notes()[0].kind, NoteKind::Unplaced);
}
