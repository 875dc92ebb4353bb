//! What persons decided is taken back: a resolution in the same steps by which it was decided, the last one reverses what
//! it booked; steps of a resolution that is not complete by whoever may take one of them.

use super::{Decided, DecisionError, with_reason};
use crate::app::ports::ListedException;
use crate::app::{App, ChangeError, MOST_ROUNDS, Snapshot};
use crate::domain::booking::Booking;
use crate::domain::change::Change;
use crate::domain::decide::{Ctx, NotResolved, Undoing, line_key, undone, undone_free};
use crate::domain::ids::{AttemptId, ClientId, ExceptionId, LedgerId, PostenId};
use crate::domain::record::{Body, Record, Resolved};
use crate::domain::resolution::{How, PROGRAM, Role, StepRefused, by_program, next_step, withdraw};
use crate::domain::subject::Subject;

/// What is taken back, by whom, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakingBack {
    /// The Kasse.
    pub ledger: LedgerId,
    /// The exception.
    pub exception: ExceptionId,
    /// Who.
    pub person: ClientId,
    /// Why.
    pub reason: String,
}

impl App {
    /// Takes the next step towards taking a resolution back; with the last one the exception is open again.
    ///
    /// # Errors
    /// [`DecisionError`]; nothing has changed then.
    pub async fn take_back(&self, back: &TakingBack) -> Result<Decided, DecisionError> {
        with_reason(&back.reason)?;
        for _ in 0..MOST_ROUNDS {
            let guard = self.guard(format!("exception/{}", back.exception)).await?;
            let listed = self.exception(&back.ledger, back.exception).await?;
            let Some(newest) = listed.steps.last() else {
                return Err(DecisionError::Invalid(
                    "nothing has been decided of it; there is nothing to take back".to_owned(),
                ));
            };
            if newest.person == PROGRAM {
                return Err(DecisionError::Invalid(
                    "the program resolved it because its cause is gone; there is nothing to take back"
                        .to_owned(),
                ));
            }
            let how: How = newest.how.parse().map_err(DecisionError::Invalid)?;
            let authority = listed.authority.as_ref();
            let actor = self.actor(&back.ledger, &back.person, authority).await?;
            let who = (actor.person.as_str(), &actor.roles);
            let (role, last) = if listed.resolved {
                let whose = actor.authority.as_str();
                next_step(how, &newest.plan, &listed.back, who, whose, actor.may_merge)?
            } else {
                let role = withdraw(how, who.1).ok_or_else(|| StepRefused::Role {
                    how: how.as_str(),
                    needed: how.steps()[0].as_str(),
                    authority: actor.authority.clone(),
                    person: actor.person.to_string(),
                })?;
                (role, true)
            };
            let step = Resolved {
                exception: back.exception,
                how: newest.how.clone(),
                plan: newest.plan.clone(),
                role: role.as_str().to_owned(),
                person: actor.person.to_string(),
                state: if last { "undone" } else { "back" }.to_owned(),
            };
            if self.step_back(back, &listed, how, step, guard).await? {
                let steps = how.steps();
                let taken = listed.back.len() + 1;
                let missing: &[Role] = if last {
                    &[]
                } else {
                    &steps[taken.min(steps.len())..]
                };
                return Ok(Decided {
                    role,
                    resolved: !last,
                    missing: missing.to_vec(),
                });
            }
        }
        Err(ChangeError::Contended.into())
    }

    /// Commits a step back; `false`: something has changed meanwhile.
    async fn step_back(
        &self,
        back: &TakingBack,
        listed: &ListedException,
        how: How,
        step: Resolved,
        guard: (String, i64),
    ) -> Result<bool, DecisionError> {
        let records = if listed.resolved {
            self.store.resolved_by(&back.ledger, back.exception, None).await?
        } else {
            Vec::new()
        };
        self.is_still_paid_out(&back.ledger, listed.subject, how).await?;
        let attempt = concerned(listed, how, &records);
        let (snapshot, mut ctx) = match attempt {
            Some(attempt) => {
                let case = self.case_with(&back.ledger, attempt).await?;
                let (snapshot, ctx) = self.begin(case).await?;
                (Some(snapshot), ctx)
            }
            None => (None, self.ctx(&back.ledger)),
        };
        // What the last step will reverse is tried with every step.
        let mut change = if listed.resolved {
            self.reversal(&mut ctx, snapshot.as_ref().zip(attempt), back, how, &records)
                .await?
        } else {
            super::touched(&mut ctx, &back.ledger, snapshot.as_ref())
        };
        if step.state != "undone" {
            change = super::touched(&mut ctx, &back.ledger, snapshot.as_ref());
        } else if change.effects.case.is_none()
            && let Some(snapshot) = &snapshot
        {
            change = super::touched(&mut ctx, &back.ledger, Some(snapshot));
        }
        super::add_step(&mut ctx, &mut change, step, guard, &back.reason);
        self.commit_step(ctx, snapshot.as_ref(), change).await
    }

