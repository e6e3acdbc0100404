//! Taking a list of officers over (CSV): all of it or nothing, and the same list again changes nothing.
//!
//! A row is recognised by unit, name, duty, level, post and first day. A row that is there already is left alone, except that a last day
//! which the list gives ends a duty that is still open.

use std::collections::{BTreeMap, HashMap};

use analytics::rulebook::Rulebook;
use chrono::{DateTime, NaiveDate, Utc};
use entity::ids::{NetworkId, PersonId, StaffingId, UnitId};
use entity::staffing::{self, Duty};
use entity::{network, person, unit, unit_category};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::NotSet, ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _,
    QueryFilter as _, QuerySelect as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::Result;
use crate::services::audit::{self, Entry, ObjectKind};
use crate::services::import::Problem;
use crate::services::import::table::{Row, Table};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, facts, local_day, network_row, unit as units};
use crate::state::AppState;

const UNIT: &str = "单位";
const NAME: &str = "姓名";
const DUTY: &str = "职责";
const LEVEL: &str = "层级";
const POST: &str = "岗位";
const FIRST: &str = "起始日期";
const LAST: &str = "截止日期";
const LOGIN: &str = "账号";
/// Rows per statement: PostgreSQL takes 65,535 parameters in one.
const CHUNK: usize = 1_000;

/// Takes a list of officers over.
#[derive(Clone, Debug, Serialize)]
pub struct StartPeopleImport {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Into which network.
    pub network: NetworkId,
    /// The list: CSV in UTF-8, with or without a byte order mark, or in GB18030.
    pub bytes: Vec<u8>,
    /// Whether to check only.
    pub dry_run: bool,
}

impl Command for StartPeopleImport {
    fn name(&self) -> &'static str {
        "startPeopleImport"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// What an import of officers did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleReport {
    /// Rows read.
    pub rows: u64,
    /// Duties that were not there.
    pub added: u64,
    /// Duties that end by the list.
    pub ended: u64,
    /// Rows that were there already.
    pub unchanged: u64,
    /// Everything that is wrong; a list with one problem is not taken over at all.
    pub problems: Vec<Problem>,
}

/// Imports, or only checks, for an editor.
pub async fn start(ctx: &Ctx, command: StartPeopleImport) -> Result<PeopleReport> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    ctx.authorize(Action::RecordStaffing, Target::network(network.id))?;
    let by = ctx.actor().id();
    let plan = plan(ctx.state(), write.conn(), &network, &command.bytes, by, ctx.now()).await?;
    write.in_network(network.id);
    if !command.dry_run && plan.report.problems.is_empty() {
        for entry in store(write.conn(), &plan).await? {
            write.record(entry);
        }
    }
    write.commit(&plan.report).await?;
    Ok(plan.report)
}

/// Imports, or only checks, for the operator on the command line, in the name of an account.
pub async fn run(
    state: &AppState,
    network: NetworkId,
    bytes: &[u8],
    by: PersonId,
    dry_run: bool,
) -> Result<PeopleReport> {
    let txn = state.database().begin().await?;
    let network = network_row(&txn, network).await?;
    let now = state.clock().now();
    let plan = plan(state, &txn, &network, bytes, by, now).await?;
    if !dry_run && plan.report.problems.is_empty() {
        let entries = store(&txn, &plan).await?;
        if !entries.is_empty() {
            audit::append(&txn, audit::chain(Some(network.id)), None, now, entries).await?;
        }
        txn.commit().await?;
    }
    Ok(plan.report)
}

/// Everything that an import will write.
struct Plan {
    report: PeopleReport,
    new: Vec<staffing::Model>,
    ending: Vec<(StaffingId, NaiveDate)>,
}

/// What tells one duty from another.
type Key = (UnitId, String, Duty, Option<String>, Option<String>, NaiveDate);

fn key(row: &staffing::Model) -> Key {
    (row.unit_id, row.name.clone(), row.duty, row.level.clone(), row.post.clone(), row.first_day)
}

