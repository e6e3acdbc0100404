//! Taking back what was recorded of adoptions and endorsements, and correcting endorsements: here and in every network below.

use async_graphql::{Context, ID, InputObject, Object};

use super::adoption::{AdoptSubmissionPayload, adopted};
use super::context::Reach as _;
use super::endorsement::{EndorseSubmissionPayload, endorsed};
use super::ids::GlobalId;
use super::scalars::Date;
use crate::services::ladder::amend::{self, CorrectEndorsement};
use crate::services::ladder::revoke::{self, RevokeAdoption, RevokeEndorsement};

/// An adoption that does not stand.
#[derive(InputObject)]
pub struct RevokeAdoptionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// The adopted submission.
    submission: ID,
    /// The version of the submission that you read.
    expected_version: i64,
    /// Which adoption of it.
    adoption: ID,
    /// Why, in 1 to 500 characters.
    reason: String,
}

/// An endorsement that does not stand.
#[derive(InputObject)]
pub struct RevokeEndorsementInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// The endorsed submission.
    submission: ID,
    /// The version of the submission that you read.
    expected_version: i64,
    /// Which endorsement of it.
    endorsement: ID,
    /// Why, in 1 to 500 characters.
    reason: String,
}

/// How an endorsement should have been recorded. What is left out stays as it was.
#[derive(InputObject)]
pub struct CorrectEndorsementInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// The endorsed submission.
    submission: ID,
    /// The version of the submission that you read.
    expected_version: i64,
    /// Which endorsement of it.
    endorsement: ID,
    /// The right name of the leader.
    leader: Option<String>,
    /// Code of the leader's right level.
    level: Option<String>,
    /// The leader's right post.
    rank: Option<String>,
    /// Code of the leader's right rank within the level: `principal`, `deputy`, or another that the rulebook declares.
    leader_rank: Option<String>,
    /// What was written indeed.
    text: Option<String>,
    /// With `text`: its passages, word for word, that are for those only who may read confidential parts.
    #[graphql(default)]
    confidential_parts: Vec<String>,
    /// Whether all of it is for those only.
    is_confidential: Option<bool>,
    /// The right local day.
    endorsed_on: Option<Date>,
}

/// Revoking, and correcting endorsements.
#[derive(Default)]
pub struct RevocationMutation;

#[Object]
impl RevocationMutation {
    /// Revokes an adoption, here and in every network below that was told of it. It stays on record and counts for nothing; a closed
    /// period keeps its figures, and the difference is a line of the ledger today. For editors.
    async fn revoke_adoption(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RevokeAdoptionInput,
    ) -> async_graphql::Result<AdoptSubmissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = RevokeAdoption {
                idempotency_key: input.idempotency_key,
                submission: GlobalId::parse(&input.submission, "submission")?,
                expected_version: input.expected_version,
                adoption: GlobalId::parse(&input.adoption, "adoption")?,
                reason: input.reason,
            };
            revoke::adoption(service, command).await
        };
        adopted(ctx, run.await).await
    }

    /// Revokes an endorsement, here and in every network below that was told of it, as `revokeAdoption` does with an adoption. For editors.
    async fn revoke_endorsement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RevokeEndorsementInput,
    ) -> async_graphql::Result<EndorseSubmissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = RevokeEndorsement {
                idempotency_key: input.idempotency_key,
                submission: GlobalId::parse(&input.submission, "submission")?,
                expected_version: input.expected_version,
                endorsement: GlobalId::parse(&input.endorsement, "endorsement")?,
                reason: input.reason,
            };
            revoke::endorsement(service, command).await
        };
        endorsed(ctx, run.await).await
    }

    /// Corrects how an endorsement was recorded, here and in every network below that was told of it. For editors.
    async fn correct_endorsement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CorrectEndorsementInput,
    ) -> async_graphql::Result<EndorseSubmissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = CorrectEndorsement {
                idempotency_key: input.idempotency_key,
                submission: GlobalId::parse(&input.submission, "submission")?,
                expected_version: input.expected_version,
                endorsement: GlobalId::parse(&input.endorsement, "endorsement")?,
                leader: input.leader,
                level: input.level,
                rank: input.rank,
                leader_rank: input.leader_rank,
                text: input.text.map(|text| (text, input.confidential_parts)),
                confidential: input.is_confidential,
                endorsed_on: input.endorsed_on.map(|day| day.0),
            };
            amend::endorsement(service, command).await
        };
        endorsed(ctx, run.await).await
    }
}
