//! Submissions (信息), from the first draft to the last endorsement.
//!
//! [`moves`] holds the one table of states and acts, and the one function that says whether an act may be
//! done now; the mutations here and the API's `actions { name allowed reason }` both ask it.

pub mod adopt;
pub mod appraise;
pub mod bulk;
pub mod circumstances;
pub mod claim;
pub mod draft;
pub mod endorse;
pub mod follow_up;
pub mod merge;
pub mod moves;
pub mod own;
pub mod repetition;
pub mod screen;
pub mod similar;

use entity::ids::SubmissionId;
use entity::submission::{self, SubmissionState};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, UpdateMany};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::services::Ctx;

/// What came of a write that left no other object behind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SubmissionOutcome {
    /// The submission.
    pub submission: SubmissionId,
}

/// The submission with `id`, if the actor may know of it.
pub(crate) async fn find(ctx: &Ctx, conn: &impl ConnectionTrait, id: SubmissionId) -> Result<submission::Model> {
    ctx.scope().submissions().filter(submission::Column::Id.eq(id)).one(conn).await?.ok_or_else(Error::not_found)
}

/// An update of the row that was read as `row`: nothing happens when somebody was faster.
pub(crate) fn update(row: &submission::Model) -> UpdateMany<submission::Entity> {
    submission::Entity::update_many()
        .col_expr(submission::Column::Version, Expr::col(submission::Column::Version).add(1))
        .filter(submission::Column::Id.eq(row.id))
        .filter(submission::Column::Version.eq(row.version))
}

/// Carries an update out, or says that somebody was faster.
pub(crate) async fn apply(
    conn: &impl ConnectionTrait,
    id: SubmissionId,
    update: UpdateMany<submission::Entity>,
) -> Result<()> {
    if update.exec(conn).await?.rows_affected == 1 {
        return Ok(());
    }
    let current = submission::Entity::find_by_id(id).one(conn).await?.map_or(0, |row| row.version);
    Err(Error::version_conflict(current))
}

/// Refuses a version that is not the one that was read.
pub(crate) fn check_version(row: &submission::Model, expected: i64) -> Result<()> {
    if row.version == expected { Ok(()) } else { Err(Error::version_conflict(row.version)) }
}

/// The state as the audit log writes it.
pub(crate) fn state_name(state: SubmissionState) -> &'static str {
    match state {
        SubmissionState::Draft => "draft",
        SubmissionState::Signed => "signed",
        SubmissionState::Submitted => "submitted",
        SubmissionState::Refused => "refused",
        SubmissionState::Received => "received",
        SubmissionState::Shortlisted => "shortlisted",
        SubmissionState::Returned => "returned",
        SubmissionState::Declined => "declined",
        SubmissionState::Adopted => "adopted",
        SubmissionState::Merged => "merged",
        SubmissionState::Withdrawn => "withdrawn",
    }
}
