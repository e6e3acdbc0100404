//! Hints for screens: something changed, look again.
//!
//! They are not the durable stream: a hint may be lost, and nothing is repeated. Each is checked against the viewer's scope
//! before it is shown, so nobody learns of what they do not see.

use std::future::Future;
use std::sync::Arc;

use async_graphql::{Context, ID, SimpleObject, Subscription};
use entity::ids::{CommissionId, NetworkId, SubmissionId, UnitId};
use entity::{commission, commission_assignment, submission};
use futures::stream::{self, BoxStream};
use futures::{FutureExt as _, StreamExt as _};
use sea_orm::{ColumnTrait as _, QueryFilter as _};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::commission::Commission;
use super::context::Reach as _;
use super::errors::OrGraphql as _;
use super::ids::GlobalId;
use super::scalars::PeriodId;
use super::submission::Submission;
use crate::error::{Error, Result};
use crate::events::Hint;
use crate::http::gate::{Caller, Lifeline};
use crate::services::audit::ObjectKind;
use crate::services::{Ctx, score};

/// A submission that changed.
#[derive(SimpleObject)]
pub struct SubmissionChange {
    /// The submission as it is.
    submission: Submission,
    /// The network's data version from which on it is so.
    data_version: i64,
}

/// A commission that changed.
#[derive(SimpleObject)]
pub struct CommissionChange {
    /// The commission as it is.
    commission: Commission,
    /// The network's data version from which on it is so.
    data_version: i64,
}

/// Says that a ranking may have changed: ask for it again.
#[derive(SimpleObject)]
pub struct RankingChange {
    /// Of which network.
    network: ID,
    /// Of which period.
    period: PeriodId,
    /// The data version that may have changed it.
    data_version: i64,
}

/// What rankings are counted from.
const COUNTED: &[ObjectKind] = &[
    ObjectKind::Submission,
    ObjectKind::Commission,
    ObjectKind::Incident,
    ObjectKind::Training,
    ObjectKind::Staffing,
    ObjectKind::ImportBatch,
    ObjectKind::RulebookVersion,
    ObjectKind::Unit,
    ObjectKind::Network,
];

/// Hints.
#[derive(Default)]
pub struct ChangeSubscription;

#[Subscription]
impl ChangeSubscription {
    /// A hint when a submission that the viewer sees changes. Hints may be lost: a screen that comes back asks again.
    async fn submission_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which network.")] network: ID,
        #[graphql(desc = "Only submissions of this unit.")] unit: Option<ID>,
    ) -> async_graphql::Result<BoxStream<'static, SubmissionChange>> {
        let watcher = Watcher::new(ctx, &network, unit.as_ref()).await?;
        Ok(watcher.watch(&[ObjectKind::Submission], |watcher, hint| async move {
            let mut select = watcher.ctx.scope().submissions().filter(submission::Column::Id.eq(SubmissionId(hint.id)));
            if let Some(unit) = watcher.unit {
                select = select.filter(submission::Column::UnitId.eq(unit));
            }
            let row = select.one(watcher.ctx.reader()).await?;
            Ok(row.map(|row| SubmissionChange { submission: Submission(row), data_version: hint.sequence }))
        }))
    }

    /// A hint when a commission that the viewer sees changes. Hints may be lost.
    async fn commission_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which network.")] network: ID,
        #[graphql(desc = "Only commissions that ask this unit.")] unit: Option<ID>,
    ) -> async_graphql::Result<BoxStream<'static, CommissionChange>> {
        let watcher = Watcher::new(ctx, &network, unit.as_ref()).await?;
        Ok(watcher.watch(&[ObjectKind::Commission], |watcher, hint| async move {
            let (scope, reader) = (watcher.ctx.scope(), watcher.ctx.reader());
            let id = CommissionId(hint.id);
            let row = scope.commissions().filter(commission::Column::Id.eq(id)).one(reader).await?;
            if let Some(unit) = watcher.unit {
                let asked = scope
                    .assignments()
                    .filter(commission_assignment::Column::CommissionId.eq(id))
                    .filter(commission_assignment::Column::UnitId.eq(unit));
                if asked.one(reader).await?.is_none() {
                    return Ok(None);
                }
            }
            Ok(row.map(|row| CommissionChange { commission: Commission(row), data_version: hint.sequence }))
        }))
    }

    /// A hint when something was done that rankings of the network may depend on. Hints may be lost, and several may stand
    /// for one change.
    async fn ranking_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which network.")] network: ID,
        #[graphql(desc = "Of which period.")] period: PeriodId,
    ) -> async_graphql::Result<BoxStream<'static, RankingChange>> {
        let service = ctx.service()?;
        let id: NetworkId = GlobalId::parse(&network, "network").or_graphql()?;
        score::readable_network(service, id).await.or_graphql()?;
        let watcher = Watcher::new(ctx, &network, None).await?;
        Ok(watcher.watch(COUNTED, move |watcher, hint| async move {
            Ok(Some(RankingChange { network: watcher.network.global(), period, data_version: hint.sequence }))
        }))
    }
}

/// Somebody who waits for hints.
struct Watcher {
    ctx: Ctx,
    network: NetworkId,
    unit: Option<UnitId>,
    hints: Receiver<Hint>,
    life: Lifeline,
}

/// What a check of a hint works with.
#[derive(Clone)]
struct Watched {
    ctx: Ctx,
    network: NetworkId,
    unit: Option<UnitId>,
}

impl Watcher {
    async fn new(ctx: &Context<'_>, network: &ID, unit: Option<&ID>) -> async_graphql::Result<Self> {
        let service = ctx.service()?;
        let run = async {
            let network = GlobalId::parse(network, "network")?;
            service.network(service.reader(), network).await?;
            Ok::<_, Error>((network, GlobalId::parse_optional(unit, "unit")?))
        };
        let (network, unit) = run.await.or_graphql()?;
        let life = ctx.data::<Caller>()?.life.clone();
        Ok(Self { ctx: service.clone(), network, unit, hints: service.state().events().hints(), life })
    }

    /// Hints of these kinds that `check` lets through, until the caller's time is over.
    fn watch<T, F, Fut>(self, kinds: &'static [ObjectKind], check: F) -> BoxStream<'static, T>
    where
        T: Send + 'static,
        F: Fn(Watched, Hint) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Option<T>>> + Send + 'static,
    {
        let Self { ctx, network, unit, hints, life } = self;
        let (watched, check) = (Watched { ctx, network, unit }, Arc::new(check));
        let rows = stream::unfold(hints, move |mut hints| async move {
            loop {
                match hints.recv().await {
                    Ok(hint) if hint.network == network && kinds.contains(&hint.kind) => return Some((hint, hints)),
                    // Whoever reads too slowly loses some.
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            }
        });
        rows.filter_map(move |hint| {
            let (watched, check) = (watched.clone(), Arc::clone(&check));
            async move {
                match check(watched, hint).await {
                    Ok(change) => change,
                    Err(error) => {
                        tracing::error!(%error, cause = ?error.source, "a hint could not be checked");
                        None
                    }
                }
            }
        })
        .take_until(life.over().map(drop))
        .boxed()
    }
}
