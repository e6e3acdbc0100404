//! Ranks, ties and awards.

use analytics::facts::UnitRow;
use analytics::scoring::AwardOutcome;

use crate::scene::{Scene, day, span};

/// Units of the first category with 500, 480, 470 and 470 points, the others without.
fn tied(scene: &mut Scene) {
    for (unit, points) in [(3, 500), (5, 480), (1, 470), (7, 470)] {
        for _ in 0..points / 10 {
            let item = scene.submit(unit, "2026-03-02");
            scene.adopt(unit, item, "general", "2026-03-05");
        }
    }
}

#[test]
fn equal_points_give_equal_ranks_and_the_next_rank_is_left_out() {
    let mut scene = Scene::changji();
    tied(&mut scene);
    let item = scene.submit(2, "2026-03-02");
    scene.adopt(2, item, "general", "2026-03-05");
    let rows = scene.score("2026").ranking(span("2026"), Some("county"));
    let found: Vec<_> = rows.iter().map(|row| (row.unit, row.points.to_string(), row.rank, row.tied)).collect();
    let expected = [
        (3, "500", 1, false),
        (5, "480", 2, false),
        (1, "470", 3, true),
        (7, "470", 3, true),
        (2, "10", 5, false),
        (4, "0", 6, true),
        (6, "0", 6, true),
    ];
    assert_eq!(found, expected.map(|(unit, points, rank, tied)| (unit, points.to_owned(), rank, tied)));
    assert!(rows.iter().all(|row| row.of == 7));
}

#[test]
fn the_ranking_lists_every_unit_by_category_in_the_order_of_the_rulebook() {
    let rows = Scene::changji().score("2026").ranking(span("2026-Q1"), None);
    assert_eq!(rows.len(), 75);
    let mut categories: Vec<_> = rows.iter().map(|row| row.category.as_str()).collect();
    categories.dedup();
    assert_eq!(categories, ["county", "park", "key_department", "other_department"]);
    assert!(rows.iter().all(|row| row.rank == 1 && row.tied), "nobody has done anything yet");
}

#[test]
fn the_first_three_are_four_when_two_tie_for_the_third_place() {
    let mut scene = Scene::changji();
    tied(&mut scene);
    let lines = scene.score("2026").awards(span("2026"));
    let found: Vec<_> = lines.iter().map(|line| (line.award.as_str(), line.unit, line.rank, line.undecided)).collect();
    let expected = [(3, 1), (5, 2), (1, 3), (7, 3)];
    assert_eq!(found, expected.map(|(unit, rank)| ("advanced.county", unit, rank, false)));
    assert!(lines.iter().all(|line| line.money.to_string() == "2000.00" && line.clause == "附件2 二(一)、三(一)"));
}

#[test]
fn without_any_points_nobody_wins() {
    assert!(Scene::changji().score("2026").awards(span("2026")).is_empty());
}

#[test]
fn a_manual_award_leaves_the_tie_at_its_last_place_to_a_person() {
    let mut scene = Scene::small(
        r#"
rule = [{ id = "adopted", clause = "一", title = "采用", on = "adoption", points = "10" }]
award = [{ id = "first", clause = "二", title = "先进", category = "a", top = 2, ties = "manual", money = "100.50" }]
"#,
    );
    for (unit, adopted) in [(1, 2), (2, 1), (3, 1)] {
        for _ in 0..adopted {
            let item = scene.submit(unit, "2026-03-02");
            scene.adopt(unit, item, "daily", "2026-03-05");
        }
    }
    let lines = scene.score("2026").awards(span("2026"));
    let found: Vec<_> = lines.iter().map(|line| (line.unit, line.undecided, line.money.to_string())).collect();
    assert_eq!(
        found,
        [(1, false), (2, true), (3, true)].map(|(unit, undecided)| (unit, undecided, "100.50".to_owned()))
    );
}

