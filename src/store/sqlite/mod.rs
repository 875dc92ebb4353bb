//! SQLite: one file, one connection that writes, WAL with `synchronous=FULL`.

#[cfg(test)]
mod plans;
mod sql;

use std::str::FromStr;
use std::time::Duration;

use sqlx::Sqlite;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::closings::closing_rows;
use super::details::detail_rows;
use super::engine::engine;
use super::exceptions::rows::exception_rows;
use super::lists::rows::list_rows;
use super::postings::rows::posting_rows;
use super::readings::mandant_rows;
use super::statements::rows::statement_rows;
use super::support::support;

/// SQLite takes its write lock at the beginning, so that a batch never fails half-way for want of it.
const BEGIN: &str = "BEGIN IMMEDIATE";
const COMMITTED: &str =
    "SELECT change_id FROM change_log WHERE change_id IN (SELECT value FROM json_each($1))";

engine!(SqliteEngine, Sqlite, "migrations/sqlite");
mandant_rows!(SqliteEngine);
support!(SqliteEngine);
statement_rows!(SqliteEngine, Sqlite);
exception_rows!(SqliteEngine);
list_rows!(SqliteEngine);
closing_rows!(SqliteEngine);
detail_rows!(SqliteEngine);
posting_rows!(SqliteEngine);

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
        // A connection to a file does not go away, so none is tried before it is used.
        let pool = || SqlitePoolOptions::new().test_before_acquire(false);
        let writer = pool().max_connections(1).connect_with(options.clone()).await?;
        let reader = pool()
            .max_connections(readers.max(1))
            .connect_with(options)
            .await?;
        Ok(Self { writer, reader })
    }
}

fn failure(error: sqlx::Error) -> Failure {
    match &error {
        sqlx::Error::Database(database) => match database.code().and_then(|code| code.parse::<u32>().ok()) {
            Some(code) => by_code(code)(error),
            None => Failure::Refused(error),
        },
        sqlx::Error::Encode(_) => Failure::Refused(error),
        _ => Failure::Unavailable(error),
    }
}

/// The last byte of an extended result code says what kind it is.
const fn by_code(code: u32) -> fn(sqlx::Error) -> Failure {
    match code & 0xff {
        // Busy, locked, a lock that was lost in a race.
        5 | 6 | 15 => Failure::Again,
        // What a Change can be to blame for: an error in a statement or of a trigger, too big, a constraint, a type, a
        // number out of range.
        1 | 18 | 19 | 20 | 25 => Failure::Refused,
        // The file: denied, no memory, read-only, I/O, corrupt, full, cannot be opened, no database.
        _ => Failure::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extended_code_is_of_the_kind_that_its_last_byte_says() {
        let kind = |code| match by_code(code)(sqlx::Error::PoolClosed) {
            Failure::Again(_) => "again",
            Failure::Refused(_) => "refused",
            _ => "unavailable",
        };
        // BUSY_SNAPSHOT, LOCKED_SHAREDCACHE, CONSTRAINT_UNIQUE, CONSTRAINT_TRIGGER.
        assert_eq!([517, 262].map(kind), ["again"; 2]);
        assert_eq!([2067, 1811, 19, 1].map(kind), ["refused"; 4]);
        // IOERR_WRITE, IOERR_FSYNC, READONLY_DBMOVED, FULL, CORRUPT, NOTADB.
        assert_eq!([778, 1034, 1032, 13, 11, 26].map(kind), ["unavailable"; 6]);
    }
}
