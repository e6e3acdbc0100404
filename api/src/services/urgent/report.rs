//! Reporting a part of an urgent event: in order, by the unit's contact, timed against its deadline.

use chrono::{DateTime, Utc};
use entity::ids::{SubmissionId, UrgentEventId, UrgentReportId};
use entity::incident::IncidentKind;
use entity::staffing;
use entity::submission::SubmissionState;
use entity::urgent_event::{self, UrgentState};
use entity::urgent_report::{self, UrgentStage};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait as _, ActiveValue::NotSet, ConnectionTrait, EntityTrait as _};
use serde::Serialize;

use super::deadline::{due_at, late_by};
use super::watch::{Failure, propose};
use super::{UrgentOutcome, check_end, check_open, contact, find, reports, stage_names, target, update};
use crate::auth::actor::Actor;
use crate::auth::policy::{Action, authorize};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::submission::draft::refuse_confidential_text;
use crate::services::write::{Begun, Command};
use crate::services::{Ctx, local_day, rulebook, submission};

/// Longest report that is no item.
const TEXT_CHARACTERS: usize = 5_000;

/// Reports a part of an urgent event.
#[derive(Clone, Debug, Serialize)]
pub struct ReportUrgent {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Of which event.
    pub event: UrgentEventId,
    /// The version that was read.
    pub expected_version: i64,
    /// Which part.
    pub stage: UrgentStage,
    /// The item that reports it, handed in before.
    pub submission: Option<SubmissionId>,
    /// What is reported, if not by an item.
    pub text: Option<String>,
    /// When the event was over, if it is.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Command for ReportUrgent {
    fn name(&self) -> &'static str {
        "reportUrgent"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Whether `actor` may report on this event now, and if not why: only the unit's contact does.
pub fn may_report(actor: &Actor, row: &urgent_event::Model, contact: Option<&staffing::Model>) -> Result<()> {
    authorize(actor, Action::ReportUrgent, target(row))?;
    match contact {
        Some(contact) if contact.person_id == Some(actor.id()) => check_open(row),
        Some(contact) => Err(Error::new(
            Code::Forbidden,
            format!("only the unit's contact for urgent information reports: {}", contact.name),
            format!("紧急信息仅由本单位指定的专人报送：{}", contact.name),
        )),
        None => Err(Error::new(
            Code::Forbidden,
            "the unit has no contact for urgent information; the office records one with recordStaffing",
            "本单位尚未指定紧急信息专人，请由信息科登记",
        )),
    }
}

/// Stores a part. A late one proposes an incident in the same transaction; the final one closes the reporting.
pub async fn report(ctx: &Ctx, command: ReportUrgent) -> Result<UrgentOutcome> {
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let mut event = find(ctx, write.conn(), command.event).await?;
    may_report(ctx.actor(), &event, contact(ctx, write.conn(), &event).await?.as_ref())?;
    let before = reports(write.conn(), event.id).await?;
    check_order(&before, command.stage)?;
    let now = ctx.now();
    if let Some(at) = command.ended_at {
        check_end(&event, at, now)?;
        event.ended_at = Some(at);
    }
    if command.stage == UrgentStage::Final && event.ended_at.is_none() {
        return Err(Error::invalid("endedAt", "a final report says when the event was over", "终报须写明事件结束时间"));
    }
    check_content(ctx, write.conn(), &event, &command).await?;
    let network = ctx.network(write.conn(), event.network_id).await?;
    let day = local_day(&network, event.occurred_at);
    let rules = rulebook::in_force(ctx, write.conn(), network.id, day).await?;
    let due = due_at(&event, &before, rules.urgent(), command.stage);
    let head = before.iter().find_map(|report| report.head_submission_id).or(command.submission);
    let row = urgent_report::Model {
        id: UrgentReportId(0),
        event_id: event.id,
        stage: command.stage,
        submission_id: command.submission,
        head_submission_id: command.submission.and(head),
        text: command.text.map(|text| text.trim().to_owned()),
        due_at: due,
        reported_at: now,
        late_by: due.map(|due| late_by(due, now)),
        reported_by: ctx.actor().id(),
    };
    let late = row.late_by.is_some_and(|late| late > 0);
    let mut row = urgent_report::ActiveModel::from(row).reset_all();
    row.id = NotSet;
    let twice = || {
        Error::new(
            Code::AlreadyExists,
            "this item reports a part of an event already",
            "该信息已作为紧急信息的一次报送",
        )
        .at("submission")
    };
    urgent_report::Entity::insert(row).exec(write.conn()).await.map_err(|err| on_unique(err, twice))?;
    let state = if command.stage == UrgentStage::Final { UrgentState::Closed } else { UrgentState::Open };
    let updated = update(&event, command.expected_version)
        .col_expr(urgent_event::Column::EndedAt, Expr::value(event.ended_at))
        .col_expr(urgent_event::Column::State, Expr::value(state))
        .exec(write.conn())
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::version_conflict(event.version));
    }
    write.in_network(event.network_id);
    let to = if state == UrgentState::Closed { "closed" } else { "open" };
    write.record(
        Entry::new(Action::ReportUrgent.name(), ObjectKind::UrgentEvent, event.id.0)
            .moved("open", to)
            .with(serde_json::json!({ "stage": command.stage })),
    );
    // The item counts with its thread from now on.
    if let Some(id) = command.submission {
        write.did(Action::ReportUrgent.name(), ObjectKind::Submission, id.0);
    }
    if late && let Some(due) = due {
        let failure = Failure { kind: IncidentKind::Late, stage: command.stage, due, reported: Some(now) };
        if let Some(entry) = propose(write.conn(), &network, &event, failure, ctx.actor().id(), now).await? {
            write.record(entry);
        }
    }
    let outcome = UrgentOutcome { event: event.id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The first report comes first and once, the final one last.
fn check_order(before: &[urgent_report::Model], stage: UrgentStage) -> Result<()> {
    let fits = match stage {
        UrgentStage::First => before.is_empty(),
        UrgentStage::FollowUp | UrgentStage::Final => !before.is_empty(),
    };
    if fits {
        return Ok(());
    }
    let (message, message_zh) = if before.is_empty() {
        ("the first report comes first", "须先首报，方可续报、终报")
    } else {
        ("the first report is there already; report a follow-up", "已首报，请续报")
    };
    Err(Error::new(Code::WrongState, message, message_zh).at("stage"))
}

/// A part is an item that the unit handed in, or a text.
async fn check_content(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    event: &urgent_event::Model,
    command: &ReportUrgent,
) -> Result<()> {
    match (command.submission, &command.text) {
        (Some(id), None) => {
            let row = submission::find(ctx, conn, id).await.map_err(|error| error.at("submission"))?;
            let is_in = row.submitted_on.is_some() && row.state != SubmissionState::Withdrawn;
            if row.unit_id == event.unit_id && row.network_id == event.network_id && is_in {
                return Ok(());
            }
            Err(Error::invalid(
                "submission",
                "name an item that the event's unit has handed in to this network",
                "请选择该单位已向本网络报送的信息",
            ))
        }
        (None, Some(text)) if (1..=TEXT_CHARACTERS).contains(&text.trim().chars().count()) => {
            refuse_confidential_text(&[text])
        }
        _ => {
            let (name, name_zh) = stage_names(command.stage);
            Err(Error::invalid(
                "text",
                format!("a {name} is either an item that was handed in or a text of 1 to 5,000 characters"),
                format!("{name_zh}须关联已报送的信息，或填写 1 至 5000 个字的内容"),
            ))
        }
    }
}
