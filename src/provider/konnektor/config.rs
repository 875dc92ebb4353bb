//! The settings of one Konnektor. A new setting gets a default that keeps the seen behaviour, and its check below.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use url::{Host, Url};

use crate::domain::tenant::Environment;
use crate::provider::signature::{CallbackConfig, Problem};

/// One Konnektor: where it is, how we prove who we are, how it calls back, what it is assumed to understand.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KonnektorConfig {
    /// With path, for example `https://host/konnektor`.
    pub base_url: Url,
    /// Whether real money moves there.
    pub environment: Environment,
    /// The client certificate, and the chain after it, in PEM.
    #[serde(default)]
    pub client_cert_pem: Option<PathBuf>,
    /// Its private key, not encrypted, in PEM.
    #[serde(default)]
    pub client_key_pem: Option<PathBuf>,
    /// The only roots that are trusted, in PEM; without it, those of the system.
    #[serde(default)]
    pub ca_pem: Option<PathBuf>,
    /// An HTTP proxy, for example `http://proxy:3128`. Proxies named by the environment are not used.
    #[serde(default)]
    pub proxy: Option<Url>,
    /// How long a connection may take to be made, TLS included.
    #[serde(default = "default_connect")]
    pub connect_timeout_seconds: u32,
    /// How long opening a payment may take, connection and answer included.
    #[serde(default = "default_open")]
    pub open_timeout_seconds: u32,
    /// How long any question may take, connection and answer included.
    #[serde(default = "default_ask")]
    pub ask_timeout_seconds: u32,
    /// How long an idle connection is kept: shorter than servers keep theirs; 0 is a connection per call.
    #[serde(default = "default_keep_alive")]
    pub keep_alive_seconds: u32,
    /// The payment provider's name where no callback names one.
    #[serde(default = "default_zvp")]
    pub zvp: String,
    /// Lengths of texts.
    #[serde(default)]
    pub text: TextConfig,
    /// Where the answer to an opened payment names the Kassenzeichen: JSON pointers, the first that holds one counts.
    #[serde(default = "default_pointers")]
    pub kassenzeichen_pointers: Vec<String>,
    /// Where a Buchung carries the HREF.
    #[serde(default)]
    pub href: HrefPosition,
    /// Values of `paypagestatus` of an open page.
    #[serde(default = "default_active")]
    pub active_values: Vec<String>,
    /// Values of `paypagestatus` of a closed page.
    #[serde(default = "default_inactive")]
    pub inactive_values: Vec<String>,
    /// Result codes which, to the question after a Kassenzeichen, mean that it is unknown.
    #[serde(default = "default_unknown")]
    pub unknown_codes: Vec<String>,
    /// Run without a callback secret; only in the test environment, and then callbacks are only reasons to ask.
    #[serde(default)]
    pub allow_without_secret: bool,
    /// Allow `http://` to other machines than this one.
    #[serde(default)]
    pub allow_http: bool,
    /// How callbacks are verified.
    #[serde(default)]
    pub callback: CallbackConfig,
}

/// Lengths of texts. Nothing is refused for its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextConfig {
    /// The longest Buchungstext.
    pub buchungstext: usize,
    /// The length of this site's Kassenzeichen, where `Kassenzeichen/Buchungstext` must fit the 27 characters of a
    /// Verwendungszweck: the Buchungstext is then cut to 27 − this − 1.
    pub kassenzeichen: Option<usize>,
    /// The longest name.
    pub name: usize,
    /// The longest description.
    pub description: usize,
}

impl Default for TextConfig {
    fn default() -> Self {
        Self {
            buchungstext: 120,
            kassenzeichen: None,
            name: 27,
            description: 250,
        }
    }
}

impl TextConfig {
    /// How long a Buchungstext may be, after both rules.
    pub fn longest_buchungstext(&self) -> usize {
        let room = self.kassenzeichen.map(|length| 26_usize.saturating_sub(length));
        self.buchungstext.min(room.unwrap_or(usize::MAX))
    }
}

/// Where a Buchung carries the HREF. No public example shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HrefPosition {
    /// In `kontierung`.
    #[default]
    InsideKontierung,
    /// In the Buchung, beside `kontierung`.
    BesideKontierung,
    /// Nowhere.
    Omit,
}

const fn default_connect() -> u32 {
    5
}

const fn default_open() -> u32 {
    20
}

const fn default_ask() -> u32 {
    10
}

const fn default_keep_alive() -> u32 {
    4
}

