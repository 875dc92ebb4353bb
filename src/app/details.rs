//! Batched lines of statements take their payments from notifications (camt.054), whichever came first. It is done before
//! each run of matching: what is opened is matched payment by payment.

use super::App;
use super::ports::{CommitError, OpenDetail, UnusedDetails, Urgency};
use super::reconcile::{ReconcileError, Written};
use super::statements::IntakeError;
use crate::domain::decide::{Opening, details_opened};
use crate::domain::ids::{LedgerId, PersonalId};
use crate::domain::statement::Iban;
use crate::domain::statement::details::{Closed, Told, is_closed, may_open, pair, references};
use crate::domain::subject::DetailId;
use crate::domain::time::Timestamp;

impl App {
    /// Opens the lines of a Kasse whose payments a notification tells; how many.
    pub(super) async fn open_lines(
        &self,
        ledger: &LedgerId,
        since: Timestamp,
    ) -> Result<u64, ReconcileError> {
        let unused = self.store.unused_details(ledger, since).await;
        let unused = unused.map_err(IntakeError::from)?;
        if unused.is_empty() {
            return Ok(0);
        }
        let mut told: Vec<(Iban, DetailId, Told)> = Vec::new();
        for entry in unused {
            told.extend(self.told_entry(&entry)?);
        }
        let mut lines: Vec<(Iban, DetailId, Closed)> = Vec::new();
        let closed = self.store.closed_lines(ledger, since).await;
        for line in closed.map_err(IntakeError::from)? {
            lines.extend(self.closed_line(&line)?);
        }
        let accounts: std::collections::BTreeSet<Iban> = told.iter().map(|(iban, ..)| iban.clone()).collect();
        let mut opened = 0;
        for account in accounts {
            let (at_lines, of_lines) = of_account(&lines, &account);
            let (at_told, of_told) = of_account(&told, &account);
            for pair in pair(&of_lines, &of_told) {
                let payments = of_told[pair.told].payments;
                let opening = Opening {
                    line: at_lines[pair.line],
                    told: at_told[pair.told],
                    evidence: format!("reference «{}», {payments} payments", pair.reference),
                };
                opened += u64::from(self.open_line(ledger, &opening).await?);
            }
        }
        Ok(opened)
    }

    /// Whether it was opened: somebody else may have been first, or have claimed the line as a whole.
    async fn open_line(&self, ledger: &LedgerId, opening: &Opening) -> Result<bool, ReconcileError> {
        let mut ctx = self.ctx(ledger);
        let change = details_opened(&mut ctx, ledger, opening);
        let sealed = super::Sealed {
            change,
            new_key: None,
            personal: Vec::new(),
        };
        match self.commit(sealed, Urgency::Bulk).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict) => Ok(false),
            Err(error) => Err(IntakeError::from(error).into()),
        }
    }

    fn told_entry(&self, of: &UnusedDetails) -> Result<Option<(Iban, DetailId, Told)>, ReconcileError> {
        let read = |(id, sealed): &(PersonalId, Vec<u8>)| self.written(*id, sealed, &of.wrapped);
        let (first, last) = (read(&of.first)?, read(&of.last)?);
        // Where it tells no payment of its own, it opens nothing.
        if is_closed(&first.detail) {
            return Ok(None);
        }
        let told = Told {
            cents: of.cents,
            day: of.booked_on,
            payments: of.payments,
            sum: of.sum,
            count: first.entry.batch.as_ref().and_then(|batch| batch.count),
            references: references(&first.entry, &first.detail, &last.detail),
        };
        let id = DetailId {
            statement: of.statement,
            entry: of.entry,
            detail: 0,
        };
        Ok(Some((of.account.clone(), id, told)))
    }

    fn closed_line(&self, of: &OpenDetail) -> Result<Option<(Iban, DetailId, Closed)>, ReconcileError> {
        let Some((id, sealed, wrapped)) = &of.sealed else {
            return Ok(None);
        };
        let Written { entry, detail } = self.written(*id, sealed, wrapped)?;
        if !may_open(&detail) {
            return Ok(None);
        }
        let closed = Closed {
            cents: of.cents,
            day: of.booked_on,
            count: entry.batch.as_ref().and_then(|batch| batch.count),
            references: references(&entry, &detail, &detail),
        };
        Ok(Some((of.account.clone(), of.id, closed)))
    }
}

fn of_account<T: Clone>(all: &[(Iban, DetailId, T)], account: &Iban) -> (Vec<DetailId>, Vec<T>) {
    let those = all.iter().filter(|(iban, ..)| iban == account);
    those.map(|(_, id, of)| (*id, of.clone())).unzip()
}
