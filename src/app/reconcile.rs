//! Payments on filed statements find their attempts: everything that nobody has claimed is matched against everything that
//! is expected, and each verdict is committed as one Change. Run again, it finds what was not there before.
//!
//! What is certain is booked on its attempt. What bears a reference of ours and does not fit, and everything on an account
//! of ours alone, is booked as a deposit (or an advance) and named. The rest of a shared account is foreign: it stays
//! unclaimed, and is looked at again while it is young. A batched line whose payments nobody tells is matched as a whole
//! where a reference is certain, and waits for its notification else.

mod advances;
pub(super) mod expect;
mod gather;
mod refunds;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::payouts::is_exclusive;
use super::ports::{CommitError, Deposited, Expected, ListedOrder, ListedPayout, OpenDetail, Urgency};
use super::statements::IntakeError;
use super::tenants::read_body;
use super::{App, ChangeError, Sealed};
use crate::domain::calendar::bank_days_after;
use crate::domain::decide::{NotSettled, Shown, not_known, shown};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, CaseId, LedgerId, PersonalId};
use crate::domain::money::Cents;
use crate::domain::reconcile::{Difference, InputError, Judged, Lines, Settings, Verdict, reconcile};
use crate::domain::statement::{Detail, Entry};
use crate::domain::tenant::Kasse;
use expect::{Item, book, item_of, payout_of};

/// How many rows are read at once.
const PAGE: u32 = 2000;
/// For how long after it came in a payment that nobody has claimed is looked at again, in days.
const YOUNG: i64 = 400;
/// For how long each run looks at it again, in days. A shared account of a city has hundreds of thousands of lines a year
/// that are nobody's; those that are older are looked at once a day.
const RECENT: i64 = 35;

/// How far back a run of matching looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// At everything that may still find its payment.
    Whole,
    /// At what came in lately.
    Recent,
}

impl Reach {
    const fn days(self) -> i64 {
        match self {
            Self::Whole => YOUNG,
            Self::Recent => RECENT,
        }
    }
}

/// What a run of matching did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reconciled {
    /// Payments that were looked at.
    pub looked_at: u64,
    /// Booked on the attempts that they belong to.
    pub settled: u64,
    /// Returns, booked likewise.
    pub returned: u64,
    /// Booked as deposits or advances, each with an exception.
    pub unclear: u64,
    /// On shared accounts, and nothing to do with us.
    pub foreign: u64,
    /// Payouts of payment providers; their lines are counted above.
    pub payouts: u64,
    /// Claimed by somebody else meanwhile.
    pub taken: u64,
    /// Batched lines that were opened by their notifications.
    pub opened: u64,
    /// Batched lines on accounts of ours alone that still wait for theirs.
    pub waiting: u64,
}

/// Why matching stopped. What was committed stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReconcileError {
    /// The store, or the keys.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// A case could not be changed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// There is too much, or the store tells something twice.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Comparing ended in a panic.
    #[error("comparing did not come to its end: {0}")]
    Broken(String),
    /// What a statement said of a payment cannot be read.
    #[error("personal {id}: {why}")]
    Unreadable {
        /// The piece of personal data.
        id: PersonalId,
        /// What is wrong.
        why: String,
    },
}

/// What is stored of a payment on a statement.
#[derive(Debug, Deserialize)]
pub(super) struct Written {
    pub(super) entry: Entry,
    pub(super) detail: Detail,
}

/// Everything that one run matches.
#[derive(Default)]
struct Run {
    lines: Lines,
    details: Vec<OpenDetail>,
    /// The batched lines among them that nobody has opened, by their places.
    closed: BTreeSet<usize>,
    /// Those of the details that lie in deposits already, by their places.
    lying: BTreeMap<usize, Deposited>,
    expected: Vec<Expected>,
    /// Behind what is expected.
    payouts: Vec<ListedPayout>,
    /// What was ordered to be paid out; behind the payouts.
    orders: Vec<ListedOrder>,
}

