//! Money that lies in deposit, an attempt's or nobody's, and what persons do with it: divide it, or order it to be paid
//! out, back to the payer or on to whom it belongs.

use super::not_resolved::NotResolved;
use super::resolving::payment_of;
use super::telling::finish;
use super::{Ctx, Draft};
use crate::domain::booking::{Account, Booking, BookingKind};
use crate::domain::bookings::{Lying, effect};
use crate::domain::case::{Attempt, Case};
use crate::domain::change::{Change, NewPosten, PostenKind};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, CaseId, ChangeId, ExceptionId, LedgerId, PaymentId, PostenId};
use crate::domain::money::Cents;
use crate::domain::payout_order::{PayoutOrder, Way, reference};
use crate::domain::record::{Body, ExceptionOpened};
use crate::domain::subject::Subject;
use crate::domain::told::Ordered;

/// Whose deposit it is.
#[derive(Debug, Clone)]
pub enum Holder<'a> {
    /// An attempt's.
    Attempt(&'a Case, AttemptId),
    /// Nobody's yet: a payment on a statement, or a part of what was divided.
    Free {
        /// Whose books.
        ledger: LedgerId,
        /// What it is about.
        subject: Subject,
        /// Its Posten.
        posten: PostenId,
        /// What lies there.
        cents: Cents,
        /// The attempt whose money it was before it was divided.
        of: Option<(CaseId, AttemptId)>,
    },
}

/// Money that is being taken out of a deposit.
pub(super) struct Taking<'a, 'c> {
    pub(super) lying: Lying,
    of: Option<(CaseId, AttemptId)>,
    base: Base<'a, 'c>,
}

enum Base<'a, 'c> {
    Attempt(Draft<'a>, &'c Case, PaymentId, AttemptId),
    Free(&'a mut Ctx, Change),
}

impl<'a, 'c> Taking<'a, 'c> {
    pub(super) fn begin(ctx: &'a mut Ctx, holder: &Holder<'c>) -> Result<Self, NotResolved> {
        let haushaltsjahr = ctx.now.berlin_day().year();
        match holder {
            Holder::Attempt(case, attempt) => {
                let payment = payment_of(case, *attempt);
                let mut draft = Draft::begin(ctx, case);
                let anordnung = draft.payment(payment).route.value.anordnung.clone();
                let books = draft.attempt(payment, *attempt).books;
                let deposit = books.deposit.filter(|_| books.deposited.is_positive());
                let subject = Subject::Attempt {
                    case: case.id,
                    attempt: *attempt,
                };
                Ok(Self {
                    lying: Lying {
                        ledger: case.ledger.clone(),
                        subject,
                        posten: deposit.ok_or(NotResolved::NoDeposit)?,
                        cents: books.deposited,
                        haushaltsjahr,
                        anordnung,
                    },
                    of: Some((case.id, *attempt)),
                    base: Base::Attempt(draft, case, payment, *attempt),
                })
            }
            Holder::Free {
                ledger,
                subject,
                posten,
                cents,
                of,
            } => {
                if !cents.is_positive() {
                    return Err(NotResolved::NoDeposit);
                }
                let mut change = Change::bare(ChangeId(ctx.mint.next_id()));
                change.ledger = Some(ledger.clone());
                Ok(Self {
                    lying: Lying {
                        ledger: ledger.clone(),
                        subject: *subject,
                        posten: *posten,
                        cents: *cents,
                        haushaltsjahr,
                        anordnung: String::new(),
                    },
                    of: *of,
                    base: Base::Free(ctx, change),
                })
            }
        }
    }

    fn ctx(&mut self) -> &mut Ctx {
        match &mut self.base {
            Base::Attempt(draft, ..) => draft.ctx,
            Base::Free(ctx, _) => ctx,
        }
    }

    pub(super) fn change(&mut self) -> &mut Change {
        match &mut self.base {
            Base::Attempt(draft, ..) => &mut draft.change,
            Base::Free(_, change) => change,
        }
    }

    /// The attempt, where the money is one's.
    pub(super) fn attempt(&mut self) -> Option<&mut Attempt> {
        match &mut self.base {
            Base::Attempt(draft, _, payment, attempt) => Some(draft.attempt(*payment, *attempt)),
            Base::Free(..) => None,
        }
    }

