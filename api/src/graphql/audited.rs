//! The schema as it is served: whatever an operation asked for in vain is on record before its answer leaves.

use std::any::TypeId;
use std::sync::Arc;

use async_graphql::{Data, Executor, PathSegment, Request, Response, ServerError};
use futures::stream::BoxStream;

use super::ApiSchema;
use crate::services::{Ctx, refused};

/// The schema, with refusals put on record.
#[derive(Clone)]
pub(crate) struct Audited(pub(crate) ApiSchema);

impl Executor for Audited {
    async fn execute(&self, request: Request) -> Response {
        // Strangers are refused for want of a token alone; what they try at `login` goes on record there.
        let signed = request.data.get(&TypeId::of::<Ctx>()).and_then(|data| data.downcast_ref::<Ctx>()).cloned();
        let Some(ctx) = signed else { return self.0.execute(request).await };
        let (response, refusals) = refused::listening(self.0.execute(request)).await;
        let Some(first) = refusals.first() else { return response };
        let path = vec![PathSegment::Field(first.field.clone())];
        match refused::record(&ctx, refusals).await {
            Ok(()) => response,
            // Without a code, the door answers with a trace id and logs the cause.
            Err(error) => {
                let cause = error.source.map_or_else(|| error.message.to_string(), |source| format!("{source:#}"));
                Response::from_errors(vec![ServerError { path, ..ServerError::new(cause, None) }])
            }
        }
    }

    fn execute_stream(&self, request: Request, session_data: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        Executor::execute_stream(&self.0, request, session_data)
    }
}
