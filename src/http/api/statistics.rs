//! Figures over the cases of authorities for which the caller has a role.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::asked::With;
use super::refused::Listed;
use super::{person, unavailable};
use crate::app::statistics::StatisticsError;
use crate::domain::statistics::{By, Month, THRESHOLD};
use crate::http::Web;
use crate::http::problem::{Kind, Problem};

/// Which cases, and how they are told.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The first month in which cases were opened, such as `2026-01`.
    from: String,
    /// The last one.
    to: String,
    /// Only of this Kasse; of all that the caller has roles for, where none is named.
    kasse: Option<String>,
    /// Sums by `authority`, `leika` or `month`; else a line for each service, authority and month.
    by: Option<String>,
}

/// How many cases, how much money, how fast, and how much without manual work; small numbers are suppressed. Only of
/// authorities for which the caller has a role.
#[utoipa::path(
    get,
    path = "/api/v1/statistics",
    params(Wanted),
    responses(
        (status = 200, description = "`epaybl-statistics/1`: lines by authority, month and LeiKa key, and their total; or \
            `epaybl-statistics-groups/1`: sums by one of them.", body = Object),
        Listed
    )
)]
pub async fn show(
    State(web): State<Arc<Web>>,
    wanted: With<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let client = person(&web, &headers).await?;
    let wrong = |why: String| Problem::new(Kind::InvalidRequest, why);
    let wanted = wanted.read()?;
    let month = |text: &str| Month::parse(text).map_err(wrong);
    let (from, to) = (month(&wanted.from)?, month(&wanted.to)?);
    let by: Option<By> = wanted.by.as_deref().map(str::parse).transpose().map_err(wrong)?;
    let mut whose = Vec::new();
    for ledger in web.app.kassen().await.map_err(unavailable)? {
        if wanted
            .kasse
            .as_ref()
            .is_some_and(|kasse| kasse != ledger.as_str())
        {
            continue;
        }
        if let Some(sight) = web.app.sight(&client, &ledger).await.map_err(unavailable)? {
            whose.push((ledger, Some(sight.authorities)));
        }
    }
    if whose.is_empty() {
        let why = "there is no such Kasse, or nothing of it that you may see";
        return Err(Problem::new(Kind::NotFound, why));
    }
    let counted = web
        .app
        .statistics(&whose, from, to)
        .await
        .map_err(|error| match error {
            StatisticsError::Read(error) => unavailable(error),
            other => wrong(other.to_string()),
        })?;
    Ok(match by {
        None => {
            let table = counted.table(THRESHOLD);
            Json(table.document()).into_response()
        }
        Some(by) => {
            let groups = counted.groups(THRESHOLD, by);
            Json(groups.document()).into_response()
        }
    })
}
