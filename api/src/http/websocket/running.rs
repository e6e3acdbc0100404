//! The operations of one socket.
//!
//! They are polled in turn as they become ready, so a busy stream does not starve a quiet one.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{Response, Value};
use futures::{
    FutureExt, Stream, StreamExt,
    stream::{self, AbortHandle, BoxStream, SelectAll},
};
use serde_json::Map;

use super::{message::ToClient, protocol::RunsId};
use crate::http::{
    House,
    admission::{OperationType, Transport},
    answer::{Answer, Cost},
    gate::{Arrival, Caller, Lifeline},
    graphql::params,
};

/// The operations that run.
pub(crate) struct Running {
    streams: SelectAll<BoxStream<'static, ToClient>>,
    handles: HashMap<String, AbortHandle>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("count", &self.handles.len()).finish_non_exhaustive()
    }
}

impl RunsId for Running {
    fn runs(&self, id: &str) -> bool {
        self.handles.contains_key(id)
    }
}

impl Running {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self { streams: SelectAll::new(), handles: HashMap::new() }
    }

    /// How many run.
    pub(crate) fn count(&self) -> usize {
        self.handles.len()
    }

    /// Starts an operation.
    pub(crate) fn start(
        &mut self,
        id: String,
        payload: Map<String, serde_json::Value>,
        house: Arc<House>,
        caller: Caller,
        arrival: Arrival,
    ) {
        let (stream, handle) = stream::abortable(run(id.clone(), payload, house, caller, arrival));
        self.handles.insert(id, handle);
        self.streams.push(stream.boxed());
    }

    /// Stops an operation and forgets its id, which the client may use again at once.
    pub(crate) fn stop(&mut self, id: &str) {
        if let Some(handle) = self.handles.remove(id) {
            handle.abort();
        }
    }

    /// The next message of any operation. Never ends: without operations it waits.
    pub(crate) async fn next(&mut self) -> ToClient {
        loop {
            match self.streams.next().await {
                Some(message) => {
                    if let ToClient::Complete { id } | ToClient::Error { id, .. } = &message {
                        self.handles.remove(id);
                    }
                    return message;
                }
                None => std::future::pending::<()>().await,
            }
        }
    }
}

/// Everything one operation sends, from its admission to its end.
fn run(
    id: String,
    payload: Map<String, serde_json::Value>,
    house: Arc<House>,
    caller: Caller,
    arrival: Arrival,
) -> impl Stream<Item = ToClient> + Send {
    let refused = {
        let id = id.clone();
        move |answer| stream::iter([ToClient::Error { id, answer }]).boxed()
    };
    async move {
        let params = match params::from_object(payload) {
            Ok(params) => params,
            Err(refusal) => return refused(Box::new(Answer::refused(refusal, house.no_cost()))),
        };
        let ready = match house.admit(params, Transport::Socket, &caller, arrival).await {
            Ok(ready) => ready,
            Err(answer) => return refused(answer),
        };
        if ready.summary.kind == OperationType::Subscription {
            let (responses, cost) = house.subscribe(ready);
            return subscription(id, house, arrival, responses, cost, caller.life.clone()).boxed();
        }
        let answer = Box::new(house.execute(ready).await);
        if answer.data.is_none() {
            return refused(answer);
        }
        stream::iter([ToClient::Next { id: id.clone(), answer }, ToClient::Complete { id }]).boxed()
    }
    .flatten_stream()
}

/// What a subscription sends next.
enum Next<S> {
    /// What comes.
    Response(S),
    /// That it is over.
    Complete,
    /// It has said so.
    Nothing,
}

fn subscription(
    id: String,
    house: Arc<House>,
    arrival: Arrival,
    responses: BoxStream<'static, Response>,
    cost: Cost,
    life: Lifeline,
) -> impl Stream<Item = ToClient> + Send {
    let responses = Box::pin(AssertUnwindSafe(responses).catch_unwind().peekable());
    stream::unfold(Next::Response(responses), move |next| {
        let (id, house, life) = (id.clone(), Arc::clone(&house), life.clone());
        async move {
            let mut responses = match next {
                Next::Response(responses) => responses,
                Next::Complete => return Some((ToClient::Complete { id }, Next::Nothing)),
                Next::Nothing => return None,
            };
            // One last word, and no more.
            let is_over = life.is_over();
            let response = match responses.next().await {
                None => return Some((ToClient::Complete { id }, Next::Nothing)),
                Some(Err(_panic)) => {
                    tracing::error!(request.id = %arrival.trace, "a subscription panicked");
                    let answer = Box::new(Answer::failed(cost, arrival.trace));
                    return Some((ToClient::Error { id, answer }, Next::Nothing));
                }
                Some(Ok(response)) => response,
            };
            // A stream that could not be made yields its error and is over: for the client that is an error of the
            // operation, not a result.
            let failed = response.data == Value::Null && !response.errors.is_empty();
            let is_last = failed && matches!(responses.as_mut().peek().now_or_never(), Some(None));
            let answer = Box::new(house.answer(response, cost, arrival));
            if is_last || answer.data.is_none() {
                return Some((ToClient::Error { id, answer }, Next::Nothing));
            }
            Some((ToClient::Next { id, answer }, if is_over { Next::Complete } else { Next::Response(responses) }))
        }
    })
}
