//! The desk's larger acts: one decision on many submissions, and one submission made of several.

use std::collections::HashMap;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use entity::screening::ScreeningDecision;

use super::context::Reach as _;
use super::drafting::{SubmissionPayload, payload};
use super::enums::ScreeningReason;
use super::errors::{UserError, settle};
use super::ids::GlobalId;
use super::payload::payloads;
use super::scalars::{Date, Ratio};
use super::screening::CriteriaInput;
use super::submission::Submission;
use crate::error::{Error, Result};
use crate::services::submission::adopt;
use crate::services::submission::bulk::{self, BulkScreen, Deed, RowResult};
use crate::services::submission::draft::Content;
use crate::services::submission::merge::{self, MergeSubmissions, Part};
use crate::services::submission::repetition::{self, DecideRepetition};
use crate::services::submission::screen::Verdict;

/// What is done to many submissions.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkDecision {
    /// Take them in.
    Receive,
    /// Put them on the list of what may be used; needs a reason in favour.
    Shortlist,
    /// Send them back; needs a reason and a comment.
    Return,
    /// Screen them out; needs a reason.
    Decline,
    /// Adopt them into an open issue, in the order of the request; needs the issue.
    Adopt,
}

/// What happens after a refusal.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Default)]
#[graphql(remote = "bulk::ErrorPolicy")]
pub enum ErrorPolicy {
    /// The rest is not tried; what was done before stands.
    #[default]
    Stop,
    /// The rest is done.
    Continue,
}

/// One of many submissions.
#[derive(InputObject)]
pub struct BulkItemInput {
    /// Which submission.
    submission: ID,
    /// The version that you read.
    expected_version: i64,
}

/// One decision on many submissions.
#[derive(InputObject)]
pub struct BulkScreenInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// 1 to 100 submissions of one network.
    items: Vec<BulkItemInput>,
    /// What is done to each.
    decision: BulkDecision,
    /// Why, as a code; for everything but taking in and adopting.
    reason: Option<ScreeningReason>,
    /// Why, in words.
    comment: Option<String>,
    /// The screening criteria, as far as they were judged for all of them.
    criteria: Option<CriteriaInput>,
    /// Into which open issue of an own publication they are adopted.
    issue: Option<ID>,
    /// Code of the class within the publication, if they are adopted and it has classes.
    class: Option<String>,
    /// What happens after a refusal.
    #[graphql(default)]
    error_policy: ErrorPolicy,
}

impl BulkScreenInput {
    fn command(self) -> Result<BulkScreen> {
        if self.decision != BulkDecision::Adopt && (self.issue.is_some() || self.class.is_some()) {
            return Err(Error::invalid(
                "issue",
                "an issue and a class belong to adopting; leave them out",
                "期号与类别仅用于采用，请勿填写",
            ));
        }
        let criteria = CriteriaInput::criteria(self.criteria);
        let (reason, comment) = (self.reason, self.comment);
        let screened = |decision| {
            let no_reason = || Error::invalid("reason", "give the reason of the decision", "请选择理由");
            let reason = reason.ok_or_else(no_reason)?.into();
            Ok::<_, Error>(Deed::Screen(Verdict { decision, reason, comment, criteria }))
        };
        let deed = match self.decision {
            BulkDecision::Receive => Deed::Receive,
            BulkDecision::Shortlist => screened(ScreeningDecision::Shortlisted)?,
            BulkDecision::Return => screened(ScreeningDecision::Returned)?,
            BulkDecision::Decline => screened(ScreeningDecision::Declined)?,
            BulkDecision::Adopt => Deed::Adopt(adopt::Placing {
                issue: GlobalId::parse_optional(self.issue.as_ref(), "issue")?
                    .ok_or_else(|| Error::invalid("issue", "give the issue", "请选择采用的期号"))?,
                class: self.class,
                criteria,
            }),
        };
        let item =
            |item: &BulkItemInput| Ok((GlobalId::parse(&item.submission, "items.submission")?, item.expected_version));
        Ok(BulkScreen {
            idempotency_key: self.idempotency_key,
            items: self.items.iter().map(item).collect::<Result<_>>()?,
            deed,
            error_policy: self.error_policy.into(),
        })
    }
}

/// How one of many ended.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkResult {
    /// Done.
    Done,
    /// Refused; `userErrors` says why.
    Refused,
    /// Not tried, because an earlier one was refused.
    NotTried,
}

/// What came of one of many submissions.
#[derive(SimpleObject)]
pub struct BulkRow {
    /// Global id of the submission, as it was given.
    id: ID,
    /// The submission as it is afterwards, if the viewer may know of it.
    submission: Option<Submission>,
    /// How it ended.
    result: BulkResult,
    /// Why it was refused.
    user_errors: Vec<UserError>,
}

