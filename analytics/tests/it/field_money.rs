//! Field rulebooks that pay money: persons, fractions, tasks from above.

use analytics::facts::{AdoptionRow, CreditRole, SubmissionRow, TaskRow};

use crate::scene::{Scene, adds_up, day, ledger, parse, points, span};

const DONGMING: &str = include_str!("../../rulebooks/field/dongming-2012.toml");
const DAYING: &str = include_str!("../../rulebooks/field/daying-2022.toml");

#[test]
fn dongming_counts_fractions_and_pays_the_highest_level_once() {
    let mut scene = Scene::of(parse(DONGMING));
    let draft = |scene: &mut Scene, unit: i64, on: &str| {
        let row = scene.submission(unit, on);
        scene.facts.upsert_submission(&SubmissionRow { kind: "draft".to_owned(), ..row.clone() });
        row.id
    };
    let item = draft(&mut scene, 1, "2012-03-05");
    for _ in 0..3 {
        draft(&mut scene, 1, "2012-03-06");
    }
    scene.credit(item, CreditRole::Unit, &[(1, None), (4, None)]);
    for (publication, characters, on) in
        [("county_paper", 400, "2012-03-07"), ("province_paper", 600, "2012-03-20"), ("radio", 400, "2012-03-21")]
    {
        let row = scene.adoption(1, Some(item), publication, on);
        scene.facts.upsert_adoption(&AdoptionRow { characters, ..row });
    }
    let scored = scene.score("2012");
    // 85 + 50 for the province alone, halved.
    assert_eq!([1, 4].map(|unit| scored.money(unit, span("2012-03")).to_string()), ["67.50", "67.50"]);
    assert_eq!(points(&scored, 1, "2012-03"), "-1.5", "three and a half of five items");
    assert_eq!(points(&scored, 4, "2012-03"), "-0.5", "half of one item");
    let young = ledger(&scored, 2, "2012-03");
    assert_eq!(young.iter().filter(|line| line.contains("young.draft")).count(), 4, "four weeks end in March");
    assert_eq!(points(&scored, 2, "2012-03"), "-4", "four weeks, no publication, one item short");
    for unit in 1..=4 {
        adds_up(&scored, unit, "2012");
    }
}

#[test]
fn daying_pays_over_quota_and_the_quota_follows_the_task() {
    let mut scene = Scene::of(parse(DAYING));
    let adopt = |scene: &mut Scene, unit: i64, items: std::ops::Range<i64>, publication: &str| {
        for item in items {
            scene.adopt(unit, item, publication, "2022-03-05");
        }
    };
    adopt(&mut scene, 3, 0..11, "county_office");
    adopt(&mut scene, 3, 0..1, "state_office");
    adopt(&mut scene, 2, 100..130, "city_office");
    let scored = scene.score("2022");
    let money = [3, 2].map(|unit| scored.money(unit, span("2022")).to_string());
    assert_eq!(money, ["1400.00", "0.00"], "ten at 100 and one at 400; thirty are no more than the quota");
    adds_up(&scored, 3, "2022");
    scene.facts.upsert_task(&TaskRow {
        id: 1,
        task: "annual".to_owned(),
        first: day("2022-09-01"),
        amount: "132".parse().unwrap(),
    });
    assert_eq!(scene.score("2022").money(3, span("2022")).to_string(), "0.00", "eleven of eleven");
}
