//! How much one caller may ask for per minute, counted in the cost of operations.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Cost per minute of somebody who signed in.
const ACCOUNT: NonZeroU32 = NonZeroU32::new(1_000_000).expect("not zero");
/// Cost per minute of an address from which nobody signed in.
const ADDRESS: NonZeroU32 = NonZeroU32::new(60_000).expect("not zero");

/// Keeps the budget of each caller.
pub struct Budget {
    accounts: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<String>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            accounts: RateLimiter::keyed(Quota::per_minute(ACCOUNT)),
            addresses: RateLimiter::keyed(Quota::per_minute(ADDRESS)),
        }
    }
}

impl Budget {
    /// Takes `cost` from the budget of `key`, or says how long to wait for it.
    pub fn charge(&self, key: &String, signed_in: bool, cost: u64) -> Result<(), Duration> {
        let limiter = if signed_in { &self.accounts } else { &self.addresses };
        let cost = u32::try_from(cost).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        match limiter.check_key_n(key, cost) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => Err(until.wait_time_from(DefaultClock::default().now())),
            // Dearer than a whole minute's budget: the door's limit per operation lies far below that.
            Err(_) => Err(Duration::from_mins(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spent_budget_says_how_long_to_wait_and_is_nobody_elses() {
        let budget = Budget::default();
        let spent = "address 10.0.0.1".to_owned();
        assert!(budget.charge(&spent, false, 59_999).is_ok());
        assert!(budget.charge(&spent, false, 30_000).unwrap_err() > Duration::from_secs(20));
        assert!(budget.charge(&"address 10.0.0.2".to_owned(), false, 30_000).is_ok());
    }
}
