//! The lines of a payout: each is booked on its Kassenzeichen, or lies in deposit and is named. What a later list no longer
//! has is booked back from where it went, or from where it has been assigned since.

use std::collections::BTreeMap;

use crate::app::ports::{Deposited, LineWork, ListedPayout, NamedAttempt, Urgency};
use crate::app::reconcile::{Booked, ReconcileError, Reconciled};
use crate::app::{App, ChangeError, MOST_ROUNDS};
use crate::domain::decide::{Ctx, Part, PayoutTerms, line_aside, line_back, line_key, parted, taken_out};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, CaseId};
use crate::domain::money::Cents;
use crate::domain::subject::{ListLineId, Subject};
use crate::domain::tenant::{Kasse, ProviderList};

/// What one attempt takes of a payout, and under which guards that was found.
#[derive(Default)]
struct Sharing {
    part: Part,
    guards: Vec<(String, i64)>,
}

impl App {
    /// Books the lines of a payout that are not booked yet, and books back those that a later list no longer has.
    pub(super) async fn work_payout(
        &self,
        kasse: &Kasse,
        list: &ProviderList,
        payout: &ListedPayout,
        done: &mut Reconciled,
    ) -> Result<(), ReconcileError> {
        let account = payout.shown.as_ref().map(|shown| &shown.account);
        let terms = self.terms(kasse, list, payout, account);
        if !self.is_shared_out(list, payout, &terms).await? {
            return Ok(());
        }
        let work = self.store.payout_work(&kasse.id, payout.payout).await?;
        let references: Vec<String> = work
            .iter()
            .filter_map(|work| work.line.reference.clone())
            .collect();
        let named = self.named(kasse, &references).await?;
        let mut parts: BTreeMap<(CaseId, AttemptId), Sharing> = BTreeMap::new();
        for one in &work {
            let amount = (one.id, one.line.gross);
            let reference = one.line.reference.as_deref().unwrap_or_default();
            match (&one.back_from, named.get(reference).copied().flatten()) {
                (None, Some(found)) => parts.entry(found).or_default().part.adds.push(amount),
                (None, None) => {
                    self.put_aside(&terms, one.id, one.line.gross, false, done)
                        .await?;
                }
                (Some(went), _) => {
                    let (found, guard) = match went_to(went) {
                        Some(found) => (Some(found), None),
                        None => self.assigned_since(&terms, one).await?,
                    };
                    match found {
                        Some(found) => {
                            let sharing = parts.entry(found).or_default();
                            sharing.part.backs.push(amount);
                            sharing.guards.extend(guard);
                        }
                        None => self.put_back(&terms, one, done).await?,
                    }
                }
            }
        }
        // What is taken back comes first.
        let (first, then): (Vec<_>, Vec<_>) = parts
            .iter()
            .partition(|(_, sharing)| !sharing.part.backs.is_empty());
        for ((case, attempt), sharing) in first.into_iter().chain(then) {
            self.book_part(&terms, (*case, *attempt), sharing, done).await?;
        }
        if self.store.payout_work(&kasse.id, payout.payout).await?.is_empty() {
            self.store.list_done(payout.list).await?;
        }
        Ok(())
    }

    /// The attempt that each reference names, where it is one.
    pub(super) async fn named(
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
        Sharing { part, guards }: &Sharing,
        done: &mut Reconciled,
    ) -> Result<(), ReconcileError> {
        let lines = part.adds.iter().map(|(line, _)| (*line, false));
        let mut lines = lines.chain(part.backs.iter().map(|(line, _)| (*line, true)));
        let first = lines.next().expect("a part has lines");
        for _ in 0..MOST_ROUNDS {
            let (snapshot, mut ctx) = self.begin(case).await?;
            let Ok(mut change) = parted(&mut ctx, &snapshot.case, attempt, &terms.account, part) else {
                for (line, cents) in &part.adds {
                    self.put_aside(terms, *line, *cents, false, done).await?;
                }
                for (line, cents) in &part.backs {
                    self.put_aside(terms, *line, -*cents, true, done).await?;
                }
                return Ok(());
            };
            change.guards.rows.extend(guards.iter().cloned());
            if self.conclude(&snapshot, change, Urgency::Bulk, None).await? {
                done.settled += 1;
                return Ok(());
            }
            if self.is_booked(terms, first).await? {
                done.taken += 1;
                return Ok(());
            }
            // A person was faster: the next run sees what has become of the money.
            if !guards.is_empty() {
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

    /// The attempt to which a line's whole deposit was assigned since, by the program or by a person, with the guard under
    /// which that was read.
    async fn assigned_since(
        &self,
        terms: &PayoutTerms,
        work: &LineWork,
    ) -> Result<(Option<(CaseId, AttemptId)>, Option<(String, i64)>), ReconcileError> {
        let deposit = self.store.deposit(Subject::ListLine(work.id)).await?;
        let Some(deposit) = deposit.filter(|_| work.line.gross.is_positive()) else {
            return Ok((None, None));
        };
        let row = format!("posten/{}", deposit.posten);
        let rev = self.store.row_rev(&row).await?;
        let ledger = &terms.account.ledger;
        let assigned = self.store.assigned_from(ledger, work.id, deposit.posten).await?;
        Ok(match assigned[..] {
            [(case, attempt, cents)] if cents == work.line.gross => (Some((case, attempt)), Some((row, rev))),
            _ => (None, None),
        })
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
    pub(in crate::app) async fn take_out(
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
