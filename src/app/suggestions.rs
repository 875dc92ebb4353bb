//! What a person may look at first: which payments the money of an exception may be of, and the way that mostly fits. It
//! is found when it is asked for, from what is expected at that moment, and claims nothing.

use jiff::ToSpan;

use super::App;
use super::exceptions::Sight;
use super::ports::{ExceptionFilter, Expected, ListedException, Near, OpenDetail, ReadError, Seen};
use super::reconcile::ReconcileError;
use super::reconcile::expect::of_attempts;
use super::statements::IntakeError;
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::{AttemptId, AuthorityId, ExceptionId, Kassenzeichen, LedgerId};
use crate::domain::money::Cents;
use crate::domain::proposal::proposal;
use crate::domain::reconcile::names::names;
use crate::domain::reconcile::{InputError, LineId, Lines, Settings, Target, Verdict, reconcile};
use crate::domain::resolution::How;
use crate::domain::subject::Subject;
use crate::domain::time::berlin_noon;

/// Which exceptions are wanted; everything that is none does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Of this authority.
    pub authority: Option<AuthorityId>,
    /// With this code.
    pub code: Option<ExceptionCode>,
    /// Found so many days ago, or earlier.
    pub min_age_days: Option<i64>,
    /// Of this amount or more.
    pub min: Option<Cents>,
    /// Of this amount or less.
    pub max: Option<Cents>,
}

/// A payment that the money may be of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The attempt.
    pub attempt: AttemptId,
    /// What is paid under.
    pub kassenzeichen: Option<Kassenzeichen>,
    /// What is expected.
    pub cents: Cents,
}

/// Why some payments may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggested {
    /// Why: the code of a hint, of a rule, or of what differs.
    pub hint: &'static str,
    /// One, or those that add up.
    pub candidates: Vec<Candidate>,
}

/// A decision that is ready to be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Which way.
    pub how: How,
    /// Of a zuordnung: whose the money is, where one payment was found.
    pub attempt: Option<AttemptId>,
}

impl App {
    /// A page of the worklist: what is wanted of everything, or of what somebody sees, and where the next page begins; nowhere behind the
    /// last one.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn worklist_of(
        &self,
        ledger: &LedgerId,
        resolved: bool,
        (wanted, sight): (&Wanted, Option<&Sight>),
        after: Option<u64>,
        limit: u32,
    ) -> Result<(Vec<ListedException>, Option<u64>), ReadError> {
        let mut seen = sight.map(Sight::seen);
        if let Some(authority) = &wanted.authority {
            let theirs = seen.is_none_or(|seen| seen.authorities.contains(authority));
            seen = Some(Seen {
                authorities: theirs.then(|| authority.clone()).into_iter().collect(),
                of_nobody: false,
            });
        }
        let days = wanted.min_age_days;
        let filter = ExceptionFilter {
            resolved,
            seen,
            code: wanted.code,
            until: days.map(|days| self.now().plus_seconds(-days.saturating_mul(24 * 60 * 60))),
            min: wanted.min,
            max: wanted.max,
        };
        // One more, so that the last page is known as the last.
        let most = limit.saturating_add(1);
        let mut page = self.store.exceptions(ledger, &filter, after, most).await?;
        let more = page.len() > limit as usize;
        page.truncate(limit as usize);
        let next = page.last().filter(|_| more).map(|last| last.position);
        Ok((page, next))
    }

    /// An exception of a Kasse by its id.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn one_exception(
        &self,
        ledger: &LedgerId,
        id: ExceptionId,
    ) -> Result<Option<ListedException>, ReadError> {
        self.store.exception(ledger, id).await
    }

    /// Payments that the money of an exception may be of, the likeliest first.
    ///
    /// # Errors
    /// [`ReconcileError`].
    pub async fn suggestions(&self, listed: &ListedException) -> Result<Vec<Suggested>, ReconcileError> {
        let Subject::Detail(detail) = listed.subject else {
            return Ok(Vec::new());
        };
        let of = self.store.detail(&listed.ledger, detail).await;
        let Some(of) = of.map_err(IntakeError::from)?.filter(|_| !listed.resolved) else {
            return Ok(Vec::new());
        };
        let mut lines = Lines::default();
        self.add_line(&mut lines, LineId(0), 0, &of)?;
        let near = near(&lines, &of);
        let expected = self.store.expected_near(&listed.ledger, &near).await?;
        // Comparing takes longer than others may wait for this thread, and not everybody's at once.
        let _place = self.thinking.acquire().await.expect("it is never closed");
        let found = tokio::task::spawn_blocking(move || {
            let outcome = reconcile(&lines, &of_attempts(&expected)?, Settings::default())?;
            let verdict = outcome.of(LineId(0));
            Ok::<_, InputError>(verdict.map_or_else(Vec::new, |verdict| suggested(verdict, &expected)))
        });
        Ok(found
            .await
            .map_err(|error| ReconcileError::Broken(error.to_string()))??)
    }
}