#[test]
fn a_unit_is_ranked_in_the_last_category_that_it_had_in_the_span() {
    let mut scene = Scene::changji();
    let mut unit: UnitRow = scene.facts.units()[&11].clone();
    unit.memberships[0].last = Some(day("2026-06-30"));
    unit.memberships.push(analytics::facts::Membership {
        category: "other_department".to_owned(),
        first: day("2026-07-01"),
        last: None,
    });
    let before = scene.score("2026").ranking(span("2026-H1"), None);
    scene.facts.upsert_unit(&unit);
    let scored = scene.score("2026");
    assert_eq!(scored.ranking(span("2026-H1"), None), before, "a move in July changes nothing in June");
    let category = |period: &str| {
        let rows = scored.ranking(span(period), None);
        rows.into_iter().find(|row| row.unit == 11).map(|row| row.category)
    };
    assert_eq!(category("2026-Q2").as_deref(), Some("key_department"));
    assert_eq!(category("2026").as_deref(), Some("other_department"));
}

#[test]
fn a_closed_unit_is_ranked_as_long_as_it_was_open_and_owes_nothing_afterwards() {
    let mut scene = Scene::changji();
    scene.month(8, "2026-03", 30, 3);
    let unit = UnitRow { closed_on: Some(day("2026-03-15")), ..scene.facts.units()[&8].clone() };
    scene.facts.upsert_unit(&unit);
    let scored = scene.score("2026");
    assert_eq!(scored.total(8, span("2026-03")).to_string(), "0", "the month's points are given on its last day");
    assert_eq!(scored.ranking(span("2026-03"), Some("park")).len(), 3);
    assert_eq!(scored.ranking(span("2026-04"), Some("park")).len(), 2);
}

fn outcomes(scene: &Scene) -> Vec<(i64, u32, AwardOutcome)> {
    let lines = scene.score("2026").awards(span("2026"));
    lines.iter().map(|line| (line.unit, line.rank, line.outcome)).collect()
}

const ELIGIBILITY: &str = r#"
count = [
    { id = "failed", name = "失约", on = "assignment", where = "outcome = 'missed'" },
    { id = "officers", name = "信息员", on = "staffing", where = "duty = 'full_time'" },
]
rule = [{ id = "adopted", clause = "一", title = "采用", on = "adoption", points = "10" }]
list = [
    { id = "lost", clause = "三", title = "取消资格", on = "year", where = "failed >= 2" },
    { id = "staffed", clause = "四", title = "人员到位", on = "year", where = "officers >= 1" },
]
"#;

#[test]
fn whoever_is_passed_over_and_whoever_moves_up_are_both_told_with_the_evidence() {
    let award = r#"award = [{ id = "first", clause = "二", title = "先进", category = "a", top = 1, ties = "include", unless = ["lost"] }]"#;
    let mut scene = Scene::small(&format!("{ELIGIBILITY}{award}\n"));
    for (unit, adopted) in [(1, 3), (2, 2), (3, 1)] {
        for _ in 0..adopted {
            let item = scene.submit(unit, "2026-03-02");
            scene.adopt(unit, item, "daily", "2026-03-05");
        }
    }
    scene.assign(1, "missed", Some("2026-04-01"), "2026-04-01");
    assert_eq!(outcomes(&scene), [(1, 1, AwardOutcome::Wins)]);
    scene.assign(1, "missed", Some("2026-05-01"), "2026-05-01");
    assert_eq!(outcomes(&scene), [(1, 1, AwardOutcome::PassedOver), (2, 2, AwardOutcome::MovesUp)]);
    let lines = scene.score("2026").awards(span("2026"));
    let bar = &lines[0].bars[0];
    assert_eq!((bar.list.as_str(), bar.clause.as_str(), bar.missing), ("lost", "三", false));
    let inputs: Vec<_> = bar.inputs.iter().map(|input| (input.name.as_str(), input.value.as_str())).collect();
    assert_eq!((inputs, bar.facts.len()), (vec![("failed", "2")], 2));
    assert_eq!(lines[1].in_place_of, [1]);
}

