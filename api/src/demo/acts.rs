//! What was done in the year, and how it gets into the audit log: in the order of time, whoever did it.

use chrono::{DateTime, Utc};
use entity::ids::PersonId;
use sea_orm::ConnectionTrait;

use crate::services::audit::{self, Entry};

/// One act of one person at one moment.
pub(super) struct Act {
    /// When.
    pub(super) at: DateTime<Utc>,
    /// Who; none for the operator who set the network up.
    pub(super) actor: Option<PersonId>,
    /// What.
    pub(super) entry: Entry,
}

impl Act {
    /// An act of `actor`.
    pub(super) fn new(at: DateTime<Utc>, actor: PersonId, entry: Entry) -> Self {
        Self { at, actor: Some(actor), entry }
    }
}

/// Acts appended at a time; progress is told after each part.
const PART: usize = 5_000;

/// Appends `acts` to `chain`, oldest first; `done` is told how many are in.
pub(super) async fn record(
    conn: &impl ConnectionTrait,
    chain: i64,
    mut acts: Vec<Act>,
    mut done: impl FnMut(usize),
) -> anyhow::Result<()> {
    // Stable: what happened at one moment keeps the order in which it was planned.
    acts.sort_by_key(|act| (act.at, act.actor));
    let mut recorded = 0;
    let mut acts = acts.into_iter();
    while acts.len() > 0 {
        let part: Vec<_> = acts.by_ref().take(PART).map(|act| (act.at, act.actor, act.entry)).collect();
        recorded += part.len();
        audit::append_all(conn, chain, part.into_iter()).await?;
        done(recorded);
    }
    Ok(())
}
