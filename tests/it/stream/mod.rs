//! The durable stream of notices, and what a worker reports. The ten proofs of the design stand in this folder: those with
//! one server in this file and in `reports`, those with real processes that are killed in `chaos`.

pub(crate) mod access;
pub(crate) mod chaos;
pub(crate) mod failures;
pub(crate) mod health;
pub(crate) mod hints;
pub(crate) mod reports;

use api::services::delivery::relay;
use chrono::Duration;
use entity::ids::{NoticeId, PersonId};
use entity::notice::{self, NoticeState};
use entity::outbox_event;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, TransactionTrait as _,
    sea_query::Expr,
};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::client::Client;
use tests::database::Backend;
use tests::live::{Ended, Live};
use tests::notices::{consumer, recipients, release};
use tests::worker::{Gateway, Worker};

tests::cases![
    what_was_missed_comes_then_what_happens,
    a_transaction_that_commits_late_is_not_passed_over,
    ten_events_of_one_instant_all_come,
    order_holds_for_each_recipient_and_nobody_waits_for_another,
    who_never_reports_gets_no_more,
    removed_history_ends_the_stream_with_a_cursor,
    a_missing_number_ends_the_stream,
    a_second_stream_ends_the_first,
    a_stopping_server_says_where_to_go_on,
    a_paused_consumer_gets_nothing_until_it_is_resumed,
    a_run_happens_once,
];

/// The consumer of the home network.
pub(crate) async fn home(app: &TestApp) -> String {
    consumer(app.state(), app.network()).await
}

/// Lets the relay do what is due.
pub(crate) async fn relay(app: &TestApp) {
    relay::pass(app.state()).await.expect("the relay works");
}

/// A worker with an open stream.
pub(crate) async fn worker(app: &TestApp, live: &Live, most: i64) -> Worker {
    let mut worker = Worker::new(home(app).await, most);
    connect(app, live, &mut worker).await;
    worker
}

async fn connect(app: &TestApp, live: &Live, worker: &mut Worker) {
    let client = app.sms_worker().await;
    worker.connect(live.address, client.token().expect("a worker has a token")).await.expect("the stream opens");
}

pub(crate) async fn look(client: &Client, app: &TestApp, fields: &str) -> Value {
    let query = format!("query($id: ID!) {{ consumer(id: $id) {{ {fields} }} }}");
    client.gql(&query, json!({ "id": home(app).await })).await["consumer"].take()
}

async fn what_was_missed_comes_then_what_happens(app: TestApp) {
    let people = recipients(app.state(), 30).await;
    release(app.state(), app.network(), "2026-Q1", &people[..20]).await;
    let live = Live::start(app.state(), true).await;
    let (mut worker, mut gateway) = (worker(&app, &live, 7).await, Gateway::default());
    while gateway.sent.len() < 20 {
        worker.work(&mut gateway).await.unwrap();
    }
    release(app.state(), app.network(), "2026-Q2", &people[20..]).await;
    while gateway.sent.len() < 30 {
        worker.work(&mut gateway).await.unwrap();
    }
    assert_eq!(worker.numbers, (1..=30).collect::<Vec<_>>());
    assert!(gateway.submitted.values().all(|times| *times == 1));
    assert_eq!(gateway.sent[29].0, tests::notices::number(29));
    let editor = app.editor().await;
    assert_eq!(
        look(&editor, &app, "lag inFlight dead connections").await,
        json!({ "lag": 0, "inFlight": 0, "dead": 0, "connections": 1 })
    );
}

/// Readies a notice in `conn`, as the transaction of its release does.
async fn ready(conn: &impl ConnectionTrait, app: &TestApp, id: NoticeId, recipient: PersonId) {
    notice::Entity::update_many()
        .col_expr(notice::Column::State, Expr::value(NoticeState::Queued))
        .filter(notice::Column::Id.eq(id))
        .exec(conn)
        .await
        .unwrap();
    let event = outbox_event::ActiveModel {
        id: NotSet,
        network_id: Set(app.network()),
        notice_id: Set(id),
        recipient_id: Set(recipient),
        round: Set(1),
        attempt: Set(1),
        due_at: Set(app.now()),
        sequence: Set(None),
        created_at: Set(app.now()),
        numbered_at: Set(None),
    };
    outbox_event::Entity::insert(event).exec(conn).await.unwrap();
}

