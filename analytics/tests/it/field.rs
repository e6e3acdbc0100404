//! The field rulebooks: each loads, and each scores what its document says.

use analytics::facts::{AdoptionRow, CreditRole, EndorsementRow, JudgementRow, SubmissionRow};

use crate::scene::{Scene, adds_up, parse, points, span};

const LIUAN: &str = include_str!("../../rulebooks/field/liuan-2013.toml");
const CHANGSHAN: &str = include_str!("../../rulebooks/field/changshan-2014.toml");
const SHENGZHOU: &str = include_str!("../../rulebooks/field/shengzhou-2008.toml");
const GUANGYUAN: &str = include_str!("../../rulebooks/field/guangyuan-2008.toml");
const HENAN: &str = include_str!("../../rulebooks/field/henan-industry-2011.toml");
const COUNTY_BUREAU: &str = include_str!("../../rulebooks/field/county-bureau.toml");
const TWO_STRIKE: &str = include_str!("../../rulebooks/field/two-strike.toml");
const WEIGHTED_TRIO: &str = include_str!("../../rulebooks/field/weighted-trio.toml");
const WENXIAN: &str = include_str!("../../rulebooks/field/wenxian-2023.toml");

fn adopt(scene: &mut Scene, unit: i64, item: i64, publication: &str, class: Option<&str>, via: Option<&str>, on: &str) {
    let row = scene.adoption(unit, Some(item), publication, on);
    let text = |text: Option<&str>| text.map(str::to_owned);
    scene.facts.upsert_adoption(&AdoptionRow { class: text(class), via: text(via), ..row });
}

fn submit(scene: &mut Scene, unit: i64, kind: &str, on: &str, count: i64) -> i64 {
    let row = scene.submission(unit, on);
    scene.facts.upsert_submission(&SubmissionRow { kind: kind.to_owned(), count, ..row.clone() });
    row.id
}

#[test]
fn liuan_pays_sending_up_before_adoption() {
    let mut scene = Scene::of(parse(LIUAN));
    adopt(&mut scene, 1, 7, "express", Some("special"), None, "2013-03-01");
    scene.send_up(1, Some(7), "province", "2013-03-02");
    assert_eq!(points(&scene.score("2013"), 1, "2013"), "15");
    adopt(&mut scene, 1, 7, "province_office", None, None, "2013-03-10");
    scene.send_up(1, Some(7), "state", "2013-03-11");
    adopt(&mut scene, 1, 7, "state_office", None, None, "2013-03-20");
    let id = scene.endorse(1, Some(7), "city", "2013-03-21");
    let row = EndorsementRow {
        id,
        submission: Some(7),
        unit: 1,
        level: "city".to_owned(),
        rank: Some("principal".to_owned()),
        kind: None,
        endorsed_on: crate::scene::day("2013-03-21"),
        count: 1,
    };
    scene.facts.upsert_endorsement(&row);
    assert_eq!(points(&scene.score("2013"), 1, "2013"), "195");
}

#[test]
fn changshan_caps_volume_and_pays_only_what_the_county_forwarded() {
    let mut scene = Scene::of(parse(CHANGSHAN));
    for month in ["2014-01", "2014-02"] {
        submit(&mut scene, 1, "short", &format!("{month}-05"), 8);
    }
    adopt(&mut scene, 1, 7, "city_dynamic", Some("single"), Some("brief"), "2014-01-20");
    adopt(&mut scene, 1, 8, "city_exchange", None, None, "2014-01-20");
    let scored = scene.score("2014");
    assert_eq!(points(&scored, 1, "2014-Q1"), "70", "two months, and the item that was forwarded");
    adds_up(&scored, 1, "2014");
    let listed: Vec<_> = scored.lists(span("2014-Q1")).into_iter().map(|row| (row.list, row.unit)).collect();
    assert_eq!(listed, [1, 2].map(|unit| ("long.missing".to_owned(), unit)), "departments owe no long piece");
    submit(&mut scene, 1, "long", "2014-03-31", 1);
    assert_eq!(scene.score("2014").lists(span("2014-Q1")).len(), 1);
    adopt(&mut scene, 5, 9, "brief", None, None, "2014-01-20");
    assert_eq!(scene.score("2014").awards(span("2014"))[0].unit, 5, "a voluntary unit may win");
}

#[test]
fn shengzhou_judges_quantity_and_quality_apart() {
    let mut scene = Scene::of(parse(SHENGZHOU));
    submit(&mut scene, 1, "general", "2008-01-05", 120);
    scene.judge(1, "quality", "99.5", "2008-06-01");
    scene.judge(4, "quality", "40", "2008-06-01");
    let scored = scene.score("2008");
    let listed = |period: &str, list: &str| -> Vec<i64> {
        let rows = scored.lists(span(period));
        rows.into_iter().filter(|row| row.list == list).map(|row| row.unit).collect()
    };
    assert_eq!(listed("2008", "quantity.year"), [2, 3, 4]);
    assert_eq!(listed("2008", "quality.year"), [1, 2, 3]);
    assert_eq!(listed("2008-01", "quantity.month"), [2, 3, 4]);
    assert_eq!(listed("2008-02", "quantity.month"), [1, 2, 3, 4]);
}

