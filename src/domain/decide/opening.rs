//! What became of the call that opens a payment.

use super::accept::{new_posten, request_key, soll_when_accepted, transaction_key, watch};
use super::{Ctx, Draft};
use crate::domain::case::{Attempt, Awaited, Books, Case, Ending, PortalAnswer, Standing, Way};
use crate::domain::change::{Change, OnceKey, Watch};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{
    AttemptId, Bewirtschafter, Kassenzeichen, Mandant, PaymentId, PostenId, ProviderId, RemoteId, Token,
    Transaktionsnummer,
};
use crate::domain::pool::OwnKassenzeichen;
use crate::domain::time::Timestamp;
use crate::domain::told::Heard;

/// What became of the call, in the domain's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is open at the provider.
    Open {
        /// The Kassenzeichen, where the answer names it.
        kassenzeichen: Option<Kassenzeichen>,
        /// The id under which the provider is asked, where that is not the Kassenzeichen.
        remote: Option<RemoteId>,
        /// How the payer pays.
        way: Way,
    },
    /// The provider said no: nothing exists there.
    Refused {
        /// The provider's code.
        code: String,
    },
    /// Our number was used already: an earlier call arrived.
    AlreadyUsed,
    /// Nobody knows; the next call finds out.
    Unclear,
    /// Nobody knows, and there is no way to find out: nothing is sent again.
    Unknowable,
}

/// What a new attempt needs from outside, should the old one turn out to be orphaned.
#[derive(Debug, Clone)]
pub struct Spare {
    /// The number of the new attempt.
    pub nummer: Transaktionsnummer,
    /// The token of its callback address.
    pub token: Token,
    /// The latest end of its call.
    pub call_until: Timestamp,
    /// Its Kassenzeichen, where we give it.
    pub own: Option<OwnKassenzeichen>,
}

/// How many orphans one payment may leave behind before it is refused as a fault of the configuration.
const MOST_ORPHANS: usize = 3;

/// The scope in which a Kassenzeichen belongs to one attempt.
pub fn kassenzeichen_scope(
    provider: &ProviderId,
    mandant: &Mandant,
    bewirtschafter: &Bewirtschafter,
) -> String {
    format!("kassenzeichen/{provider}/{mandant}/{bewirtschafter}")
}

/// The scope in which a number of our own is used once.
pub fn own_scope(provider: &ProviderId) -> String {
    format!("pool/{provider}")
}

/// The key under which a Kassenzeichen belongs to one attempt and to no other.
pub fn kassenzeichen_key(attempt: &Attempt, kassenzeichen: &Kassenzeichen) -> OnceKey {
    OnceKey {
        scope: kassenzeichen_scope(&attempt.provider, &attempt.mandant, &attempt.bewirtschafter),
        key: kassenzeichen.as_str().to_owned(),
        subject: attempt.id.to_string(),
    }
}

/// The key under which a number of our own is used once at a provider, also where a range moves from one Mandant or
/// Bewirtschafter to another; and by which a Kassenzeichen is known to be one that we gave.
pub fn own_key(attempt: &Attempt, kassenzeichen: &Kassenzeichen) -> OnceKey {
    OnceKey {
        scope: own_scope(&attempt.provider),
        key: kassenzeichen.as_str().to_owned(),
        subject: attempt.id.to_string(),
    }
}

/// The key under which a provider's id belongs to one attempt and to no other.
pub fn remote_key(attempt: &Attempt, remote: &RemoteId) -> OnceKey {
    OnceKey {
        scope: format!(
            "remote/{}/{}/{}",
            attempt.provider, attempt.mandant, attempt.bewirtschafter
        ),
        key: remote.as_str().to_owned(),
        subject: attempt.id.to_string(),
    }
}

/// The same number is sent again: nobody else touches the attempt before `until`.
///
/// # Panics
/// Where [`next_step`](super::next_step) does not say so: only an attempt whose call is not answered is sent again.
pub fn begin_call(ctx: &mut Ctx, case: &Case, attempt: AttemptId, until: Timestamp) -> Change {
    let mut draft = Draft::begin(ctx, case);
    let payment = case.payment_of(attempt).expect("the attempt is of this case").id;
    let sent = sent(draft.attempt(payment, attempt)).saturating_add(1);
    draft.stand(payment, attempt, Standing::Calling { until, sent });
    draft.change.effects.watches.push(Watch {
        attempt,
        due_at: Some(until),
        tries: sent,
    });
    draft.save(case)
}

