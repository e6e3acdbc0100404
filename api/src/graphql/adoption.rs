//! Adoptions and sendings-up, and the mutations that make them.

use analytics::facts::FactKind;
use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::{adoption, sending_up};

use super::closing::{Closing, correction_of, counts_on};
use super::context::Reach as _;
use super::errors::settle;
use super::ids::GlobalId;
use super::ladder::{EchoOf, EchoOrigin, NameOf, echo_of, relay_at};
use super::loaders::{AdoptionsOf, SendingsOf};
use super::network::Network;
use super::payload::payloads;
use super::publication::{Issue, Publication};
use super::scalars::Date;
use super::screening::CriteriaInput;
use super::submission::Submission;
use super::unit::Unit;
use crate::services::submission::adopt::{self, AdoptSubmission, RecordAdoption, SendUpSubmission};

/// A submission adopted by a publication.
#[derive(Clone)]
pub struct Adoption(pub(crate) adoption::Model);

/// A submission adopted by a publication.
#[Object]
impl Adoption {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// What was adopted.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        Ok(ctx.loaders()?.one(self.0.submission_id).await?.map(Submission))
    }

    /// The unit that is credited.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit_id).await?.map(Unit::of))
    }

    /// Which publication adopted it.
    async fn publication(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Publication>> {
        Ok(ctx.loaders()?.one(self.0.publication_id).await?.map(Publication))
    }

    /// In which issue, for the office's own publications, if the viewer may see that issue.
    async fn issue(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Issue>> {
        match self.0.issue_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Issue)),
            None => Ok(None),
        }
    }

    /// Code of the class within the publication.
    async fn class(&self) -> Option<&str> {
        self.0.class.as_deref()
    }

    /// The own publication through which it had been sent up.
    async fn via(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Publication>> {
        match self.0.via_publication_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Publication)),
            None => Ok(None),
        }
    }

    /// Local day of the issue, or of the notice of it.
    async fn adopted_on(&self) -> Date {
        Date(self.0.adopted_on)
    }

    /// Local day on which it counts: its own, or that of its record if it came after its period was closed.
    async fn counts_on(&self, ctx: &Context<'_>) -> async_graphql::Result<Date> {
        counts_on(ctx, self.0.network_id, (FactKind::Adoption, self.0.id.0), self.0.adopted_on).await
    }

    /// The closed period that it corrects, if it came too late for it.
    async fn correction_of(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Closing>> {
        correction_of(ctx, self.0.network_id, (FactKind::Adoption, self.0.id.0)).await
    }

    /// Where it can be read, for a publication that is not the office's own.
    async fn evidence(&self) -> Option<&str> {
        self.0.evidence.as_deref()
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }

    /// When it was revoked; it counts for nothing from then on.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at
    }

    /// Why it was revoked.
    async fn revoked_because(&self) -> Option<&str> {
        self.0.revoked_because.as_deref()
    }

    /// How it came from a network above, if it was not recorded by hand.
    async fn origin(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<EchoOrigin>> {
        echo_of(ctx, EchoOf::Adoption(self.0.id)).await
    }
}

/// A submission sent up to a higher level.
#[derive(Clone)]
pub struct SendingUp(pub(crate) sending_up::Model);

/// A submission sent up to a higher level.
#[Object]
impl SendingUp {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The own publication through which it went.
    async fn publication(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Publication>> {
        Ok(ctx.loaders()?.one(self.0.publication_id).await?.map(Publication))
    }

    /// Code of the level to which it went.
    async fn to_level(&self) -> &str {
        &self.0.to_level
    }

    /// Local day.
    async fn sent_on(&self) -> Date {
        Date(self.0.sent_on)
    }

    /// What it became in the network above, if one of ours stands there and the viewer may see it.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        match relay_at(ctx, self.0.submission_id, &self.0.to_level).await? {
            Some(step) => Ok(ctx.loaders()?.one(step.upper_id).await?.map(Submission)),
            None => Ok(None),
        }
    }

    /// The network above, if one of ours stands there and the viewer may see it.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Network>> {
        match relay_at(ctx, self.0.submission_id, &self.0.to_level).await? {
            Some(step) => Ok(ctx.loaders()?.one(step.upper_network_id).await?.map(Network)),
            None => Ok(None),
        }
    }

    /// What people call the network above; null where none of ours stands, and what comes of it is recorded by hand.
    async fn network_name(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<String>> {
        match relay_at(ctx, self.0.submission_id, &self.0.to_level).await? {
            Some(step) => ctx.loaders()?.one(NameOf(step.upper_network_id)).await,
            None => Ok(None),
        }
    }

    /// Local day on which it counts: its own, or that of its record if it came after its period was closed.
    async fn counts_on(&self, ctx: &Context<'_>) -> async_graphql::Result<Date> {
        counts_on(ctx, self.0.network_id, (FactKind::SendingUp, self.0.id.0), self.0.sent_on).await
    }

    /// The closed period that it corrects, if it came too late for it.
    async fn correction_of(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Closing>> {
        correction_of(ctx, self.0.network_id, (FactKind::SendingUp, self.0.id.0)).await
    }
}

/// A submission to adopt.
#[derive(InputObject)]
pub struct AdoptSubmissionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which submission.
    submission: ID,
    /// The version that you read.
    expected_version: i64,
    /// Into which open issue of an own publication. The adoption counts on the day of the issue.
    issue: ID,
    /// Code of the class within the publication, if it has classes.
    class: Option<String>,
    /// The screening criteria, as far as they were judged.
    criteria: Option<CriteriaInput>,
}

