//! `[log]`: what the connector writes about itself (not the books' log).

use serde::Deserialize;
use tracing_subscriber::EnvFilter;

use super::problems::{Problems, join};

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// What it writes about itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// How a line looks.
    pub format: LogFormat,
    /// Which lines are written, in the words of `tracing`, for example `info,epaybl_connector::provider=debug`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Json,
            filter: "info".to_owned(),
        }
    }
}

impl Log {
    /// Notes what cannot work.
    pub fn validate(&self, path: &str, problems: &mut Problems) {
        if let Err(error) = EnvFilter::builder().parse(&self.filter) {
            problems.at(join(path, "filter"), format!("«{}»: {error}", self.filter));
        }
    }
}
