//! The ledger of commissions (台账): what is open, what is overdue and for how long; nothing leaves it without a reason (销号).

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::figures::{period, text};
use tests::walk;

tests::cases![
    what_is_overdue_is_counted_by_age,
    a_commission_stays_until_it_is_struck_off,
    what_is_struck_off_early_lets_the_rest_off,
    a_unit_sees_its_own_rows,
];

const DUE: &str = "2026-03-05T18:00:00+08:00";

async fn ledger(client: &Client, app: &TestApp, of: &str, filter: Value) -> Value {
    let query = "query($network: ID!, $period: PeriodInput!, $where: AssignmentWhere) {
        commissionLedger(network: $network, period: $period, where: $where) {
            period { first last } computedAt open overdue closed
            closures { reason count } states { state count } ageing { fromDays toDays count }
            rows(first: 50) { totalCount nodes { unit { name } state overdueBySeconds } }
        }
    }";
    let variables = json!({ "network": app.network_id(), "period": period(of), "where": filter });
    client.gql(query, variables).await["commissionLedger"].take()
}

fn counts(list: &Value, name: &str) -> Vec<(String, i64)> {
    let rows = list.as_array().cloned().unwrap_or_default();
    let counts = rows.iter().map(|row| (text(&row[name]).to_owned(), row["count"].as_i64().unwrap()));
    counts.filter(|(_, count)| *count > 0).collect()
}

fn ages(ledger: &Value) -> Vec<i64> {
    ledger["ageing"].as_array().unwrap().iter().map(|age| age["count"].as_i64().unwrap()).collect()
}

async fn what_is_overdue_is_counted_by_age(app: TestApp) {
    let editor = app.editor().await;
    let units = ["阜康市", "奇台县", "木垒县"];
    let first = walk::commission(&editor, &app, &units, DUE).await;
    walk::commission(&editor, &app, &units[..1], "2026-03-25T18:00:00+08:00").await;
    walk::answer(&app, units[0], walk::assignment(&first, units[0])).await;
    for (moment, expected) in [
        (DUE, [0, 0, 0, 0]),
        ("2026-03-05T18:00:01+08:00", [2, 0, 0, 0]),
        ("2026-03-08T18:00:00+08:00", [2, 0, 0, 0]),
        ("2026-03-08T18:00:01+08:00", [0, 2, 0, 0]),
        ("2026-03-12T18:00:01+08:00", [0, 0, 2, 0]),
        ("2026-03-20T18:00:00+08:00", [0, 0, 2, 0]),
        ("2026-03-20T18:00:01+08:00", [0, 0, 0, 2]),
    ] {
        app.set_clock(moment);
        let seen = ledger(&app.editor().await, &app, "2026-03", json!({})).await;
        assert_eq!(ages(&seen), expected, "{moment}");
        let overdue = i64::from(expected.iter().sum::<i64>() > 0);
        assert_eq!((&seen["open"], &seen["overdue"], &seen["closed"]), (&json!(2), &json!(overdue), &json!(0)));
    }
    let seen = ledger(&app.editor().await, &app, "2026-03", json!({})).await;
    assert_eq!(
        counts(&seen["states"], "state"),
        [("ASSIGNED".to_owned(), 1), ("ANSWERED".to_owned(), 1), ("OVERDUE".to_owned(), 2)]
    );
    assert_eq!(seen["rows"]["totalCount"], 4);
    assert_eq!(seen["period"], json!({ "first": "2026-03-01", "last": "2026-03-31" }));
    let filtered = ledger(&app.editor().await, &app, "2026-03", json!({ "isOverdue": true })).await;
    assert_eq!((&filtered["open"], &filtered["rows"]["totalCount"]), (&json!(1), &json!(2)));
}

