//! The configuration file. A mistake in it stops the worker before it begins; docs/sms-worker.md explains each entry.

mod gateway;

pub use gateway::{
    AnswerConfig, Encoding, GatewayConfig, HttpConfig, PollConfig, ReceiptConfig, SmppConfig, WebhookConfig,
};

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

/// What an operator sets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The server's GraphQL endpoint, such as `https://info.example.gov.cn/graphql`.
    #[serde(deserialize_with = "url")]
    pub server: Url,
    /// Login of the worker's account.
    pub login: String,
    /// File whose first line is its password; the environment may give it instead.
    pub password_file: Option<PathBuf>,
    /// Global id of the consumer.
    pub consumer: String,
    /// Lease by plain requests instead of following the stream.
    #[serde(default)]
    pub poll: bool,
    /// Seconds between two requests that found nothing.
    #[serde(default = "five")]
    pub poll_seconds: u64,
    /// Notices in hand at once.
    #[serde(default = "fifty")]
    pub max_in_flight: u16,
    /// SMS a second; a notice of three parts counts as three.
    #[serde(default = "ten")]
    pub rate: NonZeroU32,
    /// File that remembers what was handed to the gateway; without one, the gateway has to know our ids.
    pub journal: Option<PathBuf>,
    /// Seconds that the worker may take to finish what it has in hand when it is told to end.
    #[serde(default = "thirty")]
    pub grace_seconds: u64,
    /// What is done to texts.
    #[serde(default)]
    pub text: TextConfig,
    /// The gateway's ids of our templates.
    #[serde(default)]
    pub templates: BTreeMap<String, String>,
    /// The gateway.
    pub gateway: GatewayConfig,
}

/// What is done to texts before they are sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextConfig {
    /// Put before a text that begins with none, in 【】.
    pub signature: Option<String>,
    /// Take a leading 【…】 away, for gateways that add their own.
    #[serde(default)]
    pub strip_signature: bool,
}

impl Config {
    /// Reads a file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is no good configuration", path.display()))
    }

    /// Reads a text.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let config: Self = toml::from_str(text)?;
        if !(1..=500).contains(&config.max_in_flight) {
            bail!("max_in_flight: 1 to 500");
        }
        if config.text.signature.is_some() && config.text.strip_signature {
            bail!("text: a signature is either put before a text or taken away, not both");
        }
        crate::http::place(&config.server).context("server")?;
        config.gateway.check()?;
        Ok(config)
    }
}

impl TextConfig {
    /// The text as it goes to the gateway.
    pub fn dress(&self, text: &str) -> String {
        let signed = text.starts_with('【');
        if self.strip_signature && signed {
            return text.split_once('】').map_or(text, |(_, rest)| rest).to_owned();
        }
        match &self.signature {
            Some(signature) if !signed => format!("【{signature}】{text}"),
            _ => text.to_owned(),
        }
    }
}

fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let text = String::deserialize(deserializer)?;
    Url::parse(&text).map_err(|error| D::Error::custom(format!("{text} is no URL: {error}")))
}

fn five() -> u64 {
    5
}

fn thirty() -> u64 {
    30
}

fn fifty() -> u16 {
    50
}

fn ten() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(9)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "server = 'http://127.0.0.1:8080/graphql'\nlogin = 'sms.worker'\nconsumer = 'Q29uc3VtZXI6MQ'\n";

    #[test]
    fn a_short_configuration_is_enough() {
        let config = Config::parse(&format!("{LEAST}[gateway]\nkind = 'console'")).unwrap();
        assert_eq!((config.max_in_flight, config.rate.get(), config.poll), (50, 10, false));
    }

    #[test]
    fn a_mistake_is_told() {
        for (more, expected) in [
            ("colour = 'red'\n[gateway]\nkind = 'console'", "colour"),
            ("max_in_flight = 0\n[gateway]\nkind = 'console'", "max_in_flight"),
            ("[gateway]\nkind = 'pigeon'", "pigeon"),
            ("[gateway]\nkind = 'smpp'\naddress = 'x:1'", "system_id"),
            ("[gateway]\nkind = 'smpp'\naddress = 'x'\nsystem_id = 'a'\nsource = '1'", "gateway.address"),
            ("[text]\nsignature = 'a'\nstrip_signature = true\n[gateway]\nkind = 'console'", "not both"),
        ] {
            let error = format!("{:#}", Config::parse(&format!("{LEAST}{more}")).unwrap_err());
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }

    #[test]
    fn a_signature_is_kept_put_or_taken() {
        let keep = TextConfig::default();
        let put = TextConfig { signature: Some("市府办".to_owned()), strip_signature: false };
        let take = TextConfig { signature: None, strip_signature: true };
        assert_eq!(keep.dress("【县办】好"), "【县办】好");
        assert_eq!((put.dress("好"), put.dress("【县办】好")), ("【市府办】好".to_owned(), "【县办】好".to_owned()));
        assert_eq!((take.dress("【县办】好"), take.dress("好")), ("好".to_owned(), "好".to_owned()));
    }
}