/// What follows from the call; an answer that comes after the matter is settled changes nothing. Returns the Change, and the new attempt that must be called now where the old one turned
/// out to be orphaned. `owner` is the attempt that already has the Kassenzeichen of the answer, where one has.
pub fn opened(
    ctx: &mut Ctx,
    case: &Case,
    attempt: AttemptId,
    outcome: &Outcome,
    owner: Option<AttemptId>,
    spare: Spare,
) -> (Change, Option<AttemptId>) {
    let payment = case.payment_of(attempt).expect("the attempt is of this case");
    let of = payment.attempt(attempt).expect("the attempt is of this payment");
    let (payment, sent) = (payment.id, sent(of));
    let mut draft = Draft::begin(ctx, case);
    let mut next = None;
    let settled = !matches!(of.standing, Standing::Calling { .. } | Standing::Unclear { .. });
    match outcome {
        Outcome::Open {
            kassenzeichen,
            remote,
            way,
        } => {
            let ours = kassenzeichen
                .as_ref()
                .is_none_or(|told| learn(&mut draft, payment, attempt, told, owner))
                && remote
                    .as_ref()
                    .is_none_or(|told| learn_remote(&mut draft, payment, attempt, told, owner));
            let now = draft.attempt(payment, attempt);
            let learned = now.kassenzeichen != of.kassenzeichen || now.remote != of.remote;
            if settled {
                // A page that comes now is handed to nobody; but what is known by its name can be asked for.
                if learned {
                    watch(&mut draft, payment, attempt, 0);
                }
            } else if ours {
                draft.attempt(payment, attempt).way = Some(way.clone());
                draft.stand(payment, attempt, Standing::Open);
                soll_when_accepted(&mut draft, payment, attempt);
                watch(&mut draft, payment, attempt, 0);
            } else if of.money_is_spoken_of() {
                unclear(&mut draft, payment, attempt, sent);
            } else {
                // The page belongs to a Kassenzeichen that is not ours: it is handed to nobody.
                next = orphan(&mut draft, case, payment, attempt, spare);
            }
        }
        _ if settled => {}
        Outcome::Refused { .. } | Outcome::AlreadyUsed if of.money_is_spoken_of() => {
            unclear(&mut draft, payment, attempt, sent);
        }
        Outcome::Refused { code } => refuse(&mut draft, payment, attempt, code),
        Outcome::AlreadyUsed => next = orphan(&mut draft, case, payment, attempt, spare),
        Outcome::Unclear => unclear(&mut draft, payment, attempt, sent),
        Outcome::Unknowable => {
            unclear(&mut draft, payment, attempt, sent);
            draft.exception(ExceptionCode::UnclearAtProvider, attempt, None);
            let due_at = Some(draft.payment(payment).expires_at);
            draft.change.effects.watches.push(Watch {
                attempt,
                due_at,
                tries: sent,
            });
        }
    }
    (draft.save_news(case), next)
}

/// Nobody knows: it is asked for, or sent again. An attempt that is unclear stays so since it began to be.
fn unclear(draft: &mut Draft<'_>, payment: PaymentId, attempt: AttemptId, sent: u32) {
    let since = draft.now();
    if matches!(draft.attempt(payment, attempt).standing, Standing::Calling { .. }) {
        draft.stand(payment, attempt, Standing::Unclear { since, sent });
        watch(draft, payment, attempt, sent.saturating_sub(1));
    }
}

fn sent(attempt: &Attempt) -> u32 {
    match attempt.standing {
        Standing::Calling { sent, .. } | Standing::Unclear { sent, .. } => sent,
        _ => 1,
    }
}

/// The portal hears an error, and its requestId and transactionId are free again.
fn refuse(draft: &mut Draft<'_>, payment: PaymentId, attempt: AttemptId, code: &str) {
    let at = draft.now();
    draft.end(payment, attempt, Ending::Refused);
    draft.set_off(payment, attempt);
    draft.answer(
        payment,
        PortalAnswer::Refused {
            at,
            code: code.to_owned(),
        },
    );
    let of = draft.case.payment(payment).expect("the payment is of this case");
    let route = &of.route.value.key();
    let keys = [
        request_key(route, of.request_id.as_str(), payment),
        transaction_key(route, &of.transaction_id, payment),
    ];
    draft.change.effects.released.extend(keys);
    watch(draft, payment, attempt, 0);
    draft.settle_case(payment);
}

