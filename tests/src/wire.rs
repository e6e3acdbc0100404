//! A client at the other end of a real socket: HTTP/1.1 by hand, for cases in which the listener takes part.
//!
//! It blocks: call it through [`tokio::task::spawn_blocking`], or outside any runtime.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// The longest that a server may take to say something.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came back over the wire.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body as it came.
    pub body: String,
}

impl Reply {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The code of the first error; empty when there is none.
    pub fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Sends one request such as `GET /healthz` on a connection of its own.
pub fn send(address: SocketAddr, line: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Reply> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n")?;
    for (name, value) in headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    write!(stream, "Content-Length: {}\r\n\r\n", body.len())?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no status line came back"))?;
    Ok(Reply { status, body: body.to_owned() })
}

/// Asks in GraphQL, as somebody with a token or as a stranger.
pub fn ask(address: SocketAddr, token: Option<&str>, query: &str, variables: &Value) -> io::Result<Reply> {
    let bearer = format!("Bearer {}", token.unwrap_or_default());
    let mut headers = vec![("Content-Type", "application/json"), ("Accept", "application/graphql-response+json")];
    if token.is_some() {
        headers.push(("Authorization", &bearer));
    }
    let body = serde_json::json!({ "query": query, "variables": variables }).to_string();
    send(address, "POST /graphql", &headers, body.as_bytes())
}
