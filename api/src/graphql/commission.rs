//! Commissions (约稿) and what each unit owes on them. What can be done to them stands in `commissioning`, the lists in
//! `commission_list`.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{commission as row, commission_assignment, commission_attachment, commission_extension, commission_step};

use super::context::Reach as _;
use super::enums::{AssignmentOutcome, AssignmentState, ClosureReason, CommissionState};
use super::ids::GlobalId;
use super::loaders::{AnswersOf, AssignmentsOf, AttachmentsOf, ClosingsOf, ExtensionsOf, PassedOnAs, StepsOf};
use super::network::Network;
use super::scalars::Date;
use super::submission::{Action, Submission};
use super::unit::Unit;
use crate::services::closing::Closings;
use crate::services::commission::moves::{self, Moment};
use crate::services::commission::standing::{self, Standing};

/// A request for a particular report by a deadline.
#[derive(Clone)]
pub struct Commission(pub(crate) row::Model);

/// A request for a particular report by a deadline.
#[Object]
impl Commission {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Counts the changes of this object; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Who asks.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Network> {
        super::network::find(ctx, self.0.network_id).await
    }

    /// What it is about.
    async fn topic(&self) -> &str {
        &self.0.topic
    }

    /// What is wanted.
    async fn requirement(&self) -> &str {
        &self.0.requirement
    }

    /// Code of the level from which the request came; null if it is the office's own.
    async fn origin(&self) -> Option<&str> {
        self.0.origin.as_deref()
    }

    /// By which way the request came, the outermost sender first; empty if it is the office's own. Each deadline further in is
    /// earlier than the one outside it.
    async fn origin_chain(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<OriginLink>> {
        Ok(ctx.loaders()?.many(StepsOf(self.0.id)).await?.into_iter().map(OriginLink).collect())
    }

    /// The assignment of a network above that this commission passes on, if the viewer may see it.
    async fn answers_assignment(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<CommissionAssignment>> {
        match self.0.answers_assignment_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(CommissionAssignment)),
            None => Ok(None),
        }
    }

    /// What belongs to the request and lies elsewhere.
    async fn attachments(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<CommissionAttachment>> {
        Ok(ctx.loaders()?.many(AttachmentsOf(self.0.id)).await?.into_iter().map(CommissionAttachment).collect())
    }

    /// Until when; a unit may have a deadline of its own.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }

    /// Whether it is open.
    async fn state(&self) -> CommissionState {
        self.0.state.into()
    }

    /// When it was issued.
    async fn issued_at(&self) -> DateTime<Utc> {
        self.0.issued_at
    }

    /// Why it was struck off (销号), as a code.
    async fn closed_reason(&self) -> Option<ClosureReason> {
        self.0.closed_reason.map(Into::into)
    }

    /// Why it was struck off, in words.
    async fn closed_because(&self) -> Option<&str> {
        self.0.closed_because.as_deref()
    }

    /// When it was struck off.
    async fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.0.closed_at
    }

    /// What each unit owes on it, as far as the viewer may see it.
    async fn assignments(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<CommissionAssignment>> {
        Ok(ctx.loaders()?.many(AssignmentsOf(self.0.id)).await?.into_iter().map(CommissionAssignment).collect())
    }

    /// What the viewer may do to it now; the mutations decide in the same way. Closing is offered while it is open; as
    /// `COMPLETED` it is possible only when every unit has been judged or excused.
    async fn actions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Action>> {
        let assignments = ctx.loaders()?.many(AssignmentsOf(self.0.id)).await?;
        let actor = ctx.service()?.actor();
        let verdict = |action| moves::may_commission(actor, action, &self.0, &assignments);
        Ok(moves::ON_COMMISSION.iter().map(|action| Action::new(*action, verdict(*action))).collect())
    }
}

/// One link of the chain by which a commission came to the office.
pub struct OriginLink(commission_step::Model);

/// One link of the chain by which a commission came to the office.
#[Object]
impl OriginLink {
    /// Code of the sender's level, if the rulebook declares it.
    async fn level(&self) -> Option<&str> {
        self.0.level.as_deref()
    }

    /// Who sent it on.
    async fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The sender's file number.
    async fn reference(&self) -> Option<&str> {
        self.0.reference.as_deref()
    }

    /// Until when the sender wants the answer.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }

    /// The assignment that this link is, if the sender works in this system and the viewer may see it.
    async fn assignment(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<CommissionAssignment>> {
        match self.0.assignment_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(CommissionAssignment)),
            None => Ok(None),
        }
    }
}

/// Something that belongs to a commission and lies elsewhere: nothing is stored here but where to find it.
pub struct CommissionAttachment(commission_attachment::Model);

/// Something that belongs to a commission and lies elsewhere: nothing is stored here but where to find it.
#[Object]
impl CommissionAttachment {
    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where it can be fetched.
    async fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
    }

    /// Its file number, for what is on paper or in another system.
    async fn file_number(&self) -> Option<&str> {
        self.0.file_number.as_deref()
    }

    /// SHA-256 of its bytes, 64 hexadecimal digits.
    async fn sha256(&self) -> Option<&str> {
        self.0.sha256.as_deref()
    }
}

