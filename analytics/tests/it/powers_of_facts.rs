//! Steps 1 to 6: what is left out, combined, multiplied, shared, imported.

use analytics::facts::{AdoptionRow, CreditRole, ItemRow, NamingRow, SubmissionRow};
use analytics::rulebook::Currency;
use analytics::scoring::NoteKind;

use crate::scene::{Scene, adds_up, day, ledger, parse, points, small, span};

const ADOPTED: &str = r#"
[[rule]]
id = "adopted.daily"
clause = "一"
title = "日报采用"
on = "adoption"
where = "publication = 'daily'"
points = "5"

[[rule]]
id = "adopted.weekly"
clause = "一"
title = "周刊采用"
on = "adoption"
where = "publication = 'weekly'"
points = "10"

[[rule]]
id = "adopted.brief"
clause = "一"
title = "要情采用"
on = "adoption"
where = "publication = 'brief'"
points = "20"
"#;

fn with(rules: &str) -> Scene {
    Scene::small(&format!("{ADOPTED}{rules}"))
}

#[test]
fn near_duplicates_and_items_never_adopted_are_left_out() {
    let mut scene = Scene::small(
        r#"
exclude = [{ id = "near", clause = "六", title = "内容雷同", on = "submission", where = "near_duplicate" },
           { id = "unadopted", clause = "六", title = "未采用", on = "submission", where = "NOT adopted" }]
rule = [{ id = "reported", clause = "一", title = "报送", on = "submission", points = "1" }]
"#,
    );
    let (plain, near, unadopted) =
        (scene.submit(1, "2026-03-01"), scene.submit(1, "2026-03-02"), scene.submit(1, "2026-03-03"));
    for item in [plain, near] {
        scene.adopt(1, item, "daily", "2026-03-05");
    }
    let row = ItemRow { submission: near, near_duplicate: true, coefficient: None, happened_on: None };
    scene.facts.upsert_item(&row);
    assert_eq!(ledger(&scene.score("2026"), 1, "2026"), ["2026-03-01 reported 1"]);
    scene.facts.remove_item(near);
    scene.adopt(1, unadopted, "daily", "2026-03-06");
    assert_eq!(points(&scene.score("2026"), 1, "2026"), "3");
}

/// One item in three publications, the lowest first.
fn climbing(scene: &mut Scene) {
    for (publication, on) in [("daily", "2026-01-10"), ("brief", "2026-03-10"), ("weekly", "2026-04-10")] {
        scene.adopt(1, 7, publication, on);
    }
}

#[test]
fn several_publications_of_one_item_come_together_as_the_rulebook_says() {
    let combine = |rest: &str| {
        format!("[[combine]]\nid = \"together\"\nclause = \"二\"\ntitle = \"就高\"\nrules = [\"adopted.*\"]\n{rest}")
    };
    for (rest, total) in [
        ("", "35"),
        (&*combine("how = \"first\""), "5"),
        (&combine("how = \"highest\""), "20"),
        (&combine("how = \"highest\"\nfurther = 2"), "24"),
        (&combine("how = \"highest\"\nfurther = \"0.5\""), "21"),
        // The city's daily and weekly are of one level, the province's brief is of another.
        (&combine("how = \"highest\"\nper = \"level\""), "30"),
    ] {
        let mut scene = with(rest);
        climbing(&mut scene);
        let scored = scene.score("2026");
        assert_eq!(points(&scored, 1, "2026"), total, "{rest}");
        for period in ["2026", "2026-03", "2026-Q1", "2026-04"] {
            adds_up(&scored, 1, period);
        }
    }
}

#[test]
fn a_kind_of_outlet_pays_once() {
    let text = small(&format!(
        "{ADOPTED}[[combine]]\nid = \"outlet\"\nclause = \"二\"\ntitle = \"同类载体一次\"\nrules = [\"adopted.*\"]\nhow = \"highest\"\nper = \"outlet\"\n"
    ));
    let text = text
        .replace("name = \"周刊\", level = \"city\"", "name = \"周刊\", level = \"city\", outlet = \"paper\"")
        .replace("name = \"要情\", level = \"province\"", "name = \"要情\", level = \"province\", outlet = \"paper\"");
    let mut scene = Scene::of(parse(&text));
    climbing(&mut scene);
    assert_eq!(points(&scene.score("2026"), 1, "2026"), "25", "the daily by itself, and the better of two papers");
}

