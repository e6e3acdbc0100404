//! Hints for screens: who gets which, and who gets none.

use std::time::Duration;

use serde_json::{Value, json};
use tests::app::{HOME, TestApp};
use tests::client::Client;
use tests::live::{Live, Socket};
use tests::walk;

tests::cases![a_commission_is_told_to_the_office_and_to_whom_it_asks, a_ranking_is_told_to_whoever_may_read_it,];

/// Sockets of these clients with the same subscription open.
async fn watch(live: &Live, clients: &[Client], query: &str, variables: &Value) -> Vec<Socket> {
    let mut sockets = Vec::new();
    for client in clients {
        let mut socket = Socket::open(live.address, client.token().unwrap()).await.unwrap();
        socket.start("1", query, variables.clone()).await.unwrap();
        // An answered ping says that what came before it was taken in.
        socket.send(json!({ "type": "ping" })).await.unwrap();
        assert_eq!(socket.message().await.unwrap()["type"], "pong");
        sockets.push(socket);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    sockets
}

/// Asserts that nothing has come: the answer to a ping is the next thing.
async fn assert_silent(socket: &mut Socket) {
    tokio::time::sleep(Duration::from_millis(300)).await;
    socket.send(json!({ "type": "ping" })).await.unwrap();
    assert_eq!(socket.message().await.unwrap()["type"], "pong");
}

async fn a_commission_is_told_to_the_office_and_to_whom_it_asks(app: TestApp) {
    let live = Live::start(app.state(), false).await;
    let editor = app.editor().await;
    let query = "subscription($network: ID!, $unit: ID) {
        commissionChanged(network: $network, unit: $unit) { commission { topic } dataVersion } }";
    let network = json!({ "network": app.network_id() });
    let clients = [app.editor().await, app.officer("阜康市").await, app.officer("昌吉市").await];
    let mut sockets = watch(&live, &clients, query, &network).await;
    let of_unit = json!({ "network": app.network_id(), "unit": app.unit_id("昌吉市").await });
    let mut narrowed = watch(&live, &[app.editor().await], query, &of_unit).await;

    walk::commission(&editor, &app, &["阜康市"], "2026-03-10T10:00:00+08:00").await;
    for socket in &mut sockets[..2] {
        let message = socket.message().await.unwrap();
        let told = &message["payload"]["data"]["commissionChanged"];
        assert_eq!(told["commission"]["topic"], "一季度重点项目开工情况", "{message}");
        assert!(told["dataVersion"].as_i64().unwrap() > 0);
    }
    assert_silent(&mut sockets[2]).await;
    assert_silent(&mut narrowed[0]).await;

    walk::commission(&editor, &app, &["昌吉市"], "2026-03-10T10:00:00+08:00").await;
    assert_eq!(sockets[2].message().await.unwrap()["type"], "next");
    assert_eq!(narrowed[0].message().await.unwrap()["type"], "next");
}

async fn a_ranking_is_told_to_whoever_may_read_it(app: TestApp) {
    let live = Live::start(app.state(), false).await;
    let elsewhere = app.found("elsewhere", analytics::rulebook::shipped::find(HOME).unwrap()).await;
    let query = "subscription($network: ID!, $period: PeriodId!) {
        rankingChanged(network: $network, period: $period) { network period dataVersion } }";
    let variables = json!({ "network": app.network_id(), "period": "2026-03" });
    let clients = [app.editor().await, app.officer("昌吉市").await, app.analyst().await];
    let mut sockets = watch(&live, &clients, query, &variables).await;
    walk::submit(&app, "阜康市").await;
    for socket in &mut sockets {
        let message = socket.message().await.unwrap();
        let told = &message["payload"]["data"]["rankingChanged"];
        assert_eq!((&told["network"], &told["period"]), (&json!(app.network_id()), &json!("2026-03")), "{message}");
    }
    // Whoever may not know of the network learns nothing of it.
    for client in [elsewhere.editor().await, app.sms_worker().await] {
        let mut socket = Socket::open(live.address, client.token().unwrap()).await.unwrap();
        socket.start("1", query, variables.clone()).await.unwrap();
        let message = socket.message().await.unwrap();
        assert_eq!(message["payload"][0]["extensions"]["code"], "NOT_FOUND", "{message}");
    }
}