    /// Money of a list's line that was assigned, and that a later list has taken back from its payment, cannot lie in
    /// deposit again.
    async fn is_still_paid_out(
        &self,
        ledger: &LedgerId,
        subject: Subject,
        how: How,
    ) -> Result<(), DecisionError> {
        let (How::Assign, Subject::ListLine(line)) = (how, subject) else {
            return Ok(());
        };
        let key = line_key(ledger, line, true, String::new());
        let went = self.store.once(&key.scope, &key.key).await?;
        if went.is_some_and(|went| went.starts_with("attempt/")) {
            let why = "a later list has taken the line back from the payment";
            return Err(NotResolved::MovedOn(why.to_owned()).into());
        }
        Ok(())
    }

    async fn reversal(
        &self,
        ctx: &mut Ctx,
        of: Option<(&Snapshot, AttemptId)>,
        back: &TakingBack,
        how: How,
        records: &[Record],
    ) -> Result<Change, DecisionError> {
        let booked: Vec<(u64, Booking)> = records
            .iter()
            .filter_map(|record| match &record.body {
                Body::Booking(booking) => Some((record.position, booking.clone())),
                _ => None,
            })
            .collect();
        let lines = booked.iter().flat_map(|(_, booking)| &booking.lines);
        let mut posten: Vec<PostenId> = lines
            .flat_map(|line| [line.debit.posten, line.credit.posten])
            .collect();
        posten.sort_unstable();
        posten.dedup();
        let mut guards = Vec::new();
        for posten in &posten {
            guards.push(self.guard(format!("posten/{posten}")).await?);
        }
        let lies = self.store.lies(&posten).await?;
        let undoing = Undoing {
            how,
            booked: &booked,
            lies: &lies,
        };
        let mut change = match of {
            Some((snapshot, attempt)) => undone(ctx, &snapshot.case, attempt, &undoing)?,
            None => undone_free(ctx, &back.ledger, &undoing)?,
        };
        change.guards.rows.extend(guards);
        self.close_opened(&mut change, back, records).await?;
        Ok(change)
    }

    /// Exceptions that the resolution opened have no cause any more.
    async fn close_opened(
        &self,
        change: &mut Change,
        back: &TakingBack,
        records: &[Record],
    ) -> Result<(), DecisionError> {
        for record in records {
            let Body::Exception(opened) = &record.body else {
                continue;
            };
            let guard = self.guard(format!("exception/{}", opened.id)).await?;
            let listed = self.exception(&back.ledger, opened.id).await?;
            if listed.resolved {
                continue;
            }
            if !listed.steps.is_empty() {
                return Err(NotResolved::MovedOn(format!(
                    "a person has begun to resolve {}, which followed from it; take that back first",
                    opened.id
                ))
                .into());
            }
            let gone = by_program(opened.id, format!("exception/{}", back.exception));
            change.effects.records.push((Body::Resolution(gone), Vec::new()));
            change.guards.rows.push(guard);
        }
        Ok(())
    }
}

/// The attempt whose case changes: that of the bookings, or that the exception is about.
fn concerned(listed: &ListedException, how: How, records: &[Record]) -> Option<AttemptId> {
    let booked = records.iter().find_map(|record| match &record.body {
        Body::Booking(booking) => booking.subject.attempt(),
        _ => None,
    });
    let about = listed.subject.attempt();
    match how {
        How::Assign => booked,
        _ => about,
    }
}
