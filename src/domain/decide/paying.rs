//! Money of an attempt: so much is paid in all, more, less. What does not fit goes to Verwahrung and is named.

use super::Draft;
use super::accept::soll;
use crate::domain::booking::Account;
use crate::domain::bookings::{
    Claim, doppelzahlung, ruecklastschrift, spaete_zahlung, ueberzahlung, zahlung,
};
use crate::domain::case::{Ending, PortalAnswer, Standing};
use crate::domain::change::{NewPosten, PostenKind};
use crate::domain::event::EventType;
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, Method, PaymentId, PostenId};
use crate::domain::money::Cents;
use crate::domain::subject::Subject;
use crate::domain::told::Word;

/// So much has been paid in all.
pub(super) fn paid(
    draft: &mut Draft<'_>,
    payment: PaymentId,
    attempt: AttemptId,
    told: Cents,
    zvp: &str,
    method: &Method,
) {
    let of = draft.attempt(payment, attempt);
    let booked = of.told_by_provider();
    if told > booked {
        let known = of.heard.catch_up(told - booked);
        if told - booked > known {
            more(draft, payment, attempt, told - booked - known, zvp, method);
        }
    } else if told < booked {
        taken(draft, payment, attempt, booked - told);
    }
}

/// So much less is paid than was: what a statement has shown going back already is no news.
fn taken(draft: &mut Draft<'_>, payment: PaymentId, attempt: AttemptId, cents: Cents) {
    let known = draft.attempt(payment, attempt).heard.fall_back(cents);
    if cents > known {
        less(draft, payment, attempt, cents - known, true);
    }
}

/// Nothing is paid: what was booked went back, and a payment under way ends where the provider has said how.
pub(super) fn nothing_paid(
    draft: &mut Draft<'_>,
    payment: PaymentId,
    attempt: AttemptId,
    word: Option<Word>,
) {
    let of = draft.attempt(payment, attempt);
    // What only a statement has shown is not the provider's to take back.
    let booked = of.told_by_provider();
    if booked.is_positive() {
        taken(draft, payment, attempt, booked);
    }
    let current = draft.payment(payment).current().id == attempt;
    if let (Some(word), true, true) = (word, draft.payment(payment).is_under_way(), current) {
        let how = if word == Word::Canceled {
            Ending::Canceled
        } else {
            Ending::Failed
        };
        draft.give_up(payment, attempt, how);
    }
}

/// News of money.
pub(super) fn more(
    draft: &mut Draft<'_>,
    payment: PaymentId,
    attempt: AttemptId,
    news: Cents,
    zvp: &str,
    method: &Method,
) {
    let of = draft.payment(payment);
    let total = of.total;
    let from = of
        .attempt(attempt)
        .expect("the attempt is of this payment")
        .clone();
    let orphaned = matches!(
        from.standing,
        Standing::Ended {
            how: Ending::Orphaned,
            ..
        }
    );
    if of.is_paid_elsewhere() {
        let code = ExceptionCode::PaidTwice;
        deposit(draft, payment, attempt, news, code, zvp, method);
        return;
    }
    match (&of.answer, &from.standing) {
        // Another attempt has the portal's answer, or the payer's page.
        (PortalAnswer::Payed { .. } | PortalAnswer::Initial, _) if orphaned => {
            deposit(
                draft,
                payment,
                attempt,
                news,
                ExceptionCode::PaidTwice,
                zvp,
                method,
            );
        }
        (PortalAnswer::Payed { .. }, standing)
            if !matches!(
                standing,
                Standing::Ended {
                    how: Ending::Paid,
                    ..
                }
            ) =>
        {
            deposit(
                draft,
                payment,
                attempt,
                news,
                ExceptionCode::PaidTwice,
                zvp,
                method,
            );
        }
        (PortalAnswer::Failed { .. } | PortalAnswer::Canceled { .. } | PortalAnswer::Refused { .. }, _) => {
            deposit(
                draft,
                payment,
                attempt,
                news,
                ExceptionCode::PaidLate,
                zvp,
                method,
            );
        }
        (PortalAnswer::Initial | PortalAnswer::Payed { .. }, _) => {
            soll(draft, payment, attempt);
            let open = draft.attempt(payment, attempt).books.open();
            let onto_claim = news.min(open.or_zero());
            if onto_claim.is_positive() {
                credit(draft, payment, attempt, onto_claim, zvp, method);
            }
            if news > onto_claim {
                deposit(
                    draft,
                    payment,
                    attempt,
                    news - onto_claim,
                    ExceptionCode::Overpaid,
                    zvp,
                    method,
                );
            }
            let credited = draft.attempt(payment, attempt).books.credited;
            if credited < total {
                // A transfer may come in parts until the time is over.
                if !draft.payment(payment).route.value.flow.by_transfer() {
                    draft.exception(ExceptionCode::Underpaid, attempt, Some(total - credited));
                }
            } else if draft.payment(payment).is_under_way() {
                becomes_paid(draft, payment, attempt, method);
            }
        }
    }
}

pub(super) fn becomes_paid(draft: &mut Draft<'_>, payment: PaymentId, attempt: AttemptId, method: &Method) {
    let at = draft.now();
    let reference = draft
        .attempt(payment, attempt)
        .kassenzeichen
        .known()
        .expect("only a known Kassenzeichen is asked for")
        .clone();
    draft.end(payment, attempt, Ending::Paid);
    draft.answer(
        payment,
        PortalAnswer::Payed {
            at,
            method: method.clone(),
            reference,
        },
    );
    draft.event(EventType::PaymentPaid, payment, None);
}

