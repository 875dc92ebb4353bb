//! What one run of matching looks at: payments on statements, what lies in deposits, and what is expected.

use std::collections::BTreeMap;

use super::{PAGE, RECENT, ReconcileError, Run, Written, YOUNG};
use crate::app::App;
use crate::app::ports::{Expected, OpenDetail};
use crate::app::statements::IntakeError;
use crate::domain::ids::{AttemptId, LedgerId, PersonalId};
use crate::domain::money::Cents;
use crate::domain::reconcile::{Line, LineId, Lines};
use crate::domain::statement::Iban;
use crate::domain::statement::details::is_closed;
use crate::domain::tenant::Kasse;
use crate::domain::time::Timestamp;

impl App {
    pub(super) async fn gather(&self, kasse: &Kasse, since: Timestamp) -> Result<Run, ReconcileError> {
        let mut run = Run::default();
        let accounts: BTreeMap<&Iban, u32> = kasse
            .accounts
            .iter()
            .map(|account| &account.iban)
            .zip(0..)
            .collect();
        loop {
            let after = run.details.last().map(|detail| detail.id);
            let page = self.store.open_details(&kasse.id, since, after, PAGE).await;
            let page = page.map_err(IntakeError::from)?;
            let full = page.len() == PAGE as usize;
            for detail in page {
                let account = accounts.get(&detail.account).copied().unwrap_or(u32::MAX);
                let id = LineId(run.details.len() as u64);
                if self.add_line(&mut run.lines, id, account, &detail)? {
                    run.closed.insert(run.details.len());
                }
                run.details.push(OpenDetail {
                    sealed: None,
                    ..detail
                });
            }
            if !full {
                break;
            }
        }
        self.gather_deposits(&mut run, &kasse.id, &accounts).await?;
        if run.details.is_empty() {
            return Ok(run);
        }
        run.payouts = self.young_payouts(kasse, YOUNG).await?;
        run.orders = self.orders(&kasse.id).await?;
        run.expected = self.all_expected(&kasse.id).await?;
        Ok(run)
    }

    /// Every attempt of a Kasse whose money a statement may show.
    async fn all_expected(&self, ledger: &LedgerId) -> Result<Vec<Expected>, ReconcileError> {
        let mut all: Vec<Expected> = Vec::new();
        let mut after = AttemptId(uuid::Uuid::nil());
        loop {
            let page = self.store.expected(ledger, after, PAGE).await;
            let page = page.map_err(IntakeError::from)?;
            let full = page.len() == PAGE as usize;
            // Where a payment provider set both off, the bank shows neither: money that comes much later is other money.
            let lately = self.now().plus_seconds(-RECENT * 24 * 60 * 60);
            all.extend(page.into_iter().map(|mut one| {
                if one.passing_at.is_some_and(|at| at < lately) {
                    one.passing = Cents::ZERO;
                }
                one
            }));
            match all.last() {
                Some(last) if full => after = last.attempt,
                _ => return Ok(all),
            }
        }
    }

    /// What lies in deposits, because nobody knew it: now somebody may.
    async fn gather_deposits(
        &self,
        run: &mut Run,
        ledger: &LedgerId,
        accounts: &BTreeMap<&Iban, u32>,
    ) -> Result<(), ReconcileError> {
        let mut after = None;
        loop {
            let page = self.store.deposited_details(ledger, after, PAGE).await?;
            let full = page.len() == PAGE as usize;
            for (position, detail, lay) in page {
                after = Some(position);
                let account = accounts.get(&detail.account).copied().unwrap_or(u32::MAX);
                let at = run.details.len();
                self.add_line(&mut run.lines, LineId(at as u64), account, &detail)?;
                run.lying.insert(at, lay);
                run.details.push(OpenDetail {
                    sealed: None,
                    ..detail
                });
            }
            if !full {
                return Ok(());
            }
        }
    }

    /// Adds a payment to the lines; whether it is a batched line that nobody has opened.
    pub(in crate::app) fn add_line(
        &self,
        lines: &mut Lines,
        id: LineId,
        account: u32,
        of: &OpenDetail,
    ) -> Result<bool, ReconcileError> {
        let Some((personal, sealed, wrapped)) = &of.sealed else {
            // What was erased can be found by its amount only.
            lines.push(&Line {
                id,
                account,
                day: of.booked_on,
                cents: of.cents,
                texts: Vec::new(),
                returned: None,
            })?;
            return Ok(false);
        };
        let unreadable = |why: String| ReconcileError::Unreadable { id: *personal, why };
        let mut written = self.written(*personal, sealed, wrapped)?;
        let closed = is_closed(&written.detail);
        written.detail.cents = Some(Cents::new(of.cents.get().abs()));
        let Written { entry, detail } = &written;
        let alone = of.id.detail == 1 && detail.cents == Some(entry.cents);
        let line = Line::of(id, (account, of.booked_on), entry, detail, alone);
        lines.push(&line.ok_or_else(|| unreadable("it has no amount".to_owned()))?)?;
        Ok(closed)
    }

    /// What a statement said of a payment.
    pub(in crate::app) fn written(
        &self,
        id: PersonalId,
        sealed: &[u8],
        wrapped: &[u8],
    ) -> Result<Written, ReconcileError> {
        let key = self.vault.unwrap_key(wrapped).map_err(IntakeError::from)?;
        let plain = key.open(id, sealed).map_err(IntakeError::from)?;
        serde_json::from_slice(&plain).map_err(|error| ReconcileError::Unreadable {
            id,
            why: error.to_string(),
        })
    }
}
