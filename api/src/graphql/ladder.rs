//! Networks upon networks: where an item came from, what became of it above, and the whole chain.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::ids::{AdoptionId, EndorsementId, NetworkId, SubmissionId};
use entity::{echo, network, relay};
use sea_orm::{ColumnTrait as _, DbErr, EntityTrait as _, QueryFilter as _};

use super::adoption::{AdoptSubmissionPayload, Adoption, adopted};
use super::context::Reach as _;
use super::endorsement::Endorsement;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::loaders::Rows;
use super::network::Network;
use super::payload::payloads;
use super::scalars::{Date, Points};
use super::submission::Submission;
use crate::services::ladder::chain::{self, Step};
use crate::services::ladder::{self, correct};
use crate::services::submission::own;

/// The step by which a submission came up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RelayTo(pub(crate) SubmissionId);

/// The steps by which a submission went up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RelaysFrom(pub(crate) SubmissionId);

/// What a row of this network was told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum EchoOf {
    Adoption(AdoptionId),
    Endorsement(EndorsementId),
}

/// What people call a network at the end of a visible step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct NameOf(pub(crate) NetworkId);

impl Loader<RelayTo> for Rows {
    type Value = relay::Model;
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[RelayTo]) -> Result<HashMap<RelayTo, Self::Value>, Self::Error> {
        let select = self.scope().relays().filter(relay::Column::UpperId.is_in(keys.iter().map(|key| key.0)));
        Ok(select.all(self.reader()).await?.into_iter().map(|row| (RelayTo(row.upper_id), row)).collect())
    }
}

impl Loader<RelaysFrom> for Rows {
    type Value = Vec<relay::Model>;
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[RelaysFrom]) -> Result<HashMap<RelaysFrom, Self::Value>, Self::Error> {
        let select = self.scope().relays().filter(relay::Column::LowerId.is_in(keys.iter().map(|key| key.0)));
        let mut found: HashMap<RelaysFrom, Self::Value> = HashMap::new();
        for row in select.all(self.reader()).await? {
            found.entry(RelaysFrom(row.lower_id)).or_default().push(row);
        }
        Ok(found)
    }
}

impl Loader<EchoOf> for Rows {
    type Value = echo::Model;
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[EchoOf]) -> Result<HashMap<EchoOf, Self::Value>, Self::Error> {
        let adoptions = keys.iter().filter_map(|key| if let EchoOf::Adoption(id) = key { Some(*id) } else { None });
        let endorsements =
            keys.iter().filter_map(|key| if let EchoOf::Endorsement(id) = key { Some(*id) } else { None });
        let select = self.scope().echoes().filter(
            sea_orm::Condition::any()
                .add(echo::Column::AdoptionId.is_in(adoptions))
                .add(echo::Column::EndorsementId.is_in(endorsements)),
        );
        let mut found = HashMap::new();
        for row in select.all(self.reader()).await? {
            let adoption = row.adoption_id.map(EchoOf::Adoption);
            if let Some(key) = adoption.or(row.endorsement_id.map(EchoOf::Endorsement)) {
                found.insert(key, row);
            }
        }
        Ok(found)
    }
}

impl Loader<NameOf> for Rows {
    type Value = String;
    type Error = Arc<DbErr>;

    async fn load(&self, keys: &[NameOf]) -> Result<HashMap<NameOf, Self::Value>, Self::Error> {
        let select = network::Entity::find().filter(network::Column::Id.is_in(keys.iter().map(|key| key.0)));
        Ok(select.all(self.reader()).await?.into_iter().map(|row| (NameOf(row.id), row.name)).collect())
    }
}

/// The name of a network at the end of a visible step.
async fn name_of(ctx: &Context<'_>, network: NetworkId) -> async_graphql::Result<String> {
    Ok(ctx.loaders()?.one(NameOf(network)).await?.unwrap_or_default())
}

/// Where a submission of an office came from: the item of the network that the office runs.
pub struct SubmissionOrigin(relay::Model);

/// Where a submission of an office came from: the item of the network that the office runs.
#[Object]
impl SubmissionOrigin {
    /// The item below, if the viewer may see it.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        Ok(ctx.loaders()?.one(self.0.lower_id).await?.map(Submission))
    }

    /// The network below, if the viewer may see it.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Network>> {
        Ok(ctx.loaders()?.one(self.0.lower_network_id).await?.map(Network))
    }

    /// What people call the network below.
    async fn network_name(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        name_of(ctx, self.0.lower_network_id).await
    }

    /// When it came up.
    async fn relayed_at(&self) -> DateTime<Utc> {
        self.0.relayed_at
    }
}

