//! The command line, the log, and the end.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::config::Config;
use crate::secret::Secret;
use crate::work::{self, Passwords};

/// Sends the notices of a network through an SMS gateway.
#[derive(Debug, Parser)]
#[command(name = "sms-worker", version)]
pub struct Cli {
    /// The configuration file; docs/sms-worker.md explains it.
    #[arg(long, env = "SMS_WORKER_CONFIG", value_name = "FILE")]
    config: PathBuf,
    /// Lease by plain requests instead of following the stream, whatever the file says.
    #[arg(long)]
    poll: bool,
    /// Read the configuration, say what is wrong with it, and end.
    #[arg(long)]
    check: bool,
    /// Password of the account on the server; better in a file, which the configuration names.
    #[arg(long, env = "SMS_WORKER_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    password: Option<String>,
    /// Password of the account at the gateway; better in a file.
    #[arg(long, env = "SMS_WORKER_GATEWAY_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    gateway_password: Option<String>,
    /// Write the log as JSON lines.
    #[arg(long, env = "SMS_WORKER_LOG_JSON")]
    log_json: bool,
    /// What to log, such as `info` or `sms_worker=debug`.
    #[arg(long, env = "SMS_WORKER_LOG", default_value = "info", value_name = "FILTER")]
    log: String,
}

/// Runs the worker until it is told to end.
pub fn run(cli: &Cli) -> ExitCode {
    // What libraries would tell of the messages on the wire is told at no level.
    let words = format!("{},hyper=warn,tungstenite=warn,tokio_tungstenite=warn,rusmpp=off,rusmpp_core=off", cli.log);
    let filter = EnvFilter::try_new(words).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A log that is set already, as in tests, stays.
    let _ = if cli.log_json { log.json().try_init() } else { log.with_ansi(false).try_init() };
    match begin(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the worker cannot go on");
            ExitCode::FAILURE
        }
    }
}

fn begin(cli: &Cli) -> anyhow::Result<()> {
    let mut config = Config::read(&cli.config)?;
    config.poll |= cli.poll;
    if cli.check {
        return Ok(());
    }
    let secret = |value: &Option<String>| value.clone().map(Secret::new);
    let passwords = Passwords { server: secret(&cli.password), gateway: secret(&cli.gateway_password) };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let stop = CancellationToken::new();
        tokio::spawn(listen_for_the_end(stop.clone()));
        work::run(config, passwords, stop).await
    })
}

/// The first request to end is granted in order, a second one at once.
async fn listen_for_the_end(stop: CancellationToken) {
    told().await;
    tracing::info!("finishing what is in hand");
    stop.cancel();
    told().await;
    std::process::exit(1);
}

#[cfg(unix)]
async fn told() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = term.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn told() {
    let _ = tokio::signal::ctrl_c().await;
}
