//! Which act on a commission or an assignment is possible now, and who may do it.

use chrono::{DateTime, NaiveDate, Utc};
use entity::commission::{self, CommissionState};
use entity::commission_assignment::{self, AssignmentState};
use entity::network;

use super::standing::{self, AWAITED};
use crate::auth::actor::Actor;
use crate::auth::policy::{Action, Target, authorize};
use crate::error::{Code, Error, Result};
use crate::services::closing::{self, Closings};
use crate::services::local_day;

use AssignmentState as S;

/// One row of the table: an act on an assignment, and the states from which it may be done.
pub struct Move {
    /// The act.
    pub action: Action,
    /// Where it may begin.
    pub from: &'static [AssignmentState],
}

/// Every act on an assignment. Judging the absence of an answer has to wait for the deadline, besides.
pub const ON_ASSIGNMENT: &[Move] = &[
    Move { action: Action::ReadCommission, from: &[S::Assigned] },
    Move { action: Action::AnswerCommission, from: &[S::Assigned, S::Read, S::Rework, S::Answered] },
    Move { action: Action::JudgeAnswer, from: &[S::Assigned, S::Read, S::Rework, S::Answered, S::Judged, S::Excused] },
    Move { action: Action::ReworkAnswer, from: &[S::Answered] },
    Move { action: Action::ExcuseAssignment, from: &[S::Assigned, S::Read, S::Rework, S::Answered, S::Judged] },
];

/// Every act on a commission as a whole.
pub const ON_COMMISSION: &[Action] = &[Action::ExtendCommission, Action::CloseCommission];

/// Whether `actor` may do `action` to this assignment now, and if not why. The mutations ask nothing else.
pub fn may(
    actor: &Actor,
    action: Action,
    row: &commission_assignment::Model,
    of: &commission::Model,
    at: &Moment,
) -> Result<()> {
    authorize(actor, action, Target::unit(of.network_id, row.unit_id))?;
    if of.state == CommissionState::Closed {
        return Err(struck_off());
    }
    let step = ON_ASSIGNMENT.iter().find(|step| step.action == action);
    if !step.is_some_and(|step| step.from.contains(&row.state)) {
        return Err(wrong_state(row.state));
    }
    if action == Action::JudgeAnswer && standing::outcome(row, at.now).is_none() {
        return Err(Error::new(
            Code::WrongState,
            "there is no answer, and the deadline has not passed: nothing can be judged yet",
            "该单位尚未反馈，且未到截止时间，暂不能评定",
        )
        .with(serde_json::json!({ "dueAt": row.due_at })));
    }
    match at.decided_through.filter(|_| [Action::JudgeAnswer, Action::ExcuseAssignment].contains(&action)) {
        Some(through) => Err(closing::closed(through)),
        None => Ok(()),
    }
}

/// What the time has to say.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The present.
    pub now: DateTime<Utc>,
    /// The last day of the closed period in which what was decided of the assignment counts.
    pub decided_through: Option<NaiveDate>,
}

impl Moment {
    /// The present, where it does not matter what was decided before.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self { now, decided_through: None }
    }

    /// The present, and what was decided of an assignment of `network`.
    pub fn of(
        now: DateTime<Utc>,
        row: &commission_assignment::Model,
        network: &network::Model,
        closings: &Closings,
    ) -> Self {
        let excused_on = || local_day(network, standing::judged_by(row));
        let decided = row.decided_on.or_else(|| (row.state == S::Excused).then(excused_on));
        let closed = decided.and_then(|day| closings.of(day));
        Self { now, decided_through: closed.map(|closing| closing.last_day) }
    }
}

/// The same for the commission as a whole, with its assignments as the actor sees them.
pub fn may_commission(
    actor: &Actor,
    action: Action,
    row: &commission::Model,
    assignments: &[commission_assignment::Model],
) -> Result<()> {
    authorize(actor, action, Target::network(row.network_id))?;
    if row.state == CommissionState::Closed {
        return Err(struck_off());
    }
    if action == Action::ExtendCommission && !assignments.iter().any(|row| AWAITED.contains(&row.state)) {
        return Err(Error::new(
            Code::WrongState,
            "every unit has answered, been judged or excused: there is no deadline to extend",
            "各单位均已反馈、评定或免予报送，没有可延长的期限",
        ));
    }
    Ok(())
}

/// Whether an answer is still of use: the condition under which a network below may pass the request on.
pub(super) fn may_be_answered(row: &commission_assignment::Model, of: &commission::Model) -> Result<()> {
    if of.state == CommissionState::Closed {
        return Err(struck_off());
    }
    if AWAITED.contains(&row.state) { Ok(()) } else { Err(wrong_state(row.state)) }
}

fn struck_off() -> Error {
    Error::new(
        Code::WrongState,
        "the commission has been struck off; its judgements stand",
        "该约稿已销号，评定结果不再变更",
    )
    .with(serde_json::json!({ "state": "closed" }))
}

fn wrong_state(state: AssignmentState) -> Error {
    let (name, zh) = match state {
        S::Assigned => ("assigned", "待阅"),
        S::Read => ("read", "已阅"),
        S::Answered => ("answered", "已反馈"),
        S::Rework => ("rework", "退回重报"),
        S::Judged => ("judged", "已评定"),
        S::Excused => ("excused", "免予报送"),
    };
    Error::new(
        Code::WrongState,
        format!("the assignment is {name}, so this cannot be done now"),
        format!("该约稿任务当前为“{zh}”状态，不能进行此操作"),
    )
    .with(serde_json::json!({ "state": name }))
}