/// Where a submission came from, if it came from below.
pub(crate) async fn origin(ctx: &Context<'_>, id: SubmissionId) -> async_graphql::Result<Option<SubmissionOrigin>> {
    Ok(ctx.loaders()?.one(RelayTo(id)).await?.map(SubmissionOrigin))
}

/// The step by which a submission went up to a level, if a network of ours stands there.
pub(crate) async fn relay_at(
    ctx: &Context<'_>,
    id: SubmissionId,
    level: &str,
) -> async_graphql::Result<Option<relay::Model>> {
    Ok(ctx.loaders()?.many(RelaysFrom(id)).await?.into_iter().find(|step| step.to_level == level))
}

/// Where an adoption or an endorsement happened that was told from above: the evidence of it.
pub struct EchoOrigin(echo::Model);

/// Where an adoption or an endorsement happened that was told from above: the evidence of it.
#[Object]
impl EchoOrigin {
    /// The network in which it happened, if the viewer may see it.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Network>> {
        Ok(ctx.loaders()?.one(self.0.source_network_id).await?.map(Network))
    }

    /// What people call that network.
    async fn network_name(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        name_of(ctx, self.0.source_network_id).await
    }

    /// Printed name of the publication that adopted.
    async fn publication(&self) -> Option<&str> {
        self.0.publication.as_deref()
    }

    /// The adoption there, if the viewer may see it.
    async fn adoption(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Adoption>> {
        match self.0.source_adoption_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Adoption)),
            None => Ok(None),
        }
    }

    /// When it was told.
    async fn told_at(&self) -> DateTime<Utc> {
        self.0.told_at
    }
}

/// How an adoption or an endorsement came from above, if it did.
pub(crate) async fn echo_of(ctx: &Context<'_>, key: EchoOf) -> async_graphql::Result<Option<EchoOrigin>> {
    Ok(ctx.loaders()?.one(key).await?.map(EchoOrigin))
}

/// What happened at a step of a chain.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "chain::StepKind")]
pub enum ChainStepKind {
    /// A unit handed it in.
    Submission,
    /// A publication took it up.
    Adoption,
    /// The office sent it on.
    SendingUp,
    /// A leader wrote on it.
    Endorsement,
}

/// The whole way of an item through the networks, and what it was worth.
#[derive(SimpleObject)]
pub struct SubmissionChain {
    /// The steps, by day, from below to above.
    steps: Vec<ChainStep>,
    /// All points that the item gave or took in its own network; null for those who may not read figures.
    points: Option<Points>,
}

/// One step of the way.
pub struct ChainStep(Step);

/// One step of the way.
#[Object]
impl ChainStep {
    /// What happened.
    async fn kind(&self) -> ChainStepKind {
        self.0.kind.into()
    }

    /// How many networks stand below the one in which it happened; 0 where the item was first handed in.
    async fn height(&self) -> i32 {
        i32::try_from(self.0.height).unwrap_or(i32::MAX)
    }

    /// What people call the network in which it happened.
    async fn network_name(&self) -> &str {
        &self.0.network_name
    }

    /// The network in which it happened, if the viewer may see it.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Network>> {
        Ok(ctx.loaders()?.one(self.0.network).await?.map(Network))
    }

    /// Name of the unit that handed it in.
    async fn unit_name(&self) -> Option<&str> {
        self.0.unit_name.as_deref()
    }

    /// Printed name of the publication that adopted it, or through which it went up.
    async fn publication(&self) -> Option<&str> {
        self.0.publication.as_deref()
    }

    /// Code of the level that adopted it, to which it went, or of the leader.
    async fn level(&self) -> Option<&str> {
        self.0.level.as_deref()
    }

    /// Local day.
    async fn day(&self) -> Date {
        Date(self.0.day)
    }

    /// The submission in that network, if the viewer may see it.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        match self.0.submission {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Submission)),
            None => Ok(None),
        }
    }

    /// The adoption, as the submission's own network keeps it.
    async fn adoption(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Adoption>> {
        match self.0.adoption {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Adoption)),
            None => Ok(None),
        }
    }

    /// The endorsement, as the submission's own network keeps it.
    async fn endorsement(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Endorsement>> {
        let Some(id) = self.0.endorsement else { return Ok(None) };
        let service = ctx.service()?;
        let select = service.scope().endorsements().filter(entity::endorsement::Column::Id.eq(id));
        Ok(select.one(service.reader()).await.or_graphql()?.map(Endorsement))
    }

    /// Where it can be read.
    async fn evidence(&self) -> Option<&str> {
        self.0.evidence.as_deref()
    }

    /// What the step gave in the submission's own network; null for those who may not read figures.
    async fn points(&self) -> Option<Points> {
        self.0.points.map(Points)
    }
}

