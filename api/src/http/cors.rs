//! Cross-origin requests: none, but from the origins on the operator's list.
//!
//! Tokens travel in a header and never in a cookie, so a foreign page gains nothing by a request it cannot sign;
//! without these headers its browser does not even show it the answer.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::origin::Origin;

/// Lets a listed page read the answer.
pub(crate) fn mark(headers: &mut HeaderMap, origin: Option<&HeaderValue>) {
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("x-request-id, retry-after"));
    }
}

/// The value to be sent back to a listed page.
pub(crate) fn listed(headers: &HeaderMap, allowed: &[String]) -> Option<HeaderValue> {
    match Origin::of(headers, allowed) {
        Origin::Allowed(_) => headers.get(header::ORIGIN).cloned(),
        Origin::None | Origin::Own | Origin::Foreign => None,
    }
}

/// Answers the question a browser asks before it sends a request of a listed page.
pub(crate) fn preflight(origin: Option<&HeaderValue>) -> Response {
    let Some(origin) = origin else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    mark(headers, Some(origin));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}
