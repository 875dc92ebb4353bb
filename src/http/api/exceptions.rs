//! The worklist, and the steps by which persons resolve it.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{ProblemDocument, caller, known_parameters, page_size, unavailable};
use crate::app::ChangeError;
use crate::app::exceptions::{Decision, DecisionError};
use crate::app::ports::{CommitError, ListedException};
use crate::domain::money::Cents;
use crate::domain::resolution::{How, StepRefused};
use crate::http::Web;
use crate::http::problem::{Kind, Problem};

/// Which exceptions.
#[derive(Debug, Deserialize, IntoParams)]
pub struct Asked {
    /// `open` (the default) or `all`.
    state: Option<String>,
    /// Those behind this place: `next` of the page before.
    after: Option<u64>,
    /// How many, 1 to 1000; 100 where none is said.
    limit: Option<u32>,
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
    /// Whether it is resolved.
    resolved: bool,
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
    /// `zuordnung`, `annahme`, `erstattung` or `vermerk`.
    how: String,
    /// Of a `zuordnung`: the attempt that the money is of.
    attempt: Option<String>,
    /// How much, in euros; all that there is, where none is said.
    amount: Option<String>,
    /// Why. Kept as personal data.
    reason: String,
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
        (status = 400, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json")
    )
)]
pub async fn list(
    State(web): State<Arc<Web>>,
    Path(kasse): Path<String>,
    RawQuery(raw): RawQuery,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<Worklist>, Problem> {
    let (_, ledger, sight) = caller(&web, &headers, &kasse).await?;
    known_parameters(raw.as_deref(), &["state", "after", "limit"])?;
    let Query(asked) = asked.map_err(|why| Problem::new(Kind::InvalidRequest, why.body_text()))?;
    let limit = page_size(asked.limit)?;
    let all = match asked.state.as_deref() {
        None | Some("open") => false,
        Some("all") => true,
        Some(other) => {
            let why = format!("state={other}: there are open and all");
            return Err(Problem::new(Kind::InvalidRequest, why));
        }
    };
    let page = web.app.worklist(&ledger, all, asked.after, limit).await;
    let page = page.map_err(unavailable)?;
    let full = page.len() == limit as usize;
    let next = page.last().filter(|_| full).map(|last| last.position);
    let now = web.app.now();
    let exceptions = page
        .iter()
        .filter(|listed| sight.covers(listed))
        .map(|listed| difference(listed, now.since(listed.opened_at).as_hours() / 24))
        .collect();
    Ok(Json(Worklist { exceptions, next }))
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
        (status = 400, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json")
    )
)]
pub async fn step(
    State(web): State<Arc<Web>>,
    Path((kasse, id)): Path<(String, String)>,
    headers: HeaderMap,
    step: Result<Json<NewStep>, JsonRejection>,
) -> Result<(StatusCode, Json<StepDone>), Problem> {
    let (client, ledger, sight) = caller(&web, &headers, &kasse).await?;
    let wrong = |why: String| Problem::new(Kind::InvalidRequest, why);
    let Json(step) = step.map_err(|why| wrong(why.body_text()))?;
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
        ledger,
        person: client.id.clone(),
        reason: step.reason,
    };
    let seen = web.app.exception(&decision).await.map_err(problem)?;
    if !sight.covers(&seen) {
        return Err(gone());
    }
    let done = web.app.decide_exception(&decision).await.map_err(problem)?;
    let done = StepDone {
        role: done.role.as_str().to_owned(),
        resolved: done.resolved,
        missing: done.missing.iter().map(|role| role.as_str().to_owned()).collect(),
    };
    Ok((StatusCode::CREATED, Json(done)))
}

fn gone() -> Problem {
    Problem::new(
        Kind::NotFound,
        "there is no such exception, or none that you may see",
    )
}

fn problem(error: DecisionError) -> Problem {
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

fn difference(listed: &ListedException, age_days: i64) -> Difference {
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
        steps: listed
            .steps
            .iter()
            .map(|step| Step {
                how: step.how.clone(),
                plan: step.plan.clone(),
                role: step.role.clone(),
                person: step.person.clone(),
            })
            .collect(),
        resolved: listed.resolved,
    }
}
