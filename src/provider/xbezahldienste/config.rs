//! The settings of one XBezahldienste service. A new setting gets a default that follows the standard, and its check
//! below.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::times::Times;
use crate::domain::ids::{Bewirtschafter, Mandant, Method};
use crate::domain::tenant::Environment;
use crate::provider::http::Connections;
use crate::provider::settings::{Say, check_address, provider_settings};
use crate::provider::signature::Problem;

provider_settings! {
    keep_alive_seconds = 4, zvp = "xbezahldienste";
    /// One service: where it is, how we log in, which dialect it speaks, and what it means by its answers.
    pub struct XbezahldiensteConfig {
        /// As the operator of the service gives it, a version in its path included; nothing is appended but the standard's
        /// own paths.
        pub base_url: Url,
        /// The dialect. No service tells it, and none may be tried out.
        pub version: Version,
        /// How we log in.
        #[serde(default)]
        pub auth: AuthConfig,
        /// Which of the route's ids is the originatorId; the other one is the endPointId.
        #[serde(default)]
        pub originator: Originator,
        /// Whether the service gives our requestId back as its transactionId. Only then can a lost answer be asked for.
        #[serde(default)]
        pub transaction_id_is_request_id: bool,
        /// What the service means by a time in UTC.
        #[serde(default)]
        pub times: Times,
        /// How the purpose is written.
        #[serde(default)]
        pub purpose: PurposeForm,
        /// Whether the payer's name is handed on; the standard does not want it.
        #[serde(default)]
        pub requestor: bool,
        /// The service's names for what bookingData holds; an empty name leaves it out.
        #[serde(default)]
        pub booking_data: BookingDataNames,
        /// Our names for the service's payment methods.
        #[serde(default = "default_methods")]
        pub methods: BTreeMap<String, Method>,
        /// Whether version 1.2.0 is said in the header `X-XBezahldienste-Version`.
        #[serde(default = "default_true")]
        pub version_header: bool,
        /// Whether the service has `GET /status/{originatorId}/{endPointId}`; without it nobody knows whether it is there.
        #[serde(default = "default_true")]
        pub status_operation: bool,
    }
}

/// A version of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Version {
    /// `grosAmount`, Latin texts.
    #[serde(rename = "1.0.0")]
    V100,
    /// `grossAmount`.
    #[serde(rename = "1.1.0")]
    V110,
    /// Payment methods, maintenance, a header with the version.
    #[serde(rename = "1.2.0")]
    V120,
}

/// How we log in. What does not belong to the kind stays empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// The kind.
    pub kind: AuthKind,
    /// The user (`basic`).
    pub user: String,
    /// The password (`basic`).
    pub password: Option<SecretString>,
    /// Where tokens are issued (`oauth2`).
    pub token_url: Option<Url>,
    /// Our id (`oauth2`).
    pub client_id: String,
    /// Our secret (`oauth2`).
    pub client_secret: Option<SecretString>,
    /// How id and secret are told (`oauth2`).
    pub style: TokenStyle,
    /// The scope to ask for (`oauth2`); none where it is not set.
    pub scope: Option<String>,
}

/// A way to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthKind {
    /// By the client certificate alone.
    #[default]
    Mtls,
    /// HTTP Basic on every call.
    Basic,
    /// OAuth 2.0 client credentials: a token for a while.
    Oauth2,
}

/// How a client tells id and secret to the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenStyle {
    /// In a form (RFC 6749, 2.3.1, in the body).
    #[default]
    Form,
    /// In a JSON object.
    Json,
    /// In the header, as RFC 6749 prefers it.
    Basic,
}

/// Which of a route's ids is the originatorId.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Originator {
    /// The Bewirtschafter; the Mandant is the endPointId.
    #[default]
    Bewirtschafter,
    /// The Mandant; the Bewirtschafter is the endPointId.
    Mandant,
}

/// How the purpose is written; always in ASCII letters, at most 27 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PurposeForm {
    /// In capitals, as ePayBL's service wants it.
    #[default]
    Upper,
    /// As the portal wrote it.
    Keep,
    /// Not at all.
    Omit,
}

/// Names of keys in bookingData.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BookingDataNames {
    /// Of the Haushaltsstelle.
    pub haushaltsstelle: String,
    /// Of the Objektnummer.
    pub objektnummer: String,
    /// Of the HREF.
    pub href: String,
}

impl Default for BookingDataNames {
    fn default() -> Self {
        Self {
            // One s, as ePayBL spells it.
            haushaltsstelle: "haushaltstelle".to_owned(),
            objektnummer: "objektnummer".to_owned(),
            href: "href".to_owned(),
        }
    }
}

const fn default_true() -> bool {
    true
}

