//! The settings that every kind of provider has, with their checks: who we are to it, how it is reached, how long that may
//! take. `provider_settings!` writes them into the struct of a kind, beside its own.

use std::time::Duration;

use url::{Host, Url};

use super::http::{Connections, Timeouts};
use super::tls::TlsFiles;

/// Writes the struct of a kind's settings: its own fields, and after them those of every kind. What differs by kind is
/// said before them: how long an idle connection is kept, and the name of the account. (serde refuses unknown settings
/// only where all fields stand in one struct, so they cannot be a struct of their own.)
macro_rules! provider_settings {
    (
        keep_alive_seconds = $keep_alive:literal, zvp = $zvp:literal;
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($own:tt)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($own)*
            /// Whether real money moves there.
            pub environment: crate::domain::tenant::Environment,
            /// The client certificate, and the chain after it, in PEM.
            #[serde(default)]
            pub client_cert_pem: Option<std::path::PathBuf>,
            /// Its private key, not encrypted, in PEM.
            #[serde(default)]
            pub client_key_pem: Option<std::path::PathBuf>,
            /// Certificate, key and chain as PKCS#12, instead of the two.
            #[serde(default)]
            pub client_p12: Option<std::path::PathBuf>,
            /// The password of the PKCS#12 file; without it, the empty one.
            #[serde(default)]
            pub client_p12_password: Option<secrecy::SecretString>,
            /// The only roots that are trusted, in PEM; without it, those of the system.
            #[serde(default)]
            pub ca_pem: Option<std::path::PathBuf>,
            /// An HTTP proxy, for example `http://proxy:3128`. Proxies named by the environment are not used.
            #[serde(default)]
            pub proxy: Option<url::Url>,
            /// How long a connection may take to be made, TLS included.
            #[serde(default = "crate::provider::settings::connect_seconds")]
            pub connect_timeout_seconds: u32,
            /// How long opening a payment may take, with all that it needs.
            #[serde(default = "crate::provider::settings::open_seconds")]
            pub open_timeout_seconds: u32,
            /// How long any other call may take, connection and answer included.
            #[serde(default = "crate::provider::settings::ask_seconds")]
            pub ask_timeout_seconds: u32,
            /// How long an idle connection is kept: shorter than servers keep theirs; 0 is a connection per call.
            #[serde(default = "default_keep_alive_seconds")]
            pub keep_alive_seconds: u32,
            /// The payment provider's name in `verrechnung/<zvp>/…` where no answer and no callback names one.
            #[serde(default = "default_zvp")]
            pub zvp: String,
            /// Allow `http://` to other machines than this one.
            #[serde(default)]
            pub allow_http: bool,
        }

        const fn default_keep_alive_seconds() -> u32 {
            $keep_alive
        }

        fn default_zvp() -> String {
            $zvp.to_owned()
        }

        impl $name {
            /// The settings of every kind.
            pub(super) fn common(&self) -> crate::provider::settings::Common<'_> {
                crate::provider::settings::Common {
                    tls: crate::provider::tls::TlsFiles {
                        client_cert_pem: self.client_cert_pem.clone(),
                        client_key_pem: self.client_key_pem.clone(),
                        client_p12: self.client_p12.clone(),
                        client_p12_password: self.client_p12_password.clone(),
                        ca_pem: self.ca_pem.clone(),
                    },
                    proxy: self.proxy.as_ref(),
                    connect: self.connect_timeout_seconds,
                    open: self.open_timeout_seconds,
                    ask: self.ask_timeout_seconds,
                    keep_alive: self.keep_alive_seconds,
                    zvp: &self.zvp,
                }
            }
        }
    };
}

pub(super) use provider_settings;

/// How long a connection may take to be made, where nothing else is said.
pub(super) const fn connect_seconds() -> u32 {
    5
}

/// How long opening a payment may take, where nothing else is said.
pub(super) const fn open_seconds() -> u32 {
    20
}

/// How long a question may take, where nothing else is said.
pub(super) const fn ask_seconds() -> u32 {
    10
}

