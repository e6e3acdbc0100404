//! Where an assignment stands: one function over its row and the clock, and the same as a condition on rows.
//!
//! Two deadlines must not be confused. The deadline in force (`due_at`) says what is overdue. Lateness is judged by the
//! deadline that was in force when it passed: an extension given afterwards gives the unit time, not its punctuality.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use entity::commission::{self, CommissionState};
use entity::commission_assignment::{self as row, AssignmentOutcome, AssignmentState};
use entity::ids::NetworkId;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _,
};

use crate::error::Result;

/// Where an assignment stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// The unit has been asked.
    Assigned,
    /// The unit has taken note.
    Read,
    /// The answer is with the office.
    Answered,
    /// The answer went back to the unit.
    Rework,
    /// The deadline in force has passed and there is no answer.
    Overdue,
    /// Judged as answered, in time or late.
    Accepted,
    /// Judged as missed or off topic.
    Failed,
    /// The unit need not answer.
    Excused,
}

/// States in which the unit is to act.
pub const AWAITED: [AssignmentState; 3] = [AssignmentState::Assigned, AssignmentState::Read, AssignmentState::Rework];

/// Outcomes of an answer that was taken.
const TAKEN: [AssignmentOutcome; 2] = [AssignmentOutcome::Answered, AssignmentOutcome::Late];

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 8] = [
        Self::Assigned,
        Self::Read,
        Self::Answered,
        Self::Rework,
        Self::Overdue,
        Self::Accepted,
        Self::Failed,
        Self::Excused,
    ];

    /// Where an assignment stands at `now`.
    pub fn of(row: &row::Model, now: DateTime<Utc>) -> Self {
        let over = now > row.due_at;
        match row.state {
            AssignmentState::Assigned | AssignmentState::Read | AssignmentState::Rework if over => Self::Overdue,
            AssignmentState::Assigned => Self::Assigned,
            AssignmentState::Read => Self::Read,
            AssignmentState::Rework => Self::Rework,
            AssignmentState::Answered => Self::Answered,
            AssignmentState::Judged if row.outcome.is_some_and(|outcome| TAKEN.contains(&outcome)) => Self::Accepted,
            AssignmentState::Judged => Self::Failed,
            AssignmentState::Excused => Self::Excused,
        }
    }

    /// The rows that stand there at `now`.
    pub fn condition(self, now: DateTime<Utc>) -> Condition {
        let state = |state: AssignmentState| Condition::all().add(row::Column::State.eq(state));
        match self {
            Self::Assigned => state(AssignmentState::Assigned).add(row::Column::DueAt.gte(now)),
            Self::Read => state(AssignmentState::Read).add(row::Column::DueAt.gte(now)),
            Self::Rework => state(AssignmentState::Rework).add(row::Column::DueAt.gte(now)),
            Self::Answered => state(AssignmentState::Answered),
            Self::Overdue => Condition::all().add(row::Column::State.is_in(AWAITED)).add(row::Column::DueAt.lt(now)),
            Self::Accepted => state(AssignmentState::Judged).add(row::Column::Outcome.is_in(TAKEN)),
            Self::Failed => state(AssignmentState::Judged).add(row::Column::Outcome.is_not_in(TAKEN)),
            Self::Excused => state(AssignmentState::Excused),
        }
    }

    /// The rows that stand in one of `standings` at `now`.
    pub fn any(standings: &[Self], now: DateTime<Utc>) -> Condition {
        standings.iter().fold(Condition::any(), |any, standing| any.add(standing.condition(now)))
    }

    /// Whether the office has said its last word.
    pub fn is_decided(self) -> bool {
        match self {
            Self::Accepted | Self::Failed | Self::Excused => true,
            Self::Assigned | Self::Read | Self::Answered | Self::Rework | Self::Overdue => false,
        }
    }
}

/// The deadline by which lateness is judged: the one that was in force when it passed.
pub fn judged_by(row: &row::Model) -> DateTime<Utc> {
    row.fell_due_at.unwrap_or(row.due_at)
}

/// By how much the answer missed that deadline; none if it did not, or has not come.
pub fn late_by(row: &row::Model) -> Option<TimeDelta> {
    row.answered_at.map(|at| at - judged_by(row)).filter(|late| *late > TimeDelta::zero())
}

/// By how much the deadline in force has passed without an answer.
pub fn overdue_by(row: &row::Model, now: DateTime<Utc>) -> Option<TimeDelta> {
    (Standing::of(row, now) == Standing::Overdue).then(|| now - row.due_at)
}

/// The deadline that has passed without an answer in time, to be kept when a later one is set at `now`.
pub(super) fn fell_due(row: &row::Model, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let passed = row.answered_at.unwrap_or(now) > row.due_at;
    row.fell_due_at.or_else(|| passed.then_some(row.due_at))
}

