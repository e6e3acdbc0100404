//! The directory of one test run: SQLite files, and the PostgreSQL server's data and socket.
//!
//! It lies in memory where there is room: a file system on a disk takes ten times as long to make the
//! thousands of small files. It is removed at the end. What a killed run left behind is removed by the next one, which knows a dead
//! run by the lock on its owner file: the system lets go of a lock when its process ends, however it ends.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Every run's directory begins with it.
const PREFIX: &str = "zhengxin-tests-";

/// Held locked while the run lives.
const OWNER: &str = "owner.lock";

/// Linux keeps what is written here in memory.
const MEMORY: &str = "/dev/shm";

/// The room that must be free there, in bytes. A run was seen to take less than a tenth of it.
const ROOM: u64 = 2 << 30;

/// The directory of one test run.
#[derive(Debug)]
pub(crate) struct RunDirectory {
    directory: TempDir,
    /// Keeps the lock.
    _owner: File,
}

impl RunDirectory {
    /// Makes the directory of this run, and removes those of dead runs.
    pub(crate) fn create() -> io::Result<Self> {
        let parent = parent();
        remove_dead_runs(&parent);
        let directory = TempDir::with_prefix_in(PREFIX, parent)?;
        let owner = File::create(directory.path().join(OWNER))?;
        owner.lock()?;
        Ok(Self { directory, _owner: owner })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// In memory if there is room and nobody asked for another place (`TMPDIR`).
fn parent() -> PathBuf {
    let temporary = std::env::temp_dir();
    if temporary == Path::new("/tmp") && free_bytes(Path::new(MEMORY)) >= ROOM {
        return PathBuf::from(MEMORY);
    }
    temporary
}

#[cfg(target_os = "linux")]
fn free_bytes(directory: &Path) -> u64 {
    rustix::fs::statvfs(directory).map_or(0, |found| found.f_bavail.saturating_mul(found.f_frsize))
}

/// Elsewhere no directory is known to lie in memory.
#[cfg(not(target_os = "linux"))]
fn free_bytes(_: &Path) -> u64 {
    0
}

/// Removes the directories of runs that ended without doing so. A server that somehow still runs in one of
/// them stops by itself within a minute: PostgreSQL looks for its own lock file that often.
///
/// A directory without an owner file is left alone, for its run may be just about to make it; so is one
/// that cannot be removed, for it may be another user's.
fn remove_dead_runs(temporary: &Path) {
    let Ok(entries) = fs::read_dir(temporary) else {
        return;
    };
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let Ok(owner) = File::open(entry.path().join(OWNER)) else {
            continue;
        };
        if owner.try_lock().is_ok() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_run_is_removed_and_a_living_one_is_not() {
        let temporary = TempDir::new().unwrap();
        let [dead, living, unowned] =
            ["dead", "living", "unowned"].map(|name| temporary.path().join(format!("{PREFIX}{name}")));
        for directory in [&dead, &living, &unowned] {
            fs::create_dir(directory).unwrap();
        }
        File::create(dead.join(OWNER)).unwrap();
        let owner = File::create(living.join(OWNER)).unwrap();
        owner.lock().unwrap();

        remove_dead_runs(temporary.path());

        assert!(!dead.exists());
        assert!(living.exists());
        assert!(unowned.exists());
    }
}
