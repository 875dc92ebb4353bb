//! The worklist, and what persons decide: each step towards resolving an exception is one Change with its record, the
//! last one books. Who may take a step is decided here, whoever asks: command line, API, and later the pages.

use std::collections::BTreeSet;

use super::ports::{CommitError, ExceptionFilter, ListedException, ReadError, Urgency};
use super::tenants::read_body;
use super::vault::VaultError;
use super::{App, ChangeError, MOST_ROUNDS, Snapshot};
use crate::domain::bookings::refunded_unknown;
use crate::domain::change::{Change, Personal, Save};
use crate::domain::decide::{Ctx, NotResolved, accepted_late, assigned, refund_ordered};
use crate::domain::ids::{AttemptId, AuthorityId, ChangeId, ClientId, ExceptionId, LedgerId, PersonalId};
use crate::domain::money::Cents;
use crate::domain::record::{Body, Resolved};
use crate::domain::resolution::{How, Role, StepRefused, next_step};
use crate::domain::subject::Subject;
use crate::domain::tenant::{Authority, Client};

/// The longest reason, in characters.
const REASON: usize = 2000;

/// What a person decides of an exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The Kasse.
    pub ledger: LedgerId,
    /// The exception.
    pub exception: ExceptionId,
    /// Which way.
    pub how: How,
    /// Of an assignment: the attempt that the money is of.
    pub attempt: Option<AttemptId>,
    /// How much; all that there is, where none is said.
    pub cents: Option<Cents>,
    /// Who.
    pub person: ClientId,
    /// Why.
    pub reason: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The role of the step.
    pub role: Role,
    /// Whether the exception is resolved now.
    pub resolved: bool,
    /// The roles of the steps that are still to be taken.
    pub missing: Vec<Role>,
}

