//! A whole server for one case: its own database, a clock that stands still, the real router.

use std::ops::Deref;
use std::sync::Arc;

use analytics::rulebook::shipped;
use anyhow::Context as _;
use api::auth::seal::SealKeys;
use api::auth::token::TokenKeys;
use api::clock::FixedClock;
use api::database::Database;
use api::http::settings::DoorSettings;
use api::services;
use api::services::delivery::DeliverySettings;
use api::state::AppState;
use chrono::{DateTime, Utc};

use crate::client::Client;
use crate::database::{Backend, Template, TestDatabase};
use crate::harness::Fixture;
use crate::office::Office;

/// The network that every case finds, and the id of the shipped rulebook that it is founded from.
pub const HOME: &str = "changji";

/// What the clock shows when a case begins: a Monday morning in an office that has been working for years.
pub const MORNING: &str = "2026-03-02T09:00:00+08:00";

/// A server with one network on a database of its own. What can be asked of the network can be asked of the app:
/// `app.editor()`, `app.officer("阜康市")`.
pub struct TestApp {
    /// The server's clock.
    pub clock: FixedClock,
    state: AppState,
    database: TestDatabase,
    home: Office,
}

impl Fixture for TestApp {
    const TEMPLATE: Template = Template::Founded;

    async fn on(database: TestDatabase) -> Self {
        let (state, clock) = state(database.url()).await.expect("the case's own database answers");
        let door = api::door(state.clone(), DoorSettings::default())
            .await
            .expect("the schema and the default settings are good");
        let home = Office::find(&state, &api::http::router(door), HOME).await;
        Self { clock, state, database, home }
    }
}

/// A database with one network in it, and no server: for cases that start their own.
#[derive(Debug)]
pub struct FoundedDatabase(TestDatabase);

impl Fixture for FoundedDatabase {
    const TEMPLATE: Template = Template::Founded;

    async fn on(database: TestDatabase) -> Self {
        Self(database)
    }
}

impl Deref for FoundedDatabase {
    type Target = TestDatabase;

    fn deref(&self) -> &TestDatabase {
        &self.0
    }
}

impl Deref for TestApp {
    type Target = Office;

    fn deref(&self) -> &Office {
        &self.home
    }
}

impl TestApp {
    /// Moves the clock to a moment such as `2026-03-05T09:00:00+08:00`. Access tokens end after 15 minutes: ask for
    /// the clients again.
    pub fn set_clock(&self, moment: &str) {
        self.clock.set(at(moment));
    }

    /// The server's state, for what no request can bring about.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// The kind of database underneath.
    pub fn backend(&self) -> Backend {
        self.database.backend()
    }

    /// The network with this code, whoever set it up.
    pub async fn office(&self, code: &str) -> Office {
        Office::find(&self.state, self.router(), code).await
    }

    /// The home network behind a server that has just started on the same database, and knows nothing from before.
    pub async fn restarted(&self) -> Office {
        let (state, clock) = state(self.database.url()).await.expect("the case's own database answers");
        clock.set(self.now());
        let door = api::door(state.clone(), DoorSettings::default())
            .await
            .expect("the schema and the default settings are good");
        Office::find(&state, &api::http::router(door), HOME).await
    }

    /// Founds another network from a rulebook, as the operator would on the command line.
    pub async fn found(&self, code: &str, rulebook: &str) -> Office {
        services::network::set_up(&self.state, code, code, rulebook.to_owned())
            .await
            .expect("the rulebook is good and the code is free");
        self.office(code).await
    }

    /// Somebody without an account.
    pub fn stranger(&self) -> Client {
        Client::stranger(self.router().clone())
    }
}

/// A moment.
pub fn at(moment: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(moment).expect("the case names a moment with its offset").to_utc()
}

/// Founds the home network in a migrated database, and leaves the database.
pub(crate) async fn found(url: &str) -> anyhow::Result<()> {
    let (state, _) = state(url).await?;
    let rulebook = shipped::find(HOME).context("the rulebook is shipped")?;
    services::network::set_up(&state, HOME, "昌吉州政务信息网络", rulebook.to_owned()).await?;
    // Readers first: the last writer to leave an SQLite file folds its journal into it.
    state.database().reader().clone().close().await?;
    state.database().writer().clone().close().await?;
    Ok(())
}

async fn state(url: &str) -> anyhow::Result<(AppState, FixedClock)> {
    let clock = FixedClock::new(at(MORNING));
    let database = Database::connect(url).await?;
    let (keys, seals) = (TokenKeys::from_seed([7; 32]), SealKeys::from_seed([8; 32]));
    let state = AppState::new(database, Arc::new(clock.clone()), keys, seals, DeliverySettings::default());
    Ok((state, clock))
}
