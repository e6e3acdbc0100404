//! Taking figures over from a published table (CSV) by a small mapping file (TOML).
//!
//! Every cell is checked before anything is written; one bad cell and nothing is. The same file with the same
//! mapping is taken over once: importing it again changes nothing.

mod mapping;
pub(crate) mod table;

use std::collections::{BTreeMap, HashMap};

use analytics::rulebook::Rulebook;
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use entity::ids::{ImportBatchId, NetworkId, PersonId, UnitId};
use entity::{import_batch, network, tally, unit, unit_category};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use self::mapping::{Figure, Mapping};
use self::table::Table;
use crate::auth::policy::{Action, Target};
use crate::error::Result;
use crate::services::audit::{self, Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, closing, network_row};
use crate::state::AppState;

/// A file to import.
#[derive(Clone, Debug, Serialize)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// Its bytes: CSV in UTF-8, with or without a byte order mark, or in GB18030.
    pub bytes: Vec<u8>,
    /// The mapping file, TOML.
    pub mapping: String,
}

/// A cell, or a place in the mapping, that cannot be taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Line in the file, from 1; none for the mapping.
    pub row: Option<u64>,
    /// Column by its heading, or the key in the mapping.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// What is wrong and what would be right, in English.
    pub message: String,
    /// The same in Chinese.
    pub message_zh: String,
}

/// What an import did, or would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The batch; none for a dry run and for a file with problems.
    pub batch: Option<ImportBatchId>,
    /// Whether the same file had been imported before, so that nothing was done.
    pub repeated: bool,
    /// Rows read.
    pub rows: u64,
    /// Figures taken over, or to be taken over; a zero is none.
    pub figures: u64,
    /// Names of units that did not exist.
    pub new_units: Vec<String>,
    /// Everything that is wrong, by row.
    pub problems: Vec<Problem>,
}

/// Imports a file into a network.
#[derive(Clone, Debug, Serialize)]
pub struct StartImport {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Into which network.
    pub network: NetworkId,
    /// What.
    pub source: Source,
    /// Whether to check only.
    pub dry_run: bool,
}

impl Command for StartImport {
    fn name(&self) -> &'static str {
        "startImport"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Imports, or only checks, for an editor.
pub async fn start(ctx: &Ctx, command: StartImport) -> Result<Report> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    ctx.authorize(Action::ImportFigures, Target::network(network.id))?;
    let plan = plan(ctx.state(), write.conn(), &network, &command.source).await?;
    let (report, entries) = if command.dry_run {
        (plan.report(), Vec::new())
    } else {
        store(write.conn(), &network, &command.source, plan, Some(ctx.actor().id()), ctx.now()).await?
    };
    write.in_network(network.id);
    for entry in entries {
        write.record(entry);
    }
    write.commit(&report).await?;
    Ok(report)
}

/// Imports, or only checks, for the operator on the command line.
pub async fn run(state: &AppState, network: NetworkId, source: &Source, dry_run: bool) -> Result<Report> {
    let txn = state.database().begin().await?;
    let network = network_row(&txn, network).await?;
    let plan = plan(state, &txn, &network, source).await?;
    if dry_run {
        return Ok(plan.report());
    }
    let now = state.clock().now();
    let (report, entries) = store(&txn, &network, source, plan, None, now).await?;
    if !entries.is_empty() {
        audit::append(&txn, audit::chain(Some(network.id)), None, now, entries).await?;
    }
    txn.commit().await?;
    Ok(report)
}

/// Everything that an import will write, or what keeps it from being written.
struct Plan {
    before: Option<ImportBatchId>,
    sha256: String,
    title: String,
    day: NaiveDate,
    rows: u64,
    new_units: BTreeMap<String, String>,
    tallies: Vec<(UnitKey, Figure, i64, String)>,
    problems: Vec<Problem>,
}

/// A unit that exists, or one that will be made.
#[derive(Clone, Debug)]
enum UnitKey {
    Known(UnitId),
    New(String),
}

impl Plan {
    fn report(&self) -> Report {
        Report {
            batch: None,
            repeated: self.before.is_some(),
            rows: self.rows,
            figures: if self.before.is_some() { 0 } else { self.tallies.len() as u64 },
            new_units: self.new_units.keys().cloned().collect(),
            problems: self.problems.clone(),
        }
    }
}