/// The chain of a visible submission.
pub(crate) async fn chain_of(
    ctx: &Context<'_>,
    row: &entity::submission::Model,
) -> async_graphql::Result<SubmissionChain> {
    let chain = chain::of(ctx.service()?, row).await.or_graphql()?;
    Ok(SubmissionChain { steps: chain.steps.into_iter().map(ChainStep).collect(), points: chain.points.map(Points) })
}

/// Which unit of which network above runs a network.
#[derive(InputObject)]
pub struct LinkNetworkInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// The network below.
    network: ID,
    /// The version that you read.
    expected_version: i64,
    /// The unit of the network above that runs it; leave it out to take the link away.
    owner: Option<ID>,
    /// Code of the level, in the rulebook of the network below, at which the network above stands.
    level: Option<String>,
}

/// A second report of an event.
#[derive(InputObject)]
pub struct LinkToOwnerInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// The second report.
    submission: ID,
    /// The version that you read.
    expected_version: i64,
    /// The report of the same event that counts; leave it out to take the link away.
    owner: Option<ID>,
}

/// How an adoption should have been recorded.
#[derive(InputObject)]
pub struct CorrectAdoptionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// The adopted submission.
    submission: ID,
    /// The version of the submission that you read.
    expected_version: i64,
    /// Which adoption of it.
    adoption: ID,
    /// Code of the right class, if the publication has classes.
    class: Option<String>,
    /// The right day, for a publication that is not the office's own; leave it out to keep the day.
    adopted_on: Option<Date>,
    /// Where it can be read, for such a publication; leave it out to keep it.
    evidence: Option<String>,
}

payloads! {
    /// What came of linking a network.
    LinkNetworkPayload {
        /// The network below.
        network: Network,
    }
    /// What came of linking a report to its owner.
    LinkToOwnerPayload {
        /// The second report.
        submission: Submission,
    }
}

/// Linking networks, reports of one event, and corrections that reach every network.
#[derive(Default)]
pub struct LadderMutation;

#[Object]
impl LadderMutation {
    /// Says which unit of which network above runs a network, so that what is sent up arrives there and what comes of it is told
    /// below. For system administrators.
    async fn link_network(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: LinkNetworkInput,
    ) -> async_graphql::Result<LinkNetworkPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = ladder::LinkNetwork {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                expected_version: input.expected_version,
                owner: GlobalId::parse_optional(input.owner.as_ref(), "owner")?,
                level: input.level,
            };
            ladder::link(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => LinkNetworkPayload {
                network: ctx.loaders()?.one(outcome.network).await?.map(Network),
                user_errors: Vec::new(),
            },
            Err(errors) => LinkNetworkPayload::refused(errors),
        })
    }

    /// Links a second report of an event to the report that counts (归口); it counts for no quota and no points. For editors.
    async fn link_to_owner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: LinkToOwnerInput,
    ) -> async_graphql::Result<LinkToOwnerPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = own::LinkToOwner {
                idempotency_key: input.idempotency_key,
                submission: GlobalId::parse(&input.submission, "submission")?,
                expected_version: input.expected_version,
                owner: GlobalId::parse_optional(input.owner.as_ref(), "owner")?,
            };
            own::link(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => LinkToOwnerPayload {
                submission: ctx.loaders()?.one(outcome.submission).await?.map(Submission),
                user_errors: Vec::new(),
            },
            Err(errors) => LinkToOwnerPayload::refused(errors),
        })
    }

    /// Corrects how an adoption was recorded, here and in every network below that was told of it. For editors.
    async fn correct_adoption(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CorrectAdoptionInput,
    ) -> async_graphql::Result<AdoptSubmissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = correct::CorrectAdoption {
                idempotency_key: input.idempotency_key,
                submission: GlobalId::parse(&input.submission, "submission")?,
                expected_version: input.expected_version,
                adoption: GlobalId::parse(&input.adoption, "adoption")?,
                class: input.class,
                adopted_on: input.adopted_on.map(|day| day.0),
                evidence: input.evidence,
            };
            correct::correct(service, command).await
        };
        adopted(ctx, run.await).await
    }
}