#[test]
fn a_later_and_higher_adoption_leaves_the_closed_month_as_it_was() {
    let rest = "[[combine]]\nid = \"highest\"\nclause = \"二\"\ntitle = \"就高\"\nrules = [\"adopted.*\"]\nhow = \"highest\"\n";
    let mut scene = with(rest);
    climbing(&mut scene);
    let scored = scene.score("2026");
    assert_eq!(
        ledger(&scored, 1, "2026"),
        [
            "2026-01-10 adopted.daily 5",
            "2026-03-10 adopted.brief 20",
            "2026-03-10 highest -5",
            "2026-04-10 adopted.weekly 10",
            "2026-04-10 highest -10",
        ]
    );
    let line = &scored.lines(1, span("2026-03"), Currency::Points)[1];
    assert_eq!((line.clause.as_str(), line.facts.len(), line.inputs[0].value.as_str()), ("二", 1, "20"));
    // What was earned last year is not earned again.
    scene.adopt(1, 8, "brief", "2025-12-31");
    scene.adopt(1, 8, "daily", "2026-01-01");
    assert_eq!(points(&scene.score("2026"), 1, "2026-01"), "5");
}

#[test]
fn a_coefficient_is_written_down_or_decided_within_a_range() {
    let mut scene = with(
        r#"
[[multiply]]
id = "quality"
clause = "三"
title = "质量系数"
rules = ["adopted.*"]
on = "adoption"
where = "kind = 'dynamic'"
by = "coefficient"
least = 4
most = 6

[[multiply]]
id = "long"
clause = "四"
title = "长篇加倍"
rules = ["adopted.daily"]
on = "adoption"
where = "characters >= 2000"
by = "1.5"
"#,
    );
    for (item, coefficient) in [(1, Some("5.5")), (2, Some("9")), (3, None)] {
        let row = scene.adoption(1, Some(item), "daily", "2026-03-05");
        scene.facts.upsert_adoption(&AdoptionRow { kind: Some("dynamic".to_owned()), ..row });
        scene.decide(item, coefficient);
    }
    let row = scene.adoption(2, Some(4), "daily", "2026-03-06");
    scene.facts.upsert_adoption(&AdoptionRow { characters: 2000, ..row });
    let scored = scene.score("2026");
    assert_eq!(points(&scored, 1, "2026"), "62.5", "5 × 5.5 + 5 × 6 + 5");
    assert_eq!(ledger(&scored, 2, "2026"), ["2026-03-06 adopted.daily 5", "2026-03-06 long 2.5"]);
    let kinds: Vec<_> = scored.notes().iter().map(|note| (note.kind, note.count)).collect();
    assert_eq!(kinds, [(NoteKind::Undecided, 1), (NoteKind::OutsideRange, 1)]);
    adds_up(&scored, 1, "2026");
}

fn joint(how: &str, parties: &[(i64, Option<&str>)]) -> [String; 3] {
    let mut scene = with(&format!(
        "[[share]]\nid = \"joint\"\nclause = \"五\"\ntitle = \"联合报送\"\nrules = [\"adopted.*\"]\namong = \"units\"\n{how}\n"
    ));
    scene.adopt(1, 7, "weekly", "2026-03-05");
    // Nobody shares this one.
    scene.adopt(1, 8, "daily", "2026-03-05");
    scene.credit(7, CreditRole::Unit, parties);
    let scored = scene.score("2026");
    [1, 2, 3].map(|unit| {
        adds_up(&scored, unit, "2026");
        points(&scored, unit, "2026")
    })
}

#[test]
fn joint_items_are_shared_as_the_rulebook_says() {
    let all = [(1, None), (2, None), (3, None)];
    assert_eq!(joint("how = \"whole\"", &all), ["15", "10", "10"]);
    assert_eq!(joint("how = \"equal\"", &all), ["8.33", "3.33", "3.33"]);
    assert_eq!(joint("how = \"fixed\"\namount = 3", &all), ["8", "3", "3"]);
    assert_eq!(joint("how = \"by_hand\"", &[(2, Some("0.25")), (3, Some("0.25"))]), ["10", "2.5", "2.5"]);
    assert_eq!(joint("how = \"by_hand\"", &[(1, Some("0.6")), (2, Some("0.4"))]), ["11", "4", "0"]);
    assert_eq!(joint("how = \"by_hand\"", &all), ["15", "0", "0"], "nobody has decided yet");
}

#[test]
fn the_endorsement_is_split_only_if_it_is_named() {
    let endorsed = r#"
[[rule]]
id = "endorsed"
clause = "一"
title = "批示"
on = "endorsement"
points = "30"
"#;
    for (rules, second) in [("\"adopted.*\"", "5"), ("\"adopted.*\", \"endorsed\"", "20")] {
        let mut scene = with(&format!(
            "{endorsed}[[share]]\nid = \"joint\"\nclause = \"五\"\ntitle = \"均分\"\nrules = [{rules}]\namong = \"units\"\nhow = \"equal\"\n"
        ));
        scene.adopt(1, 7, "weekly", "2026-03-05");
        scene.endorse(1, Some(7), "city", "2026-03-06");
        scene.credit(7, CreditRole::Unit, &[(1, None), (2, None)]);
        assert_eq!(points(&scene.score("2026"), 2, "2026"), second);
    }
}

