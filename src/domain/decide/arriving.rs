//! Money that was told and has not arrived: named once its time is over, and no longer where it is there.

use super::{Ctx, Draft};
use crate::domain::case::Case;
use crate::domain::change::Change;
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::AttemptId;
use crate::domain::record::Body;
use crate::domain::resolution::by_program;

/// No statement has shown in due time what was told of an attempt. Changes nothing where that is no longer so.
pub fn not_arrived(ctx: &mut Ctx, case: &Case, attempt: AttemptId) -> Change {
    let payment = case.payment_of(attempt).expect("the attempt is of this case").id;
    let mut draft = Draft::begin(ctx, case);
    let waiting = draft.attempt(payment, attempt).heard.waiting(false);
    if waiting.is_positive() {
        draft.exception(ExceptionCode::NotArrived, attempt, Some(waiting));
    }
    draft.save_news(case)
}

/// What was named as missing has arrived, or gone back: nobody needs to look for it.
pub(super) fn arrived_at_last(draft: &mut Draft<'_>) {
    let missing = |open: &crate::domain::case::OpenException| open.code == ExceptionCode::NotArrived;
    let waits = |attempt: AttemptId| {
        let of = draft.case.payment_of(attempt).and_then(|of| of.attempt(attempt));
        of.is_some_and(|of| of.heard.waiting(false).is_positive())
    };
    let open = draft.case.open_exceptions.iter();
    let over: Vec<_> = open
        .filter(|open| missing(open) && !waits(open.attempt))
        .copied()
        .collect();
    for open in over {
        draft.case.open_exceptions.retain(|other| other.id != open.id);
        let body = Body::Resolution(by_program(open.id, format!("attempt/{}", open.attempt)));
        draft.change.effects.records.push((body, Vec::new()));
    }
}
