//! A write: one transaction that carries the change, its audit rows and the answer to a repeated request.

use std::collections::BTreeMap;

use entity::idempotency;
use entity::ids::{NetworkId, PersonId};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::error::{Code, Error, Result};
use crate::events::Hint;
use crate::services::audit::{self, Entry, ObjectKind};
use crate::services::{Ctx, refused};

/// The input of a mutation.
pub trait Command: Serialize + Sync {
    /// Name of the mutation.
    fn name(&self) -> &'static str;

    /// Key under which a repetition of this request is recognised.
    fn idempotency_key(&self) -> &str;
}

/// What `begin` finds: a request seen before, or a transaction to work in.
pub(crate) enum Begun<O> {
    /// The request was carried out before, with this outcome.
    Before(O),
    /// The request is new.
    Fresh(Write),
}

/// An open transaction. Dropping it undoes everything.
pub struct Write {
    txn: DatabaseTransaction,
    ctx: Ctx,
    key: String,
    network: Option<NetworkId>,
    /// Acts, each with the network that it concerns where that is another one.
    entries: Vec<(Option<NetworkId>, Entry)>,
    bells: Bells,
}

/// Whom a write wakes when it has been committed.
#[derive(Default)]
struct Bells {
    relay: bool,
    streams: bool,
}

/// Above so many acts in one write, screens are told only that the network changed.
const MOST_HINTS: usize = 20;

impl Ctx {
    /// Begins the transaction of `command`, unless its key has an outcome already.
    pub(crate) async fn begin<O: DeserializeOwned, C: Command>(&self, command: &C) -> Result<Begun<O>> {
        let key = command.idempotency_key();
        if key.is_empty() || key.len() > 200 {
            return Err(Error::invalid(
                "idempotencyKey",
                "give a key of 1 to 200 bytes, a fresh one for each new request",
                "请提供 1 至 200 字节的幂等键，每个新请求使用新的键",
            ));
        }
        let text = serde_json::to_string(command).map_err(Error::internal)?;
        refused::commands(&serde_json::from_str(&text).map_err(Error::internal)?);
        let request_hash = audit::hex(&Sha256::digest(format!("{}\n{text}", command.name())));
        let txn = self.state().database().begin().await?;
        let row = idempotency::ActiveModel {
            actor_id: Set(self.actor().id()),
            key: Set(key.to_owned()),
            operation: Set(command.name().to_owned()),
            request_hash: Set(request_hash.clone()),
            outcome: Set(String::new()),
            created_at: Set(self.now()),
        };
        // A request with the same key that is still under way is waited for here.
        let inserted = idempotency::Entity::insert(row)
            .on_conflict(
                OnConflict::columns([idempotency::Column::ActorId, idempotency::Column::Key]).do_nothing().to_owned(),
            )
            .exec_without_returning(&txn)
            .await?;
        if inserted == 1 {
            let write = Write {
                txn,
                ctx: self.clone(),
                key: key.to_owned(),
                network: None,
                entries: Vec::new(),
                bells: Bells::default(),
            };
            return Ok(Begun::Fresh(write));
        }
        let before =
            idempotency::Entity::find_by_id((self.actor().id(), key.to_owned())).one(&txn).await?.ok_or_else(|| {
                Error::new(
                    Code::Unavailable,
                    "the same request is under way; try again",
                    "相同请求正在处理，请稍后重试",
                )
            })?;
        if before.request_hash != request_hash {
            return Err(Error::new(
                Code::KeyReused,
                "this idempotency key was used for another request; use a new key",
                "该幂等键已用于其他请求，请更换新的键",
            )
            .at("idempotencyKey"));
        }
        serde_json::from_str(&before.outcome).map(Begun::Before).map_err(Error::internal)
    }
}

impl Write {
    /// The connection on which everything inside this write runs.
    pub(crate) fn conn(&self) -> &DatabaseTransaction {
        &self.txn
    }

