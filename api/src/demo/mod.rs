//! A demonstration: a whole office with one year of work, the same on every machine.
//!
//! The office, its members and its rules are those of the first rulebook that is built in; people, texts and figures are invented
//! from a seed. What is stored is what the services would have stored: every state is reached by the table of moves, every act is in
//! the audit log. Times come from the generator; the clock is asked only for the tokens.

mod acts;
mod announce;
mod calendar;
mod chance;
mod commissions;
mod editing;
mod fill;
mod item;
mod names;
mod outreach;
mod people;
mod records;
mod rows;
mod submissions;
mod texts;
mod told;
mod world;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use analytics::period::Period;
use analytics::rulebook::{Rulebook, shipped};
use anyhow::Context as _;
use entity::ids::NetworkId;
use entity::role_grant::Role;
use entity::{network, person, unit};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

pub use self::announce::Office;
use self::announce::Seat;
use self::fill::Charter;
use crate::graphql::analytics::question;
use crate::graphql::ids::GlobalId as _;
use crate::services::circular::{self, PublishCircular};
use crate::services::closing::{self, ClosePeriod};
use crate::services::saved_query::{self, SaveQuery};
use crate::services::{Ctx, session};
use crate::state::AppState;

/// The shortest time between two steps that are told.
const PACE: Duration = Duration::from_millis(400);

/// Opens the demonstration: fills it the first time, and signs one person in for each role every time.
///
/// `progress` is told what is being done, at least once a second. Fails when the database holds a network of the same code that
/// is no demonstration; nothing is changed then.
pub async fn open<F: Fn(&str)>(state: &AppState, progress: F) -> anyhow::Result<Office> {
    let (code, text) = shipped::all().into_iter().next().context("no rulebook is built in")?;
    let reader = state.database().reader();
    let existing = network::Entity::find().filter(network::Column::Code.eq(code)).one(reader).await?;
    let (network, name) = if let Some(row) = existing {
        (row.id, row.name)
    } else {
        let rules = Rulebook::parse(code, text).map_err(|mistakes| anyhow::anyhow!("{mistakes}"))?;
        let name = name_of(&rules);
        let charter = Charter { code, name: &name, rulebook: text, rules };
        let progress = paced(progress);
        let network = fill::fill(state, charter, &progress).await?;
        progress("closing and publishing the first quarter");
        publish(state, network, code).await?;
        progress("telling the units of a month");
        told::tell(state, network, code).await?;
        (network, name)
    };
    let seats = seats(state, network, code).await?;
    Ok(Office { network, code: code.to_owned(), name, seats })
}

/// Closes and publishes the first quarter, as the chief editor does when the demonstration is opened.
async fn publish(state: &AppState, network: NetworkId, code: &str) -> anyhow::Result<()> {
    let ctx = told::ctx(state, code, Role::ChiefEditor).await?;
    let period: Period = format!("{}-Q1", calendar::YEAR).parse()?;
    let key = |act: &str| format!("demonstration-{act}");
    closing::close(&ctx, ClosePeriod { idempotency_key: key("close"), network, period }).await?;
    circular::publish(&ctx, PublishCircular { idempotency_key: key("publish"), network, period }).await?;
    save_query(&ctx, network, key("query")).await
}

/// Keeps a question that the office asks every month.
async fn save_query(ctx: &Ctx, network: NetworkId, idempotency_key: String) -> anyhow::Result<()> {
    let asked = serde_json::json!({ "trend": {
        "network": network.global().as_str(),
        "measure": "SUBMITTED",
        "period": { "last": { "count": 12, "unit": "MONTH" } },
    } });
    let question = question::saved(&asked.to_string())?.asked()?;
    let command = SaveQuery {
        idempotency_key,
        query: None,
        expected_version: None,
        name: "近一年各月报送情况".to_owned(),
        network,
        question: question.text.clone(),
        shared_with: vec![Role::Editor, Role::CityLeader, Role::Analyst],
    };
    saved_query::save(ctx, command, &question).await?;
    Ok(())
}

/// Lets a step be told when nothing was told for a while, so that a fast machine says little and a slow one is never silent.
fn paced<F: Fn(&str)>(progress: F) -> impl Fn(&str) {
    let last: Mutex<Option<Instant>> = Mutex::new(None);
    move |step| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|at| at.elapsed() >= PACE) {
            *last = Some(Instant::now());
            progress(step);
        }
    }
}

/// Rules are called after whose information they measure; the network is called after the same.
fn name_of(rules: &Rulebook) -> String {
    const INFORMATION: &str = "信息";
    let title = rules.title();
    let Some(at) = title.find(INFORMATION) else { return format!("{title}信息网") };
    let (whose, rest) = title.split_at(at + INFORMATION.len());
    let quote = if rest.starts_with('”') { "”" } else { "" };
    format!("{whose}{quote}网")
}

/// Signs one person in for each role; in the units, the people of the first.
async fn seats(state: &AppState, network: NetworkId, code: &str) -> anyhow::Result<Vec<Seat>> {
    let reader = state.database().reader();
    let first = unit::Entity::find().filter(unit::Column::NetworkId.eq(network)).filter(unit::Column::Position.eq(1));
    let first = first.one(reader).await?;
    let mut seats = Vec::new();
    for role in people::all_roles() {
        let unit = first.as_ref().filter(|_| people::IN_UNITS.contains(&role));
        let login = people::login(code, unit.map(|unit| unit.position), role);
        let person = person::Entity::find().filter(person::Column::Login.eq(&login)).one(reader).await?;
        let person = person.with_context(|| {
            format!("the network {code} in this database is no demonstration (it has no account {login}); use another data folder or database")
        })?;
        let session = session::open_for(state, person.id).await?;
        seats.push(Seat { role, person: person.name, unit: unit.map(|unit| unit.name.clone()), login, session });
    }
    Ok(seats)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_network_is_named_after_its_rules() {
        for (id, text) in shipped::all() {
            let name = name_of(&Rulebook::parse(id, text).unwrap());
            assert!(name.ends_with('网') && name.chars().count() <= 60, "{name}");
        }
    }
}
