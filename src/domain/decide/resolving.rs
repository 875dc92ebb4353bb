//! What a person's resolution of an exception does to the books and to the case.

use super::not_resolved::NotResolved;
use super::paying::more;
use super::settling::{BY_TRANSFER, claim, settle};
use super::telling::finish;
use super::{Ctx, Draft};
use crate::domain::bookings::{Source, accepted, sollstellung};
use crate::domain::case::{Case, PortalAnswer};
use crate::domain::change::Change;
use crate::domain::ids::{AttemptId, Method, PaymentId, PostenId};
use crate::domain::money::Cents;

/// Money of a deposit is an attempt's: it is booked as if the bank had shown it now.
///
/// # Errors
/// [`NotResolved`]: the attempt has no Kassenzeichen, under which money is booked.
pub fn assigned(
    ctx: &mut Ctx,
    case: &Case,
    attempt: AttemptId,
    (deposit, cents): (PostenId, Cents),
    default_zvp: &str,
) -> Result<Change, NotResolved> {
    let payment = payment_of(case, attempt);
    let mut draft = Draft::begin(ctx, case);
    let by_transfer = draft.payment(payment).route.value.flow.by_transfer();
    let of = draft.attempt(payment, attempt);
    if of.kassenzeichen.known().is_none() {
        return Err(NotResolved::NoKassenzeichen);
    }
    let untold = cents - of.heard.waiting(false) - of.heard.passing();
    if untold.is_positive() {
        // The provider will tell of a transfer too; of a page that was not used it never will, and what it tells of that
        // is other money.
        if by_transfer {
            of.heard.ahead += untold;
        } else {
            of.heard.aside += untold;
        }
        let method = Method::parse(BY_TRANSFER).expect("its own text is a method");
        more(&mut draft, payment, attempt, untold, default_zvp, &method);
    }
    settle(&mut draft, payment, attempt, &Source::Deposit(deposit), cents)
        .map_err(|why| NotResolved::MovedOn(why.to_string()))?;
    Ok(finish(draft, case, payment, attempt, 0))
}

/// Late money pays after all. The portal keeps the answer that it heard; the case becomes paid.
///
/// # Errors
/// [`NotResolved`].
pub fn accepted_late(ctx: &mut Ctx, case: &Case, attempt: AttemptId) -> Result<Change, NotResolved> {
    let payment = payment_of(case, attempt);
    let mut draft = Draft::begin(ctx, case);
    let of = draft.payment(payment);
    let (total, answer) = (of.total, of.answer.clone());
    // Late is what comes after the end, and what a reversal or a return has made open again.
    if matches!(answer, PortalAnswer::Initial | PortalAnswer::Refused { .. }) {
        return Err(NotResolved::NotLate(answer.as_str()));
    }
    if of.is_paid() {
        return Err(NotResolved::PaidAlready);
    }
    let books = draft.attempt(payment, attempt).books;
    let Some(deposit) = books.deposit.filter(|_| books.deposited.is_positive()) else {
        return Err(NotResolved::NoDeposit);
    };
    let needed = total - books.credited;
    if !needed.is_positive() {
        return Err(NotResolved::PaidAlready);
    }
    if books.deposited < needed {
        return Err(NotResolved::TooLittle {
            there: books.deposited,
            needed,
        });
    }
    if books.open() < needed {
        let booking = sollstellung(&claim(&draft, payment, attempt));
        draft.attempt(payment, attempt).books.soll += booking.total();
        draft.book(booking);
    }
    let booking = accepted(&claim(&draft, payment, attempt), deposit, books.credited, needed);
    draft.book(booking);
    let of = draft.attempt(payment, attempt);
    of.books.credited += needed;
    of.books.deposited = of.books.deposited - needed;
    Ok(finish(draft, case, payment, attempt, 0))
}

pub(super) fn payment_of(case: &Case, attempt: AttemptId) -> PaymentId {
    case.payment_of(attempt).expect("the attempt is of this case").id
}
