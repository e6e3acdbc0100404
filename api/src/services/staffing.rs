//! Staffing: who does a unit's information work, from a day until another.

use chrono::NaiveDate;
use entity::ids::{NetworkId, PersonId, StaffingId, UnitId};
use entity::staffing::{self, Duty};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::submission::adopt::check_level;
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, local_day, person, rulebook, unit};

/// Records who does a unit's information work.
#[derive(Clone, Debug, Serialize)]
pub struct RecordStaffing {
    /// See [`Command`].
    pub idempotency_key: String,
    /// In which network it counts.
    pub network: NetworkId,
    /// Whose staff.
    pub unit: UnitId,
    /// The person's account, if they have one.
    pub person: Option<PersonId>,
    /// The person's name.
    pub name: String,
    /// What they do.
    pub duty: Duty,
    /// Code of the level on which they work, if it is not the unit's own.
    pub level: Option<String>,
    /// The office below the unit in which they work.
    pub post: Option<String>,
    /// First day.
    pub first_day: NaiveDate,
    /// Last day.
    pub last_day: Option<NaiveDate>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StaffingOutcome {
    /// The entry.
    pub staffing: StaffingId,
}

impl Command for RecordStaffing {
    fn name(&self) -> &'static str {
        "recordStaffing"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores a staffing entry.
pub async fn record(ctx: &Ctx, command: RecordStaffing) -> Result<StaffingOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    let unit = unit::find(ctx, write.conn(), command.unit).await?;
    ctx.authorize(Action::RecordStaffing, Target::unit(network.id, unit.id))?;
    // Somebody may have begun before the unit became a member: what matters is the last day known of the duty.
    let today = local_day(&network, ctx.now());
    let known = command.last_day.map_or(today, |last| if last < today { last } else { today });
    unit::check_members(write.conn(), network.id, &[unit.id], known, "unit").await?;
    let name = unit::check_name(&command.name, "name")?.to_owned();
    if command.last_day.is_some_and(|last| last < command.first_day) {
        return Err(Error::invalid("lastDay", "the last day lies before the first", "结束日期早于开始日期"));
    }
    if let Some(id) = command.person {
        person::find(ctx, write.conn(), id).await.map_err(|error| error.at("person"))?;
    }
    if let Some(level) = &command.level {
        let rules = rulebook::in_force(ctx, write.conn(), network.id, known).await?;
        check_level(&rules, level, "level")?;
    }
    let post = match &command.post {
        Some(post) => Some(unit::check_name(post, "post")?.to_owned()),
        None => None,
    };
    if command.duty == Duty::UrgentContact {
        check_contact(write.conn(), &command).await?;
    }
    let row = staffing::ActiveModel {
        id: NotSet,
        network_id: Set(network.id),
        unit_id: Set(unit.id),
        person_id: Set(command.person),
        name: Set(name),
        duty: Set(command.duty),
        level: Set(command.level),
        post: Set(post),
        first_day: Set(command.first_day),
        last_day: Set(command.last_day),
        recorded_by: Set(ctx.actor().id()),
        recorded_at: Set(ctx.now()),
        version: Set(1),
    };
    let id = staffing::Entity::insert(row).exec(write.conn()).await?.last_insert_id;
    write.in_network(network.id);
    write.record(Entry::new("RecordStaffing", ObjectKind::Staffing, id.0).with(serde_json::json!({ "unit": unit.id })));
    let outcome = StaffingOutcome { staffing: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// A unit has one contact for urgent information at a time, and that is somebody with an account.
async fn check_contact(conn: &impl ConnectionTrait, command: &RecordStaffing) -> Result<()> {
    if command.person.is_none() {
        return Err(Error::invalid(
            "person",
            "the contact for urgent information reports by an account of their own; name it",
            "紧急信息专人须以本人账号报送，请选择人员账号",
        ));
    }
    let same_time = staffing::Entity::find()
        .filter(staffing::Column::NetworkId.eq(command.network))
        .filter(staffing::Column::UnitId.eq(command.unit))
        .filter(staffing::Column::Duty.eq(Duty::UrgentContact))
        .filter(staffing::Column::LastDay.is_null().or(staffing::Column::LastDay.gte(command.first_day)));
    let same_time = match command.last_day {
        Some(last) => same_time.filter(staffing::Column::FirstDay.lte(last)),
        None => same_time,
    };
    match same_time.one(conn).await? {
        None => Ok(()),
        Some(other) => Err(Error::new(
            Code::AlreadyExists,
            format!("the unit has one contact for urgent information at a time: {}; end that duty first", other.name),
            format!("同一时间只能指定 1 名紧急信息专人，现为{}，请先结束其职责", other.name),
        )
        .at("duty")),
    }
}

/// Says on which day somebody's duty ends.
#[derive(Clone, Debug, Serialize)]
pub struct EndStaffing {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which duty.
    pub staffing: StaffingId,
    /// The version that was read.
    pub expected_version: i64,
    /// Last day.
    pub last_day: NaiveDate,
}

impl Command for EndStaffing {
    fn name(&self) -> &'static str {
        "endStaffing"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores the last day of a duty.
pub async fn end(ctx: &Ctx, command: EndStaffing) -> Result<StaffingOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let row = find(ctx, write.conn(), command.staffing).await?;
    ctx.authorize(Action::RecordStaffing, Target::unit(row.network_id, row.unit_id))?;
    if row.last_day.is_some() {
        return Err(Error::new(Code::WrongState, "this duty has ended already", "该职责已结束"));
    }
    if command.last_day < row.first_day {
        return Err(Error::invalid("lastDay", "the last day lies before the first", "结束日期早于开始日期"));
    }
    let updated = staffing::Entity::update_many()
        .col_expr(staffing::Column::LastDay, Expr::value(command.last_day))
        .col_expr(staffing::Column::Version, Expr::col(staffing::Column::Version).add(1))
        .filter(staffing::Column::Id.eq(row.id))
        .filter(staffing::Column::Version.eq(command.expected_version))
        .exec(write.conn())
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::version_conflict(row.version));
    }
    write.in_network(row.network_id);
    write.record(
        Entry::new("EndStaffing", ObjectKind::Staffing, row.id.0)
            .with(serde_json::json!({ "lastDay": command.last_day })),
    );
    let outcome = StaffingOutcome { staffing: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The duty with `id`, if the actor may know of it.
pub(crate) async fn find(ctx: &Ctx, conn: &impl ConnectionTrait, id: StaffingId) -> Result<staffing::Model> {
    ctx.scope().staffing().filter(staffing::Column::Id.eq(id)).one(conn).await?.ok_or_else(Error::not_found)
}
