//! A portal asks for a payment. The intention is committed, then the provider is called in a task of its own, so that a
//! portal that hangs up does not cut it; the portal waits a bounded time for the outcome.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ports::{
    CommitError, Fault, OpenLine, OpenOrder, Opened, Provider, ReadError, Refusal, Scope, Snapshot, Urgency,
};
use super::read_payment::PaymentView;
use super::{App, ChangeError};
use crate::domain::case::{Attempt, Payment, PortalAnswer, Standing};
use crate::domain::decide::{
    self, Accepted, NewPayment, NextStep, Outcome, accept, begin_call, kassenzeichen_key, next_step, opened,
    request_key,
};
use crate::domain::ids::{AttemptId, CaseId, ClientId, PaymentId, RequestId, RouteKey};
use crate::domain::money::Cents;
use crate::domain::order::{Order, OrderError, Payer};
use crate::domain::tenant::{Granularity, Route, Versioned};
use crate::domain::time::{Timestamp, berlin_noon};

/// The free text of a payment, the payer and the way back: personal data, encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentTexts {
    /// The portal's text for the statement.
    pub purpose: Option<String>,
    /// The portal's text for the paypage.
    pub description: Option<String>,
    /// Who pays.
    pub payer: Option<Payer>,
    /// Where the browser goes afterwards, unchanged.
    pub redirect_url: String,
    /// The items as they came.
    pub items: Vec<crate::domain::order::OrderItem>,
}

/// Why a portal gets no payment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// No such route, or it is closed.
    #[error("no route has these ids")]
    NoRoute,
    /// The request does not fit its route.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// The requestId is used.
    #[error("a payment was already requested with requestId {0}")]
    Exists(RequestId),
    /// The provider said no, and the caller can mend it.
    #[error("{text} ({code})")]
    Refused {
        /// The provider's code.
        code: String,
        /// What it means.
        text: String,
    },
    /// Our or the provider's configuration; operators are told.
    #[error("the payment service is not available for this route at the moment")]
    Configuration,
    /// The queue is full.
    #[error("too many requests at once")]
    Busy,
    /// The database does not answer.
    #[error("the payment service is not available at the moment: {0}")]
    Unavailable(String),
}

impl From<ReadError> for OpenError {
    fn from(error: ReadError) -> Self {
        tracing::error!(%error, "a payment could not be read");
        Self::Unavailable("the store cannot be read".to_owned())
    }
}

impl From<CommitError> for OpenError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Busy => Self::Busy,
            error => {
                tracing::error!(%error, "a payment could not be stored");
                Self::Unavailable("the store does not take it".to_owned())
            }
        }
    }
}

impl From<ChangeError> for OpenError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Commit(error) => error.into(),
            ChangeError::Read(error) => error.into(),
            error => {
                tracing::error!(%error, "a payment could not be changed");
                Self::Unavailable("the payment cannot be changed".to_owned())
            }
        }
    }
}

/// What became of the call, for the portal.
type CallResult = Result<(), Refusal>;

impl App {
    /// Opens a payment for a client on one of its routes, or goes on with one whose outcome is unclear.
    ///
    /// # Errors
    /// [`OpenError`]; after an error the requestId is free again, unless it is [`OpenError::Exists`].
    pub async fn open_payment(
        self: &Arc<Self>,
        client: &ClientId,
        key: &RouteKey,
        order: Order,
        body: &[u8],
    ) -> Result<PaymentView, OpenError> {
        let route = self.route(key).await?.ok_or(OpenError::NoRoute)?;
        let Some(provider) = self.provider(&route.value.provider).cloned() else {
            tracing::error!(route = %key, provider = %route.value.provider, "the route's provider is not configured");
            return Err(OpenError::Configuration);
        };
        let fingerprint = self.vault.fingerprint(body);
        for _ in 0..super::MOST_ROUNDS {
            if let Some(existing) = self.existing(key, &order.request_id).await? {
                return self
                    .go_on(existing, &order.request_id, &fingerprint, &provider)
                    .await;
            }
            match self
                .accept(client, &route, &order, &fingerprint, &*provider)
                .await
            {
                Ok((case, payment, attempt)) => {
                    tracing::info!(%case, %payment, %attempt, route = %key, request = %order.request_id,
                        amount = %order.total, "payment accepted");
                    metrics::counter!("epaybl_payments_total", "outcome" => "accepted").increment(1);
                    let called = self.spawn_call(provider, case, attempt);
                    return self.await_call(case, payment, called).await;
                }
                // A twin was faster, or the case has changed: look again.
                Err(OpenFailure::Conflict) => {}
                Err(OpenFailure::Error(error)) => return Err(error),
            }
        }
        Err(OpenError::Busy)
    }

