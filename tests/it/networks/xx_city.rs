//! XX市, 2020: a section below 75 % loses its eligibility, however many points it has; idle direct-report points are prompted, and what goes to
//! the State Council office weighs more.

use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::figures;
use tests::walk;

use super::{content, founded, notes, received, rows};

tests::cases![
    a_section_below_the_floor_loses_its_eligibility,
    higher_adoptions_weigh_more_and_idle_points_are_prompted
];

async fn a_section_below_the_floor_loses_its_eligibility(app: TestApp) {
    app.set_clock("2020-12-31T18:00:00+08:00");
    let office = founded(&app, "xx_city").await;
    // Reported and adopted: above both floors; below 75 %; below the quota of 24.
    for (section, reported, adopted) in [("秘书一科", 24, 18), ("秘书二科", 40, 29), ("秘书三科", 23, 23)] {
        rows(&office, section, "feedback", "2020-03-20", reported, (adopted, "own")).await;
    }
    let editor = office.editor().await;
    expect![[r"
        1 秘书二科 58
        2 秘书三科 46
        3 秘书一科 36
    "]]
    .assert_eq(&figures::ranking(&editor, &office, "section", "2020").await);
    assert_eq!(figures::listed(&editor, &office, "section.rate", "2020-03").await, ["秘书二科"]);
    let ineligible = figures::listed(&editor, &office, "ineligible.section", "2020").await;
    assert_eq!(ineligible, ["秘书二科", "秘书三科"]);
    expect![[r"
        科室全年信息 23/24 0.958333 0.958333
    "]]
    .assert_eq(&figures::progress(&editor, &office, "秘书三科", "2020").await);
    // The last of the three is the only one that may still win.
    let query = "query($network: ID!) { awards(network: $network, period: { id: \"2020\" }) {
        rows { award rank outcome unit { name } bars { list inputs { name value } } inPlaceOf { name } }
    } }";
    let mut awards = editor.gql(query, json!({ "network": office.network_id() })).await["awards"]["rows"].take();
    if let Some(rows) = awards.as_array_mut() {
        rows.retain(|row| row["award"] == "advanced.section");
    }
    let read = |reported: &str, adopted: &str| {
        let input = |name: &str, value: &str| json!({ "name": name, "value": value });
        let inputs = [
            input("reported", reported),
            input("quota_section", "24"),
            input("adopted_items", adopted),
            input("rate_floor", "75"),
        ];
        json!([{ "list": "ineligible.section", "inputs": inputs }])
    };
    let place = |rank: u32, outcome: &str, unit: &str, bars: Value, before: Value| {
        let unit = json!({ "name": unit });
        json!({
            "award": "advanced.section", "rank": rank, "outcome": outcome, "unit": unit, "bars": bars, "inPlaceOf": before,
        })
    };
    let before = json!([{ "name": "秘书二科" }, { "name": "秘书三科" }]);
    assert_eq!(
        awards,
        json!([
            place(1, "PASSED_OVER", "秘书二科", read("40", "29"), json!([])),
            place(2, "PASSED_OVER", "秘书三科", read("23", "23"), json!([])),
            place(3, "MOVES_UP", "秘书一科", json!([]), before),
        ])
    );
    assert_eq!(notes(&editor, &office, "2020").await, json!([]));
}

async fn higher_adoptions_weigh_more_and_idle_points_are_prompted(app: TestApp) {
    app.set_clock("2020-06-30T09:00:00+08:00");
    let office = founded(&app, "xx_city").await;
    let unit = json!({
        "network": office.network_id(), "name": "丁县", "category": "county", "openedOn": "2020-01-01",
        "isDirectReport": true,
    });
    walk::act(&office.system_administrator().await, "createUnit", "unit { id }", unit).await;
    let editor = office.editor().await;
    let item = received(&office, "甲县", &office.leader("甲县").await, content("speciality")).await;
    let issue = walk::issue(&editor, &office, "own", "2020-06-30").await;
    let adopted = walk::adopt(&editor, &item, &issue, None).await;
    let up = json!({ "publication": office.publication_id("own").await, "toLevel": "state", "sentOn": "2020-06-30" });
    let sent = walk::act(&editor, "sendUpSubmission", walk::SUBMISSION, walk::on(&adopted["submission"], up)).await;
    let higher = walk::record_adoption(&editor, &office, &sent["submission"], "province_office", "2020-06-30").await;
    walk::record_adoption(&editor, &office, &higher["submission"], "state_office", "2020-06-30").await;

    // 2 + 8 for what went to the State Council office + 10 + 20.
    expect![[r"
        1 甲县 40
        2 乙县 0
        2 丙区 0
        2 丁县 0
    "]]
    .assert_eq(&figures::ranking(&editor, &office, "county", "2020-06").await);
    assert_eq!(figures::listed(&editor, &office, "direct_report.inactive", "2020-06").await, ["丁县"]);
    // 半年调度: the last of each class; where all stand equal nobody is last.
    assert_eq!(figures::listed(&editor, &office, "lagging", "2020-H1").await, ["乙县", "丙区", "丁县"]);
}
