//! The library of excellent manuscripts (优稿库), for everybody in the network to learn from.

use async_graphql::{Context, ID, InputObject, Object};
use entity::ids::NetworkId;
use entity::library_item as row;
use entity::{submission, unit};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::adoption::Adoption;
use super::context::Reach as _;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::loaders::{AdoptionsOf, KeptText};
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use super::scalars::Date;
use super::submission::Submission;
use crate::services::library::{self, AddToLibrary};
use crate::services::search;

/// An adopted submission that the office keeps for its units to learn from (优稿库).
#[derive(Clone)]
pub struct LibraryItem(pub(crate) row::Model);

/// An adopted submission that the office keeps for its units to learn from (优稿库).
#[Object]
impl LibraryItem {
    /// Global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// The submission itself, if the viewer may know of it; everybody in the network may read what is here.
    async fn submission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Submission>> {
        Ok(ctx.loaders()?.one(self.0.submission_id).await?.map(Submission))
    }

    /// Headline.
    async fn title(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(self.text(ctx).await?.0.title)
    }

    /// The text.
    async fn body(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(self.text(ctx).await?.0.body)
    }

    /// Code of the kind.
    async fn kind(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(self.text(ctx).await?.0.kind)
    }

    /// Code of the topic.
    async fn topic(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<String>> {
        Ok(self.text(ctx).await?.0.topic)
    }

    /// Name of the unit that reported it.
    async fn unit_name(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        Ok(self.text(ctx).await?.1.name)
    }

    /// What is good about it.
    async fn comment(&self) -> &str {
        &self.0.comment
    }

    /// Local day on which it came in.
    async fn added_on(&self) -> Date {
        Date(self.0.added_on)
    }

    /// Its adoptions, as far as the viewer may see them, by day.
    async fn adoptions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Adoption>> {
        Ok(ctx.loaders()?.many(AdoptionsOf(self.0.submission_id)).await?.into_iter().map(Adoption).collect())
    }
}

impl LibraryItem {
    async fn text(&self, ctx: &Context<'_>) -> async_graphql::Result<(submission::Model, unit::Model)> {
        let kept = ctx.loaders()?.one(KeptText(self.0.submission_id)).await?;
        kept.ok_or_else(|| crate::error::Error::internal(anyhow::anyhow!("a library item has a submission")))
            .or_graphql()
    }
}

/// Which items of the library.
#[derive(InputObject, Default)]
pub struct LibraryWhere {
    /// With all these words, apart by spaces, in the title or in the text. Chinese words of any length are found.
    text: Option<String>,
    /// Of these kinds, by code.
    kinds: Option<Vec<String>>,
    /// On these topics, by code.
    topics: Option<Vec<String>>,
    /// Added on this day or later.
    added_from: Option<Date>,
    /// Added on this day or earlier.
    added_to: Option<Date>,
}

/// The library.
#[derive(Default)]
pub struct LibraryQuery;

#[Object]
impl LibraryQuery {
    /// The library of excellent manuscripts of a network, the last added first. For everybody in the network.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn library_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network.")] network: ID,
        #[graphql(desc = "Which items.", name = "where")] filter: Option<LibraryWhere>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<LibraryItem>> {
        let service = ctx.service()?;
        let network = NetworkId::parse(&network, "network").or_graphql()?;
        let filter = filter.unwrap_or_default();
        let mut select = service.scope().library_items().filter(row::Column::NetworkId.eq(network));
        if let Some(from) = filter.added_from {
            select = select.filter(row::Column::AddedOn.gte(from.0));
        }
        if let Some(to) = filter.added_to {
            select = select.filter(row::Column::AddedOn.lte(to.0));
        }
        let of = |ids: SelectStatement| row::Column::SubmissionId.in_subquery(ids);
        if let Some(text) = filter.text {
            let backend = service.reader().get_database_backend();
            select = select.filter(of(search::matching_kept(backend, &text, "where.text").or_graphql()?));
        }
        if filter.kinds.is_some() || filter.topics.is_some() {
            select = select.filter(of(library::about(filter.kinds, filter.topics)));
        }
        let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, LibraryItem).await
    }
}

/// A submission for the library.
#[derive(InputObject)]
pub struct AddToLibraryInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Which adopted submission.
    submission: ID,
    /// What is good about it, 1 to 500 characters.
    comment: String,
}

payloads! {
    /// What came of putting a submission into the library.
    AddToLibraryPayload {
        /// The item.
        item: LibraryItem,
    }
}

/// Keeping the library.
#[derive(Default)]
pub struct LibraryMutation;

#[Object]
impl LibraryMutation {
    /// Puts an adopted submission into the library of excellent manuscripts. For editors.
    async fn add_to_library(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: AddToLibraryInput,
    ) -> async_graphql::Result<AddToLibraryPayload> {
        let service = ctx.service()?;
        let run = async {
            let command = AddToLibrary {
                idempotency_key: input.idempotency_key,
                submission: GlobalId::parse(&input.submission, "submission")?,
                comment: input.comment,
            };
            library::add(service, command).await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => {
                let select = service.scope().library_items().filter(row::Column::Id.eq(outcome.item));
                let item = select.one(service.reader()).await.or_graphql()?.map(LibraryItem);
                AddToLibraryPayload { item, user_errors: Vec::new() }
            }
            Err(errors) => AddToLibraryPayload::refused(errors),
        })
    }
}
