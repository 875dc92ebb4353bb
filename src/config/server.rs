//! `[server]`: where the connector listens, under which address the world sees it, and how long it lets others wait.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde::Deserialize;
use url::{Host, Url};

use super::checks::{default_number, default_seconds, seconds, within};
use super::problems::{Problems, join};

/// First parts of paths that are taken already.
const TAKEN: [&str; 11] = [
    "api",
    "callbacks",
    "finance",
    "livez",
    "metrics",
    "oauth",
    "openapi.json",
    "pay",
    "readyz",
    "return",
    "static",
];

/// Where and how the connector answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Where it listens; TLS is the reverse proxy's.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// How portals, ePayBL and citizens reach it: https, unless it is this machine.
    pub public_url: Url,
    /// Under which path the portals' standard is served.
    #[serde(default = "default_prefix")]
    pub xbezahldienste_prefix: String,
    /// The largest request body that is read.
    #[serde(default = "default_number::<1_048_576>")]
    pub body_limit_bytes: usize,
    /// How long creating a payment waits for the provider before it answers INITIAL.
    #[serde(
        default = "default_seconds::<15>",
        rename = "create_wait_seconds",
        deserialize_with = "seconds"
    )]
    pub create_wait: Duration,
    /// How long a citizen who comes back waits for certainty.
    #[serde(
        default = "default_seconds::<5>",
        rename = "return_wait_seconds",
        deserialize_with = "seconds"
    )]
    pub return_wait: Duration,
    /// How long a citizen on the way to the paypage waits for its address.
    #[serde(
        default = "default_seconds::<10>",
        rename = "pay_wait_seconds",
        deserialize_with = "seconds"
    )]
    pub pay_wait: Duration,
    /// How long requests under way may take after the signal to stop.
    #[serde(
        default = "default_seconds::<25>",
        rename = "shutdown_seconds",
        deserialize_with = "seconds"
    )]
    pub shutdown: Duration,
    /// Whether transactionRedirectUrl is written after the payment has ended too, for portals that hold on to the
    /// published list of required members.
    #[serde(default)]
    pub keep_redirect_url: bool,
    /// How many requests are worked on at once; more are answered 503.
    #[serde(default = "default_number::<512>")]
    pub max_in_flight: usize,
    /// Maintenance that portals are told of.
    #[serde(default)]
    pub maintenance: Vec<MaintenanceWindow>,
}

/// A time when portals are told that something will not work (XBezahldienste 1.2.0, MaintenanceWindow).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceWindow {
    /// From then on, RFC 3339 with offset; from now on where it is missing.
    #[serde(default)]
    pub start: Option<jiff::Timestamp>,
    /// Until then; until further notice where it is missing.
    #[serde(default)]
    pub end: Option<jiff::Timestamp>,
    /// What people read, at most 250 characters.
    #[serde(default)]
    pub description: Option<String>,
}

const fn default_listen() -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080)
}

fn default_prefix() -> String {
    "/xbezahldienste".to_owned()
}

impl Server {
    /// A public address: `public_url` and a path that begins with `/`.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// Notes what cannot work.
    pub fn validate(&self, path: &str, problems: &mut Problems) {
        for (index, window) in self.maintenance.iter().enumerate() {
            let ordered = window
                .start
                .zip(window.end)
                .is_none_or(|(start, end)| start < end);
            problems.unless(
                ordered,
                format!("{path}.maintenance[{index}].end"),
                "should be after start",
            );
        }
        self.validate_public_url(&join(path, "public_url"), problems);
        self.validate_prefix(&join(path, "xbezahldienste_prefix"), problems);
        within(
            problems,
            path,
            "body_limit_bytes",
            self.body_limit_bytes,
            &(4096..=67_108_864),
        );
        within(
            problems,
            path,
            "create_wait_seconds",
            self.create_wait.as_secs(),
            &(1..=60),
        );
        within(
            problems,
            path,
            "return_wait_seconds",
            self.return_wait.as_secs(),
            &(0..=60),
        );
        within(
            problems,
            path,
            "pay_wait_seconds",
            self.pay_wait.as_secs(),
            &(0..=60),
        );
        within(
            problems,
            path,
            "shutdown_seconds",
            self.shutdown.as_secs(),
            &(1..=600),
        );
        within(
            problems,
            path,
            "max_in_flight",
            self.max_in_flight,
            &(1..=100_000),
        );
        problems.unless(
            self.shutdown >= self.create_wait,
            join(path, "shutdown_seconds"),
            format!(
                "must not be shorter than create_wait_seconds ({})",
                self.create_wait.as_secs()
            ),
        );
    }

    fn validate_public_url(&self, path: &str, problems: &mut Problems) {
        let url = &self.public_url;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(url) => {}
            _ => problems.at(path, "must begin with https://; http:// is for this machine only"),
        }
        problems.unless(url.has_host(), path, "has no host");
        let extra = url.query().is_some() || url.fragment().is_some() || !url.username().is_empty();
        problems.unless(
            !extra && url.password().is_none(),
            path,
            "must have neither user, query nor fragment",
        );
    }

    fn validate_prefix(&self, path: &str, problems: &mut Problems) {
        let prefix = &self.xbezahldienste_prefix;
        let parts: Vec<&str> = prefix.split('/').collect();
        let plain = |part: &str| {
            !part.is_empty()
                && part.chars().any(|c| c.is_ascii_alphanumeric())
                && part
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c))
        };
        if parts.len() < 2 || !parts[0].is_empty() || !parts[1..].iter().all(|part| plain(part)) {
            problems.at(
                path,
                format!("«{prefix}» is not a path such as /xbezahldienste, of A-Z a-z 0-9 - . _ ~, no / at the end"),
            );
        } else if TAKEN.contains(&parts[1]) {
            problems.at(path, format!("/{} is used by the connector itself", parts[1]));
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
