//! The writer: the only way by which Changes become true. It takes all that are waiting and commits them together, never
//! waiting for more, bounded in number and bytes.
//!
//! Callbacks have a queue of their own, so that a rush of requests cannot keep them out; bulk work waits behind both.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::engine::{Engine, Failure, Verdict};
use crate::app::ports::{Clock, CommitError, Sealed, Urgency};

/// Places in each queue.
const PLACES: usize = 1024;
/// Changes in one batch.
const MOST_CHANGES: usize = 256;
/// Bytes of personal data in one batch, which is nearly all that makes a Change large.
const MOST_BYTES: usize = 4 << 20;
/// How often a batch runs again after a deadlock.
const MOST_RUNS: u32 = 5;

type Answer = oneshot::Sender<Result<(), CommitError>>;

struct Waiting {
    sealed: Sealed,
    answer: Answer,
}

/// The queues' entrance.
#[derive(Clone)]
pub(super) struct Queue {
    callbacks: mpsc::Sender<Waiting>,
    interactive: mpsc::Sender<Waiting>,
    bulk: mpsc::Sender<Waiting>,
}

impl Queue {
    /// Starts the writer. It ends when the last entrance is dropped, after everything that waits is committed.
    pub(super) fn start(
        engine: Arc<dyn Engine>,
        clock: Arc<dyn Clock>,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (callbacks, from_callbacks) = mpsc::channel(PLACES);
        let (interactive, from_interactive) = mpsc::channel(PLACES);
        let (bulk, from_bulk) = mpsc::channel(PLACES);
        let writer = Writer {
            engine,
            clock,
            callbacks: from_callbacks,
            interactive: from_interactive,
            bulk: from_bulk,
        };
        (
            Self {
                callbacks,
                interactive,
                bulk,
            },
            tokio::spawn(writer.run()),
        )
    }

    /// Commits a Change with others.
    pub(super) async fn commit(&self, sealed: Sealed, urgency: Urgency) -> Result<(), CommitError> {
        let queue = match urgency {
            Urgency::Callback => &self.callbacks,
            Urgency::Interactive => &self.interactive,
            Urgency::Bulk => &self.bulk,
        };
        let (answer, answered) = oneshot::channel();
        queue
            .try_send(Waiting { sealed, answer })
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => CommitError::Busy,
                mpsc::error::TrySendError::Closed(_) => {
                    CommitError::Unavailable("the writer has ended".to_owned())
                }
            })?;
        answered
            .await
            .unwrap_or_else(|_| Err(CommitError::Unavailable("the writer has ended".to_owned())))
    }
}

struct Writer {
    engine: Arc<dyn Engine>,
    clock: Arc<dyn Clock>,
    callbacks: mpsc::Receiver<Waiting>,
    interactive: mpsc::Receiver<Waiting>,
    bulk: mpsc::Receiver<Waiting>,
}

impl Writer {
    async fn run(mut self) {
        while let Some(first) = self.first().await {
            let mut bytes = size(&first.sealed);
            let mut batch = vec![first];
            while batch.len() < MOST_CHANGES && bytes < MOST_BYTES {
                let Some(next) = self.next() else { break };
                bytes += size(&next.sealed);
                batch.push(next);
            }
            self.commit(batch).await;
        }
    }

    async fn first(&mut self) -> Option<Waiting> {
        tokio::select! {
            biased;
            Some(waiting) = self.callbacks.recv() => Some(waiting),
            Some(waiting) = self.interactive.recv() => Some(waiting),
            Some(waiting) = self.bulk.recv() => Some(waiting),
            else => None,
        }
    }

    fn next(&mut self) -> Option<Waiting> {
        self.callbacks
            .try_recv()
            .or_else(|_| self.interactive.try_recv())
            .or_else(|_| self.bulk.try_recv())
            .ok()
    }

    async fn commit(&self, batch: Vec<Waiting>) {
        let (sealed, answers): (Vec<Sealed>, Vec<Answer>) = batch
            .into_iter()
            .map(|waiting| (waiting.sealed, waiting.answer))
            .unzip();
        metrics::histogram!("epaybl_writer_batch_changes")
            .record(f64::from(u32::try_from(sealed.len()).unwrap_or(0)));
        let results = self.outcomes(&sealed).await;
        for (answer, result) in answers.into_iter().zip(results) {
            // Whoever asked may have gone; what became true stays true.
            drop(answer.send(result));
        }
    }

    /// What becomes of each Change of a batch. Where the batch as a whole is refused, each runs alone, so that one bad
    /// row hurts nobody else.
    async fn outcomes(&self, batch: &[Sealed]) -> Vec<Result<(), CommitError>> {
        match self.run_again(batch).await {
            Ok(verdicts) => verdicts.into_iter().map(outcome).collect(),
            Err(CommitError::Refused(_)) if batch.len() > 1 => {
                let mut results = Vec::with_capacity(batch.len());
                for sealed in batch {
                    let alone = self.run_again(std::slice::from_ref(sealed)).await;
                    results.push(alone.and_then(|verdicts| verdicts.into_iter().try_for_each(outcome)));
                }
                results
            }
            Err(error) => {
                tracing::error!(changes = batch.len(), %error, "the writer could not commit");
                vec![Err(error); batch.len()]
            }
        }
    }

    async fn run_again(&self, batch: &[Sealed]) -> Result<Vec<Verdict>, CommitError> {
        let mut runs = 0;
        loop {
            runs += 1;
            match self.engine.commit(batch, self.clock.now()).await {
                Ok(verdicts) => return Ok(verdicts),
                Err(Failure::Again(error)) if runs < MOST_RUNS => {
                    tracing::warn!(%error, runs, "a batch runs again");
                }
                Err(Failure::CommitLost(error)) => {
                    tracing::warn!(%error, "COMMIT got no answer: the Changes are looked up");
                    if let Some(verdicts) = self.look_up(batch).await? {
                        return Ok(verdicts);
                    }
                    if runs >= MOST_RUNS {
                        return Err(CommitError::Unavailable(error.to_string()));
                    }
                }
                Err(Failure::Again(error) | Failure::Unavailable(error)) => {
                    return Err(CommitError::Unavailable(error.to_string()));
                }
                Err(Failure::Refused(error)) => return Err(CommitError::Refused(error.to_string())),
                Err(Failure::Broken(why)) => return Err(CommitError::Refused(why)),
            }
        }
    }

    /// After a lost COMMIT: either the whole transaction is there or nothing of it. A Change of it that is missing where
    /// others are there had lost its guards.
    async fn look_up(&self, batch: &[Sealed]) -> Result<Option<Vec<Verdict>>, CommitError> {
        let ids: Vec<String> = batch.iter().map(|sealed| sealed.change.id.to_string()).collect();
        let list = serde_json::json!(ids).to_string();
        let there = self
            .engine
            .committed(&list)
            .await
            .map_err(|error| CommitError::Unavailable(error.to_string()))?;
        if there.is_empty() {
            return Ok(None);
        }
        let verdict = |id: &String| {
            if there.contains(id) {
                Verdict::Committed
            } else {
                Verdict::Conflict
            }
        };
        Ok(Some(ids.iter().map(verdict).collect()))
    }
}

fn size(sealed: &Sealed) -> usize {
    sealed.personal.iter().map(|personal| personal.sealed.len()).sum()
}

fn outcome(verdict: Verdict) -> Result<(), CommitError> {
    match verdict {
        Verdict::Committed => Ok(()),
        Verdict::Conflict => Err(CommitError::Conflict),
    }
}
