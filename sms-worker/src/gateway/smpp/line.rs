//! A line to an SMPP gateway: requests and their answers by number, receipts as they come, and a sign of life now and then.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use rusmpp::pdus::DeliverSmResp;
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::{Command, CommandStatus, Pdu};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::codec::Framed;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::receipt;
use crate::gateway::{Incoming, pass_on};
use crate::tls;

/// The largest message of the protocol that is read.
const LARGEST: usize = 16 << 10;
/// Requests and answers waiting to be written.
const QUEUE: usize = 64;

/// What an answer says.
pub(super) type Answered = (CommandStatus, Option<Pdu>);

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// The line was lost before the request was written.
    NotSent,
    /// It did not come in time.
    Late,
    /// The line was lost before it came.
    LineLost,
}

/// An open line. Dropping it closes it.
pub(super) struct Line {
    outgoing: mpsc::Sender<Command>,
    waiting: Arc<Waiting>,
    number: AtomicU32,
    over: CancellationToken,
    _close: DropGuard,
}

/// Those who wait for an answer, by its number.
#[derive(Default)]
struct Waiting(Mutex<BTreeMap<u32, oneshot::Sender<Answered>>>);

impl Waiting {
    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<u32, oneshot::Sender<Answered>>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Line {
    pub(super) fn open(
        stream: Box<dyn tls::Line>,
        receipts: mpsc::Sender<Incoming>,
        dedupe_tag: Option<u16>,
        silence: Duration,
    ) -> Self {
        let (outgoing, queue) = mpsc::channel(QUEUE);
        let (waiting, over) = (Arc::new(Waiting::default()), CancellationToken::new());
        let talk = Talk {
            framed: Framed::new(stream, CommandCodec::new().with_max_length(LARGEST)),
            queue,
            answers: outgoing.downgrade(),
            waiting: Arc::clone(&waiting),
            receipts,
            dedupe_tag,
            silence,
        };
        let (asked_to_end, ended) = (over.child_token(), over.clone());
        let close = CancellationToken::new();
        let closing = close.clone();
        let forgotten = Arc::clone(&waiting);
        tokio::spawn(async move {
            tokio::select! {
                () = talk.run() => {}
                () = closing.cancelled() => {}
                () = asked_to_end.cancelled() => {}
            }
            ended.cancel();
            // Whoever waits will hear nothing more.
            forgotten.with(BTreeMap::clear);
        });
        Self { outgoing, waiting, number: AtomicU32::new(1), over, _close: close.drop_guard() }
    }

    /// Asks, and waits for the answer.
    pub(super) async fn ask(&self, pdu: Pdu, patience: Duration) -> Result<Answered, NoAnswer> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let (tell, told) = oneshot::channel();
        self.waiting.with(|waiting| waiting.insert(number, tell));
        if self.over.is_cancelled()
            || self.outgoing.send(Command::new(CommandStatus::EsmeRok, number, pdu)).await.is_err()
        {
            self.waiting.with(|waiting| waiting.remove(&number));
            return Err(NoAnswer::NotSent);
        }
        match timeout(patience, told).await {
            Ok(Ok(answered)) => Ok(answered),
            Ok(Err(_)) => Err(NoAnswer::LineLost),
            Err(_) => {
                self.waiting.with(|waiting| waiting.remove(&number));
                Err(NoAnswer::Late)
            }
        }
    }

    /// Completes when the line is lost.
    pub(super) async fn closed(&self) {
        self.over.cancelled().await;
    }
}

/// Both directions of the line.
struct Talk {
    framed: Framed<Box<dyn tls::Line>, CommandCodec>,
    queue: mpsc::Receiver<Command>,
    answers: mpsc::WeakSender<Command>,
    waiting: Arc<Waiting>,
    receipts: mpsc::Sender<Incoming>,
    dedupe_tag: Option<u16>,
    silence: Duration,
}

impl Talk {
    async fn run(mut self) {
        let mut heard = Instant::now();
        let mut tried = false;
        // Numbers of our own signs of life, apart from those of the requests.
        let mut number = 0x4000_0000;
        loop {
            tokio::select! {
                command = self.queue.recv() => {
                    let Some(command) = command else { return };
                    if self.framed.send(command).await.is_err() {
                        return;
                    }
                }
                command = self.framed.next() => {
                    let Some(Ok(command)) = command else { return };
                    (heard, tried) = (Instant::now(), false);
                    if !self.take(command).await {
                        return;
                    }
                }
                () = sleep_until(heard + self.silence) => {
                    if tried {
                        return;
                    }
                    (heard, tried) = (Instant::now(), true);
                    number += 1;
                    if self.framed.send(Command::new(CommandStatus::EsmeRok, number, Pdu::EnquireLink)).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Takes in what the gateway says. False when it says goodbye.
    async fn take(&mut self, command: Command) -> bool {
        let number = command.sequence_number();
        let reply = |pdu: Pdu| Command::new(CommandStatus::EsmeRok, number, pdu);
        match command.pdu() {
            Some(Pdu::EnquireLink) => self.framed.send(reply(Pdu::EnquireLinkResp)).await.is_ok(),
            Some(Pdu::Unbind) => {
                let _ = self.framed.send(reply(Pdu::UnbindResp)).await;
                false
            }
            Some(Pdu::DeliverSm(message)) => {
                let receipt = receipt::read(message, self.dedupe_tag);
                let (answers, receipts) = (self.answers.clone(), self.receipts.clone());
                tokio::spawn(async move {
                    // What is no receipt, such as somebody's reply, is acknowledged and left.
                    let recorded = match receipt {
                        Some(receipt) => pass_on(&receipts, receipt).await,
                        None => true,
                    };
                    let status = if recorded { CommandStatus::EsmeRok } else { CommandStatus::EsmeRxTAppn };
                    if let Some(answers) = answers.upgrade() {
                        let _ = answers.send(Command::new(status, number, DeliverSmResp::default())).await;
                    }
                });
                true
            }
            _ => {
                if let Some(tell) = self.waiting.with(|waiting| waiting.remove(&number)) {
                    let _ = tell.send((command.status(), command.pdu().cloned()));
                }
                true
            }
        }
    }
}

/// A status as it stands in failure maps: `ESME_RTHROTTLED`, or its number.
pub(super) fn code(status: CommandStatus) -> String {
    if let CommandStatus::Other(number) = status {
        return format!("0x{number:08X}");
    }
    let name = format!("{status:?}");
    format!("ESME_{}", name.trim_start_matches("Esme").to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_have_the_names_of_the_protocol() {
        assert_eq!(code(CommandStatus::EsmeRthrottled), "ESME_RTHROTTLED");
        assert_eq!(code(CommandStatus::EsmeRinvdstadr), "ESME_RINVDSTADR");
        assert_eq!(code(CommandStatus::Other(0x400)), "0x00000400");
    }
}
