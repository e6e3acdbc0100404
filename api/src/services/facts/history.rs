//! The facts as they were: what a network's figures were made of at any moment.
//!
//! The transaction of every act also keeps the facts of the objects that it touched, as they are after it, under the
//! act's place in the audit chain. The first act of a network keeps everything at once. The state after any later act
//! is then the last «everything» before it, and over it every row up to it, in order; the facts of a closed period are
//! held from its closing on. Rows are never changed, so the same moment always gives the same state, whatever is written afterwards.
//!
//! Acts that are put on record in bulk, as those of a demonstration are, keep nothing by themselves: whoever does that
//! ends with [`keep_everything`]. A moment before the first «everything» is answered in retrospect: from it,
//! without what happened after the day of that moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use analytics::facts::{CreditRole, FactRows, Facts};
use analytics::heirs::Heirs;
use analytics::period::Span;
use analytics::scoring::Versions;
use chrono::{DateTime, Utc};
use entity::ids::{ClosingId, FactHistoryId, NetworkId, RulebookVersionId};
use entity::{audit as audit_row, closing as closing_row, fact_history, rulebook_version};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use serde::{Deserialize, Serialize};

use super::{FactsStore, Scores, Snapshot, load, rows};
use crate::error::{Error, Result};
use crate::services::audit::{self, ObjectKind};
use crate::services::closing::{self, Closings};
use crate::services::{Ctx, local_day, network_row, rulebook};
use crate::state::AppState;

/// The kind under which all objects are kept at once.
const EVERYTHING: &str = "everything";
/// More objects than one request touches: acts in bulk.
const BULK: usize = 200;
/// States of other moments that are kept in memory.
const MOST_PAST: usize = 8;
/// Rows per query.
const PAGE: u64 = 5_000;

/// What is kept of one object, or of everything.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    rows: FactRows,
    /// The rulebook versions that are active.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rulebooks: Vec<RulebookVersionId>,
}

/// Keeps what acts left, in their transaction; `acts` are their places in the chain with what they touched.
pub(crate) async fn keep(
    txn: &impl ConnectionTrait,
    chain: i64,
    acts: impl Iterator<Item = (i64, ObjectKind, i64)>,
) -> Result<()> {
    let mut objects: BTreeMap<(ObjectKind, i64), i64> = BTreeMap::new();
    let mut last = 0;
    for (sequence, kind, id) in acts {
        last = sequence;
        if has_facts(kind) {
            objects.insert((kind, id), sequence);
        }
    }
    if [audit::PLATFORM, audit::REFUSALS].contains(&chain) || objects.is_empty() || objects.len() > BULK {
        return Ok(());
    }
    let network = NetworkId(chain);
    if of_network(network).limit(1).count(txn).await? == 0 {
        return keep_all(txn, network, last).await;
    }
    let active: BTreeSet<i64> = if objects.keys().any(|(kind, _)| *kind == ObjectKind::RulebookVersion) {
        rulebook::active(txn, network).await?.iter().map(|row| row.id.0).collect()
    } else {
        BTreeSet::new()
    };
    let row = network_row(txn, network).await?;
    let closings = closing::closings(txn, network).await?;
    for ((kind, id), sequence) in objects {
        let mut snapshot = blank(row.clone(), sequence, Facts::recording());
        snapshot.closings = closings.clone();
        load::changed(txn, &mut snapshot, &BTreeMap::from([(kind, vec![id])])).await?;
        let is_active = kind == ObjectKind::RulebookVersion && active.contains(&id);
        let kept = Kept {
            rows: snapshot.facts.recorded().cloned().unwrap_or_default(),
            rulebooks: is_active.then_some(RulebookVersionId(id)).into_iter().collect(),
        };
        insert(txn, network, sequence, (kind.as_str(), id), &kept).await?;
    }
    Ok(())
}

/// Keeps everything as it is after the last act on record.
pub(crate) async fn keep_everything(txn: &impl ConnectionTrait, network: NetworkId) -> Result<()> {
    let sequence = audit::last_sequence(txn, audit::chain(Some(network))).await?;
    keep_all(txn, network, sequence).await
}

