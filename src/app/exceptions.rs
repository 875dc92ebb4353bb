//! The worklist, and what persons decide: each step towards resolving an exception is one Change with its record, the
//! last one books. Who may take a step is decided here, whoever asks: command line, API, and later the pages.

//!
//! `effects`: what the last step books; `taking_back`: resolutions are reversed, and steps withdrawn; `raising`: a person
//! asks for a decision.

mod effects;
mod payouts;
mod raising;
mod taking_back;

use std::collections::BTreeSet;

use super::ports::{CommitError, ExceptionFilter, ListedException, ReadError, Seen, Urgency};
use super::tenants::read_body;
use super::vault::VaultError;
use super::{App, ChangeError, MOST_ROUNDS, Snapshot};
use crate::domain::change::{Change, Personal, Save};
use crate::domain::decide::{Ctx, NotResolved};
use crate::domain::ids::{
    AttemptId, AuthorityId, CaseId, ChangeId, ClientId, ExceptionId, LedgerId, PersonalId,
};
use crate::domain::money::Cents;
use crate::domain::record::{Body, Resolved};
use crate::domain::resolution::{How, Role, StepRefused, Terms, next_step};
use crate::domain::tenant::{Authority, Client};

pub use payouts::PaidOut;
pub use raising::Raising;
pub use taking_back::TakingBack;

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
    /// What else the way needs.
    pub terms: Terms,
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
    /// Whether the caller works in the cash office.
    pub works_in_it: bool,
    /// Whether the caller leads it.
    pub leads_it: bool,
}

impl Sight {
    /// The same, as the store is asked for it.
    pub fn seen(&self) -> Seen {
        Seen {
            authorities: self.authorities.clone(),
            of_nobody: self.of_the_kasse,
        }
    }

    /// Whether an exception is among it.
    pub fn covers(&self, listed: &ListedException) -> bool {
        self.sees(listed.authority.as_ref())
    }

