//! Asking the provider what became of an attempt, whoever the reason: a callback, a browser that comes back, the
//! sweeper. And the sweeper itself: it takes what is due, also what a crash left behind.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tracing::Instrument;

use super::ports::{Answer, Calls, CommitError, Provider, Question, Scope, Urgency};
use super::{App, ChangeError};
use crate::domain::case::{Attempt, Payment};
use crate::domain::change::Lease;
use crate::domain::decide::{self, NextStep, Reading, kassenzeichen_key, next_step, not_answered};
use crate::domain::ids::{AttemptId, CaseId};
use crate::domain::told::Told;

/// How often one look asks, where other answers are faster each time.
const MOST_QUESTIONS: usize = 4;

/// A question that was put, with what its answer is for.
struct Asked<'a> {
    provider: &'a dyn Provider,
    case: CaseId,
    of: &'a Attempt,
    calls: Calls,
    tries: u32,
    lease: Option<&'a Lease>,
}

/// What an attempt is asked for by.
fn question(payment: &Payment, of: &Attempt) -> Question {
    Question {
        mandant: of.mandant.clone(),
        bewirtschafter: of.bewirtschafter.clone(),
        nummer: of.nummer.clone(),
        kundennummer: of.kundennummer().to_owned(),
        kassenzeichen: of.kassenzeichen.known().cloned(),
        remote: of.remote.clone(),
        total: payment.total,
    }
}

/// What became of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looked {
    /// What was to be done is done.
    Done,
    /// The attempt had moved on when the answer came.
    TooLate,
}

impl App {
    /// Does with an attempt what is to be done now: asks, sends again, lets it expire, or only moves its schedule.
    ///
    /// # Errors
    /// [`ChangeError`]; what was to be done is then still due.
    pub async fn look_at(
        &self,
        case: CaseId,
        attempt: AttemptId,
        tries: u32,
        lease: Option<&Lease>,
    ) -> Result<(), ChangeError> {
        for _ in 0..MOST_QUESTIONS {
            if self.look_once(case, attempt, tries, lease).await? == Looked::Done {
                return Ok(());
            }
            tracing::info!(%case, %attempt, "another answer was faster: asked again");
        }
        Err(ChangeError::Contended)
    }

    async fn look_once(
        &self,
        case: CaseId,
        attempt: AttemptId,
        tries: u32,
        lease: Option<&Lease>,
    ) -> Result<Looked, ChangeError> {
        let snapshot = self
            .store
            .case(&Scope::Program, case)
            .await?
            .ok_or(ChangeError::NotFound)?;
        let Some(payment) = snapshot.case.payment_of(attempt) else {
            return Ok(Looked::Done);
        };
        let Some(of) = payment.attempt(attempt) else {
            return Ok(Looked::Done);
        };
        let Some(provider) = self.provider(&of.provider).cloned() else {
            tracing::error!(provider = %of.provider, %case, %attempt, "the attempt's provider is not configured");
            return self.later(case, attempt, tries, lease, &Calls::default()).await;
        };
        match next_step(payment, of, self.now()) {
            NextStep::Ask => {
                let calls = Calls::default();
                let span = tracing::info_span!("ask", %case, %attempt);
                let question = question(payment, of);
                let answer = provider.ask(&question, &calls).instrument(span).await;
                let asked = Asked {
                    provider: &*provider,
                    case,
                    of,
                    calls,
                    tries,
                    lease,
                };
                self.answered(asked, answer).await
            }
            NextStep::SendAgain => {
                tracing::info!(%case, %attempt, "the same number is sent again");
                // A refusal is for the portal that waits; here nobody does, and it is stored.
                let called = self.send_again(&*provider, case, attempt, lease).await;
                called.map(|_| Looked::Done)
            }
            NextStep::Expire => self.later(case, attempt, tries, lease, &Calls::default()).await,
            NextStep::Wait(until) => self.reschedule(case, attempt, Some(until), tries, lease).await,
            NextStep::Stop => self.reschedule(case, attempt, None, tries, lease).await,
        }
    }

    async fn answered(&self, asked: Asked<'_>, answer: Answer) -> Result<Looked, ChangeError> {
        let (case, attempt) = (asked.case, asked.of.id);
        let kassenzeichen = asked.of.kassenzeichen.known().map(tracing::field::display);
        let kind = match &answer {
            Answer::Told(_) => "told",
            Answer::Unknown => "unknown",
            Answer::Refused(_) => "refused",
            Answer::None(_) => "none",
        };
        metrics::counter!("epaybl_provider_answers_total", "answer" => kind).increment(1);
        match answer {
            Answer::Told(told) => {
                tracing::info!(%case, %attempt, kassenzeichen, page = ?told.page, word = ?told.word,
                    saldo = told.saldo.map(tracing::field::display), "the provider told");
                self.told(&asked, Some(told)).await
            }
            Answer::Unknown => {
                tracing::warn!(%case, %attempt, kassenzeichen, "the provider does not know the payment");
                self.told(&asked, None).await
            }
            Answer::Refused(refusal) => {
                tracing::error!(%case, %attempt, kassenzeichen, code = refusal.code, text = refusal.text,
                    alert = true, "the provider refuses to say; an operator must look");
                self.later(case, attempt, asked.tries, asked.lease, &asked.calls)
                    .await
            }
            Answer::None(why) => {
                tracing::warn!(%case, %attempt, kassenzeichen, why, "no answer from the provider; asked again later");
                self.later(case, attempt, asked.tries, asked.lease, &asked.calls)
                    .await
            }
        }
    }

