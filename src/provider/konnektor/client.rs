//! The port, over HTTP. One call is one request and one log line; nothing is tried again here, since only the use
//! cases know what may be repeated.
//!
//! Whether a payment may exist is decided by how far a call came: before the connection stood (or where the server
//! said in the handshake that it does not take our certificate) nothing was sent and it is a refusal; after that,
//! anything but a clear answer is unclear.

use std::error::Error as _;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, RequestBuilder};
use rustls::AlertDescription;

use super::answer::{Reply, no_answer};
use super::config::KonnektorConfig;
use super::tls::{TlsError, client_config};
use super::wire::buchungsliste;
use crate::app::ports::{
    Answer, CallbackError, Calls, Fault, OfferedMethod, OpenOrder, Opened, Provider, Question, RawCallback,
    Refusal,
};
use crate::domain::ids::{Bewirtschafter, Kassenzeichen, Mandant};
use crate::domain::money::Cents;
use crate::domain::proof::ProofTable;
use crate::domain::time::Timestamp;
use crate::domain::told::Verified;
use crate::provider::signature::{Problem, SecretError, Verifier};

/// The longest answer that is read.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// The most redirects that a question follows; opening a payment follows none.
const MOST_REDIRECTS: usize = 5;

/// Why a Konnektor cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum KonnektorError {
    /// Settings that are wrong, with their paths.
    #[error("{}", .0.iter().map(|(path, text)| format!("{path} {text}")).collect::<Vec<_>>().join("; "))]
    Config(Vec<Problem>),
    /// Certificates or keys.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Callback secrets.
    #[error(transparent)]
    Secrets(#[from] SecretError),
    /// The HTTP client.
    #[error("the HTTP client cannot be made: {0}")]
    Client(#[from] reqwest::Error),
}

/// How long calls may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// To make a connection.
    pub connect: Duration,
    /// To open a payment, with everything.
    pub open: Duration,
    /// To ask, with everything.
    pub ask: Duration,
}

impl From<&KonnektorConfig> for Timeouts {
    fn from(config: &KonnektorConfig) -> Self {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        Self {
            connect: seconds(config.connect_timeout_seconds),
            open: seconds(config.open_timeout_seconds),
            ask: seconds(config.ask_timeout_seconds),
        }
    }
}

/// The REST ePayBL-Konnektor v1_0.
#[derive(Debug)]
pub struct Konnektor {
    opens: Client,
    asks: Client,
    base: String,
    config: KonnektorConfig,
    timeouts: Timeouts,
    verifier: Verifier,
}

/// A call that brought no answer.
enum Failure {
    /// Nothing was sent.
    NotReached(String),
    /// It was sent, or may have been.
    Lost(String),
}

impl Konnektor {
    /// Checks the settings, reads certificates and secrets, and makes the clients. Connects to nothing.
    ///
    /// # Errors
    /// [`KonnektorError`] names the setting or the file that is wrong.
    pub fn new(config: KonnektorConfig) -> Result<Self, KonnektorError> {
        let timeouts = Timeouts::from(&config);
        Self::with_timeouts(config, timeouts)
    }

    /// As [`Konnektor::new`], with timeouts of any fineness.
    ///
    /// # Errors
    /// As [`Konnektor::new`].
    pub fn with_timeouts(config: KonnektorConfig, timeouts: Timeouts) -> Result<Self, KonnektorError> {
        let problems = config.validate();
        if !problems.is_empty() {
            return Err(KonnektorError::Config(problems));
        }
        Ok(Self {
            opens: client(&config, timeouts, Policy::none())?,
            asks: client(&config, timeouts, Policy::custom(same_origin))?,
            base: config.base_url.as_str().trim_end_matches('/').to_owned(),
            verifier: Verifier::new(&config.callback, config.unsigned())?,
            config,
            timeouts,
        })
    }

    fn address(&self, mandant: &Mandant, bewirtschafter: &Bewirtschafter, rest: &str) -> String {
        format!(
            "{}/epayment/fachverfahren/v1_0/mandanten/{mandant}/bewirtschafter/{bewirtschafter}/{rest}",
            self.base
        )
    }