/// What the deadlines and the time of the answer say; none while an answer may still come in time.
pub fn outcome(row: &row::Model, now: DateTime<Utc>) -> Option<AssignmentOutcome> {
    match row.answered_at {
        Some(_) if late_by(row).is_some() => Some(AssignmentOutcome::Late),
        Some(_) => Some(AssignmentOutcome::Answered),
        None if now > row.due_at => Some(AssignmentOutcome::Missed),
        None => None,
    }
}

/// An assignment that nobody has answered, and the deadline in force.
#[derive(Clone, Debug)]
pub struct FallingDue {
    /// The assignment; its `due_at` is the deadline in force.
    pub assignment: row::Model,
    /// The commission.
    pub commission: commission::Model,
}

impl FallingDue {
    /// Where it stands at `now`.
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        Standing::of(&self.assignment, now)
    }
}

/// The assignments of a network whose deadline in force lies in `between` and which the unit has not answered, the first to
/// fall due first. For reminders: whoever sends them asks again, so what was extended or answered meanwhile is left out.
pub async fn falling_due(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    between: Range<DateTime<Utc>>,
) -> Result<Vec<FallingDue>> {
    let open = || {
        commission::Entity::find()
            .filter(commission::Column::NetworkId.eq(network))
            .filter(commission::Column::State.eq(CommissionState::Open))
    };
    let assignments = row::Entity::find()
        .filter(row::Column::CommissionId.in_subquery(open().select_only().column(commission::Column::Id).into_query()))
        .filter(row::Column::State.is_in(AWAITED))
        .filter(row::Column::DueAt.gte(between.start))
        .filter(row::Column::DueAt.lt(between.end))
        .order_by_asc(row::Column::DueAt)
        .order_by_asc(row::Column::Id)
        .all(conn)
        .await?;
    let asked = row::Entity::find()
        .select_only()
        .column(row::Column::CommissionId)
        .filter(row::Column::State.is_in(AWAITED))
        .filter(row::Column::DueAt.gte(between.start))
        .filter(row::Column::DueAt.lt(between.end));
    let commissions = open().filter(commission::Column::Id.in_subquery(asked.into_query())).all(conn).await?;
    let mut found = Vec::with_capacity(assignments.len());
    for assignment in assignments {
        if let Some(commission) = commissions.iter().find(|row| row.id == assignment.commission_id) {
            found.push(FallingDue { commission: commission.clone(), assignment });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use entity::ids::{CommissionAssignmentId, CommissionId, UnitId};

    use super::*;

    fn hour(hour: u32) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour.into())
    }

    fn row(state: AssignmentState, answered_at: Option<u32>) -> row::Model {
        row::Model {
            id: CommissionAssignmentId(1),
            commission_id: CommissionId(1),
            unit_id: UnitId(1),
            due_at: hour(10),
            state,
            read_at: None,
            fell_due_at: None,
            answered_at: answered_at.map(hour),
            outcome: None,
            decided_on: None,
            comment: None,
            version: 1,
        }
    }

    #[test]
    fn the_clock_alone_makes_it_overdue() {
        for state in AWAITED {
            assert_ne!(Standing::of(&row(state, None), hour(10)), Standing::Overdue);
            assert_eq!(Standing::of(&row(state, None), hour(11)), Standing::Overdue);
        }
        assert_eq!(Standing::of(&row(AssignmentState::Answered, Some(9)), hour(11)), Standing::Answered);
    }

    #[test]
    fn a_later_deadline_does_not_make_the_late_punctual() {
        let mut assignment = row(AssignmentState::Assigned, None);
        assert_eq!(fell_due(&assignment, hour(10)), None);
        assignment.fell_due_at = fell_due(&assignment, hour(11));
        assignment.due_at = hour(20);
        assert_eq!(assignment.fell_due_at, Some(hour(10)));
        assert_eq!(outcome(&assignment, hour(12)), None);
        assignment.answered_at = Some(hour(15));
        assert_eq!(late_by(&assignment), Some(TimeDelta::hours(5)));
        assert_eq!(outcome(&assignment, hour(15)), Some(AssignmentOutcome::Late));
        // A second extension does not move it either.
        assert_eq!(fell_due(&assignment, hour(21)), Some(hour(10)));
    }

    #[test]
    fn an_answer_in_time_that_is_reworked_fell_due_never() {
        assert_eq!(fell_due(&row(AssignmentState::Answered, Some(9)), hour(30)), None);
        assert_eq!(fell_due(&row(AssignmentState::Answered, Some(11)), hour(30)), Some(hour(10)));
    }
}