/// A part of a composite.
#[derive(InputObject)]
pub struct MergePartInput {
    /// Which submission.
    submission: ID,
    /// The version that you read.
    expected_version: i64,
    /// Its share. Give one to every part, adding up to 1, or to none for equal parts.
    share: Option<Ratio>,
}

/// What a composite says.
#[derive(InputObject)]
pub struct CompositeContentInput {
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
    /// Whether it is important.
    #[graphql(default)]
    is_important: bool,
    /// Local day of the event that it reports.
    happened_on: Option<Date>,
}

/// Submissions to make one of.
#[derive(InputObject)]
pub struct MergeSubmissionsInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// 2 to 20 submissions of units of one network; the unit of the first leads.
    parts: Vec<MergePartInput>,
    /// What the composite says. Its writers are those of the parts.
    content: CompositeContentInput,
}

impl MergeSubmissionsInput {
    fn command(self) -> Result<MergeSubmissions> {
        let part = |part: &MergePartInput| {
            Ok(Part {
                submission: GlobalId::parse(&part.submission, "parts.submission")?,
                expected_version: part.expected_version,
                share: part.share.as_ref().map(|share| share.millionths("parts.share")).transpose()?,
            })
        };
        Ok(MergeSubmissions {
            idempotency_key: self.idempotency_key,
            parts: self.parts.iter().map(part).collect::<Result<_>>()?,
            content: Content {
                kind: self.content.kind,
                topic: self.content.topic,
                title: self.content.title,
                body: self.content.body,
                urgent: self.content.is_urgent,
                authors: Vec::new(),
                contact: None,
                happened_on: self.content.happened_on.map(|day| day.0),
                important: self.content.is_important,
            },
        })
    }
}

/// Whether a submission repeats another one.
#[derive(InputObject)]
pub struct DecideRepetitionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which submission.
    submission: ID,
    /// The version that you read.
    expected_version: i64,
    /// The submission that it says again; leave it out to say that it repeats nothing.
    repeats: Option<ID>,
}

payloads! {
    /// What came of one decision on many submissions.
    BulkScreenPayload {
        /// One row for each submission, in the order of the request.
        rows: Vec<BulkRow>,
    }
}

/// The desk's larger acts.
#[derive(Default)]
pub struct DeskMutation;

#[Object]
impl DeskMutation {
    /// Takes in, shortlists, returns, declines or adopts up to 100 submissions, with a result for each. For editors.
    async fn bulk_screen(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: BulkScreenInput,
    ) -> async_graphql::Result<BulkScreenPayload> {
        let service = ctx.service()?;
        let run = async { bulk::screen(service, input.command()?).await };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                let ids = outcome.rows.iter().map(|row| row.submission);
                let found = ctx.loaders()?.each(ids).await?.into_iter();
                let found: HashMap<_, _> = found.map(|row| (row.id, Submission(row))).collect();
                let mut rows = Vec::with_capacity(outcome.rows.len());
                for row in outcome.rows {
                    let (result, user_errors) = match row.result {
                        RowResult::Done => (BulkResult::Done, Vec::new()),
                        RowResult::NotTried => (BulkResult::NotTried, Vec::new()),
                        RowResult::Refused(refused) => (BulkResult::Refused, vec![Error::from(refused).into()]),
                    };
                    let submission = found.get(&row.submission).cloned();
                    rows.push(BulkRow { id: row.submission.global(), submission, result, user_errors });
                }
                BulkScreenPayload { rows: Some(rows), user_errors: Vec::new() }
            }
            Err(errors) => BulkScreenPayload::refused(errors),
        })
    }

    /// Makes one submission of several units' (并稿), each with its share. The payload holds the composite. For editors.
    async fn merge_submissions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: MergeSubmissionsInput,
    ) -> async_graphql::Result<SubmissionPayload> {
        let service = ctx.service()?;
        let run = async { merge::merge(service, input.command()?).await };
        payload(ctx, run.await).await
    }

    /// Decides whether a submission repeats another one, whatever their likeness is; scores follow. For editors.
    async fn decide_repetition(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: DecideRepetitionInput,
    ) -> async_graphql::Result<SubmissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = DecideRepetition {
                idempotency_key: input.idempotency_key,
                submission: GlobalId::parse(&input.submission, "submission")?,
                expected_version: input.expected_version,
                repeats: GlobalId::parse_optional(input.repeats.as_ref(), "repeats")?,
            };
            repetition::decide(service, command).await
        };
        payload(ctx, run.await).await
    }
}
