//! Payments on filed statements find their attempts: everything that nobody has claimed is matched against everything that
//! is expected, and each verdict is committed as one Change. Run again, it finds what was not there before.
//!
//! What is certain is booked on its attempt. What bears a reference of ours and does not fit, and everything on an account
//! of ours alone, is booked as a deposit (or an advance) and named. The rest of a shared account is foreign: it stays
//! unclaimed, and is looked at again while it is young.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ports::{CommitError, Expected, OpenDetail, Urgency};
use super::statements::IntakeError;
use super::tenants::read_body;
use super::{App, ChangeError, Sealed};
use crate::domain::decide::{NotSettled, Shown, not_known, shown};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, CaseId, LedgerId, PersonalId};
use crate::domain::money::Cents;
use crate::domain::reconcile::{
    Book, Difference, InputError, Judged, Kind, Line, LineId, Lines, Name, Open, Settings, Settled, Target,
    Verdict, reconcile,
};
use crate::domain::statement::{Detail, Entry, Iban};
use crate::domain::tenant::{AccountHolds, Kasse};

/// How many rows are read at once.
const PAGE: u32 = 2000;
/// For how long after it came in a payment that nobody has claimed is looked at again, in days.
const YOUNG: i64 = 400;

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
    /// Claimed by somebody else meanwhile.
    pub taken: u64,
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
struct Written {
    entry: Entry,
    detail: Detail,
}

/// Everything that one run matches.
#[derive(Default)]
struct Run {
    lines: Lines,
    details: Vec<OpenDetail>,
    expected: Vec<Expected>,
}

impl App {
    /// Matches what statements of a Kasse show with what is expected.
    ///
    /// # Errors
    /// [`ReconcileError`]; what was committed before stays, and a further run goes on.
    pub async fn reconcile(&self, ledger: &LedgerId) -> Result<Reconciled, ReconcileError> {
        let Some(object) = self
            .store
            .tenant("kasse", ledger.as_str())
            .await
            .map_err(IntakeError::from)?
        else {
            return Ok(Reconciled::default());
        };
        let kasse: Kasse = read_body(&object).map_err(IntakeError::from)?;
        let run = self.gather(&kasse).await?;
        let book = book(&run.expected)?;
        let outcome = reconcile(&run.lines, &book, Settings::default())?;
        let mut done = Reconciled {
            looked_at: run.details.len() as u64,
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
            self.carry_out(&kasse, &run, &run.details[at], judged.verdict, &mut done)
                .await?;
        }
        if done.settled + done.returned + done.unclear > 0 {
            tracing::info!(kasse = %ledger, settled = done.settled, returned = done.returned,
                unclear = done.unclear, foreign = done.foreign, "statements matched");
        }
        Ok(done)
    }

    async fn gather(&self, kasse: &Kasse) -> Result<Run, ReconcileError> {
        let mut run = Run::default();
        let accounts: BTreeMap<&Iban, u32> = kasse
            .accounts
            .iter()
            .map(|account| &account.iban)
            .zip(0..)
            .collect();
        let since = self.now().plus_seconds(-YOUNG * 24 * 60 * 60);
        loop {
            let after = run.details.last().map(|detail| detail.id);
            let page = self.store.open_details(&kasse.id, since, after, PAGE).await;
            let page = page.map_err(IntakeError::from)?;
            let full = page.len() == PAGE as usize;
            for detail in page {
                let account = accounts.get(&detail.account).copied().unwrap_or(u32::MAX);
                let id = LineId(run.details.len() as u64);
                self.add_line(&mut run.lines, id, account, &detail)?;
                run.details.push(OpenDetail {
                    sealed: None,
                    ..detail
                });
            }
            if !full {
                break;
            }
        }
        if run.details.is_empty() {
            return Ok(run);
        }
        let mut after = AttemptId(uuid::Uuid::nil());
        loop {
            let page = self.store.expected(&kasse.id, after, PAGE).await;
            let page = page.map_err(IntakeError::from)?;
            let full = page.len() == PAGE as usize;
            run.expected.extend(page);
            match run.expected.last() {
                Some(last) if full => after = last.attempt,
                _ => return Ok(run),
            }
        }
    }

