//! Asking the provider what became of an attempt, whoever the reason: a callback, a browser that comes back, the
//! sweeper. And the sweeper itself: it takes what is due, also what a crash left behind.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tracing::Instrument;

use super::ports::{Answer, CommitError, Provider, Scope, Urgency};
use super::{App, ChangeError};
use crate::domain::case::Attempt;
use crate::domain::change::Lease;
use crate::domain::decide::{self, NextStep, next_step, not_answered};
use crate::domain::ids::{AttemptId, CaseId, Kassenzeichen};
use crate::domain::told::Told;

/// How often one look asks, where other answers are faster each time.
const MOST_QUESTIONS: usize = 4;

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
            return self.later(case, attempt, tries, lease).await;
        };
        match next_step(payment, of, self.now()) {
            NextStep::Ask(kassenzeichen) => {
                let answer = {
                    let span = tracing::info_span!("ask", %case, %attempt);
                    provider
                        .ask(&of.mandant, &of.bewirtschafter, &kassenzeichen)
                        .instrument(span)
                        .await
                };
                self.answered(&*provider, case, of, &kassenzeichen, answer, tries, lease)
                    .await
            }
            NextStep::SendAgain => {
                tracing::info!(%case, %attempt, "the same number is sent again");
                // A refusal is for the portal that waits; here nobody does, and it is stored.
                let called = self.send_again(&*provider, case, attempt, lease).await;
                called.map(|_| Looked::Done)
            }
            NextStep::Expire => self.later(case, attempt, tries, lease).await,
            NextStep::Wait(until) => self.reschedule(case, attempt, Some(until), tries, lease).await,
            NextStep::Stop => self.reschedule(case, attempt, None, tries, lease).await,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "an answer needs its question")]
    async fn answered(
        &self,
        provider: &dyn Provider,
        case: CaseId,
        asked: &Attempt,
        kassenzeichen: &Kassenzeichen,
        answer: Answer,
        tries: u32,
        lease: Option<&Lease>,
    ) -> Result<Looked, ChangeError> {
        let attempt = asked.id;
        let kind = match &answer {
            Answer::Told(_) => "told",
            Answer::Unknown => "unknown",
            Answer::Refused(_) => "refused",
            Answer::None(_) => "none",
        };
        metrics::counter!("epaybl_provider_answers_total", "answer" => kind).increment(1);
        match answer {
            Answer::Told(told) => {
                tracing::info!(%case, %attempt, %kassenzeichen, page = ?told.page, saldo = told.saldo.map(tracing::field::display),
                    "the provider told");
                self.told(provider, case, asked, Some(told), tries, lease).await
            }
            Answer::Unknown => {
                tracing::warn!(%case, %attempt, %kassenzeichen, "the provider does not know the Kassenzeichen");
                self.told(provider, case, asked, None, tries, lease).await
            }
            Answer::Refused(refusal) => {
                tracing::error!(%case, %attempt, %kassenzeichen, code = refusal.code, text = refusal.text,
                    "the provider refuses to say; an operator must look");
                self.later(case, attempt, tries, lease).await
            }
            Answer::None(why) => {
                tracing::warn!(%case, %attempt, %kassenzeichen, why, "no answer from the provider; asked again later");
                self.later(case, attempt, tries, lease).await
            }
        }
    }

    /// An answer speaks of the moment in which it was asked for. Where the attempt has moved on since then, it may be
    /// older than what the books hold, and would take back what a newer one has booked.
    async fn told(
        &self,
        provider: &dyn Provider,
        case: CaseId,
        asked: &Attempt,
        told: Option<Told>,
        tries: u32,
        lease: Option<&Lease>,
    ) -> Result<Looked, ChangeError> {
        let attempt = asked.id;
        let decided = self
            .change_case(case, Urgency::Bulk, lease, |snapshot, ctx| {
                let payment = snapshot.case.payment_of(attempt);
                let now = payment.and_then(|payment| payment.attempt(attempt));
                if !now.is_some_and(|now| now.is_as_it_was(asked)) {
                    return (None, None);
                }
                let change = decide::told(
                    ctx,
                    &snapshot.case,
                    attempt,
                    told.as_ref(),
                    provider.proof(),
                    provider.default_zvp(),
                    tries,
                );
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
    ) -> Result<Looked, ChangeError> {
        self.change_case(case, Urgency::Bulk, lease, |snapshot, ctx| {
            (
                Some(not_answered(ctx, &snapshot.case, attempt, tries)),
                Looked::Done,
            )
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
