//! Ranks, ties and awards.

use analytics::facts::UnitRow;

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
