//! The mutations on commissions: issuing, extending, reading, answering, judging, closing.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::ids::{CommissionAssignmentId, CommissionId};

use super::commission::{Commission, CommissionAssignment};
use super::context::Reach as _;
use super::enums::{AssignmentOutcome, ClosureReason, ScreeningReason};
use super::errors::settle;
use super::ids::GlobalId;
use super::payload::payloads;
use crate::error::Result;
use crate::services::commission::answer::{self, AnswerCommission, ReadCommission};
use crate::services::commission::chain::Link;
use crate::services::commission::close::{self, CloseCommission};
use crate::services::commission::extend::{self, ExtendCommission};
use crate::services::commission::issue::{self, Attachment, IssueCommission, Request};
use crate::services::commission::judge::{self, Decision, JudgeAnswer};
use crate::services::commission::rework::{self, ReworkAnswer};
use crate::services::commission::{AssignmentOutcome as OnAssignment, CommissionOutcome};

/// One link of the chain by which a request came.
#[derive(InputObject)]
pub struct OriginLinkInput {
    /// Code of the sender's level, as the rulebook declares it.
    level: Option<String>,
    /// Who sent it on, 1 to 60 characters.
    issuer: String,
    /// The sender's file number.
    reference: Option<String>,
    /// Until when the sender wants the answer; earlier than the link before.
    due_at: DateTime<Utc>,
}

/// A deadline of one unit.
#[derive(InputObject)]
pub struct OwnDeadlineInput {
    /// Which unit; one of those that are asked.
    unit: ID,
    /// Until when.
    due_at: DateTime<Utc>,
}

/// Something that belongs to a request and lies elsewhere. Give its address, its file number, or both.
#[derive(InputObject)]
pub struct CommissionAttachmentInput {
    /// What it is called.
    name: String,
    /// Where it can be fetched, beginning with `https://` or `http://`.
    url: Option<String>,
    /// Its file number.
    file_number: Option<String>,
    /// SHA-256 of its bytes, 64 hexadecimal digits in lower case.
    sha256: Option<String>,
}

/// What is asked of units.
#[derive(InputObject)]
pub struct CommissionRequestInput {
    /// What it is about.
    topic: String,
    /// What is wanted.
    requirement: String,
    /// Code of the level from which the request came; leave it out for the office's own, or for the outermost of the chain.
    origin: Option<String>,
    /// By which way it came, the outermost sender first.
    #[graphql(default)]
    origin_chain: Vec<OriginLinkInput>,
    /// An assignment of a network above that is passed on; the chain comes from there.
    answers_assignment: Option<ID>,
    /// Until when; earlier than every deadline of the chain.
    due_at: DateTime<Utc>,
    /// Who has to answer, 1 to 500 units.
    units: Vec<ID>,
    /// Units with a deadline of their own.
    #[graphql(default)]
    own_deadlines: Vec<OwnDeadlineInput>,
    /// What belongs to it and lies elsewhere, up to 20 things.
    #[graphql(default)]
    attachments: Vec<CommissionAttachmentInput>,
}

impl CommissionRequestInput {
    pub(super) fn request(self) -> Result<Request> {
        let link = |link: OriginLinkInput| Link {
            level: link.level,
            issuer: link.issuer,
            reference: link.reference,
            due_at: link.due_at,
            assignment: None,
        };
        let attachment = |it: CommissionAttachmentInput| Attachment {
            name: it.name,
            url: it.url,
            file_number: it.file_number,
            sha256: it.sha256,
        };
        let own = |own: OwnDeadlineInput| Ok((GlobalId::parse(&own.unit, "ownDeadlines.unit")?, own.due_at));
        Ok(Request {
            topic: self.topic,
            requirement: self.requirement,
            origin: self.origin,
            chain: self.origin_chain.into_iter().map(link).collect(),
            answers: GlobalId::parse_optional(self.answers_assignment.as_ref(), "answersAssignment")?,
            due_at: self.due_at,
            units: self.units.iter().map(|id| GlobalId::parse(id, "units")).collect::<Result<_>>()?,
            own_deadlines: self.own_deadlines.into_iter().map(own).collect::<Result<_>>()?,
            attachments: self.attachments.into_iter().map(attachment).collect(),
        })
    }
}

