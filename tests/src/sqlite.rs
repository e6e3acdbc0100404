//! SQLite for the cases: one migrated file, one with a network in it, and a copy of either for each case.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, Database, DbErr};

use crate::database::Template;

/// The migrated file, and where its copies go.
#[derive(Debug)]
pub(crate) struct Sqlite {
    directory: PathBuf,
}

impl Sqlite {
    /// Makes the file inside `run_directory`.
    pub(crate) async fn prepare(run_directory: &Path) -> Result<Self, DbErr> {
        let sqlite = Self { directory: run_directory.join("sqlite") };
        fs::create_dir(&sqlite.directory).map_err(|err| DbErr::Custom(err.to_string()))?;
        let mut options = ConnectOptions::new(url(&sqlite.template()));
        options.max_connections(1).sqlx_logging(false);
        let connection = Database::connect(options).await?;
        Migrator::up(&connection, None).await?;
        // Closing writes everything into the one file that is copied.
        connection.close().await?;
        Ok(sqlite)
    }

    /// Copies the migrated file to where the founded template belongs, and returns the copy's address.
    pub(crate) fn create_founded(&self) -> io::Result<String> {
        fs::copy(self.template(), self.founded())?;
        Ok(url(&self.founded()))
    }

    /// Copies a template into a directory of its own, for SQLite keeps its journals beside it, and returns the
    /// copy's address.
    pub(crate) fn create(&self, number: u64, template: Template) -> io::Result<String> {
        let directory = self.directory.join(number.to_string());
        fs::create_dir(&directory)?;
        let file = directory.join("test.sqlite");
        let source = match template {
            Template::Migrated => self.template(),
            Template::Founded => self.founded(),
        };
        fs::copy(source, &file)?;
        Ok(url(&file))
    }

    /// Removes a copy.
    pub(crate) fn remove(&self, number: u64) -> io::Result<()> {
        fs::remove_dir_all(self.directory.join(number.to_string()))
    }

    fn template(&self) -> PathBuf {
        self.directory.join("template.sqlite")
    }

    fn founded(&self) -> PathBuf {
        self.directory.join("founded.sqlite")
    }
}

fn url(file: &Path) -> String {
    format!("sqlite://{}?mode=rwc", file.display())
}
