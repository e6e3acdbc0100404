//! What is counted once a year, and what went wrong: trainings, staff, incidents.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use entity::ids::{IncidentId, PersonId, StaffingId, TrainingId};
use entity::incident::{self, IncidentKind, IncidentState};
use entity::staffing::{self, Duty};
use entity::submission::SubmissionState;
use entity::training::{self, TrainingKind};
use sea_orm::ConnectionTrait;

use super::acts::Act;
use super::calendar::YEAR;
use super::chance::Chance;
use super::item::Item;
use super::names;
use super::people::Worker;
use super::rows::{fresh, insert};
use super::world::{Member, World};
use crate::auth::policy::Action;
use crate::services::audit::{Entry, ObjectKind};

fn act(world: &World, action: Action, what: (ObjectKind, i64), of: &Member, at: DateTime<Utc>) -> Act {
    let entry = Entry::new(action.name(), what.0, what.1);
    Act::new(at, world.desk.editor.id, entry.with(serde_json::json!({ "unit": of.unit })))
}

/// The trainings of the year. Most units do what is asked of them; some forget, or send somebody too late.
pub(super) async fn trainings(conn: &impl ConnectionTrait, world: &World) -> anyhow::Result<Vec<Act>> {
    let mut chance = Chance::of(5);
    let mut rows = Vec::new();
    for (place, member) in world.members.iter().enumerate() {
        let sessions = if member.is_large() { chance.weighted(&[1, 3, 10, 2]) } else { chance.weighted(&[5, 20, 3]) };
        for session in 0..sessions {
            let attendees =
                if member.is_large() && chance.happens(850) { chance.between(50, 130) } else { chance.between(16, 48) };
            let first = if session == 0 { 3 } else { 8 };
            let title = format!("{}第{}期政务信息业务培训班", member.name, ["一", "二", "三"][session % 3]);
            let on = a_day(world, (first, first + 3), &mut chance);
            rows.extend(on.map(|on| (place, training(world, member, TrainingKind::Session, (title, attendees), on))));
        }
        if member.is_large() {
            let title = format!("{}信息员跟班培训", member.name);
            let on = a_day(world, (4, 11), &mut chance);
            let mut row = on.map(|on| training(world, member, TrainingKind::Secondment, (title, 1), on));
            if let Some(row) = row.as_mut() {
                let fault = chance.weighted(&[7, 2, 1]);
                (row.planned, row.on_time, row.completed) = (true, fault != 1, fault != 2);
            }
            rows.extend(row.map(|row| (place, row)));
        }
    }
    let ids = insert::<training::Entity, _>(conn, rows.iter().map(|(_, row)| fresh!(training, row.clone())).collect());
    let recorded = rows.iter().zip(ids.await?).map(|((place, row), id)| {
        let what = (ObjectKind::Training, id.0);
        act(world, Action::RecordTraining, what, &world.members[*place], row.recorded_at)
    });
    Ok(recorded.collect())
}

fn a_day(world: &World, (first, last): (u32, u32), chance: &mut Chance) -> Option<NaiveDate> {
    let month = u32::try_from(chance.between(first.into(), last.into())).ok()?;
    let days = world.calendar.month(month);
    days.get(chance.index(days.len())).copied()
}

fn training(
    world: &World,
    of: &Member,
    kind: TrainingKind,
    (title, attendees): (String, i64),
    held_on: NaiveDate,
) -> training::Model {
    let day = world.calendar.later(held_on, 2).unwrap_or(held_on);
    training::Model {
        id: TrainingId(0),
        network_id: world.network,
        unit_id: of.unit,
        kind,
        title,
        began_on: None,
        held_on,
        attendees,
        planned: false,
        completed: true,
        on_time: true,
        violation: false,
        recorded_by: world.desk.editor.id,
        // Each record has a moment of its own.
        recorded_at: world.calendar.routine(day, 17 * 60 + 40 + of.order % 15),
    }
}

