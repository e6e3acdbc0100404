//! Servers that are killed in the middle of sending, and a worker that goes on; and how fast it is when nobody dies.
//!
//! The servers are processes of their own, killed with SIGKILL. The releases come from this process, straight into the
//! database, as another server's would.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use api::auth::password::Passwords;
use api::auth::seal::SealKeys;
use api::auth::token::TokenKeys;
use api::clock::SystemClock;
use api::database::Database;
use api::services::delivery::DeliverySettings;
use api::services::session;
use api::state::AppState;
use entity::ids::{NetworkId, PersonId};
use entity::network;
use entity::notice::{self, NoticeState};
use entity::person;
use entity::role_grant::Role;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};

use crate::builders;
use crate::notices::{consumer, recipients, release};
use crate::server::Server;
use crate::worker::{Gateway, Worker};

/// How long a server may take to be ready.
const START: Duration = Duration::from_mins(1);
/// Notices released in one run.
const RUN: usize = 100;

/// A round.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Text messages to send, each to a person of their own.
    pub notices: usize,
    /// How often the server is killed on which the worker is.
    pub kills: usize,
    /// Servers on one database.
    pub servers: usize,
    /// Notices that the worker may hold unreported.
    pub most: i64,
    /// From which the moments of the kills are drawn.
    pub seed: u64,
}

/// What came of a round.
#[derive(Debug)]
pub struct Outcome {
    /// What the gateway counted.
    pub gateway: Gateway,
    /// Different events that the worker saw.
    pub events: BTreeSet<String>,
    /// Notices that are on record as submitted.
    pub submitted: u64,
    /// Servers that were killed.
    pub kills: usize,
    /// Streams that were opened.
    pub streams: usize,
    /// How long sending took.
    pub took: Duration,
    /// Everything that the servers wrote into their logs.
    pub logs: String,
}

impl Outcome {
    /// Every notice was sent, to its recipient, once; and no number stands in a log.
    #[track_caller]
    pub fn assert_nothing_lost(&self, plan: &Plan) {
        assert_eq!(self.kills, plan.kills, "servers killed");
        assert_eq!(self.submitted, plan.notices as u64, "notices on record as submitted");
        assert_eq!(self.gateway.sent.len(), plan.notices, "messages that went out");
        let numbers: BTreeSet<_> = self.gateway.sent.iter().map(|(number, _)| number).collect();
        assert_eq!(numbers.len(), plan.notices, "people who got one");
        assert!(self.events.len() >= plan.notices, "{} events", self.events.len());
        assert!(!self.logs.contains("13900000"), "a number stands in a log");
    }
}

/// A small generator: the moments need to differ, not to be unpredictable.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}

/// The place of a round: one database, one folder of keys, this process among its servers.
#[derive(Clone)]
pub struct Place {
    /// The state of this process.
    pub state: AppState,
    /// The network that sends.
    pub network: NetworkId,
    worker: PersonId,
    url: String,
    directory: Arc<tempfile::TempDir>,
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place").field("network", &self.network).finish_non_exhaustive()
    }
}

impl Place {
    /// In a database that holds a network.
    pub async fn open(url: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory can be made");
        let keys = directory.path().join("data").join("keys");
        let tokens = TokenKeys::load(&keys).expect("keys can be made");
        let seals = SealKeys::load(&keys).expect("keys can be made");
        let database = Database::connect(url).await.expect("the database answers");
        let state = AppState::new(database, Arc::new(SystemClock), tokens, seals, DeliverySettings::default());
        let row = network::Entity::find().one(state.database().reader()).await.expect("networks can be read");
        let network = row.expect("the database holds a network").id;
        let now = state.clock().now();
        let writer = state.database().writer();
        let worker = builders::person(writer, "sms.worker", None, now).await;
        builders::grant(writer, worker, Role::SmsWorker, Some(network), None, now).await;
        Self { state, network, worker, url: url.to_owned(), directory: Arc::new(directory) }
    }