/// What rows are checked against.
struct Known {
    units: HashMap<String, UnitId>,
    /// First and last days as members, by unit.
    members: HashMap<UnitId, Vec<(NaiveDate, Option<NaiveDate>)>>,
    logins: HashMap<String, PersonId>,
    duties: BTreeMap<Key, (StaffingId, Option<NaiveDate>)>,
    contacts: HashMap<UnitId, Vec<(NaiveDate, Option<NaiveDate>)>>,
    today: NaiveDate,
}

async fn plan(
    state: &AppState,
    conn: &impl ConnectionTrait,
    network: &network::Model,
    bytes: &[u8],
    by: PersonId,
    now: DateTime<Utc>,
) -> Result<Plan> {
    let mut plan = Plan { report: PeopleReport::default(), new: Vec::new(), ending: Vec::new() };
    let table = match Table::read(bytes) {
        Ok(table) => table,
        Err(problem) => {
            plan.report.problems.push(problem);
            return Ok(plan);
        }
    };
    let missing = [UNIT, NAME, DUTY, FIRST].into_iter().filter(|column| table.position(column).is_none());
    plan.report.problems.extend(missing.map(|column| table.missing_column(column)));
    if !plan.report.problems.is_empty() {
        return Ok(plan);
    }
    plan.report.rows = table.rows.len() as u64;
    let mut known = known(conn, network, &table, now).await?;
    let (versions, _) = facts::versions(state, conn, network.id).await?;
    let rules = versions.all().last().map(|version| version.rulebook.clone());
    for row in &table.rows {
        match read(&table, row, &known, rules.as_deref()) {
            Ok(mut duty) => {
                (duty.network_id, duty.recorded_by, duty.recorded_at) = (network.id, by, now);
                take(&mut plan, &mut known, duty, row);
            }
            Err(problem) => plan.report.problems.push(problem),
        }
    }
    Ok(plan)
}

async fn known(
    conn: &impl ConnectionTrait,
    network: &network::Model,
    table: &Table,
    now: DateTime<Utc>,
) -> Result<Known> {
    let mut members: HashMap<UnitId, Vec<(NaiveDate, Option<NaiveDate>)>> = HashMap::new();
    for row in unit_category::Entity::find().filter(unit_category::Column::NetworkId.eq(network.id)).all(conn).await? {
        members.entry(row.unit_id).or_default().push((row.first_day, row.last_day));
    }
    let units = unit::Entity::find().filter(unit::Column::NetworkId.eq(network.id)).all(conn).await?;
    let mut logins: Vec<String> = table.rows.iter().map(|row| table.cell(row, LOGIN).trim().to_owned()).collect();
    logins.retain(|login| !login.is_empty());
    logins.sort_unstable();
    logins.dedup();
    let mut accounts = HashMap::new();
    for part in logins.chunks(CHUNK) {
        let found: Vec<(String, PersonId)> = person::Entity::find()
            .select_only()
            .columns([person::Column::Login, person::Column::Id])
            .filter(person::Column::Login.is_in(part.iter().cloned()))
            .into_tuple()
            .all(conn)
            .await?;
        accounts.extend(found);
    }
    let (mut duties, mut contacts) = (BTreeMap::new(), HashMap::new());
    for row in staffing::Entity::find().filter(staffing::Column::NetworkId.eq(network.id)).all(conn).await? {
        if row.duty == Duty::UrgentContact {
            contacts.entry(row.unit_id).or_insert_with(Vec::new).push((row.first_day, row.last_day));
        }
        duties.insert(key(&row), (row.id, row.last_day));
    }
    Ok(Known {
        units: units.into_iter().map(|row| (row.name, row.id)).collect(),
        members,
        logins: accounts,
        duties,
        contacts,
        today: local_day(network, now),
    })
}

