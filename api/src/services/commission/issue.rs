//! Issuing: what is asked, of whom, until when, on whose behalf.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::commission::{self, CommissionState};
use entity::commission_assignment::{self, AssignmentState};
use entity::ids::{CommissionAssignmentId, CommissionId, NetworkId, UnitId};
use entity::{commission_attachment, network, unit};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
};
use serde::Serialize;

use super::CommissionOutcome;
use super::chain::{self, Link};
use crate::auth::policy::{Action, Target};
use crate::error::{Error, Result};
use crate::services::audit::ObjectKind;
use crate::services::submission::adopt::check_level;
use crate::services::submission::draft::refuse_confidential_text;
use crate::services::write::{Begun, Command, Write};
use crate::services::{Ctx, local_day, rulebook};

/// Longest text of what is wanted.
pub const REQUIREMENT_CHARACTERS: usize = 5_000;
/// Most units that one commission asks.
pub const UNITS: usize = 500;
/// Most attachments of one commission.
pub const ATTACHMENTS: usize = 20;
/// Longest name, address or file number of an attachment.
const ATTACHMENT_CHARACTERS: usize = 500;

/// Something that belongs to the request and lies elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// What it is called.
    pub name: String,
    /// Where it can be fetched.
    pub url: Option<String>,
    /// Its file number.
    pub file_number: Option<String>,
    /// SHA-256 of its bytes.
    pub sha256: Option<String>,
}

/// What is asked.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// What it is about.
    pub topic: String,
    /// What is wanted.
    pub requirement: String,
    /// Code of the level from which the request came; the outermost of the chain if none.
    pub origin: Option<String>,
    /// By which way it came, the outermost sender first.
    pub chain: Vec<Link>,
    /// The assignment of a higher network that it answers.
    pub answers: Option<CommissionAssignmentId>,
    /// Until when.
    pub due_at: DateTime<Utc>,
    /// Who has to answer.
    pub units: Vec<UnitId>,
    /// Units with a deadline of their own.
    pub own_deadlines: Vec<(UnitId, DateTime<Utc>)>,
    /// What belongs to it.
    pub attachments: Vec<Attachment>,
}

/// Asks units for a report.
#[derive(Clone, Debug, Serialize)]
pub struct IssueCommission {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Which network asks.
    pub network: NetworkId,
    /// What is asked.
    pub request: Request,
}

