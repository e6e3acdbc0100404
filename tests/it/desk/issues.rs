//! Issues in their order, read as documents; the library; the day's feedback to each unit.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::walk;

tests::cases![
    an_issue_has_the_order_that_the_editor_gives,
    an_order_names_every_item_once,
    a_published_issue_is_read_as_one_document,
    an_open_issue_is_read_by_the_office_only,
    the_day_is_fed_back_to_the_unit,
    feedback_is_for_the_unit_and_the_office,
    excellent_manuscripts_are_kept_for_everybody,
    only_what_was_adopted_is_kept_and_once,
];

const FIRST: &str = "阜康市";
const SECOND: &str = "奇台县";
const TODAY: &str = "2026-03-02";

/// Hands an item in under a title.
async fn report(app: &TestApp, unit: &str, title: &str) -> Value {
    let (officer, leader) = (app.officer(unit).await, app.leader(unit).await);
    let content =
        walk::merged(walk::content(), json!({ "title": title, "body": format!("{title}的情况。\n第二段<b>。") }));
    let drafted = walk::draft(&officer, app, unit, content).await;
    walk::step(&officer, "submitSubmission", &walk::step(&leader, "signSubmission", &drafted).await).await
}

/// An issue of the internal publication with three items, and their adoptions.
async fn compiled(app: &TestApp, editor: &Client) -> (Value, Vec<String>) {
    let issue = walk::issue(editor, app, "internal", TODAY).await;
    let mut adoptions = Vec::new();
    for (unit, title, class) in [(FIRST, "甲", "dynamic"), (SECOND, "乙", "special_report"), (FIRST, "丙", "reference")]
    {
        let adopted = walk::adopt(editor, &report(app, unit, title).await, &issue, Some(class)).await;
        adoptions.push(adopted["adoption"]["id"].as_str().unwrap().to_owned());
    }
    (issue, adoptions)
}

fn arranged(issue: &Value, order: &[&String]) -> Value {
    json!({ "issue": issue["id"], "expectedVersion": issue["version"], "adoptions": order })
}

async fn titles(client: &Client, issue: &Value) -> Vec<String> {
    let query = "query($id: ID!) { node(id: $id) { ... on Issue { items { submission { title } } } } }";
    let seen = client.gql(query, json!({ "id": issue["id"] })).await;
    let items = seen["node"]["items"].as_array().unwrap();
    items.iter().map(|item| item["submission"]["title"].as_str().unwrap().to_owned()).collect()
}

const ISSUE: &str = "issue { id version state }";

async fn an_issue_has_the_order_that_the_editor_gives(app: TestApp) {
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    let (issue, adoptions) = compiled(&app, &editor).await;
    assert_eq!(titles(&editor, &issue).await, ["甲", "乙", "丙"]);
    let order = [&adoptions[2], &adoptions[0], &adoptions[1]];
    let issue = walk::act(&editor, "arrangeIssue", ISSUE, arranged(&issue, &order)).await["issue"].take();
    assert_eq!(titles(&editor, &issue).await, ["丙", "甲", "乙"]);
    // What comes later comes last.
    walk::adopt(&editor, &report(&app, SECOND, "丁").await, &issue, Some("dynamic")).await;
    assert_eq!(titles(&editor, &issue).await, ["丙", "甲", "乙", "丁"]);
    walk::refused(&chief, "arrangeIssue", arranged(&issue, &order), "FORBIDDEN").await;
    let act = json!({ "issue": issue["id"], "expectedVersion": issue["version"] });
    let approved = walk::act(&chief, "approveIssue", ISSUE, act).await["issue"].take();
    walk::refused(&editor, "arrangeIssue", arranged(&approved, &order), "WRONG_STATE").await;
}

async fn an_order_names_every_item_once(app: TestApp) {
    let editor = app.editor().await;
    let (issue, adoptions) = compiled(&app, &editor).await;
    let elsewhere = walk::issue(&editor, &app, "general", TODAY).await;
    let other = walk::adopt(&editor, &report(&app, FIRST, "他").await, &elsewhere, None).await;
    let other = other["adoption"]["id"].as_str().unwrap().to_owned();
    let [a, b, c] = [&adoptions[0], &adoptions[1], &adoptions[2]];
    for order in [vec![a, b], vec![a, b, b], vec![a, b, c, c], vec![a, b, &other]] {
        let error = walk::refused(&editor, "arrangeIssue", arranged(&issue, &order), "INVALID").await;
        assert_eq!(error["field"], "adoptions");
    }
    let stale = json!({ "id": issue["id"], "version": 7 });
    walk::refused(&editor, "arrangeIssue", arranged(&stale, &[a, b, c]), "VERSION_CONFLICT").await;
}

