//! The settings of one Konnektor. A new setting gets a default that keeps the seen behaviour, and its check below.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::domain::tenant::Environment;
use crate::provider::address::{check_address, check_proxy, check_timeouts, check_zvp};
use crate::provider::http::Connections;
use crate::provider::signature::{CallbackConfig, Problem};
use crate::provider::tls::TlsFiles;

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
    /// Certificate, key and chain as PKCS#12, instead of the two.
    #[serde(default)]
    pub client_p12: Option<PathBuf>,
    /// The password of the PKCS#12 file; without it, the empty one.
    #[serde(default)]
    pub client_p12_password: Option<SecretString>,
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
            client_p12: None,
            client_p12_password: None,
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

    pub(super) fn tls(&self) -> TlsFiles {
        TlsFiles {
            client_cert_pem: self.client_cert_pem.clone(),
            client_key_pem: self.client_key_pem.clone(),
            client_p12: self.client_p12.clone(),
            client_p12_password: self.client_p12_password.clone(),
            ca_pem: self.ca_pem.clone(),
        }
    }

    pub(super) fn connections(&self, connect: Duration) -> Connections {
        Connections {
            tls: self.tls(),
            https: self.base_url.scheme() == "https",
            proxy: self.proxy.clone(),
            connect,
            keep_alive: Duration::from_secs(self.keep_alive_seconds.into()),
        }
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
        check_address("base_url", url, self.allow_http, say);
        if !url.username().is_empty() || url.password().is_some() {
            say(
                "base_url",
                "carries a user name; the Konnektor knows us by the client certificate".to_owned(),
            );
        }
        check_proxy(self.proxy.as_ref(), say);
        let files = self.tls();
        files.check(say);
        if !files.says_who_we_are()
            && files.client_key_pem.is_none()
            && self.environment == Environment::Production
            && url.scheme() == "https"
        {
            say(
                "client_cert_pem",
                "is missing, and client_p12 too; ePayBL knows us only by a client certificate (−0020)"
                    .to_owned(),
            );
        }
    }

    fn check_values(&self, say: &mut dyn FnMut(&str, String)) {
        check_timeouts(
            self.connect_timeout_seconds,
            self.open_timeout_seconds,
            self.ask_timeout_seconds,
            say,
        );
        if self.text.longest_buchungstext() == 0 {
            say("text", "leaves no room for a Buchungstext".to_owned());
        }
        if self.text.name == 0 {
            say("text.name", "is 0; ePayBL wants a name (−0104)".to_owned());
        }
        if self.text.description == 0 {
            say("text.description", "is 0".to_owned());
        }
        check_zvp(&self.zvp, say);
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

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
