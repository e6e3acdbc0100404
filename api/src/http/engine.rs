//! The schema behind one object-safe face, so that the door does not carry its three type parameters about.

use async_graphql::{Executor, Request, Response};
use futures::{
    FutureExt,
    future::BoxFuture,
    stream::{BoxStream, StreamExt},
};

/// Runs admitted requests. Every [`Executor`] is one.
pub(crate) trait Engine: Send + Sync + 'static {
    /// Runs a query or a mutation.
    fn execute(&self, request: Request) -> BoxFuture<'static, Response>;

    /// Runs a subscription.
    fn stream(&self, request: Request) -> BoxStream<'static, Response>;
}

impl<E: Executor> Engine for E {
    fn execute(&self, request: Request) -> BoxFuture<'static, Response> {
        let executor = self.clone();
        async move { Executor::execute(&executor, request).await }.boxed()
    }

    fn stream(&self, request: Request) -> BoxStream<'static, Response> {
        Executor::execute_stream(self, request, None).boxed()
    }
}
