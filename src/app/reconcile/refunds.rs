//! What was ordered to be paid out is found on the statement by its reference.

use super::{Booked, ReconcileError};
use crate::app::ports::{CommitError, ListedOrder, Urgency};
use crate::app::statements::IntakeError;
use crate::app::{App, ChangeError, MOST_ROUNDS, Sealed};
use crate::domain::decide::{Leaving, Shown, paid_out};
use crate::domain::ids::LedgerId;
use crate::domain::payout_order::Way;
use crate::domain::reconcile::{Book, InputError, Kind, Name, Open, Settled};

impl App {
    /// Orders that a statement may show: those that have not left, and those that may come back.
    pub(super) async fn orders(&self, ledger: &LedgerId) -> Result<Vec<ListedOrder>, ReconcileError> {
        let mut orders: Vec<ListedOrder> = Vec::new();
        loop {
            let after = orders.last().map_or(0, |last| last.order.number);
            let page = self.store.payout_orders(ledger, None, after, super::PAGE).await;
            let page = page.map_err(IntakeError::from)?;
            let full = page.len() == super::PAGE as usize;
            orders.extend(page);
            if !full {
                orders.retain(|order| order.order.way != Way::Acquirer);
                return Ok(orders);
            }
        }
    }

    /// Books that an order has left.
    pub(super) async fn book_left(
        &self,
        order: &ListedOrder,
        found: &Shown,
    ) -> Result<Booked, ReconcileError> {
        for _ in 0..MOST_ROUNDS {
            let posten = format!("posten/{}", order.order.posten);
            let rev = self.store.row_rev(&posten).await.map_err(IntakeError::from)?;
            let fresh = self
                .store
                .payout_orders(&order.ledger, None, order.order.number - 1, 1)
                .await
                .map_err(IntakeError::from)?;
            let Some(order) = fresh.first().filter(|fresh| fresh.open == -found.cents) else {
                return Ok(Booked::Unfit("the order has left, or was taken back".to_owned()));
            };
            let (snapshot, mut ctx) = match order.attempt {
                Some((case, _)) => {
                    let (snapshot, ctx) = self.begin(case).await?;
                    (Some(snapshot), ctx)
                }
                None => (None, self.ctx(&order.ledger)),
            };
            let attempt = snapshot.as_ref().zip(order.attempt);
            let leaving = Leaving {
                attempt: attempt.map(|(snapshot, (_, attempt))| (&snapshot.case, attempt)),
                ..order.leaving()
            };
            let mut change = match paid_out(&mut ctx, &leaving, Some(found)) {
                Ok(change) => change,
                Err(why) => return Ok(Booked::Unfit(why.to_string())),
            };
            change.guards.rows.push((posten, rev));
            let done = match &snapshot {
                Some(snapshot) => self.conclude(snapshot, change, Urgency::Bulk, None).await?,
                None => {
                    let sealed = Sealed {
                        change,
                        new_key: None,
                        personal: Vec::new(),
                    };
                    match self.commit(sealed, Urgency::Bulk).await {
                        Ok(()) => true,
                        Err(CommitError::Conflict) => false,
                        Err(error) => return Err(IntakeError::from(error).into()),
                    }
                }
            };
            if done {
                return Ok(Booked::Done);
            }
            if self.is_claimed(&order.ledger, found).await? {
                return Ok(Booked::Taken);
            }
        }
        Err(ChangeError::Contended.into())
    }
}

/// Adds orders to what is expected, behind so many others.
pub(super) fn add(book: &mut Book, others: usize, orders: &[ListedOrder]) -> Result<(), InputError> {
    for (id, of) in (others as u64..).zip(orders) {
        let references = vec![(Name::Other, of.order.reference.as_str())];
        let since = of.ordered_at.berlin_day();
        if of.open.is_positive() {
            book.open(&Open {
                id,
                kind: Kind::Refund,
                references,
                cents: -of.open,
                since,
                due: None,
                account: None,
            })?;
        } else {
            book.settled(&Settled {
                id,
                kind: Kind::Refund,
                references,
                cents: -of.order.cents,
                since,
                account: None,
            })?;
        }
    }
    Ok(())
}
