//! What a person has been told, in the application.

use async_graphql::{Context, ID, InputObject, Object};
use entity::notice as row;
use sea_orm::{ColumnTrait as _, QueryFilter as _};

use super::context::Reach as _;
use super::errors::{OrGraphql as _, settle};
use super::ids::GlobalId;
use super::notice::Notice;
use super::page::{List, Page, Sort, list};
use super::payload::payloads;
use crate::services::notice::inbox;

/// What the viewer has been told: the same texts that went out as text messages.
pub struct Inbox {
    pub(crate) page: Page,
    pub(crate) unread_only: bool,
}

/// What the viewer has been told: the same texts that went out as text messages.
#[Object]
impl Inbox {
    /// How many the viewer has not read.
    async fn unread_count(&self, ctx: &Context<'_>) -> async_graphql::Result<i64> {
        let service = ctx.service()?;
        let count = inbox::unread(service.reader(), service.actor().id()).await.or_graphql()?;
        Ok(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// The page that was asked for, the last first.
    async fn notices(&self, ctx: &Context<'_>) -> async_graphql::Result<List<Notice>> {
        let service = ctx.service()?;
        let mut select = inbox::of(service.actor().id());
        if self.unread_only {
            select = select.filter(row::Column::ReadAt.is_null());
        }
        let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, self.page.clone(), Notice).await
    }
}

/// Notices that were read.
#[derive(InputObject)]
pub struct MarkReadInput {
    /// A fresh key for each new request; repeat it when you repeat the request.
    idempotency_key: String,
    /// Up to 500 notices of your inbox; all of it, if you name none.
    #[graphql(default)]
    notices: Vec<ID>,
}

payloads! {
    /// What came of marking notices as read.
    MarkReadPayload {
        /// How many had not been read before.
        marked: i64,
        /// What the viewer has been told.
        inbox: Inbox,
    }
}

/// The inbox.
#[derive(Default)]
pub struct InboxMutation;

#[Object]
impl InboxMutation {
    /// Notes that you have read notices of your inbox.
    async fn mark_read(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: MarkReadInput,
    ) -> async_graphql::Result<MarkReadPayload> {
        let service = ctx.service()?;
        let run = async {
            let notices: crate::error::Result<Vec<_>> =
                input.notices.iter().map(|notice| GlobalId::parse(notice, "notices")).collect();
            inbox::mark_read(service, inbox::MarkRead { idempotency_key: input.idempotency_key, notices: notices? })
                .await
        };
        Ok(match settle(run.await)? {
            Ok(outcome) => MarkReadPayload {
                marked: Some(outcome.marked),
                inbox: Some(Inbox { page: Page { first: Some(20), ..Page::default() }, unread_only: false }),
                user_errors: Vec::new(),
            },
            Err(errors) => MarkReadPayload::refused(errors),
        })
    }
}
