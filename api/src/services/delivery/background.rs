//! The tasks of a running server: the relay, and on PostgreSQL the ear for what other servers do.
//!
//! Bells make them quick, and a slow look at the table makes them sure. `/readyz` says no while one of them is not at work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use sea_orm::sqlx::postgres::PgListener;
use std::sync::{Mutex, PoisonError};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::{DeliverySettings, relay};
use crate::events::CHANNEL;
use crate::state::AppState;

/// Wait before the ear is put to the database again.
const RECOVERY: Duration = Duration::from_secs(1);
/// How many of its looks a relay may miss.
const MISSED: u32 = 8;
/// How often old events are removed.
const TRIM: Duration = Duration::from_hours(1);

/// Whether the tasks are at work; a state without tasks is well.
#[derive(Default)]
pub struct Health {
    relay: Mutex<Option<Instant>>,
    is_deaf: AtomicBool,
}

impl Health {
    /// Whether the relay has looked lately and the ear is at the database.
    pub(crate) fn is_well(&self, settings: &DeliverySettings) -> bool {
        let looked = *self.relay.lock().unwrap_or_else(PoisonError::into_inner);
        looked.is_none_or(|at| at.elapsed() < settings.poll * MISSED) && !self.is_deaf.load(Ordering::Relaxed)
    }

    fn looked(&self) {
        *self.relay.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

/// The tasks. Dropping this ends them.
#[derive(Debug)]
pub struct Background {
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Background {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Starts the tasks of a server.
pub fn start(state: &AppState) -> Background {
    let mut tasks = vec![tokio::spawn(relay_on(state.clone()))];
    if let Some(address) = state.database().address() {
        state.health().is_deaf.store(true, Ordering::Relaxed);
        tasks.push(tokio::spawn(hear_on(state.clone(), address)));
    }
    Background { tasks }
}

async fn relay_on(state: AppState) {
    state.health().looked();
    let mut trimmed = Instant::now();
    loop {
        match relay::pass(&state).await {
            Ok(()) => state.health().looked(),
            Err(error) => {
                tracing::error!(%error, cause = ?error.source, "the relay could not do its work");
                sleep(RECOVERY).await;
            }
        }
        if trimmed.elapsed() > TRIM {
            trimmed = Instant::now();
            if let Err(error) = relay::trim(&state).await {
                tracing::error!(%error, cause = ?error.source, "old events could not be removed");
            }
        }
        // Nobody may have rung.
        let _ = timeout(state.delivery().poll, state.events().relay_rung()).await;
    }
}

async fn hear_on(state: AppState, address: Arc<str>) {
    loop {
        if let Err(error) = hear(&state, &address).await {
            tracing::warn!("the other servers are not heard: {error:#}");
        }
        state.health().is_deaf.store(true, Ordering::Relaxed);
        // The bells of this server do not need the ear.
        state.events().ring_all();
        sleep(RECOVERY).await;
    }
}

/// Listens until the connection breaks.
async fn hear(state: &AppState, address: &str) -> anyhow::Result<()> {
    let mut listener = PgListener::connect(address).await.context("cannot connect")?;
    listener.listen(CHANNEL).await.context("cannot listen")?;
    state.health().is_deaf.store(false, Ordering::Relaxed);
    // What was said before this moment was not heard.
    state.events().ring_all();
    while let Some(notification) = listener.try_recv().await.context("the connection broke")? {
        state.events().hear(notification.payload());
    }
    anyhow::bail!("the connection broke")
}