    /// The newest version of a route that is open.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn route(&self, key: &RouteKey) -> Result<Option<Arc<Versioned<Route>>>, ReadError> {
        let Some(object) = self
            .store
            .tenant("route", &key.to_string())
            .await?
            .filter(|object| !object.closed)
        else {
            return Ok(None);
        };
        let value: Route = read_body(&object)?;
        let ledger = object
            .ledger
            .clone()
            .ok_or_else(|| broken(&object, "has no ledger"))?;
        Ok(Some(Arc::new(Versioned {
            version: object.version,
            ledger,
            value,
        })))
    }

    async fn existing(
        &self,
        route: &RouteKey,
        request: &RequestId,
    ) -> Result<Option<(CaseId, PaymentId)>, OpenError> {
        let key = request_key(route, request.as_str(), PaymentId(uuid::Uuid::nil()));
        let Some(subject) = self.store.once(&key.scope, &key.key).await? else {
            return Ok(None);
        };
        let payment: PaymentId = subject
            .parse()
            .map_err(|_| OpenError::Unavailable("the store has a key that leads nowhere".to_owned()))?;
        let case = self.store.case_of_payment(&Scope::Program, payment).await?;
        Ok(case.map(|case| (case, payment)))
    }

    /// The requestId is used: the same body goes on while the outcome is unclear; everything else is a second payment.
    async fn go_on(
        self: &Arc<Self>,
        (case, payment): (CaseId, PaymentId),
        request: &RequestId,
        fingerprint: &[u8],
        provider: &Arc<dyn Provider>,
    ) -> Result<PaymentView, OpenError> {
        let snapshot = self.store.case(&Scope::Program, case).await?;
        let of = snapshot
            .as_ref()
            .and_then(|snapshot| snapshot.case.payment(payment));
        let unclear = of
            .filter(|of| of.fingerprint == fingerprint && of.is_under_way())
            .and_then(|of| {
                let current = of.current();
                matches!(current.standing, Standing::Unclear { .. }).then_some(current.id)
            });
        let Some(attempt) = unclear else {
            return Err(OpenError::Exists(request.clone()));
        };
        tracing::info!(%case, %payment, %attempt, "the portal asks again while the outcome is unclear");
        let called = self.spawn_again(Arc::clone(provider), case, attempt);
        self.await_call(case, payment, called).await
    }

    async fn accept(
        &self,
        client: &ClientId,
        route: &Arc<Versioned<Route>>,
        order: &Order,
        fingerprint: &[u8],
        provider: &dyn Provider,
    ) -> Result<(CaseId, PaymentId, AttemptId), OpenFailure> {
        let case_key = order.case_key(&route.value.case_key).map_err(OpenError::from)?;
        let key = decide::case_key(&route.value.key(), &case_key, CaseId(uuid::Uuid::nil()));
        let existing = match self
            .store
            .once(&key.scope, &key.key)
            .await
            .map_err(OpenError::from)?
        {
            None => None,
            Some(subject) => {
                let id: CaseId = subject.parse().map_err(|_| {
                    OpenError::Unavailable("the store has a key that leads nowhere".to_owned())
                })?;
                self.store
                    .case(&Scope::Program, id)
                    .await
                    .map_err(OpenError::from)?
            }
        };
        let texts = PaymentTexts {
            purpose: order.purpose.clone(),
            description: order.description.clone(),
            payer: order.payer.clone(),
            redirect_url: order.redirect_url.clone(),
            items: order.items.clone(),
        };
        let authority = self
            .tenant_of("authority", route.value.authority.as_str())
            .await?;
        let kasse = self.tenant_of("kasse", route.ledger.as_str()).await?;
        let new = NewPayment {
            route: Arc::clone(route),
            kasse: Arc::new(read_body(&kasse).map_err(OpenError::from)?),
            authority: Arc::new(read_body(&authority).map_err(OpenError::from)?),
            client: client.clone(),
            fingerprint: fingerprint.to_vec(),
            personal: serde_json::to_vec(&texts).expect("plain values become JSON"),
            pay_token: self.ids.token(),
            callback_token: self.ids.token(),
            nummer: self.nummer(),
            call_until: self.call_until(provider),
        };
        let mut ctx = self.ctx(&route.ledger);
        let before = existing.as_ref().map(|snapshot| &snapshot.case);
        let Accepted {
            case,
            payment,
            attempt,
            change,
        } = accept(&mut ctx, before, order, new).map_err(OpenError::from)?;
        let wrapped = existing.as_ref().and_then(|snapshot| snapshot.key.as_deref());
        let sealed = self
            .seal(change, case.id, wrapped)
            .map_err(|error| OpenError::from(ChangeError::Vault(error)))?;
        match self.commit(sealed, Urgency::Interactive).await {
            Ok(()) => Ok((case.id, payment, attempt)),
            Err(CommitError::Conflict) => Err(OpenFailure::Conflict),
            Err(error) => Err(OpenFailure::Error(error.into())),
        }
    }

    async fn tenant_of(&self, kind: &'static str, id: &str) -> Result<super::ports::TenantObject, OpenError> {
        self.store.tenant(kind, id).await?.ok_or_else(|| {
            tracing::error!(kind, id, "a route names what is not there");
            OpenError::Configuration
        })
    }

    /// Calls the provider in a task of its own.
    fn spawn_call(
        self: &Arc<Self>,
        provider: Arc<dyn Provider>,
        case: CaseId,
        attempt: AttemptId,
    ) -> tokio::task::JoinHandle<CallResult> {
        let app = Arc::clone(self);
        self.tasks
            .spawn(async move { app.call(&*provider, case, attempt).await })
    }

    /// Sends the same number again, in a task of its own.
    fn spawn_again(
        self: &Arc<Self>,
        provider: Arc<dyn Provider>,
        case: CaseId,
        attempt: AttemptId,
    ) -> tokio::task::JoinHandle<CallResult> {
        let app = Arc::clone(self);
        self.tasks.spawn(async move {
            match app.send_again(&*provider, case, attempt, None).await {
                Ok(result) => result,
                Err(error) => {
                    tracing::warn!(%case, %attempt, %error, "could not send the number again");
                    Ok(())
                }
            }
        })
    }

    async fn await_call(
        &self,
        case: CaseId,
        payment: PaymentId,
        called: tokio::task::JoinHandle<CallResult>,
    ) -> Result<PaymentView, OpenError> {
        match tokio::time::timeout(self.settings.create_wait, called).await {
            Ok(Ok(Err(refusal))) => match refusal.fault {
                Fault::Caller => Err(OpenError::Refused {
                    code: refusal.code,
                    text: refusal.text,
                }),
                Fault::Configuration => Err(OpenError::Configuration),
            },
            // Open, unclear, still calling, or the task broke: an honest INITIAL, from what is stored.
            _ => {
                let snapshot = self.store.case(&Scope::Program, case).await?;
                let of = snapshot
                    .as_ref()
                    .and_then(|snapshot| snapshot.case.payment(payment));
                match of {
                    // Every number that we drew was used at the provider: nothing that a portal could mend.
                    Some(of) if matches!(of.answer, PortalAnswer::Refused { .. }) => {
                        Err(OpenError::Configuration)
                    }
                    Some(of) => Ok(PaymentView::of(of)),
                    None => Err(OpenError::Unavailable(
                        "the payment cannot be read back".to_owned(),
                    )),
                }
            }
        }
    }

    /// Marks the attempt as being called again, then calls. The case's revision and `lease` guard it.
    ///
    /// # Errors
    /// [`ChangeError`] where the mark could not be set; then nothing was called.
    pub(super) async fn send_again(
        &self,
        provider: &dyn Provider,
        case: CaseId,
        attempt: AttemptId,
        lease: Option<&crate::domain::change::Lease>,
    ) -> Result<CallResult, ChangeError> {
        let marked = self
            .change_case(case, Urgency::Interactive, lease, |snapshot, ctx| {
                let payment = snapshot.case.payment_of(attempt);
                let due = payment
                    .and_then(|payment| Some((payment, payment.attempt(attempt)?)))
                    .is_some_and(|(payment, of)| next_step(payment, of, ctx.now) == NextStep::SendAgain);
                if !due {
                    return (None, false);
                }
                let until = self.call_until(provider);
                (Some(begin_call(ctx, &snapshot.case, attempt, until)), true)
            })
            .await?;
        if !marked {
            return Ok(Ok(()));
        }
        Ok(self.call(provider, case, attempt).await)
    }

    /// Calls the provider for an attempt that is marked as being called, and commits what became of it. Where the number
    /// turns out to be used, the linked new attempt is called as well.
    async fn call(&self, provider: &dyn Provider, case: CaseId, attempt: AttemptId) -> CallResult {
        let mut attempt = attempt;
        loop {
            let outcome = match self.order(case, attempt).await {
                Ok(Some(order)) => provider.open(&order).await,
                Ok(None) => return Ok(()),
                Err(error) => {
                    tracing::error!(%case, %attempt, %error, "the call could not be prepared; it is tried again later");
                    return Ok(());
                }
            };
            let (outcome, refusal) = in_our_words(outcome);
            if let Some(refusal) = &refusal {
                let alert = refusal.fault == Fault::Configuration;
                tracing::warn!(%case, %attempt, code = refusal.code, text = refusal.text, alert, "the provider refused");
                metrics::counter!("epaybl_provider_refusals_total", "fault" =>
                    if alert { "configuration" } else { "caller" })
                .increment(1);
            }
            match self.keep_outcome(provider, case, attempt, &outcome).await {
                Ok(Some(next)) => {
                    tracing::warn!(%case, orphan = %attempt, attempt = %next, "the number was used: a new attempt");
                    attempt = next;
                }
                Ok(None) => return self.refused(case, attempt, refusal).await,
                Err(error) => {
                    tracing::error!(%case, %attempt, %error, "the outcome of a call could not be stored");
                    return Ok(());
                }
            }
        }
    }

    /// A provider's no is the portal's only where it became the payment's end: a success may have overtaken it.
    async fn refused(&self, case: CaseId, attempt: AttemptId, refusal: Option<Refusal>) -> CallResult {
        let Some(refusal) = refusal else { return Ok(()) };
        let snapshot = self.store.case(&Scope::Program, case).await;
        let refused = snapshot.ok().flatten().is_some_and(|snapshot| {
            let payment = snapshot.case.payment_of(attempt);
            payment.is_some_and(|payment| matches!(payment.answer, PortalAnswer::Refused { .. }))
        });
        if refused { Err(refusal) } else { Ok(()) }
    }

    /// Commits the outcome, with some patience where the database is away for a moment: without it the payer's page is
    /// lost, and another attempt has to take its place.
    async fn keep_outcome(
        &self,
        provider: &dyn Provider,
        case: CaseId,
        attempt: AttemptId,
        outcome: &Outcome,
    ) -> Result<Option<AttemptId>, ChangeError> {
        let mut pauses = [100, 400, 1_600].map(Duration::from_millis).into_iter();
        loop {
            let result = self.commit_outcome(provider, case, attempt, outcome).await;
            let away = matches!(
                result,
                Err(
                    ChangeError::Commit(CommitError::Unavailable(_) | CommitError::Busy)
                        | ChangeError::Read(ReadError::Unavailable(_))
                )
            );
            match pauses.next().filter(|_| away) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return result,
            }
        }
    }

    async fn commit_outcome(
        &self,
        provider: &dyn Provider,
        case: CaseId,
        attempt: AttemptId,
        outcome: &Outcome,
    ) -> Result<Option<AttemptId>, ChangeError> {
        for _ in 0..super::MOST_ROUNDS {
            let (snapshot, mut ctx) = self.begin(case).await?;
            let Some(of) = snapshot
                .case
                .payment_of(attempt)
                .and_then(|payment| payment.attempt(attempt))
            else {
                return Ok(None);
            };
            let owner = match outcome {
                Outcome::Open {
                    kassenzeichen: Some(kassenzeichen),
                    ..
                } => self.owner(&kassenzeichen_key(of, kassenzeichen)).await?,
                _ => None,
            };
            let spare = self.spare(provider);
            let (change, next) = opened(&mut ctx, &snapshot.case, attempt, outcome, owner, spare);
            if self
                .conclude(&snapshot, change, Urgency::Interactive, None)
                .await?
            {
                return Ok(next);
            }
        }
        Err(ChangeError::Contended)
    }

    /// The attempt that a Kassenzeichen belongs to, where one has it.
    pub(super) async fn owner(
        &self,
        key: &crate::domain::change::OnceKey,
    ) -> Result<Option<AttemptId>, ReadError> {
        Ok(self
            .store
            .once(&key.scope, &key.key)
            .await?
            .and_then(|subject| subject.parse().ok()))
    }

    /// What the provider needs to open an attempt; `None` where it is no longer to be called.
    async fn order(&self, case: CaseId, attempt: AttemptId) -> Result<Option<OpenOrder>, ChangeError> {
        let snapshot = self
            .store
            .case(&Scope::Program, case)
            .await?
            .ok_or(ChangeError::NotFound)?;
        let Some(payment) = snapshot.case.payment_of(attempt) else {
            return Ok(None);
        };
        let Some(of) = payment.attempt(attempt) else {
            return Ok(None);
        };
        if !matches!(of.standing, Standing::Calling { .. }) {
            return Ok(None);
        }
        let texts = self.texts(&snapshot, payment).await?;
        Ok(Some(self.build(payment, of, &texts)))
    }

    /// The free text of a payment.
    pub(super) async fn texts(
        &self,
        snapshot: &Snapshot,
        payment: &Payment,
    ) -> Result<PaymentTexts, ChangeError> {
        use super::vault::VaultError;
        let wrapped = snapshot.key.as_deref().ok_or(VaultError::Broken)?;
        let (sealed, _) = self
            .store
            .personal(payment.personal)
            .await?
            .ok_or(ChangeError::NotFound)?;
        let plain = self.vault.unwrap_key(wrapped)?.open(payment.personal, &sealed)?;
        serde_json::from_slice(&plain).map_err(|_| ChangeError::Vault(VaultError::Broken))
    }

    fn build(&self, payment: &Payment, attempt: &Attempt, texts: &PaymentTexts) -> OpenOrder {
        let route = &payment.route.value;
        let common = texts
            .purpose
            .clone()
            .unwrap_or_else(|| route.buchungstext.clone());
        let payer = texts.payer.as_ref();
        OpenOrder {
            mandant: attempt.mandant.clone(),
            bewirtschafter: attempt.bewirtschafter.clone(),
            nummer: attempt.nummer.clone(),
            total: payment.total,
            lines: lines(payment, texts, &common),
            due: berlin_noon(payment.due),
            kennzeichen_mahnverfahren: route.kennzeichen_mahnverfahren.clone(),
            methods: route
                .methods_for(payment.total.get())
                .map(|method| method.code.clone())
                .collect(),
            description: texts.description.clone().unwrap_or(common),
            payer_name: payer.map_or_else(|| route.fallback_name.clone(), |payer| payer.name.clone()),
            payer_first_name: payer.and_then(|payer| payer.first_name.clone()),
            organisation: payer.is_some_and(|payer| payer.organisation),
            notify_url: self.link(&format!("/callbacks/{}/{}", attempt.provider, attempt.token)),
            return_url: self.link(&format!("/return/{}", payment.token)),
        }
    }
}

