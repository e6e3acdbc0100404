//! Steps 7 to 10: quotas that follow a task, parts, zeroing, conversion.

use analytics::facts::TaskRow;
use analytics::rulebook::Currency;

use crate::scene::{Scene, adds_up, day, ledger, points, span};

const CHECKED: &str = r#"
[[rule]]
id = "gain"
clause = "一"
title = "加分"
on = "judgement"
where = "awarded > 0"
points = "awarded"

[[rule]]
id = "loss"
clause = "二"
title = "扣分"
on = "judgement"
where = "awarded < 0"
points = "awarded"
"#;

/// A part with this text over gains and losses of unit 1, each a day and points.
fn part(text: &str, judged: &[(&str, &str)]) -> Vec<String> {
    let mut scene = Scene::small(&format!(
        "{CHECKED}[[part]]\nid = \"work\"\nclause = \"三\"\ntitle = \"工作\"\nrules = [\"gain\", \"loss\"]\n{text}\n"
    ));
    for (on, points) in judged {
        scene.judge(1, "check", points, on);
    }
    let scored = scene.score("2026");
    for period in ["2026", "2026-H1", "2026-03", "2026-12"] {
        adds_up(&scored, 1, period);
    }
    ledger(&scored, 1, "2026").into_iter().filter(|line| line.contains("work")).collect()
}

#[test]
fn a_part_begins_with_its_base() {
    assert_eq!(part("base = 100", &[("2026-03-01", "-5")]), ["2026-01-01 work.base 100"]);
    assert_eq!(part("base = { b = 100 }", &[("2026-03-01", "-5")]), [""; 0], "the category of unit 1 has none");
}

#[test]
fn a_floor_holds_up_the_sum_or_the_base_alone() {
    let judged = [("2026-03-01", "-130"), ("2026-04-01", "20")];
    assert_eq!(
        part("base = 100\nfloor = 0", &judged),
        ["2026-01-01 work.base 100", "2026-12-31 work.floor 10"],
        "100 − 130 + 20 is held at 0"
    );
    assert_eq!(
        part("base = 100\nfloor = 0\nfloor_on = \"base\"", &judged),
        ["2026-01-01 work.base 100", "2026-12-31 work.floor 30"],
        "100 − 130 is held at 0, and 20 come on top"
    );
}

#[test]
fn caps_of_months_come_before_the_cap_of_the_year() {
    let caps = "cap = [{ per = \"year\", most = 25 }, { per = \"month\", most = 10, clause = \"三(二)\" }]";
    let judged = [("2026-03-01", "8"), ("2026-03-02", "7"), ("2026-04-01", "9"), ("2026-05-01", "12")];
    assert_eq!(
        part(caps, &judged),
        ["2026-03-31 work.cap.month -5", "2026-05-31 work.cap.month -2", "2026-12-31 work.cap.year -4"]
    );
}

#[test]
fn a_weight_takes_its_part_after_caps_and_floor() {
    let text = "base = 50\ncap = [{ per = \"year\", most = 60 }]\nweight = \"0.3\"";
    assert_eq!(
        part(text, &[("2026-03-01", "20")]),
        ["2026-01-01 work.base 50", "2026-12-31 work.cap.year -10", "2026-12-31 work.weight -42"]
    );
}

#[test]
fn a_cap_names_the_facts_and_the_sum_that_it_cut() {
    let mut scene = Scene::small(&format!(
        "{CHECKED}[[part]]\nid = \"work\"\nclause = \"三\"\ntitle = \"工作\"\nrules = [\"gain\"]\ncap = [{{ per = \"month\", most = 10 }}]\n"
    ));
    let ids = [scene.judge(1, "check", "8", "2026-03-01").id, scene.judge(1, "check", "7", "2026-03-02").id];
    scene.judge(1, "check", "7", "2026-04-02");
    let line = scene.score("2026").lines(1, span("2026-03"), Currency::Points).pop().unwrap();
    assert_eq!((line.rule.as_str(), line.clause.as_str()), ("work.cap.month", "三"));
    assert_eq!(line.facts.iter().map(|fact| fact.id).collect::<Vec<_>>(), ids);
    assert_eq!((line.inputs[0].name.as_str(), line.inputs[0].value.as_str()), ("sum", "15"));
}

#[test]
fn two_failed_commissions_take_the_year_and_the_ledger_shows_what_was_earned() {
    let mut scene = Scene::small(
        r#"
[[count]]
id = "failed"
name = "约稿未完成"
on = "assignment"
where = "outcome IN ('missed', 'off_topic')"

[[rule]]
id = "adopted"
clause = "一"
title = "采用"
on = "adoption"
points = "10"

[[zero]]
id = "strikes"
clause = "九"
title = "两次未完成约稿"
on = "year"
where = "failed >= 2"
"#,
    );
    for unit in [1, 2] {
        for item in 0..3 {
            scene.adopt(unit, item, "daily", "2026-03-05");
        }
        scene.assign(unit, "missed", Some("2026-04-01"), "2026-03-30");
    }
    scene.assign(1, "off_topic", Some("2026-05-01"), "2026-04-30");
    let scored = scene.score("2026");
    assert_eq!([1, 2].map(|unit| points(&scored, unit, "2026")), ["0", "30"]);
    assert_eq!(points(&scored, 1, "2026-H1"), "30", "the year's score is lost at the year's end");
    let lines = scored.lines(1, span("2026"), Currency::Points);
    let last = lines.last().unwrap();
    assert_eq!((lines.len(), last.rule.as_str(), last.clause.as_str()), (4, "strikes", "九"));
    let inputs: Vec<_> = last.inputs.iter().map(|input| format!("{}={}", input.name, input.value)).collect();
    assert_eq!((inputs, last.facts.len()), (vec!["sum=30".to_owned(), "failed=2".to_owned()], 3));
}

