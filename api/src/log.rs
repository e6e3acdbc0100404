//! The log: one line per event on standard error, for people or as JSON.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::Config;

/// Starts the log. A filter that cannot be read is replaced by `info`, and that is said.
pub fn start(config: &Config) {
    let (filter, wrong) = match EnvFilter::try_new(&config.log) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new("info"), Some(error)),
    };
    let colours = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr);
    if config.log_json {
        log.json().init();
    } else {
        log.with_target(false).init();
    }
    if let Some(error) = wrong {
        tracing::warn!(%error, "the log filter cannot be read; logging at info");
    }
}
