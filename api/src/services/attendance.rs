//! Who took part in trainings, secondments and terms of work (以干代训): named people, counted per person and per unit.
//!
//! Rules read how many took part, which is recorded with the training; names say who they were, and may come later.

use std::collections::BTreeMap;

use analytics::period::Span;
use entity::ids::{NetworkId, PersonId, TrainingId, UnitId};
use entity::training::{self, TrainingKind};
use entity::training_attendance;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
};
use serde::Serialize;

use crate::auth::policy::{Action, Target};
use crate::error::{Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::training::TrainingOutcome;
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, person, score, unit};

/// Most people who are named in one request.
pub const PEOPLE: usize = 500;

/// Somebody who took part.
#[derive(Clone, Debug, Serialize)]
pub struct Attendee {
    /// Their account, if they have one.
    pub person: Option<PersonId>,
    /// Their name; that of the account if left out.
    pub name: Option<String>,
    /// The unit from which they came; the one of the training if left out.
    pub unit: Option<UnitId>,
    /// Whether they stayed to the end.
    pub completed: bool,
}

/// Says who took part in a training.
#[derive(Clone, Debug, Serialize)]
pub struct RecordAttendance {
    /// See [`Command`].
    pub idempotency_key: String,
    /// In which training.
    pub training: TrainingId,
    /// Who.
    pub people: Vec<Attendee>,
}

impl Command for RecordAttendance {
    fn name(&self) -> &'static str {
        "recordAttendance"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Puts people on record. Whoever is there already, by account or else by unit and name, is not there twice; whether they stayed to
/// the end is taken over.
pub async fn record(ctx: &Ctx, command: RecordAttendance) -> Result<TrainingOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let found = ctx.scope().trainings().filter(training::Column::Id.eq(command.training)).one(write.conn()).await?;
    let row = found.ok_or_else(Error::not_found)?;
    ctx.authorize(Action::RecordTraining, Target::unit(row.network_id, row.unit_id))?;
    if !(1..=PEOPLE).contains(&command.people.len()) {
        return Err(Error::invalid("people", "name 1 to 500 people", "一次须登记 1 至 500 人"));
    }
    // Nobody else names people of this training meanwhile, so that nobody is named twice.
    training::Entity::update_many()
        .col_expr(training::Column::Title, Expr::col(training::Column::Title))
        .filter(training::Column::Id.eq(row.id))
        .exec(write.conn())
        .await?;
    let known = training_attendance::Entity::find().filter(training_attendance::Column::TrainingId.eq(row.id));
    let mut known: BTreeMap<Who, training_attendance::Model> =
        known.all(write.conn()).await?.into_iter().map(|row| (Who::of(&row), row)).collect();
    for attendee in command.people {
        let named = named(ctx, write.conn(), &row, attendee).await?;
        match known.get_mut(&Who::of(&named)) {
            Some(before) if before.completed == named.completed => {}
            Some(before) => {
                before.completed = named.completed;
                training_attendance::Entity::update_many()
                    .col_expr(training_attendance::Column::Completed, Expr::value(named.completed))
                    .filter(training_attendance::Column::Id.eq(before.id))
                    .exec(write.conn())
                    .await?;
            }
            None => {
                let stored = training_attendance::ActiveModel {
                    id: NotSet,
                    training_id: Set(row.id),
                    person_id: Set(named.person_id),
                    name: Set(named.name.clone()),
                    unit_id: Set(named.unit_id),
                    completed: Set(named.completed),
                };
                let id = training_attendance::Entity::insert(stored).exec(write.conn()).await?.last_insert_id;
                known.insert(Who::of(&named), training_attendance::Model { id, ..named });
            }
        }
    }
    if i64::try_from(known.len()).unwrap_or(i64::MAX) > row.attendees {
        return Err(Error::invalid(
            "people",
            format!("{} people are named, but {} took part", known.len(), row.attendees),
            format!("已登记 {} 人，多于该次培训的参加人数 {}", known.len(), row.attendees),
        ));
    }
    write.in_network(row.network_id);
    let entry = Entry::new("RecordAttendance", ObjectKind::Training, row.id.0);
    write.record(entry.with(serde_json::json!({ "unit": row.unit_id, "named": known.len() })));
    let outcome = TrainingOutcome { training: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Somebody as a row that is not stored yet.
async fn named(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    of: &training::Model,
    attendee: Attendee,
) -> Result<training_attendance::Model> {
    let account = match attendee.person {
        Some(id) => Some(person::find(ctx, conn, id).await.map_err(|error| error.at("people.person"))?),
        None => None,
    };
    let unit_id = match attendee.unit {
        Some(id) => unit::find(ctx, conn, id).await.map_err(|error| error.at("people.unit"))?.id,
        None => of.unit_id,
    };
    unit::check_members(conn, of.network_id, &[unit_id], of.held_on, "people.unit").await?;
    let name = attendee.name.or_else(|| account.as_ref().map(|account| account.name.clone())).unwrap_or_default();
    let name = unit::check_name(&name, "people.name")?.to_owned();
    Ok(training_attendance::Model {
        id: entity::ids::TrainingAttendanceId(0),
        training_id: of.id,
        person_id: account.map(|account| account.id),
        name,
        unit_id,
        completed: attendee.completed,
    })
}

/// A person: an account, or a name within a unit where there is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Account(PersonId),
    Name(UnitId, String),
}

impl Who {
    fn of(row: &training_attendance::Model) -> Self {
        match row.person_id {
            Some(person) => Self::Account(person),
            None => Self::Name(row.unit_id, row.name.clone()),
        }
    }
}

/// By what attendance is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A row for each person and unit.
    Person,
    /// A row for each unit.
    Unit,
}