async fn plan(
    state: &AppState,
    conn: &impl ConnectionTrait,
    network: &network::Model,
    source: &Source,
) -> Result<Plan> {
    let mut hash = Sha256::new();
    hash.update((source.bytes.len() as u64).to_be_bytes());
    hash.update(&source.bytes);
    hash.update(source.mapping.as_bytes());
    let sha256 = audit::hex(&hash.finalize());
    let before = import_batch::Entity::find()
        .filter(import_batch::Column::NetworkId.eq(network.id))
        .filter(import_batch::Column::Sha256.eq(&sha256))
        .one(conn)
        .await?;
    let rulebooks = crate::services::rulebook::active(conn, network.id).await?;
    let rules = match rulebooks.last() {
        Some(version) => Some(state.rulebooks().parse(version)?),
        None => None,
    };
    let units: HashMap<String, UnitId> = unit::Entity::find()
        .filter(unit::Column::NetworkId.eq(network.id))
        .all(conn)
        .await?
        .into_iter()
        .map(|row| (row.name, row.id))
        .collect();
    let mut plan = read(source, sha256, before.map(|row| row.id), rules.as_deref(), &units);
    let closings = closing::closings(conn, network.id).await?;
    let reaching = closings.reaching(plan.day, !plan.new_units.is_empty()).filter(|_| plan.before.is_none());
    if let Some(through) = reaching {
        let refusal = closing::closed(through);
        plan.problems.push(Problem {
            row: None,
            column: String::new(),
            value: plan.day.to_string(),
            message: refusal.message.into(),
            message_zh: refusal.message_zh.into(),
        });
    }
    Ok(plan)
}

/// Reads the mapping and the table, and checks every cell. Touches no database.
fn read(
    source: &Source,
    sha256: String,
    before: Option<ImportBatchId>,
    rules: Option<&Rulebook>,
    units: &HashMap<String, UnitId>,
) -> Plan {
    let mut plan = Plan {
        before,
        sha256,
        title: String::new(),
        day: NaiveDate::MIN,
        rows: 0,
        new_units: BTreeMap::new(),
        tallies: Vec::new(),
        problems: Vec::new(),
    };
    let mapping = match Mapping::parse(&source.mapping, rules) {
        Ok(mapping) => mapping,
        Err(problems) => {
            plan.problems = problems;
            return plan;
        }
    };
    plan.title.clone_from(&mapping.title);
    plan.day = mapping.span.last;
    let table = match Table::read(&source.bytes) {
        Ok(table) => table,
        Err(problem) => {
            plan.problems.push(problem);
            return plan;
        }
    };
    let missing = mapping.columns().filter(|column| table.position(column).is_none());
    plan.problems.extend(missing.map(|column| table.missing_column(column)));
    if !plan.problems.is_empty() {
        return plan;
    }
    plan.rows = table.rows.len() as u64;
    for row in &table.rows {
        let name = table.cell(row, &mapping.unit_column).trim();
        match unit_of(&mapping, &table, row, name, units, rules, &mut plan) {
            Ok(key) => figures(&mapping, &table, row, &key, &mut plan),
            Err(problem) => plan.problems.push(problem),
        }
    }
    plan
}

fn unit_of(
    mapping: &Mapping,
    table: &Table,
    row: &table::Row,
    name: &str,
    units: &HashMap<String, UnitId>,
    rules: Option<&Rulebook>,
    plan: &mut Plan,
) -> std::result::Result<UnitKey, Problem> {
    if let Some(id) = units.get(name) {
        return Ok(UnitKey::Known(*id));
    }
    let problem = |message: &str, message_zh: &str| Problem {
        row: Some(row.line),
        column: mapping.unit_column.clone(),
        value: name.to_owned(),
        message: message.to_owned(),
        message_zh: message_zh.to_owned(),
    };
    if name.is_empty() {
        return Err(problem("the unit is missing", "缺少单位名称"));
    }
    if !mapping.create_units {
        return Err(problem(
            "the network has no unit of this name; correct it, or set units.create = true",
            "网络中没有该单位，请更正名称，或在映射文件中设置 units.create = true",
        ));
    }
    let wanted = match &mapping.category_column {
        Some(column) => table.cell(row, column).trim(),
        None => mapping.category.as_str(),
    };
    let category = rules
        .into_iter()
        .flat_map(Rulebook::categories)
        .find(|category| category.id == wanted || category.name == wanted)
        .ok_or_else(|| problem("no category of the rulebook fits this new unit", "新单位的类别不在考评办法之内"))?;
    plan.new_units.insert(name.to_owned(), category.id.clone());
    Ok(UnitKey::New(name.to_owned()))
}

