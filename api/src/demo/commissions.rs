//! Commissions of the year, one a month: answered, late, missed, off the point, excused; the last is still running.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::commission::{self, ClosureReason, CommissionState};
use entity::commission_assignment::{self, AssignmentOutcome, AssignmentState};
use entity::commission_step;
use entity::ids::{CommissionAssignmentId, CommissionId, CommissionStepId};
use sea_orm::ConnectionTrait;

use super::acts::Act;
use super::calendar::Calendar;
use super::chance::Chance;
use super::editing::Editing;
use super::item::{Beginning, Item};
use super::outreach;
use super::rows::{fresh, insert, store};
use super::submissions::RECEIVING;
use super::texts;
use super::world::World;
use crate::auth::policy::Action;
use crate::services::audit::{Entry, ObjectKind};

/// Working days that a unit has for its answer.
const DAYS: usize = 8;
/// The hour, in seconds after midnight, at which a commission falls due.
const DUE: i64 = 18 * 3_600;

/// How long after the issue a unit takes note.
const READ_AFTER: Duration = Duration::minutes(95);

/// An assignment with the member who has to answer.
struct Asked {
    member: usize,
    row: commission_assignment::Model,
}

/// The commissions of the year.
pub(super) struct Commissions {
    asked: Vec<Asked>,
    acts: Vec<Act>,
    /// Those that the office thought of itself.
    pub(super) own: Vec<outreach::Asked>,
}

/// Stores the year's commissions with their assignments, as they stand when the year is over.
pub(super) async fn issue(conn: &impl ConnectionTrait, world: &World) -> anyhow::Result<Commissions> {
    let mut chance = Chance::of(3);
    let plans: Vec<_> = (1..=12).filter_map(|month| plan(world, month, &mut chance)).collect();
    let rows = plans.iter().map(|(row, _)| fresh!(commission, row.clone())).collect();
    let ids = insert::<commission::Entity, _>(conn, rows).await?;
    let mut acts = Vec::new();
    let mut asked = Vec::new();
    let (mut own, mut steps) = (Vec::new(), Vec::new());
    for ((mut commission, assignments), id) in plans.into_iter().zip(ids) {
        commission.id = id;
        if commission.origin.is_none() {
            own.push(outreach::Asked { id, topic: commission.topic.clone(), at: commission.issued_at });
        }
        steps.extend(step(world, &commission).map(|row| fresh!(commission_step, row)));
        put_on_record(world, &commission, &assignments, &mut acts);
        asked.extend(assignments.into_iter().map(|mut asked| {
            asked.row.commission_id = id;
            asked
        }));
    }
    let rows = asked.iter().map(|asked| fresh!(commission_assignment, asked.row.clone())).collect();
    let ids = insert::<commission_assignment::Entity, _>(conn, rows).await?;
    for (asked, id) in asked.iter_mut().zip(ids) {
        asked.row.id = id;
    }
    store::<commission_step::Entity, _>(conn, steps).await?;
    Ok(Commissions { asked, acts, own })
}

fn plan(world: &World, month: u32, chance: &mut Chance) -> Option<(commission::Model, Vec<Asked>)> {
    let calendar = &world.calendar;
    let running = month == 12;
    let day = calendar.month(month).iter().rev().nth(if running { 6 } else { 15 }).copied()?;
    // The running one falls due in the next year.
    let due_day = calendar.later(day, DAYS).unwrap_or(day + Duration::days(15));
    let due_at = calendar.at(due_day, DUE);
    let origins = [None, world.levels().get(1).copied(), None, world.levels().last().copied()];
    let topic = texts::COMMISSIONED[(month - 1) as usize % texts::COMMISSIONED.len()];
    let closed = month <= 10;
    let row = commission::Model {
        id: CommissionId(0),
        network_id: world.network,
        topic: topic.to_owned(),
        requirement: format!("请围绕“{topic}”，报送基本情况、主要做法、存在问题和对策建议，数据准确，1500字以内。"),
        origin: origins[month as usize % origins.len()].map(str::to_owned),
        answers_assignment_id: None,
        due_at,
        state: if closed { CommissionState::Closed } else { CommissionState::Open },
        issued_by: world.desk.editor.id,
        issued_at: calendar.routine(day, 9 * 60 + 45),
        closed_reason: closed.then_some(ClosureReason::Completed),
        closed_because: closed.then(|| "各单位反馈均已评定，予以销号".to_owned()),
        closed_at: calendar.later(calendar.day(due_at), 5).filter(|_| closed).map(|day| closing(calendar, day)),
        version: if closed { 2 } else { 1 },
    };
    let count = usize::try_from(chance.between(9, 18)).unwrap_or(9);
    let chosen = chance.choose(count, world.members.len());
    let asked = chosen.into_iter().map(|member| {
        let row = assignment(world, &row, member, chance, running);
        Asked { member, row }
    });
    let asked = asked.collect();
    Some((row, asked))
}

/// The level above from which a commission came wants the answer three days later.
fn step(world: &World, of: &commission::Model) -> Option<commission_step::Model> {
    let level = world.rules.levels().iter().find(|level| Some(&level.id) == of.origin.as_ref())?;
    Some(commission_step::Model {
        id: CommissionStepId(0),
        commission_id: of.id,
        position: 1,
        level: Some(level.id.clone()),
        issuer: level.name.clone(),
        reference: None,
        due_at: of.due_at + Duration::days(3),
        assignment_id: None,
    })
}

