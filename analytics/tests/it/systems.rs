//! The shipped systems: a period of each one's life, as its document tells it.

use analytics::facts::{AdoptionRow, CreditRole, IncidentRow, UnitRow};
use analytics::rulebook::{Currency, Deadline, shipped};
use analytics::scoring::NoteKind;

use crate::scene::{Scene, adds_up, parse, points, span};

fn shipped(id: &str) -> Scene {
    Scene::of(parse(shipped::find(id).unwrap()))
}

fn listed(scene: &Scene, year: &str, period: &str, list: &str) -> Vec<i64> {
    let rows = scene.score(year).lists(span(period));
    rows.into_iter().filter(|row| row.list == list).map(|row| row.unit).collect()
}

#[test]
fn baotou_names_the_last_of_every_category() {
    let mut scene = shipped("baotou");
    let last = ["固阳县", "市财政局", "综合二科"].map(|name| scene.unit(name));
    let units: Vec<i64> = scene.facts.units().keys().copied().filter(|unit| !last.contains(unit)).collect();
    for unit in units {
        scene.adopt(unit, unit, "own", "2024-03-05");
        scene.staff(unit, "leader_in_charge", "2024-01-01", None);
        scene.staff(unit, "section_chief", "2024-01-01", None);
        scene.staff(unit, "full_time", "2024-01-01", None);
    }
    assert_eq!(listed(&scene, "2024", "2024", "last_of_category"), last);
    let zero = listed(&scene, "2024", "2024-Q1", "nothing_adopted");
    assert_eq!(zero, last);
    let scored = scene.score("2024");
    adds_up(&scored, last[0], "2024");
    assert_eq!(points(&scored, last[2], "2024"), "0", "a section owes neither staff nor items");
    assert_eq!(points(&scored, last[1], "2024"), "-34", "twelve months without a problem item, and no staff");
}

#[test]
fn baotou_has_lengths_and_signatures_by_kind() {
    let rulebook = parse(shipped::find("baotou").unwrap());
    let kind = |id: &str| rulebook.kinds().iter().find(|kind| kind.id == id).unwrap();
    assert_eq!(kind("dynamic").max_characters, Some(300));
    for id in ["experience", "problem", "suggestion"] {
        assert_eq!(kind(id).max_characters, Some(2000), "{id}");
    }
    assert_eq!(kind("dynamic").sign_off, ["section_chief"]);
    assert_eq!(kind("commission").sign_off, ["unit_leader"]);
}

#[test]
fn baotou_rewards_commissions_and_takes_more_for_those_of_higher_offices() {
    let mut scene = shipped("baotou");
    let unit = scene.unit("青山区");
    scene.assign(unit, "answered", Some("2024-03-05"), "2024-03-10");
    scene.assign(unit, "late", Some("2024-03-06"), "2024-03-10");
    scene.facts.upsert_assignment(&analytics::facts::AssignmentRow {
        id: 1,
        unit,
        origin: Some("state".to_owned()),
        outcome: "missed".to_owned(),
        decided_on: None,
        due_on: crate::scene::day("2024-03-07"),
        count: 1,
    });
    assert_eq!(points(&scene.score("2024"), unit, "2024-03-01..2024-03-30"), "-5");
}

/// What the county reported of January to June 2011.
fn gaoxian_half_year() -> (Scene, i64) {
    let mut scene = shipped("gaoxian");
    let office = scene.unit("高县政府信息中心");
    let row = scene.submission(office, "2011-06-30");
    let ordinary = "ordinary".to_owned();
    scene.facts.upsert_submission(&analytics::facts::SubmissionRow { count: 450, kind: ordinary, ..row });
    for (publication, class, count) in
        [("city_express", Some("brief"), 40), ("city_express", Some("full"), 32), ("province_morning", None, 3)]
    {
        let row = scene.adoption(office, None, publication, "2011-06-30");
        scene.facts.upsert_adoption(&AdoptionRow { class: class.map(str::to_owned), count, ..row });
    }
    for item in 1..=8 {
        scene.endorse(office, Some(item), "county", "2011-05-01");
    }
    (scene, office)
}

#[test]
fn gaoxian_has_191_points_at_half_year_which_is_120_percent_of_the_task() {
    let (scene, office) = gaoxian_half_year();
    let scored = scene.score("2011");
    assert_eq!(scored.notes(), []);
    assert_eq!(points(&scored, office, "2011-H1"), "191");
    assert_eq!(listed(&scene, "2011", "2011-H1", "target.half_year"), [office]);
    let rulebook = parse(shipped::find("gaoxian").unwrap());
    let target = rulebook.parameters()[0].amount[0].1;
    let percent = scored.total(office, span("2011-H1")).checked_mul("100".parse().unwrap()).unwrap();
    let percent = percent.checked_div(target).unwrap().checked_round(0, analytics::points::Rounding::HalfUp).unwrap();
    assert_eq!((target.to_string().as_str(), percent.to_string().as_str()), ("159", "120"));
    assert_eq!(listed(&scene, "2011", "2011", "target.missed"), []);
}

