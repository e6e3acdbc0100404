//! What decides about a submission beside its own row: the rules that it lives by, and where its commission came from.

use std::ops::Deref;
use std::sync::Arc;

use analytics::rulebook::Rulebook;
use chrono::NaiveDate;
use entity::submission;
use entity::{commission, commission_assignment};
use sea_orm::{ConnectionTrait, EntityTrait as _};

use crate::error::Result;
use crate::services::{Ctx, local_day, network_row, rulebook};

/// The rules, and what else the table of moves asks for.
pub struct Circumstances {
    rules: Arc<Rulebook>,
    /// The level from which the commission came that the submission answers.
    pub origin: Option<String>,
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
    let mut origin = None;
    if let Some(assignment) = row.assignment_id
        && let Some(assignment) = commission_assignment::Entity::find_by_id(assignment).one(conn).await?
    {
        let asked = commission::Entity::find_by_id(assignment.commission_id).one(conn).await?;
        origin = asked.and_then(|commission| commission.origin);
    }
    Ok(Circumstances { rules, origin })
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
