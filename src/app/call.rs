//! The call that opens a payment at its provider, in a task of its own, so that a portal that hangs up does not cut it;
//! and what became of it.

use std::sync::Arc;
use std::time::Duration;

use tracing::Instrument;

use super::pool::DrawError;
use super::ports::{Calls, CommitError, Fault, Opened, Provider, ReadError, Refusal, Scope, Urgency};
use super::{App, ChangeError, MOST_ROUNDS};
use crate::domain::case::{Attempt, PortalAnswer};
use crate::domain::change::{Lease, OnceKey, ProviderCall};
use crate::domain::decide::{
    NextStep, Outcome, begin_call, kassenzeichen_key, next_step, opened, remote_key,
};
use crate::domain::ids::{AttemptId, CaseId};
use crate::domain::time::Timestamp;

/// Whether a number is sent for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    First,
    /// An earlier call may have arrived.
    Again,
}

/// The calls that the provider gave a reference to, for the attempt they were about.
pub(super) fn noted(calls: &Calls, attempt: AttemptId, at: Timestamp) -> Vec<ProviderCall> {
    let notes = calls.take().into_iter();
    notes
        .filter_map(|note| {
            Some(ProviderCall {
                attempt,
                at,
                operation: note.operation.to_owned(),
                code: note.code,
                reference: note.reference?,
            })
        })
        .collect()
}

/// What became of the call, for the portal.
pub(super) type CallResult = Result<(), Refusal>;

impl App {
    /// Calls the provider in a task of its own.
    pub(super) fn spawn_call(
        self: &Arc<Self>,
        provider: Arc<dyn Provider>,
        case: CaseId,
        attempt: AttemptId,
    ) -> tokio::task::JoinHandle<CallResult> {
        let app = Arc::clone(self);
        self.tasks
            .spawn(async move { app.call(&*provider, case, attempt, Call::First).await })
    }