/// How often somebody, or the people of a unit, took part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttendanceResult {
    /// The unit.
    pub unit: UnitId,
    /// The person's account, if they have one; none for a unit.
    pub person: Option<PersonId>,
    /// The person's name; none for a unit.
    pub name: Option<String>,
    /// Training sessions.
    pub sessions: i64,
    /// Secondments.
    pub secondments: i64,
    /// Terms of work.
    pub terms: i64,
    /// Lectures.
    pub lectures: i64,
    /// Of all these, the ones in which they stayed to the end.
    pub completed: i64,
    /// Different people.
    pub people: i64,
}

/// Counts attendance at trainings that were held in the span, as far as the actor sees it, by unit and name.
pub async fn results(
    ctx: &Ctx,
    network: NetworkId,
    span: Span,
    only: Option<UnitId>,
    by: By,
) -> Result<Vec<AttendanceResult>> {
    let network = score::readable_network(ctx, network).await?;
    let held = training::Entity::find()
        .filter(training::Column::NetworkId.eq(network.id))
        .filter(training::Column::HeldOn.between(span.first, span.last))
        .all(ctx.reader())
        .await?;
    let kinds: BTreeMap<TrainingId, TrainingKind> = held.iter().map(|row| (row.id, row.kind)).collect();
    let mut attendances =
        ctx.scope().attendances().filter(training_attendance::Column::TrainingId.is_in(kinds.keys().copied()));
    if let Some(unit) = only {
        attendances = attendances.filter(training_attendance::Column::UnitId.eq(unit));
    }
    let mut found: BTreeMap<(UnitId, Option<Who>), AttendanceResult> = BTreeMap::new();
    let mut people: BTreeMap<UnitId, std::collections::BTreeSet<Who>> = BTreeMap::new();
    for row in attendances.all(ctx.reader()).await? {
        let Some(kind) = kinds.get(&row.training_id) else { continue };
        let who = Who::of(&row);
        people.entry(row.unit_id).or_default().insert(who.clone());
        let person = by == By::Person;
        let result = found.entry((row.unit_id, person.then_some(who))).or_insert_with(|| AttendanceResult {
            unit: row.unit_id,
            person: row.person_id.filter(|_| person),
            name: person.then(|| row.name.clone()),
            sessions: 0,
            secondments: 0,
            terms: 0,
            lectures: 0,
            completed: 0,
            people: 1,
        });
        match kind {
            TrainingKind::Session => result.sessions += 1,
            TrainingKind::Secondment => result.secondments += 1,
            TrainingKind::ByWorking => result.terms += 1,
            TrainingKind::Lecture => result.lectures += 1,
        }
        result.completed += i64::from(row.completed);
    }
    let mut rows: Vec<AttendanceResult> = found.into_values().collect();
    if by == By::Unit {
        for row in &mut rows {
            row.people = people.get(&row.unit).map_or(0, |people| i64::try_from(people.len()).unwrap_or(i64::MAX));
        }
    }
    rows.sort_by(|one, other| (one.unit, &one.name, one.person).cmp(&(other.unit, &other.name, other.person)));
    Ok(rows)
}
