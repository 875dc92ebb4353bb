//! Statements out of files: the command line, the drop folder and an upload all take this way. A file is read on a thread
//! of its own, never further ahead of the store than a few pieces, so that its size does not matter.

use std::collections::BTreeSet;

use tokio::sync::mpsc;

use super::App;
use super::ports::{ReadError, StatementFile, Unreadable};
use super::reconcile::{Reach, ReconcileError, Reconciled};
use super::statements::{IntakeError, Outcome, Taken};
use crate::domain::ids::LedgerId;
use crate::domain::statement::Piece;

/// How many pieces a reader may be ahead of the store.
const AHEAD: usize = 256;

/// What became of files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TakenFiles {
    /// What became of each statement in them, in their order.
    pub statements: Vec<Taken>,
    /// The Kassen that have something new.
    pub ledgers: BTreeSet<LedgerId>,
}

/// Why taking files in stopped. What was filed before stays; the same files again go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TakeError {
    /// The store, or the keys.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// A file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

impl App {
    /// Takes in the statements of files.
    ///
    /// # Errors
    /// [`TakeError`]: a file cannot be read, or the store failed.
    pub async fn take_files(&self, files: Vec<StatementFile>) -> Result<TakenFiles, TakeError> {
        self.take_files_of(None, files).await
    }

    /// Takes in what of files is about the accounts of one Kasse; the others are no accounts here.
    ///
    /// # Errors
    /// As [`take_files`](Self::take_files).
    pub async fn take_files_of(
        &self,
        only: Option<&LedgerId>,
        files: Vec<StatementFile>,
    ) -> Result<TakenFiles, TakeError> {
        let (told, mut pieces) = mpsc::channel::<(String, Piece)>(AHEAD);
        let taking = async move {
            let mut intake = self.begin_intake(only).await?;
            let mut all = TakenFiles::default();
            while let Some((source, piece)) = pieces.recv().await {
                let Some(taken) = intake.take(&source, piece).await? else {
                    continue;
                };
                if let Outcome::Filed { ledger, .. } = &taken.outcome {
                    all.ledgers.insert(ledger.clone());
                }
                all.statements.push(taken);
            }
            Ok::<_, IntakeError>(all)
        };
        let (read, taken) = tokio::join!(self.files.read(files, told), taking);
        // Where the store failed, the reader has only stopped since nobody listened.
        let taken = taken?;
        read?;
        Ok(taken)
    }

    /// Matches the Kassen that have something new.
    ///
    /// # Errors
    /// Of the first that could not be matched; the others wait for the next time.
    pub async fn reconcile_new(
        &self,
        taken: &TakenFiles,
    ) -> Result<Vec<(LedgerId, Reconciled)>, ReconcileError> {
        let mut matched = Vec::new();
        for ledger in &taken.ledgers {
            matched.push((ledger.clone(), self.reconcile(ledger).await?));
        }
        Ok(matched)
    }

    /// Matches every Kasse that has accounts: a provider's word may come after the statement. One that fails does not
    /// keep the others waiting.
    ///
    /// # Errors
    /// Where the Kassen cannot be read.
    pub async fn reconcile_all(&self, reach: Reach) -> Result<Vec<(LedgerId, Reconciled)>, ReadError> {
        let mut matched = Vec::new();
        for kasse in self.open_kassen().await? {
            if kasse.accounts.is_empty() {
                continue;
            }
            match self.reconcile_within(&kasse.id, reach).await {
                Ok(done) => matched.push((kasse.id, done)),
                Err(error) => tracing::warn!(kasse = %kasse.id, %error, "statements could not be matched"),
            }
        }
        Ok(matched)
    }
}
