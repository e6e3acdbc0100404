//! The listener: accepts connections, gives each its time limits, and ends without cutting anybody off.
//!
//! Our own loop because `axum::serve` sets no limit on how slowly a client may send its headers, and does not know
//! of sockets after their upgrade.

use std::{future::Future, net::SocketAddr, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};
use tower::ServiceExt;

use super::Door;

/// How long a client may take to send its headers.
const HEADERS: Duration = Duration::from_secs(10);
/// The most bytes of the headers, the address of a GET query with its document among them.
const HEADER_BYTES: usize = 128 * 1024;
/// How long requests and sockets may take to end at shutdown.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves `routes` (those of [`super::router`] and any others) until `shutdown` is ready, then lets running requests
/// end and tells open sockets that the server restarts.
pub async fn serve(listener: TcpListener, routes: Router, door: Door, shutdown: impl Future<Output = ()>) {
    let (stop, stopping) = watch::channel(());
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => {
                    // Without it small answers wait for more to come; a socket that refuses is served all the same.
                    drop(stream.set_nodelay(true));
                    tokio::spawn(converse(stream, address, routes.clone(), stopping.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    // Out of descriptors, most likely: others must end first.
                    sleep(Duration::from_millis(100)).await;
                }
            },
            () = &mut shutdown => break,
        }
    }
    drop(listener);
    drop(stopping);
    stop.send_replace(());
    let (ended, ()) = tokio::join!(timeout(PATIENCE, stop.closed()), door.close(PATIENCE));
    if ended.is_err() {
        tracing::warn!("requests did not end in time");
    }
}

/// Serves one connection. `stopping` changes when it shall end after the request it is at.
async fn converse(stream: TcpStream, address: SocketAddr, routes: Router, mut stopping: watch::Receiver<()>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(address));
        routes.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    // A connection that breaks is the client's affair.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopping.changed() => connection.as_mut().graceful_shutdown(),
    }
    drop(connection.await);
}
