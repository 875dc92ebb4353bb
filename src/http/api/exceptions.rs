//! The worklist, and the steps by which persons resolve it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{At, Sent, With};
use super::refused::{Changed, Listed, Posted};
use super::{caller, page_size, unavailable};
use crate::app::ChangeError;
use crate::app::exceptions::{Decided, Decision, DecisionError, Raising, TakingBack};
use crate::app::ports::{CommitError, ListedException};
use crate::app::suggestions::Wanted;
use crate::domain::exception::ExceptionCode;
use crate::domain::ids::AuthorityId;
use crate::domain::money::Cents;
use crate::domain::proposal::proposal;
use crate::domain::resolution::{How, StepRefused, StepTaken, Terms};
use crate::domain::told::{Corrected, Title};
use crate::http::Web;
use crate::http::problem::{Kind, Problem};

/// Which exceptions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// `open` (the default) or `all`.
    state: Option<String>,
    /// Those behind this place: `next` of the page before.
    after: Option<u64>,
    /// How many, 1 to 200; 50 where none is said.
    limit: Option<u32>,
    /// Only those of this authority.
    authority: Option<String>,
    /// Only those with this code.
    code: Option<String>,
    /// Only those that were found so many days ago, or earlier.
    min_age_days: Option<u32>,
    /// Only those of this amount in euros or more.
    min_amount: Option<String>,
    /// Only those of this amount or less.
    max_amount: Option<String>,
}

/// A page of the worklist.
#[derive(Debug, Serialize, ToSchema)]
pub struct Worklist {
    /// The oldest first.
    exceptions: Vec<Difference>,
    /// Where the next page begins; none on the last one.
    next: Option<u64>,
}

/// A difference that a person resolves.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Its id.
    id: String,
    /// Its stable code.
    code: String,
    /// When it was found (RFC 3339).
    opened_at: String,
    /// For how many days it has been open.
    age_days: i64,
    /// The amount concerned, in euros with two decimal places.
    amount: Option<String>,
    /// The Kassenzeichen concerned.
    kassenzeichen: Option<String>,
    /// The attempt concerned.
    attempt: Option<String>,
    /// What of a statement it is about.
    about: Option<String>,
    /// Whose payment it is; none where nobody knows.
    authority: Option<String>,
    /// What happened and what can be done, in German.
    german: String,
    /// The same in English.
    english: String,
    /// Steps that were taken.
    steps: Vec<Step>,
    /// Where it is resolved: the steps that were taken towards taking that back.
    back: Vec<Step>,
    /// Whether it is resolved.
    resolved: bool,
    /// The way that mostly fits; none where it is resolved.
    proposal: Option<&'static str>,
}

/// A step that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct Step {
    /// Towards which way.
    how: String,
    /// With what.
    plan: String,
    /// In which role.
    role: String,
    /// By whom.
    person: String,
}

/// A step to be taken by the caller.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStep {
    /// `zuordnung`, `annahme`, `erstattung`, `aufteilung`, `anderweitig`, `ausbuchung`, `weiterleitung`, `umbuchung` or
    /// `vermerk`.
    how: String,
    /// Of a `zuordnung`: the attempt that the money is of.
    attempt: Option<String>,
    /// How much, in euros: all that there is. Said so that nobody orders another amount than was looked at.
    amount: Option<String>,
    /// Of an `aufteilung`: the parts, in euros.
    parts: Option<Vec<String>>,
    /// Of `anderweitig`: the number of the receipt.
    receipt: Option<String>,
    /// Of an `erstattung` or a `weiterleitung`: `bank` (the default), `acquirer` or `anordnung`.
    way: Option<String>,
    /// Of an `umbuchung`: the title on which the income stands.
    from: Option<TitleOf>,
    /// Of an `umbuchung`: the title on which it belongs.
    to: Option<TitleOf>,
    /// Why. Kept as personal data.
    reason: String,
}

