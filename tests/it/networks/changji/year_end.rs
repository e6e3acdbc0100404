//! 昌吉州, at the end of the year: trainings, staffing, the final ranking, and what is paid by it.

use expect_test::expect;
use serde_json::json;
use tests::app::TestApp;
use tests::figures::{self, Currency, text};
use tests::walk;

use super::{record, sorted};

tests::cases![
    trainings_count_as_the_category_asks,
    a_secondment_counts_when_nothing_was_wrong_with_it,
    staffing_counts_as_the_category_asks,
    equal_points_share_a_place,
    a_tie_at_the_cut_names_four_advanced_units,
    two_levels_of_reward_add_up_and_co_authors_share_one,
];

async fn trainings_count_as_the_category_asks(app: TestApp) {
    let editor = app.editor().await;
    let session = |attendees: i64, day: &str| json!({ "kind": "SESSION", "title": "政务信息业务培训", "heldOn": day, "attendees": attendees });
    for (unit, sessions, points) in [
        ("昌吉市", vec![session(50, "2025-03-01"), session(120, "2025-12-31")], "50"),
        ("阜康市", vec![session(50, "2025-03-01"), session(49, "2025-04-01")], "0"),
        ("呼图壁县", vec![session(500, "2025-03-01")], "0"),
        ("玛纳斯县", vec![session(60, "2025-03-01"), session(60, "2024-12-31")], "0"),
        ("昌吉国家农业科技园区", vec![session(5, "2025-03-01")], "50"),
        ("州教育局", vec![session(5, "2025-03-01"), session(6, "2025-04-01")], "50"),
        (
            "州文联",
            vec![json!({ "kind": "LECTURE", "title": "送课下基层", "heldOn": "2025-05-01", "attendees": 90 })],
            "0",
        ),
    ] {
        for session in sessions {
            record(&app, &editor, "recordTraining", unit, session).await;
        }
        assert_eq!(figures::score(&editor, &app, unit, "2025").await, points, "{unit}");
    }
    let mut unfinished = session(80, "2025-06-01");
    unfinished["isCompleted"] = false.into();
    record(&app, &editor, "recordTraining", "州文联", unfinished).await;
    assert_eq!(figures::score(&editor, &app, "州文联", "2025").await, "0");
}

async fn a_secondment_counts_when_nothing_was_wrong_with_it(app: TestApp) {
    let editor = app.editor().await;
    let plain = json!({
        "kind": "SECONDMENT", "title": "跟班培训", "heldOn": "2025-08-31", "attendees": 1,
        "isPlanned": true, "isCompleted": true, "isOnTime": true, "hasViolation": false,
    });
    let flawed = |field: &str, value: bool| {
        let mut flawed = plain.clone();
        flawed[field] = value.into();
        flawed
    };
    for (unit, secondments, points) in [
        ("昌吉市", vec![plain.clone()], "50"),
        ("阜康市", vec![plain.clone(), plain.clone()], "50"),
        ("呼图壁县", vec![plain.clone(), flawed("isOnTime", false)], "0"),
        ("玛纳斯县", vec![flawed("isCompleted", false)], "0"),
        ("奇台县", vec![flawed("hasViolation", true)], "0"),
        ("木垒县", vec![flawed("isPlanned", false)], "0"),
        ("准东经济技术开发区", vec![plain.clone()], "50"),
        // Departments are not in the plan of secondments.
        ("州教育局", vec![plain.clone()], "0"),
    ] {
        for secondment in secondments {
            record(&app, &editor, "recordTraining", unit, secondment).await;
        }
        assert_eq!(figures::score(&editor, &app, unit, "2025").await, points, "{unit}");
    }
}

async fn staffing_counts_as_the_category_asks(app: TestApp) {
    let editor = app.editor().await;
    let duty = |duty: &str| json!({ "name": "王信息", "duty": duty, "firstDay": "2025-02-01" });
    let ended =
        |duty: &str, last: &str| json!({ "name": "李信息", "duty": duty, "firstDay": "2025-02-01", "lastDay": last });
    let leader = || duty("LEADER_IN_CHARGE");
    for (unit, staff, points) in [
        ("昌吉市", vec![leader(), duty("FULL_TIME"), duty("FULL_TIME")], "50"),
        ("阜康市", vec![leader(), duty("FULL_TIME"), duty("PART_TIME")], "0"),
        ("呼图壁县", vec![duty("FULL_TIME"), duty("FULL_TIME")], "0"),
        ("玛纳斯县", vec![leader(), duty("FULL_TIME"), ended("FULL_TIME", "2025-12-30")], "0"),
        ("奇台县", vec![leader(), duty("FULL_TIME"), ended("FULL_TIME", "2025-12-31")], "50"),
        ("准东经济技术开发区", vec![leader(), duty("FULL_TIME")], "50"),
        ("昌吉国家农业科技园区", vec![leader(), duty("PART_TIME")], "0"),
        ("州教育局", vec![leader(), duty("PART_TIME")], "50"),
        ("州文联", vec![leader(), duty("SECTION_CHIEF")], "0"),
    ] {
        for staff in staff {
            record(&app, &editor, "recordStaffing", unit, staff).await;
        }
        assert_eq!(figures::score(&editor, &app, unit, "2025").await, points, "{unit}");
    }
}

/// Adoptions into the internal issue that make a unit's points in 2025: as many references (40) as fit, and dynamics (10).
pub(super) async fn points(app: &TestApp, unit: &str, points: usize) {
    for (class, count) in [("reference", points / 40), ("dynamic", points % 40 / 10)] {
        for _ in 0..count {
            let row = app.submission(unit).await.submitted_on("2025-05-12").insert().await;
            app.adoption(&row, "internal").await.class(class).on("2025-05-12").insert().await;
        }
    }
}