/// A new commission.
#[derive(InputObject)]
pub struct IssueCommissionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which network asks.
    network: ID,
    /// What is asked.
    #[graphql(flatten)]
    request: CommissionRequestInput,
}

/// More time.
#[derive(InputObject)]
pub struct ExtendCommissionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which commission.
    commission: ID,
    /// The version of the commission that you read.
    expected_version: i64,
    /// For whom; leave it out for everybody who has not answered, and for the commission as a whole.
    assignments: Option<Vec<ID>>,
    /// Until when; later than the present deadline of each, and earlier than every deadline of the chain.
    due_at: DateTime<Utc>,
    /// Why, 1 to 500 characters.
    reason: String,
}

/// A unit's note that it knows what is asked.
#[derive(InputObject)]
pub struct ReadCommissionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which assignment.
    assignment: ID,
    /// The version that you read.
    expected_version: i64,
}

/// An answer that exists already.
#[derive(InputObject)]
pub struct AnswerCommissionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which assignment.
    assignment: ID,
    /// The version of the assignment that you read.
    expected_version: i64,
    /// A submission of the unit that answers nothing else. If it has been handed in, it answers now; if not, it answers when it
    /// is.
    submission: ID,
}

/// A judgement.
#[derive(InputObject)]
pub struct JudgeAnswerInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which assignment.
    assignment: ID,
    /// The version that you read.
    expected_version: i64,
    /// How it ended; it must agree with the deadlines. Leave it out for what they say: answered, late or missed.
    outcome: Option<AssignmentOutcome>,
    /// Why, up to 500 characters.
    comment: Option<String>,
}

/// An answer that goes back.
#[derive(InputObject)]
pub struct ReworkAnswerInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which assignment.
    assignment: ID,
    /// The version that you read.
    expected_version: i64,
    /// Why, as a code.
    #[graphql(default_with = "ScreeningReason::Incomplete")]
    reason: ScreeningReason,
    /// What to change, 1 to 500 characters.
    comment: String,
    /// Until when; the present deadline if left out. When that has passed, a new one must be given.
    due_at: Option<DateTime<Utc>>,
}

/// A unit to let off.
#[derive(InputObject)]
pub struct ExcuseAssignmentInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which assignment.
    assignment: ID,
    /// The version that you read.
    expected_version: i64,
    /// Why, up to 500 characters.
    reason: Option<String>,
}

/// A commission to strike off.
#[derive(InputObject)]
pub struct CloseCommissionInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which commission.
    commission: ID,
    /// The version that you read.
    expected_version: i64,
    /// Why, as a code. All but `COMPLETED` let off whoever has not been judged.
    #[graphql(default_with = "ClosureReason::Completed")]
    code: ClosureReason,
    /// Why, in 1 to 500 characters.
    reason: String,
}

payloads! {
    /// What came of an act on a commission.
    CommissionPayload {
        /// The commission.
        commission: Commission,
    }
    /// What came of an act on an assignment.
    AssignmentPayload {
        /// The assignment.
        assignment: CommissionAssignment,
    }
}

async fn on_assignment(ctx: &Context<'_>, result: Result<OnAssignment>) -> async_graphql::Result<AssignmentPayload> {
    Ok(match settle(result)? {
        Ok(outcome) => AssignmentPayload {
            assignment: ctx.loaders()?.one(outcome.assignment).await?.map(CommissionAssignment),
            user_errors: Vec::new(),
        },
        Err(errors) => AssignmentPayload::refused(errors),
    })
}

async fn payload(ctx: &Context<'_>, result: Result<CommissionOutcome>) -> async_graphql::Result<CommissionPayload> {
    Ok(match settle(result)? {
        Ok(outcome) => CommissionPayload {
            commission: ctx.loaders()?.one(outcome.commission).await?.map(Commission),
            user_errors: Vec::new(),
        },
        Err(errors) => CommissionPayload::refused(errors),
    })
}

/// Issuing, judging and closing commissions. A unit answers by handing in a submission that names its assignment, or with
/// `answerCommission`.
#[derive(Default)]
pub struct CommissionMutation;

