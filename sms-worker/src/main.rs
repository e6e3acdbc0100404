//! The worker as a program of its own.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    sms_worker::cli::run(&sms_worker::cli::Cli::parse())
}
