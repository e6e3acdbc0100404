//! What goes from the server to the gateway and back.
//!
//! - `hands`: what the worker holds, and up to where everything has been reported
//! - `telling`: reports and receipts on their way to the server
//!
//! Each notice is a task of its own: it looks into the journal, waits for its turn under the rate, is handed to the gateway,
//! and leaves its answer to be reported. A notice that comes again while it is in hand is not handed over again; the report
//! then names its newer lease.

mod hands;
mod telling;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use self::hands::Hands;
use self::telling::Outcome;
use crate::config::Config;
use crate::gateway::{Answer, Gateway, Message};
use crate::journal::{Journal, Known};
use crate::office::Endpoint;
use crate::office::deliveries::{Delivery, Source, Taker};
use crate::office::reports::Reports;
use crate::office::session::Session;
use crate::secret::Secret;

/// How often leases are extended; one lasts a minute.
const EXTENDED: Duration = Duration::from_secs(20);
/// Outcomes and receipts that may wait to be told.
const QUEUE: usize = 1_000;
/// The longest wait for a gateway that cannot be reached.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// The passwords that do not stand in the configuration file.
#[derive(Debug, Default)]
pub struct Passwords {
    /// Of the account on the server.
    pub server: Option<Secret>,
    /// Of the account at the gateway.
    pub gateway: Option<Secret>,
}

/// What the tasks share.
struct Desk {
    config: Config,
    gateway: Gateway,
    limiter: DefaultDirectRateLimiter,
    journal: Mutex<Journal>,
    hands: Mutex<Hands>,
    outcomes: mpsc::Sender<Outcome>,
    stop: CancellationToken,
}

/// Sends until it is told to end. An error means that it cannot go on.
pub async fn run(config: Config, passwords: Passwords, stop: CancellationToken) -> anyhow::Result<()> {
    let password = match (passwords.server, &config.password_file) {
        (Some(password), _) => password,
        (None, Some(path)) => Secret::read(path)?,
        (None, None) => anyhow::bail!("the account's password is missing: password_file, or the environment"),
    };
    let journal = Journal::open(config.journal.as_deref())?;
    let session = Session::new(Endpoint::new(config.server.clone()), config.login.clone(), password);
    if let Some(begun) = stop.run_until_cancelled(session.begin()).await {
        begun?;
    } else {
        return Ok(());
    }

    let (receipts, incoming) = mpsc::channel(QUEUE);
    let (outcomes, told) = mpsc::channel(QUEUE);
    let gateway = Gateway::open(&config.gateway, passwords.gateway, receipts, &stop).await?;
    let reports = Reports::new(config.server.clone(), session.clone(), config.consumer.clone());
    let source = Source::new(config.server.clone(), session, config.consumer.clone(), config.max_in_flight);
    let (poll, every) = (config.poll, Duration::from_secs(Ord::max(config.poll_seconds, 1)));
    let grace = Duration::from_secs(config.grace_seconds);
    // One at a time: a gateway's limit is no average.
    let quota = Quota::per_second(config.rate).allow_burst(std::num::NonZeroU32::MIN);
    let desk = Arc::new(Desk {
        config,
        gateway,
        limiter: RateLimiter::direct(quota),
        journal: Mutex::new(journal),
        hands: Mutex::new(Hands::default()),
        outcomes,
        stop: stop.clone(),
    });
    let receiving = tokio::spawn(telling::receipts(reports.clone(), incoming));
    let telling = tokio::spawn(telling::outcomes(Arc::clone(&desk), reports.clone(), told));
    let keeping = tokio::spawn(keep_leases(Arc::clone(&desk), reports));

    tracing::info!(poll, "the worker is at work");
    let mut taker = Arc::clone(&desk);
    let ended = if poll { source.poll(&mut taker, every, &stop).await } else { source.follow(&mut taker, &stop).await };
    // Nothing more comes; what has been begun is finished.
    stop.cancel();
    let begun = Instant::now();
    while desk.hands().count() > 0 && begun.elapsed() < grace {
        sleep(Duration::from_millis(50)).await;
    }
    let left = desk.hands().count();
    desk.gateway.close().await;
    keeping.abort();
    telling.abort();
    drop((taker, desk));
    // Receipts that have come are still told.
    let _ = timeout(Duration::from_secs(5), receiving).await;
    tracing::info!(left, "the worker has ended");
    ended
}

