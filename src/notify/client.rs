//! One POST to one gateway, and what its answer means.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use secrecy::ExposeSecret;

use super::address::{AddressRules, Guard, Lookup, SystemLookup, is_loopback_host};
use super::config::NotifyConfig;
use super::signature::{SigningSecret, signatures};
use super::tls;
use crate::app::ports::{Notifier, Sent};
use crate::domain::ids::TargetId;
use crate::domain::tenant::Target;
use crate::domain::time::Timestamp;

/// How much of an answer is read, so that the connection can be used again. It is dropped: what a gateway says in
/// words is not ours to keep.
const ANSWER_BYTES: usize = 64 * 1024;

const USER_AGENT: &str = concat!("epaybl-connector/", env!("CARGO_PKG_VERSION"));

/// Why the notifier cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// A setting is wrong; `validate` names all of them.
    #[error("notify.{0}: {1}")]
    Config(String, String),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built: {0}")]
    Client(#[from] reqwest::Error),
}

/// Sends events by Standard Webhooks 1.0.0 with a CloudEvents body.
pub struct WebhookNotifier {
    client: Client,
    secrets: BTreeMap<TargetId, Vec<SigningSecret>>,
    rules: AddressRules,
    allow_http: bool,
    has_roots: bool,
    timeout: Duration,
}

impl WebhookNotifier {
    /// Builds it from its section of the configuration.
    ///
    /// # Errors
    /// [`NotifyError`] names the setting.
    pub fn new(config: &NotifyConfig) -> Result<Self, NotifyError> {
        Self::with_lookup(config, Arc::new(SystemLookup))
    }

    /// The same, with another way to turn names into addresses.
    ///
    /// # Errors
    /// [`NotifyError`] names the setting.
    pub fn with_lookup(config: &NotifyConfig, lookup: Arc<dyn Lookup>) -> Result<Self, NotifyError> {
        if let Some((path, message)) = config.validate().into_iter().next() {
            return Err(NotifyError::Config(path, message));
        }
        let mut secrets = BTreeMap::new();
        for (target, texts) in &config.secrets {
            let parsed: Result<Vec<_>, _> = texts
                .iter()
                .map(|text| SigningSecret::parse(text.expose_secret()))
                .collect();
            let parsed = parsed
                .map_err(|error| NotifyError::Config(format!("secrets.{target}"), error.to_string()))?;
            secrets.insert(target.clone(), parsed);
        }
        let roots = match &config.ca_pem {
            Some(pem) => tls::parse_roots(pem)?,
            None => tls::system_roots(),
        };
        let has_roots = !roots.is_empty();
        let rules = AddressRules {
            private: config.allow_private,
            loopback: config.allow_loopback,
        };
        let client = Client::builder()
            .tls_backend_preconfigured(tls::client_config(roots)?)
            .dns_resolver(Guard { rules, lookup })
            .redirect(Policy::none())
            // A proxy would resolve names itself, behind the guard's back.
            .no_proxy()
            .user_agent(USER_AGENT)
            .build()?;
        Ok(Self {
            client,
            secrets,
            rules,
            allow_http: config.allow_http,
            has_roots,
            timeout: Duration::from_secs(config.timeout_seconds),
        })
    }

    /// The same with a shorter patience, for tests that wait it out.
    #[cfg(test)]
    pub(super) fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The target's secrets, if it may be sent to at all.
    fn secrets(&self, target: &Target) -> Result<&[SigningSecret], String> {
        let id = &target.id;
        let host = target
            .url
            .host()
            .ok_or_else(|| format!("target {id}: its URL has no host"))?;
        match target.url.scheme() {
            "https" if !self.has_roots => {
                return Err(format!(
                    "target {id}: this system has no root certificates; install them or set notify.ca_pem"
                ));
            }
            "https" => {}
            "http" if self.allow_http || is_loopback_host(&host) => {}
            "http" => {
                return Err(format!(
                    "target {id}: http is for this machine only; use https, or set notify.allow_http"
                ));
            }
            other => return Err(format!("target {id}: «{other}» is not https")),
        }
        if !target.url.username().is_empty() || target.url.password().is_some() {
            return Err(format!(
                "target {id}: its URL has a user name or a password; events are authenticated by their signature"
            ));
        }
        self.rules
            .check_literal(&host)
            .map_err(|refused| format!("target {id}: {refused}"))?;
        self.secrets
            .get(id)
            .map(Vec::as_slice)
            .filter(|secrets| !secrets.is_empty())
            .ok_or_else(|| format!("target {id}: notify.secrets.{id} is missing"))
    }

