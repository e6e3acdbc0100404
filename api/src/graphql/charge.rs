//! Who in the office answers for which units, and the calendar by which they are told.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::ids::{NetworkId, UnitId};
use entity::{charge as row, charge_unit};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};

use super::context::Reach as _;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::network::Network;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::person::Person;
use super::unit::Unit;
use crate::services::notice::{calendar, charge};

/// Posts to which results are taken.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "entity::charge::Post")]
pub enum Post {
    /// 政府主要领导, such as the mayor: answers for every unit.
    Head,
    /// 政府分管领导, such as a vice-mayor: answers for the units in their charge.
    DeputyHead,
    /// 秘书长: answers for every unit.
    SecretaryGeneral,
    /// 分管副秘书长: answers for the units in their charge.
    DeputySecretaryGeneral,
}

/// A post in the office and who holds it (领导分工): whom results are taken to. It gives no right to see anything; roles do.
#[derive(Clone)]
pub struct Charge(pub(crate) row::Model);

/// A post in the office and who holds it (领导分工): whom results are taken to. It gives no right to see anything; roles do.
#[Object]
impl Charge {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// In which network.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Network>> {
        Ok(ctx.loaders()?.one(self.0.network_id).await?.map(Network))
    }

    /// Who; null if the viewer may not know of the person.
    async fn person(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        Ok(ctx.loaders()?.one(self.0.person_id).await?.map(Person))
    }

    /// The post.
    async fn post(&self) -> Post {
        self.0.post.into()
    }

    /// The units in their charge; none for a post that answers for every unit.
    async fn units(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Unit>> {
        let ids: Vec<UnitId> = charge_unit::Entity::find()
            .select_only()
            .column(charge_unit::Column::UnitId)
            .filter(charge_unit::Column::ChargeId.eq(self.0.id))
            .order_by_asc(charge_unit::Column::UnitId)
            .into_tuple()
            .all(ctx.service()?.reader())
            .await
            .or_graphql()?;
        Ok(ctx.loaders()?.each(ids).await?.into_iter().map(Unit::of).collect())
    }

    /// When it was last changed.
    async fn changed_at(&self) -> DateTime<Utc> {
        self.0.changed_at
    }

    /// When the person left the post.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.0.ended_at
    }

    /// Counts the changes; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// Charges.
#[derive(Default)]
pub struct ChargeQuery;

#[Object]
impl ChargeQuery {
    /// Who answers for which units. For the office, and for the administrators.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn charges(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this network.")] network: Option<ID>,
        #[graphql(desc = "Only this post.")] post: Option<Post>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Charge>> {
        let service = ctx.service()?;
        let mut select = service.scope().charges();
        if let Some(network) = NetworkId::parse_optional(network.as_ref(), "network").or_graphql()? {
            select = select.filter(row::Column::NetworkId.eq(network));
        }
        if let Some(post) = post {
            select = select.filter(row::Column::Post.eq(entity::charge::Post::from(post)));
        }
        let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: false };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, Charge).await
    }
}

/// Who answers for which units.
#[derive(InputObject)]
pub struct SetChargeInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// In which network.
    network: ID,
    /// Who.
    person: ID,
    /// In which post.
    post: Post,
    /// All units in their charge, in the place of those that were; none for a head or a secretary-general.
    #[graphql(default)]
    units: Vec<ID>,
    /// The version that you saw; leave it out where the person has not held the post.
    expected_version: Option<i64>,
}

/// A post that somebody leaves.
#[derive(InputObject)]
pub struct EndChargeInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which.
    charge: ID,
    /// Its version that you saw.
    expected_version: i64,
}

/// Working days and sending hours.
#[derive(InputObject)]
pub struct ImportCalendarInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Comma-separated values with the head `day,working,sends_from,sends_until,note`; a line such as
    /// `2026-10-10,yes,08:30,20:00,调休上班` for each day that is unlike an ordinary one. Without hours nothing goes out on a day.
    csv: String,
}

payloads! {
    /// What came of saying who answers for which units.
    SetChargePayload {
        /// The charge.
        charge: Charge,
    }
    /// What came of a post that somebody left.
    EndChargePayload {
        /// The charge.
        charge: Charge,
    }
    /// What came of importing a calendar.
    ImportCalendarPayload {
        /// How many days were taken over.
        days: i64,
        /// The years that they lie in.
        years: Vec<i32>,
    }
}

/// Charges and the calendar.
#[derive(Default)]
pub struct ChargeMutation;

#[Object]
impl ChargeMutation {
    /// Says which units are in somebody's charge, and so whom results about them are taken to. For chief editors.
    async fn set_charge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SetChargeInput,
    ) -> async_graphql::Result<SetChargePayload> {
        let service = ctx.service()?;
        let run = async {
            let units: crate::error::Result<Vec<_>> =
                input.units.iter().map(|unit| GlobalId::parse(unit, "units")).collect();
            let command = charge::SetCharge {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                person: GlobalId::parse(&input.person, "person")?,
                post: input.post.into(),
                units: units?,
                expected_version: input.expected_version,
            };
            charge::set(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => SetChargePayload {
                charge: ctx.loaders()?.one(outcome.charge).await?.map(Charge),
                user_errors: Vec::new(),
            },
            Err(errors) => SetChargePayload::refused(errors),
        })
    }

    /// Takes a post away: its holder is told nothing more. For chief editors.
    async fn end_charge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: EndChargeInput,
    ) -> async_graphql::Result<EndChargePayload> {
        let service = ctx.service()?;
        let run = async {
            let command = charge::EndCharge {
                idempotency_key: input.idempotency_key,
                charge: GlobalId::parse(&input.charge, "charge")?,
                expected_version: input.expected_version,
            };
            charge::end(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => EndChargePayload {
                charge: ctx.loaders()?.one(outcome.charge).await?.map(Charge),
                user_errors: Vec::new(),
            },
            Err(errors) => EndChargePayload::refused(errors),
        })
    }

    /// Takes working days and sending hours over; days that are there already are replaced. For system administrators.
    async fn import_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ImportCalendarInput,
    ) -> async_graphql::Result<ImportCalendarPayload> {
        let service = ctx.service()?;
        let command = calendar::ImportCalendar { idempotency_key: input.idempotency_key, csv: input.csv };
        Ok(match settle(calendar::import(service, command).await)? {
            Ok(outcome) => {
                ImportCalendarPayload { days: Some(outcome.days), years: Some(outcome.years), user_errors: Vec::new() }
            }
            Err(errors) => ImportCalendarPayload::refused(errors),
        })
    }
}
