//! Why the door says no: a stable code, what is wrong, and what to do about it, in English and in Chinese.

use std::time::Duration;

use async_graphql::{ErrorExtensionValues, Pos, ServerError, Value};
use axum::http::StatusCode;

use super::code::{Code, Stage};

/// One refusal. A client acts on the code and shows one of the two messages.
///
/// It is one pointer wide, because it is the error of nearly every function at the door.
#[derive(Clone, Debug)]
pub struct Refusal(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    code: &'static str,
    status: StatusCode,
    stage: Stage,
    message: String,
    message_zh: String,
    field: Option<String>,
    details: Vec<(&'static str, Value)>,
    locations: Vec<Pos>,
    retry_after: Option<Duration>,
}

impl Refusal {
    /// A refusal with a code of the door.
    pub fn new(code: Code, message: impl Into<String>, message_zh: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code: code.name,
            status: code.status,
            stage: code.stage,
            message: message.into(),
            message_zh: message_zh.into(),
            field: None,
            details: Vec::new(),
            locations: Vec::new(),
            retry_after: None,
        }))
    }

    /// More than a limit allows: both numbers are put into the details.
    pub(crate) fn over(code: Code, limit: u64, found: u64, message: String, message_zh: String) -> Self {
        Self::new(code, message, message_zh).detail("limit", limit).detail("found", found)
    }

    /// The field, argument or parameter that is meant.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// A further figure for the client, under `extensions.details`.
    #[must_use]
    pub fn detail(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.details.push((name, value.into()));
        self
    }

    /// Where in the document.
    #[must_use]
    pub fn at(mut self, position: Pos) -> Self {
        self.0.locations.push(position);
        self
    }

    /// How long to wait before asking again; also sent as `Retry-After`.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The HTTP status this refusal stands for.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Whether the transport refused, or the document was at fault.
    pub fn stage(&self) -> Stage {
        self.0.stage
    }

    /// The wait that was asked for.
    pub fn wait(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The English message.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The GraphQL error that a client sees.
    pub fn into_error(self) -> ServerError {
        let parts = *self.0;
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", parts.code);
        extensions.set("messageZh", parts.message_zh);
        if let Some(field) = parts.field {
            extensions.set("field", field);
        }
        let mut details = parts.details;
        if let Some(wait) = parts.retry_after {
            details.push(("retryAfterSeconds", seconds(wait).into()));
        }
        if !details.is_empty() {
            let details = details.into_iter().map(|(name, value)| (async_graphql::Name::new(name), value));
            extensions.set("details", Value::Object(details.collect()));
        }
        let mut error = ServerError::new(parts.message, None);
        error.locations = parts.locations;
        error.extensions = Some(extensions);
        error
    }
}

/// Whole seconds, rounded up, so that a client never comes back too early.
pub(crate) fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
