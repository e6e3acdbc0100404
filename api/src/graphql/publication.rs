//! Publications and their issues.

use async_graphql::{Context, ID, InputObject, Object};
use entity::ids::{IssueId, PublicationId};
use entity::{issue as issue_row, publication as row};
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::adoption::Adoption;
use super::context::Reach as _;
use super::enums::IssueState;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::loaders::AdoptionsIn;
use super::network::{Category, Network};
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::scalars::Date;
use super::submission::Action;
use crate::auth::policy::Action as PolicyAction;
use crate::services::{issue, local_day, network_row, rulebook};

/// A publication that adopts submissions: the office's own, or a higher one.
#[derive(Clone)]
pub struct Publication(pub(crate) row::Model);

/// A publication that adopts submissions: the office's own, or a higher one.
#[Object]
impl Publication {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The network in which it counts.
    async fn network(&self, ctx: &Context<'_>) -> async_graphql::Result<Network> {
        super::network::find(ctx, self.0.network_id).await
    }

    /// Code by which the rulebook names it.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Printed name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Code of the level that publishes it.
    async fn level(&self) -> &str {
        &self.0.level
    }

    /// Whether the office itself compiles its issues.
    async fn is_own(&self) -> bool {
        self.0.own
    }

    /// The classes into which it sorts its items; empty if it has none.
    async fn classes(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Category>> {
        let service = ctx.service()?;
        let network = network_row(service.reader(), self.0.network_id).await.or_graphql()?;
        let today = local_day(&network, service.now());
        let rules = rulebook::in_force(service, service.reader(), network.id, today).await.or_graphql()?;
        let declared = rules.publications().iter().find(|declared| declared.id == self.0.code);
        let classes = declared.map(|declared| declared.classes.as_slice()).unwrap_or_default();
        Ok(classes.iter().map(|class| Category { id: class.id.clone(), name: class.name.clone() }).collect())
    }

    /// Its issues that the viewer may see, the last opened first.
    async fn issues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only issues in this state.")] state: Option<IssueState>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<Issue>> {
        let service = ctx.service()?;
        let mut select = service.scope().issues().filter(issue_row::Column::PublicationId.eq(self.0.id));
        if let Some(state) = state {
            select = select.filter(issue_row::Column::State.eq(issue_row::IssueState::from(state)));
        }
        let sort =
            Sort { id: issue_row::Column::Id, id_of: |row: &issue_row::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, Issue).await
    }
}

/// A numbered issue of a publication.
#[derive(Clone)]
pub struct Issue(pub(crate) issue_row::Model);

/// A numbered issue of a publication.
#[Object]
impl Issue {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Counts the changes of this object; give it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// What it is an issue of.
    async fn publication(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Publication>> {
        Ok(ctx.loaders()?.one(self.0.publication_id).await?.map(Publication))
    }

    /// Running number within the year.
    async fn number(&self) -> i64 {
        self.0.number
    }

    /// Calendar year of the number.
    async fn year(&self) -> i64 {
        self.0.year
    }

    /// Date printed on it; its adoptions count on that day.
    async fn date(&self) -> Date {
        Date(self.0.issued_on)
    }

    /// How far it is.
    async fn state(&self) -> IssueState {
        self.0.state.into()
    }

    /// What it contains, as far as the viewer may see it, in its order.
    async fn items(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Adoption>> {
        Ok(ctx.loaders()?.many(AdoptionsIn(self.0.id)).await?.into_iter().map(Adoption).collect())
    }

    /// The issue as one document, with all that it printed; null for those who may not read texts. Members of the network read
    /// what was published.
    async fn document(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<IssueDocument>> {
        let service = ctx.service()?;
        let Some(publication) = ctx.loaders()?.one(self.0.publication_id).await? else { return Ok(None) };
        Ok(issue::document::of(service, &self.0, &publication).await.or_graphql()?.map(IssueDocument))
    }

    /// What the viewer may do to it now.
    async fn actions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Action>> {
        let service = ctx.service()?;
        let Some(publication) = ctx.loaders()?.one(self.0.publication_id).await? else { return Ok(Vec::new()) };
        let verdict =
            |action| Action::new(action, issue::may(service.actor(), action, &self.0, publication.network_id));
        Ok(vec![
            verdict(PolicyAction::ArrangeIssue),
            verdict(PolicyAction::ApproveIssue),
            verdict(PolicyAction::PublishIssue),
        ])
    }
}

/// An issue as one document.
pub struct IssueDocument(issue::document::Document);

/// An issue as one document.
#[Object]
impl IssueDocument {
    /// Name of the publication.
    async fn masthead(&self) -> &str {
        &self.0.masthead
    }

    /// Name of the network that issues it.
    async fn publisher(&self) -> &str {
        &self.0.publisher
    }

    /// Running number within the year.
    async fn number(&self) -> i64 {
        self.0.number
    }

    /// Calendar year of the number.
    async fn year(&self) -> i64 {
        self.0.year
    }

    /// Date printed on it.
    async fn date(&self) -> Date {
        Date(self.0.date)
    }

    /// What it contains, in its order.
    async fn items(&self) -> Vec<IssueDocumentItem<'_>> {
        self.0.items.iter().map(IssueDocumentItem).collect()
    }

    /// All of it as Markdown.
    async fn markdown(&self) -> String {
        self.0.markdown()
    }

    /// All of it as a page of HTML of its own.
    async fn html(&self) -> String {
        self.0.html()
    }
}

/// One item of an issue as it is read.
pub struct IssueDocumentItem<'a>(&'a issue::document::Item);

/// One item of an issue as it is read.
#[Object]
impl IssueDocumentItem<'_> {
    /// Name of the class within the publication.
    async fn class(&self) -> Option<&str> {
        self.0.class.as_deref()
    }