impl App {
    /// Matches everything that statements of a Kasse show with what is expected.
    ///
    /// # Errors
    /// As [`reconcile_within`](Self::reconcile_within).
    pub async fn reconcile(&self, ledger: &LedgerId) -> Result<Reconciled, ReconcileError> {
        self.reconcile_within(ledger, Reach::Whole).await
    }

    /// Matches what statements of a Kasse show with what is expected.
    ///
    /// # Errors
    /// [`ReconcileError`]; what was committed before stays, and a further run goes on.
    pub async fn reconcile_within(
        &self,
        ledger: &LedgerId,
        reach: Reach,
    ) -> Result<Reconciled, ReconcileError> {
        let Some(object) = self
            .store
            .tenant("kasse", ledger.as_str())
            .await
            .map_err(IntakeError::from)?
        else {
            return Ok(Reconciled::default());
        };
        let kasse: Kasse = read_body(&object).map_err(IntakeError::from)?;
        let since = self.now().plus_seconds(-reach.days() * 24 * 60 * 60);
        let opened = self.open_lines(ledger, since).await?;
        let run = self.gather(&kasse, since).await?;
        // A million lines take seconds, in which requests must be answered.
        let matching = tokio::task::spawn_blocking(move || {
            let book = book(&kasse, &run)?;
            let outcome = reconcile(&run.lines, &book, Settings::default())?;
            Ok::<_, InputError>((kasse, run, outcome))
        });
        let (kasse, run, outcome) = matching
            .await
            .map_err(|error| ReconcileError::Broken(error.to_string()))??;
        let mut done = Reconciled {
            looked_at: (run.details.len() - run.lying.len()) as u64,
            opened,
            ..Reconciled::default()
        };
        let place =
            |judged: &Judged| usize::try_from(judged.line.0).expect("lines are numbered by their place");
        let mut judged = outcome.judged;
        // As they were judged: what goes back is booked after what had come in, whichever was read first.
        judged.sort_by_key(|one| {
            let returned = matches!(one.verdict, Verdict::Returned(_));
            (run.details[place(one)].booked_on, returned, one.line)
        });
        for judged in judged {
            let at = place(&judged);
            match run.lying.get(&at) {
                None => {
                    self.carry_out(&kasse, &run, at, judged.verdict, &mut done)
                        .await?;
                }
                Some(lay) => {
                    self.carry_on(&kasse, &run, &run.details[at], lay, judged.verdict, &mut done)
                        .await?;
                }
            }
        }
        self.work_payouts(&kasse, YOUNG, &mut done).await?;
        if done.opened + done.settled + done.returned + done.unclear + done.payouts > 0 {
            tracing::info!(kasse = %ledger, opened, settled = done.settled, returned = done.returned,
                unclear = done.unclear, foreign = done.foreign, payouts = done.payouts, "statements matched");
        }
        Ok(done)
    }

