//! What a person's resolution of an exception does to the books and to the case.

use super::paying::more;
use super::settling::{BY_TRANSFER, claim, settle};
use super::telling::finish;
use super::{Ctx, Draft};
use crate::domain::bookings::{Source, accepted, refunded, sollstellung};
use crate::domain::case::{Case, PortalAnswer};
use crate::domain::change::Change;
use crate::domain::ids::{AttemptId, Method, PaymentId, PostenId};
use crate::domain::money::Cents;

/// Why a resolution cannot be booked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotResolved {
    /// There is no deposit, or it is empty.
    #[error("there is no money in deposit for it")]
    NoDeposit,
    /// More than there is.
    #[error("only {there} lie in deposit, not {wanted}")]
    TooMuch {
        /// What there is.
        there: Cents,
        /// What was wanted.
        wanted: Cents,
    },
    /// Money is booked under a Kassenzeichen.
    #[error("the attempt has no Kassenzeichen yet; assign it to one that has")]
    NoKassenzeichen,
    /// The payment did not end without money.
    #[error(
        "only a payment whose portal heard that it failed or was cancelled can be accepted late; this one is {0}"
    )]
    NotLate(&'static str),
    /// Its claim is paid, whatever else lies in deposit.
    #[error("it is paid already; what lies in deposit is too much")]
    PaidAlready,
    /// Too little to pay it.
    #[error("{there} lie in deposit, the payment needs {needed}")]
    TooLittle {
        /// What there is.
        there: Cents,
        /// What is needed.
        needed: Cents,
    },
}

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
    let untold = cents - of.heard.waiting(false);
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
    settle(&mut draft, payment, attempt, &Source::Deposit(deposit), cents);
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
    if !matches!(
        answer,
        PortalAnswer::Failed { .. } | PortalAnswer::Canceled { .. }
    ) {
        return Err(NotResolved::NotLate(answer.as_str()));
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

/// What lies in an attempt's deposit is to be paid back.
///
/// # Errors
/// [`NotResolved`].
pub fn refund_ordered(
    ctx: &mut Ctx,
    case: &Case,
    attempt: AttemptId,
    cents: Cents,
) -> Result<Change, NotResolved> {
    let payment = payment_of(case, attempt);
    let mut draft = Draft::begin(ctx, case);
    let books = draft.attempt(payment, attempt).books;
    let Some(deposit) = books.deposit.filter(|_| books.deposited.is_positive()) else {
        return Err(NotResolved::NoDeposit);
    };
    if cents > books.deposited {
        return Err(NotResolved::TooMuch {
            there: books.deposited,
            wanted: cents,
        });
    }
    let year = draft.now().berlin_day().year();
    let claim = claim(&draft, payment, attempt).in_year(year);
    draft.book(refunded(&claim, deposit, cents));
    let of = draft.attempt(payment, attempt);
    of.books.deposited = books.deposited - cents;
    of.books.refunded += cents;
    Ok(finish(draft, case, payment, attempt, 0))
}

fn payment_of(case: &Case, attempt: AttemptId) -> PaymentId {
    case.payment_of(attempt).expect("the attempt is of this case").id
}