/// A title of the budget.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TitleOf {
    /// The Haushaltsstelle.
    haushaltsstelle: String,
    /// The Objektnummer.
    objektnummer: Option<String>,
}

/// What came of a step.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepDone {
    /// The role in which it was taken.
    role: String,
    /// Whether the exception is resolved now.
    resolved: bool,
    /// The roles whose steps are still needed.
    missing: Vec<String>,
}

/// Lists differences of a Kasse: those of authorities for which the caller has a role, and with a role of the cash office
/// or as auditor also what nobody knows.
#[utoipa::path(
    get,
    path = "/api/v1/kassen/{kasse}/exceptions",
    params(("kasse" = String, Path, description = "The Kasse"), Asked),
    responses(
        (status = 200, body = Worklist),
        Listed
    )
)]
pub async fn list(
    State(web): State<Arc<Web>>,
    At(kasse): At<String>,
    asked: With<Asked>,
    headers: HeaderMap,
) -> Result<Json<Worklist>, Problem> {
    let (_, ledger, sight) = caller(&web, &headers, &kasse).await?;
    let asked = asked.read()?;
    let limit = page_size(asked.limit)?;
    let all = match asked.state.as_deref() {
        None | Some("open") => false,
        Some("all") => true,
        Some(other) => {
            let why = format!("state={other}: there are open and all");
            return Err(Problem::new(Kind::InvalidRequest, why));
        }
    };
    let wanted = wanted(&asked)?;
    let found = web
        .app
        .worklist_of(&ledger, all, (&wanted, Some(&sight)), asked.after, limit);
    let (page, next) = found.await.map_err(unavailable)?;
    let now = web.app.now();
    let exceptions = page
        .iter()
        .map(|listed| difference(listed, now.since(listed.opened_at).as_hours() / 24))
        .collect();
    Ok(Json(Worklist { exceptions, next }))
}

/// What is asked for.
fn wanted(asked: &Asked) -> Result<Wanted, Problem> {
    let wrong = |why: String| Problem::new(Kind::InvalidRequest, why);
    let amount = |name: &str, text: &Option<String>| {
        let cents = text.as_deref().map(Cents::parse).transpose();
        cents.map_err(|error| wrong(format!("{name}: {error}")))
    };
    Ok(Wanted {
        authority: asked
            .authority
            .as_deref()
            .map(AuthorityId::parse)
            .transpose()
            .map_err(|error| wrong(format!("authority: {error}")))?,
        code: asked
            .code
            .as_deref()
            .map(str::parse::<ExceptionCode>)
            .transpose()
            .map_err(wrong)?,
        min_age_days: asked.min_age_days.map(i64::from),
        min: amount("min_amount", &asked.min_amount)?,
        max: amount("max_amount", &asked.max_amount)?,
    })
}

/// Takes the next step towards resolving a difference, in the caller's role. Several persons may be needed; the last step
/// books. Nothing is changed where it is refused.
#[utoipa::path(
    post,
    path = "/api/v1/kassen/{kasse}/exceptions/{id}/steps",
    params(("kasse" = String, Path, description = "The Kasse"), ("id" = String, Path, description = "The exception")),
    request_body = NewStep,
    responses(
        (status = 201, body = StepDone),
        Changed
    )
)]
pub async fn step(
    State(web): State<Arc<Web>>,
    At((kasse, id)): At<(String, String)>,
    headers: HeaderMap,
    step: Sent<NewStep>,
) -> Result<(StatusCode, Json<StepDone>), Problem> {
    let (client, ledger, sight) = caller(&web, &headers, &kasse).await?;
    let wrong = |why: String| Problem::new(Kind::InvalidRequest, why);
    let step = step.read()?;
    let decision = Decision {
        exception: id.parse().map_err(|_| gone())?,
        how: step.how.parse::<How>().map_err(wrong)?,
        attempt: step
            .attempt
            .as_deref()
            .map(|id| id.parse().map_err(|_| wrong(format!("attempt «{id}» is no id"))))
            .transpose()?,
        cents: step
            .amount
            .as_deref()
            .map(|text| Cents::parse(text).map_err(|error| wrong(format!("amount: {error}"))))
            .transpose()?,
        terms: step.terms()?,
        ledger: ledger.clone(),
        person: client.id.clone(),
        reason: step.reason,
    };
    let seen = web
        .app
        .exception(&ledger, decision.exception)
        .await
        .map_err(problem)?;
    if !sight.covers(&seen) {
        return Err(gone());
    }
    let done = web.app.decide_exception(&decision).await.map_err(problem)?;
    Ok((StatusCode::CREATED, Json(step_done(&done))))
}

