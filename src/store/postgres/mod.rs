//! PostgreSQL: several connectors on one database share the work.
//!
//! sqlx 0.9.0 leaves Nagle's algorithm on (transact-rs/sqlx#4335, mended after that release), so that over TCP a statement
//! with many rows may wait up to 40 ms for a delayed acknowledgement. A Unix socket (`?host=/run/postgresql`) has no such
//! pause; it goes with the next release of sqlx.

mod sql;

use std::str::FromStr;
use std::time::Duration;

use sqlx::Postgres;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::closings::closing_rows;
use super::details::detail_rows;
use super::engine::engine;
use super::exceptions::rows::exception_rows;
use super::lists::rows::list_rows;
use super::postings::rows::posting_rows;
use super::readings::mandant_rows;
use super::statements::rows::statement_rows;
use super::support::support;

/// READ COMMITTED is enough: every row that a decision rests on is locked and compared.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
const COMMITTED: &str =
    "SELECT change_id FROM change_log WHERE change_id IN (SELECT jsonb_array_elements_text($1::jsonb))";

engine!(PostgresEngine, Postgres, "migrations/postgres");
mandant_rows!(PostgresEngine);
support!(PostgresEngine);
statement_rows!(PostgresEngine, Postgres);
exception_rows!(PostgresEngine);
list_rows!(PostgresEngine);
closing_rows!(PostgresEngine);
detail_rows!(PostgresEngine);
posting_rows!(PostgresEngine);

impl PostgresEngine {
    /// Connects.
    ///
    /// # Errors
    /// Where the server does not answer or refuses.
    pub async fn open(url: &str, readers: u32) -> Result<Self, sqlx::Error> {
        let options = PgConnectOptions::from_str(url)?.application_name("epaybl-connector");
        let pool = || PgPoolOptions::new().acquire_timeout(Duration::from_secs(5));
        // A connector whose machine vanishes must not keep its locks until TCP gives up after hours, and nobody waits
        // for a lock longer than a batch may take. The writer finds every row by a key: a plan that was made while a
        // table was small, also that of a foreign key's check, must not read it whole when it has grown.
        let writing = options.clone().options([
            ("idle_in_transaction_session_timeout", "10s"),
            ("lock_timeout", "10s"),
            ("enable_seqscan", "off"),
            ("tcp_keepalives_idle", "5"),
            ("tcp_keepalives_interval", "2"),
            ("tcp_keepalives_count", "3"),
        ]);
        let writer = pool().max_connections(3).connect_with(writing).await?;
        let reader = pool()
            .max_connections(readers.max(1))
            .connect_with(options)
            .await?;
        Ok(Self { writer, reader })
    }
}

fn failure(error: sqlx::Error) -> Failure {
    match &error {
        sqlx::Error::Database(database) => match database.code() {
            Some(code) => by_code(&code)(error),
            None => Failure::Unavailable(error),
        },
        sqlx::Error::Encode(_) => Failure::Refused(error),
        _ => Failure::Unavailable(error),
    }
}

/// The first two characters of an SQLSTATE are its class.
fn by_code(code: &str) -> fn(sqlx::Error) -> Failure {
    match (code, code.get(..2)) {
        // Serialization failure, deadlock; a lock that was not to be had in time.
        ("40001" | "40P01" | "55P03", _) => Failure::Again,
        // What a Change can be to blame for: data, constraints, the statement, limits, a trigger's refusal.
        (_, Some("21" | "22" | "23" | "42" | "44" | "54" | "P0")) => Failure::Refused,
        // The server: shut down, crashed, read-only after a switch, out of resources, corrupt, or gone.
        _ => Failure::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_change_can_be_to_blame_for_refuses_it() {
        let kind = |code| match by_code(code)(sqlx::Error::PoolClosed) {
            Failure::Again(_) => "again",
            Failure::Refused(_) => "refused",
            _ => "unavailable",
        };
        assert_eq!(["40001", "40P01", "55P03"].map(kind), ["again"; 3]);
        assert_eq!(
            ["23505", "22P05", "23503", "P0001", "54000"].map(kind),
            ["refused"; 5]
        );
        assert_eq!(
            ["57P01", "25006", "58030", "53100", "XX001", "08006"].map(kind),
            ["unavailable"; 6]
        );
    }
}
