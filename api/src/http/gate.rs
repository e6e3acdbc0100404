//! What the door asks of the house behind it: who is calling, until when, and how much they may do.

use std::{any::Any, net::IpAddr, sync::Arc};

use async_graphql::Request;
use chrono::{DateTime, Utc};
use futures::future::{self, BoxFuture, FutureExt};
use tokio::sync::watch;

use super::{admission::Summary, code, refusal::Refusal, trace::TraceId};

/// Where the door takes the time from, so that a test can set it.
pub trait Clock: Send + Sync + 'static {
    /// The time.
    fn now(&self) -> DateTime<Utc>;
}

/// What is known of a request before anybody is identified.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// The caller's address, seen through the trusted proxies; absent where the server was given none.
    pub peer: Option<IpAddr>,
    /// The request's id.
    pub trace: TraceId,
}

/// Who is calling. A resolver finds it with `ctx.data::<Caller>()`.
#[derive(Clone)]
pub struct Caller {
    /// The caller in the house's own terms; absent for a stranger. Read it with [`Caller::subject`].
    pub subject: Option<Arc<dyn Any + Send + Sync>>,
    /// A stable name of the account, such as its global id; absent for a stranger. A token that is put in on
    /// an open socket must be of the same account.
    pub account: Option<Arc<str>>,
    /// When the token ends. A socket is closed at that moment.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whose budget is charged: the account, or the address of a stranger.
    pub limiter_key: String,
    /// Tells what is under way on a long connection when its time is over.
    pub life: Lifeline,
}

/// Whether a long connection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It does.
    Open,
    /// The token has ended, or the caller is no longer who they were.
    Expired,
    /// The server stops.
    Closing,
}

/// What a long connection tells the operations on it. They have a moment for a last word.
#[derive(Clone, Debug, Default)]
pub struct Lifeline(Option<watch::Receiver<Life>>);

impl Lifeline {
    /// A line, and the end that the connection holds.
    pub(crate) fn new() -> (watch::Sender<Life>, Self) {
        let (sender, receiver) = watch::channel(Life::Open);
        (sender, Self(Some(receiver)))
    }

    /// Waits until the connection's time is over. A request of its own has no such end.
    pub async fn over(mut self) -> Life {
        match &mut self.0 {
            // Without its sender the connection is gone, and whoever waits with it.
            Some(line) => line.wait_for(|life| *life != Life::Open).await.map_or(Life::Expired, |life| *life),
            None => future::pending().await,
        }
    }

    /// Whether it is over.
    pub(crate) fn is_over(&self) -> bool {
        self.0.as_ref().is_some_and(|line| *line.borrow() != Life::Open)
    }
}

impl Caller {
    /// Somebody without a token.
    pub fn stranger(limiter_key: impl Into<String>) -> Self {
        Self {
            subject: None,
            account: None,
            expires_at: None,
            limiter_key: limiter_key.into(),
            life: Lifeline::default(),
        }
    }

    /// The subject, if it is a `T`.
    pub fn subject<T: Any>(&self) -> Option<&T> {
        self.subject.as_deref()?.downcast_ref()
    }

    /// Whether the token has ended at `now`.
    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// A file to be sent.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// What it is to be called.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The refusal of a link that leads nowhere.
pub fn no_such_file() -> Refusal {
    Refusal::new(
        code::NO_SUCH_FILE,
        "there is no such file, or it is not kept any more; ask for a new link",
        "没有该文件，或文件已过保存期，请重新获取",
    )
}

/// The house's answers. Implemented once, over authentication and the limiter.
pub trait Gate: Send + Sync + 'static {
    /// Who holds this token (without the word `Bearer`); without one, a stranger, or a refusal.
    ///
    /// # Errors
    /// A token that is not valid is refused with [`super::code::UNAUTHENTICATED`]; it is never read as a stranger.
    fn identify<'a>(&'a self, token: Option<&'a str>, arrival: &'a Arrival) -> BoxFuture<'a, Result<Caller, Refusal>>;

    /// Whether the caller still is who they were: not logged out, not disabled, same roles.
    /// Asked once a second for each open socket, so it must be answered from memory.
    fn still_valid<'a>(&'a self, caller: &'a Caller) -> BoxFuture<'a, bool>;

    /// Whether the caller may read the schema and is told near names of an unknown field.
    fn may_introspect(&self, caller: &Caller) -> bool;

    /// Charges an admitted operation, before it runs, to the caller's budget.
    ///
    /// # Errors
    /// [`super::code::RATE_LIMITED`] with a wait when the budget is spent.
    fn charge<'a>(&'a self, _caller: &'a Caller, _operation: &'a Summary) -> BoxFuture<'a, Result<(), Refusal>> {
        future::ready(Ok(())).boxed()
    }

    /// The file that a link with a ticket leads to.
    ///
    /// # Errors
    /// [`super::code::UNAUTHENTICATED`] when the ticket is not good, or not any more;
    /// [`super::code::NO_SUCH_FILE`] when there is no such file.
    fn file<'a>(
        &'a self,
        _name: &'a str,
        _ticket: &'a str,
        _arrival: &'a Arrival,
    ) -> BoxFuture<'a, Result<Attachment, Refusal>> {
        future::ready(Err(no_such_file())).boxed()
    }

    /// Adds what the resolvers of this one request need, such as its loaders.
    fn prepare(&self, _caller: &Caller, request: Request) -> Request {
        request
    }

    /// Whether the house can serve: `/readyz`.
    fn ready(&self) -> BoxFuture<'_, bool> {
        future::ready(true).boxed()
    }
}
