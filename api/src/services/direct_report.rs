//! Direct-report points (信息直报点): who among them is silent, and prompting them.

use std::collections::BTreeMap;

use analytics::frames::{RateBasis, RateBy};
use analytics::period::Span;
use chrono::NaiveDate;
use entity::ids::{NetworkId, PromptId, UnitId};
use entity::{prompt, unit};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::NotSet, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, local_day, score, unit as units};

/// Longest text of a prompt.
const TEXT_CHARACTERS: usize = 500;

/// What a direct-report point did in a span.
#[derive(Clone, Debug)]
pub struct DirectReportPoint {
    /// The point.
    pub unit: unit::Model,
    /// Items it reported.
    pub reported: i64,
    /// Different items adopted.
    pub adopted: i64,
    /// Whether it reported fewer than asked for.
    pub is_silent: bool,
    /// How it was prompted about days of the span.
    pub prompts: Vec<prompt::Model>,
}

/// Every direct-report point that the actor sees, in the office's order. One that reported fewer than `silent_below` items is silent.
pub async fn points(ctx: &Ctx, network: NetworkId, span: Span, silent_below: i64) -> Result<Vec<DirectReportPoint>> {
    if !(1..=1_000_000).contains(&silent_below) {
        return Err(Error::invalid("silentBelow", "give a number of items from 1 on", "请填写不小于 1 的条数"));
    }
    let (rates, _) =
        score::rates(ctx, network, span, RateBy::Unit, RateBasis::SubmittedIn, score::Attribution::AsReported).await?;
    let figures: BTreeMap<i64, (i64, i64)> =
        rates.into_iter().filter_map(|row| Some((row.unit?, (row.submitted, row.adopted_items)))).collect();
    let mut prompts: BTreeMap<UnitId, Vec<prompt::Model>> = BTreeMap::new();
    let sent = ctx
        .scope()
        .prompts()
        .filter(prompt::Column::NetworkId.eq(network))
        .filter(prompt::Column::FirstDay.lte(span.last))
        .filter(prompt::Column::LastDay.gte(span.first))
        .order_by_asc(prompt::Column::Id);
    for row in sent.all(ctx.reader()).await? {
        prompts.entry(row.unit_id).or_default().push(row);
    }
    let units = ctx
        .scope()
        .units()
        .filter(unit::Column::DirectReport.eq(true))
        .order_by_asc(unit::Column::Position)
        .order_by_asc(unit::Column::Id);
    let whole = ctx.scope().sees_network(network);
    let mut points = Vec::new();
    for unit in units.all(ctx.reader()).await? {
        let known = figures.get(&unit.id.0).copied();
        // A point of another network, or one that did not exist in the span, has no figures here.
        let Some((reported, adopted)) = known.filter(|_| whole || ctx.scope().sees_unit(unit.id)) else { continue };
        let prompts = prompts.remove(&unit.id).unwrap_or_default();
        points.push(DirectReportPoint { unit, reported, adopted, is_silent: reported < silent_below, prompts });
    }
    Ok(points)
}

/// Prompts a direct-report point that has gone silent.
#[derive(Clone, Debug, Serialize)]
pub struct PromptDirectReport {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which network prompts.
    pub network: NetworkId,
    /// Whom.
    pub unit: UnitId,
    /// First day of the silence.
    pub first_day: NaiveDate,
    /// Last day of the silence.
    pub last_day: NaiveDate,
    /// Fewer items than these are silence.
    pub silent_below: i64,
    /// What to say; a sentence of the office if left out.
    pub text: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PromptOutcome {
    /// The prompt.
    pub prompt: PromptId,
}

impl Command for PromptDirectReport {
    fn name(&self) -> &'static str {
        "promptDirectReport"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores a prompt.
pub async fn prompt(ctx: &Ctx, command: PromptDirectReport) -> Result<PromptOutcome> {
    let seen = units::find(ctx, ctx.reader(), command.unit).await?;
    ctx.network(ctx.reader(), command.network).await?;
    ctx.authorize(Action::PromptDirectReport, Target::unit(command.network, seen.id))?;
    // Figures are asked for before the transaction begins: they have a snapshot of their own.
    let span = Span { first: command.first_day, last: command.last_day };
    let points = points(ctx, command.network, span, command.silent_below).await?;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    if command.last_day > local_day(&network, ctx.now()) || command.first_day > command.last_day {
        return Err(Error::invalid("period", "the silence has begun and does not lie ahead", "时段不得晚于今日"));
    }
    let point = points.iter().find(|point| point.unit.id == command.unit).ok_or_else(|| {
        Error::invalid(
            "unit",
            "this unit is no direct-report point of the network then",
            "该单位不是本网络的信息直报点",
        )
    })?;
    if !point.is_silent {
        return Err(Error::new(
            Code::WrongState,
            format!("the point reported {} items in that time; it is not silent", point.reported),
            format!("该直报点在此期间已报送 {} 条，无需提醒", point.reported),
        )
        .with(serde_json::json!({ "reported": point.reported })));
    }
    let row = prompt::Model {
        id: PromptId(0),
        network_id: network.id,
        unit_id: command.unit,
        text: text(&command, &point.unit.name)?,
        first_day: command.first_day,
        last_day: command.last_day,
        prompted_by: ctx.actor().id(),
        prompted_at: ctx.now(),
    };
    let mut row = prompt::ActiveModel::from(row).reset_all();
    row.id = NotSet;
    let id = prompt::Entity::insert(row).exec(write.conn()).await?.last_insert_id;
    write.in_network(network.id);
    write.record(
        Entry::new(Action::PromptDirectReport.name(), ObjectKind::Prompt, id.0)
            .with(serde_json::json!({ "unit": command.unit })),
    );
    let outcome = PromptOutcome { prompt: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

fn text(command: &PromptDirectReport, unit: &str) -> Result<String> {
    let Some(text) = &command.text else {
        let (first, last) = (command.first_day, command.last_day);
        return Ok(format!("{unit}：贵单位为信息直报点，{first} 至 {last} 报送信息偏少，请及时报送。"));
    };
    let text = text.trim();
    if (1..=TEXT_CHARACTERS).contains(&text.chars().count()) {
        return Ok(text.to_owned());
    }
    Err(Error::invalid("text", "a prompt has 1 to 500 characters", "提醒内容须为 1 至 500 个字"))
}

/// The prompt with `id`, if the actor may know of it.
pub(crate) async fn find(ctx: &Ctx, conn: &impl ConnectionTrait, id: PromptId) -> Result<prompt::Model> {
    ctx.scope().prompts().filter(prompt::Column::Id.eq(id)).one(conn).await?.ok_or_else(Error::not_found)
}
