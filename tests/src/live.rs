//! A server that listens: the case's own state behind a real listener, with the tasks of a running server if wanted.

use std::net::SocketAddr;
use std::time::Duration;

use api::http::settings::DoorSettings;
use api::services::delivery::background::{self, Background};
use api::state::AppState;
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// The longest that an expected message may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A listening server. Dropping it ends it without a word.
#[derive(Debug)]
pub struct Live {
    /// Where it listens.
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
    _background: Option<Background>,
}

impl Live {
    /// Serves `state`. Without its tasks, the case lets the relay work when it wants.
    pub async fn start(state: &AppState, with_tasks: bool) -> Self {
        let door = api::door(state.clone(), DoorSettings::default()).await.expect("the schema is good");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a bound listener has an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let router = api::http::router(door.clone());
        let served = tokio::spawn(api::http::serve::serve(listener, router, door, async {
            let _ = stopped.await;
        }));
        let background = with_tasks.then(|| background::start(state));
        Self { address, stop: Some(stop), served, _background: background }
    }

    /// Lets it end as it would when the system asks it to.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        let _ = (&mut self.served).await;
    }
}

/// A client of graphql-transport-ws.
#[derive(Debug)]
pub struct Socket {
    socket: WebSocketStream<TcpStream>,
    number: u64,
}

/// How a socket ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// With this code.
    Closed(u16),
    /// The operation is complete.
    Complete,
    /// The line was cut.
    Cut(String),
}

impl Socket {
    /// Opens a session.
    pub async fn open(address: SocketAddr, token: &str) -> Result<Self, Error> {
        Self::begin(address, &json!({ "Authorization": format!("Bearer {token}") })).await
    }

    /// Opens a session of somebody without an account.
    pub async fn open_without_token(address: SocketAddr) -> Result<Self, Error> {
        Self::begin(address, &json!({})).await
    }

    async fn begin(address: SocketAddr, payload: &Value) -> Result<Self, Error> {
        let mut request = format!("ws://{address}/graphql").into_client_request()?;
        let protocol = "graphql-transport-ws".parse().expect("a header's value");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let stream = TcpStream::connect(address).await?;
        let (socket, _) = client_async(request, stream).await?;
        let mut this = Self { socket, number: 0 };
        this.send(json!({ "type": "connection_init", "payload": payload })).await?;
        match this.message().await {
            Ok(answer) if answer["type"] == "connection_ack" => Ok(this),
            Ok(other) => Err(Error::Io(std::io::Error::other(other.to_string()))),
            Err(ended) => Err(Error::Io(std::io::Error::other(format!("{ended:?}")))),
        }
    }

    /// Sends a message.
    pub async fn send(&mut self, message: Value) -> Result<(), Error> {
        self.socket.send(Message::text(message.to_string())).await
    }

    /// Starts an operation under this id.
    pub async fn start(&mut self, id: &str, query: &str, variables: Value) -> Result<(), Error> {
        self.send(json!({ "id": id, "type": "subscribe", "payload": { "query": query, "variables": variables } })).await
    }

    /// The next message of the protocol, or how the socket ended.
    pub async fn message(&mut self) -> Result<Value, Ended> {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.map_err(|_| Ended::Cut("silence".to_owned()))? {
                Some(Ok(Message::Text(text))) => {
                    return serde_json::from_str(&text).map_err(|error| Ended::Cut(error.to_string()));
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(Ended::Closed(frame.map_or(1005, |frame| frame.code.into())));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(Ended::Cut(error.to_string())),
                None => return Err(Ended::Cut("end".to_owned())),
            }
        }
    }

    /// A number that no operation of this socket has.
    pub fn fresh(&mut self) -> String {
        self.number += 1;
        format!("m{}", self.number)
    }
}
