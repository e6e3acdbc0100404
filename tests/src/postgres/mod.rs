//! PostgreSQL for the cases: one migrated template on one server, one with a network in it, and a copy of either for
//! each case.
//!
//! The server is the one that the caller names, or a private one that lives as long as the run.

mod server;
#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(not(unix), path = "elsewhere.rs")]
mod system;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};
use tokio::time::sleep;
use url::Url;

use crate::database::Template;

pub(crate) use server::installed_programs;
use server::{START_LIMIT, Server};

/// Every database of ours begins with it, followed by the run's number and what it is for.
const PREFIX: &str = "zhengxin_test_";
/// The template with tables alone.
const MIGRATED: &str = "template";
/// The template with a network in it.
const FOUNDED: &str = "founded";

/// A server with this run's template on it.
#[derive(Debug)]
pub(crate) struct Postgres {
    /// Stopped last: it stands after the connection that it serves.
    admin: DatabaseConnection,
    maintenance: Url,
    /// `zhengxin_test_` and eight digits: the run on this server.
    run: String,
    /// How the server is to copy a database, as the end of a statement.
    strategy: &'static str,
    server: Option<Server>,
}

impl Postgres {
    /// Starts a private server inside `run_directory`.
    pub(crate) async fn start(programs: &Path, run_directory: &Path) -> Result<Self, String> {
        let mut server = Server::start(programs, run_directory)?;
        let maintenance = server.url();
        let started = Instant::now();
        loop {
            match Self::connect(maintenance.clone()).await {
                Ok(postgres) => {
                    return Ok(Self {
                        strategy: postgres.fastest_strategy().await.map_err(|err| err.to_string())?,
                        server: Some(server),
                        ..postgres
                    });
                }
                Err(err) if started.elapsed() > START_LIMIT => {
                    return Err(format!("the server started, but does not answer: {err}"));
                }
                Err(_) => {}
            }
            if let Some(obituary) = server.obituary() {
                return Err(obituary);
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Connects to the server of `maintenance`, a database that this role may create others from, and
    /// removes there what killed runs left behind.
    pub(crate) async fn join(maintenance: Url) -> Result<Self, DbErr> {
        let postgres = Self::connect(maintenance).await?;
        postgres.remove_dead_runs().await?;
        Ok(postgres)
    }

    /// Makes the template: an empty database, migrated.
    pub(crate) async fn prepare_template(&self) -> Result<(), DbErr> {
        let template = self.name(MIGRATED);
        self.admin
            .execute_unprepared(&format!("CREATE DATABASE {template} TEMPLATE template0 ENCODING 'UTF8'"))
            .await?;
        let connection = Database::connect(quiet(self.url(&template).as_str())).await?;
        Migrator::up(&connection, None).await?;
        // A connected template cannot be copied.
        connection.close().await
    }

    /// Copies the migrated template to where the founded one belongs, and returns the copy's address.
    pub(crate) async fn create_founded(&self) -> Result<String, DbErr> {
        self.copy(MIGRATED, FOUNDED).await
    }

    /// Copies a template, and returns the copy's address.
    pub(crate) async fn create(&self, number: u64, template: Template) -> Result<String, DbErr> {
        let template = match template {
            Template::Migrated => MIGRATED,
            Template::Founded => FOUNDED,
        };
        self.copy(template, &number.to_string()).await
    }

    async fn copy(&self, template: &str, purpose: &str) -> Result<String, DbErr> {
        let (name, template) = (self.name(purpose), self.name(template));
        self.admin.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}{}", self.strategy)).await?;
        Ok(self.url(&name).to_string())
    }

    /// Drops a copy, whoever is still connected to it.
    pub(crate) async fn remove(&self, number: u64) -> Result<(), DbErr> {
        drop_database(&self.admin, &self.name(&number.to_string())).await
    }

    /// Leaves the server as it was found; a private one stops.
    pub(crate) async fn close(self) -> Result<(), DbErr> {
        if self.server.is_none() {
            for template in [FOUNDED, MIGRATED] {
                drop_database(&self.admin, &self.name(template)).await?;
            }
        }
        self.admin.close().await
    }

    /// A run's connections carry its name, which is how others see that it lives.
    async fn connect(maintenance: Url) -> Result<Self, DbErr> {
        let run = format!("{PREFIX}{:08x}", random());
        let mut options = quiet(maintenance.as_str());
        options
            .set_application_name(run.clone())
            .min_connections(1)
            .idle_timeout(None::<Duration>)
            .max_lifetime(None::<Duration>)
            .acquire_timeout(Duration::from_secs(10));
        Ok(Self { admin: Database::connect(options).await?, maintenance, run, strategy: "", server: None })
    }

    /// Copying files is four times as fast as logging blocks where nothing is flushed to the disk. Before
    /// version 15 there was no other way, and no word for it.
    async fn fastest_strategy(&self) -> Result<&'static str, DbErr> {
        let query = "SELECT current_setting('server_version_num')::int";
        let version = self
            .admin
            .query_one_raw(Statement::from_string(DbBackend::Postgres, query))
            .await?
            .ok_or_else(|| DbErr::RecordNotFound("the server's version".to_owned()))?
            .try_get_by_index::<i32>(0)?;
        Ok(if version >= 150_000 { " STRATEGY FILE_COPY" } else { "" })
    }

    /// Drops the databases of runs that have no connection any more.
    async fn remove_dead_runs(&self) -> Result<(), DbErr> {
        let query = format!(
            "SELECT d.datname::text FROM pg_database d \
             WHERE starts_with(d.datname, '{PREFIX}') AND pg_has_role(d.datdba, 'USAGE') AND NOT EXISTS ( \
                SELECT FROM pg_stat_activity a WHERE a.application_name = left(d.datname, {}))",
            PREFIX.len() + 8,
        );
        let dead = self.admin.query_all_raw(Statement::from_string(DbBackend::Postgres, query)).await?;
        for row in dead {
            drop_database(&self.admin, &row.try_get_by_index::<String>(0)?).await?;
        }
        Ok(())
    }

    fn name(&self, purpose: &str) -> String {
        format!("{}_{purpose}", self.run)
    }

    fn url(&self, database: &str) -> Url {
        let mut url = self.maintenance.clone();
        url.set_path(database);
        url
    }
}

/// Finds the installed server's programs and starts it, or says why there is none.
pub(crate) async fn start_installed(search_path: &[PathBuf], run_directory: &Path) -> Result<Postgres, String> {
    match installed_programs(search_path) {
        Some(programs) => Postgres::start(&programs, run_directory).await,
        None => Err("no PostgreSQL server is installed".to_owned()),
    }
}

async fn drop_database(admin: &DatabaseConnection, name: &str) -> Result<(), DbErr> {
    admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
    Ok(())
}

/// Options without a line in the log for every statement.
fn quiet(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false);
    options
}