#[test]
fn gaoxian_asks_four_items_a_month_of_each_part_time_officer() {
    let (mut scene, office) = gaoxian_half_year();
    let [first, second, third] = ["甲", "乙", "丙"].map(|name| scene.unit(&format!("兼职信息员{name}")));
    for (authors, items) in [(vec![first], 4), (vec![second, third], 4)] {
        for _ in 0..items {
            let item = scene.submit(office, "2011-03-05");
            let parties: Vec<_> = authors.iter().map(|author| (*author, None)).collect();
            scene.credit(item, CreditRole::Author, &parties);
        }
    }
    assert_eq!(listed(&scene, "2011", "2011-03", "officer.short"), [second, third]);
    let scored = scene.score("2011");
    let money = [first, second].map(|unit| scored.money(unit, span("2011-03")).to_string());
    assert_eq!(money, ["0.00", "-20.00"], "two of four items by each of two authors");
    let item = scene.submit(office, "2011-03-06");
    scene.credit(item, CreditRole::Author, &[(first, None)]);
    scene.adopt(office, item, "province_morning", "2011-03-20");
    let before = scored.money(office, span("2011-03"));
    let scored = scene.score("2011");
    assert_eq!(scored.money(first, span("2011-03")).to_string(), "50.00");
    assert_eq!(scored.money(office, span("2011-03")), before, "the fee goes to whoever wrote it");
    adds_up(&scored, office, "2011");
}

#[test]
fn xx_city_takes_eligibility_from_a_section_below_75_percent() {
    let mut scene = shipped("xx_city");
    let sections = ["秘书一科", "秘书二科", "秘书三科"].map(|name| scene.unit(name));
    // Reported and adopted: the first section is above every floor, the second below the rate, the third below the quota.
    for (section, (reported, adopted)) in sections.into_iter().zip([(24, 18), (40, 29), (23, 23)]) {
        for index in 0..reported {
            let item = scene.submit(section, "2020-03-05");
            if index < adopted {
                scene.adopt(section, item, "own", "2020-03-20");
            }
        }
    }
    assert_eq!(listed(&scene, "2020", "2020", "ineligible.section"), sections[1..]);
    assert_eq!(listed(&scene, "2020", "2020-03", "section.rate"), [sections[1]]);
    let scored = scene.score("2020");
    let awards = scored.awards(span("2020"));
    let sections_of = awards.iter().filter(|line| line.award == "advanced.section" && line.outcome.wins());
    let winners: Vec<i64> = sections_of.map(|line| line.unit).collect();
    assert_eq!(winners, [sections[0]], "the two with more points have lost their eligibility");
    assert_eq!(scored.ranking(span("2020"), Some("section"))[0].unit, sections[1]);
}

#[test]
fn xx_city_weighs_higher_adoption_and_prompts_idle_direct_report_points() {
    let mut scene = shipped("xx_city");
    let unit = scene.unit("甲县");
    scene.send_up(unit, Some(7), "state", "2020-03-01");
    for publication in ["own", "province_office", "state_office"] {
        scene.adopt(unit, 7, publication, "2020-03-10");
    }
    assert_eq!(points(&scene.score("2020"), unit, "2020"), "40");
    let row = UnitRow { direct_report: true, ..scene.facts.units()[&unit].clone() };
    scene.facts.upsert_unit(&row);
    assert_eq!(listed(&scene, "2020", "2020-03", "direct_report.inactive"), [unit]);
    let lagging = listed(&scene, "2020", "2020-H1", "lagging");
    assert!(lagging.contains(&scene.unit("乙县")) && !lagging.contains(&unit));
}

#[test]
fn changsha_multiplies_research_by_four_to_six() {
    let mut scene = shipped("changsha");
    let unit = scene.unit("芙蓉区");
    for (item, coefficient) in [(1, Some("4")), (2, Some("5.5")), (3, Some("6")), (4, Some("7")), (5, None)] {
        let row = scene.adoption(unit, Some(item), "own", "2020-03-05");
        scene.facts.upsert_adoption(&AdoptionRow { kind: Some("research".to_owned()), ..row });
        scene.decide(item, coefficient);
    }
    scene.adopt(unit, 6, "own", "2020-03-05");
    let scored = scene.score("2020");
    assert_eq!(points(&scored, unit, "2020"), "117.5", "5 × (4 + 5.5 + 6 + 6) + 5 + 5");
    let kinds: Vec<_> = scored.notes().iter().map(|note| note.kind).collect();
    assert_eq!(kinds, [NoteKind::Undecided, NoteKind::OutsideRange]);
    adds_up(&scored, unit, "2020");
}

#[test]
fn changsha_takes_100_to_300_points_as_a_person_decides() {
    let mut scene = shipped("changsha");
    let unit = scene.unit("雨花区");
    for (kind, decided) in [("late", "100"), ("concealed", "300"), ("missed", "50"), ("misreported", "301")] {
        let row = scene.incident(unit, kind, "2020-03-05");
        scene.facts.upsert_incident(&IncidentRow { points: Some(decided.parse().unwrap()), ..row });
    }
    let scored = scene.score("2020");
    assert_eq!(points(&scored, unit, "2020"), "-800", "100 + 300, and 50 and 301 brought into the range");
    assert_eq!(listed(&scene, "2020", "2020-03", "criticised"), [unit]);
    let line = &scored.lines(unit, span("2020"), Currency::Points)[0];
    assert_eq!((line.clause.as_str(), line.facts.len()), ("五", 1));
    let rulebook = parse(shipped::find("changsha").unwrap());
    let first = rulebook.kinds().iter().find(|kind| kind.id == "urgent_first").unwrap();
    assert_eq!(first.deadline, Some(Deadline::SameDay));
    assert_eq!(rulebook.levels().len(), 6);
}