async fn equal_points_share_a_place(app: TestApp) {
    for (unit, total) in [("奇台县", 500), ("昌吉市", 480), ("木垒县", 470), ("阜康市", 470), ("玛纳斯县", 130)]
    {
        points(&app, unit, total).await;
    }
    let ranking = figures::ranking(&app.editor().await, &app, "county", "2025").await;
    expect![[r"
        1 奇台县 500
        2 昌吉市 480
        3 阜康市 470
        3 木垒县 470
        5 玛纳斯县 130
        6 呼图壁县 0
        6 吉木萨尔县 0
    "]]
    .assert_eq(&ranking);
    let tied = "query($network: ID!) { ranking(network: $network, period: { id: \"2025\" }, category: \"county\") {
        categories { rows { rank of tied } }
    } }";
    let answer = app.editor().await.gql(tied, json!({ "network": app.network_id() })).await;
    let rows = answer["ranking"]["categories"][0]["rows"].as_array().unwrap();
    let tied: Vec<_> = rows.iter().map(|row| row["tied"] == true).collect();
    assert_eq!(tied, [false, false, true, true, false, true, true]);
    assert!(rows.iter().all(|row| row["of"] == 7));
}

async fn a_tie_at_the_cut_names_four_advanced_units(app: TestApp) {
    for (unit, total) in [
        ("奇台县", 500),
        ("昌吉市", 480),
        ("阜康市", 470),
        ("木垒县", 470),
        ("玛纳斯县", 460),
        ("昌吉国家农业科技园区", 40),
        ("准东经济技术开发区", 30),
    ] {
        points(&app, unit, total).await;
    }
    for (place, unit) in ["州教育局", "州水利局", "州民政局", "州公安局", "州财政局", "州审计局"].iter().enumerate()
    {
        points(&app, unit, 70 - 10 * place).await;
    }
    for (place, unit) in ["州文联", "州科协", "州残联", "州妇联"].iter().enumerate() {
        points(&app, unit, 50 - 10 * place).await;
    }
    let query = "query($network: ID!) { awards(network: $network, period: { id: \"2025\" }) {
        rows { award clause category rank score amount isUndecided unit { name } }
    } }";
    let answer = app.editor().await.gql(query, json!({ "network": app.network_id() })).await;
    let rows = answer["awards"]["rows"].as_array().unwrap();
    let named = rows
        .iter()
        .map(|row| {
            assert_eq!((&row["amount"], &row["isUndecided"]), (&json!("2000.00"), &json!(false)));
            assert_eq!(row["clause"], "附件2 二(一)、三(一)");
            format!("{} {} {} {}\n", text(&row["award"]), row["rank"], text(&row["unit"]["name"]), text(&row["score"]))
        })
        .collect::<Vec<_>>()
        .concat();
    // "The first three" of the counties are four, because two share the third place.
    expect![[r"
        advanced.county 1 奇台县 500
        advanced.county 2 昌吉市 480
        advanced.county 3 阜康市 470
        advanced.county 3 木垒县 470
        advanced.park 1 昌吉国家农业科技园区 40
        advanced.key_department 1 州教育局 70
        advanced.key_department 2 州水利局 60
        advanced.key_department 3 州民政局 50
        advanced.key_department 4 州公安局 40
        advanced.key_department 5 州财政局 30
        advanced.other_department 1 州文联 50
        advanced.other_department 2 州科协 40
        advanced.other_department 3 州残联 30
    "]]
    .assert_eq(&named);
    // A winner sees that it won, and nobody else's award.
    let officer = app.officer("木垒县").await;
    let answer = officer.gql(query, json!({ "network": app.network_id() })).await;
    let rows = answer["awards"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["unit"]["name"], "木垒县");
}

async fn two_levels_of_reward_add_up_and_co_authors_share_one(app: TestApp) {
    app.set_clock("2025-10-08T09:00:00+08:00");
    let (officer, leader, editor) = (app.officer("奇台县").await, app.leader("奇台县").await, app.editor().await);
    let mut content = walk::content();
    content["authors"] = json!([{ "name": "王信息", "share": "0.5" }, { "name": "李信息", "share": "0.5" }]);
    let submission = walk::draft(&officer, &app, "奇台县", content).await;
    let submission = walk::step(&leader, "signSubmission", &submission).await;
    let submission = walk::step(&officer, "submitSubmission", &submission).await;
    let sent = walk::send_up(&editor, &app, &submission, "internal", "2025-10-08").await;
    let adopted = walk::record_adoption(&editor, &app, &sent, "yesterday_brief", "2025-10-08").await;
    walk::record_adoption(&editor, &app, &adopted["submission"], "state_council", "2025-10-08").await;

    // 附件2 三(二)、(五) and 四: ¥1000 and ¥100, and one article however many wrote it.
    let ledger = figures::ledger(&officer, &app, "奇台县", "2025", Currency::Money).await;
    expect![[r"
        2025-10-08 reward.state_council 1000.00
        2025-10-08 reward.yesterday_brief 100.00
    "]]
    .assert_eq(&sorted(&figures::lines(&ledger)));
    for line in &ledger {
        assert_eq!((&line["submission"]["id"], &line["points"]), (&submission["id"], &json!(null)));
    }
    // Money is no points: the region's adoption earns 10 of those.
    assert_eq!(figures::score(&officer, &app, "奇台县", "2025").await, "10");
}
