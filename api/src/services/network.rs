//! Setting up a network: from a rulebook file alone.

use analytics::rulebook::Category;
use chrono_tz::Tz;
use entity::ids::{NetworkId, UnitId};
use entity::rulebook_version::{self, RulebookState};
use entity::{network, unit, unit_category};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ConnectionTrait, EntityTrait as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, rulebook};

/// Sets up a network.
#[derive(Clone, Debug, Serialize)]
pub struct CreateNetwork {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Short stable name: lower-case letters, digits and hyphens.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// Its first rulebook, TOML; in force from its `effective_from`. Names the members of each category.
    pub rulebook: String,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NetworkOutcome {
    /// The network.
    pub network: NetworkId,
}

impl Command for CreateNetwork {
    fn name(&self) -> &'static str {
        "createNetwork"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Creates the network, its first rulebook, its publications, and a unit for each member that the rulebook names.
pub async fn create(ctx: &Ctx, command: CreateNetwork) -> Result<NetworkOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    ctx.authorize(Action::CreateNetwork, Target::platform())?;
    let founded = found(write.conn(), &command.code, &command.name, command.rulebook, ctx.now()).await?;
    write.in_network(founded.network);
    for entry in founded.entries {
        write.record(entry);
    }
    let outcome = NetworkOutcome { network: founded.network };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// A network that was founded, with what has to go on record.
pub(crate) struct Founded {
    pub(crate) network: NetworkId,
    pub(crate) entries: Vec<Entry>,
}

/// Writes the rows of a new network.
pub(crate) async fn found(
    conn: &impl ConnectionTrait,
    code: &str,
    name: &str,
    text: String,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Founded> {
    check_code(code)?;
    let name = super::unit::check_name(name, "name")?;
    let rules = rulebook::accept(&text)?;
    let time_zone: Tz = rules.time_zone();
    let row = network::ActiveModel {
        id: NotSet,
        code: Set(code.to_owned()),
        name: Set(name.to_owned()),
        time_zone: Set(time_zone.name().to_owned()),
        created_at: Set(now),
        owner_id: Set(None),
        level_above: Set(None),
        version: Set(1),
    };
    let taken = || Error::new(Code::AlreadyExists, "there is a network with this code", "该网络代码已存在").at("code");
    let network = network::Entity::insert(row).exec(conn).await.map_err(|err| on_unique(err, taken))?.last_insert_id;
    let mut version = rulebook::new_version(conn, network, &rules, text, now).await?;
    version.state = Set(RulebookState::Active);
    version.activated_at = Set(Some(now));
    let version = rulebook_version::Entity::insert(version).exec(conn).await?.last_insert_id;
    super::delivery::open_stream(conn, network, now).await?;
    rulebook::declare_publications(conn, network, &rules).await?;
    let mut entries = vec![
        Entry::new("CreateNetwork", ObjectKind::Network, network.0),
        Entry::new("ActivateRulebook", ObjectKind::RulebookVersion, version.0),
    ];
    let mut position = 0;
    for category in rules.categories() {
        for member in &category.members {
            position += 1;
            let unit = found_unit(conn, network, member, position, rules.effective_from(), category).await?;
            entries.push(Entry::new("CreateUnit", ObjectKind::Unit, unit.0));
        }
    }
    Ok(Founded { network, entries })
}

async fn found_unit(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    name: &str,
    position: i64,
    first_day: chrono::NaiveDate,
    category: &Category,
) -> Result<UnitId> {
    // A member is there from the beginning of the calendar year in which its first rulebook takes effect:
    // a rulebook issued in May still judges that year.
    let first_day = chrono::Datelike::with_ordinal(&first_day, 1).unwrap_or(first_day);
    let row = unit::ActiveModel {
        id: NotSet,
        network_id: Set(network),
        name: Set(name.to_owned()),
        position: Set(position),
        direct_report: Set(category.direct_report),
        opened_on: Set(first_day),
        closed_on: Set(None),
        version: Set(1),
    };
    let unit = unit::Entity::insert(row).exec(conn).await?.last_insert_id;
    let membership = unit_category::ActiveModel {
        id: NotSet,
        network_id: Set(network),
        unit_id: Set(unit),
        category: Set(category.id.clone()),
        first_day: Set(first_day),
        last_day: Set(None),
    };
    unit_category::Entity::insert(membership).exec(conn).await?;
    Ok(unit)
}

fn check_code(code: &str) -> Result<()> {
    let good = !code.is_empty()
        && code.len() <= 40
        && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if good {
        return Ok(());
    }
    Err(Error::invalid(
        "code",
        "a code has 1 to 40 lower-case letters, digits and hyphens",
        "代码由 1 至 40 个小写字母、数字或连字符组成",
    ))
}

/// Sets up a network for the operator on the command line.
pub async fn set_up(state: &crate::state::AppState, code: &str, name: &str, rulebook: String) -> Result<NetworkId> {
    let now = state.clock().now();
    let txn = state.database().begin().await?;
    let founded = found(&txn, code, name, rulebook, now).await?;
    let chain = super::audit::chain(Some(founded.network));
    super::audit::append(&txn, chain, None, now, founded.entries).await?;
    txn.commit().await?;
    Ok(founded.network)
}