#[test]
fn persons_are_scored_beside_their_unit_and_money_is_paid_once() {
    let mut scene = with(
        r#"
[[rule]]
id = "fee"
clause = "七"
title = "稿酬"
on = "adoption"
money = "100"

[[share]]
id = "authors"
clause = "五"
title = "个人积分"
rules = ["adopted.*"]
among = "authors"
how = "whole"

[[share]]
id = "fee.authors"
clause = "七"
title = "稿酬均分"
rules = ["fee"]
among = "authors"
how = "equal"

[[count]]
id = "written"
name = "撰写条数"
on = "adoption"
distinct = "submission"
among = "authors"
how = "equal"

[[quota]]
id = "written"
name = "每月撰写"
clause = "八"
count = "written"
per = "month"
amount = { b = 1 }

[[rule]]
id = "written.short"
clause = "八"
title = "个人欠稿"
on = "month"
where = "category = 'b' AND written > 0"
points = "written - quota_written"
"#,
    );
    // Units 4 and 5 stand for two officers.
    scene.adopt(1, 7, "weekly", "2026-03-05");
    scene.credit(7, CreditRole::Author, &[(4, None), (5, None)]);
    let scored = scene.score("2026");
    assert_eq!(ledger(&scored, 1, "2026"), ["2026-03-05 adopted.weekly 10"]);
    assert_eq!(ledger(&scored, 4, "2026"), ["2026-03-05 authors 10", "2026-03-31 written.short -0.5"]);
    let money = [1, 4, 5].map(|unit| scored.money(unit, span("2026")).to_string());
    assert_eq!(money, ["0.00", "50.00", "50.00"]);
    let line = &scored.lines(4, span("2026"), Currency::Points)[1];
    assert_eq!(line.facts.len(), 1, "the quota rests on the item that was shared");
}

#[test]
fn imported_points_are_multiplied_by_a_factor() {
    let mut scene = Scene::small(
        r#"
rule = [{ id = "imported", clause = "六", title = "上级计分", on = "judgement", where = "kind = 'imported' AND origin = 'province'", points = "awarded * 2" }]
"#,
    );
    let row = scene.judge(1, "imported", "7.25", "2026-03-05");
    scene.facts.upsert_judgement(&analytics::facts::JudgementRow { origin: Some("province".to_owned()), ..row });
    scene.judge(1, "imported", "3", "2026-03-05");
    let scored = scene.score("2026");
    assert_eq!(points(&scored, 1, "2026"), "14.5");
    assert_eq!(scored.notes()[0].kind, NoteKind::Unplaced, "the city's own score is not imported");
}

#[test]
fn a_deduction_may_need_a_superior_or_a_decision() {
    let mut scene = Scene::small(
        r#"
rule = [{ id = "named", clause = "八", title = "被上级点名", on = "incident", where = "kind = 'late' AND named_by = 'province'", points = "-10" },
        { id = "missed", clause = "八", title = "漏报", on = "incident", where = "kind = 'missed'", points = "-decided_points", range = [-300, -100] }]
"#,
    );
    let (named, unnamed) = (scene.incident(1, "late", "2026-03-02"), scene.incident(1, "late", "2026-03-03"));
    scene.facts.upsert_incident(&named);
    scene.facts.upsert_incident(&unnamed);
    scene.facts.upsert_naming(&NamingRow { incident: named.id, level: "province".to_owned() });
    for (id, decided) in [(1, Some("250")), (2, Some("20")), (3, None)] {
        let mut row = scene.incident(2, "missed", "2026-03-04");
        row.id = id;
        row.points = decided.map(|decided| decided.parse().unwrap());
        scene.facts.upsert_incident(&row);
    }
    let scored = scene.score("2026");
    assert_eq!(points(&scored, 1, "2026"), "-10");
    assert_eq!(ledger(&scored, 2, "2026"), ["2026-03-04 missed -250", "2026-03-04 missed -100"]);
    let kinds: Vec<_> = scored.notes().iter().map(|note| note.kind).collect();
    assert_eq!(kinds, [NoteKind::Unplaced, NoteKind::NoAmount, NoteKind::OutsideRange]);
}

#[test]
fn an_item_is_late_against_the_deadline_of_its_kind() {
    let rules = r#"
rule = [{ id = "late", clause = "八", title = "迟报", on = "submission", where = "submitted_on > kind_due_on", points = "-2" }]
"#;
    let text = small(rules).replace("name = \"讲话\"", "name = \"讲话\", deadline = { days = 7 }");
    let mut scene = Scene::of(parse(&text));
    for (kind, on) in [("speech", "2026-03-08"), ("speech", "2026-03-09"), ("dynamic", "2026-04-30")] {
        let row = scene.submission(1, on);
        scene.facts.upsert_submission(&SubmissionRow { kind: kind.to_owned(), ..row.clone() });
        let happened_on = Some(day("2026-03-01"));
        scene.facts.upsert_item(&ItemRow { submission: row.id, near_duplicate: false, coefficient: None, happened_on });
    }
    assert_eq!(ledger(&scene.score("2026"), 1, "2026"), ["2026-03-09 late -2"]);
}
