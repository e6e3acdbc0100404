//! What awaits the viewer: each sees what they can act on.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::walk;

tests::cases![everybody_finds_what_awaits_them];

const DUE: &str = "2026-03-05T18:00:00+08:00";

/// How many things await somebody: to answer, to judge, to close, to screen.
async fn awaiting(client: &Client) -> [Value; 4] {
    let query = "{ viewer { awaiting {
        assignmentsToAnswer(first: 10) { totalCount }
        answersToJudge(first: 10) { totalCount }
        commissionsToClose(first: 10) { totalCount }
        leadsToScreen(first: 10) { totalCount }
    } } }";
    let mut seen = client.gql(query, json!({})).await["viewer"]["awaiting"].take();
    ["assignmentsToAnswer", "answersToJudge", "commissionsToClose", "leadsToScreen"]
        .map(|field| seen[field]["totalCount"].take())
}

async fn everybody_finds_what_awaits_them(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &["阜康市", "奇台县"], DUE).await;
    let [first, second] = ["阜康市", "奇台县"].map(|unit| walk::assignment(&commission, unit));
    let lead = json!({ "network": app.network_id(), "section": "工业科", "text": "线索" });
    walk::act(&editor, "createLead", "lead { id }", lead).await;
    assert_eq!(awaiting(&app.officer("阜康市").await).await, [1, 0, 0, 0]);
    assert_eq!(awaiting(&app.officer("木垒县").await).await, [0, 0, 0, 0]);
    assert_eq!(awaiting(&app.leader("阜康市").await).await, [0, 0, 0, 0]);
    assert_eq!(awaiting(&app.analyst().await).await, [0, 0, 0, 0]);
    assert_eq!(awaiting(&editor).await, [0, 0, 0, 1]);

    walk::answer(&app, "阜康市", first).await;
    assert_eq!(awaiting(&app.officer("阜康市").await).await, [0, 0, 0, 0]);
    assert_eq!(awaiting(&app.editor().await).await, [0, 1, 0, 1]);
    app.set_clock("2026-03-06T09:00:00+08:00");
    // What is overdue waits for both sides.
    assert_eq!(awaiting(&app.officer("奇台县").await).await, [1, 0, 0, 0]);
    let editor = app.editor().await;
    assert_eq!(awaiting(&editor).await, [0, 2, 0, 1]);
    walk::judge(&editor, first, "ANSWERED").await;
    walk::judge(&editor, second, "MISSED").await;
    assert_eq!(awaiting(&editor).await, [0, 0, 1, 1]);
    let close = json!({ "commission": commission["id"], "expectedVersion": 1, "reason": "已全部反馈" });
    walk::act(&editor, "closeCommission", "commission { id }", close).await;
    assert_eq!(awaiting(&editor).await, [0, 0, 0, 1]);
}
