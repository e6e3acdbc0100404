//! An [`Answer`] as an HTTP response.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use super::{answer::Answer, code, code::Stage, graphql::negotiate::Media, refusal::seconds};

/// Writes the answer in the media type that was agreed on, with the status that belongs to it.
pub(crate) fn respond(answer: &Answer, media: Media) -> Response {
    let status = match (answer.stage, media) {
        (Stage::Document, Media::Json) => StatusCode::OK,
        (Stage::Document, Media::Response) | (Stage::Transport, _) => answer.status,
    };
    let (status, body) = match serde_json::to_vec(answer) {
        Ok(body) => (status, body),
        Err(error) => {
            // Numbers that JSON cannot hold; a resolver should not have made one.
            tracing::error!(%error, "an answer cannot be written as JSON");
            let body = format!(
                r#"{{"errors":[{{"message":"internal error","extensions":{{"code":"{}"}}}}]}}"#,
                code::INTERNAL.name
            );
            (StatusCode::INTERNAL_SERVER_ERROR, body.into_bytes())
        }
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    headers.append(header::VARY, HeaderValue::from_static("accept"));
    match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        StatusCode::UNAUTHORIZED => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
    if let Some(wait) = answer.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds(wait)));
    }
    response
}
