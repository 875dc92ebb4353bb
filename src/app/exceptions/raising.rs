//! A person asks for a decision about a payment of which no difference was found: it was paid at the counter, or its income
//! stands on a wrong title.

use super::{Decided, DecisionError, no_attempt, with_reason};
use crate::app::{App, ChangeError, MOST_ROUNDS};
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, ClientId, ExceptionId, LedgerId};
use crate::domain::record::Resolved;
use crate::domain::resolution::{Role, StepRefused};

/// Who asks, about what, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raising {
    /// The Kasse.
    pub ledger: LedgerId,
    /// The attempt.
    pub attempt: AttemptId,
    /// Who.
    pub person: ClientId,
    /// Why.
    pub reason: String,
}

impl App {
    /// Opens an exception about an attempt, for whoever has a role for its authority.
    ///
    /// # Errors
    /// [`DecisionError`]; nothing has changed then.
    pub async fn raise_exception(&self, raising: &Raising) -> Result<(ExceptionId, Decided), DecisionError> {
        with_reason(&raising.reason)?;
        for _ in 0..MOST_ROUNDS {
            let case = self.case_with(&raising.ledger, raising.attempt).await?;
            let (snapshot, mut ctx) = self.begin(case).await?;
            let unknown = || no_attempt(&raising.ledger, raising.attempt);
            if snapshot.case.payment_of(raising.attempt).is_none() {
                return Err(unknown());
            }
            let authority = snapshot.case.authority.id.clone();
            let actor = self
                .actor(&raising.ledger, &raising.person, Some(&authority))
                .await?;
            if actor.roles.is_empty() {
                return Err(unknown());
            }
            let Some(role) = actor.roles.iter().find(|role| **role != Role::Auditor) else {
                return Err(StepRefused::Role {
                    how: "klaerungsbedarf",
                    needed: Role::Feststeller.as_str(),
                    authority: actor.authority,
                    person: actor.person.to_string(),
                }
                .into());
            };
            let mut change = super::touched(&mut ctx, &raising.ledger, Some(&snapshot));
            let id = ExceptionId(ctx.mint.next_id());
            let mut seen = snapshot.case.clone();
            change.exception(&mut seen, id, ExceptionCode::Raised, raising.attempt, None);
            if change.effects.records.is_empty() {
                return Err(DecisionError::Invalid(
                    "the same question is open already; resolve that one".to_owned(),
                ));
            }
            let step = Resolved {
                exception: id,
                how: ExceptionCode::Raised.as_str().to_owned(),
                plan: String::new(),
                role: role.as_str().to_owned(),
                person: actor.person.to_string(),
                state: "opened".to_owned(),
            };
            let guard = self.guard(format!("exception/{id}")).await?;
            super::add_step(&mut ctx, &mut change, step, guard, &raising.reason);
            if self.commit_step(ctx, Some(&snapshot), change).await? {
                let decided = Decided {
                    role: *role,
                    resolved: false,
                    missing: Vec::new(),
                };
                return Ok((id, decided));
            }
        }
        Err(ChangeError::Contended.into())
    }
}
