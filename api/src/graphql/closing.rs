//! Closed periods, and the corrections that come after them.

use analytics::facts::FactKind;
use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, NaiveDate, Utc};
use entity::closing as row;
use entity::ids::NetworkId;

use super::context::Reach as _;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::network::Network;
use super::payload::payloads;
use super::person::Person;
use super::scalars::{Date, PeriodId};
use crate::error::Error;
use crate::services::closing;

/// A period that was closed (关账): nothing that is dated in it changes any more.
#[derive(Clone)]
pub struct Closing(pub(crate) row::Model);

/// A period that was closed (关账): nothing that is dated in it changes any more.
#[Object]
impl Closing {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Whose period.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Network> {
        super::network::find(ctx, self.0.network_id).await
    }

    /// The period that was closed.
    async fn period(&self) -> async_graphql::Result<PeriodId> {
        self.0.period.parse().map(PeriodId).map_err(Error::internal).or_graphql()
    }

    /// Its first day that was not closed before.
    async fn first_day(&self) -> Date {
        Date(self.0.first_day)
    }

    /// Its last day.
    async fn last_day(&self) -> Date {
        Date(self.0.last_day)
    }

    /// Last act of the network that it contains.
    async fn data_version(&self) -> i64 {
        self.0.data_version
    }

    /// Who closed it, if the viewer may know of them.
    async fn closed_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        Ok(ctx.loaders()?.one(self.0.closed_by).await?.map(Person))
    }

    /// When.
    async fn closed_at(&self) -> DateTime<Utc> {
        self.0.closed_at
    }
}

/// The day on which a fact counts: its own, or that of its record if it came after its period was closed.
pub(crate) async fn counts_on(
    ctx: &Context<'_>,
    network: NetworkId,
    fact: (FactKind, i64),
    day: NaiveDate,
) -> async_graphql::Result<Date> {
    let facts = ctx.service()?.facts(network).await.or_graphql()?;
    Ok(Date(facts.facts.day(fact.0, fact.1).unwrap_or(day)))
}

/// The closed period to which a late fact belongs by its own day; none for a fact that came in time.
pub(crate) async fn correction_of(
    ctx: &Context<'_>,
    network: NetworkId,
    fact: (FactKind, i64),
) -> async_graphql::Result<Option<Closing>> {
    let facts = ctx.service()?.facts(network).await.or_graphql()?;
    let own_day = facts.late.get(&fact);
    Ok(own_day.and_then(|day| facts.closings.of(*day)).cloned().map(Closing))
}

/// A period to close.
#[derive(InputObject)]
pub struct ClosePeriodInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Whose period.
    network: ID,
    /// A month, a quarter, a half-year or a year that has ended.
    period: PeriodId,
}

payloads! {
    /// What came of closing a period.
    ClosePeriodPayload {
        /// The closing.
        closing: Closing,
    }
}

/// Closing periods.
#[derive(Default)]
pub struct ClosingMutation;

#[Object]
impl ClosingMutation {
    /// Closes a period that has ended. From then on nothing that is dated in it changes; what is recorded of it later counts as a
    /// correction on the day of the record. Periods are closed in order, and commissions that fell due in them must have been judged.
    /// For chief editors.
    async fn close_period(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ClosePeriodInput,
    ) -> async_graphql::Result<ClosePeriodPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = closing::ClosePeriod {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                period: input.period.0,
            };
            closing::close(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => ClosePeriodPayload {
                closing: ctx.loaders()?.one(outcome.closing).await?.map(Closing),
                user_errors: Vec::new(),
            },
            Err(errors) => ClosePeriodPayload::refused(errors),
        })
    }
}
