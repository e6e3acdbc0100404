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

/// Appends `acts` to `chain`, oldest first; `done` is told how many are in. What one person did in one sitting, say taking in the
/// morning's submissions, is one batch.
pub(super) async fn record(
    conn: &impl ConnectionTrait,
    chain: i64,
    mut acts: Vec<Act>,
    mut done: impl FnMut(usize),
) -> anyhow::Result<()> {
    // Stable: what happened at one moment keeps the order in which it was planned.
    acts.sort_by_key(|act| (act.at, act.actor));
    let mut recorded = 0;
    let mut acts = acts.into_iter().peekable();
    while let Some(Act { at, actor, entry }) = acts.next() {
        let mut batch = vec![entry];
        while let Some(act) = acts.next_if(|act| act.at == at && act.actor == actor) {
            batch.push(act.entry);
        }
        recorded += batch.len();
        audit::append(conn, chain, actor, at, batch).await?;
        done(recorded);
    }
    Ok(())
}
