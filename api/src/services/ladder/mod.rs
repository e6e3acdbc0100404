//! Networks stand upon each other: a county's office is a unit of the city's network and runs its own.
//!
//! `up` makes what is sent up a submission of the network above, `down` tells the networks below what came of it,
//! [`chain`] shows the whole way. Rows are locked from above to below, and audit chains in the order of their ids, so that two
//! acts on one item wait for each other instead of locking each other out.

pub mod amend;
pub mod chain;
pub mod correct;
pub(in crate::services) mod down;
pub mod revoke;
pub(in crate::services) mod up;

use entity::ids::{NetworkId, SubmissionId, UnitId};
use entity::{network, relay, unit};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _};
use serde::Serialize;

use crate::auth::policy::{Action, Target};
use crate::error::{Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::network::NetworkOutcome;
use crate::services::submission::adopt::check_level;
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, local_day, rulebook, unit as units};

/// Most networks that stand upon each other; the administration has five levels.
const HEIGHT: usize = 16;

/// Says which unit of which network above runs a network.
#[derive(Clone, Debug, Serialize)]
pub struct LinkNetwork {
    /// See [`Command`].
    pub idempotency_key: String,
    /// The network below.
    pub network: NetworkId,
    /// The version that was read.
    pub expected_version: i64,
    /// The unit of the network above that runs it; none to take the link away.
    pub owner: Option<UnitId>,
    /// Code of the level, in the rulebook of the network below, at which the network above stands.
    pub level: Option<String>,
}

impl Command for LinkNetwork {
    fn name(&self) -> &'static str {
        "linkNetwork"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Links a network to the one above. What was sent up before the link stays as it was recorded.
pub async fn link(ctx: &Ctx, command: LinkNetwork) -> Result<NetworkOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = ctx.network(write.conn(), command.network).await?;
    ctx.authorize(Action::LinkNetwork, Target::network(row.id))?;
    if command.owner.is_some() != command.level.is_some() {
        return Err(Error::invalid(
            "level",
            "give the unit above together with its level, or neither",
            "上级网络中的单位与层级须同时填写或同时留空",
        ));
    }
    if let (Some(owner), Some(level)) = (command.owner, &command.level) {
        let owner = units::find(ctx, write.conn(), owner).await.map_err(|error| error.at("owner"))?;
        let today = local_day(&row, ctx.now());
        let rules = rulebook::in_force(ctx, write.conn(), row.id, today).await?;
        check_level(&rules, level, "level")?;
        refuse_circle(write.conn(), row.id, &owner).await?;
    }
    let updated = network::Entity::update_many()
        .col_expr(network::Column::OwnerId, Expr::value(command.owner))
        .col_expr(network::Column::LevelAbove, Expr::value(command.level.clone()))
        .col_expr(network::Column::Version, Expr::col(network::Column::Version).add(1))
        .filter(network::Column::Id.eq(row.id))
        .filter(network::Column::Version.eq(command.expected_version))
        .exec(write.conn())
        .await?;
    if updated.rows_affected != 1 {
        return Err(Error::version_conflict(row.version));
    }
    write.in_network(row.id);
    let details = serde_json::json!({ "owner": command.owner, "level": command.level });
    write.record(Entry::new("LinkNetwork", ObjectKind::Network, row.id.0).with(details));
    let outcome = NetworkOutcome { network: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// A network cannot come to stand upon itself.
async fn refuse_circle(conn: &impl ConnectionTrait, below: NetworkId, owner: &unit::Model) -> Result<()> {
    let mut above = Some(owner.network_id);
    for _ in 0..HEIGHT {
        let Some(id) = above else { return Ok(()) };
        if id == below {
            break;
        }
        let row = network::Entity::find_by_id(id).one(conn).await?;
        above = match row.and_then(|row| row.owner_id) {
            Some(owner) => unit::Entity::find_by_id(owner).one(conn).await?.map(|unit| unit.network_id),
            None => None,
        };
    }
    Err(Error::invalid("owner", "a network cannot stand above itself", "信息网络不能成为自身的上级"))
}

/// The step by which a submission came up, if it did.
pub(crate) async fn relay_to(conn: &impl ConnectionTrait, upper: SubmissionId) -> Result<Option<relay::Model>> {
    Ok(relay::Entity::find().filter(relay::Column::UpperId.eq(upper)).one(conn).await?)
}

/// The steps by which a submission went up.
pub(crate) async fn relays_from(conn: &impl ConnectionTrait, lower: SubmissionId) -> Result<Vec<relay::Model>> {
    Ok(relay::Entity::find().filter(relay::Column::LowerId.eq(lower)).all(conn).await?)
}
