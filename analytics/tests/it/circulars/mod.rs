//! Published tables come out to the last digit.

use analytics::facts::{AdoptionRow, AssignmentRow, SubmissionRow};
use analytics::period::Span;

use crate::scene::{Scene, day, parse, span};

const ZHALANTUN: &str = include_str!("../../../rulebooks/field/zhalantun-2023.toml");
const HUOLINGUOLE: &str = include_str!("../../../rulebooks/field/huolinguole-2018.toml");

fn adopted(scene: &mut Scene, unit: i64, publication: &str, on: &str, count: i64) {
    if count > 0 {
        let row = scene.adoption(unit, None, publication, on);
        scene.facts.upsert_adoption(&AdoptionRow { count, ..row });
    }
}

#[test]
fn zhalantun_first_quarter_2023() {
    let mut scene = Scene::of(parse(ZHALANTUN));
    // Rank, unit, items of the own site, items of the prefecture's site, score: as published.
    let table = [
        (1, "扎兰屯市现代农业产业园服务中心", 35, 3, "205"),
        (2, "水利局", 36, 0, "180"),
        (3, "市场监督管理局", 27, 1, "145"),
        (4, "公安局", 25, 1, "135"),
        (5, "民政局", 26, 0, "130"),
    ];
    for (_, name, own, above, _) in table {
        let unit = scene.unit(name);
        adopted(&mut scene, unit, "own_site", "2023-03-31", own);
        adopted(&mut scene, unit, "hulunbuir_site", "2023-03-31", above);
    }
    let scored = scene.score("2023");
    assert_eq!(scored.notes(), []);
    let rows = scored.ranking(span("2023-Q1"), None);
    let found: Vec<_> = rows.iter().map(|row| (row.rank, row.unit, row.points.to_string())).collect();
    let expected: Vec<_> =
        table.iter().map(|(rank, name, _, _, score)| (*rank, scene.unit(name), (*score).to_owned())).collect();
    assert_eq!(found, expected);
}

#[test]
fn huolinguole_january_and_february_2018() {
    let mut scene = Scene::of(parse(HUOLINGUOLE));
    // Unit, reported, adopted by the public account, commissions answered, score and rank: as published.
    let table = [
        ("达来胡硕苏木", 2, 0, 1, "5", 4),
        ("沙尔呼热街道", 12, 3, 0, "15", 2),
        ("莫斯台街道", 1, 1, 0, "5", 4),
        ("宝日呼吉尔街道", 15, 2, 0, "10", 3),
        ("珠斯花街道", 15, 5, 0, "25", 1),
    ];
    for (name, reported, wechat, commissions, _, _) in table {
        let unit = scene.unit(name);
        let row = scene.submission(unit, "2018-02-28");
        scene.facts.upsert_submission(&SubmissionRow { kind: "general".to_owned(), count: reported, ..row });
        adopted(&mut scene, unit, "wechat", "2018-02-28", wechat);
        if commissions > 0 {
            scene.facts.upsert_assignment(&AssignmentRow {
                id: unit,
                unit,
                origin: None,
                outcome: "answered".to_owned(),
                decided_on: None,
                due_on: day("2018-02-28"),
                count: commissions,
            });
        }
    }
    let scored = scene.score("2018");
    assert_eq!(scored.notes(), []);
    let period: Span = span("2018-01..2018-02");
    for (name, _, _, _, score, rank) in table {
        let unit = scene.unit(name);
        let row = scored.ranking(period, None).into_iter().find(|row| row.unit == unit).unwrap();
        assert_eq!((row.points.to_string().as_str(), row.rank), (score, rank), "{name}");
        assert_eq!(
            scored.total(unit, span("2018")),
            row.points,
            "the year has just begun, so the running total is the same"
        );
    }
}
