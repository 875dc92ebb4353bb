//! The writer: the only way by which Changes become true. It takes all that are waiting and commits them together, never
//! waiting for more, bounded in number and bytes.
//!
//! Callbacks have a queue of their own, so that a rush of requests cannot keep them out; bulk work waits behind both.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::batch;
use super::engine::{Engine, Failure, Verdict};
use crate::app::ports::{Clock, CommitError, Sealed, Urgency};

/// Places in each queue.
const PLACES: usize = 1024;
/// Changes in one batch.
const MOST_CHANGES: usize = 256;
/// Bytes of text in one batch, about.
const MOST_BYTES: usize = 4 << 20;
/// How often a batch runs again after a deadlock.
const MOST_RUNS: u32 = 5;

type Answer = oneshot::Sender<Result<(), CommitError>>;

struct Waiting {
    sealed: Sealed,
    bytes: usize,
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

    /// Commits a Change with others. What can never be written is refused here, where it costs nobody else anything.
    pub(super) async fn commit(&self, sealed: Sealed, urgency: Urgency) -> Result<(), CommitError> {
        let queue = match urgency {
            Urgency::Callback => &self.callbacks,
            Urgency::Interactive => &self.interactive,
            Urgency::Bulk => &self.bulk,
        };
        let bytes = batch::rehearse(&sealed).map_err(CommitError::Refused)?;
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            sealed,
            bytes,
            answer,
        };
        queue.try_send(waiting).map_err(|error| match error {
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
            let mut bytes = first.bytes;
            let mut batch = vec![first];
            while batch.len() < MOST_CHANGES && bytes < MOST_BYTES {
                let Some(next) = self.next() else { break };
                bytes += next.bytes;
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

    /// What becomes of each Change of a batch. Where the batch as a whole is refused, its halves run, and their halves,
    /// until the bad row is alone: it hurts nobody else. Where the database is gone, nothing more is tried.
    async fn outcomes(&self, batch: &[Sealed]) -> Vec<Result<(), CommitError>> {
        let mut results = Vec::with_capacity(batch.len());
        // The parts that are still to run, the last one first; the first halves are on top, so results come in order.
        let mut parts = vec![batch];
        let mut gone = None;
        while let Some(part) = parts.pop() {
            let ran = match &gone {
                None => self.run_again(part).await,
                Some(error) => Err(CommitError::clone(error)),
            };
            match ran {
                Ok(verdicts) => results.extend(verdicts.into_iter().map(outcome)),
                Err(CommitError::Refused(_)) if part.len() > 1 => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                }
                Err(error) => {
                    tracing::error!(changes = part.len(), %error, "the writer could not commit");
                    results.extend(std::iter::repeat_n(Err(error.clone()), part.len()));
                    if matches!(error, CommitError::Unavailable(_)) {
                        gone = Some(error);
                    }
                }
            }
        }
        results
    }

    async fn run_again(&self, batch: &[Sealed]) -> Result<Vec<Verdict>, CommitError> {
        let mut runs = 0;
        // Whether a COMMIT got no answer: it may become true even after it was looked up, and then the next run finds
        // its own keys taken, its own revisions raised, or its own rows there.
        let mut lost = false;
        loop {
            runs += 1;
            let failure = match self.engine.commit(batch, self.clock.now()).await {
                Ok(verdicts) if !lost || !verdicts.contains(&Verdict::Conflict) => return Ok(verdicts),
                Ok(verdicts) => return Ok(self.look_up(batch).await?.unwrap_or(verdicts)),
                Err(failure) => failure,
            };
            match failure {
                Failure::Again(error) if runs < MOST_RUNS => {
                    tracing::warn!(%error, runs, "a batch runs again");
                }
                Failure::CommitLost(error) => {
                    tracing::warn!(%error, "COMMIT got no answer: the Changes are looked up");
                    lost = true;
                    if let Some(verdicts) = self.look_up(batch).await? {
                        return Ok(verdicts);
                    }
                    if runs >= MOST_RUNS {
                        return Err(CommitError::Unavailable(error.to_string()));
                    }
                }
                Failure::Again(error) | Failure::Unavailable(error) => {
                    return Err(CommitError::Unavailable(error.to_string()));
                }
                Failure::Refused(error) => {
                    let found = if lost { self.look_up(batch).await? } else { None };
                    return found.ok_or_else(|| CommitError::Refused(error.to_string()));
                }
                Failure::Broken(why) => return Err(CommitError::Refused(why)),
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

fn outcome(verdict: Verdict) -> Result<(), CommitError> {
    match verdict {
        Verdict::Committed => Ok(()),
        Verdict::Conflict => Err(CommitError::Conflict),
    }
}
