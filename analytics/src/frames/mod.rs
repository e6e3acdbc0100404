//! The questions that are asked of the facts beside points.

mod rates;

pub use rates::{RateBasis, RateBy, RateRow, RateStatus, adoption_rates};
