//! Submissions (信息), and the queries over them. What can be done to them stands in `screening`, `drafting` and `adoption`.

use analytics::rulebook::Rulebook;
use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::ids::{NetworkId, SubmissionId, UnitId};
use entity::{adoption, submission as row};
use sea_orm::{ColumnTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _};

use super::adoption::{Adoption, Endorsement, SendingUp};
use super::audit::{AuditEntry, history};
use super::commission::CommissionAssignment;
use super::context::Reach as _;
use super::enums::{RefusalCode, ScreeningDecision, ScreeningReason, SubmissionState};
use super::errors::{ErrorCode, OrGraphql as _};
use super::ids::GlobalId;
use super::loaders::{AdoptionsOf, AuthorsOf, EndorsementsOf, RefusalsOf, ScreeningsOf, SendingsOf};
use super::network::Network;
use super::page::{List, Page, Sort, SortColumn, list};
use super::person::Person;
use super::scalars::{Date, Ratio};
use super::unit::Unit;
use crate::auth::policy::{Action as PolicyAction, allows};
use crate::auth::scope::Scope;
use crate::services::audit::ObjectKind;
use crate::services::submission::{draft, moves};

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
        Ok(ctx.loaders()?.one(self.0.unit_id).await?.map(Unit))
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

    /// What it lacked each time that receipt refused it, oldest first.
    async fn refusals(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Refusal>> {
        Ok(ctx.loaders()?.many(RefusalsOf(self.0.id)).await?.into_iter().map(Refusal).collect())
    }

    /// Why it was returned or declined, oldest first.
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

    /// The commission's assignment that it answers.
    async fn assignment(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<CommissionAssignment>> {
        match self.0.assignment_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(CommissionAssignment)),
            None => Ok(None),
        }
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
    fn action(&self, actor: &crate::auth::actor::Actor, action: PolicyAction, rules: &Rulebook) -> Action {
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
        let mut name = action.name().to_owned();
        name[..1].make_ascii_lowercase();
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
        entity::refusal::RefusalCode::TooLong => (
            "it is longer than its kind allows; shorten it or choose another kind",
            "超过该类信息字数上限，请压缩篇幅或改选类型",
        ),
    }
}

/// A decision of the office that did not adopt.
pub struct Screening(pub(crate) entity::screening::Model);

/// A decision of the office that did not adopt.
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

/// Which submissions.
#[derive(InputObject, Default)]
pub struct SubmissionWhere {
    /// In one of these states.
    states: Option<Vec<SubmissionState>>,
    /// Of one of these units.
    units: Option<Vec<ID>>,
    /// Of these kinds, by code.
    kinds: Option<Vec<String>>,
    /// On these topics, by code.
    topics: Option<Vec<String>>,
    /// Handed in on this day or later.
    submitted_from: Option<Date>,
    /// Handed in on this day or earlier.
    submitted_to: Option<Date>,
    /// Marked urgent, or not.
    is_urgent: Option<bool>,
    /// Adopted by this publication.
    adopted_by: Option<ID>,
    /// With this text in the title.
    title_contains: Option<String>,
}

/// In which order.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
pub enum SubmissionOrder {
    /// The last drafted first.
    #[default]
    Newest,
    /// The first drafted first.
    Oldest,
    /// By title, character by character.
    Title,
}

fn sort(order: SubmissionOrder) -> Sort<row::Entity> {
    let by_id = |descending| Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending };
    match order {
        SubmissionOrder::Newest => by_id(true),
        SubmissionOrder::Oldest => by_id(false),
        SubmissionOrder::Title => Sort {
            by: Some(SortColumn {
                column: row::Column::Title,
                text: |row: &row::Model| row.title.clone(),
                value: |text| Some(text.into()),
            }),
            ..by_id(false)
        },
    }
}

impl SubmissionWhere {
    fn apply(
        self,
        scope: &Scope,
        mut select: sea_orm::Select<row::Entity>,
    ) -> crate::error::Result<sea_orm::Select<row::Entity>> {
        if let Some(states) = self.states {
            let states = states.into_iter().map(entity::submission::SubmissionState::from);
            select = select.filter(row::Column::State.is_in(states));
        }
        if let Some(units) = self.units {
            let units: Vec<UnitId> =
                units.iter().map(|id| GlobalId::parse(id, "where.units")).collect::<crate::error::Result<_>>()?;
            select = select.filter(row::Column::UnitId.is_in(units));
        }
        if let Some(kinds) = self.kinds {
            select = select.filter(row::Column::Kind.is_in(kinds));
        }
        if let Some(topics) = self.topics {
            select = select.filter(row::Column::Topic.is_in(topics));
        }
        if let Some(from) = self.submitted_from {
            select = select.filter(row::Column::SubmittedOn.gte(from.0));
        }
        if let Some(to) = self.submitted_to {
            select = select.filter(row::Column::SubmittedOn.lte(to.0));
        }
        if let Some(urgent) = self.is_urgent {
            select = select.filter(row::Column::Urgent.eq(urgent));
        }
        if let Some(publication) =
            entity::ids::PublicationId::parse_optional(self.adopted_by.as_ref(), "where.adoptedBy")?
        {
            let adopted = scope
                .adoptions()
                .select_only()
                .column(adoption::Column::SubmissionId)
                .filter(adoption::Column::PublicationId.eq(publication))
                .into_query();
            select = select.filter(row::Column::Id.in_subquery(adopted));
        }
        if let Some(text) = self.title_contains {
            select = select.filter(row::Column::Title.contains(text));
        }
        Ok(select)
    }
}

/// Submissions.
#[derive(Default)]
pub struct SubmissionQuery;

#[Object]
impl SubmissionQuery {
    /// The submission with this id, if the viewer may know of it.
    async fn submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> async_graphql::Result<Option<Submission>> {
        ctx.service()?;
        let id = SubmissionId::parse(&id, "id").or_graphql()?;
        Ok(ctx.loaders()?.one(id).await?.map(Submission))
    }

    /// Submissions of a network that the viewer may see.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn submissions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which submissions.", name = "where")] filter: Option<SubmissionWhere>,
        #[graphql(desc = "In which order.", default)] order_by: SubmissionOrder,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Submission>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let select = service.scope().submissions().filter(row::Column::NetworkId.eq(network));
        let select = filter.unwrap_or_default().apply(service.scope(), select).or_graphql()?;
        list(ctx, service.reader(), select, sort(order_by), Page { first, after, last, before }, Submission).await
    }
}
