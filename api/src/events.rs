//! What just happened, for those who wait: bells without content, and hints for screens.
//!
//! Nothing here is the truth. A bell says "look into the table"; a hint may be lost, and whoever missed one asks again.
//! On PostgreSQL both also travel between servers, as notifications of the transaction that caused them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use entity::ids::NetworkId;
use tokio::sync::{Notify, broadcast, watch};

use crate::services::audit::ObjectKind;

/// The channel on which servers of one PostgreSQL database hear of each other.
pub(crate) const CHANNEL: &str = "zhengxin";
/// Hints kept for a screen that reads slowly; then it loses some.
const HINTS: usize = 1_024;

/// Something that changed, for screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hint {
    /// In which network.
    pub network: NetworkId,
    /// What kind of object.
    pub kind: ObjectKind,
    /// Which one.
    pub id: i64,
    /// The network's data version from which on it is so.
    pub sequence: i64,
}

/// Where to wait, and where to ring.
pub struct Events {
    /// Tells this server's notifications from those of others.
    instance: u64,
    relay: Notify,
    streams: Mutex<BTreeMap<NetworkId, watch::Sender<u64>>>,
    hints: broadcast::Sender<Hint>,
}

impl Events {
    /// Nobody waits yet.
    pub(crate) fn new() -> Self {
        // Only to tell two processes apart; a failure of the generator would make them hear their own hints twice.
        let instance = getrandom::u64().unwrap_or_default();
        Self {
            instance,
            relay: Notify::new(),
            streams: Mutex::new(BTreeMap::new()),
            hints: broadcast::Sender::new(HINTS),
        }
    }

    /// Wakes the relay: events were committed, or a recipient became free.
    pub(crate) fn ring_relay(&self) {
        self.relay.notify_one();
    }

    /// Waits until somebody wakes the relay.
    pub async fn relay_rung(&self) {
        self.relay.notified().await;
    }

    /// Wakes the streams of a network: there are numbers to read, or a consumer may be given more.
    pub(crate) fn ring_streams(&self, network: NetworkId) {
        self.bell(network).send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Wakes the streams of every network: something may have been missed.
    pub fn ring_all(&self) {
        self.relay.notify_one();
        for bell in self.streams.lock().unwrap_or_else(PoisonError::into_inner).values() {
            bell.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    /// Changes whenever the streams of a network are woken.
    pub fn streams(&self, network: NetworkId) -> watch::Receiver<u64> {
        self.bell(network).subscribe()
    }

    /// How many streams of a network wait here.
    pub(crate) fn stream_count(&self, network: NetworkId) -> usize {
        self.bell(network).receiver_count()
    }

    fn bell(&self, network: NetworkId) -> watch::Sender<u64> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        streams.entry(network).or_insert_with(|| watch::Sender::new(0)).clone()
    }

    /// Tells the screens of this server.
    pub(crate) fn hint(&self, hint: Hint) {
        // Nobody may be looking.
        let _ = self.hints.send(hint);
    }

    /// Hints from now on.
    pub fn hints(&self) -> broadcast::Receiver<Hint> {
        self.hints.subscribe()
    }

    /// What another server has to say, from a notification; its own are known already.
    pub fn hear(&self, payload: &str) {
        let mut parts = payload.split(' ');
        let Some(Ok(instance)) = parts.next().map(str::parse::<u64>) else { return };
        if instance == self.instance {
            return;
        }
        let numbers = |parts: &mut std::str::Split<'_, char>| parts.next().and_then(|text| text.parse::<i64>().ok());
        match parts.next() {
            Some("relay") => self.ring_relay(),
            Some("streams") => {
                if let Some(network) = numbers(&mut parts) {
                    self.ring_streams(NetworkId(network));
                }
            }
            Some("hint") => {
                let kind = parts.next().and_then(|name| ObjectKind::ALL.iter().find(|kind| kind.as_str() == name));
                let (network, id, sequence) = (numbers(&mut parts), numbers(&mut parts), numbers(&mut parts));
                if let (Some(kind), Some(network), Some(id), Some(sequence)) = (kind, network, id, sequence) {
                    self.hint(Hint { network: NetworkId(network), kind: *kind, id, sequence });
                }
            }
            _ => {}
        }
    }

    /// The notification that wakes the relay of another server.
    pub(crate) fn relay_payload(&self) -> String {
        format!("{} relay", self.instance)
    }

    /// The notification that wakes another server's streams.
    pub(crate) fn streams_payload(&self, network: NetworkId) -> String {
        format!("{} streams {network}", self.instance)
    }

    /// The notification of a hint.
    pub(crate) fn hint_payload(&self, hint: Hint) -> String {
        let Hint { network, kind, id, sequence } = hint;
        format!("{} hint {} {network} {id} {sequence}", self.instance, kind.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn servers_hear_each_other_and_not_themselves() {
        let (here, there) = (Events::new(), Events::new());
        let hint = Hint { network: NetworkId(3), kind: ObjectKind::RulebookVersion, id: 7, sequence: 11 };
        let mut hints = here.hints();
        here.hear(&here.hint_payload(hint));
        assert!(hints.try_recv().is_err());
        here.hear(&there.hint_payload(hint));
        assert_eq!(hints.try_recv().unwrap(), hint);

        let mut streams = here.streams(NetworkId(3));
        here.hear(&there.streams_payload(NetworkId(4)));
        assert!(!streams.has_changed().unwrap());
        here.hear(&there.streams_payload(NetworkId(3)));
        assert!(streams.has_changed().unwrap());
        streams.mark_unchanged();
        here.hear(&there.relay_payload());
        here.relay_rung().await;
        for noise in ["", "x", "1", "1 hint", "1 hint unit", "1 streams x", "1 other 2"] {
            here.hear(noise);
        }
        assert!(!streams.has_changed().unwrap());
    }
}
