//! One database for each case, on SQLite or on PostgreSQL.
//!
//! Migrations are paid for once per run and backend; a case gets a copy. What is made here is removed when
//! the case ends, also when it fails.

use std::fmt;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use tokio::runtime::{Builder, Runtime};
use url::Url;

use crate::app;
use crate::directory::RunDirectory;
use crate::postgres::{self, Postgres};
use crate::sqlite::Sqlite;

/// The databases that the server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Embedded, one file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Backend {
    /// In the order in which cases are listed.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        })
    }
}

/// What a case finds in its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// The tables, and no row in them.
    Migrated,
    /// One network, founded from a rulebook: its units, its publications, and nobody in it.
    Founded,
}

/// A migrated database that one case has for itself.
#[derive(Debug)]
pub struct TestDatabase {
    backend: Backend,
    url: String,
}

impl TestDatabase {
    /// Which kind it is.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Its address, as the server's configuration takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A small pool of connections to it.
    pub async fn connect(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(&self.url);
        options.sqlx_logging(false);
        if self.backend == Backend::Sqlite {
            options.max_connections(1);
        }
        Database::connect(options).await.expect("the case's own database answers")
    }
}

/// Where the cases' PostgreSQL comes from.
#[derive(Debug)]
pub(crate) enum PostgresSource {
    /// A server that the caller named.
    Given(String),
    /// The installed server's programs, looked for in these directories first.
    Installed(Vec<PathBuf>),
}

/// Why a case has no database.
#[derive(Debug, Clone)]
pub(crate) enum NoDatabase {
    /// No PostgreSQL server can be had here; the text says why.
    NoServer(String),
    /// Something that must work does not.
    Broken(String),
}

/// Makes and removes databases. All of them are made by one runtime that outlives every case, so the
/// connections used for it survive the case's own runtime.
#[derive(Debug)]
pub(crate) struct Databases {
    runtime: Runtime,
    source: PostgresSource,
    number: AtomicU64,
    sqlite: OnceLock<Result<Sqlite, NoDatabase>>,
    postgres: OnceLock<Result<Postgres, NoDatabase>>,
    /// Whether the founded template was made, in the order of [`Backend::ALL`].
    founded: [OnceLock<Result<(), NoDatabase>>; 2],
    // Fields are dropped in this order: the directory goes when the server has left it.
    directory: OnceLock<Result<RunDirectory, NoDatabase>>,
}

/// What it takes to remove a database when its case has ended.
#[derive(Debug)]
pub(crate) struct Ticket {
    backend: Backend,
    number: u64,
}

impl Databases {
    /// Nothing is started before the first case needs it.
    pub(crate) fn new(source: PostgresSource) -> std::io::Result<Self> {
        Ok(Self {
            runtime: Builder::new_multi_thread().worker_threads(1).enable_all().build()?,
            source,
            number: AtomicU64::new(0),
            sqlite: OnceLock::new(),
            postgres: OnceLock::new(),
            founded: [OnceLock::new(), OnceLock::new()],
            directory: OnceLock::new(),
        })
    }

    /// A copy of a template. Called outside any runtime.
    pub(crate) fn create(&self, backend: Backend, template: Template) -> Result<(TestDatabase, Ticket), NoDatabase> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        if template == Template::Founded {
            self.found(backend)?;
        }
        let url = match backend {
            Backend::Sqlite => self.sqlite()?.create(number, template).map_err(broken),
            Backend::Postgres => {
                let postgres = self.postgres()?;
                self.runtime.block_on(postgres.create(number, template)).map_err(broken)
            }
        }?;
        Ok((TestDatabase { backend, url }, Ticket { backend, number }))
    }

    /// Removes a database, even if its case left connections open. Called outside any runtime.
    pub(crate) fn remove(&self, ticket: &Ticket) -> Result<(), NoDatabase> {
        let number = ticket.number;
        match ticket.backend {
            Backend::Sqlite => self.sqlite()?.remove(number).map_err(broken),
            Backend::Postgres => {
                let postgres = self.postgres()?;
                self.runtime.block_on(postgres.remove(number)).map_err(broken)
            }
        }
    }

    /// Removes the templates, stops the private server, and removes the run's directory.
    pub(crate) fn close(self) -> Result<(), NoDatabase> {
        match self.postgres.into_inner() {
            Some(Ok(postgres)) => self.runtime.block_on(postgres.close()).map_err(broken),
            Some(Err(_)) | None => Ok(()),
        }
    }

    /// Makes the founded template out of the migrated one.
    fn found(&self, backend: Backend) -> Result<(), NoDatabase> {
        let make = || {
            let url = match backend {
                Backend::Sqlite => self.sqlite()?.create_founded().map_err(broken),
                Backend::Postgres => {
                    let postgres = self.postgres()?;
                    self.runtime.block_on(postgres.create_founded()).map_err(broken)
                }
            }?;
            self.runtime.block_on(app::found(&url)).map_err(|err| broken(format!("{err:#}")))
        };
        self.founded[backend as usize].get_or_init(make).clone()
    }

    fn sqlite(&self) -> Result<&Sqlite, NoDatabase> {
        let prepared = self.sqlite.get_or_init(|| {
            let directory = self.directory()?;
            self.runtime.block_on(Sqlite::prepare(directory.path())).map_err(broken)
        });
        prepared.as_ref().map_err(NoDatabase::clone)
    }

    fn postgres(&self) -> Result<&Postgres, NoDatabase> {
        let prepared = self.postgres.get_or_init(|| self.runtime.block_on(self.prepare_postgres()));
        prepared.as_ref().map_err(NoDatabase::clone)
    }

    async fn prepare_postgres(&self) -> Result<Postgres, NoDatabase> {
        let postgres = match &self.source {
            PostgresSource::Given(url) => {
                let url = Url::parse(url).map_err(|err| broken(format!("TEST_DATABASE_URL is no URL: {err}")))?;
                Postgres::join(url)
                    .await
                    .map_err(|err| broken(format!("the server of TEST_DATABASE_URL does not answer: {err}")))?
            }
            PostgresSource::Installed(search_path) => {
                postgres::start_installed(search_path, self.directory()?.path()).await.map_err(NoDatabase::NoServer)?
            }
        };
        postgres.prepare_template().await.map_err(broken)?;
        Ok(postgres)
    }

    fn directory(&self) -> Result<&RunDirectory, NoDatabase> {
        let made = self.directory.get_or_init(|| RunDirectory::create().map_err(broken));
        made.as_ref().map_err(NoDatabase::clone)
    }
}

fn broken(err: impl fmt::Display) -> NoDatabase {
    NoDatabase::Broken(err.to_string())
}