    /// Whether what belongs to an authority, or to nobody known, is among it.
    pub fn sees(&self, authority: Option<&AuthorityId>) -> bool {
        match authority {
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
            works_in_it: false,
            leads_it: false,
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
            sight.leads_it |= roles.contains(&Role::Kassenverwalter);
            sight.works_in_it |= roles
                .iter()
                .any(|role| matches!(role, Role::Kasse | Role::Kassenverwalter));
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
        let filter = ExceptionFilter {
            resolved,
            ..ExceptionFilter::default()
        };
        self.store.exceptions(ledger, &filter, after, limit).await
    }

    /// Takes the next step of a decision; the last one books.
    ///
    /// # Errors
    /// [`DecisionError`]; nothing has changed then.
    pub async fn decide_exception(&self, decision: &Decision) -> Result<Decided, DecisionError> {
        with_reason(&decision.reason)?;
        for _ in 0..MOST_ROUNDS {
            let guard = self.guard(format!("exception/{}", decision.exception)).await?;
            let listed = self.exception(&decision.ledger, decision.exception).await?;
            if listed.resolved {
                return Err(DecisionError::Resolved);
            }
            let (attempt, cents) = (decision.attempt, decision.cents);
            let plan = decision.terms.plan(decision.how, attempt, cents);
            let plan = plan.map_err(DecisionError::Invalid)?;
            let authority = listed.authority.as_ref();
            let actor = self.actor(&decision.ledger, &decision.person, authority).await?;
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

    /// One exception of a Kasse.
    ///
    /// # Errors
    /// [`DecisionError`]: it is not there, or the store cannot be read.
    pub async fn exception(
        &self,
        ledger: &LedgerId,
        id: ExceptionId,
    ) -> Result<ListedException, DecisionError> {
        let found = self.store.exception(ledger, id).await?;
        found.ok_or(DecisionError::Unknown(id))
    }

    /// A guard over what has no revision of its own.
    async fn guard(&self, row: String) -> Result<(String, i64), ReadError> {
        let rev = self.store.row_rev(&row).await?;
        Ok((row, rev))
    }

    /// The roles of a person for the authority whose money it is. What nobody knows belongs to the Kasse: then a role for
    /// any of its authorities counts.
    async fn actor(
        &self,
        ledger: &LedgerId,
        person: &ClientId,
        whose: Option<&AuthorityId>,
    ) -> Result<Actor, DecisionError> {
        let person: Client = match self.client(person).await? {
            Some(client) => (*client).clone(),
            None => return Err(DecisionError::Nobody(person.clone())),
        };
        let mut authorities: Vec<Authority> = Vec::new();
        for object in self.store.tenants().await? {
            if object.kind == "authority" && object.ledger.as_ref() == Some(ledger) {
                authorities.push(read_body(&object)?);
            }
        }
        let concerned: Vec<&Authority> = authorities
            .iter()
            .filter(|authority| whose.is_none_or(|id| *id == authority.id))
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
            authority: whose.map_or_else(|| ledger.to_string(), AuthorityId::to_string),
            may_merge: !concerned.is_empty() && concerned.iter().all(|authority| authority.may_merge_roles),
        })
    }

    /// Commits a step; `false`: something has changed meanwhile. What the last step will book is tried with every step, so
    /// that the first one hears what the books do not allow.
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
            (_, subject) => subject.case(),
        };
        let (snapshot, mut ctx) = match case {
            Some(case) => {
                let (snapshot, ctx) = self.begin(case).await?;
                (Some(snapshot), ctx)
            }
            None => (None, self.ctx(&decision.ledger)),
        };
        let mut change = self.effect(&mut ctx, snapshot.as_ref(), decision, listed).await?;
        if !last {
            change = touched(&mut ctx, &decision.ledger, snapshot.as_ref());
        }
        add_step(&mut ctx, &mut change, step, guard, &decision.reason);
        self.commit_step(ctx, snapshot.as_ref(), change).await
    }

    /// Commits; `false`: something has changed meanwhile.
    async fn commit_step(
        &self,
        mut ctx: Ctx,
        snapshot: Option<&Snapshot>,
        change: Change,
    ) -> Result<bool, DecisionError> {
        if let Some(snapshot) = snapshot {
            return Ok(self
                .conclude(snapshot, change, Urgency::Interactive, None)
                .await?);
        }
        let sealed = self.seal(change, ctx.mint.next_id(), None)?;
        match self.commit(sealed, Urgency::Interactive).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn case_of_attempt(&self, decision: &Decision) -> Result<CaseId, DecisionError> {
        let attempt = decision.attempt.expect("a plan of an assignment names it");
        self.case_with(&decision.ledger, attempt).await
    }

    async fn case_with(&self, ledger: &LedgerId, attempt: AttemptId) -> Result<CaseId, DecisionError> {
        let scope = super::Scope::Ledger(ledger.clone());
        let found = self.store.find_cases(&scope, &attempt.to_string(), 1).await?;
        found.first().copied().ok_or_else(|| no_attempt(ledger, attempt))
    }
}

/// What is said of an attempt that is not there, or not the person's business.
fn no_attempt(ledger: &LedgerId, attempt: AttemptId) -> DecisionError {
    DecisionError::Invalid(format!("there is no attempt {attempt} in the books of {ledger}"))
}

/// A reason is there, and not too long.
fn with_reason(reason: &str) -> Result<(), DecisionError> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON || reason.contains('\0') {
        return Err(DecisionError::Reason);
    }
    Ok(())
}

/// A Change that saves the case as it is, so that whoever decides at the same time decides again.
fn touched(ctx: &mut Ctx, ledger: &LedgerId, snapshot: Option<&Snapshot>) -> Change {
    let id = ChangeId(ctx.mint.next_id());
    let Some(snapshot) = snapshot else {
        let mut change = Change::bare(id);
        change.ledger = Some(ledger.clone());
        return change;
    };
    let mut change = Change::of(id, &snapshot.case);
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
