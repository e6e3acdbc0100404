//! What an operator sets about the gateway.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use url::Url;

use crate::secret::Secret;

/// The gateway.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum GatewayConfig {
    /// Prints instead of sending, for trying things out.
    Console(ConsoleConfig),
    /// SMPP 3.4.
    Smpp(Box<SmppConfig>),
    /// An HTTP interface, described by templates.
    Http(Box<HttpConfig>),
}

/// The console has nothing to set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsoleConfig {}

/// An SMPP gateway.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmppConfig {
    /// Host and port.
    pub address: String,
    /// Whether with TLS.
    #[serde(default)]
    pub tls: bool,
    /// Name of our account, up to 15 characters.
    pub system_id: String,
    /// File whose first line is its password, up to 8 characters; the environment may give it instead.
    pub password_file: Option<PathBuf>,
    /// As the gateway asks for.
    #[serde(default)]
    pub system_type: String,
    /// The number that messages come from.
    pub source: String,
    /// Type of that number.
    #[serde(default)]
    pub source_ton: u8,
    /// Plan of that number.
    #[serde(default)]
    pub source_npi: u8,
    /// Type of the recipients' numbers.
    #[serde(default)]
    pub dest_ton: u8,
    /// Plan of the recipients' numbers.
    #[serde(default = "one")]
    pub dest_npi: u8,
    /// Put before the recipients' numbers, such as `86`.
    #[serde(default)]
    pub dest_prefix: String,
    /// Submissions without an answer at once.
    #[serde(default = "ten")]
    pub window: usize,
    /// Seconds that an answer may take.
    #[serde(default = "thirty")]
    pub response_seconds: u64,
    /// Seconds of silence after which the line is tried.
    #[serde(default = "thirty")]
    pub enquire_seconds: u64,
    /// Seconds for which a gateway that says "too fast" is tried again before that is reported.
    #[serde(default = "thirty")]
    pub patience_seconds: u64,
    /// Tag of an optional parameter that carries our id of the message, 0x1400 to 0x3FFF, as agreed with the gateway.
    pub dedupe_tag: Option<u16>,
}

/// An HTTP gateway.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Where messages are sent; placeholders are filled in.
    pub url: String,
    /// `POST` or `GET`.
    #[serde(default = "post")]
    pub method: String,
    /// Headers; placeholders are filled in.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// How values are written into the body.
    #[serde(default)]
    pub encoding: Encoding,
    /// The body; placeholders are filled in.
    #[serde(default)]
    pub body: String,
    /// Files whose first lines are secrets, for `{secret.NAME}`.
    #[serde(default)]
    pub secrets: BTreeMap<String, PathBuf>,
    /// Seconds that an answer may take.
    #[serde(default = "thirty")]
    pub response_seconds: u64,
    /// What an answer means.
    pub answer: AnswerConfig,
    /// How receipts come, if they do.
    pub receipts: Option<ReceiptConfig>,
}

/// How values are written into a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Inside JSON strings.
    #[default]
    Json,
    /// As parts of a form.
    Form,
    /// As they are.
    Text,
}

/// What an answer means. Places are JSON pointers, such as `/data/code`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerConfig {
    /// Where the code stands; without one the HTTP status is the code.
    pub code: Option<String>,
    /// Codes that say that the message was taken.
    #[serde(default)]
    pub success: Vec<String>,
    /// Where the gateway's id of the message stands; a list is one for each part.
    pub id: Option<String>,
    /// Where its words stand.
    pub text: Option<String>,
}

