//! Payouts of payment providers, once the bank has shown them: each line of the list is booked on its Kassenzeichen, what a
//! later list takes back is booked back, and what fits nothing is named. Run again, it goes on where a crash ended it.
//!
//! `lines`: what each line books.

mod lines;

use super::ports::{CommitError, Deposited, ListedPayout, ReadError, Urgency};
use super::reconcile::{Booked, ReconcileError, Reconciled};
use super::{App, Sealed};
use crate::domain::bookings::PayoutAccount;
use crate::domain::change::Change;
use crate::domain::decide::{PayoutShown, PayoutTerms, differs, payout_shown};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{ChangeId, ExceptionId, LedgerId, PayoutId, PostenId};
use crate::domain::money::Cents;
use crate::domain::payout::Share;
use crate::domain::record::Body;
use crate::domain::resolution::by_program;
use crate::domain::statement::Iban;
use crate::domain::subject::Subject;
use crate::domain::tenant::{AccountHolds, Kasse, ProviderList};

/// How many payouts are read at once.
const PAGE: u32 = 500;

impl From<ReadError> for ReconcileError {
    fn from(error: ReadError) -> Self {
        Self::Intake(error.into())
    }
}

impl From<CommitError> for ReconcileError {
    fn from(error: CommitError) -> Self {
        Self::Intake(error.into())
    }
}

/// Whether all of an account is ours.
pub(super) fn is_exclusive(kasse: &Kasse, iban: &Iban) -> bool {
    let mut accounts = kasse.accounts.iter();
    accounts.any(|account| account.iban == *iban && account.holds == AccountHolds::Exclusive)
}

/// How a payout's list is read and booked.
pub(super) fn settings<'a>(kasse: &'a Kasse, payout: &ListedPayout) -> Option<&'a ProviderList> {
    kasse.lists.iter().find(|list| list.id == payout.source)
}

impl App {
    /// The payouts of a Kasse whose newest lists are young.
    pub(super) async fn young_payouts(
        &self,
        kasse: &Kasse,
        days: i64,
    ) -> Result<Vec<ListedPayout>, ReconcileError> {
        let since = self.now().plus_seconds(-days * 24 * 60 * 60);
        let mut payouts: Vec<ListedPayout> = Vec::new();
        loop {
            let after = payouts.last().map(|payout| payout.payout);
            let page = self.store.payouts(&kasse.id, since, after, PAGE).await?;
            let full = page.len() == PAGE as usize;
            payouts.extend(page);
            if !full {
                return Ok(payouts);
            }
        }
    }

    /// How a payout is booked that an account shows; none does of one that comes to nothing: then other systems' part of it
    /// is ours to keep apart, too.
    fn terms(
        &self,
        kasse: &Kasse,
        list: &ProviderList,
        payout: &ListedPayout,
        iban: Option<&Iban>,
    ) -> PayoutTerms {
        PayoutTerms {
            account: PayoutAccount {
                ledger: kasse.id.clone(),
                payout: payout.payout,
                posten: payout.posten,
                zvp: list.zvp.clone(),
                haushaltsjahr: self.now().berlin_day().year(),
            },
            disagio: list.disagio.clone(),
            exclusive: iban.is_none_or(|iban| is_exclusive(kasse, iban)),
        }
    }

