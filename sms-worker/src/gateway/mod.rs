//! The gateway's side: what a message is, what comes of handing it over, and what a receipt says.

mod console;
mod http;
mod smpp;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::config::GatewayConfig;
use crate::secret::Secret;

/// A message for the gateway.
#[derive(Clone, Debug)]
pub struct Message {
    /// Our own id of it, the same on every attempt.
    pub key: String,
    /// The number.
    pub phone: Secret,
    /// The text, signature included.
    pub text: String,
    /// The gateway's id of the template.
    pub template: String,
    /// The template's values, a JSON object.
    pub parameters: String,
}

/// What came of handing a message over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The gateway took it, and calls its parts so.
    Taken(Vec<String>),
    /// The gateway did not take it.
    Refused {
        /// Its code.
        code: String,
        /// Its words.
        text: Option<String>,
    },
    /// The gateway was asked and did not answer: nobody knows whether it has the message.
    Unanswered(String),
    /// The gateway could not be asked: it does not have the message.
    Unreached(String),
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The handset has it.
    Delivered,
    /// It will not arrive.
    Failed,
    /// The gateway gave up in the time it had.
    Expired,
}

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The gateway's id of the message.
    pub gateway_id: String,
    /// Which part, if the gateway says so.
    pub segment: Option<i64>,
    /// What became of it.
    pub fate: Fate,
    /// The gateway's code.
    pub code: Option<String>,
    /// The gateway's words.
    pub text: Option<String>,
    /// Our own id, if the gateway gives it back.
    pub key: Option<String>,
}

/// A receipt on its way to the server, and whom to tell when it is on record: only then is it acknowledged to the gateway.
pub type Incoming = (Receipt, oneshot::Sender<()>);

/// The gateway.
pub enum Gateway {
    /// Prints.
    Console(console::Console),
    /// SMPP.
    Smpp(smpp::Smpp),
    /// HTTP.
    Http(Box<http::Http>),
}

impl Gateway {
    /// Opens the gateway; its receipts go into `receipts`. `password` outweighs the file's.
    pub async fn open(
        config: &GatewayConfig,
        password: Option<Secret>,
        receipts: mpsc::Sender<Incoming>,
        stop: &CancellationToken,
    ) -> anyhow::Result<Self> {
        Ok(match config {
            GatewayConfig::Console(_) => Self::Console(console::Console),
            GatewayConfig::Smpp(config) => Self::Smpp(smpp::Smpp::open(config, password, receipts, stop)?),
            GatewayConfig::Http(config) => Self::Http(Box::new(http::Http::open(config, receipts, stop).await?)),
        })
    }

    /// Hands a message over.
    pub async fn submit(&self, message: &Message) -> Answer {
        match self {
            Self::Console(_) => console::Console::submit(message),
            Self::Smpp(smpp) => smpp.submit(message).await,
            Self::Http(http) => http.submit(message).await,
        }
    }

    /// Takes leave of the gateway.
    pub async fn close(&self) {
        if let Self::Smpp(smpp) = self {
            smpp.close().await;
        }
    }
}

/// Hands a receipt to the server's side, and waits until it is on record. False when the worker ends before that.
pub(crate) async fn pass_on(receipts: &mpsc::Sender<Incoming>, receipt: Receipt) -> bool {
    let (recorded, done) = oneshot::channel();
    receipts.send((receipt, recorded)).await.is_ok() && done.await.is_ok()
}
