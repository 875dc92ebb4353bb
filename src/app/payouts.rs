//! Payouts of payment providers, once the bank has shown them: each line of the list is booked on its Kassenzeichen, what a
//! later list takes back is booked back, and what fits nothing is named. Run again, it goes on where a crash ended it.

use std::collections::BTreeMap;

use super::ports::{
    CommitError, Deposited, LineWork, ListedPayout, NamedAttempt, ReadError, ShownPayout, Urgency,
};
use super::reconcile::{Booked, ReconcileError, Reconciled};
use super::{App, ChangeError, MOST_ROUNDS, Sealed};
use crate::domain::bookings::PayoutAccount;
use crate::domain::change::Change;
use crate::domain::decide::{
    Ctx, Part, PayoutShown, PayoutTerms, differs, line_aside, line_back, line_key, parted, payout_shown,
    taken_out,
};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, CaseId, ChangeId, ExceptionId, LedgerId};
use crate::domain::money::Cents;
use crate::domain::record::Body;
use crate::domain::resolution::by_program;
use crate::domain::statement::Iban;
use crate::domain::subject::{ListLineId, Subject};
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

    fn terms(&self, kasse: &Kasse, list: &ProviderList, payout: &ListedPayout, iban: &Iban) -> PayoutTerms {
        PayoutTerms {
            account: PayoutAccount {
                ledger: kasse.id.clone(),
                payout: payout.payout,
                posten: payout.posten,
                zvp: list.zvp.clone(),
                haushaltsjahr: self.now().berlin_day().year(),
            },
            disagio: list.disagio.clone(),
            exclusive: is_exclusive(kasse, iban),
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
        let terms = self.terms(kasse, list, &payout, &shown.account);
        let mut ctx = self.ctx(&kasse.id);
        let target = terms.target(share);
        let change = payout_shown(&mut ctx, &terms, shown, None, target, None);
        let mut change = change.expect("nothing is taken back of what was never booked");
        change.guards.rows.push((row, rev));
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
            if payout.done {
                continue;
            }
            if let (Some(list), Some(shown)) = (settings(kasse, &payout), &payout.shown) {
                self.work_payout(kasse, list, &payout, shown, done).await?;
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

    async fn work_payout(
        &self,
        kasse: &Kasse,
        list: &ProviderList,
        payout: &ListedPayout,
        shown: &ShownPayout,
        done: &mut Reconciled,
    ) -> Result<(), ReconcileError> {
        let terms = self.terms(kasse, list, payout, &shown.account);
        if !self.is_shared_out(list, payout, shown, &terms).await? {
            return Ok(());
        }
        let work = self.store.payout_work(&kasse.id, payout.payout).await?;
        let references: Vec<String> = work
            .iter()
            .filter_map(|work| work.line.reference.clone())
            .collect();
        let named = self.named(kasse, &references).await?;
        let mut parts: BTreeMap<(CaseId, AttemptId), Part> = BTreeMap::new();
        for one in &work {
            let amount = (one.id, one.line.gross);
            let reference = one.line.reference.as_deref().unwrap_or_default();
            match (&one.back_from, named.get(reference).copied().flatten()) {
                (None, Some(found)) => parts.entry(found).or_default().adds.push(amount),
                (None, None) => {
                    self.put_aside(&terms, one.id, one.line.gross, false, done)
                        .await?;
                }
                (Some(went), _) => match went_to(went) {
                    Some(found) => parts.entry(found).or_default().backs.push(amount),
                    None => self.put_back(&terms, one, done).await?,
                },
            }
        }
        // What is taken back comes first.
        let (first, then): (Vec<_>, Vec<_>) = parts.iter().partition(|(_, part)| !part.backs.is_empty());
        for ((case, attempt), part) in first.into_iter().chain(then) {
            self.book_part(&terms, (*case, *attempt), part, done).await?;
        }
        if self.store.payout_work(&kasse.id, payout.payout).await?.is_empty() {
            self.store.list_done(payout.list).await?;
        }
        Ok(())
    }

    /// Whether what is booked of a payout as a whole is what its newest list says; it is moved where a later list says
    /// something else. Where list and bank do not add up any more, that is named, and nothing is moved.
    async fn is_shared_out(
        &self,
        list: &ProviderList,
        payout: &ListedPayout,
        shown: &ShownPayout,
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
        let share = payout.contents.share(list.terms(), shown.whole);
        let mut guards = vec![(row, rev)];
        let moved = match share {
            None => None,
            Some((_, share)) if terms.target(share) == before => Some(None),
            Some((rule, share)) => {
                if let Some(aside) = self.store.deposit(subject).await? {
                    let lying = format!("posten/{}", aside.posten);
                    guards.push((lying.clone(), self.store.row_rev(&lying).await?));
                }
                // Read again under the guard: a person may decide of it at the same time.
                let aside = self.store.deposit(subject).await?;
                let aside = aside.map(|aside| (aside.posten, aside.cents));
                let shown = PayoutShown {
                    detail: shown.detail,
                    account: shown.account.clone(),
                    whole: shown.whole,
                    from: None,
                    rule: rule.as_str().to_owned(),
                    evidence: format!("revision {}", payout.revision),
                };
                payout_shown(&mut ctx, terms, &shown, Some(before), terms.target(share), aside).map(Some)
            }
        };
        let mut change = match (moved, open) {
            (None, Some(_)) => return Ok(false),
            (None, None) => {
                let off = shown.whole - payout.contents.payout(list.terms()).net();
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

    /// The attempt that each reference names, where it is one.
    async fn named(
        &self,
        kasse: &Kasse,
        references: &[String],
    ) -> Result<BTreeMap<String, Option<(CaseId, AttemptId)>>, ReconcileError> {
        let mut named: BTreeMap<String, Option<(CaseId, AttemptId)>> = BTreeMap::new();
        for chunk in references.chunks(1000) {
            for found in self.store.attempts_listed(&kasse.id, chunk).await? {
                let NamedAttempt {
                    reference,
                    case,
                    attempt,
                } = found;
                let this = Some((case, attempt));
                let known = named.entry(reference).or_insert(this);
                if *known != this {
                    *known = None;
                }
            }
        }
        Ok(named)
    }

    async fn book_part(
        &self,
        terms: &PayoutTerms,
        (case, attempt): (CaseId, AttemptId),
        part: &Part,
        done: &mut Reconciled,
    ) -> Result<(), ReconcileError> {
        let lines = part.adds.iter().map(|(line, _)| (*line, false));
        let mut lines = lines.chain(part.backs.iter().map(|(line, _)| (*line, true)));
        let first = lines.next().expect("a part has lines");
        for _ in 0..MOST_ROUNDS {
            let (snapshot, mut ctx) = self.begin(case).await?;
            let Ok(change) = parted(&mut ctx, &snapshot.case, attempt, &terms.account, part) else {
                for (line, cents) in &part.adds {
                    self.put_aside(terms, *line, *cents, false, done).await?;
                }
                for (line, cents) in &part.backs {
                    self.put_aside(terms, *line, -*cents, true, done).await?;
                }
                return Ok(());
            };
            if self.conclude(&snapshot, change, Urgency::Bulk, None).await? {
                done.settled += 1;
                return Ok(());
            }
            if self.is_booked(terms, first).await? {
                done.taken += 1;
                return Ok(());
            }
        }
        Err(ChangeError::Contended.into())
    }

    async fn is_booked(
        &self,
        terms: &PayoutTerms,
        (line, back): (ListLineId, bool),
    ) -> Result<bool, ReconcileError> {
        let key = line_key(&terms.account.ledger, line, back, String::new());
        Ok(self.store.once(&key.scope, &key.key).await?.is_some())
    }

    async fn put_aside(
        &self,
        terms: &PayoutTerms,
        line: ListLineId,
        cents: Cents,
        back: bool,
        done: &mut Reconciled,
    ) -> Result<(), ReconcileError> {
        let mut ctx: Ctx = self.ctx(&terms.account.ledger);
        let change = line_aside(&mut ctx, &terms.account, line, cents, back);
        if self.is_committed(change).await? {
            done.unclear += 1;
        } else {
            done.taken += 1;
        }
        Ok(())
    }

    /// Takes a line back out of the deposit that it lies in; where the money is not there any more, that is named.
    async fn put_back(
        &self,
        terms: &PayoutTerms,
        work: &LineWork,
        done: &mut Reconciled,
    ) -> Result<(), ReconcileError> {
        let subject = Subject::ListLine(work.id);
        let cents = work.line.gross;
        let deposit = self.store.deposit(subject).await?;
        let open = self.store.open_exceptions(&terms.account.ledger, subject).await?;
        let open = open.iter().find(|one| one.code == ExceptionCode::LineUnclear);
        let untouched = open.filter(|open| !open.begun);
        let (Some(deposit), Some(open)) = (deposit, untouched) else {
            return self.put_aside(terms, work.id, -cents, true, done).await;
        };
        let posten = deposit.posten;
        if deposit.cents != cents {
            return self.put_aside(terms, work.id, -cents, true, done).await;
        }
        let mut ctx = self.ctx(&terms.account.ledger);
        let mut change = line_back(&mut ctx, &terms.account, work.id, (posten, cents));
        let lay = Deposited {
            posten,
            exception: open.id,
        };
        let (ledger, why) = (&terms.account.ledger, format!("payout/{}", terms.account.payout));
        // Where a person was faster, the next run sees what has become of the money.
        if self.no_longer_lies(&mut change, ledger, &lay, why).await? {
            self.is_committed(change).await?;
        }
        Ok(())
    }

    /// Books money that lies in a deposit on the attempt that it turns out to be of, where it fits.
    pub(super) async fn take_out(
        &self,
        case: CaseId,
        attempt: AttemptId,
        (lay, cents): &(Deposited, Cents),
        first: bool,
    ) -> Result<Booked, ReconcileError> {
        let (snapshot, mut ctx) = self.begin(case).await?;
        let of = snapshot
            .case
            .payment_of(attempt)
            .and_then(|payment| payment.attempt(attempt));
        let Some(of) = of else {
            return Err(ChangeError::NotFound.into());
        };
        let provider = self.provider(&of.provider);
        let zvp = provider
            .map(|provider| provider.default_zvp().to_owned())
            .unwrap_or_default();
        let money = (lay.posten, *cents);
        let mut change = match taken_out(&mut ctx, &snapshot.case, attempt, money, first, &zvp) {
            Ok(change) => change,
            Err(why) => return Ok(Booked::Unfit(why.to_string())),
        };
        let why = format!("attempt/{attempt}");
        let ledger = &snapshot.case.ledger;
        if !self.no_longer_lies(&mut change, ledger, lay, why).await? {
            return Ok(Booked::Taken);
        }
        Ok(if self.conclude(&snapshot, change, Urgency::Bulk, None).await? {
            Booked::Done
        } else {
            Booked::Taken
        })
    }
}

/// The attempt that a line was booked on; none where it went to a deposit.
fn went_to(went: &str) -> Option<(CaseId, AttemptId)> {
    let (case, attempt) = went.strip_prefix("attempt/")?.split_once('/')?;
    Some((case.parse().ok()?, attempt.parse().ok()?))
}
