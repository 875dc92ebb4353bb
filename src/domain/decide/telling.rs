//! What the provider says of a Kassenzeichen, against what the books already know. A provider's word is cumulative: a
//! decision books *told − booked*, so the same word twice is no news, in whatever order news arrives.

use super::accept::watch;
use super::arriving::arrived_at_last;
use super::opening::learn;
use super::paying::{nothing_paid, paid};
use super::{Ctx, Draft};
use crate::domain::case::{Attempt, Case, Ending, Standing};
use crate::domain::change::Change;
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, PaymentId};
use crate::domain::proof::{Judgement, ProofTable};
use crate::domain::told::Told;

/// How a provider's answers are read.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// What proves what.
    pub proof: ProofTable,
    /// The payment provider in `verrechnung/<zvp>/…` where no callback names one.
    pub default_zvp: &'a str,
}

/// What follows from an answer. `None`: the provider does not know the attempt. `owner` is the attempt that already has
/// the Kassenzeichen that the answer names, where one has. `tries` is how often the attempt was asked for in its present
/// state.
pub fn told(
    ctx: &mut Ctx,
    case: &Case,
    attempt: AttemptId,
    answer: Option<&Told>,
    reading: Reading<'_>,
    owner: Option<AttemptId>,
    tries: u32,
) -> Change {
    let of = case.payment_of(attempt).expect("the attempt is of this case");
    let from = of.attempt(attempt).expect("the attempt is of this payment");
    let payment = of.id;
    let over = ctx.now >= of.expires_at && of.is_under_way() && from.id == of.current().id;
    let mut draft = Draft::begin(ctx, case);
    let Some(answer) = answer else {
        // Unknown is never failed: it is asked again, and named once the payer's time is over.
        if over {
            unknown(&mut draft, payment, attempt);
        }
        return finish(draft, case, payment, attempt, tries);
    };
    if !is_about(&mut draft, payment, attempt, answer, owner) {
        return finish(draft, case, payment, attempt, tries);
    }
    let zvp = from
        .heard
        .zvp
        .clone()
        .unwrap_or_else(|| reading.default_zvp.to_owned());
    let named = draft.attempt(payment, attempt).kassenzeichen.known().is_some();
    let judged = reading.proof.judge(answer, &from.heard, of.total);
    let believed = !may_be_a_strangers(from, answer, reading.proof);
    if let (ProofTable::SoapSums, true, Judgement::Paid { .. } | Judgement::Over(_) | Judgement::WentBack) =
        (reading.proof, believed, &judged)
    {
        draft.attempt(payment, attempt).heard.seen = answer.amounts.and_then(|amounts| amounts.seen());
    }
    match judged {
        // Money is booked under its Kassenzeichen; a service that asks for another name tells it with the payment.
        Judgement::Paid { .. } if !named => without_proof(&mut draft, payment, attempt),
        Judgement::Paid { .. } if !believed => {
            draft.exception(ExceptionCode::OtherCustomer, attempt, None);
        }
        Judgement::Paid {
            amount,
            method,
            borne_out,
        } => {
            if borne_out {
                let of = draft.attempt(payment, attempt);
                of.heard.confirmed = true;
                of.unproven = 0;
            }
            paid(&mut draft, payment, attempt, amount, &zvp, &method);
            let cancelled = answer.amounts.and_then(|amounts| amounts.stornos);
            if let Some(cancelled) = cancelled.filter(|cents| cents.is_positive()) {
                draft.exception(ExceptionCode::CancelledAtProvider, attempt, Some(cancelled));
            }
        }
        Judgement::Over(word) => nothing_paid(&mut draft, payment, attempt, Some(word)),
        Judgement::WentBack => nothing_paid(&mut draft, payment, attempt, None),
        Judgement::TakenBack => draft.exception(ExceptionCode::WordTakenBack, attempt, None),
        Judgement::Behind => behind(&mut draft, payment, attempt),
        Judgement::WithoutProof => {
            // Who transfers has no page that could be closed.
            if !of.route.value.flow.by_transfer() {
                without_proof(&mut draft, payment, attempt);
            }
            // Sums show a return by themselves.
            if reading.proof != ProofTable::SoapSums {
                went_back(&mut draft, payment, attempt, answer);
            }
        }
        // An open page with the whole saldo is what a replica that lags says right after a payment: no word of a return,
        // which leaves the page closed. It is asked again.
        Judgement::NotYet => {}
    }
    if over {
        expire(&mut draft, payment, attempt);
    }
    finish(draft, case, payment, attempt, tries)
}

/// The provider does not know the attempt, and its time is over. One whose page was handed to nobody never came to be;
/// any other is a person's matter.
fn unknown(draft: &mut Draft<'_>, payment: PaymentId, attempt: AttemptId) {
    let of = draft.attempt(payment, attempt);
    let never_opened = matches!(of.standing, Standing::Calling { .. } | Standing::Unclear { .. });
    if never_opened && !of.money_is_spoken_of() {
        draft.exception(ExceptionCode::UnclearAtProvider, attempt, None);
        draft.give_up(payment, attempt, Ending::Failed);
    } else {
        draft.exception(ExceptionCode::UnknownAtProvider, attempt, None);
    }
}

