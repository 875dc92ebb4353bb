//! A portal asks for the state of a payment. Always answered from our own store.

use super::App;
use super::ports::{ReadError, Scope};
use crate::domain::case::{Payment, PortalAnswer};
use crate::domain::decide::transaction_key;
use crate::domain::ids::{Kassenzeichen, PaymentId, RouteKey, Token, TransactionId};
use crate::domain::time::Timestamp;

/// What a portal may know of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentView {
    /// The id that the portal asks with.
    pub transaction_id: TransactionId,
    /// The token of `/pay/<token>`.
    pub token: Token,
    /// The Kassenzeichen, where it is known.
    pub kassenzeichen: Option<Kassenzeichen>,
    /// What the portal hears.
    pub answer: PortalAnswer,
}

impl PaymentView {
    /// What a portal may know of a payment.
    pub fn of(payment: &Payment) -> Self {
        Self {
            transaction_id: payment.transaction_id.clone(),
            token: payment.token.clone(),
            kassenzeichen: payment
                .attempts
                .iter()
                .rev()
                .find_map(|attempt| attempt.kassenzeichen.known())
                .cloned(),
            answer: payment.answer.clone(),
        }
    }

    /// When the answer became final, where it is.
    pub fn answered_at(&self) -> Option<Timestamp> {
        match &self.answer {
            PortalAnswer::Initial => None,
            PortalAnswer::Payed { at, .. }
            | PortalAnswer::Failed { at }
            | PortalAnswer::Canceled { at }
            | PortalAnswer::Refused { at, .. } => Some(*at),
        }
    }
}

impl App {
    /// The payment behind a transactionId of a route. The caller has checked that the client may use the route, and the
    /// key carries the route, so nobody sees another's.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn read_payment(
        &self,
        route: &RouteKey,
        transaction: &TransactionId,
    ) -> Result<Option<PaymentView>, ReadError> {
        let key = transaction_key(route, transaction, PaymentId(uuid::Uuid::nil()));
        let Some(subject) = self.store.once(&key.scope, &key.key).await? else {
            return Ok(None);
        };
        let Ok(payment) = subject.parse::<PaymentId>() else {
            return Ok(None);
        };
        let Some(case) = self.store.case_of_payment(&Scope::Program, payment).await? else {
            return Ok(None);
        };
        let snapshot = self.store.case(&Scope::Program, case).await?;
        Ok(snapshot.and_then(|snapshot| snapshot.case.payment(payment).map(PaymentView::of)))
    }
}
