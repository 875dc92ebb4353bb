//! The settings of one SOAP service: where it is, how we prove who we are, and what it understands. A new setting of the
//! connection gets a default and its check below; what differs by Mandant belongs in [`super::profile`].

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::profile::{Profile, ProfileConfig};
use crate::domain::ids::Mandant;
use crate::domain::proof::ProofTable;
use crate::domain::tenant::Environment;
use crate::provider::address::{check_address, check_proxy, check_timeouts, check_zvp};
use crate::provider::http::Connections;
use crate::provider::tls::TlsFiles;

/// A problem: the path of the setting, and what is wrong with it.
pub type Problem = (String, String);

/// One SOAP service of an ePayBL server, with the paypage that belongs to it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoapConfig {
    /// The address of the service, for example `https://host/soap/servlet/rpcrouter`.
    pub url: Url,
    /// The address of the paypage, for example `https://host/paypage/login.do`.
    pub paypage_url: Url,
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
    /// How long opening a payment may take, with all the calls that it needs.
    #[serde(default = "default_open")]
    pub open_timeout_seconds: u32,
    /// How long any other call may take, connection and answer included.
    #[serde(default = "default_ask")]
    pub ask_timeout_seconds: u32,
    /// How long an idle connection is kept; 0 is a connection per call. A connection that the server has just closed
    /// would make an answer look lost, and a lost answer may cost a person's time.
    #[serde(default = "default_keep_alive")]
    pub keep_alive_seconds: u32,
    /// The payment provider's name in the books.
    #[serde(default = "default_zvp")]
    pub zvp: String,
    /// Which amounts of an answer prove a payment.
    #[serde(default)]
    pub proof: Proof,
    /// Allow `http://` to other machines than this one.
    #[serde(default)]
    pub allow_http: bool,
    /// What the server understands, for every Mandant.
    #[serde(default)]
    pub profile: ProfileConfig,
    /// What it understands otherwise for one Mandant.
    #[serde(default)]
    pub mandanten: BTreeMap<Mandant, ProfileConfig>,
}

/// Which amounts of an answer prove a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// All sums, which must agree with the saldo.
    #[default]
    Sums,
    /// Claim, cancellations and saldo alone, where an installation counts receipts in a way of its own.
    Saldo,
}

impl Proof {
    pub(super) const fn table(self) -> ProofTable {
        match self {
            Self::Sums => ProofTable::SoapSums,
            Self::Saldo => ProofTable::SoapSaldo,
        }
    }
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
    0
}

fn default_zvp() -> String {
    "epaybl".to_owned()
}

impl SoapConfig {
    /// The settings for the two addresses and an environment, all else as by default.
    pub fn new(url: Url, paypage_url: Url, environment: Environment) -> Self {
        Self {
            url,
            paypage_url,
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
            proof: Proof::default(),
            allow_http: false,
            profile: ProfileConfig::default(),
            mandanten: BTreeMap::new(),
        }
    }