/// An adoption by a publication that is not the office's own.
#[derive(InputObject)]
pub struct RecordAdoptionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which submission.
    submission: ID,
    /// The version that you read.
    expected_version: i64,
    /// Which publication.
    publication: ID,
    /// Code of the class within the publication, if it has classes.
    class: Option<String>,
    /// Local day of its issue.
    adopted_on: Date,
    /// Where it can be read: title, number, date.
    evidence: String,
}

/// A submission to send up.
#[derive(InputObject)]
pub struct SendUpSubmissionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which submission.
    submission: ID,
    /// The version that you read.
    expected_version: i64,
    /// Through which own publication.
    publication: ID,
    /// Code of the level to which it goes.
    to_level: String,
    /// Local day.
    sent_on: Date,
    /// Code of its kind in the network above, if one of ours stands at that level; its own code if left out.
    kind_above: Option<String>,
}

payloads! {
    /// What came of adopting, or of recording an adoption.
    AdoptSubmissionPayload {
        /// The submission.
        submission: Submission,
        /// The adoption.
        adoption: Adoption,
    }
    /// What came of sending up.
    SendUpSubmissionPayload {
        /// The submission.
        submission: Submission,
        /// The sending-up.
        sending_up: SendingUp,
    }
}

pub(crate) async fn adopted(
    ctx: &Context<'_>,
    result: crate::error::Result<adopt::AdoptionOutcome>,
) -> async_graphql::Result<AdoptSubmissionPayload> {
    Ok(match settle(result)? {
        Ok(outcome) => {
            let loaders = ctx.loaders()?;
            let adoptions = loaders.many(AdoptionsOf(outcome.submission)).await?;
            AdoptSubmissionPayload {
                submission: loaders.one(outcome.submission).await?.map(Submission),
                adoption: adoptions.into_iter().find(|row| row.id == outcome.adoption).map(Adoption),
                user_errors: Vec::new(),
            }
        }
        Err(errors) => AdoptSubmissionPayload::refused(errors),
    })
}

/// Adoption, here and higher up.
#[derive(Default)]
pub struct AdoptionMutation;

#[Object]
impl AdoptionMutation {
    /// Adopts a submission into an open issue. A publication adopts a submission once. For editors.
    async fn adopt_submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: AdoptSubmissionInput,
    ) -> async_graphql::Result<AdoptSubmissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = AdoptSubmission {
                idempotency_key: input.idempotency_key,
                submission: GlobalId::parse(&input.submission, "submission")?,
                expected_version: input.expected_version,
                into: adopt::Placing {
                    issue: GlobalId::parse(&input.issue, "issue")?,
                    class: input.class,
                    criteria: CriteriaInput::criteria(input.criteria),
                },
            };
            adopt::adopt(service, command).await
        };
        adopted(ctx, run.await).await
    }

    /// Records that a higher publication adopted a submission, with the evidence. For editors.
    async fn record_adoption(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RecordAdoptionInput,
    ) -> async_graphql::Result<AdoptSubmissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = RecordAdoption {
                idempotency_key: input.idempotency_key,
                submission: GlobalId::parse(&input.submission, "submission")?,
                expected_version: input.expected_version,
                publication: GlobalId::parse(&input.publication, "publication")?,
                class: input.class,
                adopted_on: input.adopted_on.0,
                evidence: input.evidence,
            };
            adopt::record(service, command).await
        };
        adopted(ctx, run.await).await
    }

    /// Sends a submission up to a higher level through an own publication. Where a network of ours stands at that level, it arrives
    /// there as a submission of the unit that runs this network. For editors.
    async fn send_up_submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SendUpSubmissionInput,
    ) -> async_graphql::Result<SendUpSubmissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = SendUpSubmission {
                idempotency_key: input.idempotency_key,
                submission: GlobalId::parse(&input.submission, "submission")?,
                expected_version: input.expected_version,
                publication: GlobalId::parse(&input.publication, "publication")?,
                to_level: input.to_level,
                sent_on: input.sent_on.0,
                kind_above: input.kind_above,
            };
            adopt::send_up(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                let loaders = ctx.loaders()?;
                let sent = loaders.many(SendingsOf(outcome.submission)).await?;
                SendUpSubmissionPayload {
                    submission: loaders.one(outcome.submission).await?.map(Submission),
                    sending_up: sent.into_iter().find(|row| row.id == outcome.sending_up).map(SendingUp),
                    user_errors: Vec::new(),
                }
            }
            Err(errors) => SendUpSubmissionPayload::refused(errors),
        })
    }
}