    /// Headline.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// The text.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// Names of the units that reported it.
    async fn units(&self) -> &[String] {
        &self.0.units
    }
}

/// The order of an issue's items.
#[derive(InputObject)]
pub struct ArrangeIssueInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which open issue.
    issue: ID,
    /// The version that you read.
    expected_version: i64,
    /// All its adoptions, each once, the first one first.
    adoptions: Vec<ID>,
}

/// A new issue.
#[derive(InputObject)]
pub struct CreateIssueInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Of which own publication.
    publication: ID,
    /// Date printed on it.
    date: Date,
}

/// An issue to approve or publish.
#[derive(InputObject)]
pub struct IssueActInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which issue.
    issue: ID,
    /// The version that you read.
    expected_version: i64,
}

payloads! {
    /// What came of an act on an issue.
    IssuePayload {
        /// The issue.
        issue: Issue,
    }
}

async fn payload(
    ctx: &Context<'_>,
    result: crate::error::Result<issue::IssueOutcome>,
) -> async_graphql::Result<IssuePayload> {
    Ok(match settle(result)? {
        Ok(outcome) => {
            IssuePayload { issue: ctx.loaders()?.one(outcome.issue).await?.map(Issue), user_errors: Vec::new() }
        }
        Err(errors) => IssuePayload::refused(errors),
    })
}

async fn act(ctx: &Context<'_>, input: IssueActInput, action: PolicyAction) -> async_graphql::Result<IssuePayload> {
    let service = ctx.service()?;
    let run = async {
        let command = issue::MoveIssue {
            idempotency_key: input.idempotency_key,
            action,
            issue: IssueId::parse(&input.issue, "issue")?,
            expected_version: input.expected_version,
        };
        issue::advance(service, command).await
    };
    payload(ctx, run.await).await
}

/// Compiling issues.
#[derive(Default)]
pub struct IssueMutation;

#[Object]
impl IssueMutation {
    /// Opens the next issue of an own publication. For editors.
    async fn create_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateIssueInput,
    ) -> async_graphql::Result<IssuePayload> {
        let service = ctx.service()?;
        let run = async {
            let command = issue::CreateIssue {
                idempotency_key: input.idempotency_key,
                publication: PublicationId::parse(&input.publication, "publication")?,
                issued_on: input.date.0,
            };
            issue::create(service, command).await
        };
        payload(ctx, run.await).await
    }

    /// Puts the items of an open issue into an order. For editors.
    async fn arrange_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ArrangeIssueInput,
    ) -> async_graphql::Result<IssuePayload> {
        let service = ctx.service()?;
        let run = async {
            let order = input.adoptions.iter().map(|id| GlobalId::parse(id, "adoptions"));
            let command = issue::arrange::ArrangeIssue {
                idempotency_key: input.idempotency_key,
                issue: IssueId::parse(&input.issue, "issue")?,
                expected_version: input.expected_version,
                order: order.collect::<crate::error::Result<_>>()?,
            };
            issue::arrange::arrange(service, command).await
        };
        payload(ctx, run.await).await
    }

    /// Approves an open issue; nothing can be added to it any more. For chief editors.
    async fn approve_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: IssueActInput,
    ) -> async_graphql::Result<IssuePayload> {
        act(ctx, input, PolicyAction::ApproveIssue).await
    }

    /// Publishes an approved issue; the members of the network can read it. For chief editors.
    async fn publish_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: IssueActInput,
    ) -> async_graphql::Result<IssuePayload> {
        act(ctx, input, PolicyAction::PublishIssue).await
    }
}
