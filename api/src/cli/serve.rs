//! Serving a database, or a demonstration.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::time::MissedTickBehavior;

use super::print;
use crate::auth::seal::SealKeys;
use crate::auth::token::TokenKeys;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::database::Database;
use crate::demo;
use crate::http::serve::serve as accept;
use crate::jobs;
use crate::services::delivery::{DeliverySettings, background};
use crate::services::search;
use crate::services::urgent;
use crate::state::AppState;

/// Opens the database that the configuration names, migrated.
pub(super) async fn open(config: &Config, file: &str) -> anyhow::Result<AppState> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("cannot create the data folder {}", config.data_dir.display()))?;
    let keys = TokenKeys::load(&config.key_dir())?;
    let seals = SealKeys::load(&config.key_dir())?;
    let database = Database::connect(&config.database_url(file)).await?;
    database.migrate().await?;
    Ok(AppState::new(database, Arc::new(SystemClock), keys, seals, DeliverySettings::default()))
}

/// Serves the database until the process is told to end.
pub(super) async fn serve(config: &Config) -> anyhow::Result<ExitCode> {
    let state = open(config, "zhengxin.db").await?;
    let listener = listen(config).await?;
    let address = listener.local_addr()?;
    print(&format!("GraphQL  http://{address}/graphql\nIDE      http://{address}/ide\n"));
    answer(config, state, listener).await
}

/// Serves a demonstration; fills its database the first time.
pub(super) async fn demo(config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    // Before the long work, so that an address in use is known at once.
    let listener = listen(config).await?;
    let address = listener.local_addr()?;
    let state = open(config, "demo.db").await?;
    let office = demo::open(&state, |step| tracing::info!("{step}")).await?;
    print(&if json { office.json(address) } else { office.text(address) });
    answer(config, state, listener).await
}

async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    TcpListener::bind(config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))
}

async fn answer(config: &Config, state: AppState, listener: TcpListener) -> anyhow::Result<ExitCode> {
    let background = background::start(&state);
    let jobs = jobs::start(&state);
    let watching = tokio::spawn(watch_deadlines(state.clone()));
    tokio::spawn(index(state.clone()));
    let (router, door) = crate::router(config, state).await?;
    accept(listener, router, door, told_to_end()).await;
    watching.abort();
    drop(jobs);
    drop(background);
    Ok(ExitCode::SUCCESS)
}

/// Looks at the deadlines of urgent reports every minute. What could not be looked at is looked at a minute later.
async fn watch_deadlines(state: AppState) {
    let mut minute = tokio::time::interval(Duration::from_mins(1));
    minute.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        minute.tick().await;
        match urgent::watch(&state).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "incidents were proposed for urgent reports that are missing"),
            Err(error) => tracing::error!(?error, "cannot look at the deadlines of urgent reports"),
        }
    }
}

/// Indexes texts that have no index yet, while the server answers already.
async fn index(state: AppState) {
    if let Err(error) = search::catch_up(&state).await {
        tracing::error!(error = format!("{error:#}"), "cannot index texts for search");
    }
}

/// Ready when somebody presses Ctrl-C or the system asks the process to end.
async fn told_to_end() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