/// A row of the list as a duty, or the cell that is wrong.
fn read(table: &Table, row: &Row, known: &Known, rules: Option<&Rulebook>) -> Result<staffing::Model, Problem> {
    let text = |column: &str| table.cell(row, column).trim().to_owned();
    let unit = *known
        .units
        .get(&text(UNIT))
        .ok_or_else(|| wrong(table, row, UNIT, "the network has no unit of this name", "网络中没有该单位"))?;
    let name = units::check_name(&text(NAME), "name")
        .map(str::to_owned)
        .map_err(|_| wrong(table, row, NAME, "a name has 1 to 60 characters", "姓名须为 1 至 60 个字"))?;
    let duty = duty(&text(DUTY)).ok_or_else(|| {
        wrong(
            table,
            row,
            DUTY,
            "write 分管领导, 信息科长, 专职信息员, 兼职信息员, 特邀信息员 or 紧急信息专人",
            "应为分管领导、信息科长、专职信息员、兼职信息员、特邀信息员或紧急信息专人",
        )
    })?;
    let level = match text(LEVEL) {
        level if level.is_empty() => None,
        level => {
            let declared = rules.into_iter().flat_map(Rulebook::levels);
            let found = declared.into_iter().find(|declared| declared.id == level || declared.name == level);
            let wrong = || wrong(table, row, LEVEL, "the rulebook has no such level", "考评办法中没有该层级");
            Some(found.ok_or_else(wrong)?.id.clone())
        }
    };
    let post = match text(POST) {
        post if post.is_empty() => None,
        post => {
            let wrong = |_| wrong(table, row, POST, "a post has 1 to 60 characters", "岗位须为 1 至 60 个字");
            Some(units::check_name(&post, "post").map(str::to_owned).map_err(wrong)?)
        }
    };
    let day = |column: &'static str| {
        let wrong = || wrong(table, row, column, "write a day like 2026-03-01", "日期应写作 2026-03-01");
        day(&text(column)).ok_or_else(wrong)
    };
    let first_day = day(FIRST)?;
    let last_day = if text(LAST).is_empty() { None } else { Some(day(LAST)?) };
    if last_day.is_some_and(|last| last < first_day) {
        return Err(wrong(table, row, LAST, "the last day lies before the first", "截止日期早于起始日期"));
    }
    // Somebody may have begun before the unit became a member: what matters is the last day known of the duty.
    let last_known = last_day.filter(|last| *last < known.today).unwrap_or(known.today);
    let is_member = known.members.get(&unit).is_some_and(|spans| {
        spans.iter().any(|(first, last)| *first <= last_known && last.is_none_or(|last| last >= last_known))
    });
    if !is_member {
        return Err(wrong(table, row, UNIT, "the unit is no member of the network then", "该单位届时不是本网络成员"));
    }
    let person_id = match text(LOGIN) {
        login if login.is_empty() => None,
        login => {
            let wrong = || wrong(table, row, LOGIN, "there is no account with this login", "没有该账号");
            Some(*known.logins.get(&login).ok_or_else(wrong)?)
        }
    };
    if duty == Duty::UrgentContact && person_id.is_none() {
        let (en, zh) = ("the contact for urgent information needs an account", "紧急信息专人须有账号");
        return Err(wrong(table, row, LOGIN, en, zh));
    }
    Ok(staffing::Model {
        id: StaffingId(0),
        network_id: NetworkId(0),
        unit_id: unit,
        person_id,
        name,
        duty,
        level,
        post,
        first_day,
        last_day,
        recorded_by: PersonId(0),
        recorded_at: DateTime::UNIX_EPOCH,
        version: 1,
    })
}