fn credit(
    draft: &mut Draft<'_>,
    payment: PaymentId,
    attempt: AttemptId,
    cents: Cents,
    zvp: &str,
    method: &Method,
) {
    let of = draft.case.payment(payment).expect("the payment is of this case");
    let from = of.attempt(attempt).expect("the attempt is of this payment");
    let booking = zahlung(
        &Claim::of(&draft.case, of, from),
        from.books.credited,
        cents,
        zvp,
        method,
    );
    draft.book(booking);
    let changed = draft.attempt(payment, attempt);
    changed.books.credited += cents;
    changed.heard.receive(zvp, method, cents);
}

/// Money that does not fit: to Verwahrung, and named.
fn deposit(
    draft: &mut Draft<'_>,
    payment: PaymentId,
    attempt: AttemptId,
    cents: Cents,
    code: ExceptionCode,
    zvp: &str,
    method: &Method,
) {
    let posten = match draft.attempt(payment, attempt).books.deposit {
        Some(posten) => posten,
        None => new_deposit(draft, payment, attempt),
    };
    let of = draft.case.payment(payment).expect("the payment is of this case");
    let from = of.attempt(attempt).expect("the attempt is of this payment");
    let claim = Claim::of(&draft.case, of, from);
    let booking = match code {
        ExceptionCode::PaidTwice => doppelzahlung(&claim, posten, cents, zvp, method),
        ExceptionCode::PaidLate => spaete_zahlung(&claim, posten, cents, zvp, method),
        _ => ueberzahlung(&claim, posten, cents, zvp, method),
    };
    draft.book(booking);
    let changed = draft.attempt(payment, attempt);
    changed.books.deposited += cents;
    changed.heard.receive(zvp, method, cents);
    draft.exception(code, attempt, Some(cents));
}

fn new_deposit(draft: &mut Draft<'_>, payment: PaymentId, attempt: AttemptId) -> PostenId {
    let id = PostenId(draft.ctx.mint.next_id());
    let (case, opened_at) = (draft.case.id, draft.now());
    let haushaltsjahr = draft.payment(payment).due.year();
    draft.change.effects.posten.push(NewPosten {
        id,
        subject: Subject::Attempt { case, attempt },
        of: None,
        kind: PostenKind::Verwahrung,
        haushaltsjahr,
        opened_at,
    });
    draft.attempt(payment, attempt).books.deposit = Some(id);
    id
}

/// Money went back: first out of the deposit, then it opens the claim again; what has left the deposit is missing; from the accounts on which it was booked,
/// what came last first.
pub(super) fn less(draft: &mut Draft<'_>, payment: PaymentId, attempt: AttemptId, cents: Cents, told: bool) {
    let was_paid = draft.payment(payment).is_paid();
    // The current year; the year of the Fälligkeit where that still lies ahead.
    let year = draft
        .now()
        .berlin_day()
        .year()
        .max(draft.payment(payment).due.year());
    let mut rest = cents;
    let mut refunded = Cents::ZERO;
    while rest.is_positive() {
        let changed = draft.attempt(payment, attempt);
        let taken = changed
            .heard
            .take_back(rest, told)
            .expect("what is booked was received on an account");
        rest = rest - taken.cents;
        let books = changed.books;
        let from_refund = taken.cents.min(books.refunded);
        let from_deposit = (taken.cents - from_refund).min(books.deposited);
        let from_claim = (taken.cents - from_refund - from_deposit).min(books.credited);
        // What has left the deposit for good cannot be taken out of it: it is missing.
        let missing = taken.cents - from_refund - from_deposit - from_claim;
        let orders = changed.heard.call_off(from_refund);
        refunded += from_refund;
        changed.books.refunded = books.refunded - from_refund;
        changed.books.deposited = books.deposited - from_deposit;
        changed.books.credited = books.credited - from_claim;
        changed.books.gone = books.gone - missing;
        if from_claim.is_positive() {
            changed.heard.reopened_in = Some(year);
        }
        let orders = orders
            .iter()
            .map(|order| (Account::Erstattung, order.posten, order.cents));
        let deposit = books.deposit.into_iter().flat_map(|posten| {
            [
                (Account::Verwahrung, posten, from_deposit),
                (Account::Vorschuss, posten, missing),
            ]
        });
        let taken_from: Vec<_> = orders.chain(deposit).collect();
        let of = draft.case.payment(payment).expect("the payment is of this case");
        let from = of.attempt(attempt).expect("the attempt is of this payment");
        let claim = Claim::of(&draft.case, of, from).in_year(year);
        let (zvp, method) = (&taken.zvp, &taken.method);
        let booking = ruecklastschrift(&claim, taken_from, books.credited, from_claim, zvp, method);
        draft.book(booking);
    }
    let now = draft.now();
    let heard = &mut draft.attempt(payment, attempt).heard;
    if told && heard.passing().is_positive() {
        heard.through_at = Some(now);
    }
    // What persons had ordered to be paid back is no difference.
    if refunded.is_positive() {
        draft.event(EventType::PaymentRefunded, payment, Some(refunded));
    }
    let cents = cents - refunded;
    if !cents.is_positive() {
        return;
    }
    draft.exception(ExceptionCode::Returned, attempt, Some(cents));
    if was_paid {
        draft.event(EventType::PaymentReturned, payment, Some(cents));
    }
}
