//! From parameters to an answer: admission, charge, execution. The one way in for HTTP and for the socket.

use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    sync::Arc,
};

use async_graphql::{Request, Response, ServerError, Variables};
use futures::{FutureExt, stream::BoxStream};
use tokio::{
    runtime::Handle,
    time::{Instant, timeout},
};

use super::{
    House,
    admission::{self, Admitted, Offer, Summary, Transport, pool::PoolError},
    answer::{Answer, Cost},
    code,
    gate::{Arrival, Caller},
    refusal::Refusal,
};

/// From this cost on, introspection runs on a thread of its own.
const INTROSPECTION_APART: u64 = 1_000;

/// What a client asks: the parameters of GraphQL over HTTP, or the payload of a `subscribe` message.
#[derive(Debug, Default)]
pub(crate) struct Params {
    pub(crate) query: String,
    pub(crate) operation_name: Option<String>,
    pub(crate) variables: Variables,
}

/// An operation that may run.
pub(crate) struct Ready {
    request: Request,
    pub(crate) summary: Summary,
    cost: Cost,
    arrival: Arrival,
    admitted_at: Instant,
}

impl House {
    /// The cost entry of an answer to which no operation belongs.
    pub(crate) fn no_cost(&self) -> Cost {
        self.cost(0)
    }

    fn cost(&self, operation: u64) -> Cost {
        Cost { operation, limit: self.settings.limits.cost }
    }

    /// Admits and charges an operation.
    ///
    /// # Errors
    /// The answer that refuses it.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        params: Params,
        transport: Transport,
        caller: &Caller,
        arrival: Arrival,
    ) -> Result<Ready, Box<Answer>> {
        let admitted_at = Instant::now();
        let may_introspect = self.gate.may_introspect(caller);
        let house = Arc::clone(self);
        let judged = self.pool.run(move || {
            let offer = Offer {
                query: &params.query,
                operation_name: params.operation_name.as_deref(),
                variables: &params.variables,
                transport,
                may_introspect,
            };
            let admitted = admission::admit(offer, &house.catalogue, &house.settings.limits);
            (admitted, params)
        });
        let (admitted, params) = match judged.await {
            Ok(judged) => judged,
            Err(PoolError::Full) => {
                return Err(Box::new(Answer::refused(overloaded(), self.no_cost())));
            }
            Err(PoolError::Panicked) => {
                tracing::error!(request.id = %arrival.trace, "admission panicked");
                return Err(Box::new(Answer::failed(self.no_cost(), arrival.trace)));
            }
        };
        let Admitted { document, summary, .. } = admitted.map_err(|refused| {
            let codes: Vec<_> = refused.refusals.iter().map(Refusal::code).collect();
            tracing::info!(request.id = %arrival.trace, cost = refused.cost, ?codes, "document refused");
            Box::new(Answer::refused_all(refused.refusals, self.cost(refused.cost)))
        })?;
        let cost = self.cost(summary.cost);
        self.gate.charge(caller, &summary).await.map_err(|refusal| Box::new(Answer::refused(refusal, cost)))?;

        let mut request =
            Request::new(params.query).variables(params.variables).data(caller.clone()).data(arrival.trace);
        request.operation_name.clone_from(&summary.name);
        if !may_introspect {
            request = request.disable_introspection();
        }
        request.set_parsed_query(document);
        let request = self.gate.prepare(caller, request);
        Ok(Ready { request, summary, cost, arrival, admitted_at })
    }

    /// Runs a query or a mutation to its end or to the deadline.
    pub(crate) async fn execute(&self, ready: Ready) -> Answer {
        let Ready { request, summary, cost, arrival, admitted_at } = ready;
        let run = AssertUnwindSafe(self.run(request, &summary)).catch_unwind();
        let answer = match timeout(self.settings.deadline, run).await {
            Ok(Ok(response)) => self.answer(response, cost, arrival),
            Ok(Err(_panic)) => {
                tracing::error!(request.id = %arrival.trace, "a resolver panicked");
                Answer::failed(cost, arrival.trace)
            }
            Err(_elapsed) => Answer::refused(too_slow(self.settings.deadline.as_secs()), cost),
        };
        tracing::info!(
            request.id = %arrival.trace,
            operation.kind = %summary.kind,
            operation.name = summary.name,
            operation.cost = summary.cost,
            errors = answer.errors.len(),
            duration_ms = u64::try_from(admitted_at.elapsed().as_millis()).unwrap_or(u64::MAX),
            "operation answered",
        );
        answer
    }

    /// Introspection is computed without ever waiting, which would hold up the thread that serves others. So it goes
    /// to a thread of its own, one at a time.
    async fn run(&self, request: Request, summary: &Summary) -> Response {
        let run = self.engine.execute(request);
        if summary.introspection_cost < INTROSPECTION_APART {
            return run.await;
        }
        let permit = Arc::clone(&self.introspection).acquire_owned().await;
        let runtime = Handle::current();
        let computed = tokio::task::spawn_blocking(move || {
            let response = runtime.block_on(run);
            drop(permit);
            response
        });
        match computed.await {
            Ok(response) => response,
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            Err(_) => Response::from_errors(vec![ServerError::new("the server is stopping", None)]),
        }
    }

    /// Starts a subscription.
    pub(crate) fn subscribe(&self, ready: Ready) -> (BoxStream<'static, Response>, Cost) {
        tracing::info!(
            request.id = %ready.arrival.trace,
            operation.name = ready.summary.name,
            operation.cost = ready.summary.cost,
            "subscription started",
        );
        (self.engine.stream(ready.request), ready.cost)
    }

    /// The answer that one response of the library becomes.
    pub(crate) fn answer(&self, response: Response, cost: Cost, arrival: Arrival) -> Answer {
        Answer::executed(response, cost, self.settings.limits.errors, arrival.trace)
    }
}

fn overloaded() -> Refusal {
    Refusal::new(code::OVERLOADED, "the server has too much to do; try again in a second", "服务器繁忙，请稍后再试")
        .retry_after(std::time::Duration::from_secs(1))
}

fn too_slow(seconds: u64) -> Refusal {
    Refusal::new(
        code::DEADLINE_EXCEEDED,
        format!("stopped after {seconds} seconds; ask for less, and repeat a mutation only with its idempotency key"),
        format!("操作超过 {seconds} 秒，已停止；请缩小查询范围，变更操作须携带 idempotencyKey 重试"),
    )
}
