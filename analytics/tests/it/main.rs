//! Analytics from outside: rulebooks, ledgers, rankings and rates through the public surface only.

#![expect(clippy::unwrap_used, reason = "what cannot be built in a test fails it on the spot")]

mod awards;
mod boundaries;
mod branches;
mod changji;
mod changji_year;
mod circulars;
mod closed;
mod explanations;
mod expressions;
mod field;
mod field_money;
mod frames;
mod heirs;
mod hostile;
mod metamorphic;
mod mistakes;
mod mistakes_of_form;
mod mistakes_of_notices;
mod mistakes_of_powers;
mod mistakes_of_upkeep;
mod order;
mod powers_of_facts;
mod powers_of_periods;
mod powers_of_ranks;
mod random;
mod random_powers;
mod random_rulebooks;
mod rates;
mod rescoring;
mod scene;
mod steps;
mod systems;
mod worlds;