fn default_methods() -> BTreeMap<String, Method> {
    [
        ("GIROPAY", "GIROPAY"),
        ("PAYDIRECT", "PAYDIRECT"),
        ("CREDITCARD", "KREDITKARTE"),
        ("PAYPAL", "PAYPAL"),
    ]
    .into_iter()
    .map(|(theirs, ours)| {
        let ours = Method::parse(ours).expect("a method of ours");
        (theirs.to_owned(), ours)
    })
    .collect()
}

impl XbezahldiensteConfig {
    pub(super) fn connections(&self) -> Connections {
        let tokens = self.auth.token_url.iter();
        let https = tokens
            .chain([&self.base_url])
            .any(|address| address.scheme() == "https");
        let common = self.common();
        let connect = common.timeouts().connect;
        common.connections(https, connect)
    }

    /// (originatorId, endPointId) of a route.
    pub(super) fn ids<'a>(
        &self,
        mandant: &'a Mandant,
        bewirtschafter: &'a Bewirtschafter,
    ) -> (&'a str, &'a str) {
        match self.originator {
            Originator::Bewirtschafter => (bewirtschafter.as_str(), mandant.as_str()),
            Originator::Mandant => (mandant.as_str(), bewirtschafter.as_str()),
        }
    }

    /// Whether calls say the version in a header.
    pub(super) fn says_version(&self) -> bool {
        self.version_header && self.version == Version::V120
    }

    /// Every problem, with the path of its field. Files are looked at when the provider is made.
    pub fn validate(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |path: &str, text: String| problems.push((path.to_owned(), text));
        check_address("base_url", &self.base_url, self.allow_http, &mut say);
        if !self.base_url.username().is_empty() || self.base_url.password().is_some() {
            say(
                "base_url",
                "carries a user name: set auth.kind = \"basic\", auth.user and auth.password".to_owned(),
            );
        }
        let common = self.common();
        common.check(&mut say);
        self.check_auth(common.tls.says_who_we_are(), &mut say);
        self.check_names(&mut say);
        problems
    }

    fn check_auth(&self, certificate: bool, say: Say<'_>) {
        let auth = &self.auth;
        let secret = |secret: &Option<SecretString>| {
            secret
                .as_ref()
                .is_some_and(|secret| !secret.expose_secret().is_empty())
        };
        match auth.kind {
            AuthKind::Mtls if !certificate && self.environment == Environment::Production => say(
                "client_p12",
                "is missing, and client_cert_pem too: with auth.kind = \"mtls\" the service knows us by nothing else"
                    .to_owned(),
            ),
            AuthKind::Mtls => {}
            AuthKind::Basic => {
                if auth.user.is_empty() || auth.user.contains(':') || auth.user.contains(char::is_control) {
                    say(
                        "auth.user",
                        "is missing, or holds «:» or a control character, which HTTP Basic cannot carry".to_owned(),
                    );
                }
                if !secret(&auth.password) {
                    say(
                        "auth.password",
                        "is missing (better auth.password_file)".to_owned(),
                    );
                }
            }
            AuthKind::Oauth2 => {
                match &auth.token_url {
                    None => say("auth.token_url", "is missing".to_owned()),
                    Some(url) => check_address("auth.token_url", url, self.allow_http, say),
                }
                if auth.client_id.is_empty() {
                    say("auth.client_id", "is missing".to_owned());
                }
                if !secret(&auth.client_secret) {
                    say(
                        "auth.client_secret",
                        "is missing (better auth.client_secret_file)".to_owned(),
                    );
                }
            }
        }
        let foreign: &[(&str, bool)] = match auth.kind {
            AuthKind::Mtls => &[
                ("auth.user", !auth.user.is_empty()),
                ("auth.token_url", auth.token_url.is_some()),
            ],
            AuthKind::Basic => &[("auth.token_url", auth.token_url.is_some())],
            AuthKind::Oauth2 => &[("auth.user", !auth.user.is_empty())],
        };
        for (setting, _) in foreign.iter().filter(|(_, given)| *given) {
            say(
                setting,
                "does not belong to this auth.kind; \"basic\" takes user and password, \"oauth2\" token_url, client_id \
                 and client_secret"
                    .to_owned(),
            );
        }
    }

    fn check_names(&self, say: Say<'_>) {
        let names = &self.booking_data;
        let mut seen: Vec<&str> = Vec::new();
        for (setting, name) in [
            ("booking_data.haushaltsstelle", &names.haushaltsstelle),
            ("booking_data.objektnummer", &names.objektnummer),
            ("booking_data.href", &names.href),
        ] {
            if name.chars().count() > 250 || name.contains(char::is_control) {
                say(setting, "is no name of a key; at most 250 characters".to_owned());
            }
            if !name.is_empty() && seen.contains(&name.as_str()) {
                say(setting, format!("«{name}» is used twice"));
            }
            seen.push(name);
        }
    }
}
