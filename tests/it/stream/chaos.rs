//! Real servers, killed in the middle. These are short rounds; `cargo run --package tests --bin chaos` runs long ones.

use tests::app::FoundedDatabase;
use tests::chaos::{self, Plan};
use tests::database::{Backend, TestDatabase};

tests::cases![nothing_is_lost_or_doubled_when_the_server_is_killed, one_of_two_servers_dies_in_mid_stream];

/// Proof 3.
async fn nothing_is_lost_or_doubled_when_the_server_is_killed(database: FoundedDatabase) {
    let plan = Plan { notices: 300, kills: 5, servers: 1, most: 20, seed: 7 };
    let outcome = chaos::run(database.url(), &plan).await;
    outcome.assert_nothing_lost(&plan);
}

/// Proof 6: what one server commits, a stream of the other gives; and when that one dies, the worker goes on with the first.
async fn one_of_two_servers_dies_in_mid_stream(database: FoundedDatabase) {
    let inner: &TestDatabase = &database;
    // Several servers need PostgreSQL.
    if inner.backend() == Backend::Sqlite {
        return;
    }
    let plan = Plan { notices: 300, kills: 4, servers: 2, most: 20, seed: 11 };
    let outcome = chaos::run(database.url(), &plan).await;
    outcome.assert_nothing_lost(&plan);
}