/// A unit's part in a commission.
#[derive(Clone)]
pub struct CommissionAssignment(pub(crate) commission_assignment::Model);

/// A unit's part in a commission.
#[Object]
impl CommissionAssignment {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Counts the changes of this object; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// The commission.
    async fn commission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Commission>> {
        Ok(ctx.loaders()?.one(self.0.commission_id).await?.map(Commission))
    }

    /// Who has to answer.
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Unit>> {
        Ok(ctx.loaders()?.one(self.0.unit_id).await?.map(Unit::of))
    }

    /// Deadline in force.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }

    /// The deadline by which lateness is judged: the one that was in force when it passed. An extension that was given later
    /// changes `dueAt` and not this.
    async fn judged_by(&self) -> DateTime<Utc> {
        standing::judged_by(&self.0)
    }

    /// The deadline that passed without an answer in time, if a later one was set afterwards.
    async fn fell_due_at(&self) -> Option<DateTime<Utc>> {
        self.0.fell_due_at
    }

    /// Deadlines that were replaced by later ones, oldest first.
    async fn extensions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<CommissionExtension>> {
        Ok(ctx.loaders()?.many(ExtensionsOf(self.0.id)).await?.into_iter().map(CommissionExtension).collect())
    }

    /// Where it stands now, by the clock.
    async fn state(&self, ctx: &Context<'_>) -> async_graphql::Result<AssignmentState> {
        Ok(Standing::of(&self.0, ctx.service()?.now()).into())
    }

    /// When the unit took note.
    async fn read_at(&self) -> Option<DateTime<Utc>> {
        self.0.read_at
    }

    /// When the unit's answer was handed in.
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }

    /// The submissions that answer it, drafts of the viewer's own unit included; oldest first.
    async fn submissions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Submission>> {
        Ok(ctx.loaders()?.many(AnswersOf(self.0.id)).await?.into_iter().map(Submission).collect())
    }

    /// Commissions with which the unit's own network passes it on, as far as the viewer may see them.
    async fn passed_on_as(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Commission>> {
        Ok(ctx.loaders()?.many(PassedOnAs(self.0.id)).await?.into_iter().map(Commission).collect())
    }

    /// By how many seconds the answer missed the deadline; null if it did not, or has not come.
    async fn late_by_seconds(&self) -> Option<i64> {
        standing::late_by(&self.0).as_ref().map(TimeDelta::num_seconds)
    }

    /// By how many seconds the deadline in force has passed without an answer; null if it is not overdue.
    async fn overdue_by_seconds(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<i64>> {
        let now = ctx.service()?.now();
        Ok(standing::overdue_by(&self.0, now).as_ref().map(TimeDelta::num_seconds))
    }

    /// How it was judged.
    async fn outcome(&self) -> Option<AssignmentOutcome> {
        self.0.outcome.map(Into::into)
    }

    /// How it would be judged now by the deadlines and the time of the answer alone; null while an answer may still come.
    async fn expected_outcome(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<AssignmentOutcome>> {
        Ok(standing::outcome(&self.0, ctx.service()?.now()).map(Into::into))
    }

    /// Local day on which the outcome counts.
    async fn decided_on(&self) -> Option<Date> {
        self.0.decided_on.map(Date)
    }

    /// What the office last said about it: what to rework, why it was judged so, why the unit was excused.
    async fn comment(&self) -> Option<&str> {
        self.0.comment.as_deref()
    }

    /// What the viewer may do to it now; the mutations decide in the same way.
    async fn actions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Action>> {
        let Some(of) = ctx.loaders()?.one(self.0.commission_id).await? else { return Ok(Vec::new()) };
        let service = ctx.service()?;
        let Some(network) = ctx.loaders()?.one(of.network_id).await? else { return Ok(Vec::new()) };
        let closings = Closings::of_rows(ctx.loaders()?.many(ClosingsOf(network.id)).await?);
        let at = Moment::of(service.now(), &self.0, &network, &closings);
        let verdict = |action| moves::may(service.actor(), action, &self.0, &of, &at);
        Ok(moves::ON_ASSIGNMENT.iter().map(|step| Action::new(step.action, verdict(step.action))).collect())
    }
}

/// A deadline that was replaced by a later one.
pub struct CommissionExtension(commission_extension::Model);

/// A deadline that was replaced by a later one.
#[Object]
impl CommissionExtension {
    /// The deadline until then.
    async fn old_due_at(&self) -> DateTime<Utc> {
        self.0.old_due_at
    }

    /// The deadline from then on.
    async fn new_due_at(&self) -> DateTime<Utc> {
        self.0.new_due_at
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// When it was set.
    async fn set_at(&self) -> DateTime<Utc> {
        self.0.set_at
    }
}
