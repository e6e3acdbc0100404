//! The messages of graphql-transport-ws.

use axum::extract::ws::{Message, Utf8Bytes};
use serde_json::{Map, Value, json};

use super::close::Close;
use crate::http::answer::Answer;

/// The most bytes of an operation's id. Clients number their operations or use a UUID.
const ID_BYTES: usize = 128;

/// A message from a client.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FromClient {
    /// Opens the session, with the token in the payload.
    Init(Map<String, Value>),
    /// Asks for a sign of life; may bring a fresh token.
    Ping(Option<Map<String, Value>>),
    /// Answers ours.
    Pong,
    /// Starts an operation.
    Subscribe { id: String, payload: Map<String, Value> },
    /// Ends an operation.
    Complete { id: String },
}

impl FromClient {
    /// Reads a text message.
    ///
    /// # Errors
    /// [`Close::Invalid`] for everything the protocol does not know: the protocol allows no leniency here.
    pub(crate) fn parse(text: &str) -> Result<Self, Close> {
        let Ok(Value::Object(mut fields)) = serde_json::from_str(text) else {
            return Err(Close::Invalid);
        };
        let payload = match fields.remove("payload") {
            None | Some(Value::Null) => None,
            Some(Value::Object(payload)) => Some(payload),
            Some(_) => return Err(Close::Invalid),
        };
        let id = match fields.remove("id") {
            None => None,
            Some(Value::String(id)) if !id.is_empty() && id.len() <= ID_BYTES => Some(id),
            Some(_) => return Err(Close::Invalid),
        };
        match (fields.get("type").and_then(Value::as_str), id, payload) {
            (Some("connection_init"), _, payload) => Ok(Self::Init(payload.unwrap_or_default())),
            (Some("ping"), _, payload) => Ok(Self::Ping(payload)),
            (Some("pong"), _, _) => Ok(Self::Pong),
            (Some("subscribe"), Some(id), Some(payload)) => Ok(Self::Subscribe { id, payload }),
            (Some("complete"), Some(id), _) => Ok(Self::Complete { id }),
            _ => Err(Close::Invalid),
        }
    }
}

/// The authorization in a payload, under the name of the HTTP header.
pub(crate) fn authorization(payload: &Map<String, Value>) -> Option<&Value> {
    payload
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        .map(|(_, value)| value)
        .filter(|value| !value.is_null())
}

/// A message to a client.
#[derive(Debug)]
pub(crate) enum ToClient {
    /// The session is open.
    Ack,
    /// Answers a ping; says when the token ends if the ping brought one.
    Pong(Option<Value>),
    /// One result of an operation.
    Next { id: String, answer: Box<Answer> },
    /// The operation was refused, or ended with an error.
    Error { id: String, answer: Box<Answer> },
    /// The operation has ended.
    Complete { id: String },
}

impl ToClient {
    /// The frame.
    pub(crate) fn into_frame(self) -> Message {
        let value = match self {
            Self::Ack => json!({ "type": "connection_ack" }),
            Self::Pong(None) => json!({ "type": "pong" }),
            Self::Pong(Some(payload)) => json!({ "type": "pong", "payload": payload }),
            Self::Next { id, answer } => json!({ "id": id, "type": "next", "payload": *answer }),
            Self::Error { id, answer } => {
                json!({ "id": id, "type": "error", "payload": answer.errors })
            }
            Self::Complete { id } => json!({ "id": id, "type": "complete" }),
        };
        Message::Text(Utf8Bytes::from(value.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_strictly() {
        let none = Map::new;
        let subscribe = || FromClient::Subscribe { id: "1".into(), payload: none() };
        for (text, expected) in [
            (r#"{"type":"connection_init"}"#, Ok(FromClient::Init(none()))),
            (r#"{"type":"connection_init","payload":null}"#, Ok(FromClient::Init(none()))),
            (r#"{"type":"connection_init","payload":"token"}"#, Err(Close::Invalid)),
            (r#"{"type":"ping"}"#, Ok(FromClient::Ping(None))),
            (r#"{"type":"ping","payload":{}}"#, Ok(FromClient::Ping(Some(none())))),
            (r#"{"type":"pong"}"#, Ok(FromClient::Pong)),
            (r#"{"type":"subscribe","id":"1","payload":{}}"#, Ok(subscribe())),
            (r#"{"type":"subscribe","id":1,"payload":{}}"#, Err(Close::Invalid)),
            (r#"{"type":"subscribe","id":"","payload":{}}"#, Err(Close::Invalid)),
            (r#"{"type":"subscribe","payload":{}}"#, Err(Close::Invalid)),
            (r#"{"type":"subscribe","id":"1"}"#, Err(Close::Invalid)),
            (r#"{"type":"complete","id":"1"}"#, Ok(FromClient::Complete { id: "1".into() })),
            (r#"{"type":"complete"}"#, Err(Close::Invalid)),
            (r#"{"type":"start","id":"1","payload":{}}"#, Err(Close::Invalid)),
            (r#"{"type":7}"#, Err(Close::Invalid)),
            ("[]", Err(Close::Invalid)),
            ("not json", Err(Close::Invalid)),
            ("", Err(Close::Invalid)),
        ] {
            assert_eq!(FromClient::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn an_id_may_not_be_endless() {
        let text = format!(r#"{{"type":"complete","id":"{}"}}"#, "x".repeat(ID_BYTES + 1));
        assert_eq!(FromClient::parse(&text), Err(Close::Invalid));
    }
}
