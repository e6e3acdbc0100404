//! How a refusal reaches a client: as an error of a query, or as data of a mutation.
//!
//! A mutation answers with `userErrors` when what was asked for is refused. A missing token and a fault of the
//! server are errors in both.

use async_graphql::{Enum, ErrorExtensions as _, SimpleObject};

use crate::error::{Code, Error};
use crate::services::refused;

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident,)*) => {
        /// Why something was refused; `docs/errors.md` says what to do about each.
        #[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
        #[graphql(remote = "crate::error::Code")]
        pub enum ErrorCode { $($(#[doc = $doc])+ $variant,)* }
    };
}

error_codes! {
    /// No valid token came with the request.
    Unauthenticated,
    /// Login and password do not belong together.
    BadCredentials,
    /// Too many wrong passwords; the account opens again by itself.
    AccountLocked,
    /// The caller sees the object but may not do this to it.
    Forbidden,
    /// There is no such object, or the caller may not know of it.
    NotFound,
    /// An id of another type was given.
    WrongIdType,
    /// A value cannot be accepted; `field` names it.
    Invalid,
    /// The object is in a state in which this cannot be done.
    WrongState,
    /// It would change a closed period.
    PeriodClosed,
    /// The object has changed since it was read.
    VersionConflict,
    /// The idempotency key was used before for another request.
    KeyReused,
    /// There is already one of these.
    AlreadyExists,
    /// Two roles exclude each other.
    RolesExclude,
    /// The rulebook has mistakes.
    RulebookInvalid,
    /// The submission must be signed by somebody else than the caller's role.
    SignOffRequired,
    /// Another editor works on the submission; `details.until` says how long at most.
    Claimed,
    /// The material is marked confidential and does not belong here; nothing was stored.
    Confidential,
    /// The server cannot do this now; try again.
    Unavailable,
    /// A fault of the server.
    Internal,
}

/// Why a mutation did nothing.
#[derive(SimpleObject, Clone, Debug)]
pub struct UserError {
    /// Stable code.
    code: ErrorCode,
    /// Path of the input field concerned, such as `content.title`.
    field: Option<String>,
    /// What is wrong and what to do, in English.
    message: String,
    /// The same in Chinese.
    message_zh: String,
    /// More for programs, as JSON; `currentVersion` with `VERSION_CONFLICT`.
    details: Option<String>,
    /// Whether the same request may succeed when it is sent again.
    retryable: bool,
}

impl From<Error> for UserError {
    fn from(error: Error) -> Self {
        Self {
            code: error.code.into(),
            field: error.field.map(Into::into),
            message: error.message.into(),
            message_zh: error.message_zh.into(),
            details: error.details.map(|details| details.to_string()),
            retryable: error.code.retryable(),
        }
    }
}

/// The result of a service as a payload's parts: the outcome, or why there is none, which goes on record.
pub(crate) fn settle<T>(result: Result<T, Error>) -> async_graphql::Result<Result<T, Vec<UserError>>> {
    match result {
        Ok(outcome) => Ok(Ok(outcome)),
        Err(error) if matches!(error.code, Code::Unauthenticated | Code::Internal | Code::Unavailable) => {
            Err(graphql_error(error))
        }
        Err(error) => {
            refused::refuses(&error);
            Ok(Err(vec![error.into()]))
        }
    }
}

/// The one conversion into an error of GraphQL. The cause of a fault is logged by the door, never shown.
pub(crate) fn graphql_error(error: Error) -> async_graphql::Error {
    if error.code == Code::Internal {
        // Without a code in its extensions, the door replaces the error by one with a trace id, and logs it.
        let cause = error.source.map_or_else(|| error.message.to_string(), |source| format!("{source:#}"));
        return async_graphql::Error::new(cause);
    }
    async_graphql::Error::new(error.message.clone()).extend_with(|_, extensions| {
        extensions.set("code", error.code.as_str());
        extensions.set("messageZh", error.message_zh.as_ref());
        extensions.set("retryable", error.code.retryable());
        if let Some(field) = &error.field {
            extensions.set("field", field.as_ref());
        }
        if let Some(details) = &error.details
            && let Ok(details) = async_graphql::Value::from_json(details.clone())
        {
            extensions.set("details", details);
        }
    })
}

/// `?` for services inside resolvers.
pub(crate) trait OrGraphql<T> {
    /// The value, or the error in its GraphQL form.
    fn or_graphql(self) -> async_graphql::Result<T>;
}

impl<T, E: Into<Error>> OrGraphql<T> for Result<T, E> {
    fn or_graphql(self) -> async_graphql::Result<T> {
        self.map_err(|error| graphql_error(error.into()))
    }
}
