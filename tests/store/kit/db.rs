//! Databases of their own for each story, and what stories look up in them.

use std::sync::Arc;

use epaybl_connector::app::ports::{Clock, CommitError, Scope, Sealed, Snapshot, Store as _, Urgency};
use epaybl_connector::domain::ids::CaseId;
use epaybl_connector::store::engine::Engine;
use epaybl_connector::store::{self, SqlStore};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

use super::support::{self, Database};

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
    _database: Database,
    _folder: tempfile::TempDir,
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

/// A fresh database of each kind that is there, with its tables.
pub async fn databases() -> Vec<Db> {
    let mut databases = Vec::new();
    for database in support::databases().await {
        databases.push(Db::with_tables(database).await);
    }
    databases
}

impl Db {
    async fn with_tables(database: Database) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (kind, url) = match &database.url {
            Some(url) => (Kind::Postgres, url.clone()),
            None => (
                Kind::Sqlite,
                format!("sqlite:{}", folder.path().join("store.db").display()),
            ),
        };
        let engine = store::open(&url, 1).await.expect("the database opens");
        engine.migrate().await.expect("the tables are made");
        engine.close().await;
        Self {
            kind,
            url,
            _database: database,
            _folder: folder,
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
