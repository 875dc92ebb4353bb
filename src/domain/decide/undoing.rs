//! A resolution is taken back: what it booked is reversed, each booking by its mirror image, and the case stands as it stood
//! before. Refused where the money has moved on since.

use std::collections::{BTreeMap, BTreeSet};

use super::not_resolved::NotResolved;
use super::resolving::payment_of;
use super::telling::finish;
use super::{Ctx, Draft};
use crate::domain::booking::{Account, Booking, BookingKind};
use crate::domain::bookings::{effect, storno};
use crate::domain::case::{Attempt, Case, PortalAnswer};
use crate::domain::change::Change;
use crate::domain::ids::{AttemptId, ChangeId, LedgerId, PaymentId, PostenId};
use crate::domain::money::Cents;
use crate::domain::record::Body;
use crate::domain::resolution::How;
use crate::domain::told::{Corrected, Title};

/// What lies on an account of a Posten, credit less debit.
pub type Lies = BTreeMap<(PostenId, Account), Cents>;

/// What is taken back.
#[derive(Debug, Clone)]
pub struct Undoing<'a> {
    /// The way of the resolution.
    pub how: How,
    /// What it booked, with the places in the log.
    pub booked: &'a [(u64, Booking)],
    /// What lies now where it was booked to.
    pub lies: &'a Lies,
}

impl Undoing<'_> {
    /// The mirror images, the last booking first.
    fn stornos(&self) -> Result<Vec<Booking>, NotResolved> {
        let mut lies = self.lies.clone();
        let mut stornos = Vec::new();
        for (position, booking) in self.booked.iter().rev() {
            let reversed = storno(*position, booking);
            let reversed = reversed.map_err(|error| NotResolved::MovedOn(error.to_string()))?;
            for line in &reversed.lines {
                for (side, cents) in [(&line.debit, -line.cents), (&line.credit, line.cents)] {
                    *lies.entry((side.posten, side.account.clone())).or_default() += cents;
                }
            }
            stornos.push(reversed);
        }
        let short = lies.into_iter().find(|((_, account), cents)| {
            let held = matches!(
                account,
                Account::Verwahrung | Account::Erstattung | Account::Erloes { .. }
            );
            held && *cents < Cents::ZERO
        });
        match short {
            Some(((_, account), cents)) => Err(NotResolved::MovedOn(format!(
                "{} are missing on {account}",
                -cents
            ))),
            None => Ok(stornos),
        }
    }
}

/// Takes back what was booked on money that is no payment's.
///
/// # Errors
/// [`NotResolved::MovedOn`].
pub fn undone_free(ctx: &mut Ctx, ledger: &LedgerId, undoing: &Undoing<'_>) -> Result<Change, NotResolved> {
    let mut change = Change::bare(ChangeId(ctx.mint.next_id()));
    change.ledger = Some(ledger.clone());
    for booking in undoing.stornos()? {
        change.effects.records.push((Body::Booking(booking), Vec::new()));
    }
    Ok(change)
}

/// Takes back what was resolved of an attempt. The portal's answer stays; a case that had become paid reopens.
///
/// # Errors
/// [`NotResolved`]: the money has moved on since.
pub fn undone(
    ctx: &mut Ctx,
    case: &Case,
    attempt: AttemptId,
    undoing: &Undoing<'_>,
) -> Result<Change, NotResolved> {
    let payment = payment_of(case, attempt);
    let mut draft = Draft::begin(ctx, case);
    let by_transfer = draft.payment(payment).route.value.flow.by_transfer();
    let stornos = undoing.stornos()?;
    let of = draft.attempt(payment, attempt);
    heard(of, undoing, by_transfer)?;
    for booking in stornos {
        draft.book(booking);
    }
    let mut concerned = BTreeSet::from([attempt]);
    for (_, booking) in undoing.booked {
        let about = booking.subject.attempt().unwrap_or(attempt);
        concerned.insert(about);
        let of = draft.attempt(payment, about);
        for line in &booking.lines {
            effect(&mut of.books, booking.kind, line, true);
        }
    }
    for about in concerned {
        stands_again(&mut draft, payment, about)?;
    }
    Ok(finish(draft, case, payment, attempt, 0))
}

/// What holds of an attempt after a reversal: no sum is below nothing, and what stands open again for a payment that is
/// over is given up, as it is at every end.
fn stands_again(draft: &mut Draft<'_>, payment: PaymentId, attempt: AttemptId) -> Result<(), NotResolved> {
    let books = draft.attempt(payment, attempt).books;
    let sums = [
        ("deposited", books.deposited),
        ("ordered to be paid out", books.refunded),
        ("paid", books.credited),
        ("claimed", books.soll - books.set_off - books.credited),
        ("shown on the account", books.settled),
    ];
    if let Some((what, cents)) = sums.into_iter().find(|(_, cents)| *cents < Cents::ZERO) {
        return Err(NotResolved::MovedOn(format!("{} too little is {what}", -cents)));
    }
    let of = draft.payment(payment);
    let over = matches!(
        of.answer,
        PortalAnswer::Failed { .. } | PortalAnswer::Canceled { .. }
    );
    if over && books.credited == Cents::ZERO {
        draft.set_off(payment, attempt);
    }
    Ok(())
}