    /// Sends the same number again, in a task of its own.
    pub(super) fn spawn_again(
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

    /// Marks the attempt as being called again, then calls. The case's revision and `lease` guard it.
    ///
    /// # Errors
    /// [`ChangeError`] where the mark could not be set; then nothing was called.
    pub(super) async fn send_again(
        &self,
        provider: &dyn Provider,
        case: CaseId,
        attempt: AttemptId,
        lease: Option<&Lease>,
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
        Ok(self.call(provider, case, attempt, Call::Again).await)
    }

    /// Calls the provider for an attempt that is marked as being called, and commits what became of it. Where the number
    /// turns out to be used, the linked new attempt is called as well.
    async fn call(
        &self,
        provider: &dyn Provider,
        case: CaseId,
        attempt: AttemptId,
        call: Call,
    ) -> CallResult {
        let (mut attempt, mut call) = (attempt, call);
        loop {
            let calls = Calls::default();
            let outcome = match self.order(case, attempt).await {
                Ok(Some(order)) => {
                    let span = tracing::info_span!("open", %case, %attempt);
                    match call {
                        Call::First => provider.open(&order, &calls).instrument(span).await,
                        Call::Again => provider.reopen(&order, &calls).instrument(span).await,
                    }
                }
                Ok(None) => return Ok(()),
                Err(error) => {
                    tracing::error!(%case, %attempt, %error, "the call could not be prepared; it is tried again later");
                    return Ok(());
                }
            };
            match &outcome {
                Opened::Unclear(why) => {
                    tracing::warn!(%case, %attempt, why, "the outcome of a call is unclear");
                }
                Opened::Unknowable(why) => tracing::error!(%case, %attempt, why, alert = true,
                    "the outcome of a call is unclear and cannot be asked; an operator must look"),
                _ => {}
            }
            let (outcome, refusal) = in_our_words(outcome);
            if let Some(refusal) = &refusal {
                let alert = refusal.fault == Fault::Configuration;
                tracing::warn!(%case, %attempt, code = refusal.code, text = refusal.text, alert, "the provider refused");
                metrics::counter!("epaybl_provider_refusals_total", "fault" =>
                    if alert { "configuration" } else { "caller" })
                .increment(1);
            }
            let calls = noted(&calls, attempt, self.now());
            match self.keep_outcome(provider, case, attempt, &outcome, &calls).await {
                Ok(Some(next)) => {
                    tracing::warn!(%case, orphan = %attempt, attempt = %next, "the number was used: a new attempt");
                    (attempt, call) = (next, Call::First);
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
        calls: &[ProviderCall],
    ) -> Result<Option<AttemptId>, ChangeError> {
        let mut pauses = [100, 400, 1_600].map(Duration::from_millis).into_iter();
        loop {
            let result = self.commit_outcome(provider, case, attempt, outcome, calls).await;
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
        calls: &[ProviderCall],
    ) -> Result<Option<AttemptId>, ChangeError> {
        let dry = Outcome::Refused {
            code: "-0531".to_owned(),
        };
        for _ in 0..MOST_ROUNDS {
            let (snapshot, mut ctx) = self.begin(case).await?;
            let Some(of) = snapshot
                .case
                .payment_of(attempt)
                .and_then(|payment| payment.attempt(attempt))
            else {
                return Ok(None);
            };
            let owner = self.owner_of_opened(of, outcome).await?;
            let mut outcome = outcome;
            let mut drawn = None;
            if may_orphan(of, outcome, owner) {
                match self.draw(&of.provider, &of.mandant, &of.bewirtschafter).await {
                    Ok(number) => drawn = number,
                    Err(DrawError::Read(error)) => return Err(error.into()),
                    // Without a number no other attempt can take its place.
                    Err(DrawError::Dry(_)) => outcome = &dry,
                }
            }
            let spare = self.spare(provider, drawn.as_ref().map(|drawn| drawn.own.clone()));
            let (mut change, next) = opened(&mut ctx, &snapshot.case, attempt, outcome, owner, spare);
            change.effects.calls.extend(calls.iter().cloned());
            let concluded = self
                .conclude(&snapshot, change, Urgency::Interactive, None)
                .await?;
            match drawn {
                Some(drawn) if concluded && next.is_some() => drawn.used(),
                Some(drawn) if !concluded => self.draw_lost(drawn).await?,
                _ => {}
            }
            if concluded {
                return Ok(next);
            }
        }
        Err(ChangeError::Contended)
    }

    /// Another attempt that already has the Kassenzeichen or the id of an answer, where one has.
    async fn owner_of_opened(&self, of: &Attempt, outcome: &Outcome) -> Result<Option<AttemptId>, ReadError> {
        let Outcome::Open {
            kassenzeichen,
            remote,
            ..
        } = outcome
        else {
            return Ok(None);
        };
        let keys = [
            kassenzeichen.as_ref().map(|told| kassenzeichen_key(of, told)),
            remote.as_ref().map(|told| remote_key(of, told)),
        ];
        for key in keys.iter().flatten() {
            if let Some(other) = self.owner(key).await?.filter(|owner| *owner != of.id) {
                return Ok(Some(other));
            }
        }
        Ok(None)
    }

    /// The attempt that a Kassenzeichen belongs to, where one has it.
    pub(super) async fn owner(&self, key: &OnceKey) -> Result<Option<AttemptId>, ReadError> {
        Ok(self
            .store
            .once(&key.scope, &key.key)
            .await?
            .and_then(|subject| subject.parse().ok()))
    }
}

/// Whether another attempt may have to take the place of this one, and needs a Kassenzeichen for that.
fn may_orphan(of: &Attempt, outcome: &Outcome, owner: Option<AttemptId>) -> bool {
    match outcome {
        Outcome::AlreadyUsed => true,
        Outcome::Open {
            kassenzeichen,
            remote,
            ..
        } => {
            let known = of.kassenzeichen.known();
            owner.is_some()
                || (known.is_some() && kassenzeichen.is_some() && known != kassenzeichen.as_ref())
                || (of.remote.is_some() && remote.is_some() && of.remote != *remote)
        }
        _ => false,
    }
}

fn in_our_words(opened: Opened) -> (Outcome, Option<Refusal>) {
    match opened {
        Opened::Open {
            kassenzeichen,
            remote,
            way,
        } => (
            Outcome::Open {
                kassenzeichen,
                remote,
                way,
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
        Opened::Unclear(_) => (Outcome::Unclear, None),
        Opened::Unknowable(_) => (Outcome::Unknowable, None),
    }
}