/// The provider had taken the number, and its page reached nobody: a new, linked attempt is safe. The orphan stays
/// watched; money on it is a Doppelzahlung.
fn orphan(
    draft: &mut Draft<'_>,
    case: &Case,
    payment: PaymentId,
    attempt: AttemptId,
    spare: Spare,
) -> Option<AttemptId> {
    let orphans = draft
        .payment(payment)
        .attempts
        .iter()
        .filter(|other| {
            matches!(
                other.standing,
                Standing::Ended {
                    how: Ending::Orphaned,
                    ..
                }
            )
        })
        .count();
    if orphans >= MOST_ORPHANS {
        refuse(draft, payment, attempt, "-0531");
        return None;
    }
    draft.end(payment, attempt, Ending::Orphaned);
    draft.set_off(payment, attempt);
    draft.exception(ExceptionCode::Orphaned, attempt, None);
    watch(draft, payment, attempt, 0);
    let id = AttemptId(draft.ctx.mint.next_id());
    let posten = PostenId(draft.ctx.mint.next_id());
    let now = draft.now();
    let of = draft.case.payment(payment).expect("the payment is of this case");
    let opened = new_posten(case, of, id, posten, now);
    draft.change.effects.posten.push(opened);
    let from = draft.attempt(payment, attempt).clone();
    let mut new = Attempt {
        id,
        nummer: spare.nummer,
        token: spare.token,
        replaces: Some(attempt),
        posten,
        standing: Standing::Calling {
            until: spare.call_until,
            sent: 1,
        },
        kassenzeichen: Awaited::Awaited,
        remote: None,
        way: None,
        heard: Heard::default(),
        unproven: 0,
        books: Books::default(),
        ..from
    };
    if let Some(own) = spare.own {
        take_own(&mut draft.change, &mut new, own);
    }
    draft.payment(payment).attempts.push(new);
    draft.change.effects.watches.push(Watch {
        attempt: id,
        due_at: Some(spare.call_until),
        tries: 0,
    });
    Some(id)
}

/// Gives an attempt a Kassenzeichen of our own pool: the number is taken in the Change that uses it, and belongs to the
/// attempt for ever.
pub(super) fn take_own(change: &mut Change, of: &mut Attempt, own: OwnKassenzeichen) {
    change.guards.keys.push(kassenzeichen_key(of, &own.kassenzeichen));
    change.guards.keys.push(own_key(of, &own.kassenzeichen));
    of.kassenzeichen = Awaited::Known(own.kassenzeichen);
    change.effects.pools.push(own.taken);
}

/// Learns the id under which the provider is asked, by the same rule as [`learn`].
fn learn_remote(
    draft: &mut Draft<'_>,
    payment: PaymentId,
    attempt: AttemptId,
    told: &RemoteId,
    owner: Option<AttemptId>,
) -> bool {
    let of = draft.attempt(payment, attempt);
    match &of.remote {
        Some(known) if known == told => true,
        None if owner.is_none_or(|owner| owner == attempt) => {
            of.remote = Some(told.clone());
            let key = remote_key(of, told);
            draft.change.guards.keys.push(key);
            true
        }
        _ => {
            draft.exception(ExceptionCode::OtherKassenzeichen, attempt, None);
            false
        }
    }
}

/// Learns a Kassenzeichen: it belongs to one attempt only, and a known one is never replaced.
pub(super) fn learn(
    draft: &mut Draft<'_>,
    payment: PaymentId,
    attempt: AttemptId,
    told: &Kassenzeichen,
    owner: Option<AttemptId>,
) -> bool {
    let of = draft.attempt(payment, attempt);
    match &of.kassenzeichen {
        Awaited::Known(known) if known == told => true,
        Awaited::Awaited if owner.is_none_or(|owner| owner == attempt) => {
            of.kassenzeichen = Awaited::Known(told.clone());
            let key = kassenzeichen_key(of, told);
            draft.change.guards.keys.push(key);
            true
        }
        _ => {
            draft.exception(ExceptionCode::OtherKassenzeichen, attempt, None);
            false
        }
    }
}
