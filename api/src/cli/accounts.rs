//! The first accounts: whoever can start the server may make them, and the audit log says so.

use std::io::BufRead as _;
use std::process::ExitCode;

use anyhow::Context as _;
use entity::role_grant::Role;

use super::{files, print, serve};
use crate::auth::password;
use crate::config::Config;
use crate::services::person;

/// Opens an account with one role; the password is the first line of standard input.
pub(super) async fn create(
    config: &Config,
    login: &str,
    name: &str,
    role: Role,
    network: Option<&str>,
) -> anyhow::Result<ExitCode> {
    let office = matches!(role, Role::Editor | Role::ChiefEditor);
    anyhow::ensure!(office == network.is_some(), "give --network for the roles of an office, and for no others");
    let mut secret = String::new();
    std::io::stdin().lock().read_line(&mut secret).context("cannot read the password from standard input")?;
    let secret = secret.trim_end_matches(['\r', '\n']).to_owned();
    password::check(&secret)?;
    let state = serve::open(config, "zhengxin.db").await?;
    let network = match network {
        Some(code) => Some(files::find(&state, code).await?.id),
        None => None,
    };
    person::set_up(&state, login, name, secret, role, network).await?;
    print(&format!("account {login} created / 已建立账号 {login}\n"));
    Ok(ExitCode::SUCCESS)
}
