//! A client of graphql-transport-ws for the tests.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue},
};

use super::server::Server;

/// The longest any expected message may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Client {
    socket: WebSocketStream<TcpStream>,
}

impl Client {
    /// Opens a socket, and no session yet.
    pub(super) async fn connect(server: &Server) -> Self {
        Self::connect_with(server, &[("sec-websocket-protocol", "graphql-transport-ws")]).await.unwrap()
    }

    /// Opens a socket with these headers.
    pub(super) async fn connect_with(server: &Server, headers: &[(&'static str, &str)]) -> Result<Self, Error> {
        let address = server.address;
        let mut request = format!("ws://{address}/graphql").into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value)?);
        }
        let stream = TcpStream::connect(address).await?;
        let (socket, _) = client_async(request, stream).await?;
        Ok(Self { socket })
    }

    /// Opens a socket and a session.
    pub(super) async fn open(server: &Server, name: Option<&str>) -> Self {
        let mut client = Self::connect(server).await;
        let payload = name.map(|name| json!({ "Authorization": format!("Bearer {name}") }));
        client.send(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(client.next().await, json!({ "type": "connection_ack" }));
        client
    }

    pub(super) async fn send(&mut self, message: Value) {
        self.send_frame(Message::text(message.to_string())).await;
    }

    pub(super) async fn send_frame(&mut self, message: Message) {
        // The server may have closed already; the test sees it when it reads.
        drop(self.socket.send(message).await);
    }

    pub(super) async fn subscribe(&mut self, id: &str, query: &str) {
        self.send(json!({ "id": id, "type": "subscribe", "payload": { "query": query } })).await;
    }

    /// The next message of the protocol.
    pub(super) async fn next(&mut self) -> Value {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("a message in time") {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("a message, not {other:?}"),
            }
        }
    }

    /// Reads to the end and returns the closing code; 1006 when the line was cut.
    pub(super) async fn closed(&mut self) -> u16 {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("an end in time") {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(Message::Close(None))) => return 1005,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return 1006,
            }
        }
    }
}
