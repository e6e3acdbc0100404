//! Commissions (约稿): asked of units by a deadline, answered with a submission, judged, struck off.
//!
//! [`standing`] holds the one function that says where an assignment stands, from its row and the clock, so that what is
//! overdue is overdue without any job; [`moves`] the one function that says whether an act may be done now. The mutations
//! here and the API's `actions { name allowed reason }` both ask it.

pub mod answer;
pub mod awaiting;
pub mod chain;
pub mod close;
pub mod extend;
pub mod issue;
pub mod judge;
pub mod ledger;
pub mod moves;
pub mod rework;
pub mod standing;

use chrono::{DateTime, Utc};
use entity::ids::{CommissionAssignmentId, CommissionId};
use entity::{commission, commission_assignment, commission_extension};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, UpdateMany,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::Action;
use crate::error::{Error, Result};
use crate::services::Ctx;
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::Write;

pub(crate) use answer::{answered, past_its_deadline, sent_back, taken_back};

/// Longest text in which the office says why.
pub const COMMENT_CHARACTERS: usize = 500;

/// What came of an act on a commission.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CommissionOutcome {
    /// The commission.
    pub commission: CommissionId,
}

/// What came of an act on an assignment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AssignmentOutcome {
    /// The commission.
    pub commission: CommissionId,
    /// The assignment.
    pub assignment: CommissionAssignmentId,
}

/// The commission with `id`, if the actor may know of it.
pub(in crate::services) async fn find(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    id: CommissionId,
) -> Result<commission::Model> {
    ctx.scope().commissions().filter(commission::Column::Id.eq(id)).one(conn).await?.ok_or_else(Error::not_found)
}

/// The assignment with `id` and its commission, if the actor may know of it.
pub(crate) async fn find_assignment(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    id: CommissionAssignmentId,
) -> Result<(commission_assignment::Model, commission::Model)> {
    let select = ctx.scope().assignments().filter(commission_assignment::Column::Id.eq(id));
    let row = select.one(conn).await?.ok_or_else(Error::not_found)?;
    let of = commission::Entity::find_by_id(row.commission_id).one(conn).await?.ok_or_else(Error::not_found)?;
    Ok((row, of))
}

/// An update of the assignment that was read as `row`: nothing happens when somebody was faster.
fn update(row: &commission_assignment::Model) -> UpdateMany<commission_assignment::Entity> {
    commission_assignment::Entity::update_many()
        .col_expr(commission_assignment::Column::Version, Expr::col(commission_assignment::Column::Version).add(1))
        .filter(commission_assignment::Column::Id.eq(row.id))
        .filter(commission_assignment::Column::Version.eq(row.version))
}

/// Carries an update out, or says that somebody was faster.
async fn apply(
    conn: &impl ConnectionTrait,
    row: &commission_assignment::Model,
    update: UpdateMany<commission_assignment::Entity>,
) -> Result<()> {
    if update.exec(conn).await?.rows_affected == 1 {
        return Ok(());
    }
    let current = commission_assignment::Entity::find_by_id(row.id).one(conn).await?;
    Err(Error::version_conflict(current.map_or(row.version, |row| row.version)))
}

/// The same for a commission.
async fn apply_to_commission(
    conn: &impl ConnectionTrait,
    row: &commission::Model,
    update: UpdateMany<commission::Entity>,
) -> Result<()> {
    let update = update
        .col_expr(commission::Column::Version, Expr::col(commission::Column::Version).add(1))
        .filter(commission::Column::Id.eq(row.id))
        .filter(commission::Column::Version.eq(row.version));
    if update.exec(conn).await?.rows_affected == 1 {
        return Ok(());
    }
    let current = commission::Entity::find_by_id(row.id).one(conn).await?;
    Err(Error::version_conflict(current.map_or(row.version, |row| row.version)))
}

/// Refuses a version that is not the one that was read.
fn check_version(version: i64, expected: i64) -> Result<()> {
    if version == expected { Ok(()) } else { Err(Error::version_conflict(version)) }
}

/// What the office says in words, without surrounding space; nothing is no comment.
fn check_comment(comment: Option<String>, field: &'static str) -> Result<Option<String>> {
    let comment = comment.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if comment.as_ref().is_some_and(|text| text.chars().count() > COMMENT_CHARACTERS) {
        return Err(Error::invalid(field, "at most 500 characters", "不得超过 500 个字"));
    }
    Ok(comment)
}

/// Why something is done, which must be said.
pub(in crate::services) fn check_reason(reason: &str, field: &'static str) -> Result<String> {
    check_comment(Some(reason.to_owned()), field)?
        .ok_or_else(|| Error::invalid(field, "say why, in 1 to 500 characters", "请用 1 至 500 个字说明原因"))
}

/// Puts a replaced deadline on record.
async fn note_extension(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    row: &commission_assignment::Model,
    new_due_at: DateTime<Utc>,
    reason: &str,
) -> Result<()> {
    let extension = commission_extension::ActiveModel {
        id: NotSet,
        assignment_id: Set(row.id),
        old_due_at: Set(row.due_at),
        new_due_at: Set(new_due_at),
        reason: Set(reason.to_owned()),
        set_by: Set(ctx.actor().id()),
        set_at: Set(ctx.now()),
    };
    commission_extension::Entity::insert(extension).exec_without_returning(conn).await?;
    chain::follow(conn, row.id, new_due_at).await
}

/// Puts an act on a commission on record and commits it.
async fn conclude<O: Serialize + Sync>(
    mut write: Write,
    row: &commission::Model,
    action: Action,
    details: serde_json::Value,
    outcome: &O,
) -> Result<()> {
    write.in_network(row.network_id);
    write.record(Entry::new(action.name(), ObjectKind::Commission, row.id.0).with(details));
    write.commit(outcome).await
}