#[Object]
impl CommissionMutation {
    /// Asks units for a report by a deadline. For editors.
    async fn issue_commission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: IssueCommissionInput,
    ) -> async_graphql::Result<CommissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = IssueCommission {
                idempotency_key: input.idempotency_key,
                network: GlobalId::parse(&input.network, "network")?,
                request: input.request.request()?,
            };
            issue::issue(service, command).await
        };
        payload(ctx, run.await).await
    }

    /// Sets a later deadline, for some units or for all that have not answered. Who let a deadline pass gets time, and stays
    /// late. For editors.
    async fn extend_commission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ExtendCommissionInput,
    ) -> async_graphql::Result<CommissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let parse = |ids: Vec<ID>| ids.iter().map(|id| GlobalId::parse(id, "assignments")).collect::<Result<_>>();
            let command = ExtendCommission {
                idempotency_key: input.idempotency_key,
                commission: CommissionId::parse(&input.commission, "commission")?,
                expected_version: input.expected_version,
                assignments: input.assignments.map(parse).transpose()?,
                due_at: input.due_at,
                reason: input.reason,
            };
            extend::extend(service, command).await
        };
        payload(ctx, run.await).await
    }

    /// Tells the office that the unit has taken note of what is asked. For the unit's officers and leaders.
    async fn read_commission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ReadCommissionInput,
    ) -> async_graphql::Result<AssignmentPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = ReadCommission {
                idempotency_key: input.idempotency_key,
                assignment: CommissionAssignmentId::parse(&input.assignment, "assignment")?,
                expected_version: input.expected_version,
            };
            answer::read(service, command).await
        };
        on_assignment(ctx, run.await).await
    }

    /// Answers a commission with a submission that the unit has drafted or handed in already. For the unit's officers.
    async fn answer_commission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: AnswerCommissionInput,
    ) -> async_graphql::Result<AssignmentPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = AnswerCommission {
                idempotency_key: input.idempotency_key,
                assignment: CommissionAssignmentId::parse(&input.assignment, "assignment")?,
                expected_version: input.expected_version,
                submission: GlobalId::parse(&input.submission, "submission")?,
            };
            answer::answer(service, command).await
        };
        on_assignment(ctx, run.await).await
    }

    /// Judges an answer, or its absence after the deadline. For editors.
    async fn judge_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: JudgeAnswerInput,
    ) -> async_graphql::Result<AssignmentPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = JudgeAnswer {
                idempotency_key: input.idempotency_key,
                assignment: CommissionAssignmentId::parse(&input.assignment, "assignment")?,
                expected_version: input.expected_version,
                decision: Decision::Judge(input.outcome.map(Into::into)),
                comment: input.comment,
            };
            judge::judge(service, command).await
        };
        on_assignment(ctx, run.await).await
    }

    /// Sends an answer back to the unit, with what to change and perhaps a new deadline. The submission is returned with it. For
    /// editors.
    async fn rework_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ReworkAnswerInput,
    ) -> async_graphql::Result<AssignmentPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = ReworkAnswer {
                idempotency_key: input.idempotency_key,
                assignment: CommissionAssignmentId::parse(&input.assignment, "assignment")?,
                expected_version: input.expected_version,
                reason: input.reason.into(),
                comment: input.comment,
                due_at: input.due_at,
            };
            rework::rework(service, command).await
        };
        on_assignment(ctx, run.await).await
    }

    /// Lets a unit off a commission. For editors.
    async fn excuse_assignment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ExcuseAssignmentInput,
    ) -> async_graphql::Result<AssignmentPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = JudgeAnswer {
                idempotency_key: input.idempotency_key,
                assignment: CommissionAssignmentId::parse(&input.assignment, "assignment")?,
                expected_version: input.expected_version,
                decision: Decision::Excuse,
                comment: input.reason,
            };
            judge::judge(service, command).await
        };
        on_assignment(ctx, run.await).await
    }

    /// Strikes a commission off (销号): as completed once every unit has been judged or excused, or for another reason at any
    /// time. For editors.
    async fn close_commission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CloseCommissionInput,
    ) -> async_graphql::Result<CommissionPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = CloseCommission {
                idempotency_key: input.idempotency_key,
                commission: CommissionId::parse(&input.commission, "commission")?,
                expected_version: input.expected_version,
                code: input.code.into(),
                reason: input.reason,
            };
            close::close(service, command).await
        };
        payload(ctx, run.await).await
    }
}