/// Proof 1. A begins first and commits last. SQLite has one writer at a time, so there A's events are only written first.
async fn a_transaction_that_commits_late_is_not_passed_over(app: TestApp) {
    let people = recipients(app.state(), 2).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    // Taken back to drafts, to be readied by hand.
    outbox_event::Entity::delete_many().exec(app.writer()).await.unwrap();
    let planned = Expr::value(NoticeState::Planned);
    notice::Entity::update_many().col_expr(notice::Column::State, planned).exec(app.writer()).await.unwrap();
    let rows = notice::Entity::find().all(app.writer()).await.unwrap();
    let [first, second] = [&rows[0], &rows[1]].map(|row| (row.id, row.recipient_id));

    let live = Live::start(app.state(), false).await;
    let (mut worker, mut gateway) = (worker(&app, &live, 10).await, Gateway::default());
    if app.backend() == Backend::Postgres {
        let late = app.writer().begin().await.unwrap();
        ready(&late, &app, first.0, first.1).await;
        ready(app.writer(), &app, second.0, second.1).await;
        relay(&app).await;
        worker.work(&mut gateway).await.unwrap();
        assert_eq!(gateway.sent.len(), 1, "what is committed comes, what is not does not");
        late.commit().await.unwrap();
    } else {
        ready(app.writer(), &app, first.0, first.1).await;
        relay(&app).await;
        worker.work(&mut gateway).await.unwrap();
        ready(app.writer(), &app, second.0, second.1).await;
    }
    relay(&app).await;
    worker.work(&mut gateway).await.unwrap();
    assert_eq!(gateway.sent.len(), 2);
    assert_eq!(worker.numbers, [1, 2]);
}

/// Proof 2. The clock of a case stands still, so all ten have the same time.
async fn ten_events_of_one_instant_all_come(app: TestApp) {
    let people = recipients(app.state(), 10).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    relay(&app).await;
    let live = Live::start(app.state(), false).await;
    let (mut worker, mut gateway) = (worker(&app, &live, 1).await, Gateway::default());
    for _ in 0..10 {
        assert_eq!(worker.work(&mut gateway).await.unwrap(), 1);
        // Each time from a line of its own, with nothing but the cursor.
        worker.disconnect();
        connect(&app, &live, &mut worker).await;
    }
    assert_eq!(worker.numbers, (1..=10).collect::<Vec<_>>());
    assert_eq!(gateway.sent.len(), 10);
}

async fn order_holds_for_each_recipient_and_nobody_waits_for_another(app: TestApp) {
    let people = recipients(app.state(), 3).await;
    for period in ["2026-Q1", "2026-Q2", "2026-Q3"] {
        release(app.state(), app.network(), period, &people).await;
    }
    let live = Live::start(app.state(), true).await;
    let (mut worker, mut gateway) = (worker(&app, &live, 50).await, Gateway::default());
    let mut stuck = 0;
    while gateway.sent.len() < 6 {
        // The first person's notice is never reported: theirs stop, the others' go on.
        let deliveries = worker.batch().await.unwrap();
        let (kept, sent): (Vec<_>, Vec<_>) =
            deliveries.into_iter().partition(|one| one["phone"] == tests::notices::number(0));
        stuck += kept.len();
        let sent: Vec<_> = sent.into_iter().map(|one| (one.clone(), gateway.submit(&one))).collect();
        if !sent.is_empty() {
            worker.ack(&sent).await.unwrap();
        }
    }
    assert_eq!(stuck, 1);
    for place in [1, 2] {
        let texts: Vec<_> = gateway.sent.iter().filter(|(to, _)| *to == tests::notices::number(place)).collect();
        assert!(texts.windows(2).all(|pair| pair[0].1 < pair[1].1), "{texts:?}");
    }
}

/// Proof 7, as far as one server shows it: what is held is counted, and no more comes.
async fn who_never_reports_gets_no_more(app: TestApp) {
    let people = recipients(app.state(), 200).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    let live = Live::start(app.state(), true).await;
    let mut worker = worker(&app, &live, 20).await;
    let mut held = 0;
    while held < 20 {
        held += worker.batch().await.unwrap().len();
    }
    assert_eq!(held, 20);
    let seen = look(&app.editor().await, &app, "lag inFlight oldestUnackedAge lastAckAt").await;
    assert_eq!(seen, json!({ "lag": 180, "inFlight": 20, "oldestUnackedAge": 0, "lastAckAt": null }));
}

/// Proof 8.
async fn removed_history_ends_the_stream_with_a_cursor(app: TestApp) {
    let people = recipients(app.state(), 5).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    relay(&app).await;
    let live = Live::start(app.state(), false).await;
    let (mut sender, mut gateway) = (worker(&app, &live, 5).await, Gateway::default());
    let start = json!(cursor(app.network().0, 0));
    sender.work(&mut gateway).await.unwrap();
    assert_eq!(gateway.sent.len(), 5);
    sender.disconnect();

    app.clock.advance(Duration::days(401));
    assert_eq!(relay::trim(app.state()).await.unwrap(), 5);
    let mut late = Worker::new(home(&app).await, 5);
    late.go_on_at(start);
    connect(&app, &live, &mut late).await;
    assert_eq!(late.batch().await, Err(Ended::Complete));
    assert_eq!(late.ends, ["CURSOR_TRIMMED"]);
    assert_eq!(*late.cursor(), cursor(app.network().0, 5));
    // From the cursor that it was given it goes on.
    connect(&app, &live, &mut late).await;
    release(app.state(), app.network(), "2027-Q2", &people).await;
    relay(&app).await;
    late.work(&mut gateway).await.unwrap();
    assert_eq!(gateway.sent.len(), 10);
}

