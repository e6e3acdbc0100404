//! Units change: renamed, merged, split, closed, each from a day on, and undone if it was a mistake.
//!
//! No fact moves. What a unit did stays its own; a question about figures chooses whether it counts for the unit as reported, or for the
//! one that stands in for it.

pub mod rename;
pub mod undo;

use std::collections::BTreeSet;

use analytics::heirs::Heirs;
use chrono::NaiveDate;
use entity::ids::{NetworkId, SuccessionId, UnitId};
use entity::succession::{self, SuccessionKind};
use entity::{submission, succession_link, unit, unit_category, unit_parent};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::unit::{self as units, bump, day_before};
use crate::services::write::{Begun, Command, Write};
use crate::services::{Ctx, closing};

/// Most units in one merger or split.
pub const PARTIES: usize = 20;

/// A unit at the version that was read.
#[derive(Clone, Debug, Serialize)]
pub struct Known {
    /// Which unit.
    pub unit: UnitId,
    /// The version that was read.
    pub expected_version: i64,
}

/// A unit to be set up.
#[derive(Clone, Debug, Serialize)]
pub struct Founded {
    /// Its name, unique in the network.
    pub name: String,
    /// Code of its category.
    pub category: String,
    /// The unit above it.
    pub parent: Option<UnitId>,
}

/// A unit that comes after another.
#[derive(Clone, Debug, Serialize)]
pub enum Successor {
    /// One that exists.
    Known(UnitId),
    /// One that is set up for it.
    Founded(Founded),
}

/// Merges units into one.
#[derive(Clone, Debug, Serialize)]
pub struct MergeUnits {
    /// See [`Command`].
    pub idempotency_key: String,
    /// The units that end.
    pub units: Vec<Known>,
    /// The unit that comes after them.
    pub into: Successor,
    /// First day on which it stands in for them.
    pub first_day: NaiveDate,
}

/// Splits a unit into several.
#[derive(Clone, Debug, Serialize)]
pub struct SplitUnit {
    /// See [`Command`].
    pub idempotency_key: String,
    /// The unit that ends.
    pub unit: Known,
    /// The units that come after it.
    pub into: Vec<Successor>,
    /// Which of them bears its record, counted from 0.
    pub heir: usize,
    /// First day on which they stand in for it.
    pub first_day: NaiveDate,
}

/// Closes a unit.
#[derive(Clone, Debug, Serialize)]
pub struct CloseUnit {
    /// See [`Command`].
    pub idempotency_key: String,
    /// The unit that ends.
    pub unit: Known,
    /// The last day on which it exists.
    pub last_day: NaiveDate,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SuccessionOutcome {
    /// The merger, the split or the closure.
    pub succession: SuccessionId,
}

macro_rules! commands {
    ($($command:ident = $name:literal;)*) => {$(
        impl Command for $command {
            fn name(&self) -> &'static str {
                $name
            }

            fn idempotency_key(&self) -> &str {
                &self.idempotency_key
            }
        }
    )*};
}

commands! {
    MergeUnits = "mergeUnits";
    SplitUnit = "splitUnit";
    CloseUnit = "closeUnit";
}

/// Merges.
pub async fn merge(ctx: &Ctx, command: MergeUnits) -> Result<SuccessionOutcome> {
    let write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let MergeUnits { units, into, first_day, .. } = command;
    succeed(ctx, write, SuccessionKind::Merged, &units, vec![into], 0, first_day).await
}

/// Splits.
pub async fn split(ctx: &Ctx, command: SplitUnit) -> Result<SuccessionOutcome> {
    let write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let SplitUnit { unit, into, heir, first_day, .. } = command;
    if into.len() < 2 || heir >= into.len() {
        return Err(Error::invalid(
            "into",
            "name two units or more, of which one bears the record",
            "拆分须指定两个以上单位，并由其中一个承继原有记录",
        ));
    }
    succeed(ctx, write, SuccessionKind::Split, &[unit], into, heir, first_day).await
}

