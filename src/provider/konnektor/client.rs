//! The port, over HTTP. One call is one request and one log line; nothing is tried again here, since only the use
//! cases know what may be repeated.
//!
//! Whether a payment may exist is decided by how far a call came ([`Failure`]): where nothing was sent it is a refusal;
//! after that, anything but a clear answer is unclear.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, header};

use super::answer::Reply;
use super::config::KonnektorConfig;
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
use crate::provider::http::{self, Failure, HttpError, Timeouts};
use crate::provider::signature::{Problem, SecretError, Verifier};

/// Why a Konnektor cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum KonnektorError {
    /// Settings that are wrong, with their paths.
    #[error("{}", .0.iter().map(|(path, text)| format!("{path} {text}")).collect::<Vec<_>>().join("; "))]
    Config(Vec<Problem>),
    /// Certificates, keys, or the HTTP client.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Callback secrets.
    #[error(transparent)]
    Secrets(#[from] SecretError),
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

impl Konnektor {
    /// Checks the settings, reads certificates and secrets, and makes the clients. Connects to nothing.
    ///
    /// # Errors
    /// [`KonnektorError`] names the setting or the file that is wrong.
    pub fn new(config: KonnektorConfig) -> Result<Self, KonnektorError> {
        let timeouts = config.common().timeouts();
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
        let connections = config.connections(timeouts.connect);
        Ok(Self {
            opens: connections.client(Policy::none())?,
            asks: connections.client(http::same_origin())?,
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

/// One request, and its answer read.
async fn call(request: RequestBuilder) -> Result<Reply, Failure> {
    let answer = http::call(request.header(header::ACCEPT, "application/json")).await?;
    Ok(Reply::new(answer.status, &answer.body))
}

fn refusal(failure: Failure) -> Refusal {
    failure.refusal("the Konnektor")
}

/// Whole seconds upwards, and one for all that is not the call.
fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs() + 1).unwrap_or(i64::MAX)
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
                    Failure::NotReached(_) => Opened::Refused(refusal(failure)),
                    Failure::Lost(why) => Opened::Unclear(why),
                }
            }
        }
    }

    /// The same number again. A no without a result code is not ePayBL's: nothing was sent, or the door stayed shut, and
    /// neither says anything of the earlier call.
    async fn reopen(&self, order: &OpenOrder, calls: &Calls) -> Opened {
        match self.open(order, calls).await {
            Opened::Refused(refusal) if !refusal.code.starts_with('-') => Opened::Unclear(refusal.text),
            opened => opened,
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
        reply.map_err(refusal)?.good().map(|_| ())
    }

    async fn methods(
        &self,
        mandant: &Mandant,
        bewirtschafter: &Bewirtschafter,
    ) -> Result<Vec<OfferedMethod>, Refusal> {
        let reply = self.get(mandant, bewirtschafter, "zahlverfahren").await;
        reply.map_err(refusal)?.methods()
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
        seconds(self.timeouts.open)
    }

    fn ask_seconds(&self) -> i64 {
        seconds(self.timeouts.ask)
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
