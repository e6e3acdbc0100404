//! What a failed commission costs is a rule of the rulebook, and the ledger of points says which.

use serde_json::json;
use tests::app::TestApp;
use tests::figures::{self, Currency};
use tests::walk;

tests::cases![each_failure_costs_what_the_rulebook_says, two_failures_take_the_year_where_the_rulebook_says_so];

const DUE: &str = "2026-03-05T18:00:00+08:00";

/// Where two failed commissions take the year.
const TWO_STRIKE: &str = include_str!("../../../analytics/rulebooks/field/two-strike.toml");

async fn each_failure_costs_what_the_rulebook_says(app: TestApp) {
    let units = ["阜康市", "奇台县", "木垒县", "昌吉市"];
    let commission = walk::commission(&app.editor().await, &app, &units, DUE).await;
    let [late, missed, off_topic, good] = units.map(|unit| walk::assignment(&commission, unit));
    walk::answer(&app, units[2], off_topic).await;
    walk::answer(&app, units[3], good).await;
    app.set_clock("2026-03-06T10:00:00+08:00");
    walk::answer(&app, units[0], late).await;
    let editor = app.editor().await;
    for (assignment, outcome) in [(late, "LATE"), (missed, "MISSED"), (off_topic, "OFF_TOPIC"), (good, "ANSWERED")] {
        walk::judge(&editor, assignment, outcome).await;
    }
    for (unit, assignment) in [(units[0], late), (units[1], missed), (units[2], off_topic)] {
        let ledger = figures::ledger(&editor, &app, unit, "2026-03", Currency::Points).await;
        assert_eq!(figures::sum(&ledger), -10_000_000, "{unit}");
        let line = ledger.iter().find(|line| line["points"] == "-10").expect("the penalty has a line");
        // It names its clause and the assignment that it is for.
        assert!(!figures::text(&line["clause"]).is_empty(), "{line}");
        assert_eq!(line["facts"], json!([{ "kind": "assignment", "id": assignment["id"] }]), "{line}");
    }
    assert_eq!(figures::score(&editor, &app, units[3], "2026-03").await, "0");
}

async fn two_failures_take_the_year_where_the_rulebook_says_so(app: TestApp) {
    let office = app.found("strikes", TWO_STRIKE).await;
    let mut content = walk::content();
    content["kind"] = "general".into();
    content["topic"] = json!(null);
    let officer = office.officer("甲县").await;
    let item = walk::draft(&officer, &office, "甲县", content).await;
    let item = walk::step(&officer, "submitSubmission", &item).await;
    let editor = office.editor().await;
    let issue = walk::issue(&editor, &office, "own", "2026-03-02").await;
    walk::adopt(&editor, &item, &issue, None).await;
    let mut asked = Vec::new();
    for _ in 0..2 {
        asked.push(walk::commission(&editor, &office, &["甲县", "乙县"], DUE).await);
    }
    app.set_clock("2026-03-06T10:00:00+08:00");
    let editor = office.editor().await;
    assert_eq!(figures::score(&editor, &office, "甲县", "2026").await, "10");
    walk::judge(&editor, walk::assignment(&asked[0], "甲县"), "MISSED").await;
    assert_eq!(figures::score(&editor, &office, "甲县", "2026").await, "10");
    walk::judge(&editor, walk::assignment(&asked[1], "甲县"), "MISSED").await;
    assert_eq!(figures::score(&editor, &office, "甲县", "2026").await, "0");
    let ledger = figures::ledger(&editor, &office, "甲县", "2026", Currency::Points).await;
    assert!(ledger.iter().any(|line| line["rule"] == "strikes"), "{}", figures::lines(&ledger));
}
