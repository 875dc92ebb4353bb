//! Orders to pay money out: the numbered list that the Kasse carries out, and what a person of the Kasse has paid.

use super::{DecisionError, with_reason};
use crate::app::ports::{ListedOrder, Seen};
use crate::app::{App, ChangeError, MOST_ROUNDS};
use crate::domain::decide::{Leaving, NotResolved, paid_out};
use crate::domain::ids::{ClientId, LedgerId};
use crate::domain::payout_order::Way;
use crate::domain::record::{Body, Resolved};
use crate::domain::resolution::{Role, StepRefused, StepTaken};

/// That an order was carried out, by whom, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidOut {
    /// The Kasse.
    pub ledger: LedgerId,
    /// The number of the order.
    pub number: i64,
    /// Who.
    pub person: ClientId,
    /// Under which reference it was paid, such as the number of the cash system.
    pub reference: String,
    /// Why, or how; personal.
    pub reason: String,
}

impl App {
    /// Orders of a Kasse behind a number, by their numbers: all, or those of what somebody sees.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn payout_orders(
        &self,
        ledger: &LedgerId,
        seen: Option<&Seen>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<ListedOrder>, DecisionError> {
        Ok(self.store.payout_orders(ledger, seen, after, limit).await?)
    }

    /// Why an order was given, in the words of who took the step that gave it; none where that was erased.
    ///
    /// # Errors
    /// Where the store cannot be read, or the words cannot be decrypted.
    pub async fn why_ordered(&self, order: &ListedOrder) -> Result<Option<String>, DecisionError> {
        let records = self
            .store
            .resolved_by(&order.ledger, order.order.exception, Some(order.decided_at))
            .await?;
        let step = records
            .iter()
            .find(|record| matches!(&record.body, Body::Resolution(step) if step.exception == order.order.exception));
        let Some(commitment) = step.and_then(|record| record.personal.first()) else {
            return Ok(None);
        };
        let Some((sealed, wrapped)) = self.store.personal(commitment.personal).await? else {
            return Ok(None);
        };
        let plain = self
            .vault
            .unwrap_key(&wrapped)?
            .open(commitment.personal, &sealed)?;
        Ok(Some(String::from_utf8_lossy(&plain).into_owned()))
    }

    /// A person of the Kasse has carried an Auszahlungsanordnung out from another account: the money has left.
    ///
    /// # Errors
    /// [`DecisionError`]; nothing has changed then.
    pub async fn order_carried_out(&self, paid: &PaidOut) -> Result<(), DecisionError> {
        with_reason(&paid.reason)?;
        let letter = |c: char| c.is_ascii_alphanumeric() || "-./_".contains(c);
        if !(1..=40).contains(&paid.reference.len()) || !paid.reference.chars().all(letter) {
            return Err(DecisionError::Invalid(
                "say under which reference it was paid: 1 to 40 letters, digits and - . / _".to_owned(),
            ));
        }
        for _ in 0..MOST_ROUNDS {
            let before = paid.number.saturating_sub(1);
            let orders = self.store.payout_orders(&paid.ledger, None, before, 1).await?;
            let order = orders.into_iter().find(|one| one.order.number == paid.number);
            let order = order.ok_or_else(|| {
                DecisionError::Invalid(format!("there is no order {} in this Kasse", paid.number))
            })?;
            if order.order.way != Way::Anordnung {
                return Err(DecisionError::Invalid(format!(
                    "order {} goes by {}: the statement, or the provider, shows that it has left",
                    paid.number,
                    order.order.way.as_str()
                )));
            }
            let whose = order.authority.as_ref();
            let actor = self.actor(&paid.ledger, &paid.person, whose).await?;
            let of_the_kasse = |role: &Role| matches!(role, Role::Kasse | Role::Kassenverwalter);
            if !actor.roles.iter().any(of_the_kasse) {
                return Err(StepRefused::Role {
                    how: "auskehrung",
                    needed: Role::Kasse.as_str(),
                    authority: actor.authority,
                    person: actor.person.to_string(),
                }
                .into());
            }
            let ordered = |step: &&StepTaken| {
                step.person == actor.person.as_str()
                    && [Role::Feststeller, Role::Anordner]
                        .iter()
                        .any(|role| role.as_str() == step.role)
            };
            if let Some(own) = order.steps.iter().find(ordered) {
                return Err(StepRefused::SamePerson {
                    person: own.person.clone(),
                    taken: own.role.clone(),
                    needed: Role::Kasse.as_str(),
                }
                .into());
            }
            let step = Resolved {
                exception: order.order.exception,
                how: order.order.how.clone(),
                plan: format!("{} {}", order.order.reference, paid.reference),
                role: Role::Kasse.as_str().to_owned(),
                person: actor.person.to_string(),
                state: "paid".to_owned(),
            };
            let guard = self.guard(format!("exception/{}", order.order.exception)).await?;
            let posten = self.guard(format!("posten/{}", order.order.posten)).await?;
            let (snapshot, mut ctx) = match order.attempt {
                Some((case, _)) => {
                    let (snapshot, ctx) = self.begin(case).await?;
                    (Some(snapshot), ctx)
                }
                None => (None, self.ctx(&paid.ledger)),
            };
            let attempt = snapshot.as_ref().zip(order.attempt);
            let leaving = Leaving {
                attempt: attempt.map(|(snapshot, (_, attempt))| (&snapshot.case, attempt)),
                ..order.leaving()
            };
            let mut change = paid_out(&mut ctx, &leaving, None).map_err(|error| match error {
                NotResolved::MovedOn(_) if !order.open.is_positive() => NotResolved::MovedOn(format!(
                    "order {} has been paid out, or was taken back",
                    paid.number
                )),
                other => other,
            })?;
            change.guards.rows.push(posten);
            super::add_step(&mut ctx, &mut change, step, guard, &paid.reason);
            if self.commit_step(ctx, snapshot.as_ref(), change).await? {
                return Ok(());
            }
        }
        Err(ChangeError::Contended.into())
    }
}
