//! 包头, 2024: lengths and signatures at the door, what a failed commission costs, and at the year's end the last unit of every category.

use expect_test::expect;
use serde_json::json;
use tests::app::TestApp;
use tests::figures::{self, Currency};
use tests::walk;

use super::{content, founded, notes, received, rows};

tests::cases![lengths_and_signatures_go_by_the_kind, the_last_of_every_category_is_named];

async fn lengths_and_signatures_go_by_the_kind(app: TestApp) {
    app.set_clock("2024-03-05T09:00:00+08:00");
    let office = founded(&app, "baotou").await;
    let (officer, chief, leader) =
        (office.officer("青山区").await, office.section_chief("青山区").await, office.leader("青山区").await);
    // 日常报送信息由科室负责人审核签发: for an important item that is not enough.
    let important = walk::draft(&officer, &office, "青山区", content("experience")).await;
    walk::refused(&chief, "signSubmission", walk::on(&important, json!({})), "SIGN_OFF_REQUIRED").await;
    walk::step(&leader, "signSubmission", &important).await;
    // 动态信息控制在300字以内: 300 are received, 301 are not.
    for (characters, state) in [(300, "SUBMITTED"), (301, "REFUSED")] {
        let long = walk::merged(content("dynamic"), json!({ "body": "字".repeat(characters) }));
        let drafted = walk::draft(&officer, &office, "青山区", long).await;
        let signed = walk::step(&chief, "signSubmission", &drafted).await;
        let selection = "submission { state } refusals { code field }";
        let handed_in = walk::act(&officer, "submitSubmission", selection, walk::on(&signed, json!({}))).await;
        assert_eq!(handed_in["submission"]["state"], state, "{characters}");
        if state == "REFUSED" {
            assert_eq!(handed_in["refusals"], json!([{ "code": "TOO_LONG", "field": "body" }]));
        }
    }
}

async fn the_last_of_every_category_is_named(app: TestApp) {
    app.set_clock("2024-12-30T09:00:00+08:00");
    let office = founded(&app, "baotou").await;
    let last = ["固阳县", "市财政局", "综合二科"];
    let others = [
        "昆都仑区",
        "青山区",
        "东河区",
        "九原区",
        "石拐区",
        "白云鄂博矿区",
        "土默特右旗",
        "达尔罕茂明安联合旗",
        "市发展和改革委员会",
        "市教育局",
        "市工业和信息化局",
        "市公安局",
        "市应急管理局",
        "综合一科",
        "综合三科",
        "综合四科",
    ];
    for unit in others {
        rows(&office, unit, "problem", "2024-03-05", 1, (1, "own")).await;
    }
    // A commission of the State Council office: one county answers, one does not.
    let editor = office.editor().await;
    let units = [office.unit_id("昆都仑区").await, office.unit_id("固阳县").await];
    let input = json!({
        "network": office.network_id(), "topic": "稀土产业运行", "requirement": "请报送产量、价格及问题。",
        "origin": "state", "dueAt": "2024-12-31T09:00:00+08:00", "units": units,
    });
    let selection = "commission { id version assignments { id version state unit { name } } }";
    let commission = walk::act(&editor, "issueCommission", selection, input).await["commission"].take();
    let (officer, leader) = (office.officer("昆都仑区").await, office.leader("昆都仑区").await);
    let answer = json!({
        "network": office.network_id(), "unit": units[0], "content": content("commission"),
        "assignment": walk::assignment(&commission, "昆都仑区")["id"],
    });
    let drafted = walk::act(&officer, "createSubmission", walk::SUBMISSION, answer).await["submission"].take();
    let signed = walk::step(&leader, "signSubmission", &drafted).await;
    walk::step(&officer, "submitSubmission", &signed).await;
    app.set_clock("2024-12-31T18:00:00+08:00");
    let editor = office.editor().await;
    walk::judge(&editor, walk::assignment(&commission, "昆都仑区"), "ANSWERED").await;
    walk::judge(&editor, walk::assignment(&commission, "固阳县"), "MISSED").await;
    // A leader endorses an item of a department: each item earns once for each level.
    let item = received(&office, "市教育局", &office.section_chief("市教育局").await, content("problem")).await;
    let endorsed = walk::endorse(&editor, &item, "city", "2024-12-31").await;
    walk::endorse(&editor, &endorsed, "city", "2024-12-31").await;

    assert_eq!(figures::listed(&editor, &office, "last_of_category", "2024").await, last);
    assert_eq!(figures::listed(&editor, &office, "nothing_adopted", "2024-Q1").await, last);
    assert_eq!(figures::listed(&editor, &office, "commission_failed", "2024-12").await, ["固阳县"]);
    // 零报送 of the first quarter: sections hand in leads and are not asked.
    assert_eq!(figures::listed(&editor, &office, "nothing_reported", "2024-Q1").await, last[..2]);
    let ledger = figures::ledger(&editor, &office, "固阳县", "2024-12", Currency::Points).await;
    // Missed for the State Council office; no problem item in December; nobody in charge.
    let mut lines: Vec<_> = figures::lines(&ledger).lines().map(str::to_owned).collect();
    lines.sort();
    expect![[r"
        2024-12-31 commission.failed -5
        2024-12-31 organisation.incomplete -10
        2024-12-31 pace.deep -2"]]
    .assert_eq(&lines.join("\n"));
    expect![[r"
        1 综合一科 2
        1 综合三科 2
        1 综合四科 2
        4 综合二科 0
    "]]
    .assert_eq(&figures::ranking(&editor, &office, "section", "2024").await);
    let departments = figures::ranking(&editor, &office, "department", "2024").await;
    expect![[r"
        1 市教育局 -23
        2 市发展和改革委员会 -30
        2 市工业和信息化局 -30
        2 市公安局 -30
        2 市应急管理局 -30
        6 市财政局 -34
    "]]
    .assert_eq(&departments);
    assert_eq!(notes(&editor, &office, "2024").await, json!([]));
}
