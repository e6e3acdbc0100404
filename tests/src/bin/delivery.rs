//! Long rounds and measurements of the delivery of notices; docs/delivery.md and docs/benchmarks.md name the commands.

#![expect(clippy::print_stdout, reason = "what it measures is what it prints")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use analytics::rulebook::shipped;
use api::auth::seal::SealKeys;
use api::auth::token::TokenKeys;
use api::clock::SystemClock;
use api::database::Database;
use api::services::delivery::DeliverySettings;
use api::services::network;
use api::state::AppState;
use clap::{Parser, Subcommand};
use entity::notice::NoticeState;
use serde_json::json;
use tests::app::HOME;
use tests::chaos::{Place, Plan, run};
use tests::live::Socket;
use tests::notices::{consumer, recipients, release};
use tests::worker::{Gateway, Worker};

#[derive(Parser)]
struct Cli {
    /// An empty PostgreSQL database; an SQLite file of its own if left out.
    #[arg(long, global = true)]
    database_url: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Kills the server again and again, and counts what the gateway got.
    Chaos {
        /// How often.
        #[arg(long, default_value_t = 200)]
        kills: usize,
        /// Text messages.
        #[arg(long, default_value_t = 10_000)]
        notices: usize,
        /// Servers on one PostgreSQL database.
        #[arg(long, default_value_t = 1)]
        servers: usize,
        /// From which the moments are drawn.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Releases, streams and reports, as fast as it goes.
    Bench {
        /// Text messages.
        #[arg(long, default_value_t = 10_000)]
        notices: usize,
        /// Notices that the worker may hold.
        #[arg(long, default_value_t = 500)]
        most: i64,
    },
    /// Opens subscriptions in which nothing happens, and looks at the server's memory and time.
    Idle {
        /// How many.
        #[arg(long, default_value_t = 1_000)]
        subscriptions: usize,
        /// For how long, in seconds.
        #[arg(long, default_value_t = 30)]
        seconds: u64,
    },
}

fn main() -> ExitCode {
    if let Some(ended) = tests::server::requested() {
        return ended;
    }
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be made");
    runtime.block_on(async {
        let directory = tempfile::tempdir().expect("a directory can be made");
        let url = cli.database_url.unwrap_or_else(|| format!("sqlite://{}", directory.path().join("notices.db").display()));
        found(&url).await;
        match cli.command {
            Command::Chaos { kills, notices, servers, seed } => {
                let plan = Plan { notices, kills, servers, most: 50, seed };
                let outcome = run(&url, &plan).await;
                outcome.assert_nothing_lost(&plan);
                let submissions: u64 = outcome.gateway.submitted.values().sum();
                println!(
                    "{} notices, {} kills, {} streams, {submissions} submissions, {} messages, {:.1} s: nothing lost, nothing doubled",
                    plan.notices,
                    outcome.kills,
                    outcome.streams,
                    outcome.gateway.sent.len(),
                    outcome.took.as_secs_f64()
                );
            }
            Command::Bench { notices, most } => bench(&url, notices, most).await,
            Command::Idle { subscriptions, seconds } => idle(&url, subscriptions, seconds).await,
        }
    });
    ExitCode::SUCCESS
}

/// Sets up a network in an empty database.
async fn found(url: &str) {
    let database = Database::connect(url).await.expect("the database answers");
    database.migrate().await.expect("the tables can be made");
    let (tokens, seals) = (TokenKeys::from_seed([1; 32]), SealKeys::from_seed([1; 32]));
    let state = AppState::new(database, Arc::new(SystemClock), tokens, seals, DeliverySettings::default());
    let rulebook = shipped::find(HOME).expect("the rulebook is shipped");
    network::set_up(&state, "bench", "测试网络", rulebook.to_owned()).await.expect("the database is empty");
    state.database().reader().clone().close().await.expect("a connection can be closed");
    state.database().writer().clone().close().await.expect("a connection can be closed");
}

async fn bench(url: &str, count: usize, most: i64) {
    let place = Place::open(url).await;
    let people = recipients(&place.state, count).await;
    let serving = place.clone();
    let (server, address) = tokio::task::spawn_blocking(move || serving.serve(1)).await.expect("the server starts");
    let mut worker = Worker::new(consumer(&place.state, place.network).await, most);
    worker.connect(address, &place.token().await).await.expect("the stream opens");
    let mut gateway = Gateway::default();

    // One at a time: from the commit to the client.
    let mut waits = Vec::new();
    for (number, person) in people.iter().take(200).enumerate() {
        release(&place.state, place.network, &format!("single-{number}"), &[*person]).await;
        let committed = Instant::now();
        let batch = worker.batch().await.expect("the stream goes on");
        waits.push(committed.elapsed());
        let sent: Vec<_> = batch.into_iter().map(|one| (one.clone(), gateway.submit(&one))).collect();
        worker.ack(&sent).await.expect("the server answers");
    }
    waits.sort_unstable();
    let at = |hundredths: usize| waits[(waits.len() * hundredths / 100).min(waits.len() - 1)].as_secs_f64() * 1e3;

    // All at once: drafted, released, streamed, reported.
    let before = gateway.sent.len();
    let began = Instant::now();
    release(&place.state, place.network, "bulk", &people).await;
    let released = began.elapsed();
    while gateway.sent.len() < before + count {
        worker.work(&mut gateway).await.expect("the stream goes on");
    }
    let took = began.elapsed();
    assert_eq!(place.count(NoticeState::Submitted).await, (before + count) as u64);
    println!(
        "{count} notices: drafted and released in {:.2} s, sent and reported after {:.2} s: {:.0} notices/s",
        released.as_secs_f64(),
        took.as_secs_f64(),
        f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / took.as_secs_f64()
    );
    println!("commit to client: p50 {:.1} ms, p99 {:.1} ms", at(50), at(99));
    println!("server: {}", usage(server.id()));
    drop(server);
}

async fn idle(url: &str, count: usize, seconds: u64) {
    let place = Place::open(url).await;
    let now = place.state.clock().now();
    let serving = place.clone();
    let (server, address) = tokio::task::spawn_blocking(move || serving.serve(1)).await.expect("the server starts");
    let before = usage(server.id());
    let query = "subscription($network: ID!) { submissionChanged(network: $network) { dataVersion } }";
    let network = tests::office::global("Network", place.network.0);
    let mut sockets = Vec::new();
    while sockets.len() < count {
        // An account may open a hundred sockets.
        let login = format!("editor.{}", sockets.len());
        let writer = place.state.database().writer();
        let person = tests::builders::person(writer, &login, None, now).await;
        let role = entity::role_grant::Role::Editor;
        tests::builders::grant(writer, person, role, Some(place.network), None, now).await;
        let session = api::services::session::open_for(&place.state, person).await.expect("a session can be opened");
        for _ in 0..100.min(count - sockets.len()) {
            let mut socket = Socket::open(address, &session.access_token).await.expect("a session opens");
            socket.start("1", query, json!({ "network": network })).await.expect("the socket takes it");
            sockets.push(socket);
        }
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let open = usage(server.id());
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let after = usage(server.id());
    let each = (open.memory - before.memory) / i64::try_from(count).unwrap_or(1);
    let busy = after.time.saturating_sub(open.time).as_secs_f64() / Duration::from_secs(seconds).as_secs_f64() * 100.0;
    println!("{count} idle subscriptions: {each} KiB each, {busy:.1} % of one core over {seconds} s");
    println!("before {before}; open {open}; after {after}");
    drop((sockets, server));
}

/// What a process holds and has used.
#[derive(Clone, Copy)]
struct Usage {
    /// In KiB.
    memory: i64,
    time: Duration,
}

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} MiB, {:.1} s of processor time", self.memory / 1_024, self.time.as_secs_f64())
    }
}

/// Read from where Linux tells it; nothing elsewhere.
fn usage(process: u32) -> Usage {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/{process}/{name}")).unwrap_or_default();
    let status = read("status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let memory = line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or_default();
    let stat = read("stat");
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks: u64 = [11, 12].iter().filter_map(|place| fields.get(*place)?.parse::<u64>().ok()).sum();
    // The kernel counts in hundredths of a second.
    Usage { memory, time: Duration::from_millis(ticks * 10) }
}
