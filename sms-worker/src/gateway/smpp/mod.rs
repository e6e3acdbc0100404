//! An SMPP 3.4 gateway: one line that is kept open, bound as transceiver.
//!
//! - [`line`]: the line: requests, answers, and the time they may take
//! - [`parts`]: a text in parts
//! - [`receipt`]: what a delivery receipt says

mod line;
mod parts;
mod receipt;

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use rusmpp::pdus::{BindTransceiver, SubmitSm};
use rusmpp::tlvs::{MessageSubmissionRequestTlvValue, TlvTag};
use rusmpp::types::{AnyOctetString, COctetString, OctetString};
use rusmpp::values::{DataCoding, EsmClass, InterfaceVersion, Npi, RegisteredDelivery, Ton};
use rusmpp::{CommandStatus, Pdu};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use self::line::{Line, NoAnswer};
use super::{Answer, Incoming, Message};
use crate::config::SmppConfig;
use crate::secret::Secret;

/// The longest wait before the line is opened again.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How long a submission waits for a line that is being opened.
const OPENING: Duration = Duration::from_secs(5);
/// Of the parameters' tags: a short message with a header for its parts.
const WITH_HEADER: u8 = 0x40;
/// A receipt is wanted, whatever becomes of the message.
const RECEIPT_WANTED: u8 = 0x01;

/// The gateway.
pub struct Smpp {
    config: Arc<SmppConfig>,
    line: watch::Receiver<Option<Arc<Line>>>,
    window: Semaphore,
}

impl Smpp {
    /// Begins to keep a line open.
    pub(super) fn open(
        config: &SmppConfig,
        password: Option<Secret>,
        receipts: mpsc::Sender<Incoming>,
        stop: &CancellationToken,
    ) -> anyhow::Result<Self> {
        let password = match (password, &config.password_file) {
            (Some(password), _) => password,
            (None, Some(path)) => Secret::read(path)?,
            (None, None) => Secret::new(""),
        };
        if password.expose().len() > 8 {
            bail!("a password of SMPP has up to 8 characters");
        }
        let config = Arc::new(config.clone());
        let (show, line) = watch::channel(None);
        tokio::spawn(keep_open(Arc::clone(&config), password, receipts, show, stop.clone()));
        Ok(Self { window: Semaphore::new(config.window), config, line })
    }

    /// Submits a message, part by part.
    pub(super) async fn submit(&self, message: &Message) -> Answer {
        let parts = parts::split(&message.text, &message.key);
        let Ok(count) = u8::try_from(parts.len()) else {
            return Answer::Refused { code: "TOO_LONG".to_owned(), text: None };
        };
        let mut ids = Vec::with_capacity(parts.len());
        for (part, place) in parts.into_iter().zip(1_u8..) {
            // Each part is a message to the gateway, so each has an id of ours.
            let key = if count == 1 { message.key.clone() } else { format!("{}/{place}", message.key) };
            let request = match self.request(message, &key, part, count > 1) {
                Ok(request) => request,
                Err(error) => return Answer::Refused { code: "INVALID".to_owned(), text: Some(error.to_string()) },
            };
            match self.submit_part(request).await {
                Ok(id) => ids.push(id),
                // The parts before may have gone out; nothing is known of this one, so nothing of the message.
                Err(Answer::Unreached(why)) if place > 1 => {
                    return Answer::Refused { code: "LINE_LOST".to_owned(), text: Some(why) };
                }
                Err(answer) => return answer,
            }
        }
        Answer::Taken(ids)
    }

    /// Submits one part; a gateway that says "too fast" is asked again for a while, since that is an answer: it did not take
    /// the message.
    async fn submit_part(&self, request: SubmitSm) -> Result<String, Answer> {
        let (begun, patience) = (Instant::now(), Duration::from_secs(self.config.patience_seconds));
        let mut wait = Duration::from_millis(250);
        loop {
            let (status, pdu) = self.exchange(request.clone()).await?;
            match (status, pdu) {
                (CommandStatus::EsmeRok, Some(Pdu::SubmitSmResp(answer))) => {
                    return Ok(answer.message_id().as_str().to_owned());
                }
                (CommandStatus::EsmeRok, _) => return Err(Answer::Unanswered("an answer without an id".to_owned())),
                (CommandStatus::EsmeRthrottled | CommandStatus::EsmeRmsgqful, _) if begun.elapsed() < patience => {
                    sleep(wait).await;
                    wait = Ord::min(wait * 2, Duration::from_secs(5));
                }
                (status, _) => return Err(Answer::Refused { code: line::code(status), text: None }),
            }
        }
    }

