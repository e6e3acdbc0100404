//! Files over GET: `/exports/{name}?ticket=…`. The ticket in the address says on whose behalf it is followed.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, Query, Request, State, rejection::QueryRejection},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tokio::time::timeout;

use super::{
    House,
    answer::Answer,
    code, cors,
    gate::{Arrival, Attachment},
    graphql::negotiate::Media,
    refusal::Refusal,
    respond::respond,
};

/// What stands in the address.
#[derive(Deserialize)]
pub(crate) struct Address {
    ticket: Option<String>,
}

/// Every method on `/exports/{name}`.
pub(crate) async fn handle(
    State(house): State<Arc<House>>,
    arrival: Arrival,
    Path(name): Path<String>,
    address: Result<Query<Address>, QueryRejection>,
    request: Request,
) -> Response {
    let origin = cors::listed(request.headers(), &house.settings.allowed_origins);
    let mut response = match *request.method() {
        Method::GET | Method::HEAD => {
            let ticket = address.ok().and_then(|Query(address)| address.ticket).unwrap_or_default();
            match timeout(house.settings.deadline, house.gate.file(&name, &ticket, &arrival)).await {
                Ok(Ok(file)) => sent(file, request.method() == Method::HEAD),
                Ok(Err(refusal)) => respond(&Answer::refused(refusal, house.no_cost()), Media::Json),
                Err(_) => respond(&Answer::refused(too_slow(), house.no_cost()), Media::Json),
            }
        }
        Method::OPTIONS => return cors::preflight(origin.as_ref()),
        _ => {
            let mut response = (StatusCode::METHOD_NOT_ALLOWED, "use GET\n").into_response();
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            response
        }
    };
    cors::mark(response.headers_mut(), origin.as_ref());
    response
}

/// The file, to be kept and not shown: a page of ours never runs what somebody reported.
fn sent(file: Attachment, head_only: bool) -> Response {
    let length = file.bytes.len();
    let mut response = Response::new(if head_only { Body::empty() } else { Body::from(file.bytes) });
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if let Ok(disposition) = HeaderValue::from_str(&disposition(&file.name)) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// The name for old clients, with what they cannot read replaced, and the whole name for all others.
fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }).collect();
    let mut whole = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            whole.push(char::from(byte));
        } else {
            let _ = write!(whole, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

fn too_slow() -> Refusal {
    Refusal::new(
        code::OVERLOADED,
        "the file could not be made in time; try again later",
        "文件未能及时生成，请稍后重试",
    )
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_chinese_name_reaches_old_and_new_clients() {
        assert_eq!(
            disposition("通报 1.docx"),
            "attachment; filename=\"___1.docx\"; filename*=UTF-8''%E9%80%9A%E6%8A%A5%201.docx"
        );
    }
}
