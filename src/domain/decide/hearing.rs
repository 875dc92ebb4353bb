//! A well-signed callback arrived: it is stored, it may teach the Kassenzeichen, and it is a reason to ask. It never
//! books anything by itself.

use super::opening::learn;
use super::{Ctx, Draft};
use crate::domain::case::Case;
use crate::domain::change::{Change, OnceKey, Personal, Watch};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, PersonalId};
use crate::domain::record::{Body, CallbackReceived};
use crate::domain::told::{Verified, Word};

/// A well-signed callback with its raw bytes.
#[derive(Debug, Clone)]
pub struct Callback {
    /// What it says.
    pub verified: Verified,
    /// As it came, to be encrypted.
    pub raw: Vec<u8>,
}

/// The key under which a callback is taken once.
pub fn callback_key(attempt: AttemptId, dedup_key: &str) -> OnceKey {
    OnceKey {
        scope: format!("callback/{attempt}"),
        key: dedup_key.to_owned(),
        subject: attempt.to_string(),
    }
}

/// Stores a callback that came to an attempt's address. `owner` is the attempt that already has the Kassenzeichen it
/// names, where one has.
pub fn heard(
    ctx: &mut Ctx,
    case: &Case,
    attempt: AttemptId,
    callback: Callback,
    owner: Option<AttemptId>,
) -> Change {
    let Callback { verified, raw } = callback;
    let payment = case.payment_of(attempt).expect("the attempt is of this case").id;
    let mut draft = Draft::begin(ctx, case);
    draft
        .change
        .guards
        .keys
        .push(callback_key(attempt, &verified.dedup_key));
    let personal = PersonalId(draft.ctx.mint.next_id());
    draft.change.effects.personal.push(Personal {
        id: personal,
        class: "callback",
        plain: raw,
    });
    let of = draft.attempt(payment, attempt);
    let ours = of.mandant == verified.mandant && of.bewirtschafter == verified.bewirtschafter;
    let record = CallbackReceived {
        provider: of.provider.clone(),
        attempt,
        case: case.id,
        status: verified.status.clone(),
    };
    draft
        .change
        .effects
        .records
        .push((Body::Callback(record), vec![personal]));
    if ours {
        let known = verified
            .kassenzeichen
            .as_ref()
            .is_some_and(|kassenzeichen| learn(&mut draft, payment, attempt, kassenzeichen, owner));
        if known {
            note(&mut draft.attempt(payment, attempt).heard, &verified);
        }
    } else {
        draft.exception(ExceptionCode::OtherBewirtschafter, attempt, None);
    }
    // Whatever it says, it is a reason to ask, now.
    let due_at = Some(draft.now());
    draft.change.effects.watches.push(Watch {
        attempt,
        due_at,
        tries: 0,
    });
    draft.save(case)
}

/// The last word that matters stands; a success is never unsaid by a later word of another kind.
fn note(heard: &mut crate::domain::told::Heard, verified: &Verified) {
    // An empty field says nothing; it would also name no account.
    let zvp = verified.zvp.clone().filter(|zvp| !zvp.is_empty());
    match verified.word {
        Word::Success => {
            heard.success = true;
            heard.method = verified.method.clone().or_else(|| heard.method.take());
            heard.zvp = zvp.or_else(|| heard.zvp.take());
        }
        word @ (Word::Canceled | Word::Failed) => heard.ended = Some(word),
        // The question that an interim message causes may find the payment before the success arrives; both name the
        // same payment provider, so that the account does not hang on which was faster.
        Word::Interim if !heard.success => heard.zvp = zvp.or_else(|| heard.zvp.take()),
        Word::Interim | Word::Other => {}
    }
}