async fn keep_all(txn: &impl ConnectionTrait, network: NetworkId, sequence: i64) -> Result<()> {
    let mut snapshot = blank(network_row(txn, network).await?, sequence, Facts::recording());
    snapshot.closings = closing::closings(txn, network).await?;
    load::rows(txn, &mut snapshot).await?;
    let rulebooks = rulebook::active(txn, network).await?.iter().map(|row| row.id).collect();
    let kept = Kept { rows: snapshot.facts.recorded().cloned().unwrap_or_default(), rulebooks };
    insert(txn, network, sequence, (EVERYTHING, 0), &kept).await
}

/// Whether objects of the kind are what figures are made of.
fn has_facts(kind: ObjectKind) -> bool {
    !matches!(
        kind,
        ObjectKind::Network
            | ObjectKind::Person
            | ObjectKind::RoleGrant
            | ObjectKind::Issue
            | ObjectKind::NoticeRun
            | ObjectKind::Notice
            | ObjectKind::Consumer
            | ObjectKind::FailureCode
            | ObjectKind::Closing
            | ObjectKind::Circular
            | ObjectKind::Export
            | ObjectKind::Charge
            | ObjectKind::Calendar
            | ObjectKind::Settlement
            | ObjectKind::Talk
            | ObjectKind::SavedQuery
    )
}

fn of_network(network: NetworkId) -> sea_orm::Select<fact_history::Entity> {
    fact_history::Entity::find().filter(fact_history::Column::NetworkId.eq(network))
}

fn blank(network: entity::network::Model, data_version: i64, facts: Facts) -> Snapshot {
    let versions = Versions::default();
    Snapshot {
        network,
        data_version,
        facts,
        versions,
        heirs: Heirs::default(),
        rulebooks: Vec::new(),
        targets: Vec::new(),
        closings: Closings::default(),
        late: BTreeMap::new(),
        scores: Scores::default(),
    }
}

async fn insert(
    txn: &impl ConnectionTrait,
    network: NetworkId,
    sequence: i64,
    (kind, id): (&str, i64),
    kept: &Kept,
) -> Result<()> {
    let row = fact_history::ActiveModel {
        id: NotSet,
        network_id: Set(network),
        sequence: Set(sequence),
        object_kind: Set(kind.to_owned()),
        object_id: Set(id),
        facts: Set(serde_json::to_string(kept).map_err(Error::internal)?),
    };
    fact_history::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(())
}

impl Ctx {
    /// The facts of `network` as they were at `moment`: with every act before the first one that came later.
    pub async fn facts_as_of(&self, network: NetworkId, moment: DateTime<Utc>) -> Result<Arc<Snapshot>> {
        self.state().facts().past(self.state(), network, moment).await
    }
}

impl FactsStore {
    async fn past(&self, state: &AppState, network: NetworkId, moment: DateTime<Utc>) -> Result<Arc<Snapshot>> {
        let conn = state.database().reader();
        let chain = audit::chain(Some(network));
        let later = audit_row::Entity::find()
            .filter(audit_row::Column::Chain.eq(chain))
            .filter(audit_row::Column::At.gt(moment))
            .order_by_asc(audit_row::Column::Sequence)
            .one(conn)
            .await?;
        let sequence = match later {
            Some(later) => later.sequence - 1,
            None => audit::last_sequence(conn, chain).await?,
        };
        let row = network_row(conn, network).await?;
        let day = local_day(&row, moment);
        let key = (network, sequence, day);
        if let Some(known) = self.past.lock().await.get(&key) {
            return Ok(known.clone());
        }
        let txn = state.database().snapshot().await?;
        let snapshot = Arc::new(rebuild(state, &txn, row, sequence, day).await?);
        txn.rollback().await?;
        let mut past = self.past.lock().await;
        if past.len() >= MOST_PAST {
            past.clear();
        }
        past.insert(key, snapshot.clone());
        Ok(snapshot)
    }
}