#[test]
fn guangyuan_leaves_speeches_out_and_converts_the_total() {
    let mut scene = Scene::of(parse(GUANGYUAN));
    for (item, publication, class) in
        [(1, "morning", None), (2, "portal", Some("picture")), (3, "province_morning", Some("important"))]
    {
        adopt(&mut scene, 1, item, publication, class, None, "2008-03-05");
    }
    let row = scene.adoption(1, Some(4), "report", "2008-03-05");
    scene.facts.upsert_adoption(&AdoptionRow { kind: Some("speech".to_owned()), ..row });
    scene.endorse(1, Some(3), "province", "2008-03-06");
    scene.assign(1, "missed", Some("2008-04-01"), "2008-03-30");
    let scored = scene.score("2008");
    assert_eq!(points(&scored, 1, "2008-H1"), "7.5", "2 + 0.5 + 5 + 10 − 10");
    assert_eq!(points(&scored, 1, "2008"), "0.38", "a twentieth of it, rounded once");
    adds_up(&scored, 1, "2008");
    adopt(&mut scene, 1, 1, "morning", None, None, "2008-05-05");
    let row = scene.adoption(1, Some(5), "morning", "2008-05-06");
    scene.facts.upsert_adoption(&AdoptionRow { commissioned: true, ..row });
    assert_eq!(points(&scene.score("2008"), 1, "2008-H1"), "16.5");
}

#[test]
fn henan_counts_enterprises_and_half_points() {
    let mut scene = Scene::of(parse(HENAN));
    for publication in ["central", "province_brief", "network", "own_brief"] {
        adopt(&mut scene, 3, 1, publication, None, None, "2011-03-05");
    }
    let scored = scene.score("2011");
    assert_eq!(points(&scored, 3, "2011"), "36.5");
    assert_eq!(scored.ranking(span("2011"), Some("enterprise"))[0].unit, 3);
}

#[test]
fn the_county_bureau_counts_adopted_items_and_pays_merged_ones_three_each() {
    let mut scene = Scene::of(parse(COUNTY_BUREAU));
    for index in 0..15 {
        let item = submit(&mut scene, 1, "general", "2020-03-01", 1);
        adopt(&mut scene, 1, item, "own", None, None, "2020-03-05");
        if index == 0 {
            scene.credit(item, CreditRole::Unit, &[(1, None), (2, None)]);
        }
        if index == 1 {
            adopt(&mut scene, 1, item, "province_office", None, None, "2020-03-20");
        }
    }
    submit(&mut scene, 2, "general", "2020-03-01", 15);
    let row = scene.judge(1, "imported", "8", "2020-06-01");
    scene.facts.upsert_judgement(&JudgementRow { origin: Some("city".to_owned()), ..row });
    let scored = scene.score("2020");
    assert_eq!(points(&scored, 1, "2020"), "159", "50 + 14 × 5 + 3 + 20 + 2 × 8");
    assert_eq!(points(&scored, 2, "2020"), "3", "what is not adopted is nothing");
    for unit in 1..=3 {
        adds_up(&scored, unit, "2020");
    }
}

#[test]
fn two_strikes_take_the_year_and_the_title() {
    let mut scene = Scene::of(parse(TWO_STRIKE));
    for unit in [1, 2] {
        adopt(&mut scene, unit, 7, "own", None, None, "2020-03-05");
    }
    adopt(&mut scene, 1, 8, "own", None, None, "2020-03-06");
    scene.assign(1, "missed", Some("2020-04-01"), "2020-03-30");
    assert_eq!(points(&scene.score("2020"), 1, "2020"), "20");
    scene.assign(1, "off_topic", Some("2020-05-01"), "2020-04-30");
    let scored = scene.score("2020");
    assert_eq!(points(&scored, 1, "2020"), "0");
    assert_eq!(points(&scored, 1, "2020-H1"), "20");
    assert_eq!(scored.awards(span("2020")).iter().map(|line| line.unit).collect::<Vec<_>>(), [2]);
}

#[test]
fn the_weighted_trio_comes_to_a_hundred() {
    let mut scene = Scene::of(parse(WEIGHTED_TRIO));
    let checks = ["leadership", "rules", "staff", "training", "equipment", "review", "archive", "discipline"];
    for check in checks {
        scene.judge(1, check, "7", "2020-12-01");
        let row = scene.judge(2, check, "5", "2020-12-01");
        scene.facts.upsert_judgement(&JudgementRow { has_evidence: check == "rules", ..row });
    }
    submit(&mut scene, 1, "general", "2020-03-01", 130);
    for item in 0..30 {
        adopt(&mut scene, 1, item, "own", None, None, "2020-03-05");
    }
    let scored = scene.score("2020");
    assert_eq!([1, 2].map(|unit| points(&scored, unit, "2020")), ["100", "2.5"]);
    assert_eq!(scored.lists(span("2020")).iter().map(|row| row.unit).collect::<Vec<_>>(), [2], "60 is the pass mark");
    adds_up(&scored, 1, "2020");
}

#[test]
fn wenxian_third_quarter_2023() {
    let mut scene = Scene::of(parse(WENXIAN));
    // Class, place in the list, unit, score: as published.
    let table = include_str!("circulars/wenxian-2023q3-scores.csv");
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 13);
    for row in &rows {
        let unit = scene.unit(row[2]);
        scene.judge(unit, "imported", row[3], "2023-09-30");
    }
    let scored = scene.score("2023");
    assert_eq!(scored.notes(), []);
    let ranking = scored.ranking(span("2023-Q3"), None);
    let found: Vec<_> = ranking.iter().map(|row| (row.rank.to_string(), row.unit, row.points.to_string())).collect();
    let expected: Vec<_> = rows.iter().map(|row| (row[1].to_owned(), scene.unit(row[2]), row[3].to_owned())).collect();
    assert_eq!(found, expected);
    let first_three = scored.awards(span("2023"));
    assert_eq!(first_three.iter().filter(|line| line.category == "class_1").count(), 4, "two share the third place");
    assert_eq!(first_three.len(), 13);
}
