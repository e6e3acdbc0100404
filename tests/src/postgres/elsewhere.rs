//! Without unix sockets and `sh` there is no private server.

use std::io;
use std::path::Path;
use std::process::{Child, Command};

/// Never made here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account;

pub(crate) fn unprivileged_account(_: &Path) -> Result<Option<Account>, String> {
    Err("a private PostgreSQL server needs unix sockets".to_owned())
}

pub(crate) fn prepare_home(_: &Path, _: &Path, _: Option<&Account>) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn program(path: &Path, _: Option<&Account>) -> Command {
    Command::new(path)
}

pub(crate) fn watch(_: &Child, _: &Path) -> io::Result<Child> {
    Err(io::ErrorKind::Unsupported.into())
}