impl NewStep {
    fn terms(&self) -> Result<Terms, Problem> {
        let wrong = |why: String| Problem::new(Kind::InvalidRequest, why);
        let part = |text: &String| Cents::parse(text).map_err(|error| wrong(format!("parts: {error}")));
        let title = |of: &TitleOf| Title {
            haushaltsstelle: of.haushaltsstelle.clone(),
            objektnummer: of.objektnummer.clone(),
        };
        let titles = match (&self.from, &self.to) {
            (Some(from), Some(to)) => Some(Corrected {
                from: title(from),
                to: title(to),
            }),
            (None, None) => None,
            _ => return Err(wrong("from and to go together".to_owned())),
        };
        Ok(Terms {
            parts: self.parts.iter().flatten().map(part).collect::<Result<_, _>>()?,
            receipt: self.receipt.clone(),
            way: self.way.as_deref().map(str::parse).transpose().map_err(wrong)?,
            titles,
        })
    }
}

/// What is taken back, and what is asked: why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReversal {
    /// Why. Kept as personal data.
    reason: String,
}

/// Takes the next step towards taking a resolution back, in the steps by which it was decided; the last one reverses what
/// it booked, and the difference is open again. Steps of a resolution that is not complete are taken back at once.
#[utoipa::path(
    post,
    path = "/api/v1/kassen/{kasse}/exceptions/{id}/reversals",
    params(("kasse" = String, Path, description = "The Kasse"), ("id" = String, Path, description = "The exception")),
    request_body = NewReversal,
    responses(
        (status = 201, body = StepDone),
        Changed
    )
)]
pub async fn reverse(
    State(web): State<Arc<Web>>,
    At((kasse, id)): At<(String, String)>,
    headers: HeaderMap,
    asked: Sent<NewReversal>,
) -> Result<(StatusCode, Json<StepDone>), Problem> {
    let (client, ledger, sight) = caller(&web, &headers, &kasse).await?;
    let asked = asked.read()?;
    let back = TakingBack {
        exception: id.parse().map_err(|_| gone())?,
        ledger,
        person: client.id.clone(),
        reason: asked.reason,
    };
    let seen = web.app.exception(&back.ledger, back.exception).await;
    if !sight.covers(&seen.map_err(problem)?) {
        return Err(gone());
    }
    let done = web.app.take_back(&back).await.map_err(problem)?;
    Ok((StatusCode::CREATED, Json(step_done(&done))))
}

/// A question about a payment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewException {
    /// The attempt that it is about.
    attempt: String,
    /// Why. Kept as personal data.
    reason: String,
}

/// What came of a question.
#[derive(Debug, Serialize, ToSchema)]
pub struct Opened {
    /// The id of the exception.
    id: String,
    /// The role in which it was asked.
    role: String,
}