#[test]
fn a_precondition_is_a_list_on_which_the_winner_must_stand() {
    let award = r#"award = [{ id = "first", clause = "二", title = "先进", category = "a", top = 1, ties = "include", requires = ["staffed"] }]"#;
    let mut scene = Scene::small(&format!("{ELIGIBILITY}{award}\n"));
    for (unit, adopted) in [(1, 3), (2, 2)] {
        for _ in 0..adopted {
            let item = scene.submit(unit, "2026-03-02");
            scene.adopt(unit, item, "daily", "2026-03-05");
        }
    }
    scene.staff(2, "full_time", "2026-01-01", None);
    assert_eq!(outcomes(&scene), [(1, 1, AwardOutcome::PassedOver), (2, 2, AwardOutcome::MovesUp)]);
    let lines = scene.score("2026").awards(span("2026"));
    assert!(lines[0].bars[0].missing && lines[0].bars[0].inputs[0].value == "0");
}

#[test]
fn a_tie_break_decides_as_far_as_it_reaches_and_a_person_decides_the_rest() {
    let rules = r#"
count = [{ id = "reported", name = "报送", on = "submission", where = "received" }]
rule = [{ id = "adopted", clause = "一", title = "采用", on = "adoption", points = "10" }]
award = [{ id = "first", clause = "二", title = "先进", category = "a", top = 1, ties = "tie_break", tie_break = ["reported"] }]
"#;
    let mut scene = Scene::small(rules);
    for unit in [1, 2, 3] {
        let item = scene.submit(unit, "2026-03-02");
        scene.adopt(unit, item, "daily", "2026-03-05");
    }
    scene.submit(2, "2026-03-02");
    let found = outcomes(&scene);
    assert_eq!(found, [(1, 1, AwardOutcome::LosesTie), (2, 1, AwardOutcome::Wins), (3, 1, AwardOutcome::LosesTie)]);
    scene.submit(3, "2026-03-02");
    let lines = scene.score("2026").awards(span("2026"));
    let found: Vec<_> = lines.iter().map(|line| (line.unit, line.outcome, line.places)).collect();
    assert_eq!(
        found,
        [(1, AwardOutcome::LosesTie, 0), (2, AwardOutcome::Undecided, 1), (3, AwardOutcome::Undecided, 1)]
    );
    assert!(lines.iter().all(|line| line.at_the_cut));
}

#[test]
fn submissions_win_by_the_points_of_the_rules_that_the_award_names() {
    let rules = r#"
rule = [
    { id = "adopted.daily", clause = "一", title = "采用", on = "adoption", where = "publication = 'daily'", points = "10" },
    { id = "adopted.brief", clause = "一", title = "采用", on = "adoption", where = "publication = 'brief'", points = "1" },
]
award = [
    { id = "best", clause = "二", title = "优秀信息", of = "item", top = 1, ties = "include" },
    { id = "best.brief", clause = "二", title = "优秀简报", of = "item", rules = ["adopted.brief"], category = "b", top = 2, ties = "manual" },
]
"#;
    let mut scene = Scene::small(rules);
    let (first, second) = (scene.submit(1, "2026-03-02"), scene.submit(4, "2026-03-02"));
    scene.adopt(1, first, "daily", "2026-03-05");
    scene.adopt(1, first, "brief", "2026-03-05");
    scene.adopt(4, second, "daily", "2026-03-05");
    scene.adopt(4, second, "brief", "2026-03-06");
    scene.adopt(4, second, "brief", "2026-03-07");
    let lines = scene.score("2026").awards(span("2026"));
    let found: Vec<_> =
        lines.iter().map(|line| (line.award.as_str(), line.submission, line.points.to_string(), line.rank)).collect();
    assert_eq!(found, [("best", Some(second), "12".to_owned(), 1), ("best.brief", Some(second), "2".to_owned(), 1)]);
}