const DOCUMENT: &str = "query($id: ID!) { node(id: $id) { ... on Issue { document {
    masthead publisher number year date items { title class body units } markdown html
} } } }";

async fn publish(chief: &Client, issue: &Value) -> Value {
    let act = json!({ "issue": issue["id"], "expectedVersion": issue["version"] });
    let approved = walk::act(chief, "approveIssue", ISSUE, act).await["issue"].take();
    let act = json!({ "issue": approved["id"], "expectedVersion": approved["version"] });
    walk::act(chief, "publishIssue", ISSUE, act).await["issue"].take()
}

async fn a_published_issue_is_read_as_one_document(app: TestApp) {
    let (editor, chief) = (app.editor().await, app.chief_editor().await);
    let (issue, adoptions) = compiled(&app, &editor).await;
    let order = [&adoptions[1], &adoptions[2], &adoptions[0]];
    let issue = walk::act(&editor, "arrangeIssue", ISSUE, arranged(&issue, &order)).await["issue"].take();
    publish(&chief, &issue).await;
    // Everybody in the network reads the whole of it, also what other units wrote.
    let seen = app.officer("木垒县").await.gql(DOCUMENT, json!({ "id": issue["id"] })).await["node"]["document"].take();
    assert_eq!(seen["masthead"], "昌吉信息(内刊)");
    assert_eq!((&seen["number"], &seen["year"], &seen["date"]), (&json!(1), &json!(2026), &json!(TODAY)));
    let items = seen["items"].as_array().unwrap();
    let told: Vec<_> =
        items.iter().map(|item| (item["title"].as_str().unwrap(), item["class"].as_str().unwrap())).collect();
    assert_eq!(told, [("乙", "情况专报"), ("丙", "参阅参考"), ("甲", "动态")]);
    assert_eq!(items[0]["units"], json!([SECOND]));
    let markdown = seen["markdown"].as_str().unwrap();
    assert!(markdown.starts_with("# 昌吉信息\\(内刊\\)\n\n**2026年第1期**"), "{markdown}");
    assert!(markdown.contains("2026年3月2日") && markdown.contains("## 1. 乙〔情况专报〕"), "{markdown}");
    let html = seen["html"].as_str().unwrap();
    assert!(html.contains("<h2>3. 甲〔动态〕</h2>") && !html.contains("<b>"), "{html}");
    // Who may read no texts reads no document.
    let seen = app.analyst().await.gql(DOCUMENT, json!({ "id": issue["id"] })).await;
    assert_eq!(seen["node"]["document"], Value::Null);
    assert!(app.city_leader().await.gql(DOCUMENT, json!({ "id": issue["id"] })).await["node"]["document"].is_object());
}

async fn an_open_issue_is_read_by_the_office_only(app: TestApp) {
    let editor = app.editor().await;
    let (issue, _) = compiled(&app, &editor).await;
    assert!(editor.gql(DOCUMENT, json!({ "id": issue["id"] })).await["node"]["document"].is_object());
    assert_eq!(app.officer(FIRST).await.gql(DOCUMENT, json!({ "id": issue["id"] })).await["node"], Value::Null);
}

const FEEDBACK: &str = "query($network: ID!, $unit: ID!, $day: Date!) {
    adoptionFeedback(network: $network, unit: $unit, day: $day) {
        adopted { points adoption { class publication { code } submission { title } } }
        shortlisted { submission { title } screening { reason } }
        returned { submission { title } screening { reason comment } }
        declined { submission { title } screening { reason comment } }
    }
}";

