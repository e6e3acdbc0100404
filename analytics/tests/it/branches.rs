//! Branches of the powers that no other test walks: who begins in the middle of a year, who has no cap, money that is zeroed or divided by
//! hand, endorsements as a factor, corrections.

use analytics::facts::{AdoptionRow, CreditRole};
use analytics::rulebook::Currency;

use crate::scene::{Scene, adds_up, day, ledger, points, span};

const CHECKED: &str = r#"
[[rule]]
id = "check"
clause = "一"
title = "评查"
on = "judgement"
points = "awarded"
"#;

fn part(text: &str) -> Scene {
    Scene::small(&format!(
        "{CHECKED}[[part]]\nid = \"work\"\nclause = \"三\"\ntitle = \"工作\"\nrules = [\"check\"]\n{text}\n"
    ))
}

#[test]
fn a_unit_that_comes_in_the_year_begins_with_its_base_on_that_day() {
    let mut scene = part("base = { a = 100, b = 60 }");
    let mut late = scene.facts.units()[&2].clone();
    late.opened_on = day("2026-05-01");
    scene.facts.upsert_unit(&late);
    let mut gone = scene.facts.units()[&3].clone();
    gone.closed_on = Some(day("2025-12-31"));
    scene.facts.upsert_unit(&gone);
    let scored = scene.score("2026");
    assert_eq!(ledger(&scored, 1, "2026"), ["2026-01-01 work.base 100"]);
    assert_eq!(ledger(&scored, 2, "2026"), ["2026-05-01 work.base 100"]);
    assert_eq!(ledger(&scored, 3, "2026"), [""; 0]);
    assert_eq!(ledger(&scored, 4, "2026"), ["2026-01-01 work.base 60"]);
}

#[test]
fn a_cap_may_be_of_one_category_alone_and_of_a_quarter_or_a_half_year() {
    let mut scene =
        part("cap = [{ per = \"quarter\", most = { a = 10 } }, { per = \"half_year\", most = { a = 15 } }]");
    for unit in [1, 4] {
        for on in ["2026-02-01", "2026-05-01", "2026-08-01"] {
            scene.judge(unit, "check", "12", on);
        }
    }
    let scored = scene.score("2026");
    assert_eq!(points(&scored, 4, "2026"), "36", "the other category has no cap");
    let cut: Vec<String> = ledger(&scored, 1, "2026").into_iter().filter(|line| line.contains("cap")).collect();
    assert_eq!(
        cut,
        [
            "2026-03-31 work.cap.quarter -2",
            "2026-06-30 work.cap.quarter -2",
            "2026-06-30 work.cap.half_year -5",
            "2026-09-30 work.cap.quarter -2"
        ]
    );
    assert_eq!(points(&scored, 1, "2026"), "25");
    adds_up(&scored, 1, "2026");
}

#[test]
fn a_floor_that_is_not_reached_adds_nothing() {
    let mut scene = part("base = 100\nfloor = 0");
    scene.judge(1, "check", "-30", "2026-03-01");
    assert_eq!(ledger(&scene.score("2026"), 1, "2026"), ["2026-01-01 work.base 100", "2026-03-01 check -30"]);
}

#[test]
fn money_is_lost_by_the_same_conditions_as_points() {
    let mut scene = Scene::small(
        r#"
[[count]]
id = "items"
name = "采用"
on = "adoption"
distinct = "submission"

[[rule]]
id = "adopted"
clause = "一"
title = "采用"
on = "adoption"
points = "5"

[[rule]]
id = "fee"
clause = "二"
title = "稿酬"
on = "adoption"
money = "30"

[[zero]]
id = "unpaid"
clause = "三"
title = "未达标不奖"
on = "month"
where = "items < 2"
rules = ["fee"]
"#,
    );
    for (item, on) in [(1, "2026-03-02"), (2, "2026-03-03"), (3, "2026-04-01")] {
        scene.adopt(1, item, "daily", on);
    }
    let scored = scene.score("2026");
    assert_eq!(scored.money(1, span("2026-03")).to_string(), "60.00");
    assert_eq!(scored.money(1, span("2026-04")).to_string(), "0.00");
    assert_eq!(points(&scored, 1, "2026"), "15", "points are not named");
    adds_up(&scored, 1, "2026");
}

#[test]
fn authors_may_share_money_as_was_agreed_by_hand_or_get_a_fixed_amount() {
    let money = |how: &str, shares: [Option<&str>; 2]| {
        let mut scene = Scene::small(&format!(
            r#"
[[rule]]
id = "fee"
clause = "一"
title = "稿酬"
on = "adoption"
money = "100"

[[share]]
id = "authors"
clause = "二"
title = "撰稿人"
rules = ["fee"]
among = "authors"
{how}
"#
        ));
        scene.adopt(1, 7, "daily", "2026-03-05");
        scene.credit(7, CreditRole::Author, &[(4, shares[0]), (5, shares[1])]);
        let scored = scene.score("2026");
        adds_up(&scored, 4, "2026");
        [1, 4, 5].map(|unit| scored.money(unit, span("2026")).to_string())
    };
    assert_eq!(money("how = \"by_hand\"", [Some("0.7"), Some("0.3")]), ["0.00", "70.00", "30.00"]);
    assert_eq!(money("how = \"by_hand\"", [Some("0.7"), None]), ["100.00", "0.00", "0.00"], "one is undecided");
    assert_eq!(money("how = \"fixed\"\namount = 20", [None, None]), ["0.00", "20.00", "20.00"]);
    assert_eq!(money("how = \"whole\"", [None, None]), ["0.00", "100.00", "100.00"]);
}

#[test]
fn an_endorsement_may_be_worth_a_factor() {
    let mut scene = Scene::small(
        r#"
[[rule]]
id = "endorsed"
clause = "一"
title = "批示"
on = "endorsement"
points = "10"

[[multiply]]
id = "principal"
clause = "二"
title = "主要领导批示加倍"
rules = ["endorsed"]
on = "endorsement"
where = "level = 'province'"
by = "3"
"#,
    );
    scene.endorse(1, Some(7), "city", "2026-03-05");
    scene.endorse(1, Some(7), "province", "2026-03-06");
    let scored = scene.score("2026");
    assert_eq!(
        ledger(&scored, 1, "2026"),
        ["2026-03-05 endorsed 10", "2026-03-06 endorsed 10", "2026-03-06 principal 20"]
    );
}

#[test]
fn a_correction_moves_points_to_another_month_and_unit() {
    let mut scene = Scene::small(&CHECKED.replace("judgement", "adoption").replace("awarded", "5"));
    let row = scene.adoption(1, Some(7), "daily", "2026-03-05");
    scene.facts.upsert_adoption(&row);
    let before = scene.score("2026");
    assert_eq!(points(&before, 1, "2026-03"), "5");
    scene.facts.upsert_adoption(&AdoptionRow { unit: 2, adopted_on: day("2026-04-01"), ..row });
    let after = before.rescored(&scene.versions(), &scene.facts);
    assert_eq!([1, 2].map(|unit| points(&after, unit, "2026")), ["0", "5"]);
    assert_eq!(points(&after, 2, "2026-03"), "0");
    assert!(after.lines(1, span("2026"), Currency::Points).is_empty());
    assert_eq!(points(&before, 1, "2026-03"), "5", "what was scored stays as it was");
}
