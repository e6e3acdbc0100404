//! The worker as a process, a server as a process, and a real SMPP gateway between which notices go: `tests/smsc/smsc.mjs`
//! says what the gateway does with which number.

pub(crate) mod gateways;
pub(crate) mod secrecy;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use entity::failure_code::{self, FailureClass};
use entity::notice::NoticeState;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ConnectionTrait as _, EntityTrait as _, Statement,
};
use serde_json::Value;
use tests::app::FoundedDatabase;
use tests::chaos::Place;
use tests::database::Backend;
use tests::notices::{consumer, number, recipients, release, release_text};
use tests::server::Server;
use tests::sms::{Smsc, WorkerProcess};

tests::cases![
    every_answer_and_receipt_ends_where_it_should,
    a_worker_that_dies_before_its_report_sends_one_message,
    a_message_whose_answer_died_with_the_worker_is_not_sent_again,
    a_wrong_password_ends_the_worker,
];

const PASSWORD: &str = "Correct-Horse-7";
/// Of 150 characters, so of three parts.
const PARTS: usize = 3;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// A server and everything that it takes to work for it.
pub(crate) struct Stage {
    pub(crate) place: Place,
    pub(crate) server: Mutex<Server>,
    address: SocketAddr,
}

impl Stage {
    pub(crate) async fn set(database: &FoundedDatabase) -> Self {
        let place = Place::open(database.url()).await;
        place.set_password(PASSWORD).await;
        let serving = place.clone();
        let (server, address) = tokio::task::spawn_blocking(move || serving.serve(1)).await.unwrap();
        Self { place, server: Mutex::new(server), address }
    }

    /// The head of a worker's configuration; `more` is the rest.
    pub(crate) async fn configuration(&self, more: &str) -> String {
        let password = self.place.directory().join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        let consumer = consumer(&self.place.state, self.place.network).await;
        format!(
            "server = 'http://{}/graphql'\nlogin = 'sms.worker'\npassword_file = '{}'\nconsumer = '{consumer}'\n\
             rate = 1000\ngrace_seconds = 5\n{more}",
            self.address,
            password.display()
        )
    }

    async fn smpp(&self, smsc: &Smsc, more: &str) -> String {
        let password = self.place.directory().join("smsc-password");
        std::fs::write(&password, "secret").unwrap();
        let gateway = format!(
            "{more}\n[gateway]\nkind = 'smpp'\naddress = '127.0.0.1:{}'\nsystem_id = 'zhengxin'\npassword_file = '{}'\n\
             source = '10690000'\ndedupe_tag = 0x1400\nresponse_seconds = 2\n",
            smsc.port,
            password.display()
        );
        self.configuration(&gateway).await
    }

    /// Says what a gateway's code means.
    pub(crate) async fn classify(&self, code: &str, class: FailureClass) {
        let row = failure_code::ActiveModel {
            id: NotSet,
            network_id: Set(self.place.network),
            code: Set(code.to_owned()),
            class: Set(class),
            changed_by: Set(None),
            changed_at: Set(self.place.state.clock().now()),
            version: Set(1),
        };
        failure_code::Entity::insert(row).exec(self.place.state.database().writer()).await.unwrap();
    }

