//! The port, over HTTP. One call is one request and one log line. Whether a payment may exist is decided by how far a
//! call came ([`Failure`]): where nothing was sent it is a refusal; after that, anything but a clear answer leaves it
//! open, and only a look under our own number finds out – where the service offers one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, header};
use tokio::time::timeout;

use super::answer::{Found, Placed, Reply, Transaction};
use super::auth::{Login, NoToken};
use super::config::{Version, XbezahldiensteConfig};
use super::wire::payment_request;
use crate::app::ports::{
    Answer, CallNote, CallbackError, Calls, Clock, Fault, OfferedMethod, OpenOrder, Opened, Provider,
    Question, RawCallback, Refusal,
};
use crate::domain::case::Way;
use crate::domain::ids::{Bewirtschafter, Mandant, RemoteId};
use crate::domain::proof::ProofTable;
use crate::domain::time::Timestamp;
use crate::domain::told::{Verified, Word};
use crate::provider::http::{self, Failure, HttpError};
use crate::provider::signature::Problem;

/// How the service is called in messages.
const WHO: &str = "the payment service";

/// Why a service cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum XbezahldiensteError {
    /// Settings that are wrong, with their paths.
    #[error("{}", .0.iter().map(|(path, text)| format!("{path} {text}")).collect::<Vec<_>>().join("; "))]
    Config(Vec<Problem>),
    /// Certificates, keys, or the HTTP client.
    #[error(transparent)]
    Http(#[from] HttpError),
}

/// An XBezahldienste service.
pub struct Xbezahldienste {
    opens: Client,
    asks: Client,
    base: String,
    login: Login,
    clock: Arc<dyn Clock>,
    config: XbezahldiensteConfig,
    open_limit: Duration,
    ask_limit: Duration,
}

/// A call that brought no answer of the service.
enum Trouble {
    /// There was no token to call with: nothing was sent.
    Token(NoToken),
    /// The call failed.
    Call(Failure),
}

impl Trouble {
    fn why(&self) -> &str {
        match self {
            Self::Token(NoToken::Refused(why) | NoToken::NoAnswer(why)) => why,
            Self::Call(failure) => failure.why(),
        }
    }

    fn refusal(self) -> Refusal {
        match self {
            Self::Token(no_token) => no_token.refusal(),
            Self::Call(failure) => failure.refusal(WHO),
        }
    }
}

impl Xbezahldienste {
    /// Checks the settings, reads certificates, and makes the clients. Connects to nothing.
    ///
    /// # Errors
    /// [`XbezahldiensteError`] names the setting or the file that is wrong.
    pub fn new(config: XbezahldiensteConfig, clock: Arc<dyn Clock>) -> Result<Self, XbezahldiensteError> {
        let limits = config.common().timeouts();
        Self::with_limits(config, clock, limits.open, limits.ask)
    }

    /// As [`Xbezahldienste::new`], with limits of any fineness.
    ///
    /// # Errors
    /// As [`Xbezahldienste::new`].
    pub fn with_limits(
        config: XbezahldiensteConfig,
        clock: Arc<dyn Clock>,
        open_limit: Duration,
        ask_limit: Duration,
    ) -> Result<Self, XbezahldiensteError> {
        let problems = config.validate();
        if !problems.is_empty() {
            return Err(XbezahldiensteError::Config(problems));
        }
        let connections = config.connections();
        Ok(Self {
            opens: connections.client(Policy::none())?,
            asks: connections.client(http::same_origin())?,
            base: config.base_url.as_str().trim_end_matches('/').to_owned(),
            login: Login::new(&config.auth, Arc::clone(&clock)),
            clock,
            config,
            open_limit,
            ask_limit,
        })
    }

