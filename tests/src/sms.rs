//! The SMS worker as a process of its own, and a real SMPP gateway for it: a program of the npm package `smpp`.
//!
//! The worker is this very binary, as the server is. The gateway has to be fetched once, with `scripts/smsc install`; where it
//! is not there, cases that need it are left out.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write as _};
use std::iter::once;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitCode, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser as _;
use serde_json::Value;

use crate::harness::{Missing, leave_out};
use crate::server::ask_to_end;

/// First argument of a process that shall be the worker.
const MARK: &str = "--as-the-worker";
/// How `scripts/smsc` says that the gateway has not been fetched.
const NOT_FETCHED: i32 = 69;
/// How long starting may take.
const START: Duration = Duration::from_secs(30);

/// What would be taken for a setting of the case.
const ENVIRONMENT: [&str; 5] = [
    "SMS_WORKER_CONFIG",
    "SMS_WORKER_PASSWORD",
    "SMS_WORKER_GATEWAY_PASSWORD",
    "SMS_WORKER_LOG_JSON",
    "SMS_WORKER_LOG",
];

/// Runs the worker instead of the tests, if this process was started to be it.
pub(crate) fn requested() -> Option<ExitCode> {
    let mut arguments = std::env::args_os();
    let program = arguments.next()?;
    if arguments.next()? != OsStr::new(MARK) {
        return None;
    }
    Some(sms_worker::cli::run(&sms_worker::cli::Cli::parse_from(once(program).chain(arguments))))
}

/// A running worker. Dropping it kills it.
#[derive(Debug)]
pub struct WorkerProcess {
    child: Child,
    log: PathBuf,
}

impl WorkerProcess {
    /// Starts a worker with this configuration; its files lie in `directory`, its log grows from start to start.
    pub fn start(directory: &Path, configuration: &str) -> Self {
        let file = directory.join("worker.toml");
        fs::write(&file, configuration).expect("the case may write into its directory");
        let log = directory.join("worker.log");
        let output =
            File::options().create(true).append(true).open(&log).expect("the case may write into its directory");
        let mut command = Command::new(std::env::current_exe().expect("the system knows this program"));
        for name in ENVIRONMENT {
            command.env_remove(name);
        }
        let child = command
            .arg(MARK)
            .arg("--config")
            .arg(&file)
            // Everything that it could ever write.
            .args(["--log", "trace"])
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a file can be opened twice"))
            .stderr(output)
            .spawn()
            .expect("this program can be started again");
        Self { child, log }
    }

    /// What it and its forerunners have written.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Kills it, as a power cut does.
    pub fn kill(mut self) {
        self.child.kill().expect("it has not ended yet");
        self.child.wait().expect("a child can be waited for");
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(mut self) -> ExitStatus {
        ask_to_end(&mut self.child);
        self.child.wait().expect("a child can be waited for")
    }

    /// Waits until it has ended by itself.
    pub fn ended(mut self) -> ExitStatus {
        self.child.wait().expect("a child can be waited for")
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A running SMPP gateway. What it does with a message follows from the number: see `tests/smsc/smsc.mjs`.
#[derive(Debug)]
pub struct Smsc {
    child: Child,
    input: ChildStdin,
    said: Arc<Mutex<Vec<Value>>>,
    /// Where it listens.
    pub port: u16,
}

impl Smsc {
    /// Starts a gateway; leaves the case out where there is none.
    pub fn start(options: &[&str]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package stands inside the workspace");
        let started = Command::new("bash")
            .arg(root.join("scripts").join("smsc"))
            .arg("run")
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn();
        let Ok(mut child) = started else { leave_out(Missing::Smsc) };
        let input = child.stdin.take().expect("its input was asked for");
        let output = child.stdout.take().expect("its output was asked for");
        let said: Arc<Mutex<Vec<Value>>> = Arc::default();
        let heard = Arc::clone(&said);
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or(Value::String(line));
                heard.lock().unwrap_or_else(PoisonError::into_inner).push(event);
            }
        });
        let mut this = Self { child, input, said, port: 0 };
        let begun = Instant::now();
        loop {
            if let Some(port) = this.said().iter().find_map(|event| event["listening"].as_u64()) {
                this.port = u16::try_from(port).expect("a port has sixteen bits");
                return this;
            }
            if let Some(status) = this.child.try_wait().expect("a child can be asked") {
                assert_eq!(status.code(), Some(NOT_FETCHED), "the gateway ended");
                leave_out(Missing::Smsc);
            }
            assert!(begun.elapsed() < START, "the gateway does not start");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Everything that it has said so far.
    pub fn said(&self) -> Vec<Value> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Messages that went out: those that it took and had not known before.
    pub fn sent(&self) -> Vec<Value> {
        self.said().into_iter().filter(|event| event.get("sent").is_some()).collect()
    }

    /// Lets it send the receipts of what it has held back.
    pub fn send_receipts(&mut self) {
        self.input.write_all(b"receipts\n").expect("the gateway listens");
    }
}

impl Drop for Smsc {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