    async fn exchange(&self, request: SubmitSm) -> Result<(CommandStatus, Option<Pdu>), Answer> {
        let _place = self.window.acquire().await.map_err(|_| Answer::Unreached("the worker ends".to_owned()))?;
        let line = timeout(OPENING, self.opened()).await.ok().flatten();
        let Some(line) = line else { return Err(Answer::Unreached("there is no line to the gateway".to_owned())) };
        let patience = Duration::from_secs(self.config.response_seconds);
        line.ask(Pdu::SubmitSm(request), patience).await.map_err(|failure| match failure {
            NoAnswer::NotSent => Answer::Unreached("the line to the gateway has been lost".to_owned()),
            NoAnswer::Late => Answer::Unanswered(format!("no answer within {} s", patience.as_secs())),
            NoAnswer::LineLost => Answer::Unanswered("the line was lost before the answer".to_owned()),
        })
    }

    /// The line, as soon as it is open; none when the worker has ended it.
    async fn opened(&self) -> Option<Arc<Line>> {
        let mut watched = self.line.clone();
        watched.wait_for(Option::is_some).await.ok().and_then(|line| line.clone())
    }

    fn request(&self, message: &Message, key: &str, part: Vec<u8>, with_header: bool) -> anyhow::Result<SubmitSm> {
        let config = &self.config;
        let number = format!("{}{}", config.dest_prefix, message.phone.expose());
        let mut request = SubmitSm::builder()
            .source_addr_ton(Ton::from(config.source_ton))
            .source_addr_npi(Npi::from(config.source_npi))
            .source_addr(text(&config.source, "the source")?)
            .dest_addr_ton(Ton::from(config.dest_ton))
            .dest_addr_npi(Npi::from(config.dest_npi))
            .destination_addr(text(&number, "a number")?)
            // The library's own default is no plain message.
            .esm_class(EsmClass::from(if with_header { WITH_HEADER } else { 0 }))
            .registered_delivery(RegisteredDelivery::from(RECEIPT_WANTED))
            .data_coding(DataCoding::Ucs2)
            .short_message(OctetString::from_vec(part).map_err(|_| anyhow!("a part is too long"))?)
            .build();
        if let Some(tag) = config.dedupe_tag {
            let value = AnyOctetString::from_slice(key.as_bytes());
            request.push_tlv(MessageSubmissionRequestTlvValue::Other { tag: TlvTag::from(tag), value });
        }
        Ok(request)
    }

    /// Says goodbye.
    pub(super) async fn close(&self) {
        let line = self.line.borrow().clone();
        if let Some(line) = line {
            // Whether or not the gateway answers.
            let _ = line.ask(Pdu::Unbind, Duration::from_secs(2)).await;
        }
    }
}

/// A text of the protocol; an error names the field, not the value.
fn text<const MAX: usize>(value: &str, name: &str) -> anyhow::Result<COctetString<1, MAX>> {
    COctetString::from_str(value).map_err(|_| anyhow!("{name} cannot be written in SMPP"))
}

/// Opens the line, and opens it again whenever it is lost.
async fn keep_open(
    config: Arc<SmppConfig>,
    password: Secret,
    receipts: mpsc::Sender<Incoming>,
    show: watch::Sender<Option<Arc<Line>>>,
    stop: CancellationToken,
) {
    let mut wait = Duration::from_millis(500);
    while !stop.is_cancelled() {
        match bind(&config, &password, &receipts).await {
            Ok(line) => {
                tracing::info!(gateway = config.address, "the line to the gateway is open");
                wait = Duration::from_millis(500);
                let line = Arc::new(line);
                show.send_replace(Some(Arc::clone(&line)));
                tokio::select! {
                    () = line.closed() => {}
                    () = stop.cancelled() => return,
                }
                show.send_replace(None);
                tracing::warn!(gateway = config.address, "the line to the gateway was lost");
            }
            Err(error) => {
                tracing::error!(gateway = config.address, error = format!("{error:#}"), "no line to the gateway");
            }
        }
        tokio::select! {
            () = sleep(wait) => {}
            () = stop.cancelled() => return,
        }
        wait = Ord::min(wait * 2, LONGEST_WAIT);
    }
}

async fn bind(config: &SmppConfig, password: &Secret, receipts: &mpsc::Sender<Incoming>) -> anyhow::Result<Line> {
    let (host, port) = config.place()?;
    let stream = timeout(LONGEST_WAIT, crate::tls::connect(host, port, config.tls)).await.context("no answer")??;
    let line = Line::open(stream, receipts.clone(), config.dedupe_tag, Duration::from_secs(config.enquire_seconds));
    let request = BindTransceiver::builder()
        .system_id(text(&config.system_id, "system_id")?)
        .password(text(password.expose(), "the password")?)
        .system_type(text(&config.system_type, "system_type")?)
        .interface_version(InterfaceVersion::Smpp3_4)
        .build();
    let answer = line.ask(Pdu::BindTransceiver(request), Duration::from_secs(config.response_seconds)).await;
    match answer {
        Ok((CommandStatus::EsmeRok, _)) => Ok(line),
        Ok((status, _)) => Err(anyhow!("the gateway refuses the account: {}", line::code(status))),
        Err(_) => Err(anyhow!("the gateway does not answer")),
    }
}
