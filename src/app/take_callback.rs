//! A provider calls back. A good callback is stored first and answered at once; what follows from it is done after.

use std::sync::Arc;

use super::ports::{CallbackError, RawCallback, RejectedCallback, Urgency};
use super::{App, ChangeError};
use crate::domain::decide::{Callback, callback_key, heard, kassenzeichen_key};
use crate::domain::ids::{AttemptId, CaseId, ProviderId, Token};
use crate::domain::told::Verified;

/// What became of a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Stored; it is processed now.
    New,
    /// It was here before.
    Again,
}

/// Why a callback was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackRefusal {
    /// No provider of that name, or no attempt has this address.
    #[error("nothing has this address")]
    UnknownAddress,
    /// It is not believed.
    #[error(transparent)]
    NotBelieved(#[from] CallbackError),
    /// It could not be stored; the sender tries again.
    #[error("it could not be stored: {0}")]
    NotStored(String),
}

impl App {
    /// Takes a callback that came to `/callbacks/<provider>/<token>`.
    ///
    /// # Errors
    /// [`CallbackRefusal`]. The token only finds the attempt; it proves nothing.
    pub async fn take_callback(
        self: &Arc<Self>,
        provider: &str,
        token: &str,
        raw: RawCallback,
    ) -> Result<Taken, CallbackRefusal> {
        let Some((id, of)) = ProviderId::parse(provider).ok().and_then(|id| {
            let of = self.providers.get(&id).cloned();
            of.map(|of| (id, of))
        }) else {
            return Err(CallbackRefusal::UnknownAddress);
        };
        let verified = match of.verify(&raw, self.now()) {
            Ok(verified) => verified,
            Err(error) => {
                metrics::counter!("epaybl_callbacks_total", "outcome" => "not_believed").increment(1);
                self.keep_rejected(&id, &error.to_string(), raw.body.len()).await;
                return Err(error.into());
            }
        };
        let found = match Token::parse(token) {
            Ok(token) => self
                .store
                .by_callback_token(&token)
                .await
                .map_err(|error| not_stored(&error))?,
            Err(_) => None,
        };
        let Some((case, attempt)) = found else {
            metrics::counter!("epaybl_callbacks_total", "outcome" => "unknown_address").increment(1);
            self.keep_rejected(
                &id,
                "well signed, but no attempt has this address",
                raw.body.len(),
            )
            .await;
            return Err(CallbackRefusal::UnknownAddress);
        };
        let taken = self
            .store_callback(case, attempt, &verified, &raw)
            .await
            .map_err(|error| not_stored(&error))?;
        let outcome = match taken {
            Taken::New => "new",
            Taken::Again => "again",
        };
        metrics::counter!("epaybl_callbacks_total", "outcome" => outcome).increment(1);
        tracing::info!(%case, %attempt, status = verified.status, outcome, "callback taken");
        if taken == Taken::New {
            let app = Arc::clone(self);
            self.tasks.spawn(async move {
                if let Err(error) = app.look_at(case, attempt, 0, None).await {
                    tracing::warn!(%case, %attempt, %error, "the question after a callback failed; it is asked again");
                }
            });
        }
        Ok(taken)
    }

    async fn store_callback(
        &self,
        case: CaseId,
        attempt: AttemptId,
        verified: &Verified,
        raw: &RawCallback,
    ) -> Result<Taken, ChangeError> {
        let bytes = as_it_came(raw);
        for _ in 0..super::MOST_ROUNDS {
            let key = callback_key(attempt, &verified.dedup_key);
            if self.store.once(&key.scope, &key.key).await?.is_some() {
                return Ok(Taken::Again);
            }
            let (snapshot, mut ctx) = self.begin(case).await?;
            let of = snapshot
                .case
                .payment_of(attempt)
                .and_then(|payment| payment.attempt(attempt));
            let owner = match (of, &verified.kassenzeichen) {
                (Some(of), Some(kassenzeichen)) => self.owner(&kassenzeichen_key(of, kassenzeichen)).await?,
                _ => None,
            };
            let callback = Callback {
                verified: verified.clone(),
                raw: bytes.clone(),
            };
            let change = heard(&mut ctx, &snapshot.case, attempt, callback, owner);
            if self.conclude(&snapshot, change, Urgency::Callback, None).await? {
                return Ok(Taken::New);
            }
        }
        Err(ChangeError::Contended)
    }

    /// Only a count and a reason are kept of what is not believed: it may be anybody's.
    async fn keep_rejected(&self, provider: &ProviderId, why: &str, bytes: usize) {
        tracing::warn!(%provider, why, bytes, "a callback is not believed");
        let at = self.now();
        let rejected = RejectedCallback {
            id: self.ids.uuid(at),
            provider: provider.clone(),
            at,
            why: why.to_owned(),
            bytes,
        };
        if let Err(error) = self.store.reject_callback(rejected).await {
            tracing::warn!(%error, "a rejected callback could not be noted");
        }
    }
}

fn not_stored(error: &dyn std::fmt::Display) -> CallbackRefusal {
    tracing::error!(%error, "a callback could not be stored");
    CallbackRefusal::NotStored("the store does not take it".to_owned())
}

/// The callback as evidence: method, query and body, byte for byte.
fn as_it_came(raw: &RawCallback) -> Vec<u8> {
    let head = serde_json::json!({"method": raw.method, "query": raw.query,
        "content_type": raw.headers.get("content-type")});
    [head.to_string().as_bytes(), b"\n", &raw.body].concat()
}