/// Why a decision is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum DecisionError {
    /// No such exception in this Kasse.
    #[error("there is no exception {0} in this Kasse")]
    Unknown(ExceptionId),
    /// It is resolved.
    #[error("the exception is resolved already")]
    Resolved,
    /// No such person.
    #[error("there is no person «{0}» among the clients of the tenants file")]
    Nobody(ClientId),
    /// A reason is missing, or too long.
    #[error("a reason of 1 to {REASON} characters is needed")]
    Reason,
    /// Something that the way needs was not said, or does not fit.
    #[error("{0}")]
    Invalid(String),
    /// Not this person, or not now.
    #[error(transparent)]
    Step(#[from] StepRefused),
    /// The books do not allow it.
    #[error(transparent)]
    Books(#[from] NotResolved),
    /// The case could not be changed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It was not committed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The reason cannot be encrypted.
    #[error("personal data: {0}")]
    Vault(#[from] VaultError),
}

/// Who takes a step, and for whom.
struct Actor {
    person: ClientId,
    roles: BTreeSet<Role>,
    authority: String,
    may_merge: bool,
}

/// What a caller sees of a Kasse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// Authorities for which the caller has a role.
    pub authorities: BTreeSet<AuthorityId>,
    /// Whether the caller sees what is the Kasse's own: statements, and money that nobody knows.
    pub of_the_kasse: bool,
}

impl Sight {
    /// Whether an exception is among it.
    pub fn covers(&self, listed: &ListedException) -> bool {
        match &listed.authority {
            Some(authority) => self.authorities.contains(authority),
            None => self.of_the_kasse,
        }
    }
}

impl App {
    /// What a client sees of a Kasse by its roles; none where that is nothing.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn sight(&self, client: &Client, ledger: &LedgerId) -> Result<Option<Sight>, ReadError> {
        let mut sight = Sight {
            authorities: BTreeSet::new(),
            of_the_kasse: false,
        };
        for object in self.store.tenants().await? {
            if object.kind != "authority" || object.ledger.as_ref() != Some(ledger) {
                continue;
            }
            let authority: Authority = read_body(&object)?;
            let Some(roles) = client.roles.get(&authority.id) else {
                continue;
            };
            sight.of_the_kasse |= roles
                .iter()
                .any(|role| matches!(role, Role::Kasse | Role::Kassenverwalter | Role::Auditor));
            sight.authorities.insert(authority.id);
        }
        Ok((!sight.authorities.is_empty()).then_some(sight))
    }

    /// Exceptions of a Kasse.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn worklist(
        &self,
        ledger: &LedgerId,
        resolved: bool,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<ListedException>, ReadError> {
        let filter = ExceptionFilter { resolved, id: None };
        self.store.exceptions(ledger, &filter, after, limit).await
    }

    /// Takes the next step of a decision; the last one books.
    ///
    /// # Errors
    /// [`DecisionError`]; nothing has changed then.
    pub async fn decide_exception(&self, decision: &Decision) -> Result<Decided, DecisionError> {
        let reason = decision.reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON || reason.contains('\0') {
            return Err(DecisionError::Reason);
        }
        for _ in 0..MOST_ROUNDS {
            let row = format!("exception/{}", decision.exception);
            let rev = self.store.row_rev(&row).await?;
            let listed = self.exception(decision).await?;
            if listed.resolved {
                return Err(DecisionError::Resolved);
            }
            let plan = plan(decision, &listed)?;
            let actor = self.actor(decision, &listed).await?;
            let (role, last) = next_step(
                decision.how,
                &plan,
                &listed.steps,
                (actor.person.as_str(), &actor.roles),
                &actor.authority,
                actor.may_merge,
            )?;
            let step = Resolved {
                exception: decision.exception,
                how: decision.how.as_str().to_owned(),
                plan,
                role: role.as_str().to_owned(),
                person: actor.person.to_string(),
                state: if last { "done" } else { "step" }.to_owned(),
            };
            let guard = (row, rev);
            if self.take_step(decision, &listed, step, guard, last).await? {
                let steps = decision.how.steps();
                return Ok(Decided {
                    role,
                    resolved: last,
                    missing: steps[(listed.steps.len() + 1).min(steps.len())..].to_vec(),
                });
            }
        }
        Err(ChangeError::Contended.into())
    }

    /// The exception that a decision is about.
    ///
    /// # Errors
    /// [`DecisionError`]: it is not there, or the store cannot be read.
    pub async fn exception(&self, decision: &Decision) -> Result<ListedException, DecisionError> {
        let filter = ExceptionFilter {
            resolved: true,
            id: Some(decision.exception),
        };
        let found = self.store.exceptions(&decision.ledger, &filter, None, 1).await?;
        found
            .into_iter()
            .next()
            .ok_or(DecisionError::Unknown(decision.exception))
    }

    /// The roles of a person for the authority whose money it is. What nobody knows belongs to the Kasse: then a role for
    /// any of its authorities counts.
    async fn actor(&self, decision: &Decision, listed: &ListedException) -> Result<Actor, DecisionError> {
        let person: Client = match self.client(&decision.person).await? {
            Some(client) => (*client).clone(),
            None => return Err(DecisionError::Nobody(decision.person.clone())),
        };
        let mut authorities: Vec<Authority> = Vec::new();
        for object in self.store.tenants().await? {
            if object.kind == "authority" && object.ledger.as_ref() == Some(&decision.ledger) {
                authorities.push(read_body(&object)?);
            }
        }
        let concerned: Vec<&Authority> = authorities
            .iter()
            .filter(|authority| listed.authority.as_ref().is_none_or(|id| *id == authority.id))
            .collect();
        let roles = concerned
            .iter()
            .filter_map(|authority| person.roles.get(&authority.id))
            .flatten()
            .copied()
            .collect();
        Ok(Actor {
            person: person.id,
            roles,
            authority: listed
                .authority
                .as_ref()
                .map_or_else(|| decision.ledger.to_string(), AuthorityId::to_string),
            may_merge: !concerned.is_empty() && concerned.iter().all(|authority| authority.may_merge_roles),
        })
    }

    /// Commits a step; `false`: something has changed meanwhile.
    async fn take_step(
        &self,
        decision: &Decision,
        listed: &ListedException,
        step: Resolved,
        guard: (String, i64),
        last: bool,
    ) -> Result<bool, DecisionError> {
        let case = match (decision.how, listed.subject) {
            (How::Assign, _) => Some(self.case_of_attempt(decision).await?),
            (_, Subject::Attempt { case, .. }) => Some(case),
            _ => None,
        };
        let Some(case) = case else {
            let mut ctx = self.ctx(&decision.ledger);
            let mut change = Change::bare(ChangeId(ctx.mint.next_id()));
            change.ledger = Some(decision.ledger.clone());
            if last && decision.how == How::Refund {
                self.refund_unknown(&mut ctx, &mut change, decision, listed)
                    .await?;
            }
            add_step(&mut ctx, &mut change, step, guard, &decision.reason);
            let sealed = self.seal(change, ctx.mint.next_id(), None)?;
            return match self.commit(sealed, Urgency::Interactive).await {
                Ok(()) => Ok(true),
                Err(CommitError::Conflict) => Ok(false),
                Err(error) => Err(error.into()),
            };
        };
        let (snapshot, mut ctx) = self.begin(case).await?;
        let mut change = if last {
            self.effect(&mut ctx, &snapshot, decision, listed).await?
        } else {
            touched(&mut ctx, &snapshot)
        };
        add_step(&mut ctx, &mut change, step, guard, &decision.reason);
        Ok(self
            .conclude(&snapshot, change, Urgency::Interactive, None)
            .await?)
    }

    async fn effect(
        &self,
        ctx: &mut Ctx,
        snapshot: &Snapshot,
        decision: &Decision,
        listed: &ListedException,
    ) -> Result<Change, DecisionError> {
        let case = &snapshot.case;
        let about = listed.subject.attempt();
        match decision.how {
            How::Assign => {
                let attempt = decision.attempt.expect("a plan of an assignment names it");
                let (posten, there) = self
                    .store
                    .deposit(listed.subject)
                    .await?
                    .filter(|(_, there)| there.is_positive())
                    .ok_or(NotResolved::NoDeposit)?;
                let cents = decision.cents.unwrap_or(there);
                if cents != there {
                    return Err(DecisionError::Invalid(format!(
                        "{there} lie in deposit; assign all of it, and refund what was too much afterwards"
                    )));
                }
                let of = case
                    .payment_of(attempt)
                    .and_then(|payment| payment.attempt(attempt));
                let of = of.ok_or(ChangeError::NotFound)?;
                let provider = self.provider(&of.provider);
                let zvp = provider
                    .map(|provider| provider.default_zvp().to_owned())
                    .unwrap_or_default();
                let mut change = assigned(ctx, case, attempt, (posten, cents), &zvp)?;
                let deposit = format!("posten/{posten}");
                let rev = self.store.row_rev(&deposit).await?;
                change.guards.rows.push((deposit, rev));
                Ok(change)
            }
            How::Accept => {
                let attempt = about.ok_or(NotResolved::NoDeposit)?;
                Ok(accepted_late(ctx, case, attempt)?)
            }
            How::Refund => {
                let attempt = about.ok_or(NotResolved::NoDeposit)?;
                let of = case
                    .payment_of(attempt)
                    .and_then(|payment| payment.attempt(attempt));
                let there = of.map(|of| of.books.deposited).unwrap_or_default();
                Ok(refund_ordered(
                    ctx,
                    case,
                    attempt,
                    decision.cents.unwrap_or(there),
                )?)
            }
            How::Leave => Ok(touched(ctx, snapshot)),
        }
    }

    async fn refund_unknown(
        &self,
        ctx: &mut Ctx,
        change: &mut Change,
        decision: &Decision,
        listed: &ListedException,
    ) -> Result<(), DecisionError> {
        let Subject::Detail(detail) = listed.subject else {
            return Err(NotResolved::NoDeposit.into());
        };
        let (posten, there) = self
            .store
            .deposit(listed.subject)
            .await?
            .filter(|(_, there)| there.is_positive())
            .ok_or(NotResolved::NoDeposit)?;
        let cents = decision.cents.unwrap_or(there);
        if cents > there || !cents.is_positive() {
            return Err(NotResolved::TooMuch { there, wanted: cents }.into());
        }
        let year = ctx.now.berlin_day().year();
        let booking = refunded_unknown(&decision.ledger, detail, posten, cents, year);
        change.effects.records.push((Body::Booking(booking), Vec::new()));
        let deposit = format!("posten/{posten}");
        let rev = self.store.row_rev(&deposit).await?;
        change.guards.rows.push((deposit, rev));
        Ok(())
    }

    async fn case_of_attempt(
        &self,
        decision: &Decision,
    ) -> Result<crate::domain::ids::CaseId, DecisionError> {
        let attempt = decision.attempt.expect("a plan of an assignment names it");
        let scope = super::Scope::Ledger(decision.ledger.clone());
        let found = self.store.find_cases(&scope, &attempt.to_string(), 1).await?;
        found.first().copied().ok_or_else(|| {
            DecisionError::Invalid(format!(
                "there is no attempt {attempt} in the books of {}",
                decision.ledger
            ))
        })
    }
}