/// What was remembered with the resolution is forgotten.
fn heard(of: &mut Attempt, undoing: &Undoing<'_>, by_transfer: bool) -> Result<(), NotResolved> {
    if undoing.how != How::Correct && is_corrected(of, undoing.booked) {
        return Err(NotResolved::MovedOn(
            "its income has been corrected; take that back first".to_owned(),
        ));
    }
    match undoing.how {
        How::Assign => unassign(of, undoing.booked, by_transfer)?,
        How::Elsewhere => of.heard.elsewhere = None,
        How::WriteOff => {
            let lines = undoing.booked.iter().flat_map(|(_, booking)| &booking.lines);
            let forgiven = lines.filter(|line| line.credit.account == Account::Forderung);
            let cents: Cents = forgiven.map(|line| line.cents).sum();
            of.heard.waived = of.heard.waived - cents;
        }
        How::Refund | How::PassOn => {
            for line in undoing.booked.iter().flat_map(|(_, booking)| &booking.lines) {
                if of.heard.carried_out(line.credit.posten) != line.cents {
                    return Err(NotResolved::MovedOn("it has been paid out".to_owned()));
                }
            }
        }
        How::Correct => {
            let line = undoing
                .booked
                .first()
                .and_then(|(_, booking)| booking.lines.first());
            let titles = line.map(|line| (title(&line.debit.account), title(&line.credit.account)));
            let Some((Some(from), Some(to))) = titles else {
                return Err(NotResolved::MovedOn("it is no correction".to_owned()));
            };
            let there = undoing
                .lies
                .get(&(of.posten, crate::domain::bookings::title(&to)));
            let newest = of.heard.corrected.last() == Some(&Corrected { from, to });
            if !newest || there.copied() < line.map(|line| line.cents) {
                return Err(NotResolved::MovedOn(
                    "the income has been corrected or given up again; take that back first".to_owned(),
                ));
            }
            of.heard.corrected.pop();
        }
        How::Accept | How::Divide | How::Leave => {}
    }
    Ok(())
}

/// Whether income that was booked on a title of the claim stands on another now.
fn is_corrected(of: &Attempt, booked: &[(u64, Booking)]) -> bool {
    let lines = booked.iter().flat_map(|(_, booking)| &booking.lines);
    let mut sides = lines.flat_map(|line| [&line.debit, &line.credit]);
    sides.any(|side| {
        let written = title(&side.account).filter(|_| side.posten == of.posten);
        written.is_some_and(|title| title.after(&of.heard.corrected) != title)
    })
}

fn title(account: &Account) -> Option<Title> {
    match account {
        Account::Erloes {
            haushaltsstelle,
            objektnummer,
        } => Some(Title {
            haushaltsstelle: haushaltsstelle.clone(),
            objektnummer: objektnummer.clone(),
        }),
        _ => None,
    }
}

/// Money that was assigned is the attempt's no longer: neither what the person told of it, nor what was shown of it.
fn unassign(of: &mut Attempt, booked: &[(u64, Booking)], by_transfer: bool) -> Result<(), NotResolved> {
    let mut told = Cents::ZERO;
    let lines = || {
        let lines = booked.iter().map(|(_, booking)| booking);
        lines.flat_map(|booking| booking.lines.iter().map(|line| (booking.kind, line)))
    };
    for (kind, line) in lines() {
        if let (BookingKind::Zuordnung, Account::Verrechnung { zvp, method }) = (kind, &line.credit.account) {
            of.heard.hide(zvp, method, line.cents);
        }
    }
    for (kind, line) in lines() {
        let told_on = match (kind, &line.debit.account, &line.credit.account) {
            (BookingKind::Zuordnung, _, Account::Verrechnung { .. }) => continue,
            (_, Account::Verrechnung { zvp, method }, _) => (zvp, method),
            _ => continue,
        };
        told += line.cents;
        if !of.heard.forget(told_on.0, told_on.1, line.cents) {
            return Err(NotResolved::MovedOn("it has gone back".to_owned()));
        }
    }
    let known = if by_transfer {
        &mut of.heard.ahead
    } else {
        &mut of.heard.aside
    };
    if told > known.or_zero() {
        return Err(NotResolved::Confirmed);
    }
    *known = *known - told;
    Ok(())
}