/// Whether an answer speaks of this attempt: of its Kassenzeichen, which it may teach where the attempt is asked for by
/// another name, and of its Kunde.
fn is_about(
    draft: &mut Draft<'_>,
    payment: PaymentId,
    attempt: AttemptId,
    answer: &Told,
    owner: Option<AttemptId>,
) -> bool {
    if answer.other_customer {
        draft.exception(ExceptionCode::OtherCustomer, attempt, None);
        return false;
    }
    let of = draft.attempt(payment, attempt);
    if !of.can_be_asked_for() {
        // Without a name nothing was asked of it, and nothing can be told.
        return false;
    }
    answer
        .kassenzeichen
        .as_ref()
        .is_none_or(|told| learn(draft, payment, attempt, told, owner))
}

/// A Kassenzeichen of our own that the service never said is ours may have been somebody else's before: then their money
/// is told. It is ours where the answer names our Kunde, or a signed success named it.
fn may_be_a_strangers(of: &Attempt, answer: &Told, proof: ProofTable) -> bool {
    let asked_by_kassenzeichen = matches!(proof, ProofTable::SoapSums | ProofTable::SoapSaldo);
    asked_by_kassenzeichen
        && of.way.is_none()
        && !answer.own_customer
        && !of.heard.success
        && !of.books.told().is_positive()
}

/// The sums show less than was booked, and no return. A replica that lags catches up; what stays so is a person's matter.
fn behind(draft: &mut Draft<'_>, payment: PaymentId, attempt: AttemptId) {
    let enough = draft.ctx.policy.unproven;
    let of = draft.attempt(payment, attempt);
    of.unproven = of.unproven.saturating_add(1).min(enough);
    if of.unproven >= enough {
        draft.exception(ExceptionCode::WordTakenBack, attempt, None);
    }
}

/// Counts answers without proof, up to where a person must hear of it: while somebody waits for the payment, or where a
/// signed success was never borne out.
fn without_proof(draft: &mut Draft<'_>, payment: PaymentId, attempt: AttemptId) {
    let (total, enough) = (draft.payment(payment).total, draft.ctx.policy.unproven);
    let of = draft.attempt(payment, attempt);
    let heard = &of.heard;
    let unborne = heard.success && !heard.confirmed && !of.books.told().is_positive();
    if !of.standing.is_under_way() && !unborne {
        return;
    }
    let code = if heard.success {
        ExceptionCode::SuccessWithoutProof
    } else {
        ExceptionCode::InactiveWithoutProof
    };
    of.unproven = of.unproven.saturating_add(1).min(enough);
    if of.unproven >= enough {
        draft.exception(code, attempt, Some(total));
    }
}

/// The whole saldo is owed again, perhaps with a fee for the return, after an answer's saldo had once borne the payment
/// out: everything went back.
fn went_back(draft: &mut Draft<'_>, payment: PaymentId, attempt: AttemptId, answer: &Told) {
    let total = draft.payment(payment).total;
    if answer.saldo.is_some_and(|saldo| saldo >= total) && draft.attempt(payment, attempt).heard.confirmed {
        nothing_paid(draft, payment, attempt, None);
    }
}

/// The payer's time is over, and the last question was answered: without money the payment ends. Where a signed success
/// speaks against the answer, or a part has arrived, a person decides.
fn expire(draft: &mut Draft<'_>, payment: PaymentId, attempt: AttemptId) {
    let total = draft.payment(payment).total;
    if !draft.payment(payment).is_under_way() {
        return;
    }
    let by_transfer = draft.payment(payment).route.value.flow.by_transfer();
    let of = draft.attempt(payment, attempt);
    let credited = of.books.credited;
    // What came in here although it was paid elsewhere is no part of it, and keeps no page open.
    let aside = draft.payment(payment).is_paid_elsewhere() && !credited.is_positive();
    let of = draft.attempt(payment, attempt);
    if of.books.told().is_positive() && !aside {
        if by_transfer && credited < total {
            draft.exception(ExceptionCode::Underpaid, attempt, Some(total - credited));
        }
        return;
    }
    if of.heard.success {
        draft.exception(ExceptionCode::SuccessWithoutProof, attempt, Some(total));
        return;
    }
    if of.unproven > 0 {
        draft.exception(ExceptionCode::InactiveWithoutProof, attempt, Some(total));
    }
    draft.give_up(payment, attempt, Ending::Failed);
}

/// Derives the case's standing, looks again when it is time, and saves what is new.
pub(super) fn finish(
    mut draft: Draft<'_>,
    case: &Case,
    payment: PaymentId,
    attempt: AttemptId,
    tries: u32,
) -> Change {
    arrived_at_last(&mut draft);
    draft.settle_case(payment);
    let before = case.payment(payment).and_then(|payment| payment.attempt(attempt));
    let moved = before.is_some_and(|before| before.standing != draft.attempt(payment, attempt).standing);
    watch(&mut draft, payment, attempt, if moved { 0 } else { tries });
    draft.save_news(case)
}
