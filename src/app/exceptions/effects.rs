//! What the last step of a resolution books. To add a way: its arm in [`App::effect`].

use super::{Decision, DecisionError};
use crate::app::ports::{Deposit, ListedException};
use crate::app::{App, ChangeError, Snapshot};
use crate::domain::bookings::title;
use crate::domain::change::Change;
use crate::domain::decide::{
    Ctx, Holder, NotResolved, PayingOut, accepted_late, assigned, divided, income_moved, ordered,
    paid_elsewhere, written_off,
};
use crate::domain::ids::AttemptId;
use crate::domain::money::Cents;
use crate::domain::resolution::{How, Role};
use crate::domain::subject::Subject;

impl App {
    /// What a decision does to the books and to the case.
    pub(super) async fn effect(
        &self,
        ctx: &mut Ctx,
        snapshot: Option<&Snapshot>,
        decision: &Decision,
        listed: &ListedException,
    ) -> Result<Change, DecisionError> {
        match decision.how {
            How::Assign => {
                let snapshot = snapshot.ok_or(ChangeError::NotFound)?;
                self.assign(ctx, snapshot, decision, listed).await
            }
            How::Divide | How::Refund | How::PassOn => {
                self.out_of_deposit(ctx, snapshot, decision, listed).await
            }
            How::Leave => Ok(super::touched(ctx, &decision.ledger, snapshot)),
            How::Accept | How::Elsewhere | How::WriteOff | How::Correct => {
                let (Some(snapshot), Some(attempt)) = (snapshot, listed.subject.attempt()) else {
                    return Err(DecisionError::Invalid(format!(
                        "«{}» is for an exception about a payment; assign the money to one first",
                        decision.how.as_str()
                    )));
                };
                self.of_payment(ctx, snapshot, attempt, decision, listed).await
            }
        }
    }

    async fn of_payment(
        &self,
        ctx: &mut Ctx,
        snapshot: &Snapshot,
        attempt: AttemptId,
        decision: &Decision,
        listed: &ListedException,
    ) -> Result<Change, DecisionError> {
        let case = &snapshot.case;
        let terms = &decision.terms;
        Ok(match decision.how {
            How::Accept => accepted_late(ctx, case, attempt)?,
            How::Elsewhere => {
                let receipt = terms.receipt.as_deref().expect("a plan names the receipt");
                paid_elsewhere(ctx, case, attempt, receipt)?
            }
            How::WriteOff => written_off(ctx, case, attempt, listed.code)?,
            _ => {
                let titles = terms.titles.as_ref().expect("a plan names the titles");
                let of = case
                    .payment_of(attempt)
                    .and_then(|payment| payment.attempt(attempt));
                let posten = of.ok_or(ChangeError::NotFound)?.posten;
                let lies = self.store.lies(&[posten]).await?;
                let income = lies.get(&(posten, title(&titles.from))).copied();
                income_moved(ctx, case, attempt, titles, income.unwrap_or_default())?
            }
        })
    }

    async fn assign(
        &self,
        ctx: &mut Ctx,
        snapshot: &Snapshot,
        decision: &Decision,
        listed: &ListedException,
    ) -> Result<Change, DecisionError> {
        if listed.subject.attempt().is_some() {
            return Err(DecisionError::Invalid(
                "only money that is no payment's is assigned; divide the deposit first, into one part or several"
                    .to_owned(),
            ));
        }
        let case = &snapshot.case;
        let attempt = decision.attempt.expect("a plan of an assignment names it");
        // An authority's money goes to another's payment only by somebody who may decide of both.
        if listed
            .authority
            .as_ref()
            .is_some_and(|of| *of != case.authority.id)
        {
            let whose = Some(&case.authority.id);
            let actor = self.actor(&decision.ledger, &decision.person, whose).await?;
            let of_the_kasse = |role: &Role| matches!(role, Role::Kasse | Role::Kassenverwalter);
            if !actor.roles.iter().any(of_the_kasse) {
                return Err(super::no_attempt(&decision.ledger, attempt));
            }
        }
        let (deposit, guard) = self.guarded_deposit(listed.subject).await?;
        if !deposit.cents.is_positive() {
            return Err(NotResolved::NoDeposit.into());
        }
        let cents = whole(decision, deposit.cents)?;
        let of = case
            .payment_of(attempt)
            .and_then(|payment| payment.attempt(attempt));
        let of = of.ok_or(ChangeError::NotFound)?;
        let provider = self.provider(&of.provider);
        let zvp = provider
            .map(|provider| provider.default_zvp().to_owned())
            .unwrap_or_default();
        let mut change = assigned(ctx, case, attempt, (deposit.posten, cents), &zvp)?;
        change.guards.rows.push(guard);
        Ok(change)
    }

    /// A deposit, with the revision that it had before its amount was read.
    async fn guarded_deposit(&self, subject: Subject) -> Result<(Deposit, (String, i64)), DecisionError> {
        let found = self.store.deposit(subject).await?.ok_or(NotResolved::NoDeposit)?;
        let guard = self.guard(format!("posten/{}", found.posten)).await?;
        let again = self.store.deposit(subject).await?.ok_or(NotResolved::NoDeposit)?;
        if again.posten != found.posten {
            return Err(NotResolved::NoDeposit.into());
        }
        Ok((again, guard))
    }

    /// Money of a deposit is divided, or ordered to be paid out.
    async fn out_of_deposit(
        &self,
        ctx: &mut Ctx,
        snapshot: Option<&Snapshot>,
        decision: &Decision,
        listed: &ListedException,
    ) -> Result<Change, DecisionError> {
        let mut guards = Vec::new();
        let (holder, there) = match (snapshot, listed.subject) {
            (Some(snapshot), Subject::Attempt { attempt, .. }) => {
                let case = &snapshot.case;
                let of = case
                    .payment_of(attempt)
                    .and_then(|payment| payment.attempt(attempt));
                let there = of.map(|of| of.books.deposited).unwrap_or_default();
                (Holder::Attempt(case, attempt), there)
            }
            _ => {
                let (deposit, guard) = self.guarded_deposit(listed.subject).await?;
                guards.push(guard);
                let holder = Holder::Free {
                    ledger: decision.ledger.clone(),
                    subject: listed.subject,
                    posten: deposit.posten,
                    cents: deposit.cents,
                    of: deposit.of,
                };
                (holder, deposit.cents)
            }
        };
        let mut change = if decision.how == How::Divide {
            divided(ctx, &holder, &decision.terms.parts)?
        } else {
            if there.is_positive() {
                whole(decision, there)?;
            }
            guards.push(self.guard(format!("payout_orders/{}", decision.ledger)).await?);
            let payout = PayingOut {
                exception: decision.exception,
                passed_on: decision.how == How::PassOn,
                way: decision.terms.way(),
                number: self.store.payout_orders_so_far(&decision.ledger).await? + 1,
            };
            ordered(ctx, &holder, payout)?
        };
        change.guards.rows.extend(guards);
        Ok(change)
    }
}

/// The amount, which is all that lies there.
fn whole(decision: &Decision, there: Cents) -> Result<Cents, DecisionError> {
    let cents = decision.cents.unwrap_or(there);
    if cents != there {
        return Err(DecisionError::Invalid(format!(
            "{there} lie in deposit, not {cents}; divide it first (aufteilung), then decide of each part"
        )));
    }
    Ok(cents)
}
