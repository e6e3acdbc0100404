//! The workflow: what can be done, by whom, in which state.
//!
//! A service function loads what the decision needs (through the scope), authorizes it (by the policy table),
//! decides without touching the database, writes in one transaction, and leaves an audit row in it.
//! The module is the noun, the function the verb. Nothing here knows GraphQL or HTTP.

pub mod access;
pub mod analytics;
pub mod appeal;
pub mod assessed_person;
pub mod attendance;
pub mod audit;
pub mod circular;
pub mod closing;
pub mod commission;
pub mod delivery;
pub mod direct_report;
pub mod download;
pub mod explanation;
pub mod export;
pub mod facts;
pub mod feedback;
pub mod import;
pub mod incident;
pub mod issue;
pub mod judgement;
pub mod key_point;
pub mod ladder;
pub mod lead;
pub mod library;
pub mod network;
pub mod notice;
pub mod people;
pub mod person;
pub mod phone;
pub mod progress;
pub(crate) mod refused;
pub(crate) mod reversal;
pub mod rulebook;
pub mod saved_query;
pub mod score;
pub mod search;
pub mod session;
pub mod settlement;
pub mod staffing;
pub mod submission;
pub mod succession;
pub mod talk;
pub mod target;
pub mod training;
pub mod unit;
pub mod urgent;
pub mod write;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use entity::ids::NetworkId;
use entity::network as network_row;
use sea_orm::{ConnectionTrait, EntityTrait as _};

use crate::auth::actor::Actor;
use crate::auth::policy::{self, Action, Target};
use crate::auth::scope::Scope;
use crate::error::{Error, Result};
use crate::state::AppState;

/// What a service works with: the shared state, and who is asking.
#[derive(Clone)]
pub struct Ctx {
    state: AppState,
    actor: Arc<Actor>,
    scope: Arc<Scope>,
}

impl Ctx {
    /// The context of one request.
    pub fn new(state: AppState, actor: Actor) -> Self {
        let scope = Arc::new(Scope::of(&actor));
        Self { state, actor: Arc::new(actor), scope }
    }

    /// The shared state.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Who is asking.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What they see.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The present moment.
    pub fn now(&self) -> DateTime<Utc> {
        self.state.clock().now()
    }

    /// The connection to read from outside a transaction.
    pub fn reader(&self) -> &sea_orm::DatabaseConnection {
        self.state.database().reader()
    }

    /// Refuses what the policy does not allow this actor.
    pub fn authorize(&self, action: Action, target: Target) -> Result<()> {
        policy::authorize(&self.actor, action, target)
    }

    /// The network with `id`, if the actor may know of it.
    pub async fn network(&self, conn: &impl ConnectionTrait, id: NetworkId) -> Result<network_row::Model> {
        use sea_orm::{ColumnTrait as _, QueryFilter as _};
        self.scope.networks().filter(network_row::Column::Id.eq(id)).one(conn).await?.ok_or_else(Error::not_found)
    }
}

/// The local calendar day of a moment in the time zone of `network`.
pub fn local_day(network: &network_row::Model, at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&time_zone(network)).date_naive()
}

/// The time zone of a network; its name was checked when the network was made.
pub fn time_zone(network: &network_row::Model) -> Tz {
    network.time_zone.parse().unwrap_or(chrono_tz::Asia::Shanghai)
}

/// The row of a network whose id is known to be good.
pub(crate) async fn network_row(conn: &impl ConnectionTrait, id: NetworkId) -> Result<network_row::Model> {
    network_row::Entity::find_by_id(id).one(conn).await?.ok_or_else(Error::not_found)
}
