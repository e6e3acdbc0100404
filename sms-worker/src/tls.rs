//! TLS as a client, with the roots of the system.

use std::sync::{Arc, OnceLock};

use anyhow::Context as _;
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// A connection, whichever way.
pub(crate) trait Line: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

/// Connects to `host`, with TLS if wanted.
pub(crate) async fn connect(host: &str, port: u16, secure: bool) -> anyhow::Result<Box<dyn Line>> {
    // An address of version 6 stands in brackets in a URL.
    let host = host.trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, port)).await.with_context(|| format!("cannot connect to {host}:{port}"))?;
    stream.set_nodelay(true)?;
    if !secure {
        return Ok(Box::new(stream));
    }
    let name = ServerName::try_from(host.to_owned()).with_context(|| format!("{host} is no name of a server"))?;
    let stream = TlsConnector::from(config()?).connect(name, stream).await;
    Ok(Box::new(stream.with_context(|| format!("cannot open TLS with {host}:{port}"))?))
}

fn config() -> anyhow::Result<Arc<ClientConfig>> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(Arc::clone(config));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    Ok(Arc::clone(CONFIG.get_or_init(|| Arc::new(config))))
}
