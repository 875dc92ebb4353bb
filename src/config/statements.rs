//! `[statements]`: the folder that statements of accounts are dropped into.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::checks::{seconds, within};
use super::problems::{Problems, join};

/// How statements come in by themselves.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Statements {
    /// The folder that files are dropped into; none where nobody does. A relative name starts at the configuration
    /// file's folder.
    pub drop_folder: Option<PathBuf>,
    /// How often it is looked into.
    #[serde(rename = "rhythm_seconds", deserialize_with = "seconds")]
    pub rhythm: Duration,
    /// For how long a file must not have changed before it is taken.
    #[serde(rename = "settle_seconds", deserialize_with = "seconds")]
    pub settle: Duration,
    /// The largest file that is uploaded.
    pub upload_limit_bytes: u64,
}

impl Default for Statements {
    fn default() -> Self {
        Self {
            drop_folder: None,
            rhythm: Duration::from_mins(1),
            settle: Duration::from_secs(10),
            upload_limit_bytes: 2 << 30,
        }
    }
}

impl Statements {
    /// Notes what cannot work.
    pub fn validate(&self, path: &str, problems: &mut Problems) {
        within(
            problems,
            path,
            "rhythm_seconds",
            self.rhythm.as_secs(),
            &(1..=86_400),
        );
        within(
            problems,
            path,
            "settle_seconds",
            self.settle.as_secs(),
            &(0..=3600),
        );
        within(
            problems,
            path,
            "upload_limit_bytes",
            self.upload_limit_bytes,
            &(65_536..=64 << 30),
        );
        let empty = self
            .drop_folder
            .as_ref()
            .is_some_and(|path| path.as_os_str().is_empty());
        problems.unless(!empty, join(path, "drop_folder"), "must name a folder");
    }
}
