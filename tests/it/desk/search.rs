//! Full-text search in Chinese: words of two characters, folded widths, and nothing for those who may not read.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::office::Office;
use tests::walk;

tests::cases![
    words_of_two_characters_are_found,
    widths_cases_and_broken_lines_make_no_difference,
    all_words_must_be_there,
    the_index_follows_the_text,
    nobody_finds_what_they_may_not_read,
    a_question_needs_letters,
    texts_from_before_there_was_an_index_are_caught_up_with,
];

const UNIT: &str = "玛纳斯县";

/// Drafts an item of a unit.
async fn draft(office: &Office, unit: &str, title: &str, body: &str) -> Value {
    let content = walk::merged(walk::content(), json!({ "title": title, "body": body }));
    walk::draft(&office.officer(unit).await, office, unit, content).await
}

/// Drafts an item, has it signed, and hands it in.
async fn report(office: &Office, unit: &str, title: &str, body: &str) -> Value {
    let drafted = draft(office, unit, title, body).await;
    let signed = walk::step(&office.leader(unit).await, "signSubmission", &drafted).await;
    walk::step(&office.officer(unit).await, "submitSubmission", &signed).await
}

/// The titles that a question finds, in the order in which they were drafted.
async fn found(client: &Client, office: &Office, text: &str) -> Vec<String> {
    let query = "query($network: ID!, $text: String!) {
        submissions(network: $network, where: { text: $text }, orderBy: OLDEST, first: 50) { totalCount nodes { title } }
    }";
    let page = client.gql(query, json!({ "network": office.network_id(), "text": text })).await["submissions"].take();
    let titles: Vec<String> =
        page["nodes"].as_array().unwrap().iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(page["totalCount"], titles.len());
    titles
}

async fn words_of_two_characters_are_found(app: TestApp) {
    report(&app, UNIT, "甲", "州政府办公室下发约稿通知，请各县市报送政务信息。").await;
    report(&app, UNIT, "乙", "棉花收购进度加快，收购价格稳中有升。").await;
    report(&app, "阜康市", "信息报送培训", "培训班开班，四十人参加。").await;
    let editor = app.editor().await;
    for (text, expected) in [
        ("约稿", vec!["甲"]),
        ("信息", vec!["甲", "信息报送培训"]),
        ("政务信息", vec!["甲"]),
        ("收购", vec!["乙"]),
        ("棉", vec!["乙"]),
        ("升", vec!["乙"]),
        ("稿通", vec!["甲"]),
        ("购收", vec![]),
        ("信息。", vec!["甲"]),
        ("培训班开班，四十人参加", vec!["信息报送培训"]),
    ] {
        assert_eq!(found(&editor, &app, text).await, expected, "{text}");
    }
}

async fn widths_cases_and_broken_lines_make_no_difference(app: TestApp) {
    report(&app, UNIT, "甲", "上半年ＧＤＰ增长５．８％，固定资产\n　　投资增长 12%。Covid 防控平稳。").await;
    let editor = app.editor().await;
    for text in
        ["GDP", "gdp", "ＧＤＰ增长", "5.8%", "固定资产投资", "资产投", "１２％", "covid", "COVID 防控", "cov", "平稳"]
    {
        assert_eq!(found(&editor, &app, text).await, ["甲"], "{text}");
    }
    for text in ["GDPS", "5.9%", "资产 增速"] {
        assert_eq!(found(&editor, &app, text).await, Vec::<String>::new(), "{text}");
    }
}

async fn all_words_must_be_there(app: TestApp) {
    report(&app, UNIT, "春耕", "农资储备充足。").await;
    report(&app, UNIT, "农资", "种子下摆到村。").await;
    let editor = app.editor().await;
    assert_eq!(found(&editor, &app, "春耕 农资").await, ["春耕"]);
    assert_eq!(found(&editor, &app, "农资").await, ["春耕", "农资"]);
    assert_eq!(found(&editor, &app, "农资\u{3000}种子").await, ["农资"]);
}

async fn the_index_follows_the_text(app: TestApp) {
    let officer = app.officer(UNIT).await;
    let drafted = draft(&app, UNIT, "甲", "小麦返青。").await;
    assert_eq!(found(&officer, &app, "小麦").await, ["甲"]);
    let content = walk::merged(walk::content(), json!({ "title": "甲", "body": "玉米播种。" }));
    walk::act(&officer, "updateSubmission", "", walk::on(&drafted, json!({ "content": content }))).await;
    assert_eq!(found(&officer, &app, "小麦").await, Vec::<String>::new());
    assert_eq!(found(&officer, &app, "玉米").await, ["甲"]);
    // What is refused leaves nothing in the index either.
    let content = walk::merged(walk::content(), json!({ "title": "乙", "body": "大豆扩种。" }));
    walk::refused(&officer, "updateSubmission", walk::on(&drafted, json!({ "content": content })), "VERSION_CONFLICT")
        .await;
    assert_eq!(found(&officer, &app, "大豆").await, Vec::<String>::new());
}

async fn nobody_finds_what_they_may_not_read(app: TestApp) {
    draft(&app, UNIT, "草稿", "干部调整酝酿。").await;
    report(&app, UNIT, "土地流转", "流转面积三万亩，合同纠纷七起。").await;
    let analyst = app.analyst().await;
    // An analyst reads titles and no texts: a text cannot be guessed at by searching.
    assert_eq!(found(&analyst, &app, "土地").await, ["土地流转"]);
    assert_eq!(found(&analyst, &app, "合同纠纷").await, Vec::<String>::new());
    assert_eq!(found(&analyst, &app, "土地 合同").await, Vec::<String>::new());
    // A draft is its unit's own affair, and a unit's work is not another's.
    for outsider in [app.editor().await, app.officer("阜康市").await] {
        assert_eq!(found(&outsider, &app, "干部").await, Vec::<String>::new());
    }
    assert_eq!(found(&app.officer("阜康市").await, &app, "土地").await, Vec::<String>::new());
    assert_eq!(found(&app.city_leader().await, &app, "合同纠纷").await, ["土地流转"]);
}

async fn a_question_needs_letters(app: TestApp) {
    let editor = app.editor().await;
    let query = "query($network: ID!, $text: String!) {
        submissions(network: $network, where: { text: $text }, first: 1) { totalCount }
    }";
    for text in ["", " 。", &"长".repeat(101)] {
        let error = editor.expect_code(query, json!({ "network": app.network_id(), "text": text }), "INVALID").await;
        assert_eq!(error["extensions"]["field"], "where.text");
    }
    // Signs that mean something to a database mean nothing here.
    for text in ["\"约稿\"", "' OR 1=1 --", "稿*", "NOT 稿", "稿 AND", "%", "_稿", "a:b", "稿'':*"] {
        let answer = editor.ask(query, json!({ "network": app.network_id(), "text": text })).await.body;
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        assert!(code.is_none() || code == Some("INVALID"), "{text}: {answer}");
    }
}

async fn texts_from_before_there_was_an_index_are_caught_up_with(app: TestApp) {
    for _ in 0..3 {
        app.submission(UNIT).await.submitted_on("2026-02-01").title("旧稿").insert().await;
    }
    let editor = app.editor().await;
    assert_eq!(found(&editor, &app, "旧稿").await, Vec::<String>::new());
    api::services::search::catch_up(app.state()).await.unwrap();
    assert_eq!(found(&editor, &app, "旧稿").await.len(), 3);
    assert_eq!(found(&editor, &app, "春耕备耕").await.len(), 3);
}