fn figures(mapping: &Mapping, table: &Table, row: &table::Row, unit: &UnitKey, plan: &mut Plan) {
    for figure in &mapping.figures {
        let text = table.cell(row, &figure.column).trim();
        let count = if text.is_empty() { Ok(0) } else { text.parse::<i64>() };
        match count.ok().filter(|count| (0..=1_000_000).contains(count)) {
            Some(0) => {}
            Some(count) => {
                let cell = format!("{}:{}", row.line, figure.column);
                plan.tallies.push((unit.clone(), figure.clone(), count, cell));
            }
            None => plan.problems.push(Problem {
                row: Some(row.line),
                column: figure.column.clone(),
                value: text.to_owned(),
                message: "a whole number from 0 to 1,000,000 belongs here".to_owned(),
                message_zh: "此处应为 0 至 1000000 的整数".to_owned(),
            }),
        }
    }
}

async fn store(
    conn: &impl ConnectionTrait,
    network: &network::Model,
    source: &Source,
    plan: Plan,
    by: Option<PersonId>,
    now: DateTime<Utc>,
) -> Result<(Report, Vec<Entry>)> {
    let mut report = plan.report();
    report.batch = plan.before;
    if plan.before.is_some() || !plan.problems.is_empty() {
        return Ok((report, Vec::new()));
    }
    let mut entries = Vec::new();
    let units = make_units(conn, network.id, plan.new_units, plan.day, &mut entries).await?;
    let batch = import_batch::ActiveModel {
        id: NotSet,
        network_id: Set(network.id),
        source: Set(source.name.clone()),
        sha256: Set(plan.sha256),
        title: Set(plan.title),
        row_count: Set(i64::try_from(plan.rows).unwrap_or(i64::MAX)),
        tally_count: Set(i64::try_from(plan.tallies.len()).unwrap_or(i64::MAX)),
        imported_by: Set(by),
        imported_at: Set(now),
    };
    let batch = import_batch::Entity::insert(batch).exec(conn).await?.last_insert_id;
    let rows: Vec<_> = plan
        .tallies
        .into_iter()
        .filter_map(|(unit, figure, count, cell)| {
            let unit = match unit {
                UnitKey::Known(id) => id,
                UnitKey::New(name) => *units.get(&name)?,
            };
            Some(figure.tally(network.id, batch, unit, count, plan.day, cell))
        })
        .collect();
    for part in rows.chunks(1_000) {
        tally::Entity::insert_many(part.to_vec()).exec_without_returning(conn).await?;
    }
    entries.push(Entry::new("ImportFigures", ObjectKind::ImportBatch, batch.0));
    report.batch = Some(batch);
    Ok((report, entries))
}

/// Makes the units that the file names first; they are there from the beginning of the year of the figures.
async fn make_units(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    new: BTreeMap<String, String>,
    day: NaiveDate,
    entries: &mut Vec<Entry>,
) -> Result<HashMap<String, UnitId>> {
    let first_day = NaiveDate::from_ymd_opt(day.year(), 1, 1).unwrap_or(day);
    let last: Option<Option<i64>> = unit::Entity::find()
        .select_only()
        .column_as(unit::Column::Position.max(), "last")
        .filter(unit::Column::NetworkId.eq(network))
        .into_tuple()
        .one(conn)
        .await?;
    let mut made = HashMap::new();
    for (position, (name, category)) in (last.flatten().unwrap_or(0) + 1..).zip(new) {
        let row = unit::ActiveModel {
            id: NotSet,
            network_id: Set(network),
            name: Set(name.clone()),
            position: Set(position),
            direct_report: Set(false),
            opened_on: Set(first_day),
            closed_on: Set(None),
            version: Set(1),
        };
        let id = unit::Entity::insert(row).exec(conn).await?.last_insert_id;
        let membership = unit_category::ActiveModel {
            id: NotSet,
            network_id: Set(network),
            unit_id: Set(id),
            category: Set(category),
            first_day: Set(first_day),
            last_day: Set(None),
        };
        unit_category::Entity::insert(membership).exec_without_returning(conn).await?;
        entries.push(Entry::new("CreateUnit", ObjectKind::Unit, id.0));
        made.insert(name, id);
    }
    Ok(made)
}
