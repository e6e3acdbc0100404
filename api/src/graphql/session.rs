//! Signing in and out, and who one is.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::role_grant;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::awaiting::Awaiting;
use super::context::{Reach as _, SessionId};
use super::errors::{OrGraphql as _, settle};
use super::inbox::Inbox;
use super::page::Page;
use super::payload::payloads;
use super::person::{Person, RoleGrant};
use super::unit::Unit;
use crate::error::Error;
use crate::services::session;

/// Whoever sent the request.
pub struct Viewer;

/// Whoever sent the request.
#[Object]
impl Viewer {
    /// The person.
    async fn person(&self, ctx: &Context<'_>) -> async_graphql::Result<Person> {
        Ok(Person(ctx.service()?.actor().person().clone()))
    }

    /// The roles that the person holds now.
    async fn roles(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<RoleGrant>> {
        let service = ctx.service()?;
        let rows = role_grant::Entity::find()
            .filter(role_grant::Column::PersonId.eq(service.actor().id()))
            .filter(role_grant::Column::RevokedAt.is_null())
            .order_by_asc(role_grant::Column::Id)
            .all(service.reader())
            .await
            .or_graphql()?;
        Ok(rows.into_iter().map(RoleGrant).collect())
    }

    /// What awaits the person.
    async fn awaiting(&self) -> Awaiting {
        Awaiting
    }

    /// What the person has been told.
    async fn inbox(
        &self,
        #[graphql(desc = "Rows from the beginning, 1 to 100.", default = 20)] first: i32,
        #[graphql(desc = "Begin after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what has not been read.", default)] unread_only: bool,
    ) -> Inbox {
        Inbox { page: Page { first: Some(first), after, ..Page::default() }, unread_only }
    }

    /// The units on which the person holds a role.
    async fn units(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Unit>> {
        let mut ids: Vec<_> = ctx.service()?.actor().grants().iter().filter_map(|grant| grant.unit).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(ctx.loaders()?.each(ids).await?.into_iter().map(Unit::of).collect())
    }
}

/// A pair of tokens.
#[derive(SimpleObject)]
pub struct Session {
    /// JWT; send it as `Authorization: Bearer …`, or as `authorization` in the payload of `connection_init`.
    access_token: String,
    /// When the access token ends.
    expires_at: DateTime<Utc>,
    /// Exchange it once for the next pair, before twelve hours have passed.
    refresh_token: String,
}

impl From<session::Session> for Session {
    fn from(session: session::Session) -> Self {
        Self {
            access_token: session.access_token,
            expires_at: session.expires_at,
            refresh_token: session.refresh_token,
        }
    }
}

/// Login and password.
#[derive(InputObject)]
pub struct LoginInput {
    /// Name to sign in with.
    login: String,
    /// Password.
    #[graphql(secret)]
    password: String,
}

/// A refresh token.
#[derive(InputObject)]
pub struct RefreshTokenInput {
    /// The refresh token that came with the present access token.
    #[graphql(secret)]
    refresh_token: String,
}

payloads! {
    /// What came of signing in.
    LoginPayload {
        /// The tokens.
        session: Session,
    }
}

/// What came of exchanging a refresh token. A token that cannot be exchanged is an error, not data.
#[derive(SimpleObject)]
pub struct RefreshTokenPayload {
    /// The next tokens.
    session: Session,
}

/// What came of signing out.
#[derive(SimpleObject)]
pub struct LogoutPayload {
    /// True: the session has ended.
    ended: bool,
}

/// Who am I.
#[derive(Default)]
pub struct SessionQuery;

#[Object]
impl SessionQuery {
    /// Whoever sent the request.
    async fn viewer(&self, ctx: &Context<'_>) -> async_graphql::Result<Viewer> {
        ctx.service()?;
        Ok(Viewer)
    }
}

/// Signing in and out.
#[derive(Default)]
pub struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Signs in with a password. Five wrong ones in a row lock the account for 15 minutes.
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: LoginInput,
    ) -> async_graphql::Result<LoginPayload> {
        Ok(match settle(session::login(ctx.state()?, &input.login, input.password).await)? {
            Ok(session) => LoginPayload { session: Some(session.into()), user_errors: Vec::new() },
            Err(errors) => LoginPayload::refused(errors),
        })
    }

    /// Exchanges a refresh token for the next pair of tokens. A token that was exchanged before ends the session.
    async fn refresh_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RefreshTokenInput,
    ) -> async_graphql::Result<RefreshTokenPayload> {
        let session = session::refresh(ctx.state()?, &input.refresh_token).await.or_graphql()?;
        Ok(RefreshTokenPayload { session: session.into() })
    }

    /// Ends the session of the token that came with the request: its tokens are refused from now on.
    async fn logout(&self, ctx: &Context<'_>) -> async_graphql::Result<LogoutPayload> {
        let service = ctx.service()?;
        let session = ctx.data_opt::<SessionId>().ok_or_else(Error::unauthenticated).or_graphql()?;
        session::logout(service.state(), service.actor().id(), &session.0).await.or_graphql()?;
        Ok(LogoutPayload { ended: true })
    }
}