/// The moment on a day at which commissions are struck off.
fn closing(calendar: &Calendar, day: NaiveDate) -> DateTime<Utc> {
    calendar.routine(day, 10 * 60 + 50)
}

fn assignment(
    world: &World,
    of: &commission::Model,
    member: usize,
    chance: &mut Chance,
    running: bool,
) -> commission_assignment::Model {
    let (outcome, excused) = match chance.weighted(&[80, 6, 5, 4, 5]) {
        0 => (Some(AssignmentOutcome::Answered), false),
        1 => (Some(AssignmentOutcome::Late), false),
        2 => (Some(AssignmentOutcome::Missed), false),
        3 => (Some(AssignmentOutcome::OffTopic), false),
        _ => (None, true),
    };
    let answered_at = answered_at(world, of, outcome, chance);
    let answered_at = if running { answered_at.filter(|_| chance.happens(350)) } else { answered_at };
    let (state, outcome) = match (running, excused) {
        (true, _) if answered_at.is_some() => (AssignmentState::Answered, None),
        (true, _) if member.is_multiple_of(2) => (AssignmentState::Read, None),
        (true, _) => (AssignmentState::Assigned, None),
        (false, true) => (AssignmentState::Excused, None),
        (false, false) => (AssignmentState::Judged, outcome),
    };
    // Whoever answers has read it; of the others, every other one.
    let read = answered_at.is_some() || member.is_multiple_of(2);
    let counted = answered_at.filter(|at| *at < of.due_at).unwrap_or(of.due_at);
    let unit = &world.members[member];
    commission_assignment::Model {
        id: CommissionAssignmentId(0),
        commission_id: CommissionId(0),
        unit_id: unit.unit,
        due_at: of.due_at,
        state,
        read_at: read.then_some(of.issued_at + READ_AFTER),
        fell_due_at: None,
        answered_at,
        outcome,
        decided_on: outcome.map(|_| world.calendar.day(counted)),
        comment: None,
        version: 1 + i64::from(read) + i64::from(answered_at.is_some()) + i64::from(!running),
    }
}

/// When the unit hands its answer in, at a minute of its own.
fn answered_at(
    world: &World,
    of: &commission::Model,
    outcome: Option<AssignmentOutcome>,
    chance: &mut Chance,
) -> Option<DateTime<Utc>> {
    let calendar = &world.calendar;
    let day = match outcome? {
        AssignmentOutcome::Answered | AssignmentOutcome::OffTopic => {
            let days = usize::try_from(chance.between(2, 6)).unwrap_or(2);
            calendar.later(calendar.day(of.issued_at), days)
        }
        AssignmentOutcome::Late => calendar.later(calendar.day(of.due_at), 1),
        AssignmentOutcome::Missed => None,
    };
    Some(calendar.at(day?, chance.between(11 * 3_600, 17 * 3_600)))
}

fn put_on_record(world: &World, of: &commission::Model, asked: &[Asked], acts: &mut Vec<Act>) {
    let entry = |action: Action| Entry::new(action.name(), ObjectKind::Commission, of.id.0);
    let (editor, due) = (world.desk.editor.id, world.calendar.day(of.due_at));
    acts.push(Act::new(of.issued_at, editor, entry(Action::IssueCommission)));
    for Asked { member, row } in asked {
        if let Some(at) = row.read_at {
            let details = serde_json::json!({ "unit": row.unit_id });
            let officer = world.members[*member].team.officer.id;
            acts.push(Act::new(at, officer, entry(Action::ReadCommission).with(details)));
        }
    }
    let decided = |days| world.calendar.later(due, days).map(|day| closing(&world.calendar, day));
    if let Some(judged_at) = decided(3) {
        for Asked { row, .. } in asked {
            let action = match row.state {
                AssignmentState::Judged => Action::JudgeAnswer,
                AssignmentState::Excused => Action::ExcuseAssignment,
                AssignmentState::Assigned
                | AssignmentState::Read
                | AssignmentState::Answered
                | AssignmentState::Rework => continue,
            };
            let details = serde_json::json!({ "unit": row.unit_id, "outcome": row.outcome });
            acts.push(Act::new(judged_at, editor, entry(action).with(details)));
        }
    }
    if let Some(at) = of.closed_at {
        acts.push(Act::new(at, editor, entry(Action::CloseCommission)));
    }
}

impl Commissions {
    /// The answers, as submissions.
    pub(super) fn answers(&self, world: &World, editing: &Editing<'_>) -> Vec<Item> {
        let mut chance = Chance::of(4);
        let kinds = world.rules.kinds();
        let kind = kinds.get(1).or(kinds.first()).map_or("", |kind| kind.id.as_str());
        let answered = self.asked.iter().filter_map(|asked| Some((asked, asked.row.answered_at?)));
        answered
            .map(|(asked, at)| {
                let drafted = at - Duration::seconds(chance.between(5_000, 8_000));
                let beginning = Beginning { kind, at: drafted, assignment: Some(asked.row.id) };
                let mut item = Item::draft(world, asked.member, &mut chance, &beginning);
                item.hand_in(world, at - Duration::seconds(chance.between(600, 4_000)), at);
                if let Some(received) = world.calendar.next_routine(at, &RECEIVING) {
                    item.act(Action::ReceiveSubmission, world.desk.editor.id, received);
                }
                if chance.happens(220) {
                    editing.adopt(&mut item, &mut chance);
                }
                item
            })
            .collect()
    }

    /// What goes on record.
    pub(super) fn into_acts(self) -> Vec<Act> {
        self.acts
    }
}