/// Who does the work in the units. A few lack somebody, or lost them in the course of the year.
pub(super) async fn staff(conn: &impl ConnectionTrait, world: &World) -> anyhow::Result<Vec<Act>> {
    let mut chance = Chance::of(6);
    let mut rows = Vec::new();
    for (place, member) in world.members.iter().enumerate() {
        let team = &member.team;
        let known = |worker: &Worker| (Some(worker.id), worker.name.clone());
        let mut people = Vec::new();
        if !chance.happens(70) {
            people.push((known(&team.leader), Duty::LeaderInCharge));
        }
        people.push((known(&team.chief), Duty::SectionChief));
        let duty = if member.is_large() || chance.happens(300) { Duty::FullTime } else { Duty::PartTime };
        people.push((known(&team.officer), duty));
        if member.is_large() && !chance.happens(200) {
            people.push(((None, names::person(&mut chance)), Duty::FullTime));
        }
        for (person, duty) in people {
            let left = matches!(duty, Duty::FullTime | Duty::PartTime) && chance.happens(60);
            let last_day = if left { NaiveDate::from_ymd_opt(YEAR, 9, 30) } else { None };
            rows.extend(staffing(world, member, person, duty, last_day).map(|row| (place, row)));
        }
    }
    let ids = insert::<staffing::Entity, _>(conn, rows.iter().map(|(_, row)| fresh!(staffing, row.clone())).collect());
    let recorded = rows.iter().zip(ids.await?).map(|((place, row), id)| {
        let what = (ObjectKind::Staffing, id.0);
        act(world, Action::RecordStaffing, what, &world.members[*place], row.recorded_at)
    });
    Ok(recorded.collect())
}

fn staffing(
    world: &World,
    of: &Member,
    (person_id, name): (Option<PersonId>, String),
    duty: Duty,
    last_day: Option<NaiveDate>,
) -> Option<staffing::Model> {
    let first_day = *world.calendar.month(1).first()?;
    // One who left is recorded with the last day, after it.
    let recorded_on = last_day.and_then(|last| world.calendar.later(last, 1)).unwrap_or(first_day);
    Some(staffing::Model {
        id: StaffingId(0),
        network_id: world.network,
        unit_id: of.unit,
        person_id,
        name,
        duty,
        level: None,
        post: None,
        first_day,
        last_day,
        recorded_by: world.desk.editor.id,
        recorded_at: world.calendar.routine(recorded_on, 17 * 60 + 10),
        version: 1,
    })
}

/// Twice in the year something turned out to be untrue. Looks at submissions that are stored.
pub(super) async fn incidents(conn: &impl ConnectionTrait, world: &World, items: &[Item]) -> anyhow::Result<Vec<Act>> {
    let mut rows = Vec::new();
    for (month, place) in [(5, world.members.len() / 7), (9, world.members.len() / 3)] {
        let untrue = items.iter().find(|item| {
            item.member == place
                && item.row.state == SubmissionState::Declined
                && item.row.submitted_on.is_some_and(|day| day.month() == month)
        });
        let Some(item) = untrue else { continue };
        let Some(found) = item.row.decided_at.and_then(|at| world.calendar.later(world.calendar.day(at), 4)) else {
            continue;
        };
        let row = incident::Model {
            id: IncidentId(0),
            network_id: world.network,
            unit_id: item.row.unit_id,
            submission_id: Some(item.row.id),
            kind: IncidentKind::Untrue,
            evidence: "经核实，所报数据与主管部门统计数据严重不符，已造成不良影响（核查记录存档）。".to_owned(),
            occurred_on: found,
            recorded_by: world.desk.editor.id,
            recorded_at: world.calendar.routine(found, 16 * 60 + 50),
            state: IncidentState::Recorded,
            points: None,
            decided_by: None,
            decided_at: None,
            decided_because: None,
            named_by: None,
            urgent_event_id: None,
            urgent_stage: None,
            urgent_due_at: None,
            version: 1,
        };
        rows.push((item.member, row));
    }
    let ids = insert::<incident::Entity, _>(conn, rows.iter().map(|(_, row)| fresh!(incident, row.clone())).collect());
    let recorded = rows.iter().zip(ids.await?).map(|((place, row), id)| {
        let what = (ObjectKind::Incident, id.0);
        act(world, Action::RecordIncident, what, &world.members[*place], row.recorded_at)
    });
    Ok(recorded.collect())
}