/// The settings that every kind of provider has, in a form that needs no kind.
pub struct Common<'a> {
    /// Who we are, and whom we trust.
    pub tls: TlsFiles,
    /// The way through a proxy.
    pub proxy: Option<&'a Url>,
    /// Seconds to make a connection.
    pub connect: u32,
    /// Seconds to open a payment.
    pub open: u32,
    /// Seconds to ask.
    pub ask: u32,
    /// Seconds that an idle connection is kept.
    pub keep_alive: u32,
    /// The name of the account.
    pub zvp: &'a str,
}

impl Common<'_> {
    /// Notes what cannot work.
    pub fn check(&self, say: Say<'_>) {
        check_proxy(self.proxy, say);
        self.tls.check(say);
        check_timeouts(self.connect, self.open, self.ask, say);
        check_zvp(self.zvp, say);
    }

    /// How long calls may take.
    pub fn timeouts(&self) -> Timeouts {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        Timeouts {
            connect: seconds(self.connect),
            open: seconds(self.open),
            ask: seconds(self.ask),
        }
    }

    /// How it is connected to. `https`: whether any of its addresses is encrypted.
    pub fn connections(self, https: bool, connect: Duration) -> Connections {
        Connections {
            tls: self.tls,
            https,
            proxy: self.proxy.cloned(),
            connect,
            keep_alive: Duration::from_secs(self.keep_alive.into()),
        }
    }
}

/// Notes a problem at a setting.
pub type Say<'a> = &'a mut dyn FnMut(&str, String);

/// An address that calls go to: https (or http to this machine, or where it is allowed), without a query and without
/// a user name.
pub fn check_address(setting: &str, url: &Url, allow_http: bool, say: Say<'_>) {
    match url.scheme() {
        "https" => {}
        "http" if allow_http || loopback(url) => {}
        "http" => say(
            setting,
            format!(
                "is plain http to {}: use https (or allow_http = true where TLS ends before it)",
                url.host_str().unwrap_or_default()
            ),
        ),
        other => say(setting, format!("has the scheme «{other}», allowed is https")),
    }
    if url.query().is_some() || url.fragment().is_some() {
        say(setting, "must end with its path, without «?» and «#»".to_owned());
    }
}

/// A proxy: http or https, without a user name.
fn check_proxy(proxy: Option<&Url>, say: Say<'_>) {
    let Some(proxy) = proxy else {
        return;
    };
    if !matches!(proxy.scheme(), "http" | "https") {
        say("proxy", format!("has the scheme «{}»", proxy.scheme()));
    }
    if !proxy.username().is_empty() || proxy.password().is_some() {
        say("proxy", "carries a user name, which is not supported".to_owned());
    }
}

/// How long calls may take: each bounded, and a connection shorter than the call that needs it.
fn check_timeouts(connect: u32, open: u32, ask: u32, say: Say<'_>) {
    for (setting, seconds) in [
        ("connect_timeout_seconds", connect),
        ("open_timeout_seconds", open),
        ("ask_timeout_seconds", ask),
    ] {
        if !(1..=300).contains(&seconds) {
            say(setting, format!("is {seconds}, allowed are 1 to 300 seconds"));
        }
    }
    if connect >= open {
        say(
            "connect_timeout_seconds",
            format!(
                "is {connect}, not less than open_timeout_seconds: then nobody could tell «not reached» from «not \
                 answered»"
            ),
        );
    }
}

/// A name of an account `verrechnung/<zvp>/…`.
fn check_zvp(zvp: &str, say: Say<'_>) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if zvp.is_empty() || !zvp.chars().all(allowed) {
        say(
            "zvp",
            format!("«{zvp}» is no name of an account; allowed are A-Z a-z 0-9 _ -"),
        );
    }
}

/// Values of `paypagestatus` as sites spell them. `never` says what would follow without any of a closed page.
pub fn check_words(active: &[String], inactive: &[String], never: &str, say: Say<'_>) {
    if inactive.is_empty() {
        say("inactive_values", format!("is empty: {never}"));
    }
    for value in inactive {
        if active.iter().any(|active| active.eq_ignore_ascii_case(value)) {
            say("inactive_values", format!("«{value}» is also in active_values"));
        }
    }
}

/// Result codes of errors.
pub fn check_codes(setting: &str, codes: &[String], say: Say<'_>) {
    for (index, code) in codes.iter().enumerate() {
        if !code.starts_with('-') {
            say(
                &format!("{setting}[{index}]"),
                format!("«{code}» is no error code; it starts with «-»"),
            );
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
