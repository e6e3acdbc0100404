//! Sends a network's notices through one SMS gateway, and tells the server what became of them.
//!
//! - [`cli`]: the command line, the log, the end
//! - [`config`]: the configuration file
//! - [`office`]: the server's side; it speaks GraphQL and nothing else
//! - [`gateway`]: the gateway's side: SMPP 3.4, HTTP, or the console
//! - [`work`]: what goes from one to the other
//! - [`journal`]: what was handed to the gateway, across a crash
//! - `http`, `tls`: one request over one connection
//! - [`secret`]: what no log may show
//!
//! It keeps to two rules. A submission that was not answered is reported as such and not repeated. And what the journal or
//! the gateway knows already is not handed over as something else: the server's `dedupeKey` is the caller's own id of the
//! message on every attempt.

pub mod cli;
pub mod config;
pub mod gateway;
mod http;
pub mod journal;
pub mod office;
pub mod secret;
mod tls;
pub mod work;
