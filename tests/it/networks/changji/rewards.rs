//! 昌吉州, the year's end of 2025 (附件2): every award and every yuan, drafted, approved, corrected, and worked out by hand.

use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::figures::text;
use tests::office::global;
use tests::walk;

use super::year_end::points;
use crate::settlement::{approve, lines, settle};

tests::cases![the_whole_year_end_is_settled_to_the_yuan, what_becomes_known_later_is_settled_by_the_difference];

/// An article of a unit that the region and the State Council took up, by several writers.
async fn article(app: &TestApp, unit: &str, authors: Value, adopted_by: &[&str]) {
    let (officer, leader, editor) = (app.officer(unit).await, app.leader(unit).await, app.editor().await);
    let content = walk::merged(walk::content(), json!({ "authors": authors, "title": format!("{unit}经验做法") }));
    let drafted = walk::draft(&officer, app, unit, content).await;
    let signed = walk::step(&leader, "signSubmission", &drafted).await;
    let submitted = walk::step(&officer, "submitSubmission", &signed).await;
    let mut item = walk::send_up(&editor, app, &submitted, "internal", "2025-10-08").await;
    for publication in adopted_by {
        item = walk::record_adoption(&editor, app, &item, publication, "2025-10-08").await["submission"].take();
    }
}

/// The year: who has how many points, and which articles were taken up above.
async fn year(app: &TestApp) {
    app.set_clock("2025-10-08T09:00:00+08:00");
    for (unit, total) in [
        ("奇台县", 500),
        ("昌吉市", 480),
        ("阜康市", 470),
        ("木垒县", 470),
        ("玛纳斯县", 430),
        ("昌吉国家农业科技园区", 40),
        ("准东经济技术开发区", 30),
    ] {
        points(app, unit, total).await;
    }
    for (place, unit) in ["州教育局", "州水利局", "州民政局", "州公安局", "州财政局", "州审计局"].iter().enumerate()
    {
        points(app, unit, 70 - 10 * place).await;
    }
    for (place, unit) in ["州文联", "州科协", "州残联", "州妇联"].iter().enumerate() {
        points(app, unit, 50 - 10 * place).await;
    }
    // Both levels: 1000 and 100, halved between two writers. 10 points for the region's adoption.
    let two = json!([{ "name": "王信息", "share": "0.5" }, { "name": "李信息", "share": "0.5" }]);
    article(app, "奇台县", two, &["yesterday_brief", "state_council"]).await;
    // 新疆要情 and 参考信息 are one step of the scale, 500 once; 情况专报 is another, 200.
    let one = json!([{ "name": "赵信息" }]);
    let publications = ["xinjiang_brief", "reference_information", "region_special_report"];
    article(app, "玛纳斯县", one, &publications).await;
    // 100 among three, to the fen.
    let three = json!([
        { "name": "钱信息", "share": "0.333333" },
        { "name": "孙信息", "share": "0.333333" },
        { "name": "周信息", "share": "0.333334" },
    ]);
    article(app, "州教育局", three, &["yesterday_brief"]).await;
}

async fn published(app: &TestApp) -> Value {
    app.set_clock("2026-01-08T09:00:00+08:00");
    let chief = app.chief_editor().await;
    let input = json!({ "network": app.network_id(), "period": "2025" });
    walk::act(&chief, "closePeriod", "closing { id }", input.clone()).await;
    walk::act(&chief, "publishCircular", "circular { id version }", input).await["circular"].take()
}

