//! The port, over SOAP. One call is one request, one note and one log line; nothing is tried again here but what the
//! server says it does not know.
//!
//! Whether a payment may exist is decided by how far the one creating call came: before its connection stood nothing was
//! sent; after that, anything but a clear answer is unclear. Where nothing can be asked then, it is unknowable, and
//! nothing is sent again.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use reqwest::redirect::Policy;
use reqwest::{Client, header};
use tokio::time::Instant;

use super::answer::{Answered, Ergebnis, Reply, Verdict};
use super::config::{Problem, SoapConfig};
use super::envelope::Request;
use super::requests;
use super::xml::{MOST_ELEMENTS, MOST_IN_LIST};
use crate::app::ports::{
    Answer, CallNote, CallbackError, Calls, OfferedMethod, OpenOrder, Opened, Provider, Question,
    RawCallback, Refusal, Unread,
};
use crate::domain::case::TransferTo;
use crate::domain::ids::{Bewirtschafter, Mandant};
use crate::domain::proof::ProofTable;
use crate::domain::time::Timestamp;
use crate::domain::told::Verified;
use crate::provider::http::{self, Failure, HttpError, Timeouts, no_answer};

/// Why a SOAP service cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SoapError {
    /// Settings that are wrong, with their paths.
    #[error("{}", .0.iter().map(|(path, text)| format!("{path} {text}")).collect::<Vec<_>>().join("; "))]
    Config(Vec<Problem>),
    /// Certificates, keys, or the HTTP client.
    #[error(transparent)]
    Http(#[from] HttpError),
}

/// The longest list of unread receipts that is read, in bytes.
const LONGEST_LIST: usize = 16 * 1024 * 1024;

/// The SOAP service of an ePayBL server.
#[derive(Debug)]
pub struct Soap {
    http: Client,
    pub(super) config: SoapConfig,
    pub(super) timeouts: Timeouts,
    /// Mandanten whose server was found not to know `MitBLP`. As many as are configured.
    without_blp: Mutex<HashSet<Mandant>>,
    /// The accounts of Bewirtschafter, and when they were read. As many as are configured.
    pub(super) accounts: Mutex<HashMap<(Mandant, Bewirtschafter), (Instant, TransferTo)>>,
}

/// What a call came to, with its Ergebnis.
#[derive(Debug)]
pub(super) enum Said {
    /// It was answered, and this is what it amounts to.
    Answered(Answered, Verdict),
    /// The server does not know the operation: nothing was done.
    NoSuchMethod(&'static str),
    /// Nothing was sent, or by the meaning of HTTP nothing was carried out.
    Refused(Refusal),
    /// Nobody knows.
    Lost(String),
}

/// Until when a series of calls must be done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    #[expect(
        clippy::disallowed_methods,
        reason = "a stopwatch over several calls, no date"
    )]
    pub(super) fn after(duration: Duration) -> Self {
        Self(Instant::now() + duration)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a stopwatch over several calls, no date"
    )]
    pub(super) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

impl Soap {
    /// Checks the settings, reads certificates, and makes the client. Connects to nothing.
    ///
    /// # Errors
    /// [`SoapError`] names the setting or the file that is wrong.
    pub fn new(config: SoapConfig) -> Result<Self, SoapError> {
        let timeouts = config.common().timeouts();
        Self::with_timeouts(config, timeouts)
    }

    /// As [`Soap::new`], with timeouts of any fineness.
    ///
    /// # Errors
    /// As [`Soap::new`].
    pub fn with_timeouts(config: SoapConfig, timeouts: Timeouts) -> Result<Self, SoapError> {
        let problems = config.validate();
        if !problems.is_empty() {
            return Err(SoapError::Config(problems));
        }
        Ok(Self {
            http: config.connections(timeouts.connect).client(Policy::none())?,
            config,
            timeouts,
            without_blp: Mutex::default(),
            accounts: Mutex::default(),
        })
    }

    pub(super) fn knows_no_blp(&self, mandant: &Mandant) -> bool {
        let known = self.without_blp.lock().unwrap_or_else(PoisonError::into_inner);
        known.contains(mandant)
    }

    pub(super) fn remember_no_blp(&self, mandant: &Mandant) {
        tracing::info!(%mandant, "the service knows no MitBLP; from now on it is called without");
        let mut known = self.without_blp.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(mandant.clone());
    }

