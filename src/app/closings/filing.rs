//! The sums of a closing, from the records before its cut.

use crate::app::App;
use crate::app::ports::{StoredClosing, Urgency};
use crate::domain::closing::{
    AccountName, Bank, Books, Bridge, Closing, Cut, Fact, Previous, Program, Root, Signing, Totals,
};
use crate::domain::ids::LedgerId;
use crate::domain::record::{Body, ClosingFiled};
use crate::domain::tenant::{Environment, Kasse};

use super::{ClosingError, guard, stored_body};

/// How many records are read at once.
const CHUNK: u64 = 1000;

impl App {
    /// Files what a cut covers.
    pub(super) async fn file_closing(
        &self,
        kasse: &Kasse,
        cut: &StoredClosing,
        rev: i64,
    ) -> Result<Closing, ClosingError> {
        let closing = self.compute(kasse, cut).await?;
        let digest = closing.digest();
        let body = Body::ClosingFiled(ClosingFiled {
            number: cut.number,
            size: cut.size,
            root: cut.root,
            digest,
        });
        let mut change = self.record_change(&kasse.id, (guard(&kasse.id), rev), body);
        change.change.effects.closing = Some(closing.unsigned());
        self.commit(change, Urgency::Bulk).await?;
        Ok(closing)
    }

    /// Everything follows from what lies before the cut, and from the Kasse as it is set up: whoever continues after a
    /// crash files the same.
    async fn compute(&self, kasse: &Kasse, cut: &StoredClosing) -> Result<Closing, ClosingError> {
        let previous = self.previous(&kasse.id, cut.number).await?;
        let sizes = self.store.closing_sizes(&kasse.id, cut.number).await?;
        let mut sheets = self.sheets(&kasse.id, cut.size).await?;
        sheets.retain(|sheet| sheet.position < cut.size);
        let notifications: Vec<_> = self
            .store
            .notifications(&kasse.id)
            .await?
            .into_iter()
            .filter(|told| told.position < cut.size)
            .map(|told| (told.id, told.account, told.position))
            .collect();
        let mut bridge = Bridge::over(&sheets, &notifications, &sizes);
        let books = self.sums(&kasse.id, cut, previous.as_ref(), &mut bridge).await?;
        let banks = banks(kasse, &books, previous.as_ref(), &bridge);
        let rules = &kasse.closing;
        Ok(Closing {
            ledger: kasse.id.clone(),
            kasse: kasse.name.clone(),
            rechnungswesen: kasse.rechnungswesen,
            test: kasse.environment == Environment::Test,
            number: cut.number,
            from: cut.from,
            to: cut.to,
            cut: Cut {
                size: cut.size,
                root: Root(cut.root),
            },
            previous: previous.map(|previous| Previous {
                number: previous.number,
                size: previous.cut.size,
                root: previous.cut.root,
            }),
            program: Program {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                build: option_env!("EPAYBL_BUILD").unwrap_or("–").to_owned(),
                freigabe: Some(rules.freigabe.trim().to_owned()).filter(|text| !text.is_empty()),
            },
            prepared_at: cut.cut_at,
            books,
            banks,
            signing: Signing {
                required: rules.signatures.clone(),
                signatures: Vec::new(),
            },
        })
    }

    async fn previous(&self, ledger: &LedgerId, number: u64) -> Result<Option<Closing>, ClosingError> {
        let Some(before) = number.checked_sub(1).filter(|before| *before > 0) else {
            return Ok(None);
        };
        let missing = || ClosingError::NoClosing {
            ledger: ledger.clone(),
            number: before,
        };
        let stored = self.store.closing(ledger, Some(before)).await?;
        let stored = stored.ok_or_else(missing)?;
        Ok(Some(stored_body(ledger, &stored)?.ok_or_else(missing)?))
    }

    async fn sums(
        &self,
        ledger: &LedgerId,
        cut: &StoredClosing,
        previous: Option<&Closing>,
        bridge: &mut Bridge<'_>,
    ) -> Result<Books, ClosingError> {
        let mut totals = previous.map_or_else(|| Totals::from_the_start(0), Totals::after);
        let mut from = previous.map_or(0, |previous| previous.cut.size);
        while from < cut.size {
            let to = cut.size.min(from + CHUNK);
            let records = self.records(ledger, from, to - from).await?;
            if records.is_empty() {
                return Err(ClosingError::Log {
                    ledger: ledger.clone(),
                    why: format!("record {from} is not there"),
                });
            }
            let mut beside = self.store.beside(ledger, from, to).await?;
            for record in &records {
                bridge.record(&record.body);
                let beside = beside.remove(&record.position).unwrap_or_default();
                if let Some(fact) = Fact::of(&record.body, beside) {
                    totals
                        .record(record.position, record.buchungstag, &fact)
                        .map_err(|why| ClosingError::log(ledger, &why))?;
                }
            }
            from += records.len() as u64;
        }
        totals
            .finish(cut.size, cut.to)
            .map_err(|why| ClosingError::log(ledger, &why))
    }
}

/// The accounts that ever had a statement, and all others where the Kasse says so.
fn banks(kasse: &Kasse, books: &Books, previous: Option<&Closing>, bridge: &Bridge<'_>) -> Vec<Bank> {
    let also = kasse
        .accounts
        .iter()
        .filter(|_| kasse.closing.every_account)
        .map(|account| &account.iban);
    let before = previous.map_or(&[][..], |previous| &previous.banks);
    bridge.banks(before, also, |iban| {
        let name = AccountName::bank(iban.as_str());
        let held = books.accounts.iter().find(|account| account.account == name);
        held.map(|account| account.closing).unwrap_or_default()
    })
}
