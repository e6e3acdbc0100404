//! 昌吉州, 2025: the golden cases of its document, walked through the API or laid down as rows, and every figure worked out
//! by hand from 附件1 and 附件2. `year_end` has what is counted once a year.

pub(crate) mod rewards;
pub(crate) mod year_end;

use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::{self, Currency, text};
use tests::walk;

tests::cases![
    a_special_report_endorsed_by_region_and_state_earns_a_hundred,
    the_monthly_gate_asks_for_volume_and_rate,
    the_gate_of_a_month_does_not_open_for_its_neighbour,
    late_commissions_and_untrue_content_cost_points,
    a_month_in_the_life_of_the_prefecture,
];

/// What a unit has done besides its submissions.
async fn record(app: &TestApp, editor: &Client, what: &'static str, unit: &str, facts: Value) {
    let mut input = json!({ "network": app.network_id(), "unit": app.unit_id(unit).await });
    if let (Some(input), Value::Object(facts)) = (input.as_object_mut(), facts) {
        input.extend(facts);
    }
    walk::act(editor, what, "", input).await;
}

/// `count` items of a unit handed in on a day, of which `adopted` were taken into the general issue on that day.
async fn items(app: &TestApp, unit: &str, day: &str, count: usize, adopted: usize) {
    app.submission(unit).await.submitted_on(day).insert_many(count - adopted).await;
    for _ in 0..adopted {
        let row = app.submission(unit).await.submitted_on(day).insert().await;
        app.adoption(&row, "general").await.on(day).insert().await;
    }
}

/// The points that a rule gave a unit.
async fn points_of(client: &Client, app: &TestApp, unit: &str, period: &str, rule: &str) -> Vec<String> {
    let ledger = figures::ledger(client, app, unit, period, Currency::Points).await;
    ledger.iter().filter(|line| line["rule"] == rule).map(|line| text(&line["points"]).to_owned()).collect()
}