/// Closes.
pub async fn close(ctx: &Ctx, command: CloseUnit) -> Result<SuccessionOutcome> {
    let write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let first_day = command.last_day.succ_opt().unwrap_or(command.last_day);
    succeed(ctx, write, SuccessionKind::Closed, &[command.unit], Vec::new(), 0, first_day).await
}

async fn succeed(
    ctx: &Ctx,
    mut write: Write,
    kind: SuccessionKind,
    ending: &[Known],
    into: Vec<Successor>,
    heir: usize,
    first_day: NaiveDate,
) -> Result<SuccessionOutcome> {
    if let Some(known) = ending.first() {
        let network = units::find(ctx, write.conn(), known.unit).await?.network_id;
        write.in_turn(network).await?;
    }
    let rows = ended(ctx, &write, ending, first_day).await?;
    let network = rows[0].network_id;
    let conn = write.conn();
    closing::refuse_reaching_back(conn, network, first_day, "firstDay").await?;
    let mut successors = Vec::with_capacity(into.len());
    for successor in into {
        successors.push(stand_in(ctx, conn, network, successor, &rows, first_day).await?);
    }
    let distinct: BTreeSet<UnitId> = successors.iter().map(|(unit, _)| *unit).collect();
    if distinct.len() != successors.len() {
        return Err(Error::invalid("into", "name each unit once", "同一单位不得重复"));
    }
    let row = succession::ActiveModel {
        id: NotSet,
        network_id: Set(network),
        kind: Set(kind),
        first_day: Set(first_day),
        recorded_by: Set(ctx.actor().id()),
        recorded_at: Set(ctx.now()),
        undone_at: Set(None),
        version: Set(1),
    };
    let id = succession::Entity::insert(row).exec(conn).await?.last_insert_id;
    for (known, row) in ending.iter().zip(&rows) {
        bump(conn, row, known.expected_version).await?;
        end(conn, row, first_day, successors.get(heir).map(|(unit, _)| *unit)).await?;
        let links =
            successors.iter().enumerate().map(|(place, (unit, founded))| (Some(*unit), place == heir, *founded));
        let links: Vec<_> = if successors.is_empty() { vec![(None, false, false)] } else { links.collect() };
        for (successor, heir, founded) in links {
            let link = succession_link::ActiveModel {
                id: NotSet,
                succession_id: Set(id),
                predecessor_id: Set(row.id),
                successor_id: Set(successor),
                heir: Set(heir),
                founded: Set(founded),
            };
            succession_link::Entity::insert(link).exec_without_returning(conn).await?;
        }
    }
    let action = match kind {
        SuccessionKind::Merged => "MergeUnits",
        SuccessionKind::Split => "SplitUnit",
        SuccessionKind::Closed => "CloseUnit",
    };
    write.in_network(network);
    let units: Vec<_> = successors.iter().map(|(unit, _)| *unit).collect();
    for row in &rows {
        let details = serde_json::json!({ "succession": id, "into": units, "firstDay": first_day });
        write.record(Entry::new(action, ObjectKind::Unit, row.id.0).with(details));
    }
    for (unit, founded) in &successors {
        let action = if *founded { "CreateUnit" } else { action };
        let details = serde_json::json!({ "succession": id });
        write.record(Entry::new(action, ObjectKind::Unit, unit.0).with(details));
    }
    let outcome = SuccessionOutcome { succession: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The units that end: of one network, open, and with nothing handed in after they ended.
async fn ended(ctx: &Ctx, write: &Write, ending: &[Known], first_day: NaiveDate) -> Result<Vec<unit::Model>> {
    let mut rows: Vec<unit::Model> = Vec::with_capacity(ending.len());
    for known in ending {
        let row = units::find(ctx, write.conn(), known.unit).await?;
        ctx.authorize(Action::ChangeUnit, Target::unit(row.network_id, row.id))?;
        if rows.iter().any(|other| other.id == row.id || other.network_id != row.network_id) {
            return Err(Error::invalid(
                "units",
                "name different units of one network",
                "请选择同一信息网络中的不同单位",
            ));
        }
        if let Some(closed) = row.closed_on {
            return Err(Error::new(
                Code::WrongState,
                format!("{} ended on {closed}", row.name),
                format!("“{}”已于 {closed} 终止", row.name),
            ));
        }
        day_before(first_day, row.opened_on)?;
        let after = submission::Entity::find()
            .filter(submission::Column::UnitId.eq(row.id))
            .filter(submission::Column::SubmittedOn.gte(first_day))
            .one(write.conn())
            .await?;
        if after.is_some() {
            return Err(Error::invalid(
                "firstDay",
                format!("{} has handed in since; choose a later day", row.name),
                format!("“{}”在该日之后仍有报送，请选择更晚的日期", row.name),
            ));
        }
        rows.push(row);
    }
    if rows.is_empty() || rows.len() > PARTIES {
        return Err(Error::invalid("units", "name 1 to 20 units", "请选择 1 至 20 个单位"));
    }
    Ok(rows)
}

/// The unit that comes after, and whether it was set up for it.
async fn stand_in(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    network: NetworkId,
    successor: Successor,
    ended: &[unit::Model],
    first_day: NaiveDate,
) -> Result<(UnitId, bool)> {
    match successor {
        Successor::Known(id) => {
            let row = units::find(ctx, conn, id).await.map_err(|error| error.at("into"))?;
            let open = row.closed_on.is_none() && row.opened_on <= first_day;
            if row.network_id != network || !open || ended.iter().any(|other| other.id == row.id) {
                return Err(Error::invalid(
                    "into",
                    "choose an open unit of the same network that does not end itself",
                    "请选择同一信息网络中存续的其他单位",
                ));
            }
            Ok((row.id, false))
        }
        Successor::Founded(Founded { name, category, parent }) => {
            let new = units::NewUnit { name: &name, category: &category, parent, direct_report: false, first_day };
            Ok((units::set_up(ctx, conn, network, new).await?, true))
        }
    }
}

/// Ends a unit before `first_day`. Whoever stood below it stands below its heir.
async fn end(conn: &impl ConnectionTrait, row: &unit::Model, first_day: NaiveDate, heir: Option<UnitId>) -> Result<()> {
    let last_day = day_before(first_day, row.opened_on)?;
    unit::Entity::update_many()
        .col_expr(unit::Column::ClosedOn, Expr::value(last_day))
        .filter(unit::Column::Id.eq(row.id))
        .exec(conn)
        .await?;
    unit_category::Entity::update_many()
        .col_expr(unit_category::Column::LastDay, Expr::value(last_day))
        .filter(unit_category::Column::UnitId.eq(row.id))
        .filter(unit_category::Column::LastDay.is_null())
        .exec(conn)
        .await?;
    let below = unit_parent::Entity::find()
        .filter(unit_parent::Column::ParentId.eq(row.id))
        .filter(unit_parent::Column::LastDay.is_null())
        .all(conn)
        .await?;
    unit_parent::Entity::update_many()
        .col_expr(unit_parent::Column::LastDay, Expr::value(last_day))
        .filter(unit_parent::Column::UnitId.eq(row.id).or(unit_parent::Column::ParentId.eq(row.id)))
        .filter(unit_parent::Column::LastDay.is_null())
        .exec(conn)
        .await?;
    if let Some(heir) = heir {
        for child in below.into_iter().filter(|child| child.unit_id != heir) {
            units::add_parent(conn, child.unit_id, heir, first_day).await?;
        }
    }
    Ok(())
}

/// Who bears whose record in a network.
pub(crate) async fn heirs(conn: &impl ConnectionTrait, network: NetworkId) -> Result<Heirs> {
    let in_force = succession::Entity::find()
        .filter(succession::Column::NetworkId.eq(network))
        .filter(succession::Column::UndoneAt.is_null())
        .all(conn)
        .await?;
    let ids = in_force.into_iter().map(|row| row.id);
    let links = succession_link::Entity::find()
        .filter(succession_link::Column::SuccessionId.is_in(ids))
        .filter(succession_link::Column::Heir.eq(true))
        .order_by_asc(succession_link::Column::Id)
        .all(conn)
        .await?;
    Ok(Heirs::new(links.into_iter().filter_map(|link| Some((link.predecessor_id.0, link.successor_id?.0)))))
}
