//! The year's end of the other networks, as their documents say: titles, manuscript fees and penalties, eligibility, excellent items.

use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::builders;
use tests::figures::{self, text};
use tests::office::{Office, global};
use tests::walk;

use super::{content, founded, received, rows};
use crate::settlement::{approve, lines, publish, settle};

tests::cases![
    baotou_names_its_advanced_units_and_the_last_of_every_category,
    gaoxian_pays_the_fees_of_a_month_and_takes_ten_yuan_for_each_item_short,
    gaoxian_compares_at_the_end_of_the_year,
    xx_city_passes_over_who_lost_eligibility_and_names_excellent_items,
    changsha_commends_all_that_share_the_last_place,
];

/// The lines of awards among the lines of a settlement.
fn awards(lines: &str) -> String {
    lines.lines().filter(|line| !line.starts_with("fee")).map(|line| format!("{line}\n")).collect()
}

async fn baotou_names_its_advanced_units_and_the_last_of_every_category(app: TestApp) {
    app.set_clock("2024-12-31T18:00:00+08:00");
    let office = founded(&app, "baotou").await;
    for (unit, items) in [
        ("昆都仑区", 40),
        ("青山区", 35),
        ("东河区", 30),
        ("九原区", 25),
        ("市教育局", 40),
        ("市公安局", 35),
        ("市财政局", 30),
        ("综合一科", 3),
        ("综合二科", 2),
        ("综合三科", 2),
    ] {
        rows(&office, unit, "problem", "2024-03-05", items, (items, "own")).await;
    }
    app.set_clock("2025-01-06T09:00:00+08:00");
    publish(&office, "2024").await;
    let (editor, chief) = (office.editor().await, office.chief_editor().await);
    let draft = settle(&editor, &office, "2024").await;
    // Titles without money.
    assert_eq!(draft["total"], "0.00");
    expect![[r"
        advanced.county 昆都仑区 - 0.00 WON
        advanced.county 青山区 - 0.00 WON
        advanced.county 东河区 - 0.00 WON
        advanced.department 市教育局 - 0.00 WON
        advanced.department 市公安局 - 0.00 WON
        advanced.department 市财政局 - 0.00 WON
        advanced.section 综合一科 - 0.00 WON
    "]]
    .assert_eq(&lines(&editor, &draft).await);
    approve(&chief, &draft).await;
    assert_eq!(figures::listed(&editor, &office, "last_of_category", "2024").await.last().unwrap(), "综合四科");
}

/// A colleague whom a member of the network stands for.
async fn officer(office: &Office, member: &str) -> Value {
    let centre = Some(office.unit("高县政府信息中心").await);
    let person = builders::person(office.writer(), member, centre, office.now()).await;
    let person = global("Person", person.0);
    let input = json!({ "network": office.network_id(), "unit": office.unit_id(member).await, "person": person });
    walk::act(&office.editor().await, "assessPerson", "", input).await;
    json!({ "person": person })
}

async fn gaoxian_pays_the_fees_of_a_month_and_takes_ten_yuan_for_each_item_short(app: TestApp) {
    app.set_clock("2011-03-07T09:00:00+08:00");
    let office = founded(&app, "gaoxian").await;
    let mut people = Vec::new();
    for member in ["兼职信息员甲", "兼职信息员乙", "兼职信息员丙"] {
        people.push(officer(&office, member).await);
    }
    let leader = office.leader("高县政府信息中心").await;
    let by = |writers: &[Value]| walk::merged(content("ordinary"), json!({ "authors": writers }));
    let (mut alone, mut joint) = (Value::Null, Value::Null);
    for _ in 0..4 {
        alone = received(&office, "高县政府信息中心", &leader, by(&people[..1])).await;
        joint = received(&office, "高县政府信息中心", &leader, by(&people[1..])).await;
    }
    let editor = office.editor().await;
    walk::record_adoption(&editor, &office, &alone, "province_morning", "2011-03-07").await;
    let full = json!({ "publication": office.publication_id("city_express").await, "class": "full", "adoptedOn": "2011-03-07", "evidence": "第3期" });
    walk::act(&editor, "recordAdoption", "adoption { id }", walk::on(&joint, full)).await;

    app.set_clock("2011-04-02T09:00:00+08:00");
    publish(&office, "2011-03").await;
    let (editor, chief) = (office.editor().await, office.chief_editor().await);
    let draft = settle(&editor, &office, "2011-03").await;
    // 50 from the province to one writer; 20 from the city to two; two items short of four cost two officers 20 each.
    assert_eq!(draft["total"], "30.00");
    expect![[r"
        fee.authors 兼职信息员丙 - 10.00 EARNED
        fee.authors 兼职信息员乙 - 10.00 EARNED
        fee.authors 兼职信息员甲 - 50.00 EARNED
        fee.short 兼职信息员丙 - -20.00 EARNED
        fee.short 兼职信息员乙 - -20.00 EARNED
    "]]
    .assert_eq(&lines(&editor, &draft).await);
    approve(&chief, &draft).await;
}

async fn gaoxian_compares_at_the_end_of_the_year(app: TestApp) {
    app.set_clock("2011-06-30T18:00:00+08:00");
    let office = founded(&app, "gaoxian").await;
    for (unit, items) in [("庆符镇", 3), ("文江镇", 2), ("沙河镇", 1), ("县发改局", 1)] {
        rows(&office, unit, "ordinary", "2011-05-20", items, (items, "own")).await;
    }
    app.set_clock("2012-01-05T09:00:00+08:00");
    publish(&office, "2011").await;
    let editor = office.editor().await;
    let draft = settle(&editor, &office, "2011").await;
    expect![[r"
        advanced.township 庆符镇 - 0.00 WON
        advanced.township 文江镇 - 0.00 WON
        advanced.department 县发改局 - 0.00 WON
    "]]
    .assert_eq(&awards(&lines(&editor, &draft).await));
}

async fn xx_city_passes_over_who_lost_eligibility_and_names_excellent_items(app: TestApp) {
    app.set_clock("2020-12-31T18:00:00+08:00");
    let office = founded(&app, "xx_city").await;
    for (section, reported, adopted) in [("秘书一科", 24, 18), ("秘书二科", 40, 29), ("秘书三科", 23, 23)] {
        rows(&office, section, "feedback", "2020-03-20", reported, (adopted, "own")).await;
    }
    let editor = office.editor().await;
    // One item goes all the way: 2 + 8 + 10 + 20.
    let written = walk::merged(content("in_depth"), json!({ "authors": [{ "name": "李信息" }] }));
    let item = received(&office, "甲县", &office.leader("甲县").await, written).await;
    let issue = walk::issue(&editor, &office, "own", "2020-12-31").await;
    let adopted = walk::adopt(&editor, &item, &issue, None).await;
    let up = json!({ "publication": office.publication_id("own").await, "toLevel": "state", "sentOn": "2020-12-31" });
    let sent = walk::act(&editor, "sendUpSubmission", walk::SUBMISSION, walk::on(&adopted["submission"], up)).await;
    let higher = walk::record_adoption(&editor, &office, &sent["submission"], "province_office", "2020-12-31").await;
    walk::record_adoption(&editor, &office, &higher["submission"], "state_office", "2020-12-31").await;

    app.set_clock("2021-01-06T09:00:00+08:00");
    publish(&office, "2020").await;
    let (editor, chief) = (office.editor().await, office.chief_editor().await);
    let draft = settle(&editor, &office, "2020").await;
    let drafted = lines(&editor, &draft).await;
    let head: Vec<&str> = drafted.lines().take(5).collect();
    assert_eq!(
        head,
        [
            "advanced.county 甲县 - 0.00 WON",
            "advanced.section 秘书二科 - 0.00 PASSED_OVER",
            "advanced.section 秘书三科 - 0.00 PASSED_OVER",
            "advanced.section 秘书一科 - 0.00 MOVED_UP",
            "excellent.item 甲县 李信息 0.00 WON",
        ]
    );
    // 70 items of two points share the second place, and two places are left.
    assert_eq!(drafted.lines().filter(|line| line.ends_with("UNDECIDED")).count(), 70);
    let query = "query($id: ID!, $where: SettlementLineWhere) { node(id: $id) { ... on AwardSettlement {
        lines(first: 2, where: $where) { totalCount nodes { submission { id } editor reason bars { list clause inputs { name value } } } }
    } } }";
    let look = async |filter: Value| {
        editor.gql(query, json!({ "id": draft["id"], "where": filter })).await["node"]["lines"].take()
    };
    let passed = look(json!({ "outcome": "PASSED_OVER" })).await;
    assert_eq!(
        passed["nodes"][0]["reason"],
        "年终积分 58 分，第 1 名；列入“取消当年评先资格”（一(二)、三(二)），不予评选"
    );
    assert_eq!(passed["nodes"][0]["bars"][0]["inputs"][2], json!({ "name": "adopted_items", "value": "29" }));
    assert!(
        !text(&look(json!({ "award": "excellent.item", "outcome": "WON" })).await["nodes"][0]["editor"]).is_empty()
    );
    let tied = look(json!({ "outcome": "UNDECIDED" })).await;
    let chosen: Vec<_> =
        tied["nodes"].as_array().unwrap().iter().map(|line| line["submission"]["id"].clone()).collect();
    let choice = json!({
        "network": office.network_id(), "period": "2020", "award": "excellent.item", "winners": chosen, "reason": "经评审组评议",
    });
    walk::act(&chief, "decideAwardTie", "decision { winners }", choice).await;
    let next = settle(&editor, &office, "2020").await;
    let decided = lines(&editor, &next).await;
    assert_eq!(decided.lines().filter(|line| line.starts_with("excellent.item") && line.ends_with("WON")).count(), 3);
    assert_eq!(decided.lines().filter(|line| line.ends_with("LOST_TIE")).count(), 68);
    approve(&chief, &next).await;
}

async fn changsha_commends_all_that_share_the_last_place(app: TestApp) {
    app.set_clock("2020-12-31T18:00:00+08:00");
    let office = founded(&app, "changsha").await;
    for (unit, items) in [
        ("岳麓区", 4),
        ("浏阳市", 3),
        ("天心区", 3),
        ("雨花区", 3),
        ("望城区", 2),
        ("市应急管理局", 1),
        ("中南大学", 1),
    ] {
        rows(&office, unit, "dynamic", "2020-05-20", items, (items, "own")).await;
    }
    app.set_clock("2021-01-06T09:00:00+08:00");
    publish(&office, "2020").await;
    let editor = office.editor().await;
    let draft = settle(&editor, &office, "2020").await;
    expect![[r"
        commended.district 岳麓区 - 0.00 WON
        commended.district 天心区 - 0.00 WON
        commended.district 雨花区 - 0.00 WON
        commended.district 浏阳市 - 0.00 WON
        commended.department 市应急管理局 - 0.00 WON
        commended.direct_report_point 中南大学 - 0.00 WON
    "]]
    .assert_eq(&lines(&editor, &draft).await);
}
