//! Decisions: pure functions from what was read to a Change. One file per piece of news.
//!
//! - `accept`: a portal asks for a payment;
//! - `opening`: what became of the call that opens it;
//! - `hearing`: a well-signed callback arrived;
//! - `telling`: what the provider says of the Kassenzeichen, against what the books know; `paying`: its money;
//! - `settling`: what a statement shows of it; `details`: what is in a batched line of it; `payouts`: what a payment
//!   provider pays out for many; `arriving`: what no statement shows; `resolving`, `holding`, `giving_up`, `correcting`,
//!   `paying_out`: what a person decides of an exception; `undoing`: what a person takes back;
//! - `watching`: when to look again.
//!
//! Money that does not fit is never an `Err`: it is booked to Verwahrung and named in an exception.

mod accept;
mod arriving;
mod correcting;
mod details;
mod giving_up;
mod hearing;
mod holding;
mod not_resolved;
mod opening;
mod paying;
mod paying_out;
mod payouts;
mod resolving;
mod settling;
mod telling;
#[cfg(test)]
pub(crate) mod testkit;
#[cfg(test)]
mod tests;
mod undoing;
mod watching;

pub use accept::{Accepted, NewPayment, accept, case_key, request_key, transaction_key};
pub use arriving::not_arrived;
pub use correcting::income_moved;
pub use details::{Opening, details_opened};
pub use giving_up::{paid_elsewhere, written_off};
pub use hearing::{Callback, callback_key, heard};
pub use holding::{Holder, PayingOut, divided, ordered};
pub use not_resolved::NotResolved;
pub use opening::{
    Outcome, Spare, begin_call, kassenzeichen_key, kassenzeichen_scope, opened, own_key, own_scope,
    remote_key,
};
pub use paying_out::{Leaving, paid_out};
pub use payouts::{
    Part, PayoutShown, PayoutTerms, booked_on, differs, line_aside, line_back, line_key, list_filed,
    nothing_key, parted, payout_shown,
};
pub use resolving::{accepted_late, assigned};
pub use settling::{NotSettled, Shown, detail_key, not_known, return_known, shown, taken_out};
pub use telling::{Reading, told};
pub use undoing::{Lies, Undoing, undone, undone_free};
pub use watching::{AskPolicy, NextStep, next_step, not_answered, wait};

use super::bookings::{Claim, absetzung};
use super::case::{Attempt, Case, CaseStanding, Ending, Payment, PortalAnswer, Standing};
use super::change::{CASE_STEPS, Change, NewEvent, Personal, Save};
use super::event::{EventFacts, EventType, cloud_event};
use super::ids::{AttemptId, ChangeId, DeliveryId, EventId, ExceptionId, Mint, PaymentId, PersonalId};
use super::money::Cents;
use super::record::Body;
use super::time::Timestamp;

/// What a decision gets from outside: the time, a supply of ids, and settings.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// Now.
    pub now: Timestamp,
    /// New ids.
    pub mint: Mint,
    /// CloudEvents `source`: our public address.
    pub source: String,
    /// How often providers are asked.
    pub policy: AskPolicy,
}

impl Ctx {
    fn change(&mut self, case: &Case) -> Change {
        Change::of(ChangeId(self.mint.next_id()), case)
    }
}

/// A decision in the making: the case as it will be, and the Change that makes it so.
struct Draft<'a> {
    ctx: &'a mut Ctx,
    case: Case,
    change: Change,
}

impl<'a> Draft<'a> {
    fn begin(ctx: &'a mut Ctx, case: &Case) -> Self {
        let change = ctx.change(case);
        Self {
            ctx,
            case: case.clone(),
            change,
        }
    }

    fn now(&self) -> Timestamp {
        self.ctx.now
    }

    fn payment(&mut self, id: PaymentId) -> &mut Payment {
        self.case
            .payments
            .iter_mut()
            .find(|payment| payment.id == id)
            .expect("the payment is of this case")
    }