    /// What the server understands for a Mandant.
    pub fn profile(&self, mandant: &Mandant) -> Profile {
        let profile = Profile::default().with(&self.profile);
        match self.mandanten.get(mandant) {
            Some(own) => profile.with(own),
            None => profile,
        }
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
            https: self.url.scheme() == "https",
            proxy: self.proxy.clone(),
            connect,
            keep_alive: Duration::from_secs(self.keep_alive_seconds.into()),
        }
    }

    /// Every problem, with the path of its field. Files are looked at when the client is made.
    pub fn validate(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |path: &str, text: String| problems.push((path.to_owned(), text));
        check_address("url", &self.url, self.allow_http, &mut say);
        check_address("paypage_url", &self.paypage_url, self.allow_http, &mut say);
        for (setting, url) in [("url", &self.url), ("paypage_url", &self.paypage_url)] {
            if !url.username().is_empty() || url.password().is_some() {
                say(
                    setting,
                    "carries a user name; ePayBL knows us by the client certificate".to_owned(),
                );
            }
        }
        check_proxy(self.proxy.as_ref(), &mut say);
        let files = self.tls();
        files.check(&mut say);
        if !files.says_who_we_are()
            && files.client_key_pem.is_none()
            && self.environment == Environment::Production
            && self.url.scheme() == "https"
        {
            say(
                "client_cert_pem",
                "is missing; ePayBL knows us only by a client certificate (−0020)".to_owned(),
            );
        }
        check_timeouts(
            self.connect_timeout_seconds,
            self.open_timeout_seconds,
            self.ask_timeout_seconds,
            &mut say,
        );
        check_zvp(&self.zvp, &mut say);
        let all = Profile::default().with(&self.profile);
        all.check(&mut |path, text| say(&format!("profile.{path}"), text));
        for (mandant, own) in &self.mandanten {
            all.clone()
                .with(own)
                .check(&mut |path, text| say(&format!("mandanten.{mandant}.{path}"), text));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::soap::profile::{LookUp, MitBlp, Version};

    fn problems(toml: &str) -> Vec<String> {
        let config: SoapConfig = toml::from_str(toml).expect("readable");
        let problems = config.validate().into_iter();
        problems.map(|(path, text)| format!("{path} {text}")).collect()
    }

    #[test]
    fn a_few_lines_are_a_whole_configuration() {
        let toml = r#"
            url = "https://epay.example/soap/servlet/rpcrouter"
            paypage_url = "https://epay.example/paypage/login.do"
            environment = "production"
            client_cert_pem = "/etc/connector/client.pem"
            client_key_pem = "/etc/connector/client.key"
            [mandanten.1610000000]
            version = "2"
            look_up = "lesen_transaktion"
            transfer = { holder = "Stadtkasse", iban = "DE89370400440532013000" }
        "#;
        assert_eq!(problems(toml), Vec::<String>::new());
        let config: SoapConfig = toml::from_str(toml).expect("readable");
        let ours = config.profile(&Mandant::parse("1610000000").expect("a Mandant"));
        assert_eq!(
            (ours.version, ours.look_up, ours.mit_blp),
            (Version::Two, LookUp::LesenTransaktion, MitBlp::Auto)
        );
        let other = config.profile(&Mandant::parse("1620000000").expect("a Mandant"));
        assert_eq!((other.version, other.transfer), (Version::Three, None));
    }

    #[test]
    fn every_problem_is_named_with_its_path_at_once() {
        let found = problems(
            r#"
            url = "http://epay.example/soap?wsdl"
            paypage_url = "https://user@epay.example/paypage/login.do"
            environment = "production"
            client_cert_pem = "client.pem"
            connect_timeout_seconds = 30
            zvp = "a/b"
            [profile]
            kassenzeichen_length = 26
            href_max = 1000
            tax_titles = [{ rate = "19" }, { rate = "19.0" }]
            inactive_values = ["aktiv"]
            [mandanten.1]
            kassenzeichen_length = 0
            href_max = 100
            tax_titles = []
            inactive_values = []
            unknown_codes = ["0310"]
            max_buchungen = 0
            transfer = { holder = " ", iban = "DE00" }
            "#,
        );
        for path in [
            "url is plain http",
            "url must end",
            "paypage_url carries",
            "client_key_pem is missing",
            "connect_timeout_seconds is 30",
            "zvp «a/b»",
            "profile.kassenzeichen_length is 26",
            "profile.href_max is 1000",
            "profile.tax_titles[1].rate 19 is named twice",
            "profile.inactive_values «aktiv»",
            "mandanten.1.inactive_values is empty",
            "mandanten.1.unknown_codes[0]",
            "mandanten.1.max_buchungen is 0",
            "mandanten.1.transfer.iban",
            "mandanten.1.transfer.holder",
        ] {
            assert!(
                found.iter().any(|problem| problem.starts_with(path)),
                "{path} is missing in {found:#?}"
            );
        }
        assert_eq!(found.len(), 15, "{found:#?}");
    }

    #[test]
    fn a_misspelt_setting_is_refused() {
        let error = toml::from_str::<SoapConfig>(
            "url = \"https://a/\"\npaypage_url = \"https://a/\"\nenvironment = \"test\"\n[profile]\nversio = \"3\"\n",
        )
        .expect_err("unknown");
        assert!(error.to_string().contains("versio"));
    }
}