/// Asks for a decision about a payment of which no difference was found: it was paid elsewhere, or its income stands on a
/// wrong title.
#[utoipa::path(
    post,
    path = "/api/v1/kassen/{kasse}/exceptions",
    params(("kasse" = String, Path, description = "The Kasse")),
    request_body = NewException,
    responses(
        (status = 201, body = Opened),
        Posted
    )
)]
pub async fn open(
    State(web): State<Arc<Web>>,
    At(kasse): At<String>,
    headers: HeaderMap,
    asked: Sent<NewException>,
) -> Result<(StatusCode, Json<Opened>), Problem> {
    let (client, ledger, _) = caller(&web, &headers, &kasse).await?;
    let wrong = |why: String| Problem::new(Kind::InvalidRequest, why);
    let asked = asked.read()?;
    let raising = Raising {
        attempt: asked
            .attempt
            .parse()
            .map_err(|_| wrong(format!("attempt «{}» is no id", asked.attempt)))?,
        ledger,
        person: client.id.clone(),
        reason: asked.reason,
    };
    let (id, decided) = web.app.raise_exception(&raising).await.map_err(problem)?;
    let opened = Opened {
        id: id.to_string(),
        role: decided.role.as_str().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(opened)))
}

fn step_done(done: &Decided) -> StepDone {
    StepDone {
        role: done.role.as_str().to_owned(),
        resolved: done.resolved,
        missing: done.missing.iter().map(|role| role.as_str().to_owned()).collect(),
    }
}

pub(super) fn gone() -> Problem {
    Problem::new(
        Kind::NotFound,
        "there is no such exception, or none that you may see",
    )
}

pub(super) fn problem(error: DecisionError) -> Problem {
    match error {
        DecisionError::Unknown(_) => gone(),
        DecisionError::Reason | DecisionError::Invalid(_) => {
            Problem::new(Kind::InvalidRequest, error.to_string())
        }
        DecisionError::Nobody(_) => Problem::new(Kind::Forbidden, error.to_string()),
        DecisionError::Step(StepRefused::Role { .. } | StepRefused::SamePerson { .. }) => {
            Problem::new(Kind::Forbidden, error.to_string())
        }
        DecisionError::Resolved
        | DecisionError::Step(StepRefused::Another { .. })
        | DecisionError::Books(_)
        | DecisionError::Change(ChangeError::NotFound | ChangeError::Contended) => {
            Problem::new(Kind::Conflict, error.to_string())
        }
        DecisionError::Read(_)
        | DecisionError::Commit(CommitError::Busy | CommitError::Unavailable(_))
        | DecisionError::Change(ChangeError::Read(_) | ChangeError::Commit(_)) => {
            tracing::error!(%error, "a step could not be taken");
            Problem::unavailable("the store does not take it now", 5)
        }
        DecisionError::Commit(_) | DecisionError::Vault(_) | DecisionError::Change(ChangeError::Vault(_)) => {
            tracing::error!(%error, "a step could not be taken");
            Problem::new(Kind::Internal, "a fault of the connector; operators are told")
        }
    }
}

pub(super) fn difference(listed: &ListedException, age_days: i64) -> Difference {
    Difference {
        id: listed.id.to_string(),
        code: listed.code.as_str().to_owned(),
        opened_at: listed.opened_at.rfc3339(),
        age_days,
        amount: listed.cents.map(|cents| cents.to_string()),
        kassenzeichen: listed.kassenzeichen.as_ref().map(ToString::to_string),
        attempt: listed.subject.attempt().map(|attempt| attempt.to_string()),
        about: listed.subject.name(),
        authority: listed.authority.as_ref().map(ToString::to_string),
        german: listed.code.german().to_owned(),
        english: listed.code.english().to_owned(),
        steps: listed.steps.iter().map(Step::from).collect(),
        back: listed.back.iter().map(Step::from).collect(),
        resolved: listed.resolved,
        proposal: (!listed.resolved).then(|| proposal(listed.code, false).as_str()),
    }
}

impl From<&StepTaken> for Step {
    fn from(step: &StepTaken) -> Self {
        Self {
            how: step.how.clone(),
            plan: step.plan.clone(),
            role: step.role.clone(),
            person: step.person.clone(),
        }
    }
}
