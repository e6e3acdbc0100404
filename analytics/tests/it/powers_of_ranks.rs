//! Steps 11 and 12: ties, lists, eligibility.

use crate::scene::{Scene, span};

const WORLD: &str = r#"
[[count]]
id = "reported"
name = "报送"
on = "submission"
where = "received"

[[count]]
id = "adopted_items"
name = "采用"
on = "adoption"
distinct = "submission"

[[rule]]
id = "adopted"
clause = "一"
title = "采用"
on = "adoption"
points = "CASE WHEN publication = 'brief' THEN 10 ELSE 5 END"
"#;

fn ranks(scene: &Scene) -> Vec<(i64, u32, bool)> {
    let rows = scene.score("2026").ranking(span("2026"), Some("a"));
    rows.iter().map(|row| (row.unit, row.rank, row.tied)).collect()
}

#[test]
fn equal_points_are_told_apart_by_the_figures_that_the_rulebook_names() {
    for (ranking, expected) in [
        ("", [(1, 1, true), (2, 1, true), (3, 1, true)]),
        // Unit 2 has two items for its ten points; units 1 and 3 have one each.
        ("ranking = { tie_break = [\"adopted_items\"] }\n", [(2, 1, false), (1, 2, true), (3, 2, true)]),
        (
            "ranking = { tie_break = [\"adopted_items\", \"reported\"] }\n",
            [(2, 1, false), (3, 2, false), (1, 3, false)],
        ),
    ] {
        let mut scene = Scene::small(&format!("{ranking}{WORLD}"));
        scene.adopt(1, 71, "brief", "2026-03-05");
        scene.adopt(2, 72, "daily", "2026-03-05");
        scene.adopt(2, 73, "daily", "2026-03-05");
        scene.adopt(3, 74, "brief", "2026-03-05");
        scene.submit(3, "2026-03-01");
        assert_eq!(ranks(&scene), expected, "{ranking}");
    }
}

fn listed(scene: &Scene, period: &str) -> Vec<(String, i64)> {
    scene.score("2026").lists(span(period)).into_iter().map(|row| (row.list, row.unit)).collect()
}

#[test]
fn zero_lists_look_at_several_periods_in_a_row() {
    let mut scene = Scene::small(&format!(
        r#"{WORLD}
[[list]]
id = "zero_report"
clause = "六"
title = "零报送"
on = "month"
periods = 3
where = "reported = 0"

[[list]]
id = "zero_adoption"
clause = "六"
title = "零采用"
on = "month"
where = "category = 'a' AND adopted_items = 0"
"#
    ));
    scene.submit(1, "2026-03-01");
    scene.submit(2, "2026-01-31");
    scene.adopt(1, 7, "daily", "2026-03-05");
    let named = |list: &str, units: &[i64]| units.iter().map(|unit| (list.to_owned(), *unit)).collect::<Vec<_>>();
    let expected = [named("zero_report", &[3, 4, 5]), named("zero_adoption", &[2, 3])].concat();
    assert_eq!(listed(&scene, "2026-Q1"), expected);
    assert_eq!(listed(&scene, "2026-02..2026-04")[..4], named("zero_report", &[2, 3, 4, 5]));
    let months =
        scene.score("2026").lists(span("2026-Q1"))[0].periods.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(months, ["2026-01", "2026-02", "2026-03"]);
    assert_eq!(listed(&scene, "2026-03"), named("zero_adoption", &[2, 3]), "one month is no three");
}

#[test]
fn the_last_of_every_category_are_named_with_those_that_tie() {
    let mut scene = Scene::small(&format!(
        "{WORLD}[[list]]\nid = \"last\"\nclause = \"七\"\ntitle = \"末位\"\non = \"year\"\nbottom = 1\n"
    ));
    assert_eq!(listed(&scene, "2026"), [], "where all stand equal nobody is last");
    scene.adopt(1, 7, "daily", "2026-03-05");
    scene.adopt(4, 8, "daily", "2026-03-05");
    let units: Vec<i64> = listed(&scene, "2026").into_iter().map(|(_, unit)| unit).collect();
    assert_eq!(units, [2, 3, 5]);
}

#[test]
fn who_has_lost_eligibility_wins_nothing_and_the_next_moves_up() {
    let mut scene = Scene::small(&format!(
        r#"{WORLD}
[[list]]
id = "ineligible"
clause = "八"
title = "取消评先资格"
on = "year"
where = "reported = 0"

[[award]]
id = "first"
clause = "九"
title = "先进"
category = "a"
top = 1
ties = "include"
unless = ["ineligible"]
"#
    ));
    scene.adopt(1, 7, "brief", "2026-03-05");
    scene.adopt(2, 8, "daily", "2026-03-05");
    scene.submit(2, "2026-03-01");
    let awards = scene.score("2026").awards(span("2026"));
    let found: Vec<_> = awards.iter().map(|line| (line.unit, line.rank, line.outcome.wins())).collect();
    assert_eq!(found, [(1, 1, false), (2, 2, true)]);
}

#[test]
fn voluntary_units_owe_nothing_and_may_win() {
    let mut scene = Scene::small(&format!(
        r#"{WORLD}
[[quota]]
id = "volume"
name = "报送量"
clause = "二"
count = "reported"
per = "month"
amount = {{ a = 2 }}

[[rule]]
id = "short"
clause = "二"
title = "欠报"
on = "month"
where = "reported < quota_volume"
points = "reported - quota_volume"

[[award]]
id = "voluntary"
clause = "九"
title = "先进"
category = "b"
top = 1
ties = "include"
"#
    ));
    scene.adopt(4, 7, "daily", "2026-03-05");
    let scored = scene.score("2026");
    assert_eq!(scored.total(1, span("2026-03")).to_string(), "-2");
    assert_eq!(scored.total(4, span("2026")).to_string(), "5");
    assert_eq!(scored.awards(span("2026"))[0].unit, 4);
}
