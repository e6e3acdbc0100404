//! Targets: what is owed beside the rulebook's quotas, dated, by the network as a whole, by each unit of a category, by a unit or by a
//! person; and how large the tasks from above are.
//!
//! Nothing is changed: a new target of a later day takes the place of an earlier one, and what was owed before stays as it was.

use analytics::points::Points;
use analytics::rulebook::Rulebook;
use analytics::scoring::{Holder, Obligation};
use chrono::NaiveDate;
use entity::ids::{NetworkId, TargetId, UnitId};
use entity::target::{self, TargetPeriod};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    EntityTrait as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::{Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, closing, rulebook, unit};

/// Longest text that says where a target comes from.
pub const ORIGIN_CHARACTERS: usize = 200;
/// The name of all points together among the measures.
const TOTAL: &str = "total";

/// Sets a target.
#[derive(Clone, Debug, Serialize)]
pub struct SetTarget {
    /// See [`Command`].
    pub idempotency_key: String,
    /// In which network.
    pub network: NetworkId,
    /// What is set.
    pub aim: Aim,
    /// How much, in millionths.
    pub amount: i64,
    /// First local day.
    pub first_day: NaiveDate,
    /// Last one.
    pub last_day: Option<NaiveDate>,
    /// Who set it, and in which document.
    pub origin: String,
}

/// What a target is about.
#[derive(Clone, Debug, Serialize)]
pub enum Aim {
    /// The size of a task from above, by the task's id.
    Task(String),
    /// An amount that is owed.
    Owed(Owed),
}

