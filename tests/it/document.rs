//! Circulars as official documents, and lists by which settlements are paid: fetched by a link, the same bytes each time.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::{Client, Fetched};
use tests::figures::text;
use tests::walk;

use crate::settlement::{approve, publish, settle};

tests::cases![
    a_circular_is_the_same_document_each_time,
    a_corrected_edition_says_what_changed,
    a_year_names_winners_and_those_passed_over,
    a_list_of_payments_holds_what_its_reader_may_see,
];

const UNIT: &str = "阜康市";

/// Adoptions of 10 points each, all on one day.
async fn adopted(app: &TestApp, unit: &str, day: &str, items: usize) {
    for _ in 0..items {
        let row = app.submission(unit).await.submitted_on(day).insert().await;
        app.adoption(&row, "general").await.on(day).insert().await;
    }
}

/// Follows the link of a field of an object.
async fn fetched(app: &TestApp, client: &Client, object: &str, id: &Value, field: &str) -> Fetched {
    let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on {object} {{ file: {field} }} }} }}");
    let answer = client.gql(&query, json!({ "id": id })).await;
    let file = app.stranger().fetch(text(&answer["node"]["file"])).await;
    assert_eq!(file.status, StatusCode::OK, "{field}");
    file
}

async fn page(app: &TestApp, client: &Client, circular: &Value) -> String {
    let file = fetched(app, client, "Circular", &circular["id"], "document(format: HTML)").await;
    String::from_utf8(file.bytes).unwrap()
}

async fn a_circular_is_the_same_document_each_time(app: TestApp) {
    adopted(&app, "昌吉市", "2026-02-10", 2).await;
    adopted(&app, UNIT, "2026-02-11", 1).await;
    app.submission("玛纳斯县").await.submitted_on("2026-02-11").insert_many(4).await;
    let circular = publish(&app, "2026-02").await;
    // Every unit of the network may have it, as it may read the circular.
    let (editor, officer) = (app.editor().await, app.officer("玛纳斯县").await);
    let first = fetched(&app, &editor, "Circular", &circular["id"], "document(format: DOCX)").await;
    assert!(first.bytes.starts_with(b"PK"));
    let media = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    assert_eq!(first.headers["content-type"], media);
    let page_of_officer = page(&app, &officer, &circular).await;
    // Later work changes neither.
    adopted(&app, UNIT, "2026-03-01", 3).await;
    app.set_clock("2026-03-20T09:00:00+08:00");
    let (editor, officer) = (app.editor().await, app.officer("玛纳斯县").await);
    let second = fetched(&app, &editor, "Circular", &circular["id"], "document(format: DOCX)").await;
    assert!(first.bytes == second.bytes, "the bytes differ");
    assert_eq!(page(&app, &officer, &circular).await, page_of_officer);
    for part in [
        "<h1>关于2026年2月政务信息工作情况的通报</h1>",
        "通报〔2026〕1号",
        "各县市、各园区、各州直重点部门、各州直非重点部门：",
        "根据《自治州政务信息综合积分管理办法》，现将2026年2月（2026年2月1日至2026年2月28日）",
        "纳入考评的单位共75个，报送政务信息7条，采用3条（3篇次），采用率42.9%。",
        "7个单位中，昌吉市（20分，第1名）、阜康市（10分，第2名）位居前列。详见附件。",
        "对积分排名靠前的昌吉市、阜康市予以通报表扬。",
        "附件：1.2026年2月县市政务信息积分排名表",
        "<br>2026年3月2日</p>",
    ] {
        assert!(page_of_officer.contains(part), "{part} is missing in {page_of_officer}");
    }
    // Who is of another network has no link.
    let rules = include_str!("../../analytics/rulebooks/field/huolinguole-2018.toml");
    let elsewhere = app.found("elsewhere", rules).await;
    let query = "query($id: ID!) { circular(id: $id) { document } }";
    let foreign = elsewhere.editor().await.gql(query, json!({ "id": circular["id"] })).await;
    assert_eq!(foreign["circular"], Value::Null);
}

async fn a_corrected_edition_says_what_changed(app: TestApp) {
    adopted(&app, UNIT, "2026-02-11", 1).await;
    let circular = publish(&app, "2026-02").await;
    let before = page(&app, &app.editor().await, &circular).await;
    let late = json!({
        "network": app.network_id(), "unit": app.unit_id(UNIT).await, "kind": "UNTRUE", "evidence": "经核实，数据有误。",
        "occurredOn": "2026-02-20",
    });
    walk::act(&app.editor().await, "recordIncident", "incident { id }", late).await;
    let input = json!({ "circular": circular["id"], "expectedVersion": circular["version"], "reason": "补录不实信息" });
    let next = walk::act(&app.chief_editor().await, "correctCircular", "circular { id }", input).await;
    let page_of_next = page(&app, &app.editor().await, &next["circular"]).await;
    for part in ["工作情况的通报（第2版）", "更正原因：补录不实信息。", "<td>10分 第1名</td><td>-40分 第7名</td>"]
    {
        assert!(page_of_next.contains(part), "{part} is missing in {page_of_next}");
    }
    assert_eq!(page(&app, &app.editor().await, &circular).await, before, "the first edition stays what it was");
}

async fn a_year_names_winners_and_those_passed_over(app: TestApp) {
    for (unit, items) in [("昌吉市", 4), (UNIT, 3), ("奇台县", 2), ("木垒县", 1)] {
        adopted(&app, unit, "2025-05-12", items).await;
    }
    let circular = publish(&app, "2025").await;
    let text = page(&app, &app.editor().await, &circular).await;
    for part in ["关于2025年度政务信息工作情况的通报", "年度自治州政务信息工作先进单位：昌吉市、阜康市、奇台县。"]
    {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

async fn a_list_of_payments_holds_what_its_reader_may_see(app: TestApp) {
    for unit in [UNIT, "奇台县"] {
        let row = app.submission(unit).await.submitted_on("2025-11-03").insert().await;
        let via = app.publication("internal").await;
        app.adoption(&row, "state_council").await.via(via).on("2025-11-10").insert().await;
    }
    publish(&app, "2025-11").await;
    let draft = settle(&app.editor().await, &app, "2025-11").await;
    let settlement = approve(&app.chief_editor().await, &draft).await;
    let csv = async |client: &Client| {
        let file = fetched(&app, client, "AwardSettlement", &settlement["id"], "payouts(format: CSV)").await;
        String::from_utf8(file.bytes).unwrap()
    };
    let whole = csv(&app.editor().await).await;
    assert!(
        whole.starts_with(
            "\u{feff}序号,单位,获奖人员,奖项,依据条款,名次,结果,应发（元）,已发（元）,本次发放（元）,说明"
        )
    );
    assert_eq!(whole.matches("王信息").count(), 2);
    assert!(whole.contains(",合计,,,,,,,,2000,"), "{whole}");
    let own = csv(&app.leader(UNIT).await).await;
    assert_eq!((own.matches("王信息").count(), own.contains("奇台县")), (1, false));
    assert!(own.contains(",合计,,,,,,,,1000,"));
    let analyst = csv(&app.analyst().await).await;
    assert_eq!((analyst.matches("王**").count(), analyst.contains("王信息")), (2, false));
    let editor = app.editor().await;
    let book = fetched(&app, &editor, "AwardSettlement", &settlement["id"], "payouts(format: XLSX)").await;
    assert!(book.bytes.starts_with(b"PK"));
    let again = fetched(&app, &editor, "AwardSettlement", &settlement["id"], "payouts(format: XLSX)").await;
    assert!(book.bytes == again.bytes, "the bytes differ");
}
