//! Why a rule did not fire, and what a draft would change.

use std::sync::Arc;

use analytics::scoring::{Versions, simulate, why_not};

use crate::scene::{Scene, parse, small, span};

#[test]
fn a_period_rule_says_which_condition_failed_and_by_how_much() {
    let mut scene = Scene::changji();
    scene.month(1, "2026-03", 100, 4);
    scene.month(1, "2026-04", 99, 30);
    let why = |period: &str| why_not(&scene.versions(), &scene.facts, 1, "volume.monthly", span(period));
    let march = why("2026-03");
    assert_eq!((march.len(), march[0].obstacles.len(), march[0].fact), (1, 1, None));
    let rate = &march[0].obstacles[0];
    assert_eq!(rate.condition, "adopted_items * 100 >= reported * rate_floor");
    assert_eq!(rate.short.unwrap().to_string(), "100", "one item more");
    let read: Vec<_> = rate.inputs.iter().map(|input| format!("{}={}", input.name, input.value)).collect();
    assert_eq!(read, ["adopted_items=4", "reported=100", "rate_floor=5"]);
    let april = why("2026-04");
    assert_eq!(april[0].obstacles[0].condition, "reported >= quota_volume");
    assert_eq!(april[0].obstacles[0].short.unwrap().to_string(), "1");
    assert_eq!(why("2026-Q2").len(), 3);
}

#[test]
fn a_rule_that_fired_has_nothing_to_explain() {
    let mut scene = Scene::changji();
    scene.month(1, "2026-03", 100, 5);
    assert_eq!(why_not(&scene.versions(), &scene.facts, 1, "volume.monthly", span("2026-03")), []);
    assert_eq!(why_not(&scene.versions(), &scene.facts, 1, "no.such.rule", span("2026-03")), []);
}

#[test]
fn a_rule_on_facts_names_the_fact_and_an_exclusion_leaves_no_condition() {
    let mut scene = Scene::small(
        r#"
exclude = [{ id = "short", clause = "六", title = "过短", on = "adoption", where = "characters < 100" }]
rule = [{ id = "adopted", clause = "一", title = "采用", on = "adoption", where = "publication = 'brief' AND characters >= 500 AND commissioned", points = "10" }]
"#,
    );
    let wrong = scene.adopt(1, 7, "daily", "2026-03-05");
    let mut row = scene.adoption(1, Some(8), "brief", "2026-03-06");
    row.characters = 50;
    scene.facts.upsert_adoption(&row);
    let found = why_not(&scene.versions(), &scene.facts, 1, "adopted", span("2026"));
    assert_eq!(found.iter().map(|why| why.fact.unwrap().id).collect::<Vec<_>>(), [wrong, row.id]);
    let conditions: Vec<_> = found[0].obstacles.iter().map(|obstacle| obstacle.condition.as_str()).collect();
    assert_eq!(conditions, ["publication = 'brief'", "characters >= 500", "commissioned"]);
    assert_eq!(found[0].obstacles[1].short.unwrap().to_string(), "200");
    assert_eq!(found[1].obstacles, [], "it is left out before any condition is asked");
}

#[test]
fn a_draft_changes_points_and_ranks_unit_by_unit() {
    let rules = |points: &str| {
        format!(
            "rule = [{{ id = \"adopted\", clause = \"一\", title = \"采用\", on = \"adoption\", points = \"{points}\" }}]"
        )
    };
    let mut scene = Scene::small(&rules("CASE WHEN publication = 'brief' THEN 20 ELSE 5 END"));
    scene.adopt(1, 7, "brief", "2026-03-05");
    for item in 8..11 {
        scene.adopt(2, item, "daily", "2026-03-05");
    }
    let draft = parse(&small(&rules("CASE WHEN publication = 'brief' THEN 10 ELSE 5 END")));
    let draft = Versions::new(vec![(2, draft.effective_from(), Arc::new(draft))]);
    let changes = simulate(&scene.versions(), &draft, &scene.facts, span("2026"), span("2026"));
    let found: Vec<_> = changes
        .iter()
        .filter(|change| change.category == "a")
        .map(|change| (change.unit, change.difference().to_string(), change.rank_before, change.rank_after))
        .collect();
    assert_eq!(
        found,
        [(2, "0", 2, 1), (1, "-10", 1, 2), (3, "0", 3, 3)].map(|(unit, by, before, after)| (
            unit,
            by.to_owned(),
            Some(before),
            Some(after)
        ))
    );
}
