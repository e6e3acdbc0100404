//! The id that ties an answer, its log lines and a complaint about it together.

use std::fmt;

/// One request's id: 32 hexadecimal digits, made here and never taken from the caller.
///
/// It stands in the `x-request-id` header of every answer and in `extensions.traceId` of an internal error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceId(u128);

impl TraceId {
    /// A fresh random id.
    pub fn random() -> Self {
        let mut bytes = [0; 16];
        // Without entropy the ids repeat, which spoils a search in the log and nothing else.
        if getrandom::fill(&mut bytes).is_err() {
            tracing::warn!("no entropy for request ids");
        }
        Self(u128::from_be_bytes(bytes))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
