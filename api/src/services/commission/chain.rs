//! The chain by which a commission came to the office: State Council, region, city. Each link sets a deadline, and each
//! deadline further in is earlier than the one outside it.

use analytics::rulebook::Rulebook;
use chrono::{DateTime, Utc};
use entity::commission_step;
use entity::ids::{CommissionAssignmentId, CommissionId, NetworkId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde::Serialize;

use super::find_assignment;
use crate::error::{Error, Result};
use crate::services::submission::adopt::check_level;
use crate::services::{Ctx, network_row, unit};

/// Most links of a chain.
pub const LINKS: usize = 10;

/// One link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Code of the sender's level.
    pub level: Option<String>,
    /// Who sent it on.
    pub issuer: String,
    /// The sender's file number.
    pub reference: Option<String>,
    /// Until when the sender wants the answer.
    pub due_at: DateTime<Utc>,
    /// The assignment of a higher network that this link is.
    pub assignment: Option<CommissionAssignmentId>,
}

/// Refuses links that name no sender, a level that the rulebook does not have, or a deadline that is not earlier than the
/// one before.
pub(super) fn check_links(links: &[Link], rules: &Rulebook) -> Result<()> {
    if links.len() > LINKS {
        return Err(Error::invalid("chain", "a chain has at most 10 links", "来源链不得超过 10 级"));
    }
    for link in links {
        unit::check_name(&link.issuer, "chain.issuer")?;
        if let Some(level) = &link.level {
            check_level(rules, level, "chain.level")?;
        }
        if let Some(reference) = &link.reference {
            unit::check_name(reference, "chain.reference")?;
        }
    }
    let falling = links.iter().zip(links.iter().skip(1)).all(|(outer, inner)| inner.due_at < outer.due_at);
    if falling { Ok(()) } else { Err(not_before("chain.dueAt")) }
}

/// Refuses a deadline that is not earlier than every deadline outside it.
pub(super) fn check_within(links: &[Link], due_at: DateTime<Utc>, field: &'static str) -> Result<()> {
    if links.iter().all(|link| due_at < link.due_at) { Ok(()) } else { Err(not_before(field)) }
}

fn not_before(field: &'static str) -> Error {
    Error::invalid(
        field,
        "a deadline must be earlier than that of the sender outside it, so that the answer can be passed on in time",
        "下级截止时间须早于上级来源的截止时间，以便按时逐级上报",
    )
}

/// The chain of a commission that answers an assignment of a higher network: that network's chain, and the network itself.
pub(super) async fn above(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    id: CommissionAssignmentId,
    network: NetworkId,
    rules: &Rulebook,
) -> Result<Vec<Link>> {
    let (assignment, of) = find_assignment(ctx, conn, id).await.map_err(|error| error.at("answersAssignment"))?;
    if of.network_id == network {
        return Err(Error::invalid(
            "answersAssignment",
            "this assignment is the network's own; a commission answers one of a network above",
            "该约稿任务由本网络下达，只能转办上级网络的约稿",
        ));
    }
    super::moves::may_be_answered(&assignment, &of).map_err(|error| error.at("answersAssignment"))?;
    let mut links = stored(conn, of.id).await?;
    for link in &mut links {
        link.level = link.level.take().filter(|level| rules.levels().iter().any(|known| known.id == *level));
    }
    let sender = network_row(conn, of.network_id).await?;
    links.push(Link {
        level: None,
        issuer: sender.name,
        reference: None,
        due_at: assignment.due_at,
        assignment: Some(assignment.id),
    });
    Ok(links)
}

/// The chain of a commission, the outermost sender first.
pub(super) async fn stored(conn: &impl ConnectionTrait, commission: CommissionId) -> Result<Vec<Link>> {
    let rows = commission_step::Entity::find()
        .filter(commission_step::Column::CommissionId.eq(commission))
        .order_by_asc(commission_step::Column::Position)
        .all(conn)
        .await?;
    let link = |row: commission_step::Model| Link {
        level: row.level,
        issuer: row.issuer,
        reference: row.reference,
        due_at: row.due_at,
        assignment: row.assignment_id,
    };
    Ok(rows.into_iter().map(link).collect())
}

/// Stores the chain of a commission.
pub(super) async fn store(conn: &impl ConnectionTrait, commission: CommissionId, links: Vec<Link>) -> Result<()> {
    let rows: Vec<_> = (1..)
        .zip(links)
        .map(|(position, link)| commission_step::ActiveModel {
            id: NotSet,
            commission_id: Set(commission),
            position: Set(position),
            level: Set(link.level),
            issuer: Set(link.issuer.trim().to_owned()),
            reference: Set(link.reference),
            due_at: Set(link.due_at),
            assignment_id: Set(link.assignment),
        })
        .collect();
    if !rows.is_empty() {
        commission_step::Entity::insert_many(rows).exec_without_returning(conn).await?;
    }
    Ok(())
}

/// Lets every chain that runs through an assignment know its new deadline.
pub(super) async fn follow(
    conn: &impl ConnectionTrait,
    assignment: CommissionAssignmentId,
    due_at: DateTime<Utc>,
) -> Result<()> {
    commission_step::Entity::update_many()
        .col_expr(commission_step::Column::DueAt, Expr::value(due_at))
        .filter(commission_step::Column::AssignmentId.eq(assignment))
        .exec(conn)
        .await?;
    Ok(())
}