/// How receipts come, and what they mean.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptConfig {
    /// The gateway calls us.
    pub webhook: Option<WebhookConfig>,
    /// We ask the gateway.
    pub poll: Option<PollConfig>,
    /// Where the list of receipts stands; the whole body if empty.
    #[serde(default)]
    pub items: String,
    /// Where in a receipt the gateway's id of the message stands.
    pub id: String,
    /// Where the status stands.
    pub status: String,
    /// Where the number of the part stands, from 1.
    pub segment: Option<String>,
    /// Where our id of the message stands.
    pub key: Option<String>,
    /// Where its words stand.
    pub text: Option<String>,
    /// Statuses that say that the handset has it.
    pub delivered: Vec<String>,
    /// Statuses that say that the gateway gave up in the time it had.
    #[serde(default)]
    pub expired: Vec<String>,
    /// Statuses that say nothing yet. All others say that it will not arrive.
    #[serde(default)]
    pub pending: Vec<String>,
}

/// The gateway calls us.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// Where we listen; put a proxy with TLS before it.
    pub listen: SocketAddr,
    /// The path.
    #[serde(default = "receipts")]
    pub path: String,
    /// File whose first line has to come as the query's `token`.
    pub token_file: PathBuf,
    /// What we answer when the receipts are on record.
    #[serde(default = "ok")]
    pub answer: String,
}

/// We ask the gateway.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PollConfig {
    /// Where.
    pub url: String,
    /// `GET` or `POST`.
    #[serde(default = "get")]
    pub method: String,
    /// The body.
    #[serde(default)]
    pub body: String,
    /// How often, in seconds.
    #[serde(default = "ten_seconds")]
    pub every_seconds: u64,
}

impl GatewayConfig {
    /// What the file's form does not say.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        match self {
            Self::Console(_) => Ok(()),
            Self::Smpp(smpp) => smpp.check(),
            Self::Http(http) => http.check(),
        }
    }
}

impl SmppConfig {
    /// Host and port.
    pub fn place(&self) -> anyhow::Result<(&str, u16)> {
        let (host, port) = self.address.rsplit_once(':').context("gateway.address: host:port")?;
        Ok((host, port.parse().context("gateway.address: the port is a number")?))
    }

    fn check(&self) -> anyhow::Result<()> {
        self.place()?;
        let bounds = [
            ("system_id", &self.system_id, 15),
            ("system_type", &self.system_type, 12),
            ("source", &self.source, 20),
            ("dest_prefix", &self.dest_prefix, 9),
        ];
        for (name, value, most) in bounds {
            if value.len() > most || !value.is_ascii() {
                bail!("gateway.{name}: up to {most} plain characters");
            }
        }
        if !(1..=1_000).contains(&self.window) {
            bail!("gateway.window: 1 to 1000");
        }
        if self.dedupe_tag.is_some_and(|tag| !(0x1400..=0x3FFF).contains(&tag)) {
            bail!("gateway.dedupe_tag: 0x1400 to 0x3FFF, the range that is left to gateways");
        }
        Ok(())
    }
}

impl HttpConfig {
    fn check(&self) -> anyhow::Result<()> {
        // Placeholders stand where the URL allows any text.
        Url::parse(&self.url).context("gateway.url")?;
        if self.answer.code.is_some() && self.answer.success.is_empty() {
            bail!("gateway.answer.success: which codes say that the message was taken?");
        }
        let Some(receipts) = &self.receipts else { return Ok(()) };
        if receipts.webhook.is_none() && receipts.poll.is_none() {
            bail!("gateway.receipts: by webhook or by poll?");
        }
        if let Some(poll) = &receipts.poll {
            Url::parse(&poll.url).context("gateway.receipts.poll.url")?;
        }
        Ok(())
    }

    /// The secrets that templates may name.
    pub fn read_secrets(&self) -> anyhow::Result<BTreeMap<String, Secret>> {
        self.secrets.iter().map(|(name, path)| Ok((name.clone(), Secret::read(path)?))).collect()
    }
}

fn one() -> u8 {
    1
}

fn ten() -> usize {
    10
}

fn ten_seconds() -> u64 {
    10
}

fn thirty() -> u64 {
    30
}

fn post() -> String {
    "POST".to_owned()
}

fn get() -> String {
    "GET".to_owned()
}

fn receipts() -> String {
    "/receipts".to_owned()
}

fn ok() -> String {
    "OK".to_owned()
}
