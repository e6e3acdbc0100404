//! What every request shares: the database, the clock, the keys, the facts in memory, the bells.

use std::sync::Arc;

use crate::auth::password::Passwords;
use crate::auth::seal::SealKeys;
use crate::auth::token::TokenKeys;
use crate::clock::Clock;
use crate::database::Database;
use crate::events::Events;
use crate::services::delivery::DeliverySettings;
use crate::services::delivery::background::Health;
use crate::services::facts::FactsStore;
use crate::services::rulebook::RulebookCache;

/// The state of a running server; cloning it shares it.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

struct Inner {
    database: Database,
    clock: Arc<dyn Clock>,
    keys: TokenKeys,
    seals: SealKeys,
    passwords: Passwords,
    facts: FactsStore,
    rulebooks: RulebookCache,
    events: Events,
    delivery: DeliverySettings,
    health: Health,
}

impl AppState {
    /// Puts the parts together.
    pub fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        keys: TokenKeys,
        seals: SealKeys,
        delivery: DeliverySettings,
    ) -> Self {
        Self(Arc::new(Inner {
            facts: FactsStore::default(),
            rulebooks: RulebookCache::default(),
            passwords: Passwords::default(),
            events: Events::new(),
            health: Health::default(),
            database,
            clock,
            keys,
            seals,
            delivery,
        }))
    }

    /// The database.
    pub fn database(&self) -> &Database {
        &self.0.database
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// The keys that sign and verify access tokens.
    pub(crate) fn keys(&self) -> &TokenKeys {
        &self.0.keys
    }

    /// The keys that seal what nobody but its user may read.
    pub(crate) fn seals(&self) -> &SealKeys {
        &self.0.seals
    }

    /// The password hasher.
    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// The rulebooks that were parsed.
    pub(crate) fn rulebooks(&self) -> &RulebookCache {
        &self.0.rulebooks
    }

    /// The facts in memory.
    pub(crate) fn facts(&self) -> &FactsStore {
        &self.0.facts
    }

    /// What just happened.
    pub fn events(&self) -> &Events {
        &self.0.events
    }

    /// How notices are sent.
    pub fn delivery(&self) -> &DeliverySettings {
        &self.0.delivery
    }

    /// Whether the tasks of the server are at work.
    pub(crate) fn health(&self) -> &Health {
        &self.0.health
    }
}