fn default_zvp() -> String {
    "epaybl".to_owned()
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn default_pointers() -> Vec<String> {
    texts(&[
        "/kassenzeichen",
        "/zahlvorgangsInfo/kassenzeichennummer",
        "/zahlvorgangsInfo/kassenzeichen",
        "/kassenzeichen/kassenzeichennummer",
    ])
}

fn default_active() -> Vec<String> {
    texts(&["AKTIV"])
}

fn default_inactive() -> Vec<String> {
    texts(&["INAKTIV"])
}

fn default_unknown() -> Vec<String> {
    texts(&["-0310"])
}

impl KonnektorConfig {
    /// The settings for an address and an environment, all else as by default.
    pub fn new(base_url: Url, environment: Environment) -> Self {
        Self {
            base_url,
            environment,
            client_cert_pem: None,
            client_key_pem: None,
            ca_pem: None,
            proxy: None,
            connect_timeout_seconds: default_connect(),
            open_timeout_seconds: default_open(),
            ask_timeout_seconds: default_ask(),
            keep_alive_seconds: default_keep_alive(),
            zvp: default_zvp(),
            text: TextConfig::default(),
            kassenzeichen_pointers: default_pointers(),
            href: HrefPosition::default(),
            active_values: default_active(),
            inactive_values: default_inactive(),
            unknown_codes: default_unknown(),
            allow_without_secret: false,
            allow_http: false,
            callback: CallbackConfig::default(),
        }
    }

    /// Whether callbacks may come without a secret: only where no real money moves.
    pub(super) fn unsigned(&self) -> bool {
        self.allow_without_secret && self.environment == Environment::Test
    }

    pub(super) fn keep_alive(&self) -> Duration {
        Duration::from_secs(self.keep_alive_seconds.into())
    }

    /// Every problem, with the path of its field. Files are looked at when the Konnektor is made.
    pub fn validate(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |path: &str, text: String| problems.push((path.to_owned(), text));
        self.check_address(&mut say);
        self.check_values(&mut say);
        if !self.callback.has_secret() && !self.unsigned() {
            say(
                "callback.secrets",
                "is empty and callback.secrets_file is not set: without a secret anybody could call back. In the test \
                 environment allow_without_secret = true lets it run"
                    .to_owned(),
            );
        }
        if self.allow_without_secret && self.environment == Environment::Production {
            say(
                "allow_without_secret",
                "is not allowed in the production environment".to_owned(),
            );
        }
        problems.extend(self.callback.validate());
        problems
    }

    fn check_address(&self, say: &mut dyn FnMut(&str, String)) {
        let url = &self.base_url;
        match url.scheme() {
            "https" => {}
            "http" if self.allow_http || loopback(url) => {}
            "http" => say(
                "base_url",
                format!(
                    "is plain http to {}: use https (or allow_http = true where TLS ends before it)",
                    url.host_str().unwrap_or_default()
                ),
            ),
            other => say("base_url", format!("has the scheme «{other}», allowed is https")),
        }
        if url.query().is_some() || url.fragment().is_some() {
            say(
                "base_url",
                "must end with its path, without «?» and «#»".to_owned(),
            );
        }
        if !url.username().is_empty() || url.password().is_some() {
            say(
                "base_url",
                "carries a user name; the Konnektor knows us by the client certificate".to_owned(),
            );
        }
        if let Some(proxy) = &self.proxy {
            if !matches!(proxy.scheme(), "http" | "https") {
                say("proxy", format!("has the scheme «{}»", proxy.scheme()));
            }
            if !proxy.username().is_empty() || proxy.password().is_some() {
                say("proxy", "carries a user name, which is not supported".to_owned());
            }
        }
        match (&self.client_cert_pem, &self.client_key_pem) {
            (Some(_), None) => say(
                "client_key_pem",
                "is missing; client_cert_pem needs its key".to_owned(),
            ),
            (None, Some(_)) => say(
                "client_cert_pem",
                "is missing; client_key_pem needs its certificate".to_owned(),
            ),
            (None, None) if self.environment == Environment::Production && url.scheme() == "https" => say(
                "client_cert_pem",
                "is missing; ePayBL knows us only by a client certificate (−0020)".to_owned(),
            ),
            _ => {}
        }
    }

    fn check_values(&self, say: &mut dyn FnMut(&str, String)) {
        for (path, seconds) in [
            ("connect_timeout_seconds", self.connect_timeout_seconds),
            ("open_timeout_seconds", self.open_timeout_seconds),
            ("ask_timeout_seconds", self.ask_timeout_seconds),
        ] {
            if !(1..=300).contains(&seconds) {
                say(path, format!("is {seconds}, allowed are 1 to 300 seconds"));
            }
        }
        if self.connect_timeout_seconds >= self.open_timeout_seconds {
            say(
                "connect_timeout_seconds",
                format!(
                    "is {}, not less than open_timeout_seconds: then nobody could tell «not reached» from «not answered»",
                    self.connect_timeout_seconds
                ),
            );
        }
        if self.text.longest_buchungstext() == 0 {
            say("text", "leaves no room for a Buchungstext".to_owned());
        }
        if self.text.name == 0 {
            say("text.name", "is 0; ePayBL wants a name (−0104)".to_owned());
        }
        if self.text.description == 0 {
            say("text.description", "is 0".to_owned());
        }
        if self.zvp.is_empty()
            || !self
                .zvp
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        {
            say(
                "zvp",
                format!(
                    "«{}» is no name of an account; allowed are A-Z a-z 0-9 _ -",
                    self.zvp
                ),
            );
        }
        for (index, pointer) in self.kassenzeichen_pointers.iter().enumerate() {
            if !pointer.starts_with('/') {
                say(
                    &format!("kassenzeichen_pointers[{index}]"),
                    format!("«{pointer}» is no JSON pointer; it starts with «/»"),
                );
            }
        }
        if self.inactive_values.is_empty() {
            say(
                "inactive_values",
                "is empty: no payment would ever be seen as paid".to_owned(),
            );
        }
        for value in &self.inactive_values {
            if self
                .active_values
                .iter()
                .any(|active| active.eq_ignore_ascii_case(value))
            {
                say("inactive_values", format!("«{value}» is also in active_values"));
            }
        }
        for (index, code) in self.unknown_codes.iter().enumerate() {
            if !code.starts_with('-') {
                say(
                    &format!("unknown_codes[{index}]"),
                    format!("«{code}» is no error code; it starts with «-»"),
                );
            }
        }
    }
}

fn loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
