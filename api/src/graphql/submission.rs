//! Submissions (信息). The queries over them stand in `queue`, what can be done to them in `screening`, `drafting` and `adoption`.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::ids::SubmissionId;
use entity::submission as row;

use super::adoption::{Adoption, SendingUp};
use super::audit::{AuditEntry, history};
use super::commission::CommissionAssignment;
use super::context::Reach as _;
use super::endorsement::Endorsement;
use super::enums::{AppraisalDecision, RefusalCode, ScreeningDecision, ScreeningReason, SubmissionState};
use super::errors::{ErrorCode, OrGraphql as _};
use super::ids::GlobalId as _;
use super::judgement::QualityCoefficient;
use super::key_point::KeyPoint;
use super::ladder::{self, SubmissionChain, SubmissionOrigin};
use super::loaders::AnswersWith;
use super::loaders::{
    AdoptionsOf, AppraisalsOf, AuthorsOf, CoefficientsOf, EndorsementsOf, PartsOf, RefusalsOf, RepetitionOf,
    ScreeningsOf, SecondReportsOf, SendingsOf, SimilaritiesOf, ThreadOf,
};
use super::network::Network;
use super::person::Person;
use super::scalars::{Date, Ratio};
use super::unit::Unit;
use super::urgent::UrgentEvent;
use crate::auth::policy::{Action as PolicyAction, allows};
use crate::services::audit::ObjectKind;
use crate::services::submission::circumstances::Circumstances;
use crate::services::submission::{claim, draft, moves};

/// A submission: the report itself, its state and everything that happened to it.
#[derive(Clone)]
pub struct Submission(pub(crate) row::Model);