/// Two runs on one server must not meet.
fn random() -> u32 {
    let [.., a, b, c, d] = RandomState::new().build_hasher().finish().to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::RunDirectory;

    impl Postgres {
        async fn databases(&self) -> Vec<String> {
            let query = format!("SELECT datname::text FROM pg_database WHERE starts_with(datname, '{PREFIX}')");
            let rows = self.admin.query_all_raw(Statement::from_string(DbBackend::Postgres, query)).await.unwrap();
            rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
        }
    }

    /// Says nothing where no server is installed; the cases' own note does.
    #[tokio::test]
    async fn a_given_server_keeps_what_living_runs_made_there() {
        let Some(programs) = installed_programs(&[]) else {
            return;
        };
        let directory = RunDirectory::create().unwrap();
        let server = Postgres::start(&programs, directory.path()).await.unwrap();
        let first = Postgres::join(server.maintenance.clone()).await.unwrap();
        first.prepare_template().await.unwrap();
        first.create(7, Template::Migrated).await.unwrap();
        let made = [first.name("7"), first.name("template")];

        let second = Postgres::join(server.maintenance.clone()).await.unwrap();
        for name in &made {
            assert!(second.databases().await.contains(name), "{name} was removed");
        }

        // A killed run loses its connections and nothing else.
        first.admin.close().await.unwrap();
        let third = Postgres::join(server.maintenance.clone()).await.unwrap();
        assert_eq!(third.databases().await, [""; 0]);
        for postgres in [third, second, server] {
            postgres.close().await.unwrap();
        }
    }
}
