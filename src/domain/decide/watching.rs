//! When to look at an attempt again, and what to do then.

use super::{Ctx, Draft};
use crate::domain::case::{Attempt, Case, Ending, Payment, PortalAnswer, Standing};
use crate::domain::change::{Change, Watch};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::AttemptId;
use crate::domain::time::Timestamp;

/// How often providers are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskPolicy {
    /// The first question after opening, in seconds.
    pub first_seconds: i64,
    /// The longest pause while the payer may pay, in seconds; pauses double up to it.
    pub open_seconds: i64,
    /// The pause while a transfer is awaited, in seconds: banks book a few times a day.
    pub transfer_seconds: i64,
    /// The longest pause in the late window, in seconds.
    pub late_seconds: i64,
    /// The pause in the return window, in seconds.
    pub paid_seconds: i64,
    /// How often a page may be found closed without proof before an exception is opened.
    pub unproven: u32,
}

impl Default for AskPolicy {
    fn default() -> Self {
        Self {
            first_seconds: 20,
            open_seconds: 600,
            transfer_seconds: 21_600,
            late_seconds: 86_400,
            paid_seconds: 86_400,
            unproven: 5,
        }
    }
}

/// What is to be done with an attempt now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// Ask the provider.
    Ask,
    /// Send the same number again.
    SendAgain,
    /// Its time is over and nothing can be asked: decide without an answer.
    Expire,
    /// Not before then.
    Wait(Timestamp),
    /// Never again.
    Stop,
}

/// What is to be done with an attempt now.
pub fn next_step(payment: &Payment, attempt: &Attempt, now: Timestamp) -> NextStep {
    match (&attempt.standing, attempt.can_be_asked_for()) {
        // A success overtook the answer that was lost: money goes before pages.
        (Standing::Calling { .. } | Standing::Unclear { .. }, true) if attempt.money_is_spoken_of() => {
            NextStep::Ask
        }
        (Standing::Calling { until, .. }, _) if now < *until => NextStep::Wait(*until),
        (Standing::Calling { .. } | Standing::Unclear { .. }, named) if payment.is_under_way() => match named
        {
            _ if now < payment.expires_at => NextStep::SendAgain,
            true => NextStep::Ask,
            false => NextStep::Expire,
        },
        (Standing::Open, false) if payment.is_under_way() && now >= payment.expires_at => NextStep::Expire,
        (Standing::Open, false) if payment.is_under_way() => NextStep::Wait(payment.expires_at),
        // After its window nothing makes it due but news: a callback, or a receipt that the provider lists.
        (_, true) => NextStep::Ask,
        (_, false) => NextStep::Stop,
    }
}

/// Until when an attempt is looked at; none while its payment is under way.
fn watched_until(payment: &Payment, attempt: &Attempt) -> Option<Timestamp> {
    const DAY: i64 = 86_400;
    let route = &payment.route.value;
    let late = i64::from(route.late_days) * DAY;
    match (&payment.answer, &attempt.standing) {
        (PortalAnswer::Initial, _) => None,
        (
            PortalAnswer::Payed { at, method, .. },
            Standing::Ended {
                how: Ending::Paid, ..
            },
        ) => {
            let days = route.method(method).map_or(183, |method| method.return_days);
            Some(at.plus_seconds(i64::from(days) * DAY))
        }
        (
            PortalAnswer::Payed { at, .. }
            | PortalAnswer::Failed { at }
            | PortalAnswer::Canceled { at }
            | PortalAnswer::Refused { at, .. },
            _,
        ) => Some(at.plus_seconds(late)),
    }
}