/// A submission: the report itself, its state and everything that happened to it.
#[Object]
impl Submission {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Counts the changes of this object; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// The network to which it is handed in.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Network> {
        super::network::find(ctx, self.0.network_id).await
    }

    /// The unit that reports.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit_id).await?.map(Unit::of))
    }

    /// Headline.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// The text; null for those who may read figures but no texts.
    async fn body(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<&str>> {
        let readable = allows(ctx.service()?.actor(), PolicyAction::ReadBodies, moves::target(&self.0));
        Ok(readable.then_some(self.0.body.as_str()))
    }

    /// Length of the text in characters, white space left out.
    async fn characters(&self) -> i64 {
        self.0.characters
    }

    /// Code of the kind, as the rulebook declares it.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// Code of the topic, as the rulebook declares it.
    async fn topic(&self) -> Option<&str> {
        self.0.topic.as_deref()
    }

    /// Whether the unit marked it urgent.
    async fn is_urgent(&self) -> bool {
        self.0.urgent
    }

    /// Where it stands.
    async fn state(&self) -> SubmissionState {
        self.0.state.into()
    }

    /// Who wrote it, with their shares.
    async fn authors(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Author>> {
        Ok(ctx.loaders()?.many(AuthorsOf(self.0.id)).await?.into_iter().map(Author).collect())
    }

    /// Who signed it.
    async fn signatory(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        match self.0.signatory_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Person)),
            None => Ok(None),
        }
    }

    /// When it was signed.
    async fn signed_at(&self) -> Option<DateTime<Utc>> {
        self.0.signed_at
    }

    /// How to reach the writer; null for those who may not read the text.
    async fn contact(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<&str>> {
        let readable = allows(ctx.service()?.actor(), PolicyAction::ReadBodies, moves::target(&self.0));
        Ok(self.0.contact.as_deref().filter(|_| readable))
    }

    /// When it was drafted.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last handed in.
    async fn submitted_at(&self) -> Option<DateTime<Utc>> {
        self.0.submitted_at
    }

    /// Local day of the first hand-in that passed receipt; figures are dated by it.
    async fn submitted_on(&self) -> Option<Date> {
        self.0.submitted_on.map(Date)
    }

    /// When the office took it in.
    async fn received_at(&self) -> Option<DateTime<Utc>> {
        self.0.received_at
    }

    /// When it was last returned, declined or adopted.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }

    /// Local day of the event that it reports.
    async fn happened_on(&self) -> Option<Date> {
        self.0.happened_on.map(Date)
    }

    /// The last day on which it was in time, if its kind has a deadline; fixed when it was handed in.
    async fn due_on(&self) -> Option<Date> {
        self.0.due_on.map(Date)
    }

    /// How many days it came after `dueOn`, 0 if it was in time; null if its kind has no deadline.
    async fn late_days(&self) -> Option<i64> {
        self.0.late_days
    }

    /// Whether the unit marked it important.
    async fn is_important(&self) -> bool {
        self.0.important
    }

    /// Who of the office works on it now; null for those who do not see the office's work.
    async fn claim(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Claim>> {
        let service = ctx.service()?;
        let shown = service.scope().sees_network(self.0.network_id);
        Ok(claim::in_force(&self.0, service.now()).filter(|_| shown).map(Claim))
    }

    /// Submissions that say nearly the same (内容雷同), the most alike first.
    async fn similar(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Similar>> {
        Ok(Similar::of(self.0.id, &ctx.loaders()?.many(SimilaritiesOf(self.0.id)).await?))
    }

    /// Whether it counts as the repetition of an earlier submission.
    async fn is_repetition(&self) -> bool {
        self.0.repeats_id.is_some()
    }

    /// The earlier submission that it repeats, if the viewer may know of it.
    async fn repeats(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        match self.0.repeats_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Submission)),
            None => Ok(None),
        }
    }

    /// When an editor last decided whether it repeats another one; null where only the likeness did.
    async fn repetition_decided_at(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<DateTime<Utc>>> {
        Ok(ctx.loaders()?.one(RepetitionOf(self.0.id)).await?.map(|decision| decision.decided_at))
    }

    /// Whether the office made it of several units' submissions (并稿).
    async fn is_composite(&self) -> bool {
        self.0.composite
    }

    /// What a composite was made of, as far as the viewer may know of it.
    async fn parts(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Submission>> {
        if !self.0.composite {
            return Ok(Vec::new());
        }
        Ok(ctx.loaders()?.many(PartsOf(self.0.id)).await?.into_iter().map(Submission).collect())
    }

    /// The composite that it became a part of; what happens further happens to that.
    async fn merged_into(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        match self.0.merged_into_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Submission)),
            None => Ok(None),
        }
    }

    /// Its share of the composite; the shares of the parts add up to 1.
    async fn merged_share(&self) -> Option<Ratio> {
        self.0.merged_share.map(Ratio::from_millionths)
    }

    /// How the office judged it by the screening criteria, oldest first.
    async fn appraisals(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Appraisal>> {
        Ok(ctx.loaders()?.many(AppraisalsOf(self.0.id)).await?.into_iter().map(Appraisal).collect())
    }

    /// What it lacked each time that receipt refused it, oldest first.
    async fn refusals(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Refusal>> {
        Ok(ctx.loaders()?.many(RefusalsOf(self.0.id)).await?.into_iter().map(Refusal).collect())
    }

    /// Why it was shortlisted, returned or declined, oldest first.
    async fn screenings(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Screening>> {
        Ok(ctx.loaders()?.many(ScreeningsOf(self.0.id)).await?.into_iter().map(Screening).collect())
    }

    /// Its adoptions, by day.
    async fn adoptions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Adoption>> {
        Ok(ctx.loaders()?.many(AdoptionsOf(self.0.id)).await?.into_iter().map(Adoption).collect())
    }

    /// Where it was sent up to, by day.
    async fn sent_up(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<SendingUp>> {
        Ok(ctx.loaders()?.many(SendingsOf(self.0.id)).await?.into_iter().map(SendingUp).collect())
    }

    /// Leaders' instructions on it, by day.
    async fn endorsements(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Endorsement>> {
        Ok(ctx.loaders()?.many(EndorsementsOf(self.0.id)).await?.into_iter().map(Endorsement).collect())
    }

    /// Where it came from, if it was sent up from a network below.
    async fn origin(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<SubmissionOrigin>> {
        ladder::origin(ctx, self.0.id).await
    }

    /// Its whole way: adoptions, sendings-up, adoptions and endorsements above, each with its points.
    async fn chain(&self, ctx: &Context<'_>) -> async_graphql::Result<SubmissionChain> {
        ladder::chain_of(ctx, &self.0).await
    }

    /// The report of the same event that counts, if this is a second one (归口) and the viewer may see the first.
    async fn owned_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        match self.0.owned_by_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Submission)),
            None => Ok(None),
        }
    }

    /// Whether it is a second report of an event and counts for nothing.
    async fn is_second_report(&self) -> bool {
        self.0.owned_by_id.is_some()
    }

    /// The second reports of its event that the viewer may see, oldest first.
    async fn second_reports(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Submission>> {
        Ok(ctx.loaders()?.many(SecondReportsOf(self.0.id)).await?.into_iter().map(Submission).collect())
    }

    /// The quality coefficient that was decided for it.
    async fn quality_coefficient(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<QualityCoefficient>> {
        Ok(ctx.loaders()?.many(CoefficientsOf(self.0.id)).await?.pop().map(QualityCoefficient))
    }

    /// The commission's assignment that it answers.
    async fn assignment(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<CommissionAssignment>> {
        match self.0.assignment_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(CommissionAssignment)),
            None => Ok(None),
        }
    }

    /// The urgent event of which it reports a part; the first item of an event's thread stands for all of them where items are counted.
    async fn thread(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<UrgentEvent>> {
        match ctx.loaders()?.one(ThreadOf(self.0.id)).await? {
            Some(part) => Ok(ctx.loaders()?.one(part.event_id).await?.map(UrgentEvent)),
            None => Ok(None),
        }
    }

    /// Key points that it answers, once it has been handed in.
    async fn key_points(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<KeyPoint>> {
        let answers = ctx.loaders()?.many(AnswersWith(self.0.id)).await?;
        let points = ctx.loaders()?.each(answers.iter().map(|answer| answer.key_point_id)).await?;
        Ok(points.into_iter().map(KeyPoint).collect())
    }

    /// What the viewer may do to it now; the mutations decide in the same way.
    async fn actions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Action>> {
        let service = ctx.service()?;
        let rules = draft::rules(service, service.reader(), &self.0).await.or_graphql()?;
        Ok(moves::MOVES.iter().map(|step| self.action(service.actor(), step.action, &rules)).collect())
    }

    /// What was done to it, oldest first.
    async fn history(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<AuditEntry>> {
        history(ctx, ObjectKind::Submission, self.0.id.0).await
    }
}

impl Submission {
    fn action(&self, actor: &crate::auth::actor::Actor, action: PolicyAction, rules: &Circumstances) -> Action {
        Action::new(action, moves::may(actor, action, &self.0, rules))
    }
}

/// Something that could be done to an object, and whether the viewer may do it now.
#[derive(async_graphql::SimpleObject)]
pub struct Action {
    /// Name of the mutation.
    name: String,
    /// Whether it would be carried out now.
    allowed: bool,
    /// Why not, as a code.
    reason_code: Option<ErrorCode>,
    /// Why not, in English.
    reason: Option<String>,
    /// Why not, in Chinese.
    reason_zh: Option<String>,
}

impl Action {
    /// The action and what the services say about it.
    pub(crate) fn new(action: PolicyAction, verdict: crate::error::Result<()>) -> Self {
        let name = action.mutation();
        match verdict {
            Ok(()) => Self { name, allowed: true, reason_code: None, reason: None, reason_zh: None },
            Err(error) => Self {
                name,
                allowed: false,
                reason_code: Some(error.code.into()),
                reason: Some(error.message.into()),
                reason_zh: Some(error.message_zh.into()),
            },
        }
    }
}

/// A writer of a submission.
pub struct Author(pub(crate) entity::submission_author::Model);

/// A writer of a submission.
#[Object]
impl Author {
    /// The writer's account, if they have one that the viewer may know of.
    async fn person(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        match self.0.person_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Person)),
            None => Ok(None),
        }
    }

    /// The writer's name as printed.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The writer's share; the shares of a submission add up to 1.
    async fn share(&self) -> Ratio {
        Ratio::from_millionths(self.0.share)
    }
}

/// One reason why receipt refused a submission.
pub struct Refusal(pub(crate) entity::refusal::Model);

/// One reason why receipt refused a submission.
#[Object]
impl Refusal {
    /// What was missing.
    async fn code(&self) -> RefusalCode {
        self.0.code.into()
    }

    /// The field to complete.
    async fn field(&self) -> &str {
        &self.0.field
    }

    /// What to do, in English.
    async fn message(&self) -> &str {
        refusal_text(self.0.code).0
    }

    /// The same in Chinese.
    async fn message_zh(&self) -> &str {
        refusal_text(self.0.code).1
    }

    /// When.
    async fn refused_at(&self) -> DateTime<Utc> {
        self.0.refused_at
    }
}

fn refusal_text(code: entity::refusal::RefusalCode) -> (&'static str, &'static str) {
    match code {
        entity::refusal::RefusalCode::NoSignatory => {
            ("nobody has signed it; let the person in charge sign", "未注明审签人，请先由审签人审签")
        }
        entity::refusal::RefusalCode::NoWriter => {
            ("no writer is named; name the writers", "未注明撰稿人，请补充撰稿人")
        }
        entity::refusal::RefusalCode::NoContact => {
            ("no contact is given; say how to reach the writer", "未注明联系方式，请补充联系方式")
        }
        entity::refusal::RefusalCode::NoEventDay => {
            ("items of this kind have a deadline; give the day of the event", "该类信息有报送时限，请补充事件发生日期")
        }
        entity::refusal::RefusalCode::TooLong => (
            "it is longer than its kind allows; shorten it or choose another kind",
            "超过该类信息字数上限，请压缩篇幅或改选类型",
        ),
    }
}

/// A decision of the office before it adopts: shortlisted, returned or declined.
pub struct Screening(pub(crate) entity::screening::Model);

/// A decision of the office before it adopts: shortlisted, returned or declined.
#[Object]
impl Screening {
    /// What was decided.
    async fn decision(&self) -> ScreeningDecision {
        self.0.decision.into()
    }

    /// Why, as a code.
    async fn reason(&self) -> ScreeningReason {
        self.0.reason.into()
    }

    /// Why, in words.
    async fn comment(&self) -> Option<&str> {
        self.0.comment.as_deref()
    }

    /// When.
    async fn decided_at(&self) -> DateTime<Utc> {
        self.0.decided_at
    }
}

/// Another submission that says nearly the same.
pub struct Similar {
    other: SubmissionId,
    likeness: i64,
}

impl Similar {
    /// What stands on the other side of each similarity of `id`.
    pub(crate) fn of(id: SubmissionId, rows: &[entity::similarity::Model]) -> Vec<Self> {
        let other =
            |row: &entity::similarity::Model| if row.submission_id == id { row.other_id } else { row.submission_id };
        rows.iter().map(|row| Self { other: other(row), likeness: row.likeness }).collect()
    }
}

/// Another submission that says nearly the same.
#[Object]
impl Similar {
    /// Which; null if the viewer may not know of it.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        Ok(ctx.loaders()?.one(self.other).await?.map(Submission))
    }

    /// How much of the two texts is the same: runs of three characters that both have, among those that either has.
    async fn likeness(&self) -> Ratio {
        Ratio::from_millionths(self.likeness)
    }
}

/// An editor works on a submission; no other decides on it meanwhile.
pub struct Claim(claim::Claim);

/// An editor works on a submission; no other decides on it meanwhile.
#[Object]
impl Claim {
    /// Who.
    async fn person(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        Ok(ctx.loaders()?.one(self.0.by).await?.map(Person))
    }

    /// Since when.
    async fn since(&self) -> DateTime<Utc> {
        self.0.since
    }

    /// When the claim ends by itself.
    async fn until(&self) -> DateTime<Utc> {
        self.0.until
    }
}

/// How the office judged a submission by the screening criteria. What was not judged is null.
pub struct Appraisal(pub(crate) entity::appraisal::Model);

/// How the office judged a submission by the screening criteria. What was not judged is null.
#[Object]
impl Appraisal {
    /// What was decided with it.
    async fn decision(&self) -> AppraisalDecision {
        self.0.decision.into()
    }

    /// Whether it is worth spreading (有推广价值).
    async fn is_worth_spreading(&self) -> Option<bool> {
        self.0.worth_spreading
    }

    /// Whether it judges the matter accurately (研判准确).
    async fn is_accurate(&self) -> Option<bool> {
        self.0.accurate
    }

    /// Whether it comes in time (报送及时).
    async fn is_timely(&self) -> Option<bool> {
        self.0.timely
    }

    /// Whether its suggestions are targeted (建议有针对性).
    async fn is_targeted(&self) -> Option<bool> {
        self.0.targeted
    }

    /// When.
    async fn appraised_at(&self) -> DateTime<Utc> {
        self.0.appraised_at
    }
}
