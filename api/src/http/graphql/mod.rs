//! GraphQL over HTTP: GET for queries, POST for queries and mutations, one operation per request.
//!
//! Our own handler because the stock one runs mutations over GET, reads any content type, has no limits and answers
//! 200 to everything. The statuses follow the GraphQL-over-HTTP draft.

mod events;
pub(crate) mod negotiate;
pub(crate) mod params;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use tokio::time::timeout;

use self::negotiate::Media;
use super::{
    House,
    admission::Transport,
    answer::Answer,
    code, cors,
    gate::{Arrival, Caller},
    operation::Params,
    refusal::Refusal,
    respond::respond,
    websocket,
};

/// Every method on `/graphql`.
pub(crate) async fn handle(State(house): State<Arc<House>>, arrival: Arrival, request: Request) -> Response {
    let origin = cors::listed(request.headers(), &house.settings.allowed_origins);
    let mut response = match *request.method() {
        Method::GET if is_upgrade(request.headers()) => {
            return websocket::upgrade(house, arrival, request).await;
        }
        Method::GET => answered(&house, arrival, request, Transport::Get).await,
        Method::POST if negotiate::wants_events(request.headers()) => events::streamed(&house, arrival, request).await,
        Method::POST => answered(&house, arrival, request, Transport::Post).await,
        Method::OPTIONS => return cors::preflight(origin.as_ref()),
        _ => method_not_allowed(),
    };
    cors::mark(response.headers_mut(), origin.as_ref());
    response
}

async fn answered(house: &Arc<House>, arrival: Arrival, request: Request, transport: Transport) -> Response {
    let refuse = |refusal, media| respond(&Answer::refused(refusal, house.no_cost()), media);
    let Some(media) = negotiate::accepted(request.headers()) else {
        return refuse(not_acceptable(), Media::Json);
    };
    if transport == Transport::Post && !negotiate::is_plain_json(request.headers()) {
        return refuse(unsupported_media_type(), media);
    }
    let caller = match identify(house, request.headers(), &arrival).await {
        Ok(caller) => caller,
        Err(refusal) => return refuse(refusal, media),
    };
    let params = match read(house, request, transport).await {
        Ok(params) => params,
        Err(refusal) => return refuse(refusal, media),
    };
    match house.admit(params, transport, &caller, arrival).await {
        Ok(ready) => respond(&house.execute(ready).await, media),
        Err(answer) => respond(&answer, media),
    }
}

async fn identify(house: &House, headers: &HeaderMap, arrival: &Arrival) -> Result<Caller, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let token = match (values.next(), values.next()) {
        (None, _) => None,
        (Some(value), None) => Some(value.to_str().ok().and_then(bearer).ok_or_else(unreadable_token)?),
        (Some(_), Some(_)) => return Err(unreadable_token()),
    };
    house.gate.identify(token, arrival).await
}

/// The token of a `Bearer` authorization.
pub(crate) fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

async fn read(house: &House, request: Request, transport: Transport) -> Result<Params, Refusal> {
    match transport {
        Transport::Get => params::from_uri(request.uri()),
        Transport::Post | Transport::Socket | Transport::Events => {
            let most = house.settings.body_bytes;
            let declared =
                request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
            if declared.is_some_and(|declared: u64| declared > most as u64) {
                return Err(too_large(most));
            }
            let body = timeout(house.settings.body_timeout, collect(request.into_body(), most));
            let body = body.await.map_err(|_| too_slow())??;
            params::from_body(&body)
        }
    }
}

async fn collect(body: Body, most: usize) -> Result<Vec<u8>, Refusal> {
    let mut collected = Vec::new();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| unreadable_body())?;
        if collected.len() + chunk.len() > most {
            return Err(too_large(most));
        }
        collected.extend_from_slice(&chunk);
    }
    Ok(collected)
}

/// Whether the client wants to change to the WebSocket protocol.
fn is_upgrade(headers: &HeaderMap) -> bool {
    headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

fn method_not_allowed() -> Response {
    let mut response = (StatusCode::METHOD_NOT_ALLOWED, "use GET or POST\n").into_response();
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
    response
}

fn not_acceptable() -> Refusal {
    Refusal::new(
        code::NOT_ACCEPTABLE,
        "accept application/graphql-response+json or application/json",
        "请在 Accept 中接受 application/graphql-response+json 或 application/json",
    )
}

fn unsupported_media_type() -> Refusal {
    Refusal::new(
        code::UNSUPPORTED_MEDIA_TYPE,
        "send the body as application/json in UTF-8, not compressed",
        "请以未压缩的 UTF-8 application/json 发送请求体",
    )
}

pub(crate) fn unreadable_token() -> Refusal {
    Refusal::new(
        code::UNAUTHENTICATED,
        "the authorization is not of the form `Bearer` and a token",
        "Authorization 的格式应为“Bearer 令牌”",
    )
}

fn too_large(most: usize) -> Refusal {
    Refusal::new(
        code::BODY_TOO_LARGE,
        format!("the body is longer than {most} bytes"),
        format!("请求体超过 {most} 字节"),
    )
    .detail("limit", most)
}

fn too_slow() -> Refusal {
    Refusal::new(code::BODY_TIMEOUT, "the body did not arrive in time", "请求体未能及时送达")
}

fn unreadable_body() -> Refusal {
    Refusal::new(code::BODY_UNREADABLE, "the body broke off", "请求体接收中断")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_token_is_taken_out() {
        for (text, expected) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Bearer", None),
            ("Bearer ", None),
            ("Basic abc", None),
            ("", None),
        ] {
            assert_eq!(bearer(text), expected, "{text:?}");
        }
    }
}
