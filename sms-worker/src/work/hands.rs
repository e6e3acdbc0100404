//! What the worker holds, and the cursor up to which everything has been reported.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::office::deliveries::Delivery;
use crate::office::reports::Lease;

/// What the worker holds.
#[derive(Debug, Default)]
pub(super) struct Hands {
    /// By the key of the message.
    held: BTreeMap<String, Lease>,
    /// Batches that are not reported on, oldest first: the cursor behind each, and what is still open of it.
    batches: VecDeque<(String, BTreeSet<String>)>,
    cursor: Option<String>,
}

impl Hands {
    /// A stream begins anew: what is open comes again behind the cursor.
    pub(super) fn begin(&mut self) {
        self.batches.clear();
    }

    /// Takes a batch; returns what was not in hand.
    pub(super) fn take(&mut self, deliveries: Vec<Delivery>, cursor: Option<String>) -> Vec<Delivery> {
        if let Some(cursor) = cursor {
            let keys = deliveries.iter().map(|delivery| delivery.dedupe_key.clone()).collect();
            self.batches.push_back((cursor, keys));
        }
        let fresh = deliveries
            .into_iter()
            .filter(|delivery| {
                let lease = Lease { notice: delivery.notice.clone(), fence: delivery.fence };
                self.held.insert(delivery.dedupe_key.clone(), lease).is_none()
            })
            .collect();
        self.advance();
        fresh
    }

    /// Puts down what was reported, or what will not be sent: that comes again as a new event when its lease has lapsed.
    pub(super) fn put_down(&mut self, key: &str) {
        self.held.remove(key);
        for (_, open) in &mut self.batches {
            open.remove(key);
        }
        self.advance();
    }

    /// The lease under which a message is held.
    pub(super) fn lease(&self, key: &str) -> Option<Lease> {
        self.held.get(key).cloned()
    }

    pub(super) fn leases(&self) -> Vec<Lease> {
        self.held.values().cloned().collect()
    }

    pub(super) fn count(&self) -> usize {
        self.held.len()
    }

    pub(super) fn cursor(&self) -> Option<String> {
        self.cursor.clone()
    }

    pub(super) fn jump(&mut self, cursor: String) {
        self.cursor = Some(cursor);
        self.batches.clear();
    }

    fn advance(&mut self) {
        while self.batches.front().is_some_and(|(_, open)| open.is_empty()) {
            self.cursor = self.batches.pop_front().map(|(cursor, _)| cursor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn delivery(key: &str, fence: i64) -> Delivery {
        Delivery {
            notice: format!("n-{key}"),
            fence,
            dedupe_key: key.to_owned(),
            phone: Secret::new("13900000000"),
            text: String::new(),
            segments: 1,
            template: String::new(),
            parameters: String::new(),
        }
    }

    #[test]
    fn the_cursor_stays_before_what_is_open() {
        let mut hands = Hands::default();
        hands.take(vec![delivery("a", 1), delivery("b", 1)], Some("1".to_owned()));
        hands.take(vec![delivery("c", 1)], Some("2".to_owned()));
        hands.put_down("c");
        assert_eq!(hands.cursor(), None);
        hands.put_down("a");
        hands.put_down("b");
        assert_eq!(hands.cursor().as_deref(), Some("2"));
        hands.take(Vec::new(), Some("3".to_owned()));
        assert_eq!(hands.cursor().as_deref(), Some("3"), "a batch with nothing to do is done");
    }

    #[test]
    fn what_is_in_hand_is_not_taken_twice_and_keeps_its_newest_lease() {
        let mut hands = Hands::default();
        assert_eq!(hands.take(vec![delivery("a", 1)], Some("1".to_owned())).len(), 1);
        hands.begin();
        assert_eq!(hands.take(vec![delivery("a", 2), delivery("b", 1)], Some("2".to_owned())).len(), 1);
        assert_eq!(hands.lease("a").map(|lease| lease.fence), Some(2));
        hands.put_down("b");
        assert_eq!(hands.cursor(), None);
        hands.put_down("a");
        assert_eq!((hands.cursor().as_deref(), hands.count()), (Some("2"), 0));
    }
}
