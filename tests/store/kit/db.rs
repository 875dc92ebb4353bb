//! Databases of their own for each test, dropped also after a panic.

use std::io::Write as _;
use std::sync::Arc;

use epaybl_connector::app::ports::{Clock, CommitError, Scope, Sealed, Snapshot, Store as _, Urgency};
use epaybl_connector::domain::ids::CaseId;
use epaybl_connector::store::engine::Engine;
use epaybl_connector::store::{self, SqlStore};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

/// Names the PostgreSQL database in which tests may make schemas.
const URL: &str = "TEST_DATABASE_URL";
/// Names a file that says which databases were tested: one line each time.
const MARK: &str = "EPAYBL_TEST_MARK";

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A fresh database with its tables.
pub struct Db {
    pub kind: Kind,
    pub url: String,
    _cleaner: Cleaner,
}

/// One connector on a database.
pub struct Connector {
    pub engine: Arc<dyn Engine>,
    pub store: Arc<SqlStore>,
    pub writer: tokio::task::JoinHandle<()>,
}

/// Runs a story on every database that is there.
pub async fn on_each(story: impl AsyncFn(&Db)) {
    for db in databases().await {
        story(&db).await;
    }
}

/// A fresh database of each kind that is there.
pub async fn databases() -> Vec<Db> {
    let mut databases = vec![sqlite().await];
    if let Ok(url) = std::env::var(URL) {
        databases.push(postgres(&url).await);
    }
    databases
}

async fn sqlite() -> Db {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("store.db").display());
    Db::with_tables(Kind::Sqlite, url, Cleaner::Folder(folder)).await
}

async fn postgres(url: &str) -> Db {
    let schema = format!("t_{}", uuid::Uuid::now_v7().simple());
    let mut connection = PgConnection::connect(url)
        .await
        .expect("the PostgreSQL of the tests answers");
    let create = format!("CREATE SCHEMA {schema}");
    sqlx::query(AssertSqlSafe(create))
        .execute(&mut connection)
        .await
        .expect("a schema");
    connection.close().await.expect("a connection closes");
    if let Ok(mark) = std::env::var(MARK) {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(mark);
        writeln!(file.expect("the mark's file"), "postgres").expect("the mark is written");
    }
    let joint = if url.contains('?') { '&' } else { '?' };
    let own = format!("{url}{joint}options[search_path]={schema}");
    let cleaner = Cleaner::Schema {
        url: url.to_owned(),
        schema,
    };
    Db::with_tables(Kind::Postgres, own, cleaner).await
}

impl Db {
    async fn with_tables(kind: Kind, url: String, cleaner: Cleaner) -> Self {
        let engine = store::open(&url, 1).await.expect("the database opens");
        engine.migrate().await.expect("the tables are made");
        engine.close().await;
        Self {
            kind,
            url,
            _cleaner: cleaner,
        }
    }

    /// A further engine on this database.
    pub async fn engine(&self) -> Arc<dyn Engine> {
        store::open(&self.url, 2).await.expect("the database opens")
    }

    /// A further connector on this database.
    pub async fn connector(&self, clock: Arc<dyn Clock>) -> Connector {
        Self::over(self.engine().await, clock)
    }

    /// A connector over an engine.
    pub fn over(engine: Arc<dyn Engine>, clock: Arc<dyn Clock>) -> Connector {
        let (store, writer) = SqlStore::start(Arc::clone(&engine), clock);
        Connector {
            engine,
            store,
            writer,
        }
    }

    /// The first column of what a query finds, as text.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        let rows: Result<Vec<(String,)>, _> = match self.kind {
            Kind::Sqlite => sqlx::query_as(sql).fetch_all(&mut self.sqlite().await).await,
            Kind::Postgres => sqlx::query_as(sql).fetch_all(&mut self.postgres().await).await,
        };
        let rows = rows.expect("the query runs");
        rows.into_iter().map(|(text,)| text).collect()
    }

    /// A number.
    pub async fn number(&self, sql: &str) -> i64 {
        let texts = self.texts(&format!("SELECT CAST(({sql}) AS TEXT)")).await;
        texts[0].parse().expect("a number")
    }

    /// Runs a statement; how many rows it concerned, or what the database said.
    pub async fn execute(&self, sql: &str) -> Result<u64, String> {
        let sql = AssertSqlSafe(sql.to_owned());
        let count = match self.kind {
            Kind::Sqlite => {
                let done = sqlx::query(sql).execute(&mut self.sqlite().await).await;
                done.map(|done| done.rows_affected())
            }
            Kind::Postgres => {
                let done = sqlx::query(sql).execute(&mut self.postgres().await).await;
                done.map(|done| done.rows_affected())
            }
        };
        count.map_err(|error| error.to_string())
    }

    async fn sqlite(&self) -> SqliteConnection {
        SqliteConnection::connect(&self.url)
            .await
            .expect("the file opens")
    }

    async fn postgres(&self) -> PgConnection {
        PgConnection::connect(&self.url)
            .await
            .expect("the server answers")
    }
}

impl Connector {
    /// Commits; what becomes of it.
    pub async fn commit(&self, sealed: &Sealed) -> Result<(), CommitError> {
        self.store.commit(sealed.clone(), Urgency::Interactive).await
    }

    /// Commits what must become true.
    pub async fn becomes_true(&self, sealed: &Sealed) {
        self.commit(sealed).await.expect("the Change becomes true");
    }

    /// Reads a case.
    pub async fn read(&self, case: CaseId) -> Snapshot {
        let read = self
            .store
            .case(&Scope::Program, case)
            .await
            .expect("the case can be read");
        read.expect("the case is there")
    }

    /// Ends the connector when everything that waits is committed.
    pub async fn end(self) {
        drop(self.store);
        self.writer.await.expect("the writer does not panic");
        self.engine.close().await;
    }
}

/// Takes a database away.
enum Cleaner {
    Folder(#[expect(dead_code, reason = "goes away when it is dropped")] tempfile::TempDir),
    Schema { url: String, schema: String },
}

impl Drop for Cleaner {
    fn drop(&mut self) {
        let Self::Schema { url, schema } = self else {
            return;
        };
        let (url, schema) = (url.clone(), schema.clone());
        // A thread of its own, since the test's runtime may be unwinding.
        let cleaning = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let mut connection = PgConnection::connect(&url).await?;
                let drop = format!("SET lock_timeout = '5s'; DROP SCHEMA {schema} CASCADE");
                sqlx::raw_sql(AssertSqlSafe(drop))
                    .execute(&mut connection)
                    .await?;
                connection.close().await
            })
        });
        // What could not be dropped stays in the tests' own database.
        drop(cleaning.join());
    }
}