enum OpenFailure {
    Conflict,
    Error(OpenError),
}

impl From<OpenError> for OpenFailure {
    fn from(error: OpenError) -> Self {
        Self::Error(error)
    }
}

fn in_our_words(opened: Opened) -> (Outcome, Option<Refusal>) {
    match opened {
        Opened::Open {
            kassenzeichen,
            paypage,
        } => (
            Outcome::Open {
                kassenzeichen,
                paypage,
            },
            None,
        ),
        Opened::Refused(refusal) => (
            Outcome::Refused {
                code: refusal.code.clone(),
            },
            Some(refusal),
        ),
        Opened::AlreadyUsed => (Outcome::AlreadyUsed, None),
        Opened::Unclear(why) => {
            tracing::warn!(why, "the outcome of a call is unclear");
            (Outcome::Unclear, None)
        }
    }
}

/// The Buchungen of a payment, as fine as its route wants them. The text: item description, purpose, route's text.
fn lines(payment: &Payment, texts: &PaymentTexts, common: &str) -> Vec<OpenLine> {
    let route = &payment.route.value;
    let mut lines: Vec<OpenLine> = Vec::new();
    for (index, item) in payment.items.iter().enumerate() {
        let title = &item.kontierung;
        let rule = title
            .tax_key
            .as_ref()
            .and_then(|key| route.tax.iter().find(|rule| rule.key == *key));
        let own = texts.items.get(index).and_then(|item| item.description.clone());
        let line = OpenLine {
            net: item.net,
            tax: item.tax,
            text: own
                .filter(|_| route.granularity == Granularity::Item)
                .unwrap_or_else(|| common.to_owned()),
            haushaltsstelle: title.haushaltsstelle.clone(),
            objektnummer: rule
                .and_then(|rule| rule.objektnummer.clone())
                .or_else(|| title.objektnummer.clone()),
            href: rule
                .and_then(|rule| rule.href.clone())
                .or_else(|| title.href.clone()),
        };
        let same = match route.granularity {
            Granularity::Item => None,
            Granularity::Title => lines.iter_mut().find(|other| {
                (&other.haushaltsstelle, &other.objektnummer, &other.href)
                    == (&line.haushaltsstelle, &line.objektnummer, &line.href)
            }),
            Granularity::Total => lines.first_mut(),
        };
        match same {
            Some(same) => {
                same.net += line.net;
                same.tax += line.tax;
            }
            None => lines.push(line),
        }
    }
    debug_assert_eq!(
        lines.iter().map(|line| line.net + line.tax).sum::<Cents>(),
        payment.total
    );
    lines
}

