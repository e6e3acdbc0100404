//! The unit's mutations on its submissions: drafting, editing, signing, handing in, taking back.

use async_graphql::{Context, ID, InputObject, Object};

use super::context::Reach as _;
use super::errors::{UserError, settle};
use super::ids::GlobalId;
use super::loaders::{RefusalsOf, SimilaritiesOf};
use super::payload::payloads;
use super::scalars::{Date, Ratio};
use super::submission::{Refusal, Similar, Submission};
use crate::auth::policy::Action;
use crate::error::Result;
use crate::services::submission::SubmissionOutcome;
use crate::services::submission::draft::{self, Act, Author, Content, CreateSubmission, UpdateSubmission};

/// A writer.
#[derive(InputObject)]
pub struct AuthorInput {
    /// The writer's account.
    person: Option<ID>,
    /// The writer's name; the account's if left out.
    name: Option<String>,
    /// The writer's share. Give one to every writer, adding up to 1, or to none for equal parts.
    share: Option<Ratio>,
}

/// What a submission says.
#[derive(InputObject)]
pub struct SubmissionContentInput {
    /// Code of the kind, as the rulebook declares it.
    kind: String,
    /// Code of the topic, as the rulebook declares it.
    topic: Option<String>,
    /// Headline, 1 to 100 characters.
    #[graphql(validator(chars_max_length = 200))]
    title: String,
    /// The text.
    body: String,
    /// Whether it is urgent.
    #[graphql(default)]
    is_urgent: bool,
    /// Who wrote it.
    #[graphql(default)]
    authors: Vec<AuthorInput>,
    /// How to reach the writer.
    contact: Option<String>,
    /// Local day of the event that it reports. A kind with a deadline needs it: lateness is counted from it.
    happened_on: Option<Date>,
    /// Whether it is important (重要信息); the rulebook may ask for a higher signatory then.
    #[graphql(default)]
    is_important: bool,
}

impl SubmissionContentInput {
    fn content(self) -> Result<Content> {
        let author = |author: AuthorInput| -> Result<Author> {
            Ok(Author {
                person: GlobalId::parse_optional(author.person.as_ref(), "content.authors.person")?,
                name: author.name.unwrap_or_default(),
                share: author.share.map(|share| share.millionths("content.authors.share")).transpose()?,
            })
        };
        Ok(Content {
            kind: self.kind,
            topic: self.topic,
            title: self.title,
            body: self.body,
            urgent: self.is_urgent,
            authors: self.authors.into_iter().map(author).collect::<Result<_>>()?,
            contact: self.contact,
            happened_on: self.happened_on.map(|day| day.0),
            important: self.is_important,
        })
    }
}

/// A new submission.
#[derive(InputObject)]
pub struct CreateSubmissionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// The network to which it will be handed in.
    network: ID,
    /// The unit that reports.
    unit: ID,
    /// The commission's assignment that it answers.
    assignment: Option<ID>,
    /// The key point that it answers.
    key_point: Option<ID>,
    /// What it says.
    content: SubmissionContentInput,
}

/// A changed submission.
#[derive(InputObject)]
pub struct UpdateSubmissionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which submission.
    submission: ID,
    /// The version that you read.
    expected_version: i64,
    /// What it says from now on, all of it.
    content: SubmissionContentInput,
}

/// An act on a submission that needs nothing else.
#[derive(InputObject)]
pub struct SubmissionActInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which submission.
    submission: ID,
    /// The version that you read.
    expected_version: i64,
}

impl SubmissionActInput {
    fn command(&self, action: Action) -> Result<Act> {
        Ok(Act {
            idempotency_key: self.idempotency_key.clone(),
            action,
            submission: GlobalId::parse(&self.submission, "submission")?,
            expected_version: self.expected_version,
        })
    }
}

payloads! {
    /// What came of an act on a submission.
    SubmissionPayload {
        /// The submission.
        submission: Submission,
    }
    /// What came of handing a submission in.
    SubmitSubmissionPayload {
        /// The submission: `SUBMITTED`, or `REFUSED` with the reasons in `refusals`.
        submission: Submission,
        /// What the submission lacks; empty when receipt accepted it.
        refusals: Vec<Refusal>,
        /// Earlier submissions of any unit that say nearly the same: a warning, for what says the same again counts once.
        similar: Vec<Similar>,
    }
}

