//! The settings of one SOAP service: where it is, how we prove who we are, and what it understands. A new setting of the
//! connection gets a default and its check below; what differs by Mandant belongs in [`super::profile`].

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::profile::{Profile, ProfileConfig};
use crate::domain::ids::Mandant;
use crate::domain::proof::ProofTable;
use crate::domain::tenant::Environment;
use crate::provider::http::Connections;
use crate::provider::settings::{check_address, provider_settings};

/// A problem: the path of the setting, and what is wrong with it.
pub type Problem = (String, String);

// A connection that the server has just closed would make an answer look lost, and a lost answer may cost a person's
// time: so none is kept.
provider_settings! {
    keep_alive_seconds = 0, zvp = "epaybl";
    /// One SOAP service of an ePayBL server, with the paypage that belongs to it.
    pub struct SoapConfig {
        /// The address of the service, for example `https://host/soap/servlet/rpcrouter`.
        pub url: Url,
        /// The address of the paypage, for example `https://host/paypage/login.do`.
        pub paypage_url: Url,
        /// Which amounts of an answer prove a payment.
        #[serde(default)]
        pub proof: Proof,
        /// What the server understands, for every Mandant.
        #[serde(default)]
        pub profile: ProfileConfig,
        /// What it understands otherwise for one Mandant.
        #[serde(default)]
        pub mandanten: BTreeMap<Mandant, ProfileConfig>,
    }
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

impl SoapConfig {
    /// The settings for the two addresses and an environment, all else as by default.
    ///
    /// # Panics
    /// Never: nothing else is required.
    pub fn new(url: Url, paypage_url: Url, environment: Environment) -> Self {
        let required = json!({"url": url, "paypage_url": paypage_url, "environment": environment});
        serde_json::from_value(required).expect("nothing else is required")
    }

    /// What the server understands for a Mandant.
    pub fn profile(&self, mandant: &Mandant) -> Profile {
        let profile = Profile::default().with(&self.profile);
        match self.mandanten.get(mandant) {
            Some(own) => profile.with(own),
            None => profile,
        }
    }

    pub(super) fn connections(&self, connect: Duration) -> Connections {
        self.common().connections(self.url.scheme() == "https", connect)
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
        let common = self.common();
        common.check(&mut say);
        let files = &common.tls;
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
