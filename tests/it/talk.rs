//! Units that are behind are called in by the published quarter, agree on measures, and are followed up; units with nothing to show.

use std::fmt::Write as _;

use expect_test::expect;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::text;
use tests::walk;

use crate::settlement::publish;

tests::cases![
    units_behind_are_called_in_once_and_followed_up,
    a_unit_sees_its_own_talk_and_only_the_office_records,
    units_with_nothing_to_show_are_listed_over_several_periods,
];

/// A quarter in which one county does all that is asked, one reports too little, one too poorly, and one fails a commission.
async fn quarter(app: &TestApp) {
    for (unit, reported, adopted) in
        [("昌吉市", 300, 15), ("阜康市", 299, 15), ("奇台县", 300, 14), ("木垒县", 300, 15)]
    {
        app.submission(unit).await.submitted_on("2025-11-05").insert_many(reported - adopted).await;
        for _ in 0..adopted {
            let row = app.submission(unit).await.submitted_on("2025-11-05").insert().await;
            app.adoption(&row, "general").await.on("2025-11-06").insert().await;
        }
    }
    app.set_clock("2025-11-10T09:00:00+08:00");
    let commission = walk::commission(&app.editor().await, app, &["木垒县"], "2025-11-12T18:00:00+08:00").await;
    app.set_clock("2025-11-13T09:00:00+08:00");
    walk::judge(&app.editor().await, walk::assignment(&commission, "木垒县"), "MISSED").await;
    app.set_clock("2026-01-05T09:00:00+08:00");
    publish(app, "2025-Q4").await;
}

const TALK: &str = "id version state period unit { name } reasons { behind list clause inputs { name value } }
    measures followUpDue isOverdue result";

async fn talks(client: &Client, app: &TestApp, filter: Value) -> Vec<Value> {
    let query = format!(
        "query($network: ID!, $where: TalkWhere) {{ talks(network: $network, where: $where, first: 100) {{ nodes {{ {TALK} }} }} }}"
    );
    let answer = client.gql(&query, json!({ "network": app.network_id(), "where": filter })).await;
    answer["talks"]["nodes"].as_array().cloned().unwrap_or_default()
}

