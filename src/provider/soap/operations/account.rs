//! The account that payers transfer to: as the service says it, else as the profile does. Asked at most once an hour.

use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

use super::super::client::{Deadline, Soap};
use super::super::profile::Profile;
use super::super::requests;
use super::super::told::account;
use crate::app::ports::{Calls, Fault, OpenOrder, Refusal};
use crate::domain::case::TransferTo;

/// How long an account is good for.
const GOOD_FOR: Duration = Duration::from_hours(1);

impl Soap {
    /// The account of an order that is paid by transfer; none of one that is paid on a page.
    pub(super) async fn account_of(
        &self,
        order: &OpenOrder,
        profile: &Profile,
        deadline: Deadline,
        calls: &Calls,
    ) -> Result<Option<TransferTo>, Refusal> {
        if !order.flow.by_transfer() {
            return Ok(None);
        }
        if let Some(known) = self.known_account(order) {
            return Ok(Some(known));
        }
        let request = requests::bankverbindung(&order.mandant, &order.bewirtschafter);
        let within = self.step(deadline);
        let why = match self.call(request, &order.mandant, within, calls).await.done() {
            Ok(answered) => match account(answered.result()) {
                Some(told) => {
                    self.keep_account(order, &told);
                    return Ok(Some(told));
                }
                None => "it names no holder, or no IBAN with right check digits".to_owned(),
            },
            Err(refusal) => format!("{}: {}", refusal.code, refusal.text),
        };
        if let Some(configured) = &profile.transfer {
            tracing::warn!(mandant = %order.mandant, bewirtschafter = %order.bewirtschafter, why,
                "leseBankverbindungBewirtschafter gave no account; the configured one is used");
            return Ok(Some(configured.clone()));
        }
        Err(Refusal {
            fault: Fault::Configuration,
            code: "no-account".to_owned(),
            text: format!(
                "leseBankverbindungBewirtschafter gave no account ({why}), and none is configured (transfer)"
            ),
        })
    }

    fn known_account(&self, order: &OpenOrder) -> Option<TransferTo> {
        let known = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, account) = known.get(&(order.mandant.clone(), order.bewirtschafter.clone()))?;
        (at.elapsed() < GOOD_FOR).then(|| account.clone())
    }

    #[expect(clippy::disallowed_methods, reason = "how old a kept answer is, no date")]
    fn keep_account(&self, order: &OpenOrder, account: &TransferTo) {
        let mut known = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (order.mandant.clone(), order.bewirtschafter.clone());
        known.insert(key, (Instant::now(), account.clone()));
    }
}