    /// An answer speaks of the moment in which it was asked for. Where the attempt has moved on since then, it may be
    /// older than what the books hold, and would take back what a newer one has booked.
    async fn told(&self, asked: &Asked<'_>, told: Option<Told>) -> Result<Looked, ChangeError> {
        let (case, attempt) = (asked.case, asked.of.id);
        let named = told.as_ref().and_then(|told| told.kassenzeichen.as_ref());
        let owner = match named.filter(|_| asked.of.kassenzeichen.known().is_none()) {
            Some(named) => self.owner(&kassenzeichen_key(asked.of, named)).await?,
            None => None,
        };
        let calls = super::call::noted(&asked.calls, attempt, self.now());
        let decided = self
            .change_case(case, Urgency::Bulk, asked.lease, |snapshot, ctx| {
                let payment = snapshot.case.payment_of(attempt);
                let now = payment.and_then(|payment| payment.attempt(attempt));
                if !now.is_some_and(|now| now.is_as_it_was(asked.of)) {
                    return (None, None);
                }
                let reading = Reading {
                    proof: asked.provider.proof(),
                    default_zvp: asked.provider.default_zvp(),
                };
                let case = &snapshot.case;
                let mut change = decide::told(ctx, case, attempt, told.as_ref(), reading, owner, asked.tries);
                change.effects.calls.extend(calls.iter().cloned());
                let booked = change.effects.records.len();
                let events: Vec<_> = change
                    .effects
                    .events
                    .iter()
                    .map(|event| event.kind.as_str())
                    .collect();
                (Some(change), Some((booked, events)))
            })
            .await?;
        let Some((records, events)) = decided else {
            return Ok(Looked::TooLate);
        };
        if records > 0 || !events.is_empty() {
            tracing::info!(%case, %attempt, records, ?events, "booked and told");
        }
        Ok(Looked::Done)
    }

    /// No answer: later, with backoff; or its time is over.
    async fn later(
        &self,
        case: CaseId,
        attempt: AttemptId,
        tries: u32,
        lease: Option<&Lease>,
        calls: &Calls,
    ) -> Result<Looked, ChangeError> {
        let calls = super::call::noted(calls, attempt, self.now());
        self.change_case(case, Urgency::Bulk, lease, |snapshot, ctx| {
            let mut change = not_answered(ctx, &snapshot.case, attempt, tries);
            change.effects.calls.extend(calls.iter().cloned());
            (Some(change), Looked::Done)
        })
        .await
    }

    async fn reschedule(
        &self,
        case: CaseId,
        attempt: AttemptId,
        until: Option<crate::domain::time::Timestamp>,
        tries: u32,
        lease: Option<&Lease>,
    ) -> Result<Looked, ChangeError> {
        self.change_case(case, Urgency::Bulk, lease, |snapshot, ctx| {
            (
                Some(decide::wait(ctx, &snapshot.case, attempt, until, tries)),
                Looked::Done,
            )
        })
        .await
    }

    /// Takes the attempts that are due and begins to look at each. Returns what was begun: a slow provider must not hold
    /// up the attempts of another.
    ///
    /// # Errors
    /// Where nothing could be taken.
    pub async fn begin_sweep(self: &Arc<Self>) -> Result<Vec<JoinHandle<()>>, CommitError> {
        let places = u32::try_from(self.looks.available_permits()).unwrap_or(u32::MAX);
        let limit = self.settings.batch.min(places);
        if limit == 0 {
            return Ok(Vec::new());
        }
        let now = self.now();
        // An answer counts only within its lease, so the lease must outlive the longest question.
        let longest = self
            .providers
            .values()
            .map(|provider| provider.ask_seconds())
            .max();
        let longest = longest.unwrap_or(0).saturating_add(2).saturating_mul(1000);
        let lease = i64::try_from(self.settings.lease.as_millis())
            .unwrap_or(i64::MAX)
            .max(longest);
        let claimed = self
            .store
            .claim_watches(now, now.plus_millis(lease), limit)
            .await?;
        let mut begun = Vec::with_capacity(claimed.len());
        for watch in claimed {
            let place = Arc::clone(&self.looks).acquire_owned().await;
            let app = Arc::clone(self);
            begun.push(self.tasks.spawn(async move {
                let lease = Lease::Watch {
                    attempt: watch.attempt,
                    number: watch.lease,
                };
                let result = app
                    .look_at(watch.case, watch.attempt, watch.tries, Some(&lease))
                    .await;
                if let Err(error) = result {
                    // The lease runs out, and the attempt is due again.
                    tracing::warn!(case = %watch.case, attempt = %watch.attempt, %error, "a look failed");
                }
                drop(place);
            }));
        }
        Ok(begun)
    }

    /// Takes the attempts that are due, looks at each, and waits until that is done. Returns how many there were.
    ///
    /// # Errors
    /// Where nothing could be taken.
    pub async fn sweep(self: &Arc<Self>) -> Result<usize, CommitError> {
        let begun = self.begin_sweep().await?;
        let count = begun.len();
        for task in begun {
            drop(task.await);
        }
        Ok(count)
    }
}
