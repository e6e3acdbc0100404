//! Who is told about whom: each text to the right person, and no unit named to anybody who is not told of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::figures::text;
use tests::office::Office;
use tests::walk;

use super::{adopted, baotou, holder, pass, publish, runs, texts, the_run};

tests::cases![
    results_are_taken_to_those_who_answer_for_the_units,
    the_last_of_each_category_is_told_why,
    charges_are_kept_by_the_chief_editor,
];

const COUNTIES: [&str; 9] =
    ["昆都仑区", "青山区", "东河区", "九原区", "石拐区", "白云鄂博矿区", "土默特右旗", "固阳县", "达尔罕茂明安联合旗"];
const DEPARTMENTS: [&str; 6] =
    ["市发展和改革委员会", "市教育局", "市工业和信息化局", "市公安局", "市财政局", "市应急管理局"];
const SECTIONS: [&str; 4] = ["综合一科", "综合二科", "综合三科", "综合四科"];

async fn results_are_taken_to_those_who_answer_for_the_units(app: TestApp) {
    let office = baotou(&app, "2026-03-30T09:00:00+08:00").await;
    for unit in COUNTIES.iter().chain(&DEPARTMENTS) {
        office.leader(unit).await;
    }
    holder(&office, "mayor", "HEAD", &[]).await;
    holder(&office, "vice.one", "DEPUTY_HEAD", &["市教育局", "市公安局", "青山区"]).await;
    holder(&office, "vice.two", "DEPUTY_HEAD", &["市财政局", "市发展和改革委员会", "市应急管理局"]).await;
    holder(&office, "secretary", "SECRETARY_GENERAL", &[]).await;
    holder(&office, "deputy", "DEPUTY_SECRETARY_GENERAL", &["综合一科", "综合三科"]).await;
    adopted(&office, "青山区", "2026-03-10", 2).await;
    adopted(&office, "市教育局", "2026-03-10", 1).await;
    app.set_clock("2026-04-03T09:00:00+08:00");
    publish(&office, "2026-Q1").await;
    pass(&app).await;

    // 旗县区 to the mayor.
    let mayor = texts(&the_run(&office, "quarter.to_mayor", "2026-Q1").await, "SMS");
    assert_eq!(mayor.len(), 1);
    assert_eq!(mayor[0].0, "mayor");
    assert!(
        mayor[0].1.starts_with(
            "【包头市政府办公室】现将2026年第一季度9个旗县区政务信息采用情况呈上：1.青山区0分，采用2条；2.昆都仑区-6分"
        ),
        "{}",
        mayor[0].1
    );
    assert!(COUNTIES.iter().all(|county| mayor[0].1.contains(county)));
    // 部门 to the vice-mayor in charge of them; a county in their charge is not in this text.
    let vice = texts(&the_run(&office, "quarter.to_vice_mayor", "2026-Q1").await, "SMS");
    assert_eq!(vice.len(), 2);
    let one = &vice.iter().find(|(name, _)| name == "vice.one").unwrap().1;
    assert_eq!(
        one,
        "【包头市政府办公室】现将2026年第一季度您分管的2个部门政务信息采用情况呈上：市教育局列第1位，-2分，采用1条；市公安局列第2位，-6分，采用0条。请阅批。"
    );
    // 政务科室 to the secretary-general, and to the deputy in charge.
    let secretaries = texts(&the_run(&office, "quarter.to_secretaries", "2026-Q1").await, "SMS");
    let counts: Vec<_> = secretaries
        .iter()
        .map(|(name, text)| (name.as_str(), SECTIONS.iter().filter(|section| text.contains(*section)).count()))
        .collect();
    assert_eq!(counts, [("secretary", 4), ("deputy", 2)]);
    // Each leader is told of their own unit.
    let leaders = texts(&the_run(&office, super::RESULT, "2026-Q1").await, "SMS");
    assert_eq!(leaders.len(), COUNTIES.len() + DEPARTMENTS.len());
    nobody_is_told_of_others(&office).await;
}

/// No text of any run mentions a unit that its recipient is not told of.
async fn nobody_is_told_of_others(office: &Office) {
    let mut looked_at = 0;
    for run in runs(office, "").await {
        for notice in run["notices"]["nodes"].as_array().unwrap() {
            let (said, name) = (text(&notice["text"]), text(&notice["recipient"]["name"]));
            let told: BTreeSet<String> = match name {
                "mayor" => COUNTIES.iter().map(|unit| (*unit).to_owned()).collect(),
                "secretary" => SECTIONS.iter().map(|unit| (*unit).to_owned()).collect(),
                "vice.one" => ["市教育局", "市公安局"].map(str::to_owned).into(),
                "vice.two" => ["市财政局", "市发展和改革委员会", "市应急管理局"].map(str::to_owned).into(),
                "deputy" => ["综合一科", "综合三科"].map(str::to_owned).into(),
                _ => BTreeSet::from([text(&notice["unit"]["name"]).to_owned()]),
            };
            for unit in COUNTIES.iter().chain(&DEPARTMENTS).chain(&SECTIONS) {
                assert!(!said.contains(unit) || told.contains(*unit), "{name} is told of {unit}: {said}");
            }
            looked_at += 1;
        }
    }
    assert!(looked_at > 30, "{looked_at}");
}