    /// Books what the bank shows of a payout, just now or out of the deposit in which it lay.
    pub(super) async fn book_payout(
        &self,
        kasse: &Kasse,
        payout: &ListedPayout,
        shown: &PayoutShown,
        lay: Option<&Deposited>,
    ) -> Result<Booked, ReconcileError> {
        let Some(list) = settings(kasse, payout) else {
            return Ok(Booked::Taken);
        };
        let row = ListedPayout::row(&kasse.id, &payout.source, &payout.reference);
        let rev = self.store.row_rev(&row).await?;
        let now = self
            .store
            .payout(&kasse.id, &payout.source, &payout.reference)
            .await?;
        // Shown or revised since it was matched: the next run looks again.
        let Some(payout) = now.filter(|now| now.list == payout.list && now.shown.is_none()) else {
            return Ok(Booked::Taken);
        };
        let Some((_, share)) = payout.contents.share(list.terms(), shown.whole) else {
            return Ok(Booked::Taken);
        };
        let terms = self.terms(kasse, list, &payout, Some(&shown.account));
        let target = terms.target(share);
        let mut guards = vec![(row, rev)];
        // It came to nothing once, and was settled then.
        let before = if payout.nothing {
            Some(self.store.share_booked(&kasse.id, payout.payout).await?)
        } else {
            None
        };
        let aside = self.aside(before, payout.payout, &mut guards).await?;
        let mut ctx = self.ctx(&kasse.id);
        let Some(mut change) = payout_shown(&mut ctx, &terms, Some(shown), before, target, aside) else {
            if lay.is_none() {
                return Ok(Booked::Unfit(
                    "what it was settled with has been passed on".to_owned(),
                ));
            }
            let mut change = differs(&mut ctx, &terms.account, payout.list, shown.whole);
            change.guards.rows.extend(guards);
            self.is_committed(change).await?;
            return Ok(Booked::Taken);
        };
        change.guards.rows.extend(guards);
        if let Some(lay) = lay {
            let why = format!("payout/{}", payout.payout);
            if !self.no_longer_lies(&mut change, &kasse.id, lay, why).await? {
                return Ok(Booked::Taken);
            }
        }
        Ok(if self.is_committed(change).await? {
            Booked::Done
        } else {
            Booked::Taken
        })
    }

    /// The deposit is emptied, and the exception that named it is resolved; `false`: a person was faster.
    pub(super) async fn no_longer_lies(
        &self,
        change: &mut Change,
        ledger: &LedgerId,
        lay: &Deposited,
        why: String,
    ) -> Result<bool, ReconcileError> {
        let row = format!("posten/{}", lay.posten);
        let rev = self.store.row_rev(&row).await?;
        change.guards.rows.push((row, rev));
        self.resolved(change, ledger, lay.exception, why).await
    }

    /// The program resolves an exception; `false`: a person has begun with it.
    async fn resolved(
        &self,
        change: &mut Change,
        ledger: &LedgerId,
        exception: ExceptionId,
        why: String,
    ) -> Result<bool, ReconcileError> {
        let row = format!("exception/{exception}");
        // What is looked at now is what the guard holds on to.
        let rev = self.store.row_rev(&row).await?;
        let listed = self.store.exception(ledger, exception).await?;
        if listed.is_some_and(|listed| listed.resolved || !listed.steps.is_empty()) {
            return Ok(false);
        }
        change.guards.rows.push((row, rev));
        let resolved = Body::Resolution(by_program(exception, why));
        change.effects.records.push((resolved, Vec::new()));
        Ok(true)
    }

