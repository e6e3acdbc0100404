//! An HTTP gateway, described by templates: how a message is written, what an answer means, how receipts come.

mod answer;
mod receipts;
mod template;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use hyper::Method;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

use self::template::Values;
use super::{Answer, Incoming, Message};
use crate::config::{Encoding, HttpConfig};
use crate::http::{self, Ask, Failure};
use crate::secret::Secret;

/// The gateway.
pub struct Http {
    config: HttpConfig,
    method: Method,
    secrets: BTreeMap<String, Secret>,
}

impl Http {
    /// Reads the secrets, and begins to take receipts in.
    pub(super) async fn open(
        config: &HttpConfig,
        receipts: mpsc::Sender<Incoming>,
        stop: &CancellationToken,
    ) -> anyhow::Result<Self> {
        let secrets = config.read_secrets()?;
        let method = Method::from_bytes(config.method.as_bytes()).context("gateway.method")?;
        let this = Self { config: config.clone(), method, secrets };
        // What is missing shows before the first message.
        let probe = Message {
            key: "key".to_owned(),
            phone: Secret::new("13900000000"),
            text: "text".to_owned(),
            template: "template".to_owned(),
            parameters: "{}".to_owned(),
        };
        this.url(&probe)?;
        this.body(&probe)?;
        this.headers(&probe)?;
        if let Some(config) = &this.config.receipts {
            receipts::open(config, &this.config, &this.secrets, receipts, stop).await?;
        }
        Ok(this)
    }

    /// Sends a message.
    pub(super) async fn submit(&self, message: &Message) -> Answer {
        let written = self.url(message).and_then(|url| Ok((url, self.headers(message)?, self.body(message)?)));
        let (url, headers, body) = match written {
            Ok(written) => written,
            Err(error) => return Answer::Refused { code: "INVALID".to_owned(), text: Some(error.to_string()) },
        };
        let ask = Ask {
            method: self.method.clone(),
            url: &url,
            headers,
            content_type: content_type(self.config.encoding),
            body,
            patience: Duration::from_secs(self.config.response_seconds),
        };
        match http::send(ask).await {
            Ok(reply) => answer::read(&self.config.answer, &reply, &message.key),
            Err(Failure::Unreached(error)) => Answer::Unreached(format!("{error:#}")),
            Err(Failure::Unanswered(error)) => Answer::Unanswered(format!("{error:#}")),
        }
    }

    fn values<'a>(&'a self, message: &'a Message) -> Values<'a> {
        Values::of(message, &self.secrets)
    }

    fn url(&self, message: &Message) -> anyhow::Result<Url> {
        let text = template::fill(&self.config.url, &self.values(message), Encoding::Form)?;
        // An error of the parser would show the text, in which a number may stand.
        Url::parse(&text).ok().context("the URL with its values is none")
    }

    fn headers(&self, message: &Message) -> anyhow::Result<Vec<(String, String)>> {
        let values = self.values(message);
        self.config
            .headers
            .iter()
            .map(|(name, value)| Ok((name.clone(), template::fill(value, &values, Encoding::Text)?)))
            .collect()
    }

    fn body(&self, message: &Message) -> anyhow::Result<String> {
        template::fill(&self.config.body, &self.values(message), self.config.encoding)
    }
}

fn content_type(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Json => "application/json; charset=utf-8",
        Encoding::Form => "application/x-www-form-urlencoded; charset=utf-8",
        Encoding::Text => "text/plain; charset=utf-8",
    }
}