/// When to look again after `tries` looks in the present state.
pub(super) fn next_look(
    policy: &AskPolicy,
    payment: &Payment,
    attempt: &Attempt,
    tries: u32,
    now: Timestamp,
) -> Option<Timestamp> {
    let doubled = |first: i64, longest: i64| {
        now.plus_seconds(
            first
                .saturating_mul(1_i64 << tries.min(20))
                .min(longest.max(first)),
        )
    };
    if !attempt.can_be_asked_for() {
        match attempt.standing {
            // Nothing can be asked before a callback names it, and a callback wakes the attempt up.
            Standing::Ended { .. } => return None,
            Standing::Open if now < payment.expires_at => return Some(payment.expires_at),
            _ => {}
        }
    }
    match &payment.answer {
        PortalAnswer::Initial => {
            // The last question is asked when the time is over, not ten minutes later. What is undecided a day after
            // that waits for a person, and is asked about once a day.
            let patience = payment.expires_at.plus_seconds(policy.late_seconds);
            let by_transfer = attempt.standing == Standing::Open && payment.route.value.flow.by_transfer();
            let (first, longest) = match (now < patience, by_transfer) {
                (true, false) => (policy.first_seconds, policy.open_seconds),
                (true, true) => (policy.transfer_seconds, policy.transfer_seconds),
                (false, _) => (policy.first_seconds, policy.late_seconds),
            };
            let next = doubled(first, longest);
            Some(if now < payment.expires_at {
                next.min(payment.expires_at)
            } else {
                next
            })
        }
        PortalAnswer::Payed { .. } => {
            let next = now.plus_seconds(policy.paid_seconds);
            watched_until(payment, attempt)
                .filter(|end| next < *end)
                .map(|_| next)
        }
        _ => {
            let next = doubled(policy.first_seconds, policy.late_seconds);
            watched_until(payment, attempt)
                .filter(|end| next < *end)
                .map(|_| next)
        }
    }
}

/// The question got no answer, or none could be asked: look again later. Where the time is over and nothing can ever
/// be asked, the payment ends here, with an exception that says so.
pub fn not_answered(ctx: &mut Ctx, case: &Case, attempt: AttemptId, tries: u32) -> Change {
    let payment = case.payment_of(attempt).expect("the attempt is of this case");
    let of = payment.attempt(attempt).expect("the attempt is of this payment");
    let due_at = match next_step(payment, of, ctx.now) {
        NextStep::Expire => return expire_unasked(ctx, case, attempt),
        NextStep::Stop => None,
        NextStep::Wait(until) => Some(until),
        NextStep::Ask | NextStep::SendAgain => next_look(&ctx.policy, payment, of, tries, ctx.now)
            .or_else(|| last_look(&ctx.policy, tries, ctx.now)),
    };
    let mut change = ctx.change(case);
    change.ledger = None;
    change.effects.watches.push(Watch {
        attempt,
        due_at,
        tries: tries.saturating_add(1),
    });
    change
}

/// A last question that got no answer, or one with a reason that came after the window, is not dropped: it is asked for
/// some days on.
fn last_look(policy: &AskPolicy, tries: u32, now: Timestamp) -> Option<Timestamp> {
    const MOST: u32 = 16;
    (tries < MOST).then(|| {
        let pause = policy.first_seconds.saturating_mul(1_i64 << tries);
        now.plus_seconds(pause.min(policy.late_seconds.max(policy.first_seconds)))
    })
}

/// Nothing to do before `until`; `None`: never again.
pub fn wait(ctx: &mut Ctx, case: &Case, attempt: AttemptId, until: Option<Timestamp>, tries: u32) -> Change {
    let mut change = ctx.change(case);
    change.ledger = None;
    change.effects.watches.push(Watch {
        attempt,
        due_at: until,
        tries,
    });
    change
}

fn expire_unasked(ctx: &mut Ctx, case: &Case, attempt: AttemptId) -> Change {
    let now = ctx.now;
    let mut draft = Draft::begin(ctx, case);
    let payment = case.payment_of(attempt).expect("the attempt is of this case");
    let of = payment.attempt(attempt).expect("the attempt is of this payment");
    let code = match of.standing {
        Standing::Open => ExceptionCode::NeverNamed,
        _ => ExceptionCode::UnclearAtProvider,
    };
    draft.exception(code, attempt, Some(payment.total));
    draft.give_up(payment.id, attempt, Ending::Failed);
    draft.settle_case(payment.id);
    // Nothing can be asked without a Kassenzeichen; a callback wakes the attempt up again.
    draft.change.effects.watches.push(Watch {
        attempt,
        due_at: None,
        tries: 0,
    });
    debug_assert!(now >= payment.expires_at);
    draft.save(case)
}
