//! PostgreSQL: several connectors on one database share the work.

mod sql;

use std::str::FromStr;
use std::time::Duration;

use sqlx::Postgres;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::engine::engine;

/// READ COMMITTED is enough: every row that a decision rests on is locked and compared.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
const COMMITTED: &str =
    "SELECT change_id FROM change_log WHERE change_id IN (SELECT jsonb_array_elements_text($1::jsonb))";

engine!(PostgresEngine, Postgres, "migrations/postgres");

impl PostgresEngine {
    /// Connects.
    ///
    /// # Errors
    /// Where the server does not answer or refuses.
    pub async fn open(url: &str, readers: u32) -> Result<Self, sqlx::Error> {
        let options = PgConnectOptions::from_str(url)?.application_name("epaybl-connector");
        let pool = || PgPoolOptions::new().acquire_timeout(Duration::from_secs(5));
        let writer = pool().max_connections(3).connect_with(options.clone()).await?;
        let reader = pool()
            .max_connections(readers.max(1))
            .connect_with(options)
            .await?;
        Ok(Self { writer, reader })
    }
}

fn failure(error: sqlx::Error) -> Failure {
    match &error {
        sqlx::Error::Database(database) => match database.code().as_deref() {
            // Serialization failure, deadlock.
            Some("40001" | "40P01") => Failure::Again(error),
            // The server is shutting down, crashing, starting, out of resources, or the connection broke.
            Some(code) if ["08", "53", "57"].iter().any(|class| code.starts_with(class)) => {
                Failure::Unavailable(error)
            }
            _ => Failure::Refused(error),
        },
        _ => Failure::Unavailable(error),
    }
}
