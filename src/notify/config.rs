//! The section `[notify]`.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::signature::SigningSecret;
use super::tls;
use crate::domain::ids::TargetId;

/// How events are sent. Who gets which is data (`tenants apply`); secrets are configuration, since the tenants file is
/// recorded in the log.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotifyConfig {
    /// Signing secrets per target, `whsec_` and base64 of 24 to 64 random bytes. Every secret of a list signs, so a
    /// secret is changed by adding the new one, giving it to the gateway, and taking the old one away.
    pub secrets: BTreeMap<TargetId, Vec<SecretString>>,
    /// How long one try may take, with everything. A delivery's lease must be longer.
    pub timeout_seconds: u64,
    /// Whether plain http may leave this machine; to `localhost`, 127.0.0.0/8 and ::1 it always may.
    pub allow_http: bool,
    /// Whether private addresses (RFC 1918, RFC 6598, RFC 4193) may be spoken to. On, since gateways stand in the
    /// operator's own data centre; off where targets are out on the internet only.
    pub allow_private: bool,
    /// Whether a host other than `localhost` may resolve to a loopback address.
    pub allow_loopback: bool,
    /// Certificates of the authorities to trust, PEM, instead of the operating system's.
    pub ca_pem: Option<String>,
}

impl Default for NotifyConfig {
    fn default() -> Self {
        Self {
            secrets: BTreeMap::new(),
            timeout_seconds: 15,
            allow_http: false,
            allow_private: true,
            allow_loopback: false,
            ca_pem: None,
        }
    }
}

impl NotifyConfig {
    /// Everything that is wrong: the path within this section, and what to do.
    pub fn validate(&self) -> Vec<(String, String)> {
        let mut wrong = Vec::new();
        if !(1..=60).contains(&self.timeout_seconds) {
            wrong.push((
                "timeout_seconds".to_owned(),
                format!("{} is not within 1 to 60", self.timeout_seconds),
            ));
        }
        for (target, secrets) in &self.secrets {
            if secrets.is_empty() {
                wrong.push((
                    format!("secrets.{target}"),
                    "the list is empty; give at least one secret".to_owned(),
                ));
            }
            for (index, secret) in secrets.iter().enumerate() {
                if let Err(error) = SigningSecret::parse(secret.expose_secret()) {
                    wrong.push((format!("secrets.{target}[{index}]"), error.to_string()));
                }
            }
        }
        if let Some(pem) = &self.ca_pem
            && let Err(error) = tls::parse_roots(pem)
        {
            wrong.push(("ca_pem".to_owned(), error.to_string()));
        }
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_to_be_said() {
        let config: NotifyConfig = toml::from_str("").expect("a configuration");
        assert!(config.validate().is_empty());
        assert_eq!(config.timeout_seconds, 15);
        assert!(config.allow_private && !config.allow_http && !config.allow_loopback);
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once_without_the_secret() {
        let config: NotifyConfig = toml::from_str(
            r#"
            timeout_seconds = 0
            ca_pem = "no certificate"
            [secrets]
            civento = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "topsecret"]
            dms = []
            "#,
        )
        .expect("a configuration");
        let wrong = config.validate();
        let paths: Vec<&str> = wrong.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            paths,
            ["timeout_seconds", "secrets.civento[1]", "secrets.dms", "ca_pem"]
        );
        assert!(!format!("{wrong:?} {config:?}").contains("topsecret"));
    }

    #[test]
    fn a_key_that_nobody_knows_is_refused() {
        assert!(toml::from_str::<NotifyConfig>("allow_htpp = true").is_err());
    }
}
