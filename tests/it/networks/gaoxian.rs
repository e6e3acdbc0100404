//! 高县, January to June 2011: 191 points, 120 % of the year's task at half-time; and what its officers owe, each for themselves.

use entity::ids::PersonId;
use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::builders;
use tests::figures::{self, Currency};
use tests::office::{Office, global};
use tests::walk;

use super::{content, founded, notes, received, rows};

tests::cases![half_a_year_meets_the_task_of_the_year, officers_owe_four_items_a_month_each];

const CENTRE: &str = "高县政府信息中心";

async fn half_a_year_meets_the_task_of_the_year(app: TestApp) {
    app.set_clock("2011-06-30T18:00:00+08:00");
    let office = founded(&app, "gaoxian").await;
    // 向上级报送信息450余条,其中《川政晨讯》采用3条,《政务信息快报》采用72条.
    rows(&office, CENTRE, "ordinary", "2011-03-31", 375, (0, "own")).await;
    for (publication, class, count) in
        [("city_express", Some("brief"), 40), ("city_express", Some("full"), 32), ("province_morning", None, 2)]
    {
        for _ in 0..count {
            let row = office.submission(CENTRE).await.kind("ordinary").submitted_on("2011-05-03").insert().await;
            let adoption = office.adoption(&row, publication).await.on("2011-05-20");
            match class {
                Some(class) => adoption.class(class).insert().await,
                None => adoption.insert().await,
            };
        }
    }
    // The last of them goes all the way through the API, and a county leader endorses it.
    let editor = office.editor().await;
    let item = received(&office, CENTRE, &office.leader(CENTRE).await, content("policy")).await;
    let adopted = walk::record_adoption(&editor, &office, &item, "province_morning", "2011-06-30").await;
    walk::endorse(&editor, &adopted["submission"], "county", "2011-06-30").await;
    let target = json!({
        "network": office.network_id(),
        "owed": { "unit": office.unit_id(CENTRE).await, "measure": "task_points", "per": "YEAR" },
        "amount": "159",
        "firstDay": "2011-01-01",
        "origin": "宜宾市政府办下达2011年度政务信息目标任务",
    });
    walk::act(&editor, "setTarget", "target { id }", target).await;

    // 40 × 2 + 32 × 3 + 3 × 5.
    assert_eq!(figures::score(&editor, &office, CENTRE, "2011-H1").await, "191");
    expect![[r"
        1 高县政府信息中心 191
    "]]
    .assert_eq(&figures::ranking(&editor, &office, "office", "2011-H1").await);
    // 191 / 159 = 120 %, at 181 of 365 days.
    expect![[r"
        市级计分 191/159 1.201258 2.422428
    "]]
    .assert_eq(&figures::progress(&editor, &office, CENTRE, "2011-H1").await);
    assert_eq!(figures::listed(&editor, &office, "target.half_year", "2011-H1").await, [CENTRE]);
    assert_eq!(figures::listed(&editor, &office, "target.missed", "2011").await, [""; 0]);
    assert_eq!(notes(&editor, &office, "2011").await, json!([]));
}

/// A colleague of the centre whom a member of the network stands for.
async fn officer(office: &Office, member: &str) -> PersonId {
    let centre = Some(office.unit(CENTRE).await);
    let person = builders::person(office.writer(), member, centre, office.now()).await;
    let input = json!({
        "network": office.network_id(),
        "unit": office.unit_id(member).await,
        "person": global("Person", person.0),
    });
    let payload = walk::act(&office.editor().await, "assessPerson", "unit { name person { name } }", input).await;
    assert_eq!(payload["unit"], json!({ "name": member, "person": { "name": member } }));
    person
}

async fn officers_owe_four_items_a_month_each(app: TestApp) {
    app.set_clock("2011-03-07T09:00:00+08:00");
    let office = founded(&app, "gaoxian").await;
    let mut people = Vec::new();
    for member in ["兼职信息员甲", "兼职信息员乙", "兼职信息员丙"] {
        people.push(officer(&office, member).await);
    }
    let leader = office.leader(CENTRE).await;
    let author = |person: &PersonId| json!({ "person": global("Person", person.0) });
    let by = |writers: Vec<Value>| walk::merged(content("ordinary"), json!({ "authors": writers }));
    let mut alone = Value::Null;
    for _ in 0..4 {
        alone = received(&office, CENTRE, &leader, by(vec![author(&people[0])])).await;
        received(&office, CENTRE, &leader, by(vec![author(&people[1]), author(&people[2])])).await;
    }
    let editor = office.editor().await;
    walk::record_adoption(&editor, &office, &alone, "province_morning", "2011-03-07").await;

    app.set_clock("2011-03-31T18:00:00+08:00");
    let editor = office.editor().await;
    // Four items of two authors are two for each.
    expect![[r"
        兼职信息员每月报送 4/4 1 1
    "]]
    .assert_eq(&figures::progress(&editor, &office, "兼职信息员甲", "2011-03").await);
    expect![[r"
        兼职信息员每月报送 2/4 0.5 0.5
    "]]
    .assert_eq(&figures::progress(&editor, &office, "兼职信息员乙", "2011-03").await);
    let short = figures::listed(&editor, &office, "officer.short", "2011-03").await;
    assert_eq!(short, ["兼职信息员乙", "兼职信息员丙"]);
    // 信息稿酬: what the province pays goes to whoever wrote it, and each item short costs ten yuan.
    let money = figures::ledger(&editor, &office, "兼职信息员甲", "2011-03", Currency::Money).await;
    expect![[r"
        2011-03-07 fee.authors 50.00
    "]]
    .assert_eq(&figures::lines(&money));
    let money = figures::ledger(&editor, &office, "兼职信息员乙", "2011-03", Currency::Money).await;
    expect![[r"
        2011-03-31 fee.short -20.00
    "]]
    .assert_eq(&figures::lines(&money));
    // A person is assessed once.
    let again = json!({
        "network": office.network_id(),
        "unit": office.unit_id("庆符镇").await,
        "person": global("Person", people[0].0),
    });
    walk::refused(&editor, "assessPerson", again, "ALREADY_EXISTS").await;
}