/// Builds the state after the act of that place.
async fn rebuild(
    state: &AppState,
    conn: &impl ConnectionTrait,
    network: entity::network::Model,
    sequence: i64,
    day: chrono::NaiveDate,
) -> Result<Snapshot> {
    let id = network.id;
    let whole = || of_network(id).filter(fact_history::Column::ObjectKind.eq(EVERYTHING));
    let before = whole()
        .filter(fact_history::Column::Sequence.lte(sequence))
        .order_by_desc(fact_history::Column::Sequence)
        .one(conn)
        .await?;
    let is_retrospect = before.is_none();
    let base = match before {
        Some(row) => Some(row),
        None => whole().order_by_asc(fact_history::Column::Sequence).one(conn).await?,
    };
    let mut facts = Facts::new();
    let mut active = BTreeSet::new();
    let mut closed = closed(conn, id, sequence).await?.into_iter().peekable();
    let mut from = sequence;
    if let Some(row) = base {
        let kept = read(&row)?;
        active.extend(kept.rulebooks);
        // Facts of closed days are held before anything else is said of them.
        while let Some((_, closing)) = closed.next_if(|(at, _)| *at <= row.sequence) {
            freeze(conn, &mut facts, closing).await?;
        }
        if is_retrospect {
            kept.rows.known_on(day).put_into(&mut facts);
        } else {
            from = row.sequence;
            kept.rows.put_into(&mut facts);
        }
    }
    let mut after = FactHistoryId(0);
    loop {
        let page = page(conn, id, (from, sequence), after).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for row in page {
            while let Some((_, closing)) = closed.next_if(|(at, _)| *at <= row.sequence) {
                freeze(conn, &mut facts, closing).await?;
            }
            let kept = read(&row)?;
            if row.object_kind == ObjectKind::RulebookVersion.as_str() {
                active.remove(&RulebookVersionId(row.object_id));
                active.extend(kept.rulebooks);
            }
            // What is said of an object replaces what was said of it; facts of closed days stay as they are.
            if row.object_kind == ObjectKind::Submission.as_str() {
                facts.remove_submission(row.object_id);
                facts.remove_item(row.object_id);
                facts.remove_credits_of(&BTreeSet::from([row.object_id]), CreditRole::Author);
                rows::clear_steps(&mut facts, row.object_id);
            }
            if row.object_kind == ObjectKind::Incident.as_str() {
                facts.remove_incident(row.object_id);
                facts.remove_naming(row.object_id);
            }
            kept.rows.put_into(&mut facts);
        }
    }
    let mut snapshot = blank(network, sequence, facts);
    let books = rulebook_version::Entity::find()
        .filter(rulebook_version::Column::NetworkId.eq(id))
        .filter(rulebook_version::Column::Id.is_in(active))
        .order_by_asc(rulebook_version::Column::EffectiveFrom)
        .order_by_asc(rulebook_version::Column::Number)
        .all(conn)
        .await?;
    let mut parsed = Vec::with_capacity(books.len());
    for row in &books {
        parsed.push((row.id.0, row.effective_from, state.rulebooks().parse(row)?));
    }
    snapshot.versions = Versions::new(parsed);
    snapshot.rulebooks = books;
    Ok(snapshot)
}

/// Rows of objects after one act and up to another, in the order in which they were kept.
async fn page(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    (from, to): (i64, i64),
    after: FactHistoryId,
) -> Result<Vec<fact_history::Model>> {
    Ok(of_network(network)
        .filter(fact_history::Column::ObjectKind.ne(EVERYTHING))
        .filter(fact_history::Column::Sequence.gt(from))
        .filter(fact_history::Column::Sequence.lte(to))
        .filter(fact_history::Column::Id.gt(after))
        .order_by_asc(fact_history::Column::Id)
        .limit(PAGE)
        .all(conn)
        .await?)
}

/// The closings up to an act, each with the act that it was.
async fn closed(conn: &impl ConnectionTrait, network: NetworkId, to: i64) -> Result<Vec<(i64, ClosingId)>> {
    let acts = audit_row::Entity::find()
        .filter(audit_row::Column::Chain.eq(audit::chain(Some(network))))
        .filter(audit_row::Column::ObjectKind.eq(ObjectKind::Closing.as_str()))
        .filter(audit_row::Column::Sequence.lte(to))
        .order_by_asc(audit_row::Column::Sequence)
        .all(conn)
        .await?;
    let mut known = BTreeSet::new();
    Ok(acts
        .into_iter()
        .filter(|act| known.insert(act.object_id))
        .map(|act| (act.sequence, ClosingId(act.object_id)))
        .collect())
}

/// Holds the facts of a closed period as they were.
async fn freeze(conn: &impl ConnectionTrait, facts: &mut Facts, closing: ClosingId) -> Result<()> {
    let row = closing_row::Entity::find_by_id(closing).one(conn).await?;
    if let Some(row) = row {
        facts.close(Span { first: row.first_day, last: row.last_day });
    }
    for frozen in closing::frozen(conn, closing).await? {
        facts.freeze(&frozen);
    }
    Ok(())
}

fn read(row: &fact_history::Model) -> Result<Kept> {
    serde_json::from_str(&row.facts).map_err(Error::internal)
}
