//! Users, owners and process groups, and the watchdog.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Unprivileged accounts for a server that root starts: PostgreSQL refuses to run as root. Debian's
/// package brings the first one; every system has the second.
const ACCOUNTS: [&str; 2] = ["postgres", "nobody"];

/// Reads from a pipe until the test process ends; then stops the server at once and removes the run's
/// directory. A zombie answers `kill -0` too, so the loop is bounded.
const WATCHDOG: &str = r#"
trap '' INT TERM HUP
read -r _
kill -QUIT "$1" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  kill -0 "$1" 2>/dev/null || break
  sleep 0.05
done
rm -rf "$2"
"#;

/// User and group numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    user: u32,
    group: u32,
}

/// Whom the server runs as where that cannot be ourselves. `ours` is a directory that we made.
pub(crate) fn unprivileged_account(ours: &Path) -> Result<Option<Account>, String> {
    let owner = fs::metadata(ours).map_err(|err| err.to_string())?.uid();
    if owner != 0 {
        return Ok(None);
    }
    ACCOUNTS
        .iter()
        .find_map(|name| Some(Account { user: number("-u", name)?, group: number("-g", name)? }))
        .map(Some)
        .ok_or_else(|| format!("root may not run PostgreSQL, and none of {ACCOUNTS:?} is a user here"))
}

/// Asks the system, not the password file: users may come from elsewhere.
fn number(which: &str, name: &str) -> Option<u32> {
    let answer = Command::new("id").args([which, name]).output().ok()?;
    String::from_utf8(answer.stdout).ok()?.trim().parse().ok()
}

/// Makes the server's own directory, which nobody else may enter: the server trusts whoever reaches its
/// socket.
pub(crate) fn prepare_home(run_directory: &Path, home: &Path, account: Option<&Account>) -> io::Result<()> {
    fs::create_dir(home)?;
    fs::set_permissions(home, fs::Permissions::from_mode(0o700))?;
    if let Some(account) = account {
        chown(home, Some(account.user), Some(account.group))?;
        fs::set_permissions(run_directory, fs::Permissions::from_mode(0o711))?;
    }
    Ok(())
}

/// A program run as `account`, in a process group of its own so that Ctrl-C in the terminal reaches the
/// tests only.
pub(crate) fn program(path: &Path, account: Option<&Account>) -> Command {
    let mut command = Command::new(path);
    command.process_group(0);
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    command
}

/// Starts the watchdog of `server`.
pub(crate) fn watch(server: &Child, run_directory: &Path) -> io::Result<Child> {
    Command::new("sh")
        .args(["-c", WATCHDOG, "watchdog"])
        .arg(server.id().to_string())
        .arg(run_directory)
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}
