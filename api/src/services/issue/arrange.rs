//! The order of the items in an issue that is being compiled.

use std::collections::BTreeSet;

use entity::adoption;
use entity::ids::{AdoptionId, IssueId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;

use super::{IssueOutcome, bump, find, may, network_of};
use crate::auth::policy::Action;
use crate::error::{Error, Result};
use crate::services::Ctx;
use crate::services::audit::ObjectKind;
use crate::services::write::{Begun, Command};

/// Puts the items of an open issue into an order.
#[derive(Clone, Debug, Serialize)]
pub struct ArrangeIssue {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which issue.
    pub issue: IssueId,
    /// The version that was read.
    pub expected_version: i64,
    /// Its adoptions, each once, the first one first.
    pub order: Vec<AdoptionId>,
}

impl Command for ArrangeIssue {
    fn name(&self) -> &'static str {
        "arrangeIssue"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Puts the items into the order given, which names each of them once.
pub async fn arrange(ctx: &Ctx, command: ArrangeIssue) -> Result<IssueOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.issue).await?;
    let network = network_of(write.conn(), &row).await?;
    may(ctx.actor(), Action::ArrangeIssue, &row, network)?;
    bump(write.conn(), &row, command.expected_version, row.state).await?;
    let items = adoption::Entity::find().filter(adoption::Column::IssueId.eq(row.id)).all(write.conn()).await?;
    let known: BTreeSet<AdoptionId> = items.iter().map(|item| item.id).collect();
    let named: BTreeSet<AdoptionId> = command.order.iter().copied().collect();
    if known != named || command.order.len() != known.len() {
        return Err(Error::invalid(
            "adoptions",
            format!("name each of the {} items of the issue once", known.len()),
            format!("须逐一列出该期的全部 {} 条信息，每条一次", known.len()),
        ));
    }
    for (position, id) in (1_i64..).zip(command.order) {
        adoption::Entity::update_many()
            .col_expr(adoption::Column::Position, Expr::value(position))
            .filter(adoption::Column::Id.eq(id))
            .exec(write.conn())
            .await?;
    }
    write.in_network(network);
    write.did(Action::ArrangeIssue.name(), ObjectKind::Issue, row.id.0);
    let outcome = IssueOutcome { issue: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}
