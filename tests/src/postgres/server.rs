//! A private PostgreSQL server for one test run, started from the installed server's own programs.
//!
//! It listens on a unix socket in the run's directory and nowhere else, keeps nothing safe (no `fsync`),
//! and stops when the test process ends in whatever way: a watchdog waits on a pipe that only the test
//! process holds open.
//!
//! The crate `pgtemp` does the same job, but needs `sudo` where root runs the tests, panics where there is
//! no server, and leaves server and files behind when the test process is killed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use url::Url;

use super::system;

/// How long a server may take from its start to its first answer.
pub(crate) const START_LIMIT: Duration = Duration::from_secs(30);

/// Owner of everything in a private server.
const SUPERUSER: &str = "postgres";

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    watchdog: Child,
    log: PathBuf,
    socket_directory: PathBuf,
}

impl Server {
    /// Makes a cluster inside `run_directory` and starts a server on it. It answers a little later.
    ///
    /// The error says which program failed, and how.
    pub(crate) fn start(programs: &Path, run_directory: &Path) -> Result<Self, String> {
        let account = system::unprivileged_account(run_directory)?;
        let home = run_directory.join("postgres");
        system::prepare_home(run_directory, &home, account.as_ref())
            .map_err(|err| format!("cannot prepare {}: {err}", home.display()))?;

        let data = home.join("data");
        let initdb = system::program(&programs.join("initdb"), account.as_ref())
            .arg("--pgdata")
            .arg(&data)
            .args(["--username", SUPERUSER, "--auth", "trust"])
            // Plain code point order, and yet character classes that know Chinese.
            .args(["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"])
            .current_dir(&home)
            .output()
            .map_err(|err| format!("cannot run initdb: {err}"))?;
        if !initdb.status.success() {
            let complaint = String::from_utf8_lossy(&initdb.stderr);
            return Err(format!("initdb failed: {}", complaint.trim()));
        }

        let log = run_directory.join("postgres.log");
        let (output, errors) = open_log(&log).map_err(|err| format!("cannot write the server's log: {err}"))?;
        let mut process = system::program(&programs.join("postgres"), account.as_ref())
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&home)
            .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]))
            .current_dir(&home)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .map_err(|err| format!("cannot run postgres: {err}"))?;
        let watchdog = match system::watch(&process, run_directory) {
            Ok(watchdog) => watchdog,
            Err(err) => {
                let _ = process.kill();
                let _ = process.wait();
                return Err(format!("cannot run sh: {err}"));
            }
        };
        Ok(Self { process, watchdog, log, socket_directory: home })
    }

    /// The maintenance database.
    pub(crate) fn url(&self) -> Url {
        let mut url = Url::parse(&format!("postgres://{SUPERUSER}@localhost/postgres"))
            .expect("the text is a URL whatever the constant is");
        url.query_pairs_mut().append_pair("host", &self.socket_directory.to_string_lossy());
        url
    }

    /// Whether the server gave up, and what it wrote before that.
    pub(crate) fn obituary(&mut self) -> Option<String> {
        let status = self.process.try_wait().ok()??;
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        Some(format!("postgres ended ({status}): {}", log.trim()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The watchdog stops the server when its input ends: one way out for every way to end.
        drop(self.watchdog.stdin.take());
        let _ = self.process.wait();
        let _ = self.watchdog.wait();
    }
}

/// Nothing here outlives the run, so nothing is made durable.
const SETTINGS: [&str; 11] = [
    "listen_addresses=",
    "max_connections=200",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=64MB",
    // A worker connected to the template would forbid to copy it.
    "autovacuum=off",
    "timezone=UTC",
    // Reports arrive in the language that the tests expect.
    "lc_messages=C",
];

/// The directory of the newest installed server's programs: from the search path, or from where Debian,
/// which keeps them off that path, puts them.
pub(crate) fn installed_programs(search_path: &[PathBuf]) -> Option<PathBuf> {
    let on_path = search_path
        .iter()
        // The others stand beside the file that a link in the search path points to.
        .filter_map(|directory| fs::canonicalize(directory.join("initdb")).ok())
        .filter_map(|initdb| initdb.parent().map(Path::to_path_buf));
    on_path
        .chain(debian_directories())
        .find(|directory| ["initdb", "postgres"].iter().all(|name| directory.join(name).is_file()))
}

/// `/usr/lib/postgresql/<major version>/bin`, the newest first.
fn debian_directories() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir("/usr/lib/postgresql") else {
        return Vec::new();
    };
    let mut versions: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, directory)| directory).collect()
}

/// One file for both streams.
fn open_log(path: &Path) -> io::Result<(File, File)> {
    let output = File::create(path)?;
    let errors = output.try_clone()?;
    Ok((output, errors))
}