    fn attempt(&mut self, payment: PaymentId, id: AttemptId) -> &mut Attempt {
        self.payment(payment)
            .attempts
            .iter_mut()
            .find(|attempt| attempt.id == id)
            .expect("the attempt is of this payment")
    }

    /// Moves an attempt along [`Standing::STEPS`].
    fn stand(&mut self, payment: PaymentId, id: AttemptId, standing: Standing) {
        let attempt = self.attempt(payment, id);
        let step = (attempt.standing.as_str(), standing.as_str());
        assert!(
            Standing::STEPS.contains(&step),
            "an attempt does not go from {} to {}",
            step.0,
            step.1
        );
        attempt.standing = standing;
    }

    fn end(&mut self, payment: PaymentId, id: AttemptId, how: Ending) {
        let at = self.now();
        self.stand(payment, id, Standing::Ended { at, how });
    }

    /// Tells the portal an end, along [`PortalAnswer::STEPS`].
    fn answer(&mut self, id: PaymentId, answer: PortalAnswer) {
        let payment = self.payment(id);
        let step = (payment.answer.as_str(), answer.as_str());
        assert!(
            PortalAnswer::STEPS.contains(&step),
            "a portal does not hear {} after {}",
            step.1,
            step.0
        );
        payment.answer = answer;
    }

    fn exception(&mut self, code: super::exception::ExceptionCode, attempt: AttemptId, cents: Option<Cents>) {
        let id = ExceptionId(self.ctx.mint.next_id());
        self.change.exception(&mut self.case, id, code, attempt, cents);
    }

    fn book(&mut self, booking: super::booking::Booking) {
        self.change
            .effects
            .records
            .push((Body::Booking(booking), Vec::new()));
    }

    /// Gives up what is still claimed for an attempt.
    fn set_off(&mut self, payment: PaymentId, id: AttemptId) {
        let of = self.case.payment(payment).expect("the payment is of this case");
        let attempt = of.attempt(id).expect("the attempt is of this payment");
        let books = attempt.books;
        let claim = Claim::of(&self.case, of, attempt);
        if let Some(booking) = absetzung(&claim, books.credited, books.soll - books.set_off) {
            let open = booking.total();
            self.book(booking);
            self.attempt(payment, id).books.set_off += open;
        }
    }

    /// Ends a payment without money.
    fn give_up(&mut self, payment: PaymentId, id: AttemptId, how: Ending) {
        let at = self.now();
        self.end(payment, id, how);
        self.set_off(payment, id);
        let (answer, event) = match how {
            Ending::Canceled => (PortalAnswer::Canceled { at }, EventType::PaymentCanceled),
            _ => (PortalAnswer::Failed { at }, EventType::PaymentFailed),
        };
        self.answer(payment, answer);
        self.event(event, payment, None);
    }

    /// Tells gateways that something happened to a payment; `amount` where it is not the payment's total.
    fn event(&mut self, kind: EventType, payment: PaymentId, amount: Option<Cents>) {
        self.case.status_seq += 1;
        let now = self.now();
        let mint = &mut self.ctx.mint;
        let of = self
            .case
            .payments
            .iter()
            .find(|other| other.id == payment)
            .expect("the payment is of this case");
        let route = &of.route.value;
        let (paid_at, method) = match &of.answer {
            PortalAnswer::Payed { at, method, .. } => (Some(*at), Some(method.clone())),
            _ => (None, None),
        };
        let reference = of
            .attempts
            .iter()
            .rev()
            .find_map(|attempt| attempt.kassenzeichen.known())
            .cloned();
        let facts = EventFacts {
            case_id: self.case.id,
            case_key: self.case.key.clone(),
            authority: route.authority.clone(),
            ledger: self.case.ledger.clone(),
            leika: route.leika.clone(),
            ars: self.case.authority.ars.clone(),
            ags: self.case.authority.ags.clone(),
            originator_id: route.originator_id.clone(),
            end_point_id: route.end_point_id.clone(),
            request_id: of.request_id.clone(),
            transaction_id: of.transaction_id.clone(),
            transaction_reference: reference,
            amount: amount.unwrap_or(of.total),
            payment_method: method,
            status: of.answer.as_str(),
            case_standing: self.case.standing.as_str(),
            status_seq: u64::try_from(self.case.status_seq).expect("events are counted from one"),
            paid_at,
            environment: self.case.kasse.environment,
        };
        let id = EventId(mint.next_id());
        let personal = PersonalId(mint.next_id());
        let plain = cloud_event(id, &self.ctx.source, kind, now, &facts);
        let mint = &mut self.ctx.mint;
        let deliveries = route
            .targets
            .iter()
            .map(|target| (DeliveryId(mint.next_id()), target.clone()))
            .collect();
        self.change.effects.personal.push(Personal {
            id: personal,
            class: "event",
            plain,
        });
        self.change.effects.events.push(NewEvent {
            id,
            kind,
            payment,
            status_seq: self.case.status_seq,
            at: now,
            personal,
            deliveries,
        });
    }