async fn keep_leases(desk: Arc<Desk>, reports: Reports) {
    loop {
        sleep(EXTENDED).await;
        let leases = desk.hands().leases();
        for part in leases.chunks(500) {
            reports.longer(part).await;
        }
    }
}

impl Desk {
    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends one notice and leaves its answer to be reported.
    async fn send(self: Arc<Self>, delivery: Delivery) {
        let key = delivery.dedupe_key.clone();
        let known = self.journal().look(&key).cloned();
        let answer = match known {
            Some(Known::Taken(ids)) => Some(Answer::Taken(ids)),
            Some(Known::Begun) => Some(Answer::Unanswered("the worker ended before the answer came".to_owned())),
            None => self.submit(delivery).await,
        };
        match answer {
            // The queue outlives the tasks; if it does not, the lease lapses.
            Some(answer) => {
                let _ = self.outcomes.send(Outcome { key, answer }).await;
            }
            None => self.hands().put_down(&key),
        }
    }

    /// Hands a notice to the gateway, once it is its turn. None when the worker ends before that.
    async fn submit(&self, delivery: Delivery) -> Option<Answer> {
        let key = delivery.dedupe_key.clone();
        for _ in 0..Ord::max(delivery.segments, 1) {
            self.stop.run_until_cancelled(self.limiter.until_ready()).await?;
        }
        let message = self.message(delivery);
        let mut wait = Duration::from_millis(500);
        loop {
            if self.stop.is_cancelled() {
                return None;
            }
            if let Err(error) = self.journal().begin(&key) {
                // Without the journal a crash could double a message: nothing more goes out.
                tracing::error!(error = format!("{error:#}"), "the worker ends");
                self.stop.cancel();
                return None;
            }
            let answer = self.gateway.submit(&message).await;
            let noted = match &answer {
                Answer::Taken(ids) => self.journal().taken(&key, ids),
                Answer::Refused { .. } | Answer::Unreached(_) => self.journal().forget(&key),
                Answer::Unanswered(_) => Ok(()),
            };
            if let Err(error) = noted {
                tracing::error!(error = format!("{error:#}"), "the worker ends");
                self.stop.cancel();
            }
            let Answer::Unreached(why) = answer else { return Some(answer) };
            tracing::warn!(why, "the gateway cannot be reached");
            self.stop.run_until_cancelled(sleep(wait)).await?;
            wait = Ord::min(wait * 2, LONGEST_WAIT);
        }
    }

    fn message(&self, delivery: Delivery) -> Message {
        let template = self.config.templates.get(&delivery.template).cloned().unwrap_or(delivery.template);
        Message {
            key: delivery.dedupe_key,
            phone: delivery.phone,
            text: self.config.text.dress(&delivery.text),
            template,
            parameters: delivery.parameters,
        }
    }
}

impl Taker for Arc<Desk> {
    fn begin(&mut self) {
        self.hands().begin();
    }

    async fn take(&mut self, deliveries: Vec<Delivery>, cursor: Option<String>) {
        let fresh = self.hands().take(deliveries, cursor);
        for delivery in fresh {
            tokio::spawn(Arc::clone(self).send(delivery));
        }
    }

    fn cursor(&self) -> Option<String> {
        self.hands().cursor()
    }

    fn jump(&mut self, cursor: String) {
        self.hands().jump(cursor);
    }

    fn room(&self) -> u16 {
        let held = u16::try_from(self.hands().count()).unwrap_or(u16::MAX);
        self.config.max_in_flight.saturating_sub(held)
    }
}
