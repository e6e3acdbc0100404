//! The four screening criteria: worth spreading, judged accurately, timely, suggestion targeted.

use chrono::{DateTime, Utc};
use entity::appraisal::{self, AppraisalDecision};
use entity::ids::{PersonId, SubmissionId};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ConnectionTrait, EntityTrait as _,
};
use serde::Serialize;

use crate::error::Result;

/// What the editor judged; a criterion that was not judged is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Criteria {
    /// Whether it is worth spreading.
    pub worth_spreading: Option<bool>,
    /// Whether it judges the matter accurately.
    pub accurate: Option<bool>,
    /// Whether it comes in time.
    pub timely: Option<bool>,
    /// Whether its suggestions are targeted.
    pub targeted: Option<bool>,
}

/// Keeps what was judged with a decision; nothing if nothing was.
pub(super) async fn store(
    conn: &impl ConnectionTrait,
    submission: SubmissionId,
    decision: AppraisalDecision,
    criteria: Criteria,
    (by, at): (PersonId, DateTime<Utc>),
) -> Result<()> {
    if criteria == Criteria::default() {
        return Ok(());
    }
    let row = appraisal::ActiveModel {
        id: NotSet,
        submission_id: Set(submission),
        decision: Set(decision),
        worth_spreading: Set(criteria.worth_spreading),
        accurate: Set(criteria.accurate),
        timely: Set(criteria.timely),
        targeted: Set(criteria.targeted),
        appraised_by: Set(by),
        appraised_at: Set(at),
    };
    appraisal::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}
