//! Reports and receipts on their way to the server: a few at a time, each until it is on record.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::Desk;
use crate::gateway::{Answer, Incoming, Receipt};
use crate::office::reports::{Lease, Reported, Reports};

/// What is told at once.
const MOST: usize = 100;
/// How long the first of several waits for the others.
const PATIENCE: Duration = Duration::from_millis(50);

/// What came of a message.
pub(super) struct Outcome {
    pub(super) key: String,
    pub(super) answer: Answer,
}

/// Tells outcomes.
pub(super) async fn outcomes(desk: Arc<Desk>, reports: Reports, mut queue: mpsc::Receiver<Outcome>) {
    while let Some(some) = gather(&mut queue).await {
        let mut taken = Vec::new();
        for outcome in some {
            let Some(lease) = desk.hands().lease(&outcome.key) else { continue };
            match outcome.answer {
                Answer::Taken(ids) => taken.push((outcome.key, lease, ids)),
                answer => not_taken(&desk, &reports, outcome.key, lease, answer).await,
            }
        }
        if !taken.is_empty() {
            tell_taken(&desk, &reports, taken).await;
        }
    }
}

async fn tell_taken(desk: &Arc<Desk>, reports: &Reports, taken: Vec<(String, Lease, Vec<String>)>) {
    let items: Vec<_> = taken.iter().map(|(_, lease, ids)| (lease.clone(), ids.clone())).collect();
    // Whatever the server refuses as a whole is left to the journal: it is reported when it comes again.
    let results = reports.taken(&items).await.unwrap_or_default();
    for (key, lease, ids) in taken {
        let verdict = results.iter().find(|result| result.notice == lease.notice);
        if !told_again(desk, &key, &lease, verdict, || Answer::Taken(ids)) {
            desk.hands().put_down(&key);
        }
    }
}

async fn not_taken(desk: &Arc<Desk>, reports: &Reports, key: String, lease: Lease, answer: Answer) {
    let (reason, code, text) = match &answer {
        Answer::Refused { code, text } => ("REFUSED", Some(code.as_str()), text.as_deref()),
        Answer::Unanswered(why) | Answer::Unreached(why) => ("UNANSWERED", None, Some(why.as_str())),
        Answer::Taken(_) => return,
    };
    tracing::warn!(notice = lease.notice, reason, code, text, "a message was not taken");
    let verdict = reports.not_taken(&lease, reason, code, text).await;
    if told_again(desk, &key, &lease, verdict.as_ref(), || answer) {
        return;
    }
    // Until the server knows, the journal does: a message without an answer must not be handed over again.
    if verdict.is_some_and(|verdict| verdict.verdict != "STALE")
        && let Err(error) = desk.journal().forget(&key)
    {
        tracing::error!(error = format!("{error:#}"), "the worker ends");
        desk.stop.cancel();
    }
    desk.hands().put_down(&key);
}

/// Puts an outcome back into the queue if its lease was replaced while it was told.
fn told_again(
    desk: &Arc<Desk>,
    key: &str,
    told: &Lease,
    verdict: Option<&Reported>,
    answer: impl FnOnce() -> Answer,
) -> bool {
    let newer = desk.hands().lease(key).is_some_and(|lease| lease.fence != told.fence);
    if !newer || verdict.is_some_and(|verdict| verdict.verdict != "STALE") {
        return false;
    }
    let (desk, outcome) = (Arc::clone(desk), Outcome { key: key.to_owned(), answer: answer() });
    tokio::spawn(async move { desk.outcomes.send(outcome).await });
    true
}

/// Tells receipts, and says of each that it is on record.
pub(super) async fn receipts(reports: Reports, mut queue: mpsc::Receiver<Incoming>) {
    while let Some(some) = gather(&mut queue).await {
        let (told, waiting): (Vec<Receipt>, Vec<_>) = some.into_iter().unzip();
        if reports.receipts(&told).await {
            // Whoever has stopped waiting will give the receipt again.
            for recorded in waiting {
                let _ = recorded.send(());
            }
            continue;
        }
        // One that the server refuses must not keep the others away.
        for (receipt, recorded) in told.iter().zip(waiting) {
            if reports.receipts(std::slice::from_ref(receipt)).await {
                let _ = recorded.send(());
            }
        }
    }
}

/// The next few, as soon as there is one.
async fn gather<T>(queue: &mut mpsc::Receiver<T>) -> Option<Vec<T>> {
    let mut some = vec![queue.recv().await?];
    let more = async {
        while some.len() < MOST {
            match queue.recv().await {
                Some(one) => some.push(one),
                None => return,
            }
        }
    };
    // What has come by then is enough.
    let _ = timeout(PATIENCE, more).await;
    Some(some)
}
