//! `[database]`: where the books are.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::checks::within;
use super::problems::{Problems, join};

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// One file on this machine.
    Sqlite,
    /// A server, for several connectors at once.
    Postgres,
}

/// Where the books are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite:/path/to/file` or `postgres://user:password@host/name`; a secret, since it may hold a password.
    pub url: SecretString,
    /// Connections that read at once, and on PostgreSQL write too.
    #[serde(default = "default_max_connections")]
    pub max_connections: u32,
    /// Whether `serve` brings the schema up to date; unset means for SQLite only, see [`Database::migrates_on_start`].
    #[serde(default)]
    pub migrate_on_start: Option<bool>,
}

const fn default_max_connections() -> u32 {
    4
}

impl Database {
    /// Which database the address means.
    pub fn kind(&self) -> DatabaseKind {
        if self.url.expose_secret().starts_with("sqlite:") {
            DatabaseKind::Sqlite
        } else {
            DatabaseKind::Postgres
        }
    }

    /// Whether `serve` brings the schema up to date. On PostgreSQL several connectors start at once, and the one who
    /// may change tables is often not the one who may write rows, so there it has to be asked for.
    pub fn migrates_on_start(&self) -> bool {
        self.migrate_on_start
            .unwrap_or(self.kind() == DatabaseKind::Sqlite)
    }

    /// Notes what cannot work.
    pub fn validate(&self, path: &str, problems: &mut Problems) {
        let url = self.url.expose_secret();
        let told = if let Some(file) = url.strip_prefix("sqlite:") {
            let file = file
                .split('?')
                .next()
                .unwrap_or_default()
                .trim_start_matches("//");
            match file {
                "" => Some("names no file; write sqlite:/path/to/connector.sqlite"),
                ":memory:" => Some("books in memory would be lost; write sqlite:/path/to/connector.sqlite"),
                _ => None,
            }
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            url::Url::parse(url)
                .err()
                .map(|_| "is not a valid postgres:// address")
        } else {
            Some("must begin with sqlite: or postgres://")
        };
        if let Some(told) = told {
            problems.at(join(path, "url"), told);
        }
        within(
            problems,
            path,
            "max_connections",
            self.max_connections,
            &(1..=200),
        );
    }
}
