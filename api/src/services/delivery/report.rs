//! What a worker reports: the gateway took it, the gateway did not, a little more time.
//!
//! A report names the fence of its lease. One that names an older fence comes too late: somebody else holds the notice by
//! then. One that comes after the lease ran out, but before anybody else took the notice, still counts.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::consumer::{self, ConsumerState};
use entity::failure_code::{self, FailureClass};
use entity::gateway_message;
use entity::ids::{ConsumerId, NetworkId, NoticeId};
use entity::notice::{self, NoticeState};
use entity::notice_attempt::AttemptOutcome;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};

use super::attempt::{self, Ending};
use super::lease::{MOST, consumer};
use super::receipt;
use crate::auth::policy::{Action, Target};
use crate::error::{Error, Result};
use crate::services::audit::{Entry, ObjectKind};
use crate::services::write::{Begun, Command, Write};
use crate::services::{Ctx, phone};

/// Longest gateway id, code and text that is kept.
const LONGEST: usize = 200;

/// What became of one item of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It counts.
    Accepted,
    /// It was reported before.
    Repeated,
    /// The lease that it names is over, or the notice has moved on.
    Stale,
    /// There is no such notice for this consumer.
    Unknown,
}

/// A lease, as a report names it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lease {
    /// The notice.
    pub notice: NoticeId,
    /// The fence under which it was handed out.
    pub fence: i64,
}

/// One item of a report, and what became of it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Reported {
    /// The notice.
    pub notice: NoticeId,
    /// Whether the report counts.
    pub verdict: Verdict,
}

/// What came of a report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportOutcome {
    /// Whose.
    pub consumer: ConsumerId,
    /// Item by item, in the order in which they came.
    pub results: Vec<Reported>,
}

/// What a worker says of the notices that it holds.
#[derive(Clone, Debug, Serialize)]
pub enum Report {
    /// The gateway took them; it calls them, or their parts in order, by these ids.
    Accepted(Vec<(Lease, Vec<String>)>),
    /// The gateway did not take one.
    Refused {
        /// Which.
        lease: Lease,
        /// Whether it was asked and did not answer at all.
        unanswered: bool,
        /// Its code.
        code: Option<String>,
        /// Its words.
        text: Option<String>,
    },
    /// They take longer.
    Longer(Vec<Lease>),
}

/// A report of a worker.
#[derive(Clone, Debug, Serialize)]
pub struct ReportDeliveries {
    /// See [`Command`].
    pub idempotency_key: String,
    /// For which consumer.
    pub consumer: ConsumerId,
    /// What it says.
    pub report: Report,
}