/// What a way is carried out with, as canonical text: the same for each of its steps.
fn plan(decision: &Decision, listed: &ListedException) -> Result<String, DecisionError> {
    let amount = decision
        .cents
        .map(|cents| format!(" {cents}"))
        .unwrap_or_default();
    if decision.cents.is_some_and(|cents| !cents.is_positive()) {
        return Err(DecisionError::Invalid(
            "an amount of more than nothing is needed".to_owned(),
        ));
    }
    match (decision.how, decision.attempt) {
        (How::Assign, None) => Err(DecisionError::Invalid(
            "say which attempt the money is of; `payment show` finds it".to_owned(),
        )),
        (How::Assign, Some(_)) if listed.subject.attempt().is_some() => Err(DecisionError::Invalid(
            "only money that nobody knows is assigned; this exception is about a payment".to_owned(),
        )),
        (How::Assign, Some(attempt)) => Ok(format!("attempt/{attempt}{amount}")),
        (how, Some(_)) => Err(DecisionError::Invalid(format!(
            "«{}» names no attempt",
            how.as_str()
        ))),
        (How::Leave | How::Accept, None) if decision.cents.is_some() => Err(DecisionError::Invalid(format!(
            "«{}» takes no amount",
            decision.how.as_str()
        ))),
        (_, None) => Ok(amount.trim().to_owned()),
    }
}

/// A Change that saves the case as it is, so that whoever decides at the same time decides again.
fn touched(ctx: &mut Ctx, snapshot: &Snapshot) -> Change {
    let mut change = Change::of(ChangeId(ctx.mint.next_id()), &snapshot.case);
    let mut case = snapshot.case.clone();
    case.rev += 1;
    change.effects.case = Some(Save::Changed(case));
    change
}

fn add_step(ctx: &mut Ctx, change: &mut Change, step: Resolved, guard: (String, i64), reason: &str) {
    let personal = PersonalId(ctx.mint.next_id());
    change.effects.personal.push(Personal {
        id: personal,
        class: "reason",
        plain: reason.trim().as_bytes().to_vec(),
    });
    change
        .effects
        .records
        .push((Body::Resolution(step), vec![personal]));
    change.guards.rows.push(guard);
}