    pub(super) fn draft(&mut self) -> Option<(&mut Draft<'a>, PaymentId)> {
        match &mut self.base {
            Base::Attempt(draft, _, payment, _) => Some((draft, *payment)),
            Base::Free(..) => None,
        }
    }

    fn posten(&mut self, subject: impl FnOnce(PostenId) -> Subject, kind: PostenKind) -> PostenId {
        let (haushaltsjahr, of) = (self.lying.haushaltsjahr, self.of);
        let ctx = self.ctx();
        let (id, opened_at) = (PostenId(ctx.mint.next_id()), ctx.now);
        let new = NewPosten {
            id,
            subject: subject(id),
            of,
            kind,
            haushaltsjahr,
            opened_at,
        };
        self.change().effects.posten.push(new);
        id
    }

    /// Books, and keeps the attempt's sums in step.
    pub(super) fn book(&mut self, booking: Booking) {
        if let Some(attempt) = self.attempt() {
            for line in &booking.lines {
                effect(&mut attempt.books, booking.kind, line, false);
            }
        }
        let body = Body::Booking(booking);
        self.change().effects.records.push((body, Vec::new()));
    }

    pub(super) fn finish(self) -> Change {
        match self.base {
            Base::Attempt(draft, case, payment, attempt) => finish(draft, case, payment, attempt, 0),
            Base::Free(_, change) => change,
        }
    }
}

/// A deposit is divided: each part gets a Posten and an exception of its own. One part alone parts the money from its
/// payment.
///
/// # Errors
/// [`NotResolved`]: there is nothing, or the parts are not the whole.
pub fn divided(ctx: &mut Ctx, holder: &Holder<'_>, parts: &[Cents]) -> Result<Change, NotResolved> {
    let mut taking = Taking::begin(ctx, holder)?;
    let (there, sum) = (taking.lying.cents, parts.iter().copied().sum::<Cents>());
    if sum != there || !parts.iter().all(|part| part.is_positive()) {
        return Err(NotResolved::NotTheWhole { there, parts: sum });
    }
    let mut to = Vec::new();
    let mut opened = Vec::new();
    for cents in parts {
        let posten = taking.posten(Subject::Posten, PostenKind::Verwahrung);
        to.push((Account::Verwahrung, posten, *cents));
        opened.push(ExceptionOpened {
            id: ExceptionId(taking.ctx().mint.next_id()),
            code: ExceptionCode::Part,
            subject: Subject::Posten(posten),
            cents: Some(*cents),
        });
    }
    let booking = taking
        .lying
        .moved(BookingKind::Umbuchung, &Account::Verwahrung, &to);
    taking.book(booking);
    for opened in opened {
        let body = Body::Exception(opened);
        taking.change().effects.records.push((body, Vec::new()));
    }
    Ok(taking.finish())
}

/// What is to be paid out, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayingOut {
    /// The exception that it resolves.
    pub exception: ExceptionId,
    /// Whether it goes to somebody else than the payer.
    pub passed_on: bool,
    /// Its way.
    pub way: Way,
    /// Its number in the Kasse's list of orders.
    pub number: i64,
}

/// All that lies in a deposit is ordered to be paid out, under a number and a reference of its own.
///
/// # Errors
/// [`NotResolved`]: there is nothing, or the acquirer has not brought it.
pub fn ordered(ctx: &mut Ctx, holder: &Holder<'_>, payout: PayingOut) -> Result<Change, NotResolved> {
    let mut taking = Taking::begin(ctx, holder)?;
    if payout.way == Way::Acquirer && taking.attempt().is_none() {
        return Err(NotResolved::NoAcquirer);
    }
    let subject = taking.lying.subject;
    let posten = taking.posten(|_| subject, PostenKind::Auskehrung);
    let cents = taking.lying.cents;
    let kind = if payout.passed_on {
        BookingKind::Weiterleitung
    } else {
        BookingKind::Erstattung
    };
    let to = [(Account::Erstattung, posten, cents)];
    let booking = taking.lying.moved(kind, &Account::Verwahrung, &to);
    taking.book(booking);
    if let Some(attempt) = taking.attempt() {
        attempt.heard.orders.push(Ordered { posten, cents });
    }
    let order = PayoutOrder {
        posten,
        number: payout.number,
        exception: payout.exception,
        how: kind.as_str().to_owned(),
        way: payout.way,
        reference: reference(posten),
        cents,
    };
    taking.change().effects.payout_orders.push(order);
    Ok(taking.finish())
}