    async fn carry_out(
        &self,
        kasse: &Kasse,
        run: &Run,
        at: usize,
        verdict: Verdict,
        done: &mut Reconciled,
    ) -> Result<(), ReconcileError> {
        let of = &run.details[at];
        let fact = |rule: &str, evidence: String, fee: Cents| Shown {
            detail: of.id,
            account: of.account.clone(),
            cents: of.cents,
            fee,
            rule: rule.to_owned(),
            evidence,
        };
        let found = match &verdict {
            Verdict::Paired(pairing) => {
                let evidence = pairing.evidence.to_string();
                Some((pairing.target, fact(pairing.rule.as_str(), evidence, Cents::ZERO)))
            }
            Verdict::Returned(returned) => {
                let evidence = returned.evidence.to_string();
                Some((
                    returned.target,
                    fact(returned.rule.as_str(), evidence, returned.fee),
                ))
            }
            _ => None,
        };
        if let Some((target, found)) = found {
            let booked = match item_of(run, target) {
                Item::Attempt(of) => self.book_shown(of.case, of.attempt, &found).await?,
                Item::Order(order) => self.book_left(order, &found).await?,
                // The bank takes a payout back: nobody has told what becomes of its payments.
                Item::Payout(_) if matches!(verdict, Verdict::Returned(_)) => {
                    return self
                        .book_unknown(&kasse.id, &found, ExceptionCode::ReturnUnclear, done)
                        .await;
                }
                // Once more after the bank had taken it back: the advance as which that stands is a person's to clear.
                Item::Payout(payout) if payout.shown.is_some() => {
                    return self
                        .book_unknown(&kasse.id, &found, ExceptionCode::PaidTwice, done)
                        .await;
                }
                Item::Payout(payout) => {
                    let shown = payout_of(of, &found, None);
                    match self.book_payout(kasse, payout, &shown, None).await? {
                        Booked::Done => done.payouts += 1,
                        Booked::Taken => done.taken += 1,
                        Booked::Unfit(why) => {
                            let evidence = format!("{}; {why}", found.evidence);
                            let unfit = Shown { evidence, ..found };
                            let code = ExceptionCode::ListDiffers;
                            self.book_unknown(&kasse.id, &unfit, code, done).await?;
                        }
                    }
                    return Ok(());
                }
            };
            match booked {
                Booked::Done if found.cents.is_positive() => done.settled += 1,
                Booked::Done => done.returned += 1,
                Booked::Taken => done.taken += 1,
                Booked::Unfit(why) => {
                    let unfit = Shown {
                        evidence: format!("{}; {why}", found.evidence),
                        ..found
                    };
                    let code = if unfit.cents.is_positive() {
                        ExceptionCode::AmountDiffers
                    } else {
                        ExceptionCode::ReturnUnclear
                    };
                    self.book_unknown(&kasse.id, &unfit, code, done).await?;
                }
            }
            return Ok(());
        }
        let exclusive = is_exclusive(kasse, &of.account);
        if run.closed.contains(&at) {
            // Its payments may still be told; until then a shared account shows it as foreign.
            let account = kasse.accounts.iter().find(|account| account.iban == of.account);
            let days = account.map_or(0, |account| account.details_days);
            let until = bank_days_after(of.booked_on.max(of.came_in.berlin_day()), days);
            if !exclusive {
                done.foreign += 1;
                return Ok(());
            }
            if self.now().berlin_day() < until {
                done.waiting += 1;
                return Ok(());
            }
        }
        let (code, evidence) = match &verdict {
            Verdict::Exception(exception) => {
                let evidence = exception.evidence.as_ref().map(ToString::to_string);
                let payout = exception.target.map(|target| item_of(run, target));
                let payout = matches!(payout, Some(Item::Payout(_)));
                let code = exception_code(exception.code, payout);
                (code, evidence.unwrap_or_default())
            }
            Verdict::Ambiguous(candidates) => {
                let names: Vec<String> = candidates.iter().map(|one| one.evidence.to_string()).collect();
                (ExceptionCode::Ambiguous, names.join("; "))
            }
            _ if !exclusive => {
                done.foreign += 1;
                return Ok(());
            }
            _ if of.cents.is_positive() => (ExceptionCode::UnknownCredit, String::new()),
            _ => (ExceptionCode::UnknownDebit, String::new()),
        };
        let unclear = fact("klaerung", evidence, Cents::ZERO);
        self.book_unknown(&kasse.id, &unclear, code, done).await
    }

