//! A client of graphql-transport-ws with one subscription. It is written out here because the token is refreshed on the open
//! socket, as the payload of a `ping`, which general clients do not offer.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{WebSocketStream, client_async};
use url::Url;

use crate::secret::Secret;
use crate::{http, tls};

/// Longest silence: the server says something every quarter of a minute.
const SILENCE: Duration = Duration::from_mins(1);
/// How long opening may take.
const OPENING: Duration = Duration::from_secs(15);

/// An open socket with its subscription.
pub(super) struct Socket {
    socket: WebSocketStream<Box<dyn tls::Line>>,
}

/// What comes.
pub(super) enum Heard {
    /// A result of the subscription.
    Next(Value),
    /// It ended in order.
    Complete,
    /// It was refused: code and words.
    Refused(Value),
    /// The socket was closed.
    Closed(String),
}

impl Socket {
    /// Opens a socket and begins the subscription.
    pub(super) async fn open(url: &Url, token: &Secret, query: &str, variables: &Value) -> anyhow::Result<Self> {
        let opening = async {
            let (host, port, secure) = http::place(url)?;
            let line = tls::connect(&host, port, secure).await?;
            let mut target = url.clone();
            let scheme = if secure { "wss" } else { "ws" };
            target.set_scheme(scheme).map_err(|()| anyhow!("the server's URL has no counterpart for sockets"))?;
            let mut request = target.as_str().into_client_request()?;
            request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse()?);
            let (socket, _) = client_async(request, line).await.context("the server opens no socket")?;
            let mut this = Self { socket };
            this.say(&json!({ "type": "connection_init", "payload": authorization(token) })).await?;
            let first = this.message().await?;
            if first["type"] != "connection_ack" {
                bail!("the server does not accept the socket: {}", first["type"]);
            }
            let payload = json!({ "query": query, "variables": variables });
            this.say(&json!({ "id": "1", "type": "subscribe", "payload": payload })).await?;
            Ok(this)
        };
        timeout(OPENING, opening).await.context("the server opens no socket in time")?
    }

    /// What comes next.
    pub(super) async fn heard(&mut self) -> Heard {
        loop {
            let mut message = match timeout(SILENCE, self.message()).await {
                Ok(Ok(message)) => message,
                Ok(Err(error)) => return Heard::Closed(format!("{error:#}")),
                Err(_) => return Heard::Closed("the server has fallen silent".to_owned()),
            };
            match message["type"].as_str() {
                Some("next") => return Heard::Next(message["payload"].take()),
                Some("complete") => return Heard::Complete,
                Some("error") => return Heard::Refused(message["payload"][0].take()),
                Some("ping") => {
                    if let Err(error) = self.say(&json!({ "type": "pong" })).await {
                        return Heard::Closed(format!("{error:#}"));
                    }
                }
                _ => {}
            }
        }
    }

    /// Gives the server a fresh token.
    pub(super) async fn refresh(&mut self, token: &Secret) -> anyhow::Result<()> {
        self.say(&json!({ "type": "ping", "payload": authorization(token) })).await
    }

    /// Ends the subscription and the socket.
    pub(super) async fn close(mut self) {
        // Whether or not anybody is there to hear it.
        let _ = self.say(&json!({ "id": "1", "type": "complete" })).await;
        let _ = timeout(Duration::from_secs(1), self.socket.close(None)).await;
    }

    async fn say(&mut self, message: &Value) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::text(message.to_string())).await?)
    }

    async fn message(&mut self) -> anyhow::Result<Value> {
        loop {
            match self.socket.next().await.context("the line was cut")?? {
                Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                Message::Close(frame) => {
                    let code = frame.map_or(1005, |frame| u16::from(frame.code));
                    bail!("the server closed the socket with {code}");
                }
                _ => {}
            }
        }
    }
}

fn authorization(token: &Secret) -> Value {
    json!({ "Authorization": format!("Bearer {}", token.expose()) })
}
