//! What a running server does by itself, at its time: notices that are due.
//!
//! It sleeps until the next thing is due by the injected clock, and looks earlier when something was committed, here or on another
//! server. What was missed while no server ran is made up for at the start. On PostgreSQL one server leads, by advisory lock.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{DatabaseTransaction, DbBackend};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::error::Result;
use crate::services::audit::ObjectKind;
use crate::services::delivery::relay;
use crate::services::notice::settle;
use crate::state::AppState;

/// Names the scheduler among advisory locks: «notices» in hexadecimal digits.
const LOCK: i64 = 0x6e_6f74_6963_6573;
/// However far away the next thing is, the clock is looked at again: it may have been set.
const LONGEST: Duration = Duration::from_mins(10);
/// A server that does not lead asks again: the leader may have died.
const FOLLOWER: Duration = Duration::from_secs(30);
/// Several acts at once are looked at once.
const SETTLE: Duration = Duration::from_millis(500);

/// The scheduler. Dropping this ends it.
#[derive(Debug)]
pub struct Jobs(JoinHandle<()>);

impl Drop for Jobs {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts the scheduler of a server.
pub fn start(state: &AppState) -> Jobs {
    Jobs(tokio::spawn(keep(state.clone())))
}

async fn keep(state: AppState) {
    let mut hints = state.events().hints();
    loop {
        let pause = match led_pass(&state).await {
            Ok(Looked::Led(next)) => until(&state, next),
            Ok(Looked::Followed) => FOLLOWER,
            Err(error) => {
                tracing::error!(%error, cause = ?error.source, "what is due could not be brought about");
                FOLLOWER
            }
        };
        let wake = async {
            loop {
                match hints.recv().await {
                    Ok(hint) if matters(hint.kind) => return,
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => return,
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        if timeout(pause, wake).await.is_ok() {
            sleep(SETTLE).await;
        }
    }
}

/// How long until the next thing is due.
fn until(state: &AppState, next: Option<DateTime<Utc>>) -> Duration {
    let wait = next.map(|next| (next - state.clock().now()).to_std().unwrap_or(Duration::ZERO));
    // A moment that has just passed is looked at again, but not without a pause.
    wait.unwrap_or(LONGEST).clamp(Duration::from_millis(500), LONGEST)
}

/// Whether an act may make something due; what the scheduler does itself does not.
fn matters(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Network
            | ObjectKind::RulebookVersion
            | ObjectKind::Submission
            | ObjectKind::Commission
            | ObjectKind::Incident
            | ObjectKind::UrgentEvent
            | ObjectKind::Prompt
            | ObjectKind::Circular
            | ObjectKind::Calendar
    )
}

/// What came of a look at what is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// This server led: when something will be due next.
    Led(Option<DateTime<Utc>>),
    /// Another one leads.
    Followed,
}

/// A pass, if this server leads.
pub async fn led_pass(state: &AppState) -> Result<Looked> {
    let Some(_lead) = Lead::take(state).await? else { return Ok(Looked::Followed) };
    settle::pass(state).await.map(Looked::Led)
}

/// The lead: held by a transaction on PostgreSQL; on SQLite there is nobody else.
struct Lead {
    _held: Option<DatabaseTransaction>,
}

impl Lead {
    async fn take(state: &AppState) -> Result<Option<Self>> {
        let database = state.database();
        if sea_orm::ConnectionTrait::get_database_backend(database.reader()) != DbBackend::Postgres {
            return Ok(Some(Self { _held: None }));
        }
        let txn = database.begin().await?;
        let leads = relay::lead(&txn, LOCK).await?;
        Ok(leads.then_some(Self { _held: Some(txn) }))
    }
}