async fn a_special_report_endorsed_by_region_and_state_earns_a_hundred(app: TestApp) {
    app.set_clock("2025-06-16T09:00:00+08:00");
    let submission = walk::submit(&app, "阜康市").await;
    let editor = app.editor().await;
    let submission = walk::receive(&editor, &submission).await;
    let issue = walk::issue(&editor, &app, "internal", "2025-06-16").await;
    let adopted = walk::adopt(&editor, &submission, &issue, Some("special_report")).await;
    let sent = walk::send_up(&editor, &app, &adopted["submission"], "internal", "2025-06-16").await;

    app.set_clock("2025-06-20T09:00:00+08:00");
    let editor = app.editor().await;
    let adopted = walk::record_adoption(&editor, &app, &sent, "region_special_report", "2025-06-18").await;
    let endorsed = walk::endorse(&editor, &adopted["submission"], "region", "2025-06-19").await;
    let endorsed = walk::endorse(&editor, &endorsed, "state", "2025-06-20").await;
    assert_eq!(figures::score(&editor, &app, "阜康市", "2025-06").await, "100");
    let endorsed = walk::endorse(&editor, &endorsed, "prefecture", "2025-06-20").await;
    assert_eq!(figures::score(&editor, &app, "阜康市", "2025-06").await, "110");
    // 每条: a second leader of a level adds nothing.
    walk::endorse(&editor, &endorsed, "region", "2025-06-20").await;
    assert_eq!(figures::score(&editor, &app, "阜康市", "2025-06").await, "110");

    let ledger = figures::ledger(&app.officer("阜康市").await, &app, "阜康市", "2025-06", Currency::Points).await;
    expect![[r"
        2025-06-16 adopted.internal.special_report 20
        2025-06-18 adopted.region 10
        2025-06-19 endorsed.region 20
        2025-06-20 endorsed.prefecture 10
        2025-06-20 endorsed.state 50
    "]]
    .assert_eq(&sorted(&figures::lines(&ledger)));
    for line in &ledger {
        assert_eq!(line["submission"]["id"], submission["id"]);
        assert_eq!(line["clause"], "附件1 三(一)");
    }
}

/// Lines by day, then by rule.
fn sorted(lines: &str) -> String {
    let mut lines: Vec<_> = lines.lines().collect();
    lines.sort_unstable();
    lines.join("\n") + "\n"
}

async fn the_monthly_gate_asks_for_volume_and_rate(app: TestApp) {
    for (unit, items_reported, adopted) in [
        // 县市: 100 and 5 %.
        ("昌吉市", 100, 5),
        ("阜康市", 100, 4),
        ("呼图壁县", 99, 30),
        ("玛纳斯县", 120, 6),
        ("奇台县", 121, 6),
        // 园区: 30 and 10 %.
        ("准东经济技术开发区", 30, 3),
        ("昌吉国家高新技术产业开发区", 30, 2),
        ("昌吉国家农业科技园区", 29, 29),
        // 州直重点部门: 20 and 10 %.
        ("州教育局", 20, 2),
        ("州水利局", 20, 1),
        ("州民政局", 19, 19),
        // 州直非重点部门: 10 and 10 %.
        ("州司法局", 10, 1),
        ("州气象局", 10, 0),
        ("州文联", 9, 9),
    ] {
        items(&app, unit, "2025-07-15", items_reported, adopted).await;
    }
    let editor = app.editor().await;
    let mut reached = Vec::new();
    for unit in [
        "昌吉市",
        "阜康市",
        "呼图壁县",
        "玛纳斯县",
        "奇台县",
        "准东经济技术开发区",
        "昌吉国家高新技术产业开发区",
        "昌吉国家农业科技园区",
        "州教育局",
        "州水利局",
        "州民政局",
        "州司法局",
        "州气象局",
        "州文联",
    ] {
        let points = points_of(&editor, &app, unit, "2025-07", "volume.monthly").await;
        if !points.is_empty() {
            assert_eq!(points, ["20"], "{unit}");
            reached.push(unit);
        }
    }
    // 121 items would need 6.05 adoptions: the rate is compared exactly.
    assert_eq!(reached, ["昌吉市", "玛纳斯县", "准东经济技术开发区", "州教育局", "州司法局"]);
    assert_eq!(figures::score(&editor, &app, "昌吉市", "2025-07").await, "70");
    assert_eq!(figures::score(&editor, &app, "阜康市", "2025-07").await, "40");
    assert_eq!(figures::score(&editor, &app, "呼图壁县", "2025-07").await, "300");
}

async fn the_gate_of_a_month_does_not_open_for_its_neighbour(app: TestApp) {
    // 60 items in each of two months make no month of 100; and an adoption opens the gate of the month in which it is dated.
    items(&app, "阜康市", "2025-01-31", 60, 5).await;
    items(&app, "阜康市", "2025-02-01", 60, 5).await;
    items(&app, "奇台县", "2025-03-31", 100, 4).await;
    let late = app.submission("奇台县").await.submitted_on("2025-03-31").insert().await;
    app.adoption(&late, "general").await.on("2025-04-01").insert().await;
    // Twelve months reached are twelve times 20.
    for month in 1..=12 {
        items(&app, "州文联", &format!("2025-{month:02}-28"), 10, 1).await;
    }

    let editor = app.editor().await;
    for unit in ["阜康市", "奇台县"] {
        assert_eq!(points_of(&editor, &app, unit, "2025", "volume.monthly").await, [""; 0], "{unit}");
    }
    assert_eq!(points_of(&editor, &app, "州文联", "2025", "volume.monthly").await, ["20"; 12]);
    assert_eq!(figures::score(&editor, &app, "州文联", "2025").await, "360");
}

async fn late_commissions_and_untrue_content_cost_points(app: TestApp) {
    app.set_clock("2025-09-01T09:00:00+08:00");
    let editor = app.editor().await;
    let mut assignments = Vec::new();
    for _ in 0..2 {
        let commission = walk::commission(&editor, &app, &["玛纳斯县", "木垒县"], "2025-09-03T18:00:00+08:00").await;
        assignments.push(walk::assignment(&commission, "玛纳斯县").clone());
    }
    app.set_clock("2025-09-04T09:00:00+08:00");
    for assignment in &assignments {
        walk::answer(&app, "玛纳斯县", assignment).await;
    }
    let editor = app.editor().await;
    for assignment in &assignments {
        walk::judge(&editor, assignment, "LATE").await;
    }
    let untrue = json!({ "kind": "UNTRUE", "evidence": "经核实，所报数据与事实不符。", "occurredOn": "2025-09-04" });
    record(&app, &editor, "recordIncident", "玛纳斯县", untrue).await;

    assert_eq!(figures::score(&editor, &app, "玛纳斯县", "2025-09").await, "-70");
    let ledger = figures::ledger(&editor, &app, "玛纳斯县", "2025-09", Currency::Points).await;
    expect![[r"
        2025-09-03 commission.failed -10
        2025-09-03 commission.failed -10
        2025-09-04 accuracy.untrue -50
    "]]
    .assert_eq(&sorted(&figures::lines(&ledger)));
    // Incidents of urgent reporting have no clause in this document.
    let late = json!({ "kind": "LATE", "evidence": "迟报两小时。", "occurredOn": "2025-09-04" });
    record(&app, &editor, "recordIncident", "木垒县", late).await;
    assert_eq!(figures::score(&editor, &app, "木垒县", "2025-09").await, "0");
}

async fn a_month_in_the_life_of_the_prefecture(app: TestApp) {
    app.set_clock("2025-11-03T09:00:00+08:00");
    let editor = app.editor().await;
    // Two counties and a bureau at work; everything through the API.
    for (unit, classes) in [
        ("阜康市", vec![None, Some("special_report")]),
        ("奇台县", vec![None, None, Some("dynamic")]),
        ("州教育局", vec![Some("reference")]),
    ] {
        for class in classes {
            let submission = walk::submit(&app, unit).await;
            let submission = walk::receive(&editor, &submission).await;
            let publication = if class.is_some() { "internal" } else { "general" };
            let issue = walk::issue(&editor, &app, publication, "2025-11-03").await;
            walk::adopt(&editor, &submission, &issue, class).await;
        }
    }
    let commission = walk::commission(&editor, &app, &["阜康市", "奇台县"], "2025-11-05T12:00:00+08:00").await;
    walk::answer(&app, "阜康市", walk::assignment(&commission, "阜康市")).await;
    app.set_clock("2025-11-05T12:00:01+08:00");
    let editor = app.editor().await;
    walk::judge(&editor, walk::assignment(&commission, "阜康市"), "ANSWERED").await;
    walk::judge(&editor, walk::assignment(&commission, "奇台县"), "MISSED").await;

    // 10 + 20; 10 + 10 + 10 − 10; 40.
    expect![[r"
        1 阜康市 30
        2 奇台县 20
        3 昌吉市 0
        3 呼图壁县 0
        3 玛纳斯县 0
        3 吉木萨尔县 0
        3 木垒县 0
    "]]
    .assert_eq(&figures::ranking(&editor, &app, "county", "2025-11").await);
    let departments = figures::ranking(&editor, &app, "key_department", "2025-11").await;
    assert!(departments.starts_with("1 州教育局 40\n2 "), "{departments}");
    let notes = "query($network: ID!) { scoringNotes(network: $network, period: { id: \"2025\" }) { kind message } }";
    let answer = editor.gql(notes, json!({ "network": app.network_id() })).await;
    assert_eq!(answer["scoringNotes"], json!([]));
}
