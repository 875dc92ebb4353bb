//! Whether something is paid, and whether gateways may hear of it.

use super::{Attempt, Case, Payment, PortalAnswer};

impl Payment {
    /// Whether its money is there: what the portal was told of, what came late and was accepted, but for what is not
    /// pursued; or whether it was paid elsewhere.
    pub fn is_paid(&self) -> bool {
        self.is_paid_elsewhere()
            || !matches!(self.answer, PortalAnswer::Initial | PortalAnswer::Refused { .. })
                && self
                    .attempts
                    .iter()
                    .any(|attempt| attempt.books.credited + attempt.heard.waived >= self.total)
    }

    /// Whether a person has found that it was paid another way, such as at the counter.
    pub fn is_paid_elsewhere(&self) -> bool {
        self.attempts
            .iter()
            .any(|attempt| attempt.heard.elsewhere.is_some())
    }

    /// Whether a gateway may hear that it is paid: where the method that it was paid by waits for the statement, it must
    /// have shown the money. A method that the route does not name waits as soon as one that it names does.
    pub fn is_released(&self) -> bool {
        let method = match &self.answer {
            PortalAnswer::Payed { method, .. } => Some(method),
            _ => None,
        };
        let waits = self.route.value.waits_for_statement(method);
        let arrived = |attempt: &Attempt| {
            attempt.books.settled >= self.total || !attempt.heard.waiting(false).is_positive()
        };
        let paid = |attempt: &&Attempt| attempt.books.credited + attempt.heard.waived >= self.total;
        self.is_paid_elsewhere()
            || self.is_paid() && (!waits || self.attempts.iter().filter(paid).any(arrived))
    }
}

impl Case {
    /// Whether a gateway may hear that it is paid now: at least one payment is, and none that is not is under way.
    pub fn is_released(&self) -> bool {
        self.payments.iter().any(Payment::is_released)
            && !self
                .payments
                .iter()
                .any(|payment| payment.is_under_way() && !payment.is_paid())
    }
}