    /// One call, its note and its log line. Takes at most `within`.
    pub(super) async fn call(
        &self,
        request: Request,
        mandant: &Mandant,
        within: Duration,
        calls: &Calls,
    ) -> Said {
        let operation = request.operation;
        let sent = self
            .http
            .post(self.config.url.clone())
            .timeout(within)
            .header(header::CONTENT_TYPE, "text/xml; charset=utf-8")
            .header(header::ACCEPT, "text/xml")
            .header("SOAPAction", request.action())
            .body(request.envelope);
        // A Mandant whose list was never read may have years of receipts on it.
        let (longest, most) = if operation == requests::UNREAD {
            (LONGEST_LIST, MOST_IN_LIST)
        } else {
            (http::LONGEST_ANSWER, MOST_ELEMENTS)
        };
        let reply = match http::call_up_to(sent, longest).await {
            Ok(raw) => (raw.status, Reply::read(&raw, most)),
            Err(failure) => {
                tracing::warn!(operation, %mandant, why = failure.why(), "the SOAP service did not answer");
                return match failure {
                    Failure::NotReached(_) => Said::Refused(failure.refusal("the SOAP service")),
                    Failure::Lost(why) => Said::Lost(why),
                };
            }
        };
        let (status, reply) = reply;
        let (said, ergebnis) = match reply {
            Reply::Result(answered) => {
                let ergebnis = answered.ergebnis();
                let verdict = ergebnis.verdict();
                (Said::Answered(answered, verdict), ergebnis)
            }
            Reply::NoSuchMethod => (Said::NoSuchMethod(operation), Ergebnis::default()),
            Reply::Refused(refusal) => (Said::Refused(refusal), Ergebnis::default()),
            Reply::Nothing(why) => (Said::Lost(why), Ergebnis::default()),
        };
        tracing::info!(
            operation,
            %mandant,
            status,
            code = ergebnis.code.as_deref(),
            epayment_id = ergebnis.id.as_deref(),
            words = ergebnis.words_for_logs(),
            why = said.why(),
            "the SOAP service answered"
        );
        calls.note(CallNote {
            operation,
            code: ergebnis.code,
            reference: ergebnis.id,
        });
        said
    }
}

impl Said {
    /// What was wrong, where it is no answer.
    fn why(&self) -> Option<&str> {
        match self {
            Self::Answered(_, Verdict::Unclear(why)) | Self::Lost(why) => Some(why),
            Self::NoSuchMethod(_) => Some("the service does not know this operation"),
            Self::Answered(..) | Self::Refused(_) => None,
        }
    }

    /// As an answer to a call that creates nothing: done, or a refusal.
    pub(super) fn done(self) -> Result<Answered, Refusal> {
        match self {
            Self::Answered(answered, Verdict::Done) => Ok(answered),
            Self::Answered(_, Verdict::Refused(refusal)) | Self::Refused(refusal) => Err(refusal),
            Self::Answered(_, verdict) => Err(no_answer(verdict.why())),
            Self::Lost(why) => Err(no_answer(why)),
            Self::NoSuchMethod(operation) => Err(no_answer(format!("the service does not know {operation}"))),
        }
    }
}

/// Whole seconds upwards, and one for all that is not the call.
fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs() + 1).unwrap_or(i64::MAX)
}

#[async_trait]
impl Provider for Soap {
    async fn open(&self, order: &OpenOrder, calls: &Calls) -> Opened {
        let deadline = Deadline::after(self.timeouts.open);
        self.open_within(order, &self.config.profile(&order.mandant), deadline, calls)
            .await
    }

    async fn reopen(&self, order: &OpenOrder, calls: &Calls) -> Opened {
        let deadline = Deadline::after(self.timeouts.open);
        self.reopen_within(order, &self.config.profile(&order.mandant), deadline, calls)
            .await
    }

    async fn ask(&self, question: &Question, calls: &Calls) -> Answer {
        self.ask_info(question, calls).await
    }

    async fn unread(&self, mandant: &Mandant, calls: &Calls) -> Result<Option<Unread>, Refusal> {
        self.list_unread(mandant, calls).await.map(Some)
    }

    async fn confirm_read(&self, mandant: &Mandant, id: &str, calls: &Calls) -> Result<(), Refusal> {
        let request = requests::bestaetigen(mandant, id);
        let said = self.call(request, mandant, self.timeouts.ask, calls).await;
        said.done().map(|_| ())
    }

    async fn alive(&self, mandant: &Mandant, _bewirtschafter: &Bewirtschafter) -> Result<(), Refusal> {
        let request = requests::is_alive(mandant);
        let said = self
            .call(request, mandant, self.timeouts.ask, &Calls::default())
            .await;
        said.done().map(|_| ())
    }

    /// SOAP has no operation for it: an empty list, which means that nobody knows.
    async fn methods(
        &self,
        _mandant: &Mandant,
        _bewirtschafter: &Bewirtschafter,
    ) -> Result<Vec<OfferedMethod>, Refusal> {
        Ok(Vec::new())
    }

    fn verify(&self, _raw: &RawCallback, _now: Timestamp) -> Result<Verified, CallbackError> {
        Err(CallbackError::Unreadable(
            "ePayBL's SOAP service sends no callbacks".to_owned(),
        ))
    }

    fn proof(&self) -> ProofTable {
        self.config.proof.table()
    }

    fn default_zvp(&self) -> &str {
        &self.config.zvp
    }

    fn open_seconds(&self) -> i64 {
        seconds(self.timeouts.open)
    }

    fn ask_seconds(&self) -> i64 {
        // Without a Kassenzeichen it is looked up first.
        seconds(self.timeouts.ask * 2)
    }
}
