//! Circulars (通报): the results of closed periods, published with a digest, corrected by further editions.
//!
//! What was published never changes. Whoever needs the results of a closed period, a notice or a settlement, reads them
//! from here with [`published`].

pub mod compute;
pub mod correct;
pub mod document;
pub mod verify;

use std::collections::BTreeMap;
use std::sync::Arc;

use analytics::period::{Period, PeriodUnit};
use analytics::scoring::Scored;
use entity::circular::{self, CircularKind, CircularState};
use entity::ids::{CircularId, NetworkId};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde::{Deserialize, Serialize};

use self::compute::{Computed, Correction, Row};
use crate::auth::policy::{Action, Target};
use crate::error::{Code, Error, Result, on_unique};
use crate::services::Ctx;
use crate::services::audit::{Entry, ObjectKind};
use crate::services::facts::Snapshot;
use crate::services::score;
use crate::services::write::{Begun, Command};
use crate::state::AppState;

/// A circular with its rows read.
#[derive(Clone, Debug)]
pub struct Published {
    /// The circular.
    pub circular: circular::Model,
    /// Its rows, by category and rank.
    pub rows: Vec<Row>,
}

impl Published {
    /// Reads the rows of a circular.
    pub fn read(circular: circular::Model) -> Result<Self> {
        let rows = serde_json::from_str(&circular.rows).map_err(Error::internal)?;
        Ok(Self { circular, rows })
    }
}

/// The published results of a period in their last edition, if there are any.
pub async fn published(conn: &impl ConnectionTrait, network: NetworkId, period: Period) -> Result<Option<Published>> {
    let row = circular::Entity::find()
        .filter(circular::Column::NetworkId.eq(network))
        .filter(circular::Column::Period.eq(period.to_string()))
        .order_by_desc(circular::Column::Edition)
        .one(conn)
        .await?;
    row.map(Published::read).transpose()
}

/// The results behind a circular: the ledger from which it was made. Refuses if the facts and the rules do not give its digest any more.
pub(crate) async fn frozen(state: &AppState, circular: &circular::Model) -> Result<(Published, Arc<Scored>)> {
    let (published, computed) = verify::computed(state, circular).await?;
    if computed.sha256 == circular.sha256 {
        return Ok((published, computed.scored));
    }
    Err(Error::new(
        Code::WrongState,
        "the circular does not hold against the ledger; verify it first",
        "通报与积分明细不一致，请先核验通报",
    ))
}

/// The circular with `id`, if the actor may know of it.
async fn find(ctx: &Ctx, id: CircularId) -> Result<circular::Model> {
    ctx.scope().circulars().filter(circular::Column::Id.eq(id)).one(ctx.reader()).await?.ok_or_else(Error::not_found)
}

/// The circular with whose places another one compares.
async fn previous(conn: &impl ConnectionTrait, circular: &circular::Model) -> Result<Option<Published>> {
    let Some(id) = circular.previous_id else { return Ok(None) };
    circular::Entity::find_by_id(id).one(conn).await?.map(Published::read).transpose()
}

/// The kind of circular that a period has; none for days and weeks.
pub fn kind_of(period: Period) -> Option<CircularKind> {
    match period.unit() {
        PeriodUnit::Day | PeriodUnit::Week => None,
        PeriodUnit::Month => Some(CircularKind::Monthly),
        PeriodUnit::Quarter => Some(CircularKind::Quarterly),
        PeriodUnit::HalfYear => Some(CircularKind::HalfYearly),
        PeriodUnit::Year => Some(CircularKind::Yearly),
    }
}

/// Publishes the results of a closed period.
#[derive(Clone, Debug, Serialize)]
pub struct PublishCircular {
    /// See [`Command`].
    pub idempotency_key: String,
    /// Whose results.
    pub network: NetworkId,
    /// Of which period.
    pub period: Period,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CircularOutcome {
    /// The circular.
    pub circular: CircularId,
}

impl Command for PublishCircular {
    fn name(&self) -> &'static str {
        "publishCircular"
    }

    fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }
}

/// Publishes the first edition of a period. The period is closed, so the facts in memory cannot change under it.
pub async fn publish(ctx: &Ctx, command: PublishCircular) -> Result<CircularOutcome> {
    ctx.network(ctx.reader(), command.network).await?;
    ctx.authorize(Action::PublishCircular, Target::network(command.network))?;
    let kind = kind_of(command.period).ok_or_else(|| {
        Error::invalid(
            "period",
            "a circular is about a month, a quarter, a half-year or a year",
            "通报的时段须为月、季度、半年或全年",
        )
    })?;
    let snapshot = ctx.facts(command.network).await?;
    if !snapshot.closings.cover(command.period.span()) {
        return Err(Error::new(
            Code::WrongState,
            "the period is not closed; close it first",
            "该时段尚未关账，请先关账",
        )
        .at("period"));
    }
    let previous = published(ctx.reader(), command.network, command.period.previous()).await?;
    let computed = compute::compute(&snapshot, command.period, previous.as_ref(), Vec::new(), BTreeMap::new()).await?;
    let mut write = match ctx.begin(&command).await? {
        Begun::Before(outcome) => return Ok(outcome),
        Begun::Fresh(write) => write,
    };
    let edition = Edition { period: command.period, kind, number: 1, previous: previous.as_ref(), corrected: None };
    let row = edition.row(ctx, &snapshot, &computed, &[])?;
    let taken = || {
        Error::new(
            Code::AlreadyExists,
            "the circular of this period is published; correct it with correctCircular",
            "该时段通报已发布，如需更正请使用“更正通报”",
        )
        .at("period")
    };
    let id =
        circular::Entity::insert(row).exec(write.conn()).await.map_err(|error| on_unique(error, taken))?.last_insert_id;
    write.in_network(command.network);
    write.record(
        Entry::new(Action::PublishCircular.name(), ObjectKind::Circular, id.0)
            .with(serde_json::json!({ "period": command.period, "edition": 1, "sha256": computed.sha256 })),
    );
    let outcome = CircularOutcome { circular: id };
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// An edition on its way into the table.
struct Edition<'a> {
    period: Period,
    kind: CircularKind,
    number: i64,
    previous: Option<&'a Published>,
    /// What changed, and why, in a corrected edition.
    corrected: Option<(String, String)>,
}

impl Edition<'_> {
    fn row(
        self,
        ctx: &Ctx,
        snapshot: &Snapshot,
        computed: &Computed,
        corrections: &[Correction],
    ) -> Result<circular::ActiveModel> {
        let span = self.period.span();
        let rulebooks: Vec<_> = score::rulebooks_in(snapshot, span).iter().map(|version| version.id).collect();
        let (diff, reason) = self.corrected.unzip();
        Ok(circular::ActiveModel {
            id: NotSet,
            network_id: Set(snapshot.network.id),
            period: Set(self.period.to_string()),
            first_day: Set(span.first),
            last_day: Set(span.last),
            kind: Set(self.kind),
            edition: Set(self.number),
            state: Set(CircularState::Published),
            sha256: Set(computed.sha256.clone()),
            rows: Set(serde_json::to_string(&computed.rows).map_err(Error::internal)?),
            rulebooks: Set(serde_json::to_string(&rulebooks).map_err(Error::internal)?),
            data_version: Set(snapshot.data_version),
            previous_id: Set(self.previous.map(|published| published.circular.id)),
            corrections: Set(serde_json::to_string(corrections).map_err(Error::internal)?),
            diff: Set(diff),
            reason: Set(reason),
            published_by: Set(ctx.actor().id()),
            published_at: Set(ctx.now()),
            version: Set(1),
        })
    }
}
