//! What the operator may set, on the command line or in the environment. Nothing else reads either.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

/// Where the server listens and keeps its data.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Address to listen on.
    #[arg(long, env = "ZHENGXIN_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR", global = true)]
    pub listen: SocketAddr,
    /// Folder for the embedded database and the keys.
    #[arg(long, env = "ZHENGXIN_DATA_DIR", default_value = "data", value_name = "DIR", global = true)]
    pub data_dir: PathBuf,
    /// Database: postgres://… or sqlite://…; an embedded SQLite file in the data folder if left out.
    #[arg(long, env = "ZHENGXIN_DATABASE_URL", value_name = "URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    /// Origins of web pages on other hosts that may call this server, such as <https://info.example.gov.cn>.
    #[arg(long, env = "ZHENGXIN_ALLOWED_ORIGINS", value_delimiter = ',', value_name = "ORIGIN", global = true)]
    pub allowed_origins: Vec<String>,
    /// Proxies whose X-Forwarded-For is believed, as addresses or networks such as 10.1.0.0/16.
    #[arg(long, env = "ZHENGXIN_TRUSTED_PROXIES", value_delimiter = ',', value_name = "NETWORK", global = true)]
    pub trusted_proxies: Vec<String>,
    /// Do not serve the IDE.
    #[arg(long, env = "ZHENGXIN_NO_IDE", global = true)]
    pub no_ide: bool,
    /// Write the log as JSON lines.
    #[arg(long, env = "ZHENGXIN_LOG_JSON", global = true)]
    pub log_json: bool,
    /// What to log, such as `info` or `api=debug`.
    #[arg(long, env = "ZHENGXIN_LOG", default_value = "info", value_name = "FILTER", global = true)]
    pub log: String,
}

impl Config {
    /// The database's address; `file` is the embedded one's name.
    pub fn database_url(&self, file: &str) -> String {
        self.database_url.clone().unwrap_or_else(|| sqlite_url(&self.data_dir.join(file)))
    }

    /// Folder of the keys.
    pub fn key_dir(&self) -> PathBuf {
        self.data_dir.join("keys")
    }
}

/// The address of an SQLite file.
pub fn sqlite_url(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}