    /// What made a paid case paid has been taken back, although the provider's word stands.
    fn reopen(&mut self, because: PaymentId) {
        if self.case.standing == CaseStanding::Paid {
            self.case.standing = CaseStanding::Reopened;
            self.event(EventType::CaseReopened, because, None);
        }
    }

    /// Derives the case's standing from its payments and tells gateways where it changed.
    fn settle_case(&mut self, because: PaymentId) {
        let released = self.case.is_released();
        let next = match (self.case.standing, released) {
            (CaseStanding::Open | CaseStanding::Reopened, true) => {
                Some((CaseStanding::Paid, EventType::CasePaid))
            }
            // A further payment under way does not reopen a paid case; money that went back does.
            (CaseStanding::Paid, false) if !self.case.payments.iter().any(Payment::is_paid) => {
                Some((CaseStanding::Reopened, EventType::CaseReopened))
            }
            _ => None,
        };
        if let Some((standing, event)) = next {
            // What makes a case paid may be the end of another payment; the event is about one that is paid.
            let about = self
                .case
                .payments
                .iter()
                .filter(|payment| event == EventType::CasePaid && payment.is_released())
                .max_by_key(|payment| payment.id == because)
                .map_or(because, |payment| payment.id);
            assert!(
                CASE_STEPS.contains(&(self.case.standing, standing)),
                "a case goes along its steps"
            );
            self.case.standing = standing;
            self.event(event, about, None);
        }
    }

    /// Finishes: without news only schedules move, and the case keeps its revision; else it is saved. The guard stays,
    /// so that news that came meanwhile is not put to sleep.
    fn save_news(mut self, before: &Case) -> Change {
        if self.case == *before && self.change.effects.records.is_empty() {
            self.change.ledger = None;
            return self.change;
        }
        self.save(before)
    }

    /// Finishes: the case's revision rises, and the rows of the payment and its attempts that changed are saved.
    fn save(mut self, before: &Case) -> Change {
        self.case.rev = before.rev + 1;
        for payment in &self.case.payments {
            let old = before.payment(payment.id);
            if old.is_none_or(|old| old != payment) {
                let row = (self.case.id, payment.clone());
                self.change.effects.payments.push(if old.is_none() {
                    Save::New(row)
                } else {
                    Save::Changed(row)
                });
            }
            for (index, attempt) in payment.attempts.iter().enumerate() {
                let old = old.and_then(|old| old.attempt(attempt.id));
                if old.is_none_or(|old| old != attempt) {
                    let n = u32::try_from(index + 1).expect("a payment has few attempts");
                    let row = (self.case.id, payment.id, n, attempt.clone());
                    self.change.effects.attempts.push(if old.is_none() {
                        Save::New(row)
                    } else {
                        Save::Changed(row)
                    });
                }
            }
        }
        self.change.effects.case = Some(Save::Changed(self.case));
        self.change
    }
}
