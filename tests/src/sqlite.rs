//! SQLite for the cases: one migrated file, and a copy of it for each case.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, Database, DbErr};

/// The migrated file, and where its copies go.
#[derive(Debug)]
pub(crate) struct Sqlite {
    directory: PathBuf,
}

impl Sqlite {
    /// Makes the file inside `run_directory`.
    pub(crate) async fn prepare(run_directory: &Path) -> Result<Self, DbErr> {
        let sqlite = Self {
            directory: run_directory.join("sqlite"),
        };
        fs::create_dir(&sqlite.directory).map_err(|err| DbErr::Custom(err.to_string()))?;
        let mut options = ConnectOptions::new(url(&sqlite.template()));
        options.max_connections(1).sqlx_logging(false);
        let connection = Database::connect(options).await?;
        Migrator::up(&connection, None).await?;
        // Closing writes everything into the one file that is copied.
        connection.close().await?;
        Ok(sqlite)
    }

    /// Copies the file into a directory of its own, for SQLite keeps its journals beside it, and returns the
    /// copy's address.
    pub(crate) fn create(&self, number: u64) -> io::Result<String> {
        let directory = self.directory.join(number.to_string());
        fs::create_dir(&directory)?;
        let file = directory.join("test.sqlite");
        fs::copy(self.template(), &file)?;
        Ok(url(&file))
    }

    /// Removes a copy.
    pub(crate) fn remove(&self, number: u64) -> io::Result<()> {
        fs::remove_dir_all(self.directory.join(number.to_string()))
    }

    fn template(&self) -> PathBuf {
        self.directory.join("template.sqlite")
    }
}

fn url(file: &Path) -> String {
    format!("sqlite://{}?mode=rwc", file.display())
}
