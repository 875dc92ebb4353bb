//! One difference, with what a person may look at first and a decision that is ready to be taken.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::asked::{At, Nothing, With};
use super::exceptions::{Difference, difference, gone};
use super::refused::Listed;
use super::{caller, unavailable};
use crate::app::suggestions::{Candidate, Suggested, ready};
use crate::http::Web;
use crate::http::problem::Problem;

/// A difference, and what may be done.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShownDifference {
    /// The difference.
    exception: Difference,
    /// Payments that the money may be of, the likeliest first. They claim nothing, and are found anew each time.
    suggestions: Vec<Hint>,
    /// The decision that mostly fits; none where it is resolved.
    decision: Option<ReadyDecision>,
}

/// Why some payments may be meant.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hint {
    /// Why: `aehnliche_referenz`, `betrag_und_zeit`, `summe` and so on.
    hint: &'static str,
    /// One, or those that add up.
    candidates: Vec<MayBe>,
}

/// A payment that may be meant.
#[derive(Debug, Serialize, ToSchema)]
pub struct MayBe {
    /// The attempt, as a `zuordnung` names it.
    attempt: String,
    /// Its Kassenzeichen.
    kassenzeichen: Option<String>,
    /// What is expected, in euros.
    amount: String,
}

/// A decision that is ready; with a reason it is the body of a step.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadyDecision {
    /// Which way.
    how: &'static str,
    /// Whose the money is.
    attempt: Option<String>,
    /// What it does, in German.
    german: &'static str,
}

/// Shows a difference of a Kasse with suggestions and a decision that is ready to be taken.
#[utoipa::path(
    get,
    path = "/api/v1/kassen/{kasse}/exceptions/{id}",
    params(("kasse" = String, Path, description = "The Kasse"), ("id" = String, Path, description = "The exception")),
    responses(
        (status = 200, body = ShownDifference),
        Listed
    )
)]
pub async fn show(
    State(web): State<Arc<Web>>,
    At((kasse, id)): At<(String, String)>,
    nothing: With<Nothing>,
    headers: HeaderMap,
) -> Result<Json<ShownDifference>, Problem> {
    let (_, ledger, sight) = caller(&web, &headers, &kasse).await?;
    nothing.read()?;
    let id = id.parse().map_err(|_| gone())?;
    let found = web.app.one_exception(&ledger, id).await.map_err(unavailable)?;
    let listed = found.filter(|listed| sight.covers(listed)).ok_or_else(gone)?;
    // What nobody knows may be any authority's: only the cash office, which assigns it, sees whose it may be.
    let suggested = if sight.works_in_it {
        web.app.suggestions(&listed).await.map_err(|error| {
            tracing::error!(%error, "suggestions could not be found");
            Problem::unavailable("suggestions cannot be found now", 5)
        })?
    } else {
        Vec::new()
    };
    let age = web.app.now().since(listed.opened_at).as_hours() / 24;
    let decision = (!listed.resolved).then(|| ready(&listed, &suggested));
    Ok(Json(ShownDifference {
        exception: difference(&listed, age),
        suggestions: suggested.into_iter().map(hint).collect(),
        decision: decision.map(|ready| ReadyDecision {
            how: ready.how.as_str(),
            attempt: ready.attempt.map(|attempt| attempt.to_string()),
            german: ready.how.german(),
        }),
    }))
}

fn hint(suggested: Suggested) -> Hint {
    let may_be = |candidate: Candidate| MayBe {
        attempt: candidate.attempt.to_string(),
        kassenzeichen: candidate.kassenzeichen.map(|kz| kz.to_string()),
        amount: candidate.cents.to_string(),
    };
    Hint {
        hint: suggested.hint,
        candidates: suggested.candidates.into_iter().map(may_be).collect(),
    }
}
