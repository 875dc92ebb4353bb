//! Returns that a statement showed before anybody knew of their payment: they stand as advances, until they are known.

use super::{Booked, ReconcileError};
use crate::app::ports::{Deposited, Urgency};
use crate::app::{App, ChangeError};
use crate::domain::decide::return_known;
use crate::domain::ids::{AttemptId, CaseId};
use crate::domain::money::Cents;

impl App {
    /// Books an advance on the attempt whose money it was that went back, where it fits: so much left, so much is a fee.
    pub(super) async fn take_return(
        &self,
        case: CaseId,
        attempt: AttemptId,
        lay: &Deposited,
        left: (Cents, Cents),
    ) -> Result<Booked, ReconcileError> {
        let (snapshot, mut ctx) = self.begin(case).await?;
        let of = &snapshot.case;
        if of.payment_of(attempt).is_none() {
            return Err(ChangeError::NotFound.into());
        }
        let mut change = match return_known(&mut ctx, of, attempt, lay.posten, left) {
            Ok(change) => change,
            Err(why) => return Ok(Booked::Unfit(why.to_string())),
        };
        let why = format!("attempt/{attempt}");
        if !self.no_longer_lies(&mut change, &of.ledger, lay, why).await? {
            return Ok(Booked::Taken);
        }
        Ok(if self.conclude(&snapshot, change, Urgency::Bulk, None).await? {
            Booked::Done
        } else {
            Booked::Taken
        })
    }
}
