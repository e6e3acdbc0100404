//! All open sockets: how many there are, whose they are, and their end at shutdown.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::timeout};

use crate::http::settings::SocketSettings;

/// The register of open sockets.
#[derive(Clone)]
pub(crate) struct Sockets {
    shared: Arc<Shared>,
}

struct Shared {
    per_caller: usize,
    total: usize,
    taken: Mutex<HashMap<String, usize>>,
    /// Whether the server is closing, and how many sockets are open.
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    is_closing: bool,
    open: usize,
}

/// One socket's place in the register; leaves it when dropped.
pub(crate) struct Seat {
    shared: Arc<Shared>,
    key: String,
}

impl Sockets {
    /// An empty register.
    pub(crate) fn new(settings: &SocketSettings) -> Self {
        let shared = Shared {
            per_caller: settings.per_caller,
            total: settings.total,
            taken: Mutex::new(HashMap::new()),
            state: watch::Sender::new(State::default()),
        };
        Self { shared: Arc::new(shared) }
    }

    /// A seat for a socket of the address `key`, which may be empty when it is not known; `None` when there is no
    /// room or the server is closing.
    pub(crate) fn enter(&self, key: &str) -> Option<Seat> {
        let mut taken = self.shared.taken();
        let state = *self.shared.state.borrow();
        if state.is_closing || state.open >= self.shared.total || !self.shared.take(&mut taken, key) {
            return None;
        }
        self.shared.state.send_modify(|state| state.open += 1);
        Some(Seat { shared: Arc::clone(&self.shared), key: key.to_owned() })
    }

    /// Whether the server is closing.
    pub(crate) fn is_closing(&self) -> bool {
        self.shared.state.borrow().is_closing
    }

    /// Tells every socket to end, and waits until none is open, at most `patience`.
    pub(crate) async fn close(&self, patience: Duration) {
        self.shared.state.send_modify(|state| state.is_closing = true);
        let mut state = self.shared.state.subscribe();
        let is_late = timeout(patience, state.wait_for(|state| state.open == 0)).await.is_err();
        if is_late {
            tracing::warn!(open = state.borrow().open, "sockets did not end in time");
        }
    }
}

impl Seat {
    /// Counts the socket for an account instead of an address; false when the account has too many.
    pub(crate) fn move_to(&mut self, key: &str) -> bool {
        let mut taken = self.shared.taken();
        if !self.shared.take(&mut taken, key) {
            return false;
        }
        Shared::give_back(&mut taken, &self.key);
        key.clone_into(&mut self.key);
        true
    }

    /// Waits until the server is closing.
    pub(crate) async fn closing(&self) {
        let mut state = self.shared.state.subscribe();
        // The sender lives as long as this seat.
        drop(state.wait_for(|state| state.is_closing).await);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        Shared::give_back(&mut self.shared.taken(), &self.key);
        self.shared.state.send_modify(|state| state.open -= 1);
    }
}

impl Shared {
    fn taken(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, taken: &mut HashMap<String, usize>, key: &str) -> bool {
        let count = taken.get(key).copied().unwrap_or_default();
        if !key.is_empty() && count >= self.per_caller {
            return false;
        }
        taken.insert(key.to_owned(), count + 1);
        true
    }

    fn give_back(taken: &mut HashMap<String, usize>, key: &str) {
        if let Some(count) = taken.get_mut(key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register(per_caller: usize, total: usize) -> Sockets {
        Sockets::new(&SocketSettings { per_caller, total, ..SocketSettings::default() })
    }

    #[test]
    fn places_are_counted_and_given_back() {
        let sockets = register(2, 3);
        let first = sockets.enter("a").unwrap();
        let second = sockets.enter("a").unwrap();
        assert!(sockets.enter("a").is_none(), "two of one address");
        let third = sockets.enter("b").unwrap();
        assert!(sockets.enter("c").is_none(), "three in all");
        drop((first, third));
        assert!(sockets.enter("a").is_some());
        drop(second);
        assert!(sockets.shared.taken().is_empty());
    }

    #[test]
    fn a_seat_moves_from_the_address_to_the_account() {
        let sockets = register(1, 9);
        let mut first = sockets.enter("address").unwrap();
        assert!(first.move_to("account"));
        let mut second = sockets.enter("address").unwrap();
        assert!(!second.move_to("account"));
    }

    #[tokio::test]
    async fn closing_ends_when_all_are_gone() {
        let sockets = register(9, 9);
        let seat = sockets.enter("a").unwrap();
        let leaving = tokio::spawn(async move {
            seat.closing().await;
        });
        sockets.close(Duration::from_secs(5)).await;
        leaving.await.unwrap();
        assert!(sockets.enter("a").is_none());
    }
}