    fn add_line(
        &self,
        lines: &mut Lines,
        id: LineId,
        account: u32,
        of: &OpenDetail,
    ) -> Result<(), ReconcileError> {
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
            return Ok(());
        };
        let unreadable = |why: String| ReconcileError::Unreadable { id: *personal, why };
        let key = self.vault.unwrap_key(wrapped).map_err(IntakeError::from)?;
        let plain = key.open(*personal, sealed).map_err(IntakeError::from)?;
        let mut written: Written =
            serde_json::from_slice(&plain).map_err(|error| unreadable(error.to_string()))?;
        written.detail.cents = Some(Cents::new(of.cents.get().abs()));
        let Written { entry, detail } = &written;
        let alone = of.id.detail == 1 && detail.cents == Some(entry.cents);
        let line = Line::of(id, (account, of.booked_on), entry, detail, alone);
        lines.push(&line.ok_or_else(|| unreadable("it has no amount".to_owned()))?)?;
        Ok(())
    }

    async fn carry_out(
        &self,
        kasse: &Kasse,
        run: &Run,
        of: &OpenDetail,
        verdict: Verdict,
        done: &mut Reconciled,
    ) -> Result<(), ReconcileError> {
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
            let of = attempt_of(run, target);
            match self.book_shown(of.case, of.attempt, &found).await? {
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
        let exclusive = kasse
            .accounts
            .iter()
            .any(|account| account.iban == of.account && account.holds == AccountHolds::Exclusive);
        let (code, evidence) = match &verdict {
            Verdict::Exception(exception) => {
                let evidence = exception.evidence.as_ref().map(ToString::to_string);
                (exception_code(exception.code), evidence.unwrap_or_default())
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
                    return Ok(Booked::Unfit(why));
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
enum Booked {
    Done,
    /// Somebody else had claimed it.
    Taken,
    /// The attempt is no longer as it was matched.
    Unfit(NotSettled),
}

fn attempt_of(run: &Run, target: Target) -> &Expected {
    let (Target::Open(at) | Target::Settled(at)) = target;
    &run.expected[usize::try_from(at).expect("items are numbered by their place")]
}

const fn exception_code(difference: Difference) -> ExceptionCode {
    match difference {
        Difference::Amount | Difference::Fee => ExceptionCode::AmountDiffers,
        Difference::Twice | Difference::AfterSettled => ExceptionCode::PaidTwice,
        Difference::Account => ExceptionCode::OtherAccount,
        Difference::ReturnUnknown | Difference::ReturnAmount => ExceptionCode::ReturnUnclear,
        Difference::Opposite => ExceptionCode::Opposite,
    }
}

/// What is expected, as the other side of matching: each attempt by its place in the list.
fn book(expected: &[Expected]) -> Result<Book, InputError> {
    let mut book = Book::new();
    for (id, of) in (0..).zip(expected) {
        let kassenzeichen = of
            .kassenzeichen
            .as_ref()
            .map(|kz| (Name::Kassenzeichen, kz.as_str()));
        let nummer = (Name::Transaktionsnummer, of.nummer.as_str());
        let references: Vec<_> = kassenzeichen.into_iter().chain([nummer]).collect();
        let since = of.since.berlin_day();
        let waited_for = of.total - of.settled;
        let open = if of.outstanding.is_positive() {
            Some((Kind::Settlement, of.outstanding))
        } else if of.awaited_transfer && waited_for.is_positive() {
            Some((Kind::Claim, waited_for))
        } else {
            None
        };
        if let Some((kind, cents)) = open {
            book.open(&Open {
                id,
                kind,
                references: references.clone(),
                cents,
                since,
                due: None,
                account: None,
            })?;
        }
        if of.settled.is_positive() {
            book.settled(&Settled {
                id,
                kind: Kind::Settlement,
                references,
                cents: of.settled,
                since,
                account: None,
            })?;
        }
    }
    Ok(book)
}
