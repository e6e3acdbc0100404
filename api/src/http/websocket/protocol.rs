//! What a client's message means in the state the socket is in: the protocol as one function without input or output.

use serde_json::{Map, Value};

use super::{close::Close, message::FromClient};

/// What is to be done about a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Identify the caller and acknowledge.
    Open { payload: Map<String, Value> },
    /// Answer a ping, after taking in the token it brought.
    Pong { payload: Map<String, Value> },
    /// Start an operation.
    Start { id: String, payload: Map<String, Value> },
    /// Refuse an operation, and keep the socket: it has too many already.
    Refuse { id: String },
    /// Stop an operation.
    Stop { id: String },
    /// Nothing.
    Ignore,
    /// End the socket.
    End(Close),
}

/// The state of a socket, as far as the meaning of messages depends on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State<'a> {
    /// Whether the session is acknowledged.
    pub(crate) is_open: bool,
    /// Whether an operation of this id runs.
    pub(crate) runs: &'a dyn RunsId,
    /// How many operations may still be started.
    pub(crate) free: usize,
}

/// Tells whether an id is in use.
pub(crate) trait RunsId: std::fmt::Debug {
    /// Whether an operation of this id runs.
    fn runs(&self, id: &str) -> bool;
}

/// Reads a message in its state.
pub(crate) fn step(message: FromClient, state: State<'_>) -> Step {
    match message {
        FromClient::Init(_) if state.is_open => Step::End(Close::SecondInit),
        FromClient::Init(payload) => Step::Open { payload },
        // Before the session is open a ping may not bring a token past the time limit of the opening.
        FromClient::Ping(payload) => Step::Pong { payload: payload.filter(|_| state.is_open).unwrap_or_default() },
        FromClient::Subscribe { .. } if !state.is_open => Step::End(Close::Unauthorized),
        FromClient::Subscribe { id, .. } if state.runs.runs(&id) => Step::End(Close::DuplicateId),
        FromClient::Subscribe { id, .. } if state.free == 0 => Step::Refuse { id },
        FromClient::Subscribe { id, payload } => Step::Start { id, payload },
        // The operation may have ended while this was on its way.
        FromClient::Complete { id } if state.runs.runs(&id) => Step::Stop { id },
        FromClient::Complete { .. } | FromClient::Pong => Step::Ignore,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Running(&'static [&'static str]);

    impl RunsId for Running {
        fn runs(&self, id: &str) -> bool {
            self.0.contains(&id)
        }
    }

    #[test]
    fn the_table_of_the_protocol() {
        let payload = Map::new;
        let id = || "1".to_owned();
        let init = || FromClient::Init(payload());
        let subscribe = || FromClient::Subscribe { id: id(), payload: payload() };
        let complete = || FromClient::Complete { id: id() };
        let (open, closed) = (true, false);
        for (is_open, running, free, message, expected) in [
            (closed, &[][..], 20, init(), Step::Open { payload: payload() }),
            (open, &[], 20, init(), Step::End(Close::SecondInit)),
            (closed, &[], 20, FromClient::Ping(None), Step::Pong { payload: payload() }),
            (open, &[], 20, FromClient::Ping(None), Step::Pong { payload: payload() }),
            (closed, &[], 20, FromClient::Pong, Step::Ignore),
            (open, &[], 20, FromClient::Pong, Step::Ignore),
            (closed, &[], 20, subscribe(), Step::End(Close::Unauthorized)),
            (open, &[], 20, subscribe(), Step::Start { id: id(), payload: payload() }),
            (open, &["1"], 20, subscribe(), Step::End(Close::DuplicateId)),
            (open, &["1"], 0, subscribe(), Step::End(Close::DuplicateId)),
            (open, &["2"], 0, subscribe(), Step::Refuse { id: id() }),
            (closed, &[], 20, complete(), Step::Ignore),
            (open, &[], 20, complete(), Step::Ignore),
            (open, &["1"], 20, complete(), Step::Stop { id: id() }),
        ] {
            let running = Running(running);
            let state = State { is_open, runs: &running, free };
            assert_eq!(step(message.clone(), state), expected, "{message:?} in {state:?}");
        }
    }
}
