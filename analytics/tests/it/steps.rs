//! The steps of the order of evaluation, one branch at a time.

use analytics::facts::{AdoptionRow, IncidentRow, SubmissionRow};
use analytics::points::Points;
use analytics::rulebook::Currency;
use analytics::scoring::NoteKind;

use crate::scene::{Scene, ledger, points, span};

#[test]
fn excluded_facts_earn_nothing_and_are_not_counted() {
    let mut scene = Scene::small(
        r#"
exclude = [{ id = "speeches", clause = "三", title = "领导讲话不计", on = "submission", where = "kind = 'speech'" },
           { id = "speeches.adopted", clause = "三", title = "领导讲话不计", on = "adoption", where = "kind = 'speech'" }]
count = [{ id = "reported", name = "报送", on = "submission" }]
rule = [{ id = "reported", clause = "一", title = "报送", on = "submission", points = "1" },
        { id = "adopted", clause = "一", title = "采用", on = "adoption", points = "10" },
        { id = "volume", clause = "二", title = "报送量", on = "month", where = "reported >= 2", points = "5" }]
"#,
    );
    for kind in ["dynamic", "speech"] {
        let row = scene.submission(1, "2026-03-02");
        scene.facts.upsert_submission(&SubmissionRow { kind: kind.to_owned(), ..row.clone() });
        let adoption = scene.adoption(1, Some(row.id), "daily", "2026-03-02");
        scene.facts.upsert_adoption(&AdoptionRow { kind: Some(kind.to_owned()), ..adoption });
    }
    let scored = scene.score("2026");
    assert_eq!(points(&scored, 1, "2026-03"), "11");
    assert_eq!(scored.notes(), [], "what is excluded on purpose is nothing to wonder about");
}

/// Three adoptions of one item, of 5, 20 and 10 points in this order of days, and a tally.
fn three_adoptions(combine: &str) -> Scene {
    let mut scene = Scene::small(
        &format!(
            r#"
[[rule]]
id = "adopted"
clause = "一"
title = "采用"
on = "adoption"
points = "CASE publication_points WHEN 1 THEN 1 END"
combine = "{combine}"
"#
        )
        .replace(
            "CASE publication_points WHEN 1 THEN 1 END",
            "CASE WHEN publication = 'daily' THEN 5 WHEN publication = 'brief' THEN 20 ELSE 10 END",
        ),
    );
    scene.adopt(1, 7, "weekly", "2026-03-05");
    scene.adopt(1, 7, "daily", "2026-03-03");
    scene.adopt(1, 7, "brief", "2026-03-04");
    scene.adopt(2, 7, "daily", "2026-03-06");
    let tally = scene.adoption(1, None, "daily", "2026-03-07");
    scene.facts.upsert_adoption(&AdoptionRow { count: 2, ..tally });
    scene
}

#[test]
fn several_adoptions_of_one_item_add_up_or_the_first_or_the_highest_counts() {
    for (combine, lines) in [
        (
            "sum",
            &["2026-03-03 adopted 5", "2026-03-04 adopted 20", "2026-03-05 adopted 10", "2026-03-07 adopted 10"][..],
        ),
        ("once", &["2026-03-03 adopted 5", "2026-03-07 adopted 10"]),
        ("highest", &["2026-03-04 adopted 20", "2026-03-07 adopted 10"]),
    ] {
        let scored = three_adoptions(combine).score("2026");
        assert_eq!(ledger(&scored, 1, "2026"), lines, "{combine}");
        assert_eq!(points(&scored, 2, "2026"), "5", "a joint item earns for each of its units");
        let facts: Vec<_> =
            scored.lines(1, span("2026"), Currency::Points).iter().map(|line| line.facts.len()).collect();
        assert_eq!(facts.iter().sum::<usize>(), 4, "{combine}: every fact stands behind a line");
    }
}

