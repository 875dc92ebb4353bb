//! Fresh databases with this program's tables, one for each test, gone when it ends.

#![expect(clippy::print_stdout, reason = "a failing test says on which database")]

use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::path::Path;

use epaybl_connector::app::ports::{Clock, Ids};
use epaybl_connector::store;
use epaybl_connector::system::{SystemClock, SystemIds};
use sqlx::{Connection, PgConnection, PgPool, Row, SqlitePool};
use url::Url;

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

/// On a PostgreSQL database of its own, which is dropped whatever becomes of the test. Without `TEST_DATABASE_URL` the
/// test is not run; that it was is noted in the file that `EPAYBL_TEST_MARK` names, so that CI can demand it.
pub async fn on_postgres(test: impl AsyncFn(&Database)) {
    let Some(url) = environment("TEST_DATABASE_URL") else {
        println!("TEST_DATABASE_URL names no PostgreSQL: not run there");
        return;
    };
    let mut url = Url::parse(&url).expect("TEST_DATABASE_URL is an address");
    let mut server = PgConnection::connect(url.as_str())
        .await
        .expect("PostgreSQL answers");
    let name = format!("epaybl_test_{}", SystemIds.uuid(SystemClock.now()).simple());
    let create = format!("CREATE DATABASE {name} TEMPLATE template0");
    sqlx::query(made(&create))
        .execute(&mut server)
        .await
        .expect("a database of its own");
    url.set_path(&name);
    let outcome = unwinding(async {
        migrate(url.as_str()).await;
        let pool = PgPool::connect(url.as_str()).await.expect("it opens");
        test(&Database::Postgres(pool.clone())).await;
        pool.close().await;
    })
    .await;
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    sqlx::query(made(&drop))
        .execute(&mut server)
        .await
        .expect("it is dropped");
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
    mark();
}

/// Runs a future to its end or to its panic.
async fn unwinding(work: impl Future<Output = ()>) -> std::thread::Result<()> {
    let mut work = std::pin::pin!(work);
    std::future::poll_fn(|context| {
        let step = std::panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        match step {
            Ok(poll) => poll.map(Ok),
            Err(panic) => std::task::Poll::Ready(Err(panic)),
        }
    })
    .await
}

fn mark() {
    if let Some(path) = environment("EPAYBL_TEST_MARK") {
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(Path::new(&path))
            .expect("the file of marks opens");
        file.write_all(b"postgres\n").expect("it takes a mark");
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test's settings come from the environment"
)]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