    /// One GET and its log line.
    async fn get(
        &self,
        mandant: &Mandant,
        bewirtschafter: &Bewirtschafter,
        rest: &str,
    ) -> Result<Reply, Failure> {
        let address = self.address(mandant, bewirtschafter, rest);
        let result = call(self.asks.get(address).timeout(self.timeouts.ask)).await;
        match &result {
            Ok(reply) => tracing::info!(
                call = rest,
                %mandant,
                %bewirtschafter,
                status = reply.status(),
                rc = reply.rc(),
                ergebnistext = reply.ergebnistext(),
                "the Konnektor answered"
            ),
            Err(failure) => tracing::warn!(
                call = rest,
                %mandant,
                %bewirtschafter,
                why = failure.why(),
                "the Konnektor did not answer"
            ),
        }
        result
    }
}

/// Our settings of an HTTP client: HTTP/1.1, our TLS, no proxy but the configured one.
fn client(config: &KonnektorConfig, timeouts: Timeouts, redirects: Policy) -> Result<Client, KonnektorError> {
    let mut builder = Client::builder()
        .tls_backend_preconfigured(client_config(config)?)
        .http1_only()
        .no_proxy()
        .redirect(redirects)
        .referer(false)
        .connect_timeout(timeouts.connect)
        .pool_idle_timeout(config.keep_alive())
        .user_agent(concat!("epaybl-connector/", env!("CARGO_PKG_VERSION")));
    if config.keep_alive_seconds == 0 {
        builder = builder.pool_max_idle_per_host(0);
    }
    if let Some(proxy) = &config.proxy {
        builder = builder.proxy(reqwest::Proxy::all(proxy.as_str())?);
    }
    Ok(builder.build()?)
}

/// A question follows redirects on the same server only: our certificate is meant for no other.
fn same_origin(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let same = attempt
        .previous()
        .first()
        .is_some_and(|first| first.origin() == attempt.url().origin());
    if !same {
        attempt.stop()
    } else if attempt.previous().len() > MOST_REDIRECTS {
        attempt.error("too many redirects")
    } else {
        attempt.follow()
    }
}

/// One request, its answer read up to the limit.
async fn call(request: RequestBuilder) -> Result<Reply, Failure> {
    let mut response = request
        .header(reqwest::header::ACCEPT, "application/json")
        .send()
        .await
        .map_err(Failure::from)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Failure::from)? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err(Failure::Lost("the answer is longer than 1 MiB".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply::new(response.status().as_u16(), &body))
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut why = error.to_string();
        let mut alert = false;
        let mut cause = error.source();
        while let Some(next) = cause {
            why = format!("{why}: {next}");
            alert |= certificate_refused(next);
            cause = next.source();
        }
        if error.is_connect() || error.is_builder() || alert {
            Self::NotReached(why)
        } else {
            Self::Lost(why)
        }
    }
}

/// Under TLS 1.3 a server refuses our certificate when we have already begun to send; its alert comes instead of an
/// answer, out of the handshake, and says that it read nothing.
fn certificate_refused(error: &(dyn std::error::Error + 'static)) -> bool {
    let tls = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref)
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        .or_else(|| error.downcast_ref::<rustls::Error>());
    matches!(
        tls,
        Some(rustls::Error::AlertReceived(
            AlertDescription::AccessDenied
                | AlertDescription::BadCertificate
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateRequired
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::UnsupportedCertificate
        ))
    )
}

impl Failure {
    fn why(&self) -> &str {
        match self {
            Self::NotReached(why) | Self::Lost(why) => why,
        }
    }

    fn refusal(self) -> Refusal {
        match self {
            Self::NotReached(why) => Refusal {
                fault: Fault::Configuration,
                code: "unreachable".to_owned(),
                text: format!("the Konnektor cannot be reached: {why}"),
            },
            Self::Lost(why) => no_answer(why),
        }
    }
}

