//! What was written since, so that figures need only be made anew where something changed.
//!
//! Every state has a stamp of its own. A state remembers the last writes that led to it, each with the stamp of the state before; whoever
//! knows the stamp of an earlier state finds what has changed since, or learns that it is too long ago.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes that are remembered.
const MOST: usize = 512;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// What a write touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Touch {
    /// A fact of a unit, about a submission or about none.
    Fact { unit: i64, submission: Option<i64> },
    /// What the network knows of a unit.
    Unit(i64),
    /// What is known of a submission beside its report.
    Submission(i64),
    /// Somebody's share in a submission.
    Credit { unit: i64, submission: i64 },
    /// Something that every unit's figures may rest on.
    Everything,
}

/// The last writes.
#[derive(Debug, Clone, Default)]
pub(super) struct Journal {
    stamp: u64,
    writes: Arc<VecDeque<(u64, Touch)>>,
}

impl Journal {
    /// One write, which touched all of these; one that touches nothing leads to no other state.
    pub(super) fn write(&mut self, touches: impl IntoIterator<Item = Touch>) {
        let mut touches = touches.into_iter().peekable();
        if touches.peek().is_none() {
            return;
        }
        let before = std::mem::replace(&mut self.stamp, NEXT.fetch_add(1, Ordering::Relaxed));
        let writes = Arc::make_mut(&mut self.writes);
        writes.extend(touches.map(|touch| (before, touch)));
        if writes.len() > MOST {
            writes.drain(..MOST / 2);
        }
    }

    pub(super) fn stamp(&self) -> u64 {
        self.stamp
    }

    /// The writes since a state; `None` if this one does not come from it, or if there were too many.
    pub(super) fn since(&self, stamp: u64) -> Option<impl Iterator<Item = Touch>> {
        let from = if stamp == self.stamp {
            self.writes.len()
        } else {
            self.writes.iter().position(|(before, _)| *before == stamp)?
        };
        Some(self.writes.iter().skip(from).map(|(_, touch)| *touch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn since(journal: &Journal, stamp: u64) -> Option<Vec<Touch>> {
        journal.since(stamp).map(Iterator::collect)
    }

    #[test]
    fn a_state_knows_what_led_to_it_from_another_one() {
        let mut journal = Journal::default();
        journal.write([Touch::Unit(1)]);
        let (mut other, before) = (journal.clone(), journal.stamp());
        journal.write([Touch::Unit(2), Touch::Everything]);
        journal.write([]);
        journal.write([Touch::Unit(4)]);
        other.write([Touch::Unit(3)]);
        assert_eq!(since(&journal, before), Some(vec![Touch::Unit(2), Touch::Everything, Touch::Unit(4)]));
        assert_eq!(since(&journal, journal.stamp()), Some(Vec::new()));
        assert_eq!(since(&other, before), Some(vec![Touch::Unit(3)]));
        assert_eq!(since(&other, journal.stamp()), None);
        for unit in 0..2_000 {
            journal.write([Touch::Unit(unit)]);
        }
        assert_eq!(since(&journal, before), None);
    }
}