async fn a_commission_stays_until_it_is_struck_off(app: TestApp) {
    let commission = walk::commission(&app.editor().await, &app, &["阜康市"], DUE).await;
    let assignment = walk::assignment(&commission, "阜康市");
    app.set_clock("2026-05-11T09:00:00+08:00");
    let editor = app.editor().await;
    for (month, open) in [("2026-02", 0), ("2026-03", 1), ("2026-04", 1), ("2026-05", 1), ("2026", 1)] {
        assert_eq!(ledger(&editor, &app, month, json!({})).await["open"], open, "{month}");
    }
    walk::judge(&editor, assignment, "MISSED").await;
    let close = json!({ "commission": commission["id"], "expectedVersion": 1, "reason": "逾期未报，已通报" });
    let selection = "commission { state closedReason closedBecause closedAt }";
    let closed = walk::act(&editor, "closeCommission", selection, close).await["commission"].take();
    assert_eq!(closed["closedReason"], "COMPLETED");
    assert!(text(&closed["closedAt"]).starts_with("2026-05-11T01:00:00"), "{closed}");
    for (month, closed) in [("2026-04", 1), ("2026-05", 1), ("2026-06", 0)] {
        let seen = ledger(&editor, &app, month, json!({})).await;
        assert_eq!((&seen["open"], &seen["closed"]), (&json!(0), &json!(closed)), "{month}");
    }
    let seen = ledger(&editor, &app, "2026-05", json!({})).await;
    assert_eq!(counts(&seen["closures"], "reason"), [("COMPLETED".to_owned(), 1)]);
    assert_eq!(counts(&seen["states"], "state"), [("FAILED".to_owned(), 1)]);
}

async fn what_is_struck_off_early_lets_the_rest_off(app: TestApp) {
    let editor = app.editor().await;
    let commission = walk::commission(&editor, &app, &["阜康市", "奇台县"], DUE).await;
    let [answered, open] = ["阜康市", "奇台县"].map(|unit| walk::assignment(&commission, unit));
    walk::answer(&app, "阜康市", answered).await;
    walk::judge(&editor, answered, "ANSWERED").await;
    let close = |code: &str| json!({ "commission": commission["id"], "expectedVersion": 1, "code": code, "reason": "上级撤销约稿" });
    let error = walk::refused(&editor, "closeCommission", close("COMPLETED"), "WRONG_STATE").await;
    assert_eq!(error["field"], "code");
    let closed = walk::act(&editor, "closeCommission", "commission { closedReason }", close("WITHDRAWN_ABOVE")).await;
    assert_eq!(closed["commission"]["closedReason"], "WITHDRAWN_ABOVE");
    let seen = walk::look_at_assignment(&editor, open).await;
    assert_eq!((&seen["state"], &seen["comment"]), (&json!("EXCUSED"), &json!("上级撤销约稿")));
    assert_eq!(walk::look_at_assignment(&editor, answered).await["state"], "ACCEPTED");
    // Nothing stays overdue for ever.
    app.set_clock("2026-03-20T09:00:00+08:00");
    let seen = ledger(&app.editor().await, &app, "2026-03", json!({})).await;
    assert_eq!((&seen["overdue"], ages(&seen)), (&json!(0), vec![0, 0, 0, 0]));
    assert_eq!(counts(&seen["closures"], "reason"), [("WITHDRAWN_ABOVE".to_owned(), 1)]);
    // A hand-in after that answers nothing.
    walk::answer(&app, "奇台县", open).await;
    assert_eq!(walk::look_at_assignment(&app.editor().await, open).await["state"], "EXCUSED");
}

async fn a_unit_sees_its_own_rows(app: TestApp) {
    let editor = app.editor().await;
    walk::commission(&editor, &app, &["阜康市", "奇台县"], DUE).await;
    walk::commission(&editor, &app, &["奇台县"], DUE).await;
    let seen = ledger(&app.officer("阜康市").await, &app, "2026-03", json!({})).await;
    assert_eq!((&seen["open"], &seen["rows"]["totalCount"]), (&json!(1), &json!(1)));
    assert_eq!(seen["rows"]["nodes"][0]["unit"]["name"], "阜康市");
    let elsewhere = ledger(&editor, &app, "2026-03", json!({ "units": [app.unit_id("木垒县").await] })).await;
    assert_eq!((&elsewhere["open"], &elsewhere["rows"]["totalCount"]), (&json!(0), &json!(0)));
}