/// An amount that is owed.
#[derive(Clone, Debug, Serialize)]
pub struct Owed {
    /// The unit that owes it.
    pub unit: Option<UnitId>,
    /// The category each of whose units owes it; without unit and category all units owe it together.
    pub category: Option<String>,
    /// What is counted.
    pub measure: String,
    /// Code of the only kind of item that is counted.
    pub kind: Option<String>,
    /// In which period.
    pub per: TargetPeriod,
    /// The task from above that it rises and falls with.
    pub follows: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TargetOutcome {
    /// The target.
    pub target: TargetId,
}

impl Command for SetTarget {
    fn name(&self) -> &'static str {
        "setTarget"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores a target.
pub async fn set(ctx: &Ctx, command: SetTarget) -> Result<TargetOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    ctx.authorize(Action::SetTarget, Target::network(network.id))?;
    closing::refuse_reaching_back(write.conn(), network.id, command.first_day, "firstDay").await?;
    let rules = rulebook::in_force(ctx, write.conn(), network.id, command.first_day).await?;
    if command.amount <= 0 {
        return Err(Error::invalid("amount", "an amount is more than nothing", "目标数应大于零"));
    }
    if command.last_day.is_some_and(|last| last < command.first_day) {
        return Err(Error::invalid("lastDay", "the last day lies before the first", "结束日期早于开始日期"));
    }
    let origin = command.origin.trim().to_owned();
    if !(1..=ORIGIN_CHARACTERS).contains(&origin.chars().count()) {
        return Err(Error::invalid("origin", "say in 1 to 200 characters who set it", "请用 1 至 200 个字写明来源"));
    }
    let (task, owed) = match command.aim {
        Aim::Task(task) => {
            check_task(&rules, &task, "task")?;
            (Some(task), None)
        }
        Aim::Owed(owed) => {
            if let Some(id) = owed.unit {
                let unit = unit::find(ctx, write.conn(), id).await.map_err(|error| error.at("unit"))?;
                unit::check_members(write.conn(), network.id, &[unit.id], command.first_day, "unit").await?;
            }
            check(&rules, &owed)?;
            (None, Some(owed))
        }
    };
    let of = |read: fn(&Owed) -> Option<String>| owed.as_ref().and_then(read);
    let row = target::ActiveModel {
        id: NotSet,
        network_id: Set(network.id),
        task: Set(task),
        unit_id: Set(owed.as_ref().and_then(|owed| owed.unit)),
        category: Set(of(|owed| owed.category.clone())),
        measure: Set(of(|owed| Some(owed.measure.clone()))),
        kind: Set(of(|owed| owed.kind.clone())),
        per: Set(owed.as_ref().map(|owed| owed.per)),
        follows: Set(of(|owed| owed.follows.clone())),
        amount: Set(command.amount),
        first_day: Set(command.first_day),
        last_day: Set(command.last_day),
        origin: Set(origin),
        set_by: Set(ctx.actor().id()),
        set_at: Set(ctx.now()),
    };
    let id = target::Entity::insert(row).exec(write.conn()).await?.last_insert_id;
    write.in_network(network.id);
    let details = serde_json::json!({ "amount": Points::from_millionths(command.amount).to_string() });
    write.record(Entry::new("SetTarget", ObjectKind::Target, id.0).with(details));
    let outcome = TargetOutcome { target: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

fn check(rules: &Rulebook, owed: &Owed) -> Result<()> {
    if owed.unit.is_some() && owed.category.is_some() {
        return Err(Error::invalid("category", "name a unit or a category, not both", "单位与类别只能填写一项"));
    }
    if let Some(category) = &owed.category {
        let known = rules.categories().iter().map(|category| category.id.as_str());
        check_code(category, known, "category")?;
    }
    let count = rules.counts().iter().find(|count| count.id == owed.measure);
    let measures = rules.counts().iter().map(|count| count.id.as_str());
    let measures = measures.chain(rules.earned().iter().map(|earned| earned.id.as_str())).chain([TOTAL]);
    check_code(&owed.measure, measures, "measure")?;
    if let Some(kind) = &owed.kind {
        check_code(kind, rules.kinds().iter().map(|kind| kind.id.as_str()), "kind")?;
        if !count.is_some_and(analytics::rulebook::Count::counts_items) {
            return Err(Error::invalid(
                "kind",
                "this measure does not count items, so it has no kinds",
                "该指标不按信息条数统计，不能限定信息类型",
            ));
        }
    }
    if let Some(task) = &owed.follows {
        check_task(rules, task, "follows")?;
    }
    Ok(())
}

fn check_task(rules: &Rulebook, task: &str, field: &'static str) -> Result<()> {
    check_code(task, rules.tasks().iter().map(|task| task.id.as_str()), field)
}

fn check_code<'r>(code: &str, known: impl Iterator<Item = &'r str>, field: &'static str) -> Result<()> {
    let known: Vec<&str> = known.collect();
    if known.contains(&code) {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        format!("the rulebook has no such code; it has {}", known.join(", ")),
        format!("考评办法中没有该代码，可用代码：{}", known.join("、")),
    ))
}

/// What the rows that are owed say to analytics.
pub(crate) fn obligations(rows: &[target::Model]) -> Vec<Obligation> {
    let obligation = |row: &target::Model| {
        let holder = match (row.unit_id, &row.category) {
            (Some(unit), _) => Holder::Unit(unit.0),
            (None, Some(category)) => Holder::Category(category.clone()),
            (None, None) => Holder::Network,
        };
        Some(Obligation {
            id: row.id.0,
            holder,
            measure: row.measure.clone()?,
            kind: row.kind.clone(),
            per: period_unit(row.per?),
            amount: Points::from_millionths(row.amount),
            follows: row.follows.clone(),
            first: row.first_day,
            last: row.last_day,
        })
    };
    rows.iter().filter_map(obligation).collect()
}

fn period_unit(per: TargetPeriod) -> analytics::period::PeriodUnit {
    use analytics::period::PeriodUnit;
    match per {
        TargetPeriod::Week => PeriodUnit::Week,
        TargetPeriod::Month => PeriodUnit::Month,
        TargetPeriod::Quarter => PeriodUnit::Quarter,
        TargetPeriod::HalfYear => PeriodUnit::HalfYear,
        TargetPeriod::Year => PeriodUnit::Year,
    }
}