/// Puts a duty among what will be written, unless it is there already.
fn take(plan: &mut Plan, known: &mut Known, duty: staffing::Model, row: &Row) {
    let problem = |column: &str, value: String, message: &str, message_zh: &str| Problem {
        row: Some(row.line),
        column: column.to_owned(),
        value,
        message: message.to_owned(),
        message_zh: message_zh.to_owned(),
    };
    let key = key(&duty);
    match (known.duties.get(&key).copied(), duty.last_day) {
        (Some((StaffingId(0), _)), _) => {
            let (en, zh) = ("the list has this row twice", "清单中该行重复");
            plan.report.problems.push(problem(NAME, duty.name, en, zh));
        }
        (Some(_), None) => plan.report.unchanged += 1,
        (Some((_, stored)), last) if stored == last => plan.report.unchanged += 1,
        (Some((id, None)), Some(last)) => {
            plan.report.ended += 1;
            plan.ending.push((id, last));
        }
        (Some((_, Some(stored))), _) => {
            let (en, zh) = (format!("this duty ended on {stored} already"), format!("该职责已于 {stored} 结束"));
            plan.report.problems.push(problem(LAST, String::new(), &en, &zh));
        }
        (None, _) => {
            if duty.duty == Duty::UrgentContact {
                let spans = known.contacts.entry(duty.unit_id).or_default();
                let meets = |(first, last): &(NaiveDate, Option<NaiveDate>)| {
                    last.is_none_or(|last| last >= duty.first_day) && duty.last_day.is_none_or(|last| last >= *first)
                };
                if spans.iter().any(meets) {
                    let (en, zh) = ("the unit has another contact at that time", "该单位同期已有紧急信息专人");
                    plan.report.problems.push(problem(DUTY, duty.name, en, zh));
                    return;
                }
                spans.push((duty.first_day, duty.last_day));
            }
            plan.report.added += 1;
            known.duties.insert(key, (StaffingId(0), duty.last_day));
            plan.new.push(duty);
        }
    }
}

async fn store(conn: &impl ConnectionTrait, plan: &Plan) -> Result<Vec<Entry>> {
    let mut entries = Vec::with_capacity(plan.new.len() + plan.ending.len());
    for part in plan.new.chunks(CHUNK) {
        let rows = part.iter().map(|row| {
            let mut row = staffing::ActiveModel::from(row.clone()).reset_all();
            row.id = NotSet;
            row
        });
        let ids = staffing::Entity::insert_many(rows).exec_with_returning_keys(conn).await?;
        let recorded = |(id, row): (StaffingId, &staffing::Model)| {
            Entry::new("RecordStaffing", ObjectKind::Staffing, id.0).with(serde_json::json!({ "unit": row.unit_id }))
        };
        entries.extend(ids.into_iter().zip(part).map(recorded));
    }
    for (id, last) in &plan.ending {
        staffing::Entity::update_many()
            .col_expr(staffing::Column::LastDay, Expr::value(*last))
            .col_expr(staffing::Column::Version, Expr::col(staffing::Column::Version).add(1))
            .filter(staffing::Column::Id.eq(*id))
            .exec(conn)
            .await?;
        entries
            .push(Entry::new("EndStaffing", ObjectKind::Staffing, id.0).with(serde_json::json!({ "lastDay": last })));
    }
    Ok(entries)
}

fn wrong(table: &Table, row: &Row, column: &str, message: &str, message_zh: &str) -> Problem {
    Problem {
        row: Some(row.line),
        column: column.to_owned(),
        value: table.cell(row, column).to_owned(),
        message: message.to_owned(),
        message_zh: message_zh.to_owned(),
    }
}

/// A duty by its name in the office's words, or by its code.
fn duty(text: &str) -> Option<Duty> {
    Some(match text {
        "分管领导" | "leader_in_charge" => Duty::LeaderInCharge,
        "信息科长" | "科长" | "section_chief" => Duty::SectionChief,
        "专职信息员" | "full_time" => Duty::FullTime,
        "兼职信息员" | "part_time" => Duty::PartTime,
        "特邀信息员" | "invited_expert" => Duty::InvitedExpert,
        "紧急信息专人" | "紧急信息联系人" | "urgent_contact" => Duty::UrgentContact,
        _ => return None,
    })
}

/// A day as offices write it: 2026-03-01, 2026/3/1, 2026.3.1.
fn day(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split(['-', '/', '.']).map(|part| part.parse::<u32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || !(1900..=2200).contains(&year) {
        return None;
    }
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// The account with this login, for the operator on the command line.
pub async fn account(state: &AppState, login: &str) -> Result<Option<PersonId>> {
    let row = person::Entity::find().filter(person::Column::Login.eq(login)).one(state.database().reader()).await?;
    Ok(row.map(|row| row.id))
}
