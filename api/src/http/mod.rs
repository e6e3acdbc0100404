//! The door: everything between a socket and the schema.
//!
//! - [`admission`]: what a document passes before the library sees it
//! - [`gate`]: what the door asks of the house behind it: who is calling, and may they
//! - `graphql`: GraphQL over HTTP
//! - `websocket`: graphql-transport-ws
//! - `download`: files that links with a ticket lead to
//! - `ide`: GraphiQL, served from the binary
//! - [`serve`]: the listener, with its time limits and its end
//!
//! The door knows no aggregate, no database and no token format. Whatever it cannot know, it asks the [`Gate`].
//! The one invariant: no byte from outside reaches the library's parser except through [`admission`].

pub mod admission;
mod answer;
pub mod code;
mod cors;
mod download;
mod engine;
pub mod gate;
mod graphql;
mod ide;
mod operation;
mod origin;
pub mod peer;
pub mod refusal;
mod respond;
pub mod serve;
pub mod settings;
pub mod trace;
mod websocket;

#[cfg(test)]
mod tests;

use std::{net::SocketAddr, sync::Arc};

use async_graphql::Executor;
use axum::{
    Router,
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get},
};

use tokio::sync::Semaphore;

use self::{
    admission::{
        catalogue::{Catalogue, CatalogueError},
        pool::Pool,
    },
    engine::Engine,
    gate::{Arrival, Clock, Gate},
    settings::DoorSettings,
    trace::TraceId,
    websocket::sockets::Sockets,
};

/// The door of one schema. Cloning it is cheap.
#[derive(Clone)]
pub struct Door {
    house: Arc<House>,
}

/// The door could not be built.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The schema does not say what it holds.
    #[error("the door cannot read the schema")]
    Catalogue(#[from] CatalogueError),
    /// There are no threads to parse on.
    #[error("the door cannot start its threads")]
    Threads(#[from] std::io::Error),
}

/// What every handler shares.
struct House {
    engine: Box<dyn Engine>,
    gate: Arc<dyn Gate>,
    clock: Arc<dyn Clock>,
    settings: DoorSettings,
    catalogue: Catalogue,
    pool: Pool,
    /// Lets one introspection run at a time.
    introspection: Arc<Semaphore>,
    sockets: Sockets,
}

impl Door {
    /// Builds the door of a schema. The schema must answer introspection; the door refuses it to strangers.
    ///
    /// # Errors
    /// The schema does not answer introspection, or the system gives no thread.
    pub async fn new(
        schema: impl Executor,
        gate: Arc<dyn Gate>,
        clock: Arc<dyn Clock>,
        settings: DoorSettings,
    ) -> Result<Self, DoorError> {
        let engine: Box<dyn Engine> = Box::new(schema);
        let catalogue = Catalogue::read(engine.as_ref()).await?;
        let house = House {
            engine,
            gate,
            clock,
            catalogue,
            pool: Pool::start()?,
            introspection: Arc::new(Semaphore::new(1)),
            sockets: Sockets::new(&settings.socket),
            settings,
        };
        Ok(Self { house: Arc::new(house) })
    }

    /// Tells every open socket that the server restarts (1012) and waits until they are gone, at most `patience`.
    /// From then on `/readyz` says no, and new sockets are refused.
    pub async fn close(&self, patience: std::time::Duration) {
        self.house.sockets.close(patience).await;
    }
}

/// The routes: `/graphql`, `/exports`, `/ide`, `/healthz`, `/readyz`.
///
/// For the caller's address, serve it with connect info of [`SocketAddr`], as [`serve::serve`] does.
pub fn router(door: Door) -> Router {
    let house = door.house;
    let mut routes = Router::new()
        .route("/graphql", any(graphql::handle))
        .route("/exports/{name}", any(download::handle))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready));
    if house.settings.ide {
        routes = routes.merge(ide::routes());
    }
    routes
        .fallback(|| async { (StatusCode::NOT_FOUND, "not found\n") })
        .layer(middleware::from_fn(common_headers))
        .with_state(house)
}

async fn ready(State(house): State<Arc<House>>) -> Response {
    if !house.sockets.is_closing() && house.gate.ready().await {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
    }
}

/// Gives the request its id, and every answer the headers that none may lack.
async fn common_headers(mut request: Request, next: Next) -> Response {
    let trace = TraceId::random();
    request.extensions_mut().insert(trace);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&trace.to_string()) {
        headers.insert("x-request-id", id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}

impl FromRequestParts<Arc<House>> for Arrival {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, house: &Arc<House>) -> Result<Self, Self::Rejection> {
        let direct = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        Ok(Self {
            peer: peer::caller_address(direct, &parts.headers, &house.settings.trusted_proxies),
            trace: parts.extensions.get::<TraceId>().copied().unwrap_or_else(TraceId::random),
        })
    }
}