async fn the_last_of_each_category_is_told_why(app: TestApp) {
    let office = baotou(&app, "2026-12-01T09:00:00+08:00").await;
    for unit in COUNTIES.iter().chain(&DEPARTMENTS) {
        office.leader(unit).await;
    }
    // Two counties share the last place; one department came in summer and is last.
    for unit in COUNTIES.iter().filter(|unit| !["固阳县", "石拐区"].contains(unit)).chain(&DEPARTMENTS) {
        adopted(&office, unit, "2026-11-10", 1).await;
    }
    let created = json!({
        "network": office.network_id(), "name": "市数据局", "category": "department", "openedOn": "2026-12-01",
    });
    walk::act(&office.system_administrator().await, "createUnit", "unit { id }", created).await;
    office.leader("市数据局").await;
    let here = json!({ "network": office.network_id(), "unit": office.unit_id("市数据局").await });
    for _ in 0..8 {
        let untrue = json!({ "kind": "UNTRUE", "evidence": "经核实，数据有误。", "occurredOn": "2026-12-01" });
        walk::act(&office.editor().await, "recordIncident", "incident { id }", walk::merged(here.clone(), untrue))
            .await;
    }
    app.set_clock("2027-01-04T09:00:00+08:00");
    publish(&office, "2026").await;
    app.set_clock("2027-01-14T09:00:00+08:00");
    pass(&app).await;
    let run = the_run(&office, "year.last", "2026").await;
    assert_eq!((&run["kind"], &run["state"]), (&json!("BOTTOM"), &json!("DRAFT")));
    let told = texts(&run, "SMS");
    let of = |unit: &str| told.iter().find(|(_, text)| text.contains(unit)).map(|(_, text)| text.clone());
    assert_eq!(told.len(), 2, "{told:?}");
    let said = of("固阳县").expect("it is told");
    assert!(said.contains("旗县区共9个单位，你单位得") && said.contains("列第8位，与其他1个单位并列"), "{said}");
    assert!(of("石拐区").is_some());
    let gaps: Vec<_> = run["gaps"].as_array().unwrap().iter().map(|gap| text(&gap["messageZh"]).to_owned()).collect();
    assert!(gaps.contains(&"市数据局在名单上，但未在整个时段内参加考核，未列入".to_owned()), "{gaps:?}");
}

async fn charges_are_kept_by_the_chief_editor(app: TestApp) {
    let office = baotou(&app, "2026-03-30T09:00:00+08:00").await;
    let person = holder(&office, "vice.one", "DEPUTY_HEAD", &["市教育局"]).await;
    let (chief, editor) = (office.chief_editor().await, office.editor().await);
    let set = |post: &str, units: Value, version: Value| {
        json!({
            "network": office.network_id(), "person": person, "post": post, "units": units, "expectedVersion": version,
        })
    };
    let (education, finance) = (office.unit_id("市教育局").await, office.unit_id("市财政局").await);
    walk::refused(&editor, "setCharge", set("DEPUTY_HEAD", json!([education]), json!(1)), "FORBIDDEN").await;
    walk::refused(&chief, "setCharge", set("DEPUTY_HEAD", json!([]), json!(1)), "INVALID").await;
    walk::refused(&chief, "setCharge", set("HEAD", json!([education]), Value::Null), "INVALID").await;
    walk::refused(&chief, "setCharge", set("DEPUTY_HEAD", json!([education]), Value::Null), "VERSION_CONFLICT").await;
    let elsewhere = app.unit_id("阜康市").await;
    walk::refused(&chief, "setCharge", set("DEPUTY_HEAD", json!([elsewhere]), json!(1)), "NOT_FOUND").await;
    let both = set("DEPUTY_HEAD", json!([education, finance]), json!(1));
    let charge = walk::act(&chief, "setCharge", "charge { id version units { name } }", both).await["charge"].take();
    assert_eq!(charge["units"], json!([{ "name": "市教育局" }, { "name": "市财政局" }]));
    let query =
        "query($network: ID!) { charges(network: $network, first: 10) { nodes { post person { name } endedAt } } }";
    let listed = chief.gql(query, json!({ "network": office.network_id() })).await["charges"]["nodes"].take();
    assert_eq!(listed, json!([{ "post": "DEPUTY_HEAD", "person": { "name": "vice.one" }, "endedAt": null }]));
    let ending = json!({ "charge": charge["id"], "expectedVersion": charge["version"] });
    let ended = walk::act(&chief, "endCharge", "charge { id version endedAt }", ending).await["charge"].take();
    let again = json!({ "charge": ended["id"], "expectedVersion": ended["version"] });
    walk::refused(&chief, "endCharge", again, "WRONG_STATE").await;
}
