//! `/ide`: GraphiQL from the binary, so that it works on a network without the internet.
//!
//! The files are built from `ide/` and committed compressed. Everything comes from this server; the policy below
//! lets the page load nothing else and talk to nobody else.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Redirect, Response},
    routing::get,
};

use super::House;

/// GraphiQL's dialogs try to write one inline style, which keeps the page behind them from scrolling. It is refused,
/// and nothing is lost: that page does not scroll.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// One file of the page, compressed with gzip, which every browser reads.
struct File {
    content_type: &'static str,
    bytes: &'static [u8],
}

const PAGE: File =
    File { content_type: "text/html; charset=utf-8", bytes: include_bytes!("../../../ide/dist/index.html.gz") };
const SCRIPT: File =
    File { content_type: "text/javascript; charset=utf-8", bytes: include_bytes!("../../../ide/dist/ide.js.gz") };
const STYLE: File =
    File { content_type: "text/css; charset=utf-8", bytes: include_bytes!("../../../ide/dist/ide.css.gz") };
const LICENSES: File =
    File { content_type: "text/plain; charset=utf-8", bytes: include_bytes!("../../../ide/dist/LICENSES.txt.gz") };

/// The routes of the page.
pub(crate) fn routes() -> Router<Arc<House>> {
    Router::new()
        .route("/ide", get(|headers: HeaderMap| async move { serve(&PAGE, &headers) }))
        .route("/ide/", get(|| async { Redirect::permanent("/ide") }))
        .route("/ide/ide.js", get(|headers: HeaderMap| async move { serve(&SCRIPT, &headers) }))
        .route("/ide/ide.css", get(|headers: HeaderMap| async move { serve(&STYLE, &headers) }))
        .route("/ide/LICENSES.txt", get(|headers: HeaderMap| async move { serve(&LICENSES, &headers) }))
}

fn serve(file: &File, request: &HeaderMap) -> Response {
    let mut hasher = DefaultHasher::new();
    file.bytes.hash(&mut hasher);
    let tag = format!("\"{:016x}\"", hasher.finish());
    let is_known = request.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = Response::new(if is_known { Body::empty() } else { Body::from(file.bytes) });
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