/// Turns the outcome of a service into a payload with the submission.
pub(super) async fn payload(
    ctx: &Context<'_>,
    result: Result<SubmissionOutcome>,
) -> async_graphql::Result<SubmissionPayload> {
    Ok(match settle(result)? {
        Ok(outcome) => SubmissionPayload {
            submission: ctx.loaders()?.one(outcome.submission).await?.map(Submission),
            user_errors: Vec::new(),
        },
        Err(errors) => SubmissionPayload::refused(errors),
    })
}

/// Carries an act out that needs nothing but the submission.
pub(super) async fn act(
    ctx: &Context<'_>,
    input: &SubmissionActInput,
    action: Action,
) -> async_graphql::Result<SubmissionPayload> {
    let service = ctx.service()?;
    let run = async { draft::act(service, input.command(action)?).await };
    payload(ctx, run.await).await
}

/// The unit's part.
#[derive(Default)]
pub struct DraftingMutation;

#[Object]
impl DraftingMutation {
    /// Drafts a submission. For officers and section chiefs of the unit.
    async fn create_submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateSubmissionInput,
    ) -> async_graphql::Result<SubmissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = CreateSubmission {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                unit: GlobalId::parse(&input.unit, "unit")?,
                assignment: GlobalId::parse_optional(input.assignment.as_ref(), "assignment")?,
                key_point: GlobalId::parse_optional(input.key_point.as_ref(), "keyPoint")?,
                content: input.content.content()?,
            };
            draft::create(service, command).await
        };
        payload(ctx, run.await).await
    }

    /// Changes a submission that is still, or again, the unit's. A signature under the old text is void.
    async fn update_submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: UpdateSubmissionInput,
    ) -> async_graphql::Result<SubmissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = UpdateSubmission {
                idempotency_key: input.idempotency_key,
                submission: GlobalId::parse(&input.submission, "submission")?,
                expected_version: input.expected_version,
                content: input.content.content()?,
            };
            draft::revise(service, command).await
        };
        payload(ctx, run.await).await
    }

    /// Signs a submission (审签), as the person whom the rulebook asks for.
    async fn sign_submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SubmissionActInput,
    ) -> async_graphql::Result<SubmissionPayload> {
        act(ctx, &input, Action::SignSubmission).await
    }

    /// Hands a submission in (报送). One that lacks something required is refused, and the refusal stays on record.
    async fn submit_submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SubmissionActInput,
    ) -> async_graphql::Result<SubmitSubmissionPayload> {
        let service = ctx.service()?;
        let run = async { draft::submit(service, input.command(Action::SubmitSubmission)?).await };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                let loaders = ctx.loaders()?;
                let submission = loaders.one(outcome.submission).await?;
                let last = submission.as_ref().and_then(|row| row.submitted_at);
                let refusals = loaders.many(RefusalsOf(outcome.submission)).await?;
                let refusals = refusals.into_iter().filter(|row| outcome.refused && Some(row.refused_at) == last);
                let similar = loaders.many(SimilaritiesOf(outcome.submission)).await?;
                SubmitSubmissionPayload {
                    similar: Some(Similar::of(outcome.submission, &similar)),
                    refusals: Some(refusals.map(Refusal).collect()),
                    submission: submission.map(Submission),
                    user_errors: Vec::<UserError>::new(),
                }
            }
            Err(errors) => SubmitSubmissionPayload::refused(errors),
        })
    }

    /// Takes a submission back before it is decided.
    async fn withdraw_submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SubmissionActInput,
    ) -> async_graphql::Result<SubmissionPayload> {
        act(ctx, &input, Action::WithdrawSubmission).await
    }

    /// Takes a submission in (签收). For editors.
    async fn receive_submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SubmissionActInput,
    ) -> async_graphql::Result<SubmissionPayload> {
        act(ctx, &input, Action::ReceiveSubmission).await
    }
}