    /// Waits until nobody else hands in, takes back, or changes who may hand in, in this network: who does so sees what the others
    /// did. Called before any row is changed.
    pub(crate) async fn in_turn(&self, network: NetworkId) -> Result<()> {
        let what = format!("hand-in/{network}");
        Ok(self.ctx.state().database().in_turn(&self.txn, &what).await?)
    }

    /// Names the network whose audit chain takes the record.
    pub(crate) fn in_network(&mut self, network: NetworkId) {
        self.network = Some(network);
    }

    /// Puts an act on record.
    pub(crate) fn record(&mut self, entry: Entry) {
        self.entries.push((None, entry));
    }

    /// Puts what this act did in another network on record there.
    pub(crate) fn record_in(&mut self, network: NetworkId, entry: Entry) {
        self.entries.push((Some(network), entry));
    }

    /// How much is on record so far.
    pub(crate) fn mark(&self) -> usize {
        self.entries.len()
    }

    /// Takes off the record what was put there since a mark: it was undone with its savepoint.
    pub(crate) fn forget_since(&mut self, mark: usize) {
        self.entries.truncate(mark);
    }

    /// Puts an act without states or details on record.
    pub(crate) fn did(&mut self, action: &'static str, kind: ObjectKind, id: i64) {
        self.record(Entry::new(action, kind, id));
    }

    /// The moment of the write.
    pub(crate) fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.ctx.now()
    }

    /// Wakes the relay once this is committed: there are events to number, or a recipient is free.
    pub(crate) fn wakes_relay(&mut self) {
        self.bells.relay = true;
    }

    /// Wakes the network's streams once this is committed: a consumer may be given more, or nothing.
    pub(crate) fn wakes_streams(&mut self) {
        self.bells.streams = true;
    }

    /// Stores the outcome and the record, commits, and tells those who wait.
    pub(crate) async fn commit<O: Serialize + Sync>(self, outcome: &O) -> Result<()> {
        let Self { txn, ctx, key, network, entries, bells } = self;
        let actor: PersonId = ctx.actor().id();
        let outcome = serde_json::to_string(outcome).map_err(Error::internal)?;
        idempotency::Entity::update_many()
            .col_expr(idempotency::Column::Outcome, Expr::value(outcome))
            .filter(idempotency::Column::ActorId.eq(actor))
            .filter(idempotency::Column::Key.eq(key))
            .exec(&txn)
            .await?;
        // Whoever writes to several chains locks them in the order of their ids, so that nobody waits in a circle.
        let mut chains: BTreeMap<i64, Vec<Entry>> = BTreeMap::new();
        for (of, entry) in entries {
            chains.entry(audit::chain(of.or(network))).or_default().push(entry);
        }
        let mut hints = Vec::new();
        for (chain, entries) in chains {
            let acts: Vec<_> = entries.iter().map(|entry| (entry.kind, entry.id)).collect();
            let sequence = audit::append(&txn, chain, Some(actor), ctx.now(), entries).await?;
            if chain != audit::PLATFORM {
                hints.extend(hints_of(NetworkId(chain), sequence, acts));
            }
        }
        let (database, events) = (ctx.state().database(), ctx.state().events());
        let mut payloads: Vec<_> = hints.iter().map(|hint| events.hint_payload(*hint)).collect();
        payloads.extend(bells.relay.then(|| events.relay_payload()));
        payloads.extend(network.filter(|_| bells.streams).map(|network| events.streams_payload(network)));
        database.notify(&txn, payloads).await?;
        txn.commit().await?;
        if bells.relay {
            events.ring_relay();
        }
        if let Some(network) = network.filter(|_| bells.streams) {
            events.ring_streams(network);
        }
        for hint in hints {
            events.hint(hint);
        }
        Ok(())
    }
}

/// What screens are told of a write's acts.
fn hints_of(network: NetworkId, sequence: i64, mut acts: Vec<(ObjectKind, i64)>) -> Vec<Hint> {
    acts.sort_unstable();
    acts.dedup();
    if acts.len() > MOST_HINTS {
        acts = vec![(ObjectKind::Network, network.0)];
    }
    acts.into_iter().map(|(kind, id)| Hint { network, kind, id, sequence }).collect()
}
