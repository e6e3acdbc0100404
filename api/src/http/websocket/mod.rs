//! graphql-transport-ws: subscriptions, queries and mutations over one WebSocket.
//!
//! Our own driver because the stock one waits for ever for `connection_init`, closes with codes that make clients
//! give up, replaces a running operation of the same id, and never looks at the token again.
//!
//! - [`message`]: the messages, read strictly
//! - [`close`]: why a socket ends, and with which code
//! - [`protocol`]: what a message means in the state the socket is in, without any input or output
//! - [`session`]: one socket from the upgrade to its end
//! - [`outlet`]: the writing half, with its bounded queue and time limit
//! - [`running`]: the operations of one socket, polled in turn
//! - [`sockets`]: all open sockets: their number, and their end at shutdown
//!
//! The token comes in the payload of `connection_init`, as `{"Authorization": "Bearer …"}` or in lower case, never in
//! the address. A client whose token is about to end sends a fresh one of the same account on the open socket, as the
//! payload of a `ping`; the `pong` answers with `expiresAt`. A socket whose token ends is closed with 4403, on which
//! clients come back with another token.

mod close;
mod message;
mod outlet;
mod protocol;
mod running;
mod session;
pub(crate) mod sockets;

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, ws::WebSocketUpgrade},
    response::Response,
};

use self::session::Session;
use super::{
    House, answer::Answer, code, gate::Arrival, graphql::negotiate::Media, origin::Origin, refusal::Refusal,
    respond::respond,
};

/// The only subprotocol: the older `graphql-ws` lets operations in before the token was looked at.
const SUBPROTOCOL: &str = "graphql-transport-ws";

/// Answers a request to change to the WebSocket protocol.
pub(crate) async fn upgrade(house: Arc<House>, arrival: Arrival, request: Request) -> Response {
    let refuse = |refusal| respond(&Answer::refused(refusal, house.no_cost()), Media::Json);
    // Before the upgrade: afterwards a foreign page would already have its socket.
    if Origin::of(request.headers(), &house.settings.allowed_origins) == Origin::Foreign {
        return refuse(Refusal::new(
            code::ORIGIN_NOT_ALLOWED,
            "pages of this origin may not open a socket; ask the operator to allow the origin",
            "该来源的页面不能建立连接，请联系管理员将其加入允许列表",
        ));
    }
    let (mut parts, _) = request.into_parts();
    let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await else {
        return refuse(
            Refusal::new(code::INVALID_PARAMETER, "this is not a complete WebSocket handshake", "WebSocket 握手不完整")
                .field("Upgrade"),
        );
    };
    let Some(seat) = house.sockets.enter(&arrival.peer.map_or_else(String::new, |peer| peer.to_string())) else {
        return refuse(
            Refusal::new(
                code::OVERLOADED,
                "too many open sockets; close some, or try again later",
                "连接数过多，请关闭部分连接或稍后再试",
            )
            .retry_after(std::time::Duration::from_secs(10)),
        );
    };
    let settings = &house.settings.socket;
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(settings.message_bytes)
        .max_frame_size(settings.message_bytes);
    let speaks = upgrade.selected_protocol().is_some();
    upgrade.on_upgrade(move |socket| Session::new(house, arrival, seat).drive(socket, speaks))
}
