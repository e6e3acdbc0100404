//! The editors' mutations that do not adopt: returning, declining.

use async_graphql::{Context, ID, InputObject, Object};

use super::context::Reach as _;
use super::drafting::{SubmissionPayload, payload};
use super::enums::ScreeningReason;
use super::ids::GlobalId;
use crate::services::submission::screen::{self, ScreenSubmission};

/// A submission to return.
#[derive(InputObject)]
pub struct ReturnSubmissionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which submission.
    submission: ID,
    /// The version that you read.
    expected_version: i64,
    /// Why, as a code.
    reason: ScreeningReason,
    /// What the unit has to change, 1 to 500 characters.
    comment: String,
}

/// A submission to decline.
#[derive(InputObject)]
pub struct DeclineSubmissionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which submission.
    submission: ID,
    /// The version that you read.
    expected_version: i64,
    /// Why, as a code.
    reason: ScreeningReason,
    /// Why, in words.
    comment: Option<String>,
}

/// The editors' first look.
#[derive(Default)]
pub struct ScreeningMutation;

#[Object]
impl ScreeningMutation {
    /// Sends a submission back with a reason; the unit can change it and hand it in again. For editors.
    async fn return_submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ReturnSubmissionInput,
    ) -> async_graphql::Result<SubmissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = ScreenSubmission {
                idempotency_key: input.idempotency_key,
                submission: GlobalId::parse(&input.submission, "submission")?,
                expected_version: input.expected_version,
                decision: entity::screening::ScreeningDecision::Returned,
                reason: input.reason.into(),
                comment: Some(input.comment),
            };
            screen::screen(service, command).await
        };
        payload(ctx, run.await).await
    }

    /// Screens a submission out with a reason. For editors.
    async fn decline_submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: DeclineSubmissionInput,
    ) -> async_graphql::Result<SubmissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = ScreenSubmission {
                idempotency_key: input.idempotency_key,
                submission: GlobalId::parse(&input.submission, "submission")?,
                expected_version: input.expected_version,
                decision: entity::screening::ScreeningDecision::Declined,
                reason: input.reason.into(),
                comment: input.comment,
            };
            screen::screen(service, command).await
        };
        payload(ctx, run.await).await
    }
}
