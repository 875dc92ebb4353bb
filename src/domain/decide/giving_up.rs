//! A claim that nobody waits for any longer: it was paid elsewhere, or what is missing is too little to pursue; and the
//! other way round, what was paid too much and is too little to be paid back.

use super::holding::{Holder, Taking};
use super::not_resolved::NotResolved;
use super::paying::becomes_paid;
use super::resolving::payment_of;
use super::settling::claim;
use super::telling::finish;
use super::{Ctx, Draft};
use crate::domain::booking::{Account, BookingKind};
use crate::domain::bookings::{not_pursued, own_title};
use crate::domain::case::{Case, PortalAnswer};
use crate::domain::change::Change;
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, PaymentId};
use crate::domain::money::Cents;

/// A payment was paid another way, under a receipt: what is still owed here is given up, and what comes here later is too
/// much. The portal's answer stays, and the case is paid.
///
/// # Errors
/// [`NotResolved`]: it is paid, or was refused.
pub fn paid_elsewhere(
    ctx: &mut Ctx,
    case: &Case,
    attempt: AttemptId,
    receipt: &str,
) -> Result<Change, NotResolved> {
    let payment = payment_of(case, attempt);
    let mut draft = Draft::begin(ctx, case);
    let of = draft.payment(payment);
    if matches!(of.answer, PortalAnswer::Refused { .. }) {
        return Err(NotResolved::Refused);
    }
    if of.is_paid() {
        return Err(NotResolved::PaidAlready);
    }
    let attempts: Vec<AttemptId> = of.attempts.iter().map(|attempt| attempt.id).collect();
    for id in attempts {
        draft.set_off(payment, id);
    }
    draft.attempt(payment, attempt).heard.elsewhere = Some(receipt.to_owned());
    ends_with_part(&mut draft, payment, attempt);
    Ok(finish(draft, case, payment, attempt, 0))
}

/// A payment under way of which a part came here is ended by nobody but a person: the portal hears that it is paid.
fn ends_with_part(draft: &mut Draft<'_>, payment: PaymentId, attempt: AttemptId) {
    let of = draft.payment(payment);
    let current = of.is_under_way() && of.current().id == attempt;
    let from = draft.attempt(payment, attempt);
    let method = from.heard.received.last().map(|received| received.method.clone());
    if let (true, true, Some(method)) = (current, from.books.credited.is_positive(), method) {
        becomes_paid(draft, payment, attempt, &method);
    }
}

/// A small difference is given up, within the authority's limits: what is missing is not pursued, and the case is paid; or
/// what lies in deposit is kept as income.
///
/// # Errors
/// [`NotResolved`]: it is above the limit, or there is nothing.
pub fn written_off(
    ctx: &mut Ctx,
    case: &Case,
    attempt: AttemptId,
    code: ExceptionCode,
) -> Result<Change, NotResolved> {
    let of = case.payment_of(attempt).expect("the attempt is of this case");
    let books = of.attempt(attempt).expect("the attempt is of this payment").books;
    let about_deposit = matches!(
        code,
        ExceptionCode::Overpaid | ExceptionCode::PaidTwice | ExceptionCode::PaidLate
    );
    let (open, lies) = (books.open().is_positive(), books.deposited.is_positive());
    if lies && (about_deposit || !open) {
        kept(ctx, case, attempt)
    } else if open {
        forgiven(ctx, case, attempt)
    } else {
        Err(NotResolved::NothingOpen)
    }
}

fn within(cents: Cents, name: &'static str, limit: i64) -> Result<(), NotResolved> {
    let limit = Cents::new(limit);
    if cents > limit {
        return Err(NotResolved::AboveLimit { cents, name, limit });
    }
    Ok(())
}

fn kept(ctx: &mut Ctx, case: &Case, attempt: AttemptId) -> Result<Change, NotResolved> {
    let mut taking = Taking::begin(ctx, &Holder::Attempt(case, attempt))?;
    let limit = case.authority.limits.overpayment_cents;
    within(taking.lying.cents, "overpayment_cents", limit)?;
    let (draft, payment) = taking.draft().expect("it is an attempt's");
    let claim = claim(draft, payment, attempt);
    let income = own_title(&claim).ok_or(NotResolved::NotOurs)?;
    let to = [(income, taking.lying.posten, taking.lying.cents)];
    let booking = taking
        .lying
        .moved(BookingKind::Ausbuchung, &Account::Verwahrung, &to);
    taking.book(booking);
    Ok(taking.finish())
}

fn forgiven(ctx: &mut Ctx, case: &Case, attempt: AttemptId) -> Result<Change, NotResolved> {
    let payment = payment_of(case, attempt);
    let mut draft = Draft::begin(ctx, case);
    let books = draft.attempt(payment, attempt).books;
    if draft.payment(payment).is_under_way() && books.credited == Cents::ZERO {
        return Err(NotResolved::NothingPaid);
    }
    let limit = case.authority.limits.shortfall_cents;
    within(books.open(), "shortfall_cents", limit)?;
    let claim = claim(&draft, payment, attempt);
    let booking = not_pursued(&claim, books.credited, books.soll - books.set_off);
    let booking = booking.ok_or(NotResolved::NothingOpen)?;
    let cents = booking.total();
    draft.book(booking);
    let of = draft.attempt(payment, attempt);
    of.books.set_off += cents;
    of.heard.waived += cents;
    ends_with_part(&mut draft, payment, attempt);
    Ok(finish(draft, case, payment, attempt, 0))
}
