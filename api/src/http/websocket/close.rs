//! Why a socket ends.
//!
//! The code decides what a client does: the usual library gives up on 4400, 4401, 4406, 4409 and 4429, and comes back
//! after 4403, 4408, 1012 and 1013.

use axum::extract::ws::{CloseFrame, Utf8Bytes};

/// The end of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Close {
    /// 4400: a message that is not of the protocol.
    Invalid,
    /// 4401: an operation before the acknowledgement.
    Unauthorized,
    /// 4403: the token is not valid, or is not any more.
    Forbidden,
    /// 4406: another subprotocol, or none.
    Subprotocol,
    /// 4408: no `connection_init` in time.
    InitTimeout,
    /// 4409: an id that is still in use.
    DuplicateId,
    /// 4429: a second `connection_init`.
    SecondInit,
    /// 1009: a message over the limit.
    TooBig,
    /// 1012: the server restarts.
    Restart,
    /// 1013: the client reads too slowly, or the caller's budget is spent.
    TryLater,
    /// The client has gone; there is nobody to tell.
    Gone,
}

impl Close {
    /// The frame to send; none when the client has gone.
    pub(crate) fn frame(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Invalid => (4400, "Invalid message"),
            Self::Unauthorized => (4401, "Unauthorized"),
            Self::Forbidden => (4403, "Forbidden"),
            Self::Subprotocol => (4406, "Subprotocol not acceptable"),
            Self::InitTimeout => (4408, "Connection initialisation timeout"),
            Self::DuplicateId => (4409, "Subscriber for this id already exists"),
            Self::SecondInit => (4429, "Too many initialisation requests"),
            Self::TooBig => (1009, "Message too big"),
            Self::Restart => (1012, "Service restart"),
            Self::TryLater => (1013, "Try again later"),
            Self::Gone => return None,
        };
        Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) })
    }
}