pub(crate) fn read_body<T: serde::de::DeserializeOwned>(
    object: &super::ports::TenantObject,
) -> Result<T, ReadError> {
    serde_json::from_str(&object.body).map_err(|error| broken(object, &error.to_string()))
}

fn broken(object: &super::ports::TenantObject, why: &str) -> ReadError {
    ReadError::Row {
        table: "tenant_object",
        column: "body",
        row: format!("{} {}", object.kind, object.id),
        why: why.to_owned(),
    }
}

impl PaymentView {
    /// What a portal may know of a payment.
    pub fn of(payment: &Payment) -> Self {
        Self {
            transaction_id: payment.transaction_id.clone(),
            token: payment.token.clone(),
            kassenzeichen: payment
                .attempts
                .iter()
                .rev()
                .find_map(|attempt| attempt.kassenzeichen.known())
                .cloned(),
            answer: payment.answer.clone(),
        }
    }

    /// When the answer became final, where it is.
    pub fn answered_at(&self) -> Option<Timestamp> {
        match &self.answer {
            PortalAnswer::Initial => None,
            PortalAnswer::Payed { at, .. }
            | PortalAnswer::Failed { at }
            | PortalAnswer::Canceled { at }
            | PortalAnswer::Refused { at, .. } => Some(*at),
        }
    }
}
