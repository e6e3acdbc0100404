//! The server as a process of its own, for cases about the command line.
//!
//! The process is this very binary, which holds all of the server: so it is there however the tests were started, and it
//! is never another build than the one under test.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::iter::once;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use clap::Parser as _;

/// First argument of a process that shall be the server.
const MARK: &str = "--as-the-server";

/// What would be taken for a setting of the case.
const ENVIRONMENT: [&str; 8] = [
    "ZHENGXIN_LISTEN",
    "ZHENGXIN_DATA_DIR",
    "ZHENGXIN_DATABASE_URL",
    "ZHENGXIN_ALLOWED_ORIGINS",
    "ZHENGXIN_TRUSTED_PROXIES",
    "ZHENGXIN_NO_IDE",
    "ZHENGXIN_LOG_JSON",
    "ZHENGXIN_LOG",
];

/// Runs the server or the SMS worker instead of the tests, if this process was started to be one.
pub fn requested() -> Option<ExitCode> {
    let mut arguments = std::env::args_os();
    let program = arguments.next()?;
    if arguments.next()? != OsStr::new(MARK) {
        return crate::sms::requested();
    }
    Some(api::cli::run(api::cli::Cli::parse_from(once(program).chain(arguments))))
}

/// A running server. Dropping it ends it at once.
#[derive(Debug)]
pub struct Server {
    child: Child,
    lines: Receiver<String>,
    log: PathBuf,
}

impl Server {
    /// Starts the server with these arguments; its log goes into a file in `directory`.
    pub fn start<'a>(directory: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        let log = directory.join("server.log");
        let mut command = Command::new(std::env::current_exe().expect("the system knows this program"));
        for name in ENVIRONMENT {
            command.env_remove(name);
        }
        let mut child = command
            .arg(MARK)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).expect("the case may write into its directory"))
            .spawn()
            .expect("this program can be started again");
        let output = child.stdout.take().expect("its output was asked for");
        let (send, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // Nobody listens any more once the server has been dropped.
                let _ = send.send(line);
            }
        });
        Self { child, lines, log }
    }

    /// The next line that it prints, if that comes within `patience`.
    pub fn line(&self, patience: Duration) -> String {
        self.lines.recv_timeout(patience).unwrap_or_else(|_| {
            let mut log = String::new();
            let _ = File::open(&self.log).and_then(|mut file| file.read_to_string(&mut log));
            panic!("the server printed nothing within {} seconds; its log: {log}", patience.as_secs())
        })
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written into its log so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Asks it to end, and waits until it has; returns how it ended, and what it had printed that nobody read.
    pub fn stop(mut self) -> (ExitStatus, Vec<String>) {
        ask_to_end(&mut self.child);
        let ended = self.child.wait().expect("a child can be waited for");
        (ended, self.lines.iter().collect())
    }
}

#[cfg(target_os = "linux")]
pub(crate) fn ask_to_end(child: &mut Child) {
    let id = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    let id = id.expect("a process has an id");
    rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("it is this process's child");
}

/// Elsewhere a process is not asked.
#[cfg(not(target_os = "linux"))]
pub(crate) fn ask_to_end(child: &mut Child) {
    child.kill().expect("it is this process's child");
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
