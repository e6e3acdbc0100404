//! The bridge from rows to the facts that analytics reads, and the facts in memory.
//!
//! The facts of a network are loaded once. Each later question compares the sequence of the network's audit
//! chain, which grows in the order of commits, with the one in memory, and loads again just the objects that
//! the rows in between name. So a write is in the next answer, and every answer can say from which
//! state of the data it comes.

mod decision;
pub mod files;
pub(crate) mod history;
pub(in crate::services) mod load;
pub(crate) mod rows;
mod steps;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};

use analytics::facts::{FactKind, Facts};
use analytics::heirs::Heirs;
use analytics::scoring::{Obligation, Scored, Versions};
use chrono::{DateTime, NaiveDate, Utc};
use entity::ids::NetworkId;
use entity::{audit as audit_row, network, rulebook_version};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use tokio::sync::{Mutex, OnceCell};

pub(crate) use decision::try_decision;

use crate::error::{Error, Result};
use crate::services::audit::{self, ObjectKind};
use crate::services::closing::Closings;
use crate::services::{Ctx, local_day, rulebook, succession};
use crate::state::AppState;

/// The facts of every network that somebody asked about.
#[derive(Default)]
pub struct FactsStore {
    networks: Mutex<HashMap<NetworkId, Slot>>,
    /// States of other moments, by the last act that they contain and the day from which they are seen.
    past: Mutex<HashMap<(NetworkId, i64, NaiveDate), Arc<Snapshot>>>,
}

/// The present facts of one network; whoever holds the lock brings them up to date.
type Slot = Arc<Mutex<Option<Arc<Snapshot>>>>;

/// One network at one data version.
pub struct Snapshot {
    /// The network.
    pub network: network::Model,
    /// Last sequence of its audit chain that the facts contain.
    pub data_version: i64,
    /// What happened.
    pub facts: Facts,
    /// What is owed beside the rulebook's quotas, oldest first.
    pub targets: Vec<Obligation>,
    /// The rules by which it is scored.
    pub versions: Versions,
    /// Who bears whose record.
    pub heirs: Heirs,
    /// The rows of those rules, oldest first.
    pub rulebooks: Vec<rulebook_version::Model>,
    /// The closed days; the facts of these days are frozen.
    pub closings: Closings,
    /// The own days of late facts, which count as corrections on other days.
    pub late: BTreeMap<(FactKind, i64), NaiveDate>,
    /// The years that somebody asked about, scored once for all who ask.
    pub(crate) scores: Scores,
}

impl Snapshot {
    /// The day on which a fact counts that happened on `day`: see [`Closings::counts_on`]. A frozen fact stays where it was.
    fn counts_on(&mut self, (kind, id): (FactKind, i64), day: NaiveDate, recorded_at: DateTime<Utc>) -> NaiveDate {
        let frozen = self.facts.day(kind, id).filter(|_| self.facts.is_frozen(kind, id));
        let counts = frozen.unwrap_or_else(|| self.closings.counts_on(day, local_day(&self.network, recorded_at)));
        if counts == day {
            self.late.remove(&(kind, id));
        } else {
            self.late.insert((kind, id), day);
        }
        counts
    }
}

/// Scored years of one snapshot, by the first day of the year, and those of earlier snapshots, which they are made from.
#[derive(Default)]
pub(crate) struct Scores {
    years: std::sync::Mutex<BTreeMap<NaiveDate, Arc<OnceCell<Arc<Scored>>>>>,
    before: BTreeMap<NaiveDate, Arc<Scored>>,
}

impl Scores {
    /// No scores yet, of a snapshot that came out of the one whose scores these are.
    fn after(old: &Self) -> Self {
        let mut before = old.before.clone();
        let years = old.years.lock().unwrap_or_else(PoisonError::into_inner);
        before.extend(years.iter().filter_map(|(first, scored)| Some((*first, scored.get()?.clone()))));
        Self { years: std::sync::Mutex::default(), before }
    }

    /// The place of the year that begins on `first`.
    pub(crate) fn year(&self, first: NaiveDate) -> Arc<OnceCell<Arc<Scored>>> {
        self.years.lock().unwrap_or_else(PoisonError::into_inner).entry(first).or_default().clone()
    }

