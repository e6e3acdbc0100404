//! Leads (线索): what sections of the office have heard of. The editors make a commission of a lead, or dismiss it with a reason.

use entity::ids::{CommissionId, LeadId, NetworkId, UnitId};
use entity::lead::{self, LeadState};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};

use crate::auth::actor::Actor;
use crate::auth::policy::{Action, Target, authorize};
use crate::error::{Code, Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::commission::issue::{self, Request};
use crate::services::submission::draft::refuse_confidential_text;
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, commission, local_day, unit};

/// Longest text of a lead.
pub const TEXT_CHARACTERS: usize = 2_000;

/// Acts on a lead, in the order in which they are offered.
pub const ACTIONS: &[Action] = &[Action::ScreenLead];

/// What came of an act on a lead.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeadOutcome {
    /// The lead.
    pub lead: LeadId,
}

/// Brings a lead.
#[derive(Clone, Debug, Serialize)]
pub struct CreateLead {
    /// See [`Command`].
    pub idempotency_key: String,
    /// In which network.
    pub network: NetworkId,
    /// The section's unit, if it is one.
    pub unit: Option<UnitId>,
    /// Name of the section; the unit's if none.
    pub section: Option<String>,
    /// What it is about.
    pub text: String,
}

impl Command for CreateLead {
    fn name(&self) -> &'static str {
        "createLead"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// What an act on a lead is aimed at.
pub fn target(row: &lead::Model) -> Target {
    Target { network: Some(row.network_id), unit: row.unit_id }
}

/// Stores a lead.
pub async fn create(ctx: &Ctx, command: CreateLead) -> Result<LeadOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    let from = match command.unit {
        Some(id) => Some(unit::find(ctx, write.conn(), id).await.map_err(|error| error.at("unit"))?),
        None => None,
    };
    ctx.authorize(Action::CreateLead, Target { network: Some(network.id), unit: command.unit })?;
    let now = ctx.now();
    if let Some(from) = &from {
        unit::check_members(write.conn(), network.id, &[from.id], local_day(&network, now), "unit").await?;
    }
    let section = command.section.or_else(|| from.map(|row| row.name)).unwrap_or_default();
    let section = unit::check_name(&section, "section")?.to_owned();
    let text = command.text.trim().to_owned();
    if !(1..=TEXT_CHARACTERS).contains(&text.chars().count()) {
        return Err(Error::invalid("text", "a lead has 1 to 2,000 characters", "线索内容须为 1 至 2000 个字"));
    }
    refuse_confidential_text(&[&text])?;
    let row = lead::ActiveModel {
        id: NotSet,
        network_id: Set(network.id),
        unit_id: Set(command.unit),
        section: Set(section),
        text: Set(text),
        state: Set(LeadState::New),
        recorded_by: Set(ctx.actor().id()),
        recorded_at: Set(now),
        commission_id: Set(None),
        dismissed_because: Set(None),
        screened_by: Set(None),
        screened_at: Set(None),
        version: Set(1),
    };
    let id = lead::Entity::insert(row).exec(write.conn()).await?.last_insert_id;
    write.in_network(network.id);
    let entry = Entry::new(Action::CreateLead.name(), ObjectKind::Lead, id.0);
    write.record(Entry { to: Some("new".to_owned()), ..entry });
    let outcome = LeadOutcome { lead: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// What the office makes of a lead.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// A new commission.
    Commission(Box<Request>),
    /// Part of a commission that was issued already.
    Existing(CommissionId),
    /// Nothing, for a reason.
    Dismiss(String),
}

/// Screens a lead.
#[derive(Clone, Debug, Serialize)]
pub struct ScreenLead {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which lead.
    pub lead: LeadId,
    /// The version that was read.
    pub expected_version: i64,
    /// What is made of it.
    pub decision: Decision,
}

impl Command for ScreenLead {
    fn name(&self) -> &'static str {
        "screenLead"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Whether `actor` may do `action` to this lead now, and if not why. The mutations ask nothing else.
pub fn may(actor: &Actor, action: Action, row: &lead::Model) -> Result<()> {
    authorize(actor, action, target(row))?;
    let (name, zh) = match row.state {
        LeadState::New => return Ok(()),
        LeadState::Commissioned => ("commissioned", "已转约稿"),
        LeadState::Dismissed => ("dismissed", "不采用"),
    };
    Err(Error::new(
        Code::WrongState,
        format!("the lead is {name}; it has been screened already"),
        format!("该线索已处理，当前为“{zh}”状态"),
    )
    .with(serde_json::json!({ "state": name })))
}

/// Makes a commission of a lead in the same transaction, or dismisses it.
pub async fn screen(ctx: &Ctx, command: ScreenLead) -> Result<LeadOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let select = ctx.scope().leads().filter(lead::Column::Id.eq(command.lead));
    let row = select.one(write.conn()).await?.ok_or_else(Error::not_found)?;
    may(ctx.actor(), Action::ScreenLead, &row)?;
    if row.version != command.expected_version {
        return Err(Error::version_conflict(row.version));
    }
    let (state, name, commission, because) = match command.decision {
        Decision::Commission(request) => {
            let network = ctx.network(write.conn(), row.network_id).await?;
            let id = issue::store(ctx, &mut write, &network, *request).await?;
            (LeadState::Commissioned, "commissioned", Some(id), None)
        }
        Decision::Existing(id) => {
            let of = commission::find(ctx, write.conn(), id).await.map_err(|error| error.at("commission"))?;
            if of.network_id != row.network_id {
                return Err(Error::not_found().at("commission"));
            }
            (LeadState::Commissioned, "commissioned", Some(id), None)
        }
        Decision::Dismiss(reason) => {
            let reason = commission::check_reason(&reason, "dismissBecause")?;
            (LeadState::Dismissed, "dismissed", None, Some(reason))
        }
    };
    let updated = lead::Entity::update_many()
        .col_expr(lead::Column::State, Expr::value(state))
        .col_expr(lead::Column::CommissionId, Expr::value(commission))
        .col_expr(lead::Column::DismissedBecause, Expr::value(because))
        .col_expr(lead::Column::ScreenedBy, Expr::value(ctx.actor().id()))
        .col_expr(lead::Column::ScreenedAt, Expr::value(ctx.now()))
        .col_expr(lead::Column::Version, Expr::col(lead::Column::Version).add(1))
        .filter(lead::Column::Id.eq(row.id))
        .filter(lead::Column::Version.eq(row.version))
        .exec(write.conn())
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::version_conflict(row.version));
    }
    write.in_network(row.network_id);
    let entry = Entry::new(Action::ScreenLead.name(), ObjectKind::Lead, row.id.0).moved("new", name);
    write.record(entry.with(serde_json::json!({ "commission": commission })));
    let outcome = LeadOutcome { lead: row.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}
