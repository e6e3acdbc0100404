//! The audit log, as far as somebody may read it.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::audit as row;
use entity::ids::PersonId;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::context::Reach as _;
use super::errors::OrGraphql as _;
use super::ids::{GlobalId, decode};
use super::page::{List, Page, Sort, list};
use super::person::Person;
use crate::auth::policy::{Action, Target};
use crate::error::Error;
use crate::services::audit::{ObjectKind, REFUSALS};

/// One act, on record for ever.
#[derive(Clone)]
pub struct AuditEntry(pub(crate) row::Model);

/// One act, on record for ever.
#[Object]
impl AuditEntry {
    /// Global id.
    async fn id(&self) -> ID {
        self.0.id.global()
    }

    /// Place in its chain, from 1, without gaps.
    async fn sequence(&self) -> i64 {
        self.0.sequence
    }

    /// When.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// Who, if the viewer may know of them; null for the server itself.
    async fn actor(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Person>> {
        match self.0.actor_id {
            Some(id) => Ok(ctx.loaders()?.one(id).await?.map(Person)),
            None => Ok(None),
        }
    }

    /// What was done.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// To what kind of object.
    async fn object_kind(&self) -> &str {
        &self.0.object_kind
    }

    /// State before.
    async fn from_state(&self) -> Option<&str> {
        self.0.from_state.as_deref()
    }

    /// State after.
    async fn to_state(&self) -> Option<&str> {
        self.0.to_state.as_deref()
    }

    /// Whether it was refused: then nothing was done, and `details` says why.
    async fn is_refused(&self) -> bool {
        self.0.chain == REFUSALS
    }

    /// More, as JSON; for a refused command its code, field and policy.
    async fn details(&self) -> Option<&str> {
        Some(self.0.details.as_str()).filter(|details| !details.is_empty())
    }

    /// Hash over this row and the one before it, hexadecimal.
    async fn hash(&self) -> &str {
        &self.0.hash
    }
}

/// What was done to an object that the viewer may see, oldest first.
pub(crate) async fn history(ctx: &Context<'_>, kind: ObjectKind, id: i64) -> async_graphql::Result<Vec<AuditEntry>> {
    let rows = row::Entity::find()
        .filter(row::Column::ObjectKind.eq(kind.as_str()))
        .filter(row::Column::ObjectId.eq(id))
        .filter(row::Column::Chain.ne(REFUSALS))
        .order_by_asc(row::Column::Sequence)
        .all(ctx.service()?.reader())
        .await
        .or_graphql()?;
    Ok(rows.into_iter().map(AuditEntry).collect())
}

/// The audit log.
#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// Acts by object or by actor, refused ones too, the last first. For auditors.
    #[expect(clippy::too_many_arguments, reason = "these are the arguments of a connection")]
    async fn audit_trail(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only acts on this object.")] object: Option<ID>,
        #[graphql(desc = "Only acts of this person.")] actor: Option<ID>,
        #[graphql(desc = "Only commands that were refused, or only what was done.")] refused: Option<bool>,
        #[graphql(desc = "Rows from the beginning, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<List<AuditEntry>> {
        let service = ctx.service()?;
        service.authorize(Action::ReadAudit, Target::platform()).or_graphql()?;
        let mut select = row::Entity::find();
        if let Some(object) = object {
            let (kind, id) = decode(&object).ok_or_else(|| Error::not_found().at("object")).or_graphql()?;
            let kind = ObjectKind::ALL.iter().find(|known| known.as_str().replace('_', "") == kind.to_lowercase());
            let kind = kind.ok_or_else(|| Error::not_found().at("object")).or_graphql()?;
            select = select.filter(row::Column::ObjectKind.eq(kind.as_str())).filter(row::Column::ObjectId.eq(id));
        }
        if let Some(actor) = PersonId::parse_optional(actor.as_ref(), "actor").or_graphql()? {
            select = select.filter(row::Column::ActorId.eq(actor));
        }
        if let Some(refused) = refused {
            let chain = row::Column::Chain;
            select = select.filter(if refused { chain.eq(REFUSALS) } else { chain.ne(REFUSALS) });
        }
        let sort = Sort { id: row::Column::Id, id_of: |row: &row::Model| row.id.0, by: None, descending: true };
        list(ctx, service.reader(), select, sort, Page { first, after, last, before }, AuditEntry).await
    }
}