async fn the_whole_year_end_is_settled_to_the_yuan(app: TestApp) {
    year(&app).await;
    published(&app).await;
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    let draft = settle(&editor, &app, "2025").await;
    // 13 advanced units at 2000, and three articles: 1100 + 700 + 100.
    assert_eq!((&draft["state"], &draft["total"]), (&json!("DRAFTED"), &json!("27900.00")));
    expect![[r"
        advanced.county 奇台县 - 2000.00 WON
        advanced.county 昌吉市 - 2000.00 WON
        advanced.county 阜康市 - 2000.00 WON
        advanced.county 木垒县 - 2000.00 WON
        advanced.park 昌吉国家农业科技园区 - 2000.00 WON
        advanced.key_department 州教育局 - 2000.00 WON
        advanced.key_department 州水利局 - 2000.00 WON
        advanced.key_department 州民政局 - 2000.00 WON
        advanced.key_department 州公安局 - 2000.00 WON
        advanced.key_department 州财政局 - 2000.00 WON
        advanced.other_department 州文联 - 2000.00 WON
        advanced.other_department 州科协 - 2000.00 WON
        advanced.other_department 州残联 - 2000.00 WON
        reward.special_report 玛纳斯县 赵信息 200.00 EARNED
        reward.state_council 奇台县 李信息 500.00 EARNED
        reward.state_council 奇台县 王信息 500.00 EARNED
        reward.xinjiang_brief 玛纳斯县 赵信息 500.00 EARNED
        reward.yesterday_brief 奇台县 李信息 50.00 EARNED
        reward.yesterday_brief 奇台县 王信息 50.00 EARNED
        reward.yesterday_brief 州教育局 周信息 33.33 EARNED
        reward.yesterday_brief 州教育局 孙信息 33.34 EARNED
        reward.yesterday_brief 州教育局 钱信息 33.33 EARNED
    "]]
    .assert_eq(&lines(&editor, &draft).await);

    // The reasons are those of the document.
    let query = "query($id: ID!, $where: SettlementLineWhere) { node(id: $id) { ... on AwardSettlement {
        lines(first: 10, where: $where) { nodes { clause reason tie share score rank date } }
    } } }";
    let of = async |award: &str, unit: &str| {
        let filter = json!({ "award": award, "unit": app.unit_id(unit).await });
        editor.gql(query, json!({ "id": draft["id"], "where": filter })).await["node"]["lines"]["nodes"][0].take()
    };
    let tied = of("advanced.county", "木垒县").await;
    assert_eq!(
        tied,
        json!({
            "clause": "附件2 二(一)、三(一)", "reason": "年终积分 470 分，第 3 名；末位并列，一并入选", "tie": "INCLUDE",
            "share": null, "score": "470", "rank": 3, "date": "2025-12-31",
        })
    );
    let shared = of("reward.state_council", "奇台县").await;
    assert_eq!(shared["reason"], "《奇台县经验做法》被国务院政务信息刊物采用，全篇 1000.00 元，署名份额 50%");
    assert_eq!((&shared["share"], &shared["clause"]), (&json!("0.5"), &json!("附件2 三(二)")));

    let approved = approve(&chief, &draft).await;
    assert_eq!(approved["state"], "APPROVED");
    let again = json!({ "network": app.network_id(), "period": "2025" });
    walk::refused(&editor, "settleAwards", again, "WRONG_STATE").await;
}

async fn what_becomes_known_later_is_settled_by_the_difference(app: TestApp) {
    year(&app).await;
    let circular = published(&app).await;
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    let draft = settle(&editor, &app, "2025").await;
    approve(&chief, &draft).await;

    // In January the office hears that the State Council took up an item of 阜康市 in December, and that a leader of the region
    // endorsed one of 木垒县: 1000 yuan for the writer, and 20 points that take 阜康市 from the third place to the fourth.
    let item = async |unit: &str| {
        use entity::submission;
        use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
        let select = submission::Entity::find().filter(submission::Column::UnitId.eq(app.unit(unit).await));
        let row = select.one(app.writer()).await.unwrap().unwrap();
        json!({ "id": global("Submission", row.id.0), "version": row.version })
    };
    let sent = walk::send_up(&editor, &app, &item("阜康市").await, "internal", "2025-12-15").await;
    walk::record_adoption(&editor, &app, &sent, "state_council", "2025-12-20").await;
    walk::endorse(&editor, &item("木垒县").await, "region", "2025-12-22").await;
    let input =
        json!({ "circular": circular["id"], "expectedVersion": circular["version"], "reason": "补录上级采用和批示" });
    walk::act(&chief, "correctCircular", "circular { id }", input).await;

    let difference = settle(&editor, &app, "2025").await;
    assert_eq!(difference["total"], "-1000.00");
    expect![[r"
        advanced.county 阜康市 - -2000.00 WITHDRAWN
        reward.state_council 阜康市 王信息 1000.00 EARNED
    "]]
    .assert_eq(&lines(&editor, &difference).await);
    approve(&chief, &difference).await;

    // What was paid stands in one ledger, and a unit sees its own lines of it.
    let query = "query($network: ID!) { awardPayments(network: $network, first: 100) {
        totalCount nodes { award unitName personName amount settlement { number } }
    } }";
    let paid = app.officer("阜康市").await.gql(query, json!({ "network": app.network_id() })).await;
    let own = paid["awardPayments"]["nodes"].as_array().unwrap();
    let found: Vec<_> = own
        .iter()
        .map(|line| format!("{} {} {}", line["settlement"]["number"], text(&line["award"]), text(&line["amount"])))
        .collect();
    assert_eq!(found, ["2 advanced.county -2000.00", "2 reward.state_council 1000.00", "1 advanced.county 2000.00"]);
    let all = editor.gql(query, json!({ "network": app.network_id() })).await;
    assert_eq!(all["awardPayments"]["totalCount"], 24);
}
