//! What a deployment may set at the door. Every value has a default that is safe.

use std::time::Duration;

use super::{admission::limits::Limits, peer::Network};

/// The settings of the door.
#[derive(Clone, Debug)]
pub struct DoorSettings {
    /// What a document may hold.
    pub limits: Limits,
    /// The most bytes of a request body.
    pub body_bytes: usize,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// How long an operation may run.
    pub deadline: Duration,
    /// Origins (`https://info.example.gov.cn`) whose pages may call this server from elsewhere. Pages of the server's
    /// own host always may. Empty: no others.
    pub allowed_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Whether `/ide` is served.
    pub ide: bool,
    /// The socket.
    pub socket: SocketSettings,
}

/// The settings of graphql-transport-ws.
#[derive(Clone, Debug)]
pub struct SocketSettings {
    /// How long a client may wait with `connection_init`.
    pub init_timeout: Duration,
    /// Operations running at once on one socket.
    pub operations: usize,
    /// The most bytes of one message, and of one frame, from a client.
    pub message_bytes: usize,
    /// Messages waiting to be written before the operations are no longer asked for more.
    pub send_queue: usize,
    /// How long one message may take to be written.
    pub write_timeout: Duration,
    /// How often the token's end and the caller's standing are looked at.
    pub watch_interval: Duration,
    /// How often a silent client is pinged; after three silent intervals it is gone.
    pub ping_interval: Duration,
    /// Open sockets of one account, and of one address as long as nobody is identified on them.
    pub per_caller: usize,
    /// Open sockets in all.
    pub total: usize,
}

impl Default for DoorSettings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            body_bytes: 1024 * 1024,
            body_timeout: Duration::from_secs(10),
            deadline: Duration::from_secs(30),
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            ide: true,
            socket: SocketSettings::default(),
        }
    }
}

impl Default for SocketSettings {
    fn default() -> Self {
        Self {
            init_timeout: Duration::from_secs(5),
            operations: 20,
            message_bytes: 64 * 1024,
            send_queue: 64,
            write_timeout: Duration::from_secs(10),
            watch_interval: Duration::from_secs(1),
            ping_interval: Duration::from_secs(25),
            per_caller: 100,
            total: 10_000,
        }
    }
}