#[test]
fn the_total_is_rounded_once_and_the_rounding_is_a_line() {
    for (rounding, total, correction) in [("half_up", "0.67", "0.003333"), ("truncate", "0.66", "-0.006667")] {
        let mut scene = Scene::small(&format!(
            r#"
points = {{ places = 2, rounding = "{rounding}" }}
rule = [{{ id = "adopted", clause = "一", title = "采用", on = "adoption", points = "2 / 3" }}]
"#
        ));
        scene.adopt(1, 7, "daily", "2026-03-05");
        let scored = scene.score("2026");
        assert_eq!(points(&scored, 1, "2026"), total);
        assert_eq!(
            ledger(&scored, 1, "2026-Q1"),
            ["2026-03-05 adopted 0.666667".to_owned(), format!("2026-03-31 rounding {correction}")]
        );
        assert_eq!(scored.ranking(span("2026"), Some("a"))[0].points, scored.total(1, span("2026")));
    }
}

#[test]
fn thirds_of_three_units_are_ranked_by_what_is_shown() {
    let mut scene = Scene::small(
        "points = { places = 1, rounding = \"half_up\" }\nrule = [{ id = \"adopted\", clause = \"一\", title = \"采用\", on = \"adoption\", points = \"CASE WHEN publication = 'daily' THEN 0.34 ELSE 0.33 END\" }]",
    );
    scene.adopt(1, 7, "daily", "2026-03-05");
    scene.adopt(2, 8, "weekly", "2026-03-05");
    let rows = scene.score("2026").ranking(span("2026"), Some("a"));
    let found: Vec<_> = rows.iter().map(|row| (row.unit, row.points.to_string(), row.rank)).collect();
    assert_eq!(
        found,
        [(1, "0.3", 1), (2, "0.3", 1), (3, "0", 3)].map(|(unit, points, rank)| (unit, points.to_owned(), rank))
    );
}

#[test]
fn period_rules_run_per_week_month_quarter_half_year_and_year() {
    let periods = [("week", 5), ("month", 3), ("quarter", 2), ("half_year", 1), ("year", 1)];
    for (unit, times) in periods {
        let mut scene = Scene::small(&format!(
            r#"
count = [{{ id = "reported", name = "报送", on = "submission" }}]
rule = [{{ id = "active", clause = "一", title = "有报送", on = "{unit}", where = "reported >= 1", points = "reported" }}]
"#
        ));
        // Two of them share every period; 4 January 2026 is a Sunday, and 31 December lies in a week of the next year.
        for on in ["2026-01-04", "2026-01-05", "2026-02-28", "2026-02-28", "2026-04-01", "2026-04-30"] {
            scene.submit(1, on);
        }
        let scored = scene.score("2026");
        assert_eq!(ledger(&scored, 1, "2026").len(), times, "{unit}");
        assert_eq!(points(&scored, 1, "2026"), "6", "{unit}");
    }
}

#[test]
fn a_week_belongs_to_the_year_of_its_sunday() {
    let mut scene = Scene::small(
        r#"
count = [{ id = "reported", name = "报送", on = "submission" }]
rule = [{ id = "active", clause = "一", title = "有报送", on = "week", where = "reported >= 2", points = "1" }]
"#,
    );
    scene.submit(1, "2025-12-29");
    scene.submit(1, "2026-01-04");
    assert_eq!(points(&scene.score("2025"), 1, "2025"), "0");
    assert_eq!(ledger(&scene.score("2026"), 1, "2026"), ["2026-01-04 active 1"]);
}

