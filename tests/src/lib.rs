//! The harness: what it takes to run the server's tests.
//!
//! A whole test:
//!
//! ```ignore
//! tests::cases![a_stranger_sees_nobody];
//!
//! async fn a_stranger_sees_nobody(app: TestApp) {
//!     app.stranger().expect_code("{ viewer { person { name } } }", json!({}), "UNAUTHENTICATED").await;
//! }
//! ```
//!
//! It runs once on SQLite and once on PostgreSQL, each time on a database of its own. Time stands still until
//! the case moves it.

pub mod app;
pub mod builders;
pub mod chaos;
pub mod client;
pub mod database;
mod directory;
pub mod figures;
pub mod harness;
pub mod live;
pub mod notices;
pub mod office;
mod postgres;
pub mod server;
pub mod sms;
mod sqlite;
pub mod walk;
pub mod wire;
pub mod worker;