    /// One request with the login, sent again once where a token was taken back, and its log line. `sent` becomes true
    /// just before anything goes to the service itself.
    async fn call(
        &self,
        call: &'static str,
        id: Option<&str>,
        sent: &AtomicBool,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<Reply, Trouble> {
        let mut result = self.once(sent, &request).await;
        if let Ok((reply, header)) = &result
            // The standard declares no 401, so a service may say 403 to a token that ran out.
            && matches!(reply.status(), 401 | 403)
            && self.login.forget(header.as_ref()).await
        {
            tracing::info!(call, "the token was not taken; a new one is fetched");
            result = self.once(sent, &request).await;
        }
        let result = result.map(|(reply, _)| reply);
        match &result {
            Ok(reply) => tracing::info!(
                call,
                id,
                status = reply.status(),
                code = reply.code(),
                "the payment service answered"
            ),
            Err(trouble) => tracing::warn!(
                call,
                id,
                why = trouble.why(),
                "the payment service did not answer"
            ),
        }
        result
    }

    async fn once(
        &self,
        sent: &AtomicBool,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<(Reply, Option<header::HeaderValue>), Trouble> {
        let login = self.login.header(&self.opens).await.map_err(Trouble::Token)?;
        let mut request = request().header(header::ACCEPT, "application/json, application/problem+json");
        if let Some(login) = &login {
            request = request.header(header::AUTHORIZATION, login.clone());
        }
        if self.config.says_version() {
            request = request.header("x-xbezahldienste-version", "1.2.0");
        }
        sent.store(true, Ordering::Relaxed);
        let raw = http::call(request).await.map_err(Trouble::Call)?;
        Ok((Reply::new(&raw), login))
    }

    /// One GET, within the time for a question.
    async fn get(&self, call: &'static str, path: &str, id: Option<&str>) -> Result<Reply, Trouble> {
        let sent = AtomicBool::new(false);
        let address = format!("{}/{path}", self.base);
        let asked = self.call(call, id, &sent, || self.asks.get(&address));
        timeout(self.ask_limit, asked)
            .await
            .unwrap_or_else(|_| Err(Trouble::Call(too_late(self.ask_limit))))
    }

    /// The path of a payment, or of all of them.
    fn transactions(&self, mandant: &Mandant, bewirtschafter: &Bewirtschafter) -> String {
        let (originator, end_point) = self.config.ids(mandant, bewirtschafter);
        format!("paymenttransaction/{originator}/{end_point}")
    }

    async fn place(&self, order: &OpenOrder) -> Result<Placed, Refusal> {
        let body = payment_request(order, self.clock.now(), &self.config).inspect_err(|refusal| {
            tracing::error!(call = "initiatePaymentTransaction", nummer = %order.nummer, why = refusal.text, "nothing was sent");
        })?;
        let sent = AtomicBool::new(false);
        let path = self.transactions(&order.mandant, &order.bewirtschafter);
        let address = format!("{}/{path}", self.base);
        let placed = self.call(
            "initiatePaymentTransaction",
            Some(order.nummer.as_str()),
            &sent,
            || self.opens.post(&address).json(&body),
        );
        match timeout(self.open_limit, placed).await {
            Ok(Ok(reply)) => Ok(match reply.placed() {
                Placed::Refused(refusal) => Placed::Refused(without_their_words(refusal, order)),
                placed => placed,
            }),
            Ok(Err(Trouble::Call(Failure::Lost(why)))) => Ok(Placed::Unclear(why)),
            Ok(Err(trouble)) => Err(trouble.refusal()),
            Err(_) if sent.load(Ordering::Relaxed) => {
                Ok(Placed::Unclear(too_late(self.open_limit).why().to_owned()))
            }
            Err(_) => {
                Err(NoToken::NoAnswer("the token endpoint did not answer in time".to_owned()).refusal())
            }
        }
    }

    /// Looks for our own number.
    async fn look(&self, order: &OpenOrder) -> Found {
        let nummer = &order.nummer;
        let path = self.transactions(&order.mandant, &order.bewirtschafter);
        match self
            .get(
                "getPaymentTransaction",
                &format!("{path}/{nummer}"),
                Some(nummer.as_str()),
            )
            .await
        {
            Ok(reply) => reply.found(nummer),
            Err(trouble) => Found::Unclear(trouble.why().to_owned()),
        }
    }

    /// What became of an order that was sent.
    async fn placed(&self, order: &OpenOrder, placed: Result<Placed, Refusal>, calls: &Calls) -> Opened {
        match placed {
            Err(refusal) | Ok(Placed::Refused(refusal)) => Opened::Refused(refusal),
            Ok(Placed::There(transaction)) => {
                if self.config.transaction_id_is_request_id
                    && transaction.id.as_str() != order.nummer.as_str()
                {
                    tracing::error!(nummer = %order.nummer, transaction = %transaction.id, alert = true,
                        "transaction_id_is_request_id = true, but the service gives an id of its own: set it to false");
                }
                note(calls, &transaction);
                match transaction {
                    Transaction {
                        id, page: Some(page), ..
                    } => open(id, page),
                    _ => self.unclear("accepted, but without a transactionRedirectUrl".to_owned()),
                }
            }
            Ok(Placed::Exists) if self.config.transaction_id_is_request_id => {
                let found = self.look(order).await;
                self.found(order, found, calls).unwrap_or_else(|| {
                    Opened::Unclear("PAYMENT_EXISTS, but our number is not found".to_owned())
                })
            }
            Ok(Placed::Exists) => Opened::AlreadyUsed,
            Ok(Placed::Unclear(why)) => self.unclear(why),
        }
    }

    /// What follows from a look for our number; none where the service does not know it.
    fn found(&self, order: &OpenOrder, found: Found, calls: &Calls) -> Option<Opened> {
        let transaction = match found {
            Found::There(transaction) => transaction,
            Found::Nothing => return None,
            Found::Unclear(why) => return Some(Opened::Unclear(why)),
        };
        note(calls, &transaction);
        Some(match (transaction.word, transaction.page) {
            (Word::Interim, Some(page)) => open(transaction.id, page),
            // What is paid has no page any more; whoever comes goes straight back, and the answer is booked.
            (Word::Success, _) => open(transaction.id, order.return_url.clone()),
            // It is over, and its page reached nobody.
            (Word::Failed | Word::Canceled, _) => Opened::AlreadyUsed,
            _ => self.unclear("it is there, but has no transactionRedirectUrl".to_owned()),
        })
    }

    fn unclear(&self, why: String) -> Opened {
        if self.config.transaction_id_is_request_id {
            Opened::Unclear(why)
        } else {
            Opened::Unknowable(format!(
                "{why}; this service offers no look under our number (transaction_id_is_request_id = false)"
            ))
        }
    }
}

fn open(remote: RemoteId, page: String) -> Opened {
    Opened::Open {
        kassenzeichen: None,
        remote: Some(remote),
        way: Way::Paypage(page),
    }
}

fn note(calls: &Calls, transaction: &Transaction) {
    calls.note(CallNote {
        operation: "initiatePaymentTransaction",
        code: None,
        reference: Some(transaction.id.to_string()),
    });
}

fn too_late(limit: Duration) -> Failure {
    Failure::Lost(format!("no answer within {limit:?}"))
}

/// What this kind of provider cannot do; nothing was sent.
fn cannot(order: &OpenOrder) -> Option<Refusal> {
    let text = if order.flow.by_transfer() {
        "XBezahldienste knows payments on a page alone, but the route's flow is a transfer"
    } else if order.kassenzeichen.is_some() {
        "XBezahldienste gives the Kassenzeichen itself, but the route takes it from a pool of ours"
    } else {
        return None;
    };
    Some(Refusal {
        fault: Fault::Configuration,
        code: "not-sent".to_owned(),
        text: text.to_owned(),
    })
}

/// A service's own words help an operator; where they repeat what the portal or the payer wrote, they are left out: a
/// refusal is logged.
fn without_their_words(mut refusal: Refusal, order: &OpenOrder) -> Refusal {
    let Some((ours, said)) = refusal.text.split_once(" («") else {
        return refusal;
    };
    let said = said.to_lowercase();
    // A short word of a text may be anybody's; a short name is somebody's.
    let repeats = |text: &str, shortest: usize| {
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        words.any(|word| word.chars().count() >= shortest && said.contains(&word.to_lowercase()))
    };
    let names = [Some(&order.payer_name), order.payer_first_name.as_ref()];
    let mut texts = order
        .lines
        .iter()
        .map(|line| &line.text)
        .chain([&order.description]);
    if names.into_iter().flatten().any(|name| repeats(name, 2)) || texts.any(|text| repeats(text, 4)) {
        refusal.text.truncate(ours.len());
    }
    refusal
}

#[async_trait]
impl Provider for Xbezahldienste {
    async fn open(&self, order: &OpenOrder, calls: &Calls) -> Opened {
        if let Some(refusal) = cannot(order) {
            return Opened::Refused(refusal);
        }
        let placed = self.place(order).await;
        self.placed(order, placed, calls).await
    }

    async fn reopen(&self, order: &OpenOrder, calls: &Calls) -> Opened {
        if !self.config.transaction_id_is_request_id {
            return self.unclear("the answer to an earlier call was lost".to_owned());
        }
        let found = self.look(order).await;
        match self.found(order, found, calls) {
            Some(opened) => opened,
            // The earlier call did not arrive: the same number again.
            None => self.open(order, calls).await,
        }
    }

    async fn ask(&self, question: &Question, _calls: &Calls) -> Answer {
        let ours = || RemoteId::parse(question.nummer.as_str()).ok();
        let by_number = self.config.transaction_id_is_request_id.then(ours).flatten();
        let Some(id) = question.remote.clone().or(by_number) else {
            return Answer::None("its transactionId is not known".to_owned());
        };
        let path = self.transactions(&question.mandant, &question.bewirtschafter);
        let reply = self
            .get(
                "getPaymentTransaction",
                &format!("{path}/{id}"),
                Some(id.as_str()),
            )
            .await;
        match reply {
            Ok(reply) => reply.asked(&id, question, &self.config),
            Err(Trouble::Token(NoToken::Refused(why))) => Answer::Refused(NoToken::Refused(why).refusal()),
            Err(trouble) => Answer::None(trouble.why().to_owned()),
        }
    }

    async fn alive(&self, mandant: &Mandant, bewirtschafter: &Bewirtschafter) -> Result<(), Refusal> {
        if !self.config.status_operation {
            return Ok(());
        }
        let (originator, end_point) = self.config.ids(mandant, bewirtschafter);
        self.get(
            "getStatusByIds",
            &format!("status/{originator}/{end_point}"),
            None,
        )
        .await
        .map_err(Trouble::refusal)?
        .healthy()
    }

    async fn methods(
        &self,
        mandant: &Mandant,
        bewirtschafter: &Bewirtschafter,
    ) -> Result<Vec<OfferedMethod>, Refusal> {
        if self.config.version < Version::V120 {
            return Ok(Vec::new());
        }
        let (originator, end_point) = self.config.ids(mandant, bewirtschafter);
        self.get(
            "getPaymentMethodsAvailability",
            &format!("payment-methods/{originator}/{end_point}"),
            None,
        )
        .await
        .map_err(Trouble::refusal)?
        .methods(&self.config)
    }

    fn verify(&self, _raw: &RawCallback, _now: Timestamp) -> Result<Verified, CallbackError> {
        Err(CallbackError::Unreadable(
            "this provider sends no callbacks".to_owned(),
        ))
    }

    fn proof(&self) -> ProofTable {
        ProofTable::Xbezahldienste
    }

    fn default_zvp(&self) -> &str {
        &self.config.zvp
    }

    fn open_seconds(&self) -> i64 {
        // A look, the request, and another look where it turns out to exist; whole seconds upwards, and one for the rest.
        let longest = self.open_limit + self.ask_limit * 2;
        i64::try_from(longest.as_secs() + 1).unwrap_or(i64::MAX)
    }

    fn ask_seconds(&self) -> i64 {
        i64::try_from(self.ask_limit.as_secs() + 1).unwrap_or(i64::MAX)
    }
}