#[test]
fn a_loss_is_not_taken_away_by_zeroing() {
    let mut scene = Scene::small(&format!(
        "{CHECKED}[[zero]]\nid = \"zero\"\nclause = \"九\"\ntitle = \"归零\"\non = \"month\"\nwhere = \"total < 5\"\n"
    ));
    scene.judge(1, "check", "-3", "2026-03-05");
    scene.judge(2, "check", "3", "2026-03-05");
    scene.judge(3, "check", "6", "2026-03-05");
    let scored = scene.score("2026");
    assert_eq!([1, 2, 3].map(|unit| points(&scored, unit, "2026")), ["-3", "0", "6"]);
}

#[test]
fn the_total_is_converted_to_an_outer_scale() {
    let mut scene = Scene::small(&format!(
        "{CHECKED}[[convert]]\nid = \"outer\"\nclause = \"十\"\ntitle = \"折算\"\npoints = \"least(total / 20, 10)\"\n"
    ));
    scene.judge(1, "check", "150", "2026-03-05");
    scene.judge(2, "check", "900", "2026-03-05");
    let scored = scene.score("2026");
    assert_eq!([1, 2, 3].map(|unit| points(&scored, unit, "2026")), ["7.5", "10", "0"]);
    assert_eq!(ledger(&scored, 1, "2026"), ["2026-03-05 gain 150", "2026-12-31 outer -142.5"]);
    adds_up(&scored, 2, "2026");
}

#[test]
fn conditions_read_what_was_earned_and_what_parts_came_to() {
    let mut scene = Scene::small(&format!(
        r#"{CHECKED}
[[earned]]
id = "quality"
name = "质量分"
rules = ["gain"]

[[quota]]
id = "quality"
name = "质量任务"
clause = "四"
count = "reported"
per = "month"
amount = 10

[[count]]
id = "reported"
name = "报送"
on = "submission"

[[rule]]
id = "quality.met"
clause = "四"
title = "完成质量任务"
on = "month"
where = "quality >= quota_quality"
points = "1"

[[part]]
id = "work"
clause = "三"
title = "工作"
rules = ["gain", "loss"]

[[zero]]
id = "bonus.lost"
clause = "五"
title = "扣分过多"
on = "year"
where = "part_work < 0"
rules = ["quality.met"]
"#
    ));
    scene.judge(1, "check", "10", "2026-03-05");
    scene.judge(2, "check", "10", "2026-03-05");
    scene.judge(2, "check", "-11", "2026-04-05");
    let scored = scene.score("2026");
    assert_eq!([1, 2].map(|unit| points(&scored, unit, "2026")), ["11", "-1"]);
}

#[test]
fn a_quota_rises_with_the_task_from_above() {
    let mut scene = Scene::small(
        r#"
[[task]]
id = "annual"
name = "市下达任务"
clause = "一"
amount = 120

[[count]]
id = "reported"
name = "报送"
on = "submission"

[[quota]]
id = "own"
name = "分解任务"
clause = "一"
count = "reported"
per = "quarter"
amount = { a = 3, b = 1 }
scaled_by = "annual"

[[rule]]
id = "short"
clause = "二"
title = "欠报"
on = "quarter"
where = "reported < quota_own"
points = "reported - quota_own"
"#,
    );
    let row = |id, first: &str, amount: &str| TaskRow {
        id,
        task: "annual".to_owned(),
        first: day(first),
        amount: amount.parse().unwrap(),
    };
    scene.facts.upsert_task(&row(1, "2026-04-01", "150"));
    scene.facts.upsert_task(&row(2, "2026-07-01", "240"));
    let scored = scene.score("2026");
    let quarters = |unit| ["2026-Q1", "2026-Q2", "2026-Q3"].map(|quarter| points(&scored, unit, quarter));
    assert_eq!(quarters(1), ["-3", "-3.75", "-6"]);
    assert_eq!(quarters(4), ["-1", "-1.25", "-2"]);
}

#[test]
fn a_year_that_closes_in_december_has_its_caps_and_its_base() {
    let mut scene = Scene::small(&format!(
        "year = {{ first_day = \"12-16\" }}\n{CHECKED}[[part]]\nid = \"work\"\nclause = \"三\"\ntitle = \"工作\"\nrules = [\"gain\", \"loss\"]\nbase = 10\ncap = [{{ per = \"month\", most = 5 }}]\n"
    ));
    scene.judge(1, "check", "7", "2026-01-15");
    scene.judge(1, "check", "7", "2026-01-16");
    let scored = scene.score("2025-12-16..2026-12-15");
    assert_eq!(
        ledger(&scored, 1, "2025-12-16..2026-12-15"),
        [
            "2025-12-16 work.base 10",
            "2026-01-15 gain 7",
            "2026-01-15 work.cap.month -12",
            "2026-01-16 gain 7",
            "2026-02-15 work.cap.month -2",
        ]
    );
}
