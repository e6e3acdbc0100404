//! The editors' mutations that do not adopt: claiming, shortlisting, returning, declining.

use async_graphql::{Context, ID, InputObject, Object};

use super::context::Reach as _;
use super::drafting::{SubmissionActInput, SubmissionPayload, act, payload};
use super::enums::ScreeningReason;
use super::ids::GlobalId;
use crate::auth::policy::Action;
use crate::services::submission::appraise::Criteria;
use crate::services::submission::screen::{self, ScreenSubmission, Verdict};

/// The screening criteria, as the editor judged them. What was not judged is left out.
#[derive(InputObject, Clone, Copy, Default)]
pub struct CriteriaInput {
    /// Whether it is worth spreading (有推广价值).
    #[graphql(name = "isWorthSpreading")]
    worth_spreading: Option<bool>,
    /// Whether it judges the matter accurately (研判准确).
    #[graphql(name = "isAccurate")]
    accurate: Option<bool>,
    /// Whether it comes in time (报送及时).
    #[graphql(name = "isTimely")]
    timely: Option<bool>,
    /// Whether its suggestions are targeted (建议有针对性).
    #[graphql(name = "isTargeted")]
    targeted: Option<bool>,
}

impl CriteriaInput {
    pub(super) fn criteria(given: Option<Self>) -> Criteria {
        let given = given.unwrap_or_default();
        Criteria {
            worth_spreading: given.worth_spreading,
            accurate: given.accurate,
            timely: given.timely,
            targeted: given.targeted,
        }
    }
}

/// A submission to shortlist.
#[derive(InputObject)]
pub struct ShortlistSubmissionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which submission.
    submission: ID,
    /// The version that you read.
    expected_version: i64,
    /// What speaks for it, as a code.
    reason: ScreeningReason,
    /// The same in words, at most 500 characters.
    comment: Option<String>,
    /// The screening criteria, as far as they were judged.
    criteria: Option<CriteriaInput>,
}

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
    /// The screening criteria, as far as they were judged.
    criteria: Option<CriteriaInput>,
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
    /// The screening criteria, as far as they were judged.
    criteria: Option<CriteriaInput>,
}

/// The editors' first look.
#[derive(Default)]
pub struct ScreeningMutation;

#[Object]
impl ScreeningMutation {
    /// Takes a submission to work on: for two hours, or until it is decided or released, no other editor decides on it.
    /// For editors.
    async fn claim_submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SubmissionActInput,
    ) -> async_graphql::Result<SubmissionPayload> {
        act(ctx, &input, Action::ClaimSubmission).await
    }

    /// Lets go of a submission that was claimed. For the editor who claimed it, and for chief editors.
    async fn release_submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SubmissionActInput,
    ) -> async_graphql::Result<SubmissionPayload> {
        act(ctx, &input, Action::ReleaseSubmission).await
    }

    /// Puts a submission on the list of what may be used (拟用), with the reason that speaks for it. For editors.
    async fn shortlist_submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ShortlistSubmissionInput,
    ) -> async_graphql::Result<SubmissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = ScreenSubmission {
                idempotency_key: input.idempotency_key,
                submission: GlobalId::parse(&input.submission, "submission")?,
                expected_version: input.expected_version,
                verdict: Verdict {
                    decision: entity::screening::ScreeningDecision::Shortlisted,
                    reason: input.reason.into(),
                    comment: input.comment,
                    criteria: CriteriaInput::criteria(input.criteria),
                },
            };
            screen::screen(service, command).await
        };
        payload(ctx, run.await).await
    }

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
                verdict: Verdict {
                    decision: entity::screening::ScreeningDecision::Returned,
                    reason: input.reason.into(),
                    comment: Some(input.comment),
                    criteria: CriteriaInput::criteria(input.criteria),
                },
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
                verdict: Verdict {
                    decision: entity::screening::ScreeningDecision::Declined,
                    reason: input.reason.into(),
                    comment: input.comment,
                    criteria: CriteriaInput::criteria(input.criteria),
                },
            };
            screen::screen(service, command).await
        };
        payload(ctx, run.await).await
    }
}
