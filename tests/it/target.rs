//! Targets: what is owed from a day on, what follows a task from above, and how far everybody is.

use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures;
use tests::office::Office;
use tests::walk;

tests::cases![
    a_quota_grows_with_the_task_from_above,
    a_later_target_leaves_earlier_months_as_they_were,
    targets_of_units_categories_kinds_and_the_whole,
    what_cannot_be_owed_is_refused,
    a_unit_sees_its_own_progress,
];

const SHARES: &str = include_str!("../../analytics/rulebooks/field/daying-2022.toml");

async fn set(client: &Client, office: &Office, more: Value) {
    let input = walk::merged(json!({ "network": office.network_id(), "origin": "年度任务" }), more);
    walk::act(client, "setTarget", "target { id }", input).await;
}

async fn adopted(office: &Office, unit: &str, day: &str, count: usize) {
    for _ in 0..count {
        let row = office.submission(unit).await.kind("general").submitted_on(day).insert().await;
        office.adoption(&row, "county_office").await.on(day).insert().await;
    }
}

async fn a_quota_grows_with_the_task_from_above(app: TestApp) {
    app.set_clock("2022-06-30T12:00:00+08:00");
    let office = app.found("shares", SHARES).await;
    adopted(&office, "信息股", "2022-05-10", 40).await;
    let editor = office.editor().await;
    expect![[r"
        年度任务 40/80 0.5 1.008288
    "]]
    .assert_eq(&figures::progress(&editor, &office, "信息股", "2022").await);
    // 120 become 150 from June on: a share of 80 becomes 100.
    set(&editor, &office, json!({ "task": "annual", "amount": "150", "firstDay": "2022-06-01" })).await;
    expect![[r"
        年度任务 40/100 0.4 0.806631
    "]]
    .assert_eq(&figures::progress(&editor, &office, "信息股", "2022").await);
    // As it stood at the end of May.
    expect![[r"
        年度任务 40/80 0.5 1.208608
    "]]
    .assert_eq(&figures::progress(&editor, &office, "信息股", "2022-05").await);
}

async fn a_later_target_leaves_earlier_months_as_they_were(app: TestApp) {
    app.set_clock("2022-03-31T12:00:00+08:00");
    let office = app.found("shares", SHARES).await;
    adopted(&office, "秘书股", "2022-02-10", 3).await;
    adopted(&office, "秘书股", "2022-03-10", 4).await;
    let editor = office.editor().await;
    let monthly = json!({ "unit": office.unit_id("秘书股").await, "measure": "adopted_items", "per": "MONTH" });
    let target = |amount: &str, first: &str| json!({ "owed": monthly, "amount": amount, "firstDay": first });
    set(&editor, &office, target("2", "2022-01-01")).await;
    let february = figures::progress(&editor, &office, "秘书股", "2022-02").await;
    set(&editor, &office, target("8", "2022-03-01")).await;
    assert_eq!(figures::progress(&editor, &office, "秘书股", "2022-02").await, february);
    let query = "query($unit: ID!, $period: PeriodInput!) { unit(id: $unit) { targets(period: $period) {
        quota target { amount } period { first last } done owed missing isMet attainment met
    } } }";
    let variables = json!({ "unit": office.unit_id("秘书股").await, "period": { "from": "2022-02", "to": "2022-03" } });
    let answer = editor.gql(query, variables).await;
    let months: Vec<&Value> = answer["unit"]["targets"]
        .as_array()
        .map_or(Vec::new(), |all| all.iter().filter(|row| row["quota"].is_null()).collect());
    assert_eq!(months.len(), 2);
    // What is met is never more than the whole.
    assert_eq!((&months[0]["attainment"], &months[0]["met"]), (&json!("1.5"), &json!("1")));
    assert_eq!(
        (&months[1]["owed"], &months[1]["missing"], &months[1]["isMet"]),
        (&json!("8"), &json!("4"), &json!(false))
    );
}

async fn targets_of_units_categories_kinds_and_the_whole(app: TestApp) {
    app.set_clock("2022-12-31T12:00:00+08:00");
    let office = app.found("shares", SHARES).await;
    adopted(&office, "信息股", "2022-05-10", 6).await;
    adopted(&office, "综合股", "2022-05-10", 2).await;
    let editor = office.editor().await;
    let owed = |more: Value| {
        let owed = walk::merged(json!({ "measure": "adopted_items", "per": "HALF_YEAR" }), more);
        json!({ "owed": owed, "amount": "4", "firstDay": "2022-01-01" })
    };
    set(&editor, &office, owed(json!({}))).await;
    set(&editor, &office, owed(json!({ "category": "other", "kind": "general" }))).await;
    let query = "query($network: ID!) { quotaProgress(network: $network, period: { id: \"2022-H1\" }) {
        quota unit { name } target { category kind } done owed
    } }";
    let answer = editor.gql(query, json!({ "network": office.network_id() })).await;
    let rows: Vec<Value> = answer["quotaProgress"].as_array().cloned().unwrap_or_default();
    let targets: Vec<&Value> = rows.iter().filter(|row| row["quota"].is_null()).collect();
    let whole =
        json!({ "quota": null, "unit": null, "target": { "category": null, "kind": null }, "done": "8", "owed": "4" });
    let of_kind = json!({
        "quota": null, "unit": { "name": "综合股" }, "target": { "category": "other", "kind": "general" }, "done": "2", "owed": "4",
    });
    assert_eq!(targets, [&whole, &of_kind]);
}

async fn what_cannot_be_owed_is_refused(app: TestApp) {
    let office = app.found("shares", SHARES).await;
    let editor = office.editor().await;
    let base = json!({ "network": office.network_id(), "amount": "4", "firstDay": "2026-01-01", "origin": "任务" });
    let owed = |more: Value| walk::merged(json!({ "measure": "adopted_items", "per": "YEAR" }), more);
    for (more, field) in [
        (json!({}), "owed"),
        (json!({ "task": "annual", "owed": owed(json!({})) }), "owed"),
        (json!({ "task": "moon" }), "task"),
        (json!({ "owed": owed(json!({ "measure": "moon" })) }), "measure"),
        (json!({ "owed": owed(json!({ "category": "moon" })) }), "category"),
        (json!({ "owed": owed(json!({ "kind": "moon" })) }), "kind"),
        (json!({ "owed": owed(json!({ "measure": "total", "kind": "general" })) }), "kind"),
        (json!({ "owed": owed(json!({ "follows": "moon" })) }), "follows"),
        (json!({ "task": "annual", "amount": "0" }), "amount"),
        (json!({ "task": "annual", "lastDay": "2025-12-31" }), "lastDay"),
        (json!({ "task": "annual", "origin": " " }), "origin"),
    ] {
        let refused = walk::refused(&editor, "setTarget", walk::merged(base.clone(), more), "INVALID").await;
        assert_eq!(refused["field"], field);
    }
    let officer = office.officer("信息股").await;
    walk::refused(&officer, "setTarget", walk::merged(base, json!({ "task": "annual" })), "FORBIDDEN").await;
}

async fn a_unit_sees_its_own_progress(app: TestApp) {
    let office = app.found("shares", SHARES).await;
    let query = "query($network: ID!, $unit: ID) {
        quotaProgress(network: $network, unit: $unit, period: { id: \"2026\" }) { unit { name } owed }
    }";
    let officer = office.officer("信息股").await;
    let own = officer.gql(query, json!({ "network": office.network_id() })).await;
    assert_eq!(own["quotaProgress"], json!([{ "unit": { "name": "信息股" }, "owed": "80" }]));
    let other = json!({ "network": office.network_id(), "unit": office.unit_id("秘书股").await });
    officer.expect_code(query, other, "NOT_FOUND").await;
}