async fn the_day_is_fed_back_to_the_unit(app: TestApp) {
    let editor = app.editor().await;
    compiled(&app, &editor).await;
    walk::send_back(&editor, &report(&app, FIRST, "回").await).await;
    walk::decline(&editor, &report(&app, FIRST, "弃").await).await;
    walk::shortlist(&editor, &report(&app, FIRST, "选").await).await;
    let unit = app.unit_id(FIRST).await;
    let ask = |day: &str| json!({ "network": app.network_id(), "unit": unit, "day": day });
    let seen = app.officer(FIRST).await.gql(FEEDBACK, ask(TODAY)).await["adoptionFeedback"].take();
    let adopted = |title: &str, class: &str, points: &str| {
        json!({ "points": points, "adoption": {
            "class": class, "publication": { "code": "internal" }, "submission": { "title": title },
        } })
    };
    // 附件1 三(一): 动态 10, 参阅参考 40.
    assert_eq!(seen["adopted"], json!([adopted("甲", "dynamic", "10"), adopted("丙", "reference", "40")]));
    let told = |title: &str, reason: &str, comment: Value| json!([{ "submission": { "title": title }, "screening": { "reason": reason, "comment": comment } }]);
    assert_eq!(seen["returned"], told("回", "NOT_VERIFIED", json!("请核实数据")));
    assert_eq!(seen["declined"], told("弃", "LOW_VALUE", Value::Null));
    assert_eq!(seen["shortlisted"][0]["submission"]["title"], "选");
    // One minute to midnight, and midnight: by the network's own clock.
    app.set_clock("2026-03-03T23:59:59+08:00");
    let editor = app.editor().await;
    walk::decline(&editor, &report(&app, FIRST, "晚").await).await;
    for (day, count) in [("2026-03-03", 1), ("2026-03-04", 0)] {
        let seen = editor.gql(FEEDBACK, ask(day)).await["adoptionFeedback"].take();
        assert_eq!(seen["declined"].as_array().map(Vec::len), Some(count), "{day}");
        assert_eq!(seen["adopted"], json!([]));
    }
}

async fn feedback_is_for_the_unit_and_the_office(app: TestApp) {
    let variables = json!({ "network": app.network_id(), "unit": app.unit_id(FIRST).await, "day": TODAY });
    app.officer(SECOND).await.expect_code(FEEDBACK, variables.clone(), "NOT_FOUND").await;
    app.chief_editor().await.gql(FEEDBACK, variables).await;
}

async fn excellent_manuscripts_are_kept_for_everybody(app: TestApp) {
    let editor = app.editor().await;
    let issue = walk::issue(&editor, &app, "general", TODAY).await;
    for title in ["棉花收购", "春耕备耕"] {
        let adopted = walk::adopt(&editor, &report(&app, FIRST, title).await, &issue, None).await;
        let input = json!({ "submission": adopted["submission"]["id"], "comment": "数据扎实，建议可行。" });
        walk::act(&editor, "addToLibrary", "item { id }", input).await;
    }
    let query =
        "query($network: ID!, $where: LibraryWhere) { libraryItems(network: $network, where: $where, first: 10) {
        totalCount nodes { id title body unitName comment addedOn kind submission { id } }
    } }";
    let officer = app.officer(SECOND).await;
    let ask = |condition: Value| json!({ "network": app.network_id(), "where": condition });
    let seen = officer.gql(query, ask(Value::Null)).await["libraryItems"].take();
    assert_eq!(seen["totalCount"], 2);
    let last = &seen["nodes"][0];
    assert_eq!((&last["title"], &last["unitName"]), (&json!("春耕备耕"), &json!(FIRST)));
    assert_eq!(last["body"], "春耕备耕的情况。\n第二段<b>。");
    assert_eq!(last["submission"], Value::Null, "the text is for everybody, the submission's life is not");
    for (condition, count) in [
        (json!({ "text": "棉花" }), 1),
        (json!({ "text": "情况" }), 2),
        (json!({ "text": "小麦" }), 0),
        (json!({ "kinds": ["dynamic"], "topics": ["economy"] }), 2),
        (json!({ "kinds": ["meeting"] }), 0),
        (json!({ "addedFrom": "2026-03-03" }), 0),
        (json!({ "addedTo": TODAY }), 2),
    ] {
        let seen = officer.gql(query, ask(condition.clone())).await["libraryItems"].take();
        assert_eq!(seen["totalCount"], count, "{condition}");
    }
    let elsewhere = app.found("elsewhere", analytics::rulebook::shipped::find(tests::app::HOME).unwrap()).await;
    let seen = elsewhere.editor().await.gql(query, ask(Value::Null)).await["libraryItems"].take();
    assert_eq!(seen["totalCount"], 0);
}

async fn only_what_was_adopted_is_kept_and_once(app: TestApp) {
    let editor = app.editor().await;
    let submitted = report(&app, FIRST, "甲").await;
    let input = |comment: &str| json!({ "submission": submitted["id"], "comment": comment });
    walk::refused(&editor, "addToLibrary", input("好"), "WRONG_STATE").await;
    walk::refused(&app.officer(FIRST).await, "addToLibrary", input("好"), "FORBIDDEN").await;
    let issue = walk::issue(&editor, &app, "general", TODAY).await;
    walk::adopt(&editor, &submitted, &issue, None).await;
    let error = walk::refused(&editor, "addToLibrary", input(" "), "INVALID").await;
    assert_eq!(error["field"], "comment");
    walk::act(&editor, "addToLibrary", "item { id }", input("好")).await;
    walk::refused(&editor, "addToLibrary", input("好"), "ALREADY_EXISTS").await;
}