#[test]
fn so_much_per_item_over_or_short_with_quotas_by_category() {
    let mut scene = Scene::small(
        r#"
[[count]]
id = "reported"
name = "报送"
on = "submission"

[[quota]]
id = "volume"
name = "报送量"
clause = "一"
count = "reported"
per = "quarter"
amount = { a = 3, b = "1.5" }

[[parameter]]
id = "each"
name = "每条"
clause = "一"
amount = "0.5"

[[rule]]
id = "volume"
clause = "一"
title = "超欠报"
on = "quarter"
points = "(reported - quota_volume) * each"
"#,
    );
    for _ in 0..5 {
        scene.submit(1, "2026-01-10");
    }
    let scored = scene.score("2026");
    assert_eq!(points(&scored, 1, "2026-Q1"), "1");
    assert_eq!(points(&scored, 2, "2026-Q1"), "-1.5");
    assert_eq!(points(&scored, 4, "2026-Q1"), "-0.75");
    let line = &scored.lines(4, span("2026-Q1"), Currency::Points)[0];
    let inputs: Vec<_> = line.inputs.iter().map(|input| format!("{}={}", input.name, input.value)).collect();
    assert_eq!(inputs, ["reported=0", "quota_volume=1.5", "each=0.5"]);
}

#[test]
fn a_person_decides_within_a_range() {
    let mut scene = Scene::small(
        r#"
[[code]]
set = "incident_kind"
id = "plagiarism"
name = "抄袭"

[[rule]]
id = "plagiarism"
clause = "五"
title = "抄袭"
on = "incident"
where = "kind = 'plagiarism' AND decided_points IS NOT NULL"
points = "-least(greatest(decided_points, 1), 5)"
"#,
    );
    for (id, decided) in [(1, Some("3.5")), (2, Some("9")), (3, None)] {
        let row = scene.incident(1, "plagiarism", "2026-03-02");
        let decided = decided.map(|decided| decided.parse::<Points>().unwrap());
        scene.facts.upsert_incident(&IncidentRow { id, points: decided, ..row });
    }
    let scored = scene.score("2026");
    assert_eq!(ledger(&scored, 1, "2026"), ["2026-03-02 plagiarism -3.5", "2026-03-02 plagiarism -5"]);
    assert_eq!(
        scored.notes().iter().map(|note| (note.kind, note.examples.clone())).collect::<Vec<_>>(),
        [(NoteKind::Unplaced, vec![3])]
    );
}

#[test]
fn sending_up_earns_before_any_adoption_and_money_may_be_computed() {
    let mut scene = Scene::small(
        r#"
rule = [{ id = "sent_up", clause = "一", title = "上报", on = "sending_up", where = "to_level = 'province'", points = "2" },
        { id = "fee", clause = "二", title = "稿费", on = "adoption", money = "characters / 7" }]
"#,
    );
    scene.send_up(1, Some(7), "province", "2026-03-02");
    scene.send_up(1, Some(8), "city", "2026-03-02");
    scene.adopt(1, 7, "daily", "2026-03-05");
    let scored = scene.score("2026");
    assert_eq!(points(&scored, 1, "2026"), "2");
    assert_eq!(scored.money(1, span("2026")).to_string(), "42.86");
    assert_eq!(scored.notes().len(), 1, "the one sent to the city earns nothing");
}

#[test]
fn what_cannot_be_placed_becomes_a_note() {
    let mut scene = Scene::small(
        "rule = [{ id = \"adopted\", clause = \"一\", title = \"采用\", on = \"adoption\", points = \"10\" }]",
    );
    scene.adopt(99, 7, "daily", "2026-03-05");
    scene.adopt(1, 7, "monthly", "2026-03-05");
    let mut unit = scene.facts.units()[&5].clone();
    unit.memberships.clear();
    scene.facts.upsert_unit(&unit);
    scene.adopt(5, 8, "daily", "2026-03-05");
    let scored = scene.score("2026");
    let kinds: Vec<_> = scored.notes().iter().map(|note| note.kind).collect();
    assert_eq!(kinds, [NoteKind::UnknownUnit, NoteKind::NoCategory, NoteKind::UnknownCode]);
    assert!(scored.notes().iter().all(|note| !note.message.is_empty() && !note.message_zh.is_empty()));
    assert_eq!(scored.ranking(span("2026"), None).len(), 4);
}
