//! Random worlds under a rulebook that uses every power: the lines add up to the score in every span.

use analytics::facts::{CreditRole, CreditRow, Facts, ItemRow, JudgementRow, TaskRow};
use analytics::rulebook::{Currency, Rulebook};
use analytics::scoring::{Scored, score};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::scene::{adds_up, changji, day, parse, span};
use crate::worlds::{World, worlds};

/// The reference rulebook with every other power on top.
#[expect(clippy::too_many_lines, reason = "a rulebook reads best in one piece")]
pub(crate) fn everything() -> Rulebook {
    let text = analytics::rulebook::shipped::find("changji").unwrap();
    let more = r#"
[[task]]
id = "annual"
name = "任务"
clause = "一"
amount = 100

[[quota]]
id = "scaled"
name = "任务"
clause = "一"
count = "adopted_items"
per = "quarter"
amount = { county = 4, park = 3 }
scaled_by = "annual"

[[earned]]
id = "adoption_points"
name = "采用分"
rules = ["adopted.*"]

[[exclude]]
id = "near"
clause = "一"
title = "雷同"
on = "adoption"
where = "near_duplicate"

[[rule]]
id = "scaled"
clause = "一"
title = "超欠"
on = "quarter"
points = "adopted_items - quota_scaled"

[[rule]]
id = "check"
clause = "二"
title = "评查"
on = "judgement"
points = "awarded"
range = [-20, 20]

[[combine]]
id = "highest"
clause = "三"
title = "就高"
rules = ["adopted.*"]
how = "highest"
further = 1

[[combine]]
id = "paid.highest"
clause = "三"
title = "奖金就高"
rules = ["reward.*"]
how = "highest"
per = "level"

[[multiply]]
id = "quality"
clause = "四"
title = "质量系数"
rules = ["adopted.*"]
on = "adoption"
by = "coefficient"
least = 1
most = 6

[[share]]
id = "joint"
clause = "五"
title = "联合"
rules = ["adopted.*", "endorsed.*"]
among = "units"
how = "equal"

[[share]]
id = "paid.authors"
clause = "五"
title = "奖金均分"
rules = ["reward.*"]
among = "authors"
how = "equal"

[[part]]
id = "adoption"
clause = "六"
title = "采用"
rules = ["adopted.*", "endorsed.*"]
cap = [{ per = "month", most = 40 }, { per = "quarter", most = 90 }, { per = "year", most = 200 }]
weight = "0.7"

[[part]]
id = "work"
clause = "七"
title = "工作"
rules = ["commission.failed", "accuracy.untrue", "check"]
base = 60
floor = 0
floor_on = "base"

[[zero]]
id = "zero"
clause = "八"
title = "归零"
on = "half_year"
where = "part_work < 20 AND adoption_points > 30"
rules = ["adopted.*", "endorsed.*"]

[[zero]]
id = "unpaid"
clause = "八"
title = "不奖"
on = "year"
where = "adopted_items < 5"
rules = ["reward.*"]

[[convert]]
id = "outer"
clause = "九"
title = "折算"
points = "total / 3"
"#;
    // Arrays of tables may be continued at the end of the file.
    parse(&format!("{text}\n{more}"))
}

/// Decisions, joint work and judgements over a random world, all of them made from its numbers.
pub(crate) fn enriched(world: &World) -> Facts {
    let mut facts = world.facts();
    for row in &world.adoptions {
        let Some(submission) = row.submission else { continue };
        if row.id % 3 == 0 {
            let points = ["2.5", "9", "1"][usize::try_from(row.id % 9 / 3).unwrap()];
            facts.upsert_item(&ItemRow {
                submission,
                near_duplicate: row.id % 7 == 0,
                coefficient: Some(points.parse().unwrap()),
                happened_on: None,
            });
        }
        if row.id % 4 == 0 {
            let role = if row.id % 8 == 0 { CreditRole::Unit } else { CreditRole::Author };
            let unit = row.id % 10 + 1;
            facts.upsert_credit(&CreditRow { id: row.id, submission, unit, role, share: None });
        }
    }
    for (id, row) in (1..).zip(&world.incidents) {
        facts.upsert_judgement(&JudgementRow {
            id,
            unit: row.unit,
            submission: None,
            kind: "check".to_owned(),
            origin: None,
            points: ["-13.333333", "7.1", "30"][usize::try_from(id % 3).unwrap()].parse().unwrap(),
            has_evidence: true,
            judged_on: row.occurred_on,
            count: 1,
        });
    }
    let task = "annual".to_owned();
    facts.upsert_task(&TaskRow { id: 1, task, first: day("2026-05-01"), amount: "137".parse().unwrap() });
    facts
}

fn every_span(scored: &Scored) {
    for unit in 1..=10 {
        for period in ["2026", "2026-H1", "2026-Q4", "2026-02", "2026-W20", "2026-05-05", "2026-02..2026-11"] {
            adds_up(scored, unit, period);
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: 12, failure_persistence: None, ..Config::default() })]

    #[test]
    fn lines_add_up_under_every_power(world in worlds(0..=120)) {
        let facts = enriched(&world);
        let scored = score(&World::versions(everything()), &facts, span("2026"));
        every_span(&scored);
    }

    #[test]
    fn a_change_of_tomorrows_rules_leaves_yesterday_as_it_was(world in worlds(1..=80)) {
        let facts = enriched(&world);
        let (early, late) = (everything(), changji());
        let one = World::versions(early.clone());
        let both = analytics::scoring::Versions::new(vec![
            (1, early.effective_from(), std::sync::Arc::new(early)),
            (2, day("2026-07-01"), std::sync::Arc::new(late)),
        ]);
        let (before, after) = (score(&one, &facts, span("2026")), score(&both, &facts, span("2026")));
        for unit in 1..=10 {
            prop_assert_eq!(
                before.lines(unit, span("2026-H1"), Currency::Points),
                after.lines(unit, span("2026-H1"), Currency::Points)
            );
            adds_up(&after, unit, "2026");
        }
    }
}