/// Sums that differ would be refused (−0506); they are a fault of ours, so nothing is sent.
fn sums(order: &OpenOrder) -> Result<(), Refusal> {
    let sum: Cents = order.lines.iter().map(|line| line.net + line.tax).sum();
    if sum == order.total && sum.is_positive() {
        return Ok(());
    }
    Err(Refusal {
        fault: Fault::Configuration,
        code: "not-sent".to_owned(),
        text: format!(
            "the total {} EUR is not above zero or not the sum of the Buchungen, {sum} EUR",
            order.total
        ),
    })
}

#[async_trait]
impl Provider for Konnektor {
    async fn open(&self, order: &OpenOrder, _calls: &Calls) -> Opened {
        if let Err(refusal) = sums(order) {
            tracing::error!(call = "buchungslisten", nummer = %order.nummer, why = refusal.text, "nothing was sent");
            return Opened::Refused(refusal);
        }
        let address = self.address(&order.mandant, &order.bewirtschafter, "buchungslisten");
        let request = self
            .opens
            .post(address)
            .timeout(self.timeouts.open)
            .json(&buchungsliste(order, &self.config));
        match call(request).await {
            Ok(reply) => {
                let opened = reply.opened(&self.config);
                let kassenzeichen = match &opened {
                    Opened::Open { kassenzeichen, .. } => kassenzeichen.as_ref(),
                    _ => None,
                };
                tracing::info!(
                    call = "buchungslisten",
                    nummer = %order.nummer,
                    mandant = %order.mandant,
                    bewirtschafter = %order.bewirtschafter,
                    status = reply.status(),
                    rc = reply.rc(),
                    kassenzeichen = kassenzeichen.map(Kassenzeichen::as_str),
                    ergebnistext = reply.ergebnistext(),
                    "the Konnektor answered"
                );
                opened
            }
            Err(failure) => {
                tracing::warn!(
                    call = "buchungslisten",
                    nummer = %order.nummer,
                    mandant = %order.mandant,
                    bewirtschafter = %order.bewirtschafter,
                    why = failure.why(),
                    "the Konnektor did not answer"
                );
                match failure {
                    Failure::NotReached(_) => Opened::Refused(failure.refusal()),
                    Failure::Lost(why) => Opened::Unclear(why),
                }
            }
        }
    }

    async fn ask(&self, question: &Question, _calls: &Calls) -> Answer {
        let Some(kassenzeichen) = &question.kassenzeichen else {
            return Answer::None(
                "the Konnektor is asked by Kassenzeichen, and it is not known yet".to_owned(),
            );
        };
        let rest = format!("kassenzeichen/{kassenzeichen}");
        match self.get(&question.mandant, &question.bewirtschafter, &rest).await {
            Ok(reply) => reply.asked(kassenzeichen, &self.config),
            Err(Failure::NotReached(why) | Failure::Lost(why)) => Answer::None(why),
        }
    }

    async fn alive(&self, mandant: &Mandant, bewirtschafter: &Bewirtschafter) -> Result<(), Refusal> {
        let reply = self.get(mandant, bewirtschafter, "status").await;
        reply.map_err(Failure::refusal)?.good().map(|_| ())
    }

    async fn methods(
        &self,
        mandant: &Mandant,
        bewirtschafter: &Bewirtschafter,
    ) -> Result<Vec<OfferedMethod>, Refusal> {
        let reply = self.get(mandant, bewirtschafter, "zahlverfahren").await;
        reply.map_err(Failure::refusal)?.methods()
    }

    fn verify(&self, raw: &RawCallback, now: Timestamp) -> Result<Verified, CallbackError> {
        self.verifier.verify(raw, now)
    }

    fn proof(&self) -> ProofTable {
        ProofTable::Konnektor
    }

    fn default_zvp(&self) -> &str {
        &self.config.zvp
    }

    fn open_seconds(&self) -> i64 {
        // Whole seconds upwards, and one for all that is not the call.
        i64::try_from(self.timeouts.open.as_secs() + 1).unwrap_or(i64::MAX)
    }

    fn ask_seconds(&self) -> i64 {
        i64::try_from(self.timeouts.ask.as_secs() + 1).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
