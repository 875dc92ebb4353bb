//! Income that was booked on a wrong title moves to the right one, for one payment.

use super::not_resolved::NotResolved;
use super::resolving::payment_of;
use super::settling::claim;
use super::telling::finish;
use super::{Ctx, Draft};
use crate::domain::bookings::corrected;
use crate::domain::case::Case;
use crate::domain::change::Change;
use crate::domain::ids::AttemptId;
use crate::domain::money::Cents;
use crate::domain::told::{Corrected, Title};

/// All `income` that a payment has on a title moves to another; what is booked on the claim from then on stands there
/// too.
///
/// # Errors
/// [`NotResolved`]: there is no income on the title.
pub fn income_moved(
    ctx: &mut Ctx,
    case: &Case,
    attempt: AttemptId,
    of: &Corrected,
    income: Cents,
) -> Result<Change, NotResolved> {
    if of.from == of.to {
        return Err(NotResolved::SameTitle);
    }
    if !income.is_positive() {
        return Err(NotResolved::NotOnTitle(words(&of.from)));
    }
    let payment = payment_of(case, attempt);
    let mut draft = Draft::begin(ctx, case);
    let year = draft.now().berlin_day().year();
    let claim = claim(&draft, payment, attempt).in_year(year);
    draft.book(corrected(&claim, &of.from, &of.to, income));
    let heard = &mut draft.attempt(payment, attempt).heard;
    heard.corrected.push(of.clone());
    Ok(finish(draft, case, payment, attempt, 0))
}

fn words(title: &Title) -> String {
    match &title.objektnummer {
        Some(objektnummer) => format!("{}/{objektnummer}", title.haushaltsstelle),
        None => title.haushaltsstelle.clone(),
    }
}
