//! Fresh databases with this program's tables, one for each test, gone when it ends.

#![expect(clippy::print_stdout, reason = "a failing test says on which database")]

use epaybl_connector::store;
use sqlx::{PgPool, Row, SqlitePool};

use crate::support;

/// A database with this program's tables.
pub enum Database {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

macro_rules! on {
    ($self:expr, $pool:ident => $work:expr) => {
        match $self {
            Database::Sqlite($pool) => $work,
            Database::Postgres($pool) => $work,
        }
    };
}

impl Database {
    /// The rows of a query whose columns are all texts; what is NULL comes as an empty one.
    pub async fn rows(&self, query: &'static str) -> Vec<Vec<String>> {
        on!(self, pool => {
            let rows = sqlx::query(query).fetch_all(pool).await.unwrap_or_else(|error| panic!("{query}: {error}"));
            rows.iter()
                .map(|row| {
                    (0..row.len()).map(|at| row.get::<Option<String>, _>(at).unwrap_or_default()).collect()
                })
                .collect()
        })
    }

    /// Executes a statement that a test put together.
    pub async fn execute(&self, statement: &str) {
        let done = on!(self, pool => sqlx::query(made(statement)).execute(pool).await.map(drop));
        done.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// Tries a statement and takes it back; the error's text where it is refused.
    pub async fn attempt(&self, statement: &str) -> Result<(), String> {
        on!(self, pool => {
            let mut tx = pool.begin().await.expect("a transaction");
            let done = sqlx::query(made(statement)).execute(&mut *tx).await;
            tx.rollback().await.expect("it is taken back");
            done.map(drop).map_err(|error| error.to_string())
        })
    }
}

#[expect(
    clippy::disallowed_types,
    reason = "tests put statements together from names of tables"
)]
fn made(statement: &str) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(statement.to_owned())
}

async fn migrate(url: &str) {
    let engine = store::open(url, 1).await.expect("the database opens");
    engine.migrate().await.expect("the migrations run");
    engine.close().await;
}

/// On SQLite, and on PostgreSQL where `TEST_DATABASE_URL` names one.
pub async fn on_both(test: impl AsyncFn(&Database)) {
    println!("on SQLite");
    sqlite(&test).await;
    println!("on PostgreSQL");
    on_postgres(&test).await;
}

/// On a SQLite file of its own.
pub async fn sqlite(test: impl AsyncFn(&Database)) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("test.sqlite").display());
    migrate(&url).await;
    let options = store::sqlite::options(&url).expect("an address");
    let pool = SqlitePool::connect_with(options).await.expect("it opens");
    test(&Database::Sqlite(pool.clone())).await;
    pool.close().await;
}

/// On a PostgreSQL database of its own; not run where `TEST_DATABASE_URL` names no server.
pub async fn on_postgres(test: impl AsyncFn(&Database)) {
    let Some(server) = support::server() else {
        println!("TEST_DATABASE_URL names no PostgreSQL: not run there");
        return;
    };
    let fresh = support::postgres(&server).await;
    let url = fresh.url.as_deref().expect("it has an address");
    migrate(url).await;
    let pool = PgPool::connect(url).await.expect("it opens");
    test(&Database::Postgres(pool.clone())).await;
    pool.close().await;
}