impl Command for ReportDeliveries {
    fn name(&self) -> &'static str {
        match self.report {
            Report::Accepted(_) => "ackDeliveries",
            Report::Refused { .. } => "nackDelivery",
            Report::Longer(_) => "extendLease",
        }
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Takes a report in.
pub async fn report(ctx: &Ctx, command: ReportDeliveries) -> Result<ReportOutcome> {
    check(&command.report)?;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let consumer = consumer(ctx, write.conn(), command.consumer).await?;
    ctx.authorize(Action::ReportDeliveries, Target::network(consumer.network_id))?;
    write.in_network(consumer.network_id);
    let now = ctx.now();
    let results = match &command.report {
        Report::Accepted(items) => accept(ctx, &mut write, &consumer, items, now).await?,
        Report::Refused { lease, unanswered, code, text } => {
            let said = (code.as_deref().map(phone::hide), text.as_deref().map(phone::hide));
            vec![refuse(ctx, &mut write, &consumer, lease, *unanswered, said, now).await?]
        }
        Report::Longer(leases) => extend(ctx, &write, &consumer, leases, now).await?,
    };
    if !matches!(command.report, Report::Longer(_)) {
        consumer::Entity::update_many()
            .col_expr(consumer::Column::LastAckAt, Expr::value(now))
            .filter(consumer::Column::Id.eq(consumer.id))
            .exec(write.conn())
            .await?;
        // There is room for more, and a recipient may be free.
        write.wakes_streams();
        write.wakes_relay();
    }
    let outcome = ReportOutcome { consumer: consumer.id, results };
    write.commit(&outcome).await?;
    Ok(outcome)
}

fn check(report: &Report) -> Result<()> {
    let (count, texts): (usize, Vec<&String>) = match report {
        Report::Accepted(items) => (items.len(), items.iter().flat_map(|(_, ids)| ids).collect()),
        Report::Refused { code, text, .. } => (1, [code, text].into_iter().flatten().collect()),
        Report::Longer(leases) => (leases.len(), Vec::new()),
    };
    if count == 0 || count > usize::try_from(MOST).unwrap_or(usize::MAX) {
        return Err(Error::invalid("deliveries", "report 1 to 500 notices at once", "每次报告 1 至 500 条"));
    }
    if texts.iter().any(|text| text.is_empty() || text.len() > LONGEST) {
        return Err(Error::invalid(
            "deliveries",
            "a gateway's id, code or text has 1 to 200 bytes",
            "网关编号、代码或说明应为 1 至 200 字节",
        ));
    }
    Ok(())
}

/// The notices of a report, by id.
async fn rows(
    conn: &impl ConnectionTrait,
    network: NetworkId,
    ids: impl Iterator<Item = NoticeId> + Send,
) -> Result<BTreeMap<NoticeId, notice::Model>> {
    let rows = notice::Entity::find()
        .filter(notice::Column::NetworkId.eq(network))
        .filter(notice::Column::Id.is_in(ids))
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Whether a report under this fence is about the notice as it is, and if not, what it is.
fn judge(row: Option<&notice::Model>, fence: i64) -> Verdict {
    let Some(row) = row else { return Verdict::Unknown };
    if row.fence != fence {
        return Verdict::Stale;
    }
    match row.state {
        NoticeState::Leased | NoticeState::Queued | NoticeState::Unknown => Verdict::Accepted,
        NoticeState::Submitted | NoticeState::Delivered | NoticeState::Expired => Verdict::Repeated,
        NoticeState::Failed if row.submitted_at.is_some() => Verdict::Repeated,
        NoticeState::Failed | NoticeState::Planned | NoticeState::Cancelled => Verdict::Stale,
    }
}

async fn accept(
    ctx: &Ctx,
    write: &mut Write,
    consumer: &consumer::Model,
    items: &[(Lease, Vec<String>)],
    now: DateTime<Utc>,
) -> Result<Vec<Reported>> {
    let conn = write.conn();
    let known = rows(conn, consumer.network_id, items.iter().map(|(lease, _)| lease.notice)).await?;
    let (mut results, mut accepted) = (Vec::with_capacity(items.len()), Vec::new());
    for (lease, gateway_ids) in items {
        let row = known.get(&lease.notice);
        let mut verdict = judge(row, lease.fence);
        if let (Verdict::Accepted, Some(row)) = (verdict, row) {
            let parts =
                if gateway_ids.len() > 1 { i64::try_from(gateway_ids.len()).unwrap_or(1) } else { row.segments };
            if attempt::accept(conn, row, parts, now).await? {
                name_messages(conn, row, gateway_ids).await?;
                accepted.push(row.id);
            } else {
                verdict = Verdict::Stale;
            }
        }
        results.push(Reported { notice: lease.notice, verdict });
    }
    // Receipts that came before this report have been waiting for it.
    receipt::join(conn, consumer.network_id, &accepted, ctx.now()).await?;
    if !accepted.is_empty() {
        let details = serde_json::json!({ "notices": accepted });
        write.record(Entry::new("AckDeliveries", ObjectKind::Consumer, consumer.id.0).with(details));
    }
    Ok(results)
}

/// Remembers what the gateway calls a notice, or each of its parts.
async fn name_messages(conn: &impl ConnectionTrait, row: &notice::Model, gateway_ids: &[String]) -> Result<()> {
    if gateway_ids.is_empty() {
        return Ok(());
    }
    let messages = gateway_ids.iter().zip(1_i64..).map(|(id, part)| gateway_message::ActiveModel {
        id: NotSet,
        network_id: Set(row.network_id),
        gateway_id: Set(id.clone()),
        notice_id: Set(row.id),
        round: Set(row.round),
        segment: Set((gateway_ids.len() > 1).then_some(part)),
    });
    gateway_message::Entity::insert_many(messages)
        .on_conflict(
            OnConflict::columns([gateway_message::Column::NetworkId, gateway_message::Column::GatewayId])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await?;
    Ok(())
}

async fn refuse(
    ctx: &Ctx,
    write: &mut Write,
    consumer: &consumer::Model,
    lease: &Lease,
    unanswered: bool,
    (code, text): (Option<String>, Option<String>),
    now: DateTime<Utc>,
) -> Result<Reported> {
    let conn = write.conn();
    let known = rows(conn, consumer.network_id, std::iter::once(lease.notice)).await?;
    let row = known.get(&lease.notice);
    let verdict = match (judge(row, lease.fence), row) {
        // What was taken away has an attempt of its own by now.
        (Verdict::Accepted, Some(row)) if row.state != NoticeState::Leased => Verdict::Repeated,
        (Verdict::Accepted, Some(row)) => {
            let class = class_of(conn, consumer.network_id, code.as_deref()).await?;
            let outcome = if unanswered { AttemptOutcome::Unanswered } else { AttemptOutcome::Refused };
            let ending = Ending { outcome, class, code: code.clone(), text };
            let settings = ctx.state().delivery();
            let done = if unanswered {
                attempt::hold(conn, settings, row, ending, now).await?
            } else {
                attempt::fail(conn, settings, row, ending, now).await?
            };
            if !unanswered && class == FailureClass::Config {
                pause(conn, consumer, code.as_deref(), now).await?;
            }
            if done {
                let details = serde_json::json!({ "notice": row.id, "code": code, "unanswered": unanswered });
                write.record(Entry::new("NackDelivery", ObjectKind::Consumer, consumer.id.0).with(details));
                Verdict::Accepted
            } else {
                Verdict::Stale
            }
        }
        (verdict, _) => verdict,
    };
    Ok(Reported { notice: lease.notice, verdict })
}

/// What the network's map says of a gateway's code; what it does not name may succeed later.
async fn class_of(conn: &impl ConnectionTrait, network: NetworkId, code: Option<&str>) -> Result<FailureClass> {
    let Some(code) = code else { return Ok(FailureClass::Retryable) };
    let row = failure_code::Entity::find()
        .filter(failure_code::Column::NetworkId.eq(network))
        .filter(failure_code::Column::Code.eq(code))
        .one(conn)
        .await?;
    Ok(row.map_or(FailureClass::Retryable, |row| row.class))
}

/// Stops handing out notices until somebody has mended the account, and says so in the log.
async fn pause(
    conn: &impl ConnectionTrait,
    consumer: &consumer::Model,
    code: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    let reason = format!("the gateway refuses everything: {}", code.unwrap_or_default());
    tracing::error!(consumer.id = %consumer.id, network.id = %consumer.network_id, reason, "a consumer was paused");
    consumer::Entity::update_many()
        .col_expr(consumer::Column::State, Expr::value(ConsumerState::Paused))
        .col_expr(consumer::Column::PausedBecause, Expr::value(reason))
        .col_expr(consumer::Column::PausedAt, Expr::value(now))
        .col_expr(consumer::Column::Version, Expr::col(consumer::Column::Version).add(1))
        .filter(consumer::Column::Id.eq(consumer.id))
        .filter(consumer::Column::State.eq(ConsumerState::Active))
        .exec(conn)
        .await?;
    Ok(())
}

async fn extend(
    ctx: &Ctx,
    write: &Write,
    consumer: &consumer::Model,
    leases: &[Lease],
    now: DateTime<Utc>,
) -> Result<Vec<Reported>> {
    let conn = write.conn();
    let known = rows(conn, consumer.network_id, leases.iter().map(|lease| lease.notice)).await?;
    let mut results = Vec::with_capacity(leases.len());
    for lease in leases {
        let mut verdict = judge(known.get(&lease.notice), lease.fence);
        if verdict == Verdict::Accepted {
            let done = notice::Entity::update_many()
                .col_expr(notice::Column::LeaseUntil, Expr::value(now + ctx.state().delivery().lease))
                .filter(notice::Column::Id.eq(lease.notice))
                .filter(notice::Column::Fence.eq(lease.fence))
                .filter(notice::Column::State.eq(NoticeState::Leased))
                .exec(conn)
                .await?;
            if done.rows_affected == 0 {
                verdict = Verdict::Stale;
            }
        }
        results.push(Reported { notice: lease.notice, verdict });
    }
    Ok(results)
}
