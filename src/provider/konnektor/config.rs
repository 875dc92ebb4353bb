//! The settings of one Konnektor. A new setting gets a default that keeps the seen behaviour, and its check below.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::domain::tenant::Environment;
use crate::provider::http::Connections;
use crate::provider::settings::{check_address, check_codes, check_words, provider_settings};
use crate::provider::signature::{CallbackConfig, Problem};

provider_settings! {
    keep_alive_seconds = 4, zvp = "epaybl";
    /// One Konnektor: where it is, how we prove who we are, how it calls back, what it is assumed to understand.
    pub struct KonnektorConfig {
        /// With path, for example `https://host/konnektor`.
        pub base_url: Url,
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
        /// How callbacks are verified.
        #[serde(default)]
        pub callback: CallbackConfig,
    }
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
    ///
    /// # Panics
    /// Never: nothing else is required.
    pub fn new(base_url: Url, environment: Environment) -> Self {
        let required = json!({"base_url": base_url, "environment": environment});
        serde_json::from_value(required).expect("nothing else is required")
    }

    /// Whether callbacks may come without a secret: only where no real money moves.
    pub(super) fn unsigned(&self) -> bool {
        self.allow_without_secret && self.environment == Environment::Test
    }

    pub(super) fn connections(&self, connect: Duration) -> Connections {
        self.common()
            .connections(self.base_url.scheme() == "https", connect)
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
        let common = self.common();
        common.check(say);
        let files = &common.tls;
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
        if self.text.longest_buchungstext() == 0 {
            say("text", "leaves no room for a Buchungstext".to_owned());
        }
        if self.text.name == 0 {
            say("text.name", "is 0; ePayBL wants a name (−0104)".to_owned());
        }
        if self.text.description == 0 {
            say("text.description", "is 0".to_owned());
        }
        for (index, pointer) in self.kassenzeichen_pointers.iter().enumerate() {
            if !pointer.starts_with('/') {
                say(
                    &format!("kassenzeichen_pointers[{index}]"),
                    format!("«{pointer}» is no JSON pointer; it starts with «/»"),
                );
            }
        }
        check_words(
            &self.active_values,
            &self.inactive_values,
            "no payment would ever be seen as paid",
            say,
        );
        check_codes("unknown_codes", &self.unknown_codes, say);
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