    /// Gives the worker a password, for a worker that signs in by itself; its login is `sms.worker`.
    pub async fn set_password(&self, password: &str) {
        let hash = Passwords::default().hash(password.to_owned()).await.expect("a password can be hashed");
        person::Entity::update_many()
            .col_expr(person::Column::PasswordHash, Expr::value(hash))
            .filter(person::Column::Id.eq(self.worker))
            .exec(self.state.database().writer())
            .await
            .expect("a person can be changed");
    }

    /// Where its processes keep their files.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// A fresh token of the worker.
    pub async fn token(&self) -> String {
        session::open_for(&self.state, self.worker).await.expect("a session can be opened").access_token
    }

    /// Starts a server on the database; returns it when it listens.
    pub fn serve(&self, number: usize) -> (Server, SocketAddr) {
        let data = self.directory.path().join("data");
        let logs = self.directory.path().join(format!("server{number}"));
        std::fs::create_dir_all(&logs).expect("a directory can be made");
        let data = data.to_str().expect("the path is text");
        let arguments = ["--listen", "127.0.0.1:0", "--data-dir", data, "--database-url", &self.url, "--no-ide"];
        let server = Server::start(&logs, arguments);
        let line = server.line(START);
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()?.parse().ok());
        (server, address.unwrap_or_else(|| panic!("the server printed {line:?}")))
    }

    /// Everything that the servers wrote into their logs.
    pub fn logs(&self) -> String {
        fn collect(directory: &Path, text: &mut String) {
            for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    collect(&path, text);
                } else if path.extension().is_some_and(|kind| kind == "log") {
                    text.push_str(&std::fs::read_to_string(&path).unwrap_or_default());
                }
            }
        }
        let mut text = String::new();
        collect(self.directory.path(), &mut text);
        text
    }

    /// How many notices are on record in this state.
    pub async fn count(&self, state: NoticeState) -> u64 {
        let select = notice::Entity::find().filter(notice::Column::State.eq(state));
        select.count(self.state.database().reader()).await.expect("notices can be counted")
    }
}

/// Runs a round to its end.
pub async fn run(url: &str, plan: &Plan) -> Outcome {
    let place = Place::open(url).await;
    let people = recipients(&place.state, plan.notices).await;
    let mut started = 0;
    let mut start = || {
        started += 1;
        let (place, number) = (place.clone(), started);
        tokio::task::spawn_blocking(move || place.serve(number))
    };
    let mut servers = Vec::new();
    for _ in 0..plan.servers {
        servers.push(start().await.expect("a server starts"));
    }
    let releasing = tokio::spawn({
        let place = place.clone();
        async move {
            for (number, part) in people.chunks(RUN).enumerate() {
                release(&place.state, place.network, &format!("run-{number}"), part).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    });

    let mut chance = Chance(plan.seed | 1);
    let id = consumer(&place.state, place.network).await;
    let (mut worker, mut gateway) = (Worker::new(id, plan.most), Gateway::default());
    let (mut kills, mut streams, mut on) = (0, 0, 0);
    let began = Instant::now();
    let between = plan.notices / (plan.kills + 1);
    while gateway.sent.len() < plan.notices || place.count(NoticeState::Submitted).await < plan.notices as u64 {
        if !worker.is_connected() {
            let token = place.token().await;
            on = usize::try_from(chance.below(servers.len() as u64)).unwrap_or(0);
            if worker.connect(servers[on].1, &token).await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
            streams += 1;
        }
        let is_time = kills < plan.kills && gateway.sent.len() >= (kills + 1) * between;
        if is_time {
            kills += 1;
            // While the worker is at it: before, in or after its next batch.
            let moment = Duration::from_millis(chance.below(60));
            let (server, _) = servers.remove(on);
            let killed = tokio::spawn(async move {
                tokio::time::sleep(moment).await;
                drop(server);
            });
            while worker.work(&mut gateway).await.is_ok() {}
            worker.disconnect();
            killed.await.expect("a server can be killed");
            servers.push(start().await.expect("a server starts"));
            continue;
        }
        if worker.work(&mut gateway).await.is_err() {
            worker.disconnect();
        }
    }
    releasing.await.expect("every run is released");
    drop(servers);
    let submitted = place.count(NoticeState::Submitted).await;
    let (took, logs) = (began.elapsed(), place.logs());
    Outcome { gateway, events: worker.seen, submitted, kills, streams, took, logs }
}
