//! What decides about a submission beside its own row: the rules that it lives by, and where its commission came from.

use std::ops::Deref;
use std::sync::Arc;

use analytics::rulebook::Rulebook;
use chrono::NaiveDate;
use entity::{commission, commission_assignment, submission, unit};
use sea_orm::{ConnectionTrait, EntityTrait as _};

use crate::error::Result;
use crate::services::commission::past_its_deadline as past_deadline;
use crate::services::{Ctx, local_day, network_row, rulebook};

/// The rules, and what else the table of moves asks for.
pub struct Circumstances {
    rules: Arc<Rulebook>,
    /// The level from which the commission came that the submission answers.
    pub origin: Option<String>,
    past_its_deadline: bool,
    ended_on: Option<NaiveDate>,
}

impl Circumstances {
    /// Whether the submission answers a commission in time, and would be late if it went back now with no new deadline.
    pub(super) fn answer_is_past_its_deadline(&self) -> bool {
        self.past_its_deadline
    }

    /// The last day of the unit, if that has passed.
    pub(super) fn unit_ended_on(&self) -> Option<NaiveDate> {
        self.ended_on
    }
}

impl Deref for Circumstances {
    type Target = Rulebook;

    fn deref(&self) -> &Rulebook {
        &self.rules
    }
}

/// The circumstances of `row`: the rulebook is the one in force on the day on which it was drafted.
pub(super) async fn of(ctx: &Ctx, conn: &impl ConnectionTrait, row: &submission::Model) -> Result<Circumstances> {
    let network = network_row(conn, row.network_id).await?;
    let rules = rulebook::in_force(ctx, conn, row.network_id, local_day(&network, row.created_at)).await?;
    let today = local_day(&network, ctx.now());
    let unit = unit::Entity::find_by_id(row.unit_id).one(conn).await?;
    let ended_on = unit.and_then(|unit| unit.closed_on).filter(|last| *last < today);
    let (mut origin, mut past_its_deadline) = (None, false);
    if let Some(assignment) = row.assignment_id
        && let Some(assignment) = commission_assignment::Entity::find_by_id(assignment).one(conn).await?
    {
        let asked = commission::Entity::find_by_id(assignment.commission_id).one(conn).await?;
        if let Some(asked) = asked {
            past_its_deadline = past_deadline(&assignment, &asked, ctx.now());
            origin = asked.origin;
        }
    }
    Ok(Circumstances { rules, origin, past_its_deadline, ended_on })
}

/// The last day on which an item of `kind` about an event of `happened_on` is in time, if its kind has a deadline.
pub fn due_on(rules: &Rulebook, kind: &str, happened_on: Option<NaiveDate>) -> Option<NaiveDate> {
    let kind = rules.kinds().iter().find(|declared| declared.id == kind)?;
    Some(kind.deadline?.due_on(happened_on?))
}

/// How many days after `due_on` the day is; 0 if it is in time.
pub fn late_days(due_on: NaiveDate, day: NaiveDate) -> i64 {
    (day - due_on).num_days().max(0)
}