    /// Waits until so many notices are in each of these states.
    pub(crate) async fn until(&self, wanted: &[(NoticeState, u64)], worker: &WorkerProcess) {
        let begun = Instant::now();
        loop {
            let mut found = Vec::new();
            for (state, _) in wanted {
                found.push((*state, self.place.count(*state).await));
            }
            if found == wanted {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{found:?} instead of {wanted:?}; the worker: {}", tail(&worker.log()));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Asserts that no number stands in anything that was written.
    pub(crate) async fn assert_no_number_was_written(&self, database: &FoundedDatabase) {
        let digits = &number(0)[..9];
        let mut places = vec![self.place.directory().to_path_buf()];
        if database.backend() == Backend::Sqlite {
            // The database itself, with what it has not yet written back.
            let file = database.url().trim_start_matches("sqlite://").split('?').next().unwrap().to_owned();
            places.extend(["", "-wal"].map(|end| format!("{file}{end}").into()));
        } else {
            for table in tables(&self.place).await {
                let rows = format!("SELECT t::text AS line FROM \"{table}\" t");
                let writer = self.place.state.database().writer();
                let statement = Statement::from_string(writer.get_database_backend(), rows);
                for row in writer.query_all_raw(statement).await.unwrap() {
                    let line: String = row.try_get("", "line").unwrap();
                    assert!(!line.contains(digits), "{table}: {line}");
                }
            }
        }
        let mut seen = 0;
        while let Some(path) = places.pop() {
            if path.is_dir() {
                places.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else if let Ok(bytes) = std::fs::read(&path) {
                seen += 1;
                let found = bytes.windows(digits.len()).any(|window| window == digits.as_bytes());
                assert!(!found, "a number stands in {}", path.display());
            }
        }
        // Keys, passwords, the server's log, the worker's configuration and log.
        assert!(seen >= 5, "{seen} files");
    }
}

async fn tables(place: &Place) -> Vec<String> {
    let writer = place.state.database().writer();
    let list = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'";
    let statement = Statement::from_string(writer.get_database_backend(), list);
    let rows = writer.query_all_raw(statement).await.unwrap();
    let names: Vec<String> = rows.iter().map(|row| row.try_get("", "name").unwrap()).collect();
    assert!(names.len() > 30, "{names:?}");
    names
}

fn tail(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}

fn long_text() -> String {
    let text = format!("【信息通报】{}", "一二三四五六七八九十".repeat(14) + "完毕。备查");
    assert_eq!(text.encode_utf16().count().div_ceil(67), PARTS);
    text
}

fn text(event: &Value, field: &str) -> String {
    event[field].as_str().unwrap().to_owned()
}

async fn every_answer_and_receipt_ends_where_it_should(database: FoundedDatabase) {
    let smsc = Smsc::start(&[]);
    let stage = Stage::set(&database).await;
    stage.classify("ESME_RINVDSTADR", FailureClass::Final).await;
    let people = recipients(&stage.place.state, 19).await;
    let network = stage.place.network;
    release(&stage.place.state, network, "2026-Q1", &people[..10]).await;
    release_text(&stage.place.state, network, "2026-Q2", &people[10..], &long_text()).await;
    let journal = stage.place.directory().join("journal");
    let configuration = stage.smpp(&smsc, &format!("journal = '{}'", journal.display())).await;
    let worker = WorkerProcess::start(stage.place.directory(), &configuration);

    // The short ones of 0 to 5, 7 and 9, the long ones of 0 to 5 and 7; of both, 6 is refused and 8 does not arrive.
    stage.until(&[(NoticeState::Delivered, 15), (NoticeState::Failed, 4)], &worker).await;

    let mut messages: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut keys = BTreeSet::new();
    for event in smsc.sent() {
        assert!(keys.insert(text(&event, "sent")), "{event} went out twice");
        assert_eq!(event["coding"], 8, "{event}");
        messages.entry(text(&event, "to")).or_default().push(event);
    }
    assert_eq!(messages.len(), 17, "all but the two refused ones");
    for (to, mut parts) in messages {
        parts.sort_by_key(|event| event["part"][2].as_u64());
        let whole: String = parts.iter().map(|event| text(event, "text")).collect();
        if to < number(10) {
            assert!(whole.contains("2026-Q1"), "{whole}");
            assert_eq!((parts.len(), &parts[0]["class"], &parts[0]["part"]), (1, &0.into(), &Value::Null));
        } else {
            assert_eq!(whole, long_text());
            assert_eq!((parts.len(), &parts[0]["class"]), (PARTS, &0x40.into()));
            let reference = parts[0]["part"][0].clone();
            for (event, place) in parts.iter().zip(1..) {
                assert_eq!(event["part"], serde_json::json!([reference, PARTS, place]));
            }
        }
    }
    // A gateway that says "too fast" was asked again; nothing else was.
    let repeated = smsc.said().iter().filter(|event| event["again"] == true).count();
    assert_eq!(repeated, 0);

    assert!(worker.log().contains("ESME_RINVDSTADR"), "a refusal stands in the log");
    assert!(worker.stop().success());
    assert!(smsc.said().iter().any(|event| event["unbound"] == true), "the worker takes its leave");
    assert!(!stage.server.lock().unwrap().log().is_empty());
    stage.assert_no_number_was_written(&database).await;
}

/// How often each message was handed to the gateway.
fn submissions(smsc: &Smsc) -> Vec<usize> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for event in smsc.said() {
        if let Some(key) = event["submitted"].as_str() {
            *times.entry(key.to_owned()).or_default() += 1;
        }
    }
    times.into_values().collect()
}

async fn until_sent(smsc: &Smsc, count: usize, worker: &WorkerProcess) {
    let begun = Instant::now();
    while smsc.sent().len() < count {
        assert!(begun.elapsed() < PATIENCE, "{} sent; the worker: {}", smsc.sent().len(), tail(&worker.log()));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Proof 4: the gateway saw the same id twice, and counts one SMS.
async fn a_worker_that_dies_before_its_report_sends_one_message(database: FoundedDatabase) {
    let smsc = Smsc::start(&["--hold"]);
    let stage = Stage::set(&database).await;
    let people = recipients(&stage.place.state, 5).await;
    release(&stage.place.state, stage.place.network, "2026-Q1", &people).await;
    let configuration = stage.smpp(&smsc, "").await;
    let worker = WorkerProcess::start(stage.place.directory(), &configuration);
    until_sent(&smsc, 5, &worker).await;
    worker.kill();
    assert_eq!(stage.place.count(NoticeState::Leased).await, 5, "nobody has reported");

    let worker = WorkerProcess::start(stage.place.directory(), &configuration);
    stage.until(&[(NoticeState::Delivered, 5)], &worker).await;
    assert_eq!(smsc.sent().len(), 5, "one SMS each");
    assert_eq!(submissions(&smsc), [2; 5], "each under its one id");
}

async fn a_message_whose_answer_died_with_the_worker_is_not_sent_again(database: FoundedDatabase) {
    let mut smsc = Smsc::start(&["--hold"]);
    let stage = Stage::set(&database).await;
    let people = recipients(&stage.place.state, 5).await;
    release(&stage.place.state, stage.place.network, "2026-Q1", &people).await;
    let journal = stage.place.directory().join("journal");
    let configuration = stage.smpp(&smsc, &format!("journal = '{}'", journal.display())).await;
    let worker = WorkerProcess::start(stage.place.directory(), &configuration);
    until_sent(&smsc, 5, &worker).await;
    worker.kill();

    let worker = WorkerProcess::start(stage.place.directory(), &configuration);
    stage.until(&[(NoticeState::Unknown, 5)], &worker).await;
    assert_eq!(submissions(&smsc), [1; 5], "nothing is repeated");
    // The receipts find the notices by the id that the gateway gives back.
    smsc.send_receipts();
    stage.until(&[(NoticeState::Delivered, 5)], &worker).await;
    assert_eq!(submissions(&smsc), [1; 5]);
}

async fn a_wrong_password_ends_the_worker(database: FoundedDatabase) {
    let stage = Stage::set(&database).await;
    let configuration = stage.configuration("[gateway]\nkind = 'console'").await;
    std::fs::write(stage.place.directory().join("password"), "Wrong-Horse-77").unwrap();
    let worker = WorkerProcess::start(stage.place.directory(), &configuration);
    let log = stage.place.directory().join("worker.log");
    assert!(!tokio::task::spawn_blocking(|| worker.ended()).await.unwrap().success());
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("BAD_CREDENTIALS"), "{log}");
    assert!(!log.contains("Wrong-Horse"), "{log}");
}