    /// What lies in a deposit, or stands as an advance, turns out to be somebody's, for certain; else it stays there.
    async fn carry_on(
        &self,
        kasse: &Kasse,
        run: &Run,
        of: &OpenDetail,
        lay: &Deposited,
        verdict: Verdict,
        done: &mut Reconciled,
    ) -> Result<(), ReconcileError> {
        let pairing = match verdict {
            Verdict::Paired(pairing) => pairing,
            Verdict::Returned(returned) => {
                if let Item::Attempt(attempt) = item_of(run, returned.target) {
                    let left = (-of.cents, returned.fee);
                    let booked = self.take_return(attempt.case, attempt.attempt, lay, left).await?;
                    done.returned += u64::from(booked == Booked::Done);
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        let found = Shown {
            detail: of.id,
            account: of.account.clone(),
            cents: of.cents,
            fee: Cents::ZERO,
            rule: pairing.rule.as_str().to_owned(),
            evidence: pairing.evidence.to_string(),
        };
        match item_of(run, pairing.target) {
            Item::Attempt(attempt) if !of.cents.is_positive() => {
                let left = (-of.cents, Cents::ZERO);
                let booked = self.take_return(attempt.case, attempt.attempt, lay, left).await?;
                done.returned += u64::from(booked == Booked::Done);
            }
            Item::Attempt(attempt) => {
                let money = (lay.clone(), of.cents);
                if self.take_out(attempt.case, attempt.attempt, &money, true).await? == Booked::Done {
                    done.settled += 1;
                }
            }
            // Money that came in is no order that leaves.
            Item::Order(_) => {}
            Item::Payout(payout) => {
                let shown = payout_of(of, &found, Some(lay));
                if self.book_payout(kasse, payout, &shown, Some(lay)).await? == Booked::Done {
                    done.payouts += 1;
                }
            }
        }
        Ok(())
    }

    /// Books a payment on the attempt that it belongs to.
    async fn book_shown(
        &self,
        case: CaseId,
        attempt: AttemptId,
        found: &Shown,
    ) -> Result<Booked, ReconcileError> {
        let zvp = |provider: &crate::domain::ids::ProviderId| {
            let provider = self
                .provider(provider)
                .map(|provider| provider.default_zvp().to_owned());
            provider.unwrap_or_default()
        };
        for _ in 0..super::MOST_ROUNDS {
            let (snapshot, mut ctx) = self.begin(case).await?;
            let of = snapshot
                .case
                .payment_of(attempt)
                .and_then(|payment| payment.attempt(attempt));
            let Some(of) = of else {
                return Err(ChangeError::NotFound.into());
            };
            let change = match shown(&mut ctx, &snapshot.case, attempt, found, &zvp(&of.provider)) {
                Ok(change) => change,
                Err(why @ (NotSettled::NotTold { .. } | NotSettled::MoreThanPaid { .. })) => {
                    return Ok(Booked::Unfit(why.to_string()));
                }
            };
            if self.conclude(&snapshot, change, Urgency::Bulk, None).await? {
                return Ok(Booked::Done);
            }
            if self.is_claimed(&snapshot.case.ledger, found).await? {
                return Ok(Booked::Taken);
            }
        }
        Err(ChangeError::Contended.into())
    }

    async fn book_unknown(
        &self,
        ledger: &LedgerId,
        found: &Shown,
        code: ExceptionCode,
        done: &mut Reconciled,
    ) -> Result<(), ReconcileError> {
        let mut ctx = self.ctx(ledger);
        let sealed = Sealed {
            change: not_known(&mut ctx, ledger, found, code),
            new_key: None,
            personal: Vec::new(),
        };
        match self.commit(sealed, Urgency::Bulk).await {
            Ok(()) => done.unclear += 1,
            Err(CommitError::Conflict) => done.taken += 1,
            Err(error) => return Err(IntakeError::from(error).into()),
        }
        Ok(())
    }

    async fn is_claimed(&self, ledger: &LedgerId, found: &Shown) -> Result<bool, ReconcileError> {
        let key = crate::domain::decide::detail_key(ledger, found.detail);
        let claimed = self.store.once(&key.scope, &key.key).await;
        Ok(claimed.map_err(IntakeError::from)?.is_some())
    }
}

/// What became of a payment that was found to belong to an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Booked {
    Done,
    /// Somebody else had claimed it.
    Taken,
    /// The attempt is no longer as it was matched.
    Unfit(String),
}

const fn exception_code(difference: Difference, payout: bool) -> ExceptionCode {
    match difference {
        Difference::Amount if payout => ExceptionCode::ListDiffers,
        Difference::Fee if payout => ExceptionCode::FeeUnclear,
        Difference::Amount | Difference::Fee => ExceptionCode::AmountDiffers,
        Difference::Twice | Difference::AfterSettled => ExceptionCode::PaidTwice,
        Difference::Account => ExceptionCode::OtherAccount,
        Difference::ReturnUnknown | Difference::ReturnAmount => ExceptionCode::ReturnUnclear,
        Difference::Opposite => ExceptionCode::Opposite,
    }
}
