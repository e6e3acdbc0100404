//! The connections to the database: one writer and several readers on SQLite, one pool on PostgreSQL.
//!
//! SQLite has one writer at a time. Giving it a pool of one connection, on which every transaction begins
//! `IMMEDIATE`, makes writers queue in the server instead of failing with "database is locked"; readers
//! work on connections of their own that cannot write.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use migration::MigratorTrait as _;
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait as _, Database as Connector, DatabaseConnection, DatabaseTransaction,
    DbBackend, DbErr, IsolationLevel, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};

use crate::events::CHANNEL;

const READERS: u32 = 4;
const BUSY: Duration = Duration::from_secs(10);

/// Open connections to one database.
#[derive(Clone)]
pub struct Database {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    /// Where PostgreSQL is, for a connection that only listens; the password is part of it.
    address: Option<Arc<str>>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("writer", &self.writer).field("reader", &self.reader).finish_non_exhaustive()
    }
}

impl Database {
    /// Connects to `sqlite://path` or `postgres://…`; an SQLite file is created when it is not there.
    pub async fn connect(url: &str) -> anyhow::Result<Self> {
        if url.starts_with("sqlite:") { Self::connect_sqlite(url).await } else { Self::connect_postgres(url).await }
    }

    async fn connect_sqlite(url: &str) -> anyhow::Result<Self> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false).acquire_timeout(BUSY * 3);
        options.map_sqlx_sqlite_opts(|options| {
            options
                .create_if_missing(true)
                .journal_mode(sea_orm::sqlx::sqlite::SqliteJournalMode::Wal)
                .synchronous(sea_orm::sqlx::sqlite::SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(BUSY)
        });
        let writer = Connector::connect(options).await.context("cannot open the SQLite database")?;
        let mut options = ConnectOptions::new(url);
        options.max_connections(READERS).sqlx_logging(false).acquire_timeout(BUSY * 3);
        options.map_sqlx_sqlite_opts(|options| options.read_only(true).busy_timeout(BUSY));
        let reader = Connector::connect(options).await.context("cannot read the SQLite database")?;
        let database = Self { writer, reader, address: None };
        database.assert_durable().await?;
        Ok(database)
    }

    async fn connect_postgres(url: &str) -> anyhow::Result<Self> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(16).sqlx_logging(false).acquire_timeout(BUSY * 3);
        options.map_sqlx_postgres_opts(|options| {
            options.application_name("zhengxin").options([
                ("lock_timeout", "10s"),
                ("statement_timeout", "60s"),
                ("idle_in_transaction_session_timeout", "60s"),
            ])
        });
        let pool = Connector::connect(options).await.context("cannot connect to PostgreSQL")?;
        Ok(Self { writer: pool.clone(), reader: pool, address: Some(url.into()) })
    }

    /// A commit that was acknowledged must survive a power cut, which takes these two settings.
    async fn assert_durable(&self) -> anyhow::Result<()> {
        for (pragma, wanted) in [("journal_mode", "wal"), ("synchronous", "2")] {
            let statement = Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {pragma}"));
            let row = self.writer.query_one_raw(statement).await?.context("a PRAGMA gives one row")?;
            let found = row
                .try_get_by_index::<String>(0)
                .or_else(|_| row.try_get_by_index::<i64>(0).map(|value| value.to_string()))?;
            anyhow::ensure!(found == wanted, "SQLite runs with {pragma} = {found}, it must be {wanted}");
        }
        Ok(())
    }

    /// Runs the migrations that this database has not seen.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        migration::Migrator::up(&self.writer, None).await.context("cannot migrate the database")
    }

    /// The connection to read from outside any transaction.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// The pool that writes; only migrations and tests need it bare.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Begins a transaction that writes.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.writer
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await
    }

    /// Tells the other servers of this database, when `txn` is committed. SQLite has no others.
    pub(crate) async fn notify(&self, txn: &DatabaseTransaction, payloads: Vec<String>) -> Result<(), DbErr> {
        if !self.is_postgres() {
            return Ok(());
        }
        for payload in payloads {
            let values = [CHANNEL.into(), payload.into()];
            let statement = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_notify($1, $2)", values);
            txn.execute_raw(statement).await?;
        }
        Ok(())
    }

    /// Makes `txn` wait until every other transaction has ended that does `what`, and others wait for this one. On SQLite all
    /// transactions that write do so anyhow. Whoever calls it does so before anything of theirs is locked.
    pub(crate) async fn in_turn(&self, txn: &DatabaseTransaction, what: &str) -> Result<(), DbErr> {
        if self.is_postgres() {
            let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
            txn.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [what.into()])).await?;
        }
        Ok(())
    }

    /// Where other servers can be heard; none on SQLite.
    pub(crate) fn address(&self) -> Option<Arc<str>> {
        self.address.clone()
    }

    /// Whether several servers may share this database.
    pub(crate) fn is_postgres(&self) -> bool {
        self.writer.get_database_backend() == DbBackend::Postgres
    }

    /// Begins a transaction that reads one state of the data, whatever is written meanwhile.
    pub(crate) async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        let postgres = self.is_postgres();
        self.reader
            .begin_with_options(TransactionOptions {
                isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
                access_mode: postgres.then_some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            })
            .await
    }
}
