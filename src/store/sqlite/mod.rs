//! SQLite: one file, one connection that writes, WAL with `synchronous=FULL`.

mod sql;

use std::str::FromStr;
use std::time::Duration;

use sqlx::Sqlite;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::engine::engine;

/// SQLite takes its write lock at the beginning, so that a batch never fails half-way for want of it.
const BEGIN: &str = "BEGIN IMMEDIATE";
const COMMITTED: &str =
    "SELECT change_id FROM change_log WHERE change_id IN (SELECT value FROM json_each($1))";

engine!(SqliteEngine, Sqlite, "migrations/sqlite");

/// How every connection is made. REPLACE is a DELETE too, and only with `recursive_triggers` do the triggers see it
/// that keep what is written.
///
/// # Errors
/// Where the URL names no database.
pub fn options(url: &str) -> Result<SqliteConnectOptions, sqlx::Error> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("recursive_triggers", "ON")
        .busy_timeout(Duration::from_secs(5));
    Ok(options)
}

impl SqliteEngine {
    /// Opens the file, making it where it is not there.
    ///
    /// # Errors
    /// Where the file cannot be opened or is no database.
    pub async fn open(url: &str, readers: u32) -> Result<Self, sqlx::Error> {
        let options = options(url)?;
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await?;
        let reader = SqlitePoolOptions::new()
            .max_connections(readers.max(1))
            .connect_with(options)
            .await?;
        Ok(Self { writer, reader })
    }
}

fn failure(error: sqlx::Error) -> Failure {
    match &error {
        sqlx::Error::Database(database) => match database.code().as_deref() {
            // SQLITE_BUSY and its snapshots, SQLITE_LOCKED.
            Some("5" | "6" | "261" | "262" | "517") => Failure::Again(error),
            // Disk I/O, full, read-only, cannot open.
            Some("8" | "10" | "13" | "14") => Failure::Unavailable(error),
            _ => Failure::Refused(error),
        },
        _ => Failure::Unavailable(error),
    }
}
