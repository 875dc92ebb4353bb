//! A portal asks for a payment. The intention is committed, then the provider is called; the portal waits a bounded time
//! for the outcome.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::call::CallResult;
use super::ports::{CommitError, Fault, Provider, ReadError, Scope, TenantObject, Urgency};
use super::read_payment::PaymentView;
use super::tenants::{broken, read_body};
use super::{App, ChangeError};
use crate::domain::case::{PortalAnswer, Standing};
use crate::domain::decide::{self, Accepted, NewPayment, accept, request_key};
use crate::domain::ids::{AttemptId, CaseId, ClientId, PaymentId, RequestId, RouteKey};
use crate::domain::order::{Order, OrderError, OrderItem, Payer};
use crate::domain::tenant::{Route, Versioned};

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
    pub items: Vec<OrderItem>,
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
        let of = &route.value;
        let drawn = self.draw(&of.provider, &of.mandant, &of.bewirtschafter).await;
        let drawn = drawn.map_err(OpenError::from)?;
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
            own: drawn.as_ref().map(|drawn| drawn.own.clone()),
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
            .seal(change, case.id.0, wrapped)
            .map_err(|error| OpenError::from(ChangeError::Vault(error)))?;
        match self.commit(sealed, Urgency::Interactive).await {
            Ok(()) => {
                if let Some(drawn) = drawn {
                    drawn.used();
                }
                Ok((case.id, payment, attempt))
            }
            Err(CommitError::Conflict) => {
                if let Some(drawn) = drawn {
                    self.draw_lost(drawn).await.map_err(OpenError::from)?;
                }
                Err(OpenFailure::Conflict)
            }
            Err(error) => Err(OpenFailure::Error(error.into())),
        }
    }

    async fn tenant_of(&self, kind: &'static str, id: &str) -> Result<TenantObject, OpenError> {
        self.store.tenant(kind, id).await?.ok_or_else(|| {
            tracing::error!(kind, id, "a route names what is not there");
            OpenError::Configuration
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