fn cursor(network: i64, sequence: i64) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(format!("notices:{network}:{sequence}"))
}

async fn a_missing_number_ends_the_stream(app: TestApp) {
    let people = recipients(app.state(), 3).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    relay(&app).await;
    outbox_event::Entity::delete_many().filter(outbox_event::Column::Sequence.eq(2)).exec(app.writer()).await.unwrap();
    let live = Live::start(app.state(), false).await;
    let mut worker = worker(&app, &live, 1).await;
    let first = worker.batch().await.unwrap();
    worker.ack(&[(first[0].clone(), "1".to_owned())]).await.unwrap();
    assert_eq!(worker.batch().await, Err(Ended::Complete));
    assert_eq!(worker.ends, ["GAP"]);
    assert_eq!(*worker.cursor(), cursor(app.network().0, 1));
}

async fn a_second_stream_ends_the_first(app: TestApp) {
    let live = Live::start(app.state(), false).await;
    let mut first = worker(&app, &live, 5).await;
    let people = recipients(app.state(), 1).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    relay(&app).await;
    assert_eq!(first.batch().await.unwrap().len(), 1);
    let (mut second, mut gateway) = (worker(&app, &live, 5).await, Gateway::default());
    assert_eq!(first.batch().await, Err(Ended::Complete));
    assert_eq!(first.ends, ["REPLACED"]);
    // What the first held and did not report is handed to the second at once, under a new fence.
    second.work(&mut gateway).await.unwrap();
    assert_eq!(gateway.sent.len(), 1);
}

async fn a_stopping_server_says_where_to_go_on(app: TestApp) {
    let people = recipients(app.state(), 4).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    let live = Live::start(app.state(), true).await;
    let (mut worker, mut gateway) = (worker(&app, &live, 2).await, Gateway::default());
    worker.work(&mut gateway).await.unwrap();
    let stopping = tokio::spawn(live.stop());
    while worker.batch().await.is_ok() {}
    assert_eq!(worker.ends, ["SHUTDOWN"]);
    assert_eq!(worker.frame().await, Err(Ended::Complete), "the operation's own end comes before the socket's");
    assert_eq!(worker.frame().await, Err(Ended::Closed(1012)));
    stopping.await.unwrap();

    let live = Live::start(app.state(), true).await;
    connect(&app, &live, &mut worker).await;
    while gateway.sent.len() < 4 {
        worker.work(&mut gateway).await.unwrap();
    }
}

async fn a_paused_consumer_gets_nothing_until_it_is_resumed(app: TestApp) {
    let people = recipients(app.state(), 2).await;
    release(app.state(), app.network(), "2026-Q1", &people).await;
    relay(&app).await;
    let id = home(&app).await;
    let administrator = app.system_administrator().await;
    let map = json!({ "consumer": id, "code": "NO_CREDIT", "class": "CONFIG" });
    let set = tests::walk::act(&administrator, "setFailureClass", "failureCode { code class version }", map).await;
    assert_eq!(set["failureCode"], json!({ "code": "NO_CREDIT", "class": "CONFIG", "version": 1 }));
    let live = Live::start(app.state(), false).await;
    let (mut worker, mut gateway) = (worker(&app, &live, 1).await, Gateway::default());
    let held = worker.batch().await.unwrap();
    let sms = app.sms_worker().await;
    let nack = json!({
        "consumer": id, "reason": "REFUSED", "code": "NO_CREDIT", "text": "余额不足",
        "delivery": { "notice": held[0]["notice"], "fence": held[0]["fence"] },
    });
    tests::walk::act(&sms, "nackDelivery", "result { verdict }", nack).await;
    let chief = app.chief_editor().await;
    let seen = look(&chief, &app, "state pausedBecause lag version").await;
    assert_eq!(seen["state"], "PAUSED");
    assert!(seen["pausedBecause"].as_str().unwrap().contains("NO_CREDIT"));
    assert_eq!(seen["lag"], 2);
    let lease = json!({ "consumer": id, "max": 10 });
    let none = tests::walk::act(&sms, "leaseDeliveries", "deliveries { notice }", lease).await;
    assert_eq!(none["deliveries"], json!([]));

    let resume = json!({ "consumer": id, "expectedVersion": seen["version"] });
    tests::walk::refused(&app.editor().await, "resumeConsumer", resume.clone(), "FORBIDDEN").await;
    tests::walk::act(&chief, "resumeConsumer", "consumer { state }", resume).await;
    relay(&app).await;
    while gateway.sent.len() < 2 {
        worker.work(&mut gateway).await.unwrap();
    }
}

/// Proof 10, as far as it is the stream's: whoever starts a run twice has one.
async fn a_run_happens_once(app: TestApp) {
    let people = recipients(app.state(), 3).await;
    assert!(release(app.state(), app.network(), "2026-Q1", &people).await.is_some());
    app.set_clock("2026-04-01T00:30:00+08:00");
    assert!(release(app.state(), app.network(), "2026-Q1", &people).await.is_none());
    assert_eq!(notice::Entity::find().all(app.writer()).await.unwrap().len(), 3);
}
