//! Analytics from outside: rulebooks, ledgers, rankings and rates through the public surface only.

#![expect(clippy::unwrap_used, reason = "what cannot be built in a test fails it on the spot")]

mod awards;
mod boundaries;
mod changji;
mod changji_year;
mod circulars;
mod expressions;
mod mistakes;
mod mistakes_of_form;
mod order;
mod random;
mod rates;
mod scene;
mod steps;
mod worlds;
