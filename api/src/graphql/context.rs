//! How a resolver reaches the services, the caller and the loaders.

use async_graphql::Context;

use super::errors::graphql_error;
use super::loaders::Loaders;
use crate::error::Error;
use crate::services::{Ctx, refused};
use crate::state::AppState;

/// What every resolver can ask of its context.
pub(crate) trait Reach {
    /// The services, on behalf of whoever signed in.
    fn service(&self) -> async_graphql::Result<&Ctx>;

    /// The loaders of this request.
    fn loaders(&self) -> async_graphql::Result<&Loaders>;

    /// The shared state, for the few things that strangers may do.
    fn state(&self) -> async_graphql::Result<&AppState>;
}

impl Reach for Context<'_> {
    fn service(&self) -> async_graphql::Result<&Ctx> {
        if self.path_node.is_none_or(|node| node.parent.is_none()) {
            refused::begins(self.field().name());
        }
        self.data_opt::<Ctx>().ok_or_else(|| graphql_error(Error::unauthenticated()))
    }

    fn loaders(&self) -> async_graphql::Result<&Loaders> {
        self.data_opt::<Loaders>().ok_or_else(|| graphql_error(Error::unauthenticated()))
    }

    fn state(&self) -> async_graphql::Result<&AppState> {
        self.data::<AppState>()
    }
}

/// The session of the token that came with the request.
#[derive(Clone, Debug)]
pub(crate) struct SessionId(pub(crate) String);
