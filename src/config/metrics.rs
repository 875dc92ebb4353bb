//! `[metrics]`: where the connector shows its numbers.

use std::net::SocketAddr;

use serde::Deserialize;

use super::problems::{Problems, join};
use super::server::Server;

/// Where it shows its numbers.
#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// An address of their own; without it `/metrics` is served beside everything else.
    pub listen: Option<SocketAddr>,
}

impl Metrics {
    /// Notes what cannot work.
    pub fn validate(&self, path: &str, server: &Server, problems: &mut Problems) {
        let same = self.listen == Some(server.listen) && server.listen.port() != 0;
        problems.unless(
            !same,
            join(path, "listen"),
            format!("{} is taken by server.listen", server.listen),
        );
    }
}