/// What of a Kasse's payments the money may be: all that rules and suggestions of matching look at, and nothing else.
fn near(lines: &Lines, of: &OpenDetail) -> Near {
    let Settings {
        days_before,
        days_after,
    } = Settings::default();
    // Noon of a day more on each side, since days are those of Berlin.
    let noon = |days: i32| berlin_noon(of.booked_on.saturating_add(days.days()));
    Near {
        names: names(lines, LineId(0)),
        // Of what goes out nothing is said by its amount.
        cents: Some(of.cents).filter(|cents| cents.is_positive()),
        from: noon(-i32::from(days_after) - 1),
        until: noon(i32::from(days_before) + 1),
    }
}

/// The decision that is ready, after what was suggested.
pub fn ready(listed: &ListedException, suggested: &[Suggested]) -> Proposal {
    let one = match suggested {
        [first, ..] => match &first.candidates[..] {
            [one] => Some(one.attempt),
            _ => None,
        },
        [] => None,
    };
    // Of several that fit equally nobody but a person chooses.
    let one = one.filter(|_| listed.code != ExceptionCode::Ambiguous);
    let how = proposal(listed.code, one.is_some());
    Proposal {
        how,
        attempt: one.filter(|_| how == How::Assign),
    }
}

fn suggested(verdict: &Verdict, expected: &[Expected]) -> Vec<Suggested> {
    let candidate = |target: &Target| {
        let (Target::Open(at) | Target::Settled(at)) = *target;
        let of = &expected[usize::try_from(at).expect("items are numbered by their place")];
        let open = if of.outstanding.is_positive() {
            of.outstanding
        } else if of.returning.is_positive() {
            -of.returning
        } else if of.passing.is_positive() {
            of.passing
        } else {
            of.total - of.settled
        };
        Candidate {
            attempt: of.attempt,
            kassenzeichen: of.kassenzeichen.clone(),
            cents: open,
        }
    };
    let one = |hint, target: &Target| Suggested {
        hint,
        candidates: vec![candidate(target)],
    };
    match verdict {
        Verdict::Paired(pairing) => vec![one(pairing.rule.as_str(), &pairing.target)],
        Verdict::Returned(returned) => vec![one(returned.rule.as_str(), &returned.target)],
        Verdict::Exception(exception) => {
            let target = exception.target.iter();
            target
                .map(|target| one(exception.code.as_str(), target))
                .collect()
        }
        Verdict::Ambiguous(candidates) => {
            let hint = ExceptionCode::Ambiguous.as_str();
            candidates.iter().map(|those| one(hint, &those.target)).collect()
        }
        Verdict::Unmatched(suggestions) => suggestions
            .iter()
            .map(|those| Suggested {
                hint: those.hint.as_str(),
                candidates: those.targets.iter().map(candidate).collect(),
            })
            .collect(),
    }
}