    /// Commits; `false`: something has changed meanwhile.
    async fn is_committed(&self, change: Change) -> Result<bool, ReconcileError> {
        let sealed = Sealed {
            change,
            new_key: None,
            personal: Vec::new(),
        };
        match self.commit(sealed, Urgency::Bulk).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Books the lines of all payouts that the bank has shown, and looks again at those that lie in deposit.
    pub(super) async fn work_payouts(
        &self,
        kasse: &Kasse,
        days: i64,
        done: &mut Reconciled,
    ) -> Result<(), ReconcileError> {
        for payout in self.young_payouts(kasse, days).await? {
            let Some(list) = settings(kasse, &payout).filter(|_| !payout.done) else {
                continue;
            };
            // What is exactly nothing is shown by no bank: its list settles it.
            let nothing = payout.shown.is_none() && payout.contents.is_nothing(list.terms());
            if nothing && !payout.nothing {
                done.payouts += u64::from(self.settle_nothing(kasse, list, &payout).await?);
            }
            if nothing || payout.shown.is_some() {
                self.work_payout(kasse, list, &payout, done).await?;
            }
        }
        for lying in self.store.deposited_lines(&kasse.id).await? {
            let named = self.named(kasse, std::slice::from_ref(&lying.reference)).await?;
            let Some(Some((case, attempt))) = named.get(&lying.reference).copied() else {
                continue;
            };
            let money = (lying.deposited.clone(), lying.cents);
            if self.take_out(case, attempt, &money, false).await? == Booked::Done {
                done.settled += 1;
            }
        }
        Ok(())
    }

    /// Settles a payout that comes to nothing without a bank's line, once; `false`: somebody else was faster, or the bank
    /// has shown something.
    async fn settle_nothing(
        &self,
        kasse: &Kasse,
        list: &ProviderList,
        payout: &ListedPayout,
    ) -> Result<bool, ReconcileError> {
        let row = ListedPayout::row(&kasse.id, &payout.source, &payout.reference);
        let rev = self.store.row_rev(&row).await?;
        let now = self
            .store
            .payout(&kasse.id, &payout.source, &payout.reference)
            .await?;
        if now.is_none_or(|now| now.list != payout.list || now.shown.is_some() || now.nothing) {
            return Ok(false);
        }
        let Some((_, share)) = payout.contents.share(list.terms(), Cents::ZERO) else {
            return Ok(false);
        };
        let terms = self.terms(kasse, list, payout, None);
        let mut ctx = self.ctx(&kasse.id);
        let change = payout_shown(&mut ctx, &terms, None, None, terms.target(share), None);
        let mut change = change.expect("nothing is taken back of what was never booked");
        change.guards.rows.push((row, rev));
        self.is_committed(change).await
    }

    /// The deposit of other systems' money of a payout of which something is booked, read under a guard: a person may
    /// decide of it at the same time.
    async fn aside(
        &self,
        before: Option<Share>,
        payout: PayoutId,
        guards: &mut Vec<(String, i64)>,
    ) -> Result<Option<(PostenId, Cents)>, ReconcileError> {
        let subject = Subject::Payout(payout);
        let Some(found) = self.store.deposit(subject).await?.filter(|_| before.is_some()) else {
            return Ok(None);
        };
        let row = format!("posten/{}", found.posten);
        guards.push((row.clone(), self.store.row_rev(&row).await?));
        let again = self.store.deposit(subject).await?;
        Ok(again.map(|aside| (aside.posten, aside.cents)))
    }

    /// Whether what is booked of a payout as a whole is what its newest list says; it is moved where a later list says
    /// something else. Where list and bank do not add up any more, that is named, and nothing is moved.
    async fn is_shared_out(
        &self,
        list: &ProviderList,
        payout: &ListedPayout,
        terms: &PayoutTerms,
    ) -> Result<bool, ReconcileError> {
        let ledger = &terms.account.ledger;
        let row = ListedPayout::row(ledger, &payout.source, &payout.reference);
        let rev = self.store.row_rev(&row).await?;
        let now = self
            .store
            .payout(ledger, &payout.source, &payout.reference)
            .await?;
        if now.is_none_or(|now| now.list != payout.list) {
            return Ok(false);
        }
        let subject = Subject::Payout(payout.payout);
        let open = self.store.open_exceptions(ledger, subject).await?;
        let open = open.iter().find(|one| one.code == ExceptionCode::ListDiffers);
        let mut ctx = self.ctx(ledger);
        let before = self.store.share_booked(ledger, payout.payout).await?;
        let whole = payout.shown.as_ref().map_or(Cents::ZERO, |shown| shown.whole);
        let share = payout.contents.share(list.terms(), whole);
        let mut guards = vec![(row, rev)];
        let moved = match share {
            None => None,
            Some((_, share)) if terms.target(share) == before => Some(None),
            Some((rule, share)) => {
                let aside = self.aside(Some(before), payout.payout, &mut guards).await?;
                let shown = payout.shown.as_ref().map(|shown| PayoutShown {
                    detail: shown.detail,
                    account: shown.account.clone(),
                    whole: shown.whole,
                    first: false,
                    from: None,
                    rule: rule.as_str().to_owned(),
                    evidence: format!("revision {}", payout.revision),
                });
                let target = terms.target(share);
                payout_shown(&mut ctx, terms, shown.as_ref(), Some(before), target, aside).map(Some)
            }
        };
        let mut change = match (moved, open) {
            (None, Some(_)) => return Ok(false),
            (None, None) => {
                let off = whole - payout.contents.payout(list.terms()).net();
                let mut change = differs(&mut ctx, &terms.account, payout.list, off);
                change.guards.rows.extend(guards);
                self.is_committed(change).await?;
                return Ok(false);
            }
            (Some(None), None) => return Ok(true),
            (Some(None), Some(_)) => {
                let mut change = Change::bare(ChangeId(ctx.mint.next_id()));
                change.ledger = Some(ledger.clone());
                change
            }
            (Some(Some(change)), _) => change,
        };
        if let Some(open) = open.filter(|open| !open.begun) {
            let why = format!("payout/{}", payout.payout);
            self.resolved(&mut change, ledger, open.id, why).await?;
        }
        if change.effects.records.is_empty() {
            return Ok(true);
        }
        change.guards.rows.extend(guards);
        self.is_committed(change).await
    }
}