impl Command for IssueCommission {
    fn name(&self) -> &'static str {
        "issueCommission"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Stores a commission with one assignment per unit.
pub async fn issue(ctx: &Ctx, command: IssueCommission) -> Result<CommissionOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let network = ctx.network(write.conn(), command.network).await?;
    let id = store(ctx, &mut write, &network, command.request).await?;
    let outcome = CommissionOutcome { commission: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Checks a request and stores it within a write, with its record.
pub(in crate::services) async fn store(
    ctx: &Ctx,
    write: &mut Write,
    network: &network::Model,
    request: Request,
) -> Result<CommissionId> {
    ctx.authorize(Action::IssueCommission, Target::network(network.id))?;
    let now = ctx.now();
    let today = local_day(network, now);
    let topic = check_texts(&request)?;
    if request.due_at <= now {
        return Err(Error::invalid("dueAt", "the deadline must lie ahead", "截止时间须晚于当前时间"));
    }
    let rules = rulebook::in_force(ctx, write.conn(), network.id, today).await?;
    let links = match request.answers {
        Some(_) if !request.chain.is_empty() => {
            return Err(Error::invalid(
                "chain",
                "the chain comes from the assignment that is answered; leave it out",
                "来源链取自所转办的上级约稿，请勿另行填写",
            ));
        }
        Some(assignment) => chain::above(ctx, write.conn(), assignment, network.id, &rules).await?,
        None => {
            chain::check_links(&request.chain, &rules)?;
            request.chain
        }
    };
    chain::check_within(&links, request.due_at, "dueAt")?;
    if let Some(origin) = &request.origin {
        check_level(&rules, origin, "origin")?;
    }
    let origin = request.origin.or_else(|| links.iter().find_map(|link| link.level.clone()));
    check_units(ctx, write.conn(), &request.units).await?;
    crate::services::unit::check_members(write.conn(), network.id, &request.units, today, "units").await?;
    let deadlines = own_deadlines(&request.own_deadlines, &request.units, &links, now)?;
    check_attachments(&request.attachments)?;

    let row = commission::ActiveModel {
        id: NotSet,
        network_id: Set(network.id),
        topic: Set(topic),
        requirement: Set(request.requirement),
        origin: Set(origin),
        answers_assignment_id: Set(request.answers),
        due_at: Set(request.due_at),
        state: Set(CommissionState::Open),
        issued_by: Set(ctx.actor().id()),
        issued_at: Set(now),
        closed_reason: Set(None),
        closed_because: Set(None),
        closed_at: Set(None),
        version: Set(1),
    };
    let id = commission::Entity::insert(row).exec(write.conn()).await?.last_insert_id;
    let assignments = request.units.iter().map(|unit| commission_assignment::ActiveModel {
        id: NotSet,
        commission_id: Set(id),
        unit_id: Set(*unit),
        due_at: Set(deadlines.get(unit).copied().unwrap_or(request.due_at)),
        state: Set(AssignmentState::Assigned),
        read_at: Set(None),
        fell_due_at: Set(None),
        answered_at: Set(None),
        outcome: Set(None),
        decided_on: Set(None),
        comment: Set(None),
        version: Set(1),
    });
    commission_assignment::Entity::insert_many(assignments).exec_without_returning(write.conn()).await?;
    chain::store(write.conn(), id, links).await?;
    attach(write.conn(), id, request.attachments).await?;
    write.in_network(network.id);
    write.did("IssueCommission", ObjectKind::Commission, id.0);
    Ok(id)
}

/// The topic without surrounding space, if both texts may be stored.
fn check_texts(request: &Request) -> Result<String> {
    let topic = crate::services::unit::check_name(&request.topic, "topic")?.to_owned();
    if request.requirement.chars().count() > REQUIREMENT_CHARACTERS {
        return Err(Error::invalid(
            "requirement",
            "a requirement has at most 5,000 characters",
            "约稿要求不得超过 5000 个字",
        ));
    }
    refuse_confidential_text(&[&topic, &request.requirement])?;
    Ok(topic)
}

async fn check_units(ctx: &Ctx, conn: &impl ConnectionTrait, units: &[UnitId]) -> Result<()> {
    let mut distinct = units.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    if units.is_empty() || units.len() > UNITS || distinct.len() != units.len() {
        return Err(Error::invalid("units", "name 1 to 500 different units", "请选择 1 至 500 个互不相同的单位"));
    }
    let found = ctx.scope().units().filter(unit::Column::Id.is_in(distinct)).all(conn).await?;
    if found.len() == units.len() { Ok(()) } else { Err(Error::not_found().at("units")) }
}

/// Deadlines by unit: each of a unit that is asked, ahead, and within the chain.
fn own_deadlines(
    own: &[(UnitId, DateTime<Utc>)],
    units: &[UnitId],
    links: &[Link],
    now: DateTime<Utc>,
) -> Result<BTreeMap<UnitId, DateTime<Utc>>> {
    let deadlines: BTreeMap<_, _> = own.iter().copied().collect();
    if deadlines.len() != own.len() || !deadlines.keys().all(|unit| units.contains(unit)) {
        return Err(Error::invalid(
            "ownDeadlines",
            "give at most one deadline to each unit that is asked",
            "单独期限须属于受约单位，且每个单位至多一个",
        ));
    }
    for due_at in deadlines.values() {
        if *due_at <= now {
            return Err(Error::invalid("ownDeadlines", "the deadline must lie ahead", "截止时间须晚于当前时间"));
        }
        chain::check_within(links, *due_at, "ownDeadlines")?;
    }
    Ok(deadlines)
}

fn check_attachments(attachments: &[Attachment]) -> Result<()> {
    if attachments.len() > ATTACHMENTS {
        return Err(Error::invalid("attachments", "attach at most 20 things", "附件不得超过 20 个"));
    }
    let fits = |text: &str| (1..=ATTACHMENT_CHARACTERS).contains(&text.chars().count()) && text.trim() == text;
    for attachment in attachments {
        let Attachment { name, url, file_number, sha256 } = attachment;
        if !fits(name) || !file_number.as_deref().is_none_or(fits) || !url.as_deref().is_none_or(fits) {
            return Err(Error::invalid(
                "attachments",
                "a name, an address and a file number have 1 to 500 characters, without space around them",
                "附件的名称、网址、文号须为 1 至 500 个字，首尾不留空格",
            ));
        }
        if url.is_none() && file_number.is_none() {
            return Err(Error::invalid(
                "attachments",
                "say where the attachment is: give its address or its file number",
                "请填写附件的网址或文号",
            ));
        }
        if url.as_deref().is_some_and(|url| !url.starts_with("https://") && !url.starts_with("http://")) {
            return Err(Error::invalid(
                "attachments.url",
                "an address begins with https:// or http://",
                "网址须以 https:// 或 http:// 开头",
            ));
        }
        let hexadecimal = |text: &str| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !sha256.as_deref().is_none_or(hexadecimal) {
            return Err(Error::invalid(
                "attachments.sha256",
                "a SHA-256 is written as 64 hexadecimal digits in lower case",
                "SHA-256 须为 64 位小写十六进制数字",
            ));
        }
    }
    let names: Vec<_> = attachments.iter().map(|attachment| attachment.name.as_str()).collect();
    refuse_confidential_text(&names)
}

async fn attach(conn: &impl ConnectionTrait, commission: CommissionId, attachments: Vec<Attachment>) -> Result<()> {
    let rows: Vec<_> = attachments
        .into_iter()
        .map(|attachment| commission_attachment::ActiveModel {
            id: NotSet,
            commission_id: Set(commission),
            name: Set(attachment.name),
            url: Set(attachment.url),
            file_number: Set(attachment.file_number),
            sha256: Set(attachment.sha256),
        })
        .collect();
    if !rows.is_empty() {
        commission_attachment::Entity::insert_many(rows).exec_without_returning(conn).await?;
    }
    Ok(())
}
