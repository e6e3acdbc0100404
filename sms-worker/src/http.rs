//! One HTTP request over one connection. Nothing is kept open between requests, so a connection that cannot be made means
//! that nothing was sent: the difference decides whether a message may be sent again.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use url::Url;

use crate::tls;

/// The longest answer that is read.
const LONGEST_ANSWER: usize = 4 << 20;
/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);

/// What is asked.
#[derive(Clone)]
pub(crate) struct Ask<'a> {
    pub(crate) method: Method,
    pub(crate) url: &'a Url,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) content_type: &'a str,
    pub(crate) body: String,
    /// How long sending and answering may take.
    pub(crate) patience: Duration,
}

/// What is answered.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Why there is no answer.
pub(crate) enum Failure {
    /// Nothing was sent.
    Unreached(anyhow::Error),
    /// Something may have been sent.
    Unanswered(anyhow::Error),
}

impl Failure {
    pub(crate) fn into_error(self) -> anyhow::Error {
        match self {
            Self::Unreached(error) | Self::Unanswered(error) => error,
        }
    }
}

/// Sends a request and reads its answer.
pub(crate) async fn send(ask: Ask<'_>) -> Result<Reply, Failure> {
    let request = request(&ask).map_err(Failure::Unreached)?;
    let (host, port, secure) = place(ask.url).map_err(Failure::Unreached)?;
    let line = match timeout(CONNECT, tls::connect(&host, port, secure)).await {
        Ok(Ok(line)) => line,
        Ok(Err(error)) => return Err(Failure::Unreached(error)),
        Err(_) => return Err(Failure::Unreached(anyhow!("{host}:{port} does not answer"))),
    };
    let exchange = async {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(line)).await?;
        let driver = tokio::spawn(connection);
        let answer = sender.send_request(request).await?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), LONGEST_ANSWER).collect().await;
        driver.abort();
        let body = body.map_err(|error| anyhow!("the answer cannot be read: {error}"))?.to_bytes();
        Ok(Reply { status, body: String::from_utf8_lossy(&body).into_owned() })
    };
    match timeout(ask.patience, exchange).await {
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(error)) => Err(Failure::Unanswered(error)),
        Err(_) => Err(Failure::Unanswered(anyhow!("no answer within {} s", ask.patience.as_secs()))),
    }
}

/// Host, port, and whether with TLS.
pub(crate) fn place(url: &Url) -> anyhow::Result<(String, u16, bool)> {
    let secure = match url.scheme() {
        "http" | "ws" => false,
        "https" | "wss" => true,
        other => bail!("{other} is not spoken here, only http and https"),
    };
    let host = url.host_str().context("the URL names no host")?.to_owned();
    Ok((host, url.port().unwrap_or(if secure { 443 } else { 80 }), secure))
}

fn request(ask: &Ask<'_>) -> anyhow::Result<Request<Full<Bytes>>> {
    let target = &ask.url[url::Position::BeforePath..url::Position::AfterQuery];
    let host = &ask.url[url::Position::BeforeHost..url::Position::AfterPort];
    let mut request = Request::builder().method(ask.method.clone()).uri(target).header(HOST, host);
    if !ask.body.is_empty() {
        request = request.header(CONTENT_TYPE, ask.content_type);
    }
    for (name, value) in &ask.headers {
        // A value may be a token: an error names the header only.
        let name = HeaderName::try_from(name.as_str()).with_context(|| format!("{name} is no name of a header"))?;
        let value = HeaderValue::try_from(value.as_str()).map_err(|_| anyhow!("the header {name} has a bad value"))?;
        request = request.header(name, value);
    }
    Ok(request.body(Full::new(Bytes::from(ask.body.clone())))?)
}