async fn units_behind_are_called_in_once_and_followed_up(app: TestApp) {
    let early = json!({ "network": app.network_id(), "period": "2025-Q4" });
    walk::refused(&app.editor().await, "draftTalks", early.clone(), "WRONG_STATE").await;
    quarter(&app).await;
    let editor = app.editor().await;
    let called = walk::act(&editor, "draftTalks", "called", early.clone()).await;
    // All but 昌吉市: the other 74 units reported less than three months' quota.
    assert_eq!(called["called"], 74);
    assert_eq!(walk::act(&editor, "draftTalks", "called", early).await["called"], 0);
    let mut reasons = String::new();
    for unit in ["昌吉市", "阜康市", "奇台县", "木垒县"] {
        let filter = json!({ "unit": app.unit_id(unit).await, "period": "2025-Q4", "state": "CALLED" });
        for talk in talks(&editor, &app, filter).await {
            for reason in talk["reasons"].as_array().unwrap() {
                let read: Vec<_> = reason["inputs"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|input| format!("{}={}", text(&input["name"]), text(&input["value"])))
                    .collect();
                let (behind, clause) = (text(&reason["behind"]), text(&reason["clause"]));
                let _ = writeln!(reasons, "{unit} {behind} {clause} {}", read.join(" "));
            }
        }
    }
    expect![[r"
        阜康市 VOLUME 正文 二(三) reported=299 quarter_volume=300
        奇台县 QUALITY 正文 二(三) adopted_items=14 reported=300 rate_floor=5
        木垒县 PROGRESS 正文 二(三) failed_commissions=1
    "]]
    .assert_eq(&reasons);

    let talk = talks(&editor, &app, json!({ "unit": app.unit_id("木垒县").await })).await.remove(0);
    let on = |talk: &Value, more: Value| {
        walk::merged(json!({ "talk": talk["id"], "expectedVersion": talk["version"] }), more)
    };
    let result = json!({ "isResolved": true, "result": "已明确专人，约稿均按期反馈" });
    walk::refused(&editor, "followUpTalk", on(&talk, result.clone()), "WRONG_STATE").await;
    let held = json!({
        "heldOn": "2026-01-05", "participants": "分管领导、信息科", "measures": "明确专人负责约稿", "followUpDue": "2026-02-28",
    });
    let ahead = walk::merged(held.clone(), json!({ "heldOn": "2026-01-06" }));
    walk::refused(&editor, "recordTalk", on(&talk, ahead), "INVALID").await;
    let selection = format!("talk {{ {TALK} }}");
    let talk = walk::act(&editor, "recordTalk", &selection, on(&talk, held)).await["talk"].take();
    assert_eq!((&talk["state"], &talk["measures"]), (&json!("HELD"), &json!("明确专人负责约稿")));
    assert_eq!(talk["isOverdue"], false);
    app.set_clock("2026-03-01T09:00:00+08:00");
    let editor = app.editor().await;
    let late = talks(&editor, &app, json!({ "state": "HELD" })).await.remove(0);
    assert_eq!(late["isOverdue"], true);
    let talk = walk::act(&editor, "followUpTalk", &selection, on(&late, result)).await["talk"].take();
    assert_eq!((&talk["state"], &talk["isOverdue"]), (&json!("RESOLVED"), &json!(false)));
    walk::refused(&editor, "cancelTalk", on(&talk, json!({ "reason": "误列" })), "WRONG_STATE").await;
}

async fn a_unit_sees_its_own_talk_and_only_the_office_records(app: TestApp) {
    quarter(&app).await;
    let editor = app.editor().await;
    let input = json!({ "network": app.network_id(), "period": "2025-Q4" });
    walk::refused(&app.leader("阜康市").await, "draftTalks", input.clone(), "FORBIDDEN").await;
    walk::act(&editor, "draftTalks", "called", input).await;
    let leader = app.leader("阜康市").await;
    let own = talks(&leader, &app, json!({})).await;
    assert_eq!(own.len(), 1);
    assert_eq!(own[0]["unit"]["name"], "阜康市");
    let cancel = json!({ "talk": own[0]["id"], "expectedVersion": own[0]["version"], "reason": "误列" });
    walk::refused(&leader, "cancelTalk", cancel.clone(), "FORBIDDEN").await;
    walk::refused(&app.leader("奇台县").await, "cancelTalk", cancel.clone(), "NOT_FOUND").await;
    let called_off = walk::act(&editor, "cancelTalk", "talk { state result }", cancel).await;
    assert_eq!(called_off["talk"], json!({ "state": "CANCELLED", "result": "误列" }));
}

async fn units_with_nothing_to_show_are_listed_over_several_periods(app: TestApp) {
    // 昌吉市 reports in January and not in February; 阜康市 reports in both, and one item is adopted in January.
    for (unit, day) in [("昌吉市", "2026-01-10"), ("阜康市", "2026-02-10")] {
        app.submission(unit).await.submitted_on(day).insert_many(2).await;
    }
    let row = app.submission("阜康市").await.submitted_on("2026-01-10").insert().await;
    app.adoption(&row, "general").await.on("2026-01-11").insert().await;
    let silent = async |client: &Client, periods: i32, of: &str| {
        let query = "query($network: ID!, $periods: Int!, $of: Nothing!) {
            silentUnits(network: $network, period: \"2026-02\", periods: $periods, of: $of) { name category periods }
        }";
        let variables = json!({ "network": app.network_id(), "periods": periods, "of": of });
        let rows = client.gql(query, variables).await["silentUnits"].take();
        rows.as_array().cloned().unwrap_or_default()
    };
    let editor = app.editor().await;
    let has = |rows: &[Value], unit: &str| rows.iter().any(|row| row["name"] == unit);
    let february = silent(&editor, 1, "REPORTED").await;
    assert_eq!((february.len(), has(&february, "昌吉市"), has(&february, "阜康市")), (74, true, false));
    let both = silent(&editor, 2, "REPORTED").await;
    assert_eq!((both.len(), has(&both, "昌吉市")), (73, false));
    assert_eq!(both[0], json!({ "name": "呼图壁县", "category": "county", "periods": ["2026-01", "2026-02"] }));
    let adopted = silent(&editor, 1, "ADOPTED").await;
    assert_eq!((adopted.len(), has(&adopted, "阜康市")), (75, true));
    assert_eq!(silent(&editor, 2, "ADOPTED").await.len(), 74);
    assert_eq!(silent(&app.officer("昌吉市").await, 1, "REPORTED").await.len(), 1);
    editor
        .expect_code(
            "query($network: ID!) { silentUnits(network: $network, period: \"2026-02\", periods: 13) { name } }",
            json!({ "network": app.network_id() }),
            "INVALID",
        )
        .await;
}
