//! What every request shares: the database, the clock, the keys, the facts in memory.

use std::sync::Arc;

use crate::auth::password::Passwords;
use crate::auth::token::TokenKeys;
use crate::clock::Clock;
use crate::database::Database;
use crate::services::facts::FactsStore;
use crate::services::rulebook::RulebookCache;

/// The state of a running server; cloning it shares it.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

struct Inner {
    database: Database,
    clock: Arc<dyn Clock>,
    keys: TokenKeys,
    passwords: Passwords,
    facts: FactsStore,
    rulebooks: RulebookCache,
}

impl AppState {
    /// Puts the parts together.
    pub fn new(database: Database, clock: Arc<dyn Clock>, keys: TokenKeys) -> Self {
        Self(Arc::new(Inner {
            facts: FactsStore::default(),
            rulebooks: RulebookCache::default(),
            passwords: Passwords::default(),
            database,
            clock,
            keys,
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
}
