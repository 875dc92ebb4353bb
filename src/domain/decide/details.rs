//! A batched line of a statement is opened: from now on its payments are those that a notification (camt.054) tells.

use super::{Ctx, detail_key};
use crate::domain::change::Change;
use crate::domain::ids::{ChangeId, LedgerId};
use crate::domain::money::Cents;
use crate::domain::record::{Body, Matched};
use crate::domain::subject::{DetailId, Subject};

/// The rule by which a line is claimed for its details.
const RULE: &str = "einzelheiten";

/// A line, and the entry of a notification that tells its payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The line, as the one payment that it was so far.
    pub line: DetailId,
    /// The entry, as all of its payments.
    pub told: DetailId,
    /// What speaks for it.
    pub evidence: String,
}

/// Opens a line. It is claimed for its details, so that nobody claims it as a whole any more; where somebody has, this is
/// not committed. It claims no cent itself: its payments are claimed one by one.
pub fn details_opened(ctx: &mut Ctx, ledger: &LedgerId, opening: &Opening) -> Change {
    let mut change = Change::bare(ChangeId(ctx.mint.next_id()));
    change.ledger = Some(ledger.clone());
    for detail in [opening.line, opening.told] {
        change.guards.keys.push(detail_key(ledger, detail));
    }
    let matched = Matched {
        detail: opening.line,
        subject: Subject::Detail(opening.told),
        rule: RULE.to_owned(),
        evidence: opening.evidence.clone(),
        cents: Cents::ZERO,
    };
    change.effects.records.push((Body::Match(matched), Vec::new()));
    change
}
