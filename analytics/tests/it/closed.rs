//! Closed periods: whatever is said afterwards, their lines stay.

use analytics::facts::{EndorsementRow, ItemRow};
use analytics::rulebook::Currency;

use crate::scene::{Scene, day, ledger, span};

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
