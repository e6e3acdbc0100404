//! The door's questions, answered: who is calling, are they still who they were, what do their resolvers need.

use std::sync::Arc;

use async_graphql::Request;
use entity::role_grant::Role;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use sea_orm::ConnectionTrait as _;

use crate::auth::actor::Actor;
use crate::auth::budget::Budget;
use crate::auth::standing::Standing;
use crate::error::{Code, Error};
use crate::graphql::context::SessionId;
use crate::graphql::ids::GlobalId as _;
use crate::graphql::loaders::Loaders;
use crate::http::admission::Summary;
use crate::http::code;
use crate::http::gate::{Arrival, Attachment, Caller, Clock, Gate, Lifeline, no_such_file};
use crate::http::refusal::Refusal;
use crate::services::{Ctx, download};
use crate::state::AppState;

/// Answers the door from the token, the database and the state.
pub struct HouseGate {
    state: AppState,
    standing: Standing,
    budget: Budget,
}

/// What the door carries about somebody who signed in.
struct Signed {
    ctx: Ctx,
    session: String,
}

impl HouseGate {
    /// The gate of a server.
    pub fn new(state: AppState) -> Self {
        Self { standing: Standing::default(), budget: Budget::default(), state }
    }

    fn charged(&self, caller: &Caller, cost: u64) -> Result<(), Refusal> {
        self.budget.charge(&caller.limiter_key, caller.account.is_some(), cost).map_err(|wait| {
            Refusal::new(
                code::RATE_LIMITED,
                "too many operations in a short time; wait and try again",
                "短时间内请求过多，请稍后重试",
            )
            .retry_after(wait)
        })
    }

    async fn signed_in(&self, token: &str) -> Result<Caller, Error> {
        let now = self.state.clock().now();
        let claims = self.state.keys().verify(token, now)?;
        let actor = Actor::load(self.state.database().reader(), &claims, now).await?;
        let account: Arc<str> = actor.id().global().as_str().into();
        let expires_at = claims.expires_at()?;
        let signed = Signed { ctx: Ctx::new(self.state.clone(), actor), session: claims.sid };
        Ok(Caller {
            subject: Some(Arc::new(signed)),
            limiter_key: format!("account {account}"),
            account: Some(account),
            expires_at: Some(expires_at),
            life: Lifeline::default(),
        })
    }
}

impl Gate for HouseGate {
    fn identify<'a>(&'a self, token: Option<&'a str>, arrival: &'a Arrival) -> BoxFuture<'a, Result<Caller, Refusal>> {
        async move {
            let Some(token) = token else {
                let address = arrival.peer.map_or_else(|| "unknown".to_owned(), |peer| peer.to_string());
                return Ok(Caller::stranger(format!("address {address}")));
            };
            self.signed_in(token).await.map_err(|error| {
                if error.code == Code::Unauthenticated {
                    return Refusal::new(
                        code::UNAUTHENTICATED,
                        "the access token is not valid any more; exchange the refresh token or sign in",
                        "访问令牌无效或已过期，请刷新令牌或重新登录",
                    );
                }
                tracing::error!(error = ?error.source, trace = %arrival.trace, "cannot identify the caller");
                Refusal::new(
                    code::OVERLOADED,
                    "the server cannot check the token now; try again",
                    "暂时无法核验令牌，请稍后重试",
                )
            })
        }
        .boxed()
    }

    fn still_valid<'a>(&'a self, caller: &'a Caller) -> BoxFuture<'a, bool> {
        async move {
            match caller.subject::<Signed>() {
                Some(signed) => self.standing.holds(&self.state, signed.ctx.actor(), &signed.session).await,
                None => true,
            }
        }
        .boxed()
    }

    /// Whoever has an account may read the schema, except the machine that only sends notices.
    fn may_introspect(&self, caller: &Caller) -> bool {
        caller.subject::<Signed>().is_some_and(|signed| !signed.ctx.actor().holds_any(&[Role::SmsWorker]))
    }

    fn charge<'a>(&'a self, caller: &'a Caller, operation: &'a Summary) -> BoxFuture<'a, Result<(), Refusal>> {
        futures::future::ready(self.charged(caller, operation.cost)).boxed()
    }

    fn file<'a>(
        &'a self,
        name: &'a str,
        ticket: &'a str,
        arrival: &'a Arrival,
    ) -> BoxFuture<'a, Result<Attachment, Refusal>> {
        async move {
            let link = download::open(&self.state, name, ticket).await.map_err(|error| refusal(&error, arrival))?;
            let account = format!("account {}", link.person().global().as_str());
            let caller = Caller { account: Some(account.as_str().into()), ..Caller::stranger(account) };
            self.charged(&caller, FILE_COST)?;
            let file = link.follow().await.map_err(|error| refusal(&error, arrival))?;
            Ok(Attachment { name: file.file_name, media_type: file.media_type, bytes: file.bytes })
        }
        .boxed()
    }

    fn prepare(&self, caller: &Caller, request: Request) -> Request {
        let request = request.data(self.state.clone());
        match caller.subject::<Signed>() {
            Some(signed) => {
                // An operation on an open socket reads with the scope of the moment in which the socket was opened;
                // `still_valid` ends the socket when that has changed.
                request.data(Loaders::new(&signed.ctx)).data(signed.ctx.clone()).data(SessionId(signed.session.clone()))
            }
            None => request,
        }
    }

    fn ready(&self) -> BoxFuture<'_, bool> {
        let reader = self.state.database().reader();
        let well = self.state.health().is_well(self.state.delivery());
        async move { well && reader.execute_unprepared("SELECT 1").await.is_ok() }.boxed()
    }
}

/// What a file costs of its reader's budget, in the units of operations.
const FILE_COST: u64 = 100;

/// A service's refusal of a link.
fn refusal(error: &Error, arrival: &Arrival) -> Refusal {
    match error.code {
        Code::Unauthenticated => Refusal::new(
            code::UNAUTHENTICATED,
            "the link is not valid any more; ask for it again",
            "链接无效或已过期，请重新获取",
        ),
        Code::NotFound => no_such_file(),
        Code::Internal => {
            tracing::error!(error = ?error.source, trace = %arrival.trace, "a file cannot be made");
            Refusal::new(code::INTERNAL, error.message.clone(), error.message_zh.clone())
        }
        Code::Unavailable => Refusal::new(code::OVERLOADED, error.message.clone(), error.message_zh.clone()),
        _ => Refusal::new(code::FORBIDDEN, error.message.clone(), error.message_zh.clone()),
    }
}

/// The server's clock as the door asks for it.
pub struct DoorClock(pub Arc<dyn crate::clock::Clock>);

impl Clock for DoorClock {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.0.now()
    }
}
