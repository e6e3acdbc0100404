//! The server: a GraphQL API over the workflow, the rulebooks and the figures of government information offices.
//!
//! A request comes in through [`http`], is translated by [`graphql`], decided by [`services`], judged by [`auth`],
//! and remembered by the `entity` crate's rows. Figures come from the `analytics` crate.

pub mod auth;
pub mod cli;
pub mod clock;
pub mod collation;
pub mod config;
pub mod database;
pub mod demo;
pub mod error;
pub mod events;
pub mod gate;
pub mod graphql;
pub mod http;
pub mod jobs;
pub mod log;
pub mod services;
pub mod state;

use std::sync::Arc;

use crate::config::Config;
use crate::gate::{DoorClock, HouseGate};
use crate::http::Door;
use crate::http::settings::DoorSettings;
use crate::state::AppState;

pub use graphql::schema_text;

/// The routes of a server, and the door that its listener closes at the end.
pub async fn router(config: &Config, state: AppState) -> anyhow::Result<(axum::Router, Door)> {
    let proxies: Result<Vec<_>, _> = config.trusted_proxies.iter().map(|text| text.parse()).collect();
    let settings = DoorSettings {
        allowed_origins: config.allowed_origins.clone(),
        trusted_proxies: proxies.map_err(|error| anyhow::anyhow!("--trusted-proxies: {error}"))?,
        ide: !config.no_ide,
        ..DoorSettings::default()
    };
    let door = door(state, settings).await?;
    Ok((http::router(door.clone()), door))
}

/// The door over the schema, with everything that its settings allow.
pub async fn door(state: AppState, settings: DoorSettings) -> anyhow::Result<Door> {
    let schema = graphql::audited::Audited(graphql::schema_builder().finish());
    let clock = Arc::new(DoorClock(state.clock().clone()));
    Ok(Door::new(schema, Arc::new(HouseGate::new(state)), clock, settings).await?)
}
