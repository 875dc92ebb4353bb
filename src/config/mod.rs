//! What the operator sets: one TOML file, `EPAYBL_…` environment variables over it, secrets also from files.
//!
//! One file and one struct per section; each validates itself and names the path that is wrong, and all problems are
//! told at once. To add a setting: give the section's struct a field with a default, check it in `validate`, add it to
//! `fixtures/demo/connector.toml`. To add a section: a file here, a field in [`Config`], its name in `SECTIONS`. A
//! provider and the deliveries describe their own tables: they get a [`RawSection`] and read it with [`section`].
//!
//! Any setting `x` may be given as `x_file`, the name of a UTF-8 file that holds it (one line end at the end is cut);
//! relative names start at the configuration file's folder. A list may be given as a list of files, or as one file with
//! an entry a line.
//!
//! The tenants file (Kassen, authorities, targets, clients, routes) is data, not configuration: see [`tenants`].

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use crate::domain::ids::ProviderId;

mod audit;
mod checks;
mod closing;
mod database;
mod log;
mod metrics;
mod problems;
mod providers;
mod secrets;
mod section;
mod server;
mod statements;
pub mod tenants;
#[cfg(test)]
mod tests;
mod tree;
mod worker;

pub use audit::Audit;
pub use closing::Closing;
pub use database::{Database, DatabaseKind};
pub use log::{Log, LogFormat};
pub use metrics::Metrics;
pub use problems::{Problem, Problems};
pub use providers::{ProviderKind, ProviderSection, RawSection};
pub use secrets::{EncryptionKey, SecretKey, Secrets};
pub use section::section;
pub use server::{MaintenanceWindow, Server};
pub use statements::Statements;
pub use worker::Worker;

use problems::did_you_mean;
use section::checked_section;

/// The sections of the file.
const SECTIONS: [&str; 11] = [
    "server",
    "database",
    "secrets",
    "audit",
    "worker",
    "statements",
    "closing",
    "log",
    "metrics",
    "providers",
    "notify",
];

/// The whole configuration, read and checked.
#[derive(Debug)]
pub struct Config {
    /// Where and how the connector answers.
    pub server: Server,
    /// Where its books are.
    pub database: Database,
    /// Its keys.
    pub secrets: Secrets,
    /// The log's name and signature.
    pub audit: Audit,
    /// The rhythm of its own work.
    pub worker: Worker,
    /// How statements come in by themselves.
    pub statements: Statements,
    /// The words of closings.
    pub closing: Closing,
    /// What it writes about itself.
    pub log: Log,
    /// Where it shows its numbers.
    pub metrics: Metrics,
    /// The other sides southbound.
    pub providers: BTreeMap<ProviderId, ProviderSection>,
    /// The deliveries' own section.
    pub notify: RawSection,
}

impl Config {
    /// Reads the file (if there is one), lays the environment over it, and checks everything.
    ///
    /// # Errors
    /// All [`Problems`], each with the path of the value; only a file that is not TOML stops at its first.
    pub fn load(path: Option<&Path>, env: impl Iterator<Item = (String, String)>) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let mut root = match path.map(read_toml) {
            None => Table::new(),
            Some(Ok(root)) => root,
            Some(Err(problem)) => return Err(problem),
        };
        let base = path.and_then(Path::parent).unwrap_or(Path::new(""));
        tree::overlay(&mut root, env, &mut problems);
        tree::resolve_files(&mut root, base, "", &mut problems);
        let mut config = Self::read(&mut root, &mut problems);
        if let Some(folder) = config
            .as_mut()
            .and_then(|config| config.statements.drop_folder.as_mut())
        {
            *folder = base.join(&*folder);
        }
        problems.or(config)
    }

    fn read(root: &mut Table, problems: &mut Problems) -> Option<Self> {
        for name in root.keys().filter(|name| !SECTIONS.contains(&name.as_str())) {
            problems.at(
                name,
                format!("this section is not known{}", did_you_mean(name, SECTIONS)),
            );
        }
        let mut take = |name: &str, problems: &mut Problems| match root.remove(name) {
            None => Table::new(),
            Some(Value::Table(table)) => table,
            Some(_) => {
                problems.at(name, "should be a section");
                Table::new()
            }
        };
        let server = checked_section(&take("server", problems), "server", problems, Server::validate);
        let database = checked_section(
            &take("database", problems),
            "database",
            problems,
            Database::validate,
        );
        let secrets = checked_section(&take("secrets", problems), "secrets", problems, Secrets::validate);
        let audit = checked_section(&take("audit", problems), "audit", problems, Audit::validate);
        let worker = checked_section(&take("worker", problems), "worker", problems, Worker::validate);
        let statements = checked_section(
            &take("statements", problems),
            "statements",
            problems,
            Statements::validate,
        );
        let closing: Option<Closing> = section(&take("closing", problems), "closing", problems);
        let log = checked_section(&take("log", problems), "log", problems, Log::validate);
        let metrics: Option<Metrics> = section(&take("metrics", problems), "metrics", problems);
        if let (Some(metrics), Some(server)) = (&metrics, &server) {
            metrics.validate("metrics", server, problems);
        }
        let providers = providers::read(take("providers", problems), problems);
        let notify = RawSection::new("notify", take("notify", problems));
        Some(Self {
            server: server?,
            database: database?,
            secrets: secrets?,
            audit: audit?,
            worker: worker?,
            statements: statements?,
            closing: closing?,
            log: log?,
            metrics: metrics?,
            providers,
            notify,
        })
    }
}

/// The environment variables that may be settings. The only place that reads the environment.
#[expect(clippy::disallowed_methods, reason = "this is the door to the environment")]
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name.starts_with(tree::PREFIX))
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
}

fn read_toml(path: &Path) -> Result<Table, Problems> {
    let mut problems = Problems::default();
    let named = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => match parse_toml(&text) {
            Ok(table) => return Ok(table),
            Err(what) => problems.at(named, what),
        },
        Err(error) => problems.at(named, format!("cannot be read: {error}")),
    }
    Err(problems)
}

/// TOML, or the line, the column and the reason why it is none. Never the line itself: it may hold a secret.
fn parse_toml(text: &str) -> Result<Table, String> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let before = error
            .span()
            .and_then(|span| text.get(..span.start))
            .unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let reason = error.message().trim().replace('\n', ", ");
        format!("line {line}, column {column} is not TOML: {reason}")
    })
}
