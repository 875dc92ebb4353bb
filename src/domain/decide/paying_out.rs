//! What was ordered to be paid out has left: a statement shows it under its reference, or a person of the Kasse has carried
//! the order out from another account.

use super::not_resolved::NotResolved;
use super::resolving::payment_of;
use super::settling::{Shown, detail_key};
use super::telling::finish;
use super::{Ctx, Draft};
use crate::domain::booking::{Account, Booking, BookingKind};
use crate::domain::bookings::{Lying, effect};
use crate::domain::case::Case;
use crate::domain::change::Change;
use crate::domain::event::EventType;
use crate::domain::ids::{AttemptId, ChangeId, LedgerId, Method, PostenId};
use crate::domain::money::Cents;
use crate::domain::record::{Body, Matched};
use crate::domain::subject::Subject;

/// The account of what the Kasse has paid for us from another account: we owe it.
const KASSE: &str = "kasse";
/// How the Kasse paid.
const BY_ORDER: &str = "AUSKEHRUNG";

/// An order that is carried out.
#[derive(Debug, Clone)]
pub struct Leaving<'a> {
    /// Whose books.
    pub ledger: LedgerId,
    /// What it is about.
    pub subject: Subject,
    /// The attempt out of whose deposit it was ordered, where it was one's.
    pub attempt: Option<(&'a Case, AttemptId)>,
    /// The order's Posten.
    pub posten: PostenId,
    /// How much has not left yet.
    pub cents: Cents,
    /// Whether it goes to somebody else than the payer.
    pub passed_on: bool,
}

/// An order is carried out: `shown` by a statement, or by the Kasse from another account. Gateways hear of a refund.
///
/// # Errors
/// [`NotResolved::MovedOn`]: it has left, or was taken back.
pub fn paid_out(ctx: &mut Ctx, of: &Leaving<'_>, shown: Option<&Shown>) -> Result<Change, NotResolved> {
    let gone = || NotResolved::MovedOn("it has been paid out, or the order was taken back".to_owned());
    if !of.cents.is_positive() {
        return Err(gone());
    }
    let to = match shown {
        Some(shown) => Account::Bank {
            iban: shown.account.clone(),
        },
        None => Account::Verrechnung {
            zvp: KASSE.to_owned(),
            method: Method::parse(BY_ORDER).expect("its own text is a method"),
        },
    };
    let lying = Lying {
        ledger: of.ledger.clone(),
        subject: of.subject,
        posten: of.posten,
        cents: of.cents,
        haushaltsjahr: ctx.now.berlin_day().year(),
        anordnung: String::new(),
    };
    let parts = [(to, of.posten, of.cents)];
    let booking = lying.moved(BookingKind::Auskehrung, &Account::Erstattung, &parts);
    let mut change = match of.attempt {
        Some((case, attempt)) => of_attempt(ctx, case, attempt, of, booking).ok_or_else(gone)?,
        None => {
            let mut change = Change::bare(ChangeId(ctx.mint.next_id()));
            change.ledger = Some(of.ledger.clone());
            change.effects.records.push((Body::Booking(booking), Vec::new()));
            change
        }
    };
    if let Some(shown) = shown {
        let matched = Matched {
            detail: shown.detail,
            subject: of.subject,
            rule: shown.rule.clone(),
            evidence: shown.evidence.clone(),
            cents: shown.cents,
        };
        let key = detail_key(&of.ledger, shown.detail);
        change.guards.keys.push(key);
        change.effects.records.push((Body::Match(matched), Vec::new()));
    }
    Ok(change)
}

fn of_attempt(
    ctx: &mut Ctx,
    case: &Case,
    attempt: AttemptId,
    of: &Leaving<'_>,
    booking: Booking,
) -> Option<Change> {
    let payment = payment_of(case, attempt);
    let mut draft = Draft::begin(ctx, case);
    let changed = draft.attempt(payment, attempt);
    if changed.heard.carried_out(of.posten) != of.cents {
        return None;
    }
    for line in &booking.lines {
        effect(&mut changed.books, booking.kind, line, false);
    }
    draft.book(booking);
    if !of.passed_on {
        draft.event(EventType::PaymentRefunded, payment, Some(of.cents));
    }
    Some(finish(draft, case, payment, attempt, 0))
}