    /// The year that begins on `first`, as it was scored for an earlier snapshot.
    pub(crate) fn before(&self, first: NaiveDate) -> Option<&Arc<Scored>> {
        self.before.get(&first)
    }
}

impl FactsStore {
    /// The facts of `network` as they are now.
    pub(crate) async fn current(&self, state: &AppState, network: NetworkId) -> Result<Arc<Snapshot>> {
        let slot = self.networks.lock().await.entry(network).or_default().clone();
        // Whoever comes while the facts are being brought up to date waits for that one refresh.
        let mut slot = slot.lock().await;
        let known = slot.as_ref().map_or(0, |snapshot| snapshot.data_version);
        let latest = audit::last_sequence(state.database().reader(), audit::chain(Some(network))).await?;
        if let Some(snapshot) = slot.as_ref().filter(|_| known == latest) {
            return Ok(snapshot.clone());
        }
        let txn = state.database().snapshot().await?;
        let snapshot = match slot.as_ref() {
            None => load::everything(state, &txn, network).await?,
            Some(snapshot) => refresh(state, &txn, snapshot).await?,
        };
        txn.rollback().await?;
        let snapshot = Arc::new(snapshot);
        *slot = Some(snapshot.clone());
        Ok(snapshot)
    }
}

impl Ctx {
    /// The facts of `network` as they are now.
    pub async fn facts(&self, network: NetworkId) -> Result<Arc<Snapshot>> {
        self.state().facts().current(self.state(), network).await
    }
}

/// Loads again what changed since `old`.
async fn refresh(state: &AppState, conn: &impl ConnectionTrait, old: &Snapshot) -> Result<Snapshot> {
    let chain = audit::chain(Some(old.network.id));
    let data_version = audit::last_sequence(conn, chain).await?;
    let changed: Vec<(String, i64)> = audit_row::Entity::find()
        .select_only()
        .columns([audit_row::Column::ObjectKind, audit_row::Column::ObjectId])
        .filter(audit_row::Column::Chain.eq(chain))
        .filter(audit_row::Column::Sequence.gt(old.data_version))
        .filter(audit_row::Column::Sequence.lte(data_version))
        .distinct()
        .into_tuple()
        .all(conn)
        .await?;
    let mut ids: BTreeMap<ObjectKind, Vec<i64>> = BTreeMap::new();
    for (kind, id) in changed {
        let kind = ObjectKind::ALL.iter().find(|known| known.as_str() == kind);
        let kind = kind.ok_or_else(|| Error::internal(anyhow::anyhow!("an audit row names an unknown kind")))?;
        ids.entry(*kind).or_default().push(id);
    }
    let mut new = Snapshot {
        network: old.network.clone(),
        data_version,
        facts: old.facts.clone(),
        targets: old.targets.clone(),
        versions: old.versions.clone(),
        rulebooks: old.rulebooks.clone(),
        closings: old.closings.clone(),
        late: old.late.clone(),
        heirs: old.heirs.clone(),
        scores: Scores::after(&old.scores),
    };
    if ids.contains_key(&ObjectKind::RulebookVersion) {
        (new.versions, new.rulebooks) = versions(state, conn, old.network.id).await?;
    }
    if let Some(closed) = ids.get(&ObjectKind::Closing) {
        // Before anything else: what is recorded later than a closing is dated by it.
        load::closed(conn, &mut new, |closing| closed.contains(&closing.id.0)).await?;
    }
    if ids.contains_key(&ObjectKind::Unit) {
        new.heirs = succession::heirs(conn, old.network.id).await?;
    }
    load::changed(conn, &mut new, &ids).await?;
    Ok(new)
}

/// The active rulebooks of a network.
pub(crate) async fn versions(
    state: &AppState,
    conn: &impl ConnectionTrait,
    network: NetworkId,
) -> Result<(Versions, Vec<rulebook_version::Model>)> {
    let rows = rulebook::active(conn, network).await?;
    let mut parsed = Vec::with_capacity(rows.len());
    for row in &rows {
        parsed.push((row.id.0, row.effective_from, state.rulebooks().parse(row)?));
    }
    Ok((Versions::new(parsed), rows))
}