    async fn post(&self, target: &Target, id: &str, body: &[u8], now: Timestamp) -> Result<Sent, String> {
        let secrets = self.secrets(target)?;
        if id.is_empty() || id.contains('.') {
            return Err(format!("«{id}» cannot be a webhook-id"));
        }
        let webhook_id = HeaderValue::from_str(id).map_err(|_| format!("«{id}» cannot be a webhook-id"))?;
        let timestamp = now.seconds();
        let signature = HeaderValue::try_from(signatures(secrets, id, timestamp, body))
            .map_err(|error| error.to_string())?;
        let response = self
            .client
            .post(target.url.clone())
            .timeout(self.timeout)
            .header(
                CONTENT_TYPE,
                HeaderValue::from_static("application/cloudevents+json"),
            )
            .header("webhook-id", webhook_id)
            .header("webhook-timestamp", HeaderValue::from(timestamp))
            .header("webhook-signature", signature)
            .body(body.to_vec())
            .send()
            .await
            .map_err(|error| self.in_words(error))?;
        let (status, retry_after) = (response.status(), retry_after(response.headers(), now));
        drain(response).await;
        Ok(judge(status, retry_after))
    }

    /// What went wrong, without the URL, whose query may hold a secret of the gateway's.
    fn in_words(&self, error: reqwest::Error) -> String {
        if error.is_timeout() {
            return format!("no answer within {} s", self.timeout.as_secs());
        }
        let error = error.without_url();
        let mut words = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            words.push_str(": ");
            words.push_str(&inner.to_string());
            cause = inner.source();
        }
        words
    }
}

#[async_trait]
impl Notifier for WebhookNotifier {
    async fn send(&self, target: &Target, id: &str, body: &[u8], now: Timestamp) -> Sent {
        match self.post(target, id, body, now).await {
            Ok(sent) => sent,
            Err(why) => Sent::Failed {
                why,
                retry_after: None,
            },
        }
    }

    fn longest_seconds(&self) -> i64 {
        i64::try_from(self.timeout.as_secs()).unwrap_or(i64::MAX)
    }

    fn check(&self, target: &Target) -> Result<(), String> {
        self.secrets(target).map(|_| ())
    }
}

/// Standard Webhooks: 2xx is success, 410 an unsubscription, everything else a failure, redirects too.
fn judge(status: StatusCode, retry_after: Option<i64>) -> Sent {
    let why = match status {
        _ if status.is_success() => return Sent::Accepted,
        StatusCode::GONE => return Sent::Gone,
        _ if status.is_redirection() => {
            format!("HTTP {}: redirects are not followed", status.as_u16())
        }
        _ => format!("HTTP {}", status.as_u16()),
    };
    Sent::Failed { why, retry_after }
}

/// Reads what is left of an answer, up to a limit. The status has decided already, so a body that breaks off is nobody's
/// concern; the time limit of the request goes on.
async fn drain(mut response: Response) {
    let mut read = 0;
    while read < ANSWER_BYTES {
        match response.chunk().await {
            Ok(Some(chunk)) => read += chunk.len(),
            Ok(None) | Err(_) => return,
        }
    }
}

/// RFC 9110, 10.2.3: seconds, or a date. Of the three date formats, the one that may still be generated.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse().unwrap_or(i64::MAX));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()?;
    Some((date.as_second() - now.seconds()).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_says_when_to_come_back_in_seconds_or_as_a_date() {
        let now = Timestamp::from_instant("2026-03-01T11:00:00Z".parse().expect("an instant"));
        for (text, expected) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 01 Mar 2026 11:02:00 GMT", Some(120)),
            ("Sun, 01 Mar 2026 10:00:00 GMT", Some(0)),
            ("99999999999999999999999", Some(i64::MAX)),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
            assert_eq!(retry_after(&headers, now), expected, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
