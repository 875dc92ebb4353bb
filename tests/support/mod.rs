//! What the whole-program tests share: fresh databases. Every story runs on SQLite, and on PostgreSQL too when
//! `TEST_DATABASE_URL` names a server; then each story gets a database of its own, which is dropped afterwards.
#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(
    clippy::disallowed_types,
    reason = "names of databases cannot be bound to a statement"
)]

use std::io::Write;

use sqlx::{Connection, Executor, PgConnection};

/// A database of its own for one story.
pub struct Database {
    /// Its URL; none for the SQLite file that the stage makes in its folder.
    pub url: Option<String>,
    /// The server, and the statement that clears up there.
    server: Option<(String, String)>,
}

impl Database {
    /// Its kind, for messages.
    pub fn kind(&self) -> &'static str {
        if self.url.is_some() {
            "PostgreSQL"
        } else {
            "SQLite"
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some((server, drop)) = self.server.take() else {
            return;
        };
        // A thread of its own: the test's runtime may be ending, also by a panic.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async move {
                let mut connection = PgConnection::connect(&server).await.expect("the server answers");
                // FORCE may not end an autovacuum, which is the server's own; without it the server waits for that.
                let gentle = drop.replace(" WITH (FORCE)", "");
                if connection.execute(sqlx::AssertSqlSafe(drop)).await.is_err() {
                    connection
                        .execute(sqlx::AssertSqlSafe(gentle))
                        .await
                        .expect("the database can be dropped");
                }
            });
        });
        dropped.join().expect("the database was dropped");
    }
}

/// One fresh database of each kind that is available.
pub async fn databases() -> Vec<Database> {
    let mut databases = vec![sqlite()];
    if let Some(server) = server() {
        databases.push(postgres(&server).await);
    }
    databases
}

fn sqlite() -> Database {
    mark("SQLite");
    Database {
        url: None,
        server: None,
    }
}

/// The same for many small stories: on PostgreSQL not a database but a schema of its own. It is as private, and it goes
/// in milliseconds, where a database takes a checkpoint with it. Nor do commits wait for the disk: no small story is
/// about a server that loses power.
pub async fn schemas() -> Vec<Database> {
    let mut databases = vec![sqlite()];
    if let Some(server) = server() {
        databases.push(schema(&server).await);
    }
    databases
}

async fn schema(server: &str) -> Database {
    let name = create(server, "SCHEMA").await;
    let mut url = url::Url::parse(server).expect("TEST_DATABASE_URL is a URL");
    let settings = format!("-c search_path={name} -c synchronous_commit=off");
    url.query_pairs_mut().append_pair("options", &settings);
    let drop = format!("DROP SCHEMA IF EXISTS {name} CASCADE");
    Database {
        url: Some(url.to_string()),
        server: Some((server.to_owned(), drop)),
    }
}

/// The PostgreSQL server of `TEST_DATABASE_URL`, where it is set.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment which databases there are"
)]
pub fn server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty())
}

/// A fresh database on a server.
pub async fn postgres(server: &str) -> Database {
    let name = create(server, "DATABASE").await;
    let mut url = url::Url::parse(server).expect("TEST_DATABASE_URL is a URL");
    url.set_path(&name);
    let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    Database {
        url: Some(url.to_string()),
        server: Some((server.to_owned(), drop)),
    }
}

/// Creates a database or a schema, and leaves the mark; returns its name.
async fn create(server: &str, what: &str) -> String {
    let name = format!("epaybl_test_{}", uuid::Uuid::from_u128(random()).simple());
    let mut connection = PgConnection::connect(server)
        .await
        .expect("TEST_DATABASE_URL names a server that answers");
    connection
        .execute(sqlx::AssertSqlSafe(format!("CREATE {what} {name}")))
        .await
        .expect("it can be created");
    mark("PostgreSQL");
    name
}

/// Leaves a mark that a story really ran on a kind of database, for CI.
#[expect(
    clippy::disallowed_methods,
    reason = "CI says by the environment where it wants the mark"
)]
fn mark(kind: &str) {
    if let Some(file) = std::env::var_os("EPAYBL_TEST_MARK") {
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(file)
            .expect("the mark's file");
        // One write: other processes append to the same file.
        file.write_all(format!("{kind}\n").as_bytes())
            .expect("the mark is written");
    }
}

#[expect(clippy::disallowed_methods, reason = "names of test databases must not meet")]
fn random() -> u128 {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("random bytes");
    u128::from_le_bytes(bytes)
}
